"""A small faithful stand-in of a mail server: SMTP in, IMAP out, people with mailboxes.

It encodes RFC 5321, RFC 3501 and RFC 2177. For tests, faults on plan, and the demo. It knows
nothing of Coachbridge.
"""

from __future__ import annotations

from adapters.emulators.mail import faults
from adapters.emulators.mail.boxes import Box
from adapters.emulators.mail.emulator import MailEmulator
from adapters.emulators.mail.person import File, Letter, Person

__all__ = ["Box", "File", "Letter", "MailEmulator", "Person", "faults"]
