"""Questions the bridge put to a coach, answered on a page or by a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.inbound import ChoiceIn

if TYPE_CHECKING:
    from bridge.core.endpoint import Place
    from bridge.core.inbound import Sender
    from storage.unit import Unit


def choice(
    unit: Unit, trajectory: str, seq: int, key: str, place: Place, sender: Sender
) -> ChoiceIn | None:
    """Return the choice of ``key`` in the question ``seq``; None = it has no such key.

    Whether it was put to this person, and still counts, is the engine's to say.
    """
    logged = unit.entry(trajectory, seq)
    question = logged.entry if logged is not None else None
    if not isinstance(question, e.NoticeGiven):
        return None
    if all(option.key != key for option in question.options):
        return None
    own = f"{sender.endpoint.address}:{seq}:{key}"
    return ChoiceIn(place, sender, own, f"{trajectory}/{seq}", key, unit.now)
