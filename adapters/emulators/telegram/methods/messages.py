"""Text messages: sending, editing, deleting, reactions, answers to buttons, chat actions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.errors import bad_request
from adapters.emulators.telegram.formatting import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    formatted,
    utf16_length,
)
from adapters.emulators.telegram.methods.media import input_media

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram.chats import Chat, Message
    from adapters.emulators.telegram.methods.ask import Ask, Method

# https://core.telegram.org/bots/api#reactiontypeemoji
_REACTIONS = (
    "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u200d🔥"
    " 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨\u200d💻 👀 🎃 🙈 😇 😨"
    " 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u200d♂ 🤷 🤷\u200d♀ 😡"
)
REACTIONS = frozenset(_REACTIONS.split())
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)
CAPTIONED = frozenset({"photo", "video", "document", "audio", "voice", "animation"})


def _text_content(ask: Ask) -> Json:
    text = ask.params.text("text")
    if not text:
        raise bad_request("message text is empty")
    text, entities = formatted(
        text,
        ask.params.objects("entities", "entities"),
        ask.params.text("parse_mode"),
        TEXT_LIMIT,
        "message is too long",
    )
    if not text:
        raise bad_request("text must be non-empty")
    return shapes.text_content(text, entities)


def send_message(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#sendmessage: 1-4096 characters after entities parsing."""
    content = _text_content(ask)
    return ask.send(ask.chat(), content)


def _own(ask: Ask, chat: Chat) -> Message:
    """The bot's own message that is to be edited."""
    message = ask.message(chat, "message to edit")
    if message.sender.id != ask.bot.user.id:
        raise bad_request("message can't be edited")
    return message


def _change(ask: Ask, message: Message, content: Json) -> Json:
    """Set new content and markup; a missing markup takes the buttons away."""
    markup = ask.markup()
    if message.content == content and message.markup == markup:
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly"
            " the same as a current content and reply markup of the message"
        )
    if message.content != content:
        message.edit_date = int(time.time())
    message.content = content
    message.markup = markup
    ask.call.message_ids.append(message.message_id)
    ask.service.touch()
    return shapes.message_json(message)


def edit_message_text(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#editmessagetext"""
    content = _text_content(ask)
    message = _own(ask, ask.chat())
    if message.kind != "text":
        raise bad_request("there is no text in the message to edit")
    return _change(ask, message, content)


def edit_message_caption(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#editmessagecaption"""
    message = _own(ask, ask.chat())
    if message.kind not in CAPTIONED:
        raise bad_request("there is no caption in the message to edit")
    caption, entities = formatted(
        ask.params.text("caption"),
        ask.params.objects("caption_entities", "entities"),
        ask.params.text("parse_mode"),
        CAPTION_LIMIT,
        "message caption is too long",
    )
    kept = {k: v for k, v in message.content.items() if k not in {"caption", "caption_entities"}}
    if caption:
        kept["caption"] = caption
    if entities:
        kept["caption_entities"] = entities
    return _change(ask, message, kept)


def edit_message_media(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#editmessagemedia"""
    message = _own(ask, ask.chat())
    media = ask.params.json("media", "input media")
    if not isinstance(media, dict):
        raise bad_request("can't parse InputMedia: expected an Object")
    return _change(ask, message, input_media(ask, media))


def edit_message_reply_markup(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#editmessagereplymarkup"""
    message = _own(ask, ask.chat())
    return _change(ask, message, message.content)


def _may_delete(ask: Ask, chat: Chat, message: Message) -> bool:
    """https://core.telegram.org/bots/api#deletemessage: own, incoming in private, or as admin."""
    return (
        message.sender.id == ask.bot.user.id
        or chat.type == "private"
        or chat.members.get(ask.bot.user.id) == "administrator"
    )


def delete_message(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#deletemessage"""
    chat = ask.chat()
    message = ask.message(chat, "message to delete")
    if not _may_delete(ask, chat, message):
        raise bad_request("message can't be deleted")
    message.deleted = True
    ask.call.message_ids.append(message.message_id)
    ask.service.touch()
    return True


def delete_messages(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#deletemessages: those not found are skipped."""
    ids = ask.params.json("message_ids", "message identifiers")
    if not isinstance(ids, list) or not ids:
        raise bad_request("message identifiers are not specified")
    if len(ids) > 100:
        raise bad_request("too many message identifiers specified")
    chat = ask.chat()
    for message_id in ids:
        message = chat.message(int(message_id))
        if message is not None and _may_delete(ask, chat, message):
            message.deleted = True
            ask.call.message_ids.append(message.message_id)
    ask.service.touch()
    return True


def set_message_reaction(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#setmessagereaction: at most one, from a fixed list."""
    chat = ask.chat(write=False)
    message = ask.message(chat, "message to react")
    asked = ask.params.objects("reaction", "reaction types") or []
    emojis = []
    for reaction in asked:
        if reaction.get("type") not in {"emoji", "custom_emoji"}:
            raise bad_request("can't parse ReactionType: invalid reaction type specified")
        emoji = str(reaction.get("emoji", "")).replace("\ufe0f", "")
        if emoji not in REACTIONS:
            raise bad_request("REACTION_INVALID")
        emojis.append(emoji)
    if len(emojis) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions[ask.bot.user.id] = emojis
    ask.call.message_ids.append(message.message_id)
    ask.service.touch()
    return True


def answer_callback_query(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#answercallbackquery: once, and soon."""
    callback = ask.service.world.callbacks.get(ask.params.text("callback_query_id"))
    if (
        callback is None
        or callback.bot is not ask.bot
        or callback.answer is not None
        or time.monotonic() - callback.at > ask.service.callback_lifetime
    ):
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text = ask.params.text("text")
    if utf16_length(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    callback.answer = {"text": text, "show_alert": ask.params.flag("show_alert")}
    ask.service.touch()
    return True


def send_chat_action(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#sendchataction"""
    if ask.params.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    ask.thread(ask.chat())
    return True


METHODS: dict[str, Method] = {
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagemedia": edit_message_media,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "deletemessages": delete_messages,
    "setmessagereaction": set_message_reaction,
    "answercallbackquery": answer_callback_query,
    "sendchataction": send_chat_action,
}
