"""E-mail's kit for the conformance suite: the emulator and how its requests are read."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from adapters.email import CAPABILITIES, EmailAdapter, EmailSettings, build
from adapters.email.replies import MARK
from adapters.email.settings import check_settings
from adapters.email.tokens import Tokens
from adapters.emulators.mail import MailEmulator, Person, faults
from bridge.core.adapter import Request
from bridge.core.endpoint import Place
from tests.conformance.kit import Kit, Shown, Trouble

ADDRESS = "coach@practice.example"
PASSWORD = "pass-word of the mailbox"
TOKEN_SECRET = "a secret for the addresses"
NAME = "Praktijk Noor"
ANNA = "anna@example.org"

# A refusal is an answer in SMTP, and certain: what is unclear is an answer that never comes.
_FAULTS = {
    Trouble.ACCEPTED_THEN_DROPPED: faults.accept_then_drop,
    Trouble.RESET: faults.reset,
    Trouble.SERVER_ERROR: faults.silent,
    Trouble.GARBLED: faults.garbled,
}


def settings(url: str, **more: Any) -> EmailSettings:
    """Return settings for ``mail://host:<smtp port>/<imap port>``; another URL is for both."""
    parts = urlsplit(url)
    imap_port = parts.path.strip("/") or parts.port
    given: dict[str, Any] = {
        "smtp_url": SecretStr(f"smtp://{parts.hostname}:{parts.port}"),
        "imap_url": SecretStr(f"imap://{parts.hostname}:{imap_port}"),
        "address": ADDRESS,
        "user": ADDRESS,
        "password": SecretStr(PASSWORD),
        "token_secret": SecretStr(TOKEN_SECRET),
        "name": NAME,
        "rate_per_second": 0,
        "timeout": 1.0,
        "poll_seconds": 0.05,
    }
    return EmailSettings(**(given | more))


def adapter(url: str, **more: Any) -> EmailAdapter:
    """Build an adapter with short waits."""
    return build("main", settings(url, **more))


def tokens() -> Tokens:
    """What the account makes its addresses with."""
    account = check_settings("main", settings("mail://127.0.0.1:9/9"))
    return Tokens(account.secret, account.address)


def words_of(text: str) -> str:
    """Return what a mail of ours says, without what stands above it."""
    return text.removeprefix(MARK).strip("\n")


class EmulatedMail:
    """The emulator as the suite sees it."""

    def __init__(self, emulator: MailEmulator, person: Person) -> None:
        self.emulator = emulator
        self.person = person
        self.url = f"mail://{emulator.host}:{emulator.smtp_port}/{emulator.imap_port}"
        self.place = Place("email", "main", person.address)

    async def say(self, text: str) -> None:
        """The person writes to the address that was made for them."""
        await self.person.send(tokens().address(self.person.address, ""), text, f"Re: {NAME}")

    def shown(self) -> list[str]:
        """Return the words of our mails."""
        return [words_of(letter.text) for letter in self.person.inbox()]

    def plan(self, trouble: Trouble) -> None:
        """Let this happen to the next mail."""
        self.emulator.plan(_FAULTS[trouble]())

    def hand_out_again(self) -> None:
        """Let the newest mail be in the mailbox twice."""
        box = self.emulator.boxes[ADDRESS]
        box.add(box.mails[-1].data)

    async def down(self) -> None:
        """Refuse connections."""
        await self.emulator.down()

    async def up(self) -> None:
        """Listen again."""
        await self.emulator.up()


@asynccontextmanager
async def emulated() -> AsyncIterator[EmulatedMail]:
    """Run the emulator with our mailbox and Anna."""
    async with MailEmulator() as emulator:
        emulator.account(ADDRESS, PASSWORD)
        yield EmulatedMail(emulator, emulator.person(ANNA, "Anna"))


@asynccontextmanager
async def answering(status: int, body: object) -> AsyncIterator[str]:
    """Run a server that gives this answer to the command that ``body`` names."""
    assert isinstance(body, dict)
    async with MailEmulator() as emulator:
        emulator.account(ADDRESS, PASSWORD)
        emulator.person("222", "Anna")
        emulator.plan(faults.answer(f"{status} {body['text']}", body["at"]))
        yield f"mail://{emulator.host}:{emulator.smtp_port}/{emulator.imap_port}"


def _words(request: Request) -> list[Shown]:
    text = re.sub(r" <https?://[^>]*>", "", str(request.params.get("text", "")))
    return [Shown(text, CAPABILITIES.max_text)] if text else []


EMAIL = Kit(
    name="email",
    slow=True,
    fixtures=Path(__file__).parent / "fixtures",
    secret=PASSWORD,
    build=adapter,
    server=emulated,
    words=_words,
    answering=answering,
)
