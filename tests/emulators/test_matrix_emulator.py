"""The emulated homeserver: what programs are told, what people see, and what goes wrong.

That it answers as a real one does is tested beside Synapse, in tests/matrix.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from adapters.emulators.driving import guard
from adapters.emulators.matrix import (
    Account,
    EmulatorMisuseError,
    MatrixEmulator,
    Person,
    Room,
    faults,
)
from adapters.emulators.matrix.control import Control
from adapters.emulators.matrix.errors import MatrixError

TEXT = {"msgtype": "m.text", "body": "dag"}
V3 = "/_matrix/client/v3"


@pytest.fixture
async def home() -> AsyncIterator[MatrixEmulator]:
    """A running emulator that can be driven from outside."""
    emulator = MatrixEmulator()
    emulator.add_routes(Control(emulator).routes(), guard)
    async with emulator:
        yield emulator


@pytest.fixture
def bot(home: MatrixEmulator) -> Account:
    """The account of a program."""
    return home.account("bridge", "secret", "Bridge")


@pytest.fixture
async def api(home: MatrixEmulator, bot: Account) -> AsyncIterator[aiohttp.ClientSession]:
    """That program's connection."""
    headers = {"Authorization": f"Bearer {home.log_in(bot)}"}
    async with aiohttp.ClientSession(home.api_url, headers=headers) as session:
        yield session


@pytest.fixture
def mila(home: MatrixEmulator) -> Person:
    """A person."""
    return home.person("mila", "Mila")


@pytest.fixture
def room(home: MatrixEmulator, bot: Account, mila: Person) -> Room:
    """Her private room with the program."""
    made = mila.make_room(bot.user_id)
    home.service.join(made.id, bot.user_id)
    return made


async def sync(api: aiohttp.ClientSession, **wanted: str) -> dict[str, Any]:
    async with api.get(f"{V3}/sync", params=wanted) as answer:
        assert answer.status == 200
        return dict(await answer.json())


def bodies(news: dict[str, Any], room: Room) -> list[str]:
    events = news["rooms"].get("join", {}).get(room.id, {"timeline": {"events": []}})["timeline"]
    return [e["content"]["body"] for e in events["events"] if e["type"] == "m.room.message"]


async def test_news_wait_until_they_were_asked_past(
    home: MatrixEmulator, api: aiohttp.ClientSession, bot: Account, mila: Person, room: Room
) -> None:
    first = await sync(api)
    since = first["next_batch"]
    asking = asyncio.create_task(sync(api, since=since, timeout="5000"))
    await asyncio.sleep(0.05)
    assert not asking.done()
    said = await mila.send("hallo")
    told = await asking
    assert bodies(told, room) == ["hallo"]
    assert bodies(await sync(api, since=since), room) == ["hallo"]
    assert [handed.event_id for handed in home.journal.unconfirmed()][-1] == said.id
    await sync(api, since=told["next_batch"])
    assert home.journal.unconfirmed(bot.user_id) == []
    assert home.journal.handed[-1].times == 2


async def test_the_same_transaction_is_the_same_message(
    home: MatrixEmulator, api: aiohttp.ClientSession, mila: Person, room: Room
) -> None:
    home.faults.plan(faults.accept_then_drop(), method="send")
    where = f"{V3}/rooms/{room.id}/send/m.room.message"
    ids = []
    for transaction in ("1", "1", "2"):
        # The first answer is lost; aiohttp asks again by itself.
        async with api.put(f"{where}/{transaction}", json=TEXT) as answer:
            ids.append((await answer.json())["event_id"])
    assert ids[0] == ids[1] != ids[2]
    assert len(home.journal.calls_of("send")) == 4
    assert [line.text for line in mila.screen() if not line.mine][-2:] == ["dag", "dag"]
    assert [one.text for one in home.journal.shown_in(room.id)] == ["dag", "dag"]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (faults.too_many(3), 429, "M_LIMIT_EXCEEDED"),
        (faults.error(403, "M_FORBIDDEN"), 403, "M_FORBIDDEN"),
        (faults.status(502), 502, ""),
    ],
)
async def test_a_refusal_does_nothing(
    home: MatrixEmulator,
    api: aiohttp.ClientSession,
    room: Room,
    fault: faults.Fault,
    status: int,
    code: str,
) -> None:
    home.faults.plan(fault, method="send")
    where = f"{V3}/rooms/{room.id}/send/m.room.message/1"
    async with api.put(where, json=TEXT) as answer:
        assert answer.status == status
        if code:
            assert (await answer.json())["errcode"] == code
        assert answer.headers.get("Retry-After", "") == ("3" if status == 429 else "")
    assert home.journal.shown == []
    async with api.put(where, json=TEXT) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("fault", [faults.reset(), faults.truncated(), faults.accept_then_reset()])
async def test_an_answer_can_be_lost(
    home: MatrixEmulator, api: aiohttp.ClientSession, room: Room, fault: faults.Fault
) -> None:
    home.faults.plan(fault, method="send", count=2)  # aiohttp asks a second time by itself
    with pytest.raises(aiohttp.ClientError):
        async with api.put(f"{V3}/rooms/{room.id}/send/m.room.message/1", json=TEXT) as answer:
            await answer.read()
    assert len(home.journal.shown) == (0 if fault.kind == "reset" else 1)
    assert not any(call.answered for call in home.journal.calls_of("send"))


async def test_a_screen_shows_the_conversation_as_it_stands(
    home: MatrixEmulator, bot: Account, mila: Person, room: Room
) -> None:
    said = await mila.send("**Dag** Noor")
    await mila.edit(said.id, "Dag!")
    question = home.service.send(room, bot.user_id, "m.room.message", TEXT)
    await mila.react(question.id, "👍")
    await mila.react(question.id, "🔥")
    await mila.unreact(question.id, "👍")
    new = {**TEXT, "body": "niet van mij"}
    relation = {"rel_type": "m.replace", "event_id": said.id}
    foreign = {**new, "m.new_content": new, "m.relates_to": relation}
    home.service.send(room, bot.user_id, "m.room.message", foreign)
    gone = await mila.send("oeps", reply_to=question.id)
    await mila.delete(gone.id)
    await mila.send_voice(b"ogg", duration=4, reply_to=question.id)
    bubbles = [line for line in mila.screen() if line.kind.startswith("m.")]
    assert [str(line) for line in bubbles] == [
        f"{mila.id}: Dag!",
        f"{bot.user_id}: dag 🔥",
        f"{mila.id}: [m.audio] Voice message.ogg",
    ]
    assert (bubbles[0].edited, bubbles[2].reply_to) == (True, question.id)
    assert said.content["formatted_body"] == "<strong>Dag</strong> Noor"


async def test_people_cannot_do_what_nobody_could(
    home: MatrixEmulator, bot: Account, mila: Person, room: Room
) -> None:
    theirs = home.service.send(room, bot.user_id, "m.room.message", TEXT)
    for attempt in (
        mila.edit(theirs.id, "x"),
        mila.delete(theirs.id),
        mila.react("$nothing", "👍"),
        mila.send("x", room="!other:home.example"),
        mila.send("x", reply_to="$nothing"),
        home.person("joost").send("x"),
    ):
        with pytest.raises(EmulatorMisuseError):
            await attempt
    with pytest.raises(MatrixError):
        home.person("joost").join(room.id)
    with pytest.raises(EmulatorMisuseError):
        home.person("Mila Groot")
    await mila.react(theirs.id, "👍")
    with pytest.raises(EmulatorMisuseError):
        await mila.react(theirs.id, "👍")


async def test_it_is_driven_from_outside(home: MatrixEmulator, bot: Account) -> None:
    async with aiohttp.ClientSession(home.api_url) as control:

        async def post(path: str, **body: object) -> Any:
            async with control.post(f"/control/{path}", json=body) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

        await post("people", id="mila", name="Mila")
        made = await post("people/mila/rooms", invite=[bot.user_id])
        await post("people/mila/send", text="dag")
        await post("people/mila/send_photo", data="YWJj")
        async with control.get("/control/people/mila/screen") as answer:
            lines = (await answer.json())["lines"]
        assert [line["kind"] for line in lines] == ["join", "invite", "m.text", "m.image"]
        async with control.get("/control/people/mila/rooms") as answer:
            assert await answer.json() == {"join": [made["id"]], "invite": []}
        assert (await post("faults", fault="too_many", method="send"))["rules"]
        async with control.get("/control/journal") as answer:
            assert [said["text"] for said in (await answer.json())["said"]] == ["dag", "photo.jpeg"]
        for path, body in (("people/mila/dance", {}), ("faults", {"fault": "duplicate"})):
            async with control.post(f"/control/{path}", json=body) as answer:
                assert answer.status == 400


async def test_being_down_loses_nothing(
    home: MatrixEmulator, api: aiohttp.ClientSession, mila: Person, room: Room
) -> None:
    since = (await sync(api))["next_batch"]
    await home.down()
    with pytest.raises(aiohttp.ClientError):
        await sync(api, since=since)
    await mila.send("ondertussen")
    await home.up()
    assert bodies(await sync(api, since=since), room) == ["ondertussen"]
