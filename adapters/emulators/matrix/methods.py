"""The calls of the Client-Server API that a bot or a person's client makes, by name.

Each takes what was asked and returns the answer; MatrixError is a refusal.
https://spec.matrix.org/v1.16/client-server-api/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from adapters.emulators.matrix import accounts
from adapters.emulators.matrix.errors import MatrixError, forbidden, invalid, not_found
from adapters.emulators.matrix.journal import Shown
from adapters.emulators.matrix.sync import Sync, page
from adapters.emulators.misuse import Json

if TYPE_CHECKING:
    from adapters.emulators.matrix.journal import Call
    from adapters.emulators.matrix.service import Service
    from adapters.emulators.matrix.world import Account, Event, Room

MAX_UPLOAD = 50_000_000
_MESSAGES = frozenset({"m.room.message", "m.sticker"})


@dataclass(slots=True)
class Ask:
    """One call: whose, with what in its path, its query and its body."""

    service: Service
    call: Call
    account: Account
    device: str
    path: str
    where: dict[str, str]
    query: dict[str, str]
    body: Json

    @property
    def user_id(self) -> str:
        """Who calls."""
        return self.account.user_id

    def room(self) -> Room:
        """The room of the path, if the caller is in it."""
        return self.service.room(self.where["room"], self.user_id)

    def event(self) -> Event:
        """The event of the path."""
        found = self.room().event(self.where["event"])
        if found is None:
            raise not_found("Event not found.")
        return found

    def own(self) -> Account:
        """The account of the path, which has to be the caller's."""
        if self.where["user"] != self.user_id:
            raise forbidden("Cannot do this for other users!")
        return self.account


async def sync(ask: Ask) -> Json:
    wanted: Json = dict(ask.query)
    given = ask.query.get("filter", "")
    if given.startswith("{"):
        wanted["filter"] = msgspec.json.decode(given)
    elif given:
        wanted["filter"] = accounts.filter_of(ask.account, given)
    return await Sync(ask.service, ask.account, ask.device, wanted).answer()


# -- rooms ---------------------------------------------------------------------------------------


def joined_rooms(ask: Ask) -> Json:
    return {"joined_rooms": [room.id for room in ask.service.world.rooms_of(ask.user_id)]}


def create_room(ask: Ask) -> Json:
    room = ask.service.create_room(ask.user_id, ask.body)
    ask.call.chat = room.id
    return {"room_id": room.id}


def join(ask: Ask) -> Json:
    return {"room_id": ask.service.join(ask.where["room"], ask.user_id).id}


def leave(ask: Ask) -> Json:
    ask.service.leave(ask.where["room"], ask.user_id)
    return {}


def invite(ask: Ask) -> Json:
    ask.service.invite(ask.room(), ask.user_id, str(ask.body["user_id"]))
    return {}


def state(ask: Ask) -> list[Json]:
    return [event.json(ask.device) for event in ask.room().state.values()]


def state_of(ask: Ask) -> Json:
    found = ask.room().state.get((ask.where["kind"], ask.where.get("key", "")))
    if found is None:
        raise not_found("Event not found.")
    return found.content


def set_state(ask: Ask) -> Json:
    kind, key = ask.where["kind"], ask.where.get("key", "")
    event = ask.service.set_state(ask.room(), ask.user_id, kind, key, ask.body)
    return {"event_id": event.id}


def members(ask: Ask) -> Json:
    found = ask.room().state.items()
    return {"chunk": [e.json(ask.device) for (kind, _), e in found if kind == "m.room.member"]}


def joined_members(ask: Ask) -> Json:
    names = {user: ask.service.account(user).name for user in ask.room().members()}
    return {"joined": {user: {"display_name": name} for user, name in names.items()}}


def messages(ask: Ask) -> Json:
    return page(ask.room(), ask.user_id, ask.device, dict(ask.query))


def event(ask: Ask) -> Json:
    return ask.event().json(ask.device)


def relations(ask: Ask) -> Json:
    """Newest first. https://spec.matrix.org/v1.16/client-server-api/#relationships-api"""
    found = ask.room().relations(ask.event().id, ask.where.get("rel", ""))
    kind = ask.where.get("kind", "")
    return {"chunk": [e.json(ask.device) for e in reversed(found) if kind in ("", e.kind)]}


# -- saying things -------------------------------------------------------------------------------


def _once(ask: Ask, do: Callable[[], Event]) -> Json:
    """Do what has a transaction id once, however often it is asked."""
    known = ask.account.transactions.get((ask.device, ask.path))
    if known is None:
        made = do()
        known = made.id
        ask.account.transactions[ask.device, ask.path] = known
        _show(ask, made)
    ask.call.message_ids.append(known)
    return {"event_id": known}


def _show(ask: Ask, made: Event) -> None:
    """Note a message of a program that appeared; corrections are none of their own."""
    if made.kind not in _MESSAGES or made.relation.get("rel_type") == "m.replace":
        return
    answered = made.relation.get("m.in_reply_to") or {}
    shown = Shown(
        **ask.service.journal.stamp(),
        user=ask.user_id,
        chat=made.room.id,
        message_id=made.id,
        kind=str(made.content.get("msgtype", "")),
        text=str(made.content.get("body", "")),
        reply_to=str(answered.get("event_id", "")),
        call=ask.call.seq,
    )
    ask.service.journal.shown.append(shown)


def send(ask: Ask) -> Json:
    room, kind, transaction = ask.room(), ask.where["kind"], ask.where["transaction"]
    return _once(
        ask,
        lambda: ask.service.send(
            room, ask.user_id, kind, ask.body, device=ask.device, transaction=transaction
        ),
    )


def redact(ask: Ask) -> Json:
    room, target, transaction = ask.room(), ask.where["event"], ask.where["transaction"]
    return _once(
        ask,
        lambda: ask.service.redact(
            room, ask.user_id, target, device=ask.device, transaction=transaction
        ),
    )


def receipt(ask: Ask) -> Json:
    if ask.where["kind"] not in {"m.read", "m.read.private", "m.fully_read"}:
        raise invalid("Receipt type must be one of m.read, m.read.private, m.fully_read")
    if ask.where["kind"] == "m.read":  # of the others nobody else is told
        ask.service.read(ask.room(), ask.user_id, ask.where["event"])
    return {}


def typing(ask: Ask) -> Json:
    if ask.where["user"] != ask.user_id:
        words = "Cannot set another user's typing state"
        raise MatrixError("M_FORBIDDEN", HTTPStatus.BAD_REQUEST, words)
    seconds = int(ask.body.get("timeout", 30_000)) / 1000 if ask.body.get("typing") else 0
    ask.service.types(ask.room(), ask.user_id, seconds)
    return {}


def media_config(_ask: Ask) -> Json:
    return {"m.upload.size": MAX_UPLOAD}


Method = Callable[[Ask], Json | list[Json] | Awaitable[Json]]
_ROOM = "/v3/rooms/{room}"
METHODS: tuple[tuple[str, str, str, Method], ...] = (
    ("GET", "/v3/account/whoami", "whoami", accounts.whoami),
    ("POST", "/v3/logout", "logout", accounts.logout),
    ("GET", "/v3/sync", "sync", sync),
    ("POST", "/v3/user/{user}/filter", "filter", accounts.add_filter),
    ("GET", "/v3/user/{user}/filter/{filter}", "filter", accounts.get_filter),
    ("GET", "/v3/joined_rooms", "joined_rooms", joined_rooms),
    ("POST", "/v3/createRoom", "createRoom", create_room),
    ("POST", "/v3/join/{room}", "join", join),
    ("POST", f"{_ROOM}/join", "join", join),
    ("POST", f"{_ROOM}/leave", "leave", leave),
    ("POST", f"{_ROOM}/invite", "invite", invite),
    ("GET", f"{_ROOM}/state", "state", state),
    ("GET", f"{_ROOM}/state/{{kind}}", "state", state_of),
    ("GET", f"{_ROOM}/state/{{kind}}/{{key:.*}}", "state", state_of),
    ("PUT", f"{_ROOM}/state/{{kind}}", "set_state", set_state),
    ("PUT", f"{_ROOM}/state/{{kind}}/{{key:.*}}", "set_state", set_state),
    ("GET", f"{_ROOM}/members", "members", members),
    ("GET", f"{_ROOM}/joined_members", "members", joined_members),
    ("GET", f"{_ROOM}/messages", "messages", messages),
    ("GET", f"{_ROOM}/event/{{event}}", "event", event),
    ("GET", "/v1/rooms/{room}/relations/{event}", "relations", relations),
    ("GET", "/v1/rooms/{room}/relations/{event}/{rel}", "relations", relations),
    ("GET", "/v1/rooms/{room}/relations/{event}/{rel}/{kind}", "relations", relations),
    ("PUT", f"{_ROOM}/send/{{kind}}/{{transaction}}", "send", send),
    ("PUT", f"{_ROOM}/redact/{{event}}/{{transaction}}", "redact", redact),
    ("POST", f"{_ROOM}/receipt/{{kind}}/{{event}}", "receipt", receipt),
    ("PUT", f"{_ROOM}/typing/{{user}}", "typing", typing),
    ("GET", "/v3/profile/{user}", "profile", accounts.profile),
    ("GET", "/v3/profile/{user}/displayname", "profile", accounts.profile),
    ("PUT", "/v3/profile/{user}/displayname", "set_profile", accounts.rename),
    ("GET", "/v1/media/config", "media_config", media_config),
    ("POST", "/v3/keys/upload", "keys", accounts.upload_keys),
    ("POST", "/v3/keys/query", "keys", accounts.query_keys),
    ("POST", "/v3/keys/claim", "keys", accounts.claim_keys),
    ("GET", "/v3/keys/changes", "keys", accounts.key_changes),
    ("PUT", "/v3/sendToDevice/{kind}/{transaction}", "to_device", accounts.nothing),
)
"""HTTP method, path below /_matrix/client, what faults call it, and what it does."""
