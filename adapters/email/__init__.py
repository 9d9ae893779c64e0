"""E-mail: one mailbox over SMTP and IMAP. https://www.rfc-editor.org/rfc/rfc5322"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from adapters.email import render
from adapters.email.client import EmailAdapter
from adapters.email.listen import MAX_MAIL
from adapters.email.settings import EmailSettings, check_settings
from bridge.core.capabilities import (
    Capabilities,
    Feature,
    Idempotency,
    LengthUnit,
    Protection,
    Rates,
    Support,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CAPABILITIES", "EmailAdapter", "EmailSettings", "build"]

_SUPPORT: Mapping[Feature, Support] = {
    Feature.TEXT: Support.FULL,
    Feature.FORMATTING: Support.PARTIAL,  # theirs only where they send nothing but HTML
    Feature.PHOTO: Support.FULL,
    Feature.VIDEO: Support.PARTIAL,  # as a file to open
    Feature.AUDIO: Support.PARTIAL,
    Feature.FILE: Support.FULL,
    Feature.VOICE_NOTE: Support.PARTIAL,
    Feature.STICKER: Support.PARTIAL,
    Feature.ALBUM: Support.PARTIAL,  # each item becomes a mail of its own
    Feature.LOCATION: Support.FALLBACK,
    Feature.CONTACT_CARD: Support.FALLBACK,
    Feature.CHOICES: Support.FALLBACK,
    Feature.REPLY: Support.FULL,
    Feature.EDIT: Support.FALLBACK,
    Feature.DELETE: Support.FALLBACK,
    Feature.REACTION: Support.FALLBACK,
    Feature.TYPING: Support.DROPPED,
    Feature.RECEIPT_DELIVERED: Support.PARTIAL,  # only of what comes back or answers by itself
    Feature.RECEIPT_READ: Support.DROPPED,
    Feature.OWN_PLACES: Support.FULL,
}

CAPABILITIES = Capabilities(
    network="email",
    support=_SUPPORT,
    max_text=render.MAX_TEXT,
    text_unit=LengthUnit.CHARACTERS,
    max_caption=render.MAX_TEXT,
    max_upload=render.MAX_UPLOAD,
    max_download=MAX_MAIL,
    max_choices=render.MAX_OPTIONS,
    max_choice_label=render.MAX_LABEL,
    edit_age=None,
    typing_interval=0.0,
    rates=Rates(account=2, chat=1, group=1),
    protection=Protection.PLAIN,
    idempotency=Idempotency.BLIND,
    answers_always=True,
)


def build(account: str, settings: EmailSettings) -> EmailAdapter:
    """Return the adapter of one mailbox. Raises ConfigError."""
    rate = settings.rate_per_second
    rates = Rates(account=rate, chat=1 if rate else 0, group=1 if rate else 0)
    capabilities = msgspec.structs.replace(CAPABILITIES, rates=rates)
    return EmailAdapter(account, check_settings(account, settings), capabilities)
