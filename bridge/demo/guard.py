"""Who may call the demo's pages: this machine, by its own name, and for writing only the demo.

A foreign web site can send requests here from the visitor's browser. Its own name may even
resolve to this machine (DNS rebinding), so the ``Host`` counts; and it can send forms, so a
write has to be JSON, which needs a permission that is never given, and to come from the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

HOSTS = frozenset({"127.0.0.1", "localhost"})


def guarded(app: ASGIApp) -> ASGIApp:
    """Let only those calls through that the demo itself could make."""

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        refusal = _refusal(scope["method"], Headers(scope=scope))
        if refusal:
            await PlainTextResponse(refusal, 403)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return guard


def _refusal(method: str, headers: Headers) -> str:
    """Return why a call is refused, '' when it is not."""
    host = headers.get("host", "")
    if _name(f"http://{host}") not in HOSTS:
        return "the demo answers at 127.0.0.1 only"
    if method in {"GET", "HEAD"}:
        return ""
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return "send application/json"
    if headers.get("origin", f"http://{host}") != f"http://{host}":
        return "only the demo's own page may write"
    return ""


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
