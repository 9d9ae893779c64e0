"""What the pages and their JSON twins are made of: every page is one of these structs."""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.core.trajectory import Consent
from storage.timeline import Page


class Who(msgspec.Struct, frozen=True):
    """A person by id and name."""

    id: str
    name: str


class Reader(msgspec.Struct, frozen=True):
    """For whom a page is made: the language and the zone it is in."""

    id: str
    name: str
    language: str
    time_zone: str


class Card(msgspec.Struct, frozen=True):
    """A trajectory in the inbox; ``needs`` in this order: failed, uncertain, unanswered, waiting,
    unread."""

    id: str
    title: str
    closed: bool
    clients: tuple[Who, ...]
    needs: tuple[str, ...]
    unanswered: datetime | None
    unread: int
    failed: int
    uncertain: int
    waiting: int
    last_at: datetime
    last_author: Who | None
    last_text: str | None


class Inbox(msgspec.Struct, frozen=True):
    """A coach's trajectories, those first that need her most; ``parked`` payloads of the whole
    bridge could not be read and wait for the operator."""

    reader: Reader
    trajectories: tuple[Card, ...]
    unread: int
    parked: int


class Member(msgspec.Struct, frozen=True):
    """A party at a glance."""

    id: str
    name: str
    role: str
    active: bool
    consent: Consent
    time_zone: str


class TrajectoryPage(msgspec.Struct, frozen=True):
    """A trajectory and one page of its timeline."""

    reader: Reader
    id: str
    title: str
    closed: bool
    parties: tuple[Member, ...]
    page: Page


class EndpointCard(msgspec.Struct, frozen=True):
    """Where a person is reached; the address of anybody else is masked but for its end.

    ``protection``: end_to_end, to_vendor or plain; '' for a network that is not set up now.
    """

    network: str
    account: str
    address: str
    protection: str
    opted_out: str


class PersonCard(msgspec.Struct, frozen=True):
    """A party with the endpoints they use, the preferred first."""

    id: str
    name: str
    role: str
    active: bool
    consent: Consent
    language: str
    time_zone: str
    endpoints: tuple[EndpointCard, ...]


class People(msgspec.Struct, frozen=True):
    """Everybody who takes or took part."""

    reader: Reader
    id: str
    title: str
    people: tuple[PersonCard, ...]


class Found(msgspec.Struct, frozen=True, tag="hit"):
    """A line with the words that were searched for."""

    trajectory: str
    title: str
    clients: tuple[Who, ...]
    seq: int
    at: datetime
    author: Who
    kind: str
    snippet: str


class ActivityLine(msgspec.Struct, frozen=True):
    """Messages of one person over one network, week by week."""

    network: str
    author: Who
    role: str
    counts: tuple[int, ...]
    total: int


class Activity(msgspec.Struct, frozen=True):
    """Messages per week; ``weeks`` are their Mondays (ISO dates) in the reader's zone."""

    reader: Reader
    id: str
    title: str
    weeks: tuple[str, ...]
    lines: tuple[ActivityLine, ...]
    total: int
