"""End-to-end encrypted rooms on a real homeserver, with a second client as the person."""

import asyncio
import json
import shutil
import stat
from pathlib import Path

import pytest

from adapters.matrix import MatrixAdapter
from bridge.core.adapter import Delivery
from bridge.core.content import Content, Media, MediaKind, Text
from bridge.core.effects import EditMessage
from bridge.core.errors import EndpointMoved, Unreachable
from bridge.core.inbound import EditIn, Inbound, MessageIn
from tests.conformance.contents import sending, to
from tests.conformance.kit import MemoryFiles, MemorySink, Trouble
from tests.matrix.kit import PASSWORD, adapter
from tests.matrix.person import Person
from tests.matrix.proxy import Proxy, settle
from tests.matrix.synapse import Account

pytestmark = pytest.mark.slow
PHOTO = b"\xff\xd8" + bytes(range(256)) * 1200
FILES = MemoryFiles(file1=PHOTO)


def heard(us: MatrixAdapter, sink: MemorySink) -> list[Inbound]:
    return [one for raw in sink.kept for one in us.parse(raw.payload)]


def texts(us: MatrixAdapter, sink: MemorySink) -> list[Content]:
    return [one.content for one in heard(us, sink) if isinstance(one, MessageIn)]


async def say(us: MatrixAdapter, room_id: str, content: Content, key: str = "t/1/p/0") -> str:
    (request,) = us.render(Delivery(sending(content, to("matrix", room_id)))).requests
    return (await us.send(request, key, FILES)).external_ids[0]


async def _together(us: MatrixAdapter, piet: Person, bridge: Account) -> str:
    """Piet makes an encrypted room, we come in."""
    await piet.look()
    room_id = await piet.room(bridge.user_id)
    await settle(lambda: room_id in bridge.rooms())
    await piet.look()
    return room_id


async def test_both_directions_are_encrypted_and_read(
    us: MatrixAdapter, listening: None, sink: MemorySink, piet: Person, bridge: Account
) -> None:
    room_id = await _together(us, piet, bridge)
    await piet.say(room_id, body="geheim woord")
    await settle(lambda: texts(us, sink))
    assert texts(us, sink) == [Text(("geheim woord",))]
    sent = await say(us, room_id, Text(("ook geheim 🚲",)))
    await piet.until_seen(1)
    assert piet.words() == ["ook geheim 🚲"]
    told = {e["event_id"]: e["type"] for e in piet.account.events(room_id)}
    assert told[sent] == "m.room.encrypted"
    assert "geheim" not in str(piet.account.events(room_id))


async def test_files_go_encrypted_both_ways(
    us: MatrixAdapter, listening: None, sink: MemorySink, piet: Person, bridge: Account
) -> None:
    room_id = await _together(us, piet, bridge)
    await piet.photo(room_id, PHOTO)
    await settle(lambda: texts(us, sink))
    (photo,) = texts(us, sink)
    assert isinstance(photo, Media)
    fetched = b"".join([chunk async for chunk in us.fetch(photo.file.ref)])
    assert fetched == PHOTO
    file = photo.file.__class__(id="file1", mime="image/jpeg", size=len(PHOTO))
    await say(us, room_id, Media(MediaKind.PHOTO, file))
    await piet.until_seen(1)
    assert await piet.opened(piet.seen[-1]) == PHOTO


async def test_what_we_send_first_can_be_read_by_the_one_we_invited(
    us: MatrixAdapter, listening: None, sink: MemorySink, piet: Person
) -> None:
    await piet.look()
    with pytest.raises(EndpointMoved) as moved:
        await say(us, piet.account.user_id, Text(("welkom",)))
    room_id = moved.value.to
    await say(us, room_id, Text(("welkom",)))
    await piet.until_seen(1)
    assert piet.words() == ["welkom"]
    with pytest.raises(EndpointMoved) as again:
        await say(us, piet.account.user_id, Text(("nog eens",)))
    assert again.value.to == room_id


async def test_sent_again_after_a_lost_answer_it_is_one_message(
    us: MatrixAdapter, listening: None, piet: Person, bridge: Account, proxy: Proxy
) -> None:
    room_id = await _together(us, piet, bridge)
    proxy.plan(Trouble.ACCEPTED_THEN_DROPPED)
    with pytest.raises(Unreachable):
        await say(us, room_id, Text(("eenmaal",)), "t/9/p/0")
    first = await say(us, room_id, Text(("eenmaal",)), "t/9/p/0")
    assert await say(us, room_id, Text(("eenmaal",)), "t/9/p/0") == first
    await say(us, room_id, Text(("daarna",)), "t/10/p/0")
    await piet.until_seen(2)
    assert piet.words() == ["eenmaal", "daarna"]


async def test_an_edit_is_encrypted_and_changes_the_message(
    us: MatrixAdapter, listening: None, sink: MemorySink, piet: Person, bridge: Account
) -> None:
    room_id = await _together(us, piet, bridge)
    first = await say(us, room_id, Text(("fuot",)))
    effect = EditMessage(seq=8, to=to("matrix", room_id), target=7, content=Text(("goed",)))
    (request,) = us.render(Delivery(effect, targets=(first,))).requests
    await us.send(request, "t/8/p/0", FILES)
    await piet.until_seen(2)
    relation = piet.seen[-1].source["content"]
    assert relation["m.new_content"]["body"] == "goed"
    assert relation["m.relates_to"] == {"rel_type": "m.replace", "event_id": first}
    theirs = await piet.say(room_id, body="hllo")
    replaces = {"rel_type": "m.replace", "event_id": theirs}
    new = {"msgtype": "m.text", "body": "hallo"}
    await piet.say(room_id, body="* hallo", **{"m.new_content": new, "m.relates_to": replaces})
    await settle(lambda: any(isinstance(one, EditIn) for one in heard(us, sink)))
    (edit,) = [one for one in heard(us, sink) if isinstance(one, EditIn)]
    assert (edit.external_id, edit.content) == (theirs, Text(("hallo",)))


async def test_an_event_without_a_key_is_kept_and_read_when_the_key_comes(
    us: MatrixAdapter, sink: MemorySink, piet: Person, bridge: Account, proxy: Proxy
) -> None:
    await us.check()
    first = asyncio.create_task(us.listen(sink))
    room_id = await _together(us, piet, bridge)
    await settle(lambda: sink.at)
    held: list[object] = []

    def without_keys(news: dict[str, object]) -> None:
        to_us = news.pop("to_device", None)
        if to_us:
            held.append(to_us)

    proxy.change = without_keys
    await piet.say(room_id, body="te vroeg")
    await settle(lambda: sink.kept)
    assert texts(us, sink) == []
    first.cancel()
    await asyncio.wait([first])
    await us.close()
    # After a restart it still waits; the key comes late.
    second = adapter(proxy.url)
    proxy.change = lambda news: news.update(to_device=held[0]) if held else None
    task = asyncio.create_task(second.listen(sink))
    await piet.say(room_id, body="daarna")
    await settle(lambda: len(texts(us, sink)) == 2)
    task.cancel()
    await asyncio.wait([task])
    await second.close()
    assert set(texts(us, sink)) == {Text(("te vroeg",)), Text(("daarna",))}
    assert len(sink.kept) == 3  # the encrypted one is kept besides


async def test_keys_survive_a_restart_and_the_device_stays_the_same(
    us: MatrixAdapter, sink: MemorySink, piet: Person, bridge: Account, proxy: Proxy, keys: Path
) -> None:
    task = asyncio.create_task(us.listen(sink))
    room_id = await _together(us, piet, bridge)
    await piet.say(room_id, body="een")
    await settle(lambda: texts(us, sink))
    task.cancel()
    await asyncio.wait([task])
    await us.close()
    await piet.say(room_id, body="twee")
    second = adapter(proxy.url)
    task = asyncio.create_task(second.listen(sink))
    await settle(lambda: len(texts(us, sink)) == 2)
    await say(second, room_id, Text(("drie",)))
    await piet.until_seen(1)
    task.cancel()
    await asyncio.wait([task])
    await second.close()
    assert texts(us, sink) == [Text(("een",)), Text(("twee",))]
    logins = [call for call in proxy.calls if call.endswith("/login")]
    assert len(logins) == 1
    devices = bridge.call("GET", "/devices")["devices"]
    assert sum(device["device_id"] == "COACHBRIDGE" for device in devices) == 1


async def test_the_keys_are_for_our_eyes_only(
    us: MatrixAdapter, listening: None, sink: MemorySink, piet: Person, bridge: Account, keys: Path
) -> None:
    room_id = await _together(us, piet, bridge)
    await piet.say(room_id, body="geheim")
    await settle(lambda: texts(us, sink))
    files = [keys / "main", *(keys / "main").iterdir()]
    assert {file.name for file in files} >= {"keys.db", "store.key", "login.json"}
    for file in files:
        assert not stat.S_IMODE(file.stat().st_mode) & 0o077, file.name
    key = (keys / "main/store.key").read_text()
    assert len(key) > 40
    stored = (keys / "main/keys.db").read_bytes()
    assert b"DEFAULT_KEY" not in stored
    assert PASSWORD.encode() not in stored


async def test_one_time_keys_that_ran_out_are_made_anew(
    us: MatrixAdapter, sink: MemorySink, anna: Account, piet: Person, bridge: Account, proxy: Proxy
) -> None:
    task = asyncio.create_task(us.listen(sink))
    await settle(lambda: any(call.endswith("/keys/upload") for call in proxy.calls))
    task.cancel()
    await asyncio.wait([task])
    await us.close()
    wanted = {"one_time_keys": {bridge.user_id: {"COACHBRIDGE": "signed_curve25519"}}}
    for _ in range(200):
        if not anna.call("POST", "/keys/claim", wanted)["one_time_keys"]:
            break
    else:
        pytest.fail("the keys do not run out")
    second = adapter(proxy.url)
    task = asyncio.create_task(second.listen(sink))
    room_id = await _together(second, piet, bridge)
    await settle(lambda: anna.call("POST", "/keys/claim", wanted)["one_time_keys"])
    await piet.say(room_id, body="lees je dit?")
    await settle(lambda: texts(second, sink))
    task.cancel()
    await asyncio.wait([task])
    await second.close()
    assert texts(second, sink) == [Text(("lees je dit?",))]


async def test_nobody_speaks_with_another_ones_device(
    us: MatrixAdapter, sink: MemorySink, piet: Person, anna: Account, bridge: Account, proxy: Proxy
) -> None:
    task = asyncio.create_task(us.listen(sink))
    room_id = await _together(us, piet, bridge)
    await piet.say(room_id, body="een")
    await settle(lambda: texts(us, sink))
    await say(us, room_id, Text(("ja?",)))  # now his devices are known

    def forge(news: dict[str, object]) -> None:
        rooms = news.get("rooms")
        text = json.dumps(rooms)
        if "ciphertext" in text:
            news["rooms"] = json.loads(text.replace(piet.account.user_id, anna.user_id))

    proxy.change = forge
    await piet.say(room_id, body="ik ben anna")
    await settle(lambda: len(sink.kept) == 2)
    task.cancel()
    await asyncio.wait([task])
    assert texts(us, sink) == [Text(("een",))]


async def test_news_the_library_stumbles_over_are_kept_all_the_same(
    us: MatrixAdapter, sink: MemorySink, piet: Person, bridge: Account, proxy: Proxy
) -> None:
    task = asyncio.create_task(us.listen(sink))
    room_id = await _together(us, piet, bridge)
    await piet.say(room_id, body="een")
    await settle(lambda: texts(us, sink))

    def spoil(news: dict[str, object]) -> None:
        news["device_lists"] = "nonsense"

    proxy.change = spoil
    await piet.say(room_id, body="twee")
    await settle(lambda: len(texts(us, sink)) == 2)
    proxy.change = None
    await say(us, room_id, Text(("drie",)))
    await piet.until_seen(1)
    task.cancel()
    await asyncio.wait([task])
    assert texts(us, sink) == [Text(("een",)), Text(("twee",))]


async def test_keys_whose_upload_was_interrupted_are_not_lost(
    us: MatrixAdapter, sink: MemorySink, piet: Person, bridge: Account, proxy: Proxy
) -> None:
    proxy.lose = "/keys/upload"
    task = asyncio.create_task(us.listen(sink))
    await settle(lambda: not proxy.lose)
    task.cancel()
    await asyncio.wait([task])
    await us.close()
    second = adapter(proxy.url)
    task = asyncio.create_task(second.listen(sink))
    room_id = await _together(second, piet, bridge)
    await piet.say(room_id, body="lees je dit?")
    await settle(lambda: sink.kept)
    task.cancel()
    await asyncio.wait([task])
    await second.close()
    assert texts(second, sink) == [Text(("lees je dit?",))]


async def test_an_older_copy_of_the_keys_makes_new_ones_and_people_are_still_heard(
    us: MatrixAdapter,
    sink: MemorySink,
    piet: Person,
    anna: Account,
    bridge: Account,
    proxy: Proxy,
    keys: Path,
) -> None:
    await us.check()
    shutil.copytree(keys, keys.with_name("copy"))
    task = asyncio.create_task(us.listen(sink))
    await settle(lambda: any(call.endswith("/keys/upload") for call in proxy.calls))
    task.cancel()
    await asyncio.wait([task])
    await us.close()
    shutil.rmtree(keys)
    keys.with_name("copy").rename(keys)
    second = adapter(proxy.url)
    task = asyncio.create_task(second.listen(sink))
    room_id = anna.room(bridge.user_id)
    await settle(lambda: room_id in bridge.rooms())
    anna.say(room_id, {"msgtype": "m.text", "body": "hoor je me?"})
    await settle(lambda: texts(second, sink))
    task.cancel()
    await asyncio.wait([task])
    await second.close()
    assert texts(second, sink) == [Text(("hoor je me?",))]
