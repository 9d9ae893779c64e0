"""The settings: one TOML file, the environment above it, secrets from files between the two.

1. Unknown settings are errors: a misspelt one must not be silently ignored.
2. Every complaint is a ConfigError that names the setting, where it stands and what to write; the
   value itself is never shown, for it may be a secret.
3. Relative paths count from the folder of the file, or from the working directory without one.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bridge.core.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "COACHBRIDGE_"
DEFAULT_FILE = "coachbridge.toml"
DEFAULT_SECRETS = "/run/secrets"
_ACCOUNT = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
_SQLITE = "sqlite:///"
_CONFIG = f"{PREFIX}CONFIG"
_SHOWN = 3


def _url(text: str) -> str:
    if re.fullmatch(r"https?://[^/\s]+(?:/\S*[^/\s])?", text) is None:
        msg = "write a URL such as https://bridge.example.org, without a slash at the end"
        raise ValueError(msg)
    return text


Url = Annotated[str, AfterValidator(_url)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class StoreSettings(_Section):
    """Where everything is kept."""

    url: str = Field(default="sqlite:///coachbridge.db", repr=False)
    """`sqlite:///<file>` for one process, or `postgresql+psycopg://user:password@host/database`
    for several."""

    @field_validator("url")
    @classmethod
    def _known_kind(cls, url: str) -> str:
        """Raise ValueError without showing the URL, which may hold a password."""
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        name = url.removeprefix(_SQLITE).partition("?")[0]
        if url.startswith(_SQLITE) and name and ":memory:" not in name:
            return url
        if url.startswith("postgresql+psycopg://"):
            return url
        msg = 'write "sqlite:///coachbridge.db" or "postgresql+psycopg://user:password@host/name"'
        raise ValueError(msg)


class KeySettings(_Section):
    """The key that all content is encrypted under."""

    file: Path = Path("coachbridge.key")
    """File of the key; made with mode 0600 on first start. `COACHBRIDGE_KEY` (base64 of 32
    bytes) takes its place. Back it up apart from the database: without it nothing can be read."""


class WebSettings(_Section):
    """The web server."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    public_url: Url = "http://127.0.0.1:8080"
    """How the networks and people reach this server from outside, without a slash at the end."""


class TelegramSettings(_Section):
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


class SlackSettings(_Section):
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


class TwilioSettings(_Section):
    """One account at Twilio, for SMS and WhatsApp; the name of the table is the account's name."""

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


class WebChatSettings(_Section):
    """Web chat: clients who join by a link in their browser, without app or login."""

    enabled: bool = True
    """Whether there are pages under `/chat`; people reach them by `web.public_url`."""


class EmailSettings(_Section):
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


class MatrixSettings(_Section):
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


class OutboxSettings(_Section):
    """What waits to be sent."""

    ambiguous_chat: Literal["resend", "leave"] = "resend"
    """A message whose fate a network cannot tell: `resend` it once more and mark it "possibly sent
    twice" in the log, or `leave` it, given up as unclear, and tell the author."""
    lease_seconds: float = Field(default=60, gt=0, le=3600)
    """How long one send may take before it counts as uncertain."""


class MediaSettings(_Section):
    """Files that pass through."""

    max_bytes: int = Field(default=20 * 1024 * 1024, ge=0)
    """Larger files are not kept; the author is told."""


class LogSettings(_Section):
    """What the program tells its operator on standard error; never words of people."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important level that is shown."""
    format: Literal["console", "json"] = "console"
    """`console` for eyes, `json` for a log collector."""


def _password(url: str) -> str:
    """Return the password in a URL, as it is used; '' without one or where it is no URL."""
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""


AccountName = Annotated[str, Field(pattern=f"^(?:{_ACCOUNT.pattern})$", max_length=32)]


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        use_attribute_docstrings=True,
    )

    store: StoreSettings = StoreSettings()
    keys: KeySettings = KeySettings()
    web: WebSettings = WebSettings()
    telegram: dict[AccountName, TelegramSettings] = {}
    slack: dict[AccountName, SlackSettings] = {}
    webchat: WebChatSettings = WebChatSettings()
    twilio: dict[AccountName, TwilioSettings] = {}
    email: dict[AccountName, EmailSettings] = {}
    matrix: dict[AccountName, MatrixSettings] = {}
    outbox: OutboxSettings = OutboxSettings()
    media: MediaSettings = MediaSettings()
    log: LogSettings = LogSettings()
    key: SecretStr | None = None
    """The value of `COACHBRIDGE_KEY`; never in the file."""
    _source: Path | None = PrivateAttr(default=None)

    @property
    def source(self) -> Path | None:
        """The file that was read."""
        return self._source

    def secrets(self) -> list[str]:
        """Return every value that must never be shown."""
        accounts = self.telegram.values()
        found = [secret for a in accounts for secret in (a.token, a.webhook_secret)]
        for app in self.slack.values():
            found += [app.bot_token, app.app_token, app.signing_secret]
        found += [account.auth_token for account in self.twilio.values()]
        for box in self.email.values():
            found += [box.smtp_url, box.imap_url, box.password, box.token_secret]
        for own in self.matrix.values():
            found += [own.password, own.access_token]
        found += [account.auth_token for account in self.twilio.values()]
        for box in self.email.values():
            found += [box.smtp_url, box.imap_url, box.password, box.token_secret]
        values = [s.get_secret_value() for s in (*found, *filter(None, [self.key]))]
        urls = [self.store.url, *(value for value in values if "://" in value)]
        return [value for value in (*values, *map(_password, urls)) if value]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: environment, secret files, then the TOML file (given as init)."""
        del settings_cls, dotenv_settings
        secrets = NestedSecretsSettingsSource(
            file_secret_settings,
            secrets_dir=os.environ.get(f"{PREFIX}SECRETS_DIR", DEFAULT_SECRETS),
            secrets_dir_missing="ok",
            secrets_prefix=PREFIX,
            secrets_nested_delimiter="__",
        )
        return env_settings, secrets, init_settings


def load(path: Path | None = None) -> Settings:
    """Read the settings from a file, ``COACHBRIDGE_CONFIG`` or ./coachbridge.toml if it exists.

    Raises ConfigError.
    """
    file = _find(path)
    values = _read(file) if file else {}
    _refuse_unknown_environment()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise ConfigError(_explain(error, file)) from None
    except SettingsError:
        msg = f"a variable {PREFIX}… cannot be read: name it {PREFIX}SECTION__SETTING"
        raise ConfigError(msg) from None
    return _absolute(settings, file)


def _find(path: Path | None) -> Path | None:
    named = path or (Path(os.environ[_CONFIG]) if os.environ.get(_CONFIG) else None)
    if named is None:
        default = Path(DEFAULT_FILE)
        return default.resolve() if default.exists() else None
    return named.resolve()


def _read(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        msg = f"the configuration file {file} does not exist; create it or give another --config"
        raise ConfigError(msg) from None
    except OSError as error:
        msg = f"the configuration file {file} cannot be read: {error.strerror}"
        raise ConfigError(msg) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None
    if "key" in values:
        msg = f"key in {file}: it does not belong into this file; set [keys] file or {PREFIX}KEY"
        raise ConfigError(msg)
    return values


def _refuse_unknown_environment() -> None:
    """Catch a misspelt section; a misspelt setting within one is found by its model."""
    for name in os.environ:
        section, nested, _ = name.upper().removeprefix(PREFIX).partition("__")
        known = section.lower() in Settings.model_fields
        if name.upper().startswith(PREFIX) and nested and not known:
            sections = ", ".join(s for s in Settings.model_fields if s != "key")
            msg = f"environment {name}: there is no section {section.lower()}; known: {sections}"
            raise ConfigError(msg)


def _explain(error: ValidationError, file: Path | None) -> str:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    lines = [_explain_one([str(p) for p in one["loc"]], one, file) for one in found[:_SHOWN]]
    if len(found) > _SHOWN:
        lines.append(f"and {len(found) - _SHOWN} more")
    return "; ".join(lines)


def _explain_one(location: list[str], error: ErrorDetails, file: Path | None) -> str:
    if location[-1] == "[key]":
        hint = "name accounts with at most 32 lower-case letters, digits, - and _"
        return f"{location[0]}.{location[1]} in {file}: {hint}"
    setting, variable = ".".join(location), PREFIX + "__".join(location).upper()
    where = _where(variable, file)
    if error["type"] == "missing":
        table = ".".join(location[:-1])
        file_hint = f"write {location[-1]} = ... under [{table}] in {file or DEFAULT_FILE}"
        return f"{setting} is missing: {file_hint}, or set {variable}"
    if error["type"] == "extra_forbidden":
        return f"{setting} {where} is not a setting; {_known(location[:-1])}"
    return f"{setting} {where} cannot be used: {error['msg'].removeprefix('Value error, ')}"


def _where(variable: str, file: Path | None) -> str:
    if any(name.upper() == variable for name in os.environ):
        return f"in the environment ({variable})"
    return f"in {file}" if file else f"(set by {variable} or a secret file)"


def _known(table: list[str]) -> str:
    fields: set[str] = set(Settings.model_fields) - {"key"}
    if table:
        section = sections().get(table[0])
        fields = set(section.model_fields) if section else set()
    return f"known here: {', '.join(sorted(fields))}"


def sections() -> dict[str, type[BaseModel]]:
    """Return the model of each table of the file; ``telegram`` is a table of tables."""
    return {
        name: kind
        for name, field in Settings.model_fields.items()
        for kind in (field.annotation, *get_args(field.annotation))
        if isinstance(kind, type) and issubclass(kind, _Section)
    }


def _absolute(settings: Settings, file: Path | None) -> Settings:
    folder = file.parent if file else Path.cwd()
    url = settings.store.url
    if url.startswith(_SQLITE):
        name, mark, options = url.removeprefix(_SQLITE).partition("?")
        url = f"{_SQLITE}{folder / name}{mark}{options}"
    done = settings.model_copy(
        update={
            "store": settings.store.model_copy(update={"url": url}),
            "keys": settings.keys.model_copy(update={"file": folder / settings.keys.file}),
            "matrix": {
                name: account.model_copy(update={"keys": folder / account.keys})
                for name, account in settings.matrix.items()
            },
        }
    )
    done._source = file
    return done
