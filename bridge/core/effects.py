"""What the engine wants done: rows of the outbox, written in the same commit as the entries.

1. ``seq`` is the entry that caused the effect; ``<trajectory>/<seq>/<party>`` is its key, for
   ever, and a part's key adds ``/<n>``.
2. An effect is bound to a party, an endpoint and its link epoch; the claim checks all three again.
3. ``target`` is the seq of the message that is edited, deleted or reacted to; the shell finds its
   external ids when the row is claimed, not before.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum, StrEnum

import msgspec

from bridge.core.content import Content
from bridge.core.endpoint import Endpoint, Place


class Priority(IntEnum):
    """Smaller goes first when an account cannot send everything at once."""

    URGENT = 0
    REPLY = 1
    NUDGE = 2
    BULK = 3


class Purpose(StrEnum):
    """Why it is sent: decides the policy for ambiguous sends and the checks at the claim.

    ``chat`` and ``correction`` need consent and an endpoint that did not opt out; ``notice`` may
    go before consent only when it asks for it (``consent``).
    """

    CHAT = "chat"
    CORRECTION = "correction"
    NOTICE = "notice"
    CONSENT = "consent"
    DESK = "desk"  # outside any trajectory: strangers, "which client?"
    CALL = "call"  # on the telephone: to parties who may talk, and never a second time
    NUDGE = "nudge"  # as chat; never twice, never in quiet hours, never after its event
    FAREWELL = "farewell"  # the answer to STOP: the last thing that goes out


class Address(msgspec.Struct, frozen=True):
    """One party at one endpoint, and the place there in which it is to show."""

    party: str
    endpoint: Endpoint
    epoch: int
    place: Place


class _Effect(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    to: Address
    purpose: Purpose = Purpose.CHAT
    priority: Priority = Priority.REPLY
    hold: str = ""  # not before this hold is released; '' = at once
    not_before: datetime | None = None  # not before this instant, so that it can be taken back


class CalendarEvent(msgspec.Struct, frozen=True):
    """An appointment for its reader's calendar, as iTIP wants it (RFC 5546).

    ``uid`` stays the same for ever and ``sequence`` grows with each change; ``method`` is
    ``request`` or ``cancel``. ``zone`` is the reader's.
    """

    uid: str
    sequence: int
    method: str
    summary: str
    start: datetime
    minutes: int
    zone: str
    url: str = ""


class SendMessage(_Effect, frozen=True, kw_only=True, tag="send_message"):
    """Show a content; ``header`` names the author where several could be meant ('' = plain).

    ``calendar`` goes with it on networks that carry invitations; the words say it on all others.
    An ``aside`` is marked as one above the words, in the reader's language.
    """

    content: Content
    header: str = ""
    reply_to: int | None = None
    calendar: CalendarEvent | None = None
    aside: bool = False


class EditMessage(_Effect, frozen=True, kw_only=True, tag="edit_message"):
    """Change what was shown for ``target`` to this content."""

    target: int
    content: Content
    header: str = ""
    aside: bool = False


class DeleteMessage(_Effect, frozen=True, kw_only=True, tag="delete_message"):
    """Take away what was shown for ``target``; ``header`` names who withdrew it."""

    target: int
    header: str = ""


class SetReaction(_Effect, frozen=True, kw_only=True, tag="set_reaction"):
    """Show these reactions of one author (``header``) on ``target``."""

    target: int
    emoji: tuple[str, ...]
    header: str = ""


class Acknowledge(_Effect, frozen=True, kw_only=True, tag="acknowledge"):
    """Answer the network's own wait after a choice (``ack`` as it came in)."""

    ack: str
    text: str = ""


class OpenPlace(_Effect, frozen=True, kw_only=True, tag="open_place"):
    """Make a place of its own for this trajectory inside ``to.place`` (a group with topics)."""

    title: str


class Act(StrEnum):
    """What can be done with a telephone line."""

    CALL = "call"
    RECORD = "record"
    PAUSE = "pause"
    RESUME = "resume"
    HANG_UP = "hang_up"
    DELETE_RECORDING = "delete_recording"


class UseTelephone(_Effect, frozen=True, kw_only=True, tag="use_telephone"):
    """Do something with a call of ours; never done twice, for nobody may be rung twice.

    ``call`` is our name for it, ``leg`` the network's, ``recording`` the network's for a recording.
    """

    act: Act
    call: str
    leg: str = ""
    ours: str = ""
    recording: str = ""


Effect = (
    SendMessage | EditMessage | DeleteMessage | SetReaction | Acknowledge | OpenPlace | UseTelephone
)


class Release(msgspec.Struct, frozen=True):
    """Let go what waits on a hold: kept payloads are handled again, rows become queued."""

    hold: str


class Drop(msgspec.Struct, frozen=True):
    """Forget what waits on a hold: payloads are emptied, rows are suppressed with ``reason``."""

    hold: str
    reason: str


HoldChange = Release | Drop

REST = "rest:"
"""What the names of holds begin with that wait for a coach's next working day."""

ECHO = "echo:"
"""What the names of holds begin with that prove that a network took a part."""


def effect_key(trajectory: str, seq: int, party: str) -> str:
    """Return the key of an effect, unique for ever."""
    return f"{trajectory}/{seq}/{party}"


MOST_TURNS = 9
"""How often one entry may be given to the outbox for one party: once, and then elsewhere or
again. Who moves more often than that while nothing gets out finds it where it was."""


def turns(key: str) -> tuple[str, ...]:
    """Return the keys of an effect's rows in the order in which they are made: one at a time."""
    return (key, *(f"{key}/turn-{number}" for number in range(2, MOST_TURNS + 1)))


def consent_hold(trajectory: str, party: str) -> str:
    """Return the name of the hold on everything that waits for a party's consent."""
    return f"consent:{trajectory}:{party}"


def rest_hold(trajectory: str, party: str) -> str:
    """Return the name of the hold on everything that waits until a coach's stop moment is over."""
    return f"{REST}{trajectory}:{party}"


def echo_hold(key: str, external_id: str) -> str:
    """Return the name of the hold on receipts of a part whose own answer is not known yet."""
    return f"{ECHO}{key}={external_id}"


def session_hold(person: str) -> str:
    """Return the name of the hold on notices that wait until a person's session is over."""
    return f"session:{person}"


def ask_hold(ask: str) -> str:
    """Return the name of the hold on messages whose author was asked whom they are for."""
    return f"ask:{ask}"
