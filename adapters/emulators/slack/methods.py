"""The methods of the Web API the bridge may call. https://docs.slack.dev/reference/methods

Each takes what was asked and returns the answer without `ok`; ApiError is a refusal. What Slack
refuses is refused with Slack's own code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.emulators.misuse import Json
from adapters.emulators.slack import blocks
from adapters.emulators.slack.errors import ApiError
from adapters.emulators.slack.world import BOT, BOT_USER, TEAM, Channel, Message

if TYPE_CHECKING:
    from adapters.emulators.slack.journal import Call
    from adapters.emulators.slack.service import Service

TEXT_LIMIT = 40_000
NAME_LIMIT = 80
_NAME = re.compile(r"[\w-]+")
_REACTION = re.compile(r"[a-z0-9_+'-]+(?:::skin-tone-[2-6])?")


@dataclass(slots=True)
class Ask:
    """One call: its parameters, and where the server is."""

    service: Service
    call: Call
    params: Json
    base: str

    def text(self, name: str, default: str = "") -> str:
        """A parameter as text."""
        return str(self.params.get(name, default))

    def flag(self, name: str) -> bool:
        """A parameter as truth."""
        return self.text(name).lower() in {"true", "1"}

    def decoded(self, name: str, default: Any) -> Any:
        """A parameter that is JSON inside a form."""
        given = self.params.get(name)
        if not isinstance(given, str):
            return default if given is None else given
        try:
            return msgspec.json.decode(given)
        except msgspec.DecodeError:
            raise ApiError("invalid_arguments") from None

    def channel(self, name: str = "channel") -> Channel:
        """The conversation a parameter names."""
        return self.service.world.channel(self.text(name))

    def writable(self, name: str = "channel") -> Channel:
        """The same, if the app may write there."""
        channel = self.channel(name)
        if channel.archived:
            raise ApiError("is_archived")
        if BOT_USER not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def own(self) -> Message:
        """The message of ours that `channel` and `ts` name."""
        message = self.channel().message(self.text("ts"))
        if message is None:
            raise ApiError("message_not_found")
        return message


def _content(ask: Ask) -> Json:
    """What a message of the app is to hold. https://docs.slack.dev/reference/methods/chat.postMessage"""
    content: Json = {"text": ask.text("text")[:TEXT_LIMIT]}
    given = ask.decoded("blocks", [])
    if given:
        content["blocks"] = blocks.checked(given)
    if not content["text"].strip() and not given:
        raise ApiError("no_text")
    metadata = ask.decoded("metadata", None)
    if metadata is not None:
        if not metadata.get("event_type") or not isinstance(metadata.get("event_payload"), dict):
            raise ApiError("invalid_metadata_format")
        content["metadata"] = metadata
    return content


def _thread(ask: Ask, channel: Channel) -> str:
    """The beginning of the thread a message is to go into."""
    given = ask.text("thread_ts")
    if not given:
        return ""
    parent = channel.message(given)
    if parent is None:
        raise ApiError("thread_not_found")
    return parent.thread_ts or parent.ts


def auth_test(_ask: Ask) -> Json:
    return {
        "url": "https://emulated.slack.test/",
        "team": "Emulated",
        "user": "bridge",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
    }


def connections_open(ask: Ask) -> Json:
    return {"url": f"{ask.base.replace('http', 'ws', 1)}/link/?ticket={ask.call.seq}"}


def post_message(ask: Ask) -> Json:
    channel = ask.writable()
    content = _content(ask)
    thread = _thread(ask, channel)
    broadcast = bool(thread) and ask.flag("reply_broadcast")
    message = ask.service.bot_says(channel, content, ask.call, thread, broadcast=broadcast)
    return {"channel": channel.id, "ts": message.ts, "message": message.json(metadata=False)}


def post_ephemeral(ask: Ask) -> Json:
    channel = ask.writable()
    if ask.text("user") not in channel.members:
        raise ApiError("user_not_in_channel")
    _content(ask)
    return {"message_ts": ask.service.world.next_ts()}


def update(ask: Ask) -> Json:
    message = ask.own()
    if message.user != BOT_USER:
        raise ApiError("cant_update_message")
    content = _content(ask)
    if message.content.get("files"):
        raise ApiError("cant_update_message")
    before = message.json(metadata=False)
    kept = {k: v for k, v in message.content.items() if k in {"bot_id", "app_id", "metadata"}}
    message.content = {**kept, **content}
    message.edited = ask.service.world.next_ts()
    ask.call.message_ids.append(message.ts)
    ask.service.changed(message, before)
    return {"channel": message.channel.id, "ts": message.ts, "text": content["text"]}


def delete(ask: Ask) -> Json:
    message = ask.own()
    if message.user != BOT_USER:
        raise ApiError("cant_delete_message")
    ask.call.message_ids.append(message.ts)
    ask.service.deleted(message)
    return {"channel": message.channel.id, "ts": message.ts}


def _reacted(ask: Ask) -> tuple[Message, str]:
    message = ask.channel().message(ask.text("timestamp"))
    if message is None:
        raise ApiError("message_not_found")
    name = ask.text("name")
    if not _REACTION.fullmatch(name):
        raise ApiError("invalid_name")
    return message, name


def add_reaction(ask: Ask) -> Json:
    message, name = _reacted(ask)
    users = message.reactions.setdefault(name, [])
    if BOT_USER in users:
        raise ApiError("already_reacted")
    users.append(BOT_USER)
    ask.service.reacted(message, BOT_USER, name, "reaction_added")
    return {}


def remove_reaction(ask: Ask) -> Json:
    message, name = _reacted(ask)
    if BOT_USER not in message.reactions.get(name, []):
        raise ApiError("no_reaction")
    message.reactions[name].remove(BOT_USER)
    if not message.reactions[name]:
        del message.reactions[name]
    ask.service.reacted(message, BOT_USER, name, "reaction_removed")
    return {}


def get_reactions(ask: Ask) -> Json:
    message = ask.channel().message(ask.text("timestamp"))
    if message is None:
        raise ApiError("message_not_found")
    return {"type": "message", "channel": message.channel.id, "message": message.json()}


def open_conversation(ask: Ask) -> Json:
    user = ask.service.world.users.get(ask.text("users"))
    if user is None or user.deleted:
        raise ApiError("user_not_found")
    if user.is_bot:
        raise ApiError("cannot_dm_bot")
    return {"channel": ask.service.world.direct(user.id).json()}


def create_conversation(ask: Ask) -> Json:
    name = ask.text("name")
    if not _NAME.fullmatch(name) or name != name.lower() or len(name) > NAME_LIMIT:
        raise ApiError("invalid_name_specials")
    world = ask.service.world
    if any(channel.name == name for channel in world.channels.values()):
        raise ApiError("name_taken")
    private = ask.flag("is_private")
    channel = Channel(world.next_id("C"), "group" if private else "channel", name, [BOT_USER])
    world.channels[channel.id] = channel
    return {"channel": channel.json()}


def invite(ask: Ask) -> Json:
    channel = ask.writable()
    for user in ask.text("users").split(","):
        if user not in ask.service.world.users:
            raise ApiError("user_not_found")
        if user in channel.members:
            raise ApiError("already_in_channel")
        channel.members.append(user)
        ask.service.joined(channel, user, BOT_USER)
    return {"channel": channel.json()}


def history(ask: Ask) -> Json:
    """Newest first; answers in threads are not in it."""
    found = [m for m in ask.writable().shown() if not m.in_thread]
    return _page(ask, found[::-1])


def replies(ask: Ask) -> Json:
    """The beginning and its answers, oldest first; the beginning comes in any case."""
    channel = ask.writable()
    parent = channel.message(ask.text("ts"))
    if parent is None:
        raise ApiError("thread_not_found")
    return _page(ask, [parent, *channel.replies(parent.ts)], first=parent)


def _page(ask: Ask, found: list[Message], first: Message | None = None) -> Json:
    oldest = ask.text("oldest", "0")
    fitting = [m for m in found if m is first or float(m.ts) > float(oldest)]
    start = int(ask.text("cursor", "0") or 0)
    limit = min(int(ask.text("limit", "100")), 999)
    shown = fitting[start : start + limit]
    more = len(fitting) > start + limit
    with_metadata = ask.flag("include_all_metadata")
    return {
        "messages": [m.json(metadata=with_metadata) for m in shown],
        "has_more": more,
        "response_metadata": {"next_cursor": str(start + limit) if more else ""},
    }


def members(ask: Ask) -> Json:
    return {"members": ask.channel().members, "response_metadata": {"next_cursor": ""}}


def info(ask: Ask) -> Json:
    return {"channel": ask.channel().json()}


def conversations(ask: Ask) -> Json:
    """All conversations the app is in, of the types asked for."""
    names = {"im": "im", "mpim": "mpim", "private_channel": "group", "public_channel": "channel"}
    wanted = {names[name.strip()] for name in ask.text("types", "public_channel").split(",")}
    found = [
        channel.json()
        for channel in ask.service.world.channels.values()
        if channel.kind in wanted and BOT_USER in channel.members
    ]
    start, limit = int(ask.text("cursor", "0") or 0), int(ask.text("limit", "100"))
    more = str(start + limit) if len(found) > start + limit else ""
    return {
        "channels": found[start : start + limit],
        "response_metadata": {"next_cursor": more},
    }


def user_info(ask: Ask) -> Json:
    user = ask.service.world.users.get(ask.text("user"))
    if user is None:
        raise ApiError("user_not_found")
    return {"user": user.json()}


Method = Callable[[Ask], Json]
METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "apps.connections.open": connections_open,
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "reactions.add": add_reaction,
    "reactions.remove": remove_reaction,
    "reactions.get": get_reactions,
    "conversations.open": open_conversation,
    "conversations.create": create_conversation,
    "conversations.invite": invite,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.members": members,
    "conversations.info": info,
    "conversations.list": conversations,
    "users.conversations": conversations,
    "users.info": user_info,
}
