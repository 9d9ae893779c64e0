"""Seals, keys and hashes: the only file that calls a cipher.

1. AES-256-GCM with a random 96-bit nonce in front of the ciphertext. A data key belongs to one
   author in one trajectory, so it stays far below the 2^32 messages of NIST SP 800-38D, 8.3.
2. What a seal belongs to is its associated data: sealed bytes moved elsewhere do not open.
3. The lengths of all fields stand before them in what is authenticated or hashed, so no two
   different lists of fields give the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import threading
from struct import Struct
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bridge.core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY_BYTES = 32
NONCE_BYTES = 12
_NONCES_AT_ONCE = 256

_NUMBER = Struct(">q").pack
_LENGTHS = tuple(Struct(f">B{count}I").pack for count in range(16))
_THREE, _NINE = _LENGTHS[3], _LENGTHS[9]


class _Nonces(threading.local):
    """Random nonces, drawn many at a time: a system call each would cost more than the sealing.

    Each thread has its own, so none is ever given out twice.
    """

    def __init__(self) -> None:
        self._left: Iterator[bytes] = iter(())

    def draw(self) -> bytes:
        """Return a nonce nobody had before."""
        nonce = next(self._left, None)
        if nonce is None:
            pool = os.urandom(NONCE_BYTES * _NONCES_AT_ONCE)
            cuts = range(0, len(pool), NONCE_BYTES)
            self._left = iter([pool[cut : cut + NONCE_BYTES] for cut in cuts])
            nonce = next(self._left)
        return nonce


_nonces = _Nonces()


class Sealer:
    """One key, ready to seal and open."""

    __slots__ = ("_cipher",)

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Return nonce and ciphertext of ``plain``, bound to what it belongs to."""
        nonce = _nonces.draw()
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Return the plain bytes. Raises StoreError when key, place or bytes are not the same."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
        except (InvalidTag, ValueError):
            raise StoreError("sealed data does not open: wrong key or damaged data") from None


def fields(*values: str | bytes) -> bytes:
    """Return up to fifteen values as unambiguous bytes: how many, how long each, then all."""
    parts = [value.encode() if isinstance(value, str) else value for value in values]
    count = len(parts)
    return _LENGTHS[count](count, *map(len, parts)) + b"".join(parts)


def entry_binding(trajectory: str, seq: int, kind: str) -> bytes:
    """Return the associated data of an entry's sealed fields."""
    # ``fields`` written out, as below.
    whose, what = trajectory.encode(), kind.encode()
    return b"".join((_THREE(3, len(whose), 8, len(what)), whose, _NUMBER(seq), what))


def genesis(trajectory: str) -> bytes:
    """Return the hash before the first entry of a log."""
    return hashlib.sha256(f"coachbridge/1/{trajectory}".encode()).digest()


def entry_hash(
    prev_hash: bytes,
    trajectory: str,
    seq: int,
    at: int,
    kind: str,
    author: str,
    owner: str,
    envelope: bytes,
    sealed: bytes | None,
) -> bytes:
    """Return the hash of an entry as it is stored; it needs no key, so erasure keeps the chain.

    ``at`` in microseconds since the epoch.
    """
    # ``fields`` written out: two of these for every message.
    whose, what, who, key = trajectory.encode(), kind.encode(), author.encode(), owner.encode()
    hidden = sealed or b""
    lengths = _NINE(
        *(9, len(prev_hash), len(whose), 8, 8, len(what), len(who), len(key)),
        *(len(envelope), len(hidden)),
    )
    line = b"".join(
        (lengths, prev_hash, whose, _NUMBER(seq), _NUMBER(at), what, who, key, envelope, hidden)
    )
    return hashlib.sha256(line).digest()
