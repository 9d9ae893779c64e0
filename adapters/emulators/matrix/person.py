"""What people do in their own clients, for tests and for the demo."""

from __future__ import annotations

import asyncio
import html
from typing import TYPE_CHECKING, TypedDict, Unpack

from adapters.emulators.matrix import rules
from adapters.emulators.matrix.errors import MatrixError
from adapters.emulators.matrix.journal import Said, What
from adapters.emulators.matrix.timeline import Line, lines_of
from adapters.emulators.misuse import EmulatorMisuseError, Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.emulators.matrix.service import Service
    from adapters.emulators.matrix.world import Account, Event, Room

HTML = "org.matrix.custom.html"


class Where(TypedDict, total=False):
    """Where a person writes, and what they answer; no room = the only one they are in."""

    room: str
    reply_to: str


class FileArgs(Where, total=False):
    """What their client knows of a file; duration in seconds."""

    caption: str
    duration: int


class Person:
    """One person on this homeserver."""

    def __init__(self, service: Service, account: Account) -> None:
        self.service = service
        self.account = account

    @property
    def id(self) -> str:
        """Their address."""
        return self.account.user_id

    # -- rooms ------------------------------------------------------------------------------

    def make_room(self, *invited: str, name: str = "", **more: object) -> Room:
        """Make a private room and invite people; without a name it is a chat with them."""
        wanted: Json = {"preset": "trusted_private_chat", "invite": invited, "name": name, **more}
        return self.service.create_room(self.id, {"is_direct": not name, **wanted})

    def rooms(self) -> list[Room]:
        """The rooms they are in."""
        return self.service.world.rooms_of(self.id)

    def invitations(self) -> list[Room]:
        """The rooms they could come into."""
        return self.service.world.rooms_of(self.id, "invite")

    def room(self, room_id: str | None = None) -> Room:
        """One of their rooms; the only one where none is named."""
        rooms = self.rooms()
        found = [room for room in rooms if room_id in (None, room.id)]
        if len(found) != 1:
            raise EmulatorMisuseError(f"{self.account.name} is in {len(found)} such rooms")
        return found[0]

    def join(self, room_id: str) -> Room:
        """Accept an invitation."""
        room = self.service.join(room_id, self.id)
        self._note("joined", room)
        return room

    def leave(self, room_id: str) -> None:
        """Leave a room."""
        room = self.room(room_id)
        self.service.leave(room.id, self.id)
        self._note("left", room)

    def _event(self, event_id: str, room: str | None) -> Event:
        found = self.room(room).event(event_id)
        if found is None or found.redacted is not None:
            raise EmulatorMisuseError(f"there is no message {event_id}")
        return found

    def _own(self, event_id: str, room: str | None) -> Event:
        event = self._event(event_id, room)
        if event.sender != self.id:
            raise EmulatorMisuseError("only one's own messages can be changed")
        return event

    def _note(self, what: What, room: Room, event: Event | None = None, text: str = "") -> None:
        """Write in the journal what a person did."""
        content = event.content if event is not None else {}
        said = Said(
            **self.service.journal.stamp(),
            what=what,
            person=self.id,
            chat=room.id,
            message_id=event.id if event is not None else "",
            kind=str(content.get("msgtype", "")),
            text=text or str(content.get("body", "")),
        )
        self.service.journal.said.append(said)

    # -- writing ----------------------------------------------------------------------------

    async def _say(self, content: Json, where: Where) -> Event:
        room = self.room(where.get("room"))
        if where.get("reply_to"):
            answered = self._event(where["reply_to"], room.id)
            relation = {"m.in_reply_to": {"event_id": answered.id}}
            content = {**content, "m.relates_to": relation}
        try:
            event = self.service.send(room, self.id, "m.room.message", content)
        except MatrixError as refused:
            raise EmulatorMisuseError(refused.words) from refused
        self._note("sent", room, event)
        self.service.read(room, self.id, event.id)
        await asyncio.sleep(0)
        return event

    async def send(
        self, text: str, *, content: Json | None = None, **where: Unpack[Where]
    ) -> Event:
        """Send a text; `content` holds fields of a message instead of the usual ones."""
        return await self._say(content or text_content(text), where)

    async def send_file(
        self, data: bytes, *, name: str, mime: str, kind: str = "m.file", **args: Unpack[FileArgs]
    ) -> Event:
        """Send a file of a `msgtype`, perhaps with words."""
        stored = self.service.world.store(data, mime, name)
        info: Json = {"mimetype": mime, "size": len(data)}
        content: Json = {"msgtype": kind, "url": stored.uri, "info": info}
        caption = args.get("caption", "")
        content |= {"body": caption, "filename": name} if caption else {"body": name}
        if "duration" in args:
            info["duration"] = args["duration"] * 1000
        where = Where(room=self.room(args.get("room")).id, reply_to=args.get("reply_to", ""))
        return await self._say(content, where)

    async def send_photo(
        self, data: bytes, *, mime: str = "image/jpeg", **args: Unpack[FileArgs]
    ) -> Event:
        """Send a picture."""
        name = f"photo.{mime.rpartition('/')[2]}"
        return await self.send_file(data, name=name, mime=mime, kind="m.image", **args)

    async def send_voice(self, data: bytes, **args: Unpack[FileArgs]) -> Event:
        """Record and send a voice message, as MSC3245 marks it."""
        stored = self.service.world.store(data, "audio/ogg", "Voice message.ogg")
        milliseconds = args.get("duration", 1) * 1000
        content: Json = {
            "msgtype": "m.audio",
            "body": "Voice message.ogg",
            "url": stored.uri,
            "info": {"mimetype": "audio/ogg", "size": len(data), "duration": milliseconds},
            "org.matrix.msc1767.audio": {"duration": milliseconds},
            "org.matrix.msc3245.voice": {},
        }
        where = Where(room=self.room(args.get("room")).id, reply_to=args.get("reply_to", ""))
        return await self._say(content, where)

    # -- changing ---------------------------------------------------------------------------

    async def edit(self, event_id: str, text: str, *, room: str | None = None) -> Event:
        """Change a message of one's own."""
        target = self._own(event_id, room)
        new = text_content(text)
        relation = {"rel_type": "m.replace", "event_id": target.id}
        content = {**new, "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
        event = self.service.send(target.room, self.id, "m.room.message", content)
        self._note("edited", target.room, event, text)
        await asyncio.sleep(0)
        return event

    async def delete(self, event_id: str, *, room: str | None = None) -> None:
        """Withdraw a message of one's own."""
        target = self._own(event_id, room)
        self.service.redact(target.room, self.id, target.id)
        self._note("deleted", target.room, target)
        await asyncio.sleep(0)

    async def react(self, event_id: str, emoji: str, *, room: str | None = None) -> Event:
        """Put an emoji below a message."""
        target = self._event(event_id, room)
        relation = {"rel_type": "m.annotation", "event_id": target.id, "key": emoji}
        try:
            event = self.service.send(
                target.room, self.id, "m.reaction", {"m.relates_to": relation}
            )
        except MatrixError as refused:
            raise EmulatorMisuseError(refused.words) from refused
        self._note("reacted", target.room, target, emoji)
        await asyncio.sleep(0)
        return event

    async def unreact(self, event_id: str, emoji: str, *, room: str | None = None) -> None:
        """Take an emoji away again."""
        target = self._event(event_id, room)
        for event in target.room.relations(target.id, "m.annotation"):
            if (event.sender, event.relation.get("key")) == (self.id, emoji):
                self.service.redact(target.room, self.id, event.id)
        self._note("reacted", target.room, target)
        await asyncio.sleep(0)

    async def read(self, *, room: str | None = None) -> None:
        """Have read everything."""
        found = self.room(room)
        self.service.read(found, self.id, found.events[-1].id)
        self._note("read", found)
        await asyncio.sleep(0)

    # -- looking ----------------------------------------------------------------------------

    def screen(self, room: str | None = None) -> list[Line]:
        """What this person sees, oldest first."""
        found = self.room(room)
        return list(lines_of(found, rules.visible(found, self.id, found.events), self.id))

    async def wait_for(
        self, wanted: str | Callable[[Line], bool], within: float = 5.0, *, room: str | None = None
    ) -> Line:
        """The first message of somebody else that shows `wanted`; TimeoutError after `within`."""

        def look() -> Line | None:
            for line in self.screen(room):
                fits = wanted in line.text if isinstance(wanted, str) else wanted(line)
                if not line.mine and fits:
                    return line
            return None

        return await self.service.until(look, within)


def text_content(text: str) -> Json:
    """What a client makes of a text: words, and `**bold**` as it is typed."""
    marked = html.escape(text, quote=False).split("**")
    content: Json = {"msgtype": "m.text", "body": text}
    if len(marked) < 3 or len(marked) % 2 == 0:
        return content
    bold = (f"<strong>{part}</strong>" if n % 2 else part for n, part in enumerate(marked))
    return {**content, "format": HTML, "formatted_body": "".join(bold).replace("\n", "<br>")}
