"""Promises and stop moments in the whole shell: timers that fire and rows that wait, on both."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from scheduling.calendar.working import Interval, Working
from scheduling.timers import Timers
from storage.attention import attention
from storage.audit import audit
from storage.planned import waiting_timers
from tests.runtime.desk_kit import FrontDesk
from tests.scheduling.office import AMSTERDAM, at, office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store


@pytest.fixture
def desk(store: Store) -> Iterator[FrontDesk]:
    with office(store, c.SetPromise({"": 480})) as opened:
        yield opened


def kinds(desk: FrontDesk, trajectory: str) -> list[str]:
    told = ("promise", "rest")
    return [one.kind for one in desk.log(trajectory) if one.kind.startswith(told)][1:]


def test_a_night_message_waits_is_acknowledged_and_arrives_at_nine(desk: FrontDesk) -> None:
    at(desk, "2026-03-02 22:10")
    desk.says("anna", "I cannot sleep")
    desk.says("bram", "Me neither")
    desk.says("anna", "Still not")
    assert desk.texts("noor") == []
    (told,) = desk.texts("anna")
    assert "tomorrow at 17:00" in told
    at(desk, "2026-03-03 08:59")
    assert desk.texts("noor") == []
    assert attention(desk.store, "noor", {"anna": frozenset({"anna"})})["anna"].waiting == 0
    at(desk, "2026-03-03 09:00")
    assert desk.texts("noor") == ["I cannot sleep", "Me neither", "Still not"]
    assert kinds(desk, "anna") == ["rest_kept", "promise_made", "rest_ended"]
    assert [one for one in audit(desk.store).checks if not one.holds] == []


def test_a_promise_that_was_made_is_told_of_although_none_is_agreed_any_more(store: Store) -> None:
    """Nobody wrote down hours either: what is open still has its moment."""
    desk = FrontDesk(store)
    desk.people("noor", "anna")
    desk.trajectory("anna", ["noor"], ["anna"])
    desk.do("anna", c.SetPromise({"": 480}))
    at(desk, "2026-03-02 16:00")
    desk.says("anna", "May I ask something?")
    desk.do("anna", c.SetPromise({}))
    at(desk, "2026-03-02 22:10")
    desk.says("anna", "I cannot sleep")
    (told,) = desk.texts("anna")
    assert "tomorrow at 16:00" in told
    desk.writer.close()


def test_her_answer_keeps_the_promise_and_nothing_more_is_said(desk: FrontDesk) -> None:
    at(desk, "2026-03-02 10:00")
    desk.says("anna", "May I ask something?")
    desk.says("noor", "Of course", reply_to=desk.last("noor").external_id)
    assert kinds(desk, "anna") == ["promise_made", "promise_kept"]
    assert waiting_timers(desk.store, "anna") == []
    at(desk, "2026-03-09 10:00")
    assert len(desk.texts("noor")) == 1


def test_a_promise_that_is_not_kept_is_warned_of_then_told_and_can_be_mended(
    desk: FrontDesk,
) -> None:
    at(desk, "2026-03-02 10:00")
    desk.says("anna", "May I ask something?")
    at(desk, "2026-03-02 15:59")
    assert len(desk.texts("noor")) == 1
    at(desk, "2026-03-02 16:01")
    assert desk.texts("noor")[-1] == "Anna was promised an answer tomorrow at 10:00 at the latest."
    at(desk, "2026-03-03 09:59")
    assert desk.texts("anna") == []
    at(desk, "2026-03-03 10:01")
    assert "today at 10:00 at the latest, and that was not kept" in desk.texts("anna")[-1]
    assert "Anna has been told so" in desk.texts("noor")[-1]
    desk.says("noor", "Forgive me", reply_to=desk.told("noor")[0].external_id)
    assert kinds(desk, "anna") == [
        "promise_made", "promise_warned", "promise_broken", "promise_mended"
    ]  # fmt: skip
    at(desk, "2026-03-30 10:00")
    assert len(desk.texts("noor")) == 3
    assert [one for one in audit(desk.store).checks if not one.holds] == []


def test_a_bridge_that_was_away_all_night_delivers_in_order_whoever_comes_first(
    desk: FrontDesk,
) -> None:
    at(desk, "2026-03-02 22:10")
    desk.says("anna", "one")
    desk.says("anna", "two")
    desk.now += timedelta(hours=12)  # and no timer was fired
    desk.says("anna", "three")
    assert desk.texts("noor") == ["one", "two", "three"]
    asyncio.run(Timers(desk.writer, desk.catalogue).fire_due())
    assert desk.texts("noor") == ["one", "two", "three"]


def test_she_may_work_at_night_and_what_is_urgent_rings(desk: FrontDesk) -> None:
    at(desk, "2026-03-02 22:10")
    desk.says("anna", "Good night")
    desk.says("noor", "which of you?")
    assert desk.texts("noor") == ["Who is this for? Nothing is sent until you choose."]
    desk.press("noor", desk.last("noor"), "1")
    assert desk.texts("anna")[-1] == "which of you?"
    desk.says("bram", "URGENT please call")
    assert desk.texts("noor")[1:] == ["Sent to Anna.", "URGENT please call"] or (
        desk.texts("noor")[-1] == "URGENT please call"
    )
    assert "passed on at once" in desk.texts("bram")[-1]
    at(desk, "2026-03-03 09:00")
    assert desk.texts("noor")[-1] == "Good night"


def test_what_waits_for_a_coach_who_left_is_not_shown_to_her(desk: FrontDesk) -> None:
    at(desk, "2026-03-02 22:10")
    desk.says("anna", "private")
    desk.do("anna", c.RemoveParty("noor", "left"))
    at(desk, "2026-03-03 09:00")
    assert desk.texts("noor") == []
    assert [one for one in audit(desk.store).checks if not one.holds] == []


def test_today_begins_with_what_is_promised_and_ends_with_who_stalled(desk: FrontDesk) -> None:
    at(desk, "2026-03-02 10:00")
    desk.do("bram", c.SetPromise({"": 120}, pace_days=14))
    desk.says("anna", "A question")
    desk.says("bram", "Another")
    desk.says("noor", "today")
    lines = desk.texts("noor")[-1].splitlines()
    assert lines[1] == "• Bram is promised an answer today at 12:00"
    assert lines[2] == "• Anna is promised an answer tomorrow at 10:00"
    desk.says("noor", "step bram: call the bank today")
    at(desk, "2026-03-02 17:00")
    at(desk, "2026-03-23 10:00")
    desk.says("noor", "vandaag")
    told = desk.texts("noor")[-1]
    assert "Bram was promised an answer Monday 2 March at 12:00, and has none" in told
    assert told.splitlines()[-2:] == [
        "• Bram has been silent for longer than agreed, since Monday 2 March at 10:00",
        "• Bram has not said how a step went, since Monday 2 March at 17:00",
    ]


def test_a_client_is_not_told_of_it_in_quiet_hours(desk: FrontDesk) -> None:
    saturdays = Working(AMSTERDAM, (Interval(5, 540, 1020), Interval(0, 540, 1020)))
    desk.do("anna", c.SetWorkingHours("noor", saturdays))
    at(desk, "2026-03-06 10:00")
    desk.says("anna", "A question for Saturday")
    before = len(desk.texts("anna"))
    at(desk, "2026-03-07 17:01")
    assert kinds(desk, "anna")[-1] == "promise_broken"
    assert len(desk.texts("anna")) == before
    at(desk, "2026-03-09 08:00")
    assert "was not kept" in desk.texts("anna")[-1]
    assert all(one.holds for one in audit(desk.store).checks)
