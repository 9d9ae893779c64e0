"""Twilio's calls as Inbound. Pure: nothing but the payload and who we are.

1. Calls carry no time: ``at`` is ``NO_TIME`` unless the API told one; the shell's own time counts.
2. STOP in Twilio's own English words is answered and carried out by Twilio, for this pair of
   numbers, before we hear of it: it becomes BlockedIn and no words. START stays a word, for it also
   asks for consent again. Where Advanced Opt-Out is on, ``OptOutType`` names all such words.
   https://www.twilio.com/docs/messaging/tutorials/how-to-handle-opt-in-opt-out
3. One message with several files becomes several, the first of which has the words and the SID.
4. A place is the other number; its thread is ours where that is not the one we send from.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from adapters.twilio import payloads as tw
from adapters.twilio.refusals import MEANINGS, OPTED_OUT, is_gone, reason_of
from bridge.core.content import Attachment, Content, Location, Media, MediaKind, Text, VoiceNote
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError
from bridge.core.inbound import (
    BlockedIn,
    ChoiceIn,
    Inbound,
    MessageIn,
    ReceiptIn,
    Sender,
    StartIn,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SMS, WHATSAPP = "sms", "whatsapp"
CHANNEL = "whatsapp:"
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)

TWILIO_STOPS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
_TOLD = {  # https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivery_unknown": "sent",
    "delivered": "delivered",
    "partially_delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
_START = re.compile(r"start\s+([A-Za-z0-9_-]{16,64})", re.IGNORECASE)
_MEDIA_PATH = re.compile(r"/2010-04-01/Accounts/AC[0-9a-f]{32}/Messages/\w{34}/Media/\w{34}")
_CARDS = frozenset({"text/vcard", "text/x-vcard"})


class Own(msgspec.Struct, frozen=True):
    """Who we are on one network of one account; ``sender`` is the number we send from by itself."""

    network: str
    account: str
    sender: str
    numbers: frozenset[str]
    media_host: str


def network_of(fields: Mapping[str, str]) -> str:
    """Return the network that a form is of."""
    ends = (fields.get("From", ""), fields.get("To", ""))
    return WHATSAPP if any(end.startswith(CHANNEL) for end in ends) else SMS


def parse(payload: bytes, own: Own) -> tuple[Inbound, ...]:
    """Return what a form tells; () = not for us. Raises ParseError without the words in it."""
    fields = tw.fields_of(payload)
    told = tw.read(fields)
    if network_of(fields) != own.network:
        return ()
    if isinstance(told, tw.Status):
        return _receipt(told, own)
    if _bare(told.from_) in own.numbers:
        return ()
    sender = Sender(Endpoint(own.network, own.account, _bare(told.from_)), told.profile_name)
    if _stops(told, own.network):
        return (BlockedIn(sender, blocked=True, at=_at(told), stop=True),)
    if told.opt_out_type == "START" and told.body.strip().casefold() != "start":
        return (BlockedIn(sender, blocked=False, at=_at(told), stop=True),)
    if told.opt_out_type == "HELP":
        return ()  # answered by Twilio, in words the practice chose
    place = _place(own, told.from_, told.to)
    return _said(told, fields, own, place, sender)


def _bare(address: str) -> str:
    return address.removeprefix(CHANNEL)


def _place(own: Own, theirs: str, ours: str) -> Place:
    number = _bare(ours)
    thread = number if number in own.numbers and number != own.sender else ""
    return Place(own.network, own.account, _bare(theirs), thread)


def _at(told: tw.Message) -> datetime:
    try:
        at = parsedate_to_datetime(told.date_sent)
    except (ValueError, OverflowError):
        return NO_TIME
    return at if at.tzinfo is not None else NO_TIME


def _stops(told: tw.Message, network: str) -> bool:
    if told.opt_out_type:
        return told.opt_out_type == "STOP"
    return network == SMS and told.body.strip().casefold() in TWILIO_STOPS


def _receipt(told: tw.Status, own: Own) -> tuple[Inbound, ...]:
    state = _TOLD.get(told.message_status)
    if state is None:
        return ()
    place = _place(own, told.to, told.from_ or own.sender)
    failed = state == "failed"
    reason = reason_of(told.error_code) if failed else ""
    gone = failed and is_gone(told.error_code)
    receipt = ReceiptIn(place, told.message_sid, state, NO_TIME, reason, told.part, gone)
    if reason != MEANINGS[OPTED_OUT][1]:
        return (receipt,)
    sender = Sender(Endpoint(own.network, own.account, place.chat))
    return (receipt, BlockedIn(sender, blocked=True, at=NO_TIME))


# -- what was said -------------------------------------------------------------------------------


def _said(
    told: tw.Message, fields: Mapping[str, str], own: Own, place: Place, sender: Sender
) -> tuple[Inbound, ...]:
    sid, at, answered = told.message_sid, _at(told), told.original_replied_message_sid
    ref, mark, key = (told.button_payload or told.list_id).rpartition("|")
    if mark:
        return (ChoiceIn(place, sender, answered or sid, ref, key, at),)
    start = _START.fullmatch(told.body.strip())
    if start is not None:
        return (StartIn(place, sender, sid, at, start.group(1)),)
    contents = _contents(told, fields, own)
    return tuple(
        MessageIn(place, sender, f"{sid}/{n}" if n else sid, content, at, answered)
        for n, content in enumerate(contents)
    )


def _contents(told: tw.Message, fields: Mapping[str, str], own: Own) -> list[Content]:
    if told.num_media > 0:
        return _files(told, fields, own)
    if told.latitude is not None and told.longitude is not None:
        return [Location(told.latitude, told.longitude, told.label, told.address)]
    if told.body or told.button_text:
        return [Text((told.body or told.button_text,))]
    if told.message_type and told.message_type != "text":
        return [Text((f"[{told.message_type.replace('_', ' ')[:40]}]",))]
    raise ParseError("a message that says nothing")


def _files(told: tw.Message, fields: Mapping[str, str], own: Own) -> list[Content]:
    count = min(told.num_media, tw.MAX_MEDIA)
    album = told.message_sid if count > 1 else ""
    caption = (told.body,) if told.body else ()
    found: list[Content] = []
    for n in range(count):
        mime = fields.get(f"MediaContentType{n}", "").partition(";")[0].strip().lower()
        ref = _ref(fields.get(f"MediaUrl{n}", ""), own.media_host)
        name = "contact.vcf" if mime in _CARDS else ""
        file = Attachment(ref=ref, mime=mime[:100] or "application/octet-stream", name=name)
        if mime == "audio/ogg":
            found.append(VoiceNote(file, () if n else caption))
        else:
            found.append(Media(_kind(mime, own.network), file, () if n else caption, album))
    return found


def _ref(url: str, host: str) -> str:
    """Return the path of a file at the API host, the only one we ever ask; '' for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.netloc != host or _MEDIA_PATH.fullmatch(parts.path) is None:
        return ""
    return parts.path


def _kind(mime: str, network: str) -> MediaKind:
    kind = mime.partition("/")[0]
    if mime == "image/gif":
        return MediaKind.ANIMATION
    if mime == "image/webp" and network == WHATSAPP:
        return MediaKind.STICKER
    return {
        "image": MediaKind.PHOTO,
        "video": MediaKind.VIDEO,
        "audio": MediaKind.AUDIO,
    }.get(kind, MediaKind.FILE)
