"""Calls of the Bot API whose answers stay raw JSON and whose errors are ours.

What leaves here holds neither a URL nor anything the server quoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from adapters.telegram.refusals import Garbled, detail, refusal
from adapters.telegram.request import (
    READ_TIMEOUT,
    AiohttpRequest,
    FloodError,
    MethodMissingError,
    NotSentError,
    SilentError,
    checked,
)
from bridge.core.errors import (
    AccountBroken,
    Certainty,
    EndpointMoved,
    Rejected,
    SendError,
    Throttled,
    Undeliverable,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_OUTERMOST = msgspec.json.Decoder(dict[str, msgspec.Raw])


class GarbledError(NetworkError):
    """An answer that is not JSON; keeps it, for updates may be in it."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("the answer is not JSON")
        self.payload = payload


class Wire(AiohttpRequest):
    """Calls that give back the raw JSON of ``result``, and raise our errors."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """Decode only the outermost object of a good answer."""
        try:
            answer = _OUTERMOST.decode(payload)
        except msgspec.DecodeError:
            raise GarbledError(payload) from None
        if "result" in answer:
            return {"result": answer["result"]}
        return AiohttpRequest.parse_json_payload(payload)

    async def call(
        self, url: str, params: Mapping[str, object], read_timeout: float | None = None
    ) -> bytes:
        """Make one call of a method. Raises SendError."""
        data = RequestData([RequestParameter(name, value, None) for name, value in params.items()])
        try:
            result: object = await self.post(url, data, read_timeout=read_timeout or READ_TIMEOUT)
        except TelegramError as error:
            raise sorted_error(error) from None
        except KeyError:
            raise Unreachable("no_result", "the answer holds no result") from None
        if isinstance(result, msgspec.Raw):
            return bytes(result)
        raise Unreachable("no_result", "the answer holds no result")

    @staticmethod
    async def refused(status: int, body: bytes) -> SendError:
        """Return what an answer means that was no success."""
        try:
            await _Answered(status, body).call("", {})
        except SendError as error:
            return error
        return Unreachable("no_answer", "no usable answer")


class _Answered(Wire):
    """A call that was made already: the library sorts its answer."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__()
        self._answer = status, body

    async def do_request(self, *_: object, **__: object) -> tuple[int, bytes]:
        """Return the answer. Raises TelegramError as a real call does."""
        return checked(*self._answer)


def sorted_error(error: TelegramError) -> SendError:
    """Return the error of ours that says what to do next.

    https://core.telegram.org/bots/api#making-requests; 409 concerns only readers of updates.
    """
    match error:
        case FloodError():
            return Throttled(max(error.seconds, 0.0))
        case ChatMigrated():
            return EndpointMoved(str(error.new_chat_id))
        case MethodMissingError():
            return Rejected("method_unknown", "the server does not know this method")
        case InvalidToken():
            return AccountBroken("unauthorized", "the network does not accept our token")
        case Conflict():
            return Unreachable("conflict", detail(error.message), Certainty.NOT_SENT)
        case Forbidden():
            return refusal(error.message, Undeliverable("403", detail(error.message)))
        case BadRequest():
            return refusal(error.message, Rejected("400", detail(error.message)))
        case _:
            return _silence(error)


def _silence(error: TelegramError) -> Unreachable:
    """Return the error for no usable answer; its text may hold anything, so it is not passed on."""
    match error:
        case NotSentError():
            return Unreachable("not_connected", "no connection came about", Certainty.NOT_SENT)
        case TimedOut():
            return Unreachable("timed_out", "no answer came in time")
        case SilentError():
            return Unreachable("no_answer", error.message)
        case GarbledError():
            return Garbled(error.payload)
        case _:
            return Unreachable("no_answer", "no usable answer")
