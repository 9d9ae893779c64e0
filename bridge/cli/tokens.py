"""`coachbridge token`: make a token for a program, list a person's tokens, revoke one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError
from bridge.runtime import tokens
from storage.tokens import of_person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bridge.app import Offline
    from bridge.runtime.tokens import Scope
    from storage.tokens import TokenLine


def make(offline: Offline, person: str, scopes: Sequence[Scope], days: int | None) -> Iterator[str]:
    """Make a token and yield what to print; the token is shown this once. Raises BridgeError."""
    name, token = offline.writer.run(lambda unit: tokens.issue(unit, person, scopes, days))
    yield f"token: {token}"
    yield f"id: {name}"
    yield "Keep it as you keep a password; it is not shown again."


def listed(offline: Offline, person: str) -> Iterator[str]:
    """Yield a line for each token a person ever had, the newest first."""
    for line in of_person(offline.store, person):
        yield _line(line)


def revoke(offline: Offline, person: str, token: str) -> str:
    """Revoke one token by its id. Raises BridgeError when there is none that is good."""
    if not offline.writer.run(lambda unit: unit.tokens.revoke(token, person)):
        raise BridgeError(
            f"{person!r} has no token {token!r} to revoke; see: coachbridge token {person} --list"
        )
    return f"token {token} is revoked"


def _line(line: TokenLine) -> str:
    made = f"made {line.created_at.astimezone():%Y-%m-%d %H:%M}"
    until = f", until {line.expires_at.astimezone():%Y-%m-%d %H:%M}" if line.expires_at else ""
    over = f", revoked {line.revoked.astimezone():%Y-%m-%d %H:%M}" if line.revoked else ""
    return f"{line.id}  {' '.join(line.scopes)}  {made}{until}{over}"
