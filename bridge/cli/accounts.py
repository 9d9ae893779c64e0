"""What `doctor` finds out about accounts: that they work, what they lack, and who reaches us."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from bridge.core.errors import AccountBroken, SendError, Throttled, Unreachable
from bridge.core.probing import Finding, Grade, Probes, doubtful, well, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bridge.core.adapter import Adapter

CHECK_SECONDS = 15
PROBE_SECONDS = 30
REACH_SECONDS = 5
_ALIVE = b'{"alive":true}'
_OK, _NOT_SO = 200, 405
_WAITING = frozenset({502, 503, 504})
"""What a proxy answers while there is nothing behind it."""


async def examined(adapters: Mapping[tuple[str, str], Adapter]) -> list[Finding]:
    """Look at every account, all at the same time; in order of their names."""
    looks = [_account(adapter) for _, adapter in sorted(adapters.items())]
    return [finding for found in await asyncio.gather(*looks) for finding in found]


async def _account(adapter: Adapter) -> list[Finding]:
    name = f"{adapter.network}:{adapter.account}"
    try:
        found = [await _works(adapter, f"account {name}")]
        if found[0].grade is Grade.WELL and isinstance(adapter, Probes):
            found += [
                Finding(one.grade, f"{name} {one.about}", one.found, one.todo)
                for one in await _probed(adapter)
            ]
    finally:
        await adapter.close()
    return found


async def _works(adapter: Adapter, about: str) -> Finding:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return well(about, f"works as {await adapter.check()}")
    except SendError as error:
        return wrong(about, str(error), _advice(error, adapter.network))
    except TimeoutError:
        return wrong(about, f"no answer within {CHECK_SECONDS} s", "check the connection")


async def _probed(adapter: Probes) -> list[Finding]:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return list(await adapter.probe())
    except SendError as error:
        return [doubtful("probe", f"broke off: {error}", "look again in a minute")]
    except TimeoutError:
        todo = "check the connection, then look again"
        return [doubtful("probe", f"no answer within {PROBE_SECONDS} s", todo)]


def _advice(error: SendError, network: str) -> str:
    page = f"docs/networks/{network}.md"
    match error:
        case AccountBroken():
            return f"put its credentials into the settings anew; {page} says where they are"
        case Throttled():
            return "the network asks to wait; look again in a minute"
        case Unreachable():
            return "check the connection, and the address of its server in the settings"
        case _:
            return f"compare the account with the steps of {page}"


def called(adapters: Iterable[Adapter]) -> dict[str, str]:
    """Return the accounts that somebody outside has to reach, and at which address."""
    known = (one for one in adapters if isinstance(one, Probes))
    found = {f"{one.network}:{one.account}": one.called_at() for one in known}
    return {name: url for name, url in sorted(found.items()) if url}


def reachable(public_url: str, local_url: str, accounts: Mapping[str, str]) -> Finding:
    """Look whether we answer at the public address ourselves, from here.

    Where we do not, and no bridge is running here, that may be all there is to it.
    """
    about, url, for_whom = "public address", f"{public_url}/healthz", f" for {', '.join(accounts)}"
    status, ours = _asked(url)
    hook = next((one for one in accounts.values() if "/webhooks/" in one), "")
    if ours or (hook and _asked(hook)[1]):
        return well(about, f"{url if ours else hook} answers{for_whom}")
    what = f"{url} answers {status}" if status else f"{url} does not answer"
    if not _asked(f"{local_url}/healthz")[1] and (not status or status in _WAITING):
        todo = f"start `coachbridge serve` and look again; it is needed{for_whom}"
        return doubtful(about, f"{what}, and no bridge runs at {local_url}", todo)
    todo = (
        "let the name of web.public_url and the proxy or port forwarding behind it lead to "
        f"{local_url}; needed{for_whom}. (Some routers cannot be asked from inside: then open "
        "that address from elsewhere)"
    )
    return wrong(about, f"{what if status != _OK else f'{url} is somebody else'}", todo)


def _asked(url: str) -> tuple[int, bool]:
    """Return what a GET is answered, 0 for nothing, and whether a bridge answered.

    A webhook tells itself by what it refuses: where a proxy lets only those through, they are all
    that can be asked.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(url, timeout=REACH_SECONDS) as answer:
            return int(answer.status), answer.read(len(_ALIVE)) == _ALIVE
    except urllib.error.HTTPError as error:
        refused = error.code == _NOT_SO and error.headers.get("Allow") == "POST"
        return error.code, refused and not error.read(1)
    except (OSError, ValueError):
        return 0, False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Who is sent elsewhere has not reached us; networks do not follow either."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""
