"""The state of one trajectory and how an entry changes it.

1. ``apply`` is pure and total: every kind of entry, in any order the log can have, also when the
   sealed fields are gone.
2. The state stays small: it holds people, places and consent, never messages, so its cost does
   not grow with the log.
3. ``seq`` is the number of the last entry; an entry's own number is the new ``seq``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from bridge.core import agenda as ag
from bridge.core import entries as e
from bridge.core.budget import NO_BUDGET, Budget, apply_budget
from bridge.core.calls import Call, Calls, Stage, advance, remembered
from bridge.core.delivery import NOT_ARRIVED, POSTPONED
from bridge.core.endpoint import Place
from bridge.core.notices import NoticeKey
from bridge.core.nudges import Nudges
from bridge.core.nudging import apply_nudge, heard, lost
from bridge.core.parting import (
    NO_ENDING,
    Ending,
    apply_parting,
    asked_whether_sure,
    closed,
    destroyed,
)
from bridge.core.policy import ANYTHING, Policy
from bridge.core.promises import AWAY, NO_PROMISES, Promises, apply_promise, told_away, without
from bridge.core.steps import NO_STEPS, Steps, apply_step, asked_again, not_asked

LEVELS = {
    NoticeKey.PROTECTION_END_TO_END: "end_to_end",
    NoticeKey.PROTECTION_TO_VENDOR: "to_vendor",
    NoticeKey.PROTECTION_PLAIN: "plain",
}
"""What each of the notices about protection says."""

SURE = frozenset({NoticeKey.PARTING_SURE, NoticeKey.PARTING_SURE_GROUP})
"""What asks a client for the words that destroy."""


class Consent(StrEnum):
    """Whether words may pass to and from a party."""

    NONE = "none"
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


class Party(msgspec.Struct, frozen=True):
    """A person in this trajectory.

    ``asked_seq`` is the entry by which they were first asked for ``asked_version`` in the name of
    ``asked_for`` (the coaches): an answer to a question before it is one to an older text.
    ``asked_last`` is the entry of the latest question. ``told`` are the others who know that their
    words wait for this party's answer; ``alone`` = this party knows that nobody else is there.
    ``viewed`` is the earliest line they were shown when they read the log again, at ``viewed_at``;
    0 = nothing is left before it. ``labelled`` are the networks, with their level of protection, of
    which they know who can read along.
    """

    role: str
    active: bool = True
    consent: Consent = Consent.NONE
    asked_at: datetime | None = None
    asked_version: str = ""
    asked_seq: int = 0
    asked_last: int = 0
    asked_for: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    alone: bool = False
    place: Place | None = None
    viewed: int = 0
    viewed_at: datetime | None = None
    labelled: tuple[str, ...] = ()

    @property
    def may_talk(self) -> bool:
        """Words may pass: coaches always; clients once they agreed; others never."""
        return self.active and (
            self.role == "coach" or (self.role == "client" and self.consent is Consent.GIVEN)
        )


class Trajectory(msgspec.Struct, frozen=True):
    """What the engine knows of one trajectory."""

    id: str
    seq: int = 0
    title: str = ""
    closed: bool = False
    parties: Mapping[str, Party] = {}
    calls: Calls = Calls()
    agenda: ag.Agenda = ag.Agenda()
    policy: Policy = ANYTHING
    nudges: Nudges = Nudges()
    promises: Promises = NO_PROMISES
    steps: Steps = NO_STEPS
    budget: Budget = NO_BUDGET
    ending: Ending = NO_ENDING

    @property
    def open(self) -> bool:
        """The trajectory was opened and not closed."""
        return self.seq > 0 and not self.closed

    def with_role(self, role: str) -> tuple[str, ...]:
        """Return the ids of the active parties with a role, in a stable order."""
        return tuple(p for p, party in self.parties.items() if party.active and party.role == role)

    def others(self, author: str) -> tuple[str, ...]:
        """Return the active coaches and clients but for the author, in a stable order."""
        return tuple(
            p
            for p, party in self.parties.items()
            if p != author and party.active and party.role in ("coach", "client")
        )


def apply(  # noqa: C901 - one branch per concern is the whole function
    state: Trajectory, entry: e.Entry, at: datetime
) -> Trajectory:
    """Return the state after one more entry, written at ``at``."""
    state = msgspec.structs.replace(state, seq=state.seq + 1)
    match entry:  # what is most of every log comes first
        case e.MessagePosted(author=author) | e.ChoiceMade(author=author):
            return _with_nudges(state, heard(state.nudges, author, at))
        case e.DeliveryChanged(target=target, state=outcome, reason=reason):
            gone = outcome in NOT_ARRIVED
            return _without(state, target, reason) if gone else state
        case (
            e.MessageEdited()
            | e.MessageDeleted()
            | e.ReactionSet()
            | e.NoteAdded()
            | e.SessionLogged()
            | e.InboundRefused()
            | e.EndpointLinked()
            | e.EndpointRevoked()
            | e.PlaceAsked()
            | e.OptedOut()
            | e.OptedIn()
            | e.RecordingAgreed()
            | e.RecordingRefused()
            | e.RecordingStored()
            | e.RecordingSecured()
            | e.RecordingDeleted()
            | e.TranscriptAdded()
            | e.ConversationMoved()
            | e.PaceChanged()
        ):
            return state
        case e.TrajectoryOpened(title=title):
            return msgspec.structs.replace(state, title=title)
        case e.TrajectoryClosed():
            return msgspec.structs.replace(state, closed=True, ending=closed(state.ending, at))
        case e.CallStarted() | e.CallAdvanced() | e.CallEnded() | e.RecordingSwitched():
            agenda, call = state.agenda, state.calls.open.get(entry.call)
            if isinstance(entry, e.CallEnded) and call is not None:
                agenda = ag.called(agenda, call.first, call.other)
            return msgspec.structs.replace(state, calls=_called(state, entry, at), agenda=agenda)
        case e.PolicySet(allowed_networks=allowed, content_on_weak_networks=weak):
            return msgspec.structs.replace(state, policy=Policy(allowed, weak))
        case e.PartyAdded(party=party, role=role):
            return _with(_in_company(state), party, Party(role=role))
        case (
            e.NudgePlanned()
            | e.NudgeProposed()
            | e.NudgeMoved()
            | e.NudgePostponed()
            | e.NudgeCancelled()
            | e.NudgeGiven()
            | e.NudgeWithheld()
            | e.NudgeAnswered()
        ):
            return _with_nudges(state, apply_nudge(state.nudges, state.seq, entry, at))
        case _ if isinstance(entry, ag.Turning):
            agenda = ag.turned(state.agenda, entry, state.seq, at)
            if agenda is state.agenda:
                return state
            return msgspec.structs.replace(state, agenda=agenda)
        case _:
            return _apply_to_party(state, entry, at)


def _apply_to_party(state: Trajectory, entry: e.Entry, at: datetime) -> Trajectory:
    match entry:
        case e.PartyRemoved(party=party):
            left = msgspec.structs.replace(state, promises=without(state.promises, party))
            return _change(left, party, active=False, place=None)
        case e.PlaceBound(party=party, place=place):
            return _change(state, party, place=place)
        case e.PlaceUnbound(party=party):
            return _change(state, party, place=None)
        case e.ConsentAsked():
            return _asked(state, entry, at)
        case e.ConsentGiven(party=party):
            return _change(state, party, consent=Consent.GIVEN, told=())
        case e.ConsentRefused(party=party):
            return _change(state, party, consent=Consent.REFUSED, told=())
        case e.NoticeGiven():
            return _noticed(state, entry, at)
        case e.ProtectionNoted(party=party, network=network, level=level):
            return _labelled(state, party, network, level)
        case e.LogViewed(author=party, first=first, more=more):
            return _change(state, party, viewed=first if more else 0, viewed_at=at)
        case _:
            return _apply_agreement(state, entry, at)


def _apply_agreement(state: Trajectory, entry: e.Entry, at: datetime) -> Trajectory:
    match entry:
        case (
            e.PromiseSet()
            | e.WorkingHoursSet()
            | e.PromiseMade()
            | e.PromiseWarned()
            | e.PromiseKept()
            | e.PromiseBroken()
            | e.PromiseMended()
            | e.PromiseDropped()
            | e.RestKept()
            | e.RestEnded()
        ):
            return msgspec.structs.replace(state, promises=apply_promise(state.promises, entry))
        case (
            e.StepProposed()
            | e.StepAgreed()
            | e.StepFollowedUp()
            | e.StepDone()
            | e.StepNotDone()
            | e.StepClosed()
            | e.ScaleAsked()
            | e.ScaleAnswered()
        ):
            steps = apply_step(state.steps, entry, state.seq, at)
            return msgspec.structs.replace(state, steps=steps)
        case (
            e.TimeGranted() | e.TimeCounted() | e.TimeProposed() | e.TimeDeclined() | e.TimeWarned()
        ):
            budget = apply_budget(state.budget, entry, state.seq, at)
            return msgspec.structs.replace(state, budget=budget)
        case e.RetentionSet() | e.PartingAsked() | e.PartingDecided() | e.LogExported():
            return msgspec.structs.replace(state, ending=apply_parting(state.ending, entry, at))
        case e.WordsDestroyed(owners=owners):
            return _without_keys(state, owners)
        case e.PartyErased(party=party):
            return _without_keys(state, (party,))
        case _:
            msg = f"apply does not know {type(entry).__name__}"
            raise TypeError(msg)


def _without_keys(state: Trajectory, owners: Iterable[str]) -> Trajectory:
    """Return the state once the keys of these are gone, and with them where their places were."""
    for party in owners:
        state = _change(state, party, place=None)
    return msgspec.structs.replace(state, ending=destroyed(state.ending, owners))


def _called(
    state: Trajectory,
    entry: e.CallStarted | e.CallAdvanced | e.CallEnded | e.RecordingSwitched,
    at: datetime,
) -> Calls:
    calls = state.calls
    open_calls = dict(calls.open)
    match entry:
        case e.CallStarted():
            open_calls[entry.call] = Call(
                id=entry.call,
                first=entry.first,
                other=entry.other,
                stage=Stage.ASKING if entry.inward else Stage.CALLING,
                session=entry.session or state.seq,
                network=entry.network,
                account=entry.account,
                ours=entry.ours,
                leg=entry.call if entry.inward else "",
                inward=entry.inward,
                asks=entry.asks,
                asked=entry.author,
            )
        case e.CallAdvanced(call=name, happened=happened, leg=leg, asks=asks):
            if (known := open_calls.get(name)) is not None:
                known = advance(known, happened, at)
                open_calls[name] = msgspec.structs.replace(
                    known, leg=leg or known.leg, asks=asks or known.asks
                )
        case e.CallEnded(call=name):
            known = open_calls.pop(name, None)
            late = calls.late
            if known is not None and Stage.LEAVING in (known.stage, known.before):
                late = remembered(late, name, known.first)
            return Calls(open_calls, entry.session, at, late, calls.recorded)
        case e.RecordingSwitched(call=name):
            if (known := open_calls.get(name)) is not None:
                recorded = remembered(calls.recorded, name, known.first)
                return msgspec.structs.replace(calls, recorded=recorded)
    return msgspec.structs.replace(calls, open=open_calls)


def _asked(state: Trajectory, entry: e.ConsentAsked, at: datetime) -> Trajectory:
    known = state.parties.get(entry.party)
    question = (entry.version, entry.coaches)
    same = known is not None and (known.asked_version, known.asked_for) == question
    return _change(
        state,
        entry.party,
        consent=Consent.ASKED,
        asked_at=at,
        asked_version=entry.version,
        asked_for=entry.coaches,
        asked_seq=known.asked_seq if known is not None and same else state.seq,
        asked_last=state.seq,
    )


def _noticed(state: Trajectory, entry: e.NoticeGiven, at: datetime) -> Trajectory:
    """Remember what is said once only."""
    if entry.notice is NoticeKey.SCALE_AGAIN:
        return msgspec.structs.replace(state, steps=asked_again(state.steps, entry.party))
    if entry.notice in AWAY:
        return msgspec.structs.replace(state, promises=told_away(state.promises, entry.party, at))
    if entry.notice in LEVELS:
        return _labelled(state, entry.party, entry.network, LEVELS[entry.notice])
    if entry.notice in SURE:
        ending = asked_whether_sure(state.ending, entry.party, at)
        return msgspec.structs.replace(state, ending=ending)
    if entry.notice is NoticeKey.NOBODY_YET:
        return _change(state, entry.party, alone=True)
    about = state.parties.get(entry.about)
    if entry.notice is NoticeKey.WAITING_FOR_CONSENT and about is not None:
        return _change(state, entry.about, told=(*about.told, entry.party))
    return state


def label(network: str, level: str) -> str:
    """Return a network and its level of protection, as a party's ``labelled`` holds them."""
    return f"{network}:{level}"


def _labelled(state: Trajectory, party: str, network: str, level: str) -> Trajectory:
    known = state.parties.get(party)
    named = label(network, level)
    if known is None or named in known.labelled:
        return state
    return _change(state, party, labelled=(*known.labelled, named))


def _in_company(state: Trajectory) -> Trajectory:
    for party, member in state.parties.items():
        if member.alone:
            state = _change(state, party, alone=False)
    return state


def fold(trajectory: str, log: Iterable[tuple[e.Entry, datetime]]) -> Trajectory:
    """Return the state a whole log leads to; the projection must equal it."""
    state = Trajectory(id=trajectory)
    for entry, at in log:
        state = apply(state, entry, at)
    return state


def _without(state: Trajectory, seq: int, reason: str) -> Trajectory:
    """Return the state after what an entry said did not arrive."""
    if reason in POSTPONED and (steps := not_asked(state.steps, seq)) is not state.steps:
        return msgspec.structs.replace(state, steps=steps)
    return _with_nudges(state, lost(state.nudges, seq))


def _with_nudges(state: Trajectory, nudges: Nudges) -> Trajectory:
    if nudges is state.nudges:
        return state
    return msgspec.structs.replace(state, nudges=nudges)


def _with(state: Trajectory, party: str, value: Party) -> Trajectory:
    return msgspec.structs.replace(state, parties={**state.parties, party: value})


def _change(state: Trajectory, party: str, **fields: object) -> Trajectory:
    known = state.parties.get(party)
    if known is None:
        return state
    return _with(state, party, msgspec.structs.replace(known, **fields))
