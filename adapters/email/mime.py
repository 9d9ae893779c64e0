"""A mail taken apart: headers as words, text, files, reports. Pure, and bounded in every way.

1. Python's ``compat32`` parser reads anything; whatever else goes wrong is a ParseError.
2. Charsets are tried as declared, then UTF-8, then Windows-1252: words arrive, if with a wrong
   accent.
3. Files are named by where they are in the mailbox: UIDVALIDITY, UID, section, encoding.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses
from typing import TYPE_CHECKING

import msgspec

from adapters.email.payloads import LEFT_OUT
from adapters.media import file_name
from bridge.core.content import Attachment
from bridge.core.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.email.payloads import Envelope

MAX_PARTS = 100
MAX_FILES = 25
MAX_DEPTH = 10
MAX_HEADER = 2000
MAX_CALENDAR = 100_000
"""Bytes; an answer to an invitation has a few hundred."""
_MAX_ADDRESSES = 50
_FAULTS = (
    MessageError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
"""What the parser is known to raise on damaged mail."""

_HEAD = 100_000
"""Bytes of all headers; Python's parser needs minutes for what only an attack has."""
_ENDLESS = re.compile(
    rb"^content-(?:type|disposition):(?:[^\n]|\n[ \t]){4000}", re.IGNORECASE | re.MULTILINE
)
_DASHED = re.compile(rb"^--", re.MULTILINE)
_MAX_DASHED = 3000
_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Mail(msgspec.Struct, frozen=True, gc=False):
    """What a mail holds. ``report`` are the fields of a delivery report, one dict per block.

    ``calendar`` is what a calendar program says with it (iMIP, RFC 6047).
    """

    headers: Message
    text: str
    html: str
    files: tuple[Attachment, ...]
    report: tuple[dict[str, str], ...]
    returned: Message | None
    calendar: bytes = b""

    def header(self, name: str) -> str:
        """Return the words of a header, '' when there is none."""
        return words_of(self.headers.get(name))

    def addresses(self, *names: str) -> list[str]:
        """Return the addresses in these headers, in lower case, in order."""
        values = [words_of(value) for name in names for value in self.headers.get_all(name, [])]
        try:
            found = getaddresses(values[:_MAX_ADDRESSES])
        except _FAULTS:
            return []
        return [address.lower() for _, address in found if "@" in address][:_MAX_ADDRESSES]

    def ids(self, *names: str) -> list[str]:
        """Return the message ids in these headers, without angle brackets."""
        return [one for name in names for one in re.findall(r"<([^<>\s]+)>", self.header(name))]


def words_of(value: object) -> str:
    """Return a header as words in one line, at most ``MAX_HEADER`` characters."""
    raw = str(value or "")[: MAX_HEADER * 4]
    try:
        pieces = [
            _decoded(piece, charset) if isinstance(piece, bytes) else piece
            for piece, charset in decode_header(raw)
        ]
    except _FAULTS:
        pieces = [raw]
    text = "".join(pieces).encode("utf-8", "replace").decode()
    return " ".join(_UNSEEN.sub("", text).split())[:MAX_HEADER]


def _decoded(data: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        if name and name.lower() not in ("unknown-8bit", "x-unknown"):
            try:
                return data.decode(name)
            except (LookupError, ValueError):
                continue
    return data.decode("cp1252", "replace")


def read_mail(envelope: Envelope, data: bytes) -> Mail:
    """Take a mail apart. Raises ParseError without the words in it."""
    head = re.search(rb"\r?\n\r?\n", data[:_HEAD])
    if head is None and len(data) > _HEAD:
        raise ParseError("a mail of endless headers")
    if _ENDLESS.search(data) or len(_DASHED.findall(data)) > _MAX_DASHED:
        raise ParseError("a mail of endless parts")
    if len(_BOUNDARY.findall(data)) > MAX_PARTS:
        raise ParseError("a mail of too many parts")
    try:
        message = message_from_bytes(data, policy=policy.compat32)
        return _read(envelope, message)
    except _FAULTS as error:
        raise ParseError(f"a mail that cannot be read ({type(error).__name__})") from None


def _read(envelope: Envelope, message: Message) -> Mail:
    text: list[str] = []
    html: list[str] = []
    files: list[Attachment] = []
    report: list[dict[str, str]] = []
    returned: Message | None = None
    calendar = b""
    is_report = message.get_content_type() == "multipart/report"
    for section, part in _leaves(message, "", 0):
        kind = part.get_content_type()
        if is_report and kind == "message/delivery-status":
            report += _blocks(part)
        elif is_report and kind in ("message/rfc822", "text/rfc822-headers", "message/global"):
            returned = _enclosed(part)
        elif kind == "text/calendar" and not calendar:
            calendar = _calendar(part)
        elif _is_words(part, kind):
            (html if kind == "text/html" else text).append(_text(part))
        elif not is_report and len(files) < MAX_FILES:
            files.append(_file(envelope, section, part, kind))
    said, marked = "\n".join(text), "\n".join(html)
    return Mail(message, said, marked, tuple(files), tuple(report), returned, calendar)


def _leaves(part: Message, section: str, depth: int) -> Iterator[tuple[str, Message]]:
    """Yield the parts that are no multipart, numbered as IMAP does (RFC 3501, 6.4.5)."""
    if depth > MAX_DEPTH:
        raise ParseError("a mail of too many layers")
    inner = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(inner, list):
        yield section or "1", part
        return
    for number, child in enumerate(inner[:MAX_PARTS], 1):
        if isinstance(child, Message):
            yield from _leaves(child, f"{section}.{number}" if section else str(number), depth + 1)


def _is_words(part: Message, kind: str) -> bool:
    if kind not in ("text/plain", "text/html") or part.get_filename():
        return False
    if part.get_content_disposition() == "attachment":
        return False
    payload = part.get_payload()
    return not (isinstance(payload, str) and LEFT_OUT.decode() in payload)


def _calendar(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) and len(payload) <= MAX_CALENDAR else b""


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    text = _decoded(data, part.get_content_charset())
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    if part.get_param("format") == "flowed":
        text = _flowed(text)
    return _UNSEEN.sub("", text).replace("\ufeff", "")


def _flowed(text: str) -> str:
    """Join the lines that a program broke, and only those. RFC 3676"""
    lines: list[str] = []
    soft = False
    for line in text.split("\n"):
        quoted = line.startswith(">")
        bare = line if quoted else line.removeprefix(" ")
        if soft and not quoted and bare != "-- ":
            lines[-1] += bare
        else:
            lines.append(bare)
        soft = bare.endswith(" ") and bare != "-- " and not quoted
    return "\n".join(lines)


def _file(envelope: Envelope, section: str, part: Message, kind: str) -> Attachment:
    encoding = words_of(part.get("Content-Transfer-Encoding")).lower()
    encoding = encoding if encoding in ("base64", "quoted-printable") else "binary"
    name = words_of(part.get_filename() or part.get_param("name"))
    mime = kind if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,80}", kind) else ""
    return Attachment(
        ref=f"{envelope.validity}/{envelope.uid}/{section}/{encoding}",
        mime=mime or "application/octet-stream",
        name=file_name(name, mime, "") if name else "",
        size=_size(part),
    )


def _size(part: Message) -> int:
    """Return the bytes of a file, roughly where they were left out; 0 = not known."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return 0
    mark = LEFT_OUT.decode()
    if mark in payload:
        signs = payload.partition(mark)[2].split(maxsplit=1)[:1]
        return int(signs[0][:15]) * 3 // 4 if signs and signs[0].isdecimal() else 0
    decoded = part.get_payload(decode=True)
    return len(decoded) if isinstance(decoded, bytes) else 0


def _blocks(part: Message) -> list[dict[str, str]]:
    """Return the blocks of a delivery-status part, names in lower case. RFC 3464"""
    inner = part.get_payload()
    blocks = inner if isinstance(inner, list) else []
    return [
        {name.lower(): words_of(value) for name, value in block.items()}
        for block in blocks[:MAX_PARTS]
        if isinstance(block, Message)
    ]


def _enclosed(part: Message) -> Message | None:
    inner = part.get_payload()
    if isinstance(inner, list):
        return inner[0] if inner and isinstance(inner[0], Message) else None
    decoded = part.get_payload(decode=True)
    if not isinstance(decoded, bytes):
        return None
    return message_from_bytes(decoded, policy=policy.compat32)
