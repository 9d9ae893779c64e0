"""Where people are and where a trajectory shows: the two kinds of address of the bridge."""

from __future__ import annotations

import re
from typing import Self

import msgspec

ID_PATTERN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,38}[A-Za-z0-9])?")
"""Ids of people and trajectories: at most 40 characters, safe in URLs, keys and button payloads."""


class Endpoint(msgspec.Struct, frozen=True, order=True, gc=False):
    """Where one person is: an address on one of our accounts, such as ``telegram:main:111``."""

    network: str
    account: str
    address: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``network:account:address``; the address may itself hold colons.

        Raises ValueError with a sentence for the operator.
        """
        network, _, rest = text.partition(":")
        account, _, address = rest.partition(":")
        if not (network and account and address):
            msg = f"{text!r} is not an endpoint; write network:account:address"
            raise ValueError(msg)
        return cls(network, account, address)

    def __str__(self) -> str:
        return f"{self.network}:{self.account}:{self.address}"

    @property
    def masked(self) -> str:
        """Return the end of a telephone number, for people who may know no more; '' of others."""
        return f"***{self.address[-3:]}" if self.address.startswith("+") else ""


class Place(msgspec.Struct, frozen=True, order=True, gc=False):
    """A chat, room, topic or thread; bound to at most one trajectory, or shared by several."""

    network: str
    account: str
    chat: str
    thread: str = ""

    @property
    def lane(self) -> str:
        """The name of the outbox lane: strict order within it, none across lanes."""
        return f"{self.network}:{self.account}:{self.chat}#{self.thread}"

    def __str__(self) -> str:
        thread = f"#{self.thread}" if self.thread else ""
        return f"{self.network}:{self.account}:{self.chat}{thread}"


def require_id(text: str, what: str) -> str:
    """Return text if it can be an id, else raise ValueError naming what it was for."""
    if ID_PATTERN.fullmatch(text) is None:
        msg = (
            f"{what} {text!r} is not usable: use 1 to 40 letters, digits, dots, dashes or "
            "underscores, beginning and ending with a letter or digit"
        )
        raise ValueError(msg)
    return text
