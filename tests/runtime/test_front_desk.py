"""At the front desk: codes, consent, whom a message is for, and the order in which it was said."""

from datetime import timedelta

import msgspec
import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.endpoint import Place
from bridge.core.errors import OptedOut, Undeliverable
from bridge.core.inbound import ChatMovedIn
from bridge.core.trajectory import Consent
from storage import queries
from storage.audit import audit
from tests.runtime.desk_kit import FrontDesk, at


def consent_of(desk: FrontDesk, trajectory: str, party: str) -> Consent:
    state = desk.writer.run(lambda unit: unit.state(trajectory))
    assert state is not None
    return state.parties[party].consent


def owner_of(desk: FrontDesk, address: str) -> str:
    row = desk.writer.run(lambda unit: unit.endpoint(at(address)))
    return row.person if row is not None else ""


# linking a further endpoint


# stopping and starting


def test_start_after_a_no_and_a_stop_opens_the_door(asked: FrontDesk) -> None:
    asked.press("anna", asked.last("anna"), "no")
    asked.says("anna", "STOP")
    asked.says("anna", "START")
    question = asked.last("anna")
    assert question.keys == ["yes", "no"]
    asked.press("anna", question, "yes")
    assert consent_of(asked, "anna-2026", "anna") is Consent.GIVEN
    asked.says("noor", "welcome back")
    assert asked.texts("anna")[-1] == "welcome back"


def test_start_after_a_stop_under_the_question_asks_again(asked: FrontDesk) -> None:
    asked.says("anna", "STOP")
    asked.says("anna", "START")
    assert asked.last("anna").keys == ["yes", "no"]


@pytest.mark.parametrize("error", [Undeliverable("403"), OptedOut("blocked")])
def test_who_writes_again_can_be_written_to(couple: FrontDesk, error: Undeliverable) -> None:
    couple.refusing["anna"] = error
    couple.says("noor", "lost")
    couple.deliver()
    couple.refusing.clear()
    couple.says("anna", "here I am")
    couple.says("noor", "good")
    assert couple.texts("anna") == ["good"]


def test_a_stop_is_not_lifted_by_writing(couple: FrontDesk) -> None:
    couple.says("anna", "STOP")
    couple.says("anna", "one more thing")
    couple.says("noor", "yes?")
    assert "no more messages" in couple.last("anna").text


# consent


def test_a_coach_hears_once_that_her_words_wait_and_repeats_no_question(asked: FrontDesk) -> None:
    for _ in range(3):
        asked.now += timedelta(minutes=11)
        asked.says("noor", "are you there?")
    (waits,) = asked.texts("noor")
    assert "has not agreed" in waits
    assert len(asked.told("anna")) == 1
    asked.says("anna", "who is this?")
    assert len(asked.told("anna")) == 2, "her own words repeat it"


def test_a_refusal_tells_once_of_all_that_waited(asked: FrontDesk) -> None:
    for number in range(3):
        asked.says("noor", f"number {number}")
    asked.press("anna", asked.last("anna"), "no")
    told = [text for text in asked.texts("noor") if "Not delivered" in text]
    assert len(told) == 1
    lost = [one for one in asked.log("anna-2026") if isinstance(one, e.DeliveryChanged)]
    assert [one.reason for one in lost if one.state == "suppressed"] == ["no_consent"] * 3


def test_a_no_after_the_yes_is_answered_and_holds(asked: FrontDesk) -> None:
    question = asked.last("anna")
    asked.press("anna", question, "yes")
    thanks = len(asked.told("anna"))
    asked.press("anna", question, "yes")
    assert len(asked.told("anna")) == thanks
    asked.press("anna", question, "no")
    assert "From now on" in asked.last("anna").text
    assert "does not agree any more" in asked.last("noor").text
    asked.says("anna", "into the void")
    asked.says("noor", "nor back")
    assert asked.lines("anna-2026") == ["nor back"]
    assert "Not delivered" in asked.last("noor").text
    asked.says("anna", "START")
    assert asked.last("anna").keys == ["yes", "no"]


def test_the_consent_keeps_the_names_as_they_were_shown(asked: FrontDesk) -> None:
    question = asked.last("anna")
    asked.writer.run(lambda unit: unit.put_person("noor", "Eleonora", "en", "UTC"))
    asked.press("anna", question, "yes")
    (given,) = [one for one in asked.log("anna-2026") if isinstance(one, e.ConsentGiven)]
    assert given.text == question.text
    assert given.text.startswith("Noor would like")


def test_words_to_nobody_are_kept_and_their_author_hears_it_once(desk: FrontDesk) -> None:
    desk.people("noor")
    desk.trajectory("anna-2026", ["noor"], [])
    desk.says("noor", "hello?")
    desk.says("noor", "anybody?")
    assert len(desk.told("noor")) == 1
    assert desk.lines("anna-2026") == ["hello?", "anybody?"]


def test_who_is_gone_has_not_stopped_us(couple: FrontDesk) -> None:
    couple.refusing["anna"] = Undeliverable("deactivated", "Forbidden: user is deactivated")
    couple.says("noor", "are you there?")
    couple.says("noor", "and now?")
    assert not [text for text in couple.texts("noor") if "stopped" in text]
    assert "cannot be reached on Telegram" in " ".join(couple.texts("noor"))
    assert couple.last("noor").text.endswith("nobody can be reached there any more")


def test_a_quote_by_hand_is_kept(couple: FrontDesk) -> None:
    message = couple.message("anna", "this part")
    couple.act(msgspec.structs.replace(message, quote=("ten pages",)))
    (line,) = [one for one in couple.log("anna-2026") if isinstance(one, e.MessagePosted)]
    assert line.quote == ("ten pages",)


# whom it is for, and the order of speech


def test_words_wait_for_the_answer_and_go_in_order(two_clients: FrontDesk) -> None:
    desk = two_clients
    desk.says("noor", "well done")
    desk.says("noor", "see you tomorrow")
    (question,) = [one for one in desk.told("noor") if one.keys]
    assert desk.lines("anna-2026") == desk.lines("bram-2026") == []
    desk.press("noor", question, "2")
    desk.catch_up()
    assert desk.lines("bram-2026") == ["well done", "see you tomorrow"]
    assert desk.lines("anna-2026") == []


def test_a_question_that_is_left_alone_is_put_again_after_ten_minutes(
    two_clients: FrontDesk,
) -> None:
    desk = two_clients
    desk.says("noor", "well done")
    desk.says("noor", "really")
    assert len([one for one in desk.told("noor") if one.keys]) == 1
    desk.now += timedelta(minutes=11)
    desk.says("noor", "hello?")
    first, again = [one for one in desk.told("noor") if one.keys]
    assert (again.ref, again.keys) == (first.ref, first.keys)
    desk.says("noor", "1")
    desk.catch_up()
    assert desk.lines("anna-2026") == ["well done", "really", "hello?"]


def test_an_old_question_never_sends_words_to_the_only_one_left(two_clients: FrontDesk) -> None:
    desk = two_clients
    desk.says("noor", "dear Anna")
    desk.do("anna-2026", c.RemoveParty("noor"))
    desk.writer.run(lambda unit: unit.registry_changed())
    desk.says("noor", "hello")
    question = desk.last("noor")
    assert desk.lines("bram-2026") == []
    assert question.keys == ["1", "2"], "Bram, or nobody"
    desk.press("noor", question, "2")
    desk.catch_up()
    assert desk.lines("bram-2026") == desk.lines("anna-2026") == []
    assert not desk.waiting()
    desk.says("noor", "good morning Bram")
    assert desk.lines("bram-2026") == ["good morning Bram"]


def test_what_is_said_after_an_answer_comes_after_what_waited_for_it(
    two_clients: FrontDesk,
) -> None:
    desk = two_clients
    desk.says("noor", "one")
    desk.says("noor", "two")
    desk.do("bram-2026", c.RemoveParty("noor"))
    desk.writer.run(lambda unit: unit.registry_changed())
    desk.says("noor", "three")
    # Before the payloads that were let go are handled, another one comes in.
    for inbound in (
        desk.pressing("noor", desk.last("noor"), "1"),
        desk.message("noor", "four"),
    ):
        desk.settle(desk.keep(inbound).id)
    assert desk.lines("anna-2026") == []
    desk.catch_up()
    desk.catch_up()
    assert desk.lines("anna-2026") == ["one", "two", "three", "four"]


def test_a_coach_hears_once_that_her_words_in_an_open_group_reach_nobody(
    couple: FrontDesk,
) -> None:
    group = Place("telegram", "main", "-100", "7")
    for text in ("first", "second"):
        message = couple.message("noor", text)
        sender = msgspec.structs.replace(message.sender, direct=False)
        couple.act(msgspec.structs.replace(message, place=group, sender=sender))
    (told,) = couple.texts("noor")
    assert "goes to nobody" in told
    assert couple.lines("anna-2026") == []
    assert couple.texts("anna") == []


def test_a_group_that_moves_keeps_its_topics_and_the_log_says_so(couple: FrontDesk) -> None:
    topic = Place("telegram", "main", "-100", "7")
    couple.do("anna-2026", c.BindPlace("noor", topic))
    old, new = (Place("telegram", "main", chat) for chat in ("-100", "-200"))
    couple.act(ChatMovedIn(old, new, couple.now))
    bound = [one.place for one in couple.log("anna-2026") if isinstance(one, e.PlaceBound)]
    assert bound == [topic, msgspec.structs.replace(topic, chat="-200")]
    assert audit(couple.store).holds
    couple.says("anna", "still there?")
    assert couple.last("-200").text == "still there?"


def test_what_waits_for_a_group_that_moves_follows_it_and_nothing_else_does(
    two_clients: FrontDesk,
) -> None:
    desk = two_clients
    topic, other = (Place("telegram", "main", chat, "7") for chat in ("-100", "-300"))
    desk.do("anna-2026", c.BindPlace("noor", topic))
    desk.do("bram-2026", c.BindPlace("noor", other))
    desk.says("anna", "before it moved")
    desk.says("bram", "elsewhere")
    old, new = (Place("telegram", "main", chat) for chat in ("-100", "-200"))
    desk.act(ChatMovedIn(old, new, desk.now))
    rows = [one.id for one in queries.outbox(desk.store)]
    waiting = desk.writer.run(lambda unit: [unit.outbox_row_by_id(number) for number in rows])
    lanes = {row.lane for row in waiting if row is not None}
    assert lanes == {msgspec.structs.replace(topic, chat="-200").lane, other.lane}, "in one order"
    assert [desk.last("-200").text, desk.last("-300").text] == ["before it moved", "elsewhere"]
    assert desk.texts("-100") == []
    desk.says("noor", "an answer", place=msgspec.structs.replace(topic, chat="-200"))
    assert desk.lines("anna-2026") == ["before it moved", "an answer"]
    assert sum(isinstance(one, e.PlaceBound) for one in desk.log("bram-2026")) == 1


# words that ask the bridge something


@pytest.mark.parametrize("word", ["HELP", "hulp", "/help"])
def test_help_is_answered_and_goes_to_nobody(couple: FrontDesk, word: str) -> None:
    couple.says("anna", word)
    assert "these words are for the bridge itself" in couple.last("anna").text
    assert couple.lines("anna-2026") == []
    couple.says("anna", "Help me decide")
    assert couple.lines("anna-2026") == ["Help me decide"]


def test_people_tells_of_ones_own_trajectories_only(two_clients: FrontDesk) -> None:
    two_clients.says("anna", "who")
    assert two_clients.last("anna").text == "Besides you, these people take part:\n• Noor"
    two_clients.says("noor", "wie")
    assert two_clients.last("noor").text.endswith("• Anna\n• Bram")


def test_a_name_before_a_colon_says_whom_it_is_for(two_clients: FrontDesk) -> None:
    desk = two_clients
    desk.says("noor", "Anna: well done: really")
    desk.says("noor", "bram:  see you")
    assert desk.lines("anna-2026") == ["well done: really"]
    assert desk.lines("bram-2026") == ["see you"]
    assert desk.told("noor") == []
    desk.says("noor", "Carla: hello")
    assert desk.last("noor").keys == ["1", "2"], "nobody is called that"


def test_a_name_that_two_clients_have_is_no_answer(desk: FrontDesk) -> None:
    desk.people("noor")
    for person, trajectory in (("anna", "one"), ("anne", "two")):
        desk.people(person)
        desk.writer.run(lambda unit: unit.put_person(person, "Anna", "en", "UTC"))  # noqa: B023
        desk.trajectory(trajectory, ["noor"], [person])
    desk.says("noor", "Anna: well done")
    assert desk.lines("one") == desk.lines("two") == []
    assert desk.last("noor").keys == ["1", "2"]
