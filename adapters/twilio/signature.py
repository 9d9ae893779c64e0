"""The proof that a call comes from Twilio. https://www.twilio.com/docs/usage/webhooks/webhooks-security

The SDK's RequestValidator is not used: it raises on a missing header and on bytes, ends its
comparison at the first difference of length, and puts the URL together anew, which changes some.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from bridge.core.errors import Forged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEADER = "x-twilio-signature"
_PORTS = {"https": 443, "http": 80}


def sign(token: str, url: str, body: bytes) -> str:
    """Return the signature over a URL as called and a form as sent. Raises ValueError."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    text = url + "".join(f"{name}{value}" for name, value in sorted(set(pairs)))
    digest = hmac.digest(token.encode(), text.encode(), "sha1")
    return base64.b64encode(digest).decode()


def prove(token: str, headers: Mapping[str, str], url: str, body: bytes) -> None:
    """Return if the call knows the token. Raises Forged, whatever is wrong with it."""
    try:
        given = headers[HEADER].encode()
        genuine = [
            hmac.compare_digest(sign(token, form, body).encode(), given) for form in _forms(url)
        ]
    except (KeyError, ValueError, AttributeError, TypeError):
        raise Forged("no usable signature") from None
    if not any(genuine):
        raise Forged("wrong signature")


def _forms(url: str) -> Iterator[str]:
    """Yield the URL with and without its port: Twilio signs either."""
    url = url.partition("#")[0]
    yield url
    parts = urlsplit(url)
    host = parts.netloc
    if parts.port is not None:
        other = host.removesuffix(f":{parts.port}")
    else:
        other = f"{host}:{_PORTS.get(parts.scheme, 443)}"
    yield url.replace(f"//{host}", f"//{other}", 1)
