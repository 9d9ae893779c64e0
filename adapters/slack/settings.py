"""The settings of one app in one workspace, and their check."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from bridge.core.errors import ConfigError


class Secret(Protocol):
    """A wrapped secret, such as pydantic's SecretStr; its repr shows nothing."""

    def get_secret_value(self) -> str:
        """Return the secret itself."""


class SlackSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One app. Rates in messages per second, 0 = unlimited; waits in seconds.

    ``public_url`` is where Slack calls us in events mode, which it is told by hand.
    ``catch_up`` is how often the history is read in events mode, where nobody tells us that calls
    got lost; ``first_wait`` is the shortest pause after trouble, doubled each time.
    """

    bot_token: Secret
    mode: Literal["socket", "events"] = "socket"
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    api_url: str = "https://slack.com"
    public_url: str = ""
    rate_per_second: float = 5
    chat_rate_per_second: float = 1
    catch_up: float = 600.0
    first_wait: float = 0.5


def revealed(secret: Secret | None) -> str:
    """Return the value of a secret, '' where there is none."""
    return secret.get_secret_value() if secret else ""


def check_settings(account: str, settings: SlackSettings) -> None:
    """Refuse what cannot work; the texts show no values. Raises ConfigError."""
    table = f"[slack.{account}] in coachbridge.toml"
    if not revealed(settings.bot_token).startswith("xoxb-"):
        msg = f'bot_token of {table} begins with "xoxb-"; see OAuth & Permissions of your app'
        raise ConfigError(msg)
    if settings.mode == "socket" and not revealed(settings.app_token).startswith("xapp-"):
        msg = f'app_token of {table} is needed in socket mode; it begins with "xapp-"'
        raise ConfigError(msg)
    if settings.mode == "events" and not revealed(settings.signing_secret).strip():
        msg = f"signing_secret of {table} is needed in events mode; see Basic Information"
        raise ConfigError(msg)
