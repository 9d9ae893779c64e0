"""The settings of one bot, and their check."""

from __future__ import annotations

import re
from typing import Literal, Protocol
from urllib.parse import urlsplit

import msgspec

from bridge.core.errors import ConfigError

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # https://core.telegram.org/bots/api#setwebhook


class Secret(Protocol):
    """A wrapped secret, such as pydantic's SecretStr; its repr shows nothing."""

    def get_secret_value(self) -> str:
        """Return the secret itself."""


class TelegramSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One bot. Rates in messages per second, 0 = unlimited; ``poll_timeout`` in seconds."""

    token: Secret
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: Secret | None = None
    api_url: str = "https://api.telegram.org"
    public_url: str = ""
    rate_per_second: float = 30
    chat_rate_per_second: float = 1
    poll_timeout: int = 25


def check_settings(account: str, settings: TelegramSettings) -> None:
    """Refuse what cannot work; the texts show no values. Raises ConfigError."""
    table = f"[telegram.{account}] in coachbridge.toml"
    if not settings.token.get_secret_value().strip():
        msg = f"token of {table} is empty; @BotFather gives you one"
        raise ConfigError(msg)
    server = urlsplit(settings.api_url)
    if server.scheme not in ("http", "https") or not server.hostname:
        msg = f"api_url of {table} must be an address that begins with http:// or https://"
        raise ConfigError(msg)
    if settings.mode == "polling":
        return
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    if _SECRET.fullmatch(secret) is None:
        msg = f"webhook_secret of {table} is needed in webhook mode: 1 to 256 of A-Z a-z 0-9 _ -"
        raise ConfigError(msg)
    if not settings.public_url:
        msg = f"public_url of [web] in coachbridge.toml is needed for the webhook of {table}"
        raise ConfigError(msg)
