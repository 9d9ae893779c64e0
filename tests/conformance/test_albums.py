"""Networks that show albums: one request for several files, and nothing of any of them lost."""

import msgspec
import pytest

from bridge.core.adapter import Albums, Delivery, Joined
from bridge.core.content import Attachment, Body, Media, MediaKind
from bridge.core.effects import SendMessage
from tests.conformance.contents import FORMATTED, LONG, sending, to
from tests.conformance.kit import Kit
from tests.conformance.networks import NETWORKS

PHOTO, VIDEO, FILE, SOUND = MediaKind.PHOTO, MediaKind.VIDEO, MediaKind.FILE, MediaKind.AUDIO
WITH_ALBUMS = [kit for kit in NETWORKS if isinstance(kit.build("http://127.0.0.1:9"), Albums)]
pytestmark = pytest.mark.parametrize("kit", WITH_ALBUMS, ids=str, indirect=True)
MIMES = {PHOTO: "image/jpeg", VIDEO: "video/mp4", FILE: "application/pdf", SOUND: "audio/mpeg"} | {
    MediaKind.STICKER: "image/webp"
}


@pytest.fixture
def shows_albums(kit: Kit) -> Albums:
    """An adapter of a network with albums, never connected."""
    built = kit.build("http://127.0.0.1:9")
    assert isinstance(built, Albums)
    return built


def _picture(
    kit: Kit,
    number: int,
    kind: MediaKind = PHOTO,
    *,
    caption: Body = (),
    size: int = 1000,
    header: str = "",
    reply_to: str = "",
    thread: str = "",
) -> Delivery:
    file = Attachment(id=f"file{number}", mime=MIMES[kind], size=size)
    content = Media(kind, file, caption, album="a")
    return Delivery(sending(content, to(kit.name, thread=thread), header), reply_to)


def _joined(adapter: Albums, deliveries: list[Delivery]) -> Joined:
    joined, again = adapter.together(deliveries), adapter.together(deliveries)
    assert joined is not None
    assert msgspec.json.encode(joined) == msgspec.json.encode(again)
    return joined


@pytest.mark.parametrize("count", [2, 3, 10, 11, 25])
def test_as_many_as_fit_go_in_one_request(kit: Kit, shows_albums: Albums, count: int) -> None:
    joined = _joined(shows_albums, [_picture(kit, n) for n in range(count)])
    taken = min(count, 10)
    assert [upload.attachment for upload in joined.request.uploads] == [
        f"file{n}" for n in range(taken)
    ]
    assert len({upload.field for upload in joined.request.uploads}) == taken
    assert joined.losses == ((),) * taken
    assert joined.request.shows


def test_one_file_is_no_album(kit: Kit, shows_albums: Albums) -> None:
    assert shows_albums.together([_picture(kit, 0)]) is None
    assert shows_albums.together([]) is None


@pytest.mark.parametrize(
    ("kinds", "taken"),
    [
        ((PHOTO, VIDEO, PHOTO), 3),
        ((FILE, FILE, PHOTO), 2),
        ((SOUND, SOUND, FILE), 2),
        ((PHOTO, FILE), 0),
        ((SOUND, PHOTO), 0),
        ((MediaKind.STICKER, PHOTO), 0),
    ],
)
def test_only_what_may_be_mixed_is(
    kit: Kit, shows_albums: Albums, kinds: tuple[MediaKind, ...], taken: int
) -> None:
    deliveries = [_picture(kit, n, kind) for n, kind in enumerate(kinds)]
    joined = shows_albums.together(deliveries)
    assert (0 if joined is None else len(joined.losses)) == taken


def test_every_word_is_there_and_the_author_named(kit: Kit, shows_albums: Albums) -> None:
    captions: list[Body] = [("one",), FORMATTED, ()]
    deliveries = [_picture(kit, n, caption=c, header="Ä🚲") for n, c in enumerate(captions)]
    said = msgspec.json.encode(_joined(shows_albums, deliveries).request).decode()
    assert "one" in said
    assert said.count("Ä🚲:") == 2, "with the words, and nowhere else"
    silent = [_picture(kit, n, header="Ä🚲") for n in range(3)]
    said = msgspec.json.encode(_joined(shows_albums, silent).request).decode()
    assert said.count("Ä🚲:") == 1


@pytest.mark.parametrize(
    "other",
    [
        {"caption": LONG},
        {"reply_to": "31"},
        {"thread": "9"},
        {"header": "Somebody else"},
        {"size": 2**40},
        {"size": 0, "kind": FILE},
    ],
)
def test_what_does_not_belong_ends_the_album(
    kit: Kit, shows_albums: Albums, other: dict[str, object]
) -> None:
    odd = _picture(kit, 2, **other)  # type: ignore[arg-type]  # each of them is a parameter
    assert len(_joined(shows_albums, [_picture(kit, 0), _picture(kit, 1), odd]).losses) == 2


def test_an_answer_is_shown_or_its_loss_told(kit: Kit, shows_albums: Albums) -> None:
    shown = [_picture(kit, n, reply_to="31") for n in range(2)]
    assert "31" in msgspec.json.encode(_joined(shows_albums, shown).request).decode()
    lost = []
    for delivery in (_picture(kit, 0), _picture(kit, 1)):
        assert isinstance(delivery.effect, SendMessage)
        answering = msgspec.structs.replace(delivery.effect, reply_to=3)
        lost.append(msgspec.structs.replace(delivery, effect=answering))
    assert all(losses for losses in _joined(shows_albums, lost).losses)
