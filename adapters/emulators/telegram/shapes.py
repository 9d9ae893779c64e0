"""The JSON objects of the Bot API, made from what the server remembers. Pure.

Each function names the object it makes: https://core.telegram.org/bots/api#available-types
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram.chats import Bot, Callback, Chat, Message, Topic, User

# https://core.telegram.org/bots/api#chatmemberadministrator
_ADMIN_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
)


def user_json(user: User) -> Json:
    """https://core.telegram.org/bots/api#user"""
    shape: Json = {"id": user.id, "is_bot": user.is_bot, "first_name": user.first_name}
    for name in ("last_name", "username", "language_code"):
        if (value := getattr(user, name)) is not None:
            shape[name] = value
    return shape


def me_json(bot: Bot) -> Json:
    """The User of getMe, with what only getMe returns."""
    return {
        **user_json(bot.user),
        "can_join_groups": True,
        "can_read_all_group_messages": bot.reads_all_group_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat_json(chat: Chat) -> Json:
    """https://core.telegram.org/bots/api#chat"""
    if chat.person is not None:
        person = user_json(chat.person)
        names = ("first_name", "last_name", "username")
        return {
            "id": chat.id,
            **{name: person[name] for name in names if name in person},
            "type": "private",
        }
    shape: Json = {"id": chat.id, "title": chat.title, "type": chat.type}
    if chat.type == "group":
        shape["all_members_are_administrators"] = False
    if chat.is_forum:
        shape["is_forum"] = True
    return shape


def full_chat_json(chat: Chat) -> Json:
    """https://core.telegram.org/bots/api#chatfullinfo"""
    shape = chat_json(chat) | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if chat.type != "private":
        shape["permissions"] = {"can_send_messages": True, "can_manage_topics": True}
    return shape


def topic_json(topic: Topic) -> Json:
    """https://core.telegram.org/bots/api#forumtopic"""
    return {
        "message_thread_id": topic.thread_id,
        "name": topic.name,
        "icon_color": topic.icon_color,
    }


def _replied(message: Message) -> Message | None:
    """The message a reply shows above itself.

    In a topic, a message that replies to nothing carries the service message that created the
    topic as its `reply_to_message`; bots that take every `reply_to_message` for a quote go wrong.
    """
    target = message.reply_to
    if target is None and message.thread_id != message.message_id:
        target = message.thread_id
    return message.chat.message(target)


def message_json(message: Message, *, nested: bool = False) -> Json:
    """https://core.telegram.org/bots/api#message; a message inside a message has no reply."""
    shape: Json = {
        "message_id": message.message_id,
        "from": user_json(message.sender),
        "chat": chat_json(message.chat),
        "date": message.date,
    }
    if message.thread_id is not None:
        shape["message_thread_id"] = message.thread_id
        shape["is_topic_message"] = True
    if message.edit_date is not None:
        shape["edit_date"] = message.edit_date
    replied = None if nested else _replied(message)
    if replied is not None:
        shape["reply_to_message"] = message_json(replied, nested=True)
    if message.quote is not None and not nested:
        shape["quote"] = message.quote
    if message.media_group_id is not None:
        shape["media_group_id"] = message.media_group_id
    shape.update(message.content)
    if message.markup is not None and "inline_keyboard" in message.markup:
        shape["reply_markup"] = message.markup
    return shape


def quote_json(text: str, position: int, *, manual: bool) -> Json:
    """https://core.telegram.org/bots/api#textquote; position in UTF-16 units."""
    shape: Json = {"text": text, "position": position}
    if manual:
        shape["is_manual"] = True
    return shape


def reaction_json(emoji: str) -> Json:
    """https://core.telegram.org/bots/api#reactiontypeemoji"""
    return {"type": "emoji", "emoji": emoji}


def reaction_update(message: Message, user: User, old: list[str], new: list[str]) -> Json:
    """https://core.telegram.org/bots/api#messagereactionupdated"""
    return {
        "chat": chat_json(message.chat),
        "message_id": message.message_id,
        "user": user_json(user),
        "date": int(time.time()),
        "old_reaction": [reaction_json(emoji) for emoji in old],
        "new_reaction": [reaction_json(emoji) for emoji in new],
    }


def callback_json(callback: Callback) -> Json:
    """https://core.telegram.org/bots/api#callbackquery"""
    message = callback.message
    gone = {"chat": chat_json(message.chat), "message_id": message.message_id, "date": 0}
    return {
        "id": callback.id,
        "from": user_json(callback.person),
        "message": gone if message.deleted else message_json(message),
        "chat_instance": message.chat.instance,
        "data": callback.data,
    }


def member_json(user: User, status: str) -> Json:
    """https://core.telegram.org/bots/api#chatmember"""
    shape: Json = {"user": user_json(user), "status": status}
    if status == "kicked":
        shape["until_date"] = 0
    if status == "creator":
        shape["is_anonymous"] = False
    if status == "administrator":
        granted = {
            "can_manage_chat",
            "can_delete_messages",
            "can_pin_messages",
            "can_manage_topics",
        }
        shape |= {right: right in granted for right in _ADMIN_RIGHTS}
    return shape


def member_update(chat: Chat, actor: User, user: User, old: str, new: str) -> Json:
    """https://core.telegram.org/bots/api#chatmemberupdated"""
    return {
        "chat": chat_json(chat),
        "from": user_json(actor),
        "date": int(time.time()),
        "old_chat_member": member_json(user, old),
        "new_chat_member": member_json(user, new),
    }


def text_content(text: str, entities: list[Json]) -> Json:
    """The fields of a text message."""
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    return content
