"""What the bridge itself writes audits clean at every moment, also half-way and after a crash."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bridge.core import commands as c
from bridge.core.adapter import Raw, Sent
from bridge.core.delivery import DeliveryState
from bridge.core.effects import SendMessage
from bridge.core.inbound import ChoiceIn, DeleteIn, EditIn, Inbound, MessageIn, ReactionIn, Sender
from bridge.runtime import claiming, preparing, sending
from bridge.runtime.handle import handle
from bridge.runtime.inbox import handle_payload
from bridge.runtime.texts import Catalogue
from storage import queries
from storage.audit import audit
from storage.outbox_rows import open_rows
from storage.unit import Unit
from storage.writer import Writer
from tests.storage.book import ANNA, NOOR, opened, place, text

TRAJECTORY = "anna-2026"
LEASE = timedelta(minutes=2)
GIVE_UP = timedelta(hours=1)


class Bridge:
    """The real transactions of the bridge, one by one, with a clock of the test's own."""

    def __init__(self, url: str) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.store = opened(url)
        self.writer = Writer(self.store, lambda: self.now)
        self.texts = Catalogue()
        self.numbers = iter(range(1, 10_000))

    def command(self, *commands: c.Command) -> None:
        def work(unit: Unit) -> None:
            for command in commands:
                handle(unit, TRAJECTORY, command, self.texts)

        self.writer.run(work)
        self.audited()

    def receive(self, inbound: Inbound) -> None:
        """Keep a payload, audit, then have it handled."""
        raw = Raw((f"update:{next(self.numbers)}",), b"{}")
        (row,) = self.writer.run(lambda unit: unit.accept("telegram", "main", [raw], "1"))
        self.audited()
        self.writer.run(lambda unit: handle_payload(unit, row, [inbound], self.texts))
        self.audited()

    def send_all(self) -> list[str]:
        """Claim and send what can go until nothing can; return the kinds of what was sent."""
        sent: list[str] = []
        while items := self.claim():
            for item in items:
                shows = isinstance(item.effect, SendMessage)
                ids = (f"m{next(self.numbers)}",) if shows else ()
                self.writer.run(
                    lambda unit, item=item, ids=ids: sending.sent(  # type: ignore[misc]
                        unit, item, ids, (), Sent(ids), self.texts
                    )
                )
                sent.append(type(item.effect).__name__)
                self.audited()
        return sent

    def claim(self) -> list[preparing.Item]:
        """Claim what can go."""
        numbers = [row.id for row in open_rows(self.store)]
        found = self.writer.run(
            lambda unit: claiming.claim(unit, numbers, "me", LEASE, GIVE_UP, self.texts)
        )
        self.audited()
        return [item for item in found if isinstance(item, preparing.Item)]

    def audited(self) -> None:
        """Nothing may be wrong at any moment."""
        found = audit(self.store)
        assert found.holds, [check for check in found.checks if not check.holds]
        self.now += timedelta(seconds=1)

    def lines(self, kind: str) -> list[queries.LogLine]:
        """The lines of one kind."""
        return [line for line in queries.log(self.store, TRAJECTORY) if line.kind == kind]


@pytest.fixture
def bridge(database_url: str) -> Iterator[Bridge]:
    """A trajectory of a coach and a client who has not agreed yet."""
    made = Bridge(database_url)

    def people(unit: Unit) -> None:
        for person, endpoint in (("noor", NOOR), ("anna", ANNA)):
            unit.put_person(person, person.title(), "en", "Europe/Amsterdam")
            unit.put_endpoint(endpoint, person, rank=0, verified=True)

    made.writer.run(people)
    made.command(
        c.OpenTrajectory(),
        c.AddParty("noor", "coach", "Noor"),
        c.AddParty("anna", "client", "Anna"),
    )
    yield made
    made.writer.close()
    made.store.close()


def _says(who: str, words: str, number: int) -> MessageIn:
    endpoint = NOOR if who == "noor" else ANNA
    return MessageIn(place(endpoint), Sender(endpoint), str(number), text(words), datetime.now(UTC))


def test_a_whole_conversation_is_sound_at_every_step(bridge: Bridge) -> None:
    bridge.receive(_says("noor", "Hello Anna", 1))
    assert bridge.lines("message_posted")[0].deliveries[0].state is DeliveryState.ACCEPTED
    bridge.send_all()
    bridge.receive(_says("anna", "Who are you?", 2))
    question = bridge.lines("notice_given")[0]
    sender, at = Sender(ANNA), datetime.now(UTC)
    answer = ChoiceIn(
        place(ANNA), sender, "3", f"{TRAJECTORY}/{question.seq}", "yes", at, ack="callback"
    )
    bridge.receive(answer)
    bridge.send_all()
    bridge.receive(_says("anna", "I read ten pages", 4))
    bridge.send_all()
    bridge.receive(EditIn(place(ANNA), sender, "4", text("eleven"), at))
    bridge.receive(ReactionIn(place(ANNA), sender, "1", ("👍",), at))
    bridge.receive(DeleteIn(place(ANNA), sender, "4", at))
    bridge.receive(ReactionIn(place(ANNA), sender, "999", ("👍",), at))
    bridge.send_all()
    posted = bridge.lines("message_posted")
    assert [line.text for line in posted[:1]] == ["Hello Anna"]
    assert all(
        delivery.state is DeliveryState.SENT for line in posted for delivery in line.deliveries
    )
    assert list(queries.outbox(bridge.store)) == []


def test_a_crash_in_the_middle_of_sending_is_sound(bridge: Bridge) -> None:
    bridge.command(c.RecordConsent("anna"))
    bridge.receive(_says("anna", "first", 1))
    bridge.receive(_says("anna", "second", 2))
    (left,) = bridge.claim()
    bridge.now += timedelta(days=2)
    bridge.audited()
    bridge.writer.run(
        lambda unit: sending.uncertain(unit, left.row, "interrupted", LEASE, bridge.texts)
    )
    bridge.audited()
    assert bridge.lines("message_posted")[0].deliveries[0].state is DeliveryState.UNCERTAIN


@pytest.mark.slow
@pytest.mark.parametrize("end", ["removed", "refused", "stopped", "closed", "revoked"])
def test_whatever_ends_a_conversation_leaves_it_sound(bridge: Bridge, end: str) -> None:
    bridge.command(c.RecordConsent("anna"))
    bridge.receive(_says("noor", "on its way", 1))
    bridge.claim()
    bridge.receive(_says("noor", "still queued", 2))
    if end == "removed":
        bridge.command(c.RemoveParty("anna"))
    elif end == "refused":
        bridge.command(c.AnswerConsent("anna", yes=False, endpoint=ANNA))
    elif end == "closed":
        bridge.command(c.CloseTrajectory())
    elif end == "stopped":
        bridge.receive(_says("anna", "STOP", 3))
    else:
        bridge.writer.run(lambda unit: unit.revoke_endpoint(ANNA))
        bridge.audited()
    bridge.receive(_says("noor", "too late", 4))
    bridge.now += timedelta(minutes=5)
    bridge.send_all()
    bridge.audited()


def test_an_erased_client_leaves_the_log_sound(bridge: Bridge) -> None:
    bridge.command(c.RecordConsent("anna"))
    bridge.receive(_says("anna", "gone soon", 1))
    bridge.writer.run(lambda unit: unit.destroy_key(TRAJECTORY, "anna"))
    bridge.audited()
    bridge.receive(_says("noor", "an answer to nobody's words", 2))
    first, second = bridge.lines("message_posted")
    assert (first.text, first.erased) == (None, True)
    assert (second.text, second.erased) == ("an answer to nobody's words", False)
