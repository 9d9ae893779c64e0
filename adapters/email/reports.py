"""Mail that no person wrote: what came back, and what answers by itself. Pure.

1. A report counts only for a mail that we sent: the address it came to proves it.
2. An automatic answer says that the mail arrived. Its words are kept with the raw payload and are
   never the person's; nothing is ever sent because of it. RFC 3834
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from adapters.email.mime import words_of

if TYPE_CHECKING:
    from adapters.email.mime import Mail

_ROBOT = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+@.-]|$)")
_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "List-Id", "Feedback-ID")
NOBODY = "chat_not_found"
"""The reason of what came back because the address does not exist."""

_STATUS = re.compile(r"([245])\.(\d{1,3})\.\d{1,3}")


def is_automatic(mail: Mail) -> bool:
    """Tell whether a program wrote this by itself."""
    if mail.header("Auto-Submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return True
    if any(mail.header(name) for name in _AUTOMATIC):
        return True
    precedence = mail.header("Precedence").lower().replace("-", "_")
    if precedence in ("bulk", "junk", "list", "auto_reply"):
        return True
    return mail.header("Return-Path") == "<>" or is_report(mail)


def is_report(mail: Mail) -> bool:
    """Tell whether this is a mail server's own."""
    sender = next(iter(mail.addresses("From")), "")
    return mail.headers.get_content_type() == "multipart/report" or bool(_ROBOT.match(sender))


def failed_recipients(mail: Mail) -> list[tuple[str, str]]:
    """Return the addresses at which a mail failed for good, and why."""
    found = []
    for block in mail.report:
        if block.get("action", "").lower() != "failed":
            continue
        for name in ("original-recipient", "final-recipient"):
            kind, _, address = block.get(name, "").partition(";")
            if kind.strip().lower() == "rfc822" and "@" in address:
                found.append((address.strip().strip("<>").lower(), _why(block.get("status", ""))))
    return found[:10]


def _why(status: str) -> str:
    """Return a reason by the status of RFC 3463."""
    known = _STATUS.match(status)
    if known is None:
        return "returned"
    if status.startswith("5.2.2"):
        return "mailbox_full"
    return NOBODY if known.group(2) == "1" else "returned"


def returned_id(mail: Mail) -> str:
    """Return the id of the mail that came back, '' when the report does not tell."""
    if mail.returned is None:
        return ""
    return words_of(mail.returned.get("Message-ID")).strip("<> ")
