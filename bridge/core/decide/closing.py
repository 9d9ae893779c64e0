"""Ending a trajectory: asked twice of a coach, and then everything that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.content import Choice
from bridge.core.decide import agenda, intake, parting
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.decide.draft import Draft

_SURE = (Choice("close", NoticeKey.CLOSE_YES), Choice("not", NoticeKey.CLOSE_NO))


def on_ask(draft: Draft, command: c.AskToClose) -> None:
    """Ask a coach whether she means it; of anybody else it is nothing."""
    if draft.state.open and _coaches(draft, command.party):
        clients = draft.state.with_role("client")
        names = ", ".join(draft.name(one) for one in clients)
        params = {"name": names or draft.state.title or draft.state.id}
        draft.notify(command.party, NoticeKey.CLOSE_SURE, params, _SURE)


def on_choice(draft: Draft, coach: str, key: str) -> None:
    """End it, or leave it."""
    if not _coaches(draft, coach):
        return
    if key == "close":
        on_close(draft, c.CloseTrajectory(reason="coach", party=coach))
    else:
        draft.notify(coach, NoticeKey.CLOSE_NOT)


def on_close(draft: Draft, command: c.CloseTrajectory) -> None:
    """End a trajectory that is open: its appointments first, then what waits, then the parting."""
    was_open = draft.state.open
    agenda.on_leaving(draft, "closed")
    intake.on_close(draft, command)
    if was_open:
        parting.begin(draft, command.party)


def _coaches(draft: Draft, party: str) -> bool:
    member = draft.state.parties.get(party)
    return member is not None and member.active and member.role == "coach"
