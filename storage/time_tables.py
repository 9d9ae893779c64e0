"""The tables of what is to happen later."""

from __future__ import annotations

import sqlalchemy as sa

from storage.columns import at, int_, key, metadata, partial, text

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
