"""The table of erasures: whose words are gone for good, and must be after any restore."""

from __future__ import annotations

import sqlalchemy as sa

from storage.columns import at, key, metadata

erasures = sa.Table(
    "erasures",
    metadata,
    key("trajectory"),  # '' = everything that told who they are, in all trajectories
    key("person"),
    at("at"),
    sqlite_with_rowid=False,
)
