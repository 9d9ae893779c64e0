"""People at the door: open questions, strangers, and what they tried. Rare, so written at once."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from storage.codec import decode_texts, encode_texts, instant, maybe_instant, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.endpoint import Endpoint, Place
    from storage.transaction import Transaction


class Ask(msgspec.Struct, frozen=True):
    """The question "which client?" to one person in one place; ``chosen`` is a trajectory.

    ``asked`` is when it was put last.
    """

    id: str
    person: str
    trajectories: tuple[str, ...]
    answered: datetime | None
    chosen: str
    asked: datetime


class Stranger(msgspec.Struct, frozen=True):
    """Somebody who wrote and is not known; ``tries`` counts wrong codes.

    A ``count`` of 0 is somebody who is known and sent wrong codes.
    """

    name: str
    language: str
    first_at: datetime
    last_at: datetime
    count: int
    answered_at: datetime | None
    tries: int
    blocked_until: datetime | None


_PUT_ASK = Sql(
    "INSERT INTO asks (id, network, account, chat, thread, person, trajectories, created_at, "
    "chosen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '')"
)
_ASK_COLUMNS = "SELECT id, person, trajectories, answered_at, chosen, created_at FROM asks "
_ASK = Sql(_ASK_COLUMNS + "WHERE id = ?")
_OPEN_ASK = Sql(
    _ASK_COLUMNS + "WHERE person = ? AND network = ? AND account = ? AND chat = ? AND thread = ? "
    "AND answered_at IS NULL ORDER BY created_at DESC LIMIT 1"
)
_ASKED_PEOPLE = Sql("SELECT DISTINCT person FROM asks WHERE answered_at IS NULL")
_ASK_AGAIN = Sql("UPDATE asks SET created_at = ? WHERE id = ?")
_ANSWER = Sql("UPDATE asks SET answered_at = ?, chosen = ? WHERE id = ? AND answered_at IS NULL")
_OF = "WHERE network = ? AND account = ? AND address = ?"
_STRANGER = Sql(
    "SELECT name, language, first_at, last_at, count, answered_at, tries, blocked_until "
    "FROM strangers " + _OF
)
_SEEN = Sql(
    "INSERT INTO strangers (network, account, address, name, language, first_at, last_at, count, "
    "tries) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 0) ON CONFLICT (network, account, address) "
    "DO UPDATE SET name = excluded.name, language = excluded.language, "
    "last_at = excluded.last_at, count = strangers.count + 1"
)
_ANSWERED = Sql(f"UPDATE strangers SET answered_at = ? {_OF}")  # noqa: S608 - a constant
_FAILED = Sql(
    "INSERT INTO strangers (network, account, address, name, language, first_at, last_at, count, "
    "tries) VALUES (?, ?, ?, '', '', ?, ?, 0, 1) ON CONFLICT (network, account, address) "
    "DO UPDATE SET tries = strangers.tries + 1 RETURNING tries"
)
_BLOCKED = Sql(f"UPDATE strangers SET blocked_until = ?, tries = 0 {_OF}")  # noqa: S608
_FORGET = Sql(f"DELETE FROM strangers {_OF}")  # noqa: S608 - a constant


class Door:
    """Asks and strangers within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._asked: set[str] | None = None

    def asked_people(self) -> set[str]:
        """Return who has not answered a question yet, in whatever place."""
        if self._asked is None:
            self._asked = {str(row[0]) for row in _ASKED_PEOPLE.rows(self._tx.connection)}
        return self._asked

    def put_ask(self, ask: str, place: Place, person: str, trajectories: Sequence[str]) -> None:
        """Note that a person was asked which trajectory their message is for."""
        _PUT_ASK.run(
            self._tx.connection,
            ask,
            *(place.network, place.account, place.chat, place.thread, person),
            encode_texts(tuple(trajectories)),
            self._tx.at,
        )
        self._asked = None

    def ask_again(self, ask: str) -> None:
        """Note that a question was put once more, just now."""
        _ASK_AGAIN.run(self._tx.connection, self._tx.at, ask)

    def ask(self, ask: str) -> Ask | None:
        """Return a question, answered or not."""
        rows = _ASK.rows(self._tx.connection, ask)
        return _ask(*rows[0]) if rows else None

    def open_ask(self, place: Place, person: str) -> Ask | None:
        """Return the question a person has not answered yet in a place."""
        where = (place.network, place.account, place.chat, place.thread)
        rows = _OPEN_ASK.rows(self._tx.connection, person, *where)
        return _ask(*rows[0]) if rows else None

    def answer_ask(self, ask: str, chosen: str) -> bool:
        """Note the answer; False when somebody had answered before."""
        self._asked = None
        return _ANSWER.run(self._tx.connection, self._tx.at, chosen, ask) == 1

    def stranger(self, endpoint: Endpoint) -> Stranger | None:
        """Return what is known of a stranger."""
        rows = _STRANGER.rows(self._tx.connection, *_key(endpoint))
        if not rows:
            return None
        name, language, first_at, last_at, count, answered_at, tries, blocked_until = rows[0]
        return Stranger(
            name,
            language,
            instant(first_at),
            instant(last_at),
            count,
            maybe_instant(answered_at),
            tries,
            maybe_instant(blocked_until),
        )

    def stranger_seen(self, endpoint: Endpoint, name: str, language: str) -> Stranger:
        """Count a message of a stranger; return how they stand now."""
        at = self._tx.at
        _SEEN.run(self._tx.connection, *_key(endpoint), name[:200], language[:35], at, at)
        found = self.stranger(endpoint)
        if found is None:
            raise LookupError("a stranger was written and is not there")
        return found

    def stranger_answered(self, endpoint: Endpoint) -> None:
        """Note that a stranger got the polite fixed answer just now."""
        _ANSWERED.run(self._tx.connection, self._tx.at, *_key(endpoint))

    def stranger_failed(self, endpoint: Endpoint, limit: int, blocked_until: datetime) -> int:
        """Count a wrong code; at the limit the door closes until then. Return the tries so far.

        Somebody known has tries too: theirs is a row that counts no message (``count`` is 0).
        """
        at = self._tx.at
        rows = _FAILED.rows(self._tx.connection, *_key(endpoint), at, at)
        tries = int(rows[0][0])
        if tries >= limit:
            _BLOCKED.run(self._tx.connection, micros(blocked_until), *_key(endpoint))
        return tries

    def forget_stranger(self, endpoint: Endpoint) -> None:
        """Forget a stranger who is known now."""
        _FORGET.run(self._tx.connection, *_key(endpoint))


def _key(endpoint: Endpoint) -> tuple[str, str, str]:
    return (endpoint.network, endpoint.account, endpoint.address)


def _ask(
    id: str, person: str, trajectories: str, answered_at: int | None, chosen: str, asked_at: int
) -> Ask:
    answered = maybe_instant(answered_at)
    return Ask(id, person, decode_texts(trajectories), answered, chosen, instant(asked_at))
