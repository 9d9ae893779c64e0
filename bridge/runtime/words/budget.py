"""BALANCE and time anna 10: prepaid minutes, in one line, on every network.

1. BALANCE tells a client what is left of theirs, and a coach of her clients', of one where she
   names one or where it is certain whose it is.
2. ``time anna 10 preparation`` counts minutes, ``time anna -5`` takes some back; ``time anna 0``
   leaves what was proposed. Without a name nothing may follow the number: "time 10 to go" is said
   to people, and so is everything that begins so and names no client of hers.
3. The question about what she wrote is answered for all her clients at once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.core import budget as core
from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime import asking
from bridge.runtime.desk import desk_address, language_of, text_of
from bridge.runtime.words import naming
from bridge.runtime.words.concern import COACHES, Concern, Offer
from bridge.runtime.words.hearing import answer, coached
from storage.codec import micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.inbound import ChoiceIn, MessageIn
    from bridge.core.trajectory import Trajectory
    from bridge.runtime.desk import Desk
    from storage.unit import Unit

CLIENTS = frozenset({"client"})
QUESTION = "time"
"""What the reference of the question about written work begins with."""
COUNT, LEAVE = "count", "leave"

_MINUTES = r"(?P<minutes>[-+−–]?\d{1,4})(?:\s*(?:m|min|mins|minuten|minutes)\b\.?)?"
_TIME = re.compile(
    rf"\s*(?:tijd|time)\b(?P<name>(?:\s+[^\s:\d+−–-][^\s:]{{0,39}}){{0,3}})\s*:?\s+"
    rf"{_MINUTES}(?:\s*[.,:;]?\s+(?P<reason>\S.*)|\s*)",
    re.IGNORECASE | re.DOTALL,
)
_BALANCE = re.compile(r"\s*/?(?:saldo|balance)(?:\s+(?P<name>[^\n:]{1,60}))?\s*", re.IGNORECASE)
_LONGEST_REASON = 300


def on_line(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:  # noqa: ARG001
    """Tell a balance, or count minutes; tell whether the line was for that."""
    text = text_of(inbound)
    if (found := _BALANCE.fullmatch(text)) is not None:
        return _on_balance(desk, person, inbound, (found["name"] or "").strip(" .!?"))
    if (found := _TIME.fullmatch(text)) is not None:
        return _on_time(desk, person, inbound, found)
    return False


def _on_balance(desk: Desk, person: str, inbound: MessageIn, name: str) -> bool:
    mine = coached(desk.unit, person)
    if name and not naming.called(desk.unit, name, mine):
        return False
    desk.reason = "balance"
    if not mine:
        own = [one.trajectory for one in desk.unit.memberships(person) if one.role == "client"]
        return _tell_client(desk, person, inbound, own)
    asked = naming.meant(desk, person, inbound, name) if name else ""
    if name and not asked:
        return True
    asked = asked or naming.certain(desk, person, inbound, mine)
    states = _with_budget(desk.unit, (asked,) if asked else mine)
    if states:
        lines = "\n".join(f"• {one}" for one in _lines(desk, person, states))
        answer(desk, person, inbound, NoticeKey.BALANCES, {"lines": lines})
    else:
        people = ", ".join(asking.labels(desk, person, (asked,) if asked else mine))
        answer(desk, person, inbound, NoticeKey.BALANCE_NONE, {"name": people})
    return True


def _tell_client(desk: Desk, person: str, inbound: MessageIn, own: Sequence[str]) -> bool:
    """Tell a client what is left, of each trajectory that may be spoken of here (I4)."""
    if not own:
        return False
    here = [one for one in own if desk.may_name(one)]
    if not here:
        closed = (desk.unit.state(one) for one in own)
        allowed = (one for state in closed if state for one in state.policy.allowed_networks)
        networks = ", ".join(map(desk.catalogue.network, dict.fromkeys(allowed)))
        answer(desk, person, inbound, NoticeKey.NETWORK_NOT_ALLOWED, {"networks": networks})
        return True
    states = _with_budget(desk.unit, here)
    if not states:
        people = ", ".join(asking.labels(desk, person, here))
        answer(desk, person, inbound, NoticeKey.BALANCE_NONE, {"name": people})
    elif len(states) == 1:
        answer(desk, person, inbound, NoticeKey.BALANCE, _sums(states[0]))
    else:
        lines = "\n".join(f"• {one}" for one in _lines(desk, person, states))
        answer(desk, person, inbound, NoticeKey.BALANCES, {"lines": lines})
    return True


def _on_time(desk: Desk, person: str, inbound: MessageIn, found: re.Match[str]) -> bool:
    name, reason = found["name"].strip(), (found["reason"] or "").strip()
    mine = coached(desk.unit, person)
    if not mine or len(reason) > _LONGEST_REASON:
        return False
    if reason and not (name and naming.called(desk.unit, name, mine)):
        return False
    desk.reason = "time_noted"
    if name:
        trajectory = naming.meant(desk, person, inbound, name)
    else:
        having = [one.id for one in _with_budget(desk.unit, mine)] or mine
        trajectory = naming.about(desk, person, inbound, tuple(having), NoticeKey.WHICH_LOG)
    state = desk.unit.state(trajectory) if trajectory else None
    if state is not None:
        minutes = int(re.sub("[−–]", "-", found["minutes"]))
        _note(desk, person, inbound, state, c.NoteTime(person, minutes, reason))
    return True


def _note(
    desk: Desk, coach: str, inbound: MessageIn, state: Trajectory, command: c.NoteTime
) -> None:
    (name,) = asking.labels(desk, coach, (state.id,))
    why = core.not_noted(state.budget, coach, command.minutes, command.reason)
    if why == "no_budget":
        answer(desk, coach, inbound, NoticeKey.BALANCE_NONE, {"name": name})
        return
    desk.handle(state.id, command)
    after = desk.unit.state(state.id) or state
    params = {"name": name, "minutes": str(command.minutes), **_sums(after)}
    if why:
        answer(desk, coach, inbound, NoticeKey.TIME_REFUSED, {"name": name, "reason": why})
        return
    key = NoticeKey.TIME_NOTED if command.minutes else NoticeKey.TIME_NOTHING
    answer(desk, coach, inbound, key, params)


def on_choice(desk: Desk, person: str, inbound: ChoiceIn) -> None:
    """A coach answered the question about what she wrote, for each client it stood for."""
    unit = desk.unit
    to = desk_address(unit, person, inbound.sender.endpoint, inbound.place)
    desk.acknowledge(to, inbound.ack)
    desk.reason = "time_asked"
    asked, language = inbound.ref.rpartition("/")[2], language_of(unit, person)
    open_ = [
        (state, one)
        for state, one in proposed(unit, person)
        if asked.isdecimal() and micros(one.at) <= int(asked)
    ]
    for state, one in open_:
        desk.handle(state.id, c.TakeTime(person, one.seq, inbound.key == COUNT))
    if not open_:
        return
    if inbound.key != COUNT:
        desk.say(to, NoticeKey.TIME_LEFT, language)
        return
    states = _with_budget(unit, [state.id for state, _ in open_])
    lines = "\n".join(f"• {one}" for one in _lines(desk, person, states))
    desk.say(to, NoticeKey.TIME_TAKEN, language, {"lines": lines})


def low(desk: Desk, coach: str) -> list[str]:
    """Return of which clients little time is left, or none, least first."""
    language = language_of(desk.unit, coach)
    states = [
        state
        for state in _with_budget(desk.unit, coached(desk.unit, coach))
        if core.level(state.budget.base, state.budget.left) < core.FULL
    ]
    lines = []
    for state in sorted(states, key=lambda one: one.budget.left):
        (name,) = asking.labels(desk, coach, (state.id,))
        params = {"name": name, **_sums(state)}
        lines.append(desk.catalogue.say(NoticeKey.TODAY_TIME_LOW, language, **params))
    return lines


def proposed(unit: Unit, coach: str) -> list[tuple[Trajectory, core.Proposed]]:
    """Return the written work that waits for a coach's answer, and of which trajectories."""
    states = _with_budget(unit, coached(unit, coach))
    return [
        (state, state.budget.proposed[coach]) for state in states if coach in state.budget.proposed
    ]


def has_budget(unit: Unit, person: str) -> bool:
    """Tell whether minutes were agreed on in any trajectory of somebody."""
    return bool(_with_budget(unit, [one.trajectory for one in unit.memberships(person)]))


def _with_budget(unit: Unit, trajectories: Sequence[str]) -> list[Trajectory]:
    states = (unit.state(one) for one in trajectories)
    return [state for state in states if state is not None and state.budget.since]


def _sums(state: Trajectory) -> dict[str, str]:
    return {"left": str(state.budget.left), "granted": str(state.budget.granted)}


def _lines(desk: Desk, person: str, states: Sequence[Trajectory]) -> list[str]:
    """Return a line for each balance, in the reader's language."""
    language = language_of(desk.unit, person)
    names = asking.labels(desk, person, [state.id for state in states])
    return [
        desk.catalogue.say(NoticeKey.BALANCE_LINE, language, name=name, **_sums(state))
        for name, state in zip(names, states, strict=True)
    ]


CONCERN = Concern(
    on_line,
    (
        Offer("BALANCE", "SALDO", NoticeKey.WORD_BALANCE, COACHES | CLIENTS, has_budget),
        Offer("time anna 10", "tijd anna 10", NoticeKey.WORD_TIME, COACHES, has_budget),
    ),
    keywords.BALANCE | keywords.TIME,
    answers=True,
)
