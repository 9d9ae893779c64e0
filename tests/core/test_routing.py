"""Whose conversation an inbound belongs to: never a guess, never somebody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.routing import (
    AskWhich,
    Membership,
    Route,
    Standing,
    ToTrajectory,
    Unrouted,
    resolve,
)

ANNA = Membership("anna-2026", "coach")
BRAM = Membership("bram-2026", "coach")
TRAJECTORIES = st.sampled_from(["anna-2026", "bram-2026", "carl-2026"])
PEOPLE = st.sampled_from(["noor", "anna", "piet"])

STANDINGS = st.builds(
    Standing,
    person=st.one_of(st.just(""), PEOPLE),
    memberships=st.lists(
        st.builds(Membership, TRAJECTORIES, st.sampled_from(["coach", "client"])),
        unique_by=lambda one: one.trajectory,
    ).map(tuple),
    bound=st.one_of(st.none(), st.tuples(TRAJECTORIES, PEOPLE)),
    about=st.one_of(st.just(""), TRAJECTORIES),
    direct=st.booleans(),
)


@pytest.mark.parametrize(
    ("standing", "route"),
    [
        (Standing(), Unrouted("stranger")),
        (Standing(memberships=(ANNA,)), Unrouted("stranger")),
        (Standing("noor"), Unrouted("no_trajectory")),
        (Standing("noor", (ANNA,)), ToTrajectory("anna-2026")),
        (Standing("noor", (ANNA, BRAM)), AskWhich(("anna-2026", "bram-2026"))),
        (Standing("noor", (ANNA, BRAM), about="bram-2026"), ToTrajectory("bram-2026")),
        (Standing("noor", (ANNA,), about="bram-2026"), Unrouted("not_yours")),
        (Standing("noor", (ANNA,), direct=False), Unrouted("open_group")),
        (Standing("noor", (ANNA,), about="anna-2026", direct=False), Unrouted("open_group")),
        (
            Standing("noor", (ANNA, BRAM), bound=("bram-2026", "noor"), direct=False),
            ToTrajectory("bram-2026"),
        ),
        (
            Standing("noor", (ANNA, BRAM), bound=("anna-2026", "noor"), about="bram-2026"),
            ToTrajectory("anna-2026"),
        ),
        (Standing("piet", (ANNA,), bound=("anna-2026", "noor")), Unrouted("not_yours")),
        (Standing("noor", (ANNA,), bound=("bram-2026", "noor")), Unrouted("not_yours")),
    ],
)
def test_an_inbound_goes_where_its_standing_says(standing: Standing, route: Route) -> None:
    assert resolve(standing) == route


@given(STANDINGS)
def test_nobody_reaches_a_trajectory_they_take_no_part_in(standing: Standing) -> None:
    mine = {member.trajectory for member in standing.memberships}
    route = resolve(standing)
    match route:
        case ToTrajectory(trajectory=trajectory):
            assert standing.person
            assert trajectory in mine
        case AskWhich(trajectories=trajectories):
            assert set(trajectories) == mine
        case Unrouted():
            pass


@given(STANDINGS)
def test_with_several_trajectories_only_a_place_or_a_message_decides(standing: Standing) -> None:
    route = resolve(standing)
    if isinstance(route, ToTrajectory) and len(standing.memberships) > 1:
        assert route.trajectory in ((standing.bound or ("",))[0], standing.about)


@given(STANDINGS)
def test_a_place_of_somebody_else_is_closed(standing: Standing) -> None:
    if standing.bound is not None and standing.bound[1] != standing.person:
        assert isinstance(resolve(standing), Unrouted)
