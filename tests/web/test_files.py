"""Links to files: what they open, for whom, for how long, and how the bytes are handed out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from bridge.core import commands as c
from bridge.core.adapter import Sent
from bridge.core.content import Attachment, Media, MediaKind
from bridge.core.delivery import DeliveryState
from bridge.runtime import claiming, sending
from bridge.runtime.links import Links
from bridge.runtime.preparing import Item
from bridge.runtime.texts import Catalogue
from bridge.web.files import file_routes
from storage import queries
from storage.blobs import Blobs
from tests.runtime.desk_kit import GIVE_UP, LEASE, FrontDesk, front_desk

LINKS = Links(b"k" * 32, "https://bridge.example.org")
PICTURE = b"\xff\xd8" + b"picture" * 1000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    with front_desk(tmp_path) as opened:
        opened.people("noor", "anna")
        opened.trajectory("anna-2026", ["noor"], ["anna"])
        opened.catalogue = Catalogue(LINKS)
        yield opened


async def get(desk: FrontDesk, link: str) -> tuple[int, dict[str, str], bytes]:
    """Open a link."""
    app = Starlette(routes=file_routes(LINKS, desk.writer, Blobs(desk.store, lambda: desk.now)))
    told: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(3600)
        raise AssertionError("nothing more is asked")

    async def send(message: Message) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/files/{link}",
        "raw_path": link.encode(),
        "query_string": b"",
        "headers": [],
        "http_version": "1.1",
        "scheme": "http",
        "server": ("bridge", 80),
        "client": ("reader", 1),
        "root_path": "",
    }
    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in told[0]["headers"]}
    return told[0]["status"], headers, b"".join(one.get("body", b"") for one in told[1:])


async def sent_picture(desk: FrontDesk, mime: str = "image/jpeg", name: str = "a.jpg") -> str:
    """Noor sends Anna a picture; return the link in the words for Anna's network."""
    item, link = await picture_on_its_way(desk, mime, name)
    desk.writer.run(
        lambda unit: sending.sent(unit, item, ("b1",), (), Sent(("b1",)), desk.catalogue)
    )
    return link


async def picture_on_its_way(
    desk: FrontDesk, mime: str = "image/jpeg", name: str = "a.jpg"
) -> tuple[Item, str]:
    """The network has been asked to take the picture, and has not answered."""
    message = desk.message("noor", "")
    file = Attachment(ref="file-1", mime=mime, name=name, size=len(PICTURE))
    desk.act(msgspec.structs.replace(message, content=Media(MediaKind.PHOTO, file)))
    blobs = Blobs(desk.store, lambda: desk.now)

    async def chunks() -> AsyncIterator[bytes]:
        yield PICTURE

    (pending,) = await blobs.pending(9)
    await blobs.store(pending.id, chunks(), 10**6)
    ids = [row.id for row in queries.outbox(desk.store) if row.state == "queued"]
    (item,) = desk.writer.run(
        lambda unit: claiming.claim(unit, ids, "network", LEASE, GIVE_UP, desk.catalogue)
    )
    assert isinstance(item, Item)
    words = item.delivery.file_link
    assert words.startswith("Photo (0.1 MB): https://bridge.example.org/files/")
    return item, words.rpartition("/")[2]


async def test_a_link_opens_the_file_for_its_reader(desk: FrontDesk) -> None:
    link = await sent_picture(desk)
    status, headers, body = await get(desk, link)
    assert (status, body) == (200, PICTURE)
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-disposition"] == "inline; filename*=UTF-8''a.jpg"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("sandbox")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (DeliveryState.SENDING, 200),  # some messengers look at a link before they answer us
        (DeliveryState.UNCERTAIN, 200),
        (DeliveryState.SENT, 200),
        (DeliveryState.QUEUED, 404),
        (DeliveryState.SUPPRESSED, 404),
        (DeliveryState.FAILED, 404),
        (DeliveryState.EXPIRED, 404),
    ],
)
async def test_a_link_opens_only_what_may_have_reached_its_reader(
    desk: FrontDesk, state: DeliveryState, status: int
) -> None:
    item, link = await picture_on_its_way(desk)
    if state is DeliveryState.QUEUED:
        desk.writer.run(lambda unit: unit.requeue(item.row.id, not_before=unit.now))
    elif state is DeliveryState.UNCERTAIN:
        desk.writer.run(
            lambda unit: sending.uncertain(unit, item.row, "broke", LEASE, desk.catalogue)
        )
    elif state is not DeliveryState.SENDING:
        desk.writer.run(lambda unit: unit.settle(item.row.id, state))
    assert (await get(desk, link))[0] == status


@pytest.mark.parametrize("mime", ["image/svg+xml", "text/html", "application/xhtml+xml"])
async def test_what_could_run_is_only_saved(desk: FrontDesk, mime: str) -> None:
    link = await sent_picture(desk, mime, 'x"\r\nSet-Cookie: a=b.svg')
    status, headers, _ = await get(desk, link)
    assert status == 200
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment; filename*=UTF-8''x_")
    assert "set-cookie" not in headers


async def test_a_link_dies_with_taking_part(desk: FrontDesk) -> None:
    link = await sent_picture(desk)
    desk.do("anna-2026", c.RemoveParty("anna"))
    assert (await get(desk, link))[0] == 404


async def test_a_link_dies_with_time(desk: FrontDesk) -> None:
    link = await sent_picture(desk)
    desk.now += timedelta(days=31)
    status, headers, body = await get(desk, link)
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert b"nothing here" in body


async def test_made_up_links_open_nothing(desk: FrontDesk) -> None:
    link = await sent_picture(desk)
    number, _, tag = link.partition("-")
    for made_up in (f"{int(number) + 1}-{tag}", f"{number}-{tag[::-1]}", "x", f"{number}-"):
        assert (await get(desk, made_up))[0] == 404
