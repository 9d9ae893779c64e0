"""The inbox at work: keep first, acknowledge second, parse third.

1. ``accept`` returns after the commit; only then may a network hear that we have a payload.
2. Payloads are parsed and handled in the order in which they were accepted.
3. What cannot be parsed or handled is parked with its reason and shown to the operator; the next
   one flows. What the store could not take for now is tried again.
4. A payload that a crash left behind is found at the next start, and handled once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from storage.wants import Wants

from bridge.core.errors import ParseError, StoreError
from bridge.core.inbound import TypingIn
from bridge.runtime.desk import Desk
from bridge.runtime.reception import receive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.inbox import InboxRow
    from storage.unit import Unit
    from storage.writer import Writer

    from bridge.core.adapter import Adapter, Raw
    from bridge.core.inbound import Inbound
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.texts import Catalogue

log = structlog.get_logger(__name__)

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

        Raises StoreError: then nothing may be acknowledged.
        """
        await self._room.wait()
        rows = await self._writer.submit(lambda unit: unit.accept(network, account, raws, cursor))
        self._metrics.inbound.labels(network, account).inc(len(rows))
        if len(rows) < len(raws):
            self._metrics.repeated.labels(network, account).inc(len(raws) - len(rows))
        for row in rows:
            self.process(row)
        return len(rows)

    def process(self, row: InboxRow) -> None:
        """Parse a kept payload and have it handled; called in the loop, in order."""
        adapter = self._adapters.get(f"{row.network}:{row.account}")
        if row.id in self._in_hand or adapter is None or row.payload is None:
            return
        self._in_hand.add(row.id)
        if len(self._in_hand) >= MOST_IN_HAND:
            self._room.clear()
        try:
            inbounds = adapter.parse(row.payload)
        except ParseError as error:
            self._submit_parking(row, f"parse: {error}")
            return
        except Exception as error:  # a fault of ours: kept aside like a damaged payload
            log.exception("parse failed", inbox=row.id)
            self._submit_parking(row, f"parse: {type(error).__name__}")
            return
        future = self._writer.submit(
            lambda unit: handle_payload(unit, row, inbounds, self._catalogue), _wants(row, inbounds)
        )
        future.add_done_callback(lambda done: self._handled(row, done))

    async def again(self, ids: Sequence[int]) -> None:
        """Handle payloads that were let go from a hold, or that a crash left behind."""
        rows = await self._writer.submit(lambda unit: [unit.inbox_row(number) for number in ids])
        for row in rows:
            if row is not None and row.state == "new":
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
        future = self._writer.submit(lambda unit: unit.finish(row.id, "parked", reason=reason))
        future.add_done_callback(lambda done: self._parked(row, done))

    def _parked(self, row: InboxRow, done: asyncio.Future[None]) -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("a payload could not be parked", inbox=row.id, exc_info=error)
        self._finish(row)

    def _finish(self, row: InboxRow) -> None:
        self._in_hand.discard(row.id)
        if len(self._in_hand) < MOST_IN_HAND:
            self._room.set()


def handle_payload(
    unit: Unit, row: InboxRow, inbounds: Sequence[Inbound], catalogue: Catalogue
) -> None:
    """Settle one payload in one transaction; a payload that was settled before stays as it is."""
    fresh = unit.inbox_row(row.id)
    if fresh is None or fresh.state != "new":
        return
    desk = Desk(unit, row.id, catalogue, released=fresh.hold)
    for inbound in inbounds:
        receive(desk, inbound)
    if desk.hold:
        unit.hold(row.id, desk.hold)
    elif desk.seq:
        unit.finish(row.id, "handled", trajectory=desk.trajectory, seq=desk.seq)
    else:
        unit.finish(row.id, "ignored", reason=desk.reason or "not_for_us")


def _wants(row: InboxRow, inbounds: Sequence[Inbound]) -> Wants:
    """What handling will read, so that a whole batch reads it at once."""
    wants = Wants(inbox=(row.id,))
    for inbound in inbounds:
        sender = getattr(inbound, "sender", None)
        place = getattr(inbound, "place", None)
        if sender is None or place is None or isinstance(inbound, TypingIn):
            continue
        external = inbound.external_id if hasattr(inbound, "external_id") else ""
        reply_to = getattr(inbound, "reply_to", "")
        wants = Wants(
            endpoints=(*wants.endpoints, sender.endpoint),
            places=(*wants.places, place),
            shown=(
                *wants.shown,
                *(
                    (place.network, place.account, place.chat, one)
                    for one in (external, reply_to)
                    if one
                ),
            ),
            inbox=wants.inbox,
        )
    return wants
