"""The repository keeps its own promises: locks, layout, set-up, nothing private in it."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
SYNAPSE_LOCK = "requirements-synapse.lock"
ROOMS = ("bridge", "adapters", "storage", "scheduling")
TOP_LEVEL = {
    *ROOMS,
    *(".ci", ".dockerignore", ".gitignore", "benchmarks", "docs", "tests"),
    *("CHANGELOG.md", "CONTRIBUTING.md", "DEVELOPERS.md", "LICENSE", "README.md", "SECURITY.md"),
    *("Dockerfile", "Makefile", "docker-compose.yml", "pyproject.toml", *LOCKS, SYNAPSE_LOCK),
}
# Written so that this file does not find itself.
PRIVATE = {
    "a path of somebody's machine": r"(?<![\w.])/(?:roo[t]|wor[k]|far[m]|hom[e]/\w+|User[s]/\w+)/",
    "where packages come from": r"inde[x]-url|find-link[s]|pypi\.or[g]/simple|pythonhoste[d]\.org",
    "a private key": r"BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KE[Y]",
    "a bot token": r"\b\d{8,10}:AA[\w-]{33}\b",
}


def tracked() -> list[Path]:
    """Return the files of the repository that exist, relative to its root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("git: this is not a checkout")
    names = [Path(name) for name in listed.stdout.split("\0") if name]
    return [name for name in names if (ROOT / name).is_file()]


def project() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def locked(lock: str) -> dict[str, str]:
    """Read a lock: version by canonical name. Fails on anything but pinned, hashed lines."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    pins: dict[str, str] = {}
    for line in text.splitlines():
        found = re.fullmatch(
            r"([\w.-]+)==([\w.!+-]+)( ; [^#]+?)?((?: +--hash=sha256:[0-9a-f]{64})+)\s*", line
        )
        assert found, f"{lock}: not a pinned requirement with hashes: {line[:80]}"
        pins[canonicalize_name(found[1])] = found[2]
    return pins


def wanted(*groups: str) -> list[Requirement]:
    """Return the requirements of the project and of these dependency groups."""
    names = list(project()["project"]["dependencies"])
    for group in groups:
        names += [name for name in project()["dependency-groups"][group] if isinstance(name, str)]
    return [Requirement(name) for name in names]


@pytest.mark.parametrize(("lock", "groups"), [(LOCKS[0], ("build",)), (LOCKS[1], ("build", "dev"))])
def test_the_lock_holds_what_the_project_asks_for(lock: str, groups: tuple[str, ...]) -> None:
    pins = locked(lock)
    for requirement in wanted(*groups):
        version = pins.get(canonicalize_name(requirement.name))
        assert version is not None, f"{lock}: {requirement.name} is missing; run `make lock`"
        assert version in requirement.specifier, f"{lock}: {requirement} but {version}"


def test_the_development_lock_is_a_superset() -> None:
    runtime, development = locked(LOCKS[0]), locked(LOCKS[1])
    assert {name: development.get(name) for name in runtime} == runtime
    assert "pytest" not in runtime


@pytest.mark.parametrize("lock", [*LOCKS, SYNAPSE_LOCK])
def test_the_lock_holds_no_address(lock: str) -> None:
    assert not re.search(
        r"https?:|file:|@ |^\s*-(?!-hash)", (ROOT / lock).read_text(), re.MULTILINE
    )


def test_every_dependency_has_its_reason() -> None:
    record = (ROOT / "docs/decisions/001-dependencies.md").read_text()
    reasons = {
        canonicalize_name(name) for name in re.findall(r"^\| ([\w-]+)", record, re.MULTILINE)
    }
    asked = {canonicalize_name(requirement.name) for requirement in wanted("build", "dev")}
    assert asked - reasons == set()
    assert reasons - asked - {"library", "tool", "---"} == set()


def test_the_distribution_is_what_we_say() -> None:
    facts = project()["project"]
    assert facts["name"] == "coachbridge"
    assert facts["license"] == "Apache-2.0"
    assert facts["requires-python"] == ">=3.11"
    assert facts["scripts"] == {"coachbridge": "bridge.cli:main"}
    licence = (ROOT / "LICENSE").read_text()
    assert "Apache License" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


def test_nothing_stands_at_the_top_that_does_not_belong_there() -> None:
    assert {path.parts[0] for path in tracked()} - TOP_LEVEL == set()


@pytest.mark.parametrize("room", ROOMS)
def test_the_roots_stay_empty(room: str) -> None:
    assert (ROOT / room / "__init__.py").read_bytes() == b""


def test_modules_have_a_size_and_a_name() -> None:
    modules = [path for path in tracked() if path.suffix == ".py"]
    nameless = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert [path for path in modules if path.stem in nameless] == []
    long = [path for path in modules if len((ROOT / path).read_text().splitlines()) > 500]
    assert long == [], "a module over 500 lines is split"


def private(text: str) -> list[str]:
    """Name the kinds of private matter a text contains."""
    return [kind for kind, pattern in PRIVATE.items() if re.search(pattern, text)]


def test_nothing_private_is_tracked() -> None:
    found = {
        str(path): kinds
        for path in tracked()
        if (kinds := private((ROOT / path).read_text(errors="replace")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "see /roo" + "t/notes.md",
        "open('/hom" + "e/noor/x')",
        "--extra-inde" + "x-url x",
        "-----BEGIN PRIVATE KE" + "Y-----",
        "token = 123456789:AA" + "x" * 33,
    ],
)
def test_the_search_for_private_matter_finds_some(planted: str) -> None:
    assert private(planted)


def test_contributing_fits_on_two_pages() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text().split()) <= 1000


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text()


def test_the_ci_script_can_be_started() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)
    for target in re.findall(r"^make (\w+)$", script.read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_an_old_python_is_refused_with_a_clear_message(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make is not None
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        [make, "--file", ROOT / "Makefile", ".venv/bin/python"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "coachbridge needs Python 3.11 or newer" in done.stderr
