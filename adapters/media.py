"""What files are called and what gets lost on the way: shared by all networks. Pure."""

from __future__ import annotations

import mimetypes
import re
from enum import StrEnum

from bridge.core.adapter import NUMBERED

UNKNOWN_MIME = frozenset({"", "application/octet-stream"})
# Not for disks or headers, or invisible and able to turn what one reads: "gpj.exe" as "exe.jpg".
_UNSAFE = re.compile(
    r'[\x00-\x1f\x7f-\x9f/\\"<>:;|?*\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+'
)
_MAX_NAME = 120


class Loss(StrEnum):
    """What a network could not show of an effect; the log tells. The only list of these codes."""

    ALBUM_SPLIT = "album_split"
    """Items of an album appear as messages of their own."""
    BUTTONS_AS_TEXT = NUMBERED
    """Options appear as a numbered list."""
    CAPTION_MOVED = "caption_moved"
    """A caption was too long or not possible and appears as a message of its own."""
    CONTACT_AS_TEXT = "contact_as_text"
    """A contact card appears as words."""
    EDIT_NOT_SHOWN = "edit_not_shown"
    """A part cannot be changed afterwards and still shows the old content."""
    FILE_AS_LINK = "file_as_link"
    """The network takes no such file; a link to it appears."""
    FILE_MISSING = "file_missing"
    """The bytes are not there; only the name appears."""
    FILE_TOO_BIG = "file_too_big"
    """The network does not take a file of this size; only its name appears."""
    FORMATTING_DROPPED = "formatting_dropped"
    """Bold, links and the like are missing; the words are all there."""
    LABEL_CUT = "label_cut"
    """The label of an option was shortened."""
    LOCATION_AS_TEXT = "location_as_text"
    """A point on the map appears as words and a link to a map."""
    NOTHING_TO_SHOW = "nothing_to_show"
    """There was nothing the network could show; no request was made."""
    REACTION_AS_TEXT = "reaction_as_text"
    """The network does not allow this reaction; it appears as an answer."""
    REACTION_REDUCED = "reaction_reduced"
    """Only the first of several reactions appears, or without its skin tone."""
    REPLY_NOT_SHOWN = "reply_not_shown"
    """The answered message does not exist in this place; the answer stands alone."""
    SENT_AS_FILE = "sent_as_file"
    """The network does not show this format; it appears as a file to open."""
    SENT_AS_PHOTO = "sent_as_photo"
    """A sticker appears as a picture."""
    TARGET_MISSING = "target_missing"
    """What was to be changed never appeared in this place; no request was made."""
    TOLD_IN_WORDS = "told_in_words"
    """A correction, a withdrawal or a reaction appears as a message of its own."""
    VCARD_DROPPED = "vcard_dropped"
    """A contact card appears with name and number only."""


def file_name(name: str, mime: str, fallback: str) -> str:
    """Return a name that is safe in headers and on every disk; made from the MIME type if empty."""
    safe = _UNSAFE.sub("_", name).strip(" ._")[-_MAX_NAME:]
    if safe:
        return safe
    return fallback + (mimetypes.guess_extension(mime) or "")


def human_size(size: int) -> str:
    """Return a size in bytes as people say it, in megabytes."""
    return f"{size / 1_000_000:.1f} MB"
