"""Twilio: SMS, WhatsApp and the telephone, networks of one account.

https://www.twilio.com/docs/messaging/api and https://www.twilio.com/docs/voice
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from adapters.twilio.client import TwilioAdapter
from adapters.twilio.parse import SMS, WHATSAPP, Own
from adapters.twilio.render import MAX_MMS, MAX_TEXT, MAX_WHATSAPP, Style
from adapters.twilio.settings import TwilioSettings, check_settings
from adapters.twilio.voice import CAPABILITIES as VOICE
from adapters.twilio.voice import VoiceAdapter
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
    from collections.abc import Sequence

    from bridge.core.adapter import Adapter

__all__ = ["CAPABILITIES", "TwilioAdapter", "TwilioSettings", "VoiceAdapter", "build"]

_WORDS = Support.FALLBACK
_TEXTS = Capabilities(
    network=SMS,
    support={
        Feature.TEXT: Support.FULL,
        Feature.FORMATTING: _WORDS,
        Feature.PHOTO: _WORDS,  # a link; the picture itself where MMS is switched on
        Feature.VIDEO: _WORDS,
        Feature.AUDIO: _WORDS,
        Feature.FILE: _WORDS,
        Feature.VOICE_NOTE: _WORDS,
        Feature.STICKER: _WORDS,
        Feature.ALBUM: _WORDS,
        Feature.LOCATION: _WORDS,
        Feature.CONTACT_CARD: _WORDS,
        Feature.CHOICES: _WORDS,
        Feature.REPLY: _WORDS,
        Feature.EDIT: _WORDS,
        Feature.DELETE: _WORDS,
        Feature.REACTION: _WORDS,
        Feature.TYPING: Support.DROPPED,
        Feature.RECEIPT_DELIVERED: Support.PARTIAL,  # where the carrier tells
        Feature.RECEIPT_READ: Support.DROPPED,
        Feature.OWN_PLACES: Support.DROPPED,
    },
    max_text=3,
    text_unit=LengthUnit.SEGMENTS,
    max_caption=3,
    max_upload=MAX_MMS,
    max_download=MAX_MMS,
    max_choices=99,
    max_choice_label=MAX_TEXT,
    edit_age=0,
    typing_interval=0,
    # https://help.twilio.com/articles/115002943027 (a long code sends one segment a second)
    rates=Rates(account=1, chat=1, group=0),
    protection=Protection.PLAIN,
    idempotency=Idempotency.ECHOING,
)
_WHATSAPP = msgspec.structs.replace(
    _TEXTS,
    network=WHATSAPP,
    support={
        **_TEXTS.support,
        Feature.PHOTO: Support.FULL,
        Feature.VIDEO: Support.PARTIAL,  # MP4; its words in a message of their own
        Feature.AUDIO: Support.PARTIAL,  # OGG, AMR, 3GP, AAC and MPEG
        Feature.FILE: Support.PARTIAL,  # PDF, Word, PowerPoint and Excel; others as a link
        Feature.VOICE_NOTE: Support.PARTIAL,  # as a sound to play
        Feature.ALBUM: Support.PARTIAL,  # each item becomes a message of its own
        Feature.LOCATION: Support.FULL,
        Feature.RECEIPT_DELIVERED: Support.FULL,
        Feature.RECEIPT_READ: Support.FULL,  # unless they switched it off
    },
    max_text=MAX_TEXT,
    text_unit=LengthUnit.UTF16,
    max_caption=MAX_TEXT,
    max_upload=MAX_WHATSAPP,
    max_download=MAX_WHATSAPP,
    rates=Rates(account=20, chat=1, group=0),
    protection=Protection.TO_VENDOR,
)
CAPABILITIES = (_TEXTS, _WHATSAPP, VOICE)


def build(account: str, settings: TwilioSettings) -> Sequence[Adapter]:
    """Return the adapter of each network that one account has a sender for. Raises ConfigError."""
    check_settings(account, settings)
    built: list[Adapter] = []
    if settings.texts:
        built.append(_texts(account, settings))
    if settings.whatsapp:
        built.append(_whatsapp(account, settings))
    if settings.voice:
        built.append(VoiceAdapter(account, settings))
    return built


def _texts(account: str, settings: TwilioSettings) -> TwilioAdapter:
    numbers = frozenset(settings.numbers)
    sender = settings.numbers[0] if settings.numbers else ""
    chat = settings.chat_rate_per_second
    capabilities = msgspec.structs.replace(
        _TEXTS,
        max_text=settings.segments,
        max_caption=settings.segments,
        rates=Rates(account=settings.rate_per_second, chat=chat, group=0),
        support={**_TEXTS.support, **({Feature.PHOTO: Support.FULL} if settings.mms else {})},
    )
    style = Style(
        SMS,
        sender,
        numbers,
        settings.messaging_service_sid,
        settings.segments,
        files=settings.mms,
    )
    return TwilioAdapter(
        _own(SMS, account, settings, sender, numbers), settings, capabilities, style
    )


def _whatsapp(account: str, settings: TwilioSettings) -> TwilioAdapter:
    sender, numbers = settings.whatsapp, frozenset({settings.whatsapp})
    chat = settings.chat_rate_per_second
    rates = Rates(account=settings.whatsapp_rate_per_second, chat=chat, group=0)
    capabilities = msgspec.structs.replace(_WHATSAPP, rates=rates)
    style = Style(WHATSAPP, sender, numbers, files=True)
    own = _own(WHATSAPP, account, settings, sender, numbers)
    return TwilioAdapter(own, settings, capabilities, style)


def _own(
    network: str, account: str, settings: TwilioSettings, sender: str, numbers: frozenset[str]
) -> Own:
    return Own(network, account, sender, numbers, urlsplit(settings.api_url).netloc)
