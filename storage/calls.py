"""Telephone calls beside the log: which trajectory each belongs to, and what was answered.

1. A call's route is written with its first line and outlives the call, for news of it comes late.
2. What was answered to a payload is kept for a day: when the network asks again, it hears the same.
3. So are words on their way to somebody who has only a telephone: they are what was judged when
   the row was claimed, sealed under the key of their owner.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core.effects import SendMessage
from bridge.core.speech import Answer
from storage import crypto
from storage.codec import decode_effect, decode_texts, encode_effect, encode_texts, micros
from storage.sql import Sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.transaction import Transaction

KEPT = timedelta(days=1)

_PUT_ROUTE = Sql(
    "INSERT INTO call_routes (call, trajectory, options, at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (call) DO UPDATE SET trajectory = excluded.trajectory, "
    "options = excluded.options"
)
_ROUTE = Sql("SELECT trajectory, options FROM call_routes WHERE call = ?")
_PUT_ANSWER = Sql(
    "INSERT INTO call_answers (network, account, key, at, sealed) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (network, account, key) DO NOTHING"
)
_ANSWER = Sql("SELECT sealed FROM call_answers WHERE network = ? AND account = ? AND key = ?")
_PUT_WORDS = Sql(
    "INSERT INTO call_words (key, trajectory, owner, at, sealed) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET at = excluded.at, sealed = excluded.sealed"
)
_WORDS = Sql("SELECT trajectory, owner, sealed FROM call_words WHERE key = ?")
_ANSWERED = Sql("SELECT network, account, key FROM call_answers")
_FORGET_ANSWER = Sql("DELETE FROM call_answers WHERE network = ? AND account = ? AND key = ?")
_FORGET = (Sql("DELETE FROM call_answers WHERE at < ?"), Sql("DELETE FROM call_words WHERE at < ?"))


class Route(msgspec.Struct, frozen=True):
    """Where a call belongs: a trajectory, or '' while its caller chooses one of the options."""

    trajectory: str
    options: tuple[str, ...] = ()


class CallRows:
    """Calls within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put_route(self, call: str, trajectory: str, options: Sequence[str] = ()) -> None:
        """Remember where a call belongs."""
        values = (call, trajectory, encode_texts(tuple(options)), self._tx.at)
        _PUT_ROUTE.run(self._tx.connection, *values)

    def route(self, call: str) -> Route | None:
        """Return where a call belongs, None when it is not known."""
        for trajectory, options in _ROUTE.rows(self._tx.connection, call):
            return Route(trajectory, decode_texts(options))
        return None

    def put_answer(self, network: str, account: str, key: str, answer: Answer) -> None:
        """Keep what was answered to a payload."""
        sealed = self._tx.bridge_sealer.seal(msgspec.json.encode(answer), _bound(key))
        self._forget()
        _PUT_ANSWER.run(self._tx.connection, network, account, key, self._tx.at, sealed)

    def answer(self, network: str, account: str, key: str) -> Answer | None:
        """Return what was answered to a payload, None when it was nothing."""
        for (sealed,) in _ANSWER.rows(self._tx.connection, network, account, key):
            plain = self._tx.bridge_sealer.open(bytes(sealed), _bound(key))
            return msgspec.json.decode(plain, type=Answer)
        return None

    def forget_answers(self, naming: Sequence[str]) -> None:
        """Forget the answers that hold one of these words: somebody's name, or their number."""
        connection = self._tx.connection
        for network, account, key in _ANSWERED.rows(connection):
            answer = self.answer(network, account, key)
            said = msgspec.json.encode(answer).decode()
            if any(word in said for word in naming):
                _FORGET_ANSWER.run(connection, network, account, key)

    def keep_words(self, key: str, trajectory: str, owner: str, effect: SendMessage) -> None:
        """Keep what is to be read out for a row of the outbox, until somebody picks up."""
        sealer = self._tx.sealer(trajectory, owner)
        if sealer is not None:
            self._forget()
            sealed = sealer.seal(encode_effect(effect), _words_bound(key))
            values = (key, trajectory, owner, self._tx.at, sealed)
            _PUT_WORDS.run(self._tx.connection, *values)

    def words(self, key: str) -> SendMessage | None:
        """Return what is to be read out for a row, None where nothing is, or not any more."""
        for trajectory, owner, sealed in _WORDS.rows(self._tx.connection, key):
            opener = self._tx.opener(trajectory, owner)
            if opener is not None:
                effect = decode_effect(opener.open(bytes(sealed), _words_bound(key)))
                return effect if isinstance(effect, SendMessage) else None
        return None

    def _forget(self) -> None:
        before = micros(self._tx.now - KEPT)
        for statement in _FORGET:
            statement.run(self._tx.connection, before)


def _bound(key: str) -> bytes:
    return crypto.fields("call_answers", key)


def _words_bound(key: str) -> bytes:
    return crypto.fields("call_words", key)
