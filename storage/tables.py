"""The schema, once for SQLite and PostgreSQL: every table, index and trigger of the store.

1. Instants are integers: microseconds since 1970-01-01 UTC. JSON is text, sealed things are bytes.
2. ``entries`` is append-only; triggers refuse everything but INSERT, whoever asks.
3. A key that was seen once (``inbox_keys``, ``outbox.key``, ``message_ids``) stays for ever. On
   SQLite the newest are in ``…_young`` first: see ``storage.young``.
4. A change here needs a migration; a test compares this metadata with the migrated schema.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.agenda_tables import agenda_links as agenda_links
from storage.agenda_tables import availabilities as availabilities
from storage.agenda_tables import booked_cells as booked_cells
from storage.agenda_tables import bookings as bookings
from storage.agenda_tables import running_sessions as running_sessions
from storage.call_tables import call_answers as call_answers
from storage.call_tables import call_routes as call_routes
from storage.call_tables import call_words as call_words
from storage.columns import at, bytes_, flag, id_, int_, json, key, partial, text
from storage.columns import metadata as metadata
from storage.erasure_tables import erasures as erasures
from storage.time_tables import nudge_templates as nudge_templates
from storage.time_tables import nudges as nudges
from storage.time_tables import paces as paces
from storage.time_tables import timers as timers
from storage.web_tables import chat_codes as chat_codes
from storage.web_tables import chat_notes as chat_notes
from storage.web_tables import chat_sessions as chat_sessions
from storage.web_tables import chat_uploads as chat_uploads
from storage.web_tables import read_marks as read_marks
from storage.web_tables import sign_in_links as sign_in_links
from storage.web_tables import tokens as tokens
from storage.web_tables import web_sessions as web_sessions

OPEN = "state IN ('accepted', 'queued', 'sending', 'uncertain')"
"""An outbox row with which something is still to happen; literal, so that indexes match it."""

HOLDS_LANE = "state IN ('queued', 'sending', 'uncertain')"
"""A row the later ones of its lane wait for; one that waits for a consent does not hold others."""

meta = sa.Table("meta", metadata, key("key"), text("value"))

people = sa.Table("people", metadata, key("id"), text("name"), text("language"), text("time_zone"))

endpoints = sa.Table(
    "endpoints",
    metadata,
    key("network"),
    key("account"),
    key("address"),
    text("person"),
    text("chat"),
    int_("epoch"),
    int_("rank"),
    at("verified_at", empty=True),
    at("revoked_at", empty=True),
    text("opted_out"),
    at("last_used_at", empty=True),
    text("revoked_how"),  # '' by the operator, replaced by its person
    sa.Index(None, "person"),
    sqlite_with_rowid=False,
)

trajectories = sa.Table(
    "trajectories",
    metadata,
    key("id"),
    int_("seq"),
    bytes_("head_hash"),
    flag("closed"),
    at("opened_at"),
    at("last_at"),
    sqlite_with_rowid=False,
)

states = sa.Table(
    "states",  # apart from the row that changes with every entry; its own seq may be an older one
    metadata,
    key("trajectory"),
    text("state"),
)

parties = sa.Table(
    "parties",
    metadata,
    key("trajectory"),
    key("person"),
    text("role"),
    flag("active"),
    sa.Index(None, "person"),
    sqlite_with_rowid=False,
)

places = sa.Table(
    "places",
    metadata,
    key("network"),
    key("account"),
    key("chat"),
    key("thread"),
    text("trajectory"),
    text("party"),
    sa.Index(None, "trajectory", "party"),
    sqlite_with_rowid=False,
)

data_keys = sa.Table(
    "data_keys",
    metadata,
    key("trajectory"),  # '' = the bridge's own key
    key("owner"),
    bytes_("wrapped", empty=True),  # NULL once destroyed
    at("created_at"),
    at("destroyed_at", empty=True),
    sqlite_with_rowid=False,
)

entries = sa.Table(
    "entries",
    metadata,
    key("trajectory"),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    at("at"),
    text("kind"),
    text("author"),
    text("owner"),
    bytes_("envelope"),
    bytes_("sealed", empty=True),
    bytes_("prev_hash"),
    bytes_("hash"),
)

message_ids = sa.Table(
    "message_ids",
    metadata,
    key("network"),
    key("account"),
    key("chat"),
    key("external_id"),
    text("thread"),
    text("trajectory"),
    int_("seq"),
    text("party"),
    int_("part"),
    sa.Index(None, "trajectory", "seq", "party"),
    sqlite_with_rowid=False,
)

message_ids_young = sa.Table(
    "message_ids_young",
    metadata,
    text("network"),
    text("account"),
    text("chat"),
    text("external_id"),
    text("thread"),
    text("trajectory"),
    int_("seq"),
    text("party"),
    int_("part"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    id_(),
    text("network"),
    text("account"),
    text("key"),  # the most specific of the row's keys
    bytes_("payload", empty=True),  # sealed under the bridge's key; NULL once handled
    text("state"),  # new, held, parked, handled, ignored
    text("hold"),
    int_("attempts"),
    text("reason"),
    at("received_at"),
    at("handled_at", empty=True),
    text("trajectory"),
    int_("seq"),
)
partial("ix_inbox_waiting", "state IN ('new', 'held', 'parked')", inbox.c.id)
partial("ix_inbox_hold", "state = 'held'", inbox.c.hold, inbox.c.id)
partial("ix_inbox_let_go", "state = 'new' AND hold <> ''", inbox.c.hold)

inbox_keys = sa.Table(
    "inbox_keys",  # every key of a payload, the first one too: one place to ask, one to race for
    metadata,
    key("network"),
    key("account"),
    key("key"),
    sa.Column("inbox", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

inbox_keys_young = sa.Table(
    "inbox_keys_young",
    metadata,
    text("network"),
    text("account"),
    text("key"),
    sa.Column("inbox", sa.BigInteger, nullable=False),
)

cursors = sa.Table(
    "cursors", metadata, key("network"), key("account"), text("value"), at("moved_at")
)

outbox = sa.Table(
    "outbox",
    metadata,
    id_(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    text("trajectory"),  # '' = the desk: outside any log
    int_("seq"),
    text("party"),
    int_("target"),
    text("lane"),
    text("network"),
    text("account"),
    text("address"),
    int_("epoch"),
    text("purpose"),
    int_("priority"),
    text("state"),
    text("hold"),
    text("key_owner"),  # whose data key seals the payload
    bytes_("payload", empty=True),  # the sealed effect; NULL once terminal
    int_("parts_done"),
    int_("parts_total"),
    json("external_ids"),
    json("losses"),
    int_("attempts"),
    flag("twice"),
    at("not_before", empty=True),
    text("owner"),
    at("lease_until", empty=True),
    text("reason"),
    at("created_at"),
    at("updated_at"),
)
partial("ix_outbox_open", OPEN, outbox.c.id)
partial("ix_outbox_lane", HOLDS_LANE, outbox.c.lane, outbox.c.id)
partial("ix_outbox_hold", "state = 'accepted'", outbox.c.hold, outbox.c.id)

waits = sa.Table("waits", metadata, key("scope"), at("until"), text("reason"))

asks = sa.Table(
    "asks",
    metadata,
    key("id"),
    text("network"),
    text("account"),
    text("chat"),
    text("thread"),
    text("person"),
    json("trajectories"),
    at("created_at"),
    at("answered_at", empty=True),
    text("chosen"),
)
partial("ix_asks_open", "answered_at IS NULL", asks.c.person)

questions = sa.Table(
    "questions",
    metadata,
    key("network"),
    key("account"),
    key("chat"),
    key("thread"),
    sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
    text("ref"),
    json("keys"),
    text("person"),
    text("subject"),
    at("asked_at"),
)

invites = sa.Table(
    "invites",
    metadata,
    key("id"),
    text("kind"),  # party, link, move, replace
    text("trajectory"),
    text("person"),
    text("role"),
    text("network"),
    at("created_at"),
    at("expires_at"),
    at("used_at", empty=True),
    text("used_by"),
    text("pending_network"),
    text("pending_account"),
    text("pending_address"),
    text("pending_chat"),
    text("address"),
    text("replaces_network"),
    text("replaces_account"),
    text("replaces_address"),
    sa.Index(None, "person"),
)

invite_hashes = sa.Table(
    "invite_hashes",  # of the code in the link and of the one that is typed
    metadata,
    key("hash"),
    text("invite"),
    sqlite_with_rowid=False,
)

strangers = sa.Table(
    "strangers",
    metadata,
    key("network"),
    key("account"),
    key("address"),
    text("name"),
    text("language"),
    at("first_at"),
    at("last_at"),
    int_("count"),
    at("answered_at", empty=True),
    int_("tries"),
    at("blocked_until", empty=True),
    sqlite_with_rowid=False,
)

blobs = sa.Table(
    "blobs",
    metadata,
    key("id"),
    text("trajectory"),
    text("owner"),
    text("state"),  # pending, stored, failed
    text("network"),
    text("account"),
    bytes_("ref", empty=True),  # sealed; NULL once fetched
    text("mime"),
    bytes_("name", empty=True),  # sealed
    sa.Column("size", sa.BigInteger, nullable=False, default=0),
    bytes_("sha256", empty=True),
    int_("chunks"),
    text("reason"),
    int_("attempts"),
    at("not_before", empty=True),
    at("created_at"),
)
partial("ix_blobs_pending", "state = 'pending'", blobs.c.created_at, blobs.c.id)

blob_chunks = sa.Table(
    "blob_chunks",
    metadata,
    key("blob"),
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    bytes_("data"),
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
