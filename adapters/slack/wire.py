"""Calls of the Web API over slack_sdk: raw answers come back, errors are ours.

1. Loaded only when the first call is made, for aiohttp and slack_sdk take a while to import.
2. Nothing is repeated here and nothing redirected. ``AsyncWebClient`` would by default post again
   after a connection that dropped, when Slack may have taken the first: ``retry_handlers=[]``.
3. A call is *not sent* only when no connection came about.
4. The token goes to the configured host and those below it, wherever an answer points.
5. The SDK's logger is closed: at level DEBUG, or with no level at all, it tells words of people.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import aiohttp
import msgspec
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.refusals import refusal
from bridge.core.errors import Certainty, Rejected, SendError, StoreError, Throttled, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

Json = dict[str, Any]

CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 30.0
CHUNK = 256 * 1024
HEARTBEAT = 20.0
_SLOWEST_UPLOAD = 50_000  # bytes per second that we wait for
_MAX_ENVELOPE = 4 * 1024 * 1024
_SCOPES = "x-oauth-scopes"
_OK, _TOO_MANY, _FAILED = 200, 429, 500
_UNCONNECTED = aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL
_BROKEN = aiohttp.ClientError, TimeoutError, OSError

_silent = logging.getLogger(f"{__name__}.sdk")
_silent.setLevel(logging.CRITICAL + 1)


class _Client(AsyncWebClient):
    """Follows no redirect: it would carry words to an address nobody configured."""

    async def _request(self, *, http_verb: str, api_url: str, req_args: Json) -> Json:
        answer: Json = await super()._request(
            http_verb=http_verb,
            api_url=api_url,
            req_args={**req_args, "allow_redirects": False},
        )
        return answer


class Wire:
    """One connection pool; a session given stays the caller's."""

    def __init__(self, api_url: str, token: str, session: aiohttp.ClientSession | None) -> None:
        self._home = urlsplit(api_url)
        self._token = token
        self._owned = session is None
        self._session = session or aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=256),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_timeout(),
        )
        self._web = _Client(
            token=token,
            base_url=f"{api_url}/api/",
            session=self._session,
            retry_handlers=[],
            logger=_silent,
        )

    async def call(self, method: str, params: Mapping[str, object], token: str = "") -> Json:
        """Call a method; return its answer. Raises SendError."""
        return (await self._answered(method, params, token))[0]

    async def scopes(self) -> frozenset[str]:
        """Return what our token may do; nothing where that is not told. Raises SendError.

        https://docs.slack.dev/authentication/installing-with-oauth#inspecting
        """
        _, headers = await self._answered("auth.test", {}, "")
        told = next((headers[name] for name in headers if name.lower() == _SCOPES), "")
        return frozenset(scope.strip() for scope in told.split(",") if scope.strip())

    async def _answered(
        self, method: str, params: Mapping[str, object], token: str
    ) -> tuple[Json, Mapping[str, str]]:
        try:
            data = {name: _form(value) for name, value in params.items()}
            headers = {"Authorization": f"Bearer {token}"} if token else None
            answer = await self._web.api_call(method, data=data, headers=headers)
            content = answer.data
        except SlackApiError as error:
            raise _refused(error.response) from None
        except (UnicodeError, msgspec.MsgspecError):
            raise Rejected("refused", "the request cannot be written") from None
        except _BROKEN as error:
            _fail(error)
        except (SlackClientError, ValueError, TypeError, AttributeError):
            raise Unreachable("garbled", "the answer cannot be read") from None
        if not isinstance(content, dict):
            raise Unreachable("garbled", "the answer cannot be read")
        return content, answer.headers

    async def upload(self, url: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Send the bytes of a file. Raises SendError; nothing shows yet in any case.

        https://docs.slack.dev/messaging/working-with-files#upload
        """
        self._require_ours(url, ("http", "https"))
        stream = _Stream(chunks)
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        timeout = _timeout(size)
        try:
            async with self._session.post(
                url, data=stream.read(), headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status != _OK:
                    raise _not_sent(str(response.status))
        except _BROKEN as error:
            if isinstance(stream.failed, StoreError):
                raise Rejected("file_gone", "the file is not there any more") from None
            raise _not_sent(type(error).__name__) from None

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """Yield the bytes behind a private URL of a file. Raises SendError.

        https://docs.slack.dev/reference/objects/file-object (url_private_download)
        """
        self._require_ours(url, ("http", "https"))
        headers = {"Authorization": f"Bearer {self._token}"}
        timeout = aiohttp.ClientTimeout(
            connect=CONNECT_TIMEOUT, sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT
        )
        try:
            async with self._session.get(
                url, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                if response.status in {403, 404, 410}:
                    raise Rejected("file_gone", "the network does not have the file any more")
                if response.status != _OK or response.content_type == "text/html":
                    # Slack shows its sign-in page where a token may not read a file.
                    raise Unreachable(str(response.status), "the file could not be fetched")
                async for chunk in response.content.iter_chunked(CHUNK):
                    yield chunk
        except _BROKEN as error:
            raise Unreachable(type(error).__name__, "the file broke off") from None

    async def socket(self, url: str) -> aiohttp.ClientWebSocketResponse:
        """Open a Socket Mode connection. Raises SendError."""
        self._require_ours(url, ("ws", "wss"))
        timeout = aiohttp.ClientWSTimeout(ws_close=1.0)
        try:
            return await self._session.ws_connect(
                url, heartbeat=HEARTBEAT, timeout=timeout, max_msg_size=_MAX_ENVELOPE
            )
        except _BROKEN as error:
            raise _not_sent(type(error).__name__) from None

    def _require_ours(self, url: str, schemes: tuple[str, str]) -> None:
        """Refuse an address anywhere else, or less protected than the configured one."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        host, home = parts.hostname or "", self._home.hostname or ""
        same = host == home or host.endswith(f".{home}")
        scheme = schemes[self._home.scheme == "https"]
        if not same or parts.scheme != scheme or port != self._home.port:
            raise Rejected("refused", "the answer points to a host that was not configured")

    async def close(self) -> None:
        """Close the connections that are ours."""
        if self._owned:
            await self._session.close()


class _Stream:
    """A file on its way; remembers what broke, for aiohttp tells only that something did."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self.failed: Exception | None = None

    async def read(self) -> AsyncIterator[bytes]:
        """Yield the bytes."""
        try:
            async for chunk in self._chunks:
                yield chunk
        except Exception as error:
            self.failed = error
            raise aiohttp.ClientError("the file broke off") from None


def _form(value: object) -> str:
    """Return a parameter as Slack takes it in a form.

    https://docs.slack.dev/apis/web-api/#post-bodies
    """
    if isinstance(value, str):
        value.encode()  # half a character cannot be sent
        return value
    return msgspec.json.encode(value).decode()


def _timeout(size: int = 0) -> aiohttp.ClientTimeout:
    total = CONNECT_TIMEOUT + READ_TIMEOUT + 5 + size / _SLOWEST_UPLOAD
    return aiohttp.ClientTimeout(
        total, connect=CONNECT_TIMEOUT, sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT
    )


def _refused(response: AsyncSlackResponse | object) -> SendError:
    """Return the error for an answer that is not ``ok``; its words are not passed on.

    https://docs.slack.dev/apis/web-api/rate-limits
    """
    status = getattr(response, "status_code", 0)
    data = getattr(response, "data", None)
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    wait = headers.get("Retry-After", "")
    seconds = float(wait) if wait.isascii() and wait.isdecimal() else 1.0
    if status == _TOO_MANY:
        return Throttled(seconds)
    if not isinstance(status, int) or status >= _FAILED:
        return Unreachable("no_answer", "the server failed")
    code = data.get("error") if isinstance(data, dict) else None
    if isinstance(code, str):
        return refusal(code, seconds)
    return Unreachable("no_answer", f"no usable answer (HTTP status {status})")


def _not_sent(what: str) -> Unreachable:
    return Unreachable("not_connected", f"no connection came about ({what})", Certainty.NOT_SENT)


def _fail(error: Exception) -> NoReturn:
    if isinstance(error, _UNCONNECTED):
        raise _not_sent(type(error).__name__) from None
    if isinstance(error, TimeoutError):
        raise Unreachable("timed_out", "no answer came in time") from None
    raise Unreachable("no_answer", f"the connection broke ({type(error).__name__})") from None
