"""Prepaid minutes: granted, counted once, told to both, and taken from the log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.policy import Policy
from bridge.runtime.handle import handle
from scheduling.calendar.working import Interval, Working
from scheduling.calendar.zones import instant
from storage.audit import audit
from tests.runtime.desk_kit import FrontDesk
from tests.scheduling.office import at, chooses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store

WORK = Working(
    "Europe/Amsterdam", tuple(Interval(day, 9 * 60, 17 * 60) for day in range(5)), stop=21 * 60
)
LONG = " ".join(["word"] * 150)
"""Six minutes of writing, and half a minute for the message."""


@pytest.fixture(params=["buttons", "digits"])
def desk(store: Store, request: pytest.FixtureRequest) -> Iterator[FrontDesk]:
    """Noor coaches Anna, Bram and Carla by themselves; Anna and Bram have 300 minutes each."""
    opened = FrontDesk(store)
    opened.numbers_options = request.param == "digits"
    opened.now = instant(datetime.fromisoformat("2026-03-02 10:00"), "Europe/Amsterdam")
    opened.people("noor", "anna", "bram", "carla")
    for name in ("anna", "bram", "carla"):
        opened.trajectory(name, ["noor"], [name])
        opened.do(name, c.SetWorkingHours("noor", WORK))
    for name in ("anna", "bram"):
        opened.do(name, c.GrantTime(300))
    at(opened, "2026-03-02 10:01")
    yield opened
    opened.writer.close()


def counted(desk: FrontDesk, trajectory: str = "anna") -> list[tuple[str, int]]:
    return [
        (one.what, one.minutes) for one in desk.log(trajectory) if isinstance(one, e.TimeCounted)
    ]


def left(desk: FrontDesk, trajectory: str = "anna") -> int:
    state = desk.writer.run(lambda unit: unit.state(trajectory))
    assert state is not None
    return state.budget.left


def sound(desk: FrontDesk) -> bool:
    return all(one.holds for one in audit(desk.store).checks)


def test_both_ask_for_the_balance(desk: FrontDesk) -> None:
    assert desk.texts("anna") == [
        "There are 300 minutes of coaching time for you now. "
        "Write BALANCE to see how many are left."
    ]
    assert desk.texts("noor") == []
    desk.says("anna", "Saldo")
    assert desk.last("anna").text == "300 of 300 minutes of your coaching time are left."
    desk.says("noor", "time anna 48")
    assert desk.last("noor").text == "Counted for Anna: 48 minutes. 252 of 300 are left now."
    desk.says("noor", "balance anna")
    assert desk.last("noor").text == "Coaching time:\n• Anna: 252 of 300 minutes left"
    desk.says("noor", "BALANCE")
    assert desk.last("noor").text == (
        "Coaching time:\n• Anna: 252 of 300 minutes left\n• Bram: 300 of 300 minutes left"
    )
    desk.says("carla", "balance")
    assert desk.last("carla").text == "No coaching time in minutes was agreed on with Noor."
    desk.says("noor", "balance carla")
    assert desk.last("noor").text == "No coaching time in minutes was agreed on with Carla."
    assert [desk.lines(name) for name in ("anna", "bram", "carla")] == [[], [], []]
    assert sound(desk)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("tijd anna 10", 10),
        ("Time Anna: 10 min.", 10),
        ("time anna 10 preparation of Monday", 10),
        ("TIJD anna 10 minuten", 10),
    ],
)
def test_minutes_in_one_line(desk: FrontDesk, said: str, minutes: int) -> None:
    desk.says("noor", said)
    assert counted(desk) == [("noted", minutes)]
    assert desk.lines("anna") == []


@pytest.mark.parametrize("said", ["time to go 10 and more", "Time flies", "tijd genoeg, anna"])
def test_what_only_begins_so_is_said_to_people(desk: FrontDesk, said: str) -> None:
    desk.says("noor", f"anna: {said}")
    desk.says("anna", said)
    desk.says("anna", "time anna 10")
    assert desk.lines("anna") == [said, said, "time anna 10"]
    assert counted(desk) == []


def test_a_correction_is_a_new_line(desk: FrontDesk) -> None:
    desk.says("noor", "time anna 30")
    desk.says("noor", "tijd anna −5 telde de pauze mee")
    assert counted(desk) == [("noted", 30), ("correction", -5)]
    assert left(desk) == 275
    desk.says("noor", "time anna -26")
    assert desk.last("noor").text == (
        "Nothing was counted for Anna: that is more than was counted so far."
    )
    desk.says("noor", "time carla 10")
    assert desk.last("noor").text == "No coaching time in minutes was agreed on with Carla."
    desk.says("noor", "time dirk 10")
    assert "dirk" in desk.last("noor").text
    assert left(desk) == 275
    assert sound(desk)


def test_without_a_name_she_is_asked_whose_it_is(desk: FrontDesk) -> None:
    desk.says("noor", "time 10")
    assert desk.last("noor").labels == ["Anna", "Bram"]
    chooses(desk, "noor", 2)
    assert (counted(desk), counted(desk, "bram")) == ([], [("noted", 10)])


def test_both_are_warned_once_for_each_package(desk: FrontDesk) -> None:
    before = len(desk.texts("anna"))
    for minutes in (220, 4, 1, 44, 1, 30, 5):
        desk.says("noor", f"time anna {minutes}")
        at(desk, f"2026-03-02 12:{minutes % 60:02}")
    assert desk.texts("anna")[before:] == [
        "75 of 300 minutes of your coaching time are left.",
        "30 of 300 minutes of your coaching time are left.",
        "The agreed coaching time is used up. Nothing is cut off: what you write still arrives. "
        "Talk with Noor about what comes next.",
    ]
    told = [one for one in desk.texts("noor") if one.startswith("Anna:")]
    assert [one.split(" (")[0] for one in told] == [
        "Anna: 75 of 300 minutes of coaching time are left.",
        "Anna: 30 of 300 minutes of coaching time are left.",
        "Anna: the agreed coaching time is used up",
    ]
    assert left(desk) == -5
    desk.says("anna", "does it still arrive?")
    assert desk.lines("anna") == ["does it still arrive?"]
    desk.says("noor", "today")
    assert "• Anna: -5 of 300 minutes of coaching time left" in desk.last("noor").text
    desk.do("anna", c.GrantTime(100))
    at(desk, "2026-03-03 12:00")
    assert desk.texts("anna")[-1].startswith("There are 95 minutes of coaching time")
    desk.says("noor", "time anna 75")
    at(desk, "2026-03-03 12:01")
    assert desk.texts("anna")[-1] == "20 of 400 minutes of your coaching time are left."
    assert sound(desk)


def test_a_client_is_not_told_in_quiet_hours(desk: FrontDesk) -> None:
    before = len(desk.texts("anna"))
    at(desk, "2026-03-02 23:00")
    desk.says("noor", "time anna 230")
    at(desk, "2026-03-02 23:01")
    desk.says("noor", "time anna 45")
    at(desk, "2026-03-03 07:59")
    assert len(desk.texts("anna")) == before
    at(desk, "2026-03-03 08:00")
    assert desk.texts("anna")[before:] == ["25 of 300 minutes of your coaching time are left."]


def test_what_she_wrote_is_asked_about_once_for_all(desk: FrontDesk) -> None:
    quiet = len(desk.texts("noor"))
    for name in ("anna", "bram", "carla"):
        desk.says("noor", f"{name}: {LONG}")
    desk.says("anna", "Thanks")
    before = len(desk.texts("noor"))
    assert before == quiet + 1
    at(desk, "2026-03-02 16:44")
    assert len(desk.texts("noor")) == before
    at(desk, "2026-03-02 16:45")
    at(desk, "2026-03-02 16:47")
    question = desk.last("noor")
    assert question.text.splitlines()[1:3] == ["• Anna: 7", "• Bram: 7"]
    assert question.labels == ["Count it", "Do not count it"]
    assert len(desk.texts("noor")) == before + 1
    chooses(desk, "noor", 1)
    assert desk.last("noor").text.splitlines()[:2] == [
        "It is counted.",
        "• Anna: 293 of 300 minutes left",
    ]
    assert counted(desk) == counted(desk, "bram") == [("written", 7)]
    assert counted(desk, "carla") == []
    at(desk, "2026-03-03 16:45")
    at(desk, "2026-03-03 16:47")
    assert desk.texts("noor")[-1].startswith("It is counted"), "nothing new was written"
    assert sound(desk)


def test_a_balance_is_told_only_where_the_trajectory_may_be_spoken_of(desk: FrontDesk) -> None:
    desk.do("anna", c.SetPolicy(Policy(("email",))))
    desk.says("anna", "saldo")
    assert "300" not in desk.last("anna").text
    assert "mail" in desk.last("anna").text


def test_a_client_is_not_named_where_the_agreement_forbids_it(desk: FrontDesk) -> None:
    for name in ("Anna", "Bram"):
        desk.says("noor", f"{name}: {LONG}")
    desk.do("anna", c.SetPolicy(Policy(("email",))))
    at(desk, "2026-03-02 16:45")
    at(desk, "2026-03-02 16:47")
    asked = desk.last("noor").text
    assert "Bram" in asked
    assert asked.count("•") == 2
    assert "Anna" not in asked


def test_another_number_takes_the_place_of_what_was_proposed(desk: FrontDesk) -> None:
    for name in ("anna", "bram"):
        desk.says("noor", f"{name}: {LONG}")
    at(desk, "2026-03-02 16:45")
    at(desk, "2026-03-02 16:47")
    question = desk.last("noor")
    desk.says("noor", "tijd anna 12")
    desk.says("noor", "tijd bram 0")
    assert desk.last("noor").text == "Nothing is counted for Bram. 300 of 300 minutes are left."
    desk.press("noor", question, question.keys[0])
    assert counted(desk) == [("written", 12)]
    assert counted(desk, "bram") == []
    assert sound(desk)


def test_little_waits_and_adds_up_and_an_old_question_counts_only_its_own(desk: FrontDesk) -> None:
    desk.says("noor", "anna: Well done")
    at(desk, "2026-03-02 16:45")
    at(desk, "2026-03-02 16:47")
    assert not [one for one in desk.log("anna") if isinstance(one, e.TimeProposed)]
    desk.says("noor", f"anna: {LONG}")
    desk.says("noor", f"bram: {LONG}")
    at(desk, "2026-03-03 16:45")
    at(desk, "2026-03-03 16:47")
    first = desk.last("noor")
    assert first.text.splitlines()[1:3] == ["• Anna: 8", "• Bram: 7"]
    desk.says("noor", f"anna: {LONG}")
    at(desk, "2026-03-04 16:45")
    at(desk, "2026-03-04 16:47")
    second = desk.last("noor")
    assert second.text.splitlines()[1:3] == ["• Anna: 14", "• Bram: 7"]
    desk.press("noor", first, "count")
    assert (counted(desk), counted(desk, "bram")) == ([], [("written", 7)])
    desk.press("noor", second, "count")
    assert counted(desk) == [("written", 14)]
    assert sound(desk)


def test_after_her_stop_moment_she_is_not_asked(desk: FrontDesk) -> None:
    desk.says("noor", f"anna: {LONG}")
    before = len(desk.texts("noor"))
    at(desk, "2026-03-02 21:30")  # the bridge was away at the end of her day
    at(desk, "2026-03-02 21:40")
    at(desk, "2026-03-03 08:59")
    assert len(desk.texts("noor")) == before
    at(desk, "2026-03-03 09:00")
    at(desk, "2026-03-03 09:02")
    assert desk.last("noor").text.splitlines()[1] == "• Anna: 7"


def test_a_session_that_was_logged_is_counted(desk: FrontDesk) -> None:
    desk.says("noor", "f2f anna 45 walked in the park")
    assert counted(desk) == [("f2f", 45)]
    desk.says("noor", "f2f carla 45 walked in the park")
    assert counted(desk, "carla") == []
    assert sound(desk)


def booked(desk: FrontDesk, kind: str) -> int:
    """Anna has an appointment at eleven, for 50 minutes."""
    start = instant(datetime.fromisoformat("2026-03-02 11:00"), "Europe/Amsterdam")
    desk.do("anna", c.BookSlot("noor", kind, start, 50, "anna", how="coach"))
    (seq,) = [
        n for n, one in enumerate(desk.log("anna"), 1) if isinstance(one, e.AppointmentBooked)
    ]
    return seq


@pytest.mark.parametrize("kind", ["video", "chat", "f2f", "phone"])
def test_an_appointment_counts_as_agreed(desk: FrontDesk, kind: str) -> None:
    booked(desk, kind)
    at(desk, "2026-03-02 11:00")
    desk.says("noor", f"anna: {LONG}")  # part of the session
    at(desk, "2026-03-02 11:50")
    assert [minutes for _, minutes in counted(desk)] == [50]
    at(desk, "2026-03-02 16:45")
    assert not [one for one in desk.log("anna") if isinstance(one, e.TimeProposed)]
    assert sound(desk)


@pytest.mark.parametrize("when", ["11:45", "13:00"])
def test_how_long_a_meeting_really_was(desk: FrontDesk, when: str) -> None:
    booked(desk, "f2f")
    at(desk, "2026-03-02 11:00")
    if when > "11:50":
        at(desk, "2026-03-02 11:50")
        assert left(desk) == 250
    at(desk, f"2026-03-02 {when}")
    desk.says("noor", "f2f anna 40 she was early")
    at(desk, "2026-03-02 14:00")
    assert left(desk) == 260
    desk.says("noor", "f2f anna 20 and once more")
    assert left(desk) == 240
    assert sound(desk)


def test_a_trajectory_without_minutes_notices_nothing(desk: FrontDesk) -> None:
    desk.says("noor", f"carla: {LONG}")
    at(desk, "2026-03-02 16:45")
    at(desk, "2026-03-06 16:47")
    kinds = {one.kind for one in desk.log("carla")}
    assert not [one for one in kinds if one.startswith("time_")]
    assert desk.texts("carla") == [LONG]
    desk.says("noor", "today")
    assert "coaching time" not in desk.last("noor").text


def test_only_a_coach_may_grant_and_note(desk: FrontDesk) -> None:
    for command in (
        c.GrantTime(10, "anna"),
        c.NoteTime("anna", 10),
        c.NoteTime("bram", 10),
        c.GrantTime(0, "noor"),
        c.GrantTime(-301),
        c.NoteTime("noor", 0),
        c.NoteTime("noor", 601),
        c.TakeTime("anna", 3, yes=True),
    ):
        desk.do("anna", command)
    reasons = [one.reason for one in desk.log("anna") if isinstance(one, e.InboundRefused)]
    assert reasons == ["not_a_coach"] * 3 + [
        "no_minutes", "more_than_granted", "no_minutes", "no_minutes"
    ]  # fmt: skip
    assert (left(desk), counted(desk)) == (300, [])


def test_two_workers_ask_once(desk: FrontDesk) -> None:
    for name in ("anna", "bram"):
        desk.says("noor", f"{name}: {LONG}")
    at(desk, "2026-03-02 16:45")
    before = len(desk.texts("noor"))
    at(desk, "2026-03-02 16:47")
    at(desk, "2026-03-02 16:47")
    desk.writer.run(
        lambda unit: handle(unit, "anna", c.TimerFired("ask_time:noor", unit.now), desk.catalogue)
    )
    assert len(desk.texts("noor")) == before + 1
    assert left(desk) == 300
