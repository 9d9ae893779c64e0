"""What the fake Bot API answers, its one bot's update queue and the run going on; no sockets.

Parameters are found with one regular expression in whatever form they come (query, urlencoded,
JSON, multipart) instead of being decoded, and answers are rendered from templates.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import parse_qs

import msgspec

from benchmarks.traffic import (
    FIRST_UPDATE,
    TOKEN,
    RunOrder,
    RunResult,
    Tally,
    render_sent,
    render_update,
)
from benchmarks.webhook_sender import Connection, Hook

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH: Final = 100  # the most getUpdates gives, https://core.telegram.org/bots/api#getupdates
OK_TRUE: Final = b'{"ok":true,"result":true}'
NO_UPDATES: Final = b'{"ok":true,"result":[]}'
CANNED: Final = {
    b"getMyCommands": NO_UPDATES,
    b"getMyName": b'{"ok":true,"result":{"name":"Bench"}}',
    b"getMyDescription": b'{"ok":true,"result":{"description":""}}',
    b"getMyShortDescription": b'{"ok":true,"result":{"short_description":""}}',
}
ME: Final = (
    b'{"ok":true,"result":{"id":4242,"is_bot":true,"first_name":"Bench","username":"bench_bot",'
    b'"can_join_groups":true,"can_read_all_group_messages":false,"supports_inline_queries":false,'
    b'"has_topics_enabled":false}}'
)


def number_field(name: str) -> re.Pattern[bytes]:
    """Find an integer parameter in a query, a urlencoded form, JSON or a multipart form."""
    gap = rb'"?(?:=|\s*:\s*"?|(?:\r\n[^\r\n]+)*\r\n\r\n)(-?[0-9]+)'
    return re.compile(rb"\b" + name.encode() + gap)


CHAT_ID: Final = number_field("chat_id")
OFFSET: Final = number_field("offset")
LIMIT: Final = number_field("limit")
TIMEOUT: Final = number_field("timeout")


def integer(pattern: re.Pattern[bytes], body: bytes, default: int) -> int:
    """Give the parameter `pattern` finds, or the default."""
    found = pattern.search(body)
    return int(found[1]) if found else default


def text_fields(body: bytes) -> dict[str, str]:
    """Decode a rare call's parameters (setWebhook), whatever form they have."""
    if body.startswith(b"{"):
        return {key: str(value) for key, value in msgspec.json.decode(body, type=dict).items()}
    if body.startswith(b"--"):
        part = re.compile(rb'name="(\w+)"(?:\r\n[^\r\n]+)*\r\n\r\n(.*?)\r\n--', re.DOTALL)
        return {name.decode(): value.decode() for name, value in part.findall(body)}
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


class Caller(Protocol):
    """The connection a call came on."""

    def reply(self, body: bytes, delay: float) -> None:
        """Answer 200 after `delay` seconds."""


class FakeBotApi:
    """The state of the one bot: its update queue, its webhook and the run going on."""

    def __init__(self, say: Callable[[str, object], None]) -> None:
        """Report attachments through `say`."""
        self._say = say
        self._attached: set[str] = set()
        self._waiting: list[tuple[Caller, int, asyncio.TimerHandle]] = []
        self._hook: Hook | None = None
        self._senders: list[Connection] = []
        self._confirmed = 0
        self._available = 0
        self._sent = 0
        self.delay = 0.0
        self.tally: Tally | None = None
        self._person: list[int] = []

    # Calls of the bot

    def answer(self, client: Caller, method: bytes, body: bytes) -> None:
        """Answer one API call; sendMessage and getUpdates are the ones that count."""
        if method == b"sendMessage":
            self._send_message(client, body)
        elif method == b"getUpdates":
            self._get_updates(client, body)
        elif method == b"getMe":
            client.reply(ME, self.delay)
        elif method in (b"setWebhook", b"deleteWebhook"):
            self._set_webhook(text_fields(body) if method == b"setWebhook" else {})
            client.reply(OK_TRUE, self.delay)
        elif method == b"getWebhookInfo":
            url = self._hook.url.encode() if self._hook is not None else b""
            client.reply(
                b'{"ok":true,"result":{"url":"%b","has_custom_certificate":false,'
                b'"pending_update_count":0}}' % url,
                self.delay,
            )
        else:
            if self.tally is not None:
                self.tally.other_calls += 1
            client.reply(CANNED.get(method, OK_TRUE), self.delay)

    def _send_message(self, client: Caller, body: bytes) -> None:
        now = time.perf_counter()
        token = TOKEN.search(body)
        chat = integer(CHAT_ID, body, 0)
        self._sent += 1
        number, delay = 0, self.delay
        if self.tally is not None:
            order = self.tally.order
            if token is None:
                self.tally.other_calls += 1
            else:
                number = int(token[1])
                self.tally.heard(number, chat, now)
                if order.slow_person >= 0 and self.tally.person_of(number) == order.slow_person:
                    delay = order.slow_delay
        client.reply(render_sent(self._sent, chat, number), delay)

    def _get_updates(self, client: Caller, body: bytes) -> None:
        self._attach("polling")
        offset = integer(OFFSET, body, 0)
        if offset > FIRST_UPDATE:
            self._confirmed = max(self._confirmed, offset - FIRST_UPDATE)
        limit = min(integer(LIMIT, body, BATCH), BATCH)
        if self._confirmed < self._available and self._hook is None:
            client.reply(self._batch(limit), self.delay)
            return
        wait = integer(TIMEOUT, body, 0)
        if wait <= 0:
            client.reply(NO_UPDATES, self.delay)
            return
        handle = asyncio.get_running_loop().call_later(wait, self._give_up, client)
        self._waiting.append((client, limit, handle))

    def _batch(self, limit: int) -> bytes:
        first, last = self._confirmed, min(self._confirmed + limit, self._available)
        now = time.perf_counter()
        for number in range(first, last):
            self._handed(number, now)
        updates = b",".join([self._render(number) for number in range(first, last)])
        return b'{"ok":true,"result":[%b]}' % updates

    def _give_up(self, client: Caller) -> None:
        self._waiting = [row for row in self._waiting if row[0] is not client]
        client.reply(NO_UPDATES, self.delay)

    def gone(self, client: Caller) -> None:
        """Forget a poller whose connection closed."""
        for waiting, _, handle in self._waiting:
            if waiting is client:
                handle.cancel()
        self._waiting = [row for row in self._waiting if row[0] is not client]

    def _set_webhook(self, fields: dict[str, str]) -> None:
        secret = fields.get("secret_token", "")
        if self._hook is not None and (self._hook.url, self._hook.secret) == (
            fields.get("url"),
            secret,
        ):
            return
        for sender in self._senders:
            sender.close()
        self._senders = []
        if not fields.get("url"):
            self._hook = None
            return
        self._hook = Hook(fields["url"], secret, int(fields.get("max_connections", 40)))
        self._senders = [
            Connection(self._hook, self._render, self._handed_now, self._retried)
            for _ in range(self._hook.connections)
        ]
        self._attach("webhook")

    def _attach(self, mode: str) -> None:
        if mode not in self._attached:
            self._attached.add(mode)
            self._say("attached", {"mode": mode})

    # A run

    async def run(self, order: RunOrder) -> RunResult:
        """Carry out one order and sum it up."""
        first = max(self._available, self._confirmed)
        self._available = self._confirmed = first
        self.delay = order.delay
        self._person += [0] * (first - len(self._person))
        self._person += [index % order.persons for index in range(order.messages)]
        tally = self.tally = Tally(order, first)
        cpu, quiet_since = time.process_time(), time.perf_counter()
        last = first + order.messages
        if order.rate:
            self._pace(order, first, asyncio.get_running_loop().time())
        else:
            self._publish(last, False)
        while tally.missing:
            await asyncio.sleep(0.01)
            if time.perf_counter() - max(quiet_since, tally.last_new) > order.stall:
                break
        busy = time.process_time() - cpu
        await asyncio.sleep(max(order.settle, order.delay, order.slow_delay))
        self.tally, self.delay = None, 0.0
        return tally.result(busy)

    def _pace(self, order: RunOrder, first: int, begin: float) -> None:
        """Publish what is due and come back for the next.

        One timer at a time: timers set all at once were seen to fire out of turn on a busy
        machine, and a queue that steps back delivers twice.
        """
        loop = asyncio.get_running_loop()
        due = min(order.messages, int((loop.time() - begin) * order.rate) + 1)
        if first + due > self._available:
            self._publish(first + due, True)
        if due < order.messages:
            loop.call_at(begin + due / order.rate, self._pace, order, first, begin)

    def _publish(self, available: int, paced: bool) -> None:
        """Let messages up to `available` exist; a paced message is born at this moment."""
        numbers = range(self._available, available)
        self._available = available
        if paced:
            for number in numbers:
                self._handed_now(number)
        if self._hook is not None:
            for number in numbers:
                self._senders[self._person[number] % len(self._senders)].put(number)
            return
        waiting, self._waiting = self._waiting, []
        for client, limit, handle in waiting:
            handle.cancel()
            client.reply(self._batch(limit), self.delay)

    def _render(self, number: int) -> bytes:
        return render_update(number, self._person[number])

    def _handed_now(self, number: int) -> None:
        self._handed(number, time.perf_counter())

    def _handed(self, number: int, now: float) -> None:
        if self.tally is not None and number >= self.tally.first:
            self.tally.born_now(number, now)

    def _retried(self) -> None:
        if self.tally is not None:
            self.tally.webhook_retries += 1
