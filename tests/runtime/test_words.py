"""Words for the bridge: each that HELP tells of is carried out, and is said to nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.phone import segments
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import Sender
from bridge.runtime.texts import Catalogue
from bridge.runtime.words import CONCERNS, helping
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


def on_sms(desk: FrontDesk, who: str, address: str) -> Endpoint:
    """Give somebody a telephone for SMS, and answers there the room of three segments."""
    desk.catalogue = Catalogue(rooms={"sms": 450}, protections={"sms": "plain"})
    phone = Endpoint("sms", "main", address)
    desk.writer.run(lambda unit: unit.put_endpoint(phone, who))
    return phone


def texts_by_sms(desk: FrontDesk, who: str, phone: Endpoint, words: str) -> str:
    """Write by SMS; return what came back."""
    place = Place("sms", "main", phone.address)
    desk.act(replace(desk.message(who, words), place=place, sender=Sender(phone)))
    return desk.texts(phone.address)[-1]


@pytest.mark.parametrize("word", ["HULP", "commands"])
def test_help_by_sms_comes_in_pages_of_three_segments(desk: FrontDesk, word: str) -> None:
    phone = on_sms(desk, "noor", "+31611110001")
    if word == "HULP":
        reads_dutch(desk, "noor")
    pages = [texts_by_sms(desk, "noor", phone, word)]
    while f"{word.upper()} {len(pages) + 1}." in pages[-1]:
        pages.append(texts_by_sms(desk, "noor", phone, f"{word} {len(pages) + 1}"))
    assert len(pages) > 2
    assert max(map(segments, pages)) <= 3
    assert pages[0].splitlines()[1].startswith(("VANDAAG", "TODAY"))
    assert ("Beveiliging hier: geen" if word == "HULP" else "Protection here: none") in pages[0]
    told = "\n".join(pages)
    for offer in OFFERS.values():
        if "coach" in offer.roles and (offer.only is None):
            written = offer.written("nl" if word == "HULP" else "en").replace("…", "...")
            assert told.count(f"\n{written}") >= 1, written
    assert texts_by_sms(desk, "noor", phone, f"{word} meer") == pages[1]
    assert texts_by_sms(desk, "noor", phone, f"{word} 99") == pages[-1]
    assert desk.lines("anna-2026") == []


def test_what_a_page_of_help_begins_with_are_words_of_ours() -> None:
    known = {offer.en for concern in CONCERNS for offer in concern.offers}
    assert set(helping.MOST_USED) <= known
