"""What holds of prepaid minutes, whatever is granted, counted, corrected, told twice or cut off.

The model beside the engine counts for itself: two sums, and what every call and meeting came to.
A crash is a decision that nobody kept, after which the same command comes again.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from bridge.core import budget
from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.agenda import AgendaFacts, CoachAgenda
from bridge.core.content import Attachment, Content, Text, VoiceNote
from bridge.core.decide import Decision, decide
from bridge.core.endpoint import Endpoint, Place
from bridge.core.facts import Reach
from bridge.core.timers import StartTimer
from bridge.core.trajectory import Trajectory, apply, fold
from tests.core import cast
from tests.core.shapes import erased
from tests.support.effort import examples

PHONES = {"noor": "+31611110001", "anna": "+31622220001"}
BUDGET = (e.TimeGranted, e.TimeCounted, e.TimeProposed, e.TimeDeclined, e.TimeWarned)


class Minutes(RuleBasedStateMachine):
    """One trajectory of a coach and a client who have telephones."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Trajectory(id=cast.TRAJECTORY)
        self.log: list[tuple[e.Entry, datetime]] = []
        self.now = cast.NOON
        self.timers: dict[str, datetime] = {}
        self.people = dict(cast.PEOPLE)
        for name, number in PHONES.items():
            phone = Reach(Endpoint("voice", "main", number), epoch=1, chat=number)
            own = self.people[name]
            self.people[name] = replace(own, reach=(*own.reach, phone))
        self.calls = 0
        self.granted = self.spent = 0
        for command in (
            c.OpenTrajectory(),
            c.AddParty("noor", "coach", "Noor"),
            c.AddParty("anna", "client", "Anna"),
            c.RecordConsent("anna"),
        ):
            self.carry_out(command)

    @property
    def on(self) -> bool:
        """Minutes were agreed on, and the trajectory is open."""
        return bool(self.state.budget.since) and self.state.open

    @initialize(minutes=st.sampled_from([0, 300]))
    def begins(self, minutes: int) -> None:
        self.grants(minutes, "")

    @rule(
        minutes=st.sampled_from([0, 60, 300, -20, -400, 70_000]),
        party=st.sampled_from(["noor", ""]),
    )
    def grants(self, minutes: int, party: str) -> None:
        begun = bool(self.state.budget.since)
        right = 0 < minutes <= 60_000 or (minutes < 0 and begun and self.granted + minutes >= 0)
        if right and self.state.open:
            self.granted += minutes
        self.carry_out(c.GrantTime(minutes, party))

    @rule(
        minutes=st.sampled_from([1, 15, 90, -5, -40, 0, 700]),
        reason=st.sampled_from(["", "by letter"]),
    )
    def notes(self, minutes: int, reason: str) -> None:
        begun, asked = bool(self.state.budget.since), "noor" in self.state.budget.proposed
        right = begun and abs(minutes) <= 600 and self.spent + minutes >= 0
        if right and self.on and (minutes or (asked and not reason)):
            self.spent += minutes
        self.carry_out(c.NoteTime("noor", minutes, reason))

    @rule(minutes=st.integers(0, 12), yes=st.booleans(), twice=st.booleans())
    def writes(self, minutes: int, yes: bool, twice: bool) -> None:
        self.carry_out(c.CountWritten("noor", minutes, self.state.seq))
        proposed = self.state.budget.proposed.get("noor")
        if proposed is None:
            return
        self.spent += proposed.minutes if yes and self.on else 0
        for _ in range(2 if twice else 1):
            self.carry_out(c.TakeTime("noor", proposed.seq, yes))

    @rule(minutes=st.sampled_from([0.3, 0.5, 7.2, 48.4]), twice=st.booleans())
    def talk(self, minutes: float, twice: bool) -> None:
        """They talk; at an appointment of another kind it is part of that."""
        name = self.rings(twice)
        self.now += timedelta(minutes=minutes)
        self.hangs_up(name, minutes, twice)

    def rings(self, twice: bool = False) -> str:
        self.calls += 1
        name = f"CA{self.calls}"
        place = Place("voice", "main", PHONES["anna"], "+3197010200001")
        said = (
            c.CallReceived("anna", name, place),
            c.CallHeard(name, "1.greet"),
            c.CallHeard(name, "2.greeted", "1"),
        )
        for command in said:
            for _ in range(2 if twice else 1):
                self.carry_out(command)
        return name

    def hangs_up(self, name: str, minutes: float, twice: bool = False) -> None:
        appointments = self.state.agenda.appointments.values()
        within = any(one.opened and one.modality != "phone" for one in appointments)
        if self.on and not within:
            self.spent += int(minutes + 0.5)
        for _ in range(2 if twice else 1):
            self.carry_out(c.CallOver(name, "answered"))

    @rule(kind=st.sampled_from(["video", "phone"]), call=st.sampled_from(["", "at", "early"]))
    def meet(self, kind: str, call: str) -> None:
        """They have an appointment, at which they may talk by telephone; it may begin before."""
        before = self.state.seq
        self.carry_out(
            c.BookSlot("noor", kind, self.now + timedelta(hours=1), 50, "anna", 0, "coach")
        )
        booked = [
            n for n, (one, _) in enumerate(self.log[before:], before + 1)
            if isinstance(one, e.AppointmentBooked)
        ]  # fmt: skip
        if not booked:
            return
        self.now += timedelta(minutes=58)
        early = self.rings() if call == "early" else ""
        self.now += timedelta(minutes=2)
        self.carry_out(c.TimerFired(f"session:{booked[0]}:open", self.now))
        rung = bool(self.state.calls.open)
        if early:
            self.now += timedelta(minutes=20)
            self.hangs_up(early, 22)
        elif call and not rung:
            self.talk(20.0, False)
        for name in list(self.state.calls.open):
            self.carry_out(c.CallOver(name, "no_answer"))
        self.now += timedelta(minutes=30)
        by_call = kind == "phone" and (rung or call)
        self.spent += 50 if self.on and not by_call else 0
        for _ in range(2):
            self.carry_out(c.TimerFired(f"session:{booked[0]}:close", self.now))

    @rule(minutes=st.integers(1, 60))
    def walk(self, minutes: int) -> None:
        self.spent += minutes if self.on else 0
        self.carry_out(c.LogSession("noor", "f2f", minutes))

    @rule(minutes=st.sampled_from([1, 600, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        for name, due in sorted(self.timers.items()):
            if due <= self.now and name.startswith(("balance:", "ask_time:")):
                del self.timers[name]
                self.carry_out(c.TimerFired(name, due))

    @precondition(lambda self: len(self.log) > 60)
    @rule()
    def closes(self) -> None:
        self.carry_out(c.CloseTrajectory("ended"))

    def carry_out(self, command: c.Command) -> Decision:
        agenda = AgendaFacts({"noor": CoachAgenda(cast.OFFERED, ())})
        known = replace(cast.facts(self.now), people=self.people, agenda=agenda)
        lost = decide(cast.reread(self.state, Trajectory), command, known)
        decision = decide(cast.reread(self.state, Trajectory), command, known)
        assert lost == decision, "a crash changes nothing of what comes of it"
        for entry in decision.entries:
            self.log.append((entry, self.now))
            self.state = apply(self.state, entry, self.now)
        for timer in decision.timers:
            self.timers.pop(timer.name, None)
            if isinstance(timer, StartTimer):
                self.timers[timer.name] = timer.at
        return decision

    # -- what must hold ---------------------------------------------------------------------

    @invariant()
    def the_balance_is_what_was_granted_less_what_was_spent(self) -> None:
        lines = [one for one, _ in self.log]
        granted = sum(one.minutes for one in lines if isinstance(one, e.TimeGranted))
        spent = sum(one.minutes for one in lines if isinstance(one, e.TimeCounted))
        assert self.state.budget.left == granted - spent
        assert (granted, spent) == (self.granted, self.spent)
        assert spent >= 0

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        of = [
            (one.what, one.target) for one, _ in self.log
            if isinstance(one, e.TimeCounted) and one.target
        ]  # fmt: skip
        assert len(of) == len(set(of))

    @invariant()
    def each_level_is_told_once_for_each_package(self) -> None:
        told: list[int] = []
        for one, _ in self.log:
            if isinstance(one, e.TimeGranted) and one.minutes > 0:
                told = []
            elif isinstance(one, e.TimeWarned):
                assert not told or one.percent < told[-1]
                told.append(one.percent)

    @invariant()
    def without_a_budget_nothing_is_noticed(self) -> None:
        if not self.granted:
            ours = ("written:", "balance:", "ask_time:")
            first = [one for one, _ in self.log if isinstance(one, BUDGET)]
            assert first == [] or isinstance(first[0], e.TimeGranted)
            assert first or not [name for name in self.timers if name.startswith(ours)]

    @invariant()
    def the_log_leads_to_the_state(self) -> None:
        assert fold(self.state.id, self.log) == self.state
        assert fold(self.state.id, [(erased(one), at) for one, at in self.log]) == self.state


def test_minutes_add_up_whatever_happens() -> None:
    run_state_machine_as_test(
        Minutes,
        settings=settings(
            max_examples=examples(60),
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
        ),
    )


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (29, 0), (30, 1), (89, 1), (90, 2), (48 * 60 + 29, 48)]
)
def test_a_talk_is_rounded_to_the_nearest_minute(seconds: int, minutes: int) -> None:
    assert budget.rounded(seconds) == minutes


@pytest.mark.parametrize(
    ("contents", "minutes"),
    [
        ([], 0),
        ([Text(("Well done",))], 1),
        ([Text(("word " * 25,))], 2),
        ([VoiceNote(Attachment(seconds=90))], 2),
        ([Text(("Yes",))] * 4, 3),
    ],
)
def test_how_long_writing_takes(contents: list[Content], minutes: int) -> None:
    assert budget.written(contents) == minutes


@pytest.mark.parametrize(
    ("base", "left", "level"),
    [(300, 300, 100), (300, 76, 100), (300, 75, 25), (300, 31, 25), (300, 30, 10), (300, 0, 0),
     (300, -4, 0), (0, 0, 0), (0, -5, 0), (3, 1, 100)],
)  # fmt: skip
def test_levels(base: int, left: int, level: int) -> None:
    assert budget.level(base, left) == level
