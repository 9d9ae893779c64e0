"""Settings: where they come from, which one wins, and what a wrong one is answered."""

from pathlib import Path

import pytest

from bridge.config import load
from bridge.core.errors import ConfigError

TOKEN = "123456789:AAE-secret-secret-secret-secret-12"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine, and a working directory of the test's own."""
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.delenv("COACHBRIDGE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


def write(folder: Path, text: str, name: str = "coachbridge.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def complaint(path: Path | None = None) -> str:
    with pytest.raises(ConfigError) as told:
        load(path)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_everything_has_a_default_but_the_networks(tmp_path: Path) -> None:
    settings = load()
    assert settings.source is None
    assert settings.store.url == f"sqlite:///{tmp_path}/coachbridge.db"
    assert settings.keys.file == tmp_path / "coachbridge.key"
    assert settings.telegram == {}


def test_the_file_of_the_working_directory_is_found(tmp_path: Path) -> None:
    file = write(tmp_path, "[web]\nport = 9\n")
    settings = load()
    assert (settings.source, settings.web.port) == (file, 9)


def test_a_named_file_wins_over_the_environment_and_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "[web]\nport = 1\n")
    by_environment = write(tmp_path, "[web]\nport = 2\n", "two.toml")
    named = write(tmp_path, "[web]\nport = 3\n", "three.toml")
    monkeypatch.setenv("COACHBRIDGE_CONFIG", str(by_environment))
    assert load().web.port == 2
    assert load(named).web.port == 3


def test_paths_count_from_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    file = write(tmp_path / "etc", '[store]\nurl = "sqlite:///data/b.db?x=1"\n')
    settings = load(file)
    assert settings.store.url == f"sqlite:///{tmp_path}/etc/data/b.db?x=1"
    assert settings.keys.file == tmp_path / "etc/coachbridge.key"
    monkeypatch.setenv("COACHBRIDGE_STORE__URL", "sqlite:////srv/b.db")
    assert load(file).store.url == "sqlite:////srv/b.db"


def test_the_environment_wins_over_secrets_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, '[telegram.main]\ntoken = "file"\nrate_per_second = 7\n')
    assert load().telegram["main"].token.get_secret_value() == "file"
    write(tmp_path / "secrets", "secret file\n", "coachbridge_telegram__main__token")
    write(tmp_path / "secrets", "of somebody else", "other")
    assert load().telegram["main"].token.get_secret_value() == "secret file"
    monkeypatch.setenv("COACHBRIDGE_TELEGRAM__MAIN__TOKEN", "environment")
    assert load().telegram["main"].token.get_secret_value() == "environment"
    assert load().telegram["main"].rate_per_second == 7


def test_who_only_names_a_port_is_reached_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().web.public_url == "http://127.0.0.1:8080"
    monkeypatch.setenv("COACHBRIDGE_WEB__PORT", "18081")
    assert load().web.public_url == "http://127.0.0.1:18081"
    monkeypatch.setenv("COACHBRIDGE_WEB__PUBLIC_URL", "https://coach.example")
    assert load().web.public_url == "https://coach.example"


def test_an_account_can_stand_in_the_environment_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACHBRIDGE_TELEGRAM__MAIN__TOKEN", TOKEN)
    assert load().telegram["main"].mode == "polling"


def test_the_key_comes_from_environment_or_secret_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "secrets", "from-file\n", "coachbridge_key")
    key = load().key
    assert key is not None
    assert key.get_secret_value() == "from-file"
    monkeypatch.setenv("COACHBRIDGE_KEY", "from-environment")
    key = load().key
    assert key is not None
    assert key.get_secret_value() == "from-environment"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[store]\nurl = 'mysql://u:hidden@h/d'", ["store.url", "sqlite:///", "postgresql"]),
        ("[store]\nurl = 'sqlite:///:memory:'", ["store.url"]),
        ("[stor]\nurl = 'x'", ["stor", "known here", "store"]),
        ("[web]\nprot = 1", ["web.prot", "known here", "port"]),
        ("[web]\nport = 'many'", ["web.port"]),
        ("[web]\npublic_url = 'ftp://x'", ["web.public_url", "https://"]),
        ("[web]\npublic_url = 'https://x/'", ["web.public_url", "slash"]),
        ("[telegram.main]", ["telegram.main.token", "COACHBRIDGE_TELEGRAM__MAIN__TOKEN"]),
        ("[telegram.main]\ntoken = ''", ["telegram.main.token"]),
        ("[telegram.main]\ntoken = 'hidden'\nmode = 'push'", ["telegram.main.mode", "polling"]),
        ("[telegram.main]\ntoken = 'hidden'\nmode = 'webhook'", ["telegram.main", "secret"]),
        (
            "[telegram.main]\ntoken = 't'\nmode = 'webhook'\nwebhook_secret = 'hidden!'",
            ["webhook_secret"],
        ),
        ("[telegram.main]\ntoken = ['hidden']", ["telegram.main.token"]),
        ("[telegram.'Main Bot']\ntoken = 'hidden'", ["telegram.Main Bot", "lower-case"]),
        ("[outbox]\nambiguous_chat = 'maybe'", ["outbox.ambiguous_chat", "resend"]),
        ("key = 'hidden'", ["key", "COACHBRIDGE_KEY"]),
        ("[web\nport = 1", ["TOML", "line 1"]),
        ("telegram = 3", ["telegram"]),
    ],
)
def test_a_wrong_file_is_named_with_what_to_do(tmp_path: Path, text: str, words: list[str]) -> None:
    file = write(tmp_path, text)
    told = complaint()
    assert str(file) in told
    assert all(word in told for word in words), told
    assert "hidden" not in told


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACHBRIDGE_WEB__PORT", "hidden")
    told = complaint()
    assert "COACHBRIDGE_WEB__PORT" in told
    assert "hidden" not in told


def test_a_misspelt_section_in_the_environment_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COACHBRIDGE_TELEGRAMM__MAIN__TOKEN", "hidden")
    told = complaint()
    assert "telegramm" in told
    assert "hidden" not in told


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "nowhere.toml" in complaint(tmp_path / "nowhere.toml")


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    write(
        tmp_path,
        f"[store]\nurl = 'postgresql://u:pass-word@h/d'\n[telegram.main]\ntoken = '{TOKEN}'\n"
        "webhook_secret = 'hook-secret'\n",
    )
    settings = load()
    assert settings.store.url == "postgresql+psycopg://u:pass-word@h/d"
    assert set(settings.secrets()) == {TOKEN, "hook-secret", "pass-word"}
    for secret in settings.secrets():
        assert secret not in repr(settings) + str(settings)
