"""Who plays: the made-up people of the transcript and of the page, as practice files."""

from __future__ import annotations

import msgspec

from adapters.emulators.matrix import SERVER
from bridge.runtime.practice_file import PersonTable, Practice, TrajectoryTable

NOOR, ANNA, BRAM = 111, 222, 333
"""Their numbers on the emulated Telegram."""
NOOR_SLACK = "U0NOOR"
BRAM_SMS, EVA, DEWI_MAIL = "+31612345678", "+31687654321", "dewi@people.example"
FINN, BRIDGE = "finn", "bridge"
"""Their names on the emulated homeserver: his, and the bridge's account."""
OUR_SMS, OUR_WHATSAPP, OUR_MAIL = "+3197010200001", "+3197010200003", "noor@practice.example"
"""The bridge's own numbers and address; like all others, of nobody."""
MILA, MILA_AT, TOM_AT = 444, "+31611110004", "+31201234567"
"""A colleague of Noor's on Telegram, her telephone, and that of her client."""

_AMSTERDAM = "Europe/Amsterdam"
_NOOR = PersonTable("noor", "Noor", "nl", _AMSTERDAM, (f"telegram:main:{NOOR}",))
_ANNA = PersonTable("anna", "Anna", "en", "Europe/Lisbon")  # comes in by invitation
_BRAM = PersonTable("bram", "Bram", "nl", _AMSTERDAM, (f"telegram:main:{BRAM}",))
_TWO = (
    TrajectoryTable("anna-2026", ("noor",), ("anna",), consent="ask"),
    TrajectoryTable("bram-2026", ("noor",), ("bram",), consent="recorded"),
)

STORY = Practice(person=(_NOOR, _ANNA, _BRAM), trajectory=_TWO)
"""Who plays in the transcript: all on Telegram."""


def _on(person: PersonTable, *endpoints: str) -> PersonTable:
    return msgspec.structs.replace(person, language="en", endpoints=endpoints)


def _with(client: str, coach: str = "noor") -> TrajectoryTable:
    return TrajectoryTable(f"{client}-2026", (coach,), (client,), consent="recorded")


EVERYBODY = Practice(
    person=(
        _on(_NOOR, f"slack:main:{NOOR_SLACK}"),
        _on(_ANNA),  # comes in by invitation, on Telegram
        _on(_BRAM, f"sms:main:{BRAM_SMS}"),
        PersonTable("eva", "Eva", "en", "Europe/Berlin", (f"whatsapp:main:{EVA}",)),
        PersonTable("dewi", "Dewi", "nl", _AMSTERDAM, (f"email:main:{DEWI_MAIL}",)),
        PersonTable("finn", "Finn", "en", "Europe/Dublin", (f"matrix:main:@{FINN}:{SERVER}",)),
        PersonTable("sem", "Sem", "en", _AMSTERDAM),  # comes in by web chat
        PersonTable(
            "mila", "Mila", "en", _AMSTERDAM, (f"telegram:main:{MILA}", f"voice:main:{MILA_AT}")
        ),
        PersonTable("tom", "Tom", "nl", _AMSTERDAM, (f"voice:main:{TOM_AT}",)),
    ),
    trajectory=(
        *_TWO,
        _with("eva"),
        _with("dewi"),
        _with("finn"),
        _with("sem"),
        _with("tom", "mila"),
    ),
)
"""Who is on the page: each on another network; Dewi reads the bridge in Dutch.

Tom has nothing but a telephone, and hears Dutch; Mila has one too, and Telegram on it.
"""
TRAJECTORIES = {one.clients[0]: one.id for one in EVERYBODY.trajectory}
"""The trajectory of each client."""
