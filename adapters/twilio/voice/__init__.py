"""Telephone calls over Twilio. https://www.twilio.com/docs/voice"""

from __future__ import annotations

from adapters.twilio.voice.line import CAPABILITIES, VoiceAdapter

__all__ = ["CAPABILITIES", "VoiceAdapter"]
