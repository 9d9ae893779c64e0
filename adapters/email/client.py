"""One mailbox: sending by SMTP, reading by IMAP, fetching files out of kept mails.

1. The first mail of a trajectory to a party, and to each other address of theirs, opens a thread
   of its own, told as ``Sent.opened``;
   from then on answers come to that thread's address.
2. SMTP gives no way to ask what became of a mail: nothing can be reconciled. What was sent twice
   has one Message-ID, so mail programs show it once.
"""

from __future__ import annotations

import asyncio
import binascii
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from adapters.email import parse, render, smtp
from adapters.email.compose import compose
from adapters.email.listen import MAX_MAIL, Reader
from adapters.email.mailbox import Mailbox
from adapters.email.tokens import Tokens
from bridge.core.adapter import Sent, Unknown
from bridge.core.endpoint import Place
from bridge.core.errors import Rejected, StoreError, Undeliverable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from adapters.email.settings import Account
    from bridge.core.adapter import Delivery, Files, Reconciled, Rendered, Request, Sink, Upload
    from bridge.core.capabilities import Capabilities
    from bridge.core.inbound import Inbound
    from bridge.core.probing import Finding

CONNECTIONS = 4
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}(?:@[A-Za-z0-9.-]{1,253})?")
_KEY = re.compile(r"(?P<trajectory>.+)/\d+/(?P<party>[^/]+)(?:/place|/turn-\d+)?/\d+")
_REF = re.compile(r"(\d{1,10})/(\d{1,10})/([0-9.]{1,60})/(base64|quoted-printable|binary)")


class EmailAdapter:
    """See ``bridge.core.adapter`` for when each method is called."""

    network = parse.NETWORK

    def __init__(self, account: str, settings: Account, capabilities: Capabilities) -> None:
        self.account = account
        self.capabilities = capabilities
        self._settings = settings
        self._tokens = Tokens(settings.secret, settings.address)
        self._room = asyncio.Semaphore(CONNECTIONS)

    def __repr__(self) -> str:
        return f"EmailAdapter({self.account!r})"

    # -- pure ----------------------------------------------------------------------------------

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the name of a mail."""
        return parse.keys(payload)

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what a mail tells. Raises ParseError."""
        settings = self._settings
        return parse.parse(payload, self.account, self._tokens, settings.address, settings.name)

    def render(self, delivery: Delivery) -> Rendered:
        """Return the mails for an effect."""
        return render.render(delivery)

    def pace(self, chat: str) -> float:
        """Return the rate of any mailbox."""
        del chat
        return self.capabilities.rates.chat

    # -- sending -------------------------------------------------------------------------------

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Hand one mail to the server. Raises SendError."""
        to, thread = str(request.params["to"]), str(request.params["thread"])
        opened = None
        named = _KEY.fullmatch(key)
        if named is not None and not key.startswith("desk/"):
            thread = self._tokens.thread(named["trajectory"], named["party"])
            moved = to.lower() != str(request.params.get("chat", to)).lower()
            if moved or thread != request.params["thread"]:
                opened = Place(self.network, self.account, to.lower(), thread)
        if request.method == render.OPEN:
            return Sent(opened=opened)
        if _ADDRESS.fullmatch(to) is None or not to.isascii():
            raise Undeliverable("bad_address", "that is no address mail can go to")
        attached = [(upload, await _whole(upload, files)) for upload in request.uploads]
        letter = compose(
            request, key, thread, self._settings.name, self._tokens, attached, datetime.now(UTC)
        )
        async with self._room:
            await smtp.hand_over(self._settings.smtp, letter, self._settings.timeout)
        return Sent((letter.message_id,), opened)

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """SMTP lets nobody look back."""
        del request, key
        return Unknown()

    async def typing(self, place: Place) -> None:
        """Mail has no such thing."""

    async def check(self) -> str:
        """Log in on both sides; return our address. Raises SendError."""
        settings = self._settings
        (await smtp.connected(settings.smtp, settings.timeout)).close()
        async with Mailbox(settings.imap, settings.timeout):
            return settings.address

    def called_at(self) -> str:
        """Nobody calls us: we fetch."""
        return ""

    async def probe(self) -> Sequence[Finding]:
        """Look at both logins, at how they are protected, and at IDLE. Raises SendError."""
        from adapters.email.probe import probe

        return await probe(self._settings)

    def invite_link(self, code: str) -> str:
        """Return a link that begins a mail which carries the code."""
        return f"mailto:{self._settings.address}?subject={quote(f'START {code}')}"

    # -- reading -------------------------------------------------------------------------------

    async def listen(self, sink: Sink) -> None:
        """Read until cancelled. Raises AccountBroken."""
        await Reader(self.account, self._settings).run(sink)

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file in a mail that is still there. Raises SendError."""
        found = _REF.fullmatch(ref)
        if found is None:
            raise Rejected("file_gone", "that is no file of a mail")
        validity, uid, section, encoding = found.groups()
        async with Mailbox(self._settings.imap, self._settings.timeout) as box:
            if box.validity != int(validity):
                raise Rejected("file_gone", "the mailbox was numbered anew")
            stored = box.section(int(uid), section, MAX_MAIL)
            async for chunk in _decoded(stored, encoding):
                yield chunk

    async def close(self) -> None:
        """Every connection ends with what it was for."""


async def _whole(upload: Upload, files: Files) -> bytes:
    """Return the bytes of a file. Raises Rejected."""
    data = bytearray()
    try:
        async for chunk in files.read(upload.attachment):
            data += chunk
            if len(data) > render.MAX_UPLOAD:
                raise Rejected("too_big", "mail takes files of up to 15 MB")
    except StoreError:
        raise Rejected("file_gone", "the file is not there any more") from None
    return bytes(data)


async def _decoded(stored: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Yield what an encoding stands for, a chunk at a time. RFC 2045, 6.7 and 6.8"""
    rest = b""
    async for chunk in stored:
        if encoding == "base64":
            signs = rest + re.sub(rb"[^A-Za-z0-9+/]", b"", chunk)
            whole = len(signs) // 4 * 4
            rest = signs[whole:]
            yield binascii.a2b_base64(signs[:whole])
        elif encoding == "quoted-printable":
            head, mark, tail = (rest + chunk).rpartition(b"\n")
            rest = tail
            yield binascii.a2b_qp(head + mark)
        else:
            yield chunk
    if encoding == "base64" and len(rest) > 1:
        yield binascii.a2b_base64(rest + b"=" * (4 - len(rest)))
    elif encoding == "quoted-printable":
        yield binascii.a2b_qp(rest)
