"""The judge's record: what people sent, which calls were accepted, what was told to whom.

It knows nothing of any program behind the webhooks. `monotonic` is `time.monotonic()` in seconds,
`at` an aware UTC instant; sequence numbers count over all lists.
"""

from __future__ import annotations

import msgspec

from adapters.emulators.misuse import Json
from adapters.emulators.record import Happening, Record


class Said(Happening, kw_only=True):
    """One message a person sent."""

    sid: str
    network: str
    person: str
    to: str
    text: str
    files: int = 0


class Call(Happening, kw_only=True):
    """One call of the API that reached the server."""

    what: str
    params: Json
    processed: bool = False
    """The server did what was asked, or refused it; False = a fault came before."""
    code: int = 0
    """The code of the refusal."""
    sid: str = ""
    fault: str = ""
    answered: bool = False


class Shown(Happening, kw_only=True):
    """A message of ours that appeared on a phone: what the judge compares with the log."""

    sid: str
    network: str
    sender: str
    person: str
    text: str
    media: list[str] = msgspec.field(default_factory=list)
    by_vendor: bool = False
    """Twilio's own answer to STOP, START or HELP."""


class Handed(Happening, kw_only=True):
    """One webhook and its way."""

    what: str
    url: str
    fields: Json
    sid: str
    statuses: list[int] = msgspec.field(default_factory=list)
    """What each try was answered; 0 = no answer."""
    taken: bool = False
    warning: int = 0
    """12300: the answer to a message was no TwiML."""


class Journal(Record):
    """Append-only lists with a few questions on them."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[Said] = []
        self.calls: list[Call] = []
        self.shown: list[Shown] = []
        self.handed: list[Handed] = []

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
