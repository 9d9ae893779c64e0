"""The tick of the scheduler, as it ends."""

import asyncio
import logging

import pytest

from scheduling.ticker import Ticker


class Slow:
    """Timers that take longer to decide than anybody waits."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()

    async def fire_due(self) -> int:
        """Begin, and not come to an end."""
        self.begun.set()
        await asyncio.sleep(60)
        return 0


@pytest.mark.slow
async def test_to_stop_in_the_middle_of_a_tick_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    timers = Slow()
    ticker = Ticker(timers)
    with caplog.at_level(logging.INFO):
        ticker.start()
        await asyncio.wait_for(timers.begun.wait(), 5)
        ticker.stop()
        await asyncio.sleep(0.05)
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
