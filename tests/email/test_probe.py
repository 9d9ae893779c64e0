"""What `doctor` finds out about a mailbox."""

import pytest

from adapters.email import EmailAdapter
from adapters.emulators.mail import Box, MailEmulator
from bridge.core.errors import AccountBroken, Unreachable
from bridge.core.probing import Grade
from tests.email.kit import ADDRESS, adapter


async def test_a_sound_mailbox_is_well(mail: EmailAdapter) -> None:
    found = {one.about: one for one in await mail.probe()}
    assert set(found) == {"SMTP", "IMAP", "new mail"}
    assert {one.grade for one in found.values()} == {Grade.WELL}
    assert "on this machine" in found["IMAP"].found
    assert mail.called_at() == ""


async def test_a_server_without_idle_is_told(box: Box, mail: EmailAdapter) -> None:
    box.capabilities = "IMAP4rev1"
    found = {one.about: one for one in await mail.probe()}["new mail"]
    assert found.grade is Grade.DOUBTFUL
    assert "no IDLE" in found.found


async def test_a_wrong_password_is_a_broken_account(emu: MailEmulator) -> None:
    emu.account(ADDRESS, "another")
    mail = adapter(f"mail://{emu.host}:{emu.smtp_port}/{emu.imap_port}")
    with pytest.raises(AccountBroken, match="the mail server does not accept us"):
        await mail.check()


async def test_a_mailbox_that_refuses_is_told_apart(box: Box, mail: EmailAdapter) -> None:
    box.refuses_login = "NO [AUTHENTICATIONFAILED] no"
    with pytest.raises(AccountBroken, match="the mailbox does not accept us"):
        await mail.probe()


async def test_a_server_that_is_away_is_told(emu: MailEmulator, mail: EmailAdapter) -> None:
    await emu.down()
    with pytest.raises(Unreachable):
        await mail.check()
