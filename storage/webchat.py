"""What the pages of web chat need beside the log: sessions, codes, notes and uploads.

1. A session's token and a code are only here as hashes; a session ends when it was not used for
   ``SESSION_DAYS``, a code when it was used or ran out.
2. Notes are what the desk said on a page: they are in no log, so the newest few are kept here.
3. An upload is kept under the bridge's key until the message that sends it has fetched it, and
   no longer than ``UPLOAD_DAYS``; one page may leave ``MOST_UPLOADS`` lying about (I16).
4. With an endpoint goes what its pages hold: sessions, codes and notes in the same commit, uploads
   when a message that may still send one has had its time. Where somebody's words are destroyed,
   notes and uploads of all their pages go at once, for the person's own key does not seal them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from bridge.core.content import Attachment
from storage import crypto
from storage.blob_rows import find_blob, put_blob
from storage.codec import instant, micros
from storage.keys import BRIDGE_KEY
from storage.sql import Sql

if TYPE_CHECKING:
    from storage.engine import Store
    from storage.transaction import Transaction

NETWORK = "web"
SESSION_DAYS = 400
UPLOAD_DAYS = 7
MOST_UPLOADS = 30
MOST_NOTES = 20
_TOUCH_EVERY = timedelta(hours=12)
_FETCHED_FOR = timedelta(hours=2)
_NEVER = 2**62

_FIND_SESSION = Sql(
    "SELECT account, address, language, seen_at FROM chat_sessions "
    "WHERE token_hash = ? AND seen_at > ?"
)
_PUT_SESSION = Sql(
    "INSERT INTO chat_sessions (token_hash, account, address, language, created_at, seen_at) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
_DROP_SESSIONS = Sql("DELETE FROM chat_sessions WHERE seen_at <= ?")
_TOUCH = Sql("UPDATE chat_sessions SET seen_at = ? WHERE token_hash = ?")
_END = Sql("DELETE FROM chat_sessions WHERE token_hash = ?")
_END_OTHERS = Sql("DELETE FROM chat_sessions WHERE account = ? AND address = ? AND token_hash <> ?")
_COUNT = Sql("SELECT COUNT(*) FROM chat_sessions WHERE account = ? AND address = ? AND seen_at > ?")
_PUT_CODE = Sql(
    "INSERT INTO chat_codes (code_hash, account, address, expires_at) VALUES (?, ?, ?, ?)"
)
_TAKE_CODE = Sql(
    "DELETE FROM chat_codes WHERE code_hash = ? AND account = ? AND expires_at > ? "
    "RETURNING address"
)
_DROP_CODES = Sql("DELETE FROM chat_codes WHERE expires_at <= ?")
_PUT_NOTE = Sql(
    "INSERT INTO chat_notes (id, account, address, at, sealed) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO NOTHING"
)
_DROP_NOTES = Sql(
    "DELETE FROM chat_notes WHERE account = ? AND address = ? AND id NOT IN (SELECT id FROM "
    "chat_notes WHERE account = ? AND address = ? ORDER BY at DESC, id LIMIT ?)"
)
_NOTES = Sql(
    "SELECT id, at, sealed FROM chat_notes WHERE account = ? AND address = ? ORDER BY at, id"
)
_UPLOADS = Sql("SELECT COUNT(*) FROM chat_uploads WHERE account = ? AND address = ?")
_PUT_UPLOAD = Sql(
    "INSERT INTO chat_uploads (id, account, address, created_at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (id) DO NOTHING"
)
_FETCHED = Sql("UPDATE chat_uploads SET fetched_at = ? WHERE id = ? AND fetched_at IS NULL")
_OVER = Sql("SELECT id FROM chat_uploads WHERE created_at < ? OR fetched_at < ? LIMIT 100")
_KEEP = Sql("UPDATE blobs SET not_before = ? WHERE id = ? AND state = 'pending'")
_DROP_CHUNKS = Sql("DELETE FROM blob_chunks WHERE blob = ?")
_DROP_BLOB = Sql("DELETE FROM blobs WHERE id = ?")
_END_ALL = Sql("DELETE FROM chat_sessions WHERE account = ? AND address = ?")
_END_CODES = Sql("DELETE FROM chat_codes WHERE account = ? AND address = ?")
_END_NOTES = Sql("DELETE FROM chat_notes WHERE account = ? AND address = ?")
_END_UPLOADS = Sql(
    "UPDATE chat_uploads SET fetched_at = ? WHERE account = ? AND address = ? "
    "AND fetched_at IS NULL"
)
_ALL_UPLOADS = Sql("SELECT id FROM chat_uploads WHERE account = ? AND address = ?")
_PAGES = Sql("SELECT account, address FROM endpoints WHERE network = ? AND person = ?")
_DROP_UPLOAD = Sql("DELETE FROM chat_uploads WHERE id = ?")


class Session(msgspec.Struct, frozen=True):
    """A browser that may read and write as one endpoint; ``stale`` = touch it."""

    account: str
    address: str
    language: str
    stale: bool


class Note(msgspec.Struct, frozen=True):
    """What the desk said; ``said`` is JSON as the adapter rendered it."""

    id: str
    at: datetime
    said: bytes


def upload_name(ref: str) -> str:
    """Return the id of the blob that holds an upload; ``ref`` is ``<address>/<upload id>``."""
    return f"web/{ref}"


def find_session(store: Store, token_hash: str, now: datetime) -> Session | None:
    """Return a session that has not ended. Raises StoreError."""
    with store.reading() as connection:
        rows = _FIND_SESSION.rows(connection, token_hash, _ended(now))
    if not rows:
        return None
    account, address, language, seen_at = rows[0]
    return Session(account, address, language, now - instant(seen_at) > _TOUCH_EVERY)


def count_sessions(store: Store, account: str, address: str, now: datetime) -> int:
    """Return how many browsers read as an endpoint. Raises StoreError."""
    with store.reading() as connection:
        return int(_COUNT.rows(connection, account, address, _ended(now))[0][0])


def notes(store: Store, account: str, address: str) -> list[Note]:
    """Return what the desk said on an endpoint's page, oldest first. Raises StoreError."""
    with store.reading() as connection:
        sealer = store.keyring().find(connection, *BRIDGE_KEY)
        if sealer is None:
            return []
        return [
            Note(id, instant(at), sealer.open(sealed, crypto.fields("chat_notes", id)))
            for id, at, sealed in _NOTES.rows(connection, account, address)
        ]


def _ended(now: datetime) -> int:
    return micros(now - timedelta(days=SESSION_DAYS))


class WebChat:
    """The pages' own rows within one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def put_session(self, token_hash: str, account: str, address: str, language: str) -> None:
        """Let a browser read and write as an endpoint."""
        at = self._tx.at
        _DROP_SESSIONS.run(self._tx.connection, _ended(self._tx.now))
        _PUT_SESSION.run(self._tx.connection, token_hash, account, address, language, at, at)

    def touch_session(self, token_hash: str) -> None:
        """Note that a session is in use."""
        _TOUCH.run(self._tx.connection, self._tx.at, token_hash)

    def end_session(self, token_hash: str) -> None:
        """End one session."""
        _END.run(self._tx.connection, token_hash)

    def end_other_sessions(self, token_hash: str, account: str, address: str) -> int:
        """End all sessions of an endpoint but this one; return how many."""
        return _END_OTHERS.run(self._tx.connection, account, address, token_hash)

    def close(self, account: str, address: str) -> None:
        """Let nobody read or write as an endpoint any more, from whichever device."""
        connection = self._tx.connection
        for end in (_END_ALL, _END_CODES, _END_NOTES):
            end.run(connection, account, address)
        _END_UPLOADS.run(connection, self._tx.at, account, address)
        self._sweep()

    def erase(self, person: str) -> None:
        """Forget what somebody's pages hold beside the log; who is signed in stays so."""
        connection = self._tx.connection
        for account, address in _PAGES.rows(connection, NETWORK, person):
            _END_NOTES.run(connection, account, address)
            for (ref,) in _ALL_UPLOADS.rows(connection, account, address):
                self._drop(ref)

    def put_code(self, code_hash: str, account: str, address: str, minutes: int) -> None:
        """Keep a code that opens an endpoint's page elsewhere, once."""
        connection = self._tx.connection
        _DROP_CODES.run(connection, self._tx.at)
        until = micros(self._tx.now + timedelta(minutes=minutes))
        _PUT_CODE.run(connection, code_hash, account, address, until)

    def take_code(self, code_hash: str, account: str) -> str:
        """Use a code up; return the address it opens, '' when it opens none."""
        rows = _TAKE_CODE.rows(self._tx.connection, code_hash, account, self._tx.at)
        return str(rows[0][0]) if rows else ""

    def put_note(self, id: str, account: str, address: str, said: bytes) -> None:
        """Keep what the desk said; the same id again changes nothing."""
        connection = self._tx.connection
        sealed = self._tx.bridge_sealer.seal(said, crypto.fields("chat_notes", id))
        _PUT_NOTE.run(connection, id, account, address, self._tx.at, sealed)
        _DROP_NOTES.run(connection, *(account, address) * 2, MOST_NOTES)

    def begin_upload(self, ref: str, account: str, address: str, mime: str) -> str:
        """Make room for a file; return ``wanted``, ``stored`` (it is here) or ``too_many``."""
        name = upload_name(ref)
        known = find_blob(self._tx, name)
        if known is not None:
            return "stored" if known.state == "stored" else "wanted"
        self._sweep()
        if _UPLOADS.rows(self._tx.connection, account, address)[0][0] >= MOST_UPLOADS:
            return "too_many"
        put_blob(self._tx, *BRIDGE_KEY, NETWORK, account, Attachment(id=name, mime=mime))
        # Nobody fetches it: its bytes come to us.
        _KEEP.run(self._tx.connection, _NEVER, name)
        _PUT_UPLOAD.run(self._tx.connection, ref, account, address, self._tx.at)
        return "wanted"

    def upload_fetched(self, ref: str) -> None:
        """The message that sends it has read it: it may go after a while."""
        _FETCHED.run(self._tx.connection, self._tx.at, ref)

    def _sweep(self) -> None:
        """Forget uploads that are over."""
        connection, now = self._tx.connection, self._tx.now
        old = micros(now - timedelta(days=UPLOAD_DAYS))
        for (ref,) in _OVER.rows(connection, old, micros(now - _FETCHED_FOR)):
            self._drop(ref)

    def _drop(self, ref: str) -> None:
        connection = self._tx.connection
        _DROP_CHUNKS.run(connection, upload_name(ref))
        _DROP_BLOB.run(connection, upload_name(ref))
        _DROP_UPLOAD.run(connection, ref)
