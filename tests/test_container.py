"""The image and the compose file are valid and hardened, as far as that shows without an engine."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent


def compose() -> dict[str, Any]:
    """Read the compose file with its merges resolved."""
    loaded = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert isinstance(loaded, dict)
    return loaded


def test_the_compose_file_follows_the_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_docker_reads_the_compose_file(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    plugin = docker and subprocess.run([docker, "compose", "version"], capture_output=True)
    if not plugin or plugin.returncode != 0:
        return  # no client here: the schema test above is what we have (CONTRIBUTING.md)
    done = subprocess.run(
        [str(docker), "compose", "-f", ROOT / "docker-compose.yml", "config", "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["services"]) == set(compose()["services"])


@pytest.mark.parametrize("service", ["bridge", "migrate", "postgres"])
def test_every_service_is_hardened(service: str) -> None:
    facts = compose()["services"][service]
    assert facts["read_only"] is True
    assert facts["cap_drop"] == ["ALL"]
    assert "cap_add" not in facts
    assert "privileged" not in facts
    assert facts["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", facts["user"])
    assert all("noexec" in mount and "size=" in mount for mount in facts["tmpfs"])
    assert facts["pids_limit"] > 0
    assert facts["mem_limit"]


def test_services_are_watched_and_restarted() -> None:
    services = compose()["services"]
    for service in ("bridge", "postgres"):
        assert services[service]["healthcheck"]["test"][0] == "CMD"
        assert services[service]["restart"] == "unless-stopped"
    waits = services["bridge"]["depends_on"]
    assert waits["postgres"] == {"condition": "service_healthy"}
    assert waits["migrate"] == {"condition": "service_completed_successfully"}


def test_the_database_cannot_be_reached_from_outside() -> None:
    facts = compose()
    assert facts["networks"]["database"] == {"internal": True}
    assert facts["services"]["postgres"]["networks"] == ["database"]
    assert "ports" not in facts["services"]["postgres"]
    assert all(port.startswith("127.0.0.1:") for port in facts["services"]["bridge"]["ports"])


def test_secrets_are_files_and_nothing_else() -> None:
    facts = compose()
    assert all(set(secret) == {"file"} for secret in facts["secrets"].values())
    for name, service in facts["services"].items():
        for setting, value in service.get("environment", {}).items():
            secret = re.search(r"PASSWORD|TOKEN|SECRET|KEY|URL$", setting)
            harmless = setting.endswith(("_FILE", "PUBLIC_URL"))
            assert not secret or harmless, f"{name}: {setting}={value} belongs into a file"


def test_the_image_is_locked_and_not_root() -> None:
    stages = (ROOT / "Dockerfile").read_text().split("\nFROM ")
    assert len(stages) == 3, "a build stage and the image"
    build, image = stages[1:]
    assert "--require-hashes" in build
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", image, re.MULTILINE)
    assert image.index("\nUSER ") < image.index("\nENTRYPOINT ")
    assert "HEALTHCHECK" in image
    assert not re.search(r"\b(?:curl|wget|apt-get|pip)\b", image)
