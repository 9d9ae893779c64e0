"""What `doctor` asks an account: more than that it works, before anybody relies on it.

1. A finding that is not well says what to do about it; it holds no secret and nobody's words.
2. A probe changes nothing at the network and takes nothing from a bridge that is running beside it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


class Grade(StrEnum):
    """How well something is; only ``wrong`` keeps people from being reached."""

    WELL = "well"
    DOUBTFUL = "doubtful"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at: ``about`` names it in a word or two, ``todo`` is for the operator."""

    grade: Grade
    about: str
    found: str
    todo: str = ""


def well(about: str, found: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Grade.WELL, about, found)


def doubtful(about: str, found: str, todo: str) -> Finding:
    """Return that something works now, or will after the start, but wants a look."""
    return Finding(Grade.DOUBTFUL, about, found, todo)


def wrong(about: str, found: str, todo: str) -> Finding:
    """Return that something has to be mended."""
    return Finding(Grade.WRONG, about, found, todo)


@runtime_checkable
class Probes(Protocol):
    """An account that can be looked at closely."""

    def called_at(self) -> str:
        """Return the address at which we are called from outside; '' where nobody calls us."""

    async def probe(self) -> Sequence[Finding]:
        """Look at what the account needs beyond ``check``, which has passed. Raises SendError."""
