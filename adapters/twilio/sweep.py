"""Getting back what no call told us: Twilio tries a webhook twice, then never again.

1. The account's list of received messages is read from the cursor on; a message that a call had
   told is known by its SID and counts as a repeat.
2. The newest ``grace`` seconds are left out: a call tells more than the list does (buttons,
   locations), so calls on their way come first.
3. The cursor is a time; it moves in the commit of the rows before it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from adapters.twilio.parse import CHANNEL, WHATSAPP
from adapters.twilio.payloads import keys_of
from bridge.core.adapter import Raw
from bridge.core.errors import AccountBroken, SendError, StoreError

if TYPE_CHECKING:
    from adapters.twilio.api import Api, Made
    from adapters.twilio.parse import Own
    from adapters.twilio.settings import TwilioSettings
    from bridge.core.adapter import Sink

_log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=10)
"""How far before the cursor is read: clocks differ, and a list may lag."""

REMEMBERED = 5000


class Sweep:
    """Reads the received messages of one network of one account again and again."""

    def __init__(self, own: Own, settings: TwilioSettings, api: Api) -> None:
        self._own = own
        self._settings = settings
        self._api = api
        self._known: OrderedDict[str, None] = OrderedDict()

    async def run(self, sink: Sink) -> None:
        """Look at once and then at intervals, until cancelled. Raises AccountBroken."""
        wait = min(self._settings.grace + 5, self._settings.sweep)
        while True:
            try:
                await self.look(sink)
            except AccountBroken:
                raise
            except (SendError, StoreError) as error:
                what = type(error).__name__
                _log.warning("%s %s: cannot look for messages: %s", *self._name, what)
            await asyncio.sleep(wait)
            wait = self._settings.sweep

    @property
    def _name(self) -> tuple[str, str]:
        return self._own.network, self._own.account

    async def look(self, sink: Sink) -> None:
        """Keep what came in since the cursor. Raises SendError, StoreError."""
        until = datetime.now(UTC) - timedelta(seconds=self._settings.grace)
        cursor = _time(await sink.cursor())
        made: list[Made] = []
        if cursor is not None:
            for number in self._addresses():
                made += await self._api.received(number, cursor - OVERLAP)
        new = [one for one in made if self._is_ours(one) and one.created <= until]
        new = [one for one in new if one.sid not in self._known]
        raws = [await self._raw(one) for one in sorted(new, key=lambda one: one.created)]
        await sink.accept(raws, str(int(until.timestamp())))
        for one in new:
            self._known[one.sid] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _addresses(self) -> list[str]:
        """Return our addresses to ask for; a messaging service has any number of them."""
        if self._own.network == WHATSAPP:
            return [f"{CHANNEL}{self._own.sender}"]
        return [""] if self._settings.messaging_service_sid else sorted(self._own.numbers)

    def _is_ours(self, one: Made) -> bool:
        return one.to.startswith(CHANNEL) == (self._own.network == WHATSAPP)

    async def _raw(self, one: Made) -> Raw:
        """Return a message as the call would have told it, as far as the list knows."""
        fields = {
            "MessageSid": one.sid,
            "From": one.sender,
            "To": one.to,
            "Body": one.body,
            "NumMedia": str(one.files),
            "DateSent": format_datetime(one.created),
        }
        if not one.body and not one.files:
            fields["MessageType"] = "unknown"
        for n, (path, mime) in enumerate(await self._api.files(one.sid) if one.files else ()):
            fields[f"MediaUrl{n}"] = f"https://{self._own.media_host}{path}"
            fields[f"MediaContentType{n}"] = mime
        payload = urlencode(fields).encode()
        return Raw(keys_of(payload), payload, self._own.network)


def _time(cursor: str | None) -> datetime | None:
    if cursor is None or not cursor.isdecimal():
        return None
    return datetime.fromtimestamp(int(cursor), UTC)
