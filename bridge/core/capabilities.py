"""What a network can show, as data: the engine never reads it.

``render`` and the docs do; the composition root hands the shell what it has to know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class Support(StrEnum):
    """How well a network shows a feature."""

    REJECTED = "rejected"  # the network answers with an error
    DROPPED = "dropped"  # silently not shown
    FALLBACK = "fallback"  # told in words
    PARTIAL = "partial"  # shown, with a stated loss
    FULL = "full"


class Feature(StrEnum):
    """Everything a network is asked to carry."""

    TEXT = "text"
    FORMATTING = "formatting"
    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    VOICE_NOTE = "voice_note"
    STICKER = "sticker"
    ALBUM = "album"
    LOCATION = "location"
    CONTACT_CARD = "contact_card"
    CHOICES = "choices"
    REPLY = "reply"
    EDIT = "edit"
    DELETE = "delete"
    REACTION = "reaction"
    TYPING = "typing"
    RECEIPT_DELIVERED = "receipt_delivered"
    RECEIPT_READ = "receipt_read"
    OWN_PLACES = "own_places"


class LengthUnit(StrEnum):
    """What a network counts when it limits a text."""

    UTF16 = "utf16"
    CHARACTERS = "characters"
    SEGMENTS = "segments"
    BYTES = "bytes"


class Protection(StrEnum):
    """Who can read along on the way."""

    END_TO_END = "end_to_end"
    TO_VENDOR = "to_vendor"
    PLAIN = "plain"


class Idempotency(StrEnum):
    """How we find out whether an ambiguous request was taken."""

    IDEMPOTENT = "idempotent"  # the same key again is the same message
    QUERYABLE = "queryable"  # we can look our key up
    ECHOING = "echoing"  # the network calls back with our key
    BLIND = "blind"  # no way


class Rates(msgspec.Struct, frozen=True):
    """Token buckets in messages per second; 0 = unlimited."""

    account: float
    chat: float
    group: float


class Capabilities(msgspec.Struct, frozen=True):
    """One network's data sheet; sizes in bytes, times in seconds."""

    network: str
    support: Mapping[Feature, Support]
    max_text: int
    text_unit: LengthUnit
    max_caption: int
    max_upload: int
    max_download: int
    max_choices: int
    max_choice_label: int
    edit_age: int | None  # None = no limit
    typing_interval: float
    rates: Rates
    protection: Protection
    idempotency: Idempotency
    answers_always: bool = False
    """Whoever writes to us there answers our last message, whatever they mean by it."""
    own_page: bool = False
    """A page of the bridge's own: a link to another one would lead to no better place."""
