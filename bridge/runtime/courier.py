"""One row on its way: makes the requests, and records what came of them.

1. Whatever the network answers becomes a state in the same way: sent, back in the queue with a
   wait, uncertain, or ended with a reason.
2. A wait the network asked for is committed, so it outlives the process.
3. What the network may or may not have taken is asked after only once the network answers again;
   a second copy into a void helps nobody.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec
import structlog

from bridge.core import errors as err
from bridge.core.adapter import Absent, Found, Lists, Sent, Unknown
from bridge.core.capabilities import Idempotency
from bridge.core.delivery import DeliveryState
from bridge.core.errors import Certainty, ConflictError, SendError, StoreError
from bridge.runtime import sending
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.core.adapter import Adapter, Files, Reconciled, Rendered, Request
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.preparing import Item
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit
    from storage.writer import Writer

T = TypeVar("T")

log = structlog.get_logger(__name__)

BREAKER_AFTER = 5
"""Failures in a row, over all lanes of an account, before the account as a whole waits."""

BROKEN_WAIT = 60.0
"""Seconds before credentials that were refused are tried again."""

ECHO_WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds between looks for a network's own call about a part whose answer never came."""

STUBBORN = 10
"""How often a healthy store may refuse an outcome before that is a fault of ours."""


class OutboxSettings(msgspec.Struct, frozen=True):
    """What an operator may choose."""

    resend: bool = True
    lease: timedelta = timedelta(seconds=60)
    give_up: timedelta = timedelta(days=1)


class Courier:
    """Sends rows of one account; ``pause`` lets the whole account wait for so many seconds."""

    def __init__(
        self,
        adapter: Adapter,
        files: Files,
        writer: Writer,
        catalogue: Catalogue,
        settings: OutboxSettings,
        metrics: Metrics,
        pause: Callable[[float], None],
    ) -> None:
        self.adapter = adapter
        self.broken = ""
        self._files = files
        self._writer = writer
        self._catalogue = catalogue
        self._settings = settings
        self._pause = pause
        self._failures = 0
        self._echoes = adapter.capabilities.idempotency is Idempotency.ECHOING
        network, account = adapter.network, adapter.account
        self._throttles = metrics.throttled.labels(network, account)
        self._counts = {
            state: metrics.deliveries.labels(network, account, state.value)
            for state in DeliveryState
        }

    async def send(self, item: Item) -> float | None:
        """Make the requests of a row; return seconds until it goes again, None when it is over."""
        rendered = self._rendered(item)
        if rendered is None or not rendered.requests:
            await self._given_up(item, err.Rejected("no_form" if rendered else "render"))
            return None
        ids = item.row.external_ids
        total = len(rendered.requests)
        result = Sent()
        for number in range(item.row.parts_done, total):
            request = rendered.requests[number]
            try:
                result = await self.adapter.send(request, f"{item.row.key}/{number}", self._files)
            except SendError as error:
                return await self._failed(item, request, number, error)
            ids = (*ids, *result.external_ids)
            if number + 1 < total:
                item = await self._part_taken(item, number + 1, total, ids, result)
        self._failures, self.broken = 0, ""
        await self._sent(item, ids, rendered, result)
        return None

    async def find_out(self, item: Item, *, interrupted: bool) -> float | None:
        """Settle a row whose part under way may or may not have been taken; as ``send``."""
        rendered = self._rendered(item)
        number = item.row.parts_done
        if rendered is None or number >= len(rendered.requests):
            await self._given_up(item, err.Rejected("no_form" if rendered else "render"))
            return None
        request = rendered.requests[number]
        return await self._reconcile(item, rendered, request, number, interrupted=interrupted)

    def _rendered(self, item: Item) -> Rendered | None:
        try:
            return self.adapter.render(item.delivery)
        except Exception:  # a fault of ours must not stop the lane; the row says so
            log.exception("could not render", row=item.row.id)
            return None

    # -- taken ----------------------------------------------------------------------------

    async def _part_taken(
        self, item: Item, done: int, total: int, ids: tuple[str, ...], result: Sent
    ) -> Item:
        new, lease = len(result.external_ids), self._settings.lease
        await self._commit(
            item, lambda unit: sending.part_taken(unit, item, done, total, ids, new, lease)
        )
        row = msgspec.structs.replace(item.row, parts_done=done, external_ids=ids)
        return dataclasses.replace(item, row=row)

    async def _sent(self, item: Item, ids: tuple[str, ...], rendered: Rendered, last: Sent) -> None:
        def work(unit: Unit) -> None:
            losses = (*item.losses, *rendered.losses)
            sending.sent(unit, item, ids, losses, last, self._catalogue)
            if self._echoes:
                sending.hear_echoes(unit, item.row.key)

        await self._commit(item, work)
        self._counts[DeliveryState.SENT].inc()

    # -- not taken ------------------------------------------------------------------------

    async def _failed(
        self, item: Item, request: Request, number: int, error: SendError
    ) -> float | None:
        if error.certainty is Certainty.UNKNOWN:
            self._trouble()
            return await self._ambiguous(item, request, number, error.code)
        match error:
            case err.Throttled():
                return await self._throttled(item, error)
            case err.Unreachable():
                self._trouble()
                return await self._again(item, sending.backoff(item.row.attempts, chance()))
            case err.AccountBroken():
                self._break(error)
                return await self._again(item, BROKEN_WAIT)
            case err.EndpointMoved(to=to):
                return await self._moved(item, to)
            case _:
                await self._given_up(item, error)
                return None

    async def _given_up(self, item: Item, error: SendError) -> None:
        await self._commit(item, lambda unit: sending.given_up(unit, item, error, self._catalogue))
        self._counts[DeliveryState.FAILED].inc()

    async def _moved(self, item: Item, to: str) -> float:
        await self._commit(item, lambda unit: sending.moved(unit, item, to, self._catalogue))
        return 0.0

    async def _throttled(self, item: Item, error: err.Throttled) -> float:
        seconds = max(0.0, error.retry_after) + 0.05
        scope = item.row.scope if error.account_wide else item.row.lane
        self._throttles.inc()

        def work(unit: Unit) -> None:
            until = unit.now + timedelta(seconds=seconds)
            unit.wait(scope, until, "throttled")
            unit.requeue(item.row.id, not_before=until)

        await self._commit(item, work)
        if error.account_wide:
            self._pause(seconds)
        return seconds

    async def _again(self, item: Item, seconds: float) -> float:
        def work(unit: Unit) -> None:
            not_before = unit.now + timedelta(seconds=seconds)
            unit.requeue(item.row.id, not_before=not_before, attempts=item.row.attempts + 1)

        await self._commit(item, work)
        return seconds

    # -- nobody knows ---------------------------------------------------------------------

    async def _ambiguous(
        self, item: Item, request: Request, number: int, reason: str
    ) -> float | None:
        lease = self._settings.lease
        await self._commit(
            item, lambda unit: sending.uncertain(unit, item.row, reason, lease, self._catalogue)
        )
        self._counts[DeliveryState.UNCERTAIN].inc()
        rendered = self.adapter.render(item.delivery)
        return await self._reconcile(item, rendered, request, number, interrupted=False)

    async def _reconcile(
        self, item: Item, rendered: Rendered, request: Request, number: int, *, interrupted: bool
    ) -> float | None:
        await self._until_it_answers(item)
        found = await self._found(item, request, f"{item.row.key}/{number}")
        if isinstance(found, Found):
            ids = (*item.row.external_ids, *found.sent.external_ids)
            total = len(rendered.requests)
            if number + 1 >= total:
                await self._sent(item, ids, rendered, found.sent)
                return None
            await self._part_taken(item, number + 1, total, ids, found.sent)
        if isinstance(found, Found | Absent):
            await self._commit(item, lambda unit: unit.requeue(item.row.id))
            return 0.0
        again = await self._commit(
            item,
            lambda unit: sending.decide_ambiguous(
                unit,
                item,
                resend=self._settings.resend,
                interrupted=interrupted,
                catalogue=self._catalogue,
            ),
        )
        return 0.0 if again else None

    async def _until_it_answers(self, item: Item) -> None:
        """Return once the network answers anything at all; keep the row in hand meanwhile."""
        tries = 0
        while True:
            try:
                await self.adapter.check()
            except err.AccountBroken as error:
                self._break(error)
                wait = BROKEN_WAIT
            except (err.Unreachable, err.Throttled):
                wait = sending.backoff(tries, chance(), most=15.0)
            except SendError:
                return  # it answered, if only to say no
            else:
                return
            tries += 1
            until = self._settings.lease + timedelta(seconds=wait)
            await self._commit(item, partial(_renew, item.row.id, until))
            await asyncio.sleep(wait)

    async def _found(self, item: Item, request: Request, key: str) -> Reconciled:
        """Look for the network's own call about a part, then ask the network."""
        for wait in (*ECHO_WAITS, 0.0) if self._echoes else ():
            if echo := await self._commit(item, lambda unit: sending.echoed(unit, key)):
                return Found(Sent((echo,)))
            await asyncio.sleep(wait)
        return await self._asked(item, request, key)

    async def _asked(self, item: Item, request: Request, key: str) -> Reconciled:
        try:
            found = await self.adapter.reconcile(request, key)
            if isinstance(found, Unknown) and isinstance(self.adapter, Lists):
                made = await self.adapter.alike(request, item.row.created_at)
                ours = await self._commit(item, lambda unit: sending.nobodys(unit, item.row, made))
                return Found(Sent((ours,))) if ours else found
            return found
        except SendError as error:
            log.warning("the network cannot tell", code=error.code)
            return Unknown()

    # -- the account ----------------------------------------------------------------------

    def _trouble(self) -> None:
        self._failures += 1
        if self._failures >= BREAKER_AFTER:
            self._pause(sending.backoff(self._failures - BREAKER_AFTER + 1, chance(), most=15.0))

    def _break(self, error: SendError) -> None:
        self.broken = str(error)
        log.error("account does not work", network=self.adapter.network, code=error.code)
        self._pause(BROKEN_WAIT)

    async def _commit(self, item: Item, work: Callable[[Unit], T], wants: Wants | None = None) -> T:
        """Commit what became of a row; while the store is away, keep it in hand and try again."""
        wants = wants or Wants(outbox=(item.row.id,), trajectories=(item.row.trajectory,))
        delay, refused = 0.2, 0
        while True:
            try:
                return await self._writer.submit(work, wants)
            except StoreError as error:
                if self._writer.healthy and not isinstance(error, ConflictError):
                    refused += 1
                if refused >= STUBBORN:
                    raise
                log.warning("the store does not take an outcome yet", error=str(error))
                await asyncio.sleep(delay)
                delay = min(5.0, delay * 2)


def _renew(row: int, lease: timedelta, unit: Unit) -> bool:
    return unit.renew(row, unit.now + lease)


def chance() -> float:
    """Return a number in [0, 1)."""
    return random.random()  # noqa: S311 - spreads retries, protects nothing
