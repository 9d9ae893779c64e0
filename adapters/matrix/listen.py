"""Reading the rooms of one account: our own /sync loop.

1. One /sync, gaps filled from the old token on, then events and token committed together; only the
   next /sync, asked with the committed token, lets the homeserver forget anything.
   https://spec.matrix.org/v1.16/client-server-api/#syncing
2. The library learns from the same answer before the commit. When the commit fails the answer comes
   again; what the library has taken from it already (keys for us) is left out then.
3. A token that is refused ends the account at once; everything else is waited out.
4. Invitations are accepted whoever sends them: who is not known learns nothing there either.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from adapters.matrix.news import Gatherer
from adapters.matrix.parse import NETWORK
from adapters.matrix.wire import CLIENT, OBJECT, decoded, room_path
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import AccountBroken, SendError, StoreError, Throttled, Unreachable
from bridge.core.inbound import Sender, TypingIn

if TYPE_CHECKING:
    from adapters.matrix.machine import Machine
    from adapters.matrix.settings import MatrixSettings
    from adapters.matrix.vault import Vault
    from adapters.matrix.wire import Json, Wire
    from bridge.core.adapter import Raw, Sink

_log = logging.getLogger(__name__)

_SHORTEST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_GRACE = 15.0  # seconds a /sync may take longer than was asked
_FIRST = 60.0  # seconds the first one may take, with the state of all rooms
_UPKEEP_WAIT = 2.0
_PAGE, _MAX_PAGES = 100, 200
_FILTER = msgspec.json.encode(
    {
        "presence": {"types": []},
        "account_data": {"types": []},
        "room": {
            "timeline": {"limit": 50},
            "account_data": {"types": []},
            "state": {"lazy_load_members": False},
        },
    }
).decode()


class Reader:
    """Reads the rooms of one account until cancelled."""

    def __init__(
        self, account: str, settings: MatrixSettings, wire: Wire, machine: Machine, vault: Vault
    ) -> None:
        self._account = account
        self._settings = settings
        self._wire = wire
        self._machine = machine
        self._vault = vault
        self._memory = vault.memory()
        self._gatherer = Gatherer(settings.user_id, machine, self._memory)
        self._wait = _SHORTEST_WAIT
        self._started = False
        self._since = ""
        self._upkeep_from = 0.0
        self._taken: set[bytes] = set()  # messages to our device since the last commit

    async def run(self, sink: Sink) -> None:
        """Read for ever. Raises AccountBroken."""
        while True:
            try:
                await self._step(sink)
            except (SendError, StoreError) as error:
                self._gatherer.failed()
                await self._recover(error)
            else:
                self._wait = _SHORTEST_WAIT

    async def _step(self, sink: Sink) -> None:
        if not self._started:
            await self._wire.who()
            self._since = await sink.cursor() or ""
        asked = time.monotonic()
        news = await self._sync()
        token = news.get("next_batch")
        if not isinstance(token, str) or not token:
            raise Unreachable("no_result", "the news of the homeserver have another shape")
        raws = await self._gathered(news)
        self._remember()  # what waits for its key must not be lost; taken out only afterwards
        if raws or token != self._since:
            await sink.accept(raws, token)
            self._gatherer.committed()
            self._remember()
        elif time.monotonic() - asked < _SHORTEST_WAIT:
            await self._pause()  # asking again at once would give the same
        self._since = token
        self._started = True
        self._taken.clear()
        await self._afterwards(news, sink)

    def _remember(self) -> None:
        if self._gatherer.changed:
            self._vault.remember(self._memory)
            self._gatherer.changed = False

    async def _sync(self) -> Json:
        """Ask once, after a start with the state of all rooms."""
        wanted = {"filter": _FILTER}
        if self._since:
            wanted["since"] = self._since
        if self._started:
            wanted["timeout"] = str(self._settings.sync_seconds * 1000)
        else:
            wanted["full_state"] = "true"
        path = f"{CLIENT}/sync?{urlencode(wanted)}"
        patience = self._settings.sync_seconds + _GRACE if self._started else _FIRST
        return decoded(await self._wire.call("GET", path, read_timeout=patience), OBJECT)

    # -- what to keep ----------------------------------------------------------------------

    async def _gathered(self, news: Json) -> list[Raw]:
        rooms = _rooms(news, "join")
        earlier = {room_id: await self._gap(room_id, room) for room_id, room in rooms.items()}
        self._leave_out_what_was_taken(news)
        keys_came = await self._machine.take(news, self._since)
        raws = list(self._gatherer.unsealed()) if keys_came or not self._started else []
        for room_id, room in rooms.items():
            events = [*earlier[room_id], *_events(room, "timeline")]
            begun = bool(self._since)
            raws += self._gatherer.timeline(room_id, events, begun=begun)
            raws += self._gatherer.receipts(room_id, _events(room, "ephemeral"))
        for room_id, room in _rooms(news, "leave").items():
            raws += self._gatherer.timeline(room_id, _events(room, "timeline"), begun=True)
        return raws

    async def _gap(self, room_id: str, room: Json) -> list[Any]:
        """Return what lies between the committed token and a limited timeline, oldest first.

        https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3roomsroomidmessages
        """
        timeline = room.get("timeline") or {}
        at = timeline.get("prev_batch")
        if not self._since or not timeline.get("limited") or not isinstance(at, str):
            return []
        found: list[Any] = []
        for _ in range(_MAX_PAGES):
            wanted = {"dir": "b", "from": at, "to": self._since, "limit": str(_PAGE)}
            path = f"{room_path(room_id, 'messages')}?{urlencode(wanted)}"
            page = decoded(await self._wire.call("GET", path), OBJECT)
            chunk = page.get("chunk") or []
            found += chunk
            end = page.get("end")
            if not chunk or not isinstance(end, str) or end == at:
                return found[::-1]
            at = end
        _log.error("matrix %s: more than %d events were missed", self._account, len(found))
        return found[::-1]

    def _leave_out_what_was_taken(self, news: Json) -> None:
        to_us = (news.get("to_device") or {}).get("events") or []
        fresh = []
        for event in to_us:
            sign = msgspec.json.encode(event)
            if sign not in self._taken:
                self._taken.add(sign)
                fresh.append(event)
        news["to_device"] = {"events": fresh}

    # -- afterwards ------------------------------------------------------------------------

    async def _afterwards(self, news: Json, sink: Sink) -> None:
        """What may be done late, or twice: it is no part of what is acknowledged."""
        for room_id, room in _rooms(news, "join").items():
            for user_id in self._gatherer.typists(_events(room, "ephemeral")):
                sender = Sender(Endpoint(NETWORK, self._account, user_id))
                await sink.typing(TypingIn(Place(NETWORK, self._account, room_id), sender))
        await self._upkeep()  # before we come into a room: its people need our keys to write there
        for room_id in [*_rooms(news, "invite"), *self._moved(news)]:
            await self._join(room_id)

    async def _upkeep(self) -> None:
        """Look after the keys; trouble with them must not keep people from being heard."""
        if time.monotonic() < self._upkeep_from:
            return
        try:
            await self._machine.upkeep()
        except AccountBroken:
            raise
        except SendError as error:
            _log.warning("matrix %s: cannot look after the keys: %s", self._account, error.code)
            self._upkeep_from = time.monotonic() + _UPKEEP_WAIT

    def _moved(self, news: Json) -> list[str]:
        """Return the rooms that take the place of others."""
        found = []
        for room in _rooms(news, "join").values():
            for event in _events(room, "timeline"):
                if isinstance(event, dict) and event.get("type") == "m.room.tombstone":
                    new = (event.get("content") or {}).get("replacement_room")
                    found += [new] if isinstance(new, str) else []
        return found

    async def _join(self, room_id: str) -> None:
        try:
            await self._wire.call("POST", f"{CLIENT}/join/{quote(room_id, safe='')}", {})
        except AccountBroken:
            raise
        except SendError as error:
            _log.warning("matrix %s: could not join a room: %s", self._account, error.code)

    async def _recover(self, error: SendError | StoreError) -> None:
        """Wait out what went wrong. Raises AccountBroken."""
        match error:
            case AccountBroken():
                raise error
            case Throttled():
                await asyncio.sleep(max(error.retry_after, _SHORTEST_WAIT))
                return
            case StoreError():
                _log.error("matrix %s: events could not be kept, asking again", self._account)
            case _:
                _log.warning("matrix %s: cannot read rooms: %s", self._account, error)
        await self._pause()

    async def _pause(self) -> None:
        await asyncio.sleep(self._wait)
        self._wait = min(self._wait * 2, _LONGEST_WAIT)


def _rooms(news: Json, how: str) -> dict[str, Json]:
    rooms = (news.get("rooms") or {}).get(how) or {}
    return {room_id: room for room_id, room in rooms.items() if isinstance(room, dict)}


def _events(room: Json, part: str) -> list[Any]:
    events = (room.get(part) or {}).get("events")
    return events if isinstance(events, list) else []
