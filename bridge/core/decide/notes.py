"""What a coach writes down for the coaches of a trajectory: an entry, and nothing else.

1. A note has no recipients and no effects, so no network ever sees it.
2. It cannot be answered or quoted: ``relay`` refers to what was said to people only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.decide import budget

if TYPE_CHECKING:
    from bridge.core.commands import AddNote, LogSession, NoteViewing
    from bridge.core.decide.draft import Draft


def on_note(draft: Draft, command: AddNote) -> None:
    """Log a note of a coach who takes part; anybody else's is refused."""
    if _may_write(draft, command.party):
        draft.add(e.NoteAdded(author=command.party, body=command.body))


def on_session(draft: Draft, command: LogSession) -> None:
    """Log a session that was held, on the word of a coach who takes part."""
    if _may_write(draft, command.party):
        logged = e.SessionLogged(
            author=command.party,
            modality=command.modality,
            minutes=command.minutes,
            body=command.body,
        )
        budget.on_logged(draft, draft.add(logged), logged)


def _may_write(draft: Draft, author: str) -> bool:
    """Tell whether somebody may write for the coaches; where not, the log says why."""
    party = draft.state.parties.get(author)
    refusal = ""
    if party is None or not party.active:
        refusal = "not_a_party"
    elif not draft.state.open:
        refusal = "closed"
    elif party.role != "coach":
        refusal = "not_a_coach"
    if refusal:
        draft.add(e.InboundRefused(author=author, reason=refusal))
    return not refusal


def on_viewing(draft: Draft, command: NoteViewing) -> None:
    """Log that somebody who takes part read the log again."""
    party = draft.state.parties.get(command.party)
    if party is not None and party.active:
        draft.add(
            e.LogViewed(
                author=command.party,
                network=command.network,
                first=command.first,
                last=command.last,
                more=command.more,
            )
        )
