"""Tokens for programs: made from chance, shown once, kept as a hash, good for some scopes.

1. A token is somebody's: what it may reach is what that person may see, at the moment of the call.
2. ``write`` does not contain ``read``; a program gets what it needs and nothing else.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError

if TYPE_CHECKING:
    from collections.abc import Collection

    from storage.unit import Unit

PREFIX = "cbt_"
"""How a token begins, so that people and scanners of leaked secrets know what it is."""


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    WRITE = "write"


def token_hash(token: str) -> str:
    """Return what is stored of a token; it has 256 bits of chance, so one round is enough."""
    return sha256(token.encode()).hexdigest()


def issue(unit: Unit, person: str, scopes: Collection[Scope], days: int | None) -> tuple[str, str]:
    """Make a token for a person; return its id and the token, which is never seen again.

    ``days`` None = until it is revoked. Raises BridgeError when there is no such person.
    """
    if unit.person(person) is None:
        raise BridgeError(f"there is no person {person!r}; apply your practice first")
    name, token = secrets.token_hex(4), PREFIX + secrets.token_urlsafe(32)
    until = None if days is None else unit.now + timedelta(days=days)
    kept = [scope.value for scope in Scope if scope in scopes]
    unit.tokens.put(name, token_hash(token), person, kept, until)
    return name, token
