"""An aside shows to its two people and nobody else: in no chat, page, search, export or quote."""

from __future__ import annotations

import asyncio
import io
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Text
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import DeleteIn, MessageIn, ReactionIn, Sender
from bridge.runtime.texts import Catalogue
from bridge.web import views
from bridge.web.export import Exporter
from storage import queries, scan, timeline, webview
from storage.audit import audit
from storage.blobs import Blobs
from tests.runtime.desk_kit import FrontDesk, at, front_desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG = "group"
SECRET = "I find Bram hard"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Two coaches, two clients."""
    with front_desk(tmp_path) as opened:
        opened.people("noor", "olga", "anna", "bram")
        opened.trajectory(LOG, ["noor", "olga"], ["anna", "bram"])
        yield opened


def everything(desk: FrontDesk, *chats: str) -> str:
    """Return all that shows in some chats."""
    return " ".join(text for chat in chats for text in desk.texts(chat))


def test_an_aside_shows_to_one_coach_and_is_marked(desk: FrontDesk) -> None:
    desk.says("anna", "Hello all")
    desk.says("anna", f"Aside Noor: {SECRET}")
    assert desk.last("noor").text == SECRET
    assert SECRET not in everything(desk, "olga", "bram")
    rows = [row.party for row in queries.outbox(desk.store) if row.seq == aside_of(desk)]
    assert rows in ([], ["noor"])


def aside_of(desk: FrontDesk) -> int:
    """Return the seq of the aside."""
    kinds = [one.kind for one in desk.log(LOG)]
    return kinds.index("aside_posted") + 1


def test_it_is_headed_in_the_readers_language(desk: FrontDesk) -> None:
    desk.writer.run(lambda unit: unit.put_person("noor", "Noor", "nl", "Europe/Amsterdam"))
    act = desk.message("anna", f"apart noor: {SECRET}")
    desk.act(act)
    rows = [row.id for row in queries.outbox(desk.store)]
    (claimed,) = desk.writer.run(lambda unit: unit.claim(rows, "x", unit.now))
    assert getattr(claimed.effect, "header", "") == "Anna, alleen aan jou"


def test_its_answer_edit_reaction_and_withdrawal_stay_between_the_two(desk: FrontDesk) -> None:
    said = desk.message("anna", f"aside noor: {SECRET}")
    desk.act(said)
    shown = desk.last("noor")
    desk.says("noor", "Why is that?", reply_to=shown.external_id)
    desk.act(desk.edit(said, "aside noor: I find Bram quite hard"))
    noor = Sender(at("noor"))
    desk.act(ReactionIn(shown.place, noor, shown.external_id, ("🤔",), desk.now))
    desk.act(DeleteIn(said.place, said.sender, said.external_id, desk.now))
    desk.deliver()
    assert "Why is that?" in everything(desk, "anna")
    assert everything(desk, "olga", "bram") == ""
    assert not {row.party for row in queries.outbox(desk.store)} & {"olga", "bram"}


@pytest.mark.parametrize(
    "text",
    ["aside: to whom of the two?", "aside bram: a client", "Aside Nor: a typo", "apart noor:  "],
)
def test_what_is_not_clear_goes_to_nobody_and_is_told(desk: FrontDesk, text: str) -> None:
    desk.says("anna", text)
    assert everything(desk, "noor", "olga", "bram") == ""
    assert "Noor / Olga" in desk.last("anna").text
    assert desk.lines(LOG) == []


def test_an_edit_cannot_turn_what_all_have_read_into_an_aside(desk: FrontDesk) -> None:
    said = desk.message("anna", "Hello all")
    desk.act(said)
    desk.deliver()
    desk.act(desk.edit(said, f"aside noor: {SECRET}"))
    assert SECRET not in everything(desk, "noor", "olga", "bram")
    assert "cannot become an aside" in desk.last("anna").text


def test_the_console_is_no_way_round(desk: FrontDesk) -> None:
    """What a coach types on her page is read like what comes from a messenger."""
    place, sender = Place("console", "main", LOG), Sender(Endpoint("console", "main", "noor"))
    said = MessageIn(place, sender, "k", Text((f"aside anna: {SECRET}",)), desk.now)
    desk.do(LOG, c.Receive("noor", said))
    assert everything(desk, "anna") == SECRET
    assert everything(desk, "olga", "bram") == ""


def test_no_page_shows_it_to_anybody_else(desk: FrontDesk) -> None:
    said = desk.message("anna", f"aside noor: {SECRET}")
    desk.act(said)
    desk.deliver()
    desk.act(desk.edit(said, f"aside noor: {SECRET} indeed"))
    desk.deliver()
    seen = {
        person: repr(timeline.page(desk.store, LOG, None, coach=person))
        for person in ("noor", "olga", "")
    }
    assert SECRET in seen["noor"]
    assert SECRET not in seen["olga"] + seen[""]
    for person in ("anna", "noor", "bram", "olga"):
        chat = ("telegram", "main", person)
        shown = repr(webview.newest(desk.store, LOG, person, chat))
        shown += repr(timeline.page(desk.store, LOG, person))
        assert (SECRET in shown) == (person in ("anna", "noor")), person
    found = list(scan.search(desk.store, [LOG], "bram hard"))
    assert not any(isinstance(one, scan.Hit) for one in found)
    told = {person: views.inbox(desk.store, person).trajectories[0] for person in ("noor", "olga")}
    assert SECRET in (told["noor"].last_text or "")
    assert SECRET not in (told["olga"].last_text or "")
    assert (told["noor"].unread, told["olga"].unread) == (1, 0)


def test_an_export_for_the_other_coach_leaves_its_words_out(desk: FrontDesk) -> None:
    desk.says("anna", f"aside noor: {SECRET}")
    desk.deliver()
    exporter = Exporter(desk.store, Blobs(desk.store), Catalogue())

    async def whole(coach: str | None) -> str:
        made = exporter.export(
            LOG, language="en", zone=ZoneInfo("UTC"), now=datetime.now(UTC), coach=coach
        )
        packed = zipfile.ZipFile(io.BytesIO(b"".join([part async for part in made])))
        return " ".join(packed.read(name).decode() for name in packed.namelist())

    assert SECRET not in asyncio.run(whole("olga"))
    assert SECRET in asyncio.run(whole("noor"))
    assert SECRET in asyncio.run(whole(None))


def test_who_leaves_or_comes_later_sees_nothing_of_it_and_the_audit_agrees(desk: FrontDesk) -> None:
    desk.says("anna", f"aside noor: {SECRET}")
    shown = desk.last("noor")
    desk.do(LOG, c.RemoveParty("anna"))
    desk.says("noor", "Are you there?", reply_to=shown.external_id)
    assert "does not take part any more" in desk.last("noor").text
    assert everything(desk, "olga", "bram") == ""
    desk.people("cleo")
    desk.do(LOG, c.AddParty("cleo", "coach", "Cleo"))
    assert SECRET not in repr(timeline.page(desk.store, LOG, None, coach="cleo"))
    desk.deliver()
    found = [one for check in audit(desk.store).checks for one in check.findings]
    assert found == []


def test_the_audit_finds_an_aside_that_went_to_others(desk: FrontDesk) -> None:
    """A planted fault: somebody's reaction to an aside is addressed to everybody."""
    desk.says("anna", f"aside noor: {SECRET}")
    seq = aside_of(desk)
    wrong = e.ReactionSet(author="noor", target=seq, to=("anna", "bram"), network="telegram")
    desk.writer.run(lambda unit: unit.append(LOG, (wrong,)))
    found = [one for check in audit(desk.store).checks for one in check.findings]
    assert any("tells others of an aside" in one.what for one in found)


def test_read_shows_an_aside_to_its_two_people_only(desk: FrontDesk) -> None:
    desk.says("bram", "Hello all")
    desk.says("anna", f"aside noor: {SECRET}")
    desk.deliver()
    for person in ("noor", "olga", "bram", "anna"):
        desk.says(person, "READ")
    assert f"Anna (aside): {SECRET}" in desk.last("noor").text
    assert SECRET in desk.last("anna").text
    assert SECRET not in desk.last("olga").text + desk.last("bram").text


def test_help_tells_of_asides_in_a_group_only(desk: FrontDesk) -> None:
    desk.people("cleo")
    desk.trajectory("alone", ["noor"], ["cleo"])
    desk.says("bram", "HELP")
    desk.says("cleo", "HELP")
    assert "aside: …" in desk.last("bram").text
    assert "aside: …" not in desk.last("cleo").text
