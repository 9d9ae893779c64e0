"""The same conversation over a real Postfix and a real Dovecot: LMTP, IMAP IDLE, SASL, bounces."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from adapters.email import EmailSettings, build
from bridge.core.errors import AccountBroken
from bridge.core.probing import Grade
from tests.walks import scene as scenery
from tests.walks.bridge import lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from adapters.emulators.telegram import Person as Phone
    from adapters.emulators.telegram import TelegramEmulator
    from tests.support.mail_servers import MailServers
    from tests.walks.bridge import Json
    from tests.walks.scene import Scene

pytestmark = [pytest.mark.slow]

COACH, ANNA, NOWHERE = "coach@practice.example", "anna@example.org", "bram@elsewhere.example"
WORDS = {COACH: "the bridge's", ANNA: "Anna's"}
PHOTO = b"\xff\xd8\xff\xe0" + b"a photo" * 2000
SOON = 10.0
"""Less than the half minute after which the bridge would look without IDLE."""


class Mailbox:
    """Anna's mail program, the plainest there is."""

    def __init__(self, servers: MailServers) -> None:
        self._servers = servers

    def _read(self) -> list[EmailMessage]:
        with imaplib.IMAP4("127.0.0.1", self._servers.imap) as box:
            box.login(ANNA, WORDS[ANNA])
            box.select("INBOX")
            found = [box.fetch(n, "(RFC822)")[1][0] for n in box.search(None, "ALL")[1][0].split()]
        mails = [message_from_bytes(one[1], policy=policy.default) for one in found]  # type: ignore[arg-type, index]
        assert all(isinstance(one, EmailMessage) for one in mails)
        return mails

    async def sees(self, words: str) -> EmailMessage:
        """Wait until a mail says this."""
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            for mail in await asyncio.to_thread(self._read):
                body = mail.get_body(("plain",))
                if body is not None and words in body.get_content():
                    return mail
            await asyncio.sleep(0.1)
        raise AssertionError(f"no mail says {words!r}")

    async def answer(self, to: EmailMessage, words: str, photo: bytes = b"") -> None:
        """Answer a mail as programs do: what is answered stands below, quoted."""
        quoted = to.get_body(("plain",))
        assert quoted is not None
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"] = f"Anna <{ANNA}>", str(to["Reply-To"] or to["From"])
        mail["Subject"] = f"Re: {to['Subject']}"
        mail["In-Reply-To"] = mail["References"] = str(to["Message-ID"])
        below = "".join(f"> {line}\n" for line in quoted.get_content().splitlines())
        mail.set_content(f"{words}\n\nOn Monday Noor wrote:\n{below}")
        if photo:
            mail.add_attachment(photo, maintype="image", subtype="jpeg", filename="walk.jpg")
        await asyncio.to_thread(self._send, mail)

    def _send(self, mail: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self._servers.smtp, "localhost") as server:
            server.login(ANNA, WORDS[ANNA])
            server.send_message(mail)


class Stage:
    """Noor on Telegram, Anna on mail, and somebody whose mail comes back."""

    def __init__(self, scene: Scene, servers: MailServers) -> None:
        self.scene = scene
        self.noor: Phone = scene.person(scenery.NOOR, "Noor")
        self.anna = Mailbox(servers)

    async def begin(self, address: str = ANNA) -> None:
        """Serve a practice whose client reads mail at this address."""
        await self.scene.bridge.apply(
            '[[person]]\nid = "noor"\nname = "Noor"\n'
            f'endpoints = ["telegram:main:{scenery.NOOR}"]\n'
            f'[[person]]\nid = "anna"\nname = "Anna"\nendpoints = ["email:main:{address}"]\n'
            '[[trajectory]]\nid = "anna-2026"\ncoaches = ["noor"]\nclients = ["anna"]\n'
            'consent = "recorded"\n'
        )
        await self.scene.bridge.start()

    async def log(self) -> list[Json]:
        """Wait until all is settled and proven, and return the log."""
        logs = await self.scene.bridge.settled("anna-2026")
        await self.scene.bridge.audit()
        return logs["anna-2026"]


@pytest.fixture
async def stage(
    emu: TelegramEmulator,
    store_url: Callable[[str, Path], str],
    mail_servers: MailServers,
    tmp_path: Path,
) -> AsyncIterator[Stage]:
    """A stage whose bridge logs in to both servers."""
    more = (
        f'[email.main]\nsmtp_url = "smtp://127.0.0.1:{mail_servers.smtp}"\n'
        f'imap_url = "imap://127.0.0.1:{mail_servers.imap}"\naddress = "{COACH}"\n'
        f'user = "{COACH}"\npassword = "{WORDS[COACH]}"\nname = "Praktijk Noor"\n'
        "rate_per_second = 0\n"
    )
    url = store_url("sqlite", tmp_path)
    made = scenery.build(tmp_path, url, emu, "polling", more=more)
    async with made.bridge:
        yield Stage(made, mail_servers)


async def test_words_and_a_photo_go_both_ways_at_once(stage: Stage) -> None:
    await stage.begin()
    await stage.noor.send("How did it go?")
    first = await stage.anna.sees("How did it go?")
    assert "+" in str(first["From"]), "an address of their own"
    begun = time.monotonic()
    await stage.anna.answer(first, "Well! I was nervous, though 🙂", PHOTO)
    shown = await stage.noor.wait_for("Well! I was nervous", SOON)
    assert time.monotonic() - begun < SOON, "IDLE told of it"
    assert "How did it go?" not in shown.text.partition("🙂")[2]
    photo = await stage.noor.wait_for(lambda one: one.kind in ("photo", "document"), 15)
    assert photo.kind == "photo"
    await stage.noor.send("Proud of you", reply_to=shown.message_id)
    second = await stage.anna.sees("Proud of you")
    threads = [set(str(one["References"]).split()) for one in (first, second)]
    assert threads[0] & threads[1], "both begin with the thread they belong to"
    assert str(second["In-Reply-To"]).endswith("@mail.practice.example>"), "Postfix named hers"
    log = await stage.log()
    assert [line["text"] for line in lines(log)][:2] == [
        "How did it go?",
        "Well! I was nervous, though 🙂",
    ]


async def test_stop_by_mail_is_final(stage: Stage) -> None:
    await stage.begin()
    await stage.noor.send("Hello Anna")
    await stage.anna.answer(await stage.anna.sees("Hello Anna"), "STOP")
    await stage.scene.bridge.settled("anna-2026")
    deadline = time.monotonic() + 15
    while not lines(await stage.log(), "opted_out"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


async def test_a_mail_that_postfix_sends_back_has_failed(stage: Stage) -> None:
    await stage.begin(NOWHERE)
    await stage.noor.send("Are you there?")
    deadline = time.monotonic() + 20
    while True:
        (line,) = lines(await stage.log())
        (delivery,) = line["deliveries"]
        if delivery["state"] == "failed":
            break
        assert time.monotonic() < deadline, delivery
        await asyncio.sleep(0.2)


async def test_what_doctor_asks_is_answered(mail_servers: MailServers) -> None:
    def settings(password: str) -> EmailSettings:
        return EmailSettings(
            smtp_url=SecretStr(f"smtp://127.0.0.1:{mail_servers.smtp}"),
            imap_url=SecretStr(f"imap://127.0.0.1:{mail_servers.imap}"),
            address=COACH,
            user=COACH,
            password=SecretStr(password),
        )

    sound = build("main", settings(WORDS[COACH]))
    assert await sound.check() == COACH
    found = {one.about: one for one in await sound.probe()}
    assert found["new mail"].grade is Grade.WELL
    assert "IDLE" in found["new mail"].found
    with pytest.raises(AccountBroken):
        await build("main", settings("wrong")).check()
