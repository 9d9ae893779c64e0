"""What Twilio's error codes mean, as errors of ours and as reasons of a receipt. Pure.

https://www.twilio.com/docs/api/errors; the sentences there may quote numbers, so none is repeated.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from bridge.core.errors import (
    AccountBroken,
    OptedOut,
    Rejected,
    SendError,
    Throttled,
    Undeliverable,
    Unreachable,
)

OPTED_OUT = 21610
LATER = 60.0
"""Seconds to wait where Twilio does not say how long."""

MEANINGS: dict[int, tuple[type[SendError], str]] = {
    OPTED_OUT: (OptedOut, "blocked"),
    # the number
    21211: (Undeliverable, "no_such_number"),
    21214: (Undeliverable, "no_such_number"),
    21217: (Undeliverable, "no_such_number"),
    30005: (Undeliverable, "no_such_number"),
    21614: (Undeliverable, "landline"),
    30006: (Undeliverable, "landline"),
    63003: (Undeliverable, "not_on_network"),
    63024: (Undeliverable, "not_on_network"),
    63015: (Undeliverable, "not_started"),  # the sandbox: they have to join it first
    # our account
    20003: (AccountBroken, "unauthorized"),
    20404: (AccountBroken, "not_found"),
    30002: (AccountBroken, "suspended"),
    21212: (AccountBroken, "sender_refused"),
    21603: (AccountBroken, "sender_refused"),
    21606: (AccountBroken, "sender_refused"),
    63007: (AccountBroken, "sender_refused"),
    # our account, but only towards some: others still go
    21408: (Rejected, "region_off"),
    30034: (Rejected, "sender_unregistered"),
    # what is said
    21602: (Rejected, "content_refused"),
    21617: (Rejected, "too_long"),
    30007: (Rejected, "content_refused"),
    12300: (Rejected, "content_refused"),
    63016: (Rejected, "window_closed"),
    # later
    20429: (Throttled, "throttled"),
    21611: (Throttled, "throttled"),
    30001: (Throttled, "throttled"),
    30022: (Throttled, "throttled"),
    63018: (Throttled, "throttled"),
    30003: (Throttled, "phone_off"),
    30008: (Throttled, "carrier_failed"),
}

ACCOUNT_WIDE = frozenset({20429, 21611, 30022, 63018})


class _Refusal(msgspec.Struct, frozen=True):
    """https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions"""

    code: int


_REFUSAL = msgspec.json.Decoder(_Refusal)


def is_gone(code: str) -> bool:
    """Tell whether the ErrorCode of a callback says that nobody can be reached at that number."""
    number = int(code) if code.isascii() and code.isdecimal() and len(code) < 9 else 0
    return MEANINGS.get(number, (Rejected, ""))[0] is Undeliverable


def reason_of(code: str) -> str:
    """Return the reason for the ErrorCode of a callback: a word of ours, else the number."""
    number = int(code) if code.isascii() and code.isdecimal() and len(code) < 9 else 0
    return MEANINGS[number][1] if number in MEANINGS else (str(number) if number else "refused")


def refusal(status: int, body: bytes, retry_after: str = "") -> SendError:
    """Return the error for an answer that is not a success.

    Only words of the API itself count as a refusal: the page of a proxy says nothing about us.
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unreachable("no_answer", f"the server failed with HTTP status {status}")
    wait = float(retry_after) if retry_after.isdecimal() and len(retry_after) < 6 else 0.0
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(wait or 1.0, account_wide=True)
    try:
        code = _REFUSAL.decode(body).code
    except msgspec.DecodeError:
        return Unreachable("no_answer", f"an answer of somebody else, HTTP status {status}")
    if status == HTTPStatus.UNAUTHORIZED:
        return AccountBroken("unauthorized", "the network does not accept our credentials")
    kind, name = MEANINGS.get(code, (Rejected, str(code)))
    if kind is Throttled:
        return Throttled(wait or LATER, account_wide=code in ACCOUNT_WIDE)
    return kind(name, f"Twilio error {code}")
