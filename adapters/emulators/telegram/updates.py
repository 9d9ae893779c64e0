"""The queue of updates of one bot, and getUpdates.

https://core.telegram.org/bots/api#getting-updates. Rules:
1. An update is confirmed by a getUpdates whose `offset` is higher than its id; until then it comes
   again with every call. A negative offset keeps only that many of the newest.
2. An offset more than ten beyond the next id (or two million behind) is taken for nonsense: the
   answer starts at the oldest unconfirmed update and nothing is confirmed. So after ids restarted
   at a lower number, a bot that asks for "highest ever + 1" gets the same updates for ever.
3. Of two waiting getUpdates the older is ended with 409; with a webhook set every one is.
4. `allowed_updates` is remembered and filters at the moment an update is made.
5. Ids go up by one, and after a quiet week restart at any number: `restart_at`.
Left out: the real server slows down a bot that repeats one offset within three seconds.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.telegram.errors import conflict
from adapters.emulators.telegram.journal import Handed, Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.emulators.faults import FaultPlan
    from adapters.emulators.telegram.chats import Bot

NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KINDS = frozenset(
    {
        "message",
        "edited_message",
        "callback_query",
        "message_reaction",
        "message_reaction_count",
        "my_chat_member",
        "chat_member",
        "inline_query",
        "poll",
        "channel_post",
    }
)
LIFETIME = 86_400.0
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook"
    " first"
)
TERMINATED = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)


@dataclass(slots=True)
class Pending:
    """An update that waits for confirmation."""

    key: int
    """Its place in the sequence; equals `update_id` except in injected updates."""
    body: bytes
    lane: str
    """Webhook deliveries are in order within a lane: a chat's messages, a person's presses, …"""
    chat: int | None
    record: Handed

    @property
    def made(self) -> float:
        """When, on the monotonic clock."""
        return self.record.monotonic


class UpdateQueue:
    """Everything a bot has not confirmed yet."""

    def __init__(self, bot: Bot, journal: Journal, faults: FaultPlan, first_id: int) -> None:
        self.bot = bot
        self.allowed: frozenset[str] | None = None
        self.pending: dict[int, Pending] = {}
        self.next_id = first_id
        self.webhook_active = False
        self.on_new: Callable[[Pending], None] | None = None
        self.conflict_pause = 3.0
        """Seconds a second 409 within that time is held back, as the real server does."""
        self._journal = journal
        self._faults = faults
        self._again: list[Pending] = []
        self._waiting: asyncio.Future[bool] | None = None
        self._last_conflict = float("-inf")

    def accepts(self, kind: str) -> bool:
        """Whether updates of this kind are made for the bot at present."""
        return kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def allow(self, kinds: list[str] | None) -> None:
        """Remember `allowed_updates`: None changes nothing, an empty list means the default."""
        if kinds is not None:
            known = frozenset(kind.lower() for kind in kinds) & KINDS
            self.allowed = known or None

    def push(self, kind: str, payload: Json, lane: str, chat: int | None) -> int | None:
        """Queue an update; returns its id, or None where the bot did not ask for this kind."""
        if not self.accepts(kind):
            return None
        update_id = self.next_id
        self._add({"update_id": update_id, kind: payload}, kind, lane, chat)
        return update_id

    def inject(self, raw: Json | str, lane: str = "injected") -> int:
        """Queue any JSON, or any text at all; an object without `update_id` gets the next one."""
        key = self.next_id
        if isinstance(raw, dict):
            raw = {"update_id": key, **raw}
        self._add(raw, "injected", lane, None)
        return key

    def _add(self, raw: Json | str, kind: str, lane: str, chat: int | None) -> None:
        key, self.next_id = self.next_id, self.next_id + 1
        shown_id = raw.get("update_id", key) if isinstance(raw, dict) else key
        record = Handed(
            **self._journal.stamp(),
            bot=self.bot.user.id,
            update_id=shown_id if isinstance(shown_id, int) else key,
            kind=kind,
            raw=raw,
        )
        body = raw.encode() if isinstance(raw, str) else msgspec.json.encode(raw)
        self._journal.handed.append(record)
        self.pending[key] = Pending(key, body, lane, chat, record)
        self._announce(self.pending[key])

    def _announce(self, item: Pending) -> None:
        if self.on_new is not None:
            self.on_new(item)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(True)

    def redeliver(self, update_id: int, times: int = 1) -> None:
        """Hand an old update out again though it was confirmed."""
        record = self._journal.update(update_id, self.bot.user.id)
        if record is None:
            raise EmulatorMisuseError(f"there was no update {update_id}")
        raw = record.raw
        body = raw.encode() if isinstance(raw, str) else msgspec.json.encode(raw)
        for _ in range(times):
            item = Pending(-1, body, f"again {update_id}", None, record)
            if not self.webhook_active:
                self._again.append(item)
            self._announce(item)

    def restart_at(self, update_id: int) -> None:
        """The next id; a lower one only while nothing is unconfirmed, as after a quiet week."""
        if update_id < self.next_id and self.pending:
            raise EmulatorMisuseError("ids restart lower only when every update was confirmed")
        self.next_id = update_id

    def confirm(self, item: Pending) -> None:
        """The bot has it: it will not come again."""
        self.pending.pop(item.key, None)
        if item.record.confirmed is None:
            item.record.confirmed = time.monotonic()

    def drop(self, item: Pending, why: str) -> None:
        """It is lost for the bot, and the journal says why."""
        self.pending.pop(item.key, None)
        item.record.dropped = why

    def drop_all(self, why: str) -> None:
        """Forget everything that waits."""
        for item in list(self.pending.values()):
            self.drop(item, why)

    def note_handed(self, item: Pending, over: str) -> None:
        """Write down that it went out."""
        record = item.record
        record.times += 1
        record.over = "polling" if over == "polling" else "webhook"
        if record.first_handed is None:
            record.first_handed = time.monotonic()
            record.first_handed_at = datetime.now(UTC)

    def _settle(self, offset: int) -> None:
        """Rule 1 and 2: confirm what the offset confirms."""
        if offset < 0:
            for item in list(self.pending.values())[:offset]:
                self.drop(item, "negative offset")
        if offset <= 0 or offset > self.next_id + 10 or offset < self.next_id - 2_000_000:
            return
        confirmed = []
        for key, item in self.pending.items():
            if key >= offset:
                break
            confirmed.append(item)
        for item in confirmed:
            self.confirm(item)

    def _batch(self, limit: int) -> list[Pending]:
        oldest = time.monotonic() - LIFETIME
        while self.pending and (first := next(iter(self.pending.values()))).made < oldest:
            self.drop(first, "older than 24 hours")
        again, self._again = self._again, []
        batch = again + [item for _, item in zip(range(limit), self.pending.values(), strict=False)]
        fault = None
        if batch:
            fault = self._faults.on_handout("getUpdates", batch[0].chat, self.bot.user.id)
        if fault is not None and fault.kind == "duplicate":
            batch = [item for item in batch for _ in range(fault.times)]
        elif fault is not None:
            batch.reverse()
        return batch

    async def get(
        self, offset: int, limit: int, within: float, is_alive: Callable[[], bool]
    ) -> list[Pending]:
        """getUpdates: settle the offset, then the next updates, waiting up to `within` seconds.

        Raises 409 by rule 3. When the caller is gone (`is_alive`) the answer is empty and nothing
        counts as handed out.
        """
        if self.webhook_active:
            await self._conflict_pause()
            raise conflict(WEBHOOK_ACTIVE)
        self._settle(offset)
        batch = self._batch(limit)
        if not batch and within > 0:
            batch = await self._wait(limit, within, is_alive)
        if not is_alive():
            self._again = [i for i in batch if i.key == -1] + self._again
            return []
        for item in batch:
            self.note_handed(item, "polling")
        return batch

    async def _wait(self, limit: int, within: float, is_alive: Callable[[], bool]) -> list[Pending]:
        self.end_waiting()
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        try:
            async with asyncio.timeout(within):
                go_on = await waiting
        except TimeoutError:
            return []
        finally:
            if self._waiting is waiting:
                self._waiting = None
        if not go_on:
            await self._conflict_pause()
            raise conflict(WEBHOOK_ACTIVE if self.webhook_active else TERMINATED)
        return self._batch(limit) if is_alive() else []

    def end_waiting(self) -> None:
        """End the getUpdates that waits, with 409."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(False)

    async def _conflict_pause(self) -> None:
        now = time.monotonic()
        if now < self._last_conflict + self.conflict_pause:
            await asyncio.sleep(self.conflict_pause)
        else:
            self._last_conflict = now
