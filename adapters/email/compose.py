"""A request as the bytes of a mail. RFC 5322; nothing people wrote can end a header."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING

import msgspec

from adapters.email.replies import MARK
from bridge.core.effects import CalendarEvent
from scheduling.calendar import ical

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from adapters.email.tokens import Tokens
    from bridge.core.adapter import Request, Upload

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_ID = re.compile(r"[^\s<>]{1,200}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that is ready to go: from and to whom, its id, and all of it."""

    sender: str
    recipient: str
    message_id: str
    data: bytes


def one_line(text: object) -> str:
    """Return a text that can stand in a header."""
    return _CONTROL.sub(" ", str(text)).encode("utf-8", "replace").decode().strip()


def compose(
    request: Request,
    key: str,
    thread: str,
    title: str,
    tokens: Tokens,
    files: Sequence[tuple[Upload, bytes]],
    now: datetime,
) -> Letter:
    """Return the mail of a request under its key."""
    params = request.params
    to = one_line(params["to"])
    sender = tokens.address(to, thread)
    message_id = tokens.message_id(key)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = formataddr((one_line(title), sender))
    mail["To"] = to
    mail["Reply-To"] = sender
    mail["Subject"] = one_line(title)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message_id}>"
    answered = one_line(params["answers"])
    above = [tokens.root(to, thread)]
    if _ID.fullmatch(answered):
        mail["In-Reply-To"] = f"<{answered}>"
        above.append(answered)
    mail["References"] = " ".join(f"<{one}>" for one in above)
    mail["List-Unsubscribe"] = f"<mailto:{tokens.address(to, thread, stop=True)}?subject=STOP>"
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply, RN, NRN"
    if params["automatic"]:
        mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{MARK}\n\n{params['text']}\n", cte="quoted-printable")
    mail.add_alternative(_page(str(params["html"])), subtype="html", cte="quoted-printable")
    if "calendar" in params:
        _invite(mail, params["calendar"], sender, to, one_line(title), now)
    for upload, data in files:
        main, _, sub = upload.mime.partition("/")
        if main in ("text", "message", "multipart"):
            main, sub = "application", "octet-stream"
        mail.add_attachment(data, maintype=main, subtype=sub, filename=upload.name)
    return Letter(sender, to, message_id, mail.as_bytes())


def _invite(
    mail: EmailMessage, event: object, sender: str, to: str, title: str, now: datetime
) -> None:
    """Add an appointment that mail programs put into the calendar (iMIP, RFC 6047).

    Its organizer is the address this mail is from, so that an answer comes back to its thread.
    """
    known = msgspec.convert(event, CalendarEvent)
    cancelled = known.method == "cancel"
    meeting = ical.Meeting(
        uid=known.uid,
        sequence=known.sequence,
        summary=known.summary,
        start=known.start,
        minutes=known.minutes,
        zone=known.zone,
        stamp=now,
        url=known.url,
        cancelled=cancelled,
    )
    text = ical.invitation(meeting, sender, to, title).decode()
    method = {"method": "CANCEL" if cancelled else "REQUEST"}
    mail.add_alternative(text, subtype="calendar", cte="quoted-printable", params=method)


def _page(words: str) -> str:
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>\n'
        f'<p style="color:#888">{MARK}</p>\n<div>{words}</div>\n</body></html>\n'
    )
