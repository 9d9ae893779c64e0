"""What people do besides sending: start, edit, react, press, block, look, wait."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.chats import Callback, Chat, Message
from adapters.emulators.telegram.formatting import CAPTION_LIMIT, TEXT_LIMIT, formatted
from adapters.emulators.telegram.people import Sender, note
from adapters.emulators.telegram.screen import Line, screen_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.emulators.telegram.service import Service


class Press:
    """A pressed button: the phone shows a spinner until the bot answers."""

    def __init__(self, service: Service, callback: Callback) -> None:
        self._service = service
        self.callback = callback

    async def answered(self, within: float = 5.0) -> Json:
        """What answerCallbackQuery said: `{"text": …, "show_alert": …}`; `within` in seconds."""
        return await self._service.until(lambda: self.callback.answer, within)


class Person(Sender):
    """One person with a phone."""

    def _message(self, chat: Chat, message_id: int) -> Message:
        message = chat.message(message_id)
        if message is None:
            raise EmulatorMisuseError(f"message {message_id} is not on this phone")
        return message

    async def start(self, payload: str = "") -> Message:
        """Press START, also by a link t.me/<bot>?start=<payload>; a block is lifted first.

        https://core.telegram.org/bots/features#deep-linking
        """
        if self.chat.blocked:
            await self.unblock()
        return await self.send(f"/start {payload}".strip())

    async def edit(
        self,
        message_id: int,
        text: str,
        *,
        entities: list[Json] | None = None,
        chat: int | None = None,
    ) -> Message:
        """Change a text or caption of one's own."""
        message = self._message(self.chat_of(chat), message_id)
        if message.sender.id != self.id:
            raise EmulatorMisuseError("only one's own messages can be edited")
        field, limit = (
            ("text", TEXT_LIMIT) if message.kind == "text" else ("caption", CAPTION_LIMIT)
        )
        entity_field = "entities" if field == "text" else "caption_entities"
        text, kept = formatted(text, entities, None, limit, "message is too long")
        content = {k: v for k, v in message.content.items() if k not in {field, entity_field}}
        content[field] = text
        if kept:
            content[entity_field] = kept
        message.content = content
        message.edit_date = int(time.time())
        told = self.service.announce(message, "edited_message")
        note(self.service, "edited", self.user, message.chat, told, message=message)
        await asyncio.sleep(0)
        return message

    async def delete(self, message_id: int, *, chat: int | None = None) -> None:
        """Delete for everyone; bots are told nothing of it."""
        message = self._message(self.chat_of(chat), message_id)
        message.deleted = True
        note(self.service, "deleted", self.user, message.chat, {}, message=message)

    async def react(self, message_id: int, *emoji: str, chat: int | None = None) -> None:
        """Set one's reactions to a message; none takes them away."""
        message = self._message(self.chat_of(chat), message_id)
        old, new = message.reactions.get(self.id, []), list(emoji)
        message.reactions[self.id] = new
        payload = shapes.reaction_update(message, self.user, old, new)
        lane = f"reaction {message.chat.id}"
        told = self.service.publish(message.chat, "message_reaction", payload, lane)
        words = " ".join(new)
        note(self.service, "reacted", self.user, message.chat, told, message=message, text=words)
        await asyncio.sleep(0)

    async def press(
        self, message_id: int, button: int | str = 0, *, chat: int | None = None
    ) -> Press:
        """Press an inline button by its place (0 = first), its label or its callback data."""
        message = self._message(self.chat_of(chat), message_id)
        chosen = _button(message, button)
        bots = self.service.world.bots_in(message.chat)
        bot = next((b for b in bots if b.user.id == message.sender.id), None)
        if bot is None or "callback_data" not in chosen:
            raise EmulatorMisuseError(f"button {chosen['text']!r} does not call a bot")
        callback = Callback(
            id=self.service.world.next_callback_id(),
            bot=bot,
            person=self.user,
            message=message,
            data=str(chosen["callback_data"]),
            at=time.monotonic(),
        )
        self.service.world.callbacks[callback.id] = callback
        payload = shapes.callback_json(callback)
        lane = f"press {self.id}"
        told = self.service.publish_to(bot, message.chat, "callback_query", payload, lane)
        label = str(chosen["text"])
        note(self.service, "pressed", self.user, message.chat, told, message=message, text=label)
        await asyncio.sleep(0)
        return Press(self.service, callback)

    async def block(self) -> None:
        """Block the bot: it is told by my_chat_member and cannot write any more."""
        await self._set_blocked(blocked=True)

    async def unblock(self) -> None:
        """Lift the block."""
        await self._set_blocked(blocked=False)

    async def _set_blocked(self, *, blocked: bool) -> None:
        chat = self.chat
        if chat.blocked == blocked:
            return
        chat.blocked = blocked
        old, new = ("member", "kicked") if blocked else ("kicked", "member")
        payload = shapes.member_update(chat, self.user, self._bot().user, old, new)
        told = self.service.publish(chat, "my_chat_member", payload, f"member {chat.id}")
        note(self.service, "blocked" if blocked else "unblocked", self.user, chat, told)
        await asyncio.sleep(0)

    def screen(self, chat: int | None = None, thread: int | None = None) -> list[Line]:
        """What this phone shows now, oldest first."""
        return screen_of(self.service.world, self.chat_of(chat), self.user, thread)

    async def wait_for(
        self,
        wanted: str | Callable[[Message], bool],
        within: float = 5.0,
        *,
        chat: int | None = None,
        after: int = 0,
    ) -> Message:
        """The first message of somebody else that shows `wanted` (a part of its text, or a test).

        Only messages with an id above `after` count. TimeoutError after `within` seconds.
        """

        def look() -> Message | None:
            for message in self.chat_of(chat).shown():
                if message.message_id <= after or message.sender.id == self.id:
                    continue
                if wanted in message.text if isinstance(wanted, str) else wanted(message):
                    return message
            return None

        return await self.service.until(look, within)


def _button(message: Message, wanted: int | str) -> Json:
    """A button of an inline keyboard, counted row by row."""
    buttons = [b for row in (message.markup or {}).get("inline_keyboard", []) for b in row]
    if isinstance(wanted, int) and 0 <= wanted < len(buttons):
        return dict(buttons[wanted])
    for button in buttons:
        if wanted in (button["text"], button.get("callback_data")):
            return dict(button)
    raise EmulatorMisuseError(f"message {message.message_id} has no button {wanted!r}")
