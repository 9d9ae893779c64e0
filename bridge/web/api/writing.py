"""The routes that write: messages, notes, how far somebody read, sessions that end."""

import asyncio
import re
import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from bridge.core.content import Attachment, Content
from bridge.core.endpoint import ID_PATTERN
from bridge.core.entries import MOST_MINUTES
from bridge.core.errors import Rejected
from bridge.web import saying, views
from bridge.web.api import Parts, acts
from bridge.web.api.acts import Outcome, Posted
from bridge.web.api.answers import RefusedError, answered, not_there
from bridge.web.api.document import writes
from bridge.web.api.reading import TrajectoryId, caller_of
from bridge.web.api.shapes import KeptFile
from bridge.web.looks import Looks, looks
from storage import uploads
from storage.unit import Unit
from storage.wants import Wants

MOST_TEXT = 20_000
_SEQ = 2**31 - 1

Text = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MOST_TEXT,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        description="Plain words; not only spaces.",
    ),
]
Seq = Annotated[int, Path(ge=1, le=_SEQ, description="Seq of the message.")]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description="The same key again is the same message.",
    ),
]


Name = Annotated[
    str, Query(max_length=120, pattern=r"^[^\x00]*$", description="What it is called.")
]
_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]{1,80}")
_ANY_BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewMessage(Body):
    """What is said to everybody in the trajectory: words, a file, or both."""

    text: str = Field(
        default="", max_length=MOST_TEXT, pattern=r"^[^\x00]*$", description="Plain words."
    )
    attachment: str = Field(default="", max_length=120, description="Id of a file kept before.")
    voice: bool = Field(default=False, description="The file is a voice note.")
    seconds: int = Field(default=0, ge=0, le=86_400, description="How long a recording is.")
    reply_to: int | None = Field(default=None, ge=1, le=_SEQ, description="Seq of a message.")


class Edited(Body):
    """What the message says from now on."""

    text: Text


class Held(Body):
    """A session that was held in one room."""

    minutes: int = Field(ge=1, le=MOST_MINUTES, description="How long it was.")
    text: str = Field(
        default="", max_length=MOST_TEXT, pattern=r"^[^\x00]*$", description="What it came to."
    )


class NewCall(Body):
    """Whom to call."""

    client: str = Field(
        default="",
        max_length=64,
        pattern=r"^[^\x00]*$",
        description="Id of a client; nothing = the only one there is.",
    )


class Reacted(Body):
    """The reactions the person has from now on; none takes them back."""

    emoji: list[Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[^\s\x00]+$")]] = (
        Field(max_length=3)
    )


class NewNote(Body):
    """What only the coaches of the trajectory read."""

    text: Text


class NudgeMoved(Body):
    """Another moment for a planned nudge; without one it is taken back."""

    at: AwareDatetime | None = Field(default=None, description="With an offset from UTC.")


class ReadMark(Body):
    """How far the person has read."""

    seq: int = Field(ge=0, le=_SEQ)


def router(parts: Parts) -> APIRouter:
    """Return the routes."""
    routes = APIRouter()
    _messages(routes, parts)
    _files(routes, parts)
    _changes(routes, parts)
    _questions(routes, parts)
    _others(routes, parts)
    return routes


def _messages(routes: APIRouter, parts: Parts) -> None:
    catalogue = parts.catalogue

    @routes.post("/trajectories/{trajectory}/messages", status_code=201, responses=writes(Posted))
    async def say(
        request: Request, trajectory: TrajectoryId, message: NewMessage, key: Key = ""
    ) -> Response:
        """Say something to everybody in the trajectory."""
        person, own = caller_of(request).person, key or secrets.token_urlsafe(12)
        content = await _content(parts, trajectory, person, message)
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.say(
                unit, catalogue, trajectory, person, own, content, message.reply_to
            ),
        )

    @routes.post("/trajectories/{trajectory}/preview", responses=writes(Looks, 200))
    async def preview(request: Request, trajectory: TrajectoryId, message: NewMessage) -> Response:
        """Return how everybody would get a message; nothing is sent."""
        person = caller_of(request).person
        content = await _content(parts, trajectory, person, message)
        decision = await parts.writer.submit(
            lambda unit: acts.foreseen(
                unit, catalogue, trajectory, person, content, message.reply_to
            ),
            Wants(trajectories=(trajectory,), people=(person,)),
        )
        if isinstance(decision, RefusedError):
            raise decision
        return answered(
            await asyncio.to_thread(
                looks, parts.store, parts.adapters, parts.public_url, person, decision
            )
        )

    @routes.post("/trajectories/{trajectory}/notes", status_code=201, responses=writes(Posted))
    async def note(request: Request, trajectory: TrajectoryId, note: NewNote) -> Response:
        """Note something down for the coaches of the trajectory; it goes to nobody."""
        person = caller_of(request).person
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.note(unit, catalogue, trajectory, person, note.text),
        )

    @routes.post("/trajectories/{trajectory}/held", status_code=201, responses=writes(Posted))
    async def held(request: Request, trajectory: TrajectoryId, session: Held) -> Response:
        """Log a session that was held face to face; its words are for the coaches."""
        person = caller_of(request).person
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.held(
                unit, catalogue, trajectory, person, session.minutes, session.text
            ),
        )

    @routes.post("/trajectories/{trajectory}/calls", status_code=201, responses=writes(Posted))
    async def call(request: Request, trajectory: TrajectoryId, wanted: NewCall) -> Response:
        """Ring the person's telephone and then the client's, and connect the two."""
        person = caller_of(request).person
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.call(unit, catalogue, trajectory, person, wanted.client),
        )


def _files(routes: APIRouter, parts: Parts) -> None:
    @routes.post(
        "/trajectories/{trajectory}/files",
        status_code=201,
        responses=writes(KeptFile),
        openapi_extra=_ANY_BYTES,
    )
    async def keep(request: Request, trajectory: TrajectoryId, name: Name = "") -> Response:
        """Keep the body as a file of the person; a message shows it by its id."""
        person = caller_of(request).person
        await asyncio.to_thread(views.require, parts.store, person, trajectory)
        mime = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if _MIME.fullmatch(mime) is None:
            mime = "application/octet-stream"
        file = Attachment(mime=mime, name=name)
        try:
            kept = await uploads.upload(
                parts.store,
                parts.blobs,
                trajectory,
                person,
                file,
                request.stream(),
                parts.max_upload,
                parts.now(),
            )
        except Rejected:
            told = f"Send at most {parts.max_upload} bytes."
            raise RefusedError(413, "too_large", told) from None
        except ClientDisconnect:
            raise RefusedError(400, "cut_off", "Send the whole body.") from None
        return answered(KeptFile(kept.id, kept.size), 201)


async def _content(parts: Parts, trajectory: str, person: str, message: NewMessage) -> Content:
    """Return what a message says. Raises RefusedError."""
    if ID_PATTERN.fullmatch(trajectory) is None:
        raise not_there()
    if not message.attachment and not message.text.strip():
        raise RefusedError(422, "not_as_described", "Send words, a kept file, or both: body.text.")
    content = await asyncio.to_thread(
        saying.content_of,
        parts.store,
        trajectory,
        person,
        message.text,
        message.attachment,
        voice=message.voice,
        seconds=message.seconds,
    )
    if content is None:
        raise not_there()
    return content


def _changes(routes: APIRouter, parts: Parts) -> None:
    catalogue = parts.catalogue
    message = "/trajectories/{trajectory}/messages/{seq}"

    @routes.post(f"{message}/edit", status_code=201, responses=writes(Posted))
    async def edit(
        request: Request, trajectory: TrajectoryId, seq: Seq, edited: Edited
    ) -> Response:
        """Change what the person said; the log keeps what it was."""
        person = caller_of(request).person
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.edit(unit, catalogue, trajectory, person, seq, edited.text),
        )

    @routes.post(f"{message}/withdraw", status_code=201, responses=writes(Posted))
    async def withdraw(request: Request, trajectory: TrajectoryId, seq: Seq) -> Response:
        """Withdraw what the person said, where the networks can; the log keeps it."""
        person = caller_of(request).person
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.withdraw(unit, catalogue, trajectory, person, seq),
        )

    @routes.post(f"{message}/reactions", status_code=201, responses=writes(Posted))
    async def react(
        request: Request, trajectory: TrajectoryId, seq: Seq, reacted: Reacted
    ) -> Response:
        """Set the reactions the person has on a message."""
        person = caller_of(request).person
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.react(unit, catalogue, trajectory, person, seq, reacted.emoji),
        )


class Answered(Body):
    """The key of an option, as the log tells it."""

    key: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")


def _questions(routes: APIRouter, parts: Parts) -> None:
    @routes.post(
        "/trajectories/{trajectory}/questions/{seq}", status_code=201, responses=writes(Posted)
    )
    async def answer(
        request: Request, trajectory: TrajectoryId, seq: Seq, answered: Answered
    ) -> Response:
        """Answer a question the bridge put to the person, such as whether to write a recap."""
        person, catalogue = caller_of(request).person, parts.catalogue
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.answer(unit, catalogue, trajectory, person, seq, answered.key),
        )


def _others(routes: APIRouter, parts: Parts) -> None:
    @routes.post(
        "/trajectories/{trajectory}/nudges/{seq}", status_code=201, responses=writes(Posted)
    )
    async def change_nudge(
        request: Request, trajectory: TrajectoryId, seq: Seq, moved: NudgeMoved
    ) -> Response:
        """Move a planned nudge, or take it back."""
        person, catalogue = caller_of(request).person, parts.catalogue
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.change_nudge(unit, catalogue, trajectory, person, seq, moved.at),
        )

    @routes.post(
        "/trajectories/{trajectory}/appointments/{seq}/cancel",
        status_code=201,
        responses=writes(Posted),
    )
    async def cancel(request: Request, trajectory: TrajectoryId, seq: Seq) -> Response:
        """Call an appointment off; both are told. ``seq`` is that of its booking."""
        person, catalogue = caller_of(request).person, parts.catalogue
        return await carried_out(
            parts,
            trajectory,
            lambda unit: acts.cancel_appointment(unit, catalogue, trajectory, person, seq),
        )

    @routes.post("/trajectories/{trajectory}/read", status_code=201, responses=writes(Posted))
    async def read(request: Request, trajectory: TrajectoryId, mark: ReadMark) -> Response:
        """Note how far the person has read; it only moves forward."""
        person = caller_of(request).person
        return await carried_out(
            parts, trajectory, lambda unit: acts.mark_read(unit, trajectory, person, mark.seq)
        )

    @routes.post("/sessions/{session}/revoke", status_code=201, responses=writes(Posted))
    async def revoke(request: Request, session: str) -> Response:
        """End a session of the person in the console."""
        person = caller_of(request).person
        if not session.isalnum() or not await parts.writer.submit(
            lambda unit: unit.sessions.revoke(session, person)
        ):
            raise not_there()
        return answered(Posted(0), 201)


async def carried_out(parts: Parts, trajectory: str, work: Callable[[Unit], Outcome]) -> Response:
    if ID_PATTERN.fullmatch(trajectory) is None:
        raise not_there()
    outcome = await parts.writer.submit(work, Wants(trajectories=(trajectory,)))
    if isinstance(outcome, RefusedError):
        raise outcome
    return answered(outcome, 201)
