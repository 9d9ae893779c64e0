"""`coachbridge doctor`: everything that can be wrong before the first message, and what to do."""

from __future__ import annotations

import asyncio
import json
import shutil
import stat
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError
from bridge.core.probing import Finding, Grade, well, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.app import Offline
    from bridge.config import Settings

PROBE_SECONDS = 4
LITTLE_SPACE = 200 * 1024 * 1024
_BUILT = datetime(2025, 1, 1, tzinfo=UTC)
_SIGNS = {Grade.WELL: "ok  ", Grade.DOUBTFUL: "warn", Grade.WRONG: "WRONG"}


def line(finding: Finding) -> str:
    """Return a finding for the operator's eyes."""
    todo = f"; {finding.todo}" if finding.todo else ""
    return f"{_SIGNS[finding.grade]} {finding.about}: {finding.found}{todo}"


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, also after something was wrong."""
    source = str(settings.source) if settings.source else "no file; the environment alone"
    yield well("settings", source)
    yield _key(settings)
    yield _disk(settings)
    yield from _store(settings)
    yield from _accounts(settings)


def _store(settings: Settings) -> Iterator[Finding]:
    file = _database_file(settings)
    if file is not None and not file.exists():
        yield well("store", f"{file} will be made on first start")
        return
    from bridge.app import open_offline

    try:
        with open_offline(settings) as offline:
            yield well("store", "reachable, at this version, and the key fits")
            yield _clock(offline)
    except BridgeError as error:
        yield wrong("store", str(error), "nothing is kept or sent until that is mended")


def probe(settings: Settings) -> Iterator[Finding]:
    """Ask the bridge that runs with these settings whether it is ready."""
    url = f"{_local(settings)}/readyz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=PROBE_SECONDS):
            yield well("bridge", "ready")
    except urllib.error.HTTPError as error:
        reasons = json.loads(error.read() or b"{}").get("reasons", [])
        told = f"not ready: {'; '.join(reasons) or error.code}"
        yield wrong("bridge", told, "look into its own log")
    except OSError:
        yield wrong("bridge", f"no answer at {url}", "start it with: coachbridge serve")


def _key(settings: Settings) -> Finding:
    if settings.key is not None:
        return well("key", "given by the environment or a secret file")
    file = settings.keys.file
    if not file.exists():
        return well("key", f"{file} will be made on first start; back it up then")
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return wrong("key", f"others may read {file}", f"run: chmod 600 {file}")
    return well("key", f"{file}, for its owner alone")


def _disk(settings: Settings) -> Finding:
    file = _database_file(settings)
    folder = file.parent if file else Path.cwd()
    if not folder.is_dir():
        return wrong("disk", f"the folder {folder} does not exist", "make it")
    free = shutil.disk_usage(folder).free
    where = f"{free // 2**20} MiB free in {folder}"
    if free < LITTLE_SPACE:
        return wrong("disk", f"only {where}", "make room, or move the database")
    return well("disk", where)


def _clock(offline: Offline) -> Finding:
    from storage import queries

    now = datetime.now(UTC)
    last = max((line.last_at for line in queries.trajectories(offline.store)), default=_BUILT)
    if now < last - timedelta(minutes=1) or now < _BUILT:
        told = f"it says {now:%Y-%m-%d %H:%M} UTC, but the log goes to {last:%Y-%m-%d %H:%M}"
        return wrong("clock", told, "set the clock, or switch on time synchronisation")
    return well("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _accounts(settings: Settings) -> Iterator[Finding]:
    from bridge.app import build_adapters

    try:
        adapters = build_adapters(settings)
    except BridgeError as error:
        yield wrong("accounts", str(error), "mend the settings")
        return
    if not adapters:
        todo = "add one to the settings, such as [telegram.main] token"
        yield wrong("accounts", "no network is in the settings yet", todo)
        return
    from bridge.cli import accounts

    yield from asyncio.run(accounts.examined(adapters))
    called = accounts.called(adapters.values())
    if called:
        yield accounts.reachable(settings.web.public_url, _local(settings), called)


def _local(settings: Settings) -> str:
    """Return where the bridge listens, as seen from this machine."""
    host = settings.web.host
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{host}:{settings.web.port}"


def _database_file(settings: Settings) -> Path | None:
    url = settings.store.url
    return Path(url.removeprefix("sqlite:///").partition("?")[0]) if "sqlite" in url else None
