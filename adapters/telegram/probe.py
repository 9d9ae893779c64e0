"""What is looked at of a bot beyond that its token works. https://core.telegram.org/bots/api"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from adapters.probing import address, clock
from bridge.core.errors import Unreachable
from bridge.core.probing import doubtful, well, wrong

if TYPE_CHECKING:
    from adapters.telegram.listen import Call
    from adapters.telegram.settings import TelegramSettings
    from bridge.core.probing import Finding

FRESH = 3600
"""Seconds for which trouble with a webhook counts as not yet over."""

_LONGEST = 160
_ABOUT = "webhook"


class Hook(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#webhookinfo"""

    url: str = ""
    pending_update_count: int = 0
    last_error_date: int = 0
    last_error_message: str = ""


_HOOK = msgspec.json.Decoder(Hook)


async def probe(call: Call, settings: TelegramSettings, hook: str) -> list[Finding]:
    """Ask for the webhook and the time; ``hook`` is ours, '' when polling. Raises SendError."""
    try:
        info = _HOOK.decode(await call("getWebhookInfo", {}))
    except msgspec.DecodeError:
        raise Unreachable("no_result", "the answer does not tell the webhook") from None
    found = [address(hook, settings.api_url)] if hook else []
    now = datetime.now(UTC)
    found.append(registered(info, hook, now) if hook else unregistered(info))
    found.append(await clock(f"{settings.api_url}/", signed=False))
    return found


def unregistered(info: Hook) -> Finding:
    """Judge the webhook of a bot that we poll: there may be none."""
    if not info.url:
        return well(_ABOUT, "none is set, as polling wants it")
    host = urlsplit(info.url).hostname
    todo = (
        "`coachbridge serve` removes it at its start; if it comes back, another program uses this "
        "bot: stop that one"
    )
    return doubtful(_ABOUT, f"one is set at {host}, though mode is polling", todo)


def registered(info: Hook, hook: str, now: datetime) -> Finding:
    """Judge the webhook of a bot that is to call us at ``hook``."""
    if not info.url:
        return doubtful(_ABOUT, "not set yet", "`coachbridge serve` sets it at its start")
    if info.url != hook:
        host = urlsplit(info.url).hostname
        todo = (
            f"start `coachbridge serve` again, which sets it to {hook}; if it changes back, "
            "another program uses this bot: stop that one"
        )
        return wrong(_ABOUT, f"Telegram calls another address, at {host}", todo)
    waiting = f"; {info.pending_update_count} updates wait" if info.pending_update_count else ""
    if not info.last_error_date:
        return well(_ABOUT, f"set to our address{waiting}")
    at = datetime.fromtimestamp(info.last_error_date, UTC)
    said = "".join(filter(str.isprintable, info.last_error_message))[:_LONGEST]
    trouble = f"Telegram last failed to call us at {at:%Y-%m-%d %H:%M} UTC: {said}{waiting}"
    if (now - at).total_seconds() > FRESH:
        return well(_ABOUT, trouble)
    todo = (
        "see that the bridge runs, that web.public_url reaches it with a valid certificate, and "
        "that webhook_secret is the one it was started with"
    )
    return wrong(_ABOUT, trouble, todo)
