"""Groups, forums and their topics."""

import pytest
from telegram import Bot, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden

from adapters.emulators.telegram import Person, TelegramEmulator


async def test_forum_topics(emu: TelegramEmulator, bot: Bot, anna: Person) -> None:
    noor = emu.person(111, "Noor")
    forum = emu.group(-1001, "Practice", members=[noor, anna], forum=True)
    topic = await bot.create_forum_topic(-1001, "Anna 2026")
    thread = topic.message_thread_id
    sent = await bot.send_message(-1001, "in the topic", message_thread_id=thread)
    assert sent.is_topic_message
    assert sent.reply_to_message is not None, "the real one shows the topic's first message here"
    assert sent.reply_to_message.forum_topic_created is not None
    asked = await noor.send("hello", chat=-1001, thread=thread)
    answer = await bot.send_message(-1001, "hi", reply_parameters=ReplyParameters(asked.message_id))
    assert answer.message_thread_id == thread
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(-1001, "lost", message_thread_id=4711)
    await bot.edit_forum_topic(-1001, thread, name="Anna, done")
    await bot.close_forum_topic(-1001, thread)
    with pytest.raises(BadRequest, match=r"(?i)topic_not_modified"):
        await bot.close_forum_topic(-1001, thread)
    assert [line.text for line in forum.screen(thread) if line.text] == [
        "in the topic",
        "hello",
        "hi",
    ]
    await bot.delete_forum_topic(-1001, thread)
    assert forum.screen(thread) == []


async def test_groups_members_and_migration(emu: TelegramEmulator, bot: Bot, anna: Person) -> None:
    noor = emu.person(111, "Noor")
    group = emu.group(-44, "Pair", members=[noor])
    await group.add(anna)
    assert await bot.get_chat_member_count(-44) == 3
    assert (await bot.get_chat_member(-44, 111)).status == "creator"
    assert (await bot.get_chat(-44)).title == "Pair"
    new = await group.migrate()
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(-44, "hello?")
    assert moved.value.new_chat_id == new.id
    await bot.send_message(new.id, "hello!")
    await new.set_bot(123, "kicked")
    with pytest.raises(Forbidden, match="kicked from the supergroup"):
        await bot.send_message(new.id, "hello?")
