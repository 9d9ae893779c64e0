"""The emulated homeserver and Synapse, asked the same, answer the same but for ids and times."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.matrix.emulated import Emulated, emulated
from tests.matrix.synapse import Account, RefusedError, Synapse, shared

pytestmark = pytest.mark.slow
Homeserver = Synapse | Emulated
_ID = re.compile(r"(?<![A-Za-z])([!$][\w-]{10,}(?::[a-z0-9.]+)?|@?[a-z]+-[0-9a-f]{8}(?::[a-z.]+)?)")
_MOMENT = {"age", "origin_server_ts", "ts", "prev_batch", "room_id"}
"""What differs at any moment, and where a room is named again."""
_OLD = {"user_id", "prev_content", "replaces_state"}
"""Where an event had its sender and its past before the specification was written."""
_UNSIGNED = ("prev_content", "transaction_id", "redacted_because")
_ONLY_SYNAPSE = {"m.room.guest_access", "m.room.history_visibility"}
"""Where in the first state these stand differs; nothing reads their place."""


@pytest.fixture(scope="module")
def homeservers() -> Iterator[tuple[Homeserver, Homeserver]]:
    """The real one and the emulated one."""
    with emulated() as running:
        yield shared(), running


class Names:
    """Puts the same word for the same id, in the order in which they appear."""

    def __init__(self, *people: Account) -> None:
        self._known = {one.user_id: one.user_id.partition("-")[0] for one in people}
        short = {id.partition(":")[0][1:]: name[1:] for id, name in self._known.items()}
        self._known |= short

    def __call__(self, text: str) -> str:
        return _ID.sub(lambda found: self._name(found[1]), text)

    def _name(self, id: str) -> str:
        for known, name in list(self._known.items()):
            if known == id:
                return name
        self._known[id] = f"{id[0]}{len(self._known)}"
        return self._known[id]


def plain(value: Any, names: Names) -> Any:
    """Return an answer without what cannot be the same."""
    if isinstance(value, dict):
        skipped = _MOMENT | _OLD if "event_id" in value else _MOMENT
        kept = {k: v for k, v in value.items() if k not in skipped}
        if "unsigned" in kept:
            told = {k: v for k, v in kept["unsigned"].items() if k in _UNSIGNED}
            told |= {"transaction_id": "ours"} if "transaction_id" in told else {}
            kept["unsigned"] = told
        return {names(k): plain(v, names) for k, v in sorted(kept.items())}
    if isinstance(value, list):
        return [plain(one, names) for one in value]
    return names(value) if isinstance(value, str) else value


def rooms(news: dict[str, Any], names: Names) -> Any:
    """Return what /sync tells of rooms, as far as the adapter reads it."""
    found: dict[str, Any] = {}
    for how, inside in news.get("rooms", {}).items():
        for room in inside.values():
            parts = ("timeline", "state", "ephemeral")
            told = {part: plain(room[part], names) for part in parts if part in room}
            if "state" in told:
                events = told["state"]["events"]
                told["state"] = sorted({event["type"] for event in events} - _ONLY_SYNAPSE)
            if told or how == "invite":
                found.setdefault(how, []).append(told)
    return found


def both(
    homeservers: tuple[Homeserver, Homeserver], play: Callable[[Account, Account], list[Any]]
) -> tuple[list[Any], list[Any]]:
    """Let two people do the same on both; return what they were answered."""
    real, other = (
        play(one.register("anna", "pw"), one.register("bram", "pw")) for one in homeservers
    )
    return real, other


def sync(account: Account, since: str = "", **more: str) -> dict[str, Any]:
    query = "&".join(f"{name}={quote(value)}" for name, value in more.items())
    answer: dict[str, Any] = account.call(
        "GET", f"/sync?since={since}&{query}" if since else "/sync"
    )
    return answer


def put(account: Account, room: str, event: str, content: dict[str, Any]) -> None:
    account.say(room, content, event)


def test_news_are_told_alike(homeservers: tuple[Homeserver, Homeserver]) -> None:
    def play(anna: Account, bram: Account) -> list[Any]:
        names, found = Names(anna, bram), []
        room = anna.room(bram.user_id, is_direct=True)
        invited = sync(bram)
        found.append(sorted(invited["rooms"]))
        bram.join(room)
        since = sync(bram, invited["next_batch"])["next_batch"]
        said = anna.say(room, {"msgtype": "m.text", "body": "een"})
        answer = {"m.in_reply_to": {"event_id": said}}
        anna.say(room, {"msgtype": "m.text", "body": "twee", "m.relates_to": answer})
        thumb = {"rel_type": "m.annotation", "event_id": said, "key": "👍"}
        given = anna.say(room, {"m.relates_to": thumb}, "m.reaction")
        new = {"msgtype": "m.text", "body": "1"}
        change = {"rel_type": "m.replace", "event_id": said}
        edit = {**new, "body": "* 1", "m.new_content": new, "m.relates_to": change}
        anna.say(room, edit)
        news = sync(bram, since)
        found.append(rooms(news, names))
        anna.call("PUT", f"/rooms/{quote(room)}/redact/{quote(given)}/1", {})
        anna.call("POST", f"/rooms/{quote(room)}/receipt/m.read/{quote(said)}", {})
        typing = f"/rooms/{quote(room)}/typing/{quote(anna.user_id)}"
        anna.call("PUT", typing, {"typing": True, "timeout": 30_000})
        later = sync(bram, news["next_batch"])
        ephemeral = rooms(later, names)["join"][0]
        ephemeral["ephemeral"]["events"].sort(key=lambda event: event["type"])
        found.append(ephemeral)
        for n in range(14):
            anna.say(room, {"msgtype": "m.text", "body": f"{n}"})
        found.append(rooms(sync(bram, later["next_batch"], full_state="true"), names))
        anna.call("POST", f"/rooms/{quote(room)}/leave", {})
        last = sync(bram, later["next_batch"])["next_batch"]
        bram.call("POST", f"/rooms/{quote(room)}/leave", {})
        found.append(sorted(sync(bram, last)["rooms"]))
        found.append(sync(bram, sync(bram, last)["next_batch"]).get("rooms", {}))
        return found

    real, other = both(homeservers, play)
    for n, (synapse, emulator) in enumerate(zip(real, other, strict=True)):
        assert emulator == synapse, n


def test_rooms_are_read_alike(homeservers: tuple[Homeserver, Homeserver]) -> None:
    def play(anna: Account, bram: Account) -> list[Any]:
        names = Names(anna, bram)
        mark = {"type": "some.mark", "state_key": "", "content": {"key": "k"}}
        seen = {"history_visibility": "invited"}
        visibility = {"type": "m.room.history_visibility", "state_key": "", "content": seen}
        room = anna.room(name="Intervisie", initial_state=[mark, visibility], preset="private_chat")
        where = f"/rooms/{quote(room)}"
        anna.say(room, {"msgtype": "m.text", "body": "voor"})
        anna.call("POST", f"{where}/invite", {"user_id": bram.user_id})
        anna.say(room, {"msgtype": "m.text", "body": "tussen"})
        bram.join(room)
        said = anna.say(room, {"msgtype": "m.text", "body": "na"})
        put(anna, room, "m.room.message", {"msgtype": "m.notice", "body": "stil"})
        for key in ("👍", "🔥"):
            relation = {"rel_type": "m.annotation", "event_id": said, "key": key}
            put(bram, room, "m.reaction", {"m.relates_to": relation})
        told = [event for event in bram.events(room) if event["type"] == "m.room.message"]
        state = anna.call("GET", f"{where}/state/some.mark/")
        page = anna.call("GET", f"{where}/messages?dir=b&limit=3")
        rest = anna.call("GET", f"{where}/messages?dir=b&limit=2&from={page['end']}")
        kinds = sorted(e["type"] for e in anna.state(room))
        return [
            [event["content"]["body"] for event in told],
            state,
            plain(page["chunk"], names),
            plain(rest["chunk"], names),
            kinds,
            plain(anna.call("GET", f"{where}/joined_members"), names)["joined"].keys(),
            [room] == anna.rooms(),
        ]

    real, other = both(homeservers, play)
    for n, (synapse, emulator) in enumerate(zip(real, other, strict=True)):
        assert emulator == synapse, n


def test_the_same_is_refused_alike(homeservers: tuple[Homeserver, Homeserver]) -> None:
    def play(anna: Account, bram: Account) -> list[Any]:
        room = anna.room(preset="private_chat")
        where = f"/rooms/{quote(room)}"
        said = anna.say(room, {"msgtype": "m.text", "body": "een"})
        thumb = {"m.relates_to": {"rel_type": "m.annotation", "event_id": said, "key": "👍"}}
        put(anna, room, "m.reaction", thumb)
        stranger = Account(anna.url, anna.user_id, "no-token", "x")
        nobody = Account(anna.url, anna.user_id, "", "x")
        message = {"msgtype": "m.text", "body": "x"}
        asked: list[tuple[Account, str, str, object]] = [
            (stranger, "GET", "/account/whoami", None),
            (nobody, "GET", "/account/whoami", None),
            (bram, "PUT", f"{where}/send/m.room.message/1", message),
            (bram, "PUT", "/rooms/!nowhere:localhost/send/m.room.message/1", message),
            (bram, "POST", f"/join/{quote(room)}", {}),
            (bram, "GET", f"{where}/state", None),
            (bram, "GET", f"{where}/messages?dir=b", None),
            (bram, "POST", f"{where}/invite", {"user_id": bram.user_id}),
            (anna, "PUT", f"{where}/send/m.reaction/2", thumb),
            (anna, "PUT", f"{where}/send/m.room.message/3", {**message, "body": "x" * 70_000}),
            (anna, "PUT", f"{where}/send/m.room.message/4", [1]),
            (anna, "GET", f"{where}/event/$nothing", None),
            (anna, "GET", f"{where}/state/no.such/", None),
            (anna, "PUT", f"{where}/typing/{quote(bram.user_id)}", {"typing": True}),
            (anna, "GET", "/nothing/like/it", None),
        ]
        return [_refused(*one) for one in asked]

    real, other = both(homeservers, play)
    assert other == real


def _refused(account: Account, method: str, path: str, body: object) -> tuple[str, int, str]:
    try:
        account.call(method, path, body)
    except RefusedError as error:
        code = re.search(rb'"errcode": ?"([A-Z_]+)"', error.body)
        assert code is not None
        return method + path[:8], error.status, code[1].decode()
    return method + path, 200, ""
