"""The inbox at work: keep first, acknowledge second.

1. ``accept`` returns after the commit; only then may a network hear that we have a payload.
2. Payloads are handled in the order in which they were accepted, in the commit that keeps them;
   where that cannot be, they are kept by themselves and handled after that.
3. What comes for one account within one turn of the event loop is one work for the store: a
   hundred calls of webhooks cost little more than one long poll of a hundred.
4. What cannot be parsed or handled is parked with its reason and shown to the operator; the next
   one flows. What the store could not take for now is tried again.
5. A payload that a crash left behind is found at the next start, and handled once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

import structlog

from bridge.core.errors import ParseError, StoreError
from bridge.core.inbound import (
    BlockedIn,
    ChatMovedIn,
    MembersIn,
    MessageIn,
    ReceiptIn,
    TypingIn,
    UnprovenIn,
)
from bridge.runtime.desk import Desk
from bridge.runtime.reception import let_follow, receive
from storage.inbox import InboxState
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prometheus_client import Counter

    from bridge.core.adapter import Adapter, Raw
    from bridge.core.endpoint import Place
    from bridge.core.inbound import Inbound
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.texts import Catalogue
    from storage.inbox import InboxRow
    from storage.unit import Unit
    from storage.writer import Writer

log = structlog.get_logger(__name__)

_NOT_SHOWN = BlockedIn | ChatMovedIn | MembersIn | TypingIn | UnprovenIn
MOST_IN_HAND = 2000
"""Accepted payloads that may wait to be handled before ``accept`` makes its caller wait."""


class Inbox:
    """Takes payloads in and sees each of them through."""

    def __init__(
        self,
        writer: Writer,
        adapters: Mapping[str, Adapter],
        catalogue: Catalogue,
        metrics: Metrics,
    ) -> None:
        self._writer = writer
        self._adapters = adapters
        self._catalogue = catalogue
        self._metrics = metrics
        self._counters: dict[tuple[str, str], Counter] = {}
        self._arriving: dict[tuple[str, str], list[_Call]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_hand: set[int] = set()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def in_hand(self) -> int:
        """How many payloads are being handled."""
        return len(self._in_hand)

    def has(self, row: int) -> bool:
        """Tell whether a payload is being handled here."""
        return row in self._in_hand

    async def accept(
        self, network: str, account: str, raws: Sequence[Raw], cursor: str | None = None
    ) -> int:
        """Commit payloads and the cursor that covers them; return how many were new.

        Mostly they are handled in the same commit. When that fails they are only kept, and
        handled one by one afterwards. Raises StoreError: then nothing may be acknowledged.
        """
        await self._room.wait()
        adapter = self._adapters[f"{network}:{account}"]
        arrived = [Arrived(raw, *_parsed(adapter, raw.payload)) for raw in raws]
        if cursor is None:
            new = await self._with_others(network, account, arrived)
        else:
            new = len(await self._take(network, account, arrived, cursor))
        self._counted(network, account, len(raws), new, sum(1 for one in arrived if one.fault))
        return new

    def _with_others(
        self, network: str, account: str, arrived: Sequence[Arrived]
    ) -> asyncio.Future[int]:
        """Take payloads in together with what else comes in this turn of the loop."""
        loop = asyncio.get_running_loop()
        calls = self._arriving.get((network, account))
        if calls is None:
            calls = self._arriving[network, account] = []
            loop.call_soon(self._turn_over, network, account)
        call = _Call(arrived, loop.create_future())
        calls.append(call)
        return call.new

    def _turn_over(self, network: str, account: str) -> None:
        calls = self._arriving.pop((network, account))
        task = asyncio.create_task(self._take_together(network, account, calls))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take_together(self, network: str, account: str, calls: Sequence[_Call]) -> None:
        arrived = [one for call in calls for one in call.arrived]
        try:
            new = set(await self._take(network, account, arrived, None))
        except Exception as error:  # each of them is told, and lets its network call again
            for call in calls:
                if not call.new.done():
                    call.new.set_exception(error)
            return
        for call in calls:
            mine = new.intersection(one.raw.keys[0] for one in call.arrived)
            new -= mine  # the same payload in a second call is a repeat
            if not call.new.done():
                call.new.set_result(len(mine))

    async def _take(
        self, network: str, account: str, arrived: Sequence[Arrived], cursor: str | None
    ) -> Sequence[str]:
        """Commit payloads; return the first keys of those that were new."""
        try:
            return await self._writer.submit(
                lambda unit: take_in(unit, network, account, arrived, cursor, self._catalogue),
                _wants(network, account, arrived),
            )
        except StoreError:
            raise
        except Exception as error:  # a fault of ours over one of them: keep them all first
            log.warning("payloads are handled one by one", payloads=len(arrived), exc_info=error)
        raws = [one.raw for one in arrived]
        rows = await self._writer.submit(lambda unit: unit.accept(network, account, raws, cursor))
        for row in rows:
            self.process(row)
        return [row.key for row in rows]

    def _counted(self, network: str, account: str, came: int, new: int, parked: int) -> None:
        counter = self._counters.get((network, account))
        if counter is None:
            counter = self._counters[network, account] = self._metrics.inbound.labels(
                network, account
            )
        counter.inc(new)
        if new < came:
            self._metrics.repeated.labels(network, account).inc(came - new)
        if parked:
            self._metrics.parked.labels(network, account).inc(parked)

    def process(self, row: InboxRow) -> None:
        """Parse a kept payload and have it handled; called in the loop, in order."""
        adapter = self._adapters.get(f"{row.network}:{row.account}")
        if row.id in self._in_hand or adapter is None or row.payload is None:
            return
        self._in_hand.add(row.id)
        if len(self._in_hand) >= MOST_IN_HAND:
            self._room.clear()
        inbounds, fault = _parsed(adapter, row.payload)
        if fault:
            self._submit_parking(row, fault)
            return
        future = self._writer.submit(
            lambda unit: handle_payload(unit, row, inbounds, self._catalogue),
            Wants(inbox=(row.id,)),
        )
        future.add_done_callback(lambda done: self._handled(row, done))

    async def again(self, ids: Sequence[int]) -> None:
        """Handle payloads that were let go from a hold, or that a crash left behind."""
        rows = await self._writer.submit(lambda unit: [unit.inbox_row(number) for number in ids])
        for row in rows:
            if row is not None and row.state is InboxState.NEW:
                self.process(row)

    def _handled(self, row: InboxRow, done: asyncio.Future[None]) -> None:
        if done.cancelled():
            self._finish(row)
            return
        error = done.exception()
        if error is None or isinstance(error, StoreError):
            if error is not None:
                log.warning("a payload waits for the store", inbox=row.id, error=str(error))
            self._finish(row)
            return
        log.error("a payload could not be handled", inbox=row.id, exc_info=error)
        self._submit_parking(row, f"handle: {type(error).__name__}")

    def _submit_parking(self, row: InboxRow, reason: str) -> None:
        self._metrics.parked.labels(row.network, row.account).inc()

        def park(unit: Unit) -> None:
            unit.finish(row.id, InboxState.PARKED, reason=reason)
            let_follow(unit, row.hold)

        future = self._writer.submit(park)
        future.add_done_callback(lambda done: self._parked(row, done))

    def _parked(self, row: InboxRow, done: asyncio.Future[None]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("a payload could not be parked", inbox=row.id, exc_info=error)
        self._finish(row)

    def _finish(self, row: InboxRow) -> None:
        self._in_hand.discard(row.id)
        if len(self._in_hand) < MOST_IN_HAND:
            self._room.set()


class Arrived(NamedTuple):
    """A payload and what it says; ``fault`` tells why it cannot be read, '' when it can."""

    raw: Raw
    inbounds: Sequence[Inbound]
    fault: str


class _Call(NamedTuple):
    """What one call brought, and where the number of its new payloads goes."""

    arrived: Sequence[Arrived]
    new: asyncio.Future[int]


def take_in(
    unit: Unit,
    network: str,
    account: str,
    arrived: Sequence[Arrived],
    cursor: str | None,
    catalogue: Catalogue,
) -> list[str]:
    """Keep, then settle payloads, all in one transaction; return the first keys of the new ones."""
    rows = unit.accept(network, account, [one.raw for one in arrived], cursor)
    by_key = {one.raw.keys[0]: one for one in reversed(arrived)}
    for row in rows:
        one = by_key[row.key]
        if one.fault:
            unit.finish(row.id, InboxState.PARKED, reason=one.fault)
        else:
            _settle(unit, row, one.inbounds, catalogue)
    return [row.key for row in rows]


def handle_payload(
    unit: Unit, row: InboxRow, inbounds: Sequence[Inbound], catalogue: Catalogue
) -> None:
    """Settle a kept payload in one transaction; one that was settled before stays as it is."""
    fresh = unit.inbox_row(row.id)
    if fresh is not None and fresh.state is InboxState.NEW:
        _settle(unit, fresh, inbounds, catalogue)


def _settle(unit: Unit, row: InboxRow, inbounds: Sequence[Inbound], catalogue: Catalogue) -> None:
    desk = Desk(unit, row.id, catalogue, released=row.hold, network=row.network)
    for inbound in inbounds:
        receive(desk, inbound)
    if desk.hold:
        unit.hold(row.id, desk.hold)
    elif desk.seq:
        unit.finish(row.id, InboxState.HANDLED, trajectory=desk.trajectory, seq=desk.seq)
    else:
        unit.finish(row.id, InboxState.IGNORED, reason=desk.reason or "not_for_us")
    let_follow(unit, row.hold)


def _parsed(adapter: Adapter, payload: bytes) -> tuple[Sequence[Inbound], str]:
    try:
        return adapter.parse(payload), ""
    except ParseError as error:
        return (), f"parse: {error}"
    except Exception as error:  # a fault of ours: kept aside like a damaged payload
        log.exception("parse failed")
        return (), f"parse: {type(error).__name__}"


def _chat(place: Place) -> tuple[str, str, str]:
    return place.network, place.account, place.chat


def _wants(network: str, account: str, arrived: Sequence[Arrived]) -> Wants:
    """What handling will read, so that a whole batch reads it at once."""
    endpoints, places, shown = [], [], []
    for one in arrived:
        for inbound in one.inbounds:
            if isinstance(inbound, MessageIn):
                endpoints.append(inbound.sender.endpoint)
                if inbound.reply_to:
                    shown.append((*_chat(inbound.place), inbound.reply_to))
            elif isinstance(inbound, _NOT_SHOWN):
                continue
            elif not isinstance(inbound, ReceiptIn):
                endpoints.append(inbound.sender.endpoint)
            places.append(inbound.place)
            shown.append((*_chat(inbound.place), inbound.external_id))
    return Wants(
        endpoints=tuple(endpoints),
        places=tuple(places),
        shown=tuple(shown),
        keys=tuple((network, account, key) for one in arrived for key in one.raw.keys),
    )
