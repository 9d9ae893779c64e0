"""`coachbridge invite`: one invitation, shown as links, QR codes and codes to type or to key in."""

from __future__ import annotations

import asyncio
import io
from functools import partial
from typing import TYPE_CHECKING

from bridge.core.adapter import Adapter, Invites, Voice
from bridge.core.errors import BridgeError, SendError
from bridge.runtime import invites

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.app import Offline


def invite(
    offline: Offline, trajectory: str, person: str, network: str, *, qr: bool, replace: bool = False
) -> Iterator[str]:
    """Issue an invitation and yield what to print. Raises BridgeError.

    ``replace``: it takes the place of everything the person has, once a coach has said yes.
    """
    accounts = [
        adapter
        for (name, _), adapter in sorted(offline.adapters.items())
        if not network or name == network
    ]
    if not accounts:
        raise BridgeError(
            f"no account of network {network!r} is in the settings"
            if network
            else "no network is in the settings yet: add one, such as [telegram.main] token"
        )
    policy = offline.writer.run(lambda unit: invites.allowed_in(unit, trajectory))
    issue = partial(invites.issue, trajectory=trajectory, person=person, network=network)
    issued = offline.writer.run(partial(issue, replace=replace))
    accounts = [adapter for adapter in accounts if policy.allows(adapter.network)]
    links = asyncio.run(_links(accounts, issued.link_code))
    for link, trouble in links:
        yield f"link: {link}" if link else f"no link: {trouble}"
        if link and qr:
            yield _qr(link)
    yield f"code: {issued.typed_code}"
    lines = [line for one in accounts if isinstance(one, Voice) for line in one.lines()]
    if lines:
        yield f"by telephone: call {lines[0]} and type {issued.keypad_code}"
    yield f"One of them works, once, until {issued.expires_at.astimezone():%Y-%m-%d %H:%M}."
    if replace:
        yield f"A coach is asked whether it is {person}; then all that {person} had is unlinked."


async def _links(accounts: list[Adapter], code: str) -> list[tuple[str, str]]:
    """Return (link, '') or ('', why not) per account; an account learns its name by ``check``."""
    found: list[tuple[str, str]] = []
    for adapter in accounts:
        if not isinstance(adapter, Invites):
            continue
        try:
            await adapter.check()
            found.append((adapter.invite_link(code), ""))
        except SendError as error:
            name = f"{adapter.network}:{adapter.account}"
            found.append(("", f"{name} does not answer ({error}); the code works all the same"))
        finally:
            await adapter.close()
    return found


def _qr(link: str) -> str:
    import segno

    drawn = io.StringIO()
    segno.make(link, error="m", micro=False).terminal(drawn, compact=True)
    return drawn.getvalue()
