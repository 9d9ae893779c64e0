"""What holds of promises and stop moments, whatever is said, agreed, and however late timers come.

The model beside the engine: the timers that wait, what the coach has on her phone, and what waits.
"""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Text
from bridge.core.decide import Decision, decide
from bridge.core.effects import Priority, Release, SendMessage, rest_hold
from bridge.core.inbound import DeleteIn, MessageIn, Sender
from bridge.core.promises import AWAY
from bridge.core.timers import StartTimer
from bridge.core.trajectory import Trajectory, apply, fold
from scheduling.calendar.working import Interval, Working, between, rings
from tests.core import cast
from tests.core.shapes import erased
from tests.support.effort import examples

OFFICE = tuple(Interval(day, 540, 1020) for day in range(5))
HOURS = st.sampled_from(
    [
        Working("Europe/Amsterdam", OFFICE, stop=1080),
        Working("Europe/Amsterdam", (Interval(1, 600, 700), Interval(1, 800, 900)), stop=900),
        Working("America/New_York", OFFICE, ("2026-11-24", "2026-11-25"), stop=1440),
        Working("Europe/Amsterdam", OFFICE),
        None,
    ]
)
WORDS = st.sampled_from(["Hello", "And this", "URGENT: call me", "urgent matters can wait"])
HOLD = rest_hold(cast.TRAJECTORY, "noor")


class Days(RuleBasedStateMachine):
    """Days of one trajectory with one coach and one client."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Trajectory(id=cast.TRAJECTORY)
        self.log: list[tuple[e.Entry, datetime]] = []
        self.now = cast.NOON
        self.timers: dict[str, datetime] = {}
        self.rang: list[int] = []
        self.waiting: list[int] = []
        self.away: list[datetime] = []
        for command in (
            c.OpenTrajectory(),
            c.AddParty("noor", "coach", "Noor"),
            c.AddParty("anna", "client", "Anna"),
            c.RecordConsent("anna"),
            c.SetWorkingHours("noor", Working("Europe/Amsterdam", OFFICE, stop=1080)),
            c.SetPromise({"": 480}),
        ):
            self.carry_out(command)

    @rule(who=st.sampled_from(["anna", "anna", "noor"]), words=WORDS)
    def says(self, who: str, words: str) -> None:
        sender = Sender(cast.endpoint(who))
        said = MessageIn(cast.chat(who), sender, "1", Text((words,)), self.now)
        self.carry_out(c.Receive(who, said))

    @rule(about=st.integers(1, 30))
    def withdraws(self, about: int) -> None:
        if about <= len(self.log):
            gone = DeleteIn(cast.chat("anna"), Sender(cast.endpoint("anna")), "1", self.now)
            self.carry_out(c.Receive("anna", gone), about)

    @precondition(lambda self: len(self.log) > 20)
    @rule(hours=HOURS)
    def works(self, hours: Working | None) -> None:
        self.carry_out(c.SetWorkingHours("noor", hours))

    @precondition(lambda self: len(self.log) > 15)
    @rule(minutes=st.sampled_from([0, 60, 480, 1440]))
    def promises(self, minutes: int) -> None:
        self.carry_out(c.SetPromise({"": minutes}))

    @rule(minutes=st.sampled_from([30, 300, 600, 600, 4000]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def what_is_due_comes_back(self) -> None:
        self.fire()

    def fire(self) -> None:
        due = sorted((at, name) for name, at in self.timers.items() if at <= self.now)
        for at, name in due:
            if self.timers.get(name) == at:
                del self.timers[name]
                self.carry_out(c.TimerFired(name, at))

    def carry_out(self, command: c.Command, about: int = 0) -> Decision:
        target = cast.target_of(self.log[about - 1][0], about) if about else None
        decision = decide(self.state, command, cast.facts(self.now, target))
        actor = getattr(command, "party", "")
        for entry in decision.entries:
            self.log.append((entry, self.now))
            self.state = apply(self.state, entry, self.now)
            if isinstance(entry, e.NoticeGiven) and entry.notice in AWAY:
                self.away.append(self.now)
        for timer in decision.timers:
            self.timers.pop(timer.name, None)
            if isinstance(timer, StartTimer):
                self.timers[timer.name] = timer.at
        rung: list[int] = []
        for effect in decision.effects:
            if effect.to.party != "noor" or not isinstance(effect, SendMessage):
                continue
            work = self.state.promises.work.get("noor")
            if effect.hold:
                assert effect.hold == HOLD
                assert effect.priority is not Priority.URGENT
                self.waiting.append(effect.seq)
                continue
            awake = work is None or rings(work, self.now)
            assert awake or actor == "noor" or effect.priority is Priority.URGENT
            if effect.priority is not Priority.URGENT and actor != "noor":
                rung.append(effect.seq)
        if Release(HOLD) in decision.holds:
            rung, self.waiting = sorted(rung + self.waiting), []
        self.rang += rung
        return decision

    @invariant()
    def what_rings_is_in_the_order_of_the_log(self) -> None:
        assert self.rang == sorted(self.rang)

    @invariant()
    def whatever_waits_will_be_looked_at(self) -> None:
        promises = self.state.promises
        for client, one in promises.open.items():
            if not one.broken:
                assert self.timers[f"promise:{client}"] <= one.due
        assert bool(promises.resting) == bool(self.waiting) or not self.waiting
        for coach in promises.resting:
            assert f"rest:{coach}" in self.timers

    @invariant()
    def every_promise_ends_in_one_way(self) -> None:
        def seqs(*kinds: type[e.Entry]) -> list[int]:
            return [one.target for one, _ in self.log if isinstance(one, kinds)]  # type: ignore[union-attr]  # all of these have one

        made = seqs(e.PromiseMade)
        ended = seqs(e.PromiseKept, e.PromiseDropped, e.PromiseBroken)
        mended = seqs(e.PromiseMended)
        assert len(set(made)) == len(made)
        assert len(set(seqs(e.PromiseWarned))) == len(seqs(e.PromiseWarned))
        assert len(set(seqs(e.PromiseKept, e.PromiseBroken))) == self.state.promises.kept + (
            self.state.promises.broken
        )
        still = [one.seq for one in self.state.promises.open.values() if not one.broken]
        assert sorted({*ended, *still}) == sorted(made)
        assert not set(ended) & set(still)
        assert set(mended) <= set(seqs(e.PromiseBroken))

    @invariant()
    def nobody_is_told_twice_that_nobody_works(self) -> None:
        work = self.state.promises.work.get("noor")
        hours = [one for one, _ in self.log if isinstance(one, e.WorkingHoursSet)]
        if work is not None and len(hours) == 1:
            for one, next_one in zip(self.away, self.away[1:], strict=False):
                assert between(work, one, next_one) > timedelta(0)

    @invariant()
    def the_log_leads_to_the_state(self) -> None:
        assert fold(self.state.id, self.log) == self.state
        assert fold(self.state.id, [(erased(one), at) for one, at in self.log]) == self.state

    def teardown(self) -> None:
        """In the end everything is delivered and every promise kept, broken or dropped."""
        for _ in range(40):
            self.now += timedelta(hours=23)
            self.fire()
        assert not self.waiting
        assert not self.state.promises.resting
        assert all(one.broken for one in self.state.promises.open.values())
        assert self.rang == sorted(self.rang)


def test_promises_and_stop_moments_hold() -> None:
    run_state_machine_as_test(
        Days,
        settings=settings(
            max_examples=examples(60),
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
        ),
    )
