"""Slack's calls: whether they are genuine, and what payload they bring. Pure but for the clock.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import msgspec

from bridge.core.errors import Forged

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_AGE = 300.0
_LONGEST_STAMP = 12
_MAX_FIELDS = 100


class _Challenge(msgspec.Struct):
    type: str = ""
    challenge: str = ""


_CHALLENGE = msgspec.json.Decoder(_Challenge)


def require_genuine(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """Raise Forged unless Slack signed this body within the last five minutes."""
    stamp = headers.get("x-slack-request-timestamp")
    given = headers.get("x-slack-signature")
    if not secret or not isinstance(stamp, str) or not isinstance(given, str):
        raise Forged("no signature")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= _LONGEST_STAMP):
        raise Forged("the time is none")
    if abs(time.time() - int(stamp)) > MAX_AGE:
        raise Forged("the call is too old")
    wanted = hmac.new(secret.encode(), b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256)
    signature = f"v0={wanted.hexdigest()}"
    if not hmac.compare_digest(given.encode("utf-8", "replace"), signature.encode()):
        raise Forged("wrong signature")


def payload_of(body: bytes) -> bytes | None:
    """Return the JSON in a genuine call; None where nothing is to be kept of it.

    Events are JSON; pressed buttons and slash commands are forms.
    https://docs.slack.dev/interactivity/handling-user-interaction/#payloads
    """
    if body.lstrip()[:1] in {b"{", b"["} or b"=" not in body:
        return None if challenge_of(body) is not None else body
    try:
        form = parse_qs(
            body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MAX_FIELDS
        )
    except ValueError:
        return body  # the inbox keeps it aside for an operator's eyes
    if "ssl_check" in form:
        return None
    if "payload" in form:
        return form["payload"][0].encode()
    return msgspec.json.encode({name: values[0] for name, values in form.items()})


def challenge_of(body: bytes) -> str | None:
    """Return what Slack wants to read back when the address is set, None for any other call.

    https://docs.slack.dev/reference/events/url_verification
    """
    try:
        found = _CHALLENGE.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found.challenge if found.type == "url_verification" else None
