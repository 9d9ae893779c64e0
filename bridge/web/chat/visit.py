"""Who is at a page of web chat: the session behind a cookie, and what every answer carries.

1. The cookie holds a secret; the store only its hash. On https its name begins with ``__Host-``.
2. A call that changes something has to come from a page of ours: the browser says so, and the
   cookie is not sent along by other sites.
3. Nothing is cached, framed or sniffed, and no script runs but our own files.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from starlette.responses import JSONResponse

from bridge.runtime.texts import Catalogue
from bridge.web.sessions import Cookie, Limit
from storage import webchat, webreader

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from bridge.core.adapter import Raw
    from bridge.core.capabilities import Capabilities
    from bridge.core.inbound import TypingIn
    from bridge.runtime.watch import Watch
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.webchat import Session
    from storage.webreader import Reader
    from storage.writer import Writer

NETWORK = "web"
SESSION_SECONDS = webchat.SESSION_DAYS * 86_400

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self' blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
    "Referrer-Policy": "same-origin",  # with none at all, forms do not say where they come from
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@runtime_checkable
class Packs(Protocol):
    """The network's adapter, as far as its pages need it."""

    account: str
    capabilities: Capabilities

    def pack(self, chat: str, language: str, at: datetime, act: bytes) -> Raw:
        """Return the payload of an act. Raises ParseError."""


@dataclass(frozen=True, slots=True)
class Chat:
    """Everything the pages of one account need."""

    adapter: Packs
    accept: Callable[[str, str, Sequence[Raw]], Awaitable[int]]
    store: Store
    writer: Writer
    blobs: Blobs
    watch: Watch
    public_url: str
    max_bytes: int
    typing: Callable[[TypingIn], None]
    texts: Catalogue = field(default_factory=Catalogue)
    joins: Limit = field(default_factory=lambda: Limit(30, 60))
    acts: Limit = field(default_factory=lambda: Limit(240, 60))
    uploads: Limit = field(default_factory=lambda: Limit(40, 60))
    streams: dict[str, int] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The account these pages belong to."""
        return self.adapter.account

    @property
    def secure(self) -> bool:
        """Whether people come by https."""
        return self.public_url.startswith("https://")

    @property
    def cookie(self) -> Cookie:
        """The cookie that holds a session's secret."""
        return Cookie("webchat", secure=self.secure)


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser with a session; ``reader`` is None as long as nobody knows whose it is."""

    token_hash: str
    session: Session
    reader: Reader | None

    @property
    def address(self) -> str:
        """The endpoint's address, and its chat."""
        return self.session.address

    @property
    def language(self) -> str:
        """The language the page speaks."""
        return self.reader.language if self.reader is not None else self.session.language


def token_hash(token: str) -> str:
    """Return what is stored of a session's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def now() -> datetime:
    """Return the instant of a call."""
    return datetime.now(UTC)


async def visit_of(chat: Chat, request: Request) -> Visit | None:
    """Return whose browser this is, None without a session. Raises StoreError."""
    token = chat.cookie.read(request)
    if not token or len(token) > 200:
        return None
    return await asyncio.to_thread(look, chat, token_hash(token))


def look(chat: Chat, hashed: str) -> Visit | None:
    """Return the visit of a session as it stands now. Raises StoreError."""
    session = webchat.find_session(chat.store, hashed, now())
    if session is None or session.account != chat.account:
        return None
    who = webreader.reader(chat.store, NETWORK, chat.account, session.address)
    return Visit(hashed, session, who)


async def open_session(chat: Chat, response: Response, address: str, language: str) -> None:
    """Make a session for an endpoint and let the browser keep it."""
    token = secrets.token_urlsafe(32)
    hashed = token_hash(token)
    await chat.writer.submit(
        lambda unit: unit.web.put_session(hashed, chat.account, address, language)
    )
    chat.cookie.give(response, token, SESSION_SECONDS)


def said(status: int, **more: object) -> JSONResponse:
    """Return a short answer to a script of ours."""
    return JSONResponse(more, status, HEADERS)
