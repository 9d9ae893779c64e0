"""The server behind the routes: its state, and who hears of what. No HTTP in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.emulators.changes import Changes
from adapters.emulators.faults import FaultPlan
from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.chats import Bot, Chat, Message, User, World
from adapters.emulators.telegram.files import FileStore
from adapters.emulators.telegram.journal import Call, Journal, Shown
from adapters.emulators.telegram.limits import Limits
from adapters.emulators.telegram.updates import UpdateQueue
from adapters.emulators.telegram.webhooks import Webhook, WebhookSender

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Service(Changes):
    """One Telegram. `time_factor` scales retry delays (0.01 = a hundred times as fast)."""

    def __init__(self, time_factor: float = 1.0) -> None:
        super().__init__()
        self.world = World()
        self.files = FileStore()
        self.journal = Journal()
        self.faults = FaultPlan()
        self.limits = Limits()
        self.queues: dict[int, UpdateQueue] = {}
        self.senders: dict[int, WebhookSender] = {}
        self.time_factor = time_factor
        self.callback_lifetime = 30.0
        """Seconds in which a pressed button can be answered; not documented, a minute at most."""
        self.webhook_timeout = 60.0
        """Seconds a webhook may take to answer; for webhooks set from now on, never scaled."""
        self.obey: Callable[[Bot, Json], Awaitable[None]] | None = None
        """Runs a method that came in the answer to a webhook; set by the HTTP server."""

    # -- accounts ---------------------------------------------------------------------------

    def add_bot(self, token: str, username: str, name: str) -> Bot:
        """A new bot; the number before the colon of its token is its user id."""
        head = token.partition(":")[0]
        if not head.isdigit():
            raise EmulatorMisuseError("a token is <number>:<secret>")
        user = User(int(head), name, username=username, is_bot=True)
        bot = Bot(user, token)
        self.world.bots[token] = bot
        first_id = 500_000_001 + 10_000_000 * len(self.queues)
        queue = UpdateQueue(bot, self.journal, self.faults, first_id)
        queue.conflict_pause *= self.time_factor
        self.queues[user.id] = queue
        return bot

    async def set_webhook(self, bot: Bot, webhook: Webhook | None) -> None:
        """Start, change or end webhook deliveries."""
        old = self.senders.pop(bot.user.id, None)
        if old is not None:
            await old.stop()
        queue = self.queues[bot.user.id]
        queue.webhook_active = webhook is not None
        if webhook is None:
            return
        queue.end_waiting()

        async def obey(asked: Json) -> None:
            if self.obey is not None:
                await self.obey(bot, asked)

        sender = WebhookSender(
            queue, webhook, self.faults, self.time_factor, self.webhook_timeout, obey
        )
        self.senders[bot.user.id] = sender
        sender.start()

    async def close(self) -> None:
        """End all that waits or delivers."""
        for sender in list(self.senders.values()):
            await sender.stop()
        for queue in self.queues.values():
            queue.end_waiting()

    # -- who hears of what ------------------------------------------------------------------

    def _hears(self, bot: Bot, message: Message) -> bool:
        """Privacy mode: https://core.telegram.org/bots/features#privacy-mode"""
        chat = message.chat
        if message.sender.id == bot.user.id or message.sender.is_bot:
            return False
        if chat.type == "private" or bot.reads_all_group_messages:
            return True
        if chat.members.get(bot.user.id) == "administrator" or "text" not in message.content:
            return True
        replied = chat.message(message.reply_to)
        text = message.text
        return (
            text.startswith("/")
            or f"@{bot.user.username}" in text
            or (replied is not None and replied.sender.id == bot.user.id)
        )

    def announce(self, message: Message, kind: str = "message") -> dict[int, int]:
        """Tell the bots of a chat about a message; bot id to update id."""
        told: dict[int, int] = {}
        for bot in self.world.bots_in(message.chat):
            if self._hears(bot, message):
                lane = f"chat {message.chat.id}"
                self._tell(bot, kind, shapes.message_json(message), lane, message.chat, told)
        self.touch()
        return told

    def publish(self, chat: Chat, kind: str, payload: Json, lane: str) -> dict[int, int]:
        """Tell the bots of a chat something else than a message; bot id to update id."""
        told: dict[int, int] = {}
        for bot in self.world.bots_in(chat):
            needs_admin = kind in {"chat_member", "message_reaction"} and chat.type != "private"
            if needs_admin and chat.members.get(bot.user.id) != "administrator":
                continue
            self._tell(bot, kind, payload, lane, chat, told)
        self.touch()
        return told

    def publish_to(
        self, bot: Bot, chat: Chat, kind: str, payload: Json, lane: str
    ) -> dict[int, int]:
        """Tell one bot."""
        told: dict[int, int] = {}
        self._tell(bot, kind, payload, lane, chat, told)
        self.touch()
        return told

    def _tell(
        self, bot: Bot, kind: str, payload: Json, lane: str, chat: Chat, told: dict[int, int]
    ) -> None:
        update_id = self.queues[bot.user.id].push(kind, payload, lane, chat.id)
        if update_id is not None:
            told[bot.user.id] = update_id

    # -- the journal ------------------------------------------------------------------------

    def note_shown(self, bot: Bot, message: Message, call: Call) -> None:
        """A bot's message appeared."""
        self.journal.shown.append(
            Shown(
                **self.journal.stamp(),
                bot=bot.user.id,
                chat=message.chat.id,
                thread=message.thread_id,
                message_id=message.message_id,
                kind=message.kind,
                text=message.text,
                reply_to=message.reply_to,
                call=call.seq,
            )
        )
        call.message_ids.append(message.message_id)
