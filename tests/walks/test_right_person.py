"""A reply can never reach the wrong person: many clients in one chat, many people in one talk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.walks.bridge import Member, lines
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, BRAM, CARLA, NOOR, Scene, two_clients

if TYPE_CHECKING:
    from adapters.emulators.telegram import Message, Person

pytestmark = [pytest.mark.slow]


async def _begin(scene: Scene) -> tuple[Person, Person, Person]:
    people = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna"), scene.person(BRAM, "Bram")
    await scene.begin(*two_clients())
    return people


def _choices(message: Message) -> bool:
    return "inline_keyboard" in (message.markup or {})


@on(*ACROSS)
async def test_a_reply_goes_to_that_client_and_no_other(scene: Scene) -> None:
    noor, anna, bram = await _begin(scene)
    hers, his = scene.words("anna-2026", "I am Anna"), scene.words("bram-2026", "I am Bram")
    await anna.send(hers)
    await bram.send(his)
    from_anna, from_bram = await scene.sees(noor, hers), await scene.sees(noor, his)
    assert from_anna.text == f"Anna: {hers}"
    assert from_bram.text == f"Bram: {his}"
    for_anna, for_bram = scene.words("anna-2026"), scene.words("bram-2026")
    await noor.send(for_bram, reply_to=from_bram.message_id)
    await noor.send(for_anna, reply_to=from_anna.message_id)
    await scene.sees(anna, for_anna)
    await scene.sees(bram, for_bram)
    # Her own earlier answer says as well whom she means.
    more = scene.words("anna-2026", "more")
    mine = next(m for m in noor.chat.shown() if m.text == for_anna)
    await noor.send(more, reply_to=mine.message_id)
    await scene.sees(anna, more)
    await noor.react(from_bram.message_id, "👍")
    original = next(m for m in bram.chat.shown() if m.text == his)
    await scene.until(lambda: ["👍"] in original.reactions.values())
    await scene.close()


@on(*ACROSS)
async def test_a_plain_message_goes_nowhere_until_she_chooses(scene: Scene) -> None:
    noor, anna, bram = await _begin(scene)
    texts = [scene.words("bram-2026", "for one of them") for _ in range(3)]
    for text in texts:
        await noor.send(text)
    question = await scene.sees(noor, _choices)
    buttons = [row[0]["text"] for row in (question.markup or {})["inline_keyboard"]]
    assert buttons == ["Anna", "Bram"]
    await scene.confirmed()
    assert scene.bot_lines(ANNA) == []
    assert scene.bot_lines(BRAM) == []
    assert len(scene.bot_lines(NOOR)) == 1, "asked once"
    press = await noor.press(question.message_id, "Bram")
    await press.answered()
    for text in texts:
        await scene.sees(bram, text)
    # The choice was for those messages, not for ever.
    last = scene.words("anna-2026", "and this one")
    await noor.send(last)
    again = await scene.sees(noor, _choices, after=question.message_id)
    await noor.send("1")
    await scene.sees(anna, last)
    assert again.message_id != question.message_id
    await scene.close()


@on(("sqlite", "polling"))
async def test_two_presses_choose_once(scene: Scene) -> None:
    noor, _, bram = await _begin(scene)
    text = scene.words("bram-2026")
    await noor.send(text)
    question = await scene.sees(noor, _choices)
    await noor.press(question.message_id, "Bram")
    await noor.press(question.message_id, "Anna")
    await scene.sees(bram, text)
    await scene.close()
    assert scene.bot_lines(ANNA) == []


@on(*ACROSS)
async def test_a_long_text_comes_in_ordered_parts(scene: Scene) -> None:
    noor, anna, _ = await _begin(scene)
    first, last = scene.words("anna-2026", "start"), scene.words("anna-2026", "end")
    room = 4096 - len(first) - len(last) - 2
    words = ("emoji 🙂 en woorden " * 400)[:room]
    while len(words.encode("utf-16-le")) // 2 > room:
        words = words[:-1]
    text = f"{first} {words.rstrip()} {last}"
    await anna.send(text)
    await scene.sees(noor, last.removeprefix("end "))
    shown = [one.text for one in scene.emu.journal.shown_in(NOOR)]
    assert len(shown) == 2
    assert all(len(part.encode("utf-16-le")) // 2 <= 4096 for part in shown)
    joined = " ".join(" ".join(shown).removeprefix("Anna: ").split())
    assert first in joined.split(" emoji")[0]
    assert joined.count("🙂") == text.count("🙂")
    logs, _ = await scene.close()
    (line,) = lines(logs["anna-2026"])
    assert line["text"] == text
    (delivery,) = line["deliveries"]
    assert len(delivery["external_ids"]) == 2
    caption = scene.words("anna-2026", "c" * 990)
    await anna.send_photo(b"a photo with many words", caption=caption)
    await scene.sees(noor, caption)
    await scene.close()


@on(ACROSS[1])
async def test_three_in_one_trajectory_hear_each_other(scene: Scene) -> None:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    bram, carla = scene.person(BRAM, "Bram"), scene.person(CARLA, "Carla")
    members = [
        Member("noor", (NOOR,)),
        Member("anna", (ANNA,)),
        Member("bram", (BRAM,)),
        Member("carla", (CARLA,)),
    ]
    await scene.begin(members, {"team-2026": (["noor", "carla"], ["anna", "bram"])})
    everyone = {noor, anna, bram, carla}
    for author in (anna, noor, bram, carla, anna):
        text = scene.words("team-2026")
        await author.send(text)
        for reader in everyone - {author}:
            shown = await scene.sees(reader, text)
            assert shown.text == f"{author.user.first_name}: {text}"
    orders = []
    for reader in everyone:
        found = [line.text for line in reader.screen() if "#team-2026." in line.text]
        orders.append([text.rpartition("#team-2026.")[2] for text in found])
    assert len({tuple(order) for order in orders}) == 1, "the same order for everyone"
    logs, _ = await scene.close()
    assert all(len(line["deliveries"]) == 3 for line in lines(logs["team-2026"]))


@on(ACROSS[0])
async def test_who_left_hears_nothing_more(scene: Scene) -> None:
    noor, anna, bram = await _begin(scene)
    text = scene.words("bram-2026")
    await bram.send(text)
    copy = await scene.sees(noor, text)
    file = scene.bridge.folder / "practice.toml"
    without = file.read_text().replace('endpoints = ["telegram:main:333"]', "endpoints = []")
    out = await scene.bridge.apply(without)
    assert "bram" in out
    late = scene.words("bram-2026", "too late")
    await noor.send(late, reply_to=copy.message_id)
    await scene.sees(noor, "Not delivered to Bram")
    await bram.send("it is me, Bram")
    await scene.sees(bram, "does not know you")
    hers = scene.words("anna-2026")
    await anna.send(hers)
    await scene.sees(noor, hers)
    await scene.close()
