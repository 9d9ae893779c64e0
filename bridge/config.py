"""The settings: one TOML file, the environment above it, secrets from files between the two.

1. Unknown settings are errors: a misspelt one must not be silently ignored.
2. Every complaint is a ConfigError that names the setting, where it stands and what to write; the
   value itself is never shown, for it may be a secret.
3. Relative paths count from the folder of the file, or from the working directory without one.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_args
from urllib.parse import unquote, urlsplit

from pydantic import (
    BaseModel,
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

from bridge.accounts import (
    AccountName,
    EmailSettings,
    MatrixSettings,
    Section,
    SlackSettings,
    TelegramSettings,
    TwilioSettings,
    Url,
    WebChatSettings,
)
from bridge.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

PREFIX = "COACHBRIDGE_"
DEFAULT_FILE = "coachbridge.toml"
DEFAULT_SECRETS = "/run/secrets"
_SQLITE = "sqlite:///"
_CONFIG = f"{PREFIX}CONFIG"
_SHOWN = 3


class StoreSettings(Section):
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


class KeySettings(Section):
    """The key that all content is encrypted under."""

    file: Path = Path("coachbridge.key")
    """File of the key; made with mode 0600 on first start. `COACHBRIDGE_KEY` (base64 of 32
    bytes) takes its place. Back it up apart from the database: without it nothing can be read."""
    erasures: Path | None = None
    """File of the ledger of erasures, made with mode 0600 by the first one; a copy of it belongs
    apart from backups of the database. Left out: beside the key file, with `.erasures` for its
    last part, also where the key comes from elsewhere; there it has to be a place that stays."""

    @property
    def ledger(self) -> Path:
        """The file of the ledger of erasures."""
        return self.erasures or self.file.with_suffix(".erasures")


class WebSettings(Section):
    """The web server."""

    host: str = "127.0.0.1"
    """Address to listen on."""
    port: int = Field(default=8080, ge=0, le=65535)
    """Port to listen on; 0 takes a free one."""
    public_url: Url = "http://127.0.0.1:8080"
    """How the networks and people reach this server from outside, without a slash at the end.
    Left out: by the port it listens on, from this machine alone."""

    @model_validator(mode="before")
    @classmethod
    def _reached_where_it_listens(cls, given: object) -> object:
        if not isinstance(given, dict) or given.get("public_url"):
            return given
        port = str(given.get("port", ""))
        if not port.isdecimal() or not 0 < int(port) < 1 << 16:
            return given  # no port, or one that is refused by its own name
        return {**given, "public_url": f"http://127.0.0.1:{port}"}


class OutboxSettings(Section):
    """What waits to be sent."""

    ambiguous_chat: Literal["resend", "leave"] = "resend"
    """A message whose fate a network cannot tell: `resend` it once more and mark it "possibly sent
    twice" in the log, or `leave` it, given up as unclear, and tell the author."""
    lease_seconds: float = Field(default=60, gt=0, le=3600)
    """How long one send may take before it counts as uncertain."""
    send_delay_seconds: float = Field(default=0, ge=0, le=300)
    """How long a coach's words wait before they go out, so that `undo` takes them back unseen."""


class NoticeSettings(Section):
    """What the bridge itself says to people."""

    protection: Literal["once", "never"] = "once"
    """Who can read along on a network is told to each person before the first words they get there:
    `once`, or `never`, where you tell them yourself. HELP always tells it."""


class MediaSettings(Section):
    """Files that pass through."""

    max_bytes: int = Field(default=20 * 1024 * 1024, ge=0)
    """Larger files are not kept; the author is told. Recordings of calls are, up to two hours."""


class VideoSettings(Section):
    """Where video appointments take place; every party gets a link of their own to it."""

    url: str = Field(default="", pattern=r"^(?:https?://\S+\{room\}\S*)?$")
    """A URL with `{room}` in it, such as `https://meet.example.org/{room}`; a name that nobody
    can guess is put there. Nothing = no links."""
    jitsi_app_id: str = ""
    """For a Jitsi that lets in who has a token: its `app_id`."""
    jitsi_secret: SecretStr = SecretStr("")
    """Its `app_secret`; better as environment or secret file than in the file."""

    @model_validator(mode="after")
    def _token_is_whole(self) -> Self:
        if bool(self.jitsi_app_id) != bool(self.jitsi_secret.get_secret_value()):
            msg = "set both jitsi_app_id and jitsi_secret, or neither"
            raise ValueError(msg)
        return self


class TranscriptionSettings(Section):
    """Text beside the sound of voicemail and recordings; off unless one of the two is set."""

    url: str = Field(default="", pattern=r"^(?:https?://\S+)?$")
    """Gets the sound by POST and answers with plain text; run it yourself, the words are secret."""
    command: tuple[str, ...] = ()
    """A program that reads the sound from its standard input and writes plain text."""
    seconds: float = Field(default=300, gt=0)
    """How long it may take."""


class LogSettings(Section):
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
    notices: NoticeSettings = NoticeSettings()
    media: MediaSettings = MediaSettings()
    video: VideoSettings = VideoSettings()
    transcription: TranscriptionSettings = TranscriptionSettings()
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
        values = list(_secrets(self))
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


def _secrets(value: object) -> Iterator[str]:
    """Yield every wrapped secret in a model, whatever sections it has."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, dict):
        for account in value.values():
            yield from _secrets(account)


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
        if isinstance(kind, type) and issubclass(kind, Section)
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
            "keys": settings.keys.model_copy(
                update={
                    "file": folder / settings.keys.file,
                    "erasures": folder / settings.keys.ledger,
                }
            ),
            "matrix": {
                name: account.model_copy(update={"keys": folder / account.keys})
                for name, account in settings.matrix.items()
            },
        }
    )
    done._source = file
    return done
