"""A small faithful stand-in of Twilio's messaging over real HTTP, with people and their phones.

It encodes https://www.twilio.com/docs/messaging and, where that is silent, errs on the strict side.
For tests with an independent judge (`Journal`), faults on plan (`faults`), the demo, and programs
of anybody. It knows nothing of Coachbridge.
"""

from __future__ import annotations

from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.twilio import faults, sound
from adapters.emulators.twilio.emulator import TwilioEmulator
from adapters.emulators.twilio.journal import Call, Handed, Journal, Said, Shown
from adapters.emulators.twilio.phone import Line, Phone
from adapters.emulators.twilio.telephone import Telephone
from adapters.emulators.twilio.world import Account, Message

__all__ = [
    "Account",
    "Call",
    "EmulatorMisuseError",
    "Handed",
    "Journal",
    "Line",
    "Message",
    "Phone",
    "Said",
    "Shown",
    "Telephone",
    "TwilioEmulator",
    "faults",
    "sound",
]
