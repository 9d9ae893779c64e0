"""A small faithful stand-in of Slack over real HTTP and WebSockets.

It encodes https://docs.slack.dev: the Web API, the Events API with retries and duplicates, Socket
Mode. For tests with an independent judge (`Journal`), faults on plan, the demo, and apps of
anybody. It knows nothing of Coachbridge.
"""

from __future__ import annotations

from adapters.emulators import faults
from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.slack.emulator import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackEmulator
from adapters.emulators.slack.journal import Call, Handed, Journal, Said, Shown
from adapters.emulators.slack.person import Line, Person
from adapters.emulators.slack.world import BOT_USER, Channel, Message

__all__ = [
    "APP_TOKEN",
    "BOT_TOKEN",
    "BOT_USER",
    "SIGNING_SECRET",
    "Call",
    "Channel",
    "EmulatorMisuseError",
    "Handed",
    "Journal",
    "Line",
    "Message",
    "Person",
    "Said",
    "Shown",
    "SlackEmulator",
    "faults",
]
