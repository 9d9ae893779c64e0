"""The tables of appointments: what coaches offer, what is given, and links to pages of it."""

from __future__ import annotations

import sqlalchemy as sa

from storage.columns import at, int_, key, metadata, text

availabilities = sa.Table(
    "availabilities",  # a row is locked by who books with that coach
    metadata,
    key("coach"),
    text("offered"),  # as the practice file says
    text("work"),  # when she works, as the practice file says, or null
    text("own"),  # what the coach set herself, which goes before both
)

bookings = sa.Table(
    "bookings",
    metadata,
    key("trajectory"),
    sa.Column("appointment", sa.Integer, primary_key=True, autoincrement=False),
    text("coach"),
    text("client"),
    text("modality"),
    at("starts_at"),
    at("ends_at"),
    int_("sequence"),
    text("state"),  # booked, open, held, cancelled
    sa.Index(None, "coach", "starts_at"),
    sa.Index(None, "client", "starts_at"),
    sqlite_with_rowid=False,
)

booked_cells = sa.Table(
    "booked_cells",  # five minutes of a coach, given once: the last guard against two winners
    metadata,
    key("coach"),
    sa.Column("cell", sa.Integer, primary_key=True, autoincrement=False),
    text("trajectory"),
    int_("appointment"),
    sa.Index(None, "trajectory", "appointment"),
    sqlite_with_rowid=False,
)

running_sessions = sa.Table(
    "running_sessions",  # who is in a session just now
    metadata,
    key("person"),
    text("trajectory"),
)

agenda_links = sa.Table(
    "agenda_links",
    metadata,
    key("hash"),
    text("trajectory"),
    text("person"),
    int_("round"),
    at("expires_at"),
    at("revoked_at", empty=True),
    sa.UniqueConstraint("trajectory", "person", "round"),
)
