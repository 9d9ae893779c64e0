"""I3 to I6 and I9: who a line went to, in which order, and what became of it.

1. A line is judged together with its outbox rows and with the entries that tell of its deliveries.
2. What happens between the claim of a row and the entry that it was sent is not in the data. So a
   sending counts as wrong only if there was no moment between those two at which it was right.
3. A row that waits is never wrong by itself: for its lane, a hold, a time or a consent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.delivery import AGAIN, OPEN, TRANSITIONS, DeliveryState
from bridge.core.effects import Purpose, effect_key, turns
from storage import codec
from storage.audits.moments import quiet_then
from storage.audits.report import Tally
from storage.audits.rows import EntryRow, OutRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from storage.audits.timeline import Timeline

SENT = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})
WORDS = frozenset({Purpose.CHAT.value, Purpose.CORRECTION.value, Purpose.NUDGE.value})

IN_FLIGHT = timedelta(minutes=15)
"""Longer than any lease: a sending that became known so long after a STOP began after it."""


def _reachable() -> dict[DeliveryState, frozenset[DeliveryState]]:
    """Return which states may ever follow a state; the log does not hold every step between."""
    found: dict[DeliveryState, frozenset[DeliveryState]] = {}
    for start in DeliveryState:
        seen: set[DeliveryState] = set()
        ahead = set(TRANSITIONS[start])
        while ahead:
            state = ahead.pop()
            seen.add(state)
            ahead |= TRANSITIONS[state] - seen
        found[start] = frozenset(seen)
    return found


REACHABLE = _reachable()


class Told(msgspec.Struct, frozen=True):
    """One entry that tells what became of a line."""

    seq: int
    at: int
    report: e.DeliveryChanged


class Line(msgspec.Struct, frozen=True):
    """A line of the log with everything that is known of its way out."""

    row: EntryRow
    entry: e.Entry
    sendings: Sequence[OutRow]
    told: Mapping[str, Sequence[Told]]


class Tallies(msgspec.Struct, frozen=True):
    """Where the rules of this module write."""

    i3: Tally
    i4: Tally
    i5: Tally
    i6: Tally
    i9: Tally
    i8: Tally


def recipients(entry: e.Entry) -> tuple[str, ...]:
    """Return the parties an entry has to reach."""
    match entry:
        case (
            e.MessagePosted(to=to)
            | e.MessageEdited(to=to)
            | e.MessageDeleted(to=to)
            | e.ReactionSet(to=to)
        ):
            return to
        case e.WordsDestroyed(told=told):
            return told
        case e.NoticeGiven(party=party) | e.NudgeGiven(client=party):
            return (party,)
        case _:
            return ()


def _errand(entry: e.Entry) -> str:
    """Return the party for whom an entry may cause something that shows nothing."""
    match entry:
        case e.ChoiceMade(author=author):
            return author
        case e.PlaceAsked(party=party) | e.InvitationMailed(party=party):
            return party
        case e.RecordingSwitched(party=party):
            return party
        case e.RecordingSecured(party=party):
            return party
        case e.CallStarted(first=first):
            return first
        case _:
            return ""


class Deliveries:
    """Follows the lines of one trajectory and what became of them."""

    def __init__(self, tallies: Tallies, timeline: Timeline, alone: Callable[[str, str], bool]):
        """``alone`` tells whether a party has one endpoint only on a network."""
        self._to = tallies
        self._time = timeline
        self._alone = alone
        self._lane_ids: dict[str, int] = {}
        self._asides: dict[int, frozenset[str]] = {}
        self._lane_sent: dict[str, int] = {}

    def stray(self, where: str) -> None:
        """Note a row or a report about a line that does not exist."""
        self._to.i6.require(False, where, "it is about a line that does not exist")

    def step(self, line: Line) -> None:
        """Judge one line."""
        self._to_parties(line)
        self._each_once(line)
        if isinstance(line.entry, e.NudgeGiven):
            told = line.told.get(line.entry.client, ())
            went = tuple(step for step in told if step.report.state in SENT)
            quiet_then(self._to.i8, line.row, line.entry, went, _doubtful(told))
        for party, told in line.told.items():
            self._states(line, party, told)
        for row in line.sendings:
            self._row(row)
        for row in _last_turns(line.sendings):
            self._order(line, row)
            if (sent := _first_sent(row, line.told.get(row.party, ()))) is not None:
                self._right_then(row, sent)
                self._stopped(row, sent, line.told.get(row.party, ()))

    def _to_parties(self, line: Line) -> None:
        """I4: words are addressed to, and rows exist for, parties of that moment only."""
        state = self._time.at(line.row.seq)
        entry = line.entry
        reached = recipients(entry)
        if isinstance(entry, e.AsidePosted):
            self._asides[line.row.seq] = frozenset((entry.author, *entry.to))
            self._to.i4.require(len(entry.to) == 1, line.row.where, "an aside is not for one alone")
        among = self._asides.get(getattr(entry, "target", 0) or getattr(entry, "reply_to", 0) or 0)
        if among is not None and not isinstance(entry, e.DeliveryChanged):
            where = line.row.where
            self._to.i4.require(among >= {*reached}, where, "it tells others of an aside")
        if not isinstance(entry, e.NoticeGiven | e.NudgeGiven):
            for party in reached:
                right = party in state.others(entry.author)
                self._to.i4.require(right, line.row.where, f"{party} is no party it may go to")
        allowed = {*reached, _errand(entry)} - {""}
        for row in line.sendings:
            right = row.party in allowed and (
                (member := state.parties.get(row.party)) is not None and member.active
            )
            self._to.i4.require(right, row.where, "it is for somebody the line does not go to")

    def _each_once(self, line: Line) -> None:
        """I6: each recipient has one row at a time, or the log says at once why there is none."""
        rows: dict[str, list[OutRow]] = defaultdict(list)
        for row in line.sendings:
            rows[row.party].append(row)
        for party in recipients(line.entry):
            mine = rows.get(party, [])
            told = line.told.get(party, ())
            where = f"{line.row.where}/{party}"
            first = effect_key(line.row.trajectory, line.row.seq, party)
            right = {row.key for row in mine} == {*turns(first)[: len(mine)]}
            self._to.i6.require(right, where, "it has more than one outbox row of a turn")
            for row in mine[:-1]:
                over = row.state not in OPEN and row.state not in SENT
                self._to.i6.require(over, row.where, "another turn followed, and this one counts")
            ended = bool(told) and told[-1].report.state not in OPEN
            if not mine:
                self._to.i6.require(ended, where, "it has no outbox row and no reason for that")
            elif DeliveryState(mine[-1].state) not in OPEN:
                self._to.i6.require(ended, where, "its outbox row is settled, the log is not told")

    def _states(self, line: Line, party: str, told: Sequence[Told]) -> None:
        """I6: states only move on, so exactly one of them is the last."""
        where = f"{line.row.where}/{party}"
        before: DeliveryState | None = None
        for step in told:
            now = step.report.state
            again = now is DeliveryState.QUEUED and step.report.reason == AGAIN
            right = before is None or now in REACHABLE[before] or again
            self._to.i6.require(right, where, f"{now} cannot follow {before}")
            before = now
        for row in line.sendings:
            if row.party == party and before is not None:
                clash = DeliveryState(row.state) in _STILL_OPEN.get(before, OPEN)
                self._to.i6.require(not clash, where, f"the log says {before}, its row is open")

    def _row(self, row: OutRow) -> None:
        """I6: a row keeps its payload exactly as long as it is open, and counts its parts."""
        is_open = DeliveryState(row.state) in OPEN
        self._to.i6.require(row.kept == is_open, row.where, _PAYLOAD[is_open])
        leased = bool(row.owner) and row.lease_until is not None
        if row.state == DeliveryState.SENDING:
            self._to.i6.require(leased, row.where, "it is being sent, but nobody holds its lease")

    def _order(self, line: Line, row: OutRow) -> None:
        """I5: in a lane the rows of a log stand, and its words were sent, in its order.

        What came to a lane from another, or again, came when it did.
        """
        if row.key in turns(effect_key(row.trajectory, row.seq, row.party))[1:]:
            return
        last = self._lane_ids.get(row.lane, 0)
        self._to.i5.require(row.id > last, row.where, "it stands before an earlier line")
        self._lane_ids[row.lane] = max(row.id, last)
        told = line.told.get(row.party, ())
        sent = _first_sent(row, told)
        if sent is None or sent.seq is None or row.purpose not in WORDS or _doubtful(told):
            return
        before = self._lane_sent.get(row.lane, 0)
        self._to.i5.require(sent.seq > before, row.where, "it was sent before an earlier line")
        self._lane_sent[row.lane] = max(sent.seq, before)

    def _right_then(self, row: OutRow, sent: _Sent) -> None:
        """I3: between its making and its sending there was a moment when it was right to send."""
        if row.purpose not in WORDS:
            return
        last = sent.seq if sent.seq is not None else row.seq
        right = any(
            (party := state.parties.get(row.party)) is not None and party.may_talk
            for state in self._time.between(row.seq, last)
        )
        self._to.i3.require(right, row.where, "it was sent to a party that might not get words")

    def _stopped(self, row: OutRow, sent: _Sent, told: Sequence[Told]) -> None:
        """I9: after STOP on the only endpoint there nothing is sent, also what was queued."""
        if sent.seq is None:
            return
        stop = self._time.last_stop(row.party, row.network, sent.seq)
        if stop is None or not stop.out or not self._alone(row.party, row.network):
            return
        made_after = stop.seq <= row.seq
        late = codec.instant(sent.at) - stop.at > IN_FLIGHT and not _doubtful(told)
        self._to.i9.require(
            not (made_after or late), row.where, f"it was sent after the stop in line {stop.seq}"
        )


_LATE = frozenset({DeliveryState.ACCEPTED, DeliveryState.QUEUED})
_STILL_OPEN: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.UNCERTAIN: frozenset(),
    DeliveryState.QUEUED: frozenset(),  # sent again on purpose
    # A receipt may come before the answer to our own request.
    **dict.fromkeys(SENT, _LATE),
}
"""Which states of a row contradict the last state in the log, where not every open one does."""

_PAYLOAD = {True: "it is open, but its payload is gone", False: "it is settled, but keeps words"}


def _last_turns(sendings: Iterable[OutRow]) -> Iterable[OutRow]:
    """Return the row by which each party got a line, or is to get it."""
    return {row.party: row for row in sorted(sendings, key=lambda row: row.id)}.values()


class _Sent(msgspec.Struct, frozen=True):
    """When a row is first known to have been sent; without a seq only the row says so."""

    seq: int | None
    at: int


def _first_sent(row: OutRow, told: Iterable[Told]) -> _Sent | None:
    for step in told:
        if step.report.state in SENT:
            return _Sent(step.seq, step.at)
    return _Sent(None, row.created_at) if row.state in SENT else None


def _doubtful(told: Iterable[Told]) -> bool:
    """Tell whether it was uncertain in between: then it may have been sent long before."""
    return any(step.report.state is DeliveryState.UNCERTAIN for step in told)
