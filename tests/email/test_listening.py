"""Reading the mailbox: the cursor, numbers that change, refused logins, servers without IDLE."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from adapters.email import EmailAdapter
from adapters.email.listen import Cursor
from adapters.emulators.mail import Box, File, MailEmulator, Person
from bridge.core.content import Media, Text
from bridge.core.errors import AccountBroken, Rejected
from bridge.core.inbound import MessageIn
from tests.conformance.kit import MemorySink
from tests.email.kit import ANNA, NAME, PASSWORD, tokens

HOME = tokens().address(ANNA, "")


@asynccontextmanager
async def _listening(mail: EmailAdapter, sink: MemorySink) -> AsyncIterator[None]:
    task = asyncio.create_task(mail.listen(sink))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=2)
        assert task.cancelled()


async def _until(sink: MemorySink, count: int) -> None:
    for _ in range(500):
        if len(sink.kept) >= count:
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen within five seconds")


def _words(mail: EmailAdapter, sink: MemorySink) -> list[str]:
    happened = [one for raw in sink.kept for one in mail.parse(raw.payload)]
    return [
        str(one.content.body[0])
        for one in happened
        if isinstance(one, MessageIn) and isinstance(one.content, Text)
    ]


async def test_new_numbers_mean_reading_again_and_keeping_once(
    mail: EmailAdapter, box: Box, anna: Person
) -> None:
    sink = MemorySink()
    await anna.send(HOME, "een", NAME)
    async with _listening(mail, sink):
        await _until(sink, 1)
    box.number_anew()
    await anna.send(HOME, "twee", NAME)
    async with _listening(mail, sink):
        await _until(sink, 2)
    assert _words(mail, sink) == ["een", "twee"]
    cursor = msgspec.json.decode(sink.at or "", type=Cursor)
    assert (cursor.validity, cursor.uid) == (2, 2)


async def test_old_mail_was_never_for_us(mail: EmailAdapter, box: Box, anna: Person) -> None:
    old = anna.write(HOME, "van vroeger", NAME).as_bytes()
    box.add(old, datetime.now(UTC) - timedelta(days=9))
    await anna.send(HOME, "van nu", NAME)
    sink = MemorySink()
    async with _listening(mail, sink):
        await _until(sink, 1)
    assert _words(mail, sink) == ["van nu"]


async def test_a_server_without_idle_is_asked_again(
    mail: EmailAdapter, emu: MailEmulator, box: Box, anna: Person
) -> None:
    emu.capabilities = box.capabilities = "IMAP4rev1"
    sink = MemorySink()
    async with _listening(mail, sink):
        await asyncio.sleep(0.1)
        await anna.send(HOME, "later", NAME)
        await _until(sink, 1)
    assert "IDLE" not in emu.commands


async def test_nothing_in_the_mailbox_is_changed(
    mail: EmailAdapter, emu: MailEmulator, anna: Person
) -> None:
    sink = MemorySink()
    await anna.send(HOME, "een", NAME)
    async with _listening(mail, sink):
        await _until(sink, 1)
    assert not any(
        word in command for command in emu.commands for word in ("STORE", "EXPUNGE", "BODY[")
    )


async def test_a_refused_login_breaks_the_account_without_its_secret(
    mail: EmailAdapter, box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    box.refuses_login = f"NO [AUTHENTICATIONFAILED] {PASSWORD}"
    with caplog.at_level(logging.DEBUG), pytest.raises(AccountBroken) as broken:
        async with asyncio.timeout(5):
            await mail.listen(MemorySink())
    assert PASSWORD not in f"{broken.value!r}{caplog.text}"


async def test_a_login_that_fails_for_now_is_tried_again(
    mail: EmailAdapter, box: Box, anna: Person
) -> None:
    box.refuses_login = "NO [UNAVAILABLE] later"
    sink = MemorySink()
    async with _listening(mail, sink):
        await asyncio.sleep(0.2)
        box.refuses_login = ""
        await anna.send(HOME, "toch", NAME)
        await _until(sink, 1)
    assert _words(mail, sink) == ["toch"]


async def test_words_are_never_in_the_log(
    mail: EmailAdapter, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    sink = MemorySink()
    await anna.send(HOME, "heel persoonlijk", NAME)
    with caplog.at_level(logging.DEBUG):
        async with _listening(mail, sink):
            await _until(sink, 1)
    assert "persoonlijk" not in caplog.text
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize("size", [10, 5000, 700_001])
async def test_a_file_is_fetched_out_of_its_mail(
    mail: EmailAdapter, anna: Person, size: int
) -> None:
    data = bytes(n % 251 for n in range(size))
    sink = MemorySink()
    await anna.send(HOME, "", NAME, [File("all.bin", "application/x-all", data)])
    async with _listening(mail, sink):
        await _until(sink, 1)
    assert len(sink.kept[0].payload) < 100_000
    (one,) = mail.parse(sink.kept[0].payload)
    assert isinstance(one, MessageIn)
    assert isinstance(one.content, Media)
    file = one.content.file
    assert abs(file.size - size) < 3
    assert b"".join([chunk async for chunk in mail.fetch(file.ref)]) == data


async def test_a_file_that_is_gone_is_a_refusal(mail: EmailAdapter, box: Box) -> None:
    for ref in ("1/99/2/base64", "7/1/1/base64", "../../etc", "1/1/1/rot13"):
        with pytest.raises(Rejected):
            _ = [chunk async for chunk in mail.fetch(ref)]
    assert not box.mails
