"""undo and resend: what was said too soon, and what did not arrive."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.delivery import DeliveryState
from bridge.core.effects import DeleteMessage
from bridge.core.errors import Rejected
from bridge.runtime.preparing import Item
from bridge.runtime.texts import Catalogue
from storage import queries
from storage.audit import audit
from storage.engine import open_store
from storage.keys import MasterKey
from tests.runtime.desk_kit import FrontDesk, at, front_desk
from tests.runtime.test_handover import Town


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coaches Anna; what she writes waits ten seconds."""
    with front_desk(tmp_path) as opened:
        opened.catalogue = Catalogue(send_delay=timedelta(seconds=10))
        opened.people("noor", "anna")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        yield opened


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    """Noor coaches Anna, on either store."""
    store = open_store(database_url, MasterKey(os.urandom(32)))
    opened = Town(store)
    opened.lives("noor", "telegram")
    opened.lives("anna", "telegram", "sms")
    opened.trajectory("anna-2026", ["noor"], ["anna"])
    yield opened
    opened.writer.close()
    store.close()


def send_due(desk: FrontDesk) -> None:
    """Let the network take what may go now."""
    for row in queries.outbox(desk.store):
        if row.state == "queued" and (row.not_before is None or row.not_before <= desk.now):
            desk.writer.run(lambda unit: desk._send([row.id], unit))  # noqa: B023


def shown(desk: FrontDesk, chat: str) -> list[str]:
    return [told.text for told in desk._told if told.place.chat == chat]


def test_what_is_undone_in_time_is_seen_by_nobody(desk: FrontDesk) -> None:
    desk.says("noor", "Oops, not this")
    send_due(desk)
    assert shown(desk, "anna") == []
    desk.says("noor", "UNDO")
    desk.now += timedelta(seconds=30)
    send_due(desk)
    assert shown(desk, "anna") == []
    assert shown(desk, "noor") == ["Taken back before anybody saw it: “Oops, not this”"]
    kinds = [one.kind for one in desk.log("anna-2026")]
    assert "message_deleted" in kinds
    told = [one for one in desk.log("anna-2026") if isinstance(one, e.DeliveryChanged)]
    assert (told[0].state, told[0].reason) == (DeliveryState.SUPPRESSED, "undone")
    assert audit(desk.store).holds


def test_without_an_undo_it_goes_when_its_time_has_come(desk: FrontDesk) -> None:
    desk.says("noor", "one")
    desk.says("anna", "from Anna, at once")
    send_due(desk)
    assert (shown(desk, "anna"), shown(desk, "noor")) == ([], ["from Anna, at once"])
    desk.now += timedelta(seconds=10)
    send_due(desk)
    assert shown(desk, "anna") == ["one"]
    assert audit(desk.store).holds


def test_what_went_out_is_taken_away_there(town: Town) -> None:
    town.writes("noor", "telegram", "one")
    town.run()
    town.writes("noor", "telegram", "ongedaan")
    items = [town.begin(row.id) for row in town.waiting_rows()]
    (delete,) = [i for i in items if isinstance(i, Item) and isinstance(i.effect, DeleteMessage)]
    assert delete.delivery.targets != ()
    for item in items:
        town.finish(item or delete)
    town.writes("noor", "telegram", "undo")
    town.run()
    assert town.on("telegram", "noor")[-1] == "There is nothing of yours to take back."


def test_an_answer_says_which_message_is_undone(desk: FrontDesk) -> None:
    first = desk.message("noor", "first")
    desk.act(first)
    desk.says("noor", "second")
    desk.says("noor", "undo", reply_to=first.external_id)
    desk.now += timedelta(seconds=30)
    send_due(desk)
    assert shown(desk, "anna") == ["second"]


def test_old_words_are_undone_only_when_they_are_pointed_at(desk: FrontDesk) -> None:
    first = desk.message("noor", "first")
    desk.act(first)
    desk.now += timedelta(hours=2)
    desk.says("noor", "undo")
    assert desk.last("noor").text == "There is nothing of yours to take back."
    desk.says("noor", "undo", reply_to=first.external_id)
    assert desk.last("noor").text.startswith("Taken back: “first”")


def test_the_word_is_a_coachs(desk: FrontDesk) -> None:
    desk.says("anna", "undo")
    desk.says("anna", "resend")
    assert desk.lines("anna-2026") == ["undo", "resend"]


def test_what_failed_goes_again_to_those_it_did_not_reach(desk: FrontDesk) -> None:
    desk.people("bram")
    desk.do("anna-2026", c.AddParty("bram", "client", "Bram"), c.RecordConsent("bram"))
    desk.refusing["anna"] = Rejected("too_long", "")
    desk.says("noor", "Hello both")
    desk.now += timedelta(seconds=30)
    send_due(desk)
    desk.refusing.clear()
    desk.says("noor", "resend")
    assert desk.texts("anna") == ["Hello both"]
    assert desk.texts("bram") == ["Hello both"]
    assert desk.last("noor").text == "Sent again to Anna: “Hello both”"
    told = [one for one in desk.log("anna-2026") if isinstance(one, e.DeliveryChanged)]
    to_anna = [(one.author, one.state.value) for one in told if one.party == "anna"]
    assert to_anna == [("bridge", "failed"), ("noor", "queued"), ("bridge", "sent")]
    desk.says("noor", "resend")
    assert desk.last("noor").text == "Nothing of yours is waiting to be sent again."
    found = audit(desk.store)
    assert found.holds, found


def test_who_could_not_be_reached_at_all_gets_it_once_there_is_a_way(desk: FrontDesk) -> None:
    desk.person("bram")
    desk.trajectory("bram-2026", ["noor"], ["bram"])
    desk.says("noor", "bram: hello")
    desk.writer.run(lambda unit: unit.put_endpoint(at("bram"), "bram"))
    desk.says("noor", "opnieuw")
    assert desk.texts("bram") == ["hello"]
    assert audit(desk.store).holds


def test_an_uncertain_one_is_marked_as_perhaps_twice(town: Town) -> None:
    town.writes("noor", "telegram", "Are you there?")
    (row,) = town.waiting_rows()
    item = town.begin(row.id)
    assert item is not None
    town.writer.run(lambda unit: unit.uncertain(row.id, "no_answer"))
    town.do("anna-2026", c.Report(row.seq, "anna", DeliveryState.UNCERTAIN, reason="no_answer"))
    town.writes("noor", "telegram", "resend")
    town.finish(item)  # the answer to the first one comes late, and changes nothing any more
    town.run()
    told = [one for one in town.log("anna-2026") if isinstance(one, e.DeliveryChanged)]
    assert [one.state.value for one in told if one.party == "anna"] == [
        "uncertain", "queued", "sent",
    ]  # fmt: skip
    assert told[-1].twice
    found = audit(town.store)
    assert found.holds, found
