"""Reading the mailbox: everything new is kept, in order, and the cursor moves in the same commit.

1. The cursor is UIDVALIDITY and the last UID; flags are neither read nor set, so people may look
   into the mailbox as they like.
2. At the very beginning what came within the last day is read, as messengers keep it; older mail
   was never for us. Another UIDVALIDITY means that the numbers are new: everything since the
   beginning is read again, and the keys tell what we have.
3. A refused login breaks the account. Everything else is waited out.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from adapters.email.mailbox import Mailbox
from adapters.email.parse import keys
from adapters.email.payloads import wrap
from bridge.core.adapter import Raw
from bridge.core.errors import AccountBroken, SendError, StoreError

if TYPE_CHECKING:
    from adapters.email.mailbox import Stored
    from adapters.email.settings import Account
    from bridge.core.adapter import Sink

_log = logging.getLogger(__name__)

MAX_MAIL = 30_000_000
"""Bytes of a mail that are read; what is beyond stays in the mailbox."""
_BATCH_BYTES, _BATCH = 4_000_000, 50
_IDLE = 60.0
"""Seconds; a connection that ended without a word is found out after this."""
_SHORTEST_WAIT, _LONGEST_WAIT = 0.5, 60.0
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Cursor(msgspec.Struct, frozen=True):
    """How far the mailbox was read; ``since`` is the day of the beginning, as IMAP writes it."""

    validity: int = 0
    uid: int = 0
    since: str = ""


class Reader:
    """Reads one mailbox until cancelled."""

    def __init__(self, name: str, account: Account) -> None:
        self._name = name
        self._account = account
        self._wait = _SHORTEST_WAIT

    async def run(self, sink: Sink) -> None:
        """Read for ever. Raises AccountBroken."""
        while True:
            try:
                async with Mailbox(self._account.imap, self._account.timeout) as box:
                    await self._watch(box, sink)
            except AccountBroken:
                raise
            except StoreError:
                _log.error("email %s: mails could not be kept, reading again", self._name)
            except SendError as error:
                _log.warning("email %s: cannot read the mailbox: %s", self._name, error)
            await asyncio.sleep(self._wait)
            self._wait = min(self._wait * 2, _LONGEST_WAIT)

    async def _watch(self, box: Mailbox, sink: Sink) -> None:
        cursor = await _begin(box, sink)
        while True:
            before = cursor
            cursor = await self._read(box, sink, cursor)
            self._wait = _SHORTEST_WAIT
            if cursor != before:
                continue
            await box.wait(_IDLE, self._account.poll_seconds)

    async def _read(self, box: Mailbox, sink: Sink, cursor: Cursor) -> Cursor:
        """Keep everything after the cursor, a batch at a time."""
        since = f"UID {cursor.uid + 1}:*" if cursor.uid else f"SINCE {cursor.since}"
        raws: list[Raw] = []
        size = 0
        for uid in await box.search(since):
            if uid <= cursor.uid:
                continue  # "n:*" names the last mail even if it is older
            raw = await _raw(box, uid)
            if raw is not None:
                raws.append(raw)
                size += len(raw.payload)
            cursor = msgspec.structs.replace(cursor, uid=uid)
            if len(raws) >= _BATCH or size > _BATCH_BYTES:
                await sink.accept(raws, _written(cursor))
                raws, size = [], 0
        if raws:
            await sink.accept(raws, _written(cursor))
        return cursor


async def _begin(box: Mailbox, sink: Sink) -> Cursor:
    """Return where to go on in this mailbox."""
    kept = await sink.cursor()
    try:
        cursor = msgspec.json.decode(kept or "{}", type=Cursor)
    except msgspec.DecodeError:
        cursor = Cursor()
    if not cursor.since:
        day = datetime.now(UTC) - timedelta(days=1)
        cursor = Cursor(since=f"{day.day}-{_MONTHS[day.month - 1]}-{day.year}")
    if cursor.validity != box.validity:
        cursor = Cursor(box.validity, 0, cursor.since)
        await sink.accept((), _written(cursor))
    return cursor


async def _raw(box: Mailbox, uid: int) -> Raw | None:
    stored = await box.about(uid)
    if stored is None:
        return None
    mail = await box.mail(uid, MAX_MAIL)
    if not mail:
        return None
    # In a thread: a large mail would hold up everybody else's.
    return await asyncio.to_thread(_kept, box.validity, uid, stored, mail)


def _kept(validity: int, uid: int, stored: Stored, mail: bytes) -> Raw:
    payload = wrap(validity, uid, stored.at, stored.size, mail)
    return Raw(keys(payload), payload)


def _written(cursor: Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
