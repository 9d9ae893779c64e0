"""The SDK's way to the network: aiohttp, one host, one request, real time limits.

The SDK builds requests for ``api.twilio.com``; its own asynchronous client ignores its time limit,
makes a POST again, logs addresses, and would follow any host. This one goes to the configured
server and to no other, does a thing once, logs nothing, and raises our errors. Loaded with the
first call, for the SDK takes 0.2 s to import.
"""

from __future__ import annotations

import base64
import logging
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp
import msgspec
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]

from adapters.twilio.refusals import refusal
from bridge.core.errors import Certainty, Rejected, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

VENDOR = "https://api.twilio.com/"
CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
TIMEOUT = aiohttp.ClientTimeout(
    CONNECT_TIMEOUT + READ_TIMEOUT, sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT
)
FILE_TIMEOUT = aiohttp.ClientTimeout(None, sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT)
CHUNK = 256 * 1024
CONNECTIONS = 64
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_UNCONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class HostClient(AsyncHttpClient):  # type: ignore[misc]
    """The SDK's transport to one server."""

    def __init__(self, api_url: str, account_sid: str, token: str) -> None:
        super().__init__(logging.getLogger(__name__), True, READ_TIMEOUT)
        self._api_url = api_url
        login = base64.b64encode(f"{account_sid}:{token}".encode()).decode()
        self._auth = {"Authorization": f"Basic {login}"}
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> aiohttp.ClientSession:
        """Return the pool, opened on first use."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    async def close(self) -> None:
        """Close the pool."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def rewritten(self, url: str) -> str:
        """Return a URL of the vendor at our server. Raises Rejected for any other host."""
        if not url.startswith(VENDOR):
            raise Rejected("foreign_host", "a request for another host than the API's")
        return f"{self._api_url}/{url.removeprefix(VENDOR)}"

    async def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the SDK's signature
        allow_redirects: bool = False,
    ) -> Response:
        """Make one request and return its good answer, a JSON object. Raises SendError."""
        del auth, timeout, allow_redirects
        target = self.rewritten(url)
        body = urlencode(data, doseq=True).encode() if data else None
        query = f"?{urlencode(params, doseq=True)}" if params else ""
        try:
            async with self.session().request(
                method,
                f"{target}{query}",
                data=body,
                headers={**(headers or {}), **self._auth},
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
                status, retry = answer.status, answer.headers.get("Retry-After", "")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _silence(error) from None
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(status, content, retry)
        if status == HTTPStatus.NO_CONTENT:
            return Response(status, "")
        return Response(status, _checked(content))

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """Yield a file of the API. Raises SendError.

        The API may answer with an address elsewhere, signed and for a while; our credentials do
        not go there. https://www.twilio.com/docs/messaging/api/media-resource
        """
        elsewhere = ""
        async with self._file(f"{self._api_url}{path}", self._auth) as answer:
            if answer.status in _REDIRECTS:
                elsewhere = self._allowed(answer.headers.get("Location", ""))
            else:
                async for chunk in _chunks(answer):
                    yield chunk
        if elsewhere:
            async with self._file(elsewhere, {}) as answer:
                async for chunk in _chunks(answer):
                    yield chunk

    @asynccontextmanager
    async def _file(
        self, url: str, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self.session().get(
                url, headers=headers, timeout=FILE_TIMEOUT, allow_redirects=False
            ) as answer:
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _silence(error) from None

    def _allowed(self, where: str) -> str:
        """Return where the API sends us if that is itself or encrypted. Raises Rejected."""
        if where.startswith("/") and not where.startswith("//"):
            return f"{self._api_url}{where}"
        if where.startswith(("https://", f"{self._api_url}/")):
            return where
        raise Rejected("file_gone", "the network sent us to an address that we do not ask")


async def _chunks(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    if answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise Rejected("file_gone", "the network does not have the file any more")
    if answer.status != HTTPStatus.OK:
        raise Unreachable(str(answer.status), "the file could not be fetched")
    async for chunk in answer.content.iter_chunked(CHUNK):
        yield chunk


def _checked(content: bytes) -> str:
    """Return an answer that is a JSON object. Raises Unreachable: it may well have been done."""
    try:
        msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        return content.decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreachable("no_result", "the answer does not hold what was asked for") from None


def _silence(error: Exception) -> Unreachable:
    if isinstance(error, _UNCONNECTED):
        return Unreachable("not_connected", "no connection came about", Certainty.NOT_SENT)
    if isinstance(error, TimeoutError):
        return Unreachable("timed_out", "no answer came in time")
    return Unreachable("no_answer", f"the connection broke ({type(error).__name__})")
