"""What people call a network: as a title or a label, and within a sentence.

1. Both forms are English; the console looks a title up in its catalogue. What has none asks here
   for a language.
2. A network that has no name here is called by its own, with a capital.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "telegram": "Telegram",
    "matrix": "Matrix",
    "slack": "Slack",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "voice": "Phone",
    "email": "Mail",
    "web": "Web chat",
    "api": "A program",
    "console": "Console",
}
_DUTCH: Mapping[str, str] = {"voice": "Telefoon", "web": "Webchat", "api": "Een programma"}
_IN_SENTENCES: Mapping[str, str] = {
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "email": "e-mail",
    "web": "web chat",
}
"""Names of what is linked, asked or moved to in a notice: messengers, never a page."""


def title(network: str, language: str = "en") -> str:
    """Return a network's name where it stands alone; ``language`` is one that we speak."""
    known = TITLES.get(network, network.capitalize())
    return _DUTCH.get(network, known) if language == "nl" else known


def in_sentence(network: str) -> str:
    """Return a network's name as it stands in the middle of a sentence."""
    return _IN_SENTENCES.get(network, network.capitalize())
