"""A person goes on from another messenger: nothing is lost on the way, nothing comes twice."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.adapter import Sent
from bridge.core.content import Text, words
from bridge.core.effects import SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import MessageIn, Sender
from bridge.core.policy import Policy
from bridge.runtime import claiming, sending
from bridge.runtime.preparing import Item
from storage import queries, timeline
from storage.audit import audit
from storage.engine import open_store
from storage.keys import MasterKey
from storage.unit import Unit
from tests.runtime.desk_kit import GIVE_UP, LEASE, FrontDesk

NETWORKS = ("telegram", "sms", "email")


class Town(FrontDesk):
    """A front desk whose people sit on several networks, each of which may be away."""

    down: frozenset[str] = frozenset()

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.came: list[tuple[str, str, str]] = []
        """(network, chat, words) in the order in which they came."""
        self.got: Counter[tuple[str, int, str]] = Counter()
        """How often each entry came to each of its recipients."""

    def lives(self, person: str, *networks: str, language: str = "en") -> None:
        def work(unit: Unit) -> None:
            unit.put_person(person, person.capitalize(), language, "Europe/Amsterdam")
            for rank, network in enumerate(networks):
                unit.put_endpoint(Endpoint(network, "main", person), person, rank=rank)

        self.writer.run(work)

    def writes(self, person: str, network: str, text: str, *, ago: int = 0) -> None:
        self.act(self.words(person, network, text, ago=ago))

    def words(self, person: str, network: str, text: str, *, ago: int = 0) -> MessageIn:
        self._numbers += 1
        return MessageIn(
            place=Place(network, "main", person),
            sender=Sender(Endpoint(network, "main", person), person),
            external_id=f"m{self._numbers}",
            content=Text((text,)),
            at=self.now + timedelta(seconds=1 - ago),
        )

    def waiting_rows(self) -> list[queries.OutboxLine]:
        return [row for row in queries.outbox(self.store) if row.state == "queued"]

    def begin(self, row: int) -> Item | None:
        """Claim one row, as the outbox does before its request goes out."""

        def work(unit: Unit) -> list[object]:
            return [*claiming.claim(unit, [row], "network", LEASE, GIVE_UP, self.catalogue)]

        items = [one for one in self.writer.run(work) if isinstance(one, Item)]
        return items[0] if items else None

    def finish(self, item: Item) -> None:
        """The network takes it, or is away and has taken nothing."""
        row, effect = item.row, item.effect
        if row.network in self.down:
            again = self.now + timedelta(seconds=0)
            self.writer.run(lambda unit: unit.requeue(row.id, again, attempts=row.attempts + 1))
            return
        self._numbers += 1
        ids = (f"b{self._numbers}",)
        self.writer.run(lambda unit: sending.sent(unit, item, ids, (), Sent(ids), self.catalogue))
        if isinstance(effect, SendMessage):
            self.came.append((row.network, effect.to.place.chat, words(effect.content)))
            self.got[row.trajectory, row.seq, row.party] += bool(row.trajectory)

    def run(self) -> None:
        """Let every network that is there take what it gets."""
        while True:
            rows = [row for row in self.waiting_rows() if row.network not in self.down]
            items = [item for row in rows if (item := self.begin(row.id)) is not None]
            for item in items:
                self.finish(item)
            if not items:
                return

    def on(self, network: str, chat: str) -> list[str]:
        return [said for where, who, said in self.came if (where, who) == (network, chat)]


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """Noor coaches Anna, who is on Telegram and SMS, in this order."""
    store = open_store(database_url, MasterKey(os.urandom(32)))
    desk = Town(store)
    desk.lives("noor", "telegram")
    desk.lives("anna", "telegram", "sms")
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    yield desk
    desk.writer.close()
    store.close()


def moves(town: Town, trajectory: str = "anna-2026") -> list[tuple[str, str, str]]:
    return [
        (one.party, one.network, one.how)
        for one in town.log(trajectory)
        if isinstance(one, e.ConversationMoved)
    ]


def test_the_name_of_a_network_moves_the_conversation_there(town: Town) -> None:
    town.writes("anna", "telegram", "SMS")
    town.writes("noor", "telegram", "Good morning")
    town.run()
    assert town.on("sms", "anna") == ["Good morning"]
    assert town.on("telegram", "anna") == ["From now on everything comes to you by SMS."]
    assert moves(town) == [("anna", "sms", "asked")]
    town.writes("anna", "telegram", "sms.")
    town.run()
    assert town.on("telegram", "anna")[-1] == "Everything comes to you by SMS already."
    assert len(moves(town)) == 1
    assert town.lines("anna-2026") == ["Good morning"]
    assert audit(town.store).holds


def test_what_waits_for_an_account_that_is_away_comes_by_the_other(town: Town) -> None:
    town.down = frozenset({"telegram"})
    for said in ("one", "two", "three"):
        town.writes("noor", "telegram", said)
    first = town.waiting_rows()[0]
    item = town.begin(first.id)
    assert item is not None
    town.finish(item)
    town.writes("anna", "sms", "Telegram does not work here")
    town.run()
    assert town.on("sms", "anna") == ["one", "two", "three"]
    town.down = frozenset()
    town.run()
    assert town.on("telegram", "anna") == []
    assert moves(town) == [("anna", "sms", "answered")]
    assert set(town.got.values()) == {1}
    found = audit(town.store)
    assert found.holds, found


def test_what_is_being_sent_stays_where_it_is(town: Town) -> None:
    town.writes("noor", "telegram", "one")
    town.writes("noor", "telegram", "two")
    item = town.begin(town.waiting_rows()[0].id)
    assert item is not None
    town.writes("anna", "sms", "sms")
    town.finish(item)
    town.run()
    assert town.on("telegram", "anna") == ["one"]
    assert town.on("sms", "anna") == ["two", "From now on everything comes to you by SMS."]
    assert audit(town.store).holds


def test_receipts_and_the_page_of_the_client_know_what_moved(town: Town) -> None:
    town.down = frozenset({"telegram"})
    town.writes("noor", "telegram", "one")
    town.writes("anna", "telegram", "sms")
    town.run()
    log = enumerate(town.log("anna-2026"), 1)
    (posted,) = [seq for seq, one in log if isinstance(one, e.MessagePosted)]
    row = town.writer.run(lambda unit: unit.outbox_row("anna-2026", posted, "anna"))
    assert row is not None
    assert (row.network, row.state, row.key) == ("sms", "sent", f"anna-2026/{posted}/anna/turn-2")
    page = timeline.page(town.store, "anna-2026", "anna")
    assert [item.text for item in page.items] == ["one"]


def test_nothing_moves_to_where_one_is_not_or_has_stopped_us(town: Town) -> None:
    town.writes("anna", "telegram", "matrix")
    town.writes("anna", "sms", "STOP")
    town.writes("anna", "telegram", "sms")
    town.run()
    assert town.on("telegram", "anna") == [
        "We do not know you on Matrix yet. Write LINK to use another messenger too.",
        "Nothing can be sent to you by SMS now. Write START to us from there first.",
    ]
    assert moves(town) == []


def test_a_network_that_the_policy_forbids_is_no_place_to_go_on(town: Town) -> None:
    town.do("anna-2026", c.SetPolicy(Policy(allowed_networks=("telegram",))))
    town.writes("anna", "telegram", "sms")
    town.writes("anna", "sms", "I am here")
    town.writes("anna", "sms", "and here")
    town.writes("noor", "telegram", "Hello")
    town.run()
    assert moves(town) == []
    assert town.on("telegram", "anna")[0] == (
        "Your agreement does not allow SMS, so nothing comes there."
    )
    assert "Hello" in town.on("telegram", "anna")


def test_what_was_written_before_the_move_moves_nothing_back(town: Town) -> None:
    town.writes("anna", "sms", "I am here now")
    town.writes("anna", "telegram", "Written an hour ago", ago=3600)
    assert moves(town) == [("anna", "sms", "answered")]
    town.writes("anna", "telegram", "And back")
    assert moves(town)[1:] == [("anna", "telegram", "answered")]
    town.writes("noor", "telegram", "Hello")
    town.run()
    assert town.on("telegram", "anna") == ["Hello"]


def test_a_message_that_comes_twice_moves_nothing_back(town: Town) -> None:
    said = town.words("anna", "telegram", "Good morning")
    town.act(said)
    town.writes("anna", "sms", "sms")
    town.act(said)
    assert moves(town) == [("anna", "sms", "asked")]


def test_asking_the_bridge_from_elsewhere_moves_nothing(town: Town) -> None:
    town.writes("anna", "sms", "help")
    assert moves(town) == []
    town.run()
    assert "SMS (go on there)" in town.on("sms", "anna")[0]


def test_a_place_of_ones_own_waits_while_its_coach_is_elsewhere(town: Town) -> None:
    town.lives("noor", "telegram", "sms")
    topic = Place("telegram", "main", "-100", "7")
    town.do("anna-2026", c.BindPlace("noor", topic))
    town.writes("noor", "telegram", "SMS")
    town.writes("anna", "telegram", "one")
    town.run()
    assert town.on("sms", "noor") == ["one"]
    town.writes("noor", "sms", "telegram")
    town.writes("anna", "telegram", "two")
    town.run()
    assert town.on("telegram", "-100") == ["two"]


def test_the_author_is_named_where_several_could_be_meant(town: Town) -> None:
    town.lives("noor", "telegram", "sms")
    town.lives("bram", "telegram")
    town.trajectory("bram-2026", ["noor"], ["bram"])
    town.do("anna-2026", c.BindPlace("noor", Place("telegram", "main", "-100", "7")))
    town.down = frozenset({"telegram"})
    town.writes("anna", "telegram", "one")
    town.writes("noor", "sms", "sms")
    (row,) = [row for row in town.waiting_rows() if row.party == "noor" and row.trajectory]
    item = town.begin(row.id)
    assert item is not None
    assert isinstance(item.effect, SendMessage)
    assert item.effect.header == "Anna"


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_however_people_move_each_gets_each_message_once(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    clients = [f"client{number}" for number in range(6)]
    for client in clients:
        town.lives(client, *chance.sample(NETWORKS, 3))
        town.trajectory(client, ["noor"], [client])
    _wander(town, chance, clients)
    town.down = frozenset()
    town.run()
    expected = {
        (client, seq, party)
        for client in clients
        for seq, one in enumerate(town.log(client), 1)
        if isinstance(one, e.MessagePosted)
        for party in one.to
    }
    assert len(expected) > 50
    assert sum(len(moves(town, client)) for client in clients) > 20
    assert town.got == Counter(expected)
    found = audit(town.store)
    assert found.holds, found


def _wander(town: Town, chance: random.Random, clients: list[str]) -> None:
    """Let people write and move while networks come and go and messages are under way."""
    under_way: list[Item] = []
    for step in range(220):
        client, network = chance.choice(clients), chance.choice(NETWORKS)
        match chance.randrange(9):
            case 0 | 1 | 2:
                town.writes("noor", "telegram", f"{client}: words {step}")
            case 3:
                town.writes(client, network, f"answer {step}")
            case 4:
                town.writes(client, chance.choice(NETWORKS), network)
            case 5:
                town.down = town.down ^ {network}
            case 6 | 7 if rows := town.waiting_rows():
                item = town.begin(chance.choice(rows).id)
                under_way += [item] if item is not None else []
            case _ if under_way:
                town.finish(under_way.pop(chance.randrange(len(under_way))))
    for item in under_way:
        town.finish(item)
