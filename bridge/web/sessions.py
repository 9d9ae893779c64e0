"""Who is at a page: cookies, tokens against forged forms, and limits on who asks how often.

1. The cookie holds a secret whose hash is stored; on https its name begins with ``__Host-``.
2. The token of a form is derived from the cookie's secret, so it dies with the session, and a
   page of somebody else's can neither read nor guess it.
3. Limits are kept in memory, per caller, for at most ``MOST_CALLERS`` of them (I16).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import OrderedDict
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

MOST_CALLERS = 10_000
_FORM = b"coachbridge form"
_ADDRESS = 45  # the longest an IPv6 address can be written


class Cookie:
    """One cookie of ours: how it is called and who may see it."""

    def __init__(self, name: str, *, secure: bool) -> None:
        self.name = f"__Host-{name}" if secure else name
        self._secure = secure

    def read(self, request: Request) -> str:
        """Return the secret a browser brought, '' without one."""
        return request.cookies.get(self.name, "")

    def give(self, response: Response, secret: str, seconds: int) -> None:
        """Let the browser keep a secret; scripts never see it, other sites never send it along."""
        response.set_cookie(
            self.name,
            secret,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def take(self, response: Response) -> None:
        """Let the browser forget it."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True)


def form_token(secret: str) -> str:
    """Return the token that forms carry for the holder of a cookie."""
    return hmac.new(secret.encode(), _FORM, hashlib.sha256).hexdigest()


def is_own_form(secret: str, token: str) -> bool:
    """Tell whether a form was made for the holder of this cookie."""
    if not secret or not token.isascii():
        return False
    return hmac.compare_digest(form_token(secret), token)


def is_same_site(headers: Mapping[str, str]) -> bool:
    """Tell whether a page of ours made this call, as far as the browser says so."""
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


class Limit:
    """At most so many calls of one caller in so many seconds."""

    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._callers: OrderedDict[str, list[float]] = OrderedDict()

    def takes(self, caller: str) -> bool:
        """Count one call; False when it is one too many."""
        now = self._clock()
        calls = [at for at in self._callers.pop(caller, []) if at > now - self._seconds]
        allowed = len(calls) < self._most
        if allowed:
            calls.append(now)
        self._callers[caller] = calls
        while len(self._callers) > MOST_CALLERS:
            self._callers.popitem(last=False)
        return allowed


def caller_of(request: Request) -> str:
    """Return the address a call comes from: behind a proxy of ours, what the proxy says."""
    direct = request.client.host if request.client else ""
    told = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        return told[:_ADDRESS] if told and ip_address(direct).is_private else direct
    except ValueError:
        return direct
