"""Who can read along is told once per person and network, before the first words there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.runtime.texts import Catalogue
from storage.audit import audit
from tests.runtime.desk_kit import FrontDesk, front_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LABEL = "Protection here: none"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.catalogue = Catalogue(None, {"telegram": "plain"}, tell_protection=True)
        opened.people("noor", "anna", "bram")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.trajectory("bram-2026", ["noor"], ["bram"], agreed=False)
        yield opened


def labels(desk: FrontDesk, chat: str) -> list[int]:
    """Return at which places in a chat the label stands."""
    return [n for n, text in enumerate(desk.texts(chat)) if text.startswith(LABEL)]


def test_it_comes_before_the_first_words_and_never_again(desk: FrontDesk) -> None:
    desk.says("anna", "Hello")
    desk.says("anna", "Hello again")
    assert desk.texts("noor")[1:] == ["Hello", "Hello again"]
    assert labels(desk, "noor") == [0]
    assert labels(desk, "anna") == []


def test_a_coach_of_many_is_told_once(desk: FrontDesk) -> None:
    desk.says("anna", "Hello")
    desk.do("bram-2026", c.RecordConsent("bram"))
    desk.says("bram", "Hi")
    desk.says("bram", "Hi again")
    assert labels(desk, "noor") == [0]
    noted = [one for one in desk.log("bram-2026") if isinstance(one, e.ProtectionNoted)]
    assert [(one.party, one.level) for one in noted] == [("noor", "plain")]


def test_a_client_reads_it_before_the_consent_question(desk: FrontDesk) -> None:
    desk.starts("bram")
    shown = desk.texts("bram")
    assert shown[0].startswith(LABEL)
    assert "Do you agree?" in shown[1]


def test_the_audit_agrees(desk: FrontDesk) -> None:
    """A payload became the message, not the notice that was told before it."""
    desk.says("anna", "Hello")
    desk.deliver()
    assert [one for check in audit(desk.store).checks for one in check.findings] == []


def test_it_is_told_again_where_a_network_became_weaker(desk: FrontDesk) -> None:
    desk.catalogue = Catalogue(None, {"telegram": "to_vendor"}, tell_protection=True)
    desk.says("anna", "Hello")
    desk.catalogue = Catalogue(None, {"telegram": "plain"}, tell_protection=True)
    desk.says("anna", "Hello again")
    shown = desk.texts("noor")
    assert "company behind this messenger" in shown[0]
    assert shown[2].startswith(LABEL)
