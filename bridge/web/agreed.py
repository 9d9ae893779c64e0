"""What a coach agreed and offers, as data: for the console and its twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.web import booking
from bridge.web.ending import Ending, ending
from scheduling.calendar.slots import Availability
from storage import agreements, appointments
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
    """The promises, the steps and the scales of one trajectory, and how it ends.

    ``within`` is minutes of working time by network, '' for every other one.
    """

    promised: tuple[Due, ...]
    kept: int
    ended: int
    within: dict[str, int]
    pace_days: int
    steps: tuple[StepLine, ...]
    scales: tuple[ScaleLine, ...]
    ending: Ending


class Agenda(msgspec.Struct, frozen=True):
    """A coach's appointments that are ahead, soonest first, and the hours she offers.

    ``own`` names the exceptions she set herself, as they are removed.
    """

    appointments: tuple[AppointmentLine, ...]
    offered: Availability
    own: tuple[str, ...] = ()


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
    )


def agenda(store: Store, coach: str, now: datetime) -> Agenda:
    """Return what is ahead for a coach, and what she offers. Raises StoreError."""
    lines = appointments.of_person(store, coach, now)
    ahead = (one for one in lines if one.coach == coach and one.state in AHEAD)
    own = appointments.own_exceptions(store, coach)
    offered = appointments.offered(store, coach)
    return Agenda(tuple(ahead), offered, tuple(booking.names_of(own)))
