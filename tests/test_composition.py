"""The composition root: what stands in the settings becomes adapters, and nothing else does."""

import subprocess
import sys
from pathlib import Path

import pytest

from bridge import config
from bridge.app import NETWORKS, build, build_adapters

ONE_OF_EACH = f"""
[web]
public_url = "https://bridge.example.org"
[telegram.tg]
token = "123456789:AAE-secret-secret-secret-secret-12"
mode = "webhook"
webhook_secret = "telegram-hook"
[slack.sl]
bot_token = "xoxb-slack-bot"
app_token = "xapp-slack-app"
signing_secret = "slack-signing"
[twilio.tw]
account_sid = "AC{"0" * 32}"
auth_token = "twilio-auth"
numbers = ["+31970102030"]
whatsapp = "+31970102031"
[email.em]
smtp_url = "smtps://coach:smtp-word@mail.example.org"
imap_url = "imaps://coach:imap-word@mail.example.org"
address = "coach@practice.example"
password = "mail-word"
token_secret = "mail-token-secret"
[matrix.ma]
homeserver = "https://matrix.example.org"
user_id = "@practice:example.org"
password = "matrix-word"
"""
SECRETS = {
    *("123456789:AAE-secret-secret-secret-secret-12", "telegram-hook"),
    *("xoxb-slack-bot", "xapp-slack-app", "slack-signing"),
    *("twilio-auth", "smtp-word", "imap-word", "mail-word", "mail-token-secret", "matrix-word"),
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Settings:
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path))
    file = tmp_path / "coachbridge.toml"
    file.write_text(ONE_OF_EACH)
    return config.load(file)


def test_every_account_of_every_network_is_built(settings: config.Settings) -> None:
    assert set(build_adapters(settings)) == {
        *(("telegram", "tg"), ("slack", "sl"), ("web", "main"), ("sms", "tw")),
        *(("whatsapp", "tw"), ("email", "em"), ("matrix", "ma")),
    }


def test_every_section_of_accounts_has_its_network(settings: config.Settings) -> None:
    of_accounts = {name for name in config.sections() if isinstance(getattr(settings, name), dict)}
    assert of_accounts | {"webchat"} == set(NETWORKS)


def test_what_networks_say_of_themselves_reaches_the_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "coachbridge.toml"
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path))
    own = f'[store]\nurl = "sqlite:///{tmp_path}/b.db"\n[keys]\nfile = "{tmp_path}/b.key"\n'
    file.write_text(own + ONE_OF_EACH)
    app = build(config.load(file))
    app.writer.close()
    app.store.close()
    assert app.catalogue.answering == {"email"}
    assert app.catalogue.own_pages == {"web"}


def test_every_secret_of_every_section_is_known(settings: config.Settings) -> None:
    assert set(settings.secrets()) >= SECRETS


def test_without_settings_there_is_only_web_chat_and_it_can_be_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path))
    file = tmp_path / "coachbridge.toml"
    file.write_text("")
    assert set(build_adapters(config.load(file))) == {("web", "main")}
    file.write_text("[webchat]\nenabled = false\n")
    assert build_adapters(config.load(file)) == {}


@pytest.mark.slow
def test_a_network_without_an_account_is_not_loaded() -> None:
    code = (
        "import sys; from bridge import app, config; app.build_adapters(config.Settings());"
        "clients = {n for n in sys.modules if n.startswith('adapters') and n.endswith('.client')};"
        "print(sorted(clients))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.strip() == "['adapters.webchat.client']"
