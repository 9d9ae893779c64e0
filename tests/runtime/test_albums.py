"""Which rows of a lane go out together, and how long the first of them waits for the others."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bridge.core import entries as e
from bridge.core.content import Attachment, Media, MediaKind
from bridge.core.inbound import MessageIn
from bridge.runtime import albums, claiming
from bridge.runtime.albums import ALONE, Album
from bridge.runtime.preparing import Item, Waits
from storage import queries
from storage.blobs import Blobs
from tests.runtime.desk_kit import GIVE_UP, LEASE, FrontDesk, front_desk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from storage.unit import Unit

LOG = "anna-2026"
LATER = timedelta(seconds=5)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna")
        opened.trajectory(LOG, ["noor"], ["anna"])
        yield opened


async def _bytes() -> AsyncIterator[bytes]:
    yield b"jpg"


def send(desk: FrontDesk, *albums_of: str) -> list[int]:
    """Anna sends pictures of these albums, and we have their bytes; return their rows."""
    blobs = Blobs(desk.store, lambda: desk.now)
    for album in albums_of:
        said = desk.message("anna", "")
        file = Attachment(ref=said.external_id, mime="image/jpeg", size=3)
        photo = Media(MediaKind.PHOTO, file, album=album)
        desk.act(MessageIn(said.place, said.sender, said.external_id, photo, desk.now))
        seq = len(desk.log(LOG))
        assert isinstance(desk.log(LOG)[-1], e.MessagePosted)
        asyncio.run(blobs.store(f"{LOG}/{seq}/file", _bytes(), 10))
    return queued(desk)


def queued(desk: FrontDesk) -> list[int]:
    """Return the rows that wait."""
    return sorted(row.id for row in queries.outbox(desk.store) if row.state == "queued")


def taken(desk: FrontDesk, row: int, *, hurried: Collection[int] = ()) -> Sequence[int] | None:
    """Claim a row; return what goes out with it, None when it waits for more."""

    def claim(unit: Unit, ids: Sequence[int], *, behind: bool = False) -> list[Item | Waits]:
        return claiming.claim(unit, ids, "me", LEASE, GIVE_UP, desk.catalogue, behind=behind)

    def work(unit: Unit) -> list[Item | Waits | Album]:
        ready, more = claim(unit, (row,)), partial(claim, unit, behind=True)
        return albums.gathered(unit, ready, {"telegram:main"}, hurried, more)

    (one,) = desk.writer.run(work)
    if isinstance(one, Waits):
        assert not one.blob
        return None
    return [item.row.id for item in one.items] if isinstance(one, Album) else [one.row.id]


def put_back(
    desk: FrontDesk, rows: Sequence[int], until: datetime, *, reason: str | None = None
) -> None:
    """Let rows be tried, and wait again."""

    def work(unit: Unit) -> None:
        assert len(unit.claim(rows, "me", unit.now + LEASE, behind=True)) == len(rows)
        for row in rows:
            unit.requeue(row, not_before=until, reason=reason)

    desk.writer.run(work)


def test_the_first_waits_until_none_came_for_a_moment(desk: FrontDesk) -> None:
    rows = send(desk, "a", "a")
    assert taken(desk, rows[0]) is None
    assert queued(desk) == rows, "it holds its lane, and nothing went"
    desk.now += LATER
    assert taken(desk, rows[0]) == rows


def test_who_waited_long_enough_waits_no_more(desk: FrontDesk) -> None:
    rows = send(desk, "a", "a")
    assert taken(desk, rows[0], hurried=rows[:1]) == rows


@pytest.mark.parametrize("came", [10, 11])
def test_a_full_album_waits_for_nobody(desk: FrontDesk, came: int) -> None:
    rows = send(desk, *("a" * came))
    assert taken(desk, rows[0]) == rows[:10]


@pytest.mark.parametrize("other", ["b", ""])
def test_another_album_and_a_picture_alone_stay_behind(desk: FrontDesk, other: str) -> None:
    rows = send(desk, "a", "a", other, "a")
    desk.now += LATER
    assert taken(desk, rows[0]) == rows[:2]


def test_words_between_end_an_album(desk: FrontDesk) -> None:
    send(desk, "a")
    desk.says("anna", "and this one")
    rows = send(desk, "a")
    desk.now += LATER
    assert taken(desk, rows[0]) == rows[:1]


def test_what_has_to_wait_keeps_the_others_waiting_and_then_stays_behind(desk: FrontDesk) -> None:
    rows = send(desk, "a", "a", "a")
    desk.now += LATER
    late = desk.now + timedelta(hours=1)
    put_back(desk, rows[1:2], late)
    assert taken(desk, rows[0]) is None
    assert taken(desk, rows[0], hurried=rows[:1]) == rows[:1], "the third must not overtake it"


def test_what_was_refused_as_an_album_goes_alone(desk: FrontDesk) -> None:
    rows = send(desk, "a", "a", "a")
    desk.now += LATER
    put_back(desk, rows, desk.now, reason=ALONE)
    assert taken(desk, rows[0]) == rows[:1]
