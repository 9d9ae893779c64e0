"""What the fake network says and what it hears back: update rendering and the tally, no I/O.

1. Persons are numbered from 0; person p and person p ^ 1 are each other's coach and client.
2. Messages are numbered over the whole life of the server, so a late duplicate of an earlier run
   is seen as a stray instead of being taken for a message of this run.
3. Every text carries `QZ<number>QZ`: letters and digits only, so the token reads the same in JSON,
   in a urlencoded form and in a multipart form, and one search finds it.
"""

from __future__ import annotations

import re
from array import array
from statistics import median
from typing import Final

import msgspec

FIRST_CHAT: Final = 1_000_000
FIRST_UPDATE: Final = 500_000_000
FIRST_SENT: Final = 700_000_000
FILLER: Final = " Tomorrow at ten I will ring you, good luck with the presentation! 🙂"

TOKEN: Final = re.compile(rb"QZ([0-9]{7})QZ")
_UPDATE: Final = (
    '{"update_id":%d,"message":{"message_id":%d,"from":{"id":%d,"is_bot":false,'
    '"first_name":"P%d","language_code":"en"},"chat":{"id":%d,"first_name":"P%d",'
    '"type":"private"},"date":1767225600,"text":"QZ%07dQZ' + FILLER + '"}}'
).encode()
_SENT: Final = (
    '{"ok":true,"result":{"message_id":%d,"from":{"id":4242,"is_bot":true,"first_name":"Bench",'
    '"username":"bench_bot"},"chat":{"id":%d,"first_name":"P","type":"private"},'
    '"date":1767225600,"text":"QZ%07dQZ' + FILLER + '"}}'
).encode()


class RunOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One run: what to send and how the fake API behaves meanwhile. Times in seconds.

    `rate` is in messages per second, 0 means all at once. `delay` is the round trip of every API
    call. Sends to the partner of `slow_person` take `slow_delay` instead. The run ends when all
    texts came back and `settle` passed, or when nothing new came back for `stall`.
    """

    messages: int
    persons: int
    mode: str
    rate: float = 0.0
    delay: float = 0.0
    slow_person: int = -1
    slow_delay: float = 0.0
    settle: float = 0.3
    stall: float = 10.0


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came back; times in seconds, latencies in milliseconds.

    `elapsed` runs from the first update handed out to the last new text received. Latency runs
    from the moment a message exists (paced) or is first handed out (all at once). `finish_*` are
    the times at which a chat's last text came; the slow chat is left out of these and of the
    latencies. `server_busy` is the fake server's own CPU share: near 1 it is the bottleneck.
    """

    messages: int
    elapsed: float
    lost: int
    doubled: int
    disordered: int
    misrouted: int
    strays: int
    other_calls: int
    webhook_retries: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    finish_median: float
    finish_slowest: float
    server_busy: float


def chat_of(person: int) -> int:
    """Give the Telegram chat id of a person."""
    return FIRST_CHAT + person


def partner_chat(chat: int) -> int:
    """Give the chat a text from `chat` has to go to: the rule of every relay measured here."""
    return chat_of((chat - FIRST_CHAT) ^ 1)


def render_update(number: int, person: int) -> bytes:
    """Write message `number` of `person` as an Update, https://core.telegram.org/bots/api#update."""
    chat = chat_of(person)
    return _UPDATE % (FIRST_UPDATE + number, number + 1, chat, person, chat, person, number)


def render_sent(sent: int, chat: int, number: int) -> bytes:
    """Write the answer to the `sent`-th sendMessage."""
    return _SENT % (FIRST_SENT + sent, chat, number)


def percentile(values: list[float], share: float) -> float:
    """Give the nearest-rank percentile, 0.0 for no values."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -int(-share * len(ranked) // 1) - 1))]


class Tally:
    """Everything seen in one run; `heard` is on the hot path of the server."""

    def __init__(self, order: RunOrder, first: int) -> None:
        """Start counting for the messages `first` up to `first + order.messages`."""
        self.order = order
        self.first = first
        self.born = array("d", bytes(8 * order.messages))
        self.came = array("d", bytes(8 * order.messages))
        self.missing = order.messages
        self.last_new = 0.0
        self._newest = array("q", [-1]) * order.persons
        self.doubled = self.disordered = self.misrouted = self.strays = 0
        self.other_calls = self.webhook_retries = 0

    def person_of(self, number: int) -> int:
        """Give who wrote message `number`: turns go round, so every chat has work at all times."""
        return (number - self.first) % self.order.persons

    def born_now(self, number: int, now: float) -> None:
        """Note when a message first existed for the bot; handing it out again changes nothing."""
        index = number - self.first
        if not self.born[index]:
            self.born[index] = now

    def heard(self, number: int, chat: int, now: float) -> None:
        """Count one sendMessage."""
        index = number - self.first
        if not 0 <= index < self.order.messages:
            self.strays += 1
            return
        person = index % self.order.persons
        if chat != chat_of(person ^ 1):
            self.misrouted += 1
        if self.came[index]:
            self.doubled += 1
            return
        self.came[index] = now
        self.last_new = now
        self.missing -= 1
        if number < self._newest[person]:
            self.disordered += 1
        else:
            self._newest[person] = number

    def result(self, busy_seconds: float) -> RunResult:
        """Sum up the run; `busy_seconds` is the server's CPU time over it."""
        handed = [at for at in self.born if at]
        begun = min(handed, default=0.0)
        elapsed = max(self.last_new - begun, 1e-9)
        latencies: list[float] = []
        finish = [0.0] * self.order.persons
        for index, came in enumerate(self.came):
            person = index % self.order.persons
            if not came or person == self.order.slow_person:
                continue
            latencies.append((came - self.born[index]) * 1000)
            finish[person] = max(finish[person], came - begun)
        done = [at for at in finish if at]
        return RunResult(
            messages=self.order.messages,
            elapsed=elapsed,
            lost=self.missing,
            doubled=self.doubled,
            disordered=self.disordered,
            misrouted=self.misrouted,
            strays=self.strays,
            other_calls=self.other_calls,
            webhook_retries=self.webhook_retries,
            p50_ms=percentile(latencies, 0.50),
            p99_ms=percentile(latencies, 0.99),
            max_ms=max(latencies, default=0.0),
            finish_median=median(done) if done else 0.0,
            finish_slowest=max(done, default=0.0),
            server_busy=busy_seconds / elapsed,
        )
