"""The methods of the emulated Bot API, called by the real python-telegram-bot."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    Message,
    MessageEntity,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken

from adapters.emulators.telegram import EmulatorMisuseError, Limit, Person, TelegramEmulator
from adapters.emulators.telegram.files import DOWNLOAD_LIMIT

Call = Callable[[Bot], Awaitable[Any]]

SENDS: dict[str, Call] = {
    "photo": lambda b: b.send_photo(222, b"jpeg", caption="look"),
    "document": lambda b: b.send_document(222, b"%PDF", caption="read", filename="plan.pdf"),
    "video": lambda b: b.send_video(222, b"mp4", caption="see", width=320, height=200),
    "audio": lambda b: b.send_audio(222, b"mp3", title="Song", performer="Band", duration=3),
    "voice": lambda b: b.send_voice(222, b"ogg", duration=4),
    "animation": lambda b: b.send_animation(222, b"gif", caption="ha"),
    "sticker": lambda b: b.send_sticker(222, b"webp"),
    "video_note": lambda b: b.send_video_note(222, b"round"),
    "location": lambda b: b.send_location(222, 52.37, 4.89),
    "venue": lambda b: b.send_venue(222, 52.37, 4.89, "Café", "Dam 1"),
    "contact": lambda b: b.send_contact(222, "+31612345678", "Noor", last_name="B"),
    "text": lambda b: b.send_message(222, "hello"),
}


@pytest.mark.parametrize("kind", SENDS)
async def test_every_kind_of_message_parses_back(bot: Bot, anna: Person, kind: str) -> None:
    sent = await SENDS[kind](bot)
    assert isinstance(sent, Message)
    assert getattr(sent, kind)
    assert sent.chat.id == 222
    assert sent.from_user is not None
    assert sent.from_user.is_bot
    [line] = anna.screen()
    assert (line.message_id, line.kind, line.mine) == (sent.message_id, kind, False)
    assert line.text == (sent.text or sent.caption or "")


async def test_a_file_id_can_be_sent_again_and_downloaded(bot: Bot, anna: Person) -> None:
    photo = await anna.send_photo(b"the very bytes", caption="here")
    file_id = photo.content["photo"][-1]["file_id"]
    again = await bot.send_photo(222, file_id)
    assert again.photo[-1].file_unique_id == photo.content["photo"][-1]["file_unique_id"]
    file = await bot.get_file(file_id)
    assert bytes(await file.download_as_bytearray()) == b"the very bytes"
    with pytest.raises(BadRequest, match="Type of file mismatch"):
        await bot.send_document(222, file_id)
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(222, "nonsense")


async def test_a_file_over_20_mb_cannot_be_downloaded(bot: Bot, anna: Person) -> None:
    big = await anna.send_document(b"x" * (DOWNLOAD_LIMIT + 1), name="big.bin")
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(big.content["document"]["file_id"])


async def test_albums_share_a_group_id_and_do_not_mix(bot: Bot, anna: Person) -> None:
    album = await bot.send_media_group(
        222, [InputMediaPhoto(b"1", caption="one"), InputMediaVideo(b"2")]
    )
    assert len({message.media_group_id for message in album}) == 1
    assert [line.kind for line in anna.screen()] == ["photo", "video"]
    with pytest.raises(BadRequest, match="can't be mixed"):
        await bot.send_media_group(222, [InputMediaPhoto(b"1"), InputMediaDocument(b"2")])
    with pytest.raises(BadRequest, match="Too many messages to send as an album"):
        await bot.send_media_group(222, [InputMediaPhoto(b"1")] * 11)
    with pytest.raises(BadRequest, match=r"(?i)can.t parse InputMedia: media not found"):
        await bot.send_media_group(222, [InputMediaPhoto("attach://nothing")] * 2)
    assert len(anna.screen()) == 2


async def test_an_album_of_one_is_none(bot: Bot, anna: Person) -> None:
    (alone,) = await bot.send_media_group(222, [InputMediaPhoto(b"1")])
    assert alone.media_group_id is None
    assert [line.album for line in anna.screen()] == [None]


async def test_every_item_of_an_album_answers_the_same_message(bot: Bot, anna: Person) -> None:
    asked = await anna.send("how does it look?")
    items = [InputMediaPhoto(b"1"), InputMediaPhoto(b"2")]
    await bot.send_media_group(222, items, reply_parameters=ReplyParameters(asked.message_id))
    assert [line.reply_to for line in anna.screen()[1:]] == [asked.message_id] * 2


async def test_entities_and_replies_come_back(bot: Bot, anna: Person) -> None:
    asked = await anna.send("😀 how are you?")
    bold = MessageEntity("bold", 3, 3)
    sent = await bot.send_message(
        222,
        "😀 fine, see https://example.org",
        entities=[bold],
        reply_parameters=ReplyParameters(asked.message_id, quote="how"),
    )
    assert sent.entities == (bold, MessageEntity("url", 13, 19))
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "😀 how are you?"
    assert sent.quote is not None
    assert (sent.quote.text, sent.quote.position) == ("how", 3)
    assert anna.screen()[-1].reply_to == asked.message_id


async def test_a_text_is_trimmed_like_the_real_one(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(222, "  hi  \n", entities=[MessageEntity("bold", 0, 4)])
    assert sent.text == "hi"
    assert sent.entities == (MessageEntity("bold", 0, 2),)


BAD: dict[str, tuple[str, Call]] = {
    "empty": ("Message text is empty", lambda b: b.send_message(222, "")),
    "white space": ("Text must be non-empty", lambda b: b.send_message(222, " \n ")),
    "4097 units": ("Message is too long", lambda b: b.send_message(222, "x" * 4097)),
    "2049 emoji": ("Message is too long", lambda b: b.send_message(222, "😀" * 2049)),
    "caption": (
        "Message caption is too long",
        lambda b: b.send_photo(222, b"x", caption="x" * 1025),
    ),
    "entity": (
        "Entity beginning at utf-16 offset 1",
        lambda b: b.send_message(222, "ab", entities=[MessageEntity("bold", 1, 2)]),
    ),
    "no such chat": ("Chat not found", lambda b: b.send_message(999, "x")),
    "reply": (
        "Message to be replied not found",
        lambda b: b.send_message(222, "x", reply_parameters=ReplyParameters(77)),
    ),
    "topic": (
        "Message thread not found",
        lambda b: b.send_message(222, "x", message_thread_id=5),
    ),
    "long callback data": (
        "Button_data_invalid",
        lambda b: b.send_message(222, "x", reply_markup=_button("x" * 65)),
    ),
    "edit": ("Message to edit not found", lambda b: b.edit_message_text("x", 222, 77)),
    "delete": ("Message to delete not found", lambda b: b.delete_message(222, 77)),
    "react": ("Message to react not found", lambda b: b.set_message_reaction(222, 77, "👍")),
    "old callback": ("Query is too old", lambda b: b.answer_callback_query("1")),
    "empty file": ("File must be non-empty", lambda b: b.send_document(222, b"")),
}


def _button(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data=data)]])


@pytest.mark.parametrize("case", BAD)
async def test_bad_requests_are_refused(bot: Bot, anna: Person, case: str) -> None:
    description, call = BAD[case]
    with pytest.raises(BadRequest) as refused:
        await call(bot)
    assert refused.value.message.lower().startswith(description.lower())
    assert anna.screen() == []


async def test_4096_units_fit(bot: Bot, anna: Person) -> None:
    await bot.send_message(222, "😀" * 2048)
    await bot.send_message(
        222, "x", reply_parameters=ReplyParameters(77, allow_sending_without_reply=True)
    )
    assert len(anna.screen()) == 2


async def test_a_bot_writes_only_to_those_who_started_and_did_not_block(
    emu: TelegramEmulator, bot: Bot
) -> None:
    bram = emu.person(333, "Bram")
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await bot.send_message(333, "hi")
    await bram.start("abc-123")
    await bot.send_message(333, "hi")
    await bram.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(333, "hi?")
    with pytest.raises(EmulatorMisuseError):
        await bram.send("still here")
    await bram.start()
    await bot.send_message(333, "welcome back")
    assert [line.text for line in bram.screen()] == [
        "/start abc-123",
        "hi",
        "/start",
        "welcome back",
    ]


async def test_edits_deletions_and_reactions_show(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(222, "one", reply_markup=_button("y"))
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("one", 222, sent.message_id, reply_markup=_button("y"))
    edited = await bot.edit_message_text("two", 222, sent.message_id)
    assert isinstance(edited, Message)
    assert edited.edit_date is not None
    await bot.set_message_reaction(222, sent.message_id, "👍")
    with pytest.raises(BadRequest, match=r"(?i)reaction_invalid"):
        await bot.set_message_reaction(222, sent.message_id, "🥇")
    [line] = anna.screen()
    assert (line.text, line.edited, line.buttons) == ("two", True, [])
    assert line.reactions == {"👍": ["Bridge"]}
    photo = await bot.send_photo(222, b"x")
    await bot.edit_message_caption(222, photo.message_id, caption="now with words")
    await bot.edit_message_media(InputMediaVideo(b"y"), 222, photo.message_id)
    await bot.edit_message_reply_markup(222, photo.message_id, reply_markup=_button("z"))
    assert (anna.screen()[1].kind, anna.screen()[1].buttons) == ("video", [["Yes"]])
    mine = await anna.send("mine")
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("yours", 222, mine.message_id)
    await bot.delete_message(222, sent.message_id)
    await bot.delete_messages(222, [photo.message_id, 999])
    assert [line.text for line in anna.screen()] == ["mine"]


async def test_a_button_is_answered_once_and_in_time(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    sent = await bot.send_message(222, "ready?", reply_markup=_button("yes"))
    press = await anna.press(sent.message_id, "Yes")
    [update] = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert (query.data, query.from_user.id) == ("yes", 222)
    assert query.message is not None
    assert query.message.message_id == sent.message_id
    await query.answer("Thanks", show_alert=True)
    assert await press.answered() == {"text": "Thanks", "show_alert": True}
    with pytest.raises(BadRequest, match="Query is too old"):
        await query.answer()
    late = await anna.press(sent.message_id)
    emu.service.callback_lifetime = 0.0
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(late.callback.id)


async def test_the_bot_itself(emu: TelegramEmulator, bot: Bot) -> None:
    assert (await bot.get_me()).username == "coachbridge_bot"
    await bot.set_my_commands([BotCommand("pause", "Take a break")])
    assert [command.command for command in await bot.get_my_commands()] == ["pause"]
    assert await bot.send_chat_action(emu.person(5, started=True).id, "typing")
    with pytest.raises(InvalidToken):
        await Bot("999:wrong", base_url=f"{emu.api_url}/bot").__aenter__()


async def test_two_bots_live_side_by_side(emu: TelegramEmulator, anna: Person) -> None:
    other = emu.bot("456:other", "other_bot", "Other")
    with_other = emu.person(222, bot=other)
    await with_other.send("to the other")
    await anna.send("to the first")
    async with Bot("456:other", base_url=f"{emu.api_url}/bot") as client:
        [update] = await client.get_updates()
        assert update.message is not None
        assert update.message.text == "to the other"
    assert [line.text for line in anna.screen()] == ["to the first"]


async def test_rate_limits(emu: TelegramEmulator, bot: Bot, anna: Person) -> None:
    emu.limits.per_chat = Limit(2, 60.0)
    response = None
    for text in ("one", "two", "three"):
        response = await bot.request.do_request(
            f"{emu.api_url}/bot123:abc/sendMessage?chat_id=222&text={text}", "GET"
        )
    assert response is not None
    assert response[0] == 429
    assert b'"parameters":{"retry_after":60}' in response[1]
    assert b"Too Many Requests: retry after 60" in response[1]
    assert len(anna.screen()) == 2
