"""What holds after any sequence of commands, whoever gives them and in whatever order.

The model beside the engine is small: the log, the keys used, and which holds still wait.
"""

from datetime import datetime, timedelta
from itertools import pairwise

import msgspec
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

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.agenda import AgendaFacts, CoachAgenda
from bridge.core.content import Attachment, Content, Media, MediaKind, Notice, Text, attachment
from bridge.core.decide import Decision, decide
from bridge.core.delivery import DeliveryState
from bridge.core.effects import (
    Acknowledge,
    Effect,
    OpenPlace,
    Purpose,
    Release,
    SendMessage,
    consent_hold,
    effect_key,
)
from bridge.core.endpoint import Endpoint, Place
from bridge.core.facts import Facts, Person, Target
from bridge.core.inbound import ChoiceIn, DeleteIn, EditIn, MessageIn, ReactionIn, Sender
from bridge.core.notices import NoticeKey
from bridge.core.nudges import NudgeKind, Pace, Wanted
from bridge.core.trajectory import Consent, Trajectory, apply, fold
from scheduling.calendar.slots import Busy
from tests.core import cast
from tests.core.shapes import erased
from tests.support.effort import examples

PARTIES = st.sampled_from(sorted(cast.ADDRESSES))
TALKERS = st.sampled_from(["noor", "anna", "noor", "anna", "bram", "shell", "olga"])
ROLES = {"noor": "coach", "anna": "client", "bram": "client", "shell": "sponsor", "olga": "coach"}
WORDS = (e.MessagePosted, e.MessageEdited, e.MessageDeleted, e.ReactionSet)
BEFORE_CONSENT = {
    NoticeKey.CONSENT_QUESTION,
    NoticeKey.CONSENT_REFUSED,
    NoticeKey.CONSENT_WITHDRAWN,
}
PHOTO = Media(MediaKind.PHOTO, Attachment(ref="AgAC-1", mime="image/jpeg", size=9), ("look",))
CONTENTS = st.sampled_from([Text(("Hello",)), Text(("Suc6!",)), PHOTO])
PLACES = st.sampled_from([Place("telegram", "main", "-100", thread) for thread in ("7", "8")])
OPTED_OUT = st.sampled_from(["", "", "stop", "blocked"])


class Engine(RuleBasedStateMachine):
    """One trajectory, any commands, and everything that must hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Trajectory(id=cast.TRAJECTORY)
        self.log: list[tuple[e.Entry, datetime]] = []
        self.now = cast.NOON
        self.people: dict[str, Person] = dict(cast.PEOPLE)
        self.texts = dict(cast.TEXTS)
        self.keys: set[str] = set()
        self.waiting: set[str] = set()

    @initialize(
        agreed=st.sets(st.sampled_from(["anna", "bram"])),
        stopped=st.sampled_from(["", "noor", "anna"]),
        early=st.booleans(),
    )
    def people_come_together(self, agreed: set[str], stopped: str, early: bool) -> None:
        if early:
            self.carry_out(c.AddParty("anna", "client", "Anna"))
        self.carry_out(c.OpenTrajectory("Anna 2026"))
        for party, role in ROLES.items():
            self.carry_out(c.AddParty(party, role, party.capitalize()))
        self.carry_out(c.RemoveParty("olga", "left"))
        if stopped:
            self.people_change(stopped, "stop", True, 1)
        for party in sorted(agreed):
            self.carry_out(c.RecordConsent(party))

    # -- what happens -----------------------------------------------------------------------

    @rule(party=TALKERS, content=CONTENTS, about=st.integers(0, 60))
    def says(self, party: str, content: Content, about: int) -> None:
        place, sender = cast.chat(party), Sender(cast.endpoint(party))
        self.receive(party, MessageIn(place, sender, "1", content, self.now), about)

    @rule(
        party=PARTIES, what=st.sampled_from(["edit", "delete", "react"]), about=st.integers(0, 60)
    )
    def corrects(self, party: str, what: str, about: int) -> None:
        place, sender = cast.chat(party), Sender(cast.endpoint(party))
        inbound: EditIn | DeleteIn | ReactionIn = DeleteIn(place, sender, "1", self.now)
        if what == "edit":
            inbound = EditIn(place, sender, "1", PHOTO, self.now)
        elif what == "react":
            inbound = ReactionIn(place, sender, "1", ("👍",), self.now)
        self.receive(party, inbound, about)

    @rule(party=PARTIES)
    def notes_something(self, party: str) -> None:
        known = self.state.parties.get(party)
        may = known is not None and known.active and known.role == "coach" and self.state.open
        before = len(self.log)
        self.carry_out(c.AddNote(party, ("between coaches",)))
        added = [entry for entry, _ in self.log[before:]]
        assert any(isinstance(entry, e.NoteAdded) for entry in added) == may

    @invariant()
    def no_words_refer_to_a_note(self) -> None:
        for entry, _ in self.log:
            if isinstance(entry, e.MessagePosted) and entry.reply_to:
                assert not isinstance(self.log[entry.reply_to - 1][0], e.NoteAdded)

    @rule(party=PARTIES, key=st.sampled_from(["yes", "no", "1"]), about=st.integers(0, 60))
    def chooses(self, party: str, key: str, about: int) -> None:
        place, sender = cast.chat(party), Sender(cast.endpoint(party))
        self.receive(party, ChoiceIn(place, sender, "1", "ref", key, self.now, "ack"), about)

    @rule(party=PARTIES, yes=st.booleans())
    def answers_the_last_question(self, party: str, yes: bool) -> None:
        asked = [
            seq
            for seq, (entry, _) in enumerate(self.log, start=1)
            if isinstance(entry, e.NoticeGiven)
            and (entry.party, entry.notice) == (party, NoticeKey.CONSENT_QUESTION)
        ]
        self.chooses(party, "yes" if yes else "no", asked[-1] if asked else 0)

    @rule(
        seq=st.integers(1, 60),
        party=PARTIES,
        state=st.sampled_from(DeliveryState),
        purpose=st.sampled_from(Purpose),
        reason=st.sampled_from(["rejected", "not_shown", "blocked", "unclear"]),
    )
    def is_reported(
        self, seq: int, party: str, state: DeliveryState, purpose: Purpose, reason: str
    ) -> None:
        report = c.Report(seq, party, state, purpose, "telegram", reason=reason)
        decision = self.carry_out(report, self.target(seq))
        about = self.target(seq)
        asked = about is not None and about.kind == "place_asked"
        if purpose not in (Purpose.CHAT, Purpose.CORRECTION, Purpose.NUDGE) and not asked:
            assert len(decision.entries) <= 1, "notices never breed notices"
        assert sum(isinstance(entry, e.NoticeGiven) for entry in decision.entries) <= 1

    @rule(
        command=st.one_of(
            st.builds(c.AskConsent, PARTIES, again=st.booleans()),
            st.builds(c.RecordConsent, PARTIES),
            st.builds(
                c.AnswerConsent, PARTIES, st.booleans(), st.just(Endpoint("telegram", "main", "1"))
            ),
            st.builds(c.AddParty, TALKERS, st.sampled_from(e.ROLES), st.just("Name")),
            st.builds(c.RemoveParty, PARTIES),
            st.builds(c.BindPlace, PARTIES, PLACES),
            st.builds(c.UnbindPlace, PARTIES, st.sampled_from(["exposed", "gone"])),
            st.builds(c.AskForPlace, PARTIES, st.just(Place("telegram", "main", "-100"))),
            st.builds(c.OptOut, PARTIES, st.just(cast.endpoint("anna")), st.just("stop")),
            st.builds(c.OptIn, PARTIES, st.just(cast.endpoint("anna")), st.just("start")),
            st.builds(c.LinkEndpoint, PARTIES, st.just(cast.endpoint("anna")), st.just("invite")),
            st.builds(c.RevokeEndpoint, PARTIES, st.just(cast.endpoint("anna")), st.just("lost")),
            st.builds(
                c.ReplaceEndpoints,
                PARTIES,
                st.just((cast.endpoint("anna"),)),
                st.just(cast.endpoint("bram")),
                st.just("confirmed"),
                st.just("SMS ***003"),
            ),
            st.just(c.OpenTrajectory()),
            st.builds(
                c.PlanNudge,
                PARTIES,
                PARTIES,
                st.sampled_from(NudgeKind),
                st.just((Wanted(cast.NOON + timedelta(minutes=40), "Suc6!"),)),
                st.just("exam"),
            ),
            st.builds(c.MoveNudge, PARTIES, st.integers(1, 60), st.just(cast.NOON)),
            st.builds(c.CancelNudge, PARTIES, st.integers(1, 60)),
            st.builds(c.ChangePace, PARTIES, st.sampled_from(["less", "pause"]), st.just(Pace())),
            st.builds(
                c.TimerFired, st.builds("nudge:{}".format, st.integers(1, 60)), st.just(cast.NOON)
            ),
        )
    )
    def is_administered(self, command: c.Command) -> None:
        self.carry_out(command)

    @rule(party=st.sampled_from(["anna", "bram"]), role=st.sampled_from(e.ROLES))
    def gets_another_role(self, party: str, role: str) -> None:
        self.carry_out(c.AddParty(party, role, party.capitalize()))

    @precondition(lambda self: len(self.log) > 20)
    @rule()
    def closes(self) -> None:
        if self.state.open:
            self.carry_out(c.CloseTrajectory("ended"))

    @rule(party=PARTIES, opted_out=OPTED_OUT, linked=st.booleans(), active=st.integers(1, 3))
    def people_change(self, party: str, opted_out: str, linked: bool, active: int) -> None:
        reach = msgspec.structs.replace(cast.PEOPLE[party].reach[0], opted_out=opted_out)
        self.people[party] = msgspec.structs.replace(
            cast.PEOPLE[party], reach=(reach,) if linked else (), active=active
        )

    @rule(minutes=st.integers(1, 30), version=st.sampled_from(["en-1", "en-2"]))
    def time_passes(self, minutes: int, version: str) -> None:
        self.now += timedelta(minutes=minutes)
        self.texts["en"] = msgspec.structs.replace(self.texts["en"], version=version)

    # -- what must hold ---------------------------------------------------------------------

    def receive(
        self,
        party: str,
        inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn,
        about: int,
    ) -> None:
        self.carry_out(c.Receive(party, inbound), self.target(about))

    def target(self, seq: int) -> Target | None:
        known = 0 < seq <= len(self.log)
        return cast.target_of(self.log[seq - 1][0], seq) if known else None

    @rule(
        party=TALKERS,
        client=st.sampled_from(["anna", "bram"]),
        kind=st.sampled_from(["video", "phone", "f2f"]),
        day=st.integers(-1, 9),
        half=st.integers(14, 30),
        moving=st.integers(0, 40),
    )
    def books(self, party: str, client: str, kind: str, day: int, half: int, moving: int) -> None:
        start = cast.NOON.replace(hour=0) + timedelta(days=day, minutes=30 * half)
        how = "coach" if party == "noor" else "chosen"
        self.carry_out(c.BookSlot(party, kind, start, 0, client, moving if moving > 20 else 0, how))

    @rule(
        command=st.one_of(
            st.builds(c.AskForSlots, TALKERS, st.sampled_from(["", "video"]), st.integers(0, 30)),
            st.builds(c.AskToChange, TALKERS, st.sampled_from(["move", "cancel"])),
            st.builds(c.CancelAppointment, TALKERS, st.integers(1, 60)),
            st.builds(c.ShowAgenda, TALKERS),
        )
    )
    def asks_about_appointments(self, command: c.Command) -> None:
        self.carry_out(command)

    @precondition(lambda self: bool(self.state.agenda.appointments))
    @rule(what=st.sampled_from(["remind", "soon", "open", "close"]))
    def a_moment_comes(self, what: str) -> None:
        number, one = min(self.state.agenda.appointments.items())
        self.now = max(self.now, one.start - timedelta(hours=1))
        self.carry_out(c.TimerFired(f"session:{number}:{what}", self.now))

    @invariant()
    def no_slot_is_given_twice(self) -> None:
        ahead = sorted((one.start, one.end) for one in self.state.agenda.appointments.values())
        for (_, end), (start, _) in pairwise(ahead):
            assert end <= start

    def agenda(self) -> AgendaFacts:
        busy = tuple(
            Busy(one.start, one.end, f"{cast.TRAJECTORY}/{number}")
            for number, one in self.state.agenda.appointments.items()
        )
        return AgendaFacts({"noor": CoachAgenda(cast.OFFERED, busy)}, video=True)

    def carry_out(self, command: c.Command, target: Target | None = None) -> Decision:
        known = Facts(self.now, self.people, target, self.texts, agenda=self.agenda())
        before = self.state
        decision = decide(before, command, known)
        assert decide(cast.reread(before, Trajectory), command, known) == decision
        for entry in decision.entries:
            self.log.append((entry, self.now))
            self.state = apply(self.state, entry, self.now)
        assert self.state.seq == before.seq + len(decision.entries) == len(self.log)
        for effect in decision.effects:
            assert before.seq < effect.seq <= self.state.seq, "an effect belongs to an entry of it"
            key = effect_key(before.id, effect.seq, effect.to.party)
            assert key not in self.keys, "an effect's key is unique for ever"
            self.keys.add(key)
            self.check_reach(effect)
            self.check_audience(effect, command)
        self.check_everybody_is_thought_of(before.seq, decision)
        self.check_files(decision)
        self.note_holds(decision)
        return decision

    def check_reach(self, effect: Effect) -> None:
        """It goes to an endpoint the person has and did not stop, under its present epoch."""
        reach = self.people[effect.to.party].reach
        usable = [(one.endpoint, one.epoch) for one in reach if not one.opted_out]
        assert (effect.to.endpoint, effect.to.epoch) in usable

    def check_audience(self, effect: Effect, command: c.Command) -> None:
        party = self.state.parties.get(effect.to.party)
        if isinstance(effect, Acknowledge):
            assert effect.to.party == getattr(command, "party", "")
            return
        assert party is not None
        assert party.active
        assert party.role in ("coach", "client"), "sponsors and observers get nothing"
        if isinstance(effect, OpenPlace):
            assert party.role == "coach"
            return
        entry = self.log[effect.seq - 1][0]
        if effect.purpose in (Purpose.CHAT, Purpose.CORRECTION):
            assert not self.state.closed
            assert isinstance(entry, WORDS)
            assert effect.to.party in entry.to
            assert effect.to.party != entry.author
            assert self.state.parties[entry.author].may_talk
            assert party.consent is not Consent.REFUSED or party.role == "coach"
            hold = consent_hold(self.state.id, effect.to.party)
            assert effect.hold == ("" if party.may_talk else hold)
            return
        assert isinstance(effect, SendMessage)
        assert isinstance(effect.content, Notice)
        assert not effect.hold
        if not party.may_talk:
            assert effect.content.key in BEFORE_CONSENT
            assert effect.purpose is Purpose.CONSENT

    def check_everybody_is_thought_of(self, before: int, decision: Decision) -> None:
        """What is meant for somebody goes there, or an entry of the same decision says why not."""
        sent = {(effect.seq, effect.to.party) for effect in decision.effects}
        given_up = {
            (entry.target, entry.party)
            for entry in decision.entries
            if isinstance(entry, e.DeliveryChanged)
            and entry.state is DeliveryState.SUPPRESSED
            and entry.reason
        }
        for seq, entry in enumerate(decision.entries, start=before + 1):
            if isinstance(entry, WORDS):
                meant = entry.to
            elif isinstance(entry, e.NoticeGiven):
                meant = (entry.party,)
            else:
                continue
            for party in meant:
                assert ((seq, party) in sent) != ((seq, party) in given_up)

    def check_files(self, decision: Decision) -> None:
        wanted = {one.file.id: one.file.ref for one in decision.files}
        contents = [getattr(one, "content", None) for one in decision.entries + decision.effects]
        for content in contents:
            file = attachment(content) if isinstance(content, Media) else None
            if file is not None:
                assert wanted[file.id]
                assert not file.ref, "a vendor's reference leaves only to be fetched"

    def note_holds(self, decision: Decision) -> None:
        for change in decision.holds:
            self.waiting.discard(change.hold)
            party = self.state.parties[change.hold.rpartition(":")[2]]
            assert party.may_talk or not isinstance(change, Release)
        self.waiting |= {effect.hold for effect in decision.effects if effect.hold}

    @invariant()
    def the_log_leads_to_the_state(self) -> None:
        assert fold(self.state.id, self.log) == self.state
        assert fold(self.state.id, [(erased(one), at) for one, at in self.log]) == self.state

    @invariant()
    def the_log_begins_with_its_opening(self) -> None:
        opened = [isinstance(entry, e.TrajectoryOpened) for entry, _ in self.log]
        assert opened == [number == 0 for number in range(len(opened))]

    @invariant()
    def what_waits_may_still_go(self) -> None:
        for hold in self.waiting:
            party = self.state.parties[hold.rpartition(":")[2]]
            assert self.state.open
            assert party.active
            assert party.role == "client"
            assert party.consent in (Consent.NONE, Consent.ASKED)


FEW = settings(
    max_examples=examples(50),
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
)
MANY = settings(max_examples=60, stateful_step_count=50, deadline=None, database=None)


def test_everything_holds_after_any_few_commands() -> None:
    run_state_machine_as_test(Engine, settings=FEW)


@pytest.mark.slow
def test_everything_holds_after_many_commands() -> None:
    run_state_machine_as_test(Engine, settings=MANY)
