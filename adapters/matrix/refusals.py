"""What a homeserver's refusals mean: error codes as our errors, without words of anybody. Pure.

https://spec.matrix.org/v1.16/client-server-api/#standard-error-response
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.errors import (
    AccountBroken,
    Certainty,
    Rejected,
    SendError,
    Throttled,
    Undeliverable,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

DUPLICATE = "M_DUPLICATE_ANNOTATION"
_BROKEN = {
    "M_UNKNOWN_TOKEN": ("unauthorized", "the homeserver does not accept our access token"),
    "M_MISSING_TOKEN": ("unauthorized", "the homeserver asks for an access token"),
    "M_USER_DEACTIVATED": ("deactivated", "our account was closed"),
    "M_USER_SUSPENDED": ("suspended", "our account was suspended"),
    "M_USER_LOCKED": ("locked", "our account was locked"),
}
_GONE = {
    "M_FORBIDDEN": ("no_rights", "we may not do that in this room"),
    "M_NOT_FOUND": ("chat_not_found", "the room, or what is in it, is not there"),
}
_DEFAULT_WAIT = 5.0
_MAX_WAIT = 3600.0


class _Refusal(msgspec.Struct, frozen=True):
    errcode: str = ""
    retry_after_ms: float | None = None


_REFUSAL = msgspec.json.Decoder(_Refusal)


def refusal(status: int, body: bytes, headers: Mapping[str, str]) -> SendError:
    """Return the error for an answer that is not 2xx. The server's own sentence may quote what we
    sent, so it is not passed on.
    """
    try:
        said = _REFUSAL.decode(body)
    except (msgspec.DecodeError, RecursionError):
        said = _Refusal()
    code = said.errcode
    if status == 429 or code == "M_LIMIT_EXCEEDED":
        return Throttled(_wait(said, headers), account_wide=True)
    if code in _BROKEN:
        return AccountBroken(*_BROKEN[code])
    if status >= 500 or not code:
        return _unspoken(status)
    if code in _GONE:
        return Undeliverable(*_GONE[code])
    if code == "M_TOO_LARGE":
        return Rejected("too_long", "the homeserver does not take a message of this size")
    return Rejected(_name(code), f"the homeserver answered {status}")


def _unspoken(status: int) -> SendError:
    """Return the error for an answer that is not a homeserver's: some proxy between us."""
    if status in {401, 407}:
        return Unreachable("proxy", "something in between asks for a password", Certainty.NOT_SENT)
    if status in {403, 404, 405, 413}:
        return Unreachable("proxy", f"something in between answered {status}", Certainty.NOT_SENT)
    return Unreachable(str(status), f"the homeserver answered {status}")


def _name(code: str) -> str:
    """Return a vendor's code as a short name, if it looks like one."""
    name = code.removeprefix("M_").lower()
    return name[:40] if name.replace("_", "").isalnum() and name.isascii() else "refused"


def _wait(said: _Refusal, headers: Mapping[str, str]) -> float:
    """Return the seconds to wait; the header is the newer of two ways to say it."""
    given = headers.get("Retry-After", "")
    if given.isascii() and given.isdigit() and len(given) < 9:
        return min(float(given), _MAX_WAIT)
    if said.retry_after_ms is None or not 0 <= said.retry_after_ms < _MAX_WAIT * 1000:
        return _DEFAULT_WAIT
    return said.retry_after_ms / 1000
