"""What all commands share: where the settings are, and how the store is opened for a moment."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from bridge.app import Offline
    from bridge.config import Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Settings file; otherwise COACHBRIDGE_CONFIG, or coachbridge.toml if it is there.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]

before_command: ContextVar[Path | None] = ContextVar("before_command", default=None)
"""The --config that was given before the command."""


def load_settings(config: Path | None, *, quiet: bool = True) -> Settings:
    """Read the settings and set up logging; ``quiet`` leaves only warnings. Raises ConfigError."""
    from bridge.config import load
    from bridge.runtime import logging

    settings = load(config or before_command.get())
    level = "warning" if quiet else settings.log.level
    logging.set_up(level, settings.log.format, settings.secrets())
    return settings


def opened(
    config: Path | None, *, create: bool = True, erase_again: bool = True
) -> AbstractContextManager[Offline]:
    """Open the store beside a bridge that may be serving; ``create`` for commands that change it.

    Raises ConfigError, StoreError.
    """
    from bridge.app import open_offline

    return open_offline(load_settings(config), create=create, erase_again=erase_again)
