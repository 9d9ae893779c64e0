"""Methods about chats: getChat, members, forum topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.errors import bad_request

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram.chats import Chat, Topic
    from adapters.emulators.telegram.methods.ask import Ask, Method

TOPIC_NAME_LIMIT = 128


def get_chat(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#getchat"""
    return shapes.full_chat_json(ask.chat(write=False))


def get_chat_member(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#getchatmember"""
    chat = ask.chat(write=False)
    user = ask.service.world.user(ask.params.integer("user_id"))
    if user is None:
        raise bad_request("invalid user_id specified")
    if chat.type == "private":
        return shapes.member_json(user, "member")
    return shapes.member_json(user, chat.members.get(user.id, "left"))


def get_chat_administrators(ask: Ask) -> list[Json]:
    """https://core.telegram.org/bots/api#getchatadministrators"""
    chat = ask.chat(write=False)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    admins = [(i, s) for i, s in chat.members.items() if s in {"creator", "administrator"}]
    users = [(ask.service.world.user(user_id), status) for user_id, status in admins]
    return [shapes.member_json(user, status) for user, status in users if user is not None]


def get_chat_member_count(ask: Ask) -> int:
    """https://core.telegram.org/bots/api#getchatmembercount"""
    chat = ask.chat(write=False)
    return 2 if chat.type == "private" else sum(chat.is_member(i) for i in chat.members)


def leave_chat(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#leavechat"""
    chat = ask.chat()
    if chat.type == "private":
        raise bad_request("chat member status can't be changed in private chats")
    chat.members[ask.bot.user.id] = "left"
    return True


def _forum(ask: Ask) -> Chat:
    """The forum of the request, where the bot may manage topics."""
    chat = ask.chat()
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if chat.members.get(ask.bot.user.id) != "administrator":
        raise bad_request("not enough rights to manage topics")
    return chat


def _topic(ask: Ask, chat: Chat) -> Topic:
    topic = chat.topics.get(ask.params.integer("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _name(ask: Ask) -> str:
    name = ask.params.text("name").strip()
    if len(name) > TOPIC_NAME_LIMIT:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    return name


def _service_message(ask: Ask, chat: Chat, topic: Topic, content: Json) -> None:
    message = ask.service.world.add_message(chat, ask.bot.user, content, thread_id=topic.thread_id)
    ask.call.message_ids.append(message.message_id)
    ask.service.touch()


def create_forum_topic(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#createforumtopic"""
    chat = _forum(ask)
    name = _name(ask)
    if not name:
        raise bad_request("TOPIC_TITLE_EMPTY")
    topic = ask.service.world.open_topic(chat, ask.bot.user, name, ask.params.integer("icon_color"))
    ask.call.message_ids.append(topic.thread_id)
    ask.service.touch()
    return shapes.topic_json(topic)


def edit_forum_topic(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#editforumtopic"""
    chat = _forum(ask)
    topic = _topic(ask, chat)
    name = _name(ask)
    if not name or name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    _service_message(ask, chat, topic, {"forum_topic_edited": {"name": name}})
    return True


def close_forum_topic(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#closeforumtopic"""
    return _set_closed(ask, closed=True)


def reopen_forum_topic(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#reopenforumtopic"""
    return _set_closed(ask, closed=False)


def _set_closed(ask: Ask, *, closed: bool) -> bool:
    chat = _forum(ask)
    topic = _topic(ask, chat)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    kind = "forum_topic_closed" if closed else "forum_topic_reopened"
    _service_message(ask, chat, topic, {kind: {}})
    return True


def delete_forum_topic(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#deleteforumtopic: all its messages go as well."""
    chat = _forum(ask)
    topic = _topic(ask, chat)
    del chat.topics[topic.thread_id]
    for message in chat.shown(topic.thread_id):
        message.deleted = True
    ask.service.touch()
    return True


METHODS: dict[str, Method] = {
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "getchatadministrators": get_chat_administrators,
    "getchatmembercount": get_chat_member_count,
    "leavechat": leave_chat,
    "createforumtopic": create_forum_topic,
    "editforumtopic": edit_forum_topic,
    "closeforumtopic": close_forum_topic,
    "reopenforumtopic": reopen_forum_topic,
    "deleteforumtopic": delete_forum_topic,
}
