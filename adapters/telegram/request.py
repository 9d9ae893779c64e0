"""The HTTP back end: python-telegram-bot's request layer over aiohttp.

1. Loaded only when the first call is made, for aiohttp and telegram take 0.4 s to import.
2. Nothing is repeated here, nothing redirected, and no exception that leaves knows a URL: the URL
   holds the token.
3. A request is *not sent* only when no connection came about; whatever happens later leaves open
   whether it was taken.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn

import aiohttp
import msgspec
from aiohttp.payload import AsyncIterablePayload
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bridge.core.errors import Rejected, Unreachable

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput

CONNECTIONS = 256
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
CHUNK = 256 * 1024
_SLOWEST_UPLOAD = 50_000  # bytes per second that we wait for
_SPARE = 5.0
_JSON = {"Content-Type": "application/json"}
_ENCODER = msgspec.json.Encoder()
_ANSWER = msgspec.json.Decoder(dict[str, object])


class NotSentError(NetworkError):
    """No connection came about."""


class SilentError(NetworkError):
    """No usable answer came; the message is ours and safe to show."""


class MethodMissingError(TelegramError):
    """404: the server does not know the method, or the token has no usable form."""


class FloodError(RetryAfter):
    """429, made without reading ``retry_after``, which would warn that it becomes a timedelta."""

    def __init__(self, seconds: float) -> None:
        TelegramError.__init__(self, f"Flood control exceeded. Retry in {seconds:g} seconds")
        self._retry_after = timedelta(seconds=seconds)

    @property
    def seconds(self) -> float:
        """How long to wait."""
        return self._retry_after.total_seconds()


class Stream(msgspec.Struct):
    """A file on its way: it is read while it is sent, and only once."""

    chunks: AsyncIterator[bytes]
    name: str
    mime: str
    size: int
    failed: Exception | None = None

    async def read(self) -> AsyncIterator[bytes]:
        """Yield the bytes; remember what broke, for aiohttp tells only that something did."""
        try:
            async for chunk in self.chunks:
                yield chunk
        except Exception as error:
            self.failed = error
            raise


class _Sized(AsyncIterablePayload):
    """A streamed part whose size is known, so that the request has a Content-Length."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream.read(), content_type=stream.mime)
        self._size = stream.size


class AiohttpRequest(BaseRequest):
    """A back end for ``telegram.Bot`` too: sixteen calls at once cost 5 % of what httpx takes."""

    def __init__(self, session: aiohttp.ClientSession | None = None) -> None:
        self._session = session
        self._owned = session is None

    @property
    def read_timeout(self) -> float | None:
        """Seconds to wait for an answer."""
        return READ_TIMEOUT

    async def initialize(self) -> None:
        """Make the connection pool, in the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "coachbridge"},
                skip_auto_headers=("Accept", "Accept-Encoding"),
            )

    async def shutdown(self) -> None:
        """Close the pool if it is ours."""
        if self._session is not None and self._owned:
            await self._session.close()
        self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make one request; one time limit for connecting, one for the answer."""
        del write_timeout, pool_timeout
        read = read_timeout if isinstance(read_timeout, int | float) else READ_TIMEOUT
        connect = connect_timeout if isinstance(connect_timeout, int | float) else CONNECT_TIMEOUT
        try:
            body, headers, size = _body(request_data)
        except (UnicodeError, TypeError, ValueError):
            raise BadRequest("the request cannot be written as JSON") from None
        timeout = _timeout(connect, read, size)
        if self._session is None:
            await self.initialize()
        assert self._session is not None  # noqa: S101 - for the type checker
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return checked(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _fail(error)

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """Yield the bytes behind a URL. Raises SendError."""
        await self.initialize()
        assert self._session is not None  # noqa: S101 - for the type checker
        timeout = aiohttp.ClientTimeout(
            connect=CONNECT_TIMEOUT, sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT
        )
        try:
            async with self._session.get(url, timeout=timeout, allow_redirects=False) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    raise Rejected("file_gone", "the network does not have the file any more")
                if response.status != HTTPStatus.OK:
                    raise Unreachable(str(response.status), "the file could not be fetched")
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(type(error).__name__, "the file broke off") from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """Decode an answer; unlike the original never log it."""
        try:
            answer = _ANSWER.decode(payload)
        except msgspec.DecodeError:
            raise NetworkError("the answer is not JSON") from None
        return answer


def checked(status: int, body: bytes) -> tuple[int, bytes]:
    """Return an answer; raise for those that python-telegram-bot does not tell apart.

    A refusal counts only in the words of the Bot API: a proxy's error page says nothing about us.
    """
    if status == HTTPStatus.NOT_FOUND:
        raise MethodMissingError("Not Found")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise BadRequest("Request Entity Too Large")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        try:
            seconds = msgspec.json.decode(body, type=_Flood).parameters.retry_after
        except msgspec.DecodeError:
            seconds = 1.0
        raise FloodError(seconds)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or (
        status >= HTTPStatus.BAD_REQUEST and not _is_refusal(body)
    ):
        raise SilentError(f"the server failed with HTTP status {status}")
    return status, body


def _is_refusal(body: bytes) -> bool:
    try:
        return "description" in _ANSWER.decode(body)
    except msgspec.DecodeError:
        return False


class _Wait(msgspec.Struct, frozen=True):
    retry_after: float = 1.0


class _Flood(msgspec.Struct, frozen=True):
    """https://core.telegram.org/bots/api#responseparameters"""

    parameters: _Wait = _Wait()


def _body(
    data: RequestData | None,
) -> tuple[bytes | aiohttp.FormData | None, Mapping[str, str] | None, int]:
    """Return body, headers and the size of the files in it."""
    if data is None:
        return None, None, 0
    values: dict[str, object] = dict(data.parameters)
    streams = {name: value for name, value in values.items() if isinstance(value, Stream)}
    if not streams and not data.contains_files:
        return _ENCODER.encode(values), _JSON, 0
    form = aiohttp.FormData(quote_fields=False)
    for name, value in values.items():
        if isinstance(value, Stream):
            form.add_field(name, _Sized(value), filename=value.name)
        else:
            form.add_field(
                name, value if isinstance(value, str) else _ENCODER.encode(value).decode()
            )
    if data.contains_files:  # files as telegram.Bot gives them
        for name, (filename, content, mime) in data.multipart_data.items():
            form.add_field(name, content, filename=filename, content_type=mime)
    return form, None, sum(stream.size for stream in streams.values())


@lru_cache(maxsize=16)
def _timeout(connect: float, read: float, size: int) -> aiohttp.ClientTimeout:
    """Return the time limits of a request that uploads ``size`` bytes.

    The total is only for servers that answer drop by drop, or read our file so.
    """
    total = connect + read + _SPARE + size / _SLOWEST_UPLOAD
    return aiohttp.ClientTimeout(total, connect=connect, sock_connect=connect, sock_read=read)


def _fail(error: Exception) -> NoReturn:
    unconnected = aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL
    if isinstance(error, unconnected):
        raise NotSentError("not connected") from None
    if isinstance(error, TimeoutError):
        raise TimedOut("no answer in time") from None
    raise SilentError(f"the connection broke ({type(error).__name__})") from None
