"""Another number in the place of the old one: who may, who may not, and what the old one reads."""

from datetime import timedelta
from pathlib import Path

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.endpoint import Endpoint, Place
from bridge.core.policy import Policy
from bridge.runtime import invites
from bridge.runtime.practice import apply
from bridge.runtime.practice_file import read_practice
from bridge.runtime.replacing import whole_number
from storage import appointments
from tests.runtime.desk_kit import FrontDesk, at
from tests.runtime.test_linking import owner_of

OLD, NEW, OTHER = "+31612345678", "+31687654321", "+447700900123"
THIEF = "+31600000666"


@pytest.fixture
def henk(desk: FrontDesk) -> FrontDesk:
    """Noor coaches Henk, who has one telephone, which is also called."""
    desk.people("noor", "bram", henk=OLD)
    desk.writer.run(lambda unit: unit.put_endpoint(Endpoint("voice", "main", OLD), "henk"))
    desk.trajectory("henk-2026", ["noor"], ["henk"])
    desk.trajectory("bram-2026", ["noor"], ["bram"])
    return desk


def code(desk: FrontDesk, who: str, words: str = "NEW NUMBER") -> str:
    desk.says(who, words)
    return (
        desk.last(who).text.partition("code: ")[2][:9]
        or desk.last(who).text.partition("minutes: ")[2][:9]
    )


def moved(desk: FrontDesk, new: str = NEW) -> None:
    """The whole way, as it goes where nothing is wrong."""
    desk.says(new, code(desk, OLD, f"NEW NUMBER {new}"))
    desk.press(OLD, desk.last(OLD), "yes")


def lost(desk: FrontDesk) -> list[str]:
    """Why something did not arrive, as the log has it."""
    log = desk.log("henk-2026")
    return [one.reason for one in log if isinstance(one, e.DeliveryChanged) and one.reason]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+31 6 8765 4321", NEW),
        ("0031687654321", NEW),
        ("+44 (7700) 900-123", OTHER),
        ("0687654321", ""),
        ("+0687654321", ""),
        ("+316", ""),
        ("+3161234567890123", ""),
        ("call me", ""),
    ],
)
def test_a_number_is_whole_or_none(written: str, number: str) -> None:
    assert whole_number(written) == number


def test_both_sides_say_so_and_then_the_old_one_reads_nothing(henk: FrontDesk) -> None:
    desk = henk
    typed = code(desk, OLD, "nieuw nummer: +31 6 8765 4321")
    assert "***321" in desk.last(OLD).text
    assert NEW not in desk.last(OLD).text
    asked = desk.last(NEW).text
    assert "your old phone shows" in asked
    assert typed not in asked
    assert "Henk" not in asked
    desk.says(NEW, typed)
    assert desk.last(NEW).text.startswith("Almost there")
    question = desk.last(OLD)
    assert question.keys == ["yes", "no"]
    assert "***321" in question.text
    assert owner_of(desk, NEW) == ""
    before = len(desk.told(OLD))
    desk.says("noor", "Henk: this waits for the old one")
    desk.press(OLD, question, "yes")
    desk.says("noor", "Henk: are you there?")
    assert len(desk.told(OLD)) == before, "not even what was queued before the yes"
    assert lost(desk) == ["endpoint_revoked"]
    assert "are you there?" in desk.last(NEW).text
    assert not any("this waits" in text for text in desk.texts(NEW)), "nothing is re-pointed"
    told = " ".join(desk.texts("noor"))
    assert "***321" in told
    assert NEW not in told
    desk.says(OLD, "What do you know of me?")
    desk.says(OLD, "READ")
    desk.says(OLD, "STOP")
    assert len(desk.told(OLD)) == before
    assert not any("What do you know" in line for line in desk.lines("henk-2026"))
    desk.says(NEW, "here I am")
    assert desk.lines("henk-2026")[-1] == "here I am"


def test_the_log_tells_what_counts_no_more_and_the_line_goes_along(henk: FrontDesk) -> None:
    moved(henk)
    log = henk.log("henk-2026")
    gone = [one.endpoint for one in log if isinstance(one, e.EndpointRevoked)]
    assert gone == [at(OLD), Endpoint("voice", "main", OLD)]
    assert {one.reason for one in log if isinstance(one, e.EndpointRevoked)} == {"replaced"}
    new = [one for one in log if isinstance(one, e.EndpointLinked) and one.how == "confirmed"]
    assert [one.endpoint for one in new] == [at(NEW), Endpoint("voice", "main", NEW)]
    assert not any(isinstance(one, e.EndpointRevoked) for one in henk.log("bram-2026"))


def test_a_code_alone_does_for_any_messenger(henk: FrontDesk) -> None:
    henk.says("henk-on-telegram", code(henk, OLD))
    henk.press(OLD, henk.last(OLD), "yes")
    assert owner_of(henk, "henk-on-telegram") == "henk"
    assert not henk.writer.run(lambda unit: unit.endpoint(at(OLD))).usable  # type: ignore[union-attr]


def test_the_conversation_goes_on_at_the_new_one(henk: FrontDesk) -> None:
    henk.writer.run(lambda unit: unit.put_endpoint(at("henk@mail"), "henk"))
    moved(henk)
    henk.says("noor", "Henk: where do you read this?")
    assert "where do you read this?" in henk.last(NEW).text
    assert not any("where do you read" in text for text in henk.texts("henk@mail"))


def test_no_and_too_late_change_nothing(henk: FrontDesk) -> None:
    henk.says(NEW, code(henk, OLD))
    question = henk.last(OLD)
    henk.press(OLD, question, "no")
    assert "Nothing changes" in henk.last(OLD).text
    henk.press(OLD, question, "yes")
    assert owner_of(henk, NEW) == ""
    henk.says(NEW, code(henk, OLD))
    question = henk.last(OLD)
    henk.now += timedelta(minutes=61)
    henk.press(OLD, question, "yes")
    assert owner_of(henk, NEW) == ""
    late = code(henk, OLD)
    henk.now += timedelta(minutes=61)
    henk.says(NEW, late)
    assert "does not work" in henk.last(NEW).text


def test_with_only_the_new_phone_there_are_five_guesses(henk: FrontDesk) -> None:
    typed = code(henk, OLD, f"NEW NUMBER {NEW}")
    asked = len(henk.told(OLD))
    for number in range(2, 7):
        henk.says(NEW, f"ABCD-EFG{number}")
    assert "too many" in henk.last(NEW).text
    henk.says(NEW, typed)
    assert owner_of(henk, NEW) == ""
    assert len(henk.told(OLD)) == asked, "nobody is asked behind a closed door"


def test_a_code_for_one_number_is_good_from_no_other(henk: FrontDesk) -> None:
    typed = code(henk, OLD, f"NEW NUMBER {NEW}")
    henk.says(OTHER, typed)
    assert "does not work" in henk.last(OTHER).text
    assert owner_of(henk, OTHER) == ""


def test_a_thief_of_the_old_phone_is_seen_and_shut_out(henk: FrontDesk) -> None:
    henk.writer.run(lambda unit: unit.put_endpoint(at("henk@mail"), "henk"))
    moved(henk, THIEF)
    assert owner_of(henk, THIEF) == "henk"
    assert "***666" in henk.last("noor").text, "the coach sees it"
    assert "tell your coach" in henk.last("henk@mail").text, "and so does Henk elsewhere"
    henk.says("noor", "NEW NUMBER Henk")
    typed = henk.last("noor").text.partition("lost: ")[2][:9]
    henk.says(NEW, typed)
    before = len(henk.told(THIEF))
    henk.press("noor", henk.last("noor"), "yes")
    assert owner_of(henk, NEW) == "henk"
    henk.says("noor", "Henk: is this you?")
    henk.says(THIEF, "send me everything")
    assert len(henk.told(THIEF)) == before
    assert "send me everything" not in henk.lines("henk-2026")


def test_a_thief_cannot_go_on_while_the_coach_helps(henk: FrontDesk) -> None:
    theirs = code(henk, OLD)
    henk.says(OLD, "link")
    linked = henk.last(OLD).text.rpartition(": ")[2]
    henk.says("noor", "NEW NUMBER Henk")
    asked = len(henk.told(OLD))
    henk.says(NEW, henk.last("noor").text.partition("lost: ")[2][:9])
    henk.press("noor", henk.last("noor"), "yes")
    assert len(henk.told(OLD)) == asked, "the old one is neither asked nor told"
    henk.says(THIEF, theirs)
    henk.says(THIEF, linked)
    assert owner_of(henk, THIEF) == ""
    assert not any(one.keys for one in henk.told(NEW)), "codes of before are good for nothing"


def test_a_number_of_somebody_else_is_not_touched_and_not_told_of(henk: FrontDesk) -> None:
    henk.people(bram=OTHER)
    free = code(henk, OLD, f"NEW NUMBER {NEW}")
    said = henk.last(OLD).text.replace(free, "").replace("321", "")
    typed = code(henk, OLD, f"NEW NUMBER {OTHER}")
    assert henk.last(OLD).text.replace(typed, "").replace("123", "") == said
    assert henk.told(OTHER) == []
    henk.says(OTHER, typed)
    assert owner_of(henk, OTHER) == "bram"
    assert owner_of(henk, OLD) == "henk"


def test_a_number_that_became_somebodys_meanwhile_is_not_taken(henk: FrontDesk) -> None:
    henk.says(NEW, code(henk, OLD))
    question = henk.last(OLD)
    henk.people(bram=NEW)
    henk.press(OLD, question, "yes")
    assert owner_of(henk, NEW) == "bram"
    assert henk.writer.run(lambda unit: unit.endpoint(at(OLD))).usable  # type: ignore[union-attr]


def test_of_two_at_once_the_later_counts(henk: FrontDesk) -> None:
    first = code(henk, OLD, f"NEW NUMBER {NEW}")
    henk.says(NEW, first)
    earlier = henk.last(OLD)
    second = code(henk, OLD, f"NEW NUMBER {OTHER}")
    henk.press(OLD, earlier, "yes")
    assert owner_of(henk, NEW) == ""
    henk.says(OTHER, second)
    henk.press(OLD, henk.last(OLD), "yes")
    assert (owner_of(henk, NEW), owner_of(henk, OTHER)) == ("", "henk")


def test_of_two_who_send_the_code_only_the_first_waits(henk: FrontDesk) -> None:
    typed = code(henk, OLD)
    henk.says(NEW, typed)
    henk.says(OTHER, typed)
    assert "does not work" in henk.last(OTHER).text
    henk.press(OLD, henk.last(OLD), "yes")
    assert (owner_of(henk, NEW), owner_of(henk, OTHER)) == ("henk", "")


def test_stop_on_the_old_one_ends_what_is_under_way(henk: FrontDesk) -> None:
    typed = code(henk, OLD)
    henk.says(OLD, "STOP")
    henk.says(NEW, typed)
    assert "does not work" in henk.last(NEW).text
    henk.says(OLD, "START")
    henk.says(NEW, typed)
    question = henk.last(OLD)
    assert question.keys == ["yes", "no"]
    henk.says(OLD, "STOP")
    henk.press(OLD, question, "yes")
    assert owner_of(henk, NEW) == ""
    before = len(henk.told(OLD))
    henk.says(OLD, f"NEW NUMBER {OTHER}")
    assert len(henk.told(OLD)) == before
    assert henk.told(OTHER) == []


def test_what_the_network_stops_on_the_old_one_is_no_news_of_its_person(henk: FrontDesk) -> None:
    moved(henk)
    before = len(henk.log("henk-2026"))
    henk.blocks(OLD, stop=True)
    assert len(henk.log("henk-2026")) == before
    row = henk.writer.run(lambda unit: unit.endpoint(at(OLD)))
    assert row is not None
    assert row.opted_out == "stop", "and it holds should the number ever come back"


def test_who_lost_the_phone_learns_nothing_before_the_coach_says_yes(henk: FrontDesk) -> None:
    henk.says(NEW, "this is Henk, I lost my phone")
    assert henk.texts(NEW) == [henk.texts(NEW)[0]]
    assert "does not know you" in henk.last(NEW).text
    henk.says("noor", "nieuw nummer henk")
    shown = henk.last("noor").text
    assert "Henk" in shown
    henk.says(NEW, shown.partition("lost: ")[2][:9])
    assert "Noor" not in henk.last(NEW).text
    question = henk.last("noor")
    assert "***321" in question.text
    assert owner_of(henk, NEW) == ""
    henk.press("noor", question, "no")
    assert owner_of(henk, NEW) == ""
    assert owner_of(henk, OLD) == "henk"


def test_only_a_coach_of_theirs_may_say_yes(henk: FrontDesk) -> None:
    henk.says("noor", "NEW NUMBER Henk")
    henk.says(NEW, henk.last("noor").text.partition("lost: ")[2][:9])
    question = henk.last("noor")
    henk.press("bram", question, "yes")
    henk.press(OLD, question, "yes")
    assert owner_of(henk, NEW) == ""
    henk.says("bram", "NEW NUMBER Henk")
    assert henk.lines("bram-2026")[-1] == "NEW NUMBER Henk", "to a client it is a sentence"


def test_the_operators_invitation_also_asks_the_coach(henk: FrontDesk) -> None:
    def issue() -> invites.Issued:
        return henk.writer.run(lambda u: invites.issue(u, "henk-2026", "henk", replace=True))

    early, issued = issue(), issue()
    henk.starts(NEW, early.link_code)
    assert "does not work" in henk.last(NEW).text, "the newest is the only one that is good"
    henk.starts(NEW, issued.link_code)
    henk.press("noor", henk.last("noor"), "yes")
    assert owner_of(henk, NEW) == "henk"
    assert not henk.writer.run(lambda unit: unit.endpoint(at(OLD))).usable  # type: ignore[union-attr]
    assert issued.expires_at - henk.now < timedelta(days=2)


def test_nobody_goes_on_where_the_agreement_forbids_it(henk: FrontDesk) -> None:
    henk.do("henk-2026", c.SetPolicy(Policy(("email",))))
    issued = henk.writer.run(lambda u: invites.issue(u, "henk-2026", "henk", replace=True))
    henk.starts(NEW, issued.link_code)
    assert "mail" in henk.last(NEW).text
    assert owner_of(henk, NEW) == ""
    assert owner_of(henk, OLD) == "henk"


def test_a_coach_is_asked_where_the_agreement_lets_her_be(henk: FrontDesk) -> None:
    on_matrix = Endpoint("matrix", "main", "@noor")
    henk.writer.run(lambda unit: unit.put_endpoint(on_matrix, "noor", chat="!noor"))
    henk.writer.run(lambda unit: unit.touch(on_matrix))
    henk.do("henk-2026", c.SetPolicy(Policy(("telegram",))))
    issued = henk.writer.run(lambda u: invites.issue(u, "henk-2026", "henk", replace=True))
    henk.starts(NEW, issued.link_code)
    assert henk.told("!noor") == []
    assert henk.last("noor").keys == ["yes", "no"]


def test_who_has_not_agreed_yet_is_asked_at_the_new_one(henk: FrontDesk) -> None:
    henk.trajectory("fresh", ["noor"], ["henk"], agreed=False)
    moved(henk)
    assert any("agree" in one.text for one in henk.told(NEW) if one.keys), henk.texts(NEW)


def test_a_line_that_is_somebody_elses_stays_theirs(henk: FrontDesk) -> None:
    line = Endpoint("voice", "main", NEW)
    henk.writer.run(lambda unit: unit.put_endpoint(line, "bram"))
    moved(henk)
    row = henk.writer.run(lambda unit: unit.endpoint(line))
    assert row is not None
    assert row.person == "bram"


def test_a_place_of_the_old_ones_own_is_given_up(henk: FrontDesk) -> None:
    place = Place("telegram", "main", "-100", "7")
    henk.do("henk-2026", c.BindPlace("henk", place))
    moved(henk)
    henk.says("noor", "Henk: for your eyes")
    assert henk.told("-100") == []
    assert "for your eyes" in henk.last(NEW).text


def test_a_file_that_still_names_the_old_number_does_not_link_it_again(
    henk: FrontDesk, tmp_path: Path
) -> None:
    moved(henk)
    text = f"""
[[person]]
id = "henk"
name = "Henk"
language = "en"
time_zone = "Europe/Amsterdam"
endpoints = ["telegram:main:{OLD}"]
"""
    (file := tmp_path / "practice.toml").write_text(text)
    practice = read_practice(file)
    said = [
        change
        for _, changes in apply(henk.store, henk.writer, practice, henk.catalogue)
        for change in changes
    ]
    assert any(one.sign == "!" and "gave up" in one.what for one in said), said
    row = henk.writer.run(lambda unit: unit.endpoint(at(OLD)))
    assert row is not None
    assert not row.usable


def test_asking_too_often_writes_to_nobody(henk: FrontDesk) -> None:
    numbers = [f"+3161111111{n}" for n in range(6)]
    for number in numbers:
        henk.says(OLD, f"NEW NUMBER {number}")
    assert "too often" in henk.last(OLD).text
    assert henk.told(numbers[4]) != []
    assert henk.told(numbers[5]) == []


@pytest.mark.parametrize(
    "said", ["new number for the office is on the door", "Nieuw!", "new numbers", "new"]
)
def test_what_people_say_of_numbers_is_no_word(henk: FrontDesk, said: str) -> None:
    henk.says(OLD, said)
    assert henk.lines("henk-2026")[-1] == said


@pytest.mark.parametrize("said", ["NEW NUMBER 0687654321", f"NEW NUMBER {OLD}"])
def test_what_is_no_number_to_write_to_says_what_would_be(henk: FrontDesk, said: str) -> None:
    henk.says(OLD, said)
    assert "country code" in henk.last(OLD).text


def test_the_links_in_the_old_phone_open_nothing_any_more(henk: FrontDesk) -> None:
    token = henk.writer.run(lambda u: u.agendas.link("henk-2026", "henk", "secret-{}".format))

    def opens() -> bool:
        return appointments.behind(henk.store, token, henk.now) is not None

    assert opens()
    moved(henk)
    assert not opens()
