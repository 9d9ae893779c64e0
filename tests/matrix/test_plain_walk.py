"""One walk of the whole bridge without encryption, on Synapse and on the emulated homeserver.

Coach and client use the library of a real client, so it is also the judge of what /sync tells.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.matrix.emulated import Emulated, emulated
from tests.matrix.house import OnMatrix, on_matrix, practice
from tests.matrix.person import Person
from tests.matrix.proxy import settle
from tests.matrix.synapse import Account, Synapse, shared

pytestmark = pytest.mark.slow


@pytest.fixture(params=["synapse", "emulated"])
def synapse(request: pytest.FixtureRequest) -> Iterator[Synapse | Emulated]:
    """One homeserver after the other."""
    if request.param == "synapse":
        yield shared()
    else:
        with emulated() as running:
            yield running


@pytest.fixture
async def house(
    tmp_path: Path, synapse: Synapse | Emulated, bridge: Account
) -> AsyncIterator[OnMatrix]:
    """A bridge that is not started yet."""
    folder = tmp_path / "bridge"
    async with on_matrix(folder, synapse.url, bridge, encrypts=False) as running:
        yield running


@pytest.fixture
async def noor(synapse: Synapse | Emulated, tmp_path: Path) -> AsyncIterator[Person]:
    """The coach."""
    person = Person(synapse.register("noor", "pw"), tmp_path / "noor")
    yield person
    await person.close()


@pytest.fixture
async def piet(synapse: Synapse | Emulated, tmp_path: Path) -> AsyncIterator[Person]:
    """Her client."""
    person = Person(synapse.register("piet", "pw"), tmp_path / "piet")
    yield person
    await person.close()


def shown(account: Account, room: str) -> list[dict[str, Any]]:
    return [event for event in account.events(room) if event["type"] == "m.room.message"]


def reactions(account: Account, room: str) -> list[str]:
    found = (event for event in account.events(room) if event["type"] == "m.reaction")
    return [event["content"]["m.relates_to"]["key"] for event in found if event["content"]]


async def test_words_corrections_and_reactions_through_kill_and_restart(
    house: OnMatrix, noor: Person, piet: Person
) -> None:
    await house.apply(practice(noor.account, piet.account))
    await house.start()
    room = noor.account.room(house.account.user_id)
    await settle(lambda: room in house.account.rooms())
    await noor.say(room, body="Dag Piet, hoe gaat het? 🚲")
    await piet.until_seen(1)
    (his,) = piet.account.rooms()
    question = piet.seen[-1].event_id
    answering = {"m.relates_to": {"m.in_reply_to": {"event_id": question}}}
    answer = await piet.say(his, body="Geod!", **answering)
    await noor.until_seen(1)
    relation = noor.seen[-1].source["content"]["m.relates_to"]["m.in_reply_to"]
    assert relation["event_id"] in {event["event_id"] for event in noor.account.events(room)}

    new = {"msgtype": "m.text", "body": "Goed!"}
    change = {"rel_type": "m.replace", "event_id": answer}
    await piet.say(his, body="* Goed!", **{"m.new_content": new, "m.relates_to": change})
    copy = noor.seen[-1].event_id
    await settle(lambda: shown(noor.account, room)[-1]["content"].get("m.new_content"))
    edit = shown(noor.account, room)[-1]["content"]
    assert edit["m.new_content"]["body"] == "Goed!"
    assert edit["m.relates_to"] == {"rel_type": "m.replace", "event_id": copy}

    set_ = {"rel_type": "m.annotation", "event_id": copy, "key": "👏"}
    noor.account.say(room, {"m.relates_to": set_}, "m.reaction")
    await settle(lambda: reactions(piet.account, his) == ["👏"])

    house.kill()
    await piet.say(his, body="ben je er nog?")
    await house.start()
    await noor.until_seen(3)
    assert noor.words() == ["Geod!", "* Goed!", "ben je er nog?"]
    receipt = f"/rooms/{quote(room)}/receipt/m.read/{quote(noor.seen[-1].event_id)}"
    noor.account.call("POST", receipt, {})
    await house.settled()
    await house.audit()
    assert piet.words() == ["Dag Piet, hoe gaat het? 🚲"]
