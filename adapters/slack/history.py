"""What was said while nobody listened: read from the history, given to the inbox like events.

1. Slack tells of a message a few times within some six minutes, then never again. So after every
   gap the history of all our conversations is read, from ``MARGIN`` before the last moment at
   which we surely listened; what we have is known again by its conversation and ``ts``.
2. Conversations are put together and handed over in the order of ``ts``.
3. The history does not hold answers in threads; the threads of late are remembered in the cursor
   and read one by one. Corrections and reactions made in a gap are not in it either.

https://docs.slack.dev/apis/events-api/#retries
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from adapters.slack.parse import keys
from bridge.core.adapter import Raw
from bridge.core.errors import SendError, Throttled, Undeliverable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bridge.core.adapter import Sink

Json = dict[str, Any]

MARGIN = 600.0  # seconds; the last retry of Slack comes after six minutes
_PAGE = 200
_MOST_THREADS = 200
_BATCH = 100
_STAMP = re.compile(r"[0-9]{1,10}\.[0-9]{6}")


class Call(Protocol):
    """Calls a method, returns its answer, raises SendError."""

    async def __call__(self, method: str, params: Mapping[str, object]) -> Json:
        """Call."""


class Cursor(msgspec.Struct):
    """How far we have listened: ``since`` in seconds, threads as ``channel:ts``, newest last."""

    since: float = 0.0
    threads: list[str] = []

    def note(self, payload: bytes) -> None:
        """Remember the thread of a message."""
        try:
            event = _THREADED.decode(payload).event
        except (msgspec.DecodeError, RecursionError):
            return
        if event is None or not event.thread_ts or not event.channel:
            return
        thread = f"{event.channel}:{event.thread_ts}"
        if thread in self.threads:
            self.threads.remove(thread)
        self.threads.append(thread)
        del self.threads[:-_MOST_THREADS]

    def text(self) -> str:
        """Return it as the inbox keeps it."""
        return msgspec.json.encode(self).decode()


class _ThreadedEvent(msgspec.Struct):
    channel: str = ""
    thread_ts: str = ""


class _Threaded(msgspec.Struct):
    event: _ThreadedEvent | None = None


_THREADED = msgspec.json.Decoder(_Threaded)
_CURSOR = msgspec.json.Decoder(Cursor)


def cursor_of(text: str | None) -> Cursor:
    """Read a cursor; the very first, or a damaged one, begins a margin ago."""
    try:
        return _CURSOR.decode(text or "")
    except msgspec.DecodeError:
        return Cursor(time.time())


async def catch_up(call: Call, cursor: Cursor, sink: Sink, own_id: str) -> None:
    """Hand over everything said since the cursor, and move it to now. Raises SendError, StoreError.

    A conversation we may not read (any more) does not stop the others.
    """
    began = time.time()
    oldest = f"{max(cursor.since - MARGIN, 0):.6f}"
    found: list[tuple[str, bytes]] = []
    async for channel in _conversations(call):
        try:
            async for message in _pages(call, "conversations.history", channel, oldest):
                found.append((str(message["ts"]), _payload(message, channel, own_id)))
                cursor.note(found[-1][1])
        except Undeliverable:
            continue
    found += await _threads(call, cursor, oldest, own_id)
    found.sort()
    for start in range(0, len(found), _BATCH):
        batch = [Raw(keys(payload), payload) for _, payload in found[start : start + _BATCH]]
        await sink.accept(batch)
    cursor.since = max(cursor.since, began)
    await sink.accept([], cursor.text())


async def _threads(call: Call, cursor: Cursor, oldest: str, own: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for thread in list(cursor.threads):
        channel, _, ts = thread.partition(":")
        try:
            pages = _pages(call, "conversations.replies", channel, oldest, ts)
            found += [(str(one["ts"]), _payload(one, channel, own)) async for one in pages]
        except Throttled:
            raise
        except SendError as error:
            if error.code not in {"thread_gone", "chat_not_found", "not_a_member", "deactivated"}:
                raise
            cursor.threads.remove(thread)
    return found


async def _conversations(call: Call) -> AsyncIterator[str]:
    """Yield the ids of everything we are in.

    https://docs.slack.dev/reference/methods/users.conversations
    """
    params: Json = {
        "types": "im,mpim,private_channel,public_channel",
        "exclude_archived": True,
        "limit": _PAGE,
    }
    while True:
        answer = await patiently(call, "users.conversations", params)
        for channel in answer.get("channels") or []:
            if isinstance(channel, dict) and isinstance(channel.get("id"), str):
                yield channel["id"]
        following = next_cursor(answer)
        if not following:
            return
        params["cursor"] = following


async def _pages(
    call: Call, method: str, channel: str, oldest: str, thread: str = ""
) -> AsyncIterator[Json]:
    """Yield messages of people, and the beginnings of threads.

    https://docs.slack.dev/reference/methods/conversations.history and .../conversations.replies
    """
    params: Json = {"channel": channel, "oldest": oldest, "limit": _PAGE}
    if thread:
        params["ts"] = thread
    while True:
        answer = await patiently(call, method, params)
        for message in answer.get("messages") or []:
            usable = isinstance(message, dict) and _STAMP.fullmatch(str(message.get("ts")))
            # The beginning of a thread comes with every page of its answers.
            if usable and not message.get("bot_id") and str(message["ts"]) > oldest:
                yield message
        following = next_cursor(answer)
        if not following:
            return
        params["cursor"] = following


def next_cursor(answer: Json) -> str:
    """Return where the next page begins, '' on the last.

    https://docs.slack.dev/apis/web-api/pagination
    """
    metadata = answer.get("response_metadata")
    following = metadata.get("next_cursor") if isinstance(metadata, dict) else ""
    return following if isinstance(following, str) else ""


async def patiently(call: Call, method: str, params: Mapping[str, object]) -> Json:
    """Call a method as often as Slack says "later". Raises SendError."""
    while True:
        try:
            return await call(method, params)
        except Throttled as error:
            await asyncio.sleep(error.retry_after)


def _payload(message: Json, channel: str, own_id: str) -> bytes:
    """Return a message of the history in the form of an event."""
    event = {**message, "type": "message", "channel": channel}
    envelope = {"type": "event_callback", "event": event, "authorizations": [{"user_id": own_id}]}
    return msgspec.json.encode(envelope)
