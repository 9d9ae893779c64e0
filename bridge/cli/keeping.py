"""`coachbridge erase`, `backup` and `restore`: what stays, what goes, and that it stays gone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from bridge.core.errors import BridgeError, StoreError
from bridge.runtime import erasing
from storage import backup, erasures
from storage.audit import audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.app import Offline
    from bridge.config import Settings


def confirm(person: str, trajectory: str, *, sure: bool) -> None:
    """Let the operator type the id once more. Raises BridgeError when they do not."""
    if sure:
        return
    if not sys.stdin.isatty():
        raise BridgeError("erasing cannot be undone: say --yes if you are sure")
    where = f"in {trajectory}" if trajectory else "everywhere: words, files, name and addresses"
    typer.echo(f"{person} is erased for good, {where}. This cannot be undone, nor by a restore.")
    typed = input(f"Type {person} to do it: ")
    if typed.strip() != person:
        raise BridgeError("nothing was erased: that was not the same id")


def erase(offline: Offline, settings: Settings, person: str, trajectory: str) -> Iterator[str]:
    """Erase a person and yield what to print. Raises BridgeError."""
    erasures.prepare(offline.store)
    done = offline.writer.run(
        lambda unit: erasing.erase(
            unit, person, offline.catalogue, offline.parse, trajectory=trajectory
        )
    )
    erasures.keep(offline.store)
    if done.nothing:
        yield f"there is nothing left to erase of {person}" + (
            f" in {trajectory}" if trajectory else ""
        )
    else:
        logs = ", ".join(done.trajectories) or "no trajectory"
        yield f"{person} is erased in {logs}"
        yield f"{done.files} files, {done.endpoints} endpoints, {done.messages} unsent messages"
    left = backup.rewrite(settings.store.url)
    if left:
        yield f"free pages of the database may still hold what is gone: {left}"
        yield f"run it again in a quiet hour: coachbridge erase {person} --yes"
    yield f"keep a copy of {offline.store.erasures}, apart from backups: a restore needs it"


def restore(settings: Settings, file: Path, *, replace: bool) -> Iterator[str]:
    """Put a backup back and erase again; yield what to print. Raises BridgeError.

    Nothing may be serving, and nothing serves until what was erased is erased again.
    """
    from bridge.app import held, open_offline

    with held(settings):
        if replace and backup.is_there(settings.store.url):
            yield from _keep_old(settings)
        backup.put_back(settings.store.url, file, replace=replace)
        with open_offline(settings) as offline:
            with offline.store.reading() as connection:
                gone = erasures.of_table(connection)
            found = audit(offline.store)
        people = len({one.person for one in gone})
        yield f"restored from {file}; {people} erased before, and still"
        broken = [check.invariant for check in found.checks if not check.holds]
        checked = sum(check.checked for check in found.checks)
        if broken:
            raise BridgeError(f"audit: {', '.join(broken)} broken; see: coachbridge audit")
        yield f"audit: {len(found.checks)} promises hold, {checked} things checked"


def _keep_old(settings: Settings) -> Iterator[str]:
    """Let the ledger know what the store that goes knew; one that is damaged cannot say."""
    from bridge.app import open_offline

    try:
        with open_offline(settings, erase_again=False) as old:
            erasures.keep(old.store)
    except StoreError as error:
        yield f"the old store could not be asked what was erased: {error}"
