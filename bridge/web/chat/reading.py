"""What a page reads: lines, live changes, files. Exactly what this party may see, each time anew.

1. The log's sequence is the cursor: a page names the last it knows and is given what changed since,
   however long it slept and whatever restarted meanwhile. Hearing a thing twice changes nothing.
2. A stream ends when its session does, when the reader's conversations change, or when the bridge
   stops; the browser comes back by itself with the cursor it has.
3. One session has at most ``MOST_STREAMS`` streams (I16).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import StreamingResponse

from bridge.core.content import Notice, attachment
from bridge.core.errors import StoreError
from bridge.runtime.pictures import Pictures, course_of, has_course
from bridge.runtime.webscreens import page_sign, typing_sign
from bridge.web.attachments import attachment_response
from bridge.web.chat import visit as v
from bridge.web.chat.shown import Shower, note_of
from storage import webchat, webreader, webview

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

    from bridge.core.content import Attachment
    from bridge.web.chat.visit import Chat, Visit
    from storage.weblines import Line, Page
    from storage.webreader import Conversation

Json = dict[str, Any]

MOST_STREAMS = 6
LOOK_EVERY = 5.0
"""Seconds after which a stream looks by itself: other processes give no sign."""
_MOST = 2**31 - 1


async def messages(chat: Chat, request: Request) -> Response:
    """Give the newest lines, those ``before`` a line, or what changed ``after`` an entry."""
    visit = await v.visit_of(chat, request)
    if visit is None:
        return v.said(401, error="no_session")
    query = request.query_params
    before, after = _number(query.get("before")), _number(query.get("after"))
    found = await asyncio.to_thread(
        _read, chat, visit, query.get("conversation", ""), before, after
    )
    return v.said(404, error="no_conversation") if found is None else v.said(200, **found)


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdecimal()) or len(text) > len(str(_MOST)):
        return None
    return min(int(text), _MOST)


def _read(
    chat: Chat, visit: Visit, name: str, before: int | None, after: int | None
) -> Json | None:
    answer: Json = {"lines": [], "cursor": after or 0, "more": False, "notes": _notes(chat, visit)}
    conversation = conversation_of(visit, name)
    if conversation is None:
        return None if name else answer
    where = _where(chat, visit, conversation)
    if after is not None:
        page = webview.changes(chat.store, *where, after)
    else:
        page = webview.newest(chat.store, *where, before)
    shown = _shown(chat, visit, conversation, page)
    return {**answer, "lines": shown, "cursor": page.cursor, "more": page.more}


def conversation_of(visit: Visit, name: str) -> Conversation | None:
    """Return one of the reader's conversations, the newest without a name."""
    found = visit.reader.conversations if visit.reader is not None else ()
    return next((one for one in found if name in ("", one.trajectory)), None)


def _where(
    chat: Chat, visit: Visit, conversation: Conversation
) -> tuple[str, str, tuple[str, str, str]]:
    person = visit.reader.person if visit.reader is not None else ""
    return conversation.trajectory, person, (v.NETWORK, chat.account, visit.address)


def _shown(chat: Chat, visit: Visit, conversation: Conversation, page: Page) -> list[Json]:
    where = _where(chat, visit, conversation)
    known = {line.seq: line for line in page.lines}
    missing = {line.reply_to for line in page.lines if line.reply_to} - known.keys()
    known |= {line.seq: line for line in webview.some(chat.store, *where, missing)}
    files = [file.id for line in page.lines if (file := attachment(line.content))]
    ready = webreader.ready(chat.store, files)
    shower = Shower(conversation, where[1], visit.language, chat.texts, ready)
    return [shower.line(line, known) for line in page.lines]


def _notes(chat: Chat, visit: Visit) -> list[Json]:
    return [note_of(note) for note in webchat.notes(chat.store, chat.account, visit.address)]


# -- live ----------------------------------------------------------------------------------------


async def events(chat: Chat, request: Request) -> Response:
    """Tell a page what changes, from ``Last-Event-ID`` or ``after`` on."""
    visit = await v.visit_of(chat, request)
    if visit is None:
        return v.said(401, error="no_session")
    if chat.streams.get(visit.token_hash, 0) >= MOST_STREAMS:
        return v.said(429, error="too_many")
    query = request.query_params
    after = _number(request.headers.get("last-event-id")) or _number(query.get("after")) or 0
    name = query.get("conversation", "")
    if name and conversation_of(visit, name) is None:
        return v.said(404, error="no_conversation")
    return StreamingResponse(
        _counted(chat, visit, name, after),
        media_type="text/event-stream",
        headers={**v.HEADERS, "X-Accel-Buffering": "no"},
    )


async def _counted(chat: Chat, visit: Visit, name: str, after: int) -> AsyncIterator[bytes]:
    streams, mine = chat.streams, visit.token_hash
    streams[mine] = streams.get(mine, 0) + 1
    try:
        async for event in _events(chat, visit, name, after):
            yield event
    except StoreError:
        return  # the browser comes back, and finds everything where it was
    finally:
        streams[mine] -= 1
        if not streams[mine]:
            del streams[mine]


async def _events(chat: Chat, visit: Visit, name: str, after: int) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    notes: list[Json] | None = None
    began = _names(visit)
    typing = typing_sign(chat.account, visit.address)
    named = {*began, page_sign(chat.account, visit.address), typing}
    with chat.watch.watching(named) as watcher:
        while not chat.watch.closed:
            found = await asyncio.to_thread(_read, chat, visit, name, None, after)
            if found is None:
                break
            if found["lines"] or found["cursor"] != after:
                after = found["cursor"]
                yield _event("lines", {k: found[k] for k in ("lines", "cursor")}, after)
            if found["notes"] != notes:
                notes = found["notes"]
                yield _event("notes", {"notes": notes})
            if found["more"]:
                continue
            grown = await watcher.next(LOOK_EVERY)
            if not grown:
                yield _event("alive", {})
            if typing in grown:
                yield _event("typing", {})
            again = await asyncio.to_thread(v.look, chat, visit.token_hash)
            if again is None or _names(again) != began:
                yield _event("changed", {})
                break
            visit = again


def _names(visit: Visit) -> frozenset[str]:
    found = visit.reader.conversations if visit.reader is not None else ()
    return frozenset(one.trajectory for one in found)


def _event(kind: str, data: Json, id: int | None = None) -> bytes:
    named = b"" if id is None else b"id: %d\n" % id
    return named + b"event: %s\ndata: %s\n\n" % (kind.encode(), msgspec.json.encode(data))


# -- files ---------------------------------------------------------------------------------------


async def file(chat: Chat, request: Request) -> Response:
    """Give the file of a line the reader may see; whatever else is asked for is not there."""
    visit = await v.visit_of(chat, request)
    if visit is None:
        return v.said(401, error="no_session")
    name, seq = request.path_params["conversation"], request.path_params["seq"]
    conversation = conversation_of(visit, name) if name else None
    if conversation is None or not 0 < seq <= _MOST:
        return v.said(404, error="nothing_here")
    where = _where(chat, visit, conversation)
    try:
        line = await asyncio.to_thread(_line_with_file, chat, where, seq)
        found = await _file_of(chat, name, line) if line is not None else None
        if found is None or not found.id:
            return v.said(404, error="nothing_here")
        chunks = Pictures(chat.blobs).read(found.id)
        first = await anext(aiter(chunks), b"")
    except StoreError:
        return v.said(404, error="nothing_here")
    return attachment_response(found, _from(first, chunks))


def _line_with_file(
    chat: Chat, where: tuple[str, str, tuple[str, str, str]], seq: int
) -> Line | None:
    """Find the line by the entry that holds its file, which may be a correction of it."""
    seen = webview.changed_by(chat.store, *where, seq)
    if seen is None or seen.deleted:
        return None
    drawn = seen.seq == seq and isinstance(seen.content, Notice)
    return seen if drawn or seen.file_seq == seq else None


async def _file_of(chat: Chat, trajectory: str, line: Line) -> Attachment | None:
    """Return the file of a line, or the picture that goes with what the bridge said."""
    said = line.content
    if not isinstance(said, Notice):
        return attachment(said)
    if not has_course(said.key, said.params):
        return None
    return await chat.writer.submit(lambda unit: course_of(unit, trajectory, line.seq))


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
