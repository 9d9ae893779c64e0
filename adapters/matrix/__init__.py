"""Matrix: one account on a homeserver. https://spec.matrix.org/v1.16/client-server-api/"""

from __future__ import annotations

import msgspec

from adapters.matrix.client import MatrixAdapter
from adapters.matrix.settings import MatrixSettings, check_settings
from bridge.core.capabilities import (
    Capabilities,
    Feature,
    Idempotency,
    LengthUnit,
    Protection,
    Rates,
    Support,
)

__all__ = ["CAPABILITIES", "MatrixAdapter", "MatrixSettings", "build"]

CAPABILITIES = Capabilities(
    network="matrix",
    support={
        Feature.TEXT: Support.FULL,
        Feature.FORMATTING: Support.FULL,
        Feature.PHOTO: Support.FULL,
        Feature.VIDEO: Support.FULL,
        Feature.AUDIO: Support.FULL,
        Feature.FILE: Support.FULL,
        Feature.VOICE_NOTE: Support.FULL,
        Feature.STICKER: Support.PARTIAL,  # shown as a picture
        Feature.ALBUM: Support.PARTIAL,  # each item becomes a message of its own
        Feature.LOCATION: Support.FULL,
        Feature.CONTACT_CARD: Support.FALLBACK,
        Feature.CHOICES: Support.FALLBACK,  # a numbered list, answered with a number
        Feature.REPLY: Support.FULL,
        Feature.EDIT: Support.FULL,
        Feature.DELETE: Support.FULL,
        Feature.REACTION: Support.FULL,
        Feature.TYPING: Support.FULL,
        Feature.RECEIPT_DELIVERED: Support.DROPPED,
        Feature.RECEIPT_READ: Support.FULL,
        Feature.OWN_PLACES: Support.FULL,
    },
    max_text=8000,
    text_unit=LengthUnit.BYTES,
    max_caption=8000,
    max_upload=50_000_000,
    max_download=100_000_000,
    max_choices=50,
    max_choice_label=200,
    edit_age=None,
    typing_interval=6.0,
    rates=Rates(account=10, chat=0, group=0),
    protection=Protection.END_TO_END,
    idempotency=Idempotency.IDEMPOTENT,
)


def build(account: str, settings: MatrixSettings) -> MatrixAdapter:
    """Return the adapter of one account; nothing is opened yet. Raises ConfigError."""
    check_settings(account, settings)
    capabilities = msgspec.structs.replace(
        CAPABILITIES,
        rates=Rates(account=settings.rate_per_second, chat=0, group=0),
        protection=Protection.END_TO_END if settings.encryption else Protection.TO_VENDOR,
    )
    return MatrixAdapter(account, settings, capabilities)
