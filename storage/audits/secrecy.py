"""I13, as far as there is data for it: words are readable only with a key that still exists.

1. No sealed field stands in an envelope, and what is sealed opens under exactly its own key.
2. A destroyed key is really gone, and what was sealed under it stays shut.
3. Kept payloads are sealed, and emptied once they are settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import msgspec
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.errors import StoreError
from storage import codec, crypto
from storage import tables as t
from storage.blobs import OVERHEAD
from storage.keys import BRIDGE_KEY
from storage.reading import streamed

if TYPE_CHECKING:
    from storage.audits.report import Tally
    from storage.audits.rows import EntryRow
    from storage.keys import Keyring

_SEALED = {str(kind.__struct_config__.tag): kind.SEALED for kind in get_args(e.Entry)}


def opened(tally: Tally, connection: sa.Connection, keys: Keyring, row: EntryRow) -> e.Entry | None:
    """Judge how a line is kept; return its entry, None when it cannot be read."""
    tally.checked += 1
    hidden: bytes | None = None
    if row.sealed is not None:
        if is_plain(row.sealed):
            tally.fault(row.where, "its words are not sealed")
        try:
            sealer = keys.find(connection, row.trajectory, row.owner)
            if sealer is not None:
                bound_to = crypto.entry_binding(row.trajectory, row.seq, row.kind)
                hidden = sealer.open(row.sealed, bound_to)
            elif not destroyed(connection, row.trajectory, row.owner):
                tally.fault(row.where, "the key of its words is missing, yet was not destroyed")
        except StoreError:
            tally.fault(row.where, "its words do not open under their key")
    if _SEALED.get(row.kind, frozenset()) & _names(row.envelope):
        tally.fault(row.where, "words stand in its envelope")
    try:
        return codec.join_entry(row.kind, row.author, row.envelope, hidden)
    except StoreError:
        return None


def is_plain(data: bytes) -> bool:
    """Tell whether bytes that should be ciphertext are JSON."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


def _names(envelope: bytes) -> frozenset[str]:
    try:
        return frozenset(msgspec.json.decode(envelope, type=dict[str, msgspec.Raw]))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return frozenset()


def destroyed(connection: sa.Connection, trajectory: str, owner: str) -> bool:
    """Tell whether the key of somebody's words was destroyed on purpose."""
    c = t.data_keys.c
    query = sa.select(c.destroyed_at).where(c.trajectory == trajectory, c.owner == owner)
    return connection.execute(query).scalar() is not None


def check_keys(tally: Tally, connection: sa.Connection, keys: Keyring) -> None:
    """Judge that destroyed keys are gone and the others open under the master key."""
    c = t.data_keys.c
    query = sa.select(c.trajectory, c.owner, c.wrapped, c.destroyed_at)
    for trajectory, owner, wrapped, destroyed_at in streamed(connection, query):
        where = f"key of {trajectory or 'the bridge'}/{owner}"
        tally.require((wrapped is None) == (destroyed_at is not None), where, "half destroyed")
        if wrapped is None:
            continue
        try:
            keys.find(connection, trajectory, owner)
        except StoreError:
            tally.fault(where, "it does not open under the master key")


def check_payloads(tally: Tally, connection: sa.Connection, keys: Keyring) -> None:
    """Judge that kept payloads are sealed, under a key we have or one that was destroyed."""
    _kept_inbox(tally, connection, keys)
    c = t.outbox.c
    query = sa.select(c.id, c.payload).where(c.payload.is_not(None))
    for number, payload in streamed(connection, query):
        tally.require(not is_plain(payload), f"outbox {number}", "its payload is not sealed")


def _kept_inbox(tally: Tally, connection: sa.Connection, keys: Keyring) -> None:
    c = t.inbox.c
    query = sa.select(c.id, c.payload).where(c.payload.is_not(None))
    for number, payload in streamed(connection, query):
        tally.require(not is_plain(payload), f"inbox {number}", "its payload is not sealed")
    sealer = keys.find(connection, *BRIDGE_KEY)
    tally.require(sealer is not None, "the bridge's key", "it is missing: payloads are unreadable")


def check_blobs(tally: Tally, connection: sa.Connection) -> None:
    """Judge that attachments are whole, and that those of a destroyed key are gone."""
    c, chunk = t.blobs.c, t.blob_chunks.c
    sizes = (
        sa.select(
            chunk.blob,
            sa.func.count().label("chunks"),
            sa.func.sum(sa.func.length(chunk.data)).label("size"),
        )
        .group_by(chunk.blob)
        .subquery()
    )
    query = sa.select(c.id, c.state, c.size, c.chunks, sizes.c.chunks, sizes.c.size).select_from(
        t.blobs.outerjoin(sizes, sizes.c.blob == c.id)
    )
    for name, state, size, chunks, kept, kept_size in streamed(connection, query):
        whole = kept == chunks and kept_size == size + chunks * OVERHEAD
        if state == "stored":
            tally.require(whole, f"attachment {name}", "parts of it are missing or too many")
        elif state == "failed":
            tally.require(kept is None, f"attachment {name}", "it failed, yet parts of it are kept")
    strays = sa.select(chunk.blob).distinct().where(chunk.blob.not_in(sa.select(c.id)))
    for (name,) in connection.execute(strays):
        tally.fault(f"attachment {name}", "parts are kept of an attachment nobody has")
