"""What a program does for a person, through the same door as the networks.

1. The API is one more network: its place is the trajectory, its message ids are the caller's own
   ``Idempotency-Key``, or drawn. A call that comes twice with the same key is one message.
2. Whether the person still coaches the trajectory is looked at in the same transaction.
3. A refusal is returned, not raised: an exception would undo what others do in the same commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Text
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import DeleteIn, EditIn, MessageIn, ReactionIn, Sender
from bridge.runtime.handle import foresee, handle, what_it_became
from bridge.web import asked, calling, nudging
from bridge.web.api.answers import RefusedError, not_there

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bridge.core.content import Content
    from bridge.core.decide import Decision
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

NETWORK, ACCOUNT = "api", "main"

REFUSALS = {
    "closed": "Open another trajectory: this one is closed.",
    "no_consent": "Wait until the client has agreed.",
    "unknown_question": "Name a question the bridge put to this person, and one of its options.",
    "not_yours": "Change only what this person said.",
    "not_a_client": "Name a client of this trajectory.",
    "no_words": "Send words.",
    "too_long": "Send fewer words.",
    "past": "Name a moment to come.",
    "too_far": "Name a moment within a year.",
    "how_noticed": "Say what one would notice, or send as_is.",
    "no_such_step": "Name the seq of an open step.",
    "same_words": "Say it otherwise: they had these words within 60 days.",
    "no_quiet_moment": "Name a later event: no moment outside quiet hours is left.",
    "nothing_planned": "Look at GET /api/nudges for what is planned and drafted.",
    "no_template": "Look at GET /api/nudges for the names there are.",
    "no_name": "Send a name of one word.",
    "no_field": "Send a text with {event} in it; {name} is the only other field.",
    "too_many": "Forget one first.",
    "taken": "Name another moment: the coach has something then.",
    "gone": "Look at GET /api/agenda for what is there.",
    "ends_before": "Name an end after the beginning, within a year.",
    "no_week": "Send hours like mon-thu 09:00-12:30 13:30-17:00, fri 09:00-12:00.",
    "overlap": "Send hours that do not overlap.",
    "early_stop": "Name a stop moment after the first hour of every day of work.",
    "asked_already": "Wait for the answer: they were asked.",
    "no_minutes": "Name a number of minutes.",
    "no_budget": "Agree on a package first.",
    "more_than_spent": "Take back no more than was counted.",
    "more_than_granted": "Take back no more than was agreed on.",
    "nothing_proposed": "Look at GET …/agreed for what waits for an answer.",
}


class Posted(msgspec.Struct, frozen=True):
    """The number of the entry; ``repeated`` = it was there already, from an earlier call."""

    seq: int
    repeated: bool = False


Outcome = Posted | RefusedError

_NO_MESSAGE = RefusedError(409, "no_such_message", "Name the seq of a message.")


def say(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    person: str,
    key: str,
    content: Content,
    reply_to: int | None,
) -> Outcome:
    """Post a message to everybody in a trajectory."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    own = f"{person}:{key}"
    shown = unit.shown(NETWORK, ACCOUNT, trajectory, own)
    if shown is not None:
        return Posted(shown.seq, repeated=True)
    if reply_to is not None and not _is_message(unit, trajectory, reply_to):
        return _NO_MESSAGE
    command = _said(unit, trajectory, person, own, content, reply_to)
    return _done(unit, catalogue, trajectory, command)


def foreseen(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    person: str,
    content: Content,
    reply_to: int | None,
) -> Decision | RefusedError:
    """Return what posting this message would come to; nothing is written."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    if reply_to is not None and not _is_message(unit, trajectory, reply_to):
        return _NO_MESSAGE
    command = _said(unit, trajectory, person, "preview", content, reply_to)
    return foresee(unit, trajectory, command, catalogue)


def _said(
    unit: Unit, trajectory: str, person: str, own: str, content: Content, reply_to: int | None
) -> c.Receive:
    act = MessageIn(_place(trajectory), _sender(person), own, content, unit.now)
    return c.Receive(party=person, inbound=act, target=reply_to or 0)


def edit(
    unit: Unit, catalogue: Catalogue, trajectory: str, person: str, seq: int, text: str
) -> Outcome:
    """Change what the person said."""
    act = EditIn(_place(trajectory), _sender(person), "", Text((text,)), unit.now)
    return _change(unit, catalogue, trajectory, person, seq, act)


def withdraw(unit: Unit, catalogue: Catalogue, trajectory: str, person: str, seq: int) -> Outcome:
    """Withdraw what the person said."""
    act = DeleteIn(_place(trajectory), _sender(person), "", unit.now)
    return _change(unit, catalogue, trajectory, person, seq, act)


def react(
    unit: Unit, catalogue: Catalogue, trajectory: str, person: str, seq: int, emoji: Sequence[str]
) -> Outcome:
    """Set the reactions the person has on a message; none takes them back."""
    act = ReactionIn(_place(trajectory), _sender(person), "", tuple(emoji), unit.now)
    return _change(unit, catalogue, trajectory, person, seq, act)


def _change(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    person: str,
    seq: int,
    act: EditIn | DeleteIn | ReactionIn,
) -> Outcome:
    if end_for(unit, trajectory, person) is None:
        return not_there()
    if not _is_message(unit, trajectory, seq):
        return _NO_MESSAGE
    command = c.Receive(party=person, inbound=act, target=seq)
    return _done(unit, catalogue, trajectory, command)


def _is_message(unit: Unit, trajectory: str, seq: int) -> bool:
    found = unit.entry(trajectory, seq)
    return found is not None and isinstance(found.entry, e.MessagePosted | e.NoticeGiven)


def _place(trajectory: str) -> Place:
    return Place(NETWORK, ACCOUNT, trajectory)


def _sender(person: str) -> Sender:
    return Sender(Endpoint(NETWORK, ACCOUNT, person))


def answer(
    unit: Unit, catalogue: Catalogue, trajectory: str, person: str, seq: int, key: str
) -> Outcome:
    """Answer a question the bridge put to the person."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    act = asked.choice(unit, trajectory, seq, key, _place(trajectory), _sender(person))
    if act is None:
        return RefusedError(409, "unknown_question", REFUSALS["unknown_question"])
    return _done(unit, catalogue, trajectory, c.Receive(party=person, inbound=act))


def note(unit: Unit, catalogue: Catalogue, trajectory: str, person: str, text: str) -> Outcome:
    """Keep a note that goes to nobody."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    return _done(unit, catalogue, trajectory, c.AddNote(party=person, body=(text,)))


def held(
    unit: Unit, catalogue: Catalogue, trajectory: str, person: str, minutes: int, text: str
) -> Outcome:
    """Log a session that was held face to face."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    body = (text,) if text.strip() else ()
    command = c.LogSession(person, e.FACE_TO_FACE, minutes, body)
    return _done(unit, catalogue, trajectory, command)


def call(unit: Unit, catalogue: Catalogue, trajectory: str, person: str, client: str) -> Outcome:
    """Ring the person, and then a client."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    seq, why = calling.call(unit, catalogue, trajectory, person, client)
    return RefusedError(409, why, calling.REFUSALS[why]) if why else Posted(seq)


def change_nudge(
    unit: Unit, catalogue: Catalogue, trajectory: str, person: str, seq: int, at: datetime | None
) -> Outcome:
    """Move a planned nudge, or (None) take it back."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    why = nudging.act(unit, catalogue, trajectory, person, seq, at)
    if why:
        return RefusedError(409, why, REFUSALS.get(why, "Look at what is planned."))
    state = unit.state(trajectory)
    return Posted(state.seq if state else 0)


def cancel_appointment(
    unit: Unit, catalogue: Catalogue, trajectory: str, person: str, number: int
) -> Outcome:
    """Call an appointment off that is ahead."""
    if end_for(unit, trajectory, person) is None:
        return not_there()
    state = unit.state(trajectory)
    if state is None or state.agenda.get(number) is None:
        return RefusedError(409, "no_appointment", "Look at the agenda for what is ahead.")
    handle(unit, trajectory, c.CancelAppointment(person, number), catalogue)
    after = unit.state(trajectory)
    return Posted(after.seq if after else 0)


def mark_read(unit: Unit, trajectory: str, person: str, seq: int) -> Outcome:
    """Note how far a person has read, at most to the end."""
    end = end_for(unit, trajectory, person)
    if end is None:
        return not_there()
    unit.sessions.mark_read(person, trajectory, min(seq, end))
    return Posted(min(seq, end))


def end_for(unit: Unit, trajectory: str, coach: str) -> int | None:
    """Return the number of the last entry, None where this person is no coach."""
    state = unit.state(trajectory)
    party = None if state is None else state.parties.get(coach)
    if state is None or party is None or not party.active or party.role != "coach":
        return None
    return state.seq


def _done(
    unit: Unit, catalogue: Catalogue, trajectory: str, command: c.Receive | c.AddNote | c.LogSession
) -> Outcome:
    before = unit.state(trajectory)
    decision = handle(unit, trajectory, command, catalogue)
    at = what_it_became(decision.entries)
    became = decision.entries[at]
    if isinstance(became, e.InboundRefused):
        told = REFUSALS.get(became.reason, "Look at the trajectory before you try again.")
        return RefusedError(409, became.reason, told)
    return Posted((before.seq if before else 0) + 1 + at)
