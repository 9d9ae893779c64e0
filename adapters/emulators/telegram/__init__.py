"""A small faithful stand-in of Telegram's Bot API over real HTTP.

It encodes https://core.telegram.org/bots/api, and where that is silent the behaviour of the
server it describes. For tests with an independent judge (`Journal`), faults on plan (`faults`),
the demo, and bots of anybody. It knows nothing of Coachbridge.
"""

from __future__ import annotations

from adapters.emulators import faults
from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.telegram.chats import Chat, Message
from adapters.emulators.telegram.emulator import BotAccount, TelegramEmulator
from adapters.emulators.telegram.group import Group
from adapters.emulators.telegram.journal import Call, Handed, Journal, Said, Shown
from adapters.emulators.telegram.limits import Limit
from adapters.emulators.telegram.person import Person, Press
from adapters.emulators.telegram.screen import Line

__all__ = [
    "BotAccount",
    "Call",
    "Chat",
    "EmulatorMisuseError",
    "Group",
    "Handed",
    "Journal",
    "Limit",
    "Line",
    "Message",
    "Person",
    "Press",
    "Said",
    "Shown",
    "TelegramEmulator",
    "faults",
]
