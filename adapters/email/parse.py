"""A kept mail as Inbound. Pure: nothing but the payload and who we are.

1. A mail is a person's if it came to an address that we made for the address it is from. Every
   other is an UnprovenIn: its From may be anybody's.
2. Answers are found by their thread, and by In-Reply-To. Where two of our threads are addressed
   at once, the copy's own Delivered-To decides.
3. A subject that is not ours is words of theirs.
4. What a calendar answers to an invitation of ours (iMIP) is a choice, and nothing of it is words.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.email import reports
from adapters.email.markup import from_html
from adapters.email.mime import read_mail
from adapters.email.payloads import unwrap
from adapters.email.replies import answer_in, command_in, without_mark
from adapters.text import slice_body
from bridge.core.content import Media, MediaKind, Style, Styled, Text, plain
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import ParseError
from bridge.core.inbound import (
    BlockedIn,
    ChoiceIn,
    Inbound,
    MessageIn,
    ReceiptIn,
    Sender,
    StartIn,
    UnprovenIn,
)
from scheduling.calendar import ical

if TYPE_CHECKING:
    from adapters.email.mime import Mail
    from adapters.email.payloads import Envelope
    from adapters.email.tokens import Tokens
    from bridge.core.content import Attachment, Body, Content

NETWORK = "email"
MAX_CAPTION = 2000
_MAX_ID = 200
_TO = ("To", "Cc")
_DELIVERED = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_PREFIX = re.compile(
    r"(?:(?:re|aw|antw|antwoord|sv|fw|fwd|wg|doorst|tr|ant)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_OUR_UID = re.compile(r"([a-z0-9][a-z0-9_-]{0,63}/[0-9]{1,9})@coachbridge")
_START = re.compile(r"START ([A-Za-z0-9_-]{1,64})", re.IGNORECASE)
_NAMING = re.compile(rb"^(Message-ID|From|Date|Subject|Delivered-To|To):", re.IGNORECASE)


def keys(payload: bytes) -> tuple[str, ...]:
    """Return the name of a mail: the same wherever in the mailbox it is found again.

    Anybody may copy a Message-ID; a repeat has the same text, sender and recipient as well.
    """
    try:
        _, mail = unwrap(payload)
    except ValueError:
        return (f"x:{hashlib.sha256(payload).hexdigest()}",)
    head, mark, body = mail.partition(b"\r\n\r\n")
    if not mark:
        head, _, body = mail.partition(b"\n\n")
    digest = hashlib.sha256()
    named = False
    for line in head.splitlines():
        named = bool(_NAMING.match(line)) or (named and line[:1] in (b" ", b"\t"))
        if named:
            digest.update(line.strip() + b"\n")
    digest.update(b"\n" + body.rstrip())
    return (f"m:{digest.hexdigest()}",)


def parse(
    payload: bytes, account: str, tokens: Tokens, ours: str, title: str
) -> tuple[Inbound, ...]:
    """Return what a mail tells; () = not for us. Raises ParseError without the words in it."""
    try:
        envelope, data = unwrap(payload)
    except ValueError as error:
        raise ParseError(str(error)) from None
    mail = read_mail(envelope, data)
    return _Reader(envelope, mail, account, tokens, ours, title).inbounds()


class _Reader:
    """One mail and whose it is."""

    def __init__(
        self, envelope: Envelope, mail: Mail, account: str, tokens: Tokens, ours: str, title: str
    ) -> None:
        self._envelope = envelope
        self._mail = mail
        self._account = account
        self._tokens = tokens
        self._ours = ours
        self._title = title
        self._at = datetime.fromtimestamp(envelope.at, UTC)

    def inbounds(self) -> tuple[Inbound, ...]:
        if reports.is_report(self._mail):
            return self._returned()
        senders = self._mail.addresses("From")
        if len(senders) != 1:
            raise ParseError("a mail without exactly one sender")
        if self._tokens.is_ours(senders[0]):
            return ()
        return self._from_person(senders[0])

    def _place(self, address: str, thread: str) -> Place:
        return Place(NETWORK, self._account, address, thread)

    def _tokens_for(self, person: str) -> list[tuple[str, bool]]:
        """Return the threads, and whether they say STOP, of the addresses the mail came to."""
        for names in (_DELIVERED, _TO):
            read = [self._tokens.read(to, person) for to in self._mail.addresses(*names)]
            if found := list(dict.fromkeys(one for one in read if one is not None)):
                return found
        return []

    def _returned(self) -> tuple[Inbound, ...]:
        """Tell what came back, where the address says that we had sent it."""
        external_id = reports.returned_id(self._mail)
        if not external_id:
            return ()
        for address, reason in reports.failed_recipients(self._mail):
            for thread, _ in self._tokens_for(address):
                place = self._place(address, thread)
                gone = reason == reports.NOBODY
                receipt = ReceiptIn(place, external_id, "failed", self._at, reason, gone=gone)
                return (receipt,)
        return ()

    def _from_person(self, address: str) -> tuple[Inbound, ...]:
        mail = self._mail
        found = self._tokens_for(address)
        sender = Sender(
            endpoint=Endpoint(NETWORK, self._account, address),
            name=re.sub(r"\s*<[^<>]*>\s*$", "", mail.header("From")).strip('" ')[:100],
            language=mail.header("Content-Language").partition(",")[0][:20],
        )
        if any(stop for _, stop in found):
            return (BlockedIn(sender, True, self._at, stop=True),)
        said = self._said(sender, found)
        if found:
            return said
        unproven = [one for one in said[:1] if isinstance(one, MessageIn | StartIn)]
        return tuple(UnprovenIn(one) for one in unproven)

    def _said(self, sender: Sender, found: list[tuple[str, bool]]) -> tuple[Inbound, ...]:
        mail = self._mail
        address = sender.endpoint.address
        threads = {thread for thread, _ in found}
        place = self._place(address, threads.pop() if len(threads) == 1 else "")
        if (choice := self._calendar_answer()) is not None:
            return (ChoiceIn(place, sender, self._id(), *choice, self._at),)
        if reports.is_automatic(mail):
            answered = self._answered()
            return (ReceiptIn(place, answered, "delivered", self._at),) if answered else ()
        if start := _START.fullmatch(mail.header("Subject")):
            return (StartIn(place, sender, self._id(), self._at, start.group(1)),)
        return self._messages(place, sender)

    def _calendar_answer(self) -> tuple[str, str] | None:
        """Return which of our appointments a calendar answered, and how; None for words."""
        answered = ical.answer(self._mail.calendar) if self._mail.calendar else None
        found = _OUR_UID.fullmatch(answered[0]) if answered is not None else None
        return (found[1], answered[1]) if found is not None and answered is not None else None

    def _id(self) -> str:
        ids = self._mail.ids("Message-ID")
        if ids and len(ids[0]) <= _MAX_ID:
            return ids[0]
        named = f"{self._mail.header('Message-ID')}\0{self._envelope.mail}"
        return f"x-{hashlib.sha256(named.encode('utf-8', 'replace')).hexdigest()}"

    def _answered(self) -> str:
        """Return the id of our mail that is answered, else of whatever is."""
        known = [*self._mail.ids("In-Reply-To"), *reversed(self._mail.ids("References"))]
        ids = [one for one in known if len(one) <= _MAX_ID]
        domain = f"@{self._tokens.domain}"
        ours = [one for one in ids if one.lower().endswith(domain)]
        return next(iter(ours or ids[:1]), "")

    def _messages(self, place: Place, sender: Sender) -> tuple[Inbound, ...]:
        external_id = self._id()
        contents = self._contents(external_id)
        return tuple(
            MessageIn(
                place,
                sender,
                f"{external_id}#{number}" if number else external_id,
                content,
                self._at,
                self._answered(),
            )
            for number, content in enumerate(contents)
        )

    def _contents(self, external_id: str) -> list[Content]:
        """Return what was said: words alone, a file with a caption, or words and an album."""
        body = self._body()
        files = self._mail.files
        spoken: list[Content] = [Text(body)] if plain(body).strip() else []
        if not files:
            return spoken
        alone = len(files) == 1 and len(plain(body)) <= MAX_CAPTION
        caption = body if alone and spoken else ()
        album = external_id if len(files) > 1 else ""
        media = [_media(file, caption, album) for file in files]
        return list(media) if alone else [*spoken, *media]

    def _body(self) -> Body:
        mail = self._mail
        body: Body = (mail.text,) if mail.text.strip() else from_html(mail.html)
        text = plain(body)
        end = answer_in(text, self._ours)
        if not end and not mail.files:
            end = len(text)
        if word := command_in(text[:end]):
            return (word,)
        start = len(text[:end]) - len(text[:end].lstrip())
        said = slice_body(body, start, len(text[:end].rstrip()))
        said = tuple(without_mark(node) if isinstance(node, str) else node for node in said)
        subject = mail.header("Subject")
        bare = _PREFIX.sub("", subject, count=1).strip()
        if not bare or bare.casefold() == self._title.casefold():
            return said
        return (Styled(Style.BOLD, (subject,)), *(("\n", *said) if said else ()))


def _media(file: Attachment, caption: Body, album: str) -> Media:
    main = file.mime.partition("/")[0]
    kind = {"video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}.get(main, MediaKind.FILE)
    if file.mime in ("image/jpeg", "image/png", "image/webp"):
        kind = MediaKind.PHOTO
    return Media(kind, file, caption, album)
