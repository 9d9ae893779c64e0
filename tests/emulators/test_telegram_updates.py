"""Updates by polling, and the journal."""

import asyncio
import json
from typing import Any

import pytest
from telegram import Bot, Update
from telegram.error import Conflict

from adapters.emulators.telegram import EmulatorMisuseError, Person, TelegramEmulator, faults

ALL = ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"]


def _texts(updates: tuple[Update, ...]) -> list[str]:
    return [str(u.message.text) for u in updates if u.message is not None]


async def test_unconfirmed_updates_come_again_until_the_offset_passes_them(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    for text in ("one", "two", "three"):
        await anna.send(text)
    assert _texts(await bot.get_updates(limit=2)) == ["one", "two"]
    again = await bot.get_updates()
    assert _texts(again) == ["one", "two", "three"]
    assert _texts(await bot.get_updates(offset=again[1].update_id + 1)) == ["three"]
    times = [(h.times, h.confirmed is not None) for h in emu.journal.handed]
    assert times == [(2, True), (2, True), (2, False)]
    assert [h.update_id for h in emu.journal.unconfirmed()] == [again[2].update_id]


async def test_a_negative_offset_keeps_the_newest(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    for text in ("one", "two", "three"):
        await anna.send(text)
    assert _texts(await bot.get_updates(offset=-1)) == ["three"]
    assert [h.dropped for h in emu.journal.handed] == ["negative offset", "negative offset", ""]


async def test_a_long_poll_wakes_at_once(bot: Bot, anna: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.05)
    assert not poll.done()
    await anna.send("wake up")
    async with asyncio.timeout(1):
        assert _texts(await poll) == ["wake up"]
    assert await bot.get_updates(offset=-1, timeout=0)


async def test_a_second_poller_ends_the_first(emu: TelegramEmulator, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.05)
    async with Bot(bot.token, base_url=f"{emu.api_url}/bot") as other:
        second = asyncio.create_task(other.get_updates(timeout=10))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        await emu.person(222, "Anna").send("for the second")
        assert _texts(await second) == ["for the second"]


async def test_allowed_updates_filter_when_the_update_is_made(
    bot: Bot, anna: Person, emu: TelegramEmulator
) -> None:
    first = await anna.send("one")
    await anna.react(first.message_id, "👍")
    assert len(await bot.get_updates(allowed_updates=ALL)) == 1, "reactions are not in the default"
    await anna.react(first.message_id, "🔥")
    await anna.edit(first.message_id, "uno")
    await anna.block()
    updates = await bot.get_updates()
    assert updates[1].message_reaction is not None
    assert [r.to_dict()["emoji"] for r in updates[1].message_reaction.old_reaction] == ["👍"]
    assert [r.to_dict()["emoji"] for r in updates[1].message_reaction.new_reaction] == ["🔥"]
    assert updates[2].edited_message is not None
    assert updates[2].edited_message.text == "uno"
    assert updates[3].my_chat_member is not None
    assert updates[3].my_chat_member.new_chat_member.status == "kicked"
    told = [(said.what, bool(said.update_ids)) for said in emu.journal.said_in(222)]
    assert told == [
        ("sent", True),
        ("reacted", False),
        ("reacted", True),
        ("edited", True),
        ("blocked", True),
    ]


async def test_everything_people_send_parses(bot: Bot, anna: Person) -> None:
    await anna.send_photo(b"x", caption="see #goal")
    await anna.send_document(b"x", name="plan.pdf", mime="application/pdf")
    await anna.send_voice(b"x", duration=7)
    await anna.send_video(b"x")
    await anna.send_audio(b"x", title="Song")
    await anna.send_animation(b"x")
    await anna.send_video_note(b"x")
    await anna.send_sticker("👍")
    await anna.send_location(52.0, 4.0)
    await anna.send_venue(52.0, 4.0, "Café", "Dam 1")
    await anna.send_contact("+31612345678", "Anna", user_id=222)
    await anna.send_album([("photo", b"1", "first"), ("video", b"2", "")])
    messages = [u.message for u in await bot.get_updates() if u.message is not None]
    kinds = "photo document voice video audio animation video_note sticker location venue contact"
    for message, kind in zip(messages, kinds.split(), strict=False):
        assert getattr(message, kind), kind
    assert len(messages) == 13
    assert messages[11].media_group_id == messages[12].media_group_id is not None
    assert messages[0].caption_entities[0].type == "hashtag"


async def test_groups_tell_of_members_topics_and_migration(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    noor = emu.person(111, "Noor")
    await bot.get_updates(allowed_updates=[*ALL, "chat_member"])
    group = emu.group(-44, members=[noor])
    await group.add(anna)
    await group.remove(anna)
    new = await group.migrate()
    forum = emu.group(-1001, members=[noor], forum=True)
    await forum.topic("Anna")
    updates = await bot.get_updates()
    messages = [u.message for u in updates if u.message is not None]
    assert messages[0].new_chat_members[0].id == 222
    assert messages[1].left_chat_member is not None
    assert messages[2].migrate_to_chat_id == new.id
    assert messages[3].migrate_from_chat_id == -44
    assert messages[4].forum_topic_created is not None
    assert [u.chat_member.new_chat_member.status for u in updates if u.chat_member] == [
        "member",
        "left",
    ]


async def test_in_a_group_a_plain_member_bot_hears_only_what_is_meant_for_it(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    emu.group(-1002, members=[anna], bot_status="member")
    for text in ("just talk", "/pause", "hey @coachbridge_bot"):
        await anna.send(text, chat=-1002)
    assert _texts(await bot.get_updates()) == ["/pause", "hey @coachbridge_bot"]


async def test_ids_restart_lower_and_the_old_offset_confirms_nothing(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    queue = emu.bot("123:abc").queue
    await anna.send("before")
    with pytest.raises(EmulatorMisuseError):
        queue.restart_at(1000)
    [before] = await bot.get_updates()
    await bot.get_updates(offset=before.update_id + 1)
    queue.restart_at(1000)
    await anna.send("after")
    for _ in range(2):
        [after] = await bot.get_updates(offset=before.update_id + 1)
        assert after.update_id == 1000
    assert await bot.get_updates(offset=1001) == ()


async def test_poison_duplicates_reordering_and_redelivery_when_polling(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    await anna.send("one")
    emu.inject({"message": {"message_id": "not a number"}})
    await anna.send("two")
    emu.faults.plan(faults.reorder(), method="getUpdates")
    emu.faults.plan(faults.duplicate(3), method="getUpdates", nth=2)
    raw = [await _raw_updates(bot) for _ in range(3)]
    plain = [u["update_id"] for u in raw[2]]
    assert [u["update_id"] for u in raw[0]] == plain[::-1]
    assert [u["update_id"] for u in raw[1]] == [i for i in plain for _ in range(3)]
    assert raw[2][1]["message"] == {"message_id": "not a number"}
    assert await _raw_updates(bot, offset=plain[-1] + 1) == []
    emu.bot("123:abc").queue.redeliver(plain[0])
    assert [u["update_id"] for u in await _raw_updates(bot, offset=plain[-1] + 1)] == plain[:1]
    assert await _raw_updates(bot, offset=plain[-1] + 1) == []


async def _raw_updates(bot: Bot, **params: int) -> list[dict[str, Any]]:
    _, body = await bot.request.do_request(
        f"{bot.base_url}/getUpdates?offset={params.get('offset', 0)}", "GET"
    )
    return list(json.loads(body)["result"])


async def test_drop_pending_updates(emu: TelegramEmulator, bot: Bot, anna: Person) -> None:
    await anna.send("one")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()
    assert emu.journal.handed[0].dropped == "drop_pending_updates"


async def test_the_journal_tells_both_sides_in_order(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    asked = await anna.send("one?")
    await bot.get_updates()
    sent = await bot.send_message(222, "one!")
    await anna.edit(asked.message_id, "two?")
    await bot.get_updates(offset=emu.journal.handed[0].update_id + 1)
    said, shown = emu.journal.said_in(222), emu.journal.shown_in(222)
    assert [(s.what, s.text, s.message_id) for s in said] == [
        ("sent", "one?", asked.message_id),
        ("edited", "two?", asked.message_id),
    ]
    assert [(s.text, s.message_id) for s in shown] == [("one!", sent.message_id)]
    first, second = emu.journal.handed
    assert (first.kind, second.kind) == ("message", "edited_message")
    assert said[0].update_ids == {123: first.update_id}
    assert first.seq < shown[0].seq < second.seq
    assert first.monotonic <= (first.first_handed or 0) < (first.confirmed or 0)
    assert (second.times, second.confirmed) == (1, None)
    [call] = emu.journal.calls_of("sendmessage", 222, ok=True)
    assert (call.seq, call.message_ids, call.answered) == (shown[0].call, [sent.message_id], True)
    assert call.params["text"] == "one!"
    later = emu.journal.to_json(since=shown[0].seq)
    assert [s["text"] for s in later["said"]] == ["two?"]


async def test_a_poller_that_died_takes_no_update_with_it(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    _, writer = await asyncio.open_connection(emu.host, emu.port)
    writer.write(b"GET /bot123:abc/getUpdates?timeout=30 HTTP/1.1\r\nHost: x\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await writer.wait_closed()
    await anna.send("still here")
    assert emu.journal.handed[0].times == 0
    assert _texts(await bot.get_updates()) == ["still here"]
