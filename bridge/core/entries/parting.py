"""The end: how long a log is kept, what each client chose, and what was destroyed of it."""

from __future__ import annotations

from datetime import datetime

from bridge.core.entries.base import Line


class RetentionSet(Line, frozen=True, kw_only=True):
    """It was agreed for how many days the log is kept once it is closed; 0 = no end was agreed."""

    days: int


class PartingAsked(Line, frozen=True, kw_only=True):
    """A client was asked what shall happen to what was written; ``question`` is that notice.

    ``reason``: it was ``closed``, they had not answered (``again``), or it ``ends`` soon.
    """

    party: str
    question: int
    reason: str = "closed"


class PartingDecided(Line, frozen=True, kw_only=True):
    """A client chose: ``keep``, ``take`` or ``destroy``; ``until`` is when keeping ends."""

    party: str
    choice: str
    until: datetime | None = None


class LogExported(Line, frozen=True, kw_only=True):
    """A client opened what they take along, the log up to ``last``; once for several pages."""

    party: str
    last: int


class WordsDestroyed(Line, frozen=True, kw_only=True):
    """The keys of these ``owners`` were destroyed, so nobody can read their words any more.

    ``party`` is the client who ``chose`` it, '' when what was agreed was over (``retention``).
    ``told`` are those who hear of it by this line: a notice of their own could not be sealed.
    """

    owners: tuple[str, ...]
    party: str = ""
    how: str = "chosen"
    told: tuple[str, ...] = ()
