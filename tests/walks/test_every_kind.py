"""Two people say to each other everything Telegram can carry, on every store, in both modes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.walks.bridge import lines
from tests.walks.fixtures import on
from tests.walks.scene import ANNA, NOOR, Scene, couple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram import Message, Person

pytestmark = [pytest.mark.slow]

FILES = {
    "photo": (b"\xff\xd8\xff\xe0 a photo", "p.jpg"),
    "document": (b"%PDF-1.7 a plan", "plan.pdf"),
    "voice": (b"OggS a voice", "v.ogg"),
    "video": (b"\x00\x00\x00\x18ftypmp42 a film", "f.mp4"),
    "audio": (b"ID3 a song", "s.mp3"),
    "animation": (b"\x00\x00\x00\x18ftypisom a gif", "g.mp4"),
}


async def _begin(scene: Scene) -> tuple[Person, Person]:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    await scene.begin(*couple())
    return noor, anna


def _marks(message: Message) -> list[tuple[str, int, int]]:
    found: list[Json] = message.content.get("entities", [])
    own = [e for e in found if e["type"] in {"bold", "italic", "text_link", "code"}]
    return [(e["type"], e["offset"], e["length"]) for e in own]


def _file_id(message: Message, kind: str) -> str:
    field = message.content[kind]
    return str((field[-1] if isinstance(field, list) else field)["file_id"])


def _bytes(scene: Scene, message: Message, kind: str) -> bytes:
    stored = scene.emu.service.files.by_id(_file_id(message, kind))
    assert stored is not None
    return stored.data


async def _text(scene: Scene, author: Person, reader: Person) -> None:
    text = scene.words("anna-2026", "héél 👩‍💻 vet")
    entities: list[Json] = [
        {"type": "bold", "offset": 0, "length": 4},
        {"type": "text_link", "offset": 11, "length": 3, "url": "https://example.org/x"},
    ]
    await author.send(text, entities=entities)
    shown = await scene.sees(reader, text)
    assert shown.text == text
    assert _marks(shown) == [("bold", 0, 4), ("text_link", 11, 3)]


async def _files(scene: Scene, author: Person, reader: Person) -> None:
    for kind, (data, name) in FILES.items():
        caption = scene.words("anna-2026", kind)
        await author.send_file(kind, data + str(author.id).encode(), caption=caption, name=name)
        shown = await scene.sees(reader, caption)
        assert shown.kind == kind
        assert _bytes(scene, shown, kind) == data + str(author.id).encode()
        if kind == "document":
            assert shown.content[kind]["file_name"] == name


async def _without_words(scene: Scene, author: Person, reader: Person) -> None:
    """A sticker, a round video, a place, a venue and a contact card."""

    async def shows(kind: str, send: Callable[[], Awaitable[Message]]) -> Message:
        before = max((m.message_id for m in reader.chat.shown()), default=0)
        await send()
        return await scene.sees(reader, lambda m: m.kind == kind, after=before)

    sticker = await shows("sticker", lambda: author.send_sticker("🎉"))
    assert sticker.content["sticker"]["file_id"]
    await shows("video_note", lambda: author.send_video_note(b"round"))
    point = await shows("location", lambda: author.send_location(52.37, 4.89))
    assert point.content["location"]["latitude"] == pytest.approx(52.37)
    venue = await shows("venue", lambda: author.send_venue(52.1, 5.1, "Praktijk", "Dam 1"))
    assert venue.content["venue"]["title"] == "Praktijk"
    card = await shows("contact", lambda: author.send_contact("+31612345678", "Els"))
    assert card.content["contact"]["phone_number"] == "+31612345678"


async def _album(scene: Scene, author: Person, reader: Person) -> None:
    captions = [scene.words("anna-2026", "album"), scene.words("anna-2026", "album")]
    await author.send_album([("photo", b"one", captions[0]), ("video", b"two", captions[1])])
    first = await scene.sees(reader, captions[0])
    second = await scene.sees(reader, captions[1])
    assert (first.kind, second.kind) == ("photo", "video")
    assert first.message_id < second.message_id


async def _answers(scene: Scene, author: Person, reader: Person) -> None:
    """An answer to the other's words, and one to one's own, point at the right message."""
    theirs = scene.words("anna-2026", "question")
    original = await reader.send(theirs)
    copy = await scene.sees(author, theirs)
    answer = scene.words("anna-2026", "answer")
    mine = await author.send(answer, reply_to=copy.message_id)
    shown = await scene.sees(reader, answer)
    assert shown.reply_to == original.message_id
    more = scene.words("anna-2026", "and one more thing")
    await author.send(more, reply_to=mine.message_id)
    again = await scene.sees(reader, more)
    assert again.reply_to == shown.message_id


async def _edits(scene: Scene, author: Person, reader: Person) -> None:
    sent = await author.send(scene.words("anna-2026", "first"))
    copy = await scene.sees(reader, sent.text)
    better = scene.words("anna-2026", "better")
    await author.edit(sent.message_id, better)
    await scene.until(lambda: copy.text == better, what=f"still {copy.text}")
    caption = scene.words("anna-2026", "a caption")
    photo = await author.send_photo(b"to be named", caption=caption)
    copy = await scene.sees(reader, caption)
    better = scene.words("anna-2026", "a better caption")
    await author.edit(photo.message_id, better)
    await scene.until(lambda: copy.text == better, what=f"still {copy.text}")


async def _reactions(scene: Scene, author: Person, reader: Person) -> None:
    """A reaction shows on the original; one Telegram has no sign for is told in words."""
    sent = await author.send(scene.words("anna-2026", "react"))
    copy = await scene.sees(reader, sent.text)
    await reader.react(copy.message_id, "👍")
    await scene.until(lambda: ["👍"] in sent.reactions.values(), what=str(sent.reactions))
    await reader.react(copy.message_id)
    await scene.until(lambda: ["👍"] not in sent.reactions.values(), what=str(sent.reactions))


@on()
async def test_everything_goes_both_ways(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    steps = (_text, _files, _without_words, _album, _answers, _edits, _reactions)
    for step in steps:
        await step(scene, anna, noor)
        await step(scene, noor, anna)
    logs, verdict = await scene.close()
    log = logs["anna-2026"]
    assert verdict.pardoned == []
    posted = lines(log)
    assert {line["author"] for line in posted} == {"noor", "anna"}
    assert {line["role"] for line in posted} == {"coach", "client"}
    for line in posted:
        assert line["network"] == "telegram"
        assert line["external_ids"]
        (delivery,) = line["deliveries"]
        assert delivery["state"] == "sent"
        assert delivery["external_ids"]
        assert delivery["party"] != line["author"]
    assert sum(line["reply_to"] is not None for line in posted) == 4
    assert [line["seq"] for line in log] == list(range(1, len(log) + 1))
    assert len(lines(log, "message_edited")) == 4
    assert len(lines(log, "reaction_set")) == 4


@on(("sqlite", "polling"))
async def test_kinds_we_do_not_know_do_not_stop_the_next(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    text = scene.words("anna-2026")
    for raw in (
        {"poll": {"id": "1"}},
        {"business_message": {"text": "x"}},
        {"something_of_2031": {"a": [1]}},
        {},
    ):
        scene.emu.inject(raw)
    scene.emu.inject({"message": {"message_id": 9_999, "date": 1, "chat": {"id": ANNA}, "dice": 1}})
    await anna.send(text)
    await scene.sees(noor, text)
    await scene.close()


@on(("sqlite", "polling"))
async def test_a_bridge_that_was_stopped_goes_on_where_it_was(scene: Scene) -> None:
    """Here with the installed program, started as anybody would."""
    scene.bridge.options.installed = True
    noor, anna = await _begin(scene)
    before, meanwhile = scene.words("anna-2026"), scene.words("anna-2026")
    await anna.send(before)
    await scene.sees(noor, before)
    assert await scene.bridge.stop() == 0
    await anna.send(meanwhile)
    await scene.bridge.start()
    await scene.sees(noor, meanwhile)
    logs, verdict = await scene.close()
    assert verdict.pardoned == []
    assert [line["kind"] for line in logs["anna-2026"]].count("trajectory_opened") == 1


@on(("sqlite", "polling"))
async def test_applying_again_changes_nothing(scene: Scene) -> None:
    await _begin(scene)
    before = await scene.bridge.log("anna-2026")
    out = await scene.bridge.apply((scene.bridge.folder / "practice.toml").read_text())
    assert "nothing changed" in out
    assert await scene.bridge.log("anna-2026") == before
