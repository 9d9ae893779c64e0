"""The numbered questions that stand in each place, so that a digit is the answer to one of them.

1. Only questions that went out as a numbered list stand here: where there are buttons, a digit is
   an ordinary word.
2. Which numbers a question has, and which it takes the place of: see ``bridge.core.numbering``. An
   answer ends a question, and so do ``STANDS`` hours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core.numbering import Question, left_after
from storage.codec import decode_texts, encode_texts, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from bridge.core.endpoint import Place
    from storage.transaction import Transaction

STANDS = timedelta(hours=24)

_HERE = "WHERE network = ? AND account = ? AND chat = ? AND thread = ?"
_PUT = Sql(
    "INSERT INTO questions (network, account, chat, thread, first, ref, keys, person, subject, "
    "asked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ALL = Sql(
    "SELECT ref, keys, person, first, subject FROM questions "  # noqa: S608 - a constant
    f"{_HERE} AND asked_at >= ? ORDER BY asked_at DESC, first DESC"
)
_GIVE_WAY = Sql(f"DELETE FROM questions {_HERE} AND first = ?")  # noqa: S608
_OLD = Sql(f"DELETE FROM questions {_HERE} AND asked_at < ?")  # noqa: S608
_END = Sql(f"DELETE FROM questions {_HERE} AND ref = ?")  # noqa: S608


class Questions:
    """Numbered questions within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(self, place: Place, asked: Question) -> None:
        """Let a question stand in a place, beside those that keep their numbers."""
        connection, here = self._tx.connection, _key(place)
        _OLD.run(connection, *here, self._since())
        before = self.standing(place)
        left = {one.first for one in left_after(before, asked)}
        for one in before:
            if one.first not in left:
                _GIVE_WAY.run(connection, *here, one.first)
        keys = encode_texts(asked.keys)
        row = (asked.first, asked.ref, keys, asked.person, asked.subject, self._tx.at)
        _PUT.run(connection, *here, *row)

    def standing(self, place: Place) -> tuple[Question, ...]:
        """Return the questions that stand in a place, the newest first."""
        rows = _ALL.rows(self._tx.connection, *_key(place), self._since())
        return tuple(
            Question(ref, decode_texts(keys), person, first, subject)
            for ref, keys, person, first, subject in rows
        )

    def get(self, place: Place) -> Question | None:
        """Return the newest question that stands in a place."""
        return next(iter(self.standing(place)), None)

    def end(self, place: Place, ref: str) -> None:
        """The question was answered."""
        _END.run(self._tx.connection, *_key(place), ref)

    def _since(self) -> int:
        return micros(self._tx.now - STANDS)


def _key(place: Place) -> tuple[str, str, str, str]:
    return (place.network, place.account, place.chat, place.thread)
