"""Who plays: the made-up people of the transcript and of the page, as practice files."""

from __future__ import annotations

import msgspec

from bridge.runtime.practice_file import PersonTable, Practice, TrajectoryTable

NOOR, ANNA, BRAM, DEWI = 111, 222, 333, 444
"""Their numbers on the emulated Telegram."""

_AMSTERDAM = "Europe/Amsterdam"
_NOOR = PersonTable("noor", "Noor", "nl", _AMSTERDAM, (f"telegram:main:{NOOR}",))
_ANNA = PersonTable("anna", "Anna", "en", "Europe/Lisbon")  # comes in by invitation
_BRAM = PersonTable("bram", "Bram", "nl", _AMSTERDAM, (f"telegram:main:{BRAM}",))
_DEWI = PersonTable("dewi", "Dewi", "nl", _AMSTERDAM, (f"telegram:main:{DEWI}",))
_SEM = PersonTable("sem", "Sem", "en", _AMSTERDAM)  # comes by web chat, in a tab of his own
_ENGLISH = tuple(msgspec.structs.replace(one, language="en") for one in (_NOOR, _ANNA, _BRAM))
_TWO = (
    TrajectoryTable("anna-2026", ("noor",), ("anna",), consent="ask"),
    TrajectoryTable("bram-2026", ("noor",), ("bram",), consent="recorded"),
)
_THIRD = TrajectoryTable("dewi-2026", ("noor",), ("dewi",), consent="recorded")
_FOURTH = TrajectoryTable("sem-2026", ("noor",), ("sem",), consent="recorded")

STORY = Practice(person=(_NOOR, _ANNA, _BRAM), trajectory=_TWO)
"""Who plays in the transcript."""
EVERYBODY = Practice(person=(*_ENGLISH, _DEWI, _SEM), trajectory=(*_TWO, _THIRD, _FOURTH))
"""Who is on the page: three with a phone, Sem by web chat; Dewi reads the bridge in Dutch."""
TRAJECTORIES = {one.clients[0]: one.id for one in EVERYBODY.trajectory}
"""The trajectory of each client."""
