"""The demo's telephones as their owners use them: the real bridge between them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bridge.core.calls import Happened
from bridge.demo import telephone_words
from bridge.demo.browser import Running, open_demo
from bridge.demo.cast import MILA_AT, TOM_AT
from bridge.demo.phones import CannotError, Say, Trouble
from bridge.demo.phones.receiver import Answer, Dial, HangUp, Keys, Talk
from bridge.demo.tour import Player
from storage import queries
from storage.audit import audit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bridge.demo.phones.receiver import Display
    from storage.logview import LogLine

pytestmark = [pytest.mark.slow]
QUICK = 0.4
"""Seconds that a second of a call takes here."""


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Running]:
    """A running demo whose phones are empty."""
    async with open_demo(tmp_path, 0, pace=0, play=False) as running:
        running.rooms.networks.twilio.switchboard.second = QUICK
        yield running


@pytest.fixture
def play(demo: Running) -> Player:
    """Hands on all telephones."""
    return Player(demo.board, 0)


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so. Raises TimeoutError."""
    async with asyncio.timeout(20):
        while True:
            if true():
                return
            await asyncio.sleep(0.03)


def shows(demo: Running, name: str) -> Display:
    """Return what a telephone shows."""
    return demo.board.receivers[name].display()


def log(demo: Running, *kinds: str) -> list[LogLine]:
    """Return the lines of these kinds in Tom's log."""
    return [one for one in queries.log(demo.rooms.app.store, "tom-2026") if one.kind in kinds]


async def talks(demo: Running, play: Player) -> None:
    """Let Tom call Mila, until they talk."""
    play.uses("tom", Dial())
    await play.rings("mila", lambda shown: shown.state == "ringing")
    play.uses("mila", Answer())
    await play.rings("mila", lambda shown: shown.waits == "key")
    play.uses("mila", Keys("1"))
    await play.rings("mila", lambda shown: shown.state == "talking")


async def test_a_call_in_is_answered_and_stands_in_the_log_with_its_minutes(
    demo: Running, play: Player
) -> None:
    await talks(demo, play)
    for name in ("tom", "mila"):
        assert (shows(demo, name).state, shows(demo, name).waits) == ("talking", "")
    assert "Tom is calling you" in shows(demo, "mila").heard[0].text
    assert shows(demo, "tom").heard[0].language == "nl"
    play.uses("mila", Talk())
    assert [one.mine for one in shows(demo, "tom").heard if one.what == "voice"] == [False]
    await asyncio.sleep(1.1)
    play.uses("tom", HangUp())
    await play.rings("mila", lambda shown: shown.state == "over")
    await until(lambda: log(demo, "call_ended"))
    (ended,) = log(demo, "call_ended")
    (began,) = log(demo, "call_started")
    assert ended.details["outcome"] == "talked"
    assert int(str(ended.details["seconds"])) >= 1
    assert ended.details["session"] == began.seq


async def test_nobody_sees_anybodys_number_and_nothing_is_recorded(
    demo: Running, play: Player
) -> None:
    await talks(demo, play)
    for name, own in (("tom", TOM_AT), ("mila", MILA_AT)):
        shown = shows(demo, name)
        assert shown.other not in (TOM_AT, MILA_AT)
        assert shown.steps, "the TwiML behind it is there"
        told = "".join(step.twiml for step in shown.steps)
        assert "record" not in told.casefold()
        assert own not in told
    play.uses("mila", HangUp())


async def test_a_message_comes_to_the_coachs_telegram_and_can_be_played(
    demo: Running, play: Player
) -> None:
    play.uses("tom", Dial())
    await play.rings("mila", lambda shown: shown.state == "ringing")
    play.uses("mila", HangUp())
    await play.rings("tom", lambda shown: shown.waits == "voice")
    play.uses("tom", Talk())
    play.uses("tom", Keys("#"))
    note = await play.until_voice("mila", 0)
    assert note.seconds == 2
    async with (
        aiohttp.ClientSession(f"http://127.0.0.1:{demo.port}") as browser,
        browser.get(f"/demo/file/mila/{note.file}") as answer,
    ):
        assert answer.headers["content-type"] == "audio/wav"
        assert answer.headers["content-disposition"] == "inline"
        assert (await answer.read())[:4] == b"RIFF"
    await play.rings("tom", lambda shown: shown.state == "over")
    assert [one.details["outcome"] for one in log(demo, "call_ended")] == ["message"]


@pytest.mark.parametrize("words", ["bel tom", "call Tom"])
async def test_a_coach_writes_one_word_and_both_are_rung(
    demo: Running, play: Player, words: str
) -> None:
    await play.who("mila").do(Say(words))
    await play.rings("mila", lambda shown: shown.state == "ringing")
    assert shows(demo, "tom").state == "idle", "the coach first"
    play.uses("mila", Answer())
    await play.rings("mila", lambda shown: shown.waits == "key")
    play.uses("mila", Keys("1"))
    await play.rings("tom", lambda shown: shown.state == "ringing")
    play.uses("tom", Answer())
    await play.rings("tom", lambda shown: shown.waits == "key")
    play.uses("tom", Keys("1"))
    await play.rings("mila", lambda shown: shown.state == "talking")
    play.uses("mila", HangUp())
    await play.rings("tom", lambda shown: shown.state == "over")


async def test_a_bad_line_is_one_session(demo: Running, play: Player) -> None:
    for _ in range(2):
        await talks(demo, play)
        play.uses("mila", HangUp())
        await play.rings("tom", lambda shown: shown.state == "over")
    await until(lambda: len(log(demo, "call_ended")) == 2)
    assert len({one.details["session"] for one in log(demo, "call_ended")}) == 1


async def test_what_the_coach_writes_is_read_to_who_has_only_a_telephone(
    demo: Running, play: Player
) -> None:
    await play.who("mila").do(Say("Denk aan de wandeling"))
    await play.rings("tom", lambda shown: shown.state == "ringing")
    play.uses("tom", Answer())
    await play.rings("tom", lambda shown: shown.waits == "key")
    play.uses("tom", Keys("1"))
    await play.rings("tom", lambda shown: any("wandeling" in one.text for one in shown.heard))
    play.uses("tom", HangUp())


async def test_a_call_whose_answer_is_lost_is_made_once(demo: Running, play: Player) -> None:
    await play.make("twilio", Trouble.LOST)
    await play.who("mila").do(Say("bel tom"))
    await play.rings("mila", lambda shown: shown.state == "ringing")
    assert demo.board.wires["twilio"].trouble is Trouble.WELL
    play.uses("mila", HangUp())
    await until(lambda: log(demo, "call_ended"))
    twilio = demo.rooms.networks.twilio
    assert len([one for one in twilio.journal.calls if one.what == "call"]) == 1


async def test_a_busy_vendor_is_asked_again(demo: Running, play: Player) -> None:
    await play.make("twilio", Trouble.BUSY)
    await play.who("mila").do(Say("bel tom"))
    calls = demo.rooms.networks.twilio.journal.calls
    await until(lambda: any(one.what == "call" and one.fault for one in calls))
    await until(lambda: demo.board.statuses["twilio"].waiting)
    assert shows(demo, "mila").state == "idle"
    await play.make("twilio", Trouble.WELL)
    await play.rings("mila", lambda shown: shown.state == "ringing")
    play.uses("mila", HangUp())


async def test_while_the_vendor_is_down_nobody_gets_through(demo: Running, play: Player) -> None:
    await play.make("twilio", Trouble.DOWN)
    play.uses("tom", Dial())
    await play.rings("tom", lambda shown: shown.state == "over")
    assert shows(demo, "tom").outcome == "failed"
    assert not log(demo, "call_started")
    await play.make("twilio", Trouble.WELL)
    await talks(demo, play)


async def test_what_a_telephone_cannot_do_is_refused(demo: Running, play: Player) -> None:
    for act in (Answer(), HangUp(), Keys("1"), Talk()):
        with pytest.raises(CannotError):
            play.uses("tom", act)
    play.uses("tom", Dial())
    for wrong in (Dial(), Keys("a"), Keys(""), Keys("1" * 21), Talk()):
        with pytest.raises(CannotError):
            play.uses("tom", wrong)
    base = f"http://127.0.0.1:{demo.port}/demo/telephones"
    async with aiohttp.ClientSession() as browser:
        for name, sent, status in (
            ("nobody", {"type": "dial"}, 404),
            ("tom", {"type": "fly"}, 400),
            ("tom", {"type": "keys"}, 400),
            ("tom", {"type": "dial"}, 409),
            ("tom", {"type": "hang_up"}, 200),
        ):
            async with browser.post(f"{base}/{name}", json=sent) as answer:
                assert answer.status == status, sent
        headers = {"origin": "http://evil.example"}
        sent = {"type": "dial"}
        async with browser.post(f"{base}/tom", json=sent, headers=headers) as answer:
            assert answer.status == 403


async def test_its_scene_plays_twice(demo: Running, play: Player) -> None:
    base = f"http://127.0.0.1:{demo.port}/demo/scenes/call"
    play.uses("mila", Dial())  # whatever a visitor did
    async with aiohttp.ClientSession() as browser:
        for number in (1, 2):
            async with browser.post(base, json={}) as answer:
                assert answer.status == 200
            notes = [one for one in play.who("mila").screen().bubbles if one.kind == "voice"]
            assert len(notes) == number
    assert audit(demo.rooms.app.store).holds


@pytest.mark.parametrize("table", ["TELEPHONES", "CALLS"])
def test_everything_has_words_in_both_languages(table: str) -> None:
    for key, (english, dutch) in getattr(telephone_words, table).items():
        assert english.strip(), key
        assert dutch.strip(), key
        assert english.count("{") == dutch.count("{"), key


def test_whatever_can_happen_has_words() -> None:
    steps = {"refused" if one == "declined" else str(one) for one in Happened}
    ends = {"talked", "missed", "not_reached", "declined", "message"}
    assert steps | ends | {"session"} == set(telephone_words.CALLS)
    ways = {"busy", "no-answer", "failed"}
    states = {"idle", "calling", "ringing", "talking", "over"}
    assert {f"tel_{one}" for one in ways | states} <= set(telephone_words.TELEPHONES)
