"""Links to files and words for networks that cannot carry them: expiring, for one reader each.

1. A link names a row of the outbox: a file or a message for one party, as it was sent. Whether that
   party may still see it is asked when the link is opened, not when it was made.
2. It proves itself with 96 bits of an HMAC; nobody can make one up, and nothing is kept of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

LASTS = timedelta(days=30)
"""How long a link opens, from when its message was written."""

MESSAGE_LASTS = timedelta(days=7)
"""How long a link to words opens: it went over a network on which others may read it."""

_TAG_BYTES = 12
_TAG_LENGTH = 16
"""Characters of a tag; it may hold dashes itself."""


class Links:
    """Makes and reads links; ``key`` is secret, ``public_url`` how people reach the server."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._key = key
        self._public_url = public_url

    def url(self, row: int) -> str:
        """Return the link to the file of a row."""
        return f"{self._public_url}/files/{row}-{self._tag(row)}"

    def message_url(self, row: int) -> str:
        """Return the link to the words of a row."""
        return f"{self._public_url}/messages/{row}-{self._tag(row, 'message')}"

    def take_url(self, ref: str) -> str:
        """Return the link by which whoever a notice is for takes a log along; ``ref`` names it."""
        trajectory, _, seq = ref.rpartition("/")
        return f"{self._public_url}/take/{trajectory}-{seq}-{self._sign(f'take/{ref}')}"

    def taken(self, token: str) -> tuple[str, int] | None:
        """Return the trajectory and the notice of a link to take along, None for none of ours."""
        named, tag = token[:-_TAG_LENGTH], token[-_TAG_LENGTH:]
        trajectory, _, seq = named.removesuffix("-").rpartition("-")
        if not trajectory or not (seq.isascii() and seq.isdecimal()) or len(seq) > 9:
            return None
        right = self._sign(f"take/{trajectory}/{seq}")
        return (trajectory, int(seq)) if hmac.compare_digest(tag.encode(), right.encode()) else None

    def row(self, token: str) -> int | None:
        """Return the row of a file link's last part, None when the bridge did not make it."""
        return self._row(token, "file")

    def message_row(self, token: str) -> int | None:
        """Return the row of the last part of a link to words, None when it is not one of ours."""
        return self._row(token, "message")

    def _row(self, token: str, what: str) -> int | None:
        number, _, tag = token.partition("-")
        if not (number.isascii() and number.isdecimal()) or len(number) > 19:
            return None
        row = int(number)
        genuine = hmac.compare_digest(tag.encode(), self._tag(row, what).encode())
        return row if genuine else None

    def _tag(self, row: int, what: str = "file") -> str:
        return self._sign(f"{what}/{row}")

    def _sign(self, what: str) -> str:
        tag = hmac.digest(self._key, what.encode(), hashlib.sha256)[:_TAG_BYTES]
        return base64.urlsafe_b64encode(tag).decode()
