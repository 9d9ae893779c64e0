"""What the practice file says of quiet hours, caps and templates, checked and kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from scheduling.calendar.quiet import QuietHours
from storage.nudges import EVERYBODY, PaceRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.runtime.practice_file import NudgesTable, PersonTable
    from storage.unit import Unit

_MOST_A_WEEK = 21
_FIELD = re.compile(r"\{([^{}]*)\}")


class _Pace(Protocol):
    @property
    def quiet_hours(self) -> str: ...
    @property
    def quiet_weekends(self) -> bool | None: ...
    @property
    def nudges_a_day(self) -> int | None: ...
    @property
    def nudges_a_week(self) -> int | None: ...


def wrong_pace(table: NudgesTable | PersonTable) -> Iterator[str]:
    """Yield what is wrong with a table's pace, each as the key and a sentence."""
    if table.quiet_hours:
        try:
            QuietHours.parse(table.quiet_hours)
        except ValueError as error:
            yield f"quiet_hours: {error}"
    for key in ("nudges_a_day", "nudges_a_week"):
        number = getattr(table, key)
        if number is not None and not 0 < number <= _MOST_A_WEEK:
            yield f"{key}: write a number from 1 to {_MOST_A_WEEK}; to send none, plan none"
    for name, text in getattr(table, "templates", {}).items():
        fields = set(_FIELD.findall(text))
        if "event" not in fields or fields - {"event", "name"}:
            yield f"templates, {name}: needs {{event}}, and may have {{name}} and nothing else"


def keep_pace(unit: Unit, table: NudgesTable | PersonTable, person: str = EVERYBODY) -> bool:
    """Keep what a table says; tell whether it was something new."""
    row = _row(table, person)
    before = unit.ledger.pace_row(person)
    if row.by_file == before.by_file:
        return False
    unit.ledger.put_pace_of_file(row)
    return True


def keep_templates(unit: Unit, table: PersonTable) -> bool:
    """Keep a coach's templates of the file beside her own; tell whether one was new."""
    known = unit.ledger.templates(table.id)
    new = {name.casefold(): text for name, text in table.templates.items()}
    changed = {name: text for name, text in new.items() if known.get(name) != text}
    for name, text in changed.items():
        unit.ledger.put_template(table.id, name, text, from_file=True)
    return bool(changed)


def _row(table: _Pace, person: str) -> PaceRow:
    hours = QuietHours.parse(table.quiet_hours) if table.quiet_hours else None
    return PaceRow(
        person=person,
        quiet_begins=hours.begins if hours else None,
        quiet_ends=hours.ends if hours else None,
        weekends=table.quiet_weekends,
        per_day=table.nudges_a_day,
        per_week=table.nudges_a_week,
    )
