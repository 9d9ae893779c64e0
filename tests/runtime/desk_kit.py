"""A front desk without a network: a real store, its writer, and people whose acts are made here.

1. Every act is a payload of its own: kept first, handled after, in a transaction each.
2. ``keep`` only keeps it, so that a test decides in which order payloads are handled; what a
   release lets go waits in ``let_go`` until ``catch_up``.
3. A network that takes all it is given shows what the bridge says; ``told`` reads it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.adapter import NUMBERED, Raw, Sent
from bridge.core.content import Choices, Text, words
from bridge.core.effects import OpenPlace, SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import (
    BlockedIn,
    ChoiceIn,
    EditIn,
    Inbound,
    MessageIn,
    Sender,
    StartIn,
)
from bridge.runtime import claiming, sending
from bridge.runtime.handle import handle
from bridge.runtime.inbox import handle_payload
from bridge.runtime.preparing import Item
from bridge.runtime.texts import Catalogue
from storage import queries
from storage.engine import Store, open_store
from storage.keys import MasterKey
from storage.writer import Writer
from tests.support.blank import blank

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from bridge.core.errors import SendError
    from storage.inbox import InboxRow
    from storage.unit import Unit

FORUM = "-100"
LEASE, GIVE_UP = timedelta(minutes=1), timedelta(days=1)


def at(address: str) -> Endpoint:
    """Where somebody is."""
    return Endpoint("telegram", "main", address)


class Told:
    """One message of the bridge's: where it shows, what it says, what may be chosen."""

    def __init__(self, effect: SendMessage, external_id: str) -> None:
        self.place = effect.to.place
        self.external_id = external_id
        content = effect.content
        self.text = words(content)
        self.ref, self.keys, self.labels = "", [""][:0], [""][:0]
        if isinstance(content, Choices):
            self.text = "".join(str(part) for part in content.body)
            self.ref = content.ref
            self.keys = [one.key for one in content.options]
            self.labels = [one.label for one in content.options]


class FrontDesk:
    """People, trajectories and what they do; the clock goes on by itself, a second an act."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.writer = Writer(store, lambda: self.now)
        self.catalogue = Catalogue()
        self.numbers_options = False
        """The network has no buttons: a question is shown as a numbered list."""
        self.let_go: list[int] = []
        self.refusing: dict[str, SendError] = {}
        self.opened = 0
        self._told: list[Told] = []
        self._inbounds: dict[int, Inbound] = {}
        self._numbers = 0

    # the practice

    def people(self, *names: str, **addresses: str) -> None:
        """Add people who speak English; by default each is where their name says."""

        def work(unit: Unit) -> None:
            for name in (*names, *addresses):
                unit.put_person(name, name.capitalize(), "en", "Europe/Amsterdam")
                unit.put_endpoint(at(addresses.get(name, name)), name)

        self.writer.run(work)

    def person(self, name: str) -> None:
        """Add somebody who cannot be reached yet."""
        self.writer.run(lambda unit: unit.put_person(name, name.capitalize(), "en", "UTC"))

    def trajectory(
        self, name: str, coaches: Sequence[str], clients: Sequence[str], *, agreed: bool = True
    ) -> None:
        """Open a trajectory."""
        roles = [(one, "coach") for one in coaches] + [(one, "client") for one in clients]
        commands: list[c.Command] = [c.OpenTrajectory()]
        commands += [c.AddParty(one, role, one.capitalize()) for one, role in roles]
        commands += [c.RecordConsent(one) for one in clients if agreed]
        self.do(name, *commands)

    def do(self, trajectory: str, *commands: c.Command) -> None:
        """Carry out commands of the operator."""

        def work(unit: Unit) -> None:
            for command in commands:
                handle(unit, trajectory, command, self.catalogue)
            self.let_go += unit.left.inbox

        self.writer.run(work)
        self.catch_up()

    # what people do

    def says(
        self, who: str, text: str, *, place: Place | None = None, reply_to: str = ""
    ) -> InboxRow:
        """Somebody writes, and it is handled."""
        row = self.keep(self.message(who, text, place=place, reply_to=reply_to))
        self.settle(row.id)
        self.catch_up()
        return row

    def message(
        self, who: str, text: str, *, place: Place | None = None, reply_to: str = ""
    ) -> MessageIn:
        """Return a message; without a place it is written in the private chat."""
        self._numbers += 1
        return MessageIn(
            place=place or _chat(who),
            sender=Sender(at(who), who.capitalize(), direct=place is None),
            external_id=f"m{self._numbers}",
            content=Text((text,)),
            at=self.now,
            reply_to=reply_to,
        )

    def edit(self, of: MessageIn, text: str) -> EditIn:
        """Return an edit of a message."""
        return EditIn(of.place, of.sender, of.external_id, Text((text,)), self.now)

    def starts(self, who: str, code: str = "") -> None:
        """Somebody opens the chat, perhaps by a link."""
        self._numbers += 1
        start = StartIn(_chat(who), Sender(at(who), who.capitalize()), "s", self.now, code)
        self.act(start)

    def blocks(self, who: str, *, blocked: bool = True, stop: bool = False) -> None:
        """Somebody blocks us, or lets us in again; ``stop`` = by a word the network acts on."""
        self.act(BlockedIn(Sender(at(who)), blocked, self.now, stop))

    def press(self, who: str, question: Told, key: str) -> None:
        """Somebody presses a button under a question."""
        self.act(self.pressing(who, question, key))

    def pressing(self, who: str, question: Told, key: str) -> ChoiceIn:
        """Return the press of a button."""
        self._numbers += 1
        sender = Sender(at(who), who.capitalize())
        number = f"c{self._numbers}"
        return ChoiceIn(question.place, sender, number, question.ref, key, self.now, ack=number)

    def act(self, inbound: Inbound) -> None:
        """Anything happens, and it is handled."""
        self.settle(self.keep(inbound).id)
        self.catch_up()

    # payloads

    def keep(self, inbound: Inbound) -> InboxRow:
        """Keep a payload, as the edge does, and no more."""
        self.now += timedelta(seconds=1)
        self._numbers += 1
        raw = Raw((f"update:{self._numbers}",), b"{}")
        (row,) = self.writer.run(lambda unit: unit.accept("telegram", "main", [raw], None))
        self._inbounds[row.id] = inbound
        return row

    def settle(self, row: int) -> None:
        """Handle one kept payload in a transaction."""

        def work(unit: Unit) -> None:
            kept = unit.inbox_row(row)
            if kept is not None:
                handle_payload(unit, kept, [self._inbounds[row]], self.catalogue)
            self.let_go += unit.left.inbox

        self.writer.run(work)

    def catch_up(self) -> None:
        """Handle what was let go, in the order in which it was."""
        while self.let_go:
            self.settle(self.let_go.pop(0))

    # what came of it

    def deliver(self) -> None:
        """Let the network take everything that may go; it refuses what ``refusing`` names."""
        while ids := [row.id for row in queries.outbox(self.store) if row.state == "queued"]:
            self.writer.run(partial(self._send, ids))

    def _send(self, ids: Sequence[int], unit: Unit) -> None:
        for item in claiming.claim(unit, ids, "network", LEASE, GIVE_UP, self.catalogue):
            assert isinstance(item, Item)
            effect = item.effect
            chat = effect.to.place.chat
            if chat in self.refusing:
                sending.given_up(unit, item, self.refusing[chat], self.catalogue)
                continue
            self._numbers += 1
            sent = Sent((f"b{self._numbers}",))
            if isinstance(effect, OpenPlace):
                self.opened += 1
                thread = f"{self.opened}"
                sent = Sent(opened=msgspec.structs.replace(effect.to.place, thread=thread))
            elif isinstance(effect, SendMessage):
                self._told.append(Told(effect, sent.external_ids[0]))
            losses = (NUMBERED,) if self.numbers_options else ()
            sending.sent(unit, item, sent.external_ids, losses, sent, self.catalogue)

    def told(self, chat: str) -> list[Told]:
        """Return what was shown in a chat, oldest first."""
        self.deliver()
        return [told for told in self._told if told.place.chat == chat]

    def texts(self, chat: str) -> list[str]:
        """Return the words of it."""
        return [told.text for told in self.told(chat)]

    def last(self, chat: str) -> Told:
        """Return the newest of it."""
        return self.told(chat)[-1]

    def log(self, trajectory: str) -> list[e.Entry]:
        """Return a log's entries."""

        def work(unit: Unit) -> list[e.Entry]:
            state = unit.state(trajectory)
            logged = (unit.entry(trajectory, n + 1) for n in range(state.seq if state else 0))
            return [one.entry for one in logged if one is not None and one.entry is not None]

        return self.writer.run(work)

    def lines(self, trajectory: str) -> list[str]:
        """Return what was said in a trajectory, in the order of its log."""
        posted = [one for one in self.log(trajectory) if isinstance(one, e.MessagePosted)]
        return [words(one.content) for one in posted]

    def waiting(self) -> Mapping[int, str]:
        """Return the state of every payload that is not over."""
        return {row.id: row.state for row in queries.inbox(self.store)}


def _chat(who: str) -> Place:
    return Place("telegram", "main", who)


@contextmanager
def front_desk(folder: Path) -> Iterator[FrontDesk]:
    """Open a front desk over a fresh SQLite store."""
    store = open_store(blank(folder / "desk.db"), MasterKey(os.urandom(32)))
    desk = FrontDesk(store)
    try:
        yield desk
    finally:
        desk.writer.close()
        store.close()
