"""What only the API answers; the rest is what the pages are made of."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.web.shapes import Found


class Me(msgspec.Struct, frozen=True):
    """Whose token it is and what it may do."""

    person: str
    name: str
    scopes: tuple[str, ...]


class SearchAnswer(msgspec.Struct, frozen=True):
    """What was found; ``more`` = there may be others beyond the limit."""

    hits: tuple[Found, ...]
    searched: int
    total: int
    more: bool


class SessionLine(msgspec.Struct, frozen=True):
    """A browser the person is signed in with."""

    id: str
    agent: str
    created_at: datetime
    last_at: datetime
    expires_at: datetime


class Sessions(msgspec.Struct, frozen=True):
    """Where the person is signed in, the one used last first."""

    sessions: tuple[SessionLine, ...]


class KeptFile(msgspec.Struct, frozen=True):
    """A file that a message can show as its ``attachment``, within an hour."""

    id: str
    size: int


class LostCode(msgspec.Struct, frozen=True):
    """The code, which is shown once; sent from the new phone it asks a coach whether it is they."""

    code: str
    expires_at: datetime
