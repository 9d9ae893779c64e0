"""What a coach does on a trajectory's page, through the same door as the networks.

1. The console is one more network: its place is the trajectory itself, its message ids are keys
   the page drew. A form that comes twice carries the same key and is one message.
2. Files are kept before the message that shows them, and only their author may post them.
3. A preview asks the engine what would happen and the networks how it would look; nothing is
   written.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Attachment, Content, Text
from bridge.core.endpoint import Endpoint, Place
from bridge.core.entries import FACE_TO_FACE, MOST_MINUTES
from bridge.core.errors import Rejected, StoreError
from bridge.core.inbound import DeleteIn, EditIn, MessageIn, ReactionIn, Sender
from bridge.runtime.handle import handle, what_it_became
from bridge.web import asked, calling, saying
from bridge.web.console.visit import HEADERS
from storage import uploads
from storage.wants import Wants

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from bridge.web.console.visit import Visit
    from storage.unit import Unit

NETWORK, ACCOUNT = "console", "main"
MOST_TEXT = 20_000
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]{1,80}")

Acts = MessageIn | EditIn | DeleteIn | ReactionIn


class Posted(msgspec.Struct, frozen=True):
    """What became of an act: the first entry's seq, and '' or why it was not carried out."""

    seq: int
    refused: str = ""


async def post(visit: Visit) -> Response:
    """Say something to everybody in the trajectory."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    key = _text(form, "key")
    if _KEY.fullmatch(key) is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    content = await content_of(visit, trajectory, form)
    own = f"{visit.person.id}:{key}"
    act = MessageIn(_place(trajectory), _sender(visit), own, content, visit.console.now())
    return await _done(visit, trajectory, await carry_out(visit, trajectory, act, _seq(form)))


async def change(visit: Visit) -> Response:
    """Edit or withdraw a message of her own, or react to one."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    what, target = _text(form, "what"), int(visit.request.path_params["seq"])
    place, sender, now = _place(trajectory), _sender(visit), visit.console.now()
    act: Acts
    if what == "edit" and _text(form, "text").strip():
        act = EditIn(place, sender, "", Text((_words(form),)), now)
    elif what == "withdraw":
        act = DeleteIn(place, sender, "", now)
    elif what == "react":
        emoji = tuple(_text(form, "emoji")[:32].split()[:3])
        act = ReactionIn(place, sender, "", emoji, now)
    else:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return await _done(visit, trajectory, await carry_out(visit, trajectory, act, target))


async def answer(visit: Visit) -> Response:
    """Answer a question the bridge put to her, as its buttons do in a messenger."""
    trajectory = await visit.trajectory()
    key, seq = _text(await visit.form(), "key"), int(visit.request.path_params["seq"])

    def work(unit: Unit) -> Posted:
        act = asked.choice(unit, trajectory, seq, key, _place(trajectory), _sender(visit))
        if act is None:
            return Posted(seq, "unknown_question")
        command = c.Receive(party=visit.person.id, inbound=act)
        decision = handle(unit, trajectory, command, visit.console.catalogue)
        return _posted(unit, trajectory, decision.entries)

    wants = Wants(trajectories=(trajectory,), people=(visit.person.id,))
    return await _done(visit, trajectory, await visit.console.writer.submit(work, wants))


async def note(visit: Visit) -> Response:
    """Keep a note that goes to nobody."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    command = c.AddNote(visit.person.id, (_words(form),))

    def work(unit: Unit) -> Posted:
        decision = handle(unit, trajectory, command, visit.console.catalogue)
        return _posted(unit, trajectory, decision.entries)

    wants = Wants(trajectories=(trajectory,))
    return await _done(visit, trajectory, await visit.console.writer.submit(work, wants))


async def held(visit: Visit) -> Response:
    """Log a session that was held face to face."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    minutes, words = _seq(form, "minutes"), _words(form)
    if not 1 <= minutes <= MOST_MINUTES:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    body = (words,) if words.strip() else ()
    command = c.LogSession(visit.person.id, FACE_TO_FACE, minutes, body)

    def work(unit: Unit) -> Posted:
        decision = handle(unit, trajectory, command, visit.console.catalogue)
        return _posted(unit, trajectory, decision.entries)

    wants = Wants(trajectories=(trajectory,))
    return await _done(visit, trajectory, await visit.console.writer.submit(work, wants))


async def call(visit: Visit) -> Response:
    """Ring the coach and then a client, on the telephones they linked."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    person, whom = visit.person.id, _text(form, "whom")[:64]

    def work(unit: Unit) -> Posted:
        return Posted(*calling.call(unit, visit.console.catalogue, trajectory, person, whom))

    wants = Wants(trajectories=(trajectory,), people=(person,))
    posted = await visit.console.writer.submit(work, wants)
    if "application/json" in visit.request.headers.get("accept", ""):
        return await _done(visit, trajectory, posted)
    return visit.back(f"/t/{trajectory}?call={posted.refused or 'begun'}#call")


async def upload(visit: Visit) -> Response:
    """Keep the body of the request as a file; answer with its id."""
    trajectory = await visit.trajectory()
    visit.check(visit.request.headers.get("x-csrf", ""))
    console, query = visit.console, visit.request.query_params
    mime = visit.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if _MIME.fullmatch(mime) is None:
        mime = "application/octet-stream"
    file = Attachment(mime=mime, name=query.get("name", "")[:120])
    try:
        kept = await uploads.upload(
            console.store,
            console.blobs,
            trajectory,
            visit.person.id,
            file,
            visit.request.stream(),
            console.max_upload,
            console.now(),
        )
    except Rejected:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE) from None
    except StoreError:
        raise HTTPException(HTTPStatus.CONFLICT) from None
    return JSONResponse({"id": kept.id, "size": kept.size}, HTTPStatus.CREATED, headers=HEADERS)


async def seen(visit: Visit) -> Response:
    """Note how far she read."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    person, seq = visit.person.id, _seq(form)
    await visit.console.writer.submit(lambda unit: unit.sessions.mark_read(person, trajectory, seq))
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)


async def content_of(visit: Visit, trajectory: str, form: FormData) -> Content:
    """Return what a form says. Raises HTTPException 400 for nothing, 404 for a strange file."""
    words, attachment = _words(form), _text(form, "attachment")
    if not attachment and not words.strip():
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    content = await asyncio.to_thread(
        saying.content_of,
        visit.store,
        trajectory,
        visit.person.id,
        words,
        attachment,
        voice=bool(_text(form, "voice")),
        seconds=_seq(form, "seconds"),
    )
    if content is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return content


async def carry_out(visit: Visit, trajectory: str, act: Acts, target: int) -> Posted:
    """Do it in one transaction; a message that was posted before is found again."""
    command = receive(visit.person.id, act, target)

    def work(unit: Unit) -> Posted:
        if isinstance(act, MessageIn):
            shown = unit.shown(NETWORK, ACCOUNT, trajectory, act.external_id)
            if shown is not None:
                return Posted(shown.seq)
        decision = handle(unit, trajectory, command, visit.console.catalogue)
        return _posted(unit, trajectory, decision.entries)

    wants = Wants(trajectories=(trajectory,), people=(visit.person.id,))
    return await visit.console.writer.submit(work, wants)


def receive(person: str, act: Acts, target: int) -> c.Receive:
    """Return the command for an act on the page."""
    return c.Receive(party=person, inbound=act, target=target)


def draft(visit: Visit, trajectory: str, content: Content) -> MessageIn:
    """Return a message as it would be posted now."""
    key = secrets.token_hex(8)
    return MessageIn(_place(trajectory), _sender(visit), key, content, visit.console.now())


def _posted(unit: Unit, trajectory: str, entries: tuple[e.Entry, ...]) -> Posted:
    state = unit.state(trajectory)
    first = (state.seq if state else 0) - len(entries) + 1 + what_it_became(entries)
    if not entries:
        return Posted(0, "closed")
    became = entries[what_it_became(entries)]
    refusal = became.reason if isinstance(became, e.InboundRefused) else ""
    return Posted(first, refusal)


async def _done(visit: Visit, trajectory: str, posted: Posted) -> Response:
    """Answer a script with what became of it, a form with the page."""
    if "application/json" in visit.request.headers.get("accept", ""):
        status = HTTPStatus.CONFLICT if posted.refused else HTTPStatus.OK
        return JSONResponse(msgspec.to_builtins(posted), status, headers=HEADERS)
    return visit.back(f"/t/{trajectory}#e-{posted.seq}")


def _place(trajectory: str) -> Place:
    return Place(NETWORK, ACCOUNT, trajectory)


def _sender(visit: Visit) -> Sender:
    return Sender(Endpoint(NETWORK, ACCOUNT, visit.person.id), visit.person.name)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _words(form: FormData) -> str:
    """Return the words of a form. Raises HTTPException 400 when there are too many, or none."""
    words = _text(form, "text").replace("\r\n", "\n").strip("\n")
    if len(words) > MOST_TEXT or "\x00" in words:
        raise HTTPException(HTTPStatus.BAD_REQUEST)
    return words


def _seq(form: FormData, name: str = "reply_to") -> int:
    text = _text(form, name)
    return int(text) if text.isdecimal() and len(text) < 10 else 0
