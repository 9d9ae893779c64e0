"""Alembic's entry point: it migrates the connection that ``run.upgrade`` brings along."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
