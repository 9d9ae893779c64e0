"""The end of a trajectory, and what becomes of what was written."""

from __future__ import annotations

import msgspec


class AskToClose(msgspec.Struct, frozen=True):
    """A coach wants to end a trajectory, and is asked whether that is meant."""

    party: str


class SetRetention(msgspec.Struct, frozen=True):
    """The practice says for how many days a closed log is kept; 0 = without an end."""

    days: int


class ChooseParting(msgspec.Struct, frozen=True):
    """A client says by a word what shall happen: ``keep``, ``take``, ``destroy`` or ``sure``.

    ``sure`` are the words that destroy; they count only right after they were asked for.
    """

    party: str
    choice: str


class TakeLog(msgspec.Struct, frozen=True):
    """A client opened what they take along."""

    party: str
