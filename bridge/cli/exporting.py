"""`coachbridge export`: a trajectory into one file that only its owner can read."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError
from bridge.web.export import Exporter
from bridge.web.views import reader, zone_of
from storage import queries
from storage.blobs import Blobs

if TYPE_CHECKING:
    from pathlib import Path

    from bridge.app import Offline


def export(offline: Offline, trajectory: str, out: Path) -> str:
    """Write the export; return what to print. Raises BridgeError, OSError; then nothing is left."""
    line = queries.trajectory(offline.store, trajectory)
    if line is None:
        raise BridgeError(f"there is no trajectory {trajectory!r}; see the ids in your file")
    if out.exists():
        raise BridgeError(f"{out} is there already; name another file")
    aside = out.with_name(f".{out.name}.{os.getpid()}")
    coaches = [party.person for party in line.parties if party.role == "coach" and party.active]
    try:
        asyncio.run(_write(offline, trajectory, aside, coaches[0] if coaches else ""))
        aside.rename(out)
    finally:
        aside.unlink(missing_ok=True)
    return f"{out}: {out.stat().st_size} bytes, words in the clear; keep it where you keep secrets"


async def _write(offline: Offline, trajectory: str, out: Path, coach: str) -> None:
    """In the language and the zone of the first coach."""
    exporter = Exporter(offline.store, Blobs(offline.store), offline.catalogue)
    who = reader(offline.store, coach)
    parts = exporter.export(
        trajectory, language=who.language, zone=zone_of(who), now=datetime.now(UTC)
    )
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        async with aclosing(parts):
            async for part in parts:
                file.write(part)
