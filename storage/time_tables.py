"""The tables of what is to happen later."""

from __future__ import annotations

import sqlalchemy as sa

from storage.columns import at, bytes_, flag, int_, key, metadata, partial, text

timers = sa.Table(
    "timers",
    metadata,
    key("trajectory"),
    key("name"),
    at("at"),  # what it was started for
    at("next_at"),  # when it is tried
    text("state"),  # waiting, fired, cancelled, parked
    int_("round"),  # how often it was set
    int_("failures"),
    at("fired_at", empty=True),
    text("error"),
    sqlite_with_rowid=False,
)
partial("ix_timers_due", "state = 'waiting'", timers.c.next_at)

nudges = sa.Table(
    "nudges",
    metadata,
    key("trajectory"),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    text("client"),
    text("coach"),
    text("kind"),  # encouragement, prompt
    text("state"),  # planned, given, withheld, cancelled
    text("reason"),
    int_("series"),
    at("due_at"),
    at("event_at", empty=True),
    at("settled_at", empty=True),  # given, withheld or cancelled
    int_("given_seq"),
    at("answered_at", empty=True),
    int_("answer_seq"),
    text("answer"),  # the key of an option
    bytes_("fingerprint", empty=True),  # of the words, under the master key
    sqlite_with_rowid=False,
)
sa.Index("ix_nudges_client", nudges.c.client, nudges.c.state, nudges.c.settled_at)
sa.Index("ix_nudges_coach", nudges.c.coach, nudges.c.settled_at)
sa.Index("ix_nudges_given", nudges.c.trajectory, nudges.c.given_seq)

paces = sa.Table(
    "paces",
    metadata,
    key("person"),  # '' is what holds for everybody
    sa.Column("quiet_begins", sa.Integer, nullable=True),
    sa.Column("quiet_ends", sa.Integer, nullable=True),
    sa.Column("weekends", sa.Boolean, nullable=True),
    sa.Column("per_day", sa.Integer, nullable=True),  # of the practice file
    sa.Column("per_week", sa.Integer, nullable=True),
    sa.Column("own_day", sa.Integer, nullable=True),  # the client's own word
    sa.Column("own_week", sa.Integer, nullable=True),
    at("paused_until", empty=True),
    at("later_until", empty=True),
    sqlite_with_rowid=False,
)

nudge_templates = sa.Table(
    "nudge_templates",
    metadata,
    key("person"),
    key("name"),
    bytes_("sealed"),
    flag("from_file"),
    sqlite_with_rowid=False,
)
