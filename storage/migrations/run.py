"""Run the schema's migrations from inside the program, on a connection it hands over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bridge.core.errors import ConfigError

if TYPE_CHECKING:
    import sqlalchemy as sa


def config() -> Config:
    """Return Alembic's settings: where the scripts are, nothing else."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def upgrade(connection: sa.Connection, to: str) -> None:
    """Migrate inside the caller's transaction, so that it happens whole or not at all.

    Raises ConfigError when the database is at a revision this program does not know.
    """
    settings = config()
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()}
    if current is not None and current not in known:
        raise ConfigError("a newer version of the program made this database: use that version")
    settings.attributes["connection"] = connection
    command.upgrade(settings, to)
