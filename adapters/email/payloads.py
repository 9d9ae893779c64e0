"""What we keep of a mail: the mail itself and where it stands in the mailbox.

The mail is the text of its bytes in Latin-1, which loses nothing. Long runs of base64 are left out
(they are files, fetched from the mailbox when they are wanted) and leave a line with their size.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

Number = Annotated[int, Meta(ge=1, lt=2**32)]
"""https://www.rfc-editor.org/rfc/rfc3501#section-2.3.1.1: 32 bits, never 0"""
Unixtime = Annotated[int, Meta(ge=0, lt=2**37)]
Count = Annotated[int, Meta(ge=0, lt=2**53)]

LEFT_OUT = b"=left-out= "
_RUN = re.compile(rb"^(?:[A-Za-z0-9+/=]{4,998}\r?\n)+", re.MULTILINE)
_SHORTEST = 64 * 1024
LONGEST = 2_000_000
"""Bytes of a mail that are kept beside its files; no person writes more."""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A payload. ``at`` is when the server took the mail, ``size`` what it says of it in bytes.

    ``cut``: the mail goes on beyond what was kept.
    """

    validity: Number
    uid: Number
    at: Unixtime
    size: Count
    mail: Annotated[str, Meta(min_length=1)]
    cut: bool = False


_DECODER = msgspec.json.Decoder(Envelope)


def abridge(mail: bytes) -> bytes:
    """Leave long runs of base64 out, each for a line that tells how many characters there were."""

    def short(found: re.Match[bytes]) -> bytes:
        run = found.group()
        if len(run) < _SHORTEST:
            return run
        signs = len(run) - 2 * run.count(b"\n")
        return LEFT_OUT + str(signs).encode() + b"\r\n"

    return _RUN.sub(short, mail)


def wrap(validity: int, uid: int, at: int, size: int, mail: bytes) -> bytes:
    """Return the payload of a mail."""
    short = abridge(mail)
    kept = short[:LONGEST]
    cut = len(kept) < len(short) or len(mail) < size
    return msgspec.json.encode(Envelope(validity, uid, at, size, kept.decode("latin-1"), cut))


def unwrap(payload: bytes) -> tuple[Envelope, bytes]:
    """Return a payload and the bytes of its mail. Raises ValueError without the words in it."""
    try:
        envelope = _DECODER.decode(payload)
        return envelope, envelope.mail.encode("latin-1")
    except msgspec.ValidationError as error:
        raise ValueError(f"unexpected value at {str(error).rpartition(' - at ')[2]}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        raise ValueError("not a mail in a usable shape") from None
