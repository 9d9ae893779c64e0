"""The stop moment, judged again at the send: what was queued before it does not ring after it."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from scheduling.calendar import working
from scheduling.calendar.zones import instant
from storage.audit import audit
from storage.planned import waiting_timers
from tests.scheduling.office import AMSTERDAM, WORK, at, office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store
    from tests.runtime.desk_kit import FrontDesk


@pytest.fixture
def desk(store: Store) -> Iterator[FrontDesk]:
    with office(store) as opened:
        yield opened


def clock(desk: FrontDesk, text: str) -> None:
    """Let it be this time in Amsterdam, and nothing more."""
    desk.now = instant(datetime.fromisoformat(text), AMSTERDAM)


def rests(desk: FrontDesk) -> list[str]:
    return [one.kind for one in desk.log("anna") if one.kind.startswith("rest")]


def faults(desk: FrontDesk) -> list[str]:
    return [f"{one.invariant}: {one.findings}" for one in audit(desk.store).checks if not one.holds]


def test_what_is_queued_when_the_stop_moment_comes_waits_for_the_morning(desk: FrontDesk) -> None:
    clock(desk, "2026-03-02 17:58")
    desk.says("anna", "one")
    desk.says("bram", "two")
    desk.says("anna", "three")  # and the network is away for a while
    clock(desk, "2026-03-02 18:00")
    assert desk.texts("noor") == []
    desk.says("anna", "four")
    assert desk.texts("noor") == []
    at(desk, "2026-03-03 08:59")
    assert desk.texts("noor") == []
    at(desk, "2026-03-03 09:00")
    assert [text for text in desk.texts("noor") if text != "two"] == ["one", "three", "four"]
    assert "two" in desk.texts("noor")
    assert rests(desk) == ["rest_kept", "rest_ended"]
    assert faults(desk) == []


def test_what_goes_just_before_it_is_not_held_up(desk: FrontDesk) -> None:
    clock(desk, "2026-03-02 17:58")
    desk.says("anna", "one")
    clock(desk, "2026-03-02 17:59")
    assert desk.texts("noor") == ["one"]
    assert rests(desk) == []
    assert not [one for one in waiting_timers(desk.store, "anna") if one.name.startswith("rest")]


def test_what_is_urgent_rings_though_it_was_queued_before(desk: FrontDesk) -> None:
    clock(desk, "2026-03-02 17:59")
    desk.says("anna", "URGENT please call")
    clock(desk, "2026-03-02 18:05")
    assert desk.texts("noor") == ["URGENT please call"]


@pytest.mark.parametrize(("minutes", "comes"), [(5, True), (90, False)])
def test_an_answer_to_her_own_act_comes_soon_or_in_the_morning(
    desk: FrontDesk, minutes: int, comes: bool
) -> None:
    clock(desk, "2026-03-02 22:00")
    desk.says("noor", "encourage anna fri 08:30 exam")
    desk.now += timedelta(minutes=minutes)
    assert bool(desk.texts("noor")) == comes
    at(desk, "2026-03-03 09:00")
    assert len(desk.texts("noor")) == 1
    assert faults(desk) == []


def test_what_she_wrote_still_reaches_her_clients(desk: FrontDesk) -> None:
    clock(desk, "2026-03-02 17:50")
    desk.says("anna", "May I?")
    desk.says("noor", "Of course", reply_to=desk.last("noor").external_id)
    clock(desk, "2026-03-02 19:00")
    assert desk.texts("anna")[-1] == "Of course"


@pytest.mark.slow
def test_new_hours_let_go_what_waits(desk: FrontDesk) -> None:
    clock(desk, "2026-03-02 17:59")
    desk.says("anna", "one")
    clock(desk, "2026-03-02 18:01")
    assert desk.texts("noor") == []
    desk.do("anna", c.SetWorkingHours("noor", None))
    assert desk.texts("noor") == ["one"]


def rings(desk: FrontDesk) -> bool:
    return working.rings(WORK, desk.now)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_nothing_rings_and_all_is_there_in_order(
    desk: FrontDesk, seed: int
) -> None:
    """Messages, deliveries and time in any order: none rings at night, each log keeps its order."""
    chance = random.Random(seed)
    clock(desk, "2026-03-02 16:00")
    said: dict[str, list[str]] = {"anna": [], "bram": []}
    heard = 0
    for number in range(30):
        who = chance.choice(["anna", "bram"])
        act = chance.choice(["says", "says", "later", "later", "network", "timers"])
        if act == "says":
            said[who].append(f"{who} {number}")
            desk.says(who, said[who][-1])
        elif act == "later":
            desk.now += timedelta(minutes=chance.choice([1, 20, 55, 200, 600]))
        elif act == "timers":
            at(desk, desk.now.astimezone(_zone()).replace(tzinfo=None).isoformat())
        else:
            before, heard = heard, len(desk.texts("noor"))
            assert rings(desk) or heard == before, f"it rang at {desk.now}"
    desk.now = working.rings_from(WORK, desk.now + timedelta(days=4))
    at(desk, desk.now.astimezone(_zone()).replace(tzinfo=None).isoformat())
    shown = desk.texts("noor")
    for who, texts in said.items():
        assert [text for text in shown if text.startswith(who)] == texts
    assert faults(desk) == []
    for log in said:
        assert not [one for one in desk.log(log) if isinstance(one, e.DeliveryChanged)
                    and one.state.value in ("failed", "suppressed", "expired")]  # fmt: skip


def _zone() -> ZoneInfo:
    return ZoneInfo(AMSTERDAM)
