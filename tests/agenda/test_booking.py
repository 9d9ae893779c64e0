"""Appointments from the first word to the recap, on both databases, with a driven clock."""

from datetime import UTC, datetime, timedelta

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Choices
from bridge.core.decide.booking import key_of
from scheduling.calendar.zones import wall
from storage.agenda import cells
from storage.appointments import behind, of_person
from storage.audit import audit
from storage.logview import log
from storage.nudges import PaceRow
from storage.outbox_rows import open_rows
from storage.planned import waiting_timers
from tests.agenda.kit import FRIDAY, Practice

MONDAY_NINE = datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


def booked(practice: Practice, start: datetime = MONDAY_NINE, modality: str = "video") -> int:
    """Book for Anna; return the number of the appointment."""
    made = practice.does("anna-2026", c.BookSlot("anna", modality, start))
    assert isinstance(made.entries[0], e.AppointmentBooked), made.entries
    return practice.state("anna-2026").agenda.of("anna")[-1][0]


def kinds(practice: Practice, trajectory: str = "anna-2026") -> list[str]:
    return [line.kind for line in log(practice.store, trajectory)]


def test_a_client_books_by_digits_in_her_own_time(practice: Practice) -> None:
    practice.client("anna")
    practice.does("anna-2026", c.AskForSlots("anna"))
    assert practice.latest("anna").splitlines()[1:] == ["a video call", "a phone call"]
    practice.picks("anna-2026", "anna", 1)
    question, *options = practice.latest("anna").splitlines()
    assert "a video call with Noor" in question
    assert "Europe/Lisbon" in question
    # Noor's nine o'clock, an hour earlier in Lisbon; the clocks changed in between in both.
    assert options[0] == "Mon 30 Mar 08:00"
    assert options[3] == "Other moments"
    practice.picks("anna-2026", "anna", 2)
    assert "Mon 30 Mar 10:00" in practice.latest("anna")
    told = "ma 30 mrt 11:00 (bij Anna ma 30 mrt 10:00), een videogesprek, 50 minuten"
    assert told in practice.latest("noor")
    assert audit(practice.store).holds


def test_other_moments_come_after_those_shown(practice: Practice) -> None:
    practice.client("anna")
    practice.does("anna-2026", c.AskForSlots("anna", "video"))
    first = practice.state("anna-2026").agenda.offers["anna"].slots
    practice.picks("anna-2026", "anna", 4)
    second = practice.state("anna-2026").agenda.offers["anna"].slots
    assert min(second) > max(first)


def test_what_is_taken_is_told_with_what_is_free(practice: Practice) -> None:
    practice.client("anna")
    practice.client("bram", "Europe/Amsterdam", "nl")
    for name in ("anna", "bram"):
        practice.does(f"{name}-2026", c.AskForSlots(name, "video"))
    practice.picks("anna-2026", "anna", 1)
    practice.picks("bram-2026", "bram", 1)
    assert practice.latest("bram").startswith("Dat moment is niet meer vrij")
    assert "ma 30 mrt 09:00" not in practice.latest("bram")
    assert "booking_refused" in kinds(practice, "bram-2026")
    practice.picks("bram-2026", "bram", 1)
    assert len(of_person(practice.store, "noor", FRIDAY)) == 2
    assert audit(practice.store).holds


def test_a_button_under_an_old_list_books_nothing(practice: Practice) -> None:
    practice.client("anna")
    practice.does("anna-2026", c.AskForSlots("anna", "video"))
    old = practice.question("anna")
    practice.does("anna-2026", c.AskForSlots("anna", "phone"))
    practice.presses("anna-2026", "anna", old, old.options[0].key)
    assert practice.state("anna-2026").agenda.appointments == {}


def test_a_second_press_of_the_same_button_changes_nothing(practice: Practice) -> None:
    practice.client("anna")
    practice.does("anna-2026", c.AskForSlots("anna", "video"))
    question = practice.question("anna")
    for _ in range(2):
        practice.presses("anna-2026", "anna", question, question.options[0].key)
    assert len(practice.state("anna-2026").agenda.appointments) == 1
    assert kinds(practice).count("booking_refused") == 0


def test_it_can_be_moved_and_its_old_moment_is_free_again(practice: Practice) -> None:
    practice.client("anna")
    practice.client("bram")
    number = booked(practice)
    practice.does("anna-2026", c.AskToChange("anna", "move"))
    practice.picks("anna-2026", "anna", 3)
    moved = practice.state("anna-2026").agenda.get(number)
    assert moved is not None
    assert moved.start > MONDAY_NINE
    assert moved.sequence == 1
    assert practice.latest("noor").startswith("Verzet naar ")
    practice.does("bram-2026", c.BookSlot("bram", "video", MONDAY_NINE))
    assert len(of_person(practice.store, "noor", FRIDAY)) == 2
    assert audit(practice.store).holds


def test_it_is_cancelled_after_one_question(practice: Practice) -> None:
    practice.client("anna")
    booked(practice)
    practice.does("anna-2026", c.AskToChange("anna", "cancel"))
    assert practice.latest("anna").splitlines()[1:] == ["Yes, cancel it", "No, it stays"]
    practice.picks("anna-2026", "anna", 1)
    assert practice.state("anna-2026").agenda.appointments == {}
    assert practice.latest("noor").startswith("Afgezegd: ma 30 mrt 09:00")
    practice.at(MONDAY_NINE + timedelta(hours=2))
    assert "session_opened" not in kinds(practice)
    assert audit(practice.store).holds


def test_with_several_appointments_the_one_is_chosen(practice: Practice) -> None:
    practice.client("anna")
    booked(practice)
    later = booked(practice, MONDAY_NINE + timedelta(days=1))
    practice.does("anna-2026", c.AskToChange("anna", "cancel"))
    practice.picks("anna-2026", "anna", 2)
    practice.picks("anna-2026", "anna", 1)
    left = practice.state("anna-2026").agenda.appointments
    assert str(later) not in left
    assert len(left) == 1


def test_a_coach_books_any_moment_but_never_twice(practice: Practice) -> None:
    practice.client("anna")
    practice.client("bram")
    sunday = datetime(2026, 4, 5, 18, 0, tzinfo=UTC)
    practice.does("anna-2026", c.BookSlot("noor", "f2f", sunday, 90, "anna", how="coach"))
    assert "Sun 5 Apr 19:00, a meeting in person with Noor, 90 minutes" in practice.latest("anna")
    clash = c.BookSlot("noor", "phone", sunday + timedelta(hours=1), 25, "bram", how="coach")
    practice.does("bram-2026", clash)
    assert practice.latest("noor").startswith("Niet afgesproken: om zo 5 apr 21:00")
    assert practice.state("bram-2026").agenda.appointments == {}


def test_a_client_cannot_take_what_is_not_offered(practice: Practice) -> None:
    practice.client("anna")
    for moment in (
        MONDAY_NINE - timedelta(hours=2),  # before hours
        FRIDAY + timedelta(minutes=10),  # before the notice, and off the grid
        MONDAY_NINE + timedelta(days=40),  # beyond the horizon
        FRIDAY - timedelta(days=1),
    ):
        practice.does("anna-2026", c.BookSlot("anna", "video", moment))
    practice.does("anna-2026", c.BookSlot("anna", "chat", MONDAY_NINE))
    practice.does("anna-2026", c.BookSlot("anna", "video", MONDAY_NINE, 25))
    assert practice.state("anna-2026").agenda.appointments == {}


def test_somebody_who_takes_no_part_books_nothing(practice: Practice) -> None:
    practice.client("anna")
    practice.does("anna-2026", c.BookSlot("bram", "video", MONDAY_NINE))
    assert practice.state("anna-2026").agenda.appointments == {}
    assert "bram" not in practice.told


# -- the moments of an appointment ----------------------------------------------------------------


def said_since(practice: Practice, seq: int) -> list[tuple[str, str]]:
    return [
        (line.kind, line.notice)
        for line in log(practice.store, "anna-2026")
        if line.seq > seq and line.kind != "delivery_changed"
    ]


def test_reminder_way_over_session_and_recap(practice: Practice) -> None:
    practice.client("anna")
    booked(practice)
    seq = practice.state("anna-2026").seq
    practice.at(MONDAY_NINE - timedelta(hours=24))
    assert said_since(practice, seq) == [("notice_given", "agenda_reminder")]
    practice.at(MONDAY_NINE - timedelta(minutes=5))
    soon = ("notice_given", "session_soon_video")
    assert said_since(practice, seq)[1:] == [soon, soon]
    practice.at(MONDAY_NINE + timedelta(minutes=49))
    assert said_since(practice, seq)[3:] == [("session_opened", "")]
    practice.at(MONDAY_NINE + timedelta(minutes=50))
    assert said_since(practice, seq)[4:] == [
        ("session_closed", ""),
        ("notice_given", "recap_offer"),
    ]
    assert practice.state("anna-2026").agenda.appointments == {}
    assert [one.state for one in of_person(practice.store, "anna", FRIDAY)] == ["held"]
    assert audit(practice.store).holds


def offered_recap(practice: Practice) -> None:
    """Let a session pass, and put its question where the test presses buttons."""
    number = booked(practice)
    practice.at(MONDAY_NINE + timedelta(minutes=50))
    seq = practice.state("anna-2026").seq
    asked = Choices(("",), (), f"anna-2026/{seq}")
    practice.presses("anna-2026", "noor", asked, f"w{number}")


def test_a_recap_goes_out_on_her_word_and_not_before(practice: Practice) -> None:
    practice.client("anna")
    offered_recap(practice)
    assert practice.latest("noor").startswith("Wat je nu schrijft, is je concept")
    before = len(practice.told["anna"])
    practice.says("anna-2026", "noor", "Wat mij opviel: je bleef rustig.")
    assert len(practice.told["anna"]) == before
    assert "Wat mij opviel: je bleef rustig." in practice.latest("noor")
    practice.picks("anna-2026", "noor", 1)
    assert practice.latest("anna") == "Wat mij opviel: je bleef rustig."
    practice.says("anna-2026", "noor", "tot volgende week")
    assert practice.latest("anna") == "tot volgende week"
    assert audit(practice.store).holds


def test_a_recap_can_be_thrown_away(practice: Practice) -> None:
    practice.client("anna")
    offered_recap(practice)
    practice.says("anna-2026", "noor", "geheim")
    practice.picks("anna-2026", "noor", 3)
    assert all("geheim" not in str(one.body) for one in practice.told["anna"])


def test_after_half_a_day_her_words_are_words_again(practice: Practice) -> None:
    practice.client("anna")
    offered_recap(practice)
    practice.at(MONDAY_NINE + timedelta(hours=14))
    practice.says("anna-2026", "noor", "hoe gaat het?")
    assert practice.latest("anna") == "hoe gaat het?"


def test_notices_about_others_wait_until_the_session_is_over(practice: Practice) -> None:
    practice.client("anna")
    practice.client("bram")
    booked(practice)
    practice.at(MONDAY_NINE + timedelta(minutes=5))
    practice.does("bram-2026", c.BookSlot("bram", "video", MONDAY_NINE + timedelta(days=2)))
    to_noor = practice.effects[-1]
    assert to_noor.to.party == "noor"
    assert to_noor.hold == "session:noor"
    practice.does("anna-2026", c.ShowAgenda("noor"))
    assert practice.effects[-1].hold == "", "her own question is answered at once"
    practice.says("bram-2026", "bram", "hello")
    assert practice.effects[-1].hold == "", "words of people never wait for it"
    waiting = [row for row in open_rows(practice.store, 0, 100) if row.party == "noor"]
    practice.at(MONDAY_NINE + timedelta(minutes=50))
    after = [row for row in open_rows(practice.store, 0, 100) if row.party == "noor"]
    assert len(after) > len(waiting), "what was held is on its way"
    practice.does("bram-2026", c.AskToChange("bram", "cancel"))
    practice.picks("bram-2026", "bram", 1)
    assert practice.effects[-1].hold == ""
    assert audit(practice.store).holds


def test_an_appointment_ends_with_its_trajectory(practice: Practice) -> None:
    practice.client("anna")
    practice.client("bram")
    booked(practice)
    practice.does("anna-2026", c.CloseTrajectory())
    assert practice.latest("noor").startswith("Afgezegd")
    practice.does("bram-2026", c.BookSlot("bram", "video", MONDAY_NINE))
    assert practice.state("bram-2026").agenda.appointments
    assert audit(practice.store).holds


def test_a_link_opens_one_page_until_it_is_revoked(practice: Practice) -> None:
    practice.client("anna")
    practice.does("anna-2026", c.ShowAgenda("anna"))
    token = practice.latest("anna").rpartition("/agenda/")[2]
    found = behind(practice.store, token, practice.now)
    assert found is not None
    assert (found.trajectory, found.person) == ("anna-2026", "anna")
    assert behind(practice.store, token, practice.now + timedelta(days=181)) is None
    practice.does("anna-2026", c.ShowAgenda("anna"))
    assert practice.latest("anna").endswith(token), "it stays the same while it is good"
    practice.writer.run(lambda unit: unit.agendas.revoke_links("anna-2026", "anna"))
    assert behind(practice.store, token, practice.now) is None
    practice.does("anna-2026", c.ShowAgenda("anna"))
    assert not practice.latest("anna").endswith(token)
    practice.does("anna-2026", c.RemoveParty("anna"))
    newer = practice.told["anna"][-1].body[0]
    assert behind(practice.store, str(newer).rpartition("/")[2], practice.now) is None


@pytest.mark.parametrize("minutes", [5, 25, 50, 90])
def test_cells_of_neighbours_do_not_meet(minutes: int) -> None:
    length = timedelta(minutes=minutes)
    first, second = MONDAY_NINE, MONDAY_NINE + length
    assert not set(cells(first, second)) & set(cells(second, second + length))
    assert set(cells(first, second)) & set(cells(second - timedelta(minutes=1), second))


def test_the_key_of_a_moment_fits_a_button() -> None:
    assert all(len(key_of(datetime(year, 1, 1, tzinfo=UTC))) <= 8 for year in (1971, 2026, 2999))


def reminded(practice: Practice) -> list[tuple[str, str]]:
    """Return when anna was reminded, by her own clock."""
    return [
        (line.notice, f"{wall(line.at, 'Europe/Lisbon'):%a %H:%M}")
        for line in log(practice.store, "anna-2026")
        if line.notice == "agenda_reminder"
    ]


def test_a_reminder_does_not_ring_in_quiet_hours(practice: Practice) -> None:
    practice.client("anna")  # nobody said otherwise: her weekend is quiet
    booked(practice)
    practice.at(MONDAY_NINE - timedelta(minutes=15))
    assert reminded(practice) == [("agenda_reminder", "Fri 20:00")]


def test_a_reminder_waits_for_the_morning_where_quiet_hours_changed(practice: Practice) -> None:
    practice.client("anna")
    quiet = PaceRow("anna", 0, 0, weekends=False)
    practice.writer.run(lambda unit: unit.ledger.put_pace_of_file(quiet))
    booked(practice)
    quiet = PaceRow("anna", 0, 7 * 60, weekends=True)  # and so is the weekend, from now on
    practice.writer.run(lambda unit: unit.ledger.put_pace_of_file(quiet))
    practice.at(MONDAY_NINE - timedelta(minutes=15))
    assert reminded(practice) == [("agenda_reminder", "Mon 07:00")]


def test_a_reminder_that_would_come_too_late_is_left_out(practice: Practice) -> None:
    practice.client("anna")
    quiet = PaceRow("anna", 0, 0, weekends=False)
    practice.writer.run(lambda unit: unit.ledger.put_pace_of_file(quiet))
    booked(practice)
    quiet = PaceRow("anna", 0, 8 * 60, weekends=True)
    practice.writer.run(lambda unit: unit.ledger.put_pace_of_file(quiet))
    practice.at(MONDAY_NINE - timedelta(minutes=5))
    assert reminded(practice) == []
    assert not [one for one in waiting_timers(practice.store, "anna-2026") if "remind" in one.name]
