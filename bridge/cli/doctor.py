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
from urllib.parse import urlsplit

import msgspec

from bridge.core.errors import BridgeError, SendError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.app import Offline
    from bridge.config import Settings
    from bridge.core.adapter import Adapter

CHECK_SECONDS = 15
PROBE_SECONDS = 4
LITTLE_SPACE = 200 * 1024 * 1024
_BUILT = datetime(2025, 1, 1, tzinfo=UTC)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Result(msgspec.Struct, frozen=True):
    """One thing looked at; ``found`` tells what is so, and what to do where it is not well."""

    well: bool
    thing: str
    found: str

    def line(self) -> str:
        """Return it for the operator's eyes."""
        return f"{'ok  ' if self.well else 'WRONG'} {self.thing}: {self.found}"


def examine(settings: Settings) -> Iterator[Result]:
    """Look at everything, also after something was wrong."""
    source = str(settings.source) if settings.source else "no file; the environment alone"
    yield Result(True, "settings", source)
    yield _key(settings)
    yield _disk(settings)
    yield from _webhooks(settings)
    file = _database_file(settings)
    if file is not None and not file.exists():
        yield Result(True, "store", f"{file} will be made on first start")
        return
    from bridge.app import open_offline

    try:
        with open_offline(settings) as offline:
            yield Result(True, "store", "reachable, at this version, and the key fits")
            yield _clock(offline)
            yield from asyncio.run(_accounts(offline))
    except BridgeError as error:
        yield Result(False, "store", str(error))


def probe(settings: Settings) -> Iterator[Result]:
    """Ask the bridge that runs with these settings whether it is ready."""
    host = settings.web.host
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    url = f"http://{host}:{settings.web.port}/readyz"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=PROBE_SECONDS):
            yield Result(True, "bridge", "ready")
    except urllib.error.HTTPError as error:
        reasons = json.loads(error.read() or b"{}").get("reasons", [])
        yield Result(False, "bridge", f"not ready: {'; '.join(reasons) or error.code}")
    except OSError:
        yield Result(False, "bridge", f"no answer at {url}; start it with: coachbridge serve")


def _key(settings: Settings) -> Result:
    if settings.key is not None:
        return Result(True, "key", "given by the environment or a secret file")
    file = settings.keys.file
    if not file.exists():
        return Result(True, "key", f"{file} will be made on first start; back it up then")
    if stat.S_IMODE(file.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        return Result(False, "key", f"others may read {file}; run: chmod 600 {file}")
    return Result(True, "key", f"{file}, for its owner alone")


def _disk(settings: Settings) -> Result:
    file = _database_file(settings)
    folder = file.parent if file else Path.cwd()
    if not folder.is_dir():
        return Result(False, "disk", f"the folder {folder} does not exist; make it")
    free = shutil.disk_usage(folder).free
    where = f"{free // 2**20} MiB free in {folder}"
    return Result(free >= LITTLE_SPACE, "disk", where if free >= LITTLE_SPACE else f"only {where}")


def _webhooks(settings: Settings) -> Iterator[Result]:
    public = urlsplit(settings.web.public_url)
    called = [
        ("Telegram", f"telegram:{name}", account.api_url)
        for name, account in settings.telegram.items()
        if account.mode == "webhook"
    ]
    called += [("Twilio", f"twilio:{name}", one.api_url) for name, one in settings.twilio.items()]
    for network, account, api_url in called:
        own = urlsplit(api_url).hostname in _LOOPBACK
        if own or (public.scheme == "https" and public.hostname not in _LOOPBACK):
            yield Result(True, f"webhook of {account}", settings.web.public_url)
        else:
            url = settings.web.public_url
            todo = f"{network} cannot call {url}; set web.public_url to https://…"
            yield Result(False, f"webhook of {account}", todo)


def _clock(offline: Offline) -> Result:
    from storage import queries

    now = datetime.now(UTC)
    last = max((line.last_at for line in queries.trajectories(offline.store)), default=_BUILT)
    if now < last - timedelta(minutes=1) or now < _BUILT:
        told = f"it says {now:%Y-%m-%d %H:%M} UTC, but the log goes to {last:%Y-%m-%d %H:%M}"
        return Result(False, "clock", f"{told}; set the clock or switch on time synchronisation")
    return Result(True, "clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


async def _accounts(offline: Offline) -> list[Result]:
    if not offline.adapters:
        todo = "no network is in the settings yet; add one, such as [telegram.main] token"
        return [Result(False, "accounts", todo)]
    return [await _account(adapter) for _, adapter in sorted(offline.adapters.items())]


async def _account(adapter: Adapter) -> Result:
    thing = f"account {adapter.network}:{adapter.account}"
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            name = await adapter.check()
    except SendError as error:
        return Result(False, thing, f"{error}; check its token and api_url in the settings")
    except TimeoutError:
        return Result(False, thing, f"no answer within {CHECK_SECONDS} s; check the connection")
    finally:
        await adapter.close()
    return Result(True, thing, f"works as {name}")


def _database_file(settings: Settings) -> Path | None:
    url = settings.store.url
    return Path(url.removeprefix("sqlite:///").partition("?")[0]) if "sqlite" in url else None
