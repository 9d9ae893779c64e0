"""One account's connection to the API, and what was asked of it in this process.

1. The SDK is loaded with the first request, for that takes 0.2 s.
2. Nobody can ask Twilio for a key of ours, so what was begun and not answered is remembered here:
   only that is looked for afterwards.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bridge.core.errors import AccountBroken, Certainty, Rejected

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from adapters.twilio.api import Api
    from adapters.twilio.settings import TwilioSettings
    from bridge.core.errors import SendError

MARGIN = timedelta(minutes=2)
"""How far Twilio's clock and ours may be apart."""

REMEMBERED = 5000
"""Ids of what was made, and keys under way, that are remembered at most."""


class Connection:
    """The API, connected with the first request."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._api: Api | None = None

    async def api(self) -> Api:
        """Return the API."""
        if self._api is None:
            kind = await asyncio.to_thread(_load_api)
            if self._api is None:
                self._api = kind(self._settings)
        return self._api

    async def check(self) -> None:
        """Prove that the account works. Raises SendError."""
        status = await (await self.api()).status()
        if status not in ("", "active"):
            raise AccountBroken("suspended", "the account is suspended or closed")

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file at the API. Raises SendError."""
        if not ref.startswith("/2010-04-01/"):
            raise Rejected("file_gone", "no address of a file at the API")
        api = await self.api()
        async for chunk in api.http.stream(ref):
            yield chunk

    async def close(self) -> None:
        """Close the connections."""
        if self._api is not None:
            await self._api.http.close()
            self._api = None


class Attempts:
    """Requests that were begun, and the ids of what is known to have been made."""

    def __init__(self) -> None:
        self._begun: OrderedDict[str, datetime] = OrderedDict()
        self._made: OrderedDict[str, None] = OrderedDict()

    def begin(self, key: str) -> None:
        """A request is about to be made."""
        self._begun[key] = datetime.now(UTC)
        _bound(self._begun)

    def failed(self, key: str, error: SendError) -> None:
        """A request failed; where that is certain there is nothing to look for."""
        if error.certainty is not Certainty.UNKNOWN:
            self._begun.pop(key, None)

    def made(self, key: str, sid: str) -> None:
        """A request was answered, or what it made was found."""
        self._begun.pop(key, None)
        self._made[sid] = None
        _bound(self._made)

    def since(self, key: str) -> datetime | None:
        """Return from when on to look for what a request may have made, None = not at all."""
        begun = self._begun.get(key)
        return None if begun is None else begun - MARGIN

    def knows(self, sid: str) -> bool:
        """Tell whether something was made by another request."""
        return sid in self._made


def _bound(memory: OrderedDict[str, datetime] | OrderedDict[str, None]) -> None:
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)


def _load_api() -> type[Api]:
    from adapters.twilio.api import Api

    return Api
