"""Addresses and message ids that only we can make: who holds one got a mail of ours. Pure.

1. We write to a person from ``name+<thread><mark>@domain``. The mark is an HMAC over the person's
   own address and the thread, so an answer proves two things together: it comes from the address
   we wrote to, and somebody there had our mail. ``From`` alone proves nothing.
2. The thread is an HMAC over trajectory and party; '' where a mail belongs to no trajectory.
3. Base 32 in lower case, for servers may change the case of an address; the mark has 80 bits.
4. A message id comes from the key of the part, so that a part sent twice is one message to every
   mail program, and cannot be guessed.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256

STOP = "stop-"
_THREAD, _MARK = 8, 16
_TOKEN = re.compile(rf"({STOP})?((?:[a-z2-7]{{{_THREAD}}})?)([a-z2-7]{{{_MARK}}})")


class Tokens:
    """What one account makes out of its secret."""

    def __init__(self, secret: bytes, address: str) -> None:
        self._secret = secret
        self._name, _, self.domain = address.partition("@")

    def __repr__(self) -> str:
        return "Tokens()"

    def _code(self, characters: int, *words: str) -> str:
        digest = hmac.digest(self._secret, "\0".join(words).encode("utf-8", "replace"), sha256)
        return b32encode(digest)[:characters].decode().lower()

    def thread(self, trajectory: str, party: str) -> str:
        """Return the name of the thread in which a trajectory shows to a party."""
        return self._code(_THREAD, "thread", trajectory, party)

    def address(self, person: str, thread: str, *, stop: bool = False) -> str:
        """Return the address from which we write to a person; ``stop``: where they say STOP."""
        mark = self._code(_MARK, "mark", person.lower(), thread)
        return f"{self._name}+{STOP if stop else ''}{thread}{mark}@{self.domain}"

    def message_id(self, key: str) -> str:
        """Return the id of a part, without the angle brackets."""
        return f"{self._code(32, 'message', key)}@{self.domain}"

    def root(self, person: str, thread: str) -> str:
        """Return the id under which mail programs gather a thread; no mail has it."""
        return f"{self._code(32, 'root', person.lower(), thread)}@{self.domain}"

    def is_ours(self, address: str) -> bool:
        """Tell whether an address is the account's, with or without a token."""
        name, _, domain = address.lower().rpartition("@")
        return domain == self.domain and name.partition("+")[0] == self._name

    def read(self, address: str, person: str) -> tuple[str, bool] | None:
        """Return thread and whether it says STOP, None unless we made it for this person."""
        if not self.is_ours(address):
            return None
        token = address.lower().rpartition("@")[0].partition("+")[2]
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        thread, stop = found.group(2), bool(found.group(1))
        wanted = self.address(person, thread, stop=stop)
        return (thread, stop) if hmac.compare_digest(wanted, address.lower()) else None
