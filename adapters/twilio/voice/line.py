"""The telephone line of one Twilio account: calls out, calls in, and recordings.

1. A call is created once. Its answer may get lost; then the first thing Twilio tells of it carries
   our key and settles it, or a look through the account's calls does, or nobody knows: it is
   never repeated.
2. What a person wrote is read out to somebody who has only a telephone, after a key was pressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from urllib.parse import parse_qs, quote, urlsplit

from adapters.media import Loss
from adapters.twilio.connection import Attempts, Connection
from adapters.twilio.payloads import PART, fields_of
from adapters.twilio.signature import prove
from adapters.twilio.voice import calls, twiml
from bridge.core.adapter import Answer, Found, Raw, Rendered, Request, Sent, Unknown
from bridge.core.calls import TELEPHONE
from bridge.core.capabilities import (
    Capabilities,
    Feature,
    Idempotency,
    LengthUnit,
    Protection,
    Rates,
    Support,
)
from bridge.core.content import Choices
from bridge.core.effects import (
    Acknowledge,
    Act,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    SendMessage,
    SetReaction,
    UseTelephone,
)
from bridge.core.errors import ParseError, Rejected, SendError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from adapters.twilio.api import Api
    from adapters.twilio.settings import TwilioSettings
    from bridge.core.adapter import Delivery, Files, Reconciled, Sink
    from bridge.core.endpoint import Place
    from bridge.core.inbound import Inbound
    from bridge.core.probing import Finding
    from bridge.core.speech import Answer as Spoken

SORRY_TIMES = 3
_TRIES = "CoachbridgeTry"
_SPOKEN, _NOT = Support.FALLBACK, Support.DROPPED
CAPABILITIES = Capabilities(
    network=TELEPHONE,
    support={
        Feature.TEXT: Support.PARTIAL,  # read out, after a key
        Feature.FORMATTING: _NOT,
        Feature.PHOTO: _NOT,
        Feature.VIDEO: _NOT,
        Feature.AUDIO: _NOT,
        Feature.FILE: _NOT,
        Feature.VOICE_NOTE: _NOT,
        Feature.STICKER: _NOT,
        Feature.ALBUM: _NOT,
        Feature.LOCATION: _NOT,
        Feature.CONTACT_CARD: _NOT,
        Feature.CHOICES: _SPOKEN,  # as a menu of keys
        Feature.REPLY: _NOT,
        Feature.EDIT: _NOT,
        Feature.DELETE: _NOT,
        Feature.REACTION: _NOT,
        Feature.TYPING: _NOT,
        Feature.RECEIPT_DELIVERED: Support.FULL,
        Feature.RECEIPT_READ: _NOT,
        Feature.OWN_PLACES: _NOT,
    },
    max_text=4000,
    text_unit=LengthUnit.CHARACTERS,
    max_caption=4000,
    max_upload=0,
    max_download=250_000_000,
    max_choices=9,
    max_choice_label=200,
    edit_age=0,
    typing_interval=0,
    # https://help.twilio.com/articles/223180028 (one new call a second)
    rates=Rates(account=1, chat=1, group=0),
    protection=Protection.PLAIN,
    idempotency=Idempotency.ECHOING,
)


class VoiceAdapter:
    """See ``bridge.core.adapter`` for when each method is called."""

    network = TELEPHONE
    capabilities = CAPABILITIES

    def __init__(self, account: str, settings: TwilioSettings) -> None:
        self.account = account
        self._settings = settings
        self._base = f"{settings.public_url}/webhooks/twilio/{account}"
        host = urlsplit(settings.api_url).netloc
        self._line = calls.Line(
            account,
            frozenset(settings.numbers),
            host,
            asks=settings.record == "ask",
            days=settings.record_days,
        )
        self._connection = Connection(settings)
        self._attempts = Attempts()

    def __repr__(self) -> str:
        return f"VoiceAdapter({self.account!r})"

    # -- pure ----------------------------------------------------------------------------------

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the name of a payload."""
        return calls.keys_of(payload)

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what a payload tells. Raises ParseError."""
        return calls.parse(payload, self._line)

    def render(self, delivery: Delivery) -> Rendered:
        """Return the requests for an effect: calls, and what is done with one."""
        effect = delivery.effect
        match effect:
            case SendMessage(content=content):
                losses = [str(Loss.BUTTONS_AS_TEXT)] if isinstance(content, Choices) else []
                return Rendered((self._call(effect.to.endpoint.address, "0.read"),), tuple(losses))
            case UseTelephone(act=Act.CALL):
                request = self._call(effect.to.endpoint.address, "0.first", effect.call)
                return Rendered((request,))
            case UseTelephone():
                params = {"leg": effect.leg, "recording": effect.recording, "call": effect.call}
                return Rendered((Request(effect.act.value, params, shows=False),))
            case EditMessage() | DeleteMessage() | SetReaction() | Acknowledge() | OpenPlace():
                return Rendered((), (str(Loss.NOTHING_TO_SHOW),))
        assert_never(effect)

    def _call(self, number: str, then: str, call: str = "") -> Request:
        sender = self._settings.numbers[0]
        return Request("call", {"to": number, "from_": sender, "then": then, "call": call})

    def pace(self, chat: str) -> float:
        """Return calls per second to one number."""
        del chat
        return self.capabilities.rates.chat

    # -- calling -------------------------------------------------------------------------------

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Make a call, or do something with one. Raises SendError."""
        del files
        api = await self._connection.api()
        params = {name: str(value) for name, value in request.params.items()}
        if request.method == Act.CALL.value:
            return await self._create(api, params, key)
        if request.method == Act.RECORD.value:
            told = f"{self._base}/voice/recording?{calls.CALL}={quote(params['call'], safe='')}"
            await api.record(params["leg"], told)
        elif request.method in (Act.PAUSE.value, Act.RESUME.value):
            await api.pause(params["leg"], paused=request.method == Act.PAUSE.value)
        elif request.method == Act.HANG_UP.value:
            await api.hang_up(params["leg"])
        elif request.method == Act.DELETE_RECORDING.value:
            await api.delete_recording(params["recording"])
        else:
            raise Rejected("unknown_request", "the line knows no such request")
        return Sent()

    async def _create(self, api: Api, params: Mapping[str, str], key: str) -> Sent:
        call = params["call"] or key.rpartition("/")[0]
        part = f"{PART}={quote(key, safe='')}"
        url = f"{twiml.step(self._base, call, params['then'])}&{part}"
        told = f"{self._base}/voice/status?{calls.CALL}={quote(call, safe='')}&{part}"
        self._attempts.begin(key)
        try:
            sid = await api.call(params["to"], params["from_"], url, told)
        except SendError as error:
            self._attempts.failed(key, error)
            raise
        self._attempts.made(key, sid)
        return Sent((sid,))

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """Look for a call to the same number that was made since. Raises SendError."""
        since = self._attempts.since(key)
        if request.method != Act.CALL.value or since is None:
            return Unknown()
        api = await self._connection.api()
        made = await api.calls_made(str(request.params["to"]), str(request.params["from_"]))
        for sid, at in made:
            if at >= since and not self._attempts.knows(sid):
                self._attempts.made(key, sid)
                return Found(Sent((sid,)))
        return Unknown()

    async def typing(self, place: Place) -> None:
        """Nobody can hear that."""

    async def check(self) -> str:
        """Return the number we call from. Raises SendError."""
        await self._connection.check()
        return self._settings.numbers[0]

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a recording at the API. Raises SendError."""
        async for chunk in self._connection.fetch(ref):
            yield chunk

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    # -- being called --------------------------------------------------------------------------

    def lines(self) -> Sequence[str]:
        """Return our numbers that can be called; a short code cannot."""
        return tuple(number for number in self._settings.numbers if number.startswith("+"))

    def hooks(self) -> Sequence[str]:
        """Return where Twilio calls: every step of a call below ``step/``."""
        voice = f"twilio/{self.account}/voice"
        return (voice, f"{voice}/status", f"{voice}/recording", f"{voice}/step/*")

    def called_at(self) -> str:
        """Return where Twilio tells of calls."""
        return f"{self._base}/voice"

    async def probe(self) -> Sequence[Finding]:
        """Look at our address, the clock, and the numbers. Raises SendError."""
        from adapters.twilio import probe

        api = await self._connection.api()
        found = await probe.account(api, self._settings, self.called_at())
        wanted = probe.Wanted("voice", self.called_at(), f"{self.called_at()}/status")
        ours = [number for number in self._settings.numbers if number.startswith("+")]
        return [*found, *await probe.numbers(api, ours, wanted)]

    def verify(self, headers: Mapping[str, str], url: str, body: bytes) -> Sequence[Raw]:
        """Return the payload of a call that knows our token. Raises Forged.

        What stands in the query is signed too, and is kept with the form.
        """
        prove(self._settings.auth_token.get_secret_value(), headers, url, body)
        query = url.partition("?")[2].partition("#")[0]
        payload = body + b"&" + query.encode() if query else body
        key = calls.keys_of(payload)
        if f"{PART}=" not in query:
            return (Raw(key, payload),)
        # What it tells of our request is settled by itself: it may have to wait for our answer.
        told = payload + f"&{calls.RECEIPT}=1".encode()
        return (Raw(key, payload), Raw(calls.keys_of(told), told))

    async def listen(self, sink: Sink) -> None:
        """Twilio calls us: there is nothing to ask."""
        del sink

    # -- speaking ------------------------------------------------------------------------------

    def spoken(self, path: str, raw: Raw, answer: Spoken | None) -> Answer | None:
        """Return what to say in answer to a payload; None where nothing is waited for."""
        if path.endswith(("/status", "/recording")):
            return None
        try:
            fields = fields_of(raw.payload)
        except ParseError:
            fields = {}
        call = fields.get(calls.CALL) or fields.get("CallSid", "")
        return Answer(twiml.written(answer or (), self._base, call), "application/xml")

    def sorry(self, path: str, url: str) -> Answer | None:
        """Return what to say where nothing could be committed: the same is asked again, thrice."""
        if path.endswith(("/status", "/recording")):
            return None
        bare, _, query = url.partition("?")
        tries = parse_qs(query).get(_TRIES, ["0"])[0]
        number = int(tries) + 1 if tries.isdecimal() else 1
        kept = "&".join(one for one in query.split("&") if one and not one.startswith(_TRIES))
        again = f"{bare}?{kept}{'&' if kept else ''}{_TRIES}={number}"
        return Answer(twiml.sorry(again, last=number > SORRY_TIMES), "application/xml")
