"""The recorded mails as people can read them; the conformance suite gets them as payloads.

Set COACHBRIDGE_UPDATE_FIXTURES to write the payloads anew.
"""

import os
from pathlib import Path

import pytest

from adapters.email.payloads import wrap
from tests.conformance.test_parse import UPDATE

MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))
INBOUND = Path(__file__).parent / "fixtures" / "inbound"
ARRIVED = 1795425600  # 2026-11-23 09:20 UTC


def payload(mail: Path, uid: int = 7) -> bytes:
    """Return a recorded mail as it is kept."""
    data = mail.read_bytes().replace(b"\n", b"\r\n")
    return wrap(3, uid, ARRIVED, len(data), data)


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.stem)
def test_a_recorded_mail_is_the_payload_of_its_name(mail: Path) -> None:
    kept = INBOUND / f"{mail.stem}.json"
    data = payload(mail, MAILS.index(mail) + 1) + b"\n"
    if os.environ.get(UPDATE):
        kept.write_bytes(data)
    assert kept.read_bytes() == data


def test_every_payload_has_its_mail() -> None:
    assert {file.stem for file in INBOUND.glob("*.json")} == {mail.stem for mail in MAILS}
