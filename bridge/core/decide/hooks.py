"""What else follows from what a party did, after it was logged and is on its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.decide import promises, scales
from bridge.core.inbound import DeleteIn

if TYPE_CHECKING:
    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft


def after_receive(draft: Draft, command: c.Receive) -> None:
    """Let every concern see what was said or withdrawn just now."""
    posted = draft.posted
    if posted is not None and not scales.on_posted(draft, *posted):
        promises.on_posted(draft, *posted)  # a number that was asked for needs no answer
    target = draft.facts.target
    if isinstance(command.inbound, DeleteIn) and target is not None and draft.withdrew:
        promises.on_withdrawn(draft, command.party, target.seq)
