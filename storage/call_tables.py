"""The tables of telephone calls."""

from __future__ import annotations

import sqlalchemy as sa

from storage.columns import at, bytes_, json, key, metadata, text

call_routes = sa.Table(
    "call_routes",  # which trajectory a call belongs to
    metadata,
    key("call"),
    text("trajectory"),
    json("options"),
    at("at"),
    sqlite_with_rowid=False,
)

call_answers = sa.Table(
    "call_answers",  # what was said, for when the network asks again
    metadata,
    key("network"),
    key("account"),
    key("key"),
    at("at"),
    bytes_("sealed"),
    sa.Index(None, "at"),
    sqlite_with_rowid=False,
)

call_words = sa.Table(
    "call_words",  # on their way to somebody who has only a telephone
    metadata,
    key("key"),
    text("trajectory"),
    text("owner"),
    at("at"),
    bytes_("sealed"),
    sa.Index(None, "at"),
    sqlite_with_rowid=False,
)
