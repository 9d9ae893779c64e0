"""Something small to do, and a number that says where somebody stands."""

from __future__ import annotations

from datetime import datetime

import msgspec


class AgreeStep(msgspec.Struct, frozen=True):
    """A coach, or the client, puts a step into words; it is asked about when it is due."""

    party: str
    client: str
    text: str
    due: datetime


class CloseStep(msgspec.Struct, frozen=True):
    """A coach takes a step off the list."""

    party: str
    step: int


class AskScale(msgspec.Struct, frozen=True):
    """A coach asks a client for a number from 0 to 10."""

    party: str
    client: str
    text: str
