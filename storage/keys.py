"""The key that stands outside the database, and the data keys it wraps.

1. The master key comes from the environment or from a file that only its owner can read; it is
   never in the database, so a stolen database or backup is unreadable without it.
2. Everything somebody says in a trajectory is sealed under the data key of (trajectory, owner);
   the key of ('', '') is the bridge's own, for what belongs to no log.
3. Destroying a data key leaves its row, so that it cannot come back by itself.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
import stat
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.core.errors import ConfigError, StoreError
from storage import crypto
from storage.crypto import Sealer
from storage.lru import Lru
from storage.sql import SqlIn
from storage.tables import data_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ENVIRONMENT = "COACHBRIDGE_KEY"
BRIDGE_KEY = ("", "")
CACHED_KEYS = 2_048
READY = 256
"""Keys of which the cipher is kept too: that takes twenty times the memory of the key, and 4 µs."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_CHECK = crypto.fields("coachbridge/key-check")


class MasterKey:
    """The key-encryption key: it seals data keys and nothing else."""

    __slots__ = ("_key", "_sealer")

    def __init__(self, key: bytes) -> None:
        if len(key) != crypto.KEY_BYTES:
            raise ConfigError(f"a key must have {crypto.KEY_BYTES} bytes, not {len(key)}")
        self._sealer = Sealer(key)
        self._key = key

    def wrap(self, key: bytes, trajectory: str, owner: str) -> bytes:
        """Return a data key sealed for its one place."""
        return self._sealer.seal(key, crypto.fields(trajectory, owner))

    def unwrap(self, wrapped: bytes, trajectory: str, owner: str) -> bytes:
        """Return a data key. Raises StoreError when it is not for this place or this key."""
        return self._sealer.open(wrapped, crypto.fields(trajectory, owner))

    def derive(self, purpose: str) -> bytes:
        """Return 32 secret bytes for something else than sealing; the same for each purpose."""
        return hmac.digest(self._key, f"coachbridge/{purpose}".encode(), hashlib.sha256)

    def check_value(self) -> bytes:
        """Return a value by which the store will know this key again."""
        return self._sealer.seal(b"", _CHECK)

    def made(self, check_value: bytes) -> bool:
        """Tell whether this key made a check value."""
        try:
            self._sealer.open(check_value, _CHECK)
        except StoreError:
            return False
        return True


def load_master_key(file: Path, environment: Mapping[str, str] | None = None) -> MasterKey:
    """Return the key from COACHBRIDGE_KEY (base64 of 32 bytes), else from the key file.

    The file is made with mode 0600 on first use. Raises ConfigError when others may read it or
    when it holds no key.
    """
    given = (os.environ if environment is None else environment).get(ENVIRONMENT, "").strip()
    if given:
        return MasterKey(_decode(given, f"the environment variable {ENVIRONMENT}"))
    try:
        with contextlib.suppress(FileExistsError):
            _create(file)
        _refuse_readable(file)
        return MasterKey(_decode(file.read_text().strip(), f"the key file {file}"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"[keys] file = {str(file)!r} cannot be used: {error}") from error


def _create(file: Path) -> None:
    if file.exists():
        raise FileExistsError(file)
    text = base64.b64encode(os.urandom(crypto.KEY_BYTES)) + b"\n"
    # A half-written key would lock the store for ever: write aside, then link into place.
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(text)
            written.flush()
            os.fsync(descriptor)
        os.link(aside, file)
    finally:
        aside.unlink()


def _refuse_readable(file: Path) -> None:
    if stat.S_IMODE(file.stat().st_mode) & _OTHERS:
        raise ConfigError(
            f"the key file {file} can be read by others; make it yours alone: chmod 600 {file}"
        )


def _decode(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != crypto.KEY_BYTES:
        raise ConfigError(f"{where} does not hold a key: 32 bytes in base64 are needed")
    return key


class Keyring:
    """Data keys, unwrapped and kept ready; one for each thread that seals or opens."""

    def __init__(self, master: MasterKey) -> None:
        self._master = master
        self._fingerprints: dict[str, bytes] = {}
        self._keys: Lru[tuple[str, str], bytes | None] = Lru(CACHED_KEYS)
        self._ready: Lru[tuple[str, str], Sealer] = Lru(READY)

    def fingerprint(self, purpose: str, text: str) -> bytes:
        """Return 16 bytes that are the same for the same text, and tell nothing without the key."""
        if self._fingerprints.get(purpose) is None:
            self._fingerprints[purpose] = self._master.derive(purpose)
        key = self._fingerprints[purpose]
        return hmac.digest(key, text.encode(), hashlib.sha256)[:16]

    def forget(self) -> None:
        """Drop all keys held, because another process may have destroyed one."""
        self._keys.clear()
        self._ready.clear()

    def forget_key(self, trajectory: str, owner: str) -> None:
        """Drop one key: it is new, destroyed, or its making was rolled back."""
        self._keys.pop((trajectory, owner))
        self._ready.pop((trajectory, owner))

    def find(self, connection: sa.Connection, trajectory: str, owner: str) -> Sealer | None:
        """Return the sealer, None when there is no such key or it was destroyed."""
        name = (trajectory, owner)
        ready = self._ready.get(name)
        if ready is not None:
            return ready
        if name in self._keys:
            key = self._keys[name]
        else:
            wrapped = connection.execute(_FIND, {"trajectory": trajectory, "owner": owner}).scalar()
            key = None if wrapped is None else self._master.unwrap(wrapped, trajectory, owner)
            self._keys[name] = key
        if key is None:
            return None
        ready = self._ready[name] = Sealer(key)
        return ready

    def fetch(self, connection: sa.Connection, names: Iterable[tuple[str, str]]) -> None:
        """Look many keys up at once, each by its trajectory and owner."""
        missing = [name for name in names if name not in self._keys]
        for trajectory, owner, wrapped in _MANY.rows(connection, missing):
            key = None if wrapped is None else self._master.unwrap(wrapped, trajectory, owner)
            self._keys[trajectory, owner] = key

    def make(
        self, connection: sa.Connection, trajectory: str, owner: str, at: int
    ) -> Sealer | None:
        """Return the sealer, made if there never was one; None when it was destroyed.

        ``at`` in microseconds since the epoch. The caller calls forget_key after a rollback.
        """
        sealer = self.find(connection, trajectory, owner)
        if sealer is not None:
            return sealer
        exists = connection.execute(_EXISTS, {"trajectory": trajectory, "owner": owner}).scalar()
        if exists:
            return None
        key = os.urandom(crypto.KEY_BYTES)
        row = {
            "trajectory": trajectory,
            "owner": owner,
            "wrapped": self._master.wrap(key, trajectory, owner),
            "created_at": at,
        }
        connection.execute(data_keys.insert(), row)
        name = (trajectory, owner)
        self._keys[name] = key
        sealer = self._ready[name] = Sealer(key)
        return sealer


_MANY = SqlIn(
    "WITH k(trajectory, owner) AS (*) SELECT d.trajectory, d.owner, d.wrapped "
    "FROM k CROSS JOIN data_keys d WHERE d.trajectory = k.trajectory AND d.owner = k.owner",
    width=2,
)
_ONE = sa.and_(
    data_keys.c.trajectory == sa.bindparam("trajectory"),
    data_keys.c.owner == sa.bindparam("owner"),
)
_FIND = sa.select(data_keys.c.wrapped).where(_ONE)
_EXISTS = sa.select(sa.literal(1)).select_from(data_keys).where(_ONE)
