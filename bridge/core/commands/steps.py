"""Something small to do, and a number that says where somebody stands."""

from __future__ import annotations

from datetime import datetime

import msgspec


class AgreeStep(msgspec.Struct, frozen=True):
    """A coach, or the client, puts a step into words; it is asked about when it is due.

    ``as_is`` = its author was asked how one would notice already, and keeps it so.
    """

    party: str
    client: str
    text: str
    due: datetime
    as_is: bool = False


class CloseStep(msgspec.Struct, frozen=True):
    """A coach takes a step off the list; ``done`` = because the client did it, and told her."""

    party: str
    step: int
    done: bool = False


class FollowUpStep(msgspec.Struct, frozen=True):
    """A coach wants a client asked now how a step went, instead of when it is due."""

    party: str
    step: int


class AskScale(msgspec.Struct, frozen=True):
    """A coach asks a client for a number from 0 to 10."""

    party: str
    client: str
    text: str
