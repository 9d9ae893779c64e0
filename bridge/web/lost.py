"""A code for a client who lost the phone, from a page or by a program: see ``runtime.replacing``.

What can be done is looked at in the transaction that does it; that the coach coaches the
trajectory was looked at before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.runtime import invites

if TYPE_CHECKING:
    from bridge.runtime.invites import Issued
    from storage.unit import Unit


def issue(unit: Unit, trajectory: str, client: str) -> Issued | str:
    """Make a code, the only one that is good from now on; or return the code of why there is none.

    It is shown once: only its hash is kept.
    """
    state = unit.state(trajectory)
    member = state.parties.get(client) if state is not None else None
    if state is None or not state.open:
        return "closed"
    if member is None or not member.active or member.role != "client":
        return "not_a_client"
    return invites.issue(unit, trajectory, client, replace=True)
