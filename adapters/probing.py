"""What networks are probed for alike: their clock against ours, and an address they can call.

Loaded when somebody asks for it: it brings aiohttp along.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from bridge.core.probing import Finding, doubtful, well, wrong

SKEW = 30.0
"""Seconds that two clocks may be apart. The answer's own is told in whole seconds."""

_TIMEOUT = aiohttp.ClientTimeout(10)
_ABOUT = "clock"


async def clock(url: str, *, signed: bool) -> Finding:
    """Compare our clock with the server's at ``url``, which is asked without any credentials.

    ``signed`` where the network signs its calls with the time: there a wrong clock refuses them.
    """
    before = datetime.now(UTC)
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            told = answer.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return doubtful(
            _ABOUT,
            f"could not be compared ({type(error).__name__})",
            "check the connection, then look again",
        )
    return judged(told, before, datetime.now(UTC), signed=signed)


def judged(told: str, before: datetime, after: datetime, *, signed: bool) -> Finding:
    """Return what a ``Date`` header says of our clock, which showed these two around it. Pure.

    https://www.rfc-editor.org/rfc/rfc9110#name-date
    """
    try:
        theirs = parsedate_to_datetime(told)
    except ValueError:
        return well(_ABOUT, "the server does not tell its time")
    theirs = theirs.replace(tzinfo=theirs.tzinfo or UTC)
    apart = max((before - theirs).total_seconds() - 1, (theirs - after).total_seconds(), 0.0)
    if apart <= SKEW:
        return well(_ABOUT, "the same as the network's")
    way = "ahead of" if before > theirs else "behind"
    found = f"ours is {apart:.0f} s {way} the network's"
    todo = "switch on time synchronisation (NTP) on this machine"
    if signed:
        return wrong(_ABOUT, f"{found}, whose signed calls are refused when they look old", todo)
    return doubtful(_ABOUT, found, todo)


def address(url: str, api_url: str) -> Finding:
    """Return whether a network at ``api_url`` may call us at ``url``: vendors want https. Pure."""
    parts = urlsplit(url)
    if is_loopback(api_url) or (parts.scheme == "https" and not is_loopback(url)):
        return well("address", f"we are called at {url}")
    todo = "set web.public_url to the https:// address that reaches this bridge from outside"
    return wrong("address", f"the network cannot call {url}", todo)


def is_loopback(url: str) -> bool:
    """Tell whether a URL stays on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
