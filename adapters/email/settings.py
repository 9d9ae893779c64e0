"""The settings of one mailbox, and their check."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from bridge.core.errors import ConfigError

Security = Literal["tls", "starttls", "plain"]

_PORTS = {"smtps": 465, "smtp": 587, "imaps": 993, "imap": 143}
_ADDRESS = re.compile(r"[A-Za-z0-9._-]{1,32}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class Secret(Protocol):
    """A wrapped secret, such as pydantic's SecretStr; its repr shows nothing."""

    def get_secret_value(self) -> str:
        """Return the secret itself."""


class EmailSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One mailbox; the URLs may hold user and password, percent-encoded. Times in seconds.

    ``token_secret`` makes the addresses we write from; without it the password does, and then a
    new password makes every answer to an older mail one of a stranger.
    """

    smtp_url: Secret
    imap_url: Secret
    address: str
    user: str = ""
    password: Secret | None = None
    token_secret: Secret | None = None
    name: str = ""
    rate_per_second: float = 2
    timeout: float = 30
    poll_seconds: float = 30


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is, and who we are there."""

    host: str
    port: int
    security: Security
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox, checked."""

    smtp: Server
    imap: Server
    address: str
    name: str
    secret: bytes = field(repr=False)
    timeout: float = 30
    poll_seconds: float = 30


def check_settings(account: str, settings: EmailSettings) -> Account:
    """Return the account; the texts show no values. Raises ConfigError."""
    table = f"[email.{account}] in coachbridge.toml"
    if _ADDRESS.fullmatch(settings.address) is None:
        msg = f"address of {table} must be like coach@practice.example, without a +"
        raise ConfigError(msg)
    smtp = _server("smtp", table, settings.smtp_url, settings)
    imap = _server("imap", table, settings.imap_url, settings)
    if imap.security == "starttls":
        msg = f"imap_url of {table} must begin with imaps:// unless the server is on this machine"
        raise ConfigError(msg)
    secret = settings.token_secret.get_secret_value() if settings.token_secret else ""
    secret = secret or imap.password or smtp.password
    if not secret:
        msg = f"token_secret of {table} is needed where there is no password: 16 characters or more"
        raise ConfigError(msg)
    return Account(
        smtp=smtp,
        imap=imap,
        address=settings.address.lower(),
        name=" ".join(settings.name.split()) or settings.address.partition("@")[0].capitalize(),
        secret=f"{settings.address.lower()}\0{secret}".encode(),
        timeout=settings.timeout,
        poll_seconds=settings.poll_seconds,
    )


def _server(kind: str, table: str, url: Secret, settings: EmailSettings) -> Server:
    complaint = f"{kind}_url of {table} must be like {kind}s://user:password@mail.example.org"
    try:
        parts = urlsplit(url.get_secret_value())
        port = parts.port
    except ValueError:
        raise ConfigError(complaint) from None
    if parts.scheme not in (kind, f"{kind}s") or not parts.hostname:
        raise ConfigError(complaint)
    password = settings.password.get_secret_value() if settings.password else ""
    security: Security = "tls"
    if parts.scheme == kind:
        security = "plain" if _is_loopback(parts.hostname) else "starttls"
    return Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        security=security,
        user=unquote(parts.username or "") or settings.user,
        password=unquote(parts.password or "") or password,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
