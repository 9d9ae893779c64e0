"""`coachbridge apply`: show how far it is and what changed."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import typer

from adapters import phone
from bridge.runtime import practice as door
from bridge.runtime.practice_file import Practice, read_practice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.app import Offline
    from bridge.core.endpoint import Endpoint

_LONG = 500
_SHOWN = 200
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")


def apply_file(offline: Offline, file: Path) -> None:
    """Apply a practice file and print what changed. Raises ConfigError, StoreError."""
    practice = read_practice(file, complaint)
    changes: list[door.Change] = []
    for found in _with_progress(offline, practice):
        changes += found
    for account in _unknown_accounts(offline, practice):
        changes.append(
            door.Change("!", f"{account} is not in the settings; nobody is reached there")
        )
    done = [change for change in changes if change.sign != "!"]
    left = [change for change in changes if change.sign == "!"]
    for part in (done, left):
        for change in part[:_SHOWN]:
            typer.echo(f"{change.sign} {change.what}")
        if len(part) > _SHOWN:
            typer.echo(f"{part[0].sign} … and {len(part) - _SHOWN} more")
    typer.echo(f"{len(done)} changed" if done else "nothing changed")


def complaint(endpoint: Endpoint) -> str:
    """Return what is wrong with the address of an endpoint on its network, '' for nothing."""
    address = endpoint.address
    if endpoint.network == "sms":
        return phone.complaint(address)
    if endpoint.network == "whatsapp" and address[:1] in "+0123456789":
        return phone.complaint(address)  # WhatsApp has senders that are no numbers, too
    if endpoint.network == "email" and address != address.lower():
        return "write it in lower case, as letters that come in are compared"
    if endpoint.network == "email" and not _MAIL.fullmatch(address):
        return "that is no e-mail address"
    return ""


def _with_progress(offline: Offline, practice: Practice) -> Iterator[list[door.Change]]:
    """Show a bar on standard error where it takes long and somebody watches."""
    work = door.apply(offline.store, offline.writer, practice, offline.catalogue)
    if door.steps(practice) < _LONG or not sys.stderr.isatty():
        yield from (changes for _, changes in work)
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(
            f"applying {len(practice.trajectory)} trajectories", total=door.steps(practice)
        )
        for done, changes in work:
            bar.advance(task, done)
            yield changes


def _unknown_accounts(offline: Offline, practice: Practice) -> list[str]:
    used = {(place.network, place.account) for person in practice.person for place in person.places}
    return [
        f"account {network}:{account}" for network, account in sorted(used - set(offline.adapters))
    ]
