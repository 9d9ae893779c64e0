"""What a trajectory allows on which network: kept in both directions, asked again at the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.adapter import Sent
from bridge.core.content import Attachment, Media, MediaKind, Text, words
from bridge.core.effects import DeleteMessage, SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import DeleteIn, MessageIn, ReactionIn, Sender
from bridge.core.policy import Policy
from bridge.runtime import claiming, sending
from bridge.runtime.links import Links
from bridge.runtime.preparing import Item
from bridge.runtime.texts import Catalogue
from bridge.runtime.veiling import WITHHELD
from storage import queries
from tests.runtime.desk_kit import GIVE_UP, LEASE, FrontDesk, at, front_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.unit import Unit

LOG = "anna-2026"
SECRET = "I was let go on Friday"
MATRIX_ONLY = c.SetPolicy(Policy(("matrix",)))
NO_WORDS = c.SetPolicy(Policy(content_on_weak_networks=False))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna")
        opened.trajectory(LOG, ["noor"], ["anna"])
        links = Links(b"k" * 32, "https://bridge.example.org")
        opened.catalogue = Catalogue(links, {"telegram": "plain", "matrix": "end_to_end"})
        yield opened


def claimed(desk: FrontDesk) -> list[Item]:
    """Let the network take everything that may go; return what it was given."""
    items: list[Item] = []

    def work(unit: Unit) -> None:
        for item in claiming.claim(unit, ids, "me", LEASE, GIVE_UP, desk.catalogue):
            assert isinstance(item, Item)
            sent = Sent((f"x{item.row.id}",))
            sending.sent(unit, item, sent.external_ids, item.losses, sent, desk.catalogue)
            items.append(item)

    while ids := [row.id for row in queries.outbox(desk.store) if row.state == "queued"]:
        desk.writer.run(work)
    return items


def test_what_comes_from_a_network_that_is_not_allowed_is_no_chat(desk: FrontDesk) -> None:
    desk.do(LOG, MATRIX_ONLY)
    desk.says("anna", SECRET)
    assert desk.lines(LOG) == []
    refused = [one for one in desk.log(LOG) if isinstance(one, e.InboundRefused)]
    assert [(one.author, one.reason) for one in refused] == [("anna", "network_not_allowed")]
    assert "only these messengers may be used: Matrix" in desk.last("anna").text
    assert desk.texts("noor") == []


def test_what_waits_is_not_sent_once_its_network_is_not_allowed_any_more(desk: FrontDesk) -> None:
    desk.says("anna", SECRET)
    desk.do(LOG, MATRIX_ONLY)
    assert desk.texts("noor") == []
    told = [one for one in desk.log(LOG) if isinstance(one, e.DeliveryChanged)]
    assert {(one.party, one.reason) for one in told} >= {("noor", "network_not_allowed")}


def test_an_endpoint_that_is_allowed_is_taken_though_it_comes_later(desk: FrontDesk) -> None:
    matrix = Endpoint("matrix", "main", "@noor:example.org")
    desk.writer.run(lambda unit: unit.put_endpoint(matrix, "noor", rank=1))
    desk.writer.run(
        lambda unit: unit.put_endpoint(Endpoint("matrix", "main", "@anna"), "anna", rank=1)
    )
    desk.do(LOG, MATRIX_ONLY)
    place = Place("matrix", "main", "@anna")
    sender = Sender(Endpoint("matrix", "main", "@anna"))
    desk.act(MessageIn(place, sender, "$1", Text((SECRET,)), desk.now))
    (item,) = claimed(desk)
    assert item.effect.to.endpoint == matrix
    assert desk.lines(LOG) == [SECRET]


def test_the_console_is_always_allowed(desk: FrontDesk) -> None:
    desk.do(LOG, MATRIX_ONLY)
    place = Place("console", "main", LOG)
    sender = Sender(Endpoint("console", "main", "noor"))
    desk.do(LOG, c.Receive("noor", MessageIn(place, sender, "k", Text(("Hi",)), desk.now)))
    assert desk.lines(LOG) == ["Hi"]
    assert desk.texts("anna") == []


def test_a_yes_to_a_question_that_stood_counts_and_stop_always_does(desk: FrontDesk) -> None:
    desk.people("bram")
    desk.trajectory("bram-2026", ["noor"], ["bram"], agreed=False)
    desk.do("bram-2026", c.AskConsent("bram"))
    desk.deliver()
    desk.do("bram-2026", MATRIX_ONLY)
    desk.says("bram", "yes")
    assert any(isinstance(one, e.ConsentGiven) for one in desk.log("bram-2026"))
    desk.says("bram", "STOP")
    assert desk.writer.run(lambda unit: unit.endpoint(at("bram"))).opted_out == "stop"  # type: ignore[union-attr]


def test_who_joins_where_it_is_not_allowed_is_told_where_to_go(desk: FrontDesk) -> None:
    from bridge.runtime import invites

    desk.person("cleo")
    desk.do(LOG, c.AddParty("cleo", "client", "Cleo"), MATRIX_ONLY)
    issued = desk.writer.run(lambda unit: invites.issue(unit, LOG, "cleo"))
    desk.starts("cleo", issued.link_code)
    assert "Matrix" in desk.last("cleo").text
    assert not any(isinstance(one, e.ConsentAsked) for one in desk.log(LOG))


def everything_shown(items: list[Item]) -> str:
    """Return all an adapter could ever show of some rows."""
    return " ".join(repr((one.delivery, one.losses)) for one in items)


def test_no_words_go_over_a_weak_network(desk: FrontDesk) -> None:
    """A message, its edit, a reaction, a file, an answer that quotes: nothing but a link."""
    desk.do(LOG, NO_WORDS)
    said = desk.message("anna", SECRET)
    desk.act(said)
    first = claimed(desk)
    desk.act(desk.edit(said, f"{SECRET}, really"))
    anna = Sender(at("anna"))
    file = Attachment(id="f1", mime="image/png", name=f"{SECRET}.png", size=3)
    photo = MessageIn(
        said.place, anna, "m9", Media(MediaKind.PHOTO, file, (SECRET,)), desk.now, reply_to="m1"
    )
    desk.act(photo)
    shown = first[0].delivery.effect
    assert isinstance(shown, SendMessage)
    answer = desk.message("noor", "Let go, you say?", reply_to=f"x{first[0].row.id}")
    desk.act(answer)
    desk.act(ReactionIn(answer.place, answer.sender, f"x{first[0].row.id}", ("😢",), desk.now))
    items = [*first, *claimed(desk)]
    told = everything_shown(items)
    assert len(items) == 5
    for hidden in ("let go", "Let go", "Friday", ".png", "😢", "Anna", "Noor"):
        assert hidden not in told, hidden
    assert all(one.losses == (WITHHELD,) for one in items)
    texts = [words(one.effect.content) for one in items if isinstance(one.effect, SendMessage)]
    assert all("https://bridge.example.org/messages/" in text for text in texts)
    assert len(texts) == 5


def test_a_withdrawal_over_a_weak_network_tells_no_name(desk: FrontDesk) -> None:
    desk.do(LOG, NO_WORDS)
    said = desk.message("anna", SECRET)
    desk.act(said)
    claimed(desk)
    desk.act(DeleteIn(said.place, said.sender, said.external_id, desk.now))
    (item,) = claimed(desk)
    assert isinstance(item.effect, DeleteMessage)
    assert (item.effect.header, item.delivery.quote) == ("", "")
    assert item.delivery.told == "A message to you was withdrawn."


def test_words_show_where_a_network_is_well_protected(desk: FrontDesk) -> None:
    desk.catalogue = Catalogue(Links(b"k" * 32, "https://x"), {"telegram": "to_vendor"})
    desk.do(LOG, NO_WORDS)
    desk.says("anna", SECRET)
    assert desk.texts("noor") == [SECRET]


def test_a_network_of_which_nothing_is_known_counts_as_weak(desk: FrontDesk) -> None:
    desk.catalogue = Catalogue(Links(b"k" * 32, "https://x"))
    desk.do(LOG, NO_WORDS)
    desk.says("anna", SECRET)
    assert SECRET not in desk.last("noor").text


def test_words_show_on_a_page_of_the_bridges_own(desk: FrontDesk) -> None:
    desk.catalogue = Catalogue(Links(b"k" * 32, "https://x"), own_pages=frozenset({"telegram"}))
    desk.do(LOG, NO_WORDS)
    desk.says("anna", SECRET)
    assert desk.texts("noor") == [SECRET]


def test_the_policy_of_the_moment_of_sending_counts(desk: FrontDesk) -> None:
    desk.says("anna", SECRET)
    desk.do(LOG, NO_WORDS)
    assert SECRET not in desk.last("noor").text


def test_read_keeps_to_what_is_allowed(desk: FrontDesk) -> None:
    desk.says("anna", SECRET)
    desk.deliver()
    desk.do(LOG, NO_WORDS)
    desk.says("noor", "READ")
    assert SECRET not in desk.last("noor").text
    assert "not shown here" in desk.last("noor").text
    desk.do(LOG, MATRIX_ONLY)
    desk.says("noor", "LEES")
    assert "only these messengers may be used: Matrix" in desk.last("noor").text


def test_the_words_of_a_nudge_do_not_go_over_a_weak_network_either(desk: FrontDesk) -> None:
    from bridge.core.effects import Address, Purpose

    desk.do(LOG, NO_WORDS)
    seq = len(desk.log(LOG))
    place = Place("telegram", "main", "anna")

    def planned(unit: Unit) -> None:
        reach = unit.endpoint(at("anna"))
        assert reach is not None
        to = Address("anna", at("anna"), reach.epoch, place)
        nudge = SendMessage(seq=seq, to=to, purpose=Purpose.NUDGE, content=Text((SECRET,)))
        unit.enqueue(LOG, [(nudge, "noor")])

    desk.writer.run(planned)
    assert claimed(desk) == []
