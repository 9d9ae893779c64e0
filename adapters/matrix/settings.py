"""The settings of one Matrix account, and their check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

import msgspec

from bridge.core.errors import ConfigError

_USER = re.compile(r"@[^:\s]+:[^\s]+")  # https://spec.matrix.org/v1.16/appendices/#user-identifiers
_DEVICE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Secret(Protocol):
    """A wrapped secret, such as pydantic's SecretStr; its repr shows nothing."""

    def get_secret_value(self) -> str:
        """Return the secret itself."""


class MatrixSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One account. ``keys`` is the folder of its end-to-end keys; ``sync_seconds`` how long one
    request may wait for news; ``rate_per_second`` messages of the account, 0 = unlimited.
    """

    homeserver: str
    user_id: str
    password: Secret | None = None
    access_token: Secret | None = None
    device_id: str = "COACHBRIDGE"
    encryption: bool = True
    keys: Path = Path("matrix-keys")
    rate_per_second: float = 10
    sync_seconds: int = 30

    @property
    def token(self) -> str:
        """The access token, '' when we log in with the password."""
        return self.access_token.get_secret_value() if self.access_token else ""


def check_settings(account: str, settings: MatrixSettings) -> None:
    """Refuse what cannot work; the texts show no values. Raises ConfigError."""
    table = f"[matrix.{account}] in coachbridge.toml"
    if _USER.fullmatch(settings.user_id) is None:
        msg = f"user_id of {table} is no Matrix address; write @name:server"
        raise ConfigError(msg)
    password = settings.password.get_secret_value() if settings.password else ""
    if bool(password) == bool(settings.token):
        msg = f"{table} needs either password or access_token, and not both"
        raise ConfigError(msg)
    if _DEVICE.fullmatch(settings.device_id) is None:
        msg = f"device_id of {table} is needed: 1 to 64 of A-Z a-z 0-9 _ -, and never another one"
        raise ConfigError(msg)
