"""Whatever is asked for, in whichever order and trajectory: the promises to the client hold."""

from __future__ import annotations

import asyncio
import os
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bridge.core import entries as e
from bridge.core.nudges import SAME_WORDS
from scheduling.calendar import zones
from scheduling.calendar.quiet import QuietHours, is_quiet
from scheduling.timers import Timers
from storage.engine import open_store
from storage.keys import MasterKey
from storage.logview import log
from tests.runtime.desk_kit import FrontDesk
from tests.support.blank import blank
from tests.support.effort import examples

ZONE = "Europe/Amsterdam"
START = datetime(2026, 10, 22, 7, 0, tzinfo=UTC)  # a Thursday; clocks change on Sunday
LOGS = ("one", "two", "three")

ASKS = st.tuples(
    st.just("ask"),
    st.sampled_from(LOGS),
    st.sampled_from(["prompt", "encourage"]),
    st.integers(1, 9 * 24),  # hours from now
    st.sampled_from(["walk", "call", "write", "rest", "read"]),
)
OTHERS = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 60)),  # hours
    st.tuples(st.just("leap"), st.integers(1, 48)),  # the bridge was down
    st.tuples(st.just("back"), st.integers(1, 30)),  # the clock steps back
    st.tuples(st.just("answer"), st.just(0)),
    st.tuples(st.just("says"), st.sampled_from(["ok", "LESS", "later", "PAUSE 2 days", "RESUME"])),
)
STORIES = st.lists(st.one_of(ASKS, ASKS, OTHERS), min_size=4, max_size=24)


class Week(FrontDesk):
    """Bram has three coaches, each in a trajectory of her own."""

    def begin(self) -> None:
        self.now = START
        coaches = [f"coach{number}" for number in range(len(LOGS))]
        self.people(*coaches, "bram")
        for name, coach in zip(LOGS, coaches, strict=True):
            self.trajectory(name, [coach], ["bram"])

    def fire(self) -> None:
        asyncio.run(Timers(self.writer, self.catalogue).fire_due())
        self.deliver()

    def live(self, step: tuple[object, ...]) -> None:
        match step:
            case ("ask", str(name), str(verb), int(hours), str(what)):
                coach = f"coach{LOGS.index(name)}"
                shown = zones.wall(self.writer.now() + timedelta(hours=hours), ZONE)
                self.says(coach, f"{verb} bram {shown:%Y-%m-%d %H:%M} {what} {hours % 7}")
            case ("pass", int(hours)):
                for _ in range(hours):
                    self.now += timedelta(hours=1)
                    self.fire()
            case ("leap", int(hours)):
                self.now += timedelta(hours=hours)
                self.fire()
            case ("back", int(hours)):
                self.now -= timedelta(hours=hours)
                self.fire()
            case ("answer", _):
                asked = [told for told in self.told("bram") if told.keys]
                if asked:  # so that none is held back because nobody answers
                    self.press("bram", asked[-1], asked[-1].keys[0])
            case ("says", str(text)):
                self.says("bram", text)

    def given(self) -> list[tuple[datetime, str]]:
        found = [
            (line.at, line.text or "")
            for name in LOGS
            for line in log(self.store, name)
            if line.kind == "nudge_given"
        ]
        return sorted(found)


def _full_week() -> list[tuple[object, ...]]:
    """One asked for on each working day, and answered: more than a week holds."""
    story: list[tuple[object, ...]] = [
        ("ask", LOGS[number % 3], "prompt", 24 * day + 2, word)
        for number, (day, word) in enumerate(
            [(0, "walk"), (1, "call"), (4, "write"), (5, "rest"), (6, "read"), (7, "walk")]
        )
    ]
    for _ in range(9):
        story += [("leap", 3), ("answer", 0), ("leap", 21)]
    return story


_TWO_COACHES: list[tuple[object, ...]] = [
    ("ask", "one", "prompt", 1, "walk"),
    ("ask", "two", "prompt", 5, "call"),
    ("leap", 2),
    ("leap", 4),
]


@pytest.mark.slow
@example(_full_week())
@example(_TWO_COACHES)
@settings(max_examples=examples(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(STORIES)
def test_no_request_breaks_a_promise_to_the_client(story: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(blank(Path(folder) / "week.db"), MasterKey(os.urandom(32)))
        week = Week(store)
        try:
            week.begin()
            for step in story:
                week.live(step)
            given = week.given()
            lines = [entry for name in LOGS for entry in week.log(name)]
        finally:
            week.writer.close()
            store.close()
    moments = [moment for moment, _ in given]
    days = [zones.wall(moment, ZONE).date() for moment in moments]
    assert len(days) == len(set(days)), "more than one a day"
    assert all(
        later - first >= timedelta(days=7)
        for first, later in zip(moments, moments[3:], strict=False)
    )
    assert not any(is_quiet(moment, QuietHours(), ZONE) for moment in moments)
    assert all(
        second[0] - first[0] > SAME_WORDS or first[1] != second[1]
        for first, second in pairwise(sorted(given, key=lambda one: (one[1], one[0])))
    )
    targets = [entry.target for entry in lines if isinstance(entry, e.NudgeGiven | e.NudgeWithheld)]
    assert len(targets) <= sum(isinstance(entry, e.NudgePlanned) for entry in lines)
