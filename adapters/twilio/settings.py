"""The settings of one Twilio account, and their check."""

from __future__ import annotations

import re
from typing import Protocol

import msgspec

from adapters.phone import complaint
from bridge.core.errors import ConfigError

MOST_SEGMENTS = 10  # https://www.twilio.com/docs/messaging/features#message-segmentation
MOST_DAYS = 3650
_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")
_SERVICE = re.compile(r"MG[0-9a-f]{32}")
_SHORT_CODE = re.compile(r"\d{4,6}")


class Secret(Protocol):
    """A wrapped secret, such as pydantic's SecretStr; its repr shows nothing."""

    def get_secret_value(self) -> str:
        """Return the secret itself."""


class TwilioSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One account. Rates in messages per second, 0 = unlimited.

    ``numbers`` are ours for SMS, the first one being the sender unless a messaging service chooses;
    ``whatsapp`` is our WhatsApp sender. ``segments`` is the most one SMS may take. ``sweep`` is how
    often the account is asked for what no call told us, ``grace`` how old a message must be by
    then; both in seconds. ``voice`` takes and makes calls on the numbers, ``record`` is ``ask`` or
    ``never``, ``record_days`` is how long a recording is kept.
    """

    account_sid: str
    auth_token: Secret
    numbers: tuple[str, ...] = ()
    messaging_service_sid: str = ""
    whatsapp: str = ""
    mms: bool = False
    segments: int = 3
    api_url: str = "https://api.twilio.com"
    public_url: str = ""
    rate_per_second: float = 1
    whatsapp_rate_per_second: float = 20
    chat_rate_per_second: float = 1
    voice: bool = False
    record: str = "never"
    record_days: int = 30
    sweep: float = 300
    grace: float = 60

    @property
    def texts(self) -> bool:
        """Tell whether the account sends SMS."""
        return bool(self.numbers or self.messaging_service_sid)


def check_settings(account: str, settings: TwilioSettings) -> None:
    """Refuse what cannot work; the texts show no secret. Raises ConfigError."""
    table = f"[twilio.{account}] in coachbridge.toml"
    if _ACCOUNT.fullmatch(settings.account_sid) is None:
        msg = f"account_sid of {table} must be AC and 32 hexadecimal digits; the Console shows it"
        raise ConfigError(msg)
    if not settings.auth_token.get_secret_value().strip():
        raise ConfigError(f"auth_token of {table} is empty; the Console shows it")
    service = settings.messaging_service_sid
    if service and _SERVICE.fullmatch(service) is None:
        msg = f"messaging_service_sid of {table} must be MG and 32 hexadecimal digits"
        raise ConfigError(msg)
    if not settings.texts and not settings.whatsapp:
        msg = f"{table} has no sender; set numbers, messaging_service_sid or whatsapp"
        raise ConfigError(msg)
    for setting, number in (
        *(("numbers", number) for number in settings.numbers),
        *([("whatsapp", settings.whatsapp)] if settings.whatsapp else ()),
    ):
        wrong = complaint(number)
        if wrong and not (setting == "numbers" and _SHORT_CODE.fullmatch(number)):
            raise ConfigError(f"{setting} of {table}: {number!r}: {wrong}")
    _check_voice(table, settings)
    if not 1 <= settings.segments <= MOST_SEGMENTS:
        raise ConfigError(f"segments of {table} must be 1 to {MOST_SEGMENTS}")
    if not settings.public_url:
        msg = f"public_url of [web] in coachbridge.toml is needed, for Twilio calls {table}"
        raise ConfigError(msg)


def _check_voice(table: str, settings: TwilioSettings) -> None:
    if settings.voice and not any(number.startswith("+") for number in settings.numbers):
        raise ConfigError(f'voice of {table} needs numbers = ["+31..."] that can be called')
    if settings.record not in ("ask", "never"):
        raise ConfigError(f'record of {table} must be "ask" or "never"')
    if not 1 <= settings.record_days <= MOST_DAYS:
        raise ConfigError(f"record_days of {table} must be 1 to {MOST_DAYS}")
