"""Settings that cannot work, or would send a password in the open, are refused by name."""

from typing import Any

import pytest
from pydantic import SecretStr

from adapters.email import EmailSettings, build
from adapters.email.settings import check_settings
from bridge.core.errors import ConfigError

GOOD: dict[str, Any] = {
    "smtp_url": SecretStr("smtps://coach%40practice.example:s%23cret@mail.example.org"),
    "imap_url": SecretStr("imaps://coach%40practice.example:s%23cret@mail.example.org"),
    "address": "Coach@practice.example",
}


def test_a_whole_url_is_enough() -> None:
    account = check_settings("main", EmailSettings(**GOOD))
    assert (account.smtp.port, account.imap.port) == (465, 993)
    assert (account.smtp.user, account.smtp.password) == ("coach@practice.example", "s#cret")
    assert account.address == "coach@practice.example"
    assert account.name == "Coach"
    assert "s#cret" not in repr(account)


@pytest.mark.parametrize(
    ("url", "security"),
    [
        ("smtps://h.example", "tls"),
        ("smtp://h.example", "starttls"),
        ("smtp://127.0.0.1:25", "plain"),
        ("smtp://[::1]", "plain"),
    ],
)
def test_plain_text_stays_on_this_machine(url: str, security: str) -> None:
    account = check_settings("main", EmailSettings(**GOOD | {"smtp_url": SecretStr(url)}))
    assert account.smtp.security == security


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_url", "https://secret@x.example"),
        ("smtp_url", "smtps://secret:secret@"),
        ("smtp_url", "smtps://h:secret"),
        ("imap_url", "imap://secret:secret@mail.example.org"),
        ("imap_url", "smtps://secret:secret@mail.example.org"),
        ("address", "secret"),
        ("address", "coach+secret@practice.example"),
    ],
)
def test_what_cannot_work_is_named_without_its_value(name: str, value: str) -> None:
    given = value if name == "address" else SecretStr(value)
    with pytest.raises(ConfigError) as refused:
        build("main", EmailSettings(**GOOD | {name: given}))
    assert name in str(refused.value)
    assert "[email.main]" in str(refused.value)
    assert "secret" not in str(refused.value).replace("token_secret", "")


def test_without_any_secret_there_are_no_addresses() -> None:
    bare = {"smtp_url": SecretStr("smtp://127.0.0.1"), "imap_url": SecretStr("imap://127.0.0.1")}
    with pytest.raises(ConfigError, match="token_secret"):
        build("main", EmailSettings(**GOOD | bare))
