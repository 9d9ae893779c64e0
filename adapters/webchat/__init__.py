"""Web chat: a page of our own in the client's browser; no app, no login."""

from __future__ import annotations

import msgspec

from adapters.webchat.client import Screens, WebChatAdapter
from adapters.webchat.payloads import MAX_TEXT
from adapters.webchat.render import MAX_LABEL, MAX_OPTIONS, MAX_UPLOAD
from bridge.core.capabilities import (
    Capabilities,
    Feature,
    Idempotency,
    LengthUnit,
    Protection,
    Rates,
    Support,
)

__all__ = ["CAPABILITIES", "Screens", "WebChatAdapter", "build"]

CAPABILITIES = Capabilities(
    network="web",
    support={
        Feature.TEXT: Support.FULL,
        Feature.FORMATTING: Support.FULL,
        Feature.PHOTO: Support.FULL,
        Feature.VIDEO: Support.FULL,
        Feature.AUDIO: Support.FULL,
        Feature.FILE: Support.FULL,
        Feature.VOICE_NOTE: Support.FULL,
        Feature.STICKER: Support.PARTIAL,  # as a picture
        Feature.ALBUM: Support.PARTIAL,  # each item is a message of its own
        Feature.LOCATION: Support.FULL,
        Feature.CONTACT_CARD: Support.PARTIAL,  # name and number
        Feature.CHOICES: Support.FULL,
        Feature.REPLY: Support.FULL,
        Feature.EDIT: Support.FULL,
        Feature.DELETE: Support.FULL,
        Feature.REACTION: Support.FULL,
        Feature.TYPING: Support.FULL,
        Feature.RECEIPT_DELIVERED: Support.FULL,
        Feature.RECEIPT_READ: Support.FULL,
        Feature.OWN_PLACES: Support.DROPPED,
    },
    max_text=MAX_TEXT,
    text_unit=LengthUnit.CHARACTERS,
    max_caption=MAX_TEXT,
    max_upload=MAX_UPLOAD,
    max_download=MAX_UPLOAD,
    max_choices=MAX_OPTIONS,
    max_choice_label=MAX_LABEL,
    edit_age=None,
    typing_interval=5.0,
    rates=Rates(account=0, chat=0, group=0),
    protection=Protection.END_TO_END,  # between the browser and the bridge itself, over https
    idempotency=Idempotency.IDEMPOTENT,
    own_page=True,
)


def build(account: str, public_url: str, screens: Screens | None = None) -> WebChatAdapter:
    """Return the adapter; without ``screens`` it can make links and read payloads, not send."""
    safe = public_url.startswith("https://")
    protection = Protection.END_TO_END if safe else Protection.PLAIN
    capabilities = msgspec.structs.replace(CAPABILITIES, protection=protection)
    return WebChatAdapter(account, public_url, capabilities, screens)
