"""The schema, once for SQLite and PostgreSQL: every table, index and trigger of the store.

1. Instants are integers: microseconds since 1970-01-01 UTC. JSON is text, sealed things are bytes.
2. ``entries`` is append-only; triggers refuse everything but INSERT, whoever asks.
3. A key that was seen once (``inbox_keys``, ``outbox.key``, ``message_ids``) stays for ever. On
   SQLite the newest are in ``…_young`` first: see ``storage.young``.
4. A change here needs a migration; a test compares this metadata with the migrated schema.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""An id of our own; on SQLite only INTEGER is the row id itself."""

OPEN = "state IN ('accepted', 'queued', 'sending', 'uncertain')"
"""An outbox row with which something is still to happen; literal, so that indexes match it."""

HOLDS_LANE = "state IN ('queued', 'sending', 'uncertain')"
"""A row the later ones of its lane wait for; one that waits for a consent does not hold others."""


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, default="")


def _json(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, default="[]")


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, default=0)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False, default=False)


def _at(name: str, *, empty: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=empty)


def _bytes(name: str, *, empty: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=empty)


def _id() -> sa.Column[int]:
    return sa.Column("id", ROW_ID, primary_key=True)


def _partial(name: str, condition: str, *columns: sa.Column[str] | sa.Column[int]) -> None:
    where = sa.text(condition)
    sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


meta = sa.Table("meta", metadata, _key("key"), _text("value"))

people = sa.Table(
    "people", metadata, _key("id"), _text("name"), _text("language"), _text("time_zone")
)

endpoints = sa.Table(
    "endpoints",
    metadata,
    _key("network"),
    _key("account"),
    _key("address"),
    _text("person"),
    _text("chat"),
    _int("epoch"),
    _int("rank"),
    _at("verified_at", empty=True),
    _at("revoked_at", empty=True),
    _text("opted_out"),
    _at("last_used_at", empty=True),
    sa.Index(None, "person"),
    sqlite_with_rowid=False,
)

trajectories = sa.Table(
    "trajectories",
    metadata,
    _key("id"),
    _int("seq"),
    _bytes("head_hash"),
    _flag("closed"),
    _at("opened_at"),
    _at("last_at"),
    sqlite_with_rowid=False,
)

states = sa.Table(
    "states",  # apart from the row that changes with every entry; its own seq may be an older one
    metadata,
    _key("trajectory"),
    _text("state"),
)

parties = sa.Table(
    "parties",
    metadata,
    _key("trajectory"),
    _key("person"),
    _text("role"),
    _flag("active"),
    sa.Index(None, "person"),
    sqlite_with_rowid=False,
)

places = sa.Table(
    "places",
    metadata,
    _key("network"),
    _key("account"),
    _key("chat"),
    _key("thread"),
    _text("trajectory"),
    _text("party"),
    sa.Index(None, "trajectory", "party"),
    sqlite_with_rowid=False,
)

data_keys = sa.Table(
    "data_keys",
    metadata,
    _key("trajectory"),  # '' = the bridge's own key
    _key("owner"),
    _bytes("wrapped", empty=True),  # NULL once destroyed
    _at("created_at"),
    _at("destroyed_at", empty=True),
    sqlite_with_rowid=False,
)

entries = sa.Table(
    "entries",
    metadata,
    _key("trajectory"),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    _at("at"),
    _text("kind"),
    _text("author"),
    _text("owner"),
    _bytes("envelope"),
    _bytes("sealed", empty=True),
    _bytes("prev_hash"),
    _bytes("hash"),
)

message_ids = sa.Table(
    "message_ids",
    metadata,
    _key("network"),
    _key("account"),
    _key("chat"),
    _key("external_id"),
    _text("thread"),
    _text("trajectory"),
    _int("seq"),
    _text("party"),
    _int("part"),
    sa.Index(None, "trajectory", "seq", "party"),
    sqlite_with_rowid=False,
)

message_ids_young = sa.Table(
    "message_ids_young",
    metadata,
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

inbox = sa.Table(
    "inbox",
    metadata,
    _id(),
    _text("network"),
    _text("account"),
    _text("key"),  # the most specific of the row's keys
    _bytes("payload", empty=True),  # sealed under the bridge's key; NULL once handled
    _text("state"),  # new, held, parked, handled, ignored
    _text("hold"),
    _int("attempts"),
    _text("reason"),
    _at("received_at"),
    _at("handled_at", empty=True),
    _text("trajectory"),
    _int("seq"),
)
_partial("ix_inbox_waiting", "state IN ('new', 'held', 'parked')", inbox.c.id)
_partial("ix_inbox_hold", "state = 'held'", inbox.c.hold, inbox.c.id)
_partial("ix_inbox_let_go", "state = 'new' AND hold <> ''", inbox.c.hold)

inbox_keys = sa.Table(
    "inbox_keys",  # every key of a payload, the first one too: one place to ask, one to race for
    metadata,
    _key("network"),
    _key("account"),
    _key("key"),
    sa.Column("inbox", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

inbox_keys_young = sa.Table(
    "inbox_keys_young",
    metadata,
    _text("network"),
    _text("account"),
    _text("key"),
    sa.Column("inbox", sa.BigInteger, nullable=False),
)

cursors = sa.Table(
    "cursors", metadata, _key("network"), _key("account"), _text("value"), _at("moved_at")
)

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    _text("trajectory"),  # '' = the desk: outside any log
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
    _text("key_owner"),  # whose data key seals the payload
    _bytes("payload", empty=True),  # the sealed effect; NULL once terminal
    _int("parts_done"),
    _int("parts_total"),
    _json("external_ids"),
    _json("losses"),
    _int("attempts"),
    _flag("twice"),
    _at("not_before", empty=True),
    _text("owner"),
    _at("lease_until", empty=True),
    _text("reason"),
    _at("created_at"),
    _at("updated_at"),
)
_partial("ix_outbox_open", OPEN, outbox.c.id)
_partial("ix_outbox_lane", HOLDS_LANE, outbox.c.lane, outbox.c.id)
_partial("ix_outbox_hold", "state = 'accepted'", outbox.c.hold, outbox.c.id)

waits = sa.Table("waits", metadata, _key("scope"), _at("until"), _text("reason"))

asks = sa.Table(
    "asks",
    metadata,
    _key("id"),
    _text("network"),
    _text("account"),
    _text("chat"),
    _text("thread"),
    _text("person"),
    _json("trajectories"),
    _at("created_at"),
    _at("answered_at", empty=True),
    _text("chosen"),
)
_partial("ix_asks_open", "answered_at IS NULL", asks.c.person)

questions = sa.Table(
    "questions",
    metadata,
    _key("network"),
    _key("account"),
    _key("chat"),
    _key("thread"),
    _text("ref"),
    _json("keys"),
    _text("person"),
    _at("asked_at"),
)

invites = sa.Table(
    "invites",
    metadata,
    _key("id"),
    _text("kind"),  # party, link
    _text("trajectory"),
    _text("person"),
    _text("role"),
    _text("network"),
    _at("created_at"),
    _at("expires_at"),
    _at("used_at", empty=True),
    _text("used_by"),
    _text("pending_network"),
    _text("pending_account"),
    _text("pending_address"),
    _text("pending_chat"),
    sa.Index(None, "person"),
)

invite_hashes = sa.Table(
    "invite_hashes",  # of the code in the link and of the one that is typed
    metadata,
    _key("hash"),
    _text("invite"),
    sqlite_with_rowid=False,
)

strangers = sa.Table(
    "strangers",
    metadata,
    _key("network"),
    _key("account"),
    _key("address"),
    _text("name"),
    _text("language"),
    _at("first_at"),
    _at("last_at"),
    _int("count"),
    _at("answered_at", empty=True),
    _int("tries"),
    _at("blocked_until", empty=True),
    sqlite_with_rowid=False,
)

blobs = sa.Table(
    "blobs",
    metadata,
    _key("id"),
    _text("trajectory"),
    _text("owner"),
    _text("state"),  # pending, stored, failed
    _text("network"),
    _text("account"),
    _bytes("ref", empty=True),  # sealed; NULL once fetched
    _text("mime"),
    _bytes("name", empty=True),  # sealed
    sa.Column("size", sa.BigInteger, nullable=False, default=0),
    _bytes("sha256", empty=True),
    _int("chunks"),
    _text("reason"),
    _int("attempts"),
    _at("not_before", empty=True),
    _at("created_at"),
)
_partial("ix_blobs_pending", "state = 'pending'", blobs.c.created_at, blobs.c.id)

blob_chunks = sa.Table(
    "blob_chunks",
    metadata,
    _key("blob"),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    _bytes("data"),
)

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    _key("hash"),
    _text("person"),
    _at("created_at"),
    _at("expires_at"),
    _at("used_at", empty=True),
    sa.Index(None, "person"),
    sqlite_with_rowid=False,
)

web_sessions = sa.Table(
    "web_sessions",
    metadata,
    _key("id"),
    sa.Column("hash", sa.Text, nullable=False, unique=True),  # of the cookie's secret
    _text("person"),
    _text("agent"),  # what the browser calls itself, for the person's own eyes
    _at("created_at"),
    _at("last_at"),
    _at("expires_at"),
    _at("revoked_at", empty=True),
    sa.Index(None, "person"),
)

read_marks = sa.Table(
    "read_marks",  # how far somebody read a trajectory in a page of ours
    metadata,
    _key("person"),
    _key("trajectory"),
    _int("seq"),
    sqlite_with_rowid=False,
)

tokens = sa.Table(
    "tokens",  # by which programs prove whom they work for; the tokens themselves are nowhere
    metadata,
    _key("id"),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    _text("person"),
    _json("scopes"),
    _at("created_at"),
    _at("expires_at", empty=True),
    _at("revoked_at", empty=True),
    sa.Index(None, "person"),
)

chat_sessions = sa.Table(
    "chat_sessions",  # a browser that may read and write as one endpoint; the token only as a hash
    metadata,
    _key("token_hash"),
    _text("account"),
    _text("address"),
    _text("language"),
    _at("created_at"),
    _at("seen_at"),
    sa.Index(None, "account", "address"),
    sqlite_with_rowid=False,
)

chat_codes = sa.Table(
    "chat_codes",  # bring an endpoint's page to another device
    metadata,
    _key("code_hash"),
    _text("account"),
    _text("address"),
    _at("expires_at"),
    sqlite_with_rowid=False,
)

chat_notes = sa.Table(
    "chat_notes",  # what the desk said on a page: it is in no log
    metadata,
    _key("id"),
    _text("account"),
    _text("address"),
    _at("at"),
    _bytes("sealed"),
    sa.Index(None, "account", "address"),
    sqlite_with_rowid=False,
)

chat_uploads = sa.Table(
    "chat_uploads",  # files of pages, kept until the message that sends them has fetched them
    metadata,
    _key("id"),
    _text("account"),
    _text("address"),
    _at("created_at"),
    _at("fetched_at", empty=True),
    sa.Index(None, "account", "address"),
    sqlite_with_rowid=False,
)

ALL_MESSAGE_IDS = sa.union_all(sa.select(message_ids), sa.select(message_ids_young)).subquery(
    "shown"
)
"""For readers beside the writer: what shows, wherever it stands."""

_REFUSE = "entries are append-only"

SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER entries_no_{verb.lower()} BEFORE {verb} ON entries "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSE}'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRESQL_TRIGGERS = (
    "CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSE}'; END $$",
    "CREATE TRIGGER entries_no_change BEFORE UPDATE OR DELETE ON entries "
    "FOR EACH ROW EXECUTE FUNCTION entries_refuse()",
    "CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON entries "
    "FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse()",
)
