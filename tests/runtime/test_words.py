"""Words for the bridge: each that HELP tells of is carried out, and is said to nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import Sender
from bridge.runtime.texts import Catalogue
from bridge.runtime.words import CONCERNS
from bridge.runtime.words.concern import Offer
from storage.sql import Sql
from tests.runtime.desk_kit import FORUM, FrontDesk, front_desk

_REASON = Sql("SELECT reason FROM inbox WHERE id = ?")
ANSWERS_TO_NUDGES = {"LATER", "LESS, MORE"}
"""Words of a client who was nudged; from anybody else they are what people say."""

AT_THE_END = {"KEEP, TAKE, DESTROY"}
"""Words of a client whose trajectory has ended; see tests/scheduling/test_parting.py."""

OFFERS = {
    offer.en: offer
    for concern in CONCERNS
    for offer in concern.offers
    if concern.handler is not None and offer.en not in ANSWERS_TO_NUDGES | AT_THE_END
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coaches Anna and Bram, each by themselves."""
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna", "bram")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.trajectory("bram-2026", ["noor"], ["bram"])
        yield opened


def reads_dutch(desk: FrontDesk, *names: str) -> None:
    for name in names:
        desk.writer.run(lambda unit: unit.put_person(name, name.capitalize(), "nl", "UTC"))  # noqa: B023


def example(offer: Offer, language: str) -> str:
    """Return what somebody would write: of several words in one line the first."""
    return offer.written(language).partition(", ")[0].replace("…", "well done, {name}")


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_what_help_tells_of_is_no_chat(desk: FrontDesk, offer: Offer, language: str) -> None:
    desk.people("carla", "dirk")
    desk.trajectory("dirk-2026", ["carla"], ["dirk"])
    who = "dirk" if "client" in offer.roles else "carla"
    if offer.en == "START":
        desk.says(who, "STOP")
    group = Place("telegram", "main", FORUM) if offer.en == "TOPICS" else None
    row = desk.says(who, example(offer, language), place=group)
    assert desk.lines("dirk-2026") == []
    with desk.store.reading() as connection:
        ((reason,),) = _REASON.rows(connection, row.id)
    assert reason not in ("open_group", "no_trajectory")


def test_help_tells_everybody_their_own_words_in_their_language(desk: FrontDesk) -> None:
    desk.says("anna", "help")
    assert "PEOPLE (who takes part)" in desk.last("anna").text
    assert "TOPICS" not in desk.last("anna").text
    reads_dutch(desk, "noor")
    desk.says("noor", "hulp")
    assert "ONDERWERPEN (in een eigen groep" in desk.last("noor").text


def test_a_word_that_answers_somebody_is_said_to_them(desk: FrontDesk) -> None:
    desk.says("noor", "anna: Shall we ask somebody?")
    shown = desk.last("anna")
    desk.says("anna", "who", reply_to=shown.external_id)
    assert desk.lines("anna-2026")[-1] == "who"


def test_a_word_by_mail_counts_though_every_mail_is_an_answer(desk: FrontDesk) -> None:
    desk.catalogue = Catalogue(answering=frozenset({"email"}))
    mail = Endpoint("email", "main", "anna@example.org")
    desk.writer.run(lambda unit: unit.put_endpoint(mail, "anna"))
    said = desk.message("anna", "LEES")
    place = Place("email", "main", mail.address)
    desk.act(replace(said, place=place, sender=Sender(mail), reply_to="<1@practice.example>"))
    assert desk.lines("anna-2026") == []
    assert desk.texts(mail.address) == ["There is nothing to read of then."]
