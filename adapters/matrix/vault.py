"""The folder beside the database that holds an account's end-to-end keys.

1. Whoever has this folder can read the account's encrypted rooms: mode 0700, files 0600, and the
   key store itself is encrypted under a random key of its own.
2. It belongs into every backup: without it nothing that was encrypted to us can be read again.
3. What is written here may be written again; nothing here decides whether a message was kept.
"""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Set
    from pathlib import Path

_T = TypeVar("_T")

_MAX_REACTIONS, _MAX_SEALED = 1000, 500


class Login(msgspec.Struct, frozen=True):
    """What a login gave us; ``fresh`` until our keys were uploaded after it."""

    token: str
    fresh: bool = True


class Reaction(msgspec.Struct, frozen=True):
    """One reaction event: who put what on which message."""

    room_id: str
    sender: str
    about: str
    key: str


class Sealed(msgspec.Struct, frozen=True):
    """An event we have no key for yet, as it came."""

    room_id: str
    event: dict[str, Any]


class Memory(msgspec.Struct):
    """What has to be known of earlier events: reactions by their id, and what waits for keys."""

    reactions: dict[str, Reaction] = {}
    sealed: dict[str, Sealed] = {}


def add_reaction(
    memory: Memory, event_id: str, reaction: Reaction, gone: Set[str]
) -> tuple[str, ...]:
    """Note a reaction; return the whole set its sender now has on that message."""
    memory.reactions[event_id] = reaction
    _forget(memory.reactions, _MAX_REACTIONS)
    return _whole(memory, reaction, gone)


def without(
    memory: Memory, event_id: str, gone: Set[str]
) -> tuple[Reaction, tuple[str, ...]] | None:
    """Return a reaction that is taken back, and what is left; None if it is unknown.

    ``gone`` are those taken back before; nothing is changed here.
    """
    reaction = memory.reactions.get(event_id)
    if reaction is None:
        return None
    return reaction, _whole(memory, reaction, gone | {event_id})


def forget(memory: Memory, event_ids: Set[str]) -> None:
    """Forget reactions and encrypted events that are settled."""
    for event_id in event_ids:
        memory.reactions.pop(event_id, None)
        memory.sealed.pop(event_id, None)


def add_sealed(memory: Memory, room_id: str, event: dict[str, Any]) -> None:
    """Keep an event until its key comes."""
    memory.sealed[event["event_id"]] = Sealed(room_id, event)
    _forget(memory.sealed, _MAX_SEALED)


def _whole(memory: Memory, like: Reaction, gone: Set[str]) -> tuple[str, ...]:
    left = ((n, r) for n, r in memory.reactions.items() if n not in gone)
    mine = (r.key for _, r in left if _on(r) == _on(like))
    return tuple(dict.fromkeys(mine))


def _on(reaction: Reaction) -> tuple[str, str, str]:
    return reaction.room_id, reaction.sender, reaction.about


def _forget(known: dict[str, Any], most: int) -> None:
    while len(known) > most:
        del known[next(iter(known))]


class Vault:
    """One account's folder; nothing is touched before it is needed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def private(self) -> Iterator[Path]:
        """Make the folder; files made meanwhile are for our eyes only."""
        before = os.umask(0o077)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            yield self.folder
        finally:
            os.umask(before)

    def pickle_key(self) -> str:
        """Return the key of the key store, made on first use."""
        with self.private() as folder:
            file = folder / "store.key"
            try:
                with file.open("x", encoding="ascii") as new:
                    new.write(secrets.token_urlsafe(32))
                    new.flush()
                    os.fsync(new.fileno())
            except FileExistsError:
                pass
            return file.read_text(encoding="ascii")

    def login(self) -> Login | None:
        """Return the login of an earlier start."""
        return self._read("login.json", Login)

    def keep_login(self, login: Login) -> None:
        """Keep a login for the next start."""
        self._write("login.json", login)

    def forget_login(self, token: str) -> None:
        """Forget a login the homeserver does not accept any more."""
        kept = self.login()
        if kept is not None and kept.token == token:
            (self.folder / "login.json").unlink(missing_ok=True)

    def memory(self) -> Memory:
        """Return what was remembered."""
        return self._read("memory.json", Memory) or Memory()

    def remember(self, memory: Memory) -> None:
        """Replace what was remembered."""
        self._write("memory.json", memory)

    def _read(self, name: str, kind: type[_T]) -> _T | None:
        file = self.folder / name
        try:
            return msgspec.json.decode(file.read_bytes(), type=kind)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            return None

    def _write(self, name: str, value: object) -> None:
        with self.private() as folder:
            new = folder / f"{name}.new"
            with new.open("wb") as file:
                file.write(msgspec.json.encode(value))
                file.flush()
                os.fsync(file.fileno())
            new.replace(folder / name)
