"""The end of a trajectory on its page: until when it is kept, and what each client chose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.web import ending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.trajectory import Trajectory
    from bridge.web.console.visit import Visit
    from bridge.web.ending import Client
    from storage.persons import PersonLine


class Shown(msgspec.Struct, frozen=True):
    """The section of the page: one sentence, and a line for each client once it is closed."""

    told: str
    clients: tuple[tuple[str, str], ...]


def shown(visit: Visit, state: Trajectory, people: Mapping[str, PersonLine]) -> Shown:
    """Return how a trajectory ends, or ended, in words."""
    say, found = visit.words, ending.ending(state)
    if not found.closed:
        told = say("Once it is closed, it is kept without an end that was agreed.")
        if found.keep_days:
            told = say("Once it is closed, it is kept for {days} days.", days=found.keep_days)
        return Shown(told, ())
    told = say("It is closed.")
    if found.until is not None:
        told = say("It is closed. It is kept until {when}.", when=say.day(found.until))
    lines = (
        (known.name, _line(visit, one))
        for one in found.clients
        if (known := people.get(one.client)) is not None
    )
    return Shown(told, tuple(lines))


def _line(visit: Visit, one: Client) -> str:
    """Return what one client chose, or why there is nothing to choose any more."""
    say = visit.words
    if one.destroyed:
        chosen = one.choice == "destroy"
        return say("had it destroyed") if chosen else say("destroyed, as was agreed")
    if one.taken is not None:
        return say("took it along, {when}", when=say.moment(one.taken))
    if one.choice == "take":
        return say("has a link to take it along")
    if one.choice == "keep":
        return say("lets it be kept")
    return say("was asked; without an answer it is kept") if one.asked else say("was not asked yet")
