"""An emulated Twilio with one account and Anna."""

from collections.abc import AsyncIterator

import pytest

from tests.twilio.kit import EmulatedTwilio, emulated


@pytest.fixture
async def world() -> AsyncIterator[EmulatedTwilio]:
    """Anna on SMS, and on WhatsApp, where she has written today."""
    async with emulated("sms") as running:
        yield running
