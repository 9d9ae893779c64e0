"""Where a video appointment takes place, for one party: a room nobody can guess, and a way in.

A Jitsi that asks for it gets a token (JWT, RFC 7519, HMAC-SHA256) made when the link is opened: it
names the party and the room, and is good until an hour after the end.
https://github.com/jitsi/lib-jitsi-meet/blob/master/doc/tokens.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

import msgspec

AFTER = timedelta(hours=1)


class Video(msgspec.Struct, frozen=True):
    """Where calls take place; ``secret`` = '' where everybody with the link is let in."""

    url: str
    app_id: str = ""
    secret: str = ""

    def link(self, room: str, name: str, end: datetime, now: datetime, *, host: bool) -> str:
        """Return one party's own link; '' where no calls are set up."""
        if not self.url:
            return ""
        url = self.url.replace("{room}", quote(room, safe=""))
        if not self.secret:
            return url
        mark = "&" if "?" in url else "?"
        return f"{url}{mark}jwt={self._token(room, name, end, now, host=host)}"

    def _token(self, room: str, name: str, end: datetime, now: datetime, *, host: bool) -> str:
        claims = {
            "aud": "jitsi",
            "iss": self.app_id,
            "sub": urlsplit(self.url).hostname or "*",
            "room": room,
            "nbf": int((now - timedelta(minutes=1)).timestamp()),
            "exp": int((end + AFTER).timestamp()),
            "moderator": host,
            "context": {"user": {"name": name, "moderator": host}},
        }
        parts = ({"alg": "HS256", "typ": "JWT"}, claims)
        signed = ".".join(_text(msgspec.json.encode(part)) for part in parts)
        tag = hmac.digest(self.secret.encode(), signed.encode(), hashlib.sha256)
        return f"{signed}.{_text(tag)}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
