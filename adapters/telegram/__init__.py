"""Telegram: one bot over the Bot API. https://core.telegram.org/bots/api"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from adapters.telegram import layout
from adapters.telegram.client import MAX_DOWNLOAD, TelegramAdapter
from adapters.telegram.settings import TelegramSettings, check_settings
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
    import aiohttp

__all__ = ["CAPABILITIES", "TelegramAdapter", "TelegramSettings", "build"]

_GROUP_RATE = 20 / 60

CAPABILITIES = Capabilities(
    network="telegram",
    support={
        Feature.TEXT: Support.FULL,
        Feature.FORMATTING: Support.FULL,
        Feature.PHOTO: Support.FULL,
        Feature.VIDEO: Support.FULL,
        Feature.AUDIO: Support.FULL,
        Feature.FILE: Support.FULL,
        Feature.VOICE_NOTE: Support.FULL,
        Feature.STICKER: Support.FULL,
        Feature.ALBUM: Support.FULL,
        Feature.LOCATION: Support.FULL,
        Feature.CONTACT_CARD: Support.FULL,
        Feature.CHOICES: Support.FULL,
        Feature.REPLY: Support.FULL,
        Feature.EDIT: Support.PARTIAL,  # words and captions, not files and cards
        Feature.DELETE: Support.PARTIAL,  # ours, for 48 hours; theirs is never told to bots
        Feature.REACTION: Support.PARTIAL,  # one, of a fixed list; others as an answer
        Feature.TYPING: Support.PARTIAL,  # shown, but never told to bots
        Feature.RECEIPT_DELIVERED: Support.DROPPED,
        Feature.RECEIPT_READ: Support.DROPPED,
        Feature.OWN_PLACES: Support.FULL,
    },
    max_text=layout.MAX_TEXT,
    text_unit=LengthUnit.UTF16,
    max_caption=layout.MAX_CAPTION,
    max_upload=layout.MAX_UPLOAD,
    max_download=MAX_DOWNLOAD,
    max_choices=layout.MAX_BUTTONS,
    max_choice_label=layout.MAX_LABEL,
    edit_age=None,
    typing_interval=5.0,
    # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
    rates=Rates(account=30, chat=1, group=_GROUP_RATE),
    protection=Protection.TO_VENDOR,
    idempotency=Idempotency.BLIND,
)


def build(
    account: str, settings: TelegramSettings, session: aiohttp.ClientSession | None = None
) -> TelegramAdapter:
    """Return the adapter of one bot; a session given stays the caller's. Raises ConfigError."""
    check_settings(account, settings)
    chat = settings.chat_rate_per_second
    rates = Rates(account=settings.rate_per_second, chat=chat, group=_GROUP_RATE if chat else 0)
    capabilities = msgspec.structs.replace(CAPABILITIES, rates=rates)
    return TelegramAdapter(account, settings, capabilities, session)
