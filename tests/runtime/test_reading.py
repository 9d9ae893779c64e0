"""READ: everybody reads the log again from their messenger, and only what is theirs to see."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Attachment, Media, MediaKind
from bridge.core.inbound import DeleteIn
from bridge.runtime.texts import Catalogue
from bridge.runtime.words.days import past_day
from storage.audit import audit
from tests.runtime.desk_kit import FrontDesk, front_desk

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", (2026, 11, 23)),
        ("Gisteren.", (2026, 11, 22)),
        ("eergisteren", (2026, 11, 21)),
        ("maandag", (2026, 11, 23)),
        ("Tuesday", (2026, 11, 17)),
        ("12 March", (2026, 3, 12)),
        ("12 maart", (2026, 3, 12)),
        ("March 12th", (2026, 3, 12)),
        ("3 mrt 2025", (2025, 3, 3)),
        ("24 november", (2025, 11, 24)),
        ("2026-03-12", (2026, 3, 12)),
        ("12-3", (2026, 3, 12)),
        ("29/2", (2024, 2, 29)),
        ("31 juni", None),
        ("2027-01-01", None),
        ("12 marvellous", None),
        ("this book", None),
        ("99", None),
    ],
)
def test_days_are_read_as_people_write_them(text: str, day: tuple[int, int, int] | None) -> None:
    assert past_day(text, TODAY) == (date(*day) if day else None)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coaches Anna, and Bram apart from her."""
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna", "bram")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.trajectory("bram-2026", ["noor"], ["bram"])
        yield opened


def viewed(desk: FrontDesk) -> list[e.LogViewed]:
    return [one for one in desk.log("anna-2026") if isinstance(one, e.LogViewed)]


def test_a_client_reads_what_was_said_again(desk: FrontDesk) -> None:
    desk.says("noor", "anna: Good morning")
    desk.deliver()
    desk.says("anna", "Hello")
    desk.says("noor", "bram: a secret of Bram")
    desk.says("anna", "READ")
    assert desk.last("anna").text == (
        "10:00 Noor: Good morning\n10:00 You: Hello\n\nBefore this there is nothing."
    )
    (logged,) = viewed(desk)
    assert (logged.author, logged.network, logged.more) == ("anna", "telegram", False)
    assert desk.lines("anna-2026") == ["Good morning", "Hello"]
    assert audit(desk.store).holds


def test_what_did_not_reach_one_is_not_ones_own_to_read(desk: FrontDesk) -> None:
    desk.says("noor", "anna: sent")
    desk.deliver()
    desk.says("noor", "anna: still waiting")
    desk.do("anna-2026", c.AddNote("noor", ("a note of the coach",)))
    desk.says("anna", "lees")
    assert desk.last("anna").text.startswith("10:00 Noor: sent\n\n")


def test_who_came_later_reads_nothing_from_before(desk: FrontDesk) -> None:
    desk.says("anna", "before Carla")
    desk.people("carla")
    desk.do("anna-2026", c.AddParty("carla", "client", "Carla"), c.RecordConsent("carla"))
    desk.says("carla", "read")
    assert desk.last("carla").text == "There is nothing to read of then."
    assert viewed(desk) == []
    desk.says("anna", "after she came")
    desk.deliver()
    desk.says("carla", "read")
    assert desk.last("carla").text.startswith("10:00 Anna: after she came\n\n")


def test_more_goes_on_with_what_came_before(desk: FrontDesk) -> None:
    for number in range(45):
        desk.says("anna", f"line {number}")
    pages = []
    for word in ("READ", "MORE", "lees", "MORE"):
        desk.says("anna", word)
        pages.append([one.partition(": ")[2] for one in desk.last("anna").text.splitlines()])
    said = [[line for line in page if line] for page in pages]
    assert said[0][0] == "line 25"
    assert said[0][-1] == "line 44"
    assert said[1] == [f"line {number}" for number in range(5, 25)]
    assert said[2] == [f"line {number}" for number in range(5)]
    assert desk.lines("anna-2026")[-1] == "MORE", "nothing is left, so it is a word of hers"
    assert [one.more for one in viewed(desk)] == [True, True, False]


def test_more_is_a_word_like_any_other_a_while_later(desk: FrontDesk) -> None:
    for number in range(25):
        desk.says("anna", f"line {number}")
    desk.says("anna", "READ")
    desk.now += timedelta(minutes=16)
    desk.says("anna", "More!")
    assert desk.lines("anna-2026")[-1] == "More!"


def test_one_day_is_the_readers_own_day(desk: FrontDesk) -> None:
    desk.now = datetime(2026, 3, 11, 22, 59, 50, tzinfo=UTC)
    desk.says("anna", "before midnight in Amsterdam")
    desk.now = datetime(2026, 3, 11, 23, 30, tzinfo=UTC)
    desk.says("anna", "after midnight")
    desk.now = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
    desk.says("anna", "LEES 12 maart")
    assert desk.last("anna").text == (
        "12 March 00:30 You: after midnight\n\nFor what came before this, write MORE."
    )
    desk.says("anna", "meer")
    assert desk.last("anna").text.startswith("11 March 23:59 You: before midnight")
    desk.says("anna", "lees 13 maart")
    assert desk.last("anna").text == "There is nothing to read of then."


def test_a_sentence_that_begins_with_the_word_is_a_sentence(desk: FrontDesk) -> None:
    desk.says("anna", "Read this book")
    desk.says("anna", "lees je mee?")
    assert desk.lines("anna-2026") == ["Read this book", "lees je mee?"]


def test_corrections_files_and_withdrawals_show_as_such(desk: FrontDesk) -> None:
    first = desk.message("anna", "a tpyo")
    desk.act(first)
    desk.act(desk.edit(first, "a typo"))
    second = desk.message("anna", "better not")
    desk.act(second)
    desk.act(DeleteIn(second.place, second.sender, second.external_id, desk.now))
    photo = Media(MediaKind.PHOTO, Attachment(id="f", mime="image/png"), ("my garden",))
    third = desk.message("anna", "")
    desk.act(type(third)(third.place, third.sender, "p1", photo, desk.now))
    desk.says("anna", "read")
    shown = [one.partition(": ")[2] for one in desk.last("anna").text.splitlines()[:3]]
    assert shown == ["a typo (corrected)", "(withdrawn)", "[photo] my garden"]


def test_a_coach_is_asked_whose_log_she_means_or_names_it(desk: FrontDesk) -> None:
    desk.says("anna", "from Anna")
    desk.says("bram", "from Bram")
    desk.deliver()
    desk.says("noor", "read")
    question = desk.last("noor")
    assert (question.text, question.labels) == ("Whose conversation do you mean?", ["Anna", "Bram"])
    desk.press("noor", question, "2")
    assert desk.last("noor").text.startswith("10:00 Bram: from Bram\n\n")
    desk.says("noor", "read anna today")
    assert desk.last("noor").text.startswith("10:00 Anna: from Anna\n\n")
    assert desk.lines("anna-2026") == ["from Anna"]


def test_an_answer_keeps_to_the_room_of_the_network(desk: FrontDesk) -> None:
    desk.catalogue = Catalogue(rooms={"telegram": 100})
    for number in range(9):
        desk.says("anna", f"about thirty characters {number:06}")
    desk.says("anna", "read")
    assert desk.last("anna").text.count("You:") == 2
    desk.says("anna", "more")
    assert desk.last("anna").text.startswith("10:00 You: about thirty characters 000005\n")
