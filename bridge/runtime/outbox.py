"""The outbox at work: takes the rows whose turn it is, and sees each of them through.

1. A row is marked ``sending`` in a commit of its own before its first request goes out.
2. One row of a lane at a time, or those of one album; the next starts when that is settled.
3. No exception ends the loop or keeps a lane: a row that cannot be claimed is ended with a
   reason, one that fails unexpectedly stays under way and is taken over when its lease runs out.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bridge.core.adapter import Albums
from bridge.core.delivery import DeliveryState
from bridge.core.errors import StoreError
from bridge.runtime import albums, claiming, sending
from bridge.runtime.albums import Album
from bridge.runtime.courier import Courier
from bridge.runtime.lanes import Lane, Lanes, Waiting
from bridge.runtime.preparing import Item, Waits
from bridge.runtime.together import AlbumCourier
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Mapping, Sequence
    from datetime import datetime

    from bridge.core.adapter import Adapter, Files
    from bridge.runtime.courier import OutboxSettings
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import OutboxRow
    from storage.unit import Unit
    from storage.writer import Writer

log = structlog.get_logger(__name__)

AT_ONCE = 64
"""The most rows one claim marks."""

STORE_WAIT = 1.0
"""Seconds before a claim that the store did not take is tried again."""


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
        self._catalogue = catalogue
        self._settings = settings
        self._owner = owner
        self._lanes = Lanes()
        self._couriers = {
            scope: (AlbumCourier if isinstance(adapter, Albums) else Courier)(
                adapter, files, writer, catalogue, settings, metrics, partial(self._pause, scope)
            )
            for scope, adapter in adapters.items()
        }
        for scope, adapter in adapters.items():
            self._lanes.add_account(scope, adapter.capabilities.rates.account)
        self._albums = frozenset(s for s, a in adapters.items() if isinstance(a, Albums))
        self._gathering: dict[int, float] = {}
        self._waiting_for: dict[str, dict[int, str]] = {}
        self._files_there: deque[str] = deque(maxlen=1000)
        self._under_way: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._stopping = False

    @property
    def broken(self) -> dict[str, str]:
        """The accounts whose credentials were refused, and how."""
        return {
            scope: courier.broken for scope, courier in self._couriers.items() if courier.broken
        }

    # -- what comes in --------------------------------------------------------------------

    def feed(self, rows: Sequence[OutboxRow]) -> None:
        """Take rows that were committed just now, or found at start; called in the loop."""
        now = self._now()
        for row in rows:
            courier = self._couriers.get(row.scope)
            if row.state is DeliveryState.QUEUED and courier is not None:
                waiting = Waiting(row.id, int(row.priority), self._monotonic(row.not_before))
                self._lanes.feed(row.lane, row.scope, waiting, _pace(courier, row), now)
        self._wake.set()

    def recover(self, items: Sequence[Item]) -> None:
        """Take over rows that were under way when a process ended; they are ``uncertain``."""
        for item in items:
            row = item.row
            courier = self._couriers.get(row.scope)
            if courier is None or self._lanes.knows(row.id):
                continue
            waiting = Waiting(row.id, int(row.priority))
            lane = self._lanes.hold(row.lane, row.scope, waiting, _pace(courier, row))
            self._start(self._see_through(lane, waiting, courier.find_out(item, interrupted=True)))

    def wait(self, scope: str, until: datetime) -> None:
        """Honour a wait of an account that was committed earlier; a lane's is in its rows."""
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
            else:
                await self._idle()

    async def stop(self, seconds: float) -> None:
        """Take nothing new and give what is under way some time to end."""
        self._stopping = True
        deadline = self._now() + seconds
        # A claim that ends now begins sends: those are under way too.
        while self._tasks and self._now() < deadline:
            await asyncio.wait(tuple(self._tasks), timeout=deadline - self._now())
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def renew_leases(self) -> None:
        """Keep rows in hand whose request takes long, such as a large upload."""
        long_ago = self._now() - self._settings.lease.total_seconds() / 4
        slow = tuple(row for row, since in self._under_way.items() if since < long_ago)
        if slow:
            await self._writer.submit(
                lambda unit: [unit.renew(row, unit.now + self._settings.lease) for row in slow],
                Wants(outbox=slow),
            )

    async def _idle(self) -> None:
        at = None if self._stopping else self._lanes.next_at(self._now())
        try:
            async with asyncio.timeout(None if at is None else max(0.0, at - self._now())):
                await self._wake.wait()
        except TimeoutError:
            return

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- one claim ------------------------------------------------------------------------

    async def _claim_and_send(self, taken: Sequence[tuple[Lane, Waiting]]) -> None:
        ids = tuple(waiting.row for _, waiting in taken)
        try:
            work = partial(self._claim, ids, self._have_waited(ids))
            ready = await self._writer.submit(work, Wants(claims=ids))
        except StoreError as error:
            log.warning("the store does not take a claim yet", error=str(error))
            for lane, waiting in taken:
                self._put_back(lane, waiting, STORE_WAIT)
            return
        except Exception as error:  # a fault of ours in one row; the others must not suffer
            log.error("a claim failed", rows=len(ids), exc_info=error)
            await self._claim_one_by_one(taken)
            return
        found = {(one.row if isinstance(one, Waits) else one.row.id): one for one in ready}
        for lane, waiting in taken:
            self._go_on(lane, waiting, found.get(waiting.row))

    async def _claim_one_by_one(self, taken: Sequence[tuple[Lane, Waiting]]) -> None:
        if len(taken) > 1:
            for one in taken:
                await self._claim_and_send([one])
            return
        ((lane, waiting),) = taken
        try:
            await self._writer.submit(
                lambda unit: sending.broken(unit, waiting.row, self._catalogue)
            )
        except Exception as error:  # then it waits for somebody to look at it
            log.error("a row cannot be ended", row=waiting.row, exc_info=error)
            self._put_back(lane, waiting, 60.0)
        else:
            self._done(lane, waiting)

    def _claim(
        self, ids: Sequence[int], hurried: Collection[int], unit: Unit
    ) -> list[Item | Waits | Album]:
        ready = self._claimed(unit, ids)
        if not self._albums:
            return [*ready]
        behind = partial(self._claimed, unit, behind=True)
        return albums.gathered(unit, ready, self._albums, hurried, behind)

    def _claimed(
        self, unit: Unit, ids: Sequence[int], *, behind: bool = False
    ) -> list[Item | Waits]:
        lease, give_up = self._settings.lease, self._settings.give_up
        return claiming.claim(
            unit, ids, self._owner, lease, give_up, self._catalogue, behind=behind
        )

    def _go_on(self, lane: Lane, waiting: Waiting, one: Item | Waits | Album | None) -> None:
        if one is None:  # settled in the claim, or somebody else has it
            self._done(lane, waiting)
        elif isinstance(one, Waits):
            self._wait_for_file(lane, waiting, one)
        elif isinstance(one, Album):
            self._send_together(lane, waiting, one)
        else:
            courier = self._couriers[lane.scope]
            self._start(self._see_through(lane, waiting, courier.send(one)))

    def _send_together(self, lane: Lane, waiting: Waiting, album: Album) -> None:
        courier = self._couriers[lane.scope]
        assert isinstance(courier, AlbumCourier)  # noqa: S101 - only those gather albums
        others = [Waiting(item.row.id, int(item.row.priority)) for item in album.items[1:]]
        self._lanes.along(lane, others, self._now())
        work = courier.send_together(album.items)
        self._start(self._see_all_through(lane, [waiting, *others], work))

    def _gather(self, lane: Lane, waiting: Waiting) -> None:
        """Let the first picture of an album wait a little for the others."""
        self._gathering.setdefault(waiting.row, self._now() + albums.PATIENCE)
        self._put_back(lane, waiting, albums.LOOK_AGAIN)

    def _have_waited(self, ids: Sequence[int]) -> frozenset[int]:
        """Return which of these waited long enough for the rest of their albums."""
        if not self._gathering:
            return frozenset()
        now = self._now()
        return frozenset(row for row in ids if self._gathering.get(row, math.inf) <= now)

    def _wait_for_file(self, lane: Lane, waiting: Waiting, one: Waits) -> None:
        self._lanes.unused(lane)
        if not one.blob:
            self._gather(lane, waiting)
            return
        if one.blob in self._files_there:  # it came between the claim's look and this
            self._put_back(lane, waiting, 0.0)
            return
        self._waiting_for.setdefault(one.blob, {})[waiting.row] = lane.name
        self._put_back(lane, waiting, sending.FILE_WAIT)

    # -- one row --------------------------------------------------------------------------

    async def _see_through(
        self, lane: Lane, waiting: Waiting, work: Coroutine[object, object, float | None]
    ) -> None:
        self._under_way[waiting.row] = self._now()
        again: float | None = None
        try:
            again = await work
        except Exception as error:  # the row stays under way; its lease runs out
            log.error("a send ended unexpectedly", row=waiting.row, exc_info=error)
        finally:
            del self._under_way[waiting.row]
        if again is None:
            self._done(lane, waiting)
        else:
            self._put_back(lane, waiting, again)

    async def _see_all_through(
        self,
        lane: Lane,
        rows: Sequence[Waiting],
        work: Coroutine[object, object, list[float | None]],
    ) -> None:
        """The same for rows that go out together."""
        self._under_way |= dict.fromkeys((one.row for one in rows), self._now())
        again: list[float | None] = [None] * len(rows)
        try:
            again = await work
        except Exception as error:  # the rows stay under way; their leases run out
            log.error("a send ended unexpectedly", row=rows[0].row, exc_info=error)
        finally:
            for one in rows:
                del self._under_way[one.row]
        for one, seconds in zip(rows, again, strict=True):
            if seconds is None:
                self._done(lane, one)
            else:
                self._put_back(lane, one, seconds)

    def _done(self, lane: Lane, waiting: Waiting) -> None:
        if self._gathering:
            self._gathering.pop(waiting.row, None)
        self._lanes.done(lane, waiting.row, self._now())
        self._wake.set()

    def _put_back(self, lane: Lane, waiting: Waiting, seconds: float) -> None:
        now = self._now()
        self._lanes.again(lane, Waiting(waiting.row, waiting.priority, now + seconds), now)
        self._wake.set()

    def _pause(self, scope: str, seconds: float) -> None:
        self._lanes.block_account(scope, self._now() + seconds)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _monotonic(self, at: datetime | None) -> float:
        if at is None:
            return 0.0
        away = at.timestamp() - self._writer.now().timestamp()
        return self._now() + away if away > 0 else 0.0


def _pace(courier: Courier, row: OutboxRow) -> float:
    """How fast the chat of a row's lane takes messages."""
    chat = row.lane.removeprefix(f"{row.scope}:").rpartition("#")[0]
    return courier.adapter.pace(chat)
