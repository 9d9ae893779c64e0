"""The mail emulator keeps what a mail server promises, where the bridge's own tests lean on it."""

import base64
from asyncio import StreamReader, StreamWriter, open_connection
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.emulators.mail import MailEmulator

OURS, ANNA, PASSWORD = "coach@practice.example", "anna@people.example", "a word"
LOGIN = base64.b64encode(f"\0{OURS}\0{PASSWORD}".encode()).decode()
HALF = f"From: {OURS}\r\nSubject: half a ma".encode()


@asynccontextmanager
async def half_a_mail(mail: MailEmulator) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    """A connection on which a mail was begun."""
    reader, writer = await open_connection(mail.host, mail.smtp_port)
    try:
        await reader.readline()
        for command, code in (
            (f"AUTH PLAIN {LOGIN}", b"235"),
            (f"MAIL FROM:<{OURS}>", b"250"),
            (f"RCPT TO:<{ANNA}>", b"250"),
            ("DATA", b"354"),
        ):
            writer.write(f"{command}\r\n".encode())
            assert (await reader.readline()).startswith(code)
        writer.write(HALF)
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("last", [b"", b"\r\n", b"\r\n.\r"], ids=["word", "line", "dot"])
async def test_who_goes_away_in_the_middle_of_a_mail_sent_none(last: bytes) -> None:
    async with MailEmulator() as mail:
        mail.account(OURS, PASSWORD)
        anna = mail.person(ANNA, "Anna")
        async with half_a_mail(mail) as (reader, writer):
            writer.write(last)
            writer.write_eof()
            assert await reader.read() == b""
        assert anna.inbox() == []
        async with half_a_mail(mail) as (reader, writer):
            writer.write(b"il\r\n.\r\n")
            assert (await reader.readline()).startswith(b"250")
        assert [one.header("Subject") for one in anna.inbox()] == ["half a mail"]
