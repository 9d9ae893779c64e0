"""A mail program, and what can go wrong with mail, driven through the emulator."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, assert_never

import msgspec

from adapters.emulators.mail import File as Attached
from adapters.emulators.mail import Letter, faults
from bridge.demo.phones import (
    Act,
    Bubble,
    CannotError,
    Edit,
    File,
    Open,
    Press,
    React,
    Run,
    Say,
    Screen,
    Show,
    Speak,
    Trouble,
    kind_of,
    linked,
)
from bridge.demo.phones.chat import VOICE
from bridge.demo.picture import sunrise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.emulators.mail import MailEmulator, Person

_CAN = ("say", "photo", "voice", "reply")
_REFUSAL = "451 4.7.1 too busy, try again later"
_INTRO = re.compile(r"\n+On [^\n]* wrote:\n(?=>|$)")


class MailWire:
    """The emulated mail server of the practice."""

    name = "email"
    networks = ("email",)
    refusal = "451"

    def __init__(self, mail: MailEmulator, address: str) -> None:
        self._mail = mail
        self._address = address
        self._trouble = Trouble.WELL

    @property
    def trouble(self) -> Trouble:
        """Return how it does now."""
        if self._trouble is Trouble.LOST and not self._mail.pending():
            self._trouble = Trouble.WELL
        return self._trouble

    async def make(self, trouble: Trouble) -> None:
        """Let it do like this from now on."""
        self._mail.clear()
        if trouble is Trouble.DOWN:
            await self._mail.down()
        elif self._trouble is Trouble.DOWN:
            await self._mail.up()
        if trouble is Trouble.BUSY:
            self._mail.standing = faults.answer(_REFUSAL)
        if trouble is Trouble.LOST:
            self._mail.plan(faults.accept_then_drop())
        self._trouble = trouble

    def kept(self) -> int:
        """Return how many mails for the practice lie in its mailbox and were not fetched."""
        return self._mail.boxes[self._address].unfetched()


class _Mail(msgspec.Struct, frozen=True):
    """A mail as it is shown, with what answers need."""

    bubble: Bubble
    letter: Letter
    files: tuple[tuple[str, bytes], ...]


class MailWindow:
    """One person's mail program: what came and what was sent, as one conversation."""

    network = "email"

    def __init__(self, person: str, owner: Person, mail: MailEmulator, practice: str) -> None:
        self.person = person
        self._owner = owner
        self._mail = mail
        self._practice = practice
        self._read = 0
        self._mails: list[_Mail] = []

    def screen(self) -> Screen:
        """Return all mails, oldest first."""
        return Screen(tuple(mail.bubble for mail in self._all()), _CAN)

    def file(self, name: str) -> File | None:
        """Return a file that is attached to one of the mails."""
        for mail in self._all():
            if mail.bubble.file == name:
                data = mail.files[0][1]
                return File(data, _mime(mail.letter))
        return None

    async def do(self, act: Act) -> None:
        """Do what its owner does. Raises CannotError."""
        match act:
            case Say(text=text, reply_to=answered):
                if not text.strip():
                    raise CannotError("a message has words")
                await self._send(text, answered)
            case Show(reply_to=answered):
                file = Attached("sunrise.png", "image/png", sunrise())
                await self._send("", answered, file)
            case Speak(reply_to=answered):
                file = Attached("voice.ogg", "audio/ogg", VOICE.read_bytes())
                await self._send("", answered, file)
            case Press() | Edit() | React() | Open():
                raise CannotError("mail has nothing like it")
            case _:
                assert_never(act)

    async def _send(self, text: str, answered: str, *files: Attached) -> None:
        """Answer a mail, the newest one where none is named; else write to the practice."""
        came = [mail for mail in self._all() if not mail.bubble.mine]
        if answered:
            came = [mail for mail in self._all() if mail.bubble.id == answered]
            if not came:
                raise CannotError(f"there is no mail {answered}")
        if came and not came[-1].bubble.mine:
            await self._owner.reply(came[-1].letter, text, files)
        else:
            await self._owner.send(self._practice, text, files=files)

    def _all(self) -> list[_Mail]:
        """Return all mails; what was not there the last time is read."""
        mine = self._owner.address
        for sender, recipient, data in self._mail.handed[self._read :]:
            if mine in (sender, recipient):
                self._keep(_mail(data, mine=sender == mine))
        self._read = len(self._mail.handed)
        return self._mails

    def _keep(self, mail: _Mail) -> None:
        """Add a mail; one that came twice shows twice."""
        again = sum(one.bubble.id.partition("#")[0] == mail.bubble.id for one in self._mails)
        if again:
            bubble = msgspec.structs.replace(mail.bubble, id=f"{mail.bubble.id}#{again + 1}")
            mail = msgspec.structs.replace(mail, bubble=bubble)
        self._mails.append(mail)


def _mail(data: bytes, *, mine: bool) -> _Mail:
    letter = Letter(data, message_from_bytes(data, policy=policy.default))
    files = tuple(letter.files)
    id = letter.header("Message-ID").strip().strip("<>")
    bubble = Bubble(
        id=id,
        at=parsedate_to_datetime(letter.header("Date")).isoformat(),
        mine=mine,
        kind=kind_of(_mime(letter)) if files else "text",
        runs=tuple(_runs(letter.text, mine=mine)),
        sender=letter.header("From").partition("<")[0].strip(' "'),
        subject=letter.header("Subject"),
        file=f"{re.sub(r'[^A-Za-z0-9.-]', '-', id)}" if files else "",
        name=files[0][0] if files else "",
    )
    return _Mail(bubble, letter, files)


def _mime(letter: Letter) -> str:
    found = next(iter(letter.message.iter_attachments()), None)
    return "" if found is None else found.get_content_type()


def _runs(text: str, *, mine: bool) -> Iterator[Run]:
    """Yield the words; mail programs fold away what an answer repeats of the mail it answers."""
    whole = text.strip("\n")
    shown = _INTRO.split(whole, maxsplit=1)[0].strip("\n") if mine else whole
    for number, line in enumerate(shown.split("\n")):
        if number:
            yield Run("\n")
        if line.startswith("> "):
            yield from linked(line.removeprefix("> "), "blockquote")
        elif line:
            yield from linked(line)
