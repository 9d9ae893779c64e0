"""What we read of Twilio's calls about calls, and what they mean. Pure.

Fields: https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application
Dial: https://www.twilio.com/docs/voice/twiml/dial#action; Gather: .../gather#action
Status: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
Recordings: https://www.twilio.com/docs/voice/api/recording#recordingstatuscallback

1. Our name of a call and of the question that is answered ride in the query, which is signed.
2. A payload's key is the leg's SID and what it tells: the same news twice is one.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import msgspec
import phonenumbers

from adapters.twilio.payloads import PART, Sid, fields_of
from bridge.core.calls import TELEPHONE
from bridge.core.content import Attachment
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError
from bridge.core.inbound import CallIn, Inbound, ReceiptIn, Sender

if TYPE_CHECKING:
    from collections.abc import Mapping

CALL = "CoachbridgeCall"
THEN = "CoachbridgeThen"
"""Names in the query of the addresses we give: our name of the call, and the question."""

RECEIPT = "CoachbridgeReceipt"
"""Put by us behind a payload that is kept twice: this one tells only of our request."""

NO_TIME = datetime.fromtimestamp(0, UTC)
MOST_KEYS = 32
MOST_NAME = 100
_NUMBER = re.compile(r"\+[1-9]\d{5,14}")
_RECORDING = re.compile(r"/2010-04-01/Accounts/AC[0-9a-f]{32}/Recordings/RE[0-9a-f]{32}")
_ENDS = {"completed": "answered", "busy": "busy", "no-answer": "no_answer", "failed": "failed"}
_ENDS["canceled"] = "no_answer"
_RINGS = frozenset({"", "ringing", "in-progress"})  # in progress: asked again after an apology
_DUTCH = frozenset({"NL", "BE", "SR", "AW", "CW"})


class Told(msgspec.Struct, frozen=True, rename="pascal"):
    """A call of Twilio's about a call."""

    call_sid: Sid
    from_: str = msgspec.field(name="From", default="")
    to: str = ""
    direction: str = ""
    call_status: str = ""
    sequence_number: Annotated[int, msgspec.Meta(ge=0)] = 0
    digits: str = ""
    dial_call_status: str = ""
    recording_sid: str = ""
    recording_url: str = ""
    recording_status: str = ""
    recording_duration: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    call: str = msgspec.field(name=CALL, default="")
    then: str = msgspec.field(name=THEN, default="")
    part: str = msgspec.field(name=PART, default="")
    receipt: str = msgspec.field(name=RECEIPT, default="")


class Line(msgspec.Struct, frozen=True):
    """One account's telephone line: its numbers, the host of its files, whether it asks.

    What was recorded is kept for ``days``.
    """

    account: str
    numbers: frozenset[str]
    host: str
    asks: bool = False
    days: int = 30


def keys_of(payload: bytes) -> tuple[str, ...]:
    """Return the name of a payload, a hash where it cannot be read or names itself oddly."""
    try:
        name = _name(_read(fields_of(payload)))
    except ParseError:
        name = ""
    if 0 < len(name) <= MOST_NAME and name.isascii() and name.isprintable():
        return (name,)
    return (f"x:{hashlib.sha256(payload).hexdigest()}",)


def _name(told: Told) -> str:
    if told.receipt:
        return f"{told.call_sid}:{told.then or told.call_status}:part"
    if told.recording_status and not told.then:
        return f"{told.recording_sid}:{told.recording_status}"
    if told.then:
        return f"{told.call_sid}:{told.then}"
    if told.call_status in _RINGS:
        return f"{told.call_sid}:ringing"
    return f"{told.call_sid}:{told.call_status}:{told.sequence_number}"


def parse(payload: bytes, line: Line) -> tuple[Inbound, ...]:
    """Return what a payload tells. Raises ParseError."""
    told = _read(fields_of(payload))
    inward = told.direction == "inbound"
    theirs, ours = (told.from_, told.to) if inward else (told.to, told.from_)
    number = theirs if _NUMBER.fullmatch(theirs) else ""
    thread = ours if ours in line.numbers else ""
    place = Place(TELEPHONE, line.account, number, thread)
    sender = Sender(Endpoint(TELEPHONE, line.account, number), language=_language(number))
    if told.receipt:
        found: Inbound | None = _receipt(told, place)
    else:
        found = _call(told, place, sender, keys_of(payload)[0], line)
    return () if found is None else (found,)


def _call(told: Told, place: Place, sender: Sender, key: str, line: Line) -> CallIn | None:
    name = told.call or told.call_sid
    base = CallIn(place, sender, told.call_sid, "", name, NO_TIME, key=key, asks=line.asks)
    if told.then:
        return msgspec.structs.replace(
            base,
            what="heard",
            then=told.then[:40],
            keys="" if told.digits == "hangup" else told.digits[:MOST_KEYS],
            status=_ENDS.get(told.dial_call_status, ""),
            seconds=told.recording_duration,
            file=_file(told, line, "audio/mpeg", ".mp3"),
        )
    if told.recording_status:
        file = _file(told, line, "audio/wav", ".wav")
        if told.recording_status != "completed" or file is None:
            return None
        return msgspec.structs.replace(
            base,
            what="recorded",
            recording=told.recording_sid,
            seconds=told.recording_duration,
            file=file,
            days=line.days,
        )
    if told.call_status in _ENDS:
        return msgspec.structs.replace(base, what="over", status=_ENDS[told.call_status])
    if told.direction == "inbound" and told.call_status in _RINGS:
        return msgspec.structs.replace(base, what="ringing")
    return None


def _receipt(told: Told, place: Place) -> ReceiptIn | None:
    """A call that we made carries the key of its part: it was taken, and what became of it."""
    if not told.part:
        return None
    status = _ENDS.get(told.call_status, "") if not told.then else ""
    state = {"": "sent", "answered": "delivered"}.get(status, "failed")
    reason = f"call_{status}" if state == "failed" else ""
    return ReceiptIn(place, told.call_sid, state, NO_TIME, reason, told.part)


def _file(told: Told, line: Line, mime: str, suffix: str) -> Attachment | None:
    """Return where a recording lies, if that is at the API's own host."""
    try:
        parts = urlsplit(told.recording_url)
    except ValueError:
        return None
    if parts.netloc != line.host or _RECORDING.fullmatch(parts.path) is None:
        return None
    seconds = told.recording_duration
    return Attachment(ref=f"{parts.path}{suffix}", mime=mime, name=f"call{suffix}", seconds=seconds)


def _language(number: str) -> str:
    """Return what is probably spoken at a number: only to choose how a stranger is greeted."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return ""
    return "nl" if region in _DUTCH else "en"


def _read(fields: Mapping[str, str]) -> Told:
    """Return what a form is. Raises ParseError without any value in it."""
    given = {name: value for name, value in fields.items() if value}
    try:
        return msgspec.convert(given, Told, strict=False)
    except msgspec.ValidationError as error:
        where = str(error).rpartition(" - at ")[2]
        raise ParseError(f"unexpected value at {where}"[:120]) from None
