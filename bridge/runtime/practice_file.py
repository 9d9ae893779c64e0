"""The practice file: who there is and who coaches whom, read and checked as a whole.

Every complaint is a ConfigError naming the file, the table and the key, and says what to write.
"""

from __future__ import annotations

import re
import zoneinfo
from typing import TYPE_CHECKING, Literal

import msgspec

from bridge.core.budget import MOST_GRANTED
from bridge.core.calls import TELEPHONE
from bridge.core.endpoint import Endpoint, require_id
from bridge.core.entries import BRIDGE
from bridge.core.errors import ConfigError
from bridge.core.policy import Policy
from bridge.runtime import practice_agenda
from bridge.runtime.paces import wrong_pace
from bridge.runtime.practice_ending import wrong_days
from bridge.runtime.practice_time import (
    MESSENGERS,
    Agreed,
    PromiseTable,
    WorkTable,
    complaints,
    working_of,
)
from bridge.runtime.texts import LANGUAGES, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scheduling.calendar.slots import Availability
    from scheduling.calendar.working import Working


class PersonTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[person]]."""

    id: str
    name: str
    language: str = "en"
    time_zone: str = "UTC"
    endpoints: tuple[str, ...] = ()
    availability: tuple[practice_agenda.AvailabilityTable, ...] = ()
    exception: tuple[practice_agenda.ExceptionTable, ...] = ()
    quiet_hours: str = ""
    quiet_weekends: bool | None = None
    nudges_a_day: int | None = None
    nudges_a_week: int | None = None
    templates: dict[str, str] = {}
    work: WorkTable | None = None

    @property
    def offered(self) -> Availability:
        """When the person can be met, as a coach."""
        return practice_agenda.offered(self.time_zone, self.availability, self.exception)

    @property
    def places(self) -> tuple[Endpoint, ...]:
        """Where the person is, in their order of preference."""
        return tuple(Endpoint.parse(text) for text in self.endpoints)


class TrajectoryTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One [[trajectory]]; ``consent`` is "recorded" when the operator has it on paper.

    ``minutes`` is the prepaid time that the file grants in all, None = it says nothing of it.
    """

    id: str
    coaches: tuple[str, ...]
    clients: tuple[str, ...]
    sponsors: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()
    title: str = ""
    consent: Literal["ask", "recorded"] = "ask"
    allowed_networks: tuple[str, ...] | None = None
    content_on_weak_networks: bool = True
    minutes: int | None = None

    @property
    def policy(self) -> Policy:
        """What the trajectory allows on which network."""
        return Policy(self.allowed_networks or (), self.content_on_weak_networks)

    promise: PromiseTable | None = None
    status: Literal["open", "closed"] = "open"
    keep_days: int | None = None

    @property
    def roles(self) -> tuple[tuple[str, str], ...]:
        """The parties as (person, role), in the order of the file."""
        groups = (
            ("coach", self.coaches),
            ("client", self.clients),
            ("sponsor", self.sponsors),
            ("observer", self.observers),
        )
        return tuple((person, role) for role, people in groups for person in people)


class NudgesTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[nudges]: what holds for everybody of whom nothing else is said."""

    quiet_hours: str = ""
    quiet_weekends: bool | None = None
    nudges_a_day: int | None = None
    nudges_a_week: int | None = None


class Practice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file, checked."""

    person: tuple[PersonTable, ...] = ()
    trajectory: tuple[TrajectoryTable, ...] = ()
    nudges: NudgesTable = NudgesTable()
    promise: PromiseTable = PromiseTable()
    holidays: tuple[str, ...] = ()
    keep_days: int = 0

    def kept_for(self, trajectory: TrajectoryTable) -> int:
        """Return for how many days a trajectory is kept once it is closed; 0 = without an end."""
        return self.keep_days if trajectory.keep_days is None else trajectory.keep_days

    def agreed(self, trajectory: TrajectoryTable) -> Agreed:
        """Return what a checked file says of time in one of its trajectories."""
        promise = trajectory.promise or self.promise
        coaches = [person for person in self.person if person.id in trajectory.coaches]
        works = {person.id: self.working(person) for person in coaches}
        found = {coach: work for coach, work in works.items() if work is not None}
        zones = {person.id: person.time_zone for person in coaches}
        return Agreed(promise.within, promise.pace_days, found, zones, trajectory.minutes)

    def working(self, person: PersonTable) -> Working | None:
        """Return when a checked file says a person works, None where it does not say."""
        if person.work is None:
            return None
        return working_of(person.work, person.time_zone, self.holidays)


NETWORKS = (*MESSENGERS, TELEPHONE)
"""What a trajectory may allow, whether or not there is an account of it yet."""


def read_practice(file: Path, complaint: Callable[[Endpoint], str] = lambda _: "") -> Practice:
    """Read and check a practice file. Raises ConfigError naming everything that is wrong.

    ``complaint`` tells what a network finds wrong with an endpoint, '' for nothing.
    """
    try:
        practice = msgspec.toml.decode(file.read_bytes(), type=Practice)
    except FileNotFoundError:
        raise ConfigError(f"the practice file {file} does not exist") from None
    except OSError as error:
        raise ConfigError(f"the practice file {file} cannot be read: {error.strerror}") from None
    except msgspec.ValidationError as error:
        raise ConfigError(f"{file}: {_located(str(error))}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}") from None
    wrong = [f"[nudges], {what}" for what in wrong_pace(practice.nudges)]
    wrong += [*_wrong_people(practice, complaint), *_wrong_trajectories(practice)]
    wrong += _wrong_times(practice)
    if wrong:
        more = f" (and {len(wrong) - 5} more)" if len(wrong) > 5 else ""
        raise ConfigError(f"{file}: {'; '.join(wrong[:5])}{more}")
    return practice


def _located(message: str) -> str:
    """Turn ``… - at `$.person[1].name` `` into the words of the file."""
    what, _, path = message.partition(" - at `$")
    found = re.match(r"\.(\w+)\[(\d+)\](?:\.(\w+))?", path)
    if found is None:
        return f"{what}; the tables are [[person]] and [[trajectory]]"
    table, number, key = found.groups()
    return f"[[{table}]] number {int(number) + 1}{f', {key}' if key else ''}: {what}"


def _wrong_people(practice: Practice, complaint: Callable[[Endpoint], str]) -> Iterator[str]:
    seen: set[str] = set()
    owners: dict[Endpoint, str] = {}
    for person in practice.person:
        where = f"[[person]] {person.id!r}"
        yield from _wrong_id(person.id, "person id", seen)
        if not person.name.strip():
            yield f"{where}, name: write what to call this person"
        if language_of(person.language) != person.language.lower().split("-")[0]:
            yield f"{where}, language: {person.language!r} is not one of {', '.join(LANGUAGES)}"
        if not _is_zone(person.time_zone):
            zone = person.time_zone
            yield f"{where}, time_zone: {zone!r} is no IANA zone; write one like Europe/Amsterdam"
        hours = practice_agenda.wrong(person.time_zone, person.availability, person.exception)
        yield from (f"{where}, {what}" for what in hours)
        yield from (f"{where}, {what}" for what in wrong_pace(person))
        yield from _wrong_endpoints(person, where, owners, complaint)


def _wrong_endpoints(
    person: PersonTable,
    where: str,
    owners: dict[Endpoint, str],
    complaint: Callable[[Endpoint], str],
) -> Iterator[str]:
    for text in person.endpoints:
        try:
            endpoint = Endpoint.parse(text)
        except ValueError as error:
            yield f"{where}, endpoints: {error}"
            continue
        if endpoint in owners:
            yield f"{where}, endpoints: {text!r} stands with {owners[endpoint]!r} already"
        elif wrong := complaint(endpoint):
            yield f"{where}, endpoints: {text!r}: {wrong}"
        owners[endpoint] = person.id


def _wrong_trajectories(practice: Practice) -> Iterator[str]:
    people = {person.id for person in practice.person}
    seen: set[str] = set()
    for trajectory in practice.trajectory:
        where = f"[[trajectory]] {trajectory.id!r}"
        yield from _wrong_id(trajectory.id, "trajectory id", seen)
        for key in ("coaches", "clients"):
            if not getattr(trajectory, key):
                yield f"{where}, {key}: name at least one person"
        parties = [person for person, _ in trajectory.roles]
        for person in dict.fromkeys(parties):
            if person not in people:
                yield f"{where}: there is no [[person]] with id {person!r}"
            if parties.count(person) > 1:
                yield f"{where}: {person!r} stands there twice; a person has one role"
        yield from _wrong_networks(trajectory, where)
        if trajectory.minutes is not None and not 0 <= trajectory.minutes <= MOST_GRANTED:
            yield f"{where}, minutes: write all that was agreed on, from 0 to {MOST_GRANTED}"
        if complaint := wrong_days(trajectory.keep_days):
            yield f"{where}, {complaint}"
    if complaint := wrong_days(practice.keep_days):
        yield complaint


def _wrong_networks(trajectory: TrajectoryTable, where: str) -> Iterator[str]:
    allowed = trajectory.allowed_networks
    if allowed is None:
        return
    if not allowed:
        yield f"{where}, allowed_networks: name at least one, or leave it out to allow all"
    for network in dict.fromkeys(allowed):
        if network not in NETWORKS:
            known = ", ".join(NETWORKS)
            yield f"{where}, allowed_networks: {network!r} is none; the networks are {known}"
        if allowed.count(network) > 1:
            yield f"{where}, allowed_networks: {network!r} stands there twice"


def _wrong_times(practice: Practice) -> Iterator[str]:
    promises = {
        f"[[trajectory]] {one.id!r}": one.promise for one in practice.trajectory if one.promise
    }
    works = {
        f"[[person]] {person.id!r}": (person.work, person.time_zone)
        for person in practice.person
        if person.work is not None and _is_zone(person.time_zone)
    }
    return complaints(practice.holidays, {"the practice": practice.promise, **promises}, works)


def _wrong_id(text: str, what: str, seen: set[str]) -> Iterator[str]:
    try:
        require_id(text, what)
    except ValueError as error:
        yield str(error)
    if text == BRIDGE:
        yield f"{what} {text!r} is the bridge's own name; choose another"
    if text in seen:
        yield f"{what} {text!r} stands there twice"
    seen.add(text)


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
