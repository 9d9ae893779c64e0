"""Calling the program: signed webhooks with one retry, in order or not.

15 seconds, one retry: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
Signature: https://www.twilio.com/docs/usage/webhooks/webhooks-security, by the vendor's own SDK.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from yarl import URL

from adapters.emulators.twilio.journal import Handed

if TYPE_CHECKING:
    from adapters.emulators.twilio.faults import Fault, FaultPlan
    from adapters.emulators.twilio.journal import Journal

TRIES = 2
TIMEOUT = aiohttp.ClientTimeout(15)


class Hooks:
    """Makes calls and notes what became of them."""

    def __init__(self, journal: Journal, faults: FaultPlan) -> None:
        self._journal = journal
        self._faults = faults
        self._session: aiohttp.ClientSession | None = None
        self._last: tuple[Handed, str] | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, what: str, url: str, fields: dict[str, str], token: str) -> Handed:
        """Tell something until it is taken, twice at most."""
        handed = Handed(
            **self._journal.stamp(),
            what=what,
            url=url,
            fields=dict(fields),
            sid=fields.get("MessageSid", ""),
        )
        self._journal.handed.append(handed)
        if what == "message":
            self._last = (handed, token)
        fault = self._faults.hit(what, fields.get("From", ""))
        if fault is not None and fault.kind == "lost":
            return handed
        for _ in range(fault.times if fault is not None and fault.kind == "duplicate" else 1):
            await self._until_taken(handed, token, fault)
        return handed

    async def again(self) -> None:
        """Make the newest call for a message once more."""
        if self._last is not None:
            await self._until_taken(*self._last, None)

    async def _until_taken(self, handed: Handed, token: str, fault: Fault | None) -> None:
        for number in range(TRIES):
            if fault is not None and fault.kind == "reset" and number == 0:
                handed.statuses.append(0)
                continue
            status = await self._post(handed, token)
            if fault is not None and fault.kind == "accept_then_drop" and number == 0:
                status = 0
            handed.statuses.append(status)
            if 200 <= status < 300:
                handed.taken = True
                return
            await asyncio.sleep(0.01)

    async def ask(self, what: str, url: str, fields: dict[str, str], token: str) -> tuple[int, str]:
        """Ask the program what to do; return status and answer, 0 when there was none."""
        handed = Handed(
            **self._journal.stamp(),
            what=what,
            url=url,
            fields=dict(fields),
            sid=fields.get("CallSid", ""),
        )
        self._journal.handed.append(handed)
        fault = self._faults.hit(what, fields.get("From", ""))
        for _ in range(fault.times if fault is not None and fault.kind == "duplicate" else 1):
            status, body = await self._posted(handed, token)
            handed.statuses.append(status)
        if fault is not None and fault.kind in ("reset", "accept_then_drop", "lost"):
            return 0, ""
        handed.taken = status == 200
        return status, body

    async def _post(self, handed: Handed, token: str) -> int:
        status, body = await self._posted(handed, token)
        if handed.what == "message" and body and "<Response" not in body:
            handed.warning = 12300
        return status

    async def _posted(self, handed: Handed, token: str) -> tuple[int, str]:
        fields = handed.fields
        signature = RequestValidator(token).compute_signature(handed.url, fields)
        headers = {
            "X-Twilio-Signature": signature,
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
        }
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        try:
            # As signed: escapes in the query are not for aiohttp to tidy up.
            async with self._session.post(
                URL(handed.url, encoded=True),
                data=urlencode(fields),
                headers=headers,
                allow_redirects=False,
            ) as answer:
                return answer.status, await answer.text()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0, ""
