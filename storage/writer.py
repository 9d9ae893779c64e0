"""Group commit: one thread, one transaction for everything that waits, one hop back to the loop.

1. A work is a function of a Unit and of nothing else, so it may run more than once.
2. A batch that fails is rolled back whole; then its works run alone, each in its own transaction.
   The one that failed gets its error, the others are not hurt by it.
3. A conflict with another writer is decided again from the start, up to five times.
4. A patient work has a transaction of its own, and those that are not patient go before it, one
   batch at a time: what waits for it waits no longer than one of each.
5. When the store itself fails, everybody who waits gets StoreError, nothing of theirs is kept,
   and the next batch tries again.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import random
import threading
import time
from collections import deque
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

import sqlalchemy as sa

from bridge.core.errors import ConflictError, StoreError
from storage.caches import Caches
from storage.engine import store_error
from storage.erasures import keep
from storage.transaction import Transaction
from storage.unit import Committed, Unit
from storage.wants import NOTHING, Wants, union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storage.engine import Store

BATCH = 256
ATTEMPTS = 5
_SERIALIZATION = frozenset({"40001", "40P01"})  # PostgreSQL: serialization failure, deadlock

T = TypeVar("T")

logger = logging.getLogger(__name__)


class _CommitUnknownError(StoreError):
    """Nobody knows whether a commit went through."""


class _Job(Generic[T]):
    """A work that waits, and where its outcome goes."""

    __slots__ = ("_calls", "_error", "_result", "future", "loop", "patient", "wants", "work")

    def __init__(
        self,
        work: Callable[[Unit], T],
        wants: Wants,
        loop: asyncio.AbstractEventLoop | None,
        future: asyncio.Future[T] | Future[T],
        *,
        patient: bool = False,
    ) -> None:
        self.work = work
        self.patient = patient
        self.wants = wants
        self.loop = loop
        self.future = future
        self._result: T | None = None
        self._error: Exception | None = None
        self._calls: Sequence[Callable[[], None]] = ()

    def run(self, unit: Unit) -> None:
        self._result = self.work(unit)
        self._calls = unit.take_calls()
        self._error = None

    def fail(self, error: Exception) -> None:
        self._calls = ()
        self._error = error

    def resolve(self, failed: Callable[[], None]) -> None:
        """Make the calls that waited for the commit, then hand the outcome over."""
        for call in self._calls:
            try:
                call()
            except Exception:  # whatever it is: the commit stands, and who waits must hear so
                logger.exception("a call after the commit failed")
                failed()
        if self.future.cancelled() or self.future.done():
            return
        if self._error is not None:
            self.future.set_exception(self._error)
        else:
            self.future.set_result(self._result)  # type: ignore[arg-type]  # T may be None


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Writer:
    """The only way to change a store; thread-safe. Close it before the store."""

    def __init__(self, store: Store, clock: Callable[[], datetime] = _utc_now) -> None:
        self._store = store
        self._clock = clock
        self._now_lock = threading.Lock()
        self._last = datetime.min.replace(tzinfo=UTC)
        self._last_ticks = time.monotonic()
        self._caches = Caches()
        self._keyring = store.keyring()
        self._connection: sa.Connection | None = None
        self._hooks: list[Callable[[Committed], None]] = []
        self._sends: frozenset[tuple[str, str]] | None = None
        self._left = Committed([], [])
        self._queue: queue.SimpleQueue[_Job[object] | None] = queue.SimpleQueue()
        self._patient: deque[_Job[object]] = deque()
        self._closed = False
        self.healthy = True
        self.last_error: StoreError | None = None
        self.batches = 0
        self.works = 0
        self.failed_calls = 0
        """Calls after a commit that raised: the commit stands all the same."""
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    def submit(
        self, work: Callable[[Unit], T], wants: Wants = NOTHING, *, patient: bool = False
    ) -> asyncio.Future[T]:
        """Run a work in the next batch, or alone after it; to be called in a running event loop.

        The future has its result after the commit, or its exception: that of the work itself,
        or StoreError. Cancelling the future does not stop the work.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Job(work, wants, loop, future, patient=patient))
        return future

    def run(self, work: Callable[[Unit], T], wants: Wants = NOTHING) -> T:
        """Run a work in the next batch and wait for it; not to be called in an event loop."""
        future: Future[T] = Future()
        self._put(_Job(work, wants, None, future))
        return future.result()

    def on_commit(
        self, call: Callable[[Committed], None], sends: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Call this with what each commit of this writer left to be done.

        ``sends`` are the accounts (network, account) whose rows it sends: for all others, and
        for everything where nobody goes on, other processes on the store are woken.

        Called in the event loop of a work of the batch, before the works get their results; not
        at all for batches of ``run`` alone.
        """
        self._hooks.append(call)
        self._sends = frozenset(sends) | (self._sends or frozenset())

    def now(self) -> datetime:
        """Return this moment by the writer's clock; it never goes back.

        After the machine's clock stepped back ours goes on at half its pace until the two agree:
        a log's times stay in order, and what has to wait a second does not wait for hours.
        """
        with self._now_lock:
            ticks = time.monotonic()
            now = self._clock()
            if now < self._last:
                now = self._last + timedelta(seconds=(ticks - self._last_ticks) / 2)
            self._last, self._last_ticks = now, ticks
            return now

    def close(self) -> None:
        """Finish what waits, then end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _put(self, job: _Job[T]) -> None:
        if self._closed:
            raise StoreError("the store is closed")
        self._queue.put(job)  # type: ignore[arg-type]  # its T is nobody's business here

    # the thread

    def _serve(self) -> None:
        more = True
        while more or self._patient:
            jobs: list[_Job[object]] = []
            if more:
                jobs, more = self._take()
            if jobs:
                self._batch(jobs)
            if self._patient:
                self._batch([self._patient.popleft()])
        self._disconnect()

    def _take(self) -> tuple[list[_Job[object]], bool]:
        """Wait for a job, then take all that are there; False = no more will come.

        Patient ones are put aside; where one waits already, nothing is waited for.
        """
        jobs: list[_Job[object]] = []
        while len(jobs) < BATCH:
            try:
                job = self._queue.get(block=not (jobs or self._patient))
            except queue.Empty:
                break
            if job is None:
                return jobs, False
            (self._patient if job.patient else jobs).append(job)
        return jobs, True

    def _batch(self, jobs: list[_Job[object]]) -> None:
        self.batches += 1
        self.works += len(jobs)
        try:
            self._transaction(jobs)
        except _CommitUnknownError as error:
            self._failed(jobs, error)
        except Exception as error:
            if len(jobs) == 1 and not isinstance(_meaning(error), ConflictError):
                self._failed(jobs, error)
            else:
                self._one_by_one(jobs)
        left, self._left = self._left, Committed([], [])
        _hand_over(jobs, partial(self._tell, left), self._call_failed)

    def _tell(self, left: Committed) -> None:
        if not (left.outbox or left.inbox or left.blobs or left.logs):
            return
        for call in self._hooks:
            try:
                call(left)
            except Exception:  # whatever it is: the commit stands, and who waits must hear so
                logger.exception("a call after the commit failed")
                self._call_failed()

    def _call_failed(self) -> None:
        """Count one; called where works are resolved, in whatever thread."""
        with self._now_lock:
            self.failed_calls += 1

    def _one_by_one(self, jobs: list[_Job[object]]) -> None:
        for number, job in enumerate(jobs):
            try:
                self._persistently(job)
            except Exception as error:
                if self._connection is None:
                    # The store is gone: the rest would only wait for the same answer.
                    self._failed(jobs[number:], error)
                    break
                self._failed([job], error)

    def _persistently(self, job: _Job[object]) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._transaction([job])
            except Exception as error:
                if attempt == ATTEMPTS or not isinstance(_meaning(error), ConflictError):
                    raise
                self._caches.forget()  # something we remembered was not so
                time.sleep(random.uniform(0, 0.005) * 2**attempt)  # noqa: S311 - no secret
            else:
                return

    def _transaction(self, jobs: list[_Job[object]]) -> None:
        """Run jobs in one transaction. Raises whatever a job or the database raises."""
        connection = self._connect()
        transaction = connection.begin()
        tx: Transaction | None = None
        try:
            tx = Transaction(connection, self._caches, self._keyring, self.now())
            unit = Unit(tx)
            unit.fetch(union(job.wants for job in jobs))
            for job in jobs:
                job.run(unit)
            unit.finish_transaction(self._sends)
            self._commit(transaction)
        except BaseException as error:
            if tx is not None:
                tx.rolled_back()
            if _is_gone(error):
                self._disconnect()
            else:
                transaction.rollback()
            raise
        unit.committed()
        self._left.add(unit.left)
        if unit.left.erased:
            self._keep_erasures()
        self.healthy = True

    def _keep_erasures(self) -> None:
        """Tell the ledger beside the key; what fails here is made up for at the next start."""
        try:
            keep(self._store)
        except StoreError:
            logger.exception("the ledger of erasures lacks a line")

    def _commit(self, transaction: sa.RootTransaction) -> None:
        try:
            transaction.commit()
        except sa.exc.DBAPIError as error:
            if not _is_gone(error):
                raise
            self._disconnect()
            # To run the works again could do twice what was done already.
            raise _CommitUnknownError(
                "the database went away during a commit; look before you try again"
            ) from error

    def _connect(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._store.writer.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._caches.forget()
        self._keyring.forget()
        if connection is not None:
            try:
                connection.close()
            except sa.exc.SQLAlchemyError:
                logger.warning("a connection to the database did not close cleanly")

    def _failed(self, jobs: Sequence[_Job[object]], error: Exception) -> None:
        meaning = _meaning(error)
        if isinstance(error, sa.exc.DBAPIError | _CommitUnknownError) and isinstance(
            meaning, StoreError
        ):
            self.healthy = False
            self.last_error = meaning
        for job in jobs:
            job.fail(meaning)


def _meaning(error: Exception) -> Exception:
    """Return what an exception means to the one who waits."""
    if isinstance(error, sa.exc.TimeoutError):
        return StoreError("no connection to the database became free in time")
    if not isinstance(error, sa.exc.DBAPIError):
        return error
    meant = store_error(error)
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(error, sa.exc.IntegrityError) or state in _SERIALIZATION:
        meant = ConflictError(str(meant))
    meant.__cause__ = error
    return meant


def _is_gone(error: BaseException) -> bool:
    return isinstance(error, sa.exc.DBAPIError) and error.connection_invalidated


def _hand_over(
    jobs: Sequence[_Job[object]], tell: Callable[[], None], failed: Callable[[], None]
) -> None:
    """Resolve every job in the loop it came from: one hop for each loop."""
    for loop in {job.loop for job in jobs}:
        mine = [job for job in jobs if job.loop is loop]
        if loop is None:
            _resolve(mine, None, failed)
            continue
        try:
            loop.call_soon_threadsafe(_resolve, mine, tell, failed)
        except RuntimeError:
            logger.warning("%d works were committed after their event loop ended", len(mine))


def _resolve(
    jobs: Sequence[_Job[object]], tell: Callable[[], None] | None, failed: Callable[[], None]
) -> None:
    if tell is not None:
        tell()
    for job in jobs:
        job.resolve(failed)
