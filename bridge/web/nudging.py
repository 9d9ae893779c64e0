"""The nudges of a coach as data, and what she does with one: for the console and its twin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.nudges import NudgeKind
from bridge.runtime.handle import handle
from bridge.runtime.nudge_texts import (
    MOST_WORDS,
    series,
    template_name,
    why_no_template,
    words_of,
)
from bridge.web import views
from bridge.web.shapes import Reader, Who
from scheduling.calendar import zones
from scheduling.calendar.phrases import FADING_DAYS, later
from storage import agreements, nudge_lines, persons
from storage.nudge_lines import DraftLine, NudgeLine, TemplateLine, WeekLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.trajectory import Trajectory
    from bridge.runtime.texts import Catalogue
    from storage.engine import Store
    from storage.unit import Unit

WEEKS = 8
PAUSE_DAYS = 7
FARTHEST = timedelta(days=366)
MOST_TEMPLATES = 50
SERIES: tuple[tuple[int, ...], ...] = ((), (1,), FADING_DAYS, (7, 14, 21))
"""The plans a page offers: days after the first one."""


class Client(msgspec.Struct, frozen=True):
    """Somebody for whom something can be planned, where, and in which zone they live."""

    trajectory: str
    id: str
    name: str
    time_zone: str


class Nudges(msgspec.Struct, frozen=True):
    """What a coach has planned, what became of the others, and the weeks in figures."""

    reader: Reader
    clients: tuple[Who, ...]
    zones: dict[str, str]
    planned: tuple[NudgeLine, ...]
    settled: tuple[NudgeLine, ...]
    weeks: tuple[WeekLine, ...]
    drafts: tuple[DraftLine, ...] = ()
    templates: tuple[TemplateLine, ...] = ()
    may_plan: tuple[Client, ...] = ()


class NewNudge(msgspec.Struct, frozen=True):
    """What a coach wants planned, as in one line of hers.

    ``at`` is when the event is, or when a prompt is to be said; ``words`` her own, ``template`` the
    name of one of hers; ``days`` after the first it is said again.
    """

    client: str
    kind: NudgeKind
    at: datetime
    about: str
    words: str = ""
    template: str = ""
    days: tuple[int, ...] = ()


def nudges(store: Store, coach: str, now: datetime) -> Nudges:
    """Return everything the page shows."""
    reader = views.reader(store, coach)
    planned, settled = nudge_lines.planned(store, coach), nudge_lines.settled(store, coach)
    states = agreements.states_of(store, coach)
    drafts = nudge_lines.drafted(store, coach, states)
    people = persons.persons(
        store, {line.client for line in (*planned, *settled)} | {one.client for one in drafts}
    )
    return Nudges(
        reader=reader,
        clients=tuple(Who(one.id, one.name) for one in people.values()),
        zones={one.id: one.time_zone or "UTC" for one in people.values()},
        planned=tuple(planned),
        settled=tuple(settled),
        weeks=tuple(nudge_lines.weeks(store, coach, _mondays(now))),
        drafts=tuple(drafts),
        templates=tuple(nudge_lines.templates(store, coach)),
        may_plan=tuple(clients_in(store, states)),
    )


def clients_in(store: Store, states: Mapping[str, Trajectory]) -> list[Client]:
    """Return the clients of these trajectories who have agreed, by name."""
    where = [
        (name, one)
        for name, state in states.items()
        for one in state.with_role("client")
        if state.parties[one].may_talk
    ]
    people = persons.persons(store, {one for _, one in where})
    found = [
        Client(name, one, people[one].name, people[one].time_zone or "UTC")
        for name, one in where
        if one in people
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.trajectory))


def _mondays(now: datetime) -> list[datetime]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]


def act(
    unit: Unit,
    catalogue: Catalogue,
    trajectory: str,
    coach: str,
    seq: int,
    at: datetime | None,
) -> str:
    """Move a planned nudge, or (None) take it back; return '' or the code of why not."""
    command: c.Command = c.CancelNudge(coach, seq) if at is None else c.MoveNudge(coach, seq, at)
    return _why(handle(unit, trajectory, command, catalogue).entries)


def plan(unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, new: NewNudge) -> str:
    """Plan a nudge, or a series of them; return '' or the code of why not."""
    state = unit.state(trajectory)
    member = state.parties.get(new.client) if state is not None else None
    if member is None or member.role != "client" or not member.may_talk:
        return "not_a_client"
    about, own = new.about.strip(), new.words.strip()
    if not about or "\x00" in about + own:
        return "no_words"
    if not unit.now < new.at <= unit.now + FARTHEST:
        return "past" if new.at <= unit.now else "too_far"
    texts = unit.ledger.templates(coach)
    if new.template and new.template not in texts:
        return "no_template"
    template = texts.get(new.template or new.kind.value, "")
    text = words_of(unit, catalogue, new.client, new.kind, about, own, template)
    if max(len(about), len(text)) > MOST_WORDS:
        return "too_long"
    wanted = series(unit, catalogue, new.client, new.at, new.days, text)
    event = "" if new.kind is NudgeKind.PROMPT else about
    command = c.PlanNudge(coach, new.client, new.kind, wanted, event)
    return _why(handle(unit, trajectory, command, catalogue).entries)


def answer_draft(
    unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, seq: int, *, yes: bool
) -> str:
    """Have what was drafted planned, or let it be; return '' or the code of why not."""
    command = c.AnswerDraft(coach, seq, yes)
    entries = handle(unit, trajectory, command, catalogue).entries
    first = entries[0] if entries else None
    if yes and isinstance(first, e.NudgeCancelled):
        return first.reason
    return _why(entries)


def keep_template(unit: Unit, coach: str, name: str, text: str) -> str:
    """Keep a coach's own words, '' forgets them; return '' or the code of why not."""
    name, text = template_name(name), text.strip()
    if text and (why := why_no_template(name, text)):
        return why
    known = unit.ledger.templates(coach)
    if not text and name not in known:
        return "no_template"
    if text and len(known) >= MOST_TEMPLATES and name not in known:
        return "too_many"
    unit.ledger.put_template(coach, name, text)
    return ""


def _why(entries: tuple[e.Entry, ...]) -> str:
    first = entries[0] if entries else None
    return first.reason if isinstance(first, e.InboundRefused) else ""


def pause(unit: Unit, catalogue: Catalogue, trajectory: str, coach: str, seq: int) -> str:
    """Put a prompt off for a week, at the same time of day; why not, where it is for an event."""
    row = unit.ledger.row(trajectory, seq)
    person = unit.person(row.client) if row is not None else None
    state = unit.state(trajectory)
    planned = state.nudges.find(seq) if state is not None else None
    if planned is None or person is None:
        return "nothing_planned"
    at = later(planned.at, PAUSE_DAYS, person.time_zone or "UTC")
    return act(unit, catalogue, trajectory, coach, seq, at)


def at_wall(text: str, zone: str) -> datetime | None:
    """Return the instant of what a date field says, in a zone; None for anything else."""
    try:
        shown = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if shown.tzinfo is not None else zones.instant(shown, zone)
