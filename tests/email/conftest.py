"""The emulated mail server, our mailbox on it, and somebody who reads mail."""

from collections.abc import AsyncIterator

import pytest

from adapters.email import EmailAdapter
from adapters.emulators.mail import Box, MailEmulator, Person
from tests.email.kit import ADDRESS, ANNA, PASSWORD, adapter


@pytest.fixture
async def emu() -> AsyncIterator[MailEmulator]:
    """A running mail server."""
    async with MailEmulator() as emulator:
        yield emulator


@pytest.fixture
def box(emu: MailEmulator) -> Box:
    """Our mailbox."""
    return emu.account(ADDRESS, PASSWORD)


@pytest.fixture
def anna(emu: MailEmulator) -> Person:
    """A person with a mail program."""
    return emu.person(ANNA, "Anna")


@pytest.fixture
def mail(emu: MailEmulator, box: Box) -> EmailAdapter:
    """Our adapter."""
    del box
    return adapter(f"mail://{emu.host}:{emu.smtp_port}/{emu.imap_port}")
