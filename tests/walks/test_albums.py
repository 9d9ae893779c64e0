"""An album stays an album, and each of its pictures stays a message of its own."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from adapters.emulators.telegram import faults
from adapters.emulators.telegram.files import media_content
from tests.walks.bridge import lines
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, NOOR, Scene, build, couple, two_clients

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from adapters.emulators.telegram import Message, Person, TelegramEmulator
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow]

GROUP = "sendMediaGroup"
SINGLES = ("sendPhoto", "sendVideo", "sendDocument", "sendAudio")
KINDS = ("photo", "video", "photo")
BAD_ALBUM = 'Bad Request: failed to send message #2 with the error message "IMAGE_PROCESS_FAILED"'


async def _begin(scene: Scene) -> tuple[Person, Person]:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    await scene.begin(*couple())
    return noor, anna


async def _send(
    scene: Scene, author: Person, kinds: Sequence[str] = KINDS
) -> tuple[list[Message], list[str]]:
    """Send an album; return the messages of its author and their captions."""
    captions = [scene.words("anna-2026", f"picture {n}") for n in range(len(kinds))]
    items = [(k, f"{k} {c}".encode(), c) for k, c in zip(kinds, captions, strict=True)]
    return await author.send_album(items), captions


async def _shown(scene: Scene, reader: Person, captions: Sequence[str]) -> list[Message]:
    return [await scene.sees(reader, caption) for caption in captions]


def _calls(scene: Scene, *methods: str) -> int:
    return sum(len(scene.emu.journal.calls_of(method)) for method in methods)


def _is_album(shown: Sequence[Message]) -> bool:
    ids = [message.message_id for message in shown]
    groups = {message.media_group_id for message in shown}
    return len(groups) == 1 and None not in groups and ids == sorted(ids)


@on()
async def test_an_album_stays_one_both_ways(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    for author, reader in ((anna, noor), (noor, anna)):
        sent, captions = await _send(scene, author)
        shown = await _shown(scene, reader, captions)
        assert _is_album(shown)
        assert tuple(message.kind for message in shown) == KINDS
        answer = scene.words("anna-2026", "about the second")
        await reader.send(answer, reply_to=shown[1].message_id)
        assert (await scene.sees(author, answer)).reply_to == sent[1].message_id
        await reader.react(shown[2].message_id, "👍")
        await scene.until(partial(_is_liked, sent[2]))
        better = scene.words("anna-2026", "a better first caption")
        await author.edit(sent[0].message_id, better)
        await scene.until(partial(_says, shown[0], better))
        assert [shown[1].text, shown[2].text] == captions[1:]
    assert (_calls(scene, GROUP), _calls(scene, *SINGLES)) == (2, 0)
    logs, verdict = await scene.close()
    assert verdict.pardoned == []
    pictures = [line for line in lines(logs["anna-2026"]) if "picture" in line["text"]]
    assert len(pictures) == 6
    assert len({line["deliveries"][0]["external_ids"][0] for line in pictures}) == 6
    assert all(line["deliveries"][0]["state"] == "sent" for line in pictures)
    assert not any(line["deliveries"][0].get("losses") for line in pictures)


@on(ACROSS[0])
async def test_what_cannot_be_mixed_becomes_albums_of_one_kind(scene: Scene) -> None:
    """Two plans and two songs; a voice note in between is not part of an album at all."""
    noor, anna = await _begin(scene)
    _, captions = await _send(scene, anna, ("document", "document", "audio", "audio"))
    shown = await _shown(scene, noor, captions)
    assert _is_album(shown[:2])
    assert _is_album(shown[2:])
    assert shown[0].media_group_id != shown[2].media_group_id
    await scene.close()


async def _slowly(
    scene: Scene, author: Person, pause: float, count: int = 3
) -> tuple[list[str], float]:
    """Send pictures of one album with pauses; return their captions and when it began."""
    album = scene.emu.service.world.next_album_id()
    captions = [scene.words("anna-2026", f"slow {n}") for n in range(count)]
    begun = time.monotonic()
    for caption in captions:
        stored = scene.emu.service.files.keep("photo", caption.encode(), "p.jpg", "image/jpeg")
        await author.say({**media_content(stored, {}), "caption": caption}, {}, album)
        await asyncio.sleep(pause)
    return captions, begun


@on(ACROSS[0])
async def test_pictures_that_come_soon_after_one_another_are_waited_for(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    captions, _ = await _slowly(scene, anna, 0.15)
    assert _is_album(await _shown(scene, noor, captions))
    await scene.close()


@on(ACROSS[0])
async def test_the_first_is_not_held_for_the_last(scene: Scene) -> None:
    """They go on coming; after a second those that are there go out."""
    noor, anna = await _begin(scene)
    seen: list[float] = []

    async def look(begun: float) -> None:
        await scene.until(lambda: any("slow 0" in m.text for m in noor.chat.shown()))
        seen.append(time.monotonic() - begun)

    looking = asyncio.create_task(look(time.monotonic()))
    captions, _ = await _slowly(scene, anna, 0.22, count=8)
    shown = await _shown(scene, noor, captions)
    await looking
    assert seen[0] < 2.0
    ids = [message.message_id for message in shown]
    assert ids == sorted(ids)
    groups = {message.media_group_id for message in shown}
    assert 2 <= len(groups) <= 4
    await scene.close()


@on(ACROSS[0])
async def test_a_file_that_is_slow_holds_the_others_no_longer_than_a_second(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.slow(7), method="getFile", nth=3)
    captions, begun = await _slowly(scene, anna, 0.2)  # so that the third is fetched third
    first = await _shown(scene, noor, captions[:2])
    assert time.monotonic() - begun < 5.0, "they waited for the third"
    assert _is_album(first)
    third = await scene.sees(noor, captions[2])
    assert third.message_id > first[1].message_id
    await scene.close()


@pytest.mark.parametrize("store", ["sqlite"])
async def test_looking_for_the_others_does_not_use_up_what_the_chat_may_take(
    emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path, store: str
) -> None:
    """With the rates of a real bot: one message a second in a chat."""
    scene = build(tmp_path, store_url(store, tmp_path), emu, "polling", rate=30, chat_rate=1)
    async with scene.bridge:
        noor, anna = await _begin(scene)
        captions, begun = await _slowly(scene, anna, 0.1)
        assert _is_album(await _shown(scene, noor, captions))
        assert time.monotonic() - begun < 2.0
        await scene.close()


@on(ACROSS[0])
async def test_it_is_sound_while_it_goes(scene: Scene) -> None:
    """The audit accepts several rows of a lane on their way only as one album."""
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.slow(2), method=GROUP)
    _, captions = await _send(scene, anna)
    await _shown(scene, noor, captions)
    out = (await scene.bridge.run("outbox", "--state", "sending", "--json")).out
    assert len(out.splitlines()) == 3
    await scene.bridge.audit()
    await scene.close()


@on(ACROSS[0])
async def test_words_between_two_pictures_keep_their_place(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    sent, captions = await _send(scene, anna)
    text = scene.words("anna-2026", "and this")
    await anna.send(text)
    shown = await _shown(scene, noor, [*captions, text])
    ids = [message.message_id for message in shown]
    assert ids == sorted(ids)
    assert len(sent) == 3
    await scene.close()


@on(ACROSS[0])
async def test_the_author_is_named_once_where_several_could_be_meant(scene: Scene) -> None:
    """Only so Telegram shows the name below the album."""
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    scene.person(333, "Bram")
    await scene.begin(*two_clients())
    caption = scene.words("anna-2026", "only one has words")
    await anna.send_album([("photo", b"1", ""), ("photo", b"2", caption), ("photo", b"3", "")])
    second = await scene.sees(noor, lambda m: caption in m.text)
    shown = [m for m in noor.chat.shown() if m.media_group_id == second.media_group_id]
    assert [message.text for message in shown] == ["", f"Anna: {caption}", ""]


@on(*ACROSS)
async def test_a_refused_album_goes_picture_by_picture(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.error(400, BAD_ALBUM), method=GROUP)
    _, captions = await _send(scene, anna)
    shown = await _shown(scene, noor, captions)
    assert {message.media_group_id for message in shown} == {None}
    assert (_calls(scene, GROUP), _calls(scene, *SINGLES)) == (1, 3)
    logs, verdict = await scene.close()
    assert verdict.pardoned == []
    losses = [line["deliveries"][0]["losses"] for line in lines(logs["anna-2026"])]
    assert losses == [["album_split"]] * 3


@on(ACROSS[0])
async def test_a_bad_picture_costs_no_other(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.error(400, BAD_ALBUM), method=GROUP)
    bad = faults.error(400, "Bad Request: IMAGE_PROCESS_FAILED")
    scene.emu.faults.plan(bad, method="sendVideo")
    _, captions = await _send(scene, anna)
    await _shown(scene, noor, [captions[0], captions[2]])
    logs = await scene.bridge.settled("anna-2026")
    states = [line["deliveries"][0]["state"] for line in lines(logs["anna-2026"])]
    assert states == ["sent", "failed", "sent"]


@on(ACROSS[0])
async def test_an_album_that_has_to_wait_waits_whole(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.too_many(1), method=GROUP)
    _, captions = await _send(scene, anna)
    assert _is_album(await _shown(scene, noor, captions))
    assert (_calls(scene, GROUP), _calls(scene, *SINGLES)) == (2, 0)
    _, verdict = await scene.close()
    assert verdict.pardoned == []


@on(ACROSS[0])
async def test_who_blocked_the_bot_gets_no_second_request(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    blocked = faults.error(403, "Forbidden: bot was blocked by the user")
    scene.emu.faults.plan(blocked, method=GROUP, chat=NOOR)
    await _send(scene, anna)
    logs = await scene.bridge.settled("anna-2026")
    found = [line["deliveries"][0] for line in lines(logs["anna-2026"])]
    assert [one["state"] for one in found] == ["failed", "suppressed", "suppressed"]
    assert (_calls(scene, GROUP), _calls(scene, *SINGLES)) == (1, 0)
    assert noor.chat.shown() == []


@on(*ACROSS)
async def test_an_answer_that_was_lost_doubles_one_album_and_says_so(scene: Scene) -> None:
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.accept_then_drop(), method=GROUP)
    _, captions = await _send(scene, anna)
    await scene.until(lambda: _copies(noor, captions) == [2, 2, 2], within=20)
    _, verdict = await scene.close()
    assert len(verdict.pardoned) == 3


@on(*ACROSS)
async def test_killed_between_acceptance_and_record(scene: Scene) -> None:
    """At most one album is doubled, as an album, and every picture of it is marked."""
    noor, anna = await _begin(scene)
    scene.emu.faults.plan(faults.slow(30), method=GROUP)
    _, captions = await _send(scene, anna)
    await _shown(scene, noor, captions)
    scene.bridge.kill()
    await scene.bridge.start()
    await scene.until(lambda: _copies(noor, captions) == [2, 2, 2], within=20)
    assert (_calls(scene, GROUP), _calls(scene, *SINGLES)) == (2, 0)
    logs, verdict = await scene.close()
    assert len(verdict.pardoned) == 3
    for line in lines(logs["anna-2026"]):
        (delivery,) = line["deliveries"]
        assert (delivery["state"], delivery["twice"]) == ("sent", True)


def _is_liked(message: Message) -> bool:
    return ["👍"] in message.reactions.values()


def _says(message: Message, text: str) -> bool:
    return message.text == text


def _copies(reader: Person, captions: Sequence[str]) -> list[int]:
    texts = [message.text for message in reader.chat.shown()]
    return [sum(caption in text for text in texts) for caption in captions]
