"""note: … and f2f 45 …: into the right log, for coaches, and onto no network."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Style, Styled, Text, plain
from bridge.core.endpoint import Place
from storage.audit import audit
from tests.runtime.desk_kit import FrontDesk, front_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coaches Anna and Bram, each by themselves."""
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna", "bram")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.trajectory("bram-2026", ["noor"], ["bram"])
        yield opened


def written(desk: FrontDesk, trajectory: str) -> list[str]:
    found = []
    for one in desk.log(trajectory):
        if isinstance(one, e.NoteAdded):
            found.append(plain(one.body))
        if isinstance(one, e.SessionLogged):
            found.append(f"{one.modality} {one.minutes} {plain(one.body)}")
    return found


def test_a_note_names_its_client(desk: FrontDesk) -> None:
    desk.says("noor", "Note Anna: ask about her boss: the new one")
    assert written(desk, "anna-2026") == ["ask about her boss: the new one"]
    assert desk.last("noor").text == "Noted with Anna, for coaches only."
    assert desk.lines("anna-2026") == desk.texts("anna") == []
    assert audit(desk.store).holds


def test_a_note_without_a_name_asks_which_client(desk: FrontDesk) -> None:
    desk.says("noor", "notitie: slaapt slecht")
    assert written(desk, "anna-2026") == written(desk, "bram-2026") == []
    desk.press("noor", desk.last("noor"), "2")
    assert written(desk, "bram-2026") == ["slaapt slecht"]
    assert desk.last("noor").text == "Noted with Bram, for coaches only."


def test_the_place_tells_whose_log_it_is(desk: FrontDesk) -> None:
    topic = Place("telegram", "main", "-100", "7")
    desk.do("anna-2026", c.BindPlace("noor", topic))
    desk.says("noor", "note: in her own topic", place=topic)
    desk.says("noor", "f2f 45", place=topic)
    assert written(desk, "anna-2026") == ["in her own topic", "f2f 45 "]


def test_an_answer_tells_whose_log_it_is(desk: FrontDesk) -> None:
    desk.says("anna", "I slept badly")
    desk.says("noor", "note: watch this", reply_to=desk.last("noor").external_id)
    assert written(desk, "anna-2026") == ["watch this"]


def test_a_name_that_nobody_has_is_told_and_nothing_is_written(desk: FrontDesk) -> None:
    desk.says("noor", "note carla: hello")
    assert desk.last("noor").text == (
        "None of your clients is called carla. There are: Anna, Bram."
    )
    assert written(desk, "anna-2026") == written(desk, "bram-2026") == []


@pytest.mark.parametrize(
    ("said", "minutes", "words"),
    [
        ("f2f anna 45 We walked", 45, "We walked"),
        ("Gesprek Anna 90 min: op kantoor", 90, "op kantoor"),
        ("f2f anna 30", 30, ""),
        ("F2F Anna 60 minuten\nTwee regels", 60, "Twee regels"),
    ],
)
def test_a_session_is_logged(desk: FrontDesk, said: str, minutes: int, words: str) -> None:
    desk.says("noor", said)
    assert written(desk, "anna-2026") == [f"f2f {minutes} {words}"]
    assert f"{minutes} minutes" in desk.last("noor").text
    assert desk.texts("anna") == []


@pytest.mark.parametrize(
    "said", ["f2f anna 0 x", "f2f 601", "gesprek met mijn baas", "f2f soon", "gesprek 45x"]
)
def test_what_is_no_session_is_what_it_is(desk: FrontDesk, said: str) -> None:
    desk.says("noor", f"anna: {said}")
    assert desk.lines("anna-2026") == [said]


@pytest.mark.parametrize("said", ["note: hello", "f2f 45 hello", "Notitie: hallo"])
def test_a_clients_words_go_to_the_coach(desk: FrontDesk, said: str) -> None:
    desk.says("anna", said)
    assert desk.lines("anna-2026") == [said]


def test_formatting_stays(desk: FrontDesk) -> None:
    message = desk.message("noor", "")
    body = ("Note anna: mind ", Styled(Style.BOLD, ("this",)))
    kind = type(message)
    content = Text(body)
    desk.act(kind(message.place, message.sender, "b1", content, desk.now))
    (note,) = [one for one in desk.log("anna-2026") if isinstance(one, e.NoteAdded)]
    assert note.body == ("mind ", Styled(Style.BOLD, ("this",)))
