"""Linking a further endpoint by a code, and who may not."""

from datetime import timedelta

from bridge.core import commands as c
from bridge.core.errors import Undeliverable
from bridge.runtime import invites
from tests.runtime.desk_kit import FrontDesk, at


def owner_of(desk: FrontDesk, address: str) -> str:
    row = desk.writer.run(lambda unit: unit.endpoint(at(address)))
    return row.person if row is not None else ""


def link_code(desk: FrontDesk, who: str) -> str:
    desk.says(who, "link")
    return desk.last(who).text.rpartition(": ")[2]


def test_a_leaked_code_does_not_change_whom_a_standing_question_is_about(couple: FrontDesk) -> None:
    desk = couple
    code = link_code(desk, "anna")
    desk.says("annie", code)
    question = desk.last("anna")
    assert question.keys == ["yes", "no"]
    desk.says("mallory", code)
    assert "does not work" in desk.last("mallory").text
    assert desk.last("anna").ref == question.ref
    assert len([one for one in desk.told("anna") if one.keys]) == 1
    desk.press("anna", question, "yes")
    assert (owner_of(desk, "annie"), owner_of(desk, "mallory")) == ("anna", "")


def test_who_waits_already_may_send_the_code_again(couple: FrontDesk) -> None:
    code = link_code(couple, "anna")
    couple.says("annie", code)
    couple.says("annie", code)
    assert couple.texts("annie")[1].startswith("Almost there")
    assert len([one for one in couple.told("anna") if one.keys]) == 1


def test_a_confirmation_after_the_code_expired_links_nothing(couple: FrontDesk) -> None:
    couple.says("annie", link_code(couple, "anna"))
    question = couple.last("anna")
    couple.now += timedelta(minutes=20)
    couple.press("anna", question, "yes")
    assert owner_of(couple, "annie") == ""
    assert "expired" in couple.last("anna").text


def test_an_endpoint_that_became_somebody_elses_is_not_linked(couple: FrontDesk) -> None:
    couple.says("annie", link_code(couple, "anna"))
    question = couple.last("anna")
    couple.people(bram="annie")
    couple.press("anna", question, "yes")
    assert owner_of(couple, "annie") == "bram"
    assert couple.last("anna").text == "This was not linked."


def test_the_question_goes_to_an_endpoint_that_still_takes_it(desk: FrontDesk) -> None:
    desk.people("noor", "anna")
    desk.writer.run(lambda unit: unit.put_endpoint(at("phone"), "anna"))
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.says("anna", "STOP")
    desk.says("annie", link_code(desk, "phone"))
    assert desk.last("phone").keys == ["yes", "no"]
    assert not any(one.keys for one in desk.told("anna"))


def invited(desk: FrontDesk, who: str, network: str = "") -> invites.Issued:
    return desk.writer.run(lambda unit: invites.issue(unit, "anna-2026", who, network))


def test_who_stopped_everywhere_is_not_got_round_with_a_code(couple: FrontDesk) -> None:
    couple.says("anna", "STOP")
    couple.starts("mallory", invited(couple, "anna").link_code)
    assert "does not work" in couple.last("mallory").text
    assert owner_of(couple, "mallory") == ""


def test_who_is_nowhere_any_more_comes_back_by_invitation(couple: FrontDesk) -> None:
    couple.refusing["anna"] = Undeliverable("deactivated")
    couple.says("noor", "are you there?")
    couple.deliver()
    couple.starts("new-anna", invited(couple, "anna").link_code)
    assert owner_of(couple, "new-anna") == "anna"


def test_a_code_for_another_network_opens_nothing(couple: FrontDesk) -> None:
    couple.person("bram")
    couple.do("anna-2026", c.AddParty("bram", "client", "Bram"))
    issued = invited(couple, "bram", "twilio")
    couple.says("bram", issued.typed_code)
    assert "does not work" in couple.last("bram").text
    assert owner_of(couple, "bram") == ""


def test_a_strangers_word_is_no_wrong_code(couple: FrontDesk) -> None:
    couple.says("eve", "coaching")
    assert "does not know you" in couple.last("eve").text
    for word in ("thursday", "standard", "sandwich", "greatest", "sleepily"):
        couple.says("eve", word)
    assert len(couple.told("eve")) == 1
    couple.says("carl", "ABCD-EFGH")
    couple.says("dora", "abcd0fgh")
    assert all("does not work" in couple.last(who).text for who in ("carl", "dora"))


def test_somebody_known_has_five_tries_too_and_loses_no_words(couple: FrontDesk) -> None:
    couple.person("bram")
    couple.do("anna-2026", c.AddParty("bram", "client", "Bram"))
    his = invited(couple, "bram").typed_code
    couple.says("anna", his)
    couple.says("anna", "ABCD-EFGH")
    first, second = couple.texts("anna")
    assert first == second
    assert "does not work" in first
    couple.says("anna", his.replace("-", ""))
    couple.says("anna", "sandwich")
    assert couple.lines("anna-2026") == [his.replace("-", ""), "sandwich"], "told apart by nothing"
    for number in range(2, 5):
        couple.says("anna", f"ABCD-EFG{number}")
    assert "too many" in couple.last("anna").text
    mine = invited(couple, "anna").typed_code
    couple.says("anna", mine)
    assert couple.lines("anna-2026")[-1] == mine, "behind a closed door no code is looked at"
    couple.now += timedelta(days=2)
    couple.says("anna", mine)
    assert couple.lines("anna-2026")[-1] == mine
    assert len(couple.lines("anna-2026")) == 3
