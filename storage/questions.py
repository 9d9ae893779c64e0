"""The last numbered question in each place, so that a digit is its answer.

1. Only questions that went out as a numbered list stand here: where there are buttons, a digit is
   an ordinary word.
2. One question stands per place; the next one takes its place, an answer ends it, and so do
   ``STANDS`` hours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from storage.codec import decode_texts, encode_texts, instant
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.endpoint import Place
    from storage.transaction import Transaction

STANDS = timedelta(hours=24)


class Question(msgspec.Struct, frozen=True):
    """What a digit answers: the n-th of ``keys``, of the question ``ref``."""

    ref: str
    keys: tuple[str, ...]
    person: str


_HERE = "WHERE network = ? AND account = ? AND chat = ? AND thread = ?"
_PUT = Sql(
    "INSERT INTO questions (network, account, chat, thread, ref, keys, person, asked_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (network, account, chat, thread) DO UPDATE SET "
    "ref = excluded.ref, keys = excluded.keys, person = excluded.person, "
    "asked_at = excluded.asked_at"
)
_GET = Sql(f"SELECT ref, keys, person, asked_at FROM questions {_HERE}")  # noqa: S608
_END = Sql(f"DELETE FROM questions {_HERE}")  # noqa: S608


class Questions:
    """Numbered questions within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put(self, place: Place, ref: str, keys: Sequence[str], person: str) -> None:
        """Let a question stand in a place, instead of the one before."""
        asked = (ref, encode_texts(tuple(keys)), person, self._tx.at)
        _PUT.run(self._tx.connection, *_key(place), *asked)

    def get(self, place: Place) -> Question | None:
        """Return the question that stands in a place."""
        rows = _GET.rows(self._tx.connection, *_key(place))
        for ref, keys, person, asked_at in rows:
            if self._tx.now - instant(asked_at) <= STANDS:
                return Question(ref, decode_texts(keys), person)
        return None

    def end(self, place: Place) -> None:
        """The question was answered."""
        _END.run(self._tx.connection, *_key(place))


def _key(place: Place) -> tuple[str, str, str, str]:
    return (place.network, place.account, place.chat, place.thread)
