"""Webhook deliveries: one POST per update, again until the bot says 2xx.

https://core.telegram.org/bots/api#setwebhook: the secret travels in the header
`X-Telegram-Bot-Api-Secret-Token`, at most `max_connections` requests run at once, "in case of an
unsuccessful request we will repeat the request and give up after a reasonable amount of attempts".
The pattern of the real server: again at once, then after 2, 4, 8 … 60 seconds, or after the bot's
own `Retry-After`; an update that fails holds back the later ones of its lane, no others; 24 hours
old, it is dropped.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
import msgspec

from adapters.emulators.faults import WEBHOOK, Fault, FaultPlan
from adapters.emulators.misuse import Json
from adapters.emulators.telegram.errors import bad_request
from adapters.emulators.telegram.updates import LIFETIME, Pending, UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
RETRY_CAP = 60.0

OnReply = Callable[[Json], Awaitable[None]]


@dataclass(slots=True)
class Webhook:
    """What setWebhook asked for."""

    url: str
    secret_token: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_at: int = 0


def checked_url(url: str) -> str:
    """The URL if it may be used.

    The real server demands https; this one sends to this machine only, and there http will do
    (as with a local Bot API server: https://core.telegram.org/bots/api#using-a-local-bot-api-server).
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad_request("invalid webhook URL specified")
    host = parts.hostname
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise bad_request("bad webhook: failed to resolve host: Name or service not known")
    return url


class WebhookSender:
    """Delivers the updates of one bot while its webhook is set."""

    def __init__(
        self,
        queue: UpdateQueue,
        webhook: Webhook,
        faults: FaultPlan,
        time_factor: float,
        timeout: float,
        on_reply: OnReply,
    ) -> None:
        self.webhook = webhook
        self._queue = queue
        self._faults = faults
        self._factor = time_factor
        self._on_reply = on_reply
        self._lanes: dict[str, deque[Pending]] = {}
        self._workers: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(webhook.max_connections)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=timeout),
        )

    def start(self) -> None:
        """Deliver all that waits, and from now on all that comes."""
        for item in self._queue.pending.values():
            self.feed(item)
        self._queue.on_new = self.feed

    async def stop(self) -> None:
        """Stop delivering; what was not confirmed stays in the queue."""
        self._queue.on_new = None
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        await self._session.close()

    def feed(self, item: Pending) -> None:
        """Line an update up behind the others of its lane."""
        lane = self._lanes.get(item.lane)
        if lane is not None:
            lane.append(item)
            return
        self._lanes[item.lane] = deque([item])
        worker = asyncio.create_task(self._work(item.lane), name=f"webhook {item.lane}")
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)

    async def _work(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            fault = self._faults.on_handout(WEBHOOK, lane[0].chat, self._queue.bot.user.id)
            item = lane.pop() if fault is not None and fault.kind == "reorder" else lane.popleft()
            copies = fault.times if fault is not None and fault.kind == "duplicate" else 1
            await self._until_taken(item, copies, at_once=fault is not None and fault.concurrently)
        del self._lanes[name]

    async def _until_taken(self, item: Pending, copies: int, *, at_once: bool) -> None:
        failures = 0
        delay = 1.0
        while True:
            if at_once:
                waits = await asyncio.gather(*(self._post(item) for _ in range(copies)))
            else:
                waits = [await self._post(item) for _ in range(copies)]
            if None in waits:
                self._queue.confirm(item)
                return
            pause = max((w for w in waits if w is not None), default=0.0)
            if pause == 0.0 and failures > 0:
                pause = delay = min(delay * 2, RETRY_CAP)
            failures += 1
            if time.monotonic() + pause - item.made > LIFETIME:
                self._queue.drop(item, "older than 24 hours")
                return
            await asyncio.sleep(pause * self._factor)

    async def _post(self, item: Pending) -> float | None:
        """One request. None = taken; else the bot's Retry-After in seconds (0 = it gave none)."""
        async with self._slots:
            fault = self._faults.on_call(WEBHOOK, item.chat, self._queue.bot.user.id)
            if fault is not None and fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            if fault is not None and fault.kind in {"reset", "refuse"}:
                return self._failed("Connection reset by peer")
            self._queue.note_handed(item, WEBHOOK)
            try:
                return await self._request(item, fault)
            except TimeoutError:
                return self._failed("Read timeout expired")
            except aiohttp.ClientConnectorError:
                return self._failed("Connection refused")
            except aiohttp.ClientError:
                return self._failed("Webhook connection closed")

    async def _request(self, item: Pending, fault: Fault | None) -> float | None:
        headers = {"Content-Type": "application/json"}
        if self.webhook.secret_token:
            headers[SECRET_HEADER] = self.webhook.secret_token
        async with self._session.post(
            self.webhook.url, data=item.body, headers=headers, allow_redirects=False
        ) as answer:
            body = await answer.read()
            if fault is not None and fault.kind in {"accept_then_drop", "accept_then_reset"}:
                return self._failed("Webhook connection closed")
            if not 200 <= answer.status <= 299:
                self._failed(f"Wrong response from the webhook: {answer.status} {answer.reason}")
                wait = answer.headers.get("Retry-After", "")
                return min(float(wait), 3600.0) if wait.isdigit() else 0.0
        await self._obey(body)
        return None

    async def _obey(self, body: bytes) -> None:
        """https://core.telegram.org/bots/api#making-requests-when-getting-updates"""
        try:
            asked = msgspec.json.decode(body) if body.startswith(b"{") else None
        except msgspec.DecodeError:
            return
        if isinstance(asked, dict) and isinstance(asked.get("method"), str):
            await self._on_reply(asked)

    def _failed(self, why: str) -> float:
        self.webhook.last_error = why
        self.webhook.last_error_at = int(time.time())
        return 0.0
