"""Slack: one app over the Web API, Socket Mode or the Events API. https://docs.slack.dev"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from adapters.slack import layout
from adapters.slack.client import MAX_DOWNLOAD, SlackAdapter
from adapters.slack.settings import SlackSettings, check_settings
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

__all__ = ["CAPABILITIES", "SlackAdapter", "SlackSettings", "build"]

CAPABILITIES = Capabilities(
    network="slack",
    support={
        Feature.TEXT: Support.FULL,
        Feature.FORMATTING: Support.PARTIAL,  # no underline, nothing hidden
        Feature.PHOTO: Support.FULL,
        Feature.VIDEO: Support.FULL,
        Feature.AUDIO: Support.FULL,
        Feature.FILE: Support.FULL,
        Feature.VOICE_NOTE: Support.PARTIAL,  # a sound file to play
        Feature.STICKER: Support.PARTIAL,  # a picture
        Feature.ALBUM: Support.PARTIAL,  # each item becomes a message of its own
        Feature.LOCATION: Support.FALLBACK,
        Feature.CONTACT_CARD: Support.FALLBACK,
        Feature.CHOICES: Support.FULL,
        Feature.REPLY: Support.FULL,  # as a quote, or in the thread of what is answered
        Feature.EDIT: Support.PARTIAL,  # words, not those of a file
        Feature.DELETE: Support.FULL,
        Feature.REACTION: Support.PARTIAL,  # the common ones; one bot stands for everybody
        Feature.TYPING: Support.DROPPED,
        Feature.RECEIPT_DELIVERED: Support.DROPPED,
        Feature.RECEIPT_READ: Support.DROPPED,
        Feature.OWN_PLACES: Support.FULL,
    },
    max_text=layout.MAX_TEXT,
    text_unit=LengthUnit.CHARACTERS,
    max_caption=layout.MAX_TEXT,
    max_upload=layout.MAX_UPLOAD,
    max_download=MAX_DOWNLOAD,
    max_choices=layout.MAX_BUTTONS,
    max_choice_label=layout.MAX_LABEL,
    edit_age=None,
    typing_interval=0.0,
    # https://docs.slack.dev/apis/web-api/rate-limits (posting messages)
    rates=Rates(account=5, chat=1, group=1),
    protection=Protection.TO_VENDOR,
    idempotency=Idempotency.QUERYABLE,
)


def build(
    account: str, settings: SlackSettings, session: aiohttp.ClientSession | None = None
) -> SlackAdapter:
    """Return the adapter of one app; a session given stays the caller's. Raises ConfigError."""
    check_settings(account, settings)
    chat = settings.chat_rate_per_second
    rates = Rates(account=settings.rate_per_second, chat=chat, group=chat)
    capabilities = msgspec.structs.replace(CAPABILITIES, rates=rates)
    return SlackAdapter(account, settings, capabilities, session)
