"""What may be set, and what it costs to start."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.matrix import MatrixSettings, build
from adapters.matrix.vault import Memory, Reaction, Vault, add_reaction, add_sealed, forget, without
from bridge import config
from bridge.app import build_adapters
from bridge.core.capabilities import Protection
from bridge.core.errors import ConfigError

PASSWORD = "super-secret"


def _settings(**changes: object) -> MatrixSettings:
    known = {"homeserver": "https://x", "user_id": "@a:x", "password": SecretStr(PASSWORD)}
    return MatrixSettings(**{**known, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"user_id": "anna"}, "user_id"),
        ({"password": None}, "password"),
        ({"access_token": SecretStr("t")}, "access_token"),
        ({"device_id": ""}, "device_id"),
        ({"device_id": "a b"}, "device_id"),
    ],
)
def test_what_cannot_work_is_refused_by_name(changes: dict[str, object], setting: str) -> None:
    with pytest.raises(ConfigError, match=setting) as refused:
        build("main", _settings(**changes))
    assert PASSWORD not in str(refused.value)


def test_without_encryption_the_label_says_so() -> None:
    assert build("main", _settings()).capabilities.protection is Protection.END_TO_END
    plain = build("main", _settings(encryption=False, rate_per_second=3))
    assert plain.capabilities.protection is Protection.TO_VENDOR
    assert plain.capabilities.rates.account == 3
    assert PASSWORD not in f"{_settings()!r}{plain!r}"


def test_the_settings_file_makes_an_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path))
    file = tmp_path / "coachbridge.toml"
    file.write_text(
        "[matrix.main]\nhomeserver = 'https://matrix.example.org'\n"
        "user_id = '@practice:example.org'\npassword = 'super-secret'\n"
    )
    settings = config.load(file)
    assert settings.matrix["main"].keys == tmp_path / "matrix-keys"
    assert PASSWORD in settings.secrets()
    assert set(build_adapters(settings)) >= {("matrix", "main")}
    file.write_text(file.read_text() + "access_token = 'x'\n")
    with pytest.raises(ConfigError, match="either password or access_token"):
        config.load(file)


def test_the_heavy_libraries_stay_off_the_way_to_the_start() -> None:
    code = "import sys, adapters.matrix; print({'nio', 'aiohttp', 'peewee'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_memory_is_bounded_and_survives(tmp_path: Path) -> None:
    memory = Memory()
    for n in range(1200):
        reaction = Reaction("!r", f"@{n % 3}:x", "$m", str(n))
        add_reaction(memory, f"${n}", reaction, frozenset())
        add_sealed(memory, "!r", {"event_id": f"$s{n}"})
    assert (len(memory.reactions), len(memory.sealed)) == (1000, 500)
    vault = Vault(tmp_path / "keys")
    vault.remember(memory)
    again = vault.memory()
    assert again == memory
    found = without(again, "$1199", {"$1196"})
    assert found is not None
    assert found[1][-1] == "1193"
    forget(again, {"$1199", "$s1199"})
    assert "$1199" not in again.reactions
    assert "$s1199" not in again.sealed
    assert without(again, "$1199", set()) is None
