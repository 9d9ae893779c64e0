"""What the bridge itself asks or tells a client, judged once more when it is about to go (I8).

1. A reminder, the question how a step went and the word that a promise was broken keep to the quiet
   hours of the client, and the question also to PAUSE and LATER. They are decided when due; what
   could not go then, because a network was away, is decided anew for when it may.
2. The row is settled and leaves its lane, so that it holds up no answer; the timer that caused it
   is carried out again, which waits, or leaves out what would come too late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.decide.promises import TELLING
from bridge.core.decide.steps import CONCERN as STEP
from bridge.core.notices import NoticeKey
from scheduling.calendar.quiet import is_quiet

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.nudges import Pace
    from bridge.core.trajectory import Trajectory
    from storage.outbox_rows import Claimed
    from storage.unit import Unit

_ABOUT = frozenset({NoticeKey.AGENDA_REMINDER, NoticeKey.STEP_FOLLOW_UP, NoticeKey.PROMISE_BROKEN})


def at_claim(unit: Unit, row: Claimed) -> tuple[str, str]:
    """Return why a notice may not go now, and the name of the timer that says it later.

    ('', '') for one that may go. A notice of which a part has gone is finished.
    """
    state = unit.state(row.trajectory) if row.trajectory and not row.parts_done else None
    member = state.parties.get(row.party) if state is not None else None
    if state is None or member is None or member.role != "client":
        return "", ""
    logged = unit.entry(row.trajectory, row.seq)
    said = logged.entry if logged is not None else None
    if not isinstance(said, e.NoticeGiven) or said.notice not in _ABOUT:
        return "", ""
    pace = unit.ledger.pace(row.party)
    why = _asked_to_wait(pace, unit.now) if said.notice == NoticeKey.STEP_FOLLOW_UP else ""
    if not why:
        person = unit.person(row.party)
        zone = (person.time_zone if person is not None else "") or "UTC"
        why = "quiet_hours" if is_quiet(unit.now, pace.quiet, zone) else ""
    return (why, _timer(state, row, said)) if why else ("", "")


def _asked_to_wait(pace: Pace, now: datetime) -> str:
    if pace.paused(now):
        return "paused"
    return "later" if pace.later_until is not None and now < pace.later_until else ""


def _timer(state: Trajectory, row: Claimed, said: e.NoticeGiven) -> str:
    """Return the name of the timer that caused a notice, '' where what it was about is gone."""
    if said.notice == NoticeKey.PROMISE_BROKEN:
        return f"{TELLING}:{row.party}"
    if said.notice == NoticeKey.STEP_FOLLOW_UP:
        step = state.steps.asked_by(row.seq)
        return f"{STEP}:{step.seq}" if step is not None and not step.answered else ""
    number = said.options[0].key[1:] if said.options else ""
    return f"session:{number}:remind" if number.isdecimal() else ""
