"""The command line: every complaint is one line that says what to do, never a traceback."""

from __future__ import annotations

import io
import os
import sys
import traceback

import typer

from bridge.cli.commands import app
from bridge.core.errors import BridgeError, ConfigError

USAGE = 2
INTERRUPTED = 130
TRACEBACK = "COACHBRIDGE_TRACEBACK"
"""Set to 1 by a developer who wants to see where a fault of ours comes from."""


def main() -> None:
    """Run one command and end the process: 0 well, 1 not, 2 wrong settings or usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal may lack the signs of people's words
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="coachbridge")
    except ConfigError as error:
        _fail(str(error), USAGE)
    except BridgeError as error:
        _fail(str(error) or type(error).__name__, 1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        _fail(f"the machine refused:{where} {error.strerror or type(error).__name__}", 1)
    except Exception as error:  # a fault of ours; its arguments may be somebody's words
        if os.environ.get(TRACEBACK) == "1":
            raise
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} at {frame.filename}:{frame.lineno}"
        _fail(f"this should not have happened ({place}); please report it", 1)


def _fail(what: str, code: int) -> None:
    typer.echo(f"coachbridge: {' '.join(what.split())}", err=True)
    sys.exit(code)
