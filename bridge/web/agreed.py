"""What a coach agreed and offers, as data: for the console and its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.runtime import hours
from bridge.web import budgeting
from bridge.web.budgeting import TimeBudget
from bridge.web.ending import Ending, ending
from scheduling.calendar import own as hers
from scheduling.calendar.slots import Availability
from scheduling.calendar.working import Working
from storage import agreements, appointments, persons
from storage.agreements import Due, ScaleLine, Stalled, StepLine
from storage.appointments import AppointmentLine

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.trajectory import Trajectory
    from storage.engine import Store

AHEAD = frozenset({"booked", "open"})
"""The states of an appointment that is still to come, or begun."""


class Pressing(msgspec.Struct, frozen=True):
    """What was promised, soonest first, who stalled, and how many promises were kept of ended."""

    promised: tuple[Due, ...]
    stalled: tuple[Stalled, ...]
    kept: int
    ended: int


class Agreed(msgspec.Struct, frozen=True):
    """The promises, the steps, the scales and the prepaid minutes of one trajectory, and its end.

    ``within`` is minutes of working time by network, '' for every other one; ``budget`` is None
    where no minutes were agreed on.
    """

    promised: tuple[Due, ...]
    kept: int
    ended: int
    within: dict[str, int]
    pace_days: int
    steps: tuple[StepLine, ...]
    scales: tuple[ScaleLine, ...]
    ending: Ending
    budget: TimeBudget | None = None


class Agenda(msgspec.Struct, frozen=True):
    """A coach's appointments that are ahead, soonest first, and the hours she offers.

    ``own`` names the exceptions she set herself, ``own_kinds`` what she offers by her own word,
    ``own_work`` whether her working hours are hers, each as it is forgotten. ``work`` is None where
    no working hours are agreed.
    """

    appointments: tuple[AppointmentLine, ...]
    offered: Availability
    own: tuple[str, ...] = ()
    own_kinds: tuple[str, ...] = ()
    work: Working | None = None
    own_work: bool = False


def pressing(store: Store, coach: str, now: datetime) -> Pressing:
    """Return what presses over all trajectories of a coach. Raises StoreError."""
    states = agreements.states_of(store, coach)
    kept = sum(state.promises.kept for state in states.values())
    broken = sum(state.promises.broken for state in states.values())
    return Pressing(
        tuple(agreements.promised(states)),
        tuple(agreements.stalled(store, states, now)),
        kept,
        kept + broken,
    )


def agreed(store: Store, state: Trajectory) -> Agreed:
    """Return what was agreed in one trajectory. Raises StoreError."""
    promises = state.promises
    return Agreed(
        tuple(agreements.promised({state.id: state})),
        promises.kept,
        promises.kept + promises.broken,
        dict(promises.within),
        promises.pace_days,
        tuple(agreements.steps(store, state)),
        tuple(agreements.scales(store, state)),
        ending(state),
        budgeting.budget(store, state),
    )


def agenda(store: Store, coach: str, now: datetime) -> Agenda:
    """Return what is ahead for a coach, what she offers and when she works.

    Raises StoreError.
    """
    lines = appointments.of_person(store, coach, now)
    ahead = (one for one in lines if one.coach == coach and one.state in AHEAD)
    known = appointments.kept(store, coach)
    person = persons.persons(store, [coach]).get(coach)
    zone = (person.time_zone if person is not None else "") or "UTC"
    offered = hers.offered(known.offered, known.own)
    return Agenda(
        tuple(ahead),
        offered,
        tuple(hours.names_of(known.own)),
        tuple(one.modality for one in known.own.kinds),
        known.working(zone, promised=False),
        known.own.work is not None,
    )
