"""Rows that go out in one request: what the network answers counts for each of them.

1. Taken: every row is sent, with the id of its own message, in one commit. A crash before that
   leaves them all uncertain, so at most one album is doubled, and each picture of it is marked.
2. Refused for what it is: the rows go back and then one by one, for one bad picture must not cost
   the others. Refused because of the person or the chat: the first row says so, the others go
   back, and their own claims decide.
3. Everything else is as with a single row (see ``courier``), for all of them alike.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bridge.core import errors as err
from bridge.core.adapter import Absent, Albums, Found, Sent, Unknown
from bridge.core.delivery import DeliveryState
from bridge.core.errors import Certainty, SendError
from bridge.runtime import sending
from bridge.runtime.albums import ALONE
from bridge.runtime.courier import BROKEN_WAIT, Courier, chance
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.adapter import Joined, Reconciled
    from bridge.runtime.preparing import Item
    from storage.unit import Unit

log = structlog.get_logger(__name__)

Again = list[float | None]
"""For each row the seconds until it goes again, None when it is over."""


class AlbumCourier(Courier):
    """Sends rows of an account whose network shows albums."""

    async def send_together(self, items: Sequence[Item]) -> Again:
        """Send as many of the first rows in one request as the network takes so."""
        joined = self._joined(items)
        taken = len(joined.losses) if joined is not None else 1
        first, rest = list(items[:taken]), list(items[taken:])
        await self._back(rest)
        if joined is None:
            return [await self.send(first[0]), *([0.0] * len(rest))]
        return [*await self._send(first, joined), *([0.0] * len(rest))]

    def _joined(self, items: Sequence[Item]) -> Joined | None:
        assert isinstance(self.adapter, Albums)  # noqa: S101 - else there is no such courier
        try:
            return self.adapter.together([item.delivery for item in items])
        except Exception:  # a fault of ours: one by one they say so, or go
            log.exception("could not join an album", row=items[0].row.id)
            return None

    async def _send(self, items: Sequence[Item], joined: Joined) -> Again:
        key = _key(items)
        try:
            result = await self.adapter.send(joined.request, key, self._files)
            if len(result.external_ids) != len(items):
                raise err.Unreachable("no_result", "the answer does not name every message")
        except SendError as error:
            return await self._not_taken(items, joined, error)
        self._failures, self.broken = 0, ""
        return await self._taken(items, joined, result)

    async def _taken(self, items: Sequence[Item], joined: Joined, result: Sent) -> Again:
        def work(unit: Unit) -> None:
            for item, id, losses in zip(items, result.external_ids, joined.losses, strict=True):
                lost = (*item.losses, *losses)
                sending.sent(unit, item, (id,), lost, Sent((id,)), self._catalogue)

        await self._commit(items[0], work, _wants(items))
        self._counts[DeliveryState.SENT].inc(len(items))
        return [None] * len(items)

    async def _not_taken(self, items: Sequence[Item], joined: Joined, error: SendError) -> Again:
        if error.certainty is Certainty.UNKNOWN:
            self._trouble()
            return await self._nobody_knows(items, joined, error.code)
        match error:
            case err.Throttled():
                seconds = await self._throttled(items[0], error)
                await self._back(items[1:], seconds)
            case err.Unreachable():
                self._trouble()
                seconds = sending.backoff(items[0].row.attempts, chance())
                await self._back(items, seconds, tried=True)
            case err.AccountBroken():
                self._break(error)
                seconds = await self._again(items[0], BROKEN_WAIT)
                await self._back(items[1:])
            case err.EndpointMoved(to=to):
                await self._back(items[1:])
                moved = await self._moved(items[0], to)
                return [moved] * len(items)
            case err.Rejected():
                await self._back(items, reason=ALONE)
                seconds = 0.0
            case _:
                await self._back(items[1:])
                await self._given_up(items[0], error)
                return [None, *([0.0] * (len(items) - 1))]
        return [seconds] * len(items)

    async def _back(
        self,
        items: Sequence[Item],
        seconds: float = 0.0,
        *,
        tried: bool = False,
        reason: str | None = None,
    ) -> None:
        """Let rows of which nothing went be queued again."""
        if not items:
            return

        def work(unit: Unit) -> None:
            at = unit.now + timedelta(seconds=seconds)
            for item in items:
                attempts = item.row.attempts + 1 if tried else None
                unit.requeue(item.row.id, not_before=at, attempts=attempts, reason=reason)

        await self._commit(items[0], work, _wants(items))

    async def _nobody_knows(self, items: Sequence[Item], joined: Joined, reason: str) -> Again:
        lease, catalogue = self._settings.lease, self._catalogue

        def doubt(unit: Unit) -> None:
            for item in items:
                sending.uncertain(unit, item.row, reason, lease, catalogue)

        await self._commit(items[0], doubt, _wants(items))
        self._counts[DeliveryState.UNCERTAIN].inc(len(items))
        await self._until_it_answers(items[0])
        found = await self._reconciled(items, joined)
        if isinstance(found, Found) and len(found.sent.external_ids) == len(items):
            return await self._taken(items, joined, found.sent)
        if isinstance(found, Absent):
            await self._back(items)
            return [0.0] * len(items)

        def decide(unit: Unit) -> list[bool]:
            resend = self._settings.resend
            return [
                sending.decide_ambiguous(
                    unit, item, resend=resend, interrupted=False, catalogue=catalogue
                )
                for item in items
            ]

        again = await self._commit(items[0], decide, _wants(items))
        return [0.0 if one else None for one in again]

    async def _reconciled(self, items: Sequence[Item], joined: Joined) -> Reconciled:
        try:
            return await self.adapter.reconcile(joined.request, _key(items))
        except SendError:
            return Unknown()


def _key(items: Sequence[Item]) -> str:
    return f"{items[0].row.key}/0"


def _wants(items: Sequence[Item]) -> Wants:
    rows = tuple(item.row.id for item in items)
    return Wants(outbox=rows, trajectories=(items[0].row.trajectory,))
