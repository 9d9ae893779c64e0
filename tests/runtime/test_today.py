"""today: what waits for a coach, by name and number."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core.errors import Rejected
from tests.runtime.desk_kit import FrontDesk, front_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coaches Anna, and Bram apart from her; Carla coaches Dirk."""
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna", "bram", "carla", "dirk")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.trajectory("bram-2026", ["noor"], ["bram"])
        opened.trajectory("dirk-2026", ["carla"], ["dirk"])
        yield opened


def test_nothing_waits(desk: FrontDesk) -> None:
    desk.says("noor", "today")
    assert desk.last("noor").text == "Nothing waits for you."
    assert desk.lines("anna-2026") == []


def test_who_waits_and_what_did_not_arrive(desk: FrontDesk) -> None:
    desk.says("anna", "a secret question")
    desk.says("dirk", "not hers")
    desk.refusing["bram"] = Rejected("too_long", "")
    desk.says("noor", "bram: hello")
    desk.deliver()
    desk.says("noor", "Vandaag")
    assert desk.last("noor").text == (
        "Today:\n"
        "• Anna waits for an answer since 10:00\n"
        "• Bram: not delivered: 1\n"
        "• Anna: not read yet: 1"
    )


def test_what_was_sent_again_is_no_trouble_any_more(desk: FrontDesk) -> None:
    desk.refusing["bram"] = Rejected("too_long", "")
    desk.says("noor", "bram: hello")
    desk.deliver()
    desk.refusing.clear()
    desk.says("noor", "resend")
    desk.deliver()
    desk.says("noor", "today")
    assert desk.last("noor").text == "Nothing waits for you."


def test_a_clients_today_is_a_word_of_hers(desk: FrontDesk) -> None:
    desk.says("anna", "today")
    assert desk.lines("anna-2026") == ["today"]
