"""The tables of pages: who is signed in where, how far they read, and what a web chat keeps."""

from __future__ import annotations

import sqlalchemy as sa

from storage.columns import at, bytes_, int_, json, key, metadata, text

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    key("hash"),
    text("person"),
    at("created_at"),
    at("expires_at"),
    at("used_at", empty=True),
    sa.Index(None, "person"),
    sqlite_with_rowid=False,
)

web_sessions = sa.Table(
    "web_sessions",
    metadata,
    key("id"),
    sa.Column("hash", sa.Text, nullable=False, unique=True),  # of the cookie's secret
    text("person"),
    text("agent"),  # what the browser calls itself, for the person's own eyes
    at("created_at"),
    at("last_at"),
    at("expires_at"),
    at("revoked_at", empty=True),
    sa.Index(None, "person"),
)

read_marks = sa.Table(
    "read_marks",  # how far somebody read a trajectory in a page of ours
    metadata,
    key("person"),
    key("trajectory"),
    int_("seq"),
    sqlite_with_rowid=False,
)

tokens = sa.Table(
    "tokens",  # by which programs prove whom they work for; the tokens themselves are nowhere
    metadata,
    key("id"),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    text("person"),
    json("scopes"),
    at("created_at"),
    at("expires_at", empty=True),
    at("revoked_at", empty=True),
    sa.Index(None, "person"),
)

chat_sessions = sa.Table(
    "chat_sessions",  # a browser that may read and write as one endpoint; the token only as a hash
    metadata,
    key("token_hash"),
    text("account"),
    text("address"),
    text("language"),
    at("created_at"),
    at("seen_at"),
    sa.Index(None, "account", "address"),
    sqlite_with_rowid=False,
)

chat_codes = sa.Table(
    "chat_codes",  # bring an endpoint's page to another device
    metadata,
    key("code_hash"),
    text("account"),
    text("address"),
    at("expires_at"),
    sqlite_with_rowid=False,
)

chat_notes = sa.Table(
    "chat_notes",  # what the desk said on a page: it is in no log
    metadata,
    key("id"),
    text("account"),
    text("address"),
    at("at"),
    bytes_("sealed"),
    sa.Index(None, "account", "address"),
    sqlite_with_rowid=False,
)

chat_uploads = sa.Table(
    "chat_uploads",  # files of pages, kept until the message that sends them has fetched them
    metadata,
    key("id"),
    text("account"),
    text("address"),
    at("created_at"),
    at("fetched_at", empty=True),
    sa.Index(None, "account", "address"),
    sqlite_with_rowid=False,
)
