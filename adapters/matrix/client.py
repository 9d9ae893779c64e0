"""One account on a homeserver: sending, fetching, and what rooms are for.

1. The transaction id of everything we send comes from the outbox key, and the device is always the
   same: the same key again is the same message, however often it is sent.
   https://spec.matrix.org/v1.16/client-server-api/#transaction-identifiers
2. A place whose chat is a person's address is their private room with us: found, or made, and told
   as EndpointMoved, so that everything that waits goes there too.
3. What fails before the message itself is written has sent nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec

from adapters.matrix import parse, render
from adapters.matrix.refusals import DUPLICATE
from adapters.matrix.vault import Vault
from bridge.core.adapter import Absent, Found, Sent
from bridge.core.endpoint import Place
from bridge.core.errors import (
    Certainty,
    EndpointMoved,
    Rejected,
    SendError,
    Undeliverable,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from adapters.matrix.machine import Machine
    from adapters.matrix.settings import MatrixSettings
    from adapters.matrix.wire import Json, Wire
    from bridge.core.adapter import Delivery, Files, Reconciled, Rendered, Request, Sink
    from bridge.core.capabilities import Capabilities
    from bridge.core.inbound import Inbound
    from bridge.core.probing import Finding

_TYPING_MS = 8000
_DUPLICATE = DUPLICATE.removeprefix("M_").lower()
_MARK = "coachbridge.place"
"""A state event of the rooms we make for trajectories: which request made them."""


class _Made(msgspec.Struct):
    event_id: str = ""
    room_id: str = ""


class _Rooms(msgspec.Struct):
    joined_rooms: list[str]


_MADE = msgspec.json.Decoder(_Made)
_ROOMS = msgspec.json.Decoder(_Rooms)


class MatrixAdapter:
    """See ``bridge.core.adapter`` for when each method is called."""

    network = parse.NETWORK

    def __init__(self, account: str, settings: MatrixSettings, capabilities: Capabilities) -> None:
        self.account = account
        self.capabilities = capabilities
        self._settings = settings
        self._vault = Vault(settings.keys / account)
        self._wire: Wire | None = None
        self._machine: Machine | None = None
        self._opening = asyncio.Lock()

    def __repr__(self) -> str:
        return f"MatrixAdapter({self.account!r})"

    # -- pure ----------------------------------------------------------------------------------

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the name of a payload."""
        return parse.keys(payload)

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what a payload tells. Raises ParseError."""
        return parse.parse(payload, self.account, self._settings.user_id)

    def render(self, delivery: Delivery) -> Rendered:
        """Return the requests for an effect."""
        return render.render(delivery)

    def pace(self, chat: str) -> float:
        """Homeservers limit accounts, not rooms."""
        del chat
        return self.capabilities.rates.chat

    # -- calling -------------------------------------------------------------------------------

    async def _connected(self) -> tuple[Wire, Machine]:
        if self._wire is None or self._machine is None:
            # The imports take half a second; in a thread the rest of the start goes on meanwhile.
            wire_kind, machine_kind = await asyncio.to_thread(_load)
            async with self._opening:
                if self._wire is None or self._machine is None:
                    wire = wire_kind(self._settings, self._vault)
                    self._wire = wire
                    self._machine = machine_kind(self._settings, self._vault, wire)
        return self._wire, self._machine

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Make one request. Raises SendError."""
        if request.method == render.OPEN:
            return await self._open(request, key)
        room_id = await self._room(str(request.params["room"]), str(request.params["person"]))
        match request.method:
            case render.REDACT:
                await self._redact(room_id, str(request.params["event"]), key)
                return Sent()
            case render.REACT:
                await self._react(room_id, request, key)
                return Sent()
            case _:
                return await self._say(room_id, request, key, files)

    async def _say(self, room_id: str, request: Request, key: str, files: Files) -> Sent:
        wire, machine = await self._connected()
        try:
            content = await self._filed(room_id, request, files)
            kind, content = await machine.sealed(room_id, "m.room.message", content)
        except SendError as error:
            raise _unsent(error) from None
        made = await self._put(wire, room_id, ("send", kind), key, content)
        return Sent((made.event_id,)) if request.shows else Sent()

    async def _filed(self, room_id: str, request: Request, files: Files) -> Json:
        """Return the content with where its file lies."""
        content: Any = request.params["content"]
        if not request.uploads:
            return dict(content)
        from adapters.matrix.files import upload

        wire, machine = await self._connected()
        encrypt = bool((await machine.room(room_id)).encrypted)
        where = await upload(wire, request.uploads[0], files, encrypt=encrypt)
        if "m.new_content" in content:
            return {**content, **where, "m.new_content": {**content["m.new_content"], **where}}
        return {**content, **where}

    async def _put(
        self, wire: Wire, room_id: str, what: tuple[str, ...], key: str, content: Json
    ) -> _Made:
        from adapters.matrix.wire import decoded, room_path

        path = room_path(room_id, *what, self._transaction(key))
        made = decoded(await wire.call("PUT", path, content), _MADE)
        return made if made.event_id else decoded(b"", _MADE)

    def _transaction(self, key: str) -> str:
        """Return the transaction id of an outbox key, which may hold any characters."""
        return "cb-" + hashlib.sha256(f"{self.account}|{key}".encode()).hexdigest()[:40]

    async def _redact(self, room_id: str, event_id: str, key: str) -> None:
        wire, _ = await self._connected()
        try:
            await self._put(wire, room_id, ("redact", event_id), key, {})
        except Undeliverable as error:
            raise Rejected(error.code, error.detail) from None  # says nothing about the person

    async def _react(self, room_id: str, request: Request, key: str) -> None:
        """Make our reactions on a message the ones asked for; any step may be made twice."""
        wire, _ = await self._connected()
        about, wanted = str(request.params["event"]), _texts(request.params["emoji"])
        try:
            ours = await self._reactions(wire, room_id, about)
        except Undeliverable:
            raise Rejected("message_gone", "the message is not there any more") from None
        for event_id, emoji in ours.items():
            if emoji not in wanted:
                await self._redact(room_id, event_id, f"{key}/{event_id}")
        for emoji in wanted:
            if emoji not in ours.values():
                relation = {"rel_type": "m.annotation", "event_id": about, "key": emoji}
                content: Json = {"m.relates_to": relation}
                try:
                    await self._put(
                        wire, room_id, ("send", "m.reaction"), f"{key}/{emoji}", content
                    )
                except Rejected as error:
                    if error.code != _DUPLICATE:
                        raise

    async def _reactions(self, wire: Wire, room_id: str, about: str) -> dict[str, str]:
        """Return our reactions on a message by their ids.

        https://spec.matrix.org/v1.16/client-server-api/#relationships-api
        """
        from adapters.matrix.wire import CLIENT, OBJECT, decoded

        where = "/".join(quote(part, safe="") for part in (room_id, "relations", about))
        path = f"{CLIENT.replace('v3', 'v1')}/rooms/{where}/m.annotation/m.reaction?limit=100"
        found = decoded(await wire.call("GET", path), OBJECT).get("chunk") or []
        ours = {}
        for event in found:
            if event.get("sender") == self._settings.user_id:
                relation = (event.get("content") or {}).get("m.relates_to") or {}
                ours[str(event.get("event_id"))] = str(relation.get("key"))
        return ours

    # -- rooms ---------------------------------------------------------------------------------

    async def _room(self, chat: str, person: str) -> str:
        """Return the room of a chat that this person can read, and nobody else. Raises SendError.

        An address that is none of Matrix is not compared, only counted.
        """
        _, machine = await self._connected()
        try:
            if chat.startswith("@") and ":" in chat:
                raise EndpointMoved(await self._direct(chat))
            if not chat.startswith("!"):
                raise Undeliverable("chat_not_found", "this is no room of Matrix")
            room = await machine.room(chat)
            if len(machine.others(chat)) != 1:  # a sync may have told of a room half made
                room = await machine.room(chat, afresh=True)
            others = machine.others(chat)
            if not others or (person.startswith("@") and person not in others):
                raise Undeliverable("left", "they are not in this room any more")
            if len(others) > 1 and not room.name and person.startswith("@"):
                # Their private chat is not private any more: they get another one.
                raise EndpointMoved(await self._direct(person))
            if len(others) > 1:
                # That somebody came in is news that takes the place away; until then it waits.
                raise Unreachable("exposed", "somebody else is in this room")
        except SendError as error:
            raise _unsent(error) from None
        return chat

    async def _direct(self, user_id: str) -> str:
        """Return our private room with a person, inviting them where there is none.

        After a start it may be that no sync has told of our rooms yet: then they are asked for.
        """
        wire, machine = await self._connected()
        known = machine.direct_with(user_id)
        if not known:
            for room_id in await self._joined(wire):
                with suppress(Undeliverable):  # we may have left it this moment
                    await machine.room(room_id)
            known = machine.direct_with(user_id)
        if known:
            return known
        wanted: Json = {"preset": "trusted_private_chat", "is_direct": True}
        return await self._create({**wanted, "invite": [user_id]})

    async def _joined(self, wire: Wire) -> list[str]:
        from adapters.matrix.wire import CLIENT, decoded

        answer = await wire.call("GET", f"{CLIENT}/joined_rooms")
        return decoded(answer, _ROOMS).joined_rooms

    async def _open(self, request: Request, key: str) -> Sent:
        """Make a room for a trajectory, with nobody but the coach invited."""
        found = await self.reconcile(request, key)
        if isinstance(found, Found):
            return found.sent
        mark = {"type": _MARK, "state_key": "", "content": {"key": self._transaction(key)}}
        room_id = await self._create(
            {
                "preset": "private_chat",
                "name": request.params["name"],
                "invite": [request.params["invite"]],
                "initial_state": [mark],
            }
        )
        return self._opened(room_id)

    def _opened(self, room_id: str) -> Sent:
        return Sent(opened=Place(self.network, self.account, room_id))

    async def _create(self, wanted: Json) -> str:
        from adapters.matrix.wire import CLIENT, decoded

        wire, _ = await self._connected()
        state = list(wanted.get("initial_state", []))
        if self._settings.encryption:
            algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
            state.append({"type": "m.room.encryption", "state_key": "", "content": algorithm})
        # Whoever comes in later reads nothing of what was said before.
        seen = {"history_visibility": "invited"}
        state.append({"type": "m.room.history_visibility", "state_key": "", "content": seen})
        body = {**wanted, "initial_state": state, "visibility": "private"}
        made = decoded(await wire.call("POST", f"{CLIENT}/createRoom", body), _MADE)
        return made.room_id

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """An ambiguous message may simply be sent again: with its key it is the same message.

        A room has no such key; its mark tells. Raises SendError.
        """
        if request.method != render.OPEN:
            return Absent()
        from adapters.matrix.wire import OBJECT, decoded, room_path

        wire, machine = await self._connected()
        for room_id in await self._joined(wire):
            room = machine.client.rooms.get(room_id)
            if room is not None and room.name != request.params["name"]:
                continue
            try:
                mark = await wire.call("GET", room_path(room_id, "state", _MARK, ""))
            except Undeliverable:
                continue
            if decoded(mark, OBJECT).get("key") == self._transaction(key):
                return Found(self._opened(room_id))
        return Absent()

    async def typing(self, place: Place) -> None:
        """Show "typing" for some eight seconds."""
        from adapters.matrix.wire import room_path

        wire, _ = await self._connected()
        path = room_path(place.chat, "typing", self._settings.user_id)
        await wire.call("PUT", path, {"typing": True, "timeout": _TYPING_MS})

    async def check(self) -> str:
        """Return our own address. Raises SendError."""
        wire, _ = await self._connected()
        return await wire.who()

    def called_at(self) -> str:
        """Nobody calls us: we ask."""
        return ""

    async def probe(self) -> Sequence[Finding]:
        """Look at the keys of our device and the clock. Raises SendError."""
        from adapters.matrix.probe import probe

        wire, _ = await self._connected()
        return await probe(wire, self._settings, self._vault.folder)

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file. Raises SendError."""
        from adapters.matrix import files

        wire, _ = await self._connected()
        async for chunk in files.fetch(wire, ref):
            yield chunk

    async def close(self) -> None:
        """Close the connections and the key store."""
        wire, machine, self._wire, self._machine = self._wire, self._machine, None, None
        if machine is not None:
            machine.close()
        if wire is not None:
            await wire.close()

    async def listen(self, sink: Sink) -> None:
        """Read rooms until cancelled. Raises AccountBroken."""
        from adapters.matrix.listen import Reader

        wire, machine = await self._connected()
        await Reader(self.account, self._settings, wire, machine, self._vault).run(sink)


def _load() -> tuple[type[Wire], type[Machine]]:
    from adapters.matrix.machine import Machine
    from adapters.matrix.wire import Wire

    return Wire, Machine


def _unsent(error: SendError) -> SendError:
    error.certainty = Certainty.NOT_SENT
    return error


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
