"""A running bridge: its loops, in the order in which they have to start and stop.

1. Start: what a crash left behind is taken up before anything new is read, so that order holds.
2. Stop: first nothing new is taken in, then what is under way gets a moment to end, then the
   writer commits what is left. Everything else is found again at the next start.
3. On a store with several processes the others' leavings are looked for again and again; only
   one process at a time reads an account that can have one reader.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bridge.core.adapter import Sink
from bridge.core.errors import StoreError
from bridge.runtime import claiming
from bridge.runtime.calls import fetched
from bridge.runtime.inbox import Inbox
from bridge.runtime.media import Media
from bridge.runtime.outbox import Outbox
from bridge.runtime.pictures import Pictures
from bridge.runtime.supervisor import Supervisor
from bridge.runtime.typists import Typists
from bridge.runtime.waking import Waking
from bridge.runtime.watch import Watch
from storage.leadership import leading
from storage.outbox_rows import open_rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from bridge.core.adapter import Adapter, Raw
    from bridge.core.inbound import TypingIn
    from bridge.core.speech import Answer
    from bridge.runtime.courier import OutboxSettings
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.texts import Catalogue
    from bridge.runtime.transcripts import Transcripts
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.unit import Committed
    from storage.writer import Writer

log = structlog.get_logger(__name__)

SWEEP_EVERY = 1.0
THOROUGH = 10
STOP_SECONDS = 8.0
PAGE = 1000
OVERTAKEN = 1000
"""How far behind the newest row we know there may be one that was committed after it: processes
draw their ids in advance."""


class Service:
    """Everything that runs for a set of accounts over one store."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        blobs: Blobs,
        adapters: Mapping[str, Adapter],
        catalogue: Catalogue,
        metrics: Metrics,
        *,
        outbox: OutboxSettings,
        max_media: int,
        owner: str,
        watch: Watch | None = None,
        transcripts: Transcripts | None = None,
        due: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """``due`` decides what is due, and is called when another process wakes this one."""
        self.adapters = adapters
        self._store = store
        self._writer = writer
        self._owner = owner
        self._lease = outbox.lease
        self._catalogue = catalogue
        self._metrics = metrics
        self.supervisor = Supervisor()
        self.inbox = Inbox(writer, adapters, catalogue, metrics)
        self.outbox = Outbox(writer, adapters, Pictures(blobs), catalogue, outbox, owner, metrics)
        self.media = Media(blobs, adapters, max_media, self._file_ready)
        self.watch = watch or Watch()
        self._transcripts = transcripts
        self._errands: set[asyncio.Future[None]] = set()
        self.typists = Typists(writer, adapters)
        self._ready = False
        self._newest = 0
        self._due = due
        self._waking = Waking(store, self._look, metrics)
        writer.on_commit(self._committed, [(a.network, a.account) for a in adapters.values()])

    async def start(self, *, listen: bool) -> None:
        """Take up what was left, then send, and (``listen``) read the networks."""
        await self._take_up()
        self.supervisor.start("outbox", self.outbox.run)
        self.supervisor.start("media", self.media.run)
        self.supervisor.start("sweep", self._sweep)
        if self._store.postgresql:
            self.supervisor.start("hear", self._waking.hear)
            self.supervisor.start("woken", self._waking.go)
        if listen:
            for scope, adapter in self.adapters.items():
                self.supervisor.start(f"listen {scope}", partial(self._listen, adapter))
        self._ready = True

    async def stop(self) -> None:
        """End in order; what is not finished is found again at the next start."""
        self._ready = False
        listeners = [name for name in self.supervisor.names() if name.startswith("listen ")]
        await self.supervisor.stop(*listeners)
        await self.typists.stop()
        await self.outbox.stop(STOP_SECONDS)
        await self.supervisor.stop()
        for adapter in self.adapters.values():
            await adapter.close()

    async def health(self) -> Sequence[str]:
        """Return why this bridge is not ready, empty when it is."""
        reasons = [] if self._ready else ["starting or stopping"]
        if not self._writer.healthy:
            reasons.append(f"store: {self._writer.last_error}")
        reasons += [f"{name}: {what}" for name, what in self.supervisor.trouble.items()]
        reasons += [f"account {scope}: {what}" for scope, what in self.outbox.broken.items()]
        return reasons

    async def said(self, network: str, account: str, key: str) -> Answer | None:
        """Return what was answered to a payload of a telephone call. Raises StoreError."""
        return await self._writer.submit(lambda unit: unit.calls.answer(network, account, key))

    def _file_ready(self, blob: str) -> None:
        """The bytes of a file are here, or never will be: go on with what waited for them."""
        self.outbox.file_ready(blob)
        if blob.endswith("/file"):
            self._errand(self._writer.submit(lambda unit: fetched(unit, blob, self._catalogue)))
            if self._transcripts is not None:
                self._errand(asyncio.ensure_future(self._transcripts.add(blob)))

    def _committed(self, committed: Committed) -> None:
        """Go on with what a commit of this process made; called in the loop."""
        if committed.outbox:
            self.outbox.feed(committed.outbox)
        if committed.inbox:
            self._released(committed.inbox)
        if committed.blobs:
            self.media.wake()
        if committed.logs:
            self.watch.grown(committed.logs)

    def _released(self, ids: Sequence[int]) -> None:
        """Payloads were let go from a hold; if this fails, the sweep finds them."""
        self._errand(asyncio.ensure_future(self.inbox.again(ids)))

    def _errand(self, task: asyncio.Future[None]) -> None:
        self._errands.add(task)
        task.add_done_callback(self._errand_done)

    def _errand_done(self, task: asyncio.Future[None]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("an errand waits for the sweep", error=str(error))

    async def _listen(self, adapter: Adapter) -> None:
        """Read one account, as long as no other process does."""
        sink = _Sink(self.inbox, self.typists, self._writer, adapter)
        scope = f"{adapter.network}:{adapter.account}"
        async with leading(self._store, scope):
            await adapter.listen(sink)

    async def _take_up(self) -> None:
        """Take up what was left behind: waits, half-sent rows, queued rows, unhandled payloads."""
        for wait in await self._writer.submit(lambda unit: unit.waits()):
            self.outbox.wait(wait.scope, wait.until)
        await self._recover()
        await self._feed_open()
        await self.inbox.again(
            await self._writer.submit(lambda unit: unit.new_inbox(everything=True))
        )

    async def _recover(self) -> None:
        """Rows whose sender is gone may or may not have been taken: find out."""
        items = await self._writer.submit(
            lambda unit: claiming.take_over(unit, self._owner, self._lease, self._catalogue)
        )
        if items:
            log.info("taking over what another process left", rows=len(items))
        self.outbox.recover(items)

    async def _feed_open(self, after: int = 0) -> int:
        """Take rows in hand that are queued; return the newest row's id."""
        while rows := await asyncio.to_thread(open_rows, self._store, after, PAGE):
            self.outbox.feed(rows)
            after = rows[-1].id
            if len(rows) < PAGE:
                break
        return after

    async def _unhandled(self, *, everything: bool = False) -> list[int]:
        """Return payloads that nobody handles: ours are in hand, others' had their time.

        With ``everything`` those too that others may have in hand: one of us handles each.
        """
        rows = await self._writer.submit(lambda unit: unit.new_inbox(everything=everything))
        return [row for row in rows if not self.inbox.has(row)]

    async def _look(self) -> None:
        """Another process called: take what it left, be it rows, payloads or timers.

        Not files: whoever took a message in fetches them, and two would be in each other's way.
        """
        self._newest = await self._feed_open(max(0, self._newest - OVERTAKEN))
        if self._due is not None:
            await self._due()
        await self.inbox.again(await self._unhandled(everything=True))

    async def _sweep(self) -> None:
        """Look for what other processes, or a crash, left for us: new rows often, all seldom."""
        rounds = 0
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            rounds += 1
            thorough = rounds % THOROUGH == 0
            try:
                self._newest = await self._feed_open(0 if thorough else self._newest)
                await self.outbox.renew_leases()
                if thorough or self._store.postgresql:
                    await self._recover()  # another process may have ended in the middle
                if thorough:
                    await self.inbox.again(await self._unhandled())
            except StoreError as error:
                log.warning("the store is away", error=str(error))


class _Sink(Sink):
    """What one listener hands its payloads to."""

    def __init__(self, inbox: Inbox, typists: Typists, writer: Writer, adapter: Adapter) -> None:
        self._inbox = inbox
        self._typists = typists
        self._writer = writer
        self._network = adapter.network
        self._account = adapter.account

    async def accept(self, raws: Sequence[Raw], cursor: str | None = None) -> int:
        """Commit payloads and cursor together; see ``Inbox.accept``."""
        return await self._inbox.accept(self._network, self._account, raws, cursor)

    async def cursor(self) -> str | None:
        """Return the last committed cursor of this account."""
        network, account = self._network, self._account
        return await self._writer.submit(lambda unit: unit.cursor(network, account))

    async def typing(self, inbound: TypingIn) -> None:
        """Show it to whom it concerns; nothing is kept of it, and nobody waits for it."""
        self._typists.heard(inbound)
