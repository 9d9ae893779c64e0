"""Getting updates: our own getUpdates loop, or telling Telegram to call us.

1. An update is confirmed by the *next* getUpdates, and that is asked only with an offset whose
   rows are committed. https://core.telegram.org/bots/api#getupdates
2. The offset is the one after the newest of the batch, never a maximum over time: after a quiet
   week Telegram numbers anew from anywhere.
3. One program may read a bot. Another one is waited for, loudly; the account is broken only when
   the token is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from typing import TYPE_CHECKING, Protocol

import msgspec

from adapters.telegram.parse import NETWORK, head
from adapters.telegram.payloads import ALLOWED_UPDATES
from adapters.telegram.refusals import Garbled
from bridge.core.adapter import Raw
from bridge.core.errors import AccountBroken, Rejected, SendError, StoreError, Throttled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.telegram.settings import TelegramSettings
    from bridge.core.adapter import Sink

_log = logging.getLogger(__name__)

_BATCH = 100
MAX_CONNECTIONS = 100
"""Calls at once that Telegram may make, its highest: what arrives together is one commit. The
default is 40. https://core.telegram.org/bots/api#setwebhook"""

_SHORTEST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_GRACE = 10.0  # seconds a long poll may take longer than was asked
_UPDATES = msgspec.json.Decoder(list[msgspec.Raw])
_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,15})')


def webhook_url(public_url: str, account: str) -> str:
    """Return where Telegram is to call us."""
    return f"{public_url}/webhooks/{NETWORK}/{account}"


class Call(Protocol):
    """Calls a method, returns the raw JSON of its result, raises SendError."""

    async def __call__(
        self, method: str, params: Mapping[str, object], read_timeout: float | None = None
    ) -> bytes: ...


class Reader:
    """Reads the updates of one bot until cancelled."""

    def __init__(self, account: str, settings: TelegramSettings, call: Call) -> None:
        self._account = account
        self._settings = settings
        self._call = call
        self._wait = _SHORTEST_WAIT
        self._garbled = False
        self._cursor: str | None = None

    async def set_webhook(self) -> None:
        """Tell Telegram where to call, as often as it takes. Raises AccountBroken."""
        secret = self._settings.webhook_secret
        params = {
            "url": webhook_url(self._settings.public_url, self._account),
            "secret_token": secret.get_secret_value() if secret else "",
            "allowed_updates": ALLOWED_UPDATES,
            "max_connections": MAX_CONNECTIONS,
        }
        while True:
            try:
                await self._call("setWebhook", params)
            except SendError as error:
                await self._recover(error)
            else:
                return

    async def poll(self, sink: Sink) -> None:
        """Ask for updates for ever. Raises AccountBroken."""
        started = False
        while True:
            try:
                if not started:
                    self._cursor = await sink.cursor()
                    started = True
                if await self._step(sink):
                    self._wait = _SHORTEST_WAIT
                else:
                    await self._pause()
            except (SendError, StoreError) as error:
                await self._recover(error)

    async def _step(self, sink: Sink) -> bool:
        """Ask once; False means that asking again at once would give the same."""
        try:
            updates = await self._updates()
        except Garbled as error:
            if self._garbled and await self._keep_garbled(sink, error.payload):
                return True
            # One at a time, so that a single update cannot hide the others.
            self._garbled = True
            return False
        self._garbled = False
        if not updates:
            return True
        heads = [(head(payload), payload) for payload in updates]
        numbers = [number for (number, _), _ in heads if number is not None]
        cursor = str(max(numbers) + 1) if numbers else self._cursor
        await sink.accept([Raw(keys, payload) for (_, keys), payload in heads], cursor)
        moved, self._cursor = cursor != self._cursor, cursor
        return moved

    async def _updates(self) -> list[bytes]:
        params: dict[str, object] = {
            "timeout": self._settings.poll_timeout,
            "limit": 1 if self._garbled else _BATCH,
            "allowed_updates": ALLOWED_UPDATES,
        }
        if self._cursor:
            params["offset"] = int(self._cursor)
        timeout = self._settings.poll_timeout + _GRACE
        result = await self._call("getUpdates", params, timeout)
        try:
            return [bytes(update) for update in _UPDATES.decode(result)]
        except msgspec.DecodeError:
            raise Garbled(result) from None

    async def _keep_garbled(self, sink: Sink, payload: bytes) -> bool:
        """Keep an update that breaks the whole answer, so that the next one flows."""
        numbers = [int(number) for number in _UPDATE_ID.findall(payload)]
        if not numbers:
            return False
        _log.warning("telegram %s: an update is not JSON; it is kept as it came", self._account)
        digest = f"x:{hashlib.sha256(payload).hexdigest()}"
        cursor = str(max(numbers) + 1)
        await sink.accept([Raw((digest,), payload)], cursor)
        self._cursor = cursor
        return True

    async def _recover(self, error: SendError | StoreError) -> None:
        """Wait out what went wrong. Raises AccountBroken."""
        match error:
            case AccountBroken():
                raise error
            case Rejected(code="method_unknown"):
                # Telegram answers so to every method when the token has no usable form.
                msg = "the network knows neither our token nor the method"
                raise AccountBroken("not_found", msg) from None
            case Throttled():
                await asyncio.sleep(error.retry_after)
                return
            case StoreError():
                _log.error("telegram %s: updates could not be kept, asking again", self._account)
            case SendError(code="conflict"):
                await self._take_over(error)
                return
            case _:
                _log.warning("telegram %s: cannot read updates: %s", self._account, error)
        await self._pause()

    async def _take_over(self, error: SendError) -> None:
        """Remove a webhook that is in our way; wait for another program that reads."""
        if "webhook is active" not in error.detail:
            _log.error("telegram %s: another program reads this bot; stop it", self._account)
            await self._pause()
            return
        _log.warning("telegram %s: removing the webhook, for we poll", self._account)
        try:
            await self._call("deleteWebhook", {"drop_pending_updates": False})
        except SendError as refused:
            _log.warning("telegram %s: the webhook stays: %s", self._account, refused)
            await self._pause()

    async def _pause(self) -> None:
        await asyncio.sleep(self._wait)
        self._wait = min(self._wait * 2, _LONGEST_WAIT)
