"""The outbox at work: takes rows whose turn it is, makes the requests, records what came of them.

1. A row is marked ``sending`` in a commit of its own before its first request goes out.
2. One row of a lane at a time; the next is claimed in the commit that settles the one before.
3. Whatever the network answers becomes a state in the same way: sent, back in the queue with a
   wait, uncertain, or ended with a reason. No exception ends the loop.
4. A wait the network asked for is committed, so it outlives the process.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import deque
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import msgspec
import structlog

from bridge.core import errors as err
from bridge.core.adapter import Absent, Adapter, Files, Found, Rendered, Request, Sent
from bridge.core.delivery import DeliveryState
from bridge.core.errors import Certainty, SendError, StoreError
from bridge.runtime import sending
from bridge.runtime.lanes import Lane, Lanes, Waiting
from bridge.runtime.sending import Item, Waits
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from bridge.runtime.metrics import Metrics
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import OutboxRow
    from storage.unit import Unit
    from storage.writer import Writer

T = TypeVar("T")

log = structlog.get_logger(__name__)

BREAKER_AFTER = 5
"""Failures in a row, over all lanes of an account, before the account as a whole waits."""

AT_ONCE = 64
"""The most rows one claim marks."""

FILES_REMEMBERED = 256
"""How many files that came last are known without asking the store."""


class OutboxSettings:
    """What an operator may choose; durations in seconds."""

    def __init__(
        self, *, resend: bool = True, lease: float = 60.0, give_up: float = 86400.0
    ) -> None:
        self.resend = resend
        self.lease = timedelta(seconds=lease)
        self.give_up = timedelta(seconds=give_up)


class Outbox:
    """Sends the rows of this process's accounts until it is stopped."""

    def __init__(
        self,
        writer: Writer,
        adapters: Mapping[str, Adapter],
        files: Files,
        catalogue: Catalogue,
        settings: OutboxSettings,
        owner: str,
        metrics: Metrics,
    ) -> None:
        self._writer = writer
        self._adapters = adapters
        self._files = files
        self._catalogue = catalogue
        self._settings = settings
        self._owner = owner
        self._metrics = metrics
        self._lanes = Lanes()
        self._waiting_for: dict[str, dict[int, str]] = {}
        self._files_there: deque[str] = deque(maxlen=FILES_REMEMBERED)
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._under_way: dict[int, float] = {}
        self._stopping = False
        self.broken: dict[str, str] = {}
        for scope, adapter in adapters.items():
            self._lanes.add_account(scope, adapter.capabilities.rates.account)

    @property
    def waiting(self) -> int:
        """How many rows wait or are under way here."""
        return len(self._lanes)

    # -- what comes in --------------------------------------------------------------------

    def feed(self, rows: Sequence[OutboxRow]) -> None:
        """Take rows that were committed just now, or found at start; called in the loop."""
        now = self._now()
        for row in rows:
            if row.state is not DeliveryState.QUEUED:
                continue
            scope = f"{row.network}:{row.account}"
            adapter = self._adapters.get(scope)
            if adapter is None:
                continue
            waiting = Waiting(row.id, int(row.priority), self._monotonic(row.not_before))
            self._lanes.feed(row.lane, scope, waiting, adapter.capabilities.rates.chat, now)
        self._wake.set()

    def knows(self, row: int) -> bool:
        """Tell whether a row is in hand here already."""
        return self._lanes.knows(row)

    def wait(self, scope: str, until: datetime) -> None:
        """Honour a wait of an account or a lane that was committed earlier."""
        self._lanes.block_account(scope, self._monotonic(until))

    def file_ready(self, blob: str) -> None:
        """A file that rows waited for is there, or will never be."""
        self._files_there.append(blob)
        for row, lane in self._waiting_for.pop(blob, {}).items():
            self._lanes.hurry(row, lane, self._now())
        self._wake.set()

    # -- the loop -------------------------------------------------------------------------

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            self._wake.clear()
            taken = self._lanes.take(self._now(), AT_ONCE) if not self._stopping else []
            if taken:
                self._start(self._claim_and_send(taken))
                await asyncio.sleep(0)
                continue
            await self._pause()

    async def stop(self, seconds: float) -> None:
        """Take nothing new and give what is under way some time to end."""
        self._stopping = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pause(self) -> None:
        at = self._lanes.next_at(self._now())
        timeout = None if at is None else max(0.0, at - self._now())
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            return

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a send ended unexpectedly", error=repr(error))

    # -- one claim ------------------------------------------------------------------------

    async def _claim_and_send(self, taken: list[tuple[Lane, Waiting]]) -> None:
        try:
            ready = await self._writer.submit(self._claiming([waiting.row for _, waiting in taken]))
        except StoreError:
            for lane, waiting in taken:
                self._put_back(lane, waiting, 1.0)
            return
        found = {(one.row if isinstance(one, Waits) else one.row.id): one for one in ready}
        for lane, waiting in taken:
            one = found.get(waiting.row)
            if one is None:  # settled in the claim, or somebody else has it
                self._done(lane, waiting.row)
            elif isinstance(one, Waits):
                self._wait_for_file(lane, waiting, one)
            else:
                self._under_way[one.row.id] = self._now()
                self._start(self._send(lane, waiting, one))

    async def renew_leases(self) -> None:
        """Keep rows in hand whose request takes long, such as a large upload."""
        long_ago = self._now() - self._settings.lease.total_seconds() / 4
        slow = tuple(row for row, since in self._under_way.items() if since < long_ago)
        if slow:
            await self._writer.submit(
                lambda unit: [unit.renew(row, unit.now + self._settings.lease) for row in slow],
                Wants(outbox=slow),
            )

    def _claiming(self, ids: list[int]) -> Callable[[Unit], list[Item | Waits]]:
        def work(unit: Unit) -> list[Item | Waits]:
            return sending.claim(
                unit,
                ids,
                self._owner,
                self._settings.lease,
                self._settings.give_up,
                self._catalogue,
            )

        return work

    def _wait_for_file(self, lane: Lane, waiting: Waiting, one: Waits) -> None:
        if one.blob in self._files_there:  # it came between the claim's look and this
            self._put_back(lane, waiting, 0.0)
            return
        self._waiting_for.setdefault(one.blob, {})[waiting.row] = lane.name
        self._put_back(lane, waiting, sending.FILE_WAIT)

    # -- one row --------------------------------------------------------------------------

    async def _send(self, lane: Lane, waiting: Waiting, item: Item) -> None:
        adapter = self._adapters[lane.scope]
        try:
            rendered = adapter.render(item.delivery)
        except Exception:  # a fault of ours must not stop the lane; the row says so
            log.exception("could not render", row=item.row.id)
            await self._fail(lane, waiting, item, err.Rejected("render", "could not be shown"))
            return
        if not rendered.requests:
            await self._fail(lane, waiting, item, err.Rejected("no_form", "cannot be shown"))
            return
        ids = item.row.external_ids
        total = len(rendered.requests)
        result = Sent()
        for number in range(item.row.parts_done, total):
            request = rendered.requests[number]
            try:
                result = await adapter.send(request, f"{item.row.key}/{number}", self._files)
            except SendError as error:
                await self._failed_part(lane, waiting, item, request, number, error)
                return
            ids = (*ids, *result.external_ids)
            if number + 1 < total:
                item = await self._part_taken(item, number + 1, total, ids, result)
        self._recovered(lane.scope)
        await self._sent(lane, waiting, item, ids, rendered, result)

    async def _part_taken(
        self, item: Item, done: int, total: int, ids: tuple[str, ...], result: Sent
    ) -> Item:
        new = len(result.external_ids)
        await self._commit(
            item,
            lambda unit: sending.part_taken(
                unit, item, done, total, ids, new, self._settings.lease
            ),
        )
        row = msgspec.structs.replace(item.row, parts_done=done, external_ids=ids)
        return dataclasses.replace(item, row=row)

    async def _sent(
        self,
        lane: Lane,
        waiting: Waiting,
        item: Item,
        ids: tuple[str, ...],
        rendered: Rendered,
        last: Sent,
    ) -> None:
        await self._commit(
            item, lambda unit: sending.sent(unit, item, ids, rendered.losses, last, self._catalogue)
        )
        self._count(lane.scope, DeliveryState.SENT)
        self._done(lane, waiting.row)

    async def _failed_part(
        self,
        lane: Lane,
        waiting: Waiting,
        item: Item,
        request: Request,
        number: int,
        error: SendError,
    ) -> None:
        if error.certainty is Certainty.UNKNOWN:
            self._trouble(lane.scope)
            await self._ambiguous(lane, waiting, item, request, number, error.code)
        elif isinstance(error, err.Throttled):
            await self._throttled(lane, waiting, item, error)
        elif isinstance(error, err.Unreachable):
            self._trouble(lane.scope)
            await self._requeue(lane, waiting, item, sending.backoff(item.row.attempts, _chance()))
        elif isinstance(error, err.AccountBroken):
            self._break(lane.scope, error)
            await self._requeue(lane, waiting, item, 60.0)
        elif isinstance(error, err.EndpointMoved):
            await self._moved(lane, waiting, item, error.to)
        else:
            await self._fail(lane, waiting, item, error)

    async def _fail(self, lane: Lane, waiting: Waiting, item: Item, error: SendError) -> None:
        def work(unit: Unit) -> None:
            sending.given_up(unit, item, error, self._catalogue)

        await self._commit(item, work)
        self._count(lane.scope, DeliveryState.FAILED)
        self._done(lane, waiting.row)

    async def _throttled(
        self, lane: Lane, waiting: Waiting, item: Item, error: err.Throttled
    ) -> None:
        seconds = max(0.0, error.retry_after) + 0.05
        scope = lane.scope if error.account_wide else lane.name

        def work(unit: Unit) -> None:
            until = unit.now + timedelta(seconds=seconds)
            unit.wait(scope, until, "throttled")
            unit.requeue(item.row.id, not_before=until)

        await self._commit(item, work)
        if error.account_wide:
            self._lanes.block_account(lane.scope, self._now() + seconds)
        self._put_back(lane, waiting, seconds)

    async def _requeue(self, lane: Lane, waiting: Waiting, item: Item, seconds: float) -> None:
        def work(unit: Unit) -> None:
            not_before = unit.now + timedelta(seconds=seconds)
            unit.requeue(item.row.id, not_before=not_before, attempts=item.row.attempts + 1)

        await self._commit(item, work)
        self._put_back(lane, waiting, seconds)

    async def _moved(self, lane: Lane, waiting: Waiting, item: Item, to: str) -> None:
        """The chat has another id: every place and row there gets it, and this one goes again."""
        await self._commit(item, lambda unit: sending.moved(unit, item, to))
        self._done(lane, waiting.row)

    # -- ambiguous ------------------------------------------------------------------------

    async def _ambiguous(
        self,
        lane: Lane,
        waiting: Waiting,
        item: Item,
        request: Request,
        number: int,
        reason: str,
    ) -> None:
        lease = self._settings.lease
        await self._commit(
            item, lambda unit: sending.uncertain(unit, item.row, reason, lease, self._catalogue)
        )
        await self._reconcile(lane, waiting, item, request, number, interrupted=False)

    async def _reconcile(
        self,
        lane: Lane,
        waiting: Waiting,
        item: Item,
        request: Request,
        number: int,
        *,
        interrupted: bool,
    ) -> None:
        """Ask the network; where it cannot tell, wait until it answers at all, then decide."""
        adapter = self._adapters[lane.scope]
        key = f"{item.row.key}/{number}"
        found = await self._ask_network(lane.scope, adapter, request, key, item)
        if isinstance(found, Found):
            ids = (*item.row.external_ids, *found.sent.external_ids)
            rendered = adapter.render(item.delivery)
            total = len(rendered.requests)
            if number + 1 >= total:
                await self._sent(lane, waiting, item, ids, rendered, found.sent)
                return
            await self._part_taken(item, number + 1, total, ids, found.sent)
        if isinstance(found, Found | Absent):
            await self._commit(item, lambda unit: unit.requeue(item.row.id, not_before=unit.now))
            self._put_back(lane, waiting, 0.0)
            return
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
        if again:
            self._put_back(lane, waiting, 0.0)
        else:
            self._done(lane, waiting.row)

    async def _ask_network(
        self, scope: str, adapter: Adapter, request: Request, key: str, item: Item
    ) -> object:
        """Reconcile once the network answers again; a second copy into a void helps nobody."""
        tries = 0
        while True:
            try:
                await adapter.check()
            except err.AccountBroken as error:
                self._break(scope, error)
                await asyncio.sleep(60.0)
            except (err.Unreachable, err.Throttled):
                await asyncio.sleep(sending.backoff(tries, _chance(), most=15.0))
            except SendError:
                break  # it answered, if only to say no
            else:
                break
            tries += 1
            await self._commit(
                item, lambda unit: unit.renew(item.row.id, unit.now + self._settings.lease)
            )
        try:
            return await adapter.reconcile(request, key)
        except SendError:
            return None

    def recover(self, items: Sequence[Item], interrupted: bool = True) -> None:
        """Take over rows that were under way when a process ended; they are ``uncertain``."""
        for item in items:
            adapter = self._adapters.get(item.row.scope)
            if adapter is None or self._lanes.knows(item.row.id):
                continue
            waiting = Waiting(item.row.id, 0)
            lane = self._lanes.hold(
                item.row.lane, item.row.scope, waiting, adapter.capabilities.rates.chat
            )
            self._start(self._recover_one(lane, waiting, item, interrupted=interrupted))

    async def _recover_one(
        self, lane: Lane, waiting: Waiting, item: Item, *, interrupted: bool
    ) -> None:
        adapter = self._adapters[lane.scope]
        rendered = adapter.render(item.delivery)
        number = item.row.parts_done
        if number >= len(rendered.requests):
            await self._fail(lane, waiting, item, err.Rejected("no_form", "cannot be shown"))
            return
        await self._reconcile(
            lane, waiting, item, rendered.requests[number], number, interrupted=interrupted
        )

    # -- small things ---------------------------------------------------------------------

    async def _commit(self, item: Item, work: Callable[[Unit], T]) -> T:
        """Commit what became of a row; while the store is away, keep it in hand and try again."""
        wants = Wants(outbox=(item.row.id,), trajectories=(item.row.trajectory,))
        delay = 0.2
        while True:
            try:
                return await self._writer.submit(work, wants)
            except StoreError as error:
                log.warning("the store does not take an outcome yet", error=str(error))
                await asyncio.sleep(delay)
                delay = min(5.0, delay * 2)

    def _done(self, lane: Lane, row: int) -> None:
        self._under_way.pop(row, None)
        self._lanes.done(lane, row, self._now())
        self._wake.set()

    def _put_back(self, lane: Lane, waiting: Waiting, seconds: float) -> None:
        self._under_way.pop(waiting.row, None)
        now = self._now()
        self._lanes.again(lane, Waiting(waiting.row, waiting.priority, now + seconds), now)
        self._wake.set()

    def _count(self, scope: str, state: DeliveryState) -> None:
        network, _, account = scope.partition(":")
        self._metrics.deliveries.labels(network, account, state.value).inc()

    def _trouble(self, scope: str) -> None:
        account = self._lanes.account(scope)
        if account is None:
            return
        account.failures += 1
        if account.failures >= BREAKER_AFTER:
            wait = sending.backoff(account.failures - BREAKER_AFTER + 1, _chance(), most=15.0)
            self._lanes.block_account(scope, self._now() + wait)

    def _recovered(self, scope: str) -> None:
        account = self._lanes.account(scope)
        if account is not None:
            account.failures = 0
        self.broken.pop(scope, None)

    def _break(self, scope: str, error: SendError) -> None:
        self.broken[scope] = str(error)
        log.error("account does not work", account=scope, code=error.code)
        self._lanes.block_account(scope, self._now() + 60.0)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _monotonic(self, at: datetime | None) -> float:
        if at is None:
            return 0.0
        away = at.timestamp() - self._writer.now().timestamp()
        return self._now() + away if away > 0 else 0.0


def _chance() -> float:
    return random.random()  # noqa: S311 - spreads retries, protects nothing
