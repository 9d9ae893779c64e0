"""What people do in rooms of a real homeserver, as we read it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from adapters.matrix import MatrixAdapter, MatrixSettings, build
from bridge.core.adapter import Delivery
from bridge.core.content import Text
from bridge.core.endpoint import Place
from bridge.core.errors import AccountBroken
from bridge.core.inbound import (
    ChatMovedIn,
    DeleteIn,
    Inbound,
    MembersIn,
    MessageIn,
    ReactionIn,
    ReceiptIn,
    TypingIn,
)
from tests.conformance.contents import sending, to
from tests.conformance.kit import MemoryFiles, MemorySink
from tests.matrix.kit import PASSWORD, adapter
from tests.matrix.proxy import Proxy, settle
from tests.matrix.synapse import Account, RefusedError, Synapse

pytestmark = pytest.mark.slow
FILES = MemoryFiles()


class Listener(MemorySink):
    """A sink that remembers who was writing."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: list[TypingIn] = []

    async def typing(self, inbound: TypingIn) -> None:
        """Remember it."""
        self.typed.append(inbound)


def heard(us: MatrixAdapter, sink: MemorySink) -> list[Inbound]:
    return [one for raw in sink.kept for one in us.parse(raw.payload)]


def words(us: MatrixAdapter, sink: MemorySink) -> list[str]:
    said = [one.content for one in heard(us, sink) if isinstance(one, MessageIn)]
    return [str(content.body[0]) for content in said if isinstance(content, Text)]


@asynccontextmanager
async def reading(us: MatrixAdapter, sink: MemorySink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(us.listen(sink))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=2)


async def say(us: MatrixAdapter, room_id: str, text: str, key: str = "t/1/a/0") -> str:
    (request,) = us.render(Delivery(sending(Text((text,)), to("matrix", room_id)))).requests
    return (await us.send(request, key, FILES)).external_ids[0]


def plain(text: str) -> dict[str, str]:
    return {"msgtype": "m.text", "body": text}


@pytest.fixture
def room(anna: Account, bridge: Account) -> str:
    """Anna's private room with us."""
    room_id = anna.room(bridge.user_id)
    bridge.join(room_id)
    return room_id


@pytest.mark.parametrize("missed", [40, 160])
async def test_what_was_said_while_we_were_away_is_all_there_once(
    us: MatrixAdapter, proxy: Proxy, anna: Account, room: str, missed: int
) -> None:
    sink = Listener()
    async with reading(us, sink):
        anna.say(room, plain("voor"))
        await settle(lambda: sink.kept)
    await us.close()
    for n in range(missed):
        anna.say(room, plain(f"{n}"))
    second = adapter(proxy.url)
    async with reading(second, sink):
        await settle(lambda: len(sink.kept) > missed)
        anna.say(room, plain("na"))
        await settle(lambda: len(sink.kept) > missed + 1)
    await second.close()
    assert words(second, sink) == ["voor", *(str(n) for n in range(missed)), "na"]


async def test_a_gap_whose_commit_failed_is_filled_again(
    us: MatrixAdapter, proxy: Proxy, anna: Account, room: str
) -> None:
    sink = Listener()
    async with reading(us, sink):
        anna.say(room, plain("voor"))
        await settle(lambda: sink.kept)
    for n in range(70):
        anna.say(room, plain(f"{n}"))
    sink.broken = 2
    async with reading(us, sink):
        await settle(lambda: len(sink.kept) == 71)
    assert words(us, sink) == ["voor", *(str(n) for n in range(70))]


async def test_a_revoked_token_ends_the_account_with_few_requests(
    us: MatrixAdapter, proxy: Proxy, bridge: Account, anna: Account, room: str
) -> None:
    sink = Listener()
    task = asyncio.create_task(us.listen(sink))
    anna.say(room, plain("hallo"))
    await settle(lambda: sink.kept)
    before, began = len(proxy.calls), time.monotonic()
    where = "/devices/COACHBRIDGE"
    identifier = {"type": "m.id.user", "user": bridge.user_id}
    with pytest.raises(RefusedError) as asked:
        bridge.call("DELETE", where, {})
    session = json.loads(asked.value.body)["session"]
    proof = {"type": "m.login.password", "identifier": identifier, "password": PASSWORD}
    bridge.call("DELETE", where, {"auth": {**proof, "session": session}})
    with pytest.raises(AccountBroken) as broken:
        await asyncio.wait_for(task, 10)
    assert broken.value.code == "unauthorized"
    assert len(proxy.calls) - before <= 2 + (time.monotonic() - began)
    with pytest.raises(AccountBroken):
        await us.check()


async def test_trouble_of_the_server_is_waited_out_with_few_requests(
    us: MatrixAdapter, proxy: Proxy, anna: Account, room: str
) -> None:
    sink = Listener()
    async with reading(us, sink):
        anna.say(room, plain("voor"))
        await settle(lambda: sink.kept)
        proxy.answer = lambda _: (502, {})
        await asyncio.sleep(2.2)  # what was asked before ends first
        asked = len(proxy.calls)
        await asyncio.sleep(2)
        assert len(proxy.calls) - asked <= 3
        proxy.answer = lambda _: None
        anna.say(room, plain("na"))
        await settle(lambda: len(sink.kept) == 2)
    assert words(us, sink) == ["voor", "na"]


async def test_reactions_come_as_the_whole_set_and_are_taken_back_across_a_restart(
    us: MatrixAdapter, proxy: Proxy, anna: Account, room: str
) -> None:
    sink = Listener()
    async with reading(us, sink):
        target = await say(us, room, "hoe gaat het?")
        given = []
        for emoji in ("👍", "🔥"):
            relation = {"rel_type": "m.annotation", "event_id": target, "key": emoji}
            given.append(anna.say(room, {"m.relates_to": relation}, "m.reaction"))
        await settle(lambda: len(heard(us, sink)) == 2)
    await us.close()
    anna.call("PUT", f"/rooms/{quote(room)}/redact/{quote(given[0])}/1", {})
    second = adapter(proxy.url)
    async with reading(second, sink):
        await settle(lambda: len(heard(us, sink)) == 3)
        anna.call("PUT", f"/rooms/{quote(room)}/redact/{quote(given[1])}/2", {})
        await settle(lambda: len(heard(us, sink)) == 4)
    await second.close()
    sets = [one for one in heard(us, sink) if isinstance(one, ReactionIn)]
    assert [one.emoji for one in sets] == [("👍",), ("👍", "🔥"), ("🔥",), ()]
    assert {one.external_id for one in sets} == {target}


async def test_a_withdrawn_message_is_told(
    us: MatrixAdapter, sink: MemorySink, listening: None, anna: Account, room: str
) -> None:
    said = anna.say(room, plain("oeps"))
    anna.call("PUT", f"/rooms/{quote(room)}/redact/{quote(said)}/1", {})
    await settle(lambda: any(isinstance(one, DeleteIn) for one in heard(us, sink)))
    (gone,) = [one for one in heard(us, sink) if isinstance(one, DeleteIn)]
    assert gone.external_id == said


async def test_who_is_writing_and_what_was_read_is_told(
    us: MatrixAdapter, anna: Account, room: str
) -> None:
    sink = Listener()
    async with reading(us, sink):
        first = await say(us, room, "een", "t/1/a/0")
        second = await say(us, room, "twee", "t/2/a/0")
        await settle(lambda: sink.at)
        await asyncio.sleep(0.5)
        anna.call("PUT", f"/rooms/{quote(room)}/typing/{quote(anna.user_id)}", {"typing": True})
        await settle(lambda: sink.typed)
        anna.call("POST", f"/rooms/{quote(room)}/receipt/m.read/{quote(second)}", {})
        await settle(lambda: sink.kept)
    assert sink.typed[0].sender.endpoint.address == anna.user_id
    read = [one for one in heard(us, sink) if isinstance(one, ReceiptIn)]
    assert [(one.external_id, one.state) for one in read] == [(first, "read"), (second, "read")]


async def test_an_invitation_is_accepted_and_what_was_said_before_is_heard(
    us: MatrixAdapter, sink: MemorySink, listening: None, anna: Account, bridge: Account
) -> None:
    room_id = anna.room(bridge.user_id, is_direct=True)
    anna.say(room_id, plain("ben je er?"))
    await settle(lambda: heard(us, sink))
    (said,) = heard(us, sink)
    assert isinstance(said, MessageIn)
    assert said.sender.direct
    assert said.place == Place("matrix", "main", room_id)


async def test_a_named_room_is_a_group_and_its_newcomers_are_told(
    us: MatrixAdapter,
    sink: MemorySink,
    listening: None,
    anna: Account,
    bridge: Account,
    synapse: Synapse,
) -> None:
    room_id = anna.room(bridge.user_id, name="Intervisie")
    await settle(lambda: room_id in bridge.rooms())
    anna.say(room_id, plain("topics"))
    await settle(lambda: any(isinstance(one, MessageIn) for one in heard(us, sink)))
    bram = synapse.register("bram", "pw")
    anna.call("POST", f"/rooms/{quote(room_id)}/invite", {"user_id": bram.user_id})
    bram.join(room_id)

    def came() -> list[str]:
        news = [one for one in heard(us, sink) if isinstance(one, MembersIn)]
        return [member.address for one in news for member in one.joined]

    await settle(lambda: bram.user_id in came())
    (said,) = [one for one in heard(us, sink) if isinstance(one, MessageIn)]
    assert not said.sender.direct


async def test_a_room_that_moved_is_followed(
    us: MatrixAdapter, sink: MemorySink, listening: None, anna: Account, bridge: Account, room: str
) -> None:
    anna.say(room, plain("voor"))
    await settle(lambda: sink.kept)
    made = anna.call("POST", f"/rooms/{quote(room)}/upgrade", {"new_version": "10"})
    new = str(made["replacement_room"])
    anna.call("POST", f"/rooms/{quote(new)}/invite", {"user_id": bridge.user_id})
    await settle(lambda: new in bridge.rooms())
    moved = [one for one in heard(us, sink) if isinstance(one, ChatMovedIn)]
    assert [(one.old.chat, one.new.chat) for one in moved] == [(room, new)]
    anna.say(new, plain("na"))
    await settle(lambda: "na" in words(us, sink))


async def test_a_token_of_another_device_is_refused(
    proxy: Proxy, bridge: Account, keys: Path, us: MatrixAdapter
) -> None:
    settings = MatrixSettings(
        homeserver=proxy.url,
        user_id=bridge.user_id,
        access_token=SecretStr(bridge.token),
        device_id="ANOTHER",
        keys=keys,
    )
    other = build("other", settings)
    with pytest.raises(AccountBroken) as refused:
        await other.listen(MemorySink())
    assert refused.value.code == "other_device"
    await other.close()
