"""What every page shows, asked of the views directly: whose, in which order, in which words."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bridge.core import entries as e
from bridge.core.capabilities import Protection
from bridge.core.content import Choice
from bridge.core.delivery import DeliveryState
from bridge.core.endpoint import Endpoint
from bridge.core.notices import NoticeKey
from bridge.web import views
from bridge.web.shapes import Card, Found, Who
from storage.attention import WINDOW
from storage.engine import Store
from storage.items import ChoiceLine
from storage.scan import Progress
from tests.storage.book import ANNA, NOOR, Book, delivered, text

LOG = "anna-2026"
ANNA_SAYS, NOOR_SAYS = 5, 7
S = DeliveryState


def _card(book: Book, trajectory: str = LOG) -> Card:
    cards = views.inbox(book.store, "noor").trajectories
    return next(card for card in cards if card.id == trajectory)


def _hits(book: Book, query: str) -> list[Found]:
    return [x for x in views.search(book.store, "noor", query) if isinstance(x, Found)]


def test_a_trajectory_at_rest_needs_nothing(named: Book) -> None:
    card = _card(named)
    assert (card.needs, card.unread, card.unanswered) == ((), 0, None)
    assert card.clients == (Who("anna", "Anna"),)
    assert (card.last_author, card.last_text) == (Who("noor", "Noor"), "Well done!")


def test_what_a_client_wrote_is_unanswered_since_the_first_of_it(named: Book) -> None:
    named.say(LOG, "anna", "are you there?", "31")
    first = named.at
    named.say(LOG, "anna", "hello?", "32")
    card = _card(named)
    assert (card.needs, card.unread) == (("unanswered", "unread"), 2)
    assert card.unanswered is not None
    assert first - timedelta(seconds=2) <= card.unanswered <= first
    named.say(LOG, "noor", "yes", "33")
    assert _card(named).needs == ()


def test_another_coach_answers_for_both_but_reads_for_herself(named: Book) -> None:
    named.append(LOG, e.PartyAdded(party="sara", role="coach", name="Sara"))
    named.say(LOG, "anna", "are you there?", "31")
    named.append(
        LOG, e.MessagePosted(author="sara", network="t", to=("anna",), content=text("yes"))
    )
    card = _card(named)
    assert (card.unanswered, card.unread) == (None, 2)


def test_many_deliveries_do_not_hide_what_was_said(named: Book) -> None:
    seq = named.say(LOG, "anna", "are you there?", "31")
    for _ in range(WINDOW + 1):
        named.append(LOG, delivered(seq, "noor", state=S.QUEUED))
    card = _card(named)
    assert card.needs == ("unanswered", "unread")
    assert card.last_text == "are you there?"


def test_reading_moves_the_mark(named: Book) -> None:
    seq = named.say(LOG, "anna", "are you there?", "31")
    named.append(LOG, delivered(NOOR_SAYS, "anna", state=S.FAILED))
    assert _card(named).needs == ("failed", "unanswered", "unread")
    named.run(
        "INSERT INTO read_marks (person, trajectory, seq) VALUES ('noor', :log, :seq)",
        log=LOG,
        seq=seq + 2,
    )
    assert _card(named).needs == ("unanswered",)


def test_open_deliveries_and_held_payloads_are_counted(named: Book) -> None:
    for state in (S.UNCERTAIN, S.ACCEPTED, S.QUEUED):
        seq = named.append(LOG, e.MessagePosted(author="noor", network="t", to=("anna",)))
        named.sending(LOG, seq, "anna", ANNA, state)
    named.payload("held", "held", hold=f"consent:{LOG}:anna")
    named.payload("other", "held", hold="ask:3")
    named.payload("bad", "parked")
    card = _card(named)
    assert (card.uncertain, card.waiting, card.needs) == (1, 2, ("uncertain", "waiting"))
    assert views.inbox(named.store, "noor").parked == 1


def test_the_last_words_are_as_they_are_now(named: Book) -> None:
    named.append(
        LOG, e.MessageEdited(author="noor", target=NOOR_SAYS, to=("anna",), content=text("Great!"))
    )
    assert _card(named).last_text == "Great!"
    named.append(LOG, e.MessageDeleted(author="noor", target=NOOR_SAYS, to=("anna",)))
    assert _card(named).last_text is None


def test_what_needs_more_comes_first_and_what_is_closed_last(named: Book) -> None:
    for name in ("b-quiet", "c-failed", "d-open", "a-closed"):
        named.begin(name)
    named.say("d-open", "anna", "hello", "41")
    named.append("c-failed", delivered(4, "anna", state=S.EXPIRED))
    named.append("a-closed", e.TrajectoryClosed())
    order = [card.id for card in views.inbox(named.store, "noor").trajectories]
    assert order == ["c-failed", "d-open", "b-quiet", LOG, "a-closed"]


def test_a_notice_is_in_the_language_of_its_reader(named: Book) -> None:
    params = {"name": "Anna", "coach": "Noor", "reason": "blocked"}
    options = (Choice("yes", NoticeKey.CONSENT_YES.value), Choice("x", "X"))
    named.append(
        LOG,
        e.NoticeGiven(party="noor", notice=NoticeKey.NOT_DELIVERED, params=params),
        e.NoticeGiven(
            party="anna", notice=NoticeKey.CONSENT_QUESTION, params=params, options=options
        ),
    )
    told, asked = views.trajectory(named.store, "noor", LOG).page.items[-2:]
    assert told.text is not None
    assert told.text.startswith("Niet bezorgd bij Anna")
    assert asked.choices == (ChoiceLine("yes", "Ja, akkoord"), ChoiceLine("x", "X"))
    named.run("UPDATE people SET language = 'en' WHERE id = 'noor'")
    english = views.trajectory(named.store, "noor", LOG).page.items[-1]
    assert english.text is not None
    assert english.text.startswith("Noor would like to coach you")


def test_a_notice_whose_parameters_were_erased_has_no_text(named: Book) -> None:
    named.append(
        LOG, e.NoticeGiven(party="anna", notice=NoticeKey.OPTED_OUT_COACH, params={"name": "Anna"})
    )
    named.run("UPDATE data_keys SET wrapped = NULL, destroyed_at = 1 WHERE owner = 'anna'")
    assert views.trajectory(named.store, "noor", LOG).page.items[-1].text is None


def test_people_have_endpoints_with_protection_and_masked_addresses(named: Book) -> None:
    named.link("anna", Endpoint("sms", "main", "+31612345678"), rank=-1, opted_out="stop")
    shown = views.people(named.store, "noor", LOG, {"telegram": Protection.TO_VENDOR})
    noor, anna = shown.people
    assert noor.endpoints[0].address == NOOR.address
    assert [(x.network, x.address, x.protection, x.opted_out) for x in anna.endpoints] == [
        ("sms", "…678", "", "stop"),
        ("telegram", "…", "to_vendor", ""),
    ]
    assert (anna.consent, anna.time_zone) == ("given", "Europe/Lisbon")


@pytest.mark.parametrize("query", ["ten pages", "TÉN", "pages read", "  ten  "])
def test_words_are_found_whatever_their_case_accents_and_order(named: Book, query: str) -> None:
    (hit,) = _hits(named, query)
    assert (hit.trajectory, hit.seq, hit.author) == (LOG, ANNA_SAYS, Who("anna", "Anna"))
    assert hit.snippet == "I read ten pages"


@pytest.mark.parametrize("query", ["", " ", "ten horses", "eleven"])
def test_what_is_not_there_is_not_found(named: Book, query: str) -> None:
    assert _hits(named, query) == []


def test_only_the_words_of_now_are_found(named: Book) -> None:
    named.append(
        LOG,
        e.MessageEdited(author="anna", target=ANNA_SAYS, to=("noor",), content=text("eleven")),
        e.MessageDeleted(author="noor", target=NOOR_SAYS, to=("anna",)),
    )
    assert [hit.seq for hit in _hits(named, "eleven")] == [ANNA_SAYS]
    assert _hits(named, "ten pages") == _hits(named, "well done") == []


def test_a_search_shows_progress_and_only_her_own_conversations(named: Book) -> None:
    named.append("secret", e.TrajectoryOpened(), e.PartyAdded(party="sara", role="coach"))
    said = e.MessagePosted(author="sara", network="t", to=(), content=text("ten pages"))
    named.append("secret", said)
    named.append(LOG, *[said] * 1200)
    steps = list(views.search(named.store, "noor", "pages"))
    progress = [step.done for step in steps if isinstance(step, Progress)]
    assert progress == sorted(progress)
    assert len(progress) > 2
    assert steps[-1] == Progress(1202, 1202)
    assert {hit.trajectory for hit in steps if isinstance(hit, Found)} == {LOG}


def test_a_long_line_is_shown_around_what_was_found(named: Book) -> None:
    named.say(LOG, "anna", f"{'before ' * 40}needle{' after' * 40}", "51")
    (hit,) = _hits(named, "needle")
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert "needle" in hit.snippet
    assert len(hit.snippet) < 150


def test_activity_counts_by_week_in_the_readers_zone(named: Book) -> None:
    named.append(
        LOG,
        e.MessagePosted(author="anna", network="sms", to=("noor",)),
        minutes=60 * 24 * 15,
    )
    found = views.activity(named.store, "noor", LOG)
    assert found.weeks == ("2026-03-02", "2026-03-09", "2026-03-16")
    assert [(x.network, x.author.name, x.role, x.counts) for x in found.lines] == [
        ("sms", "Anna", "client", (0, 0, 1)),
        ("telegram", "Anna", "client", (1, 0, 0)),
        ("telegram", "Noor", "coach", (1, 0, 0)),
    ]
    assert found.total == 3


def test_a_log_without_messages_has_no_weeks(named: Book) -> None:
    named.begin("new")
    found = views.activity(named.store, "noor", "new")
    assert (found.weeks, found.lines, found.total) == ((), (), 0)


VIEWS: list[Callable[[Store, str, str], object]] = [
    views.trajectory,
    views.people,
    views.activity,
    views.require,
]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("person", ["anna", "bram", "sara", "nobody", "left", ""])
def test_a_page_is_not_there_for_anybody_but_its_coach(
    named: Book, view: Callable[[Store, str, str], object], person: str
) -> None:
    named.append(
        LOG,
        e.PartyAdded(party="sara", role="observer"),
        e.PartyAdded(party="left", role="coach"),
        e.PartyRemoved(party="left"),
    )
    with pytest.raises(views.NotThereError):
        view(named.store, person, LOG)
    with pytest.raises(views.NotThereError):
        view(named.store, "noor", "nothing-2026")
    assert views.inbox(named.store, person).trajectories == ()
    assert view(named.store, "noor", LOG)
