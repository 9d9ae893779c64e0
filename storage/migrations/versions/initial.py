"""The first schema of the store, frozen: later changes are revisions of their own.

It is long because it is one list that nobody edits any more once it was released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations import (
    agenda_tables,
    call_tables,
    chat_tables,
    erasure_tables,
    time_tables,
    web_tables,
)

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")

_SQLITE_TRIGGERS = (
    "CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries "
    "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END",
    "CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries "
    "BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END",
)
_POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'entries are append-only'; END $$",
    "CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE ON entries "
    "FOR EACH ROW EXECUTE FUNCTION entries_refuse()",
    "CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries "
    "FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse()",
)


def upgrade() -> None:
    """Make all tables, and what keeps the log append-only."""
    _asks()
    _blob_chunks()
    _blobs()
    _cursors()
    _data_keys()
    _endpoints()
    _entries()
    _inbox()
    _inbox_keys()
    _inbox_keys_young()
    _invite_hashes()
    _invites()
    _message_ids()
    _message_ids_young()
    _meta()
    _outbox()
    _parties()
    _people()
    _places()
    _questions()
    _states()
    _strangers()
    _trajectories()
    _waits()
    call_tables.make()
    agenda_tables.make()
    chat_tables.make()
    time_tables.make()
    web_tables.make()
    erasure_tables.make()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_TRIGGERS if sqlite else _POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _asks() -> None:
    op.create_table(
        "asks",
        _text("id"),
        _text("network"),
        _text("account"),
        _text("chat"),
        _text("thread"),
        _text("person"),
        _text("trajectories"),
        _big("created_at"),
        sa.Column("answered_at", sa.BigInteger, nullable=True),
        _text("chosen"),
        sa.PrimaryKeyConstraint("id", name="pk_asks"),
    )
    _index("ix_asks_open", "asks", ["person"], "answered_at IS NULL")


def _blob_chunks() -> None:
    op.create_table(
        "blob_chunks",
        _text("blob"),
        sa.Column("n", sa.Integer, nullable=False, autoincrement=False),
        _bytes("data"),
        sa.PrimaryKeyConstraint("blob", "n", name="pk_blob_chunks"),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        _text("id"),
        _text("trajectory"),
        _text("owner"),
        _text("state"),
        _text("network"),
        _text("account"),
        sa.Column("ref", sa.LargeBinary, nullable=True),
        _text("mime"),
        sa.Column("name", sa.LargeBinary, nullable=True),
        _big("size"),
        sa.Column("sha256", sa.LargeBinary, nullable=True),
        _int("chunks"),
        _text("reason"),
        _int("attempts"),
        sa.Column("not_before", sa.BigInteger, nullable=True),
        _big("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_blobs"),
    )
    _index("ix_blobs_pending", "blobs", ["created_at", "id"], "state = 'pending'")


def _cursors() -> None:
    op.create_table(
        "cursors",
        _text("network"),
        _text("account"),
        _text("value"),
        _big("moved_at"),
        sa.PrimaryKeyConstraint("network", "account", name="pk_cursors"),
    )


def _data_keys() -> None:
    op.create_table(
        "data_keys",
        _text("trajectory"),
        _text("owner"),
        sa.Column("wrapped", sa.LargeBinary, nullable=True),
        _big("created_at"),
        sa.Column("destroyed_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("trajectory", "owner", name="pk_data_keys"),
        sqlite_with_rowid=False,
    )


def _endpoints() -> None:
    op.create_table(
        "endpoints",
        _text("network"),
        _text("account"),
        _text("address"),
        _text("person"),
        _text("chat"),
        _int("epoch"),
        _int("rank"),
        sa.Column("verified_at", sa.BigInteger, nullable=True),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
        _text("opted_out"),
        sa.Column("last_used_at", sa.BigInteger, nullable=True),
        _text("revoked_how"),
        sa.PrimaryKeyConstraint("network", "account", "address", name="pk_endpoints"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_endpoints_person", "endpoints", ["person"])


def _entries() -> None:
    op.create_table(
        "entries",
        _text("trajectory"),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        _big("at"),
        _text("kind"),
        _text("author"),
        _text("owner"),
        _bytes("envelope"),
        sa.Column("sealed", sa.LargeBinary, nullable=True),
        _bytes("prev_hash"),
        _bytes("hash"),
        sa.PrimaryKeyConstraint("trajectory", "seq", name="pk_entries"),
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", _ROW_ID, nullable=False),
        _text("network"),
        _text("account"),
        _text("key"),
        sa.Column("payload", sa.LargeBinary, nullable=True),
        _text("state"),
        _text("hold"),
        _int("attempts"),
        _text("reason"),
        _big("received_at"),
        sa.Column("handled_at", sa.BigInteger, nullable=True),
        _text("trajectory"),
        _int("seq"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
    _index("ix_inbox_hold", "inbox", ["hold", "id"], "state = 'held'")
    _index("ix_inbox_let_go", "inbox", ["hold"], "state = 'new' AND hold <> ''")
    _index("ix_inbox_waiting", "inbox", ["id"], "state IN ('new', 'held', 'parked')")


def _inbox_keys() -> None:
    op.create_table(
        "inbox_keys",
        _text("network"),
        _text("account"),
        _text("key"),
        _big("inbox"),
        sa.PrimaryKeyConstraint("network", "account", "key", name="pk_inbox_keys"),
        sqlite_with_rowid=False,
    )


def _inbox_keys_young() -> None:
    names = [_text(name) for name in ("network", "account", "key")]
    op.create_table("inbox_keys_young", *names, _big("inbox"))


def _invite_hashes() -> None:
    op.create_table(
        "invite_hashes",
        _text("hash"),
        _text("invite"),
        sa.PrimaryKeyConstraint("hash", name="pk_invite_hashes"),
        sqlite_with_rowid=False,
    )


def _invites() -> None:
    op.create_table(
        "invites",
        _text("id"),
        _text("kind"),
        _text("trajectory"),
        _text("person"),
        _text("role"),
        _text("network"),
        _big("created_at"),
        _big("expires_at"),
        sa.Column("used_at", sa.BigInteger, nullable=True),
        _text("used_by"),
        _text("pending_network"),
        _text("pending_account"),
        _text("pending_address"),
        _text("pending_chat"),
        _text("address"),
        _text("replaces_network"),
        _text("replaces_account"),
        _text("replaces_address"),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
    )
    op.create_index("ix_invites_person", "invites", ["person"])


def _message_ids() -> None:
    op.create_table(
        "message_ids",
        _text("network"),
        _text("account"),
        _text("chat"),
        _text("external_id"),
        _text("thread"),
        _text("trajectory"),
        _int("seq"),
        _text("party"),
        _int("part"),
        sa.PrimaryKeyConstraint("network", "account", "chat", "external_id", name="pk_message_ids"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_message_ids_trajectory_seq_party", "message_ids", ["trajectory", "seq", "party"]
    )


def _message_ids_young() -> None:
    op.create_table(
        "message_ids_young",
        _text("network"),
        _text("account"),
        _text("chat"),
        _text("external_id"),
        _text("thread"),
        _text("trajectory"),
        _int("seq"),
        _text("party"),
        _int("part"),
    )


def _meta() -> None:
    op.create_table(
        "meta", _text("key"), _text("value"), sa.PrimaryKeyConstraint("key", name="pk_meta")
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _ROW_ID, nullable=False),
        _text("key"),
        _text("trajectory"),
        _int("seq"),
        _text("party"),
        _int("target"),
        _text("lane"),
        _text("network"),
        _text("account"),
        _text("address"),
        _int("epoch"),
        _text("purpose"),
        _int("priority"),
        _text("state"),
        _text("hold"),
        _text("key_owner"),
        sa.Column("payload", sa.LargeBinary, nullable=True),
        _int("parts_done"),
        _int("parts_total"),
        _text("external_ids"),
        _text("losses"),
        _int("attempts"),
        sa.Column("twice", sa.Boolean, nullable=False),
        sa.Column("not_before", sa.BigInteger, nullable=True),
        _text("owner"),
        sa.Column("lease_until", sa.BigInteger, nullable=True),
        _text("reason"),
        _big("created_at"),
        _big("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    _index("ix_outbox_hold", "outbox", ["hold", "id"], "state = 'accepted'")
    _index(
        "ix_outbox_lane", "outbox", ["lane", "id"], "state IN ('queued', 'sending', 'uncertain')"
    )
    _index(
        "ix_outbox_open",
        "outbox",
        ["id"],
        "state IN ('accepted', 'queued', 'sending', 'uncertain')",
    )


def _parties() -> None:
    op.create_table(
        "parties",
        _text("trajectory"),
        _text("person"),
        _text("role"),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("trajectory", "person", name="pk_parties"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_parties_person", "parties", ["person"])


def _people() -> None:
    op.create_table(
        "people",
        _text("id"),
        _text("name"),
        _text("language"),
        _text("time_zone"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )


def _places() -> None:
    op.create_table(
        "places",
        _text("network"),
        _text("account"),
        _text("chat"),
        _text("thread"),
        _text("trajectory"),
        _text("party"),
        sa.PrimaryKeyConstraint("network", "account", "chat", "thread", name="pk_places"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_places_trajectory_party", "places", ["trajectory", "party"])


def _questions() -> None:
    op.create_table(
        "questions",
        _text("network"),
        _text("account"),
        _text("chat"),
        _text("thread"),
        sa.Column("first", sa.Integer, nullable=False, autoincrement=False),
        _text("ref"),
        _text("keys"),
        _text("person"),
        _text("subject"),
        _big("asked_at"),
        sa.PrimaryKeyConstraint(
            "network", "account", "chat", "thread", "first", name="pk_questions"
        ),
    )


def _states() -> None:
    key = sa.PrimaryKeyConstraint("trajectory", name="pk_states")
    op.create_table("states", _text("trajectory"), _text("state"), key)


def _strangers() -> None:
    op.create_table(
        "strangers",
        _text("network"),
        _text("account"),
        _text("address"),
        _text("name"),
        _text("language"),
        _big("first_at"),
        _big("last_at"),
        _int("count"),
        sa.Column("answered_at", sa.BigInteger, nullable=True),
        _int("tries"),
        sa.Column("blocked_until", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("network", "account", "address", name="pk_strangers"),
        sqlite_with_rowid=False,
    )


def _trajectories() -> None:
    op.create_table(
        "trajectories",
        _text("id"),
        _int("seq"),
        _bytes("head_hash"),
        sa.Column("closed", sa.Boolean, nullable=False),
        _big("opened_at"),
        _big("last_at"),
        sa.PrimaryKeyConstraint("id", name="pk_trajectories"),
        sqlite_with_rowid=False,
    )


def _waits() -> None:
    op.create_table(
        "waits",
        _text("scope"),
        _big("until"),
        _text("reason"),
        sa.PrimaryKeyConstraint("scope", name="pk_waits"),
    )
