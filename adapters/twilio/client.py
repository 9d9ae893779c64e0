"""One network of one Twilio account: sending, asking what became of it, files, and calls from it.

1. Twilio takes no key with a message. Ours rides in the query of the status callback and comes
   back with its SID: an ambiguous send settles by itself. Until then ``reconcile`` looks through
   what went to that number since; it never says Absent, for a request may still be on its way.
   What an earlier process began it does not know of: then ``alike`` lists what may be it.
2. Calls are kept and answered by the web server; ``listen`` only looks after what no call told us,
   such as during an outage of ours: Twilio tries twice and then never again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from adapters.twilio import parse, payloads, render
from adapters.twilio.connection import MARGIN, Attempts, Connection
from adapters.twilio.signature import prove
from adapters.twilio.sweep import Sweep
from bridge.core.adapter import Answer, Found, Raw, Sent, Unknown
from bridge.core.errors import (
    Certainty,
    ParseError,
    SendError,
    Unreachable,
)
from bridge.core.probing import well

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import datetime

    from adapters.twilio.settings import TwilioSettings
    from bridge.core.adapter import Delivery, Files, Reconciled, Rendered, Request, Sink
    from bridge.core.capabilities import Capabilities
    from bridge.core.endpoint import Place
    from bridge.core.inbound import Inbound
    from bridge.core.probing import Finding


TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""Says nothing and does nothing. https://www.twilio.com/docs/messaging/twiml"""


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
        self._connection = Connection(settings)
        self._attempts = Attempts()

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

    def _callback(self, key: str) -> str:
        path = f"/webhooks/twilio/{self.account}/status"
        return f"{self._settings.public_url}{path}?{payloads.PART}={quote(key)}"

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Create one message. Raises SendError; a repeat would be a second one."""
        del files
        api = await self._connection.api()
        self._attempts.begin(key)
        try:
            sid = await api.create(request.params, self._callback(key))
        except SendError as error:
            self._attempts.failed(key, error)
            raise
        self._attempts.made(key, sid)
        return Sent((sid,))

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """Look for a message to the same number with the same words, made since. Raises SendError.

        One whose beginning this process did not see is not looked for: the same words may have
        gone there before.
        """
        since = self._attempts.since(key)
        if since is None:
            return Unknown()
        api = await self._connection.api()
        for made in await api.sent(request.params):
            if made.created < since or self._attempts.knows(made.sid):
                continue
            if made.body == request.params.get("body", ""):
                self._attempts.made(key, made.sid)
                return Found(Sent((made.sid,)))
        return Unknown()

    async def alike(self, request: Request, since: datetime) -> Sequence[str]:
        """Return messages to the same number with the same words, oldest first. Raises SendError.

        Twilio lists a message without our address for its callbacks, so the key in it cannot be
        asked for: https://www.twilio.com/docs/messaging/api/message-resource#message-properties
        """
        api = await self._connection.api()
        made = await api.sent(request.params)
        wanted = request.params.get("body", "")
        return [
            one.sid
            for one in reversed(made)
            if one.body == wanted and one.created >= since - MARGIN
        ]

    async def typing(self, place: Place) -> None:
        """Neither network shows that."""

    async def check(self) -> str:
        """Return the number we send from. Raises SendError."""
        await self._connection.check()
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
        async for chunk in self._connection.fetch(ref):
            yield chunk

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    # -- listening -----------------------------------------------------------------------------

    def hooks(self) -> Sequence[str]:
        """Return where Twilio calls for both networks; one of them takes all calls."""
        if self.network == parse.WHATSAPP and self._settings.texts:
            return ()
        return tuple(f"twilio/{self.account}/{what}" for what in ("message", "status"))

    def called_at(self) -> str:
        """Return where Twilio tells of messages."""
        return f"{self._settings.public_url}/webhooks/twilio/{self.account}/message"

    async def probe(self) -> Sequence[Finding]:
        """Look at our address, the clock, and the numbers. Raises SendError."""
        from adapters.twilio import probe

        api = await self._connection.api()
        found = await probe.account(api, self._settings, self.called_at())
        if self.network == parse.WHATSAPP:
            # https://www.twilio.com/docs/whatsapp/api/senders is another host than we ask.
            told = f"see that the sender's webhook is {self.called_at()}, by POST"
            return [*found, well("sender", told)]
        hook = "" if self._settings.messaging_service_sid else self.called_at()
        wanted = probe.Wanted("sms", hook)
        return [*found, *await probe.numbers(api, self._settings.numbers, wanted)]

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
        sweep = Sweep(self._own, self._settings, await self._connection.api())
        await sweep.run(sink)
