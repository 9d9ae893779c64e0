"""What we read of Twilio's calls: form fields, all of them text, named as Twilio names them.

Messages: https://www.twilio.com/docs/messaging/guides/webhook-request
Status callbacks: https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
WhatsApp: https://www.twilio.com/docs/whatsapp/buttons and /docs/whatsapp/api#location-messages
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl

import msgspec

from bridge.core.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Mapping

PART = "CoachbridgePart"
"""The name in the query of our status callbacks that carries the key of the part."""

MAX_FIELDS = 500
MAX_MEDIA = 10  # https://www.twilio.com/docs/messaging/api/media-resource

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")

Sid = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}[0-9a-f]{32}$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^[^\s:]{1,64}$|^[a-z]{1,20}:[^\s]{1,64}$")]


class Message(msgspec.Struct, frozen=True, rename="pascal"):
    """A message that came in; WhatsApp's addresses begin with ``whatsapp:``."""

    message_sid: Sid
    from_: Address = msgspec.field(name="From")
    to: Address
    body: str = ""
    num_media: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    profile_name: str = ""
    message_type: str = ""
    button_payload: str = ""
    button_text: str = ""
    list_id: str = ""
    latitude: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    label: str = ""
    address: str = ""
    original_replied_message_sid: str = ""
    opt_out_type: str = ""
    date_sent: str = ""  # not in calls; in what we ask the API for


class Status(msgspec.Struct, frozen=True, rename="pascal"):
    """What became of a message of ours."""

    message_sid: Sid
    message_status: str
    to: Address
    from_: Address | None = msgspec.field(name="From", default=None)
    error_code: str = ""
    part: str = msgspec.field(name=PART, default="")


def fields_of(payload: bytes) -> dict[str, str]:
    """Return the fields of a form; the first of several with one name. Raises ParseError."""
    try:
        pairs = parse_qsl(
            payload.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise ParseError("not a form") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def read(fields: Mapping[str, str]) -> Message | Status:
    """Return what a form is. Raises ParseError without any value in it."""
    given = {name: value for name, value in fields.items() if value or name == "MessageStatus"}
    try:
        if "MessageStatus" in given:
            return msgspec.convert(given, Status, strict=False)
        return msgspec.convert(given, Message, strict=False)
    except msgspec.ValidationError as error:
        where = str(error).rpartition(" - at ")[2]
        raise ParseError(f"unexpected value at {where}"[:120]) from None


def keys_of(payload: bytes) -> tuple[str, ...]:
    """Return the names of a form: the message's SID, with the status where it tells one."""
    try:
        fields = fields_of(payload)
    except ParseError:
        fields = {}
    sid = fields.get("MessageSid", "")
    status = fields.get("MessageStatus")
    if _SID.fullmatch(sid) is None or (status is not None and not status.isalpha()):
        return (f"x:{hashlib.sha256(payload).hexdigest()}",)
    return (sid if status is None else f"{sid}:{status[:30]}",)
