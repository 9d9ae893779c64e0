"""Calls that a coach begins from a page or by a program: who can be rung, or why nobody is.

1. What can be done is looked at again in the transaction that does it.
2. It is the same request as by a word in a messenger: people are rung on telephones they linked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.calls import TELEPHONE
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from collections.abc import Collection

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

REFUSALS = {
    "closed": "Open another trajectory: this one is closed.",
    "no_line": "Switch calls on first: `voice = true` below an account of the settings.",
    "not_allowed": "Write instead: this trajectory does not allow the telephone.",
    "no_own_phone": "Link a telephone of yours first.",
    "nobody": "Name a client of this trajectory who has agreed.",
    "no_phone": "Ask the client to link a telephone first.",
    "busy": "Wait until the call under way is over.",
}
"""Why nobody is rung, and what to do about it."""


def why_not(
    state: Trajectory, coach: str, client: str, telephones: Collection[str], *, line: bool
) -> str:
    """Return the code of why a call cannot be, '' where it can.

    ``telephones`` are those people of the trajectory who have one that may be rung, ``line`` tells
    whether the practice has one at all. Pure.
    """
    member = state.parties.get(client)
    if not state.open:
        return "closed"
    if not line:
        return "no_line"
    if not state.policy.allows(TELEPHONE):
        return "not_allowed"
    if coach not in telephones:
        return "no_own_phone"
    if member is None or member.role != "client" or not member.may_talk:
        return "nobody"
    if client not in telephones:
        return "no_phone"
    return "busy" if state.calls.open else ""


def call(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, client: str
) -> tuple[int, str]:
    """Ring a coach and then a client; return the seq of the call, or 0 and why it cannot be.

    '' is the only client there is. That the coach coaches the trajectory was looked at before.
    """
    state = unit.state(trajectory)
    if state is None:
        return 0, "closed"
    clients = state.with_role("client")
    whom = client or (clients[0] if len(clients) == 1 else "")
    telephones = [one for one in (coach, whom) if _has_telephone(unit, one)]
    why = why_not(state, coach, whom, telephones, line=bool(catalogue.lines))
    if why:
        return 0, why
    decision = handle(unit, trajectory, c.CallRequested(coach, whom), catalogue)
    for seq, entry in enumerate(decision.entries, start=state.seq + 1):
        if isinstance(entry, e.CallStarted):
            return seq, ""
    return 0, "nobody"


def _has_telephone(unit: Unit, person: str) -> bool:
    known = unit.person(person)
    reach = known.reach if known is not None else ()
    return any(one.endpoint.network == TELEPHONE and not one.opted_out for one in reach)
