"""The end: the client keeps, takes along or destroys by one reply, with buttons or digits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.endpoint import Endpoint, Place
from bridge.core.notices import NoticeKey
from bridge.core.policy import Policy
from bridge.runtime.links import Links
from bridge.runtime.texts import Catalogue
from scheduling.calendar.zones import instant
from storage import queries
from storage.audit import audit
from tests.runtime.desk_kit import FrontDesk
from tests.scheduling.office import at, chooses, due

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store
    from storage.unit import Unit

LINK = "http://bridge.example/take/anna-"


@pytest.fixture(params=["buttons", "digits"])
def desk(store: Store, request: pytest.FixtureRequest) -> Iterator[FrontDesk]:
    """Noor coached Anna and Bram, on a network with buttons or without; Anna's log has words."""
    opened = FrontDesk(store)
    opened.catalogue = Catalogue(Links(b"k" * 32, "http://bridge.example"))
    opened.numbers_options = request.param == "digits"
    opened.people("noor", "anna", "bram")
    opened.now = instant(datetime.fromisoformat("2026-03-02 10:00"), "Europe/Amsterdam")
    opened.trajectory("anna", ["noor"], ["anna"])
    opened.do("anna", c.SetRetention(365))
    opened.says("anna", "geheim van anna")
    opened.says("noor", "geheim van noor")
    opened.do("anna", c.AddNote("noor", ("notitie over anna",)))
    yield opened
    opened.writer.close()


def closes(desk: FrontDesk, name: str = "anna") -> None:
    """The coach ends it by a word, and the client is asked."""
    desk.says("noor", f"close {name}")
    chooses(desk, "noor", 1)
    due(desk)


def words_of(desk: FrontDesk, trajectory: str) -> list[str | None]:
    kinds = ("message_posted", "note_added")
    return [one.text for one in queries.log(desk.store, trajectory) if one.kind in kinds]


def of_kind(desk: FrontDesk, kind: str, trajectory: str = "anna") -> list[e.Entry]:
    return [one for one in desk.log(trajectory) if one.kind == kind]


def sound(desk: FrontDesk) -> bool:
    found = audit(desk.store).checks
    assert all(one.holds for one in found), [one for one in found if not one.holds]
    return True


def test_a_coach_is_asked_whether_she_means_it(desk: FrontDesk) -> None:
    desk.says("noor", "afsluiten Anna")
    assert desk.last("noor").text.startswith("End the trajectory with Anna?")
    chooses(desk, "noor", 2)
    assert desk.texts("noor")[-1] == "All right, nothing has changed."
    assert not of_kind(desk, "trajectory_closed")
    closes(desk)
    (closed,) = of_kind(desk, "trajectory_closed")
    assert closed.author == "noor"
    assert "Anna will be asked whether" in desk.texts("noor")[-1]


def test_other_lines_that_begin_so_are_said_to_people(desk: FrontDesk) -> None:
    desk.says("noor", "close ana")
    assert desk.texts("noor")[-1].startswith("None of your clients is called ana.")
    desk.says("noor", "Close the door behind you")
    desk.says("anna", "keep it up")
    desk.says("anna", "destroy")
    assert words_of(desk, "anna")[-3:] == ["Close the door behind you", "keep it up", "destroy"]


def test_keep(desk: FrontDesk) -> None:
    closes(desk)
    question = desk.last("anna")
    assert question.labels == ["Keep it", "Take it along", "Destroy it"]
    assert question.text.endswith("If you say nothing, it is kept until 2 Mar 2027.")
    before = len(desk.texts("noor"))
    chooses(desk, "anna", 1)
    assert desk.texts("anna")[-1] == (
        "It is kept until 2 Mar 2027. Until then you can change that: write TAKE or DESTROY."
    )
    assert desk.texts("noor")[before:] == [
        "Anna lets what was written in your trajectory be kept, until 2 Mar 2027."
    ]
    (chosen,) = of_kind(desk, "parting_decided")
    assert isinstance(chosen, e.PartingDecided)
    assert chosen.choice == "keep"
    at(desk, "2026-03-20 10:00")
    assert desk.texts("anna")[-1].startswith("It is kept until"), "nobody is asked who chose"
    assert words_of(desk, "anna") == ["geheim van anna", "geheim van noor", "notitie over anna"]
    assert sound(desk)


def test_take_and_then_destroy_for_real(desk: FrontDesk) -> None:
    closes(desk)
    chooses(desk, "anna", 2)
    assert LINK in desk.last("anna").text
    assert desk.last("anna").labels == ["Keep it", "Destroy it"]
    told = len(desk.texts("noor"))
    chooses(desk, "anna", 2)
    assert "write: DESTROY ALL" in desk.texts("anna")[-1]
    assert words_of(desk, "anna")[0] == "geheim van anna", "not before it is confirmed"
    desk.says("anna", "Destroy all")
    assert desk.texts("anna")[-1].startswith("It is destroyed.")
    assert desk.texts("noor")[told:] == [
        "Anna had what was written in your trajectory destroyed. Nobody can read it any more, "
        "your own words and notes neither."
    ]
    assert words_of(desk, "anna") == [None, None, None]
    assert sound(desk)
    before = len(desk.texts("anna")), len(desk.texts("noor"))
    desk.says("anna", "keep")
    at(desk, "2027-03-03 10:00")
    assert desk.texts("anna")[before[0] :] == ["This trajectory is closed. Nothing was sent."]
    assert len(desk.texts("noor")) == before[1]
    assert sound(desk)


def test_the_words_that_destroy_count_for_a_day_after_the_question(desk: FrontDesk) -> None:
    closes(desk)
    desk.says("anna", "destroy all")
    assert desk.texts("anna")[-1].startswith("Nothing was destroyed.")
    desk.says("anna", "vernietig")
    desk.now += timedelta(days=1, minutes=1)
    desk.says("anna", "vernietig alles")
    assert desk.texts("anna")[-1].startswith("Nothing was destroyed.")
    assert not of_kind(desk, "words_destroyed")
    desk.says("anna", "Vernietig")
    desk.says("anna", "Vernietig alles!")
    assert of_kind(desk, "words_destroyed")
    assert sound(desk)


def test_who_says_nothing_is_asked_once_more_and_keeps(desk: FrontDesk) -> None:
    closes(desk)
    asked = len(desk.texts("anna"))
    at(desk, "2026-03-09 10:05")
    assert len(desk.texts("anna")) == asked + 1
    at(desk, "2026-06-09 10:05")
    assert len(desk.texts("anna")) == asked + 1
    asks = of_kind(desk, "parting_asked")
    assert [one.reason for one in asks if isinstance(one, e.PartingAsked)] == ["closed", "again"]
    desk.says("anna", "1")
    (chosen,) = of_kind(desk, "parting_decided")
    assert isinstance(chosen, e.PartingDecided)
    assert chosen.choice == "keep", "a digit still answers, long after"
    assert sound(desk)


def test_the_question_waits_until_the_quiet_hours_are_over(desk: FrontDesk) -> None:
    desk.now = instant(datetime.fromisoformat("2026-03-06 21:30"), "Europe/Amsterdam")
    desk.do("anna", c.CloseTrajectory("practice_file"))
    due(desk)
    before = len(desk.texts("anna"))
    at(desk, "2026-03-08 12:00")
    assert len(desk.texts("anna")) == before, "a weekend is quiet"
    at(desk, "2026-03-09 08:00")
    assert len(desk.texts("anna")) == before + 1


def test_what_was_agreed_is_destroyed_when_it_ends_after_a_warning(desk: FrontDesk) -> None:
    closes(desk)
    chooses(desk, "anna", 1)
    at(desk, "2027-02-23 12:00")
    assert desk.last("anna").text.startswith("As agreed, what was written")
    assert desk.last("anna").labels == ["Take it along", "Destroy it"]
    assert words_of(desk, "anna")[0] == "geheim van anna"
    at(desk, "2027-03-02 12:00")
    assert desk.texts("anna")[-1].endswith("is destroyed now, as agreed.")
    assert desk.texts("noor")[-1].endswith("with Anna is destroyed now, as agreed.")
    assert words_of(desk, "anna") == [None, None, None]
    (gone,) = of_kind(desk, "words_destroyed")
    assert isinstance(gone, e.WordsDestroyed)
    assert (gone.how, set(gone.owners)) == ("retention", {"noor", "anna"})
    assert sound(desk)


def test_in_a_group_each_decides_about_their_own(desk: FrontDesk) -> None:
    desk.people("carla", "dirk")
    desk.trajectory("duo", ["noor"], ["carla", "dirk"])
    desk.says("carla", "geheim van carla")
    desk.says("dirk", "geheim van dirk")
    desk.do("duo", c.CloseTrajectory())
    due(desk)
    desk.says("carla", "destroy")
    assert "What the others wrote stays" in desk.texts("carla")[-1]
    desk.says("carla", "destroy all")
    assert words_of(desk, "duo") == [None, "geheim van dirk"]
    assert desk.texts("noor")[-1].startswith("Carla had their own words destroyed.")
    chooses(desk, "dirk", 1)
    assert desk.texts("dirk")[-1].startswith("It is kept.")
    desk.says("dirk", "destroy")
    assert "your own phone" in desk.texts("dirk")[-1]
    desk.says("dirk", "destroy all")
    assert words_of(desk, "duo") == [None, None]
    assert sound(desk)


def test_with_several_that_ended_the_coach_is_named(desk: FrontDesk) -> None:
    desk.people("piet")
    desk.trajectory("anna-2", ["piet"], ["anna"])
    desk.do("anna", c.CloseTrajectory())
    desk.do("anna-2", c.CloseTrajectory())
    due(desk)
    desk.says("anna", "destroy")
    assert desk.texts("anna")[-1].startswith("Several of your trajectories have ended, with ")
    desk.says("anna", "destroy piet")
    desk.says("anna", "destroy all")
    assert not of_kind(desk, "words_destroyed")
    assert of_kind(desk, "words_destroyed", "anna-2")
    assert sound(desk)


def test_who_never_agreed_is_not_asked(desk: FrontDesk) -> None:
    desk.trajectory("bram", ["noor"], ["bram"], agreed=False)
    desk.do("bram", c.CloseTrajectory())
    due(desk)
    assert desk.texts("bram") == []
    assert desk.texts("noor")[-1] == "The trajectory with Bram has ended."
    assert sound(desk)


def test_who_never_agreed_does_not_hear_of_the_end_of_what_was_kept(desk: FrontDesk) -> None:
    desk.trajectory("bram", ["noor"], ["bram"], agreed=False)
    desk.do("bram", c.SetRetention(30), c.CloseTrajectory())
    at(desk, "2026-04-02 12:00")
    assert of_kind(desk, "words_destroyed", "bram")
    assert desk.texts("bram") == []
    assert desk.texts("noor")[-1].endswith("with Bram is destroyed now, as agreed.")


@pytest.mark.parametrize(
    ("stopped", "allowed", "mailed"),
    [("", (), 1), ("stop", (), 0), ("", ("telegram",), 0), ("", ("telegram", "email"), 1)],
)
def test_the_link_goes_by_mail_too_where_it_may(
    desk: FrontDesk, stopped: str, allowed: tuple[str, ...], mailed: int
) -> None:
    mailbox = Endpoint("email", "main", "anna@example.org")

    def work(unit: Unit) -> None:
        unit.put_endpoint(mailbox, "anna")
        unit.set_opted_out(mailbox, stopped)

    desk.writer.run(work)
    desk.do("anna", c.SetPolicy(Policy(allowed)))
    closes(desk)
    desk.says("anna", "take")
    notices = [one for one in desk.log("anna") if isinstance(one, e.NoticeGiven)]
    assert sum(one.notice == NoticeKey.PARTING_LINK for one in notices) == 1
    assert sum(one.notice == NoticeKey.PARTING_LINK_MAIL for one in notices) == mailed


def test_what_still_waits_when_it_is_destroyed_is_not_sent(desk: FrontDesk) -> None:
    assert len(desk.texts("anna")) == 1
    desk.says("noor", "een laatste woord")  # nothing is delivered before somebody looks
    over = [c.ChooseParting("anna", choice) for choice in ("destroy", "sure")]
    desk.do("anna", c.CloseTrajectory(), *over)
    told = len(desk.texts("noor"))
    assert [text[:15] for text in desk.texts("anna")[1:]] == ["It is destroyed"]
    assert len(desk.texts("noor")) == told, "nothing can be sealed for her in this log any more"
    changed = [
        one for one in of_kind(desk, "delivery_changed") if isinstance(one, e.DeliveryChanged)
    ]
    assert [one.reason for one in changed if one.state == "suppressed"] == ["erased", "erased"]
    assert sound(desk)


def test_where_they_wrote_is_gone_with_the_words(desk: FrontDesk) -> None:
    """A place may be an address, as with mail; none of it is left in state or registry (I7)."""
    topic = Place("telegram", "main", "anna@example.org", "7")
    desk.do("anna", c.BindPlace("anna", topic))
    desk.says("anna", "from there", place=topic)
    closes(desk)
    desk.says("anna", "destroy", place=topic)
    desk.says("anna", "DESTROY ALL", place=topic)
    state = desk.writer.run(lambda unit: unit.state("anna"))
    assert state is not None
    assert state.parties["anna"].place is None
    assert desk.writer.run(lambda unit: unit.binding(topic)) is None
    assert desk.texts("anna")[-1].startswith("It is destroyed.")
    assert sound(desk)
