"""The people of the engine's tests, and what the shell would know of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import TypeVar

import msgspec

from bridge.core import entries as e
from bridge.core import steps
from bridge.core.endpoint import Endpoint, Place
from bridge.core.facts import ConsentText, Facts, Person, Reach, Target
from scheduling.calendar.recurrence import Hours
from scheduling.calendar.slots import Availability, Kind

T = TypeVar("T")

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TRAJECTORY = "anna-2026"

ADDRESSES = {
    "noor": ("telegram", "111"),
    "piet": ("matrix", "@piet:example.org"),
    "anna": ("telegram", "222"),
    "bram": ("twilio", "+31600000003"),
    "shell": ("telegram", "444"),
    "olga": ("telegram", "555"),
}
OFFERED = Availability(
    "Europe/Amsterdam",
    (
        Kind("video", (Hours((0, 1, 2, 3, 4), time(9), time(12, 30)),)),
        Kind("phone", (Hours((1,), time(13), time(15)),), minutes=25),
    ),
)
TEXTS = {
    "en": ConsentText("en-1", "en", "{coach} would like to coach you. Do you agree?"),
    "nl": ConsentText("nl-1", "nl", "{coach} wil je coachen. Ga je akkoord?"),
}


def endpoint(party: str) -> Endpoint:
    """Return the first endpoint of one of the cast."""
    network, address = ADDRESSES[party]
    return Endpoint(network, "main", address)


def chat(party: str) -> Place:
    """Return the private chat with one of the cast."""
    network, address = ADDRESSES[party]
    return Place(network, "main", address)


def person(party: str) -> Person:
    """Return one of the cast with one endpoint that may be used."""
    language = "nl" if party in ("noor", "bram") else "en"
    reach = Reach(endpoint(party), epoch=1, chat=chat(party).chat)
    return Person(party, party.capitalize(), language, "Europe/Amsterdam", (reach,))


PEOPLE = {party: person(party) for party in ADDRESSES}


def facts(now: datetime = NOON, target: Target | None = None) -> Facts:
    """Return what the shell knows while nothing special is the matter."""
    return Facts(now=now, people=PEOPLE, target=target, consent_texts=TEXTS)


def target_of(entry: e.Entry, seq: int) -> Target:
    """Return an entry as the shell tells the engine of it."""
    if isinstance(entry, e.NoticeGiven):
        return Target(seq, entry.author, entry.kind, entry.party, entry.notice)
    to = entry.to if isinstance(entry, e.AsidePosted) else ()
    return Target(seq, entry.author, entry.kind, to=to)


def reread(value: T, kind: type[T]) -> T:
    """Return a value after it was written down and read again."""
    return msgspec.json.decode(msgspec.json.encode(value), type=kind)


def words_of(log: Sequence[tuple[e.Entry, datetime]], wanted: Iterable[int]) -> dict[int, str]:
    """Return what entries say, as the shell tells the engine of it."""
    known = {seq: steps.said(log[seq - 1][0]) for seq in wanted if 0 < seq <= len(log)}
    return {seq: text for seq, text in known.items() if text}
