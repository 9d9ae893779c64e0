"""Somebody is writing: seen by those they write to while they do, and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import Sender, TypingIn
from bridge.runtime.handle import handle
from bridge.runtime.typists import audience
from tests.webchat.ground import NOOR, Ground, Tab, until

if TYPE_CHECKING:
    from storage.unit import Unit

NOORS = Place("telegram", "main", str(NOOR))


def _by_noor(place: Place = NOORS) -> TypingIn:
    return TypingIn(place, Sender(Endpoint("telegram", "main", str(NOOR))))


async def by_anna(ground: Ground) -> TypingIn:
    person = await ground.app.writer.submit(lambda unit: unit.person("anna"))
    assert person is not None
    return TypingIn(person.reach[0].place, Sender(person.reach[0].endpoint))


def _actions(ground: Ground) -> int:
    return len([call for call in ground.telegram.journal.calls if call.method == "sendChatAction"])


async def test_a_coach_sees_once_in_a_while_that_her_client_writes(
    ground: Ground, anna: Tab
) -> None:
    for _ in range(5):
        assert (await anna.post("typing"))[0] == 202
    await until(lambda: _actions(ground))
    await anna.say("there")
    await ground.heard(ground.noor, "there")
    assert _actions(ground) == 1
    assert len([line for line in ground.noor.screen() if not line.mine]) == 1


async def test_a_page_shows_that_the_coach_writes(ground: Ground, anna: Tab) -> None:
    await anna.say("hello")
    await ground.heard(ground.noor, "hello")
    ground.app.service.typists.heard(_by_noor())
    await until(lambda: anna.typing or None)
    assert anna.words() == ["hello"]


async def test_nobody_else_hears_of_it(ground: Ground, anna: Tab) -> None:
    async def of(inbound: TypingIn) -> list[Place]:
        return await ground.app.writer.submit(lambda unit: audience(unit, inbound))

    async def do(*commands: c.Command) -> None:
        def work(unit: Unit) -> None:
            for command in commands:
                handle(unit, "anna-2026", command, ground.app.catalogue)

        await ground.app.writer.submit(work)

    assert [place.network for place in await of(_by_noor())] == ["web"]
    assert await of(_by_noor(Place("telegram", "main", "-100"))) == [], "a room others read"
    stranger = TypingIn(Place("telegram", "main", "9"), Sender(Endpoint("telegram", "main", "9")))
    assert await of(stranger) == []
    mine = await by_anna(ground)
    assert [place.network for place in await of(mine)] == ["telegram"]
    await do(c.AnswerConsent("anna", yes=False, endpoint=mine.sender.endpoint))
    assert await of(mine) == [], "she does not agree any more"
    assert await of(_by_noor()) == []


async def test_where_it_is_not_clear_who_is_meant_nothing_shows(ground: Ground, anna: Tab) -> None:
    def second(unit: Unit) -> None:
        for command in (
            c.OpenTrajectory(),
            c.AddParty("noor", "coach", "Noor"),
            c.AddParty("bram", "client", "Bram"),
            c.RecordConsent("bram"),
        ):
            handle(unit, "bram-2026", command, ground.app.catalogue)

    await ground.app.writer.submit(second)

    async def of(inbound: TypingIn) -> list[Place]:
        return await ground.app.writer.submit(lambda unit: audience(unit, inbound))

    assert await of(_by_noor()) == [], "she may be writing to Bram"
    assert await of(await by_anna(ground)) == [], "she could not tell that it is Anna who writes"
    topic = Place("telegram", "main", "-100", "7")
    await ground.app.writer.submit(
        lambda unit: handle(unit, "anna-2026", c.BindPlace("noor", topic), ground.app.catalogue)
    )
    assert await of(await by_anna(ground)) == [topic]
    assert [place.network for place in await of(_by_noor(topic))] == ["web"]
