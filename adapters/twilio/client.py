"""One network of one Twilio account: sending, asking what became of it, files, and calls from it.

1. Twilio takes no key with a message. Ours rides in the query of the status callback and comes
   back with its SID: an ambiguous send settles by itself. Until then ``reconcile`` looks through
   what went to that number since; it never says Absent, for a request may still be on its way.
2. Calls are kept and answered by the web server; ``listen`` only looks after what no call told us,
   such as during an outage of ours: Twilio tries twice and then never again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from adapters.twilio import parse, payloads, render
from adapters.twilio.signature import prove
from adapters.twilio.sweep import Sweep
from bridge.core.adapter import Answer, Found, Raw, Sent, Unknown
from bridge.core.errors import (
    AccountBroken,
    Certainty,
    ParseError,
    Rejected,
    SendError,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from adapters.twilio.api import Api
    from adapters.twilio.settings import TwilioSettings
    from bridge.core.adapter import Delivery, Files, Reconciled, Rendered, Request, Sink
    from bridge.core.capabilities import Capabilities
    from bridge.core.endpoint import Place
    from bridge.core.inbound import Inbound

_T = TypeVar("_T")

TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""Says nothing and does nothing. https://www.twilio.com/docs/messaging/twiml"""

MARGIN = timedelta(minutes=2)
"""How far Twilio's clock and ours may be apart."""

REMEMBERED = 5000
"""Ids of messages and keys under way that are remembered at most."""


class TwilioAdapter:
    """See ``bridge.core.adapter`` for when each method is called."""

    def __init__(
        self,
        own: parse.Own,
        settings: TwilioSettings,
        capabilities: Capabilities,
        style: render.Style,
    ) -> None:
        self.network = own.network
        self.account = own.account
        self.capabilities = capabilities
        self._own = own
        self._settings = settings
        self._style = style
        self._api: Api | None = None
        self._begun: OrderedDict[str, datetime] = OrderedDict()
        self._answered: OrderedDict[str, None] = OrderedDict()

    def __repr__(self) -> str:
        return f"TwilioAdapter({self.network!r}, {self.account!r})"

    # -- pure ----------------------------------------------------------------------------------

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the names of a form."""
        return payloads.keys_of(payload)

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what a form tells. Raises ParseError."""
        return parse.parse(payload, self._own)

    def render(self, delivery: Delivery) -> Rendered:
        """Return the messages for an effect."""
        return render.render(delivery, self._style)

    def pace(self, chat: str) -> float:
        """Return messages per second to one number."""
        del chat
        return self.capabilities.rates.chat

    # -- calling -------------------------------------------------------------------------------

    async def _connected(self) -> Api:
        if self._api is None:
            kind = await asyncio.to_thread(_load_api)
            if self._api is None:
                self._api = kind(self._settings)
        return self._api

    def _callback(self, key: str) -> str:
        path = f"/webhooks/twilio/{self.account}/status"
        return f"{self._settings.public_url}{path}?{payloads.PART}={quote(key)}"

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Create one message. Raises SendError; a repeat would be a second one."""
        del files
        api = await self._connected()
        _keep(self._begun, key, datetime.now(UTC))
        try:
            sid = await api.create(request.params, self._callback(key))
        except SendError as error:
            if error.certainty is not Certainty.UNKNOWN:
                self._begun.pop(key, None)
            raise
        self._begun.pop(key, None)
        _keep(self._answered, sid, None)
        return Sent((sid,))

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """Look for a message to the same number with the same words, made since. Raises SendError.

        One whose beginning this process did not see is not looked for: the same words may have
        gone there before.
        """
        begun = self._begun.get(key)
        if begun is None:
            return Unknown()
        api = await self._connected()
        for made in await api.sent(request.params):
            if made.sid in self._answered or made.created < begun - MARGIN:
                continue
            if made.body == request.params.get("body", ""):
                self._begun.pop(key, None)
                _keep(self._answered, made.sid, None)
                return Found(Sent((made.sid,)))
        return Unknown()

    async def typing(self, place: Place) -> None:
        """Neither network shows that."""

    async def check(self) -> str:
        """Return the number we send from. Raises SendError."""
        status = await (await self._connected()).status()
        if status not in ("", "active"):
            raise AccountBroken("suspended", "the account is suspended or closed")
        return self._own.sender or self._style.service

    def invite_link(self, code: str) -> str:
        """Return a link that opens a message to us with the code in it.

        https://faq.whatsapp.com/5913398998672934 (click to chat), RFC 5724 (sms:).
        """
        if not self._own.sender:
            msg = "the messaging service chooses the number; give the typed code instead"
            raise Unreachable("no_name", msg, Certainty.NOT_SENT)
        text = quote(f"start {code}")
        if self.network == parse.WHATSAPP:
            return f"https://wa.me/{self._own.sender.removeprefix('+')}?text={text}"
        return f"sms:{self._own.sender}?body={text}"

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file at the API. Raises SendError."""
        if not ref.startswith("/2010-04-01/"):
            raise Rejected("file_gone", "no address of a file at the API")
        api = await self._connected()
        async for chunk in api.http.stream(ref):
            yield chunk

    async def close(self) -> None:
        """Close the connections."""
        if self._api is not None:
            await self._api.http.close()
            self._api = None

    # -- listening -----------------------------------------------------------------------------

    def hooks(self) -> Sequence[str]:
        """Return where Twilio calls for both networks; one of them takes all calls."""
        if self.network == parse.WHATSAPP and self._settings.texts:
            return ()
        return tuple(f"twilio/{self.account}/{what}" for what in ("message", "status"))

    def verify(self, headers: Mapping[str, str], url: str, body: bytes) -> Sequence[Raw]:
        """Return the payload of a call that knows our token. Raises Forged.

        The key of our part stands in the query, which is signed too; it is kept with the form.
        """
        prove(self._settings.auth_token.get_secret_value(), headers, url, body)
        query = url.partition("?")[2].partition("#")[0]
        payload = body + b"&" + query.encode() if f"{payloads.PART}=" in query else body
        try:
            network = parse.network_of(payloads.fields_of(payload))
        except (ParseError, UnicodeEncodeError):
            network = self.network
        if network not in self._networks():
            network = self.network
        return (Raw(payloads.keys_of(payload), payload, network),)

    def _networks(self) -> set[str]:
        whatsapp = {parse.WHATSAPP} if self._settings.whatsapp else set()
        return whatsapp | ({parse.SMS} if self._settings.texts else set())

    def answer(self, path: str, body: bytes) -> Answer | None:
        """Return an empty reply to a message: anything else Twilio would complain of."""
        del body
        return Answer(TWIML, "application/xml") if path.endswith("/message") else None

    async def listen(self, sink: Sink) -> None:
        """Ask for what no call told us, until cancelled. Raises AccountBroken."""
        sweep = Sweep(self._own, self._settings, await self._connected())
        await sweep.run(sink)


def _load_api() -> type[Api]:
    from adapters.twilio.api import Api

    return Api


def _keep(memory: OrderedDict[str, _T], name: str, value: _T) -> None:
    memory[name] = value
    while len(memory) > REMEMBERED:
        memory.popitem(last=False)
