"""Action steps and scaling questions from a messenger, with buttons and with digits alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from scheduling.calendar.zones import instant
from storage.audit import audit
from tests.runtime.desk_kit import FrontDesk
from tests.scheduling.office import at, chooses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.engine import Store


@pytest.fixture(params=["buttons", "digits"])
def desk(store: Store, request: pytest.FixtureRequest) -> Iterator[FrontDesk]:
    """Noor coaches Anna and Bram, on a network with buttons or without."""
    opened = FrontDesk(store)
    opened.numbers_options = request.param == "digits"
    opened.people("noor", "anna", "bram")
    opened.trajectory("anna", ["noor"], ["anna"])
    opened.trajectory("bram", ["noor"], ["bram"])
    opened.now = instant(datetime.fromisoformat("2026-03-02 10:00"), "Europe/Amsterdam")
    yield opened
    opened.writer.close()


def kinds(desk: FrontDesk, trajectory: str) -> list[str]:
    told = ("step_", "scale_")
    return [one.kind for one in desk.log(trajectory) if one.kind.startswith(told)]


def sound(desk: FrontDesk) -> bool:
    return all(one.holds for one in audit(desk.store).checks)


def test_a_step_is_agreed_asked_about_once_and_affirmed(desk: FrontDesk) -> None:
    desk.says("noor", "step Anna: if the meeting begins on Thursday, then I speak first")
    assert desk.texts("anna") == [
        "A step: if the meeting begins on Thursday, then I speak first\n"
        "Noor asks how it went Thursday at 17:00."
    ]
    assert desk.texts("bram") == []
    at(desk, "2026-03-05 16:59")
    assert len(desk.texts("anna")) == 1
    at(desk, "2026-03-05 17:00")
    assert desk.last("anna").labels == ["Done", "Not yet", "Something else"]
    chooses(desk, "anna", 1)
    assert "You did it: if the meeting" in desk.texts("anna")[-1]
    assert desk.texts("noor")[-1].startswith("Anna did it: if the meeting")
    at(desk, "2026-04-05 17:00")
    assert len(desk.texts("anna")) == 3
    assert kinds(desk, "anna") == ["step_agreed", "step_followed_up", "step_done"]
    assert sound(desk)


def test_not_yet_asks_for_something_smaller_which_the_client_may_write(desk: FrontDesk) -> None:
    desk.says("noor", "stap anna: bel morgen de bank")
    at(desk, "2026-03-03 17:00")
    chooses(desk, "anna", 2)
    assert "smaller piece of “bel morgen de bank”" in desk.texts("anna")[-1]
    desk.says("anna", "step: look up the number today")
    assert "Noted as your step: look up the number today" in desk.texts("anna")[-1]
    assert desk.texts("noor")[-1].startswith("Anna has chosen a step: look up the number")
    assert kinds(desk, "anna")[2:] == ["step_not_done", "step_closed", "step_agreed"]
    at(desk, "2026-03-04 17:00")
    assert desk.texts("anna")[-1] == "How did it go? look up the number today"
    assert sound(desk)


def test_a_wish_is_asked_about_before_the_client_hears_of_it(desk: FrontDesk) -> None:
    desk.says("noor", "step anna: be more confident")
    assert desk.texts("anna") == []
    assert "how would one notice" in desk.texts("noor")[-1]
    chooses(desk, "noor", 1)
    assert desk.texts("anna")[0].startswith("A step: be more confident")


def test_a_scaling_question_makes_a_course_and_keeps_the_words(desk: FrontDesk) -> None:
    desk.says("noor", "scale anna: how sure are you?")
    assert desk.texts("anna")[-1] == (
        "Noor asks: how sure are you?\nAnswer with a number from 0 to 10."
    )
    desk.says("anna", "12")
    assert "from 0 to 10. Which number" in desk.texts("anna")[-1]
    desk.says("anna", "6-7")
    assert desk.texts("anna")[-1] == "Noted: 6.5."
    assert "6-7" in " ".join(desk.texts("noor"))
    desk.says("noor", "scale anna: How sure are you")
    desk.says("anna", "8, because it went well")
    assert desk.texts("anna")[-1] == "Noted. So far: 6.5 → 8"
    assert desk.texts("noor")[-1] == "Anna: 6.5 → 8"
    assert desk.lines("anna") == ["12", "6-7", "8, because it went well"]
    assert sound(desk)


def test_a_number_that_was_asked_for_last_is_no_answer_to_an_older_question(
    desk: FrontDesk,
) -> None:
    desk.says("noor", "step anna: call the bank today")
    at(desk, "2026-03-02 17:00")
    desk.texts("anna")
    desk.says("noor", "scale anna: how sure are you?")
    desk.texts("anna")
    desk.says("anna", "2")
    assert kinds(desk, "anna")[-1] == "scale_answered"
    if desk.numbers_options:  # the older question stands again once the number is given
        desk.says("anna", "1")
        assert kinds(desk, "anna")[-1] == "step_done"


@pytest.mark.parametrize(
    "line", ["step anna call the bank tomorrow", "Actiestap Anna: call the bank tomorrow"]
)
def test_a_step_may_be_written_as_people_write(desk: FrontDesk, line: str) -> None:
    desk.says("noor", line)
    assert desk.texts("anna")[0].startswith("A step: call the bank tomorrow")
    assert desk.lines("anna") == []


@pytest.mark.parametrize("line", ["scale anna how sure are you?", "schaalvraag anna: how sure?"])
def test_a_scale_may_be_asked_as_people_write(desk: FrontDesk, line: str) -> None:
    desk.says("noor", line)
    assert desk.texts("anna")[0].startswith("Noor asks: how sure")


def test_words_for_people_stay_words_for_people(desk: FrontDesk) -> None:
    desk.says("anna", "step by step by step: we did it")
    desk.says("anna", "scale: what is that?")
    assert desk.lines("anna") == ["step by step by step: we did it", "scale: what is that?"]
    desk.says("noor", "anna: step by step is fine")
    assert desk.lines("anna")[-1] == "step by step is fine"
    desk.says("noor", "step zoe: call the bank")
    assert "zoe" in desk.texts("noor")[-1]
    assert kinds(desk, "anna") == kinds(desk, "bram") == []


def test_after_the_words_were_erased_nothing_is_asked(desk: FrontDesk) -> None:
    desk.says("noor", "step anna: call the bank tomorrow")
    desk.texts("anna")
    desk.writer.run(lambda unit: unit.destroy_key("anna", "anna"))
    at(desk, "2026-03-03 17:00")
    assert len(desk.texts("anna")) == 1
    closed = [one for one in desk.log("anna") if isinstance(one, e.StepClosed)]
    assert [one.reason for one in closed] == ["erased"]


def test_a_client_who_has_not_agreed_gets_no_steps(desk: FrontDesk) -> None:
    desk.trajectory("cleo", ["noor"], ["bram"], agreed=False)
    desk.do("cleo", c.RemoveParty("bram"))
    desk.says("noor", "step cleo: call the bank")
    assert kinds(desk, "cleo") == []


def test_nobody_is_asked_in_quiet_hours_or_in_a_pause(desk: FrontDesk) -> None:
    desk.says("noor", "step anna: call the bank on Saturday")
    at(desk, "2026-03-07 17:00")
    assert len(desk.texts("anna")) == 1
    at(desk, "2026-03-09 07:59")
    assert len(desk.texts("anna")) == 1
    at(desk, "2026-03-09 08:00")
    assert desk.texts("anna")[-1] == "How did it go? call the bank on Saturday"
    desk.says("noor", "step bram: call the bank tomorrow")
    desk.says("bram", "pause 2 weeks")
    at(desk, "2026-03-10 17:00")
    assert "How did it go" not in desk.texts("bram")[-1]
    at(desk, "2026-03-24 17:00")
    assert desk.texts("bram")[-1] == "How did it go? call the bank tomorrow"
    assert sound(desk)
