"""The whole bridge with everybody on Matrix, encrypted, on a real homeserver."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nio import RoomEncryptedImage  # type: ignore[import-untyped]  # it ships no types

from tests.matrix.house import OnMatrix, on_matrix, practice
from tests.matrix.person import Person
from tests.matrix.proxy import settle
from tests.matrix.synapse import Account, Synapse

pytestmark = pytest.mark.slow
PHOTO = b"\xff\xd8" + bytes(range(256)) * 300


@pytest.fixture
async def house(tmp_path: Path, synapse: Synapse, bridge: Account) -> AsyncIterator[OnMatrix]:
    """A bridge that is not started yet."""
    async with on_matrix(tmp_path / "bridge", synapse.url, bridge) as running:
        yield running


@pytest.fixture
async def noor(synapse: Synapse, tmp_path: Path) -> AsyncIterator[Person]:
    """The coach."""
    person = Person(synapse.register("noor", "pw"), tmp_path / "noor")
    yield person
    await person.close()


async def test_coach_and_client_talk_through_kill_and_restart(
    house: OnMatrix, noor: Person, piet: Person
) -> None:
    await noor.look()
    await piet.look()
    await house.apply(practice(noor.account, piet.account))
    await house.start()
    room = await noor.room(house.account.user_id)
    await settle(lambda: room in house.account.rooms())
    await noor.look()
    await noor.say(room, body="Dag Piet, hoe gaat het? 🚲")
    await piet.until_seen(1)
    assert piet.words() == ["Dag Piet, hoe gaat het? 🚲"]
    (his,) = piet.account.rooms()
    question = piet.seen[-1].event_id
    answering = {"m.relates_to": {"m.in_reply_to": {"event_id": question}}}
    await piet.say(his, body="Goed!", **answering)
    await noor.until_seen(1)
    asked = noor.seen[-1].source["content"]["m.relates_to"]["m.in_reply_to"]["event_id"]
    assert noor.words() == ["Goed!"]
    assert asked in {event["event_id"] for event in noor.account.events(room)}

    house.kill()
    await piet.say(his, body="ben je er nog?")
    await piet.photo(his, PHOTO)
    await house.start()
    await noor.until_seen(3)
    assert noor.words()[1] == "ben je er nog?"
    photo = noor.seen[-1]
    assert isinstance(photo, RoomEncryptedImage)
    assert await noor.opened(photo) == PHOTO

    group = noor.account.room(house.account.user_id, name="Mijn trajecten")
    await settle(lambda: group in house.account.rooms())
    noor.account.say(group, {"msgtype": "m.text", "body": "onderwerpen"})
    known = {room, group}
    await settle(lambda: {*noor.account.rooms(), *noor.account.invitations()} - known)
    await noor.look()
    (own,) = {*noor.account.rooms()} - known
    await noor.look()
    await noor.say(own, body="hier verder")
    await piet.until_seen(2)
    await piet.say(his, body="prima")
    await noor.until_seen(len(noor.words()) + 1)
    assert noor.seen[-1].body == "prima"
    assert any(e["sender"] == house.account.user_id for e in noor.account.events(own))
    await house.settled()
    await house.audit()
    assert piet.words() == ["Dag Piet, hoe gaat het? 🚲", "hier verder"]
