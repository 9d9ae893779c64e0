"""Which row may be sent next: lanes in memory, with their buckets, waits and breakers.

1. A lane is one place on one account: strict order within, independent of all others.
2. At most one row of a lane is under way, or those of one album; the next one starts when that is
   settled.
3. Among the lanes that may go, the more urgent row goes first, then the older.
4. A full bucket, a wait of the network or an open breaker stops a lane or an account, and nothing
   else.
Time is monotonic seconds, handed in; nothing here waits, sleeps or sends.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Sequence

_NEARLY = 1e-6
"""A part of a token that is lost in rounding."""


@dataclass(slots=True, weakref_slot=True)
class Bucket:
    """Token bucket: ``rate`` per second, at most ``burst`` at once; rate 0 = no limit."""

    rate: float
    burst: float = 1.0
    tokens: float = field(default=-1.0)
    at: float = 0.0

    def ready_at(self, now: float) -> float:
        """Return when the next token is there (``now`` or earlier = at once)."""
        if self.rate <= 0:
            return now
        self._fill(now)
        return now if self.tokens >= 1 - _NEARLY else now + (1 - self.tokens) / self.rate

    def take(self, now: float) -> None:
        """Use one token."""
        if self.rate > 0:
            self._fill(now)
            self.tokens -= 1

    def give_back(self) -> None:
        """One token was not used after all."""
        if self.rate > 0:
            self.tokens = min(self.burst, self.tokens + 1)

    def full_at(self, now: float) -> float:
        """Return when forgetting the bucket changes nothing (``now`` = already)."""
        if self.rate <= 0:
            return now
        self._fill(now)
        missing = self.burst - self.tokens
        return now if missing < _NEARLY else now + missing / self.rate

    def _fill(self, now: float) -> None:
        if self.tokens < 0 and self.at == 0.0:
            self.tokens = self.burst
        else:
            self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.rate)
        self.at = now


@dataclass(slots=True, frozen=True, order=True)
class Waiting:
    """A row that waits in a lane; ``not_before`` on the monotonic clock."""

    row: int
    priority: int
    not_before: float = 0.0


@dataclass(slots=True)
class Lane:
    """One place on one account."""

    name: str
    scope: str
    bucket: Bucket
    queue: list[Waiting] = field(default_factory=list)  # mostly one; an empty deque takes 600 B
    busy: int = 0  # rows under way: one of ours, or one more taken over from another process
    blocked_until: float = 0.0
    listed: bool = False
    due: float = math.inf  # when it will be looked at again

    def ready_at(self, now: float) -> float:
        """Return when the head of the queue may go."""
        return max(self.blocked_until, self.queue[0].not_before, self.bucket.ready_at(now))


@dataclass(slots=True)
class Account:
    """What all lanes of one account share."""

    scope: str
    bucket: Bucket
    most_at_once: int = 256
    under_way: int = 0
    blocked_until: float = 0.0
    ready: list[tuple[int, int, str]] = field(default_factory=list)

    def ready_at(self, now: float) -> float:
        """Return when the account may send again."""
        return max(self.blocked_until, self.bucket.ready_at(now))


class Lanes:
    """All lanes of this process."""

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}
        self._accounts: dict[str, Account] = {}
        self._later: list[tuple[float, str]] = []
        self._known: set[int] = set()
        self._idle: deque[tuple[float, Lane]] = deque()
        self._buckets: WeakValueDictionary[str, Bucket] = WeakValueDictionary()

    def add_account(self, scope: str, rate: float, most_at_once: int = 256) -> None:
        """Declare an account: ``rate`` in messages per second, 0 = unlimited."""
        bucket = Bucket(rate, burst=max(1.0, rate))
        self._accounts[scope] = Account(scope, bucket, most_at_once)

    def knows(self, row: int) -> bool:
        """Tell whether a row waits or is under way here."""
        return row in self._known

    def __len__(self) -> int:
        return len(self._known)

    @property
    def open(self) -> int:
        """How many lanes are remembered."""
        return len(self._lanes)

    def feed(self, name: str, scope: str, waiting: Waiting, chat_rate: float, now: float) -> None:
        """Let a row wait in its lane; rows known already are left as they are."""
        if waiting.row in self._known:
            return
        self._known.add(waiting.row)
        lane = self._lane(name, scope, chat_rate)
        later: list[Waiting] = []  # rows of other writers may come a little out of order
        while lane.queue and lane.queue[-1].row > waiting.row:
            later.append(lane.queue.pop())
        lane.queue.append(waiting)
        lane.queue.extend(reversed(later))
        self._list(lane, now)

    def hold(self, name: str, scope: str, waiting: Waiting, chat_rate: float) -> Lane:
        """Take a row in hand that is under way already; its lane is busy until ``done``."""
        self._known.add(waiting.row)
        lane = self._lane(name, scope, chat_rate)
        lane.busy += 1
        if (account := self._accounts.get(scope)) is not None:
            account.under_way += 1
        return lane

    def _lane(self, name: str, scope: str, chat_rate: float) -> Lane:
        """Return a lane; those of one chat (its threads) share what the network lets pass."""
        lane = self._lanes.get(name)
        if lane is None:
            chat = name.rpartition("#")[0] or name
            # Where nothing is counted there is nothing to share.
            bucket = self._buckets.get(chat) if chat_rate > 0 else Bucket(0)
            if bucket is None:
                bucket = self._buckets[chat] = Bucket(chat_rate, _burst(chat_rate))
            lane = self._lanes[name] = Lane(name, scope, bucket)
        return lane

    def take(self, now: float, limit: int) -> list[tuple[Lane, Waiting]]:
        """Return heads of lanes that may go now; their lanes are busy until ``done``."""
        self._wake(now)
        self._forget(now)
        taken: list[tuple[Lane, Waiting]] = []
        for account in self._accounts.values():
            while account.ready and len(taken) < limit:
                if account.under_way >= account.most_at_once or account.ready_at(now) > now:
                    break
                _, _, name = heapq.heappop(account.ready)
                lane = self._lanes[name]
                lane.listed = False
                if not lane.queue or lane.busy:
                    continue
                if lane.ready_at(now) > now:
                    self._list(lane, now)
                    continue
                account.bucket.take(now)
                lane.bucket.take(now)
                account.under_way += 1
                lane.busy += 1
                taken.append((lane, lane.queue.pop(0)))
        return taken

    def next_at(self, now: float) -> float | None:
        """Return when something may go next, None when nothing waits for time."""
        times = [self._later[0][0]] if self._later else []
        times += [
            account.ready_at(now)
            for account in self._accounts.values()
            if account.ready and account.under_way < account.most_at_once
        ]
        return min(times, default=None)

    def done(self, lane: Lane, row: int, now: float) -> None:
        """The row is settled: forget it and let the lane go on."""
        self._known.discard(row)
        self._free(lane, now)

    def along(self, lane: Lane, rows: Sequence[Waiting], now: float) -> None:
        """Take rows in hand that go out together with the lane's row under way.

        Each counts for the buckets, which may owe some then.
        """
        numbers = {row.row for row in rows}
        lane.queue = [waiting for waiting in lane.queue if waiting.row not in numbers]
        self._known |= numbers
        lane.busy += len(rows)
        account = self._accounts[lane.scope]
        account.under_way += len(rows)
        for _ in rows:
            account.bucket.take(now)
            lane.bucket.take(now)

    def unused(self, lane: Lane) -> None:
        """Nothing went out for the row under way: it does not count for the buckets."""
        lane.bucket.give_back()
        self._accounts[lane.scope].bucket.give_back()

    def again(self, lane: Lane, waiting: Waiting, now: float) -> None:
        """The row goes back to where it was in its lane: mostly to the head."""
        at = 0
        while at < len(lane.queue) and lane.queue[at].row < waiting.row:
            at += 1
        lane.queue.insert(at, waiting)
        self._free(lane, now)

    def block_lane(self, lane: Lane, until: float) -> None:
        """Let nothing of a lane go before ``until``."""
        lane.blocked_until = max(lane.blocked_until, until)

    def block_account(self, scope: str, until: float) -> None:
        """Let nothing of an account go before ``until``."""
        account = self._accounts.get(scope)
        if account is not None:
            account.blocked_until = max(account.blocked_until, until)

    def hurry(self, row: int, name: str, now: float) -> None:
        """What a row waited for is there: let it go as soon as its lane may."""
        lane = self._lanes.get(name)
        if lane is None or not lane.queue or lane.queue[0].row != row:
            return
        lane.queue[0] = Waiting(row, lane.queue[0].priority)
        self._list(lane, now)

    def _free(self, lane: Lane, now: float) -> None:
        lane.busy = max(0, lane.busy - 1)
        account = self._accounts.get(lane.scope)
        if account is not None:
            account.under_way = max(0, account.under_way - 1)
        if lane.busy:
            return
        if lane.queue:
            self._list(lane, now)
        else:
            self._idle.append((max(lane.bucket.full_at(now), lane.blocked_until), lane))
            self._forget(now)

    def _forget(self, now: float) -> None:
        """Let go of lanes that have nothing to do and nothing to remember."""
        while self._idle and self._idle[0][0] <= now:
            _, lane = self._idle.popleft()
            if lane.busy or lane.queue or lane.listed or self._lanes.get(lane.name) is not lane:
                continue
            if lane.bucket.full_at(now) <= now and lane.blocked_until <= now:
                del self._lanes[lane.name]
            else:
                self._idle.append((max(lane.bucket.full_at(now), lane.blocked_until), lane))

    def _list(self, lane: Lane, now: float) -> None:
        if lane.busy or not lane.queue or lane.scope not in self._accounts:
            return
        at = lane.ready_at(now)
        if at > now:
            if at < lane.due:
                lane.due = at
                heapq.heappush(self._later, (at, lane.name))
        elif not lane.listed:
            lane.listed = True
            head = lane.queue[0]
            heapq.heappush(self._accounts[lane.scope].ready, (head.priority, head.row, lane.name))

    def _wake(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            at, name = heapq.heappop(self._later)
            lane = self._lanes.get(name)
            if lane is not None and lane.due == at:
                lane.due = math.inf
                self._list(lane, now)


def _burst(chat_rate: float) -> float:
    """A chat takes three messages at once before its rate counts."""
    return max(1.0, min(chat_rate * 3, 3.0))
