"""The judge's record: what people sent, which calls were accepted, what was told to whom.

It knows nothing of any program behind the webhooks. `monotonic` is `time.monotonic()` in seconds,
`at` an aware UTC instant; sequence numbers count over all lists.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import count

import msgspec

from adapters.emulators.twilio.errors import Json


class Said(msgspec.Struct, kw_only=True):
    """One message a person sent."""

    seq: int
    at: datetime
    monotonic: float
    sid: str
    network: str
    person: str
    to: str
    text: str
    files: int = 0


class Call(msgspec.Struct, kw_only=True):
    """One call of the API that reached the server."""

    seq: int
    at: datetime
    monotonic: float
    what: str
    params: Json
    processed: bool = False
    """The server did what was asked, or refused it; False = a fault came before."""
    code: int = 0
    """The code of the refusal."""
    sid: str = ""
    fault: str = ""
    answered: bool = False


class Shown(msgspec.Struct, kw_only=True):
    """A message of ours that appeared on a phone: what the judge compares with the log."""

    seq: int
    at: datetime
    monotonic: float
    sid: str
    network: str
    sender: str
    person: str
    text: str
    media: list[str] = []
    by_vendor: bool = False
    """Twilio's own answer to STOP, START or HELP."""


class Handed(msgspec.Struct, kw_only=True):
    """One webhook and its way."""

    seq: int
    at: datetime
    monotonic: float
    what: str
    url: str
    fields: Json
    sid: str
    statuses: list[int] = []
    """What each try was answered; 0 = no answer."""
    taken: bool = False
    warning: int = 0
    """12300: the answer to a message was no TwiML."""


class Journal:
    """Append-only lists with a few questions on them."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.calls: list[Call] = []
        self.shown: list[Shown] = []
        self.handed: list[Handed] = []
        self._seq = count(1)

    def stamp(self) -> Json:
        """The next sequence number and the time on both clocks."""
        return {"seq": next(self._seq), "at": datetime.now(UTC), "monotonic": time.monotonic()}

    def shown_to(self, person: str, network: str = "") -> list[Shown]:
        """What appeared on a phone, in order; without Twilio's own answers."""
        return [
            one
            for one in self.shown
            if one.person == person and network in ("", one.network) and not one.by_vendor
        ]

    def calls_of(self, what: str) -> list[Call]:
        """Calls that reached the server, in order of arrival."""
        return [call for call in self.calls if call.what == what]

    def to_json(self, since: int = 0) -> Json:
        """All that has a sequence number above `since`, as plain JSON."""
        lists: dict[str, list[msgspec.Struct]] = {
            "said": [one for one in self.said if one.seq > since],
            "calls": [one for one in self.calls if one.seq > since],
            "shown": [one for one in self.shown if one.seq > since],
            "handed": [one for one in self.handed if one.seq > since],
        }
        plain: Json = msgspec.to_builtins(lists)
        return plain
