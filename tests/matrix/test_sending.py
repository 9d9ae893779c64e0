"""What we send, as a real homeserver shows it."""

from urllib.parse import quote

import pytest

from adapters.matrix import MatrixAdapter
from adapters.media import Loss
from bridge.core.adapter import Absent, Delivery, Found, Rendered, Sent
from bridge.core.content import Attachment, Choice, Choices, Media, MediaKind, Text
from bridge.core.effects import (
    Address,
    DeleteMessage,
    EditMessage,
    Effect,
    OpenPlace,
    SendMessage,
    SetReaction,
)
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import (
    Certainty,
    EndpointMoved,
    Rejected,
    Throttled,
    Undeliverable,
    Unreachable,
)
from tests.conformance.contents import sending, to
from tests.conformance.kit import MemoryFiles, Trouble
from tests.matrix.proxy import Proxy
from tests.matrix.synapse import Account, Synapse

pytestmark = pytest.mark.slow
FILES = MemoryFiles(file1=b"abc" * 1000)


@pytest.fixture
def room(anna: Account, bridge: Account) -> str:
    """Anna's private room with us."""
    room_id = anna.room(bridge.user_id)
    bridge.join(room_id)
    return room_id


async def do(us: MatrixAdapter, effect: Effect, key: str, **more: object) -> list[Sent]:
    rendered = us.render(Delivery(effect, **more))  # type: ignore[arg-type]
    return [
        await us.send(request, f"{key}/{n}", FILES) for n, request in enumerate(rendered.requests)
    ]


async def say(us: MatrixAdapter, room_id: str, text: str, key: str = "t/1/a") -> str:
    (sent,) = await do(us, sending(Text((text,)), to("matrix", room_id)), key)
    return sent.external_ids[0]


def rendered(us: MatrixAdapter, effect: Effect, **more: object) -> Rendered:
    return us.render(Delivery(effect, **more))  # type: ignore[arg-type]


async def test_the_same_key_again_is_the_same_message(
    us: MatrixAdapter, proxy: Proxy, anna: Account, room: str
) -> None:
    proxy.plan(Trouble.ACCEPTED_THEN_DROPPED)
    with pytest.raises(Unreachable):
        await say(us, room, "eenmaal")
    (request,) = rendered(us, sending(Text(("eenmaal",)), to("matrix", room))).requests
    assert await us.reconcile(request, "t/1/a/0") == Absent()
    first = await say(us, room, "eenmaal")
    assert await say(us, room, "eenmaal") == first
    shown = [e for e in anna.events(room) if e["type"] == "m.room.message"]
    assert [event["event_id"] for event in shown] == [first]


async def test_edit_reply_thread_and_withdrawal(
    us: MatrixAdapter, anna: Account, room: str
) -> None:
    address = to("matrix", room)
    first = await say(us, room, "fuot")
    edit = EditMessage(seq=8, to=address, target=7, content=Text(("goed",)))
    await do(us, edit, "t/2/a", targets=(first,))
    answer = SendMessage(seq=9, to=address, content=Text(("antwoord",)), reply_to=7)
    (replied,) = await do(us, answer, "t/3/a", reply_to=first)
    threaded = sending(Text(("draad",)), to("matrix", room, first))
    await do(us, threaded, "t/4/a")
    events = {e["event_id"]: e for e in anna.events(room)}
    relations = [
        e["content"]["m.relates_to"]
        for e in events.values()
        if "m.relates_to" in e.get("content", {})
    ]
    answered = {"m.in_reply_to": {"event_id": first}}
    assert relations == [
        {"rel_type": "m.replace", "event_id": first},
        answered,
        {"rel_type": "m.thread", "event_id": first, "is_falling_back": True, **answered},
    ]
    await do(us, DeleteMessage(seq=10, to=address, target=9), "t/5/a", targets=replied.external_ids)
    gone = next(e for e in anna.events(room) if e["event_id"] == replied.external_ids[0])
    assert gone["content"] == {}


def _reactions(anna: Account, room: str) -> set[str]:
    return {
        event["content"]["m.relates_to"]["key"]
        for event in anna.events(room)
        if event["type"] == "m.reaction" and event["content"]
    }


async def test_reactions_become_the_set_that_was_asked_for(
    us: MatrixAdapter, anna: Account, room: str
) -> None:
    target = await say(us, room, "kijk")
    for n, emoji in enumerate([("👍",), ("👍", "🔥"), ("🔥",), ("🔥",), ()]):
        effect = SetReaction(seq=8 + n, to=to("matrix", room), target=7, emoji=emoji)
        await do(us, effect, f"t/{8 + n}/a", targets=(target,))
        await do(us, effect, f"t/{8 + n}/a", targets=(target,))
        assert _reactions(anna, room) == set(emoji)


async def test_a_reaction_that_is_there_already_is_a_success(
    us: MatrixAdapter, bridge: Account, proxy: Proxy, room: str
) -> None:
    target = await say(us, room, "kijk")
    relation = {"rel_type": "m.annotation", "event_id": target, "key": "👍"}
    bridge.say(room, {"m.relates_to": relation}, "m.reaction")
    # The homeserver does not tell of it, and then answers M_DUPLICATE_ANNOTATION.
    proxy.answer = lambda path: (200, {"chunk": []}) if "/relations/" in path else None
    effect = SetReaction(seq=8, to=to("matrix", room), target=7, emoji=("👍",))
    assert await do(us, effect, "t/8/a", targets=(target,)) == [Sent()]


async def test_a_trajectory_gets_one_room_of_its_own_however_often_it_is_asked_for(
    us: MatrixAdapter, anna: Account, bridge: Account, room: str
) -> None:
    address = to("matrix", anna.user_id)
    effect = OpenPlace(seq=3, to=address, title="Bram")
    (request,) = rendered(us, effect).requests
    assert await us.reconcile(request, "t/3/a/0") == Absent()
    (opened,) = await do(us, effect, "t/3/a")
    assert await us.reconcile(request, "t/3/a/0") == Found(opened)
    assert await do(us, effect, "t/3/a") == [opened]
    assert await us.reconcile(request, "t/4/a/0") == Absent()
    assert opened.opened is not None
    assert opened.opened.chat in anna.invitations()
    state = {event["type"]: event["content"] for event in bridge.state(opened.opened.chat)}
    assert state["m.room.name"] == {"name": "Bram"}
    assert state["m.room.encryption"]["algorithm"] == "m.megolm.v1.aes-sha2"
    assert state["m.room.join_rules"] == {"join_rule": "invite"}


async def test_a_person_is_written_to_in_a_private_room(
    us: MatrixAdapter, anna: Account, bridge: Account
) -> None:
    with pytest.raises(EndpointMoved) as moved:
        await say(us, anna.user_id, "welkom")
    room_id = moved.value.to
    assert room_id in anna.invitations()
    anna.join(room_id)
    await say(us, room_id, "welkom")
    anna.call("POST", f"/rooms/{room_id}/leave", {})
    await us.close()
    with pytest.raises(Undeliverable) as left:
        await say(us, room_id, "ben je er nog?", "t/2/a")
    assert left.value.code == "left"


async def test_a_private_room_is_known_before_anything_was_read(
    us: MatrixAdapter, anna: Account, room: str
) -> None:
    with pytest.raises(EndpointMoved) as moved:
        await say(us, anna.user_id, "direct na de start")
    assert moved.value.to == room
    assert anna.invitations() == []


async def test_nobody_else_reads_a_private_chat_that_stopped_being_one(
    us: MatrixAdapter, anna: Account, bridge: Account, synapse: Synapse, room: str
) -> None:
    place = Place("matrix", "main", room)
    address = Address("anna", Endpoint("matrix", "main", anna.user_id), 1, place)
    effect = sending(Text(("onder ons",)), address)
    await do(us, effect, "t/1/a")
    bram = synapse.register("bram", "pw")
    anna.call("POST", f"/rooms/{quote(room)}/invite", {"user_id": bram.user_id})
    await us.close()
    with pytest.raises(EndpointMoved) as moved:
        await do(us, effect, "t/2/a")
    assert moved.value.to != room
    members = [e for e in bridge.state(moved.value.to) if e["type"] == "m.room.member"]
    assert {e["state_key"] for e in members} == {anna.user_id, bridge.user_id}
    anna.call("PUT", f"/rooms/{quote(room)}/state/m.room.name", {"name": "Anna"})
    await us.close()
    with pytest.raises(Unreachable) as exposed:
        await do(us, effect, "t/3/a")
    assert (exposed.value.code, exposed.value.certainty) == ("exposed", Certainty.NOT_SENT)
    somebody = Address("bram", Endpoint("matrix", "main", "@other:localhost"), 1, place)
    with pytest.raises(Undeliverable):
        await do(us, sending(Text(("?",)), somebody), "t/4/a")


async def test_a_withdrawal_of_nothing_says_nothing_about_the_person(
    us: MatrixAdapter, proxy: Proxy, room: str
) -> None:
    address = to("matrix", room)
    await say(us, room, "een")
    # As other homeservers say it; Synapse takes both.
    gone = {"errcode": "M_NOT_FOUND", "error": "Event not found"}
    proxy.answer = lambda path: (404, gone) if "nothing" in path else None
    for effect in (
        DeleteMessage(seq=9, to=address, target=7),
        SetReaction(seq=9, to=address, target=7, emoji=("👍",)),
    ):
        with pytest.raises(Rejected):
            await do(us, effect, "t/2/a", targets=("$nothing",))


async def test_somebody_who_does_not_exist_cannot_be_invited(us: MatrixAdapter) -> None:
    with pytest.raises(Undeliverable):
        await say(us, "222", "hallo")


async def test_waiting_is_left_to_the_outbox(us: MatrixAdapter, proxy: Proxy, room: str) -> None:
    await say(us, room, "een")
    slow = {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 90_000}
    proxy.answer = lambda path: (429, slow) if "/send/" in path else None
    before = len(proxy.calls)
    with pytest.raises(Throttled) as wait:
        await say(us, room, "twee", "t/2/a")
    assert (wait.value.retry_after, wait.value.account_wide) == (90, True)
    assert len(proxy.calls) - before == 1


async def test_a_file_can_be_fetched_as_it_was_sent(
    us: MatrixAdapter, anna: Account, room: str
) -> None:
    file = Attachment(id="file1", mime="image/png", name="a b.png", size=3000)
    await do(us, sending(Media(MediaKind.PHOTO, file, ("kijk",)), to("matrix", room)), "t/1/a")
    (shown,) = [e["content"] for e in anna.events(room) if e["type"] == "m.room.message"]
    assert (shown["body"], shown["filename"], shown["info"]["size"]) == ("kijk", "a b.png", 3000)
    fetched = b"".join([chunk async for chunk in us.fetch(shown["url"])])
    assert fetched == b"abc" * 1000


def test_words_stand_in_for_what_matrix_lacks(us: MatrixAdapter) -> None:
    address = to("matrix", "!r:x")
    asked = Choices(("Akkoord?",), (Choice("y", "Ja"), Choice("n", "Nee")), "a/3")
    shown = rendered(us, sending(asked, address), choose="Antwoord met een cijfer.")
    (request,) = shown.requests
    assert request.params["content"] == {
        "msgtype": "m.text",
        "body": "Akkoord?\n1. Ja\n2. Nee\nAntwoord met een cijfer.",
    }
    assert shown.losses == (Loss.BUTTONS_AS_TEXT,)
    big = Media(MediaKind.FILE, Attachment(id="f", mime="application/zip", size=2**40))
    (linked,) = rendered(us, sending(big, address), file_link="Bestand: https://x/y").requests
    assert linked.params["content"] == {"msgtype": "m.text", "body": "Bestand: https://x/y"}
    answer = SendMessage(seq=9, to=address, content=Text(("ja",)), reply_to=7)
    quoted = rendered(us, answer, quote="Noor: kom je?")
    assert quoted.requests[0].params["content"] == {
        "msgtype": "m.text",
        "body": "Noor: kom je?\nja",
        "format": "org.matrix.custom.html",
        "formatted_body": "<blockquote>Noor: kom je?</blockquote><br>ja",
    }
    assert quoted.losses == ()
