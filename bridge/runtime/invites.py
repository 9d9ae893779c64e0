"""Issue invitations: a code in a link and a code to type, for one party of one trajectory.

1. Only hashes are stored; the codes exist on the operator's screen and with the person.
2. Each of the codes works once; using one uses up all. Both end with the invitation.
3. An invitation is bound to trajectory, person and role; to a network only if one was named.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core.errors import BridgeError
from bridge.core.policy import ANYTHING, Policy
from bridge.runtime.codes import code_hash, new_keypad_code, new_link_code, new_typed_code

if TYPE_CHECKING:
    from storage.unit import Unit

VALID = timedelta(days=14)
REPLACE = "replace"
"""The kind of an invitation in the place of everything its person has: see ``replacing``."""
REPLACE_VALID = timedelta(days=2)


class Issued(msgspec.Struct, frozen=True):
    """What the person is to get; shown once and never again."""

    link_code: str
    typed_code: str
    keypad_code: str
    expires_at: datetime


def allowed_in(unit: Unit, trajectory: str) -> Policy:
    """Return what a trajectory allows; anything where there is no such trajectory."""
    state = unit.state(trajectory)
    return ANYTHING if state is None else state.policy


def issue(
    unit: Unit,
    trajectory: str,
    person: str,
    network: str = "",
    valid: timedelta = VALID,
    *,
    replace: bool = False,
) -> Issued:
    """Issue an invitation for an active party of an open trajectory. Raises BridgeError.

    ``replace``: they lost what they had; the newest such invitation is the only one that is good.
    """
    state = unit.state(trajectory)
    if state is None or not state.open:
        raise BridgeError(f"there is no open trajectory {trajectory!r}; apply your practice first")
    party = state.parties.get(person)
    if party is None or not party.active:
        known = ", ".join(name for name, other in state.parties.items() if other.active)
        raise BridgeError(f"{person!r} is no party of {trajectory!r}; its parties are {known}")
    if network and not state.policy.allows(network):
        allowed = ", ".join(state.policy.allowed_networks)
        raise BridgeError(f"{trajectory!r} does not allow {network}; it allows {allowed}")
    until = unit.now + (min(valid, REPLACE_VALID) if replace else valid)
    issued = Issued(new_link_code(), new_typed_code(), new_keypad_code(), until)
    kind = REPLACE if replace else "party"
    if replace:
        unit.end_invites(person, REPLACE)
    unit.put_invite(
        id=f"{kind}-{secrets.token_hex(8)}",
        kind=kind,
        trajectory=trajectory,
        person=person,
        role=party.role,
        network=network,
        hashes=tuple(
            code_hash(code) for code in (issued.link_code, issued.typed_code, issued.keypad_code)
        ),
        expires_at=issued.expires_at,
    )
    return issued
