"""What is looked at of an app beyond that its token works. https://docs.slack.dev"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.probing import address, clock
from adapters.slack.settings import revealed
from bridge.core.errors import SendError, Throttled, Unreachable
from bridge.core.probing import doubtful, well, wrong

if TYPE_CHECKING:
    from adapters.slack.settings import SlackSettings
    from adapters.slack.wire import Wire
    from bridge.core.probing import Finding

NEEDED = frozenset(
    {
        # conversations.list, .members, .info
        *("channels:read", "groups:read", "im:read", "mpim:read"),
        # conversations.history, .replies; the events of messages
        *("channels:history", "groups:history", "im:history", "mpim:history"),
        *("chat:write", "im:write", "groups:write", "metadata.message:read"),
        *("files:read", "files:write", "reactions:read", "reactions:write"),
        *("users:read", "commands"),
    }
)
"""The scopes of a bot that can do all the bridge does; the manifest of docs/networks/slack.md."""


async def probe(wire: Wire, settings: SlackSettings, hook: str) -> list[Finding]:
    """Ask for scopes, a socket and the time; ``hook`` is ours in events mode. Raises SendError."""
    found = [scopes(await wire.scopes())]
    if hook:
        found += [address(hook, settings.api_url), _set_by_hand(hook)]
    else:
        found.append(await _socket(wire, revealed(settings.app_token)))
    found.append(await clock(f"{settings.api_url}/", signed=bool(hook)))
    return found


def scopes(granted: frozenset[str]) -> Finding:
    """Judge what a token may do."""
    if not granted:
        return well("scopes", "Slack does not tell them")
    missing = sorted(NEEDED - granted)
    if not missing:
        return well("scopes", "all that are needed")
    todo = (
        "add them under OAuth & Permissions > Bot Token Scopes, install the app again, and put "
        "the token in place that it then shows"
    )
    return wrong("scopes", f"missing: {', '.join(missing)}", todo)


def _set_by_hand(hook: str) -> Finding:
    found = f"the signing secret is set; Slack has to call {hook} (events, interactivity, /coach)"
    return well("events", found)


async def _socket(wire: Wire, token: str) -> Finding:
    """Ask for the address of a connection, and make none: it would take events from a bridge.

    https://docs.slack.dev/reference/methods/apps.connections.open
    """
    try:
        answer = await wire.call("apps.connections.open", {}, token)
    except (Throttled, Unreachable) as error:
        return doubtful("socket", f"no answer for now ({error.code})", "look again in a minute")
    except SendError as error:
        todo = (
            "make an app_token with connections:write under Basic Information > App-Level Tokens, "
            "and switch Socket Mode on"
        )
        return wrong("socket", f"Slack refuses a connection ({error.detail or error.code})", todo)
    if not isinstance(answer.get("url"), str):
        return wrong("socket", "Slack names no address to connect to", "switch Socket Mode on")
    return well("socket", "Slack lets us connect")
