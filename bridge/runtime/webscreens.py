"""The pages of web chat as the bridge reaches them: what shows there, and what they uploaded.

1. An entry of a log shows because the log says that it was sent; nothing is kept for it here.
   What the desk says is in no log, so it is kept for the page.
2. Somebody without any page left cannot be reached: that is said, not hidden.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.core.errors import Rejected
from storage import webchat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bridge.runtime.watch import Watch
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.unit import Unit
    from storage.writer import Writer

DESK = "desk/"
"""How the keys begin of what belongs to no trajectory."""


def page_sign(account: str, address: str) -> str:
    """Return the name by which a page watches for notes; no trajectory can have it."""
    return f"web:{account}:{address}"


def typing_sign(account: str, address: str) -> str:
    """Return the name by which a page watches for somebody who writes to it."""
    return f"typing:{account}:{address}"


class WebScreens:
    """All pages of one account."""

    def __init__(
        self,
        account: str,
        store: Store,
        writer: Writer,
        blobs: Blobs,
        watch: Watch,
    ) -> None:
        self._account = account
        self._store = store
        self._writer = writer
        self._blobs = blobs
        self._watch = watch

    async def ready(self) -> None:
        """Raises StoreError when nothing could be read now."""
        await asyncio.to_thread(self._pages, "")

    async def show(self, address: str, key: str, id: str, params: bytes) -> bool:
        """Let a page show a request; False when nobody has one there. Raises StoreError."""
        if not await asyncio.to_thread(self._pages, address):
            return False
        if key.startswith(DESK):
            await self._writer.submit(
                lambda unit: unit.web.put_note(id, self._account, address, params)
            )
            self._watch.grown((page_sign(self._account, address),))
        return True

    async def typing(self, address: str) -> None:
        """Tell the pages that are open in this process; nothing is kept."""
        self._watch.grown((typing_sign(self._account, address),))

    def _pages(self, address: str) -> int:
        return webchat.count_sessions(self._store, self._account, address, datetime.now(UTC))

    async def uploaded(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of an upload. Raises Rejected when it is gone, StoreError."""
        name = webchat.upload_name(ref)
        if not await self._writer.submit(lambda unit: _stored(unit, name)):
            raise Rejected("gone", "the upload is not there any more")
        async for chunk in self._blobs.read(name):
            yield chunk
        await self._writer.submit(lambda unit: unit.web.upload_fetched(ref))


def _stored(unit: Unit, name: str) -> bool:
    known = unit.blob(name)
    return known is not None and known.state == "stored"
