"""One telephone call: every state it can be in, and what leads from one to the next.

1. A call has a *first* party, whose own leg stands for the whole call, and an *other* one, whose
   telephones ring in their order. Who calls in is the first; when the bridge calls, the coach is.
2. Nobody is connected who has not pressed a key: a mailbox can neither answer for somebody nor
   agree to anything. That holds for the other party always (``greeting``), and for the first one
   where the bridge called them (``confirming``).
3. A recording begins only in ``talking``, and only when every party pressed the key that agrees,
   in ``asking`` and in ``agreeing``, in this call.
4. From every state a call can end, and nothing leads out of ``ended``.
5. What a state does not know changes nothing: calls come late, twice and in any order.

``TRANSITIONS`` is the whole machine; the diagram in the docs is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

TELEPHONE = "voice"
"""The network of telephone lines, whoever carries it."""


class Stage(StrEnum):
    """Where a call stands."""

    CALLING = "calling"  # the first party's telephone rings, for the bridge calls them
    CONFIRMING = "confirming"  # they picked up and are asked to press a key
    ASKING = "asking"  # the first party is asked whether the call may be recorded
    RINGING = "ringing"  # a telephone of the other party rings
    GREETING = "greeting"  # it was picked up, and is told who calls: press a key
    AGREEING = "agreeing"  # the other party is asked whether the call may be recorded
    TALKING = "talking"  # they are connected
    LEAVING = "leaving"  # nobody came: the first party is asked to leave a message
    ENDED = "ended"


class Happened(StrEnum):
    """What moves a call on."""

    PICKED_UP = "picked_up"  # a telephone was answered, by whoever or whatever
    AGREED = "agreed"  # the key that says yes was pressed
    DECLINED = "declined"  # another key, or none in time
    UNASKED = "unasked"  # there is nothing to ask, for nothing is recorded
    NEXT = "next"  # this telephone was not answered, and there is another one
    NOBODY = "nobody"  # none was answered; a message may be left
    UNREACHED = "unreached"  # none was answered, and that is all
    SPOKEN = "spoken"  # a message was left, or not
    OVER = "over"  # somebody hung up


_S, _H = Stage, Happened
TRANSITIONS: Mapping[tuple[Stage, Happened], Stage] = {
    (_S.CALLING, _H.PICKED_UP): _S.CONFIRMING,
    (_S.CALLING, _H.UNREACHED): _S.ENDED,
    (_S.CONFIRMING, _H.AGREED): _S.ASKING,
    (_S.CONFIRMING, _H.DECLINED): _S.ENDED,
    (_S.ASKING, _H.AGREED): _S.RINGING,
    (_S.ASKING, _H.DECLINED): _S.RINGING,
    (_S.ASKING, _H.UNASKED): _S.RINGING,
    (_S.ASKING, _H.NOBODY): _S.LEAVING,
    (_S.RINGING, _H.PICKED_UP): _S.GREETING,
    (_S.GREETING, _H.AGREED): _S.AGREEING,
    (_S.GREETING, _H.DECLINED): _S.RINGING,
    (_S.AGREEING, _H.AGREED): _S.TALKING,
    (_S.AGREEING, _H.DECLINED): _S.TALKING,
    (_S.AGREEING, _H.UNASKED): _S.TALKING,
    **{
        (stage, happened): after
        for stage in (_S.RINGING, _S.GREETING, _S.AGREEING)
        for happened, after in (
            (_H.NEXT, _S.RINGING),
            (_H.NOBODY, _S.LEAVING),
            (_H.UNREACHED, _S.ENDED),
        )
    },
    (_S.LEAVING, _H.SPOKEN): _S.ENDED,
    **{(stage, _H.OVER): _S.ENDED for stage in _S if stage is not _S.ENDED},
}


class Call(msgspec.Struct, frozen=True):
    """A call that has not ended; ``ours`` is our number in it, on ``network`` and ``account``.

    ``leg`` is the network's name for the first party's own leg, '' until it is known.
    ``phone`` counts the other party's telephones that were rung, ``agreed`` are those who said yes
    to a recording, ``asks`` tells whether they are asked at all. ``session`` is the seq of the call
    that this conversation began with: a call soon after a bad line goes on with it. ``step``
    counts what happened, so that an answer to an earlier question is known as one. ``asked`` is who
    began it.
    """

    id: str
    first: str
    other: str
    stage: Stage
    session: int
    network: str = ""
    account: str = ""
    ours: str = ""
    leg: str = ""
    inward: bool = True
    asks: bool = False
    phone: int = 0
    agreed: tuple[str, ...] = ()
    talked_at: datetime | None = None
    step: int = 0
    before: Stage | None = None
    asked: str = ""

    @property
    def recorded(self) -> bool:
        """Everybody agreed: it may be recorded."""
        return self.asks and {self.first, self.other} <= set(self.agreed)


class Calls(msgspec.Struct, frozen=True):
    """What a trajectory knows of its calls: those under way, and when the last one ended.

    ``late`` are calls, with their first party, that ended while a message was being left: it may
    come after the end. ``recorded`` are those of which a recording is to come.
    """

    open: Mapping[str, Call] = {}
    session: int = 0
    ended_at: datetime | None = None
    late: Mapping[str, str] = {}
    recorded: Mapping[str, str] = {}


MOST = 16
"""How many calls are remembered for what comes after their end."""


def remembered(known: Mapping[str, str], call: str, party: str) -> Mapping[str, str]:
    """Return what is remembered with one more, the oldest forgotten."""
    newest = [*((name, who) for name, who in known.items() if name != call), (call, party)]
    return dict(newest[-MOST:])


def advance(call: Call, happened: Happened, at: datetime) -> Call:
    """Return the call after something happened; the same call where that means nothing there."""
    after = TRANSITIONS.get((call.stage, happened))
    if after is None:
        return call
    changes: dict[str, object] = {"stage": after, "step": call.step + 1, "before": call.stage}
    if happened is Happened.AGREED and call.stage in (Stage.ASKING, Stage.AGREEING):
        who = call.first if call.stage is Stage.ASKING else call.other
        changes["agreed"] = (*call.agreed, who)
    if after is Stage.RINGING and happened is not Happened.DECLINED:
        changes["phone"] = call.phone + 1
    if call.stage is Stage.ASKING and after is Stage.RINGING:
        changes["phone"] = 1
    if after is Stage.TALKING:
        changes["talked_at"] = at
    return msgspec.structs.replace(call, **changes)


def diagram() -> str:
    """Return the machine as a Mermaid state diagram, for the docs."""
    by_ends: dict[tuple[Stage, Stage], list[str]] = {}
    for (before, happened), after in TRANSITIONS.items():
        if happened is not Happened.OVER:
            by_ends.setdefault((before, after), []).append(happened.value.replace("_", " "))
    lines = ["stateDiagram-v2", "    [*] --> asking: somebody calls in"]
    lines.append("    [*] --> calling: the bridge calls")
    lines += [
        f"    {before.value} --> {after.value}: {', '.join(words)}"
        for (before, after), words in by_ends.items()
    ]
    return "\n".join([*lines, "    ended --> [*]"])
