"""Calls of a homeserver whose answers stay raw JSON and whose errors are ours.

1. A call is made once: neither aiohttp's repeat of a PUT nor the library's waiting happens here.
2. What leaves here holds neither the token nor anything the server quoted.
3. With a password we log in once and keep the token beside the keys: another login on the same
   device would take the token away from a bridge that is running.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec

from adapters.matrix.refusals import refusal
from adapters.matrix.vault import Login
from bridge.core.errors import (
    AccountBroken,
    Certainty,
    Rejected,
    SendError,
    Undeliverable,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from adapters.matrix.settings import MatrixSettings
    from adapters.matrix.vault import Vault

_T = TypeVar("_T")

CLIENT = "/_matrix/client/v3"
READ_TIMEOUT = 20.0
CONNECT_TIMEOUT = 10.0
_CHUNK = 65_536
_LIMIT = 100_000_000  # bytes of an answer
_NAME = "Coachbridge"


class BrokenOffError(aiohttp.ClientConnectionError):
    """The connection ended before an answer came; aiohttp repeats only errors of its own."""


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from making an idempotent request a second time by itself."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
        raise BrokenOffError("no answer came") from None


class _Who(msgspec.Struct):
    user_id: str
    device_id: str = ""


class _LoggedIn(msgspec.Struct):
    user_id: str
    access_token: str
    device_id: str


class Wire:
    """The connection of one account to its homeserver."""

    def __init__(self, settings: MatrixSettings, vault: Vault) -> None:
        self._settings = settings
        self._vault = vault
        self._session: aiohttp.ClientSession | None = None
        self._lock = asyncio.Lock()
        self._token = ""

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections; one session for us and for the library that holds the keys."""
        if self._session is None or self._session.closed:
            timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT_TIMEOUT, sock_connect=10.0)
            self._session = aiohttp.ClientSession(timeout=timeout, middlewares=(_once,))
        return self._session

    async def token(self) -> str:
        """Return the access token, logging in where we have none. Raises SendError."""
        if self._token:
            return self._token
        async with self._lock:
            if not self._token:
                self._token = self._settings.token or await self._logged_in()
        return self._token

    async def _logged_in(self) -> str:
        kept = self._vault.login()
        if kept is not None:
            return kept.token
        password = self._settings.password
        body = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._settings.user_id},
            "password": password.get_secret_value() if password else "",
            "device_id": self._settings.device_id,
            "initial_device_display_name": _NAME,
        }
        path = f"{CLIENT}/login"
        try:
            answer = await self._call("POST", path, msgspec.json.encode(body), "", READ_TIMEOUT)
            made = decoded(answer, _LOGGED_IN)
        except Undeliverable:
            msg = "the homeserver does not accept our name and password"
            raise AccountBroken("unauthorized", msg) from None
        except SendError as error:
            raise _unsent(error) from None
        self._vault.keep_login(Login(made.access_token))
        return made.access_token

    async def who(self) -> str:
        """Return our own address, if token and settings belong together. Raises SendError."""
        who = decoded(await self.call("GET", f"{CLIENT}/account/whoami"), _WHO)
        if who.user_id != self._settings.user_id:
            raise AccountBroken("other_user", "the token belongs to another user_id")
        if who.device_id and who.device_id != self._settings.device_id:
            raise AccountBroken("other_device", "the token belongs to another device_id")
        return who.user_id

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        read_timeout: float = READ_TIMEOUT,
    ) -> bytes:
        """Make one call and return the raw JSON. Raises SendError."""
        token = await self.token()
        data = msgspec.json.encode(body) if body is not None else None
        try:
            return await self._call(method, path, data, token, read_timeout)
        except AccountBroken:
            # A new login may help, at the next start; a token from the settings stays what it is.
            self._vault.forget_login(token)
            raise

    async def post(self, path: str, data: AsyncIterator[bytes], mime: str, size: int) -> bytes:
        """Send a file. Raises SendError; a StoreError of the file comes out as it is."""
        headers = {"Content-Type": mime, "Content-Length": str(size)}
        token = await self.token()
        return await self._call("POST", path, data, token, 300.0, headers)

    async def _call(
        self,
        method: str,
        path: str,
        data: bytes | AsyncIterator[bytes] | None,
        token: str,
        read_timeout: float,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        known = {"Content-Type": "application/json"} if data is not None else {}
        if token:
            known["Authorization"] = f"Bearer {token}"
        timeout = aiohttp.ClientTimeout(
            total=None, connect=CONNECT_TIMEOUT, sock_connect=10.0, sock_read=read_timeout
        )
        url = self._settings.homeserver + path
        try:
            async with self.session.request(
                method,
                url,
                data=data,
                headers={**known, **(headers or {})},
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                answer = await response.content.read(_LIMIT)
                while not response.content.at_eof():
                    answer += await response.content.read(_LIMIT)
                if response.status != HTTPStatus.OK:
                    raise refusal(response.status, answer, response.headers)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise silence(error) from None
        return answer

    async def stream(self, path: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file. Raises SendError."""
        headers = {"Authorization": f"Bearer {await self.token()}"}
        timeout = aiohttp.ClientTimeout(
            total=None, connect=CONNECT_TIMEOUT, sock_connect=10.0, sock_read=READ_TIMEOUT
        )
        url = self._settings.homeserver + path
        try:
            async with self.session.get(url, headers=headers, timeout=timeout) as response:
                if response.status != HTTPStatus.OK:
                    body = await response.content.read(_CHUNK)
                    raise _of_a_file(refusal(response.status, body, response.headers))
                async for chunk in response.content.iter_chunked(_CHUNK):
                    yield chunk
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise silence(error) from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def silence(error: Exception) -> Unreachable:
    """Return the error for no usable answer; its text may hold anything, so it is not passed on."""
    match error:
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return Unreachable("not_connected", "no connection came about", Certainty.NOT_SENT)
        case TimeoutError():
            return Unreachable("timed_out", "no answer came in time")
        case _:
            return Unreachable("no_answer", "no usable answer")


def _of_a_file(error: SendError) -> SendError:
    if isinstance(error, Undeliverable):
        return Rejected("file_gone", "the file is not there any more")
    return error


def _unsent(error: SendError) -> SendError:
    """What failed before the message itself was written left nothing behind."""
    error.certainty = Certainty.NOT_SENT
    return error


def decoded(answer: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """Raises Unreachable: what was asked may well have been done."""
    try:
        return decoder.decode(answer)
    except msgspec.DecodeError:
        raise Unreachable("no_result", "the answer does not hold what was asked for") from None


def room_path(room_id: str, *rest: str) -> str:
    """Return the path of something in a room."""
    return "/".join((f"{CLIENT}/rooms", *(quote(part, safe="") for part in (room_id, *rest))))


_WHO = msgspec.json.Decoder(_Who)
_LOGGED_IN = msgspec.json.Decoder(_LoggedIn)
Json = dict[str, Any]
OBJECT: msgspec.json.Decoder[Json] = msgspec.json.Decoder(dict[str, Any])
