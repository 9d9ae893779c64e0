"""A party is erased: nothing is planned for them any more, they leave, and the log says so.

The shell destroys the key in the same commit; what is decided here holds no words of theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.decide import booking, intake, nudges, steps

if TYPE_CHECKING:
    from bridge.core.decide.draft import Draft

ERASED = "erased"


def on_erase(draft: Draft, command: c.EraseParty) -> None:
    """Take a party out of everything; of a closed trajectory only the log has them still."""
    known = draft.state.parties.get(command.party)
    if known is None:
        return
    if draft.state.open and known.active:
        nudges.drop(draft, command.party, ERASED)
        steps.drop(draft, command.party, ERASED)
        # They leave first: what is said of their appointments goes to the others alone.
        intake.on_remove_party(draft, c.RemoveParty(command.party, ERASED))
        booking.cancel_all(draft, "left", command.party)
    draft.add(e.PartyErased(party=command.party, how=command.how))
