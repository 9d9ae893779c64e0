"""A practice after three weeks: what was agreed, planned, booked, promised and talked about.

Everything happens through the bridge, on a clock that goes where it is told: Noor and Anna on an
emulated Telegram. Only the telephone calls are written into the log as they would stand there.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.notices import NoticeKey
from bridge.core.nudges import NudgeKind
from bridge.runtime import hours
from bridge.runtime.handle import handle
from bridge.web import agreeing, nudging
from scheduling.calendar.recurrence import Hours
from scheduling.calendar.slots import Availability, Closed, Kind
from scheduling.calendar.working import Interval, Working
from scheduling.timers import Timers
from storage.planned import waiting_timers
from tests.web.console_kit import Desk, eventually, open_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from storage.unit import Unit

BEGIN = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)
TODAY = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
ZONE = "Europe/Amsterdam"
WORKDAYS = (0, 1, 2, 3)
OFFERED = Availability(
    ZONE,
    (
        Kind("video", (Hours(WORKDAYS, time(9), time(12, 30)),)),
        Kind("phone", (Hours((1, 3), time(13, 30), time(17)),), minutes=25),
        Kind("f2f", (Hours((2,), time(13), time(17)),), minutes=60, buffer=20),
    ),
    (Closed(date(2026, 12, 24), date(2027, 1, 3)),),
)
WORK = Working(
    ZONE, tuple(Interval(day, 9 * 60, 17 * 60) for day in WORKDAYS), ("2026-12-25",), 18 * 60
)


@dataclass(slots=True)
class Weeks:
    """The running bridge, and the time it is there."""

    now: datetime = BEGIN
    desk: Desk = field(init=False)

    def __call__(self) -> datetime:
        """Return what time it is."""
        return self.now

    async def do(self, work: Callable[[Unit], object]) -> None:
        """Do something in one transaction."""
        await self.desk.app.writer.submit(work)

    async def at(self, day: int, hour: int, minute: int = 0) -> None:
        """Go on to a moment of November; what is due until then happens when it is due."""
        moment = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
        timers = Timers(self.desk.app.writer, self.desk.app.catalogue)
        while self.now < moment:
            logs = ("anna-2026", "bram-2026")
            due = [one.at for log in logs for one in waiting_timers(self.desk.app.store, log)]
            self.now = min([moment, *(at for at in due if at > self.now)])
            await timers.fire_due()

    def command(
        self, command: c.Command, trajectory: str = "anna-2026"
    ) -> Callable[[Unit], object]:
        """Return the work that carries a command out."""
        return lambda unit: handle(unit, trajectory, command, self.desk.app.catalogue)

    async def page(self, person: str) -> str:
        """Return the link to a party's page of appointments, at this server."""
        made = self.desk.app.catalogue.agenda
        assert made is not None
        url = await self.desk.app.writer.submit(
            lambda unit: made.url(unit, f"{person}-2026", person)
        )
        return f"{self.desk.url}/agenda/{url.rpartition('/')[2]}"


@asynccontextmanager
async def open_weeks(folder: Path) -> AsyncIterator[Weeks]:
    """Play three weeks; end everything."""
    weeks = Weeks()
    async with open_desk(folder, weeks) as desk:
        weeks.desk = desk
        await _agree(weeks)
        await _first(weeks)
        await _second(weeks)
        await _third(weeks)
        yield weeks


async def _agree(weeks: Weeks) -> None:
    for trajectory in ("anna-2026", "bram-2026"):
        for command in (c.SetPromise({"": 480}, 10), c.SetWorkingHours("noor", WORK)):
            await weeks.do(weeks.command(command, trajectory))
    catalogue = weeks.desk.app.catalogue
    await weeks.do(lambda unit: unit.agendas.put("noor", OFFERED, WORK))
    await weeks.do(
        lambda unit: hours.close_days(unit, catalogue, "noor", date(2026, 12, 7), date(2026, 12, 8))
    )
    await weeks.do(
        lambda unit: hours.open_hours(
            unit, catalogue, "noor", date(2026, 12, 3), time(19), time(21), "phone"
        )
    )
    text = "You can do this, {name}. Think of last week: {event}!"
    await weeks.do(lambda unit: nudging.keep_template(unit, "noor", "courage", text))


async def _first(weeks: Weeks) -> None:
    desk, catalogue = weeks.desk, weeks.desk.app.catalogue
    await desk.says("anna", "Good morning Noor! The team meeting went past me again.")
    await desk.people["noor"].send("anna: What would you like to be different next time?")
    await eventually(lambda: any("different next" in (x.text or "") for x in desk.log("anna-2026")))
    await _scale(weeks, 2, "4")
    await weeks.do(
        lambda unit: agreeing.agree(
            unit, catalogue, "anna-2026", "noor", "anna",
            "Say one thing in the meeting on Thursday, in the first ten minutes", None,
        )
    )  # fmt: skip
    await _nudge(weeks, "anna", "team meeting", datetime(2026, 11, 5, 10, tzinfo=UTC))
    await weeks.at(5, 9, 50)
    await desk.says("anna", "Thanks, I needed that.")
    await weeks.at(5, 17)


async def _second(weeks: Weeks) -> None:
    desk = weeks.desk
    await weeks.at(9, 9)
    await _scale(weeks, 9, "5,5")
    at = datetime(2026, 11, 10, 13, tzinfo=UTC)
    series = (7, 14)
    await _nudge(weeks, "anna", "what did you say in the meeting?", at, NudgeKind.PROMPT, series)
    await _nudge(weeks, "bram", "pitch", datetime(2026, 11, 12, 13, tzinfo=UTC))
    await weeks.at(10, 13, 5)
    await desk.says("anna", "I asked why we do it this way. They stopped and thought about it!")
    await desk.people["noor"].send("anna: That took courage. What did you notice in yourself?")
    await weeks.at(12, 15)
    calls = [
        e.CallStarted(
            author="anna", call="CA1", first="anna", other="noor", network="voice", account="main"
        ),
        e.CallEnded(author="anna", call="CA1", session=1, outcome="talked", seconds=47 * 60),
        e.CallStarted(
            author="noor", call="CA2", first="noor", other="anna", network="voice", account="main",
            inward=False,
        ),
        e.CallEnded(author="noor", call="CA2", session=2, outcome="missed"),
    ]  # fmt: skip
    for one in calls:
        await weeks.do(lambda unit, one=one: unit.append("anna-2026", [one]))  # type: ignore[misc]
        weeks.now += timedelta(minutes=48)


async def _third(weeks: Weeks) -> None:
    desk, catalogue = weeks.desk, weeks.desk.app.catalogue
    await weeks.at(16, 9, 30)
    await _scale(weeks, 16, "6-7")
    await weeks.at(20, 9)
    for text in (
        "Write down on Friday what went well, three lines",
        "Call Piet before the budget talk",
    ):
        await weeks.do(
            lambda unit, text=text: agreeing.agree(  # type: ignore[misc]
                unit, catalogue, "anna-2026", "noor", "anna", text,
                datetime(2026, 11, 27, 16, tzinfo=UTC),
            )
        )  # fmt: skip
    for who, kind, day, hour, minutes in (
        ("anna", "video", 24, 9, 50), ("bram", "phone", 26, 13, 25), ("anna", "f2f", 25, 13, 60),
    ):  # fmt: skip
        start = datetime(2026, 11, day, hour, tzinfo=UTC)
        command = c.BookSlot("noor", kind, start, minutes, who, how="coach")
        await weeks.do(weeks.command(command, f"{who}-2026"))
    await _nudge(weeks, "anna", "budget talk", datetime(2026, 11, 26, 13, tzinfo=UTC))
    await _nudge(weeks, "bram", "demo for the board", datetime(2026, 11, 27, 9, tzinfo=UTC))
    await weeks.at(23, 8, 20)
    for spent in (
        c.GrantTime(300, "noor", "Signed on 2 November"),
        c.NoteTime("noor", 48, "Our call of Thursday"),
        c.NoteTime("noor", -5, "The line was bad at first"),
        c.NoteTime("noor", 195, "Three sessions in person, before the bridge"),
        c.CountWritten("noor", 12, 3),
    ):
        await weeks.do(weeks.command(spent))
    await desk.says("anna", "Seven! And I have a question about Wednesday.")
    await desk.says("bram", "Kan het donderdag ook een half uur later?")
    await weeks.at(23, 9, 12)
    await eventually(lambda: all(x.state != "queued" for x in desk.log("anna-2026")))


async def _scale(weeks: Weeks, day: int, answer: str) -> None:
    await weeks.at(day, 9)
    question = "How sure are you that you will speak up?"
    command = c.AskScale("noor", "anna", question)
    await weeks.do(weeks.command(command))
    await weeks.desk.says("anna", answer)


async def _nudge(
    weeks: Weeks,
    who: str,
    about: str,
    at: datetime,
    kind: NudgeKind = NudgeKind.ENCOURAGEMENT,
    days: tuple[int, ...] = (),
) -> None:
    new = nudging.NewNudge(who, kind, at, about, days=days)
    catalogue = weeks.desk.app.catalogue
    await weeks.do(lambda unit: nudging.plan(unit, catalogue, f"{who}-2026", "noor", new))


async def taken_along(weeks: Weeks, who: str) -> str:
    """End a trajectory, let its client take it along, and return the link they got."""
    app, log = weeks.desk.app, f"{who}-2026"

    def over(unit: Unit) -> int:
        handle(unit, log, c.CloseTrajectory("coach", "noor"), app.catalogue)
        decision = handle(unit, log, c.ChooseParting(who, "take"), app.catalogue)
        state = unit.state(log)
        assert state is not None
        notices = [getattr(one, "notice", "") for one in decision.entries]
        return state.seq - len(notices) + 1 + notices.index(NoticeKey.PARTING_LINK)

    seq = await app.writer.submit(over)
    return f"{weeks.desk.url}{urlsplit(app.links.take_url(f'{log}/{seq}')).path}"


async def after_a_session(weeks: Weeks) -> None:
    """Let Noor answer both, and go on until her session with Anna of the next day is over."""
    desk = weeks.desk
    for who, words in (
        ("anna", "Tell me on Wednesday, when we walk?"),
        ("bram", "Dat kan: half drie dan, en succes met de demo!"),
    ):
        await desk.people["noor"].send(f"{who}: {words}")
        await eventually(partial(_is_logged, desk, f"{who}-2026", words))
    await weeks.at(24, 9, 55)


def _is_logged(desk: Desk, trajectory: str, words: str) -> bool:
    return any(one.text == words for one in desk.log(trajectory))
