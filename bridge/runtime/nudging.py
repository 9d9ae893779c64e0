"""Nudges in the shell: the facts for a decision, and the ledger that comes of the entries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.decide.budget import BALANCE
from bridge.core.decide.promises import CONCERN as PROMISE
from bridge.core.decide.promises import TELLING
from bridge.core.decide.steps import CONCERN as STEP
from bridge.core.delivery import NOT_ARRIVED
from bridge.core.inbound import ChoiceIn
from bridge.core.notices import NoticeKey
from bridge.core.nudges import (
    FOLLOW_UP,
    LEAD,
    NUDGE,
    SAME_WORDS,
    Given,
    NudgeFacts,
    NudgeKind,
)
from bridge.core.timers import PARTING
from scheduling.calendar.quiet import is_quiet
from storage.codec import instant, micros
from storage.nudges import LedgerRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import Claimed
    from storage.timers import Timer
    from storage.unit import Unit

_CONCERNS = (NUDGE, FOLLOW_UP)
_OF_A_CLIENT = (PROMISE, TELLING, BALANCE, PARTING)
"""Whose timers name a client at last."""


def prepare(unit: Unit, due: Iterable[Timer]) -> None:
    """Look up what the decisions about timers will need, all at once and in one order."""
    people: set[str] = set()
    entries: set[tuple[str, int]] = set()
    for timer in due:
        concern, _, text = timer.name.partition(":")
        state = unit.state(timer.trajectory)
        if concern not in _CONCERNS or state is None or not text.isdecimal():
            continue
        planned = state.nudges.find(int(text))
        if planned is not None:
            people.add(planned.client)
        entries.add((timer.trajectory, int(text)))
    unit.fetch_entries(entries)
    unit.ledger.fetch(people)


def facts(
    unit: Unit, state: Trajectory, command: c.Command, catalogue: Catalogue
) -> NudgeFacts | None:
    """Return what a decision about nudges depends on; None for any other."""
    match command:
        case c.Receive(inbound=inbound):
            return _of_choice(unit, state, inbound) if isinstance(inbound, ChoiceIn) else None
        case c.TimerFired(name=name) if name.startswith(_CONCERNS):
            return _of_timer(unit, state, name, catalogue)
        case c.TimerFired(name=name) if name.startswith(f"{STEP}:"):
            step = state.steps.step(int(name.partition(":")[2]))
            return NudgeFacts(pace=unit.ledger.pace(step.party)) if step is not None else None
        case c.FollowUpStep(step=number):
            step = state.steps.step(number)
            return NudgeFacts(pace=unit.ledger.pace(step.party)) if step is not None else None
        case c.TimerFired(name=name) if name.partition(":")[0] in _OF_A_CLIENT:
            return NudgeFacts(pace=unit.ledger.pace(name.rpartition(":")[2]))
        case c.PlanNudge(client=client, wanted=wanted, nudge=kind) if wanted:
            lead = LEAD if kind is NudgeKind.ENCOURAGEMENT else timedelta()
            moments = [one.at - lead for one in wanted]
            return _about(unit, client, [one.text for one in wanted], moments=moments)
        case c.GiveLater(target=target) if (given := given_nudge(unit, state, command)) is not None:
            planned = unit.entry(state.id, given.target)
            event = (
                planned.entry.event if planned and isinstance(planned.entry, e.NudgePlanned) else ""
            )
            return _about(unit, given.client, [given.text], but=(state.id, target), event=event)
        case c.MoveNudge() | c.CancelNudge():
            return NudgeFacts()
        case c.AnswerDraft(target=target):
            return _of_draft(unit, state, target) or NudgeFacts()
        case _:
            return None


def given_nudge(unit: Unit, state: Trajectory, command: c.Command) -> e.NudgeGiven | None:
    """Return the nudge that was given and could not go, which a command is about."""
    if not isinstance(command, c.GiveLater):
        return None
    logged = unit.entry(state.id, command.target)
    return logged.entry if logged and isinstance(logged.entry, e.NudgeGiven) else None


def at_claim(unit: Unit, row: Claimed) -> tuple[str, bool]:
    """Return why a nudge may not go now ('' = it may), and whether it is to go later (I8)."""
    logged = unit.entry(row.trajectory, row.seq)
    given = logged.entry if logged else None
    if not isinstance(given, e.NudgeGiven):
        return "", False
    pace, now = unit.ledger.pace(given.client), unit.now
    if pace.paused(now):
        return "paused", False
    if now > given.until or (given.event_at is not None and now >= given.event_at):
        return "too_late", False
    if pace.later_until is not None and now < pace.later_until:
        return "later", True
    person = unit.person(given.client)
    zone = (person.time_zone if person else "") or given.zone
    if is_quiet(now, pace.quiet, zone) or is_quiet(now, given.quiet, given.zone):
        return "quiet_hours", True
    return _over_week(unit, row, given.client, pace.per_week), False


def _over_week(unit: Unit, row: Claimed, client: str, per_week: int) -> str:
    """Return ``cap_week`` where the client wants fewer by now than were given before this one."""
    since = micros(unit.now - timedelta(days=7))
    others = [
        one
        for one in unit.ledger.of(client)
        if one.state == "given"
        and (one.settled_at or 0) > since
        and (one.trajectory, one.given_seq) != (row.trajectory, row.seq)
    ]
    return "cap_week" if len(others) >= per_week else ""


def _about(
    unit: Unit,
    client: str,
    texts: Sequence[str],
    but: tuple[str, int] = ("", 0),
    event: str = "",
    follow_up: str = "",
    moments: Sequence[datetime] = (),
    *,
    due: bool = False,
) -> NudgeFacts:
    """Gather what is known of a client over all their trajectories; ``but`` itself is no repeat.

    ``moments`` are when the texts are to be said, where not now. ``due``: this one is to go now, so
    that what is only planned has to wait for its own turn.
    """
    ledger = unit.ledger
    rows = [row for row in ledger.of(client) if not (due and row.state == "planned")]
    meant = follow_up or (texts[0] if texts else "")
    wanted = [follow_up] if follow_up else list(texts)
    said = [
        (ledger.fingerprint(text), moments[number] if moments else unit.now)
        for number, text in enumerate(wanted)
        if text
    ]
    given = sorted(
        (row for row in rows if row.state == "given"), key=lambda row: -(row.settled_at or 0)
    )
    return NudgeFacts(
        pace=ledger.pace(client),
        given=tuple(
            Given(instant(row.settled_at or 0), row.answered_at is not None) for row in given
        ),
        repeated=_repeats([row for row in rows if (row.trajectory, row.seq) != but], said),
        text=texts[0] if texts and not follow_up else meant,
        event=event,
        follow_up=follow_up,
    )


def _repeats(rows: Sequence[LedgerRow], said: Sequence[tuple[bytes, datetime]]) -> bool:
    """Tell whether words come within ``SAME_WORDS`` of the same ones, before or after them.

    Just that long after is allowed.
    """
    least = SAME_WORDS // timedelta(microseconds=1)
    known = [
        (row.fingerprint, row.due_at if row.state == "planned" else row.settled_at or 0)
        for row in rows
    ]
    return any(
        words == other and abs(micros(at) - moment) < least
        for words, at in said
        for other, moment in known
    )


def _of_timer(unit: Unit, state: Trajectory, name: str, catalogue: Catalogue) -> NudgeFacts | None:
    concern, _, text = name.partition(":")
    seq = int(text) if text.isdecimal() else 0
    if concern == FOLLOW_UP:
        return _of_follow_up(unit, state, seq, catalogue)
    planned = state.nudges.find(seq)
    if planned is None:
        return None
    logged = unit.entry(state.id, seq)
    said = logged.entry.text if logged and isinstance(logged.entry, e.NudgePlanned) else ""
    return _about(unit, planned.client, [said], but=(state.id, seq), due=True)


def _of_follow_up(
    unit: Unit, state: Trajectory, seq: int, catalogue: Catalogue
) -> NudgeFacts | None:
    given = next((one for one in state.nudges.open if one.seq == seq), None)
    logged = unit.entry(state.id, seq) if given is not None else None
    if given is None or logged is None or not isinstance(logged.entry, e.NudgeGiven):
        return None
    planned = unit.entry(state.id, logged.entry.target)
    event = planned.entry.event if planned and isinstance(planned.entry, e.NudgePlanned) else ""
    person = unit.person(given.client)
    if not event or person is None:
        return None
    asked = catalogue.say(
        NoticeKey.NUDGE_FOLLOW_UP, person.language, event=event, name=first_name(person.name)
    )
    return _about(unit, given.client, [], event=event, follow_up=asked)


def _of_choice(unit: Unit, state: Trajectory, choice: ChoiceIn) -> NudgeFacts | None:
    """A digit may answer a nudge, or approve a draft: then its words are needed."""
    number = int(choice.key[1:]) if choice.key[1:].isdecimal() else 0
    drafted = _of_draft(unit, state, number) if choice.key.startswith("s") else None
    if drafted is not None:
        return drafted
    trajectory, _, seq = choice.ref.rpartition("/")
    if trajectory != state.id or not seq.isdecimal() or not 0 < int(seq) <= state.seq:
        return None
    logged = unit.entry(state.id, int(seq))
    if logged is None or not isinstance(logged.entry, e.NudgeGiven):
        return None
    return NudgeFacts(text=logged.entry.text)


def _of_draft(unit: Unit, state: Trajectory, seq: int) -> NudgeFacts | None:
    proposal = state.nudges.proposal(seq)
    if proposal is None:
        return None
    logged = unit.entry(state.id, proposal.seq)
    text = logged.entry.text if logged and isinstance(logged.entry, e.NudgeProposed) else ""
    return _about(unit, proposal.client, [text], moments=[max(proposal.at, unit.now)])


def first_name(name: str) -> str:
    """Return what to call somebody in a short text."""
    return name.partition(" ")[0]


def project(unit: Unit, trajectory: str, seq: int, entries: Sequence[e.Entry]) -> None:
    """Write into the ledger what entries after ``seq`` say."""
    for number, entry in enumerate(entries, start=seq + 1):
        match entry:
            case e.MessagePosted():
                pass
            case e.DeliveryChanged(target=target, state=state, reason=reason):
                if state in NOT_ARRIVED:
                    _lose(unit, trajectory, target, reason)
            case e.NudgePlanned():
                _plan(unit, trajectory, number, entry)
            case e.NudgeMoved(target=target) | e.NudgePostponed(target=target):
                _change(unit, trajectory, target, due_at=micros(entry.at))
            case e.NudgeGiven(target=target):
                _settle(unit, trajectory, target, "given", "", given_seq=number)
            case e.NudgeAnswered(target=target):
                _answer(unit, trajectory, target, entry)
            case e.PaceChanged(party=party, how="more" | "resume"):
                _begin_anew(unit, party)
            case _:
                _end(unit, trajectory, entry)


def _end(unit: Unit, trajectory: str, entry: e.Entry) -> None:
    """Note what will not come, or did not arrive."""
    match entry:
        case e.NudgeCancelled(target=target, reason=reason):
            _settle(unit, trajectory, target, "cancelled", reason)
        case e.NudgeWithheld(target=target, reason=reason):
            _settle(unit, trajectory, target, "withheld", reason)
        case e.TrajectoryClosed():
            for row in unit.ledger.planned_in(trajectory):
                _settle(unit, trajectory, row.seq, "cancelled", "closed")
        case _:
            pass


def _plan(unit: Unit, trajectory: str, seq: int, entry: e.NudgePlanned) -> None:
    unit.ledger.put(
        LedgerRow(
            trajectory=trajectory,
            seq=seq,
            client=entry.client,
            coach=entry.author,
            kind=entry.nudge.value,
            state="planned",
            reason="",
            series=entry.series,
            due_at=micros(entry.at),
            event_at=micros(entry.event_at) if entry.event_at else None,
            settled_at=None,
            given_seq=0,
            answered_at=None,
            answer_seq=0,
            answer="",
            fingerprint=unit.ledger.fingerprint(entry.text),
        )
    )


def _settle(
    unit: Unit, trajectory: str, seq: int, state: str, reason: str, given_seq: int = 0
) -> None:
    _change(
        unit,
        trajectory,
        seq,
        state=state,
        reason=reason,
        settled_at=micros(unit.now),
        given_seq=given_seq,
    )


def _change(unit: Unit, trajectory: str, seq: int, **fields: str | int) -> None:
    row = unit.ledger.row(trajectory, seq)
    if row is None:
        return
    for name, value in fields.items():
        setattr(row, name, value)
    unit.ledger.put(row)


def _answer(unit: Unit, trajectory: str, target: int, entry: e.NudgeAnswered) -> None:
    row = unit.ledger.given(trajectory, target)
    if row is None or row.answered_at is not None:
        return
    row.answered_at, row.answer_seq, row.answer = micros(unit.now), entry.message, entry.key
    unit.ledger.put(row)


def _lose(unit: Unit, trajectory: str, target: int, reason: str) -> None:
    """A nudge that never arrived was not given: it counts for no cap."""
    row = unit.ledger.given(trajectory, target)
    if row is not None and row.state == "given":
        _change(unit, trajectory, row.seq, state="withheld", reason=reason or "undeliverable")


def _begin_anew(unit: Unit, client: str) -> None:
    """A client who asks for nudges has, by that, answered those before."""
    for row in unit.ledger.of(client):
        if row.state == "given" and row.answered_at is None:
            row.answered_at, row.answer = micros(unit.now), "pace"
            unit.ledger.put(row)
