"""Whose conversation an inbound belongs to. No routing on a guess.

1. A place of its own decides, for the party it is bound to and nobody else.
2. Else the message that is answered, corrected, reacted to or chosen from decides, if the sender
   takes part in that trajectory.
3. Else an endpoint with exactly one open trajectory decides, in a private chat only.
4. Else the sender is asked, and nothing moves before the answer.
5. Who is not known learns nothing; only a code opens the door.
"""

from __future__ import annotations

import msgspec


class Membership(msgspec.Struct, frozen=True):
    """One open trajectory a person takes part in."""

    trajectory: str
    role: str


class Standing(msgspec.Struct, frozen=True):
    """Everything the shell found out about an inbound's sender and place.

    ``person`` is '' for a stranger; ``bound`` is (trajectory, party) of the place; ``about`` the
    trajectory of the message that is answered or corrected, '' when there is none or it is not
    known.
    """

    person: str = ""
    memberships: tuple[Membership, ...] = ()
    bound: tuple[str, str] | None = None
    about: str = ""
    direct: bool = True


class ToTrajectory(msgspec.Struct, frozen=True):
    """It belongs here."""

    trajectory: str


class AskWhich(msgspec.Struct, frozen=True):
    """Several trajectories are possible; the sender decides."""

    trajectories: tuple[str, ...]


class Unrouted(msgspec.Struct, frozen=True):
    """It belongs nowhere: ``stranger``, ``no_trajectory``, ``not_yours`` or ``open_group``."""

    reason: str


Route = ToTrajectory | AskWhich | Unrouted


def resolve(standing: Standing) -> Route:
    """Return where an inbound goes; see the rules above."""
    if not standing.person:
        return Unrouted("stranger")
    mine = tuple(member.trajectory for member in standing.memberships)
    if standing.bound is not None:
        trajectory, party = standing.bound
        if party == standing.person and trajectory in mine:
            return ToTrajectory(trajectory)
        return Unrouted("not_yours")
    if not standing.direct:
        return Unrouted("open_group")
    if standing.about:
        return ToTrajectory(standing.about) if standing.about in mine else Unrouted("not_yours")
    match mine:
        case ():
            return Unrouted("no_trajectory")
        case (only,):
            return ToTrajectory(only)
        case _:
            return AskWhich(mine)
