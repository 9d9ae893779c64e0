"""One bot on Telegram: calling the Bot API and fetching files.

1. The token is only in URLs that are made here; nothing that leaves knows one.
2. Telegram takes no key with a message and shows bots no history: nothing can be reconciled.
"""

from __future__ import annotations

import asyncio
import hmac
from typing import TYPE_CHECKING, TypeVar

import msgspec

from adapters.telegram import albums, parse, render
from adapters.telegram.calls import Calls
from adapters.telegram.listen import Reader, webhook_url
from adapters.telegram.refusals import NOTHING_LEFT
from bridge.core.adapter import Raw, Sent, Unknown
from bridge.core.endpoint import Place
from bridge.core.errors import Certainty, Forged, Rejected, SendError, StoreError, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    import aiohttp

    from adapters.telegram.settings import TelegramSettings
    from adapters.telegram.wire import Wire
    from bridge.core.adapter import Delivery, Files, Joined, Reconciled, Rendered, Request, Sink
    from bridge.core.capabilities import Capabilities
    from bridge.core.inbound import Inbound
    from bridge.core.probing import Finding

_T = TypeVar("_T")

MAX_DOWNLOAD = 20_000_000  # https://core.telegram.org/bots/api#getfile
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 - the name of a header
_ALONE = 2  # a coach and the bot


class _Made(msgspec.Struct):
    """What we read of a Message or ForumTopic that was made."""

    message_id: int = 0
    message_thread_id: int = 0


class _Me(msgspec.Struct):
    username: str


class _FileInfo(msgspec.Struct):
    file_path: str
    file_size: int = 0


_MADE = msgspec.json.Decoder(_Made)
_MANY = msgspec.json.Decoder(tuple[_Made, ...])
_ME = msgspec.json.Decoder(_Me)
_FILE = msgspec.json.Decoder(_FileInfo)
_COUNT = msgspec.json.Decoder(int)


class TelegramAdapter:
    """See ``bridge.core.adapter`` for when each method is called."""

    network = parse.NETWORK

    def __init__(
        self,
        account: str,
        settings: TelegramSettings,
        capabilities: Capabilities,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self.account = account
        self.capabilities = capabilities
        self._settings = settings
        self._session = session
        self._wire: Wire | None = None
        token = settings.token.get_secret_value()
        self._calls = Calls(f"{settings.api_url}/bot{token}", _refused)
        self._username = ""
        number = settings.token.get_secret_value().partition(":")[0]
        self._own_id = int(number) if number.isdecimal() else 0

    def __repr__(self) -> str:
        return f"TelegramAdapter({self.account!r})"

    # -- pure ----------------------------------------------------------------------------------

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the names of an update."""
        return parse.head(payload)[1]

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what an update tells. Raises ParseError."""
        return parse.parse(payload, self.account, self._own_id)

    def render(self, delivery: Delivery) -> Rendered:
        """Return the calls for an effect."""
        return render.render(delivery)

    def together(self, deliveries: Sequence[Delivery]) -> Joined | None:
        """Return one call for as many files as go into one album."""
        return albums.together(deliveries)

    def pace(self, chat: str) -> float:
        """Groups take 20 messages a minute. https://core.telegram.org/bots/faq (my bot is hitting
        limits); their ids are negative.
        """
        rates = self.capabilities.rates
        return rates.group if chat.startswith("-") else rates.chat

    # -- calling -------------------------------------------------------------------------------

    def _url(self, method: str) -> str:
        token = self._settings.token.get_secret_value()
        return f"{self._settings.api_url}/bot{token}/{method}"

    async def _connected(self) -> Wire:
        if self._wire is None:
            # The import takes 0.4 s; messages go on meanwhile.
            kind = await asyncio.to_thread(_load_wire)
            if self._wire is None:
                self._wire = kind(self._session)
        return self._wire

    async def call(
        self, method: str, params: Mapping[str, object], read_timeout: float | None = None
    ) -> bytes:
        """Return the raw JSON of a method's result. Raises SendError."""
        return await self._calls.call(method, params, read_timeout)

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Make one call. Raises SendError; Telegram takes no key, so a repeat is a second one."""
        del key
        if request.method == "createForumTopic":
            return await self._open_topic(request)
        try:
            result = await self._upload(request, files)
        except SendError as error:
            if error.code in NOTHING_LEFT:
                return Sent()
            raise
        if not request.shows:
            return Sent()
        if request.method == albums.METHOD:
            return Sent(tuple(str(one.message_id) for one in _decoded(result, _MANY)))
        made = _decoded(result, _MADE)
        return Sent((str(made.message_id),))

    async def _upload(self, request: Request, files: Files) -> bytes:
        if not request.uploads:
            return await self.call(request.method, request.params)
        from adapters.telegram.request import Stream

        wire = await self._connected()
        streams = {
            upload.field: Stream(
                files.read(upload.attachment), upload.name, upload.mime, upload.size
            )
            for upload in request.uploads
        }
        try:
            return await wire.call(self._url(request.method), {**request.params, **streams})
        except SendError:
            if any(isinstance(stream.failed, StoreError) for stream in streams.values()):
                # The request broke off in the middle of its body: it cannot have been taken.
                raise Rejected("file_gone", "the file is not there any more") from None
            raise

    async def _open_topic(self, request: Request) -> Sent:
        """Make a topic, unless somebody else in the group could read it."""
        chat = request.params["chat_id"]
        count = _decoded(await self.call("getChatMemberCount", {"chat_id": chat}), _COUNT)
        if count > _ALONE:
            raise Rejected("exposed", "somebody else is in this group")
        made = _decoded(await self.call(request.method, request.params), _MADE)
        place = Place(self.network, self.account, str(chat), str(made.message_thread_id))
        return Sent(opened=place)

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """Telegram lets no bot look back: nobody can tell."""
        del request, key
        return Unknown()

    async def typing(self, place: Place) -> None:
        """Show "typing" for some five seconds."""
        params: dict[str, object] = {"chat_id": place.chat, "action": "typing"}
        if place.thread:
            params["message_thread_id"] = place.thread
        await self.call("sendChatAction", params)

    async def check(self) -> str:
        """Return our user name. Raises SendError."""
        self._username = _decoded(await self.call("getMe", {}), _ME).username
        return self._username

    def invite_link(self, code: str) -> str:
        """Return the link of https://core.telegram.org/bots/features#deep-linking.

        Raises Unreachable until ``check`` has learnt our name.
        """
        if not self._username:
            msg = "the bot's name is not known yet"
            raise Unreachable("no_name", msg, Certainty.NOT_SENT)
        return f"https://t.me/{self._username}?start={code}"

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file. Raises SendError."""
        info = _decoded(await self.call("getFile", {"file_id": ref}), _FILE)
        if info.file_size > MAX_DOWNLOAD:
            raise Rejected("too_big", "Telegram gives bots files of up to 20 MB")
        wire = await self._connected()
        token = self._settings.token.get_secret_value()
        url = f"{self._settings.api_url}/file/bot{token}/{info.file_path}"
        async for chunk in wire.stream(url):
            yield chunk

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()
        if self._wire is not None:
            await self._wire.shutdown()
            self._wire = None

    # -- listening -----------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], url: str, body: bytes) -> Sequence[Raw]:
        """Return the update of a call that knows our secret. Raises Forged."""
        del url
        wanted = self._settings.webhook_secret
        given = headers.get(SECRET_HEADER)
        secret = wanted.get_secret_value() if wanted and self._settings.mode == "webhook" else ""
        if not secret or not isinstance(given, str):
            raise Forged("no secret token")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            raise Forged("wrong secret token")
        return (Raw(self.keys(body), body),)

    def called_at(self) -> str:
        """Return our webhook, '' when we poll."""
        if self._settings.mode != "webhook":
            return ""
        return webhook_url(self._settings.public_url, self.account)

    async def probe(self) -> Sequence[Finding]:
        """Look at webhook and clock. Raises SendError."""
        from adapters.telegram.probe import probe

        return await probe(self.call, self._settings, self.called_at())

    async def listen(self, sink: Sink) -> None:
        """Poll until cancelled, or set the webhook and return. Raises AccountBroken."""
        reader = Reader(self.account, self._settings, self.call)
        await (reader.set_webhook() if self._settings.mode == "webhook" else reader.poll(sink))


def _load_wire() -> type[Wire]:
    from adapters.telegram.wire import Wire

    return Wire


async def _refused(status: int, body: bytes) -> SendError:
    """Tell what an answer means that holds no result, in the words of python-telegram-bot."""
    wire = await asyncio.to_thread(_load_wire)
    return await wire.refused(status, body)


def _decoded(result: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """Raises Unreachable: what was asked may well have been done."""
    try:
        return decoder.decode(result)
    except msgspec.DecodeError:
        raise Unreachable("no_result", "the answer does not hold what was asked for") from None
