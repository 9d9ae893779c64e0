"""Run the program by a clock that a test drives: `python clocked.py serve …`.

The file named by TEST_CLOCK holds by how many seconds the bridge's clock is ahead; without it the
clock is right. Not a hook in the product: the composition root takes a clock of one's own.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge import app
from bridge.cli import main, serving
from bridge.config import Settings


def serve() -> None:
    """Build with that clock, then be the program."""
    file = Path(os.environ["TEST_CLOCK"])

    def now() -> datetime:
        ahead = float(file.read_text()) if file.exists() else 0.0
        return datetime.now(UTC) + timedelta(seconds=ahead)

    def build(settings: Settings) -> app.App:
        return app.build(settings, now)

    vars(serving)["build"] = build
    main()


if __name__ == "__main__":
    serve()
