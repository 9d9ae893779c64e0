"""Nudges for many clients, all due within a minute, some of them where it is night by then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.endpoint import Endpoint
from bridge.core.nudges import NudgeKind, Wanted
from bridge.runtime.handle import handle
from bridge.runtime.texts import Catalogue
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from storage.unit import Unit
    from storage.writer import Writer

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Amsterdam, 3:00 in Seattle
PLANNED = NOON - timedelta(days=1)
DAY, NIGHT = "Europe/Amsterdam", "America/Los_Angeles"
AT_ONCE = 200
LATER = timedelta(hours=1)
TALK = "talk"
TALKER = "talker"
_CATALOGUE = Catalogue()


def seed(writer: Writer, clients: int, each: int) -> None:
    """Plan ``each`` nudges for each client, due within the minute before noon.

    Every twentieth client has one more that is not due yet. Then every third client moves to where
    it is night, so that theirs are due in quiet hours.
    """
    chunks = [range(at, min(at + AT_ONCE, clients)) for at in range(0, clients, AT_ONCE)]
    coaches = sorted({_coach(number) for number in range(clients)})
    writer.run(partial(_settle_in, (*coaches, TALKER), DAY))
    for numbers in chunks:
        writer.run(partial(_settle_in, [_client(one) for one in numbers], DAY))
    writer.run(partial(_open, TALK, _coach(0), TALKER))
    for numbers in chunks:
        writer.run(partial(_open_all, numbers))
    for numbers in chunks:
        wants = Wants(trajectories=tuple(f"log-{one}" for one in numbers))
        writer.run(partial(_plan_all, numbers, each), wants)
    for numbers in chunks:
        away = [_client(one) for one in numbers if one % 3 == 0]
        writer.run(partial(_settle_in, away, NIGHT))


def _client(number: int) -> str:
    return f"client-{number}"


def _coach(number: int) -> str:
    return f"coach-{number // 25}"


def _settle_in(people: Iterable[str], zone: str, unit: Unit) -> None:
    for person in people:
        unit.put_person(person, person.capitalize(), "en", zone)
        endpoint = Endpoint("telegram", "main", person)
        if unit.endpoint(endpoint) is None:
            unit.put_endpoint(endpoint, person)


def _open_all(numbers: Sequence[int], unit: Unit) -> None:
    for number in numbers:
        _open(f"log-{number}", _coach(number), _client(number), unit)


def _open(name: str, coach: str, client: str, unit: Unit) -> None:
    commands: list[c.Command] = [
        c.OpenTrajectory(),
        c.AddParty(coach, "coach", coach),
        c.AddParty(client, "client", client),
        c.RecordConsent(client),
    ]
    for command in commands:
        handle(unit, name, command, _CATALOGUE)


def _plan_all(numbers: Sequence[int], each: int, unit: Unit) -> None:
    unit.ledger.fetch(map(_client, numbers))
    for number in numbers:
        for turn in range(each):
            before = timedelta(milliseconds=(number * each + turn) * 7 % 60_000)
            wanted = Wanted(NOON - before, f"step {turn}")
            plan = c.PlanNudge(
                _coach(number), _client(number), NudgeKind.PROMPT, (wanted,), wanted.text
            )
            handle(unit, f"log-{number}", plan, _CATALOGUE)
        if number % 20 == 0:
            later = Wanted(NOON + LATER, "not yet")
            plan = c.PlanNudge(
                _coach(number), _client(number), NudgeKind.PROMPT, (later,), later.text
            )
            handle(unit, f"log-{number}", plan, _CATALOGUE)
