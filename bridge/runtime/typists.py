"""Somebody is writing: shown to those they write to, in memory only.

1. It is shown where their words would go: to parties who may talk, at the place where they are now,
   on networks that can show it. Nothing of it is kept, in no log and in no queue (I4).
2. Where it is not clear for whom somebody writes, or who it is that writes, nothing is shown.
3. A sign is worth little: one more than a network takes, or one that is late, is dropped. No
   listener ever waits for it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING

import structlog

from bridge.core.capabilities import Feature, Support
from bridge.core.decide.draft import address_of
from bridge.core.effects import Address
from bridge.core.errors import SendError, StoreError
from bridge.core.routing import Standing, ToTrajectory, resolve
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.adapter import Adapter
    from bridge.core.endpoint import Place
    from bridge.core.inbound import TypingIn
    from storage.unit import Unit
    from storage.writer import Writer

log = structlog.get_logger(__name__)

EVERY = 4.0
"""Seconds for which further signs of the same person are taken for one."""

AT_ONCE = 32
"""Signs on their way at the same time; more are dropped."""

GIVE_UP = 5.0
"""Seconds after which a sign is too late."""

_REMEMBERED = 2_000
_SHOWS = frozenset({Support.FULL, Support.PARTIAL})


class Typists:
    """Who is writing just now; lives in the event loop of the service."""

    def __init__(self, writer: Writer, adapters: Mapping[str, Adapter]) -> None:
        self._writer = writer
        self._adapters = adapters
        self._heard: OrderedDict[str, float] = OrderedDict()
        self._shown: OrderedDict[str, float] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    def heard(self, inbound: TypingIn) -> None:
        """Show it to whom it concerns, in the background."""
        endpoint = inbound.sender.endpoint
        who = f"{inbound.place.lane} {endpoint.network}:{endpoint.account}:{endpoint.address}"
        if len(self._tasks) < AT_ONCE and _is_due(self._heard, who, EVERY):
            task = asyncio.create_task(self._pass_on(inbound))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Drop what is on its way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass_on(self, inbound: TypingIn) -> None:
        endpoint = inbound.sender.endpoint
        try:
            async with asyncio.timeout(GIVE_UP):
                places = await self._writer.submit(
                    lambda unit: audience(unit, inbound), Wants(endpoints=(endpoint,))
                )
                for place in places:
                    await self._show(place)
        except (SendError, StoreError, TimeoutError) as error:
            log.debug("a sign of typing was not shown", error=type(error).__name__)

    async def _show(self, place: Place) -> None:
        adapter = self._adapters.get(f"{place.network}:{place.account}")
        if adapter is None:
            return
        can = adapter.capabilities
        shows = can.support.get(Feature.TYPING) in _SHOWS and can.typing_interval > 0
        if shows and _is_due(self._shown, place.lane, can.typing_interval):
            await adapter.typing(place)


def audience(unit: Unit, inbound: TypingIn) -> list[Place]:
    """Return where those are who would get what somebody writes; changes nothing."""
    sender, place = inbound.sender, inbound.place
    row = unit.endpoint(sender.endpoint)
    if row is None or not row.usable or row.opted_out:
        return []
    bound = unit.binding_around(place)
    if bound is None and row.chat != place.chat:
        return []  # a room that others read
    standing = Standing(row.person, unit.memberships(row.person), bound, "", direct=True)
    route = resolve(standing)
    state = unit.state(route.trajectory) if isinstance(route, ToTrajectory) else None
    if state is None or not state.open or not state.parties[row.person].may_talk:
        return []
    if not state.policy.takes_from(place.network):
        return []
    found = []
    for party in state.others(row.person):
        member, person = state.parties[party], unit.person(party)
        if person is None or not member.may_talk:
            continue
        to = address_of(person, member.place, state.policy)
        if isinstance(to, Address) and (to.place == member.place or person.active == 1):
            found.append(to.place)
    return found


def _is_due(seen: OrderedDict[str, float], what: str, every: float) -> bool:
    """Note something, and tell whether the last time is long enough ago."""
    now = asyncio.get_running_loop().time()
    if now - seen.get(what, -every) < every:
        return False
    seen[what] = now
    seen.move_to_end(what)
    while len(seen) > _REMEMBERED:
        seen.popitem(last=False)
    return True
