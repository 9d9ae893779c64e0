"""One request to a method, and the checks many methods share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.chats import GENERAL_TOPIC, Bot, Chat, Message
from adapters.emulators.telegram.errors import bad_request, forbidden
from adapters.emulators.telegram.formatting import utf16_length

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram.journal import Call
    from adapters.emulators.telegram.params import Params
    from adapters.emulators.telegram.service import Service

CALLBACK_DATA_LIMIT = 64
QUOTE_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks what; a method gets this and returns the `result`."""

    service: Service
    bot: Bot
    params: Params
    call: Call

    def chat(self, *, write: bool = True) -> Chat:
        """The chat of `chat_id`, refused in the real server's order and words."""
        given = self.params.text("chat_id").strip()
        if not given:
            raise bad_request("chat_id is empty")
        try:
            chat_id = int(given)
        except ValueError:
            raise bad_request("chat not found") from None
        if chat_id in self.service.world.groups:
            chat = self.service.world.groups[chat_id]
            self._check_group(chat, write=write)
            return chat
        return self._private(chat_id, write=write)

    def _check_group(self, chat: Chat, *, write: bool) -> None:
        if chat.migrated_to is not None and write:
            raise bad_request(
                "group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.migrated_to},
            )
        if not (write or chat.type == "supergroup"):
            return
        status = chat.members.get(self.bot.user.id, "left")
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        if status == "left":
            raise forbidden(f"bot is not a member of the {chat.type} chat")

    def _private(self, person_id: int, *, write: bool) -> Chat:
        world = self.service.world
        person = world.people.get(person_id)
        if person is None:
            raise bad_request("chat not found")
        chat = world.private_chat(self.bot, person)
        if write and chat.blocked:
            raise forbidden("bot was blocked by the user")
        if write and not chat.started:
            # https://core.telegram.org/bots/features: "Bots can't start conversations with users"
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def thread(self, chat: Chat) -> int | None:
        """The topic of `message_thread_id`; ignored in groups that are no forums."""
        thread_id = self.params.integer("message_thread_id")
        if not thread_id or not (chat.is_forum or chat.type == "private"):
            return None
        topic = chat.topics.get(thread_id)
        if topic is None or thread_id == GENERAL_TOPIC:
            raise bad_request("message thread not found")
        if topic.closed and chat.members.get(self.bot.user.id) != "administrator":
            raise bad_request("TOPIC_CLOSED")
        return thread_id

    def message(self, chat: Chat, what: str) -> Message:
        """The message of `message_id`; `what` as in "message to edit"."""
        message_id = self.params.integer("message_id")
        if message_id == 0:
            raise bad_request("message identifier is not specified")
        found = chat.message(message_id)
        if found is None:
            raise bad_request(f"{what} not found")
        return found

    def reply(self, chat: Chat) -> tuple[Message | None, Json | None]:
        """The message replied to and the quote: core.telegram.org/bots/api#replyparameters"""
        asked = self.params.json("reply_parameters", "reply parameters")
        if asked is None:
            asked = {
                "message_id": self.params.integer("reply_to_message_id"),
                "allow_sending_without_reply": self.params.flag("allow_sending_without_reply"),
            }
            if not asked["message_id"]:
                return None, None
        if not isinstance(asked, dict):
            raise bad_request("object expected as reply parameters")
        message_id = asked.get("message_id")
        found = chat.message(int(message_id)) if message_id else None
        if found is None:
            if asked.get("allow_sending_without_reply"):
                return None, None
            raise bad_request("message to be replied not found")
        quote = asked.get("quote")
        return found, self._quote(found, str(quote)) if quote else None

    @staticmethod
    def _quote(replied: Message, quote: str) -> Json:
        at = replied.text.find(quote)
        if at < 0 or utf16_length(quote) > QUOTE_LIMIT:
            raise bad_request("QUOTE_TEXT_INVALID")
        return shapes.quote_json(quote, utf16_length(replied.text[:at]), manual=True)

    def markup(self) -> Json | None:
        """The checked `reply_markup`."""
        markup = self.params.json("reply_markup", "reply keyboard markup")
        if markup is None:
            return None
        if not isinstance(markup, dict):
            raise bad_request("object expected as reply markup")
        for row in markup.get("inline_keyboard", []):
            for button in row:
                _check_button(button)
        if markup == {"inline_keyboard": []}:
            return None
        return markup

    def post(self, chat: Chat, content: Json, **more: Any) -> Message:
        """Put a message of the bot in a chat, with reply, topic and markup of the request."""
        replied, quote = self.reply(chat)
        thread = self.thread(chat)
        if thread is None and replied is not None:
            thread = replied.thread_id
        message = self.service.world.add_message(
            chat,
            self.bot.user,
            content,
            thread_id=thread,
            reply_to=replied.message_id if replied is not None else None,
            quote=quote,
            markup=self.markup(),
            **more,
        )
        self.service.note_shown(self.bot, message, self.call)
        self.service.touch()
        return message

    def send(self, chat: Chat, content: Json) -> Json:
        """`post`, and the Message it returns."""
        return shapes.message_json(self.post(chat, content))


Method = Callable[[Ask], Any]
AsyncMethod = Callable[[Ask], Awaitable[Any]]


def _check_button(button: Any) -> None:
    """https://core.telegram.org/bots/api#inlinekeyboardbutton"""
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object"
        )
    if not button.get("text"):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    data = button.get("callback_data")
    if data is not None:
        if not 1 <= len(str(data).encode()) <= CALLBACK_DATA_LIMIT:
            raise bad_request("BUTTON_DATA_INVALID")
    elif not any(key in button for key in ("url", "web_app", "copy_text", "login_url")):
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
