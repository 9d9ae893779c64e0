"""No name of a trajectory shows on a network it does not allow, whatever the bridge answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.policy import Policy
from tests.runtime.desk_kit import FrontDesk, front_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ELSEWHERE = "somebody who is not named on this messenger"
MATRIX_ONLY = c.SetPolicy(Policy(("matrix",)))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor on Telegram coaches Anna, and Bram and Cleo, who are Matrix only."""
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna", "bram", "cleo")
        for client in ("anna", "bram", "cleo"):
            opened.trajectory(f"{client}-2026", ["noor"], [client])
        opened.do("bram-2026", MATRIX_ONLY)
        opened.do("cleo-2026", MATRIX_ONLY)
        yield opened


def unnamed(desk: FrontDesk, chat: str = "noor") -> str:
    """Return the last words in a chat, in which nobody is named who may not be."""
    told = desk.last(chat)
    last = "\n".join((told.text, *told.labels))
    assert not {name for name in ("Bram", "bram", "Cleo", "cleo") if name in last}, last
    return last


def test_the_question_whom_words_are_for_names_only_who_may_be(desk: FrontDesk) -> None:
    desk.says("noor", "Good luck tomorrow!")
    asked = unnamed(desk)
    assert "Anna" in asked
    assert f"{ELSEWHERE} (2)" in asked
    assert f"{ELSEWHERE} (3)" in asked
    desk.says("noor", "2")
    assert desk.lines("anna-2026") == []
    refused = [one for one in desk.log("bram-2026") if isinstance(one, e.InboundRefused)]
    assert [one.reason for one in refused] == ["network_not_allowed"]
    unnamed(desk)


def test_people_leaves_out_who_may_not_be_named(desk: FrontDesk) -> None:
    desk.says("noor", "PEOPLE")
    assert "Anna" in unnamed(desk)
    desk.says("bram", "PEOPLE")
    told = desk.last("bram").text
    assert "only these messengers may be used: Matrix" in told
    assert "Noor" not in told


@pytest.mark.parametrize("words", ["today", "note: calls back", "f2f 45 a walk", "nobody: hello"])
def test_no_word_of_the_coach_brings_a_name_out(desk: FrontDesk, words: str) -> None:
    desk.says("bram", "Hello?")
    desk.says("noor", words)
    unnamed(desk)


@pytest.mark.parametrize("words", ["note dora: calls back", "note bram: calls back"])
def test_names_are_not_told_where_one_was_not_understood(desk: FrontDesk, words: str) -> None:
    desk.says("noor", words)
    assert ELSEWHERE in desk.last("noor").text or "Bram" not in desk.last("noor").text
    assert "Cleo" not in desk.last("noor").text


def test_what_is_promised_today_is_told_without_the_name(desk: FrontDesk) -> None:
    desk.do("bram-2026", c.SetPolicy(Policy()))
    desk.says("bram", "Can we talk?")
    desk.do("bram-2026", MATRIX_ONLY)
    desk.says("noor", "today")
    assert ELSEWHERE in unnamed(desk)


def test_undo_and_resend_do_not_tell_of_what_is_not_for_here(desk: FrontDesk) -> None:
    desk.do("bram-2026", c.SetPolicy(Policy()))
    desk.says("noor", "bram: see you at nine")
    desk.do("bram-2026", MATRIX_ONLY)
    for word in ("undo", "resend"):
        desk.says("noor", word)
        assert "see you" not in unnamed(desk)
