"""Bring the store in line with a practice file, as often as one likes.

1. What the file says is carried out through the same commands as everything else; applying it
   again changes nothing.
2. An endpoint that leaves the file is revoked; one that was linked by an invitation stays, for
   the file never had it. Endpoints of the file have ranks below ``LINKED_RANK``. One that its
   person gave up for another is not linked again by the file.
3. Trajectories that the file does not name are left alone and reported.
4. A client's own refusal is never overruled by consent the operator recorded, and an erasure by
   nothing at all.
5. Work is done in small commits, so that a serving bridge is held up for milliseconds only.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from bridge.core import commands as c
from bridge.core.errors import ConfigError
from bridge.core.trajectory import Consent, Trajectory
from bridge.runtime.handle import handle
from bridge.runtime.paces import keep_pace, keep_templates
from bridge.runtime.practice_ending import end, retain
from bridge.runtime.practice_time import agree
from scheduling.calendar.own import Own
from storage import queries
from storage.erasures import EVERYWHERE
from storage.registry import LINKED_RANK
from storage.wants import Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bridge.core.endpoint import Endpoint
    from bridge.core.facts import Person
    from bridge.core.policy import Policy
    from bridge.runtime.practice_file import NudgesTable, PersonTable, Practice, TrajectoryTable
    from bridge.runtime.practice_time import Agreed
    from bridge.runtime.texts import Catalogue
    from scheduling.calendar.working import Working
    from storage.agenda import Kept
    from storage.engine import Store
    from storage.unit import Unit
    from storage.writer import Writer

_CHUNK = 100
_REASON = "practice_file"


class Change(msgspec.Struct, frozen=True):
    """One thing that applying changed: ``sign`` is ``+``, ``~``, ``-`` or ``!`` (left alone)."""

    sign: str
    what: str


def apply(
    store: Store, writer: Writer, practice: Practice, catalogue: Catalogue
) -> Iterator[tuple[int, list[Change]]]:
    """Carry out a practice file; yield (steps done, changes) after each commit.

    Raises ConfigError when the file contradicts the store, StoreError; what was committed before
    stays, and applying again goes on from there.
    """
    for job in _jobs(practice, catalogue):
        yield job.size, writer.run(job.work, job.wants)
    named = {trajectory.id for trajectory in practice.trajectory}
    left = [line.id for line in queries.trajectories(store) if line.id not in named]
    if left:
        shown = ", ".join(left[:5]) + (f" and {len(left) - 5} more" if len(left) > 5 else "")
        yield 0, [Change("!", f"not in the file, left as they are: {shown}")]


def steps(practice: Practice) -> int:
    """Return how many steps ``apply`` has, to show how far it is."""
    return 2 * len(practice.person) + len(practice.trajectory)


class _Job(NamedTuple):
    size: int
    work: Callable[[Unit], list[Change]]
    wants: Wants


def _jobs(practice: Practice, catalogue: Catalogue) -> Iterator[_Job]:
    """All endpoints are revoked before any is added, so that one may move between people."""
    yield _Job(0, partial(_apply_nudges, practice.nudges), Wants())
    for people in _chunks(practice.person):
        wants = Wants(people=tuple(person.id for person in people))
        yield _Job(len(people), partial(_each, people, _revoke_missing, catalogue), wants)
    for people in _chunks(practice.person):
        wants = Wants(
            people=tuple(person.id for person in people),
            endpoints=tuple(endpoint for person in people for endpoint in person.places),
        )
        step = partial(_apply_person, {one.id: practice.working(one) for one in people})
        yield _Job(len(people), partial(_each, people, step, catalogue), wants)
    for tables in _chunks(practice.trajectory):
        wants = Wants(
            trajectories=tuple(table.id for table in tables),
            people=tuple({person for table in tables for person, _ in table.roles}),
        )
        agreed = {table.id: practice.agreed(table) for table in tables}
        kept = {table.id: practice.kept_for(table) for table in tables}
        work = partial(_apply_trajectories, tables, agreed, kept, catalogue)
        yield _Job(len(tables), work, wants)


T = TypeVar("T")


def _chunks(tables: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(tables), _CHUNK):
        yield tables[start : start + _CHUNK]


def _each(
    tables: Sequence[T],
    step: Callable[[Unit, T, Catalogue], Iterator[Change]],
    catalogue: Catalogue,
    unit: Unit,
) -> list[Change]:
    return [change for table in tables for change in step(unit, table, catalogue)]


def _revoke_missing(unit: Unit, table: PersonTable, catalogue: Catalogue) -> Iterator[Change]:
    if _is_erased(unit, table.id):
        return
    person = unit.person(table.id)
    declared = set(table.places)
    for reach in person.reach if person else ():
        row = unit.endpoint(reach.endpoint)
        if reach.endpoint in declared or row is None or row.rank >= LINKED_RANK:
            continue
        command = c.RevokeEndpoint(table.id, reach.endpoint, _REASON)
        unit.revoke_endpoint(reach.endpoint)
        for membership in unit.memberships(table.id):
            handle(unit, membership.trajectory, command, catalogue)
        yield Change("-", f"endpoint {reach.endpoint} of {table.id}")


def _apply_person(
    works: Mapping[str, Working | None], unit: Unit, table: PersonTable, catalogue: Catalogue
) -> Iterator[Change]:
    if _is_erased(unit, table.id):
        yield Change("!", f"{table.id} was erased and stays so; take them out of the file")
        return
    known = unit.person(table.id)
    wrong = [] if known is None else _differences(known, table)
    if known is None or wrong:
        unit.put_person(table.id, table.name, table.language, table.time_zone)
        what = f"person {table.id}"
        yield Change("~", f"{what}: {', '.join(wrong)}") if wrong else Change("+", what)
    if unit.agendas.put(table.id, table.offered, works[table.id]):
        kinds = ", ".join(one.modality for one in table.offered.kinds) or "none"
        yield Change("~", f"appointments with {table.id}: {kinds}")
    yield from _own_hours(unit, table)
    if keep_pace(unit, table, table.id):
        yield Change("~", f"person {table.id}: quiet hours and nudges")
    if keep_templates(unit, table):
        yield Change("~", f"person {table.id}: templates")
    yield from _apply_endpoints(unit, table, catalogue)


def _apply_endpoints(unit: Unit, table: PersonTable, catalogue: Catalogue) -> Iterator[Change]:
    for rank, endpoint in enumerate(table.places):
        row = unit.endpoint(endpoint)
        held = row is not None and not row.revoked
        if row is not None and held and row.person != table.id:
            msg = f"endpoint {endpoint} of {table.id} belongs to {row.person}; revoke it there"
            raise ConfigError(msg)
        own = row is not None and row.person == table.id
        if own and not held and unit.was_replaced(endpoint):
            yield Change("!", f"{table.id} gave up {endpoint} for another: take it from the file")
        elif row is None or not held:
            unit.put_endpoint(endpoint, table.id, rank=rank)
            _tell_logs(unit, table.id, endpoint, catalogue)
            yield Change("+", f"endpoint {endpoint} of {table.id}")
        elif row.rank != rank:
            unit.put_endpoint(endpoint, table.id, rank=rank)
            yield Change("~", f"endpoint {endpoint} of {table.id}: order")


def _is_erased(unit: Unit, person: str, trajectory: str = EVERYWHERE) -> bool:
    """Tell whether a person was erased, everywhere or in a trajectory."""
    return unit.erasures.has(EVERYWHERE, person) or unit.erasures.has(trajectory, person)


def _own_hours(unit: Unit, table: PersonTable) -> Iterator[Change]:
    """Report what a coach set herself, which goes before what the file says of it."""
    if table.work is None and not table.availability:
        return
    own = unit.agendas.kept(table.id).own
    kinds = {one.kind for one in table.availability} & {one.modality for one in own.kinds}
    if table.work is not None and own.work is not None:
        yield Change("!", f"working hours of {table.id} were set by hand, left as they are")
    if kinds:
        what = ", ".join(sorted(kinds))
        yield Change("!", f"{what} with {table.id}: set by hand, left as it is")


def _apply_nudges(table: NudgesTable, unit: Unit) -> list[Change]:
    return [Change("~", "nudges: what holds for everybody")] if keep_pace(unit, table) else []


def _differences(known: Person, table: PersonTable) -> list[str]:
    return [
        key
        for key in ("name", "language", "time_zone")
        if getattr(known, key) != getattr(table, key)
    ]


def _tell_logs(unit: Unit, person: str, endpoint: Endpoint, catalogue: Catalogue) -> None:
    command = c.LinkEndpoint(person, endpoint, "declared")
    for membership in unit.memberships(person):
        handle(unit, membership.trajectory, command, catalogue)


def _apply_trajectories(
    tables: Sequence[TrajectoryTable],
    agreed: Mapping[str, Agreed],
    kept: Mapping[str, int],
    catalogue: Catalogue,
    unit: Unit,
) -> list[Change]:
    """Everybody is looked up before anything is written and once more before consents.

    Each write makes the store forget whom it knew, and a coach may have thousands of trajectories.
    """
    names = {name for table in tables for name, _ in table.roles}
    people = {name: person for name in names if (person := unit.person(name)) is not None}
    existing = {table.id for table in tables if unit.state(table.id) is not None}
    changes: list[Change] = []
    coaches = {coach for table in tables for coach in table.coaches}
    known = {coach: unit.agendas.kept(coach) for coach in sorted(coaches)}
    own = {coach: hers for coach, hers in known.items() if hers.own != Own()}
    for table in tables:
        changes += _apply_parties(unit, table, people, catalogue)
        theirs = {coach: own[coach] for coach in table.coaches if coach in own}
        tell = table.id in existing
        changes += _agree(unit, table.id, agreed[table.id], theirs, catalogue, tell=tell)
        retained = retain(unit, table.id, kept[table.id], catalogue)
        changes += [Change("~", what) for what in retained if table.id in existing]
    unit.fetch(Wants(people=tuple(names)))
    for table in tables:
        if table.consent == "recorded":
            changes += _record_consent(unit, table, catalogue, tell=table.id in existing)
        if table.status == "closed":
            changes += [Change("-", what) for what in end(unit, table.id, catalogue)]
    return changes


def _apply_parties(
    unit: Unit, table: TrajectoryTable, people: Mapping[str, Person], catalogue: Catalogue
) -> Iterator[Change]:
    before = unit.state(table.id) or Trajectory(id=table.id)
    if before.closed:
        if table.status == "open":
            yield Change("!", f"trajectory {table.id} is closed, left as it is")
        return
    if before.seq == 0:
        handle(unit, table.id, c.OpenTrajectory(table.title), catalogue)
        yield Change("+", f"trajectory {table.id}")
    yield from _apply_policy(unit, table, before, catalogue)
    roles = dict(table.roles)
    for name, party in before.parties.items():
        if party.active and name not in roles:
            handle(unit, table.id, c.RemoveParty(name, _REASON), catalogue)
            yield Change("-", f"party {name} of {table.id}")
    yield from _apply_roles(unit, table, before, people, catalogue)


def _apply_roles(
    unit: Unit,
    table: TrajectoryTable,
    before: Trajectory,
    people: Mapping[str, Person],
    catalogue: Catalogue,
) -> Iterator[Change]:
    for name, role in table.roles:
        if _is_erased(unit, name, table.id):
            yield Change("!", f"{name} was erased and takes no part in {table.id}")
            continue
        known = before.parties.get(name)
        if known is None or not known.active or known.role != role:
            _add_party(unit, table.id, people[name], role, catalogue)
            if before.seq:
                sign = "~" if known is not None and known.active else "+"
                yield Change(sign, f"party {name} of {table.id}: {role}")
        if shut_out(people[name], table.policy):
            where = ", ".join(table.policy.allowed_networks)
            yield Change("!", f"{name} cannot be reached in {table.id}, which allows only {where}")


def _apply_policy(
    unit: Unit, table: TrajectoryTable, before: Trajectory, catalogue: Catalogue
) -> Iterator[Change]:
    policy = table.policy
    if policy == before.policy:
        return
    handle(unit, table.id, c.SetPolicy(policy), catalogue)
    allowed = ", ".join(policy.allowed_networks) or "all networks"
    words = "words" if policy.content_on_weak_networks else "links instead of words"
    sign = "~" if before.seq else "+"
    yield Change(sign, f"policy of {table.id}: {allowed}; {words} on weak networks")


def shut_out(person: Person, policy: Policy) -> bool:
    """Tell whether somebody is somewhere, but nowhere a policy allows."""
    networks = {reach.endpoint.network for reach in person.reach}
    return bool(networks) and not any(map(policy.allows, networks))


def _agree(
    unit: Unit,
    trajectory: str,
    agreed: Agreed,
    own: Mapping[str, Kept],
    catalogue: Catalogue,
    *,
    tell: bool,
) -> Iterator[Change]:
    state = unit.state(trajectory)
    if state is None or not state.open:
        return
    for what in agree(unit, trajectory, agreed, state, catalogue, own):
        if tell:
            yield Change("~", what)


def _add_party(
    unit: Unit, trajectory: str, person: Person, role: str, catalogue: Catalogue
) -> None:
    handle(unit, trajectory, c.AddParty(person.id, role, person.name), catalogue)
    for reach in person.reach:
        link = c.LinkEndpoint(person.id, reach.endpoint, "declared")
        handle(unit, trajectory, link, catalogue)


def _record_consent(
    unit: Unit, table: TrajectoryTable, catalogue: Catalogue, *, tell: bool
) -> Iterator[Change]:
    state = unit.state(table.id)
    if state is None or state.closed:
        return
    for client in table.clients:
        if _is_erased(unit, client, table.id):
            continue
        consent = state.parties[client].consent
        if consent is Consent.REFUSED:
            yield Change("!", f"{client} refused consent in {table.id}; that stands")
        elif consent is not Consent.GIVEN:
            handle(unit, table.id, c.RecordConsent(client), catalogue)
            if tell:
                yield Change("~", f"consent of {client} in {table.id}: recorded")
