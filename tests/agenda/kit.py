"""A practice with an agenda, a clock that the test drives, and what people are told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.content import Choices, Text
from bridge.core.effects import SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import ChoiceIn, MessageIn, Sender
from bridge.runtime.agenda import AgendaPages
from bridge.runtime.handle import handle
from bridge.runtime.texts import Catalogue
from scheduling.calendar.recurrence import Hours
from scheduling.calendar.slots import Availability, Kind
from scheduling.timers import Timers
from storage.planned import waiting_timers
from storage.wants import Wants
from storage.writer import Writer

if TYPE_CHECKING:
    from bridge.core.decide import Decision
    from bridge.core.trajectory import Trajectory
    from storage.engine import Store
    from storage.unit import Unit

FRIDAY = datetime(2026, 3, 27, 8, 0, tzinfo=UTC)
"""Two days before the clocks change in Europe."""

MORNINGS = (Hours((0, 1, 2, 3, 4), time(9), time(12, 30)),)
VIDEO = Kind("video", MORNINGS)
PHONE = Kind("phone", (Hours((1,), time(13), time(15)),), minutes=25)
OFFERED = Availability("Europe/Amsterdam", (VIDEO, PHONE))
ADDRESSES = {"noor": "111", "anna": "222", "bram": "333"}


class Practice:
    """Noor coaches; ``told`` is everything the bridge said, by person, in their language."""

    def __init__(self, store: Store, *, mails: frozenset[str] = frozenset()) -> None:
        self.store = store
        self.now = FRIDAY
        self.writer = Writer(store, lambda: self.now)
        self.pages = AgendaPages(b"k" * 32, "https://b.example.org", mails, video=True)
        self.catalogue = Catalogue(agenda=self.pages)
        self.told: dict[str, list[Text | Choices]] = {}
        self.effects: list[SendMessage] = []
        self.names: list[str] = []
        self._acts = 0
        self.writer.run(self._begin)

    def _begin(self, unit: Unit) -> None:
        unit.put_person("noor", "Noor", "nl", "Europe/Amsterdam")
        unit.put_endpoint(Endpoint("telegram", "main", ADDRESSES["noor"]), "noor")
        unit.agendas.put("noor", OFFERED)

    def client(self, name: str, zone: str = "Europe/Lisbon", language: str = "en") -> str:
        """Add a client with a trajectory of their own; return it."""
        trajectory = f"{name}-2026"
        self.names.append(trajectory)

        def work(unit: Unit) -> None:
            unit.put_person(name, name.capitalize(), language, zone)
            unit.put_endpoint(Endpoint("telegram", "main", ADDRESSES.get(name, name)), name)
            for command in (
                c.OpenTrajectory(),
                c.AddParty("noor", "coach", "Noor"),
                c.AddParty(name, "client", name.capitalize()),
                c.RecordConsent(name),
            ):
                handle(unit, trajectory, command, self.catalogue)

        self.writer.run(work, Wants(trajectories=(trajectory,)))
        return trajectory

    def does(self, trajectory: str, command: c.Command) -> Decision:
        """Carry out a command, and note what people are told."""
        made = self.writer.run(lambda unit: handle(unit, trajectory, command, self.catalogue))
        for effect in made.effects:
            if isinstance(effect, SendMessage):
                self._tell(effect)
        return made

    def _tell(self, effect: SendMessage) -> None:
        self.effects.append(effect)
        person = effect.to.party
        known = self.writer.run(lambda unit: unit.person(person))
        content = self.catalogue.translate(effect.content, known.language if known else "en")
        assert isinstance(content, Text | Choices)
        self.told.setdefault(person, []).append(content)

    def state(self, trajectory: str) -> Trajectory:
        """Return a trajectory as it is now."""
        found = self.writer.run(lambda unit: unit.state(trajectory))
        assert found is not None
        return found

    def says(self, trajectory: str, person: str, words: str) -> Decision:
        """Somebody writes."""
        inbound = MessageIn(
            self._place(person), self._sender(person), self._id(), Text((words,)), self.now
        )
        return self.does(trajectory, c.Receive(person, inbound))

    def picks(self, trajectory: str, person: str, number: int) -> Decision:
        """Somebody answers the latest question with a digit."""
        asked = next(one for one in reversed(self.told[person]) if isinstance(one, Choices))
        return self.presses(trajectory, person, asked, asked.options[number - 1].key)

    def presses(self, trajectory: str, person: str, asked: Choices, key: str) -> Decision:
        """Somebody presses a button, perhaps an old one."""
        where = self._place(person)
        inbound = ChoiceIn(where, self._sender(person), self._id(), asked.ref, key, self.now)
        return self.does(trajectory, c.Receive(person, inbound))

    def latest(self, person: str) -> str:
        """Return what somebody was told last, and the options in lines."""
        content = self.told[person][-1]
        options = content.options if isinstance(content, Choices) else ()
        return "\n".join([str(content.body[0]), *(one.label for one in options)])

    def question(self, person: str) -> Choices:
        """Return the question somebody was asked last."""
        return next(one for one in reversed(self.told[person]) if isinstance(one, Choices))

    def at(self, moment: datetime) -> None:
        """Let time pass until then, timers firing when they are due."""
        while self.now < moment:
            due = [t.at for name in self.names for t in waiting_timers(self.store, name)]
            self.now = min([moment, *(at for at in due if at > self.now)])
            asyncio.run(Timers(self.writer, self.catalogue).fire_due())

    def _id(self) -> str:
        self._acts += 1
        return str(self._acts)

    def _place(self, person: str) -> Place:
        return Place("telegram", "main", ADDRESSES.get(person, person))

    def _sender(self, person: str) -> Sender:
        return Sender(Endpoint("telegram", "main", ADDRESSES.get(person, person)))

    def close(self) -> None:
        """Let go of the store."""
        self.writer.close()
