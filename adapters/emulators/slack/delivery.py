"""How the app hears of things: signed calls, or Socket Mode connections.

1. Events are tried in order; one that is not confirmed within `ack_seconds` comes again at once,
   after a minute and after five, with `X-Slack-Retry-Num`, then never.
   https://docs.slack.dev/apis/events-api/#retries
2. In Socket Mode each envelope goes to one of the open connections, in turn.
   https://docs.slack.dev/apis/events-api/using-socket-mode
3. Pressed buttons and slash commands come once.
   https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import msgspec
from aiohttp import web

from adapters.emulators.slack.journal import Handed
from adapters.emulators.slack.world import APP, BOT_USER, TEAM

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from adapters.emulators.faults import FaultPlan
    from adapters.emulators.misuse import Json
    from adapters.emulators.slack.journal import Journal

RETRY_AFTER = (0.0, 60.0, 300.0)
_OK, _AFTER_OK = 200, 300


class Deliveries:
    """The app's end of the Events API."""

    def __init__(
        self,
        journal: Journal,
        faults: FaultPlan,
        signing_secret: str,
        time_factor: float,
        touch: Callable[[], None],
    ) -> None:
        self.request_url = ""
        """Where events go by HTTP; empty = Socket Mode."""
        self.ack_seconds = 3.0
        self.connections: list[web.WebSocketResponse] = []
        self._journal = journal
        self._faults = faults
        self._secret = signing_secret
        self._factor = time_factor
        self._touch = touch
        self._numbers = count(1)
        self._turn = count()
        self._queue: asyncio.Queue[Handed] = asyncio.Queue()
        self._waiting: dict[str, asyncio.Future[bool]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None

    # -- life -------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to deliver."""
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.ack_seconds))
        self._spawn(self._work())

    async def stop(self) -> None:
        """Deliver nothing any more."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- what happens -----------------------------------------------------------------------

    def event(self, event: Json) -> int:
        """Tell the app of an event; returns the number of its hand-out."""
        fault = self._faults.on_handout("event", event.get("channel"), 1)
        first = self._push("events_api", self._enveloped(event))
        if fault is not None and fault.kind == "duplicate":
            for _ in range(fault.times - 1):  # the same message under another event id
                self._push("events_api", self._enveloped(event))
        return first

    def interactive(self, payload: Json) -> int:
        """Tell the app of a pressed button."""
        return self._push("interactive", payload)

    def command(self, form: Json) -> int:
        """Tell the app of a slash command."""
        return self._push("slash_commands", form)

    def redeliver(self, number: int, *, new_id: bool = True) -> int:
        """Hand out an event once more, as Slack does now and then, under a new event id."""
        handed = next(h for h in self._journal.handed if h.update_id == number)
        raw = {**handed.raw, "event_id": self._event_id()} if new_id else handed.raw
        return self._push(handed.kind, raw)

    def inject(self, raw: Json, kind: str = "events_api") -> int:
        """Hand any JSON to the app."""
        return self._push(kind, raw)

    def _event_id(self) -> str:
        return f"Ev{next(self._numbers):09d}"

    def _enveloped(self, event: Json) -> Json:
        """https://docs.slack.dev/apis/events-api/#event-type-structure"""
        return {
            "token": "deprecated",
            "team_id": TEAM,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": self._event_id(),
            "event_time": int(time.time()),
            "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
        }

    def _push(self, kind: str, raw: Json) -> int:
        handed = Handed(
            **self._journal.stamp(),
            update_id=next(self._numbers),
            event_id=str(raw.get("event_id", "")),
            kind=kind,
            raw=raw,
        )
        self._journal.handed.append(handed)
        self._queue.put_nowait(handed)
        self._touch()
        return handed.update_id

    # -- delivering -------------------------------------------------------------------------

    async def _work(self) -> None:
        while True:
            handed = await self._queue.get()
            if self.request_url:
                await self._first(handed)
                continue
            sent = await self._send(handed, 0)
            self._spawn(self._see_through(handed, sent))

    async def _first(self, handed: Handed) -> None:
        if not await self._post(handed, 0):
            self._spawn(self._again(handed))

    async def _see_through(self, handed: Handed, sent: asyncio.Future[bool] | None) -> None:
        if not await self._acknowledged(handed, sent):
            await self._again(handed)

    async def _again(self, handed: Handed) -> None:
        """The retries; only events have any."""
        for number, wait in enumerate(RETRY_AFTER, 1):
            if handed.kind != "events_api":
                break
            await asyncio.sleep(wait * self._factor)
            if self.request_url:
                if await self._post(handed, number):
                    return
            elif await self._acknowledged(handed, await self._send(handed, number)):
                return
        handed.dropped = "not confirmed"
        self._touch()

    def _note(self, handed: Handed, over: str) -> None:
        handed.times += 1
        handed.over = "socket" if over == "socket" else "events"
        if handed.first_handed is None:
            handed.first_handed = time.monotonic()
            handed.first_handed_at = datetime.now(UTC)

    def _confirm(self, handed: Handed) -> bool:
        if handed.confirmed is None:
            handed.confirmed = time.monotonic()
        self._touch()
        return True

    # -- Socket Mode ------------------------------------------------------------------------

    async def _send(self, handed: Handed, retry: int) -> asyncio.Future[bool] | None:
        """Put an envelope on one connection; None when there is none."""
        while self.connections:
            connection = self.connections[next(self._turn) % len(self.connections)]
            name = f"{handed.event_id or handed.update_id}-{retry}-{next(self._numbers)}"
            envelope = {
                "envelope_id": name,
                "type": handed.kind,
                "payload": handed.raw,
                "accepts_response_payload": handed.kind != "events_api",
                "retry_attempt": retry,
                "retry_reason": "timeout" if retry else "",
            }
            future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._waiting[name] = future
            try:
                await connection.send_str(msgspec.json.encode(envelope).decode())
            except (ConnectionError, RuntimeError):
                self.drop(connection)
                continue
            self._note(handed, "socket")
            return future
        return None

    async def _acknowledged(self, handed: Handed, sent: asyncio.Future[bool] | None) -> bool:
        if sent is None:
            return False
        try:
            async with asyncio.timeout(self.ack_seconds):
                return await sent and self._confirm(handed)
        except TimeoutError:
            return False

    def acknowledge(self, envelope_id: str) -> None:
        """The app has an envelope."""
        future = self._waiting.pop(envelope_id, None)
        if future is not None and not future.done():
            future.set_result(True)

    def drop(self, connection: web.WebSocketResponse) -> None:
        """A connection is gone."""
        if connection in self.connections:
            self.connections.remove(connection)
        if not self.connections:
            waiting, self._waiting = self._waiting, {}
            for future in waiting.values():
                if not future.done():
                    future.set_result(False)

    # -- the Events API ---------------------------------------------------------------------

    def sign(self, body: bytes, at: int | None = None) -> dict[str, str]:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
        stamp = str(int(time.time()) if at is None else at)
        digest = hmac.new(self._secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
        return {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }

    async def _post(self, handed: Handed, retry: int) -> bool:
        """Call the app once; tell whether it answered with 2xx."""
        assert self._http is not None  # noqa: S101 - for the type checker
        kind = "application/json"
        body = msgspec.json.encode(handed.raw)
        if handed.kind != "events_api":
            kind = "application/x-www-form-urlencoded"
            form = {"payload": body.decode()} if handed.kind == "interactive" else handed.raw
            body = urlencode(form).encode()
        headers = {"Content-Type": kind, **self.sign(body)}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_error"}
        self._note(handed, "events")
        try:
            async with self._http.post(self.request_url, data=body, headers=headers) as response:
                await response.read()
                taken = _OK <= response.status < _AFTER_OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
        return taken and self._confirm(handed)
