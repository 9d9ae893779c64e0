"""People, endpoints and places: whose they are, since which link, and nobody else's."""

from datetime import timedelta

import pytest

from bridge.core import entries as e
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ConflictError, StoreError
from bridge.core.routing import Membership
from storage.unit import Unit
from storage.wants import Wants
from storage.writer import Writer
from tests.storage.book import ANNA, NOOR
from tests.storage.conftest import TRAJECTORY

TOPIC = Place("telegram", "main", "-100200", "7")
SECOND = Endpoint("telegram", "main", "333")


def _epoch(writer: Writer, endpoint: Endpoint) -> int:
    row = writer.run(lambda unit: unit.endpoint(endpoint))
    assert row is not None
    return row.epoch


def test_a_person_is_reached_in_their_order_where_it_counts(practice: Writer) -> None:
    def work(unit: Unit) -> None:
        unit.put_endpoint(SECOND, "anna", chat="c3", rank=0)
        unit.put_endpoint(Endpoint("telegram", "main", "444"), "anna", verified=False)
        unit.put_endpoint(Endpoint("telegram", "main", "555"), "anna")
        unit.revoke_endpoint(Endpoint("telegram", "main", "555"))

    practice.run(work)
    person = practice.run(lambda unit: unit.person("anna"))
    assert person is not None
    assert [reach.endpoint.address for reach in person.reach] == ["333", "222"]
    assert [reach.chat for reach in person.reach] == ["c3", "222"]
    assert (person.name, person.language, person.time_zone) == ("Anna", "en", "Europe/Lisbon")
    assert practice.run(lambda unit: unit.person("nobody")) is None


@pytest.mark.parametrize("wants", [Wants(), Wants(endpoints=(ANNA, SECOND), people=("noor",))])
def test_memberships_are_the_active_ones_of_open_logs(practice: Writer, wants: Wants) -> None:
    def mine(unit: Unit) -> tuple[Membership, ...]:
        return unit.memberships("anna")

    assert practice.run(mine, wants) == (Membership(TRAJECTORY, "client"),)

    def leave_and_come_back(unit: Unit) -> list[int]:
        unit.put_party(TRAJECTORY, "anna", None, active=False)
        gone = len(mine(unit))
        unit.put_party(TRAJECTORY, "anna", None, active=True)
        return [gone, len(mine(unit))]

    assert practice.run(leave_and_come_back, wants) == [0, 1]

    def close(unit: Unit) -> None:
        assert mine(unit)
        unit.append(TRAJECTORY, [e.TrajectoryClosed()])
        unit.registry_changed()
        assert mine(unit) == ()

    practice.run(close, wants)
    assert practice.run(mine, wants) == ()
    person = practice.run(lambda unit: unit.person("anna"))
    assert person is not None
    assert person.active == 0


def test_the_link_epoch_grows_when_an_endpoint_changes_hands_or_comes_back(
    practice: Writer,
) -> None:
    assert _epoch(practice, ANNA) == 1
    practice.run(lambda unit: unit.put_endpoint(ANNA, "anna", rank=3))
    assert _epoch(practice, ANNA) == 1
    practice.run(lambda unit: unit.revoke_endpoint(ANNA))
    practice.run(lambda unit: unit.put_endpoint(ANNA, "anna"))
    assert _epoch(practice, ANNA) == 2
    practice.run(lambda unit: unit.put_endpoint(ANNA, "noor"))
    assert _epoch(practice, ANNA) == 3
    person = practice.run(lambda unit: unit.person("anna"))
    assert person is not None
    assert person.reach == ()


def test_stop_outlives_a_new_link_but_not_a_new_owner(practice: Writer) -> None:
    def opted_out(unit: Unit) -> str:
        row = unit.endpoint(ANNA)
        assert row is not None
        return row.opted_out

    practice.run(lambda unit: unit.set_opted_out(ANNA, "stop"))
    practice.run(lambda unit: unit.revoke_endpoint(ANNA))
    practice.run(lambda unit: unit.put_endpoint(ANNA, "anna"))
    assert practice.run(opted_out) == "stop"
    practice.run(lambda unit: unit.put_endpoint(ANNA, "noor"))
    assert practice.run(opted_out) == ""


def test_a_rolled_back_change_is_not_remembered(practice: Writer) -> None:
    def fails(unit: Unit) -> None:
        unit.set_opted_out(ANNA, "stop")
        unit.bind_place(TOPIC, TRAJECTORY, "anna")
        assert unit.endpoint(ANNA) is not None
        assert unit.binding(TOPIC) is not None
        raise LookupError

    with pytest.raises(LookupError):
        practice.run(fails)
    row = practice.run(lambda unit: unit.endpoint(ANNA))
    assert row is not None
    assert row.opted_out == ""
    assert practice.run(lambda unit: unit.binding(TOPIC)) is None


def test_a_place_belongs_to_one_party_and_never_changes_hands_silently(practice: Writer) -> None:
    assert practice.run(lambda unit: unit.binding(TOPIC)) is None
    practice.run(lambda unit: unit.bind_place(TOPIC, TRAJECTORY, "noor"))
    practice.run(lambda unit: unit.bind_place(TOPIC, TRAJECTORY, "noor"))
    assert practice.run(lambda unit: unit.binding(TOPIC)) == (TRAJECTORY, "noor")
    for trajectory, party in ((TRAJECTORY, "anna"), ("other", "noor")):
        with pytest.raises(StoreError, match="belongs to another"):
            practice.run(
                lambda unit, t=trajectory, p=party: unit.bind_place(TOPIC, t, p)  # type: ignore[misc]
            )
    group = Place("telegram", "main", "-100200")
    assert practice.run(lambda unit: unit.bindings_in(group)) == ((TRAJECTORY, "noor"),)
    practice.run(lambda unit: unit.unbind_places(TRAJECTORY, "noor"))
    assert practice.run(lambda unit: unit.binding(TOPIC)) is None


def test_a_place_moves_with_its_chat(practice: Writer) -> None:
    practice.run(lambda unit: unit.bind_place(TOPIC, TRAJECTORY, "noor"))
    new = Place("telegram", "main", "-100999")
    practice.run(lambda unit: unit.move_chat(TOPIC, new))
    moved = Place("telegram", "main", "-100999", "7")
    assert practice.run(lambda unit: unit.binding(moved)) == (TRAJECTORY, "noor")
    assert practice.run(lambda unit: unit.binding(TOPIC)) is None


def test_strangers_are_counted_and_shut_out_after_wrong_codes(practice: Writer) -> None:
    until = practice.now() + timedelta(days=1)
    for count in (1, 2):
        seen = practice.run(lambda unit: unit.stranger_seen(SECOND, "Lars", "nl"))
        assert (seen.count, seen.name, seen.tries, seen.answered_at) == (count, "Lars", 0, None)
    practice.run(lambda unit: unit.stranger_answered(SECOND))
    tries = [practice.run(lambda unit: unit.stranger_failed(SECOND, 3, until)) for _ in range(3)]
    assert tries == [1, 2, 3]
    stranger = practice.run(lambda unit: unit.stranger(SECOND))
    assert stranger is not None
    assert stranger.blocked_until == until
    assert stranger.answered_at is not None
    practice.run(lambda unit: unit.forget_stranger(SECOND))
    assert practice.run(lambda unit: unit.stranger(SECOND)) is None


def test_an_invitation_is_used_once(practice: Writer) -> None:
    expires = practice.now() + timedelta(days=7)

    def put(unit: Unit) -> None:
        unit.put_invite(
            id="i1",
            kind="party",
            trajectory=TRAJECTORY,
            person="anna",
            role="client",
            network="telegram",
            hashes=("h-link", "h-typed"),
            expires_at=expires,
        )
        unit.pend_invite("i1", SECOND, "c3")

    practice.run(put)
    for code in ("h-link", "h-typed"):
        invite = practice.run(lambda unit, h=code: unit.invite_by_hash(h))  # type: ignore[misc]
        assert invite is not None
        assert (invite.id, invite.expires_at, invite.pending) == ("i1", expires, SECOND)
        assert invite.pending_chat == "c3"
    assert practice.run(lambda unit: unit.invite_by_hash("h-other")) is None
    practice.run(lambda unit: unit.use_invite("i1", SECOND))
    used = practice.run(lambda unit: unit.invite("i1"))
    assert used is not None
    assert used.used is not None
    with pytest.raises(ConflictError):
        practice.run(lambda unit: unit.use_invite("i1", NOOR))


def test_a_question_is_answered_once(practice: Writer) -> None:
    here = Place("telegram", "main", "111")
    practice.run(lambda unit: unit.put_ask("5", here, "noor", ("a", "b")))
    open_ask = practice.run(lambda unit: unit.open_ask(here, "noor"))
    assert open_ask is not None
    assert (open_ask.id, open_ask.trajectories, open_ask.answered) == ("5", ("a", "b"), None)
    assert practice.run(lambda unit: unit.open_ask(here, "anna")) is None
    assert practice.run(lambda unit: unit.answer_ask("5", "b"))
    assert not practice.run(lambda unit: unit.answer_ask("5", "a"))
    assert practice.run(lambda unit: unit.open_ask(here, "noor")) is None
    answered = practice.run(lambda unit: unit.ask("5"))
    assert answered is not None
    assert answered.chosen == "b"
