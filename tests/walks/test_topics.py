"""A coach's group with one topic per trajectory, and what happens when it is no longer hers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.walks.bridge import lines, notices
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, BRAM, NOOR, Scene, two_clients

if TYPE_CHECKING:
    from adapters.emulators.telegram import Group, Person

pytestmark = [pytest.mark.slow]

FORUM = -1_001_000_000_001
GROUP = -4_001


async def _begin(scene: Scene) -> tuple[Person, Person, Person]:
    people = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna"), scene.person(BRAM, "Bram")
    await scene.begin(*two_clients())
    return people


async def _topics(scene: Scene, noor: Person, group: Group) -> dict[str, int]:
    """Ask for topics, and return them by name."""
    await noor.send("/topics", chat=group.id)
    await scene.until(lambda: len(group.chat.topics) >= 2, what="no topics")
    await scene.confirmed()
    await scene.bridge.settled()
    assert len(group.chat.topics) == 2, group.chat.topics
    return {topic.name: thread for thread, topic in group.chat.topics.items()}


def _parties(scene: Scene, *groups: int) -> dict[str, dict[str, set[int]]]:
    parties = scene.parties
    for people in parties.values():
        people["noor"] |= set(groups)
    return parties


@on(*ACROSS)
async def test_each_trajectory_has_its_topic(scene: Scene) -> None:
    noor, anna, bram = await _begin(scene)
    group = scene.emu.group(FORUM, "Clients", members=[noor], forum=True)
    topics = await _topics(scene, noor, group)
    assert set(topics) == {"Anna", "Bram"}
    hers, his = scene.words("anna-2026"), scene.words("bram-2026")
    await anna.send(hers)
    await bram.send(his)
    in_anna = await scene.sees(noor, hers, chat=FORUM)
    in_bram = await scene.sees(noor, his, chat=FORUM)
    assert (in_anna.thread_id, in_bram.thread_id) == (topics["Anna"], topics["Bram"])
    assert in_anna.text == hers, "a topic needs no name above"
    for_anna, for_bram = scene.words("anna-2026"), scene.words("bram-2026")
    await noor.send(for_bram, chat=FORUM, thread=topics["Bram"])
    await noor.send(for_anna, chat=FORUM, thread=topics["Anna"])
    await scene.sees(anna, for_anna)
    await scene.sees(bram, for_bram)
    photo = scene.words("anna-2026", "a photo")
    await anna.send_photo(b"of the sea", caption=photo)
    shown = await scene.sees(noor, photo, chat=FORUM)
    assert shown.thread_id == topics["Anna"]
    # What she writes beside the topics is for nobody.
    await noor.send("thinking aloud", chat=FORUM)
    logs, _ = await scene.close(_parties(scene, FORUM))
    assert not any("thinking" in text for text in scene.bot_lines(ANNA) + scene.bot_lines(BRAM))
    assert lines(logs["anna-2026"], "place_bound")
    assert not any("#" in text for text in scene.bot_lines(NOOR))


@on(*ACROSS)
async def test_when_somebody_joins_words_go_to_the_private_chat(scene: Scene) -> None:
    noor, anna, _ = await _begin(scene)
    group = scene.emu.group(FORUM, "Clients", members=[noor], forum=True)
    await _topics(scene, noor, group)
    before = scene.words("anna-2026", "in the topic")
    await anna.send(before)
    await scene.sees(noor, before, chat=FORUM)
    eve = scene.person(555, "Eve")
    await group.add(eve)
    await scene.sees(noor, "Somebody else is in your group")
    after = scene.words("anna-2026", "in private")
    await anna.send(after)
    shown = await scene.sees(noor, after)
    assert shown.chat.id == NOOR
    answer = scene.words("anna-2026", "answer")
    await noor.send(answer, reply_to=shown.message_id)
    await scene.sees(anna, answer)
    # Neither she nor Eve reaches a client from the group any more.
    thread = next(iter(group.chat.topics))
    await eve.send("hello from Eve", chat=FORUM, thread=thread)
    await scene.confirmed()
    logs, _ = await scene.close(_parties(scene, FORUM))
    assert not any(after in one.text for one in scene.emu.journal.shown_in(FORUM))
    assert not any("Eve" in text for text in scene.bot_lines(ANNA) + scene.bot_lines(BRAM))
    assert "topics_exposed" in notices(logs["anna-2026"])
    assert lines(logs["bram-2026"], "place_unbound")


@on(("sqlite", "polling"))
async def test_asking_again_makes_no_second_topic(scene: Scene) -> None:
    """Neither at once, while the first request is under way, nor later."""
    noor, anna, _ = await _begin(scene)
    group = scene.emu.group(FORUM, "Clients", members=[noor], forum=True)
    for _ in range(3):
        await noor.send("/topics", chat=FORUM)
    topics = await _topics(scene, noor, group)
    text = scene.words("anna-2026")
    await anna.send(text)
    shown = await scene.sees(noor, text, chat=FORUM)
    assert shown.thread_id == topics["Anna"]
    await scene.close(_parties(scene, FORUM))


@on(("sqlite", "polling"))
async def test_no_topics_where_somebody_else_reads(scene: Scene) -> None:
    noor, anna, _ = await _begin(scene)
    eve = scene.person(555, "Eve")
    group = scene.emu.group(FORUM, "Open", members=[noor, eve], forum=True)
    await noor.send("/topics", chat=FORUM)
    await scene.sees(noor, "No topics were made")
    assert not group.chat.topics
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.sees(noor, text)
    await scene.close()


@on(("sqlite", "polling"))
async def test_a_client_cannot_ask_for_topics(scene: Scene) -> None:
    _, anna, _ = await _begin(scene)
    group = scene.emu.group(FORUM, "Mine", members=[anna], forum=True)
    await anna.send("/topics", chat=FORUM)
    await scene.confirmed()
    await scene.close()
    assert not group.chat.topics


@on(*ACROSS)
async def test_a_group_that_became_a_supergroup(scene: Scene) -> None:
    """A basic group has no topics; after it moved and got them, they work under the new id."""
    noor, anna, _ = await _begin(scene)
    group = scene.emu.group(GROUP, "Clients", members=[noor])
    await noor.send("/topics", chat=GROUP)
    await scene.said(NOOR, 2)
    assert all("No topics were made" in text for text in scene.bot_lines(NOOR))
    moved = await group.migrate()
    moved.chat.is_forum = True
    topics = await _topics(scene, noor, moved)
    text = scene.words("anna-2026")
    await anna.send(text)
    shown = await scene.sees(noor, text, chat=moved.id)
    assert shown.thread_id == topics["Anna"]
    await scene.close(_parties(scene, moved.id))
