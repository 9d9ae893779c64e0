"""A small faithful stand-in of a Matrix homeserver over real HTTP.

It encodes https://spec.matrix.org/v1.16/client-server-api/ as far as a bot and a person's client
without encryption use it: no federation, no keys, one opinion on every room. For the demo, which
cannot bring a real homeserver; what the bridge does on Matrix is judged with Synapse. It knows
nothing of Coachbridge.
"""

from __future__ import annotations

from adapters.emulators import faults
from adapters.emulators.matrix.emulator import MatrixEmulator
from adapters.emulators.matrix.errors import MatrixError
from adapters.emulators.matrix.journal import Call, Handed, Journal, Said, Shown
from adapters.emulators.matrix.person import Person
from adapters.emulators.matrix.timeline import Line
from adapters.emulators.matrix.world import SERVER, Account, Event, Room
from adapters.emulators.misuse import EmulatorMisuseError

__all__ = [
    "SERVER",
    "Account",
    "Call",
    "EmulatorMisuseError",
    "Event",
    "Handed",
    "Journal",
    "Line",
    "MatrixEmulator",
    "MatrixError",
    "Person",
    "Room",
    "Said",
    "Shown",
    "faults",
]
