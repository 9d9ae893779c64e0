"""The sections of the accounts: one model per network, and what every section is made of.

A field of a network's section is named as in that network's own settings, for the composition
root hands it on by name.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

AccountName = Annotated[str, Field(pattern=r"^(?:[a-z0-9]+(?:[_-][a-z0-9]+)*)$", max_length=32)]
"""The name of a table below a network's: it stands in the log and in addresses of webhooks."""


def _url(text: str) -> str:
    if re.fullmatch(r"https?://[^/\s]+(?:/\S*[^/\s])?", text) is None:
        msg = "write a URL such as https://bridge.example.org, without a slash at the end"
        raise ValueError(msg)
    return text


Url = Annotated[str, AfterValidator(_url)]


class Section(BaseModel):
    """One table of the file; the docstrings of its fields are the documentation."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class TelegramSettings(Section):
    """One bot on Telegram; the name of the table is the account's name."""

    token: SecretStr = Field(min_length=1)
    """What @BotFather gave you; better as environment or secret file than in the file."""
    mode: Literal["polling", "webhook"] = "polling"
    """`polling` asks Telegram, needs no public address; `webhook` is called by it."""
    webhook_secret: SecretStr = SecretStr("")
    """Webhooks only, and then required: 1 to 256 letters, digits, `_` or `-` of your own."""
    api_url: Url = "https://api.telegram.org"
    """Any server that speaks the Bot API."""
    rate_per_second: float = Field(default=30, ge=0)
    """Messages per second of the whole account; 0 = unlimited."""
    chat_rate_per_second: float = Field(default=1, ge=0)
    """Messages per second in one chat; 0 = unlimited."""

    @model_validator(mode="after")
    def _webhook_needs_secret(self) -> Self:
        secret = self.webhook_secret.get_secret_value()
        if self.mode == "webhook" and re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret) is None:
            msg = (
                "webhook mode is refused without a secret; set webhook_secret to 1 to 256 letters, "
                'digits, _ or - of your own, or mode to "polling"'
            )
            raise ValueError(msg)
        return self


class SlackSettings(Section):
    """One app in a workspace of Slack; the name of the table is the account's name."""

    bot_token: SecretStr = Field(min_length=1)
    """`xoxb-...` from *OAuth & Permissions* of your app."""
    mode: Literal["socket", "events"] = "socket"
    """`socket` keeps a connection to Slack, needs no public address; `events` is called by it."""
    app_token: SecretStr = SecretStr("")
    """Socket mode only, and then required: `xapp-...` with `connections:write`."""
    signing_secret: SecretStr = SecretStr("")
    """Events mode only, and then required: from *Basic Information* of your app."""
    api_url: Url = "https://slack.com"
    """Any server that speaks the Web API."""
    rate_per_second: float = Field(default=5, ge=0)
    """Messages per second of the whole account; 0 = unlimited."""
    chat_rate_per_second: float = Field(default=1, ge=0)
    """Messages per second in one conversation; 0 = unlimited."""

    @model_validator(mode="after")
    def _mode_needs_secret(self) -> Self:
        if self.mode == "socket" and not self.app_token.get_secret_value():
            msg = 'socket mode needs app_token; set it, or mode to "events"'
            raise ValueError(msg)
        if self.mode == "events" and not self.signing_secret.get_secret_value():
            msg = 'events mode is refused without signing_secret; set it, or mode to "socket"'
            raise ValueError(msg)
        return self


class TwilioSettings(Section):
    """One account at Twilio: SMS, WhatsApp, calls; the name of the table is the account's name."""

    account_sid: str = Field(pattern="^AC[0-9a-f]{32}$")
    """AC and 32 hexadecimal digits; the Console's first page shows it."""
    auth_token: SecretStr = Field(min_length=1)
    """From the same page; better as environment or secret file than in the file."""
    numbers: tuple[str, ...] = ()
    """Our numbers for SMS, such as `["+31970..."]`; the first one sends."""
    messaging_service_sid: str = Field(default="", pattern="^(?:MG[0-9a-f]{32})?$")
    """A Messaging Service that chooses the number that sends, in place of the first."""
    whatsapp: str = ""
    """Our WhatsApp sender, such as `"+31970..."`; nothing = no WhatsApp."""
    mms: bool = False
    """Send pictures as MMS, which only a few countries can; otherwise as a link."""
    segments: int = Field(default=3, ge=1, le=10)
    """The most segments of one SMS (153 letters each, 67 with emoji); longer texts are split into
    numbered messages."""
    voice: bool = False
    """Telephone calls on `numbers`: in, out and voicemail."""
    record: Literal["ask", "never"] = "never"
    """`ask` asks everybody in a call, by key, whether it may be recorded; if all agree, it is."""
    record_days: int = Field(default=30, ge=1, le=3650)
    """For how many days a recording is kept here; then it is deleted, and the log says so."""
    api_url: Url = "https://api.twilio.com"
    """Any server that speaks the API; no other is ever asked."""
    rate_per_second: float = Field(default=1, ge=0)
    """SMS per second of the whole account; 0 = unlimited."""
    whatsapp_rate_per_second: float = Field(default=20, ge=0)
    """WhatsApp messages per second of the whole account; 0 = unlimited."""
    chat_rate_per_second: float = Field(default=1, ge=0)
    """Messages per second to one number; 0 = unlimited."""

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if not (self.numbers or self.messaging_service_sid or self.whatsapp):
            msg = 'it has no sender; set numbers = ["+31..."], messaging_service_sid or whatsapp'
            raise ValueError(msg)
        return self


class WebChatSettings(Section):
    """Web chat: clients who join by a link in their browser, without app or login."""

    enabled: bool = True
    """Whether there are pages under `/chat`; people reach them by `web.public_url`."""


class EmailSettings(Section):
    """One mailbox, for coaching and nothing else; the name of the table is the account's name."""

    smtp_url: SecretStr = Field(min_length=1)
    """`smtps://user:password@mail.example.org`, or `smtp://` for STARTTLS; without TLS on this
    machine only. Signs such as @ in user and password are written as %40."""
    imap_url: SecretStr = Field(min_length=1)
    """`imaps://user:password@mail.example.org`; `imap://` on this machine only."""
    address: str = Field(min_length=3)
    """The mailbox's address. It must take mail for `name+anything@domain` too."""
    user: str = ""
    """For URLs without one."""
    password: SecretStr = SecretStr("")
    """For URLs without one; better as environment or secret file than in the file."""
    token_secret: SecretStr = SecretStr("")
    """What our addresses are made with; without it the password. Keep it when the password
    changes, or answers to older mails are not recognised."""
    name: str = ""
    """What stands in From and Subject, such as the practice's name."""
    rate_per_second: float = Field(default=2, ge=0)
    """Mails per second of the whole account; 0 = unlimited."""


class MatrixSettings(Section):
    """One account on a Matrix homeserver; the name of the table is the account's name."""

    homeserver: Url
    """Where the homeserver answers, such as `https://matrix.example.org`."""
    user_id: str = Field(pattern=r"^@[^:\s]+:\S+$")
    """The account's address, `@name:server`."""
    password: SecretStr = SecretStr("")
    """The account's password; this or `access_token`, and better as environment or secret file."""
    access_token: SecretStr = SecretStr("")
    """A token that belongs to `device_id`, in the stead of the password."""
    device_id: str = Field(default="COACHBRIDGE", pattern=r"^[A-Za-z0-9_-]{1,64}$")
    """The name of our device; never change it, for its keys and our idempotency hang on it."""
    encryption: bool = True
    """Encrypt end to end where the room is encrypted, and make new rooms so."""
    keys: Path = Path("matrix-keys")
    """Folder of the end-to-end keys, one below it for each account; part of every backup."""
    rate_per_second: float = Field(default=10, ge=0)
    """Messages per second of the whole account; 0 = unlimited."""

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if bool(self.password.get_secret_value()) == bool(self.access_token.get_secret_value()):
            msg = "set either password or access_token, and not both"
            raise ValueError(msg)
        return self
