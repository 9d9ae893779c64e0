"""Six people on four networks: one order for all, each line attributed, nothing for who left."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.adapter import Sent
from bridge.core.content import Text, words
from bridge.core.effects import SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import MessageIn, Sender
from bridge.runtime import claiming, sending
from bridge.runtime.preparing import Item
from storage import queries, timeline, webview
from storage.audit import audit
from tests.runtime.desk_kit import GIVE_UP, LEASE, FrontDesk, front_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.unit import Unit

LOG = "intervision"
WHERE = {
    "noor": "matrix",
    "olga": "slack",
    "anna": "telegram",
    "bram": "sms",
    "cleo": "telegram",
    "dirk": "sms",
}


def at(person: str) -> Endpoint:
    """Where somebody is."""
    return Endpoint(WHERE[person], "main", person)


class Group:
    """The group, its screens, and networks that take rows in any order of lanes."""

    def __init__(self, desk: FrontDesk) -> None:
        self.desk = desk
        self.screens: dict[str, list[tuple[str, str]]] = {person: [] for person in WHERE}
        self._numbers = 0
        self._chance = random.Random(4)

        def work(unit: Unit) -> None:
            for person in WHERE:
                unit.put_person(person, person.capitalize(), "en", "UTC")
                unit.put_endpoint(at(person), person)

        desk.writer.run(work)
        clients = [person for person in WHERE if person != "noor"]
        desk.trajectory(LOG, ["noor"], clients)

    def says(self, person: str, text: str) -> None:
        """Somebody writes."""
        self._numbers += 1
        place = Place(WHERE[person], "main", person)
        sender = Sender(at(person))
        number = f"m{self._numbers}"
        self.desk.act(MessageIn(place, sender, number, Text((text,)), self.desk.now))

    def some_are_delivered(self, share: float) -> None:
        """Networks take some of what waits, in no order of their own."""
        waiting = [row.id for row in queries.outbox(self.desk.store) if row.state == "queued"]
        self._chance.shuffle(waiting)
        self.desk.writer.run(partial(self._send, waiting[: int(len(waiting) * share + 1)]))

    def _send(self, ids: list[int], unit: Unit) -> None:
        for item in claiming.claim(unit, ids, "me", LEASE, GIVE_UP, self.desk.catalogue):
            assert isinstance(item, Item)
            effect = item.effect
            assert isinstance(effect, SendMessage)
            assert effect.to.endpoint == at(effect.to.party)
            self.screens[effect.to.party].append((effect.header, words(effect.content)))
            sent = Sent((f"x{item.row.id}",))
            sending.sent(unit, item, sent.external_ids, (), sent, self.desk.catalogue)

    def all_is_delivered(self) -> None:
        """Nothing waits any more."""
        while any(row.state == "queued" for row in queries.outbox(self.desk.store)):
            self.some_are_delivered(1.0)


@pytest.fixture
def group(tmp_path: Path) -> Iterator[Group]:
    with front_desk(tmp_path) as desk:
        yield Group(desk)


def test_one_order_for_all_and_every_line_has_its_author(group: Group) -> None:
    chance = random.Random(9)
    for number in range(60):
        group.says(chance.choice(list(WHERE)), f"line {number}")
        if chance.random() < 0.5:
            group.some_are_delivered(0.4)
    group.all_is_delivered()
    log = [
        (one.author.capitalize(), words(one.content))
        for one in group.desk.log(LOG)
        if isinstance(one, e.MessagePosted)
    ]
    assert len(log) == 60
    for person, screen in group.screens.items():
        assert screen == [line for line in log if line[0] != person.capitalize()], person
    found = [one for check in audit(group.desk.store).checks for one in check.findings]
    assert found == []


def test_who_left_sees_nothing_later_not_even_what_waited(group: Group) -> None:
    group.says("noor", "before")
    group.all_is_delivered()
    group.says("noor", "on its way")
    group.desk.do(LOG, c.RemoveParty("bram"))
    group.says("anna", "about Bram")
    group.all_is_delivered()
    assert [text for _, text in group.screens["bram"]] == ["before"]
    assert [text for _, text in group.screens["dirk"]] == ["before", "on its way", "about Bram"]
    shown = repr(webview.newest(group.desk.store, LOG, "bram", ("sms", "main", "bram")))
    shown += repr(timeline.page(group.desk.store, LOG, "bram"))
    assert "before" in shown
    assert "on its way" not in shown
    assert "about Bram" not in shown
    group.says("bram", "Am I still there?")
    group.desk.do(LOG, c.AddParty("bram", "client", "Bram"))
    shown = repr(timeline.page(group.desk.store, LOG, "bram"))
    assert "on its way" not in shown
    assert "about Bram" not in shown


def test_an_aside_in_a_group_of_six_reaches_one_screen(group: Group) -> None:
    group.says("bram", "aside: I find this hard")
    group.all_is_delivered()
    seen = {person for person, screen in group.screens.items() if "hard" in repr(screen)}
    assert seen == {"noor"}
    assert group.screens["noor"] == [("Bram, only to you", "I find this hard")]
