"""The account behind our own page: nothing leaves the house, and a repeat changes nothing.

1. What the page posts comes in through ``pack``: named, wrapped and checked before it is kept.
2. A send makes an entry visible in the client's page; the same key is the same message for ever.
3. Where the page is and what is kept for it is the matter of ``Screens``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from adapters.webchat import parse, render
from adapters.webchat.parse import external_id
from bridge.core.adapter import Absent, Raw, Sent
from bridge.core.errors import ParseError, Rejected, StoreError, Undeliverable, Unreachable
from bridge.core.probing import doubtful, well

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from bridge.core.adapter import Delivery, Files, Reconciled, Rendered, Request, Sink
    from bridge.core.capabilities import Capabilities
    from bridge.core.endpoint import Place
    from bridge.core.inbound import Inbound
    from bridge.core.probing import Finding

MAX_ACT = 65_536
"""Bytes of one act of a page."""


class Screens(Protocol):
    """The pages of this account's clients, as the adapter needs them."""

    async def ready(self) -> None:
        """Raises StoreError, SendError when nothing could be shown now."""

    async def show(self, address: str, key: str, id: str, params: bytes) -> bool:
        """Make a request visible; the same key again changes nothing.

        False when nobody has a page there any more. Raises StoreError, SendError.
        """

    async def typing(self, address: str) -> None:
        """Let the pages that are open show that somebody is writing."""

    def uploaded(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of an upload. Raises SendError, StoreError."""


class WebChatAdapter:
    """See ``bridge.core.adapter`` for when each method is called."""

    network = parse.NETWORK

    def __init__(
        self,
        account: str,
        public_url: str,
        capabilities: Capabilities,
        screens: Screens | None = None,
    ) -> None:
        self.account = account
        self.capabilities = capabilities
        self._public_url = public_url
        self._screens = screens

    def __repr__(self) -> str:
        return f"WebChatAdapter({self.account!r})"

    # -- pure ----------------------------------------------------------------------------------

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the names of a payload."""
        return parse.keys(payload)

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what the page did. Raises ParseError."""
        return parse.parse(payload, self.account)

    def pack(self, chat: str, language: str, at: datetime, act: bytes) -> Raw:
        """Return the payload of an act as the page sent it, to be kept.

        Raises ParseError when it would not be understood: the page then hears so at once.
        """
        if len(act) > MAX_ACT:
            raise ParseError("too long")
        try:
            msgspec.json.decode(act)
        except (msgspec.DecodeError, RecursionError):
            raise ParseError("not JSON") from None
        micros = int(at.timestamp() * 1_000_000)
        head = msgspec.json.encode({"chat": chat, "at": micros, "language": language})
        payload = head[:-1] + b',"act":' + act + b"}"
        self.parse(payload)
        return Raw(self.keys(payload), payload)

    def render(self, delivery: Delivery) -> Rendered:
        """Return the requests for an effect."""
        return render.render(delivery)

    def pace(self, chat: str) -> float:
        """Nobody but ourselves could be hurt by many messages."""
        del chat
        return 0.0

    # -- doing ---------------------------------------------------------------------------------

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Make one request. Raises SendError."""
        screens, chat = self._connected(), str(request.params["chat"])
        id = external_id(chat, key)
        try:
            await _check_files(request, files)
            there = await screens.show(chat, key, id, msgspec.json.encode(request.params))
        except StoreError:
            raise Unreachable("no_answer", "the store did not answer") from None
        if not there:
            raise Undeliverable("undeliverable", "no page is open to this person any more")
        return Sent((id,) if request.shows else ())

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """The same key again is the same message, so it may simply be sent again."""
        del request, key
        return Absent()

    async def typing(self, place: Place) -> None:
        """Show on the page that somebody is writing, for some seconds."""
        await self._connected().typing(place.chat)

    async def listen(self, sink: Sink) -> None:
        """The page calls us: what it posts is accepted by our web server."""
        del sink

    async def check(self) -> str:
        """Return where our page is. Raises Unreachable when the store does not answer."""
        if self._screens is not None:
            try:
                await self._screens.ready()
            except StoreError:
                raise Unreachable("no_answer", "the store did not answer") from None
        return self._public_url or "web"

    def called_at(self) -> str:
        """Return where people open the page; '' while that is this machine only."""
        from adapters.probing import is_loopback

        return "" if is_loopback(self._public_url) else f"{self._public_url}/chat"

    async def probe(self) -> Sequence[Finding]:
        """Look at how the page is reached."""
        if self._public_url.startswith("https://"):
            return [well("page", f"{self._public_url}/chat, over https")]
        if not self.called_at():
            return [well("page", f"{self._public_url}/chat, on this machine only")]
        todo = "put a proxy with a certificate before the bridge, web.public_url to its https://"
        return [
            doubtful("page", f"{self._public_url}/chat: everybody on the way can read it", todo)
        ]

    async def close(self) -> None:
        """There is nothing to let go of."""

    def invite_link(self, code: str) -> str:
        """Return the link that opens the page and carries the code back."""
        return f"{self._public_url}/chat/join/{code}"

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of an upload. Raises SendError."""
        try:
            async for chunk in self._connected().uploaded(ref):
                yield chunk
        except StoreError:
            raise Unreachable("no_answer", "the store did not answer") from None

    def _connected(self) -> Screens:
        if self._screens is None:
            raise Rejected("no_account", "this process serves no pages")
        return self._screens


async def _check_files(request: Request, files: Files) -> None:
    """Promise no file that cannot be read; the page fetches the rest when it is asked for."""
    for upload in request.uploads:
        try:
            async for _ in files.read(upload.attachment):
                break
        except StoreError:
            raise Rejected("file_gone", "the file is not there any more") from None
