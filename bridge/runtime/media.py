"""Files on their way in: fetched from the network that has them, kept encrypted, then relayed.

1. A message is logged at once; its file follows. The rows that show it wait for the file, in order.
2. A file that cannot be had (too big, gone) is given up with a reason, and the rows go on with
   words in its place. A network that does not answer is asked again for ``GIVE_UP``.
3. At most ``AT_ONCE`` files are fetched at a time, and never more bytes than the operator allows;
   what comes from a telephone line, and was asked for by key, may be as long as a call.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bridge.core.adapter import Fetches
from bridge.core.calls import TELEPHONE
from bridge.core.errors import Rejected, SendError, StoreError, Throttled
from bridge.runtime.sending import backoff

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storage.blobs import Blobs, PendingBlob

log = structlog.get_logger(__name__)

AT_ONCE = 4
GIVE_UP = timedelta(hours=1)
IDLE = 5.0
LONGEST_CALL = 250_000_000
"""Bytes: two hours of two voices, at 8,000 samples of 16 bits a second each."""


class Media:
    """Fetches pending files until it is stopped."""

    def __init__(
        self,
        blobs: Blobs,
        adapters: Mapping[str, object],
        max_bytes: int,
        ready: Callable[[str], None],
    ) -> None:
        self._blobs = blobs
        self._adapters = adapters
        self._max_bytes = max_bytes
        self._ready = ready
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """There may be something to fetch."""
        self._wake.set()

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            self._wake.clear()
            pending = await self._blobs.pending(AT_ONCE)
            if pending:
                async with asyncio.TaskGroup() as group:
                    for blob in pending:
                        group.create_task(self._fetch(blob))
                continue
            try:
                async with asyncio.timeout(IDLE):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _fetch(self, blob: PendingBlob) -> None:
        adapter = self._adapters.get(f"{blob.network}:{blob.account}")
        try:
            if not isinstance(adapter, Fetches):
                await self._give_up(blob, "no_account")
                return
            most = max(self._max_bytes, LONGEST_CALL * (blob.network == TELEPHONE))
            if blob.size > most:
                await self._give_up(blob, "too_big")
                return
            await self._blobs.store(blob.id, adapter.fetch(blob.ref), most)
        except Rejected as error:
            await self._give_up(blob, error.code)
        except SendError as error:
            await self._again(blob, error)
        except StoreError as error:
            log.warning("a file could not be kept", blob=blob.id, error=str(error))
            await asyncio.sleep(1.0)
            await self._again(blob, None)
        else:
            self._ready(blob.id)

    async def _again(self, blob: PendingBlob, error: SendError | None) -> None:
        if blob.age >= GIVE_UP:
            await self._give_up(blob, "unreachable")
            return
        chance = random.random()  # noqa: S311 - spreads retries, protects nothing
        seconds = backoff(blob.attempts, chance)
        if isinstance(error, Throttled):
            seconds = max(seconds, error.retry_after)
        await self._blobs.later(blob.id, seconds)

    async def _give_up(self, blob: PendingBlob, reason: str) -> None:
        await self._blobs.fail(blob.id, reason)
        self._ready(blob.id)
