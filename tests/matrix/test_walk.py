"""The whole bridge with everybody on Matrix, encrypted, on a real homeserver."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nio import RoomEncryptedImage  # type: ignore[import-untyped]  # it ships no types

from tests.matrix.kit import PASSWORD
from tests.matrix.person import Person
from tests.matrix.proxy import settle
from tests.matrix.synapse import Account, Synapse
from tests.walks.bridge import Bridge

pytestmark = pytest.mark.slow
PHOTO = b"\xff\xd8" + bytes(range(256)) * 300


class OnMatrix(Bridge):
    """A bridge with nothing but an account on Matrix."""

    account: Account

    def write_settings(self, api_url: str) -> None:
        """Write coachbridge.toml; the network's address is the homeserver."""
        self.config.write_text(
            f'[store]\nurl = "{self.store_url}"\n'
            f'[web]\nport = {self.port}\npublic_url = "{self.url}"\n'
            '[notices]\nprotection = "never"\n'
            f'[matrix.main]\nhomeserver = "{api_url}"\nuser_id = "{self.account.user_id}"\n'
            f'password = "{PASSWORD}"\n'
        )


@pytest.fixture
async def house(tmp_path: Path, synapse: Synapse, bridge: Account) -> AsyncIterator[OnMatrix]:
    """A bridge that is not started yet."""

    class Ours(OnMatrix):
        account = bridge

    url = f"sqlite:///{tmp_path / 'bridge' / 'coachbridge.db'}"
    async with Ours(tmp_path / "bridge", url, synapse.url) as running:
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
    await house.apply(
        f'[[person]]\nid = "noor"\nname = "Noor"\nlanguage = "nl"\n'
        f'endpoints = ["matrix:main:{noor.account.user_id}"]\n'
        f'[[person]]\nid = "piet"\nname = "Piet"\nlanguage = "nl"\n'
        f'endpoints = ["matrix:main:{piet.account.user_id}"]\n'
        '[[trajectory]]\nid = "piet-2026"\ncoaches = ["noor"]\nclients = ["piet"]\n'
        'consent = "recorded"\n'
    )
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
