"""What `doctor` finds out about a bot: each fault planted, each told with what to do."""

import time

import pytest

from adapters.emulators.telegram import TelegramEmulator, faults
from adapters.telegram import TelegramAdapter
from bridge.core.errors import AccountBroken, SendError
from bridge.core.probing import Finding, Grade
from tests.telegram.kit import TOKEN, adapter

OURS = "http://127.0.0.1:9/webhooks/telegram/main"


async def looked(bot: TelegramAdapter) -> dict[str, Finding]:
    return {finding.about: finding for finding in await bot.probe()}


async def hooked(emu: TelegramEmulator, url: str) -> dict[str, Finding]:
    """Look at a bot in webhook mode for which Telegram calls this address."""
    bot = adapter(emu.api_url, "webhook")
    try:
        if url:
            await bot.call("setWebhook", {"url": url})
        return await looked(bot)
    finally:
        await bot.close()


async def test_a_sound_bot_is_well(bot: TelegramAdapter) -> None:
    found = await looked(bot)
    assert {one.grade for one in found.values()} == {Grade.WELL}
    assert set(found) == {"webhook", "clock"}
    assert bot.called_at() == ""


async def test_a_refused_token_is_a_broken_account(emu: TelegramEmulator) -> None:
    bot = adapter(emu.api_url)
    emu.faults.plan(faults.error(401, "Unauthorized"), method="getMe")
    with pytest.raises(AccountBroken):
        await bot.check()
    await bot.close()


async def test_a_webhook_in_the_way_of_polling_is_told(bot: TelegramAdapter) -> None:
    await bot.call("setWebhook", {"url": "http://127.0.0.1:9/of-another-program"})
    found = await looked(bot)
    assert found["webhook"].grade is Grade.DOUBTFUL
    assert "another program" in found["webhook"].todo


async def test_a_webhook_is_compared_with_ours(emu: TelegramEmulator) -> None:
    assert (await hooked(emu, OURS))["webhook"].grade is Grade.WELL
    elsewhere = (await hooked(emu, "http://127.0.0.1:9/elsewhere"))["webhook"]
    assert elsewhere.grade is Grade.WRONG
    assert OURS in elsewhere.todo


async def test_a_webhook_that_was_never_set_waits_for_the_start(emu: TelegramEmulator) -> None:
    found = (await hooked(emu, ""))["webhook"]
    assert found.grade is Grade.DOUBTFUL
    assert "serve" in found.todo


async def test_trouble_with_the_webhook_is_told(emu: TelegramEmulator) -> None:
    await hooked(emu, OURS)
    webhook = next(iter(emu.service.senders.values())).webhook
    webhook.last_error = "Wrong response from the webhook: 502 Bad Gateway"
    webhook.last_error_at = int(time.time()) - 60
    bot = adapter(emu.api_url, "webhook")
    found = (await looked(bot))["webhook"]
    assert found.grade is Grade.WRONG
    assert "502 Bad Gateway" in found.found
    webhook.last_error_at -= 2 * 3600
    assert (await looked(bot))["webhook"].grade is Grade.WELL
    await bot.close()


async def test_a_clock_that_is_off_is_told(emu: TelegramEmulator, bot: TelegramAdapter) -> None:
    emu.clock_ahead = 90
    found = (await looked(bot))["clock"]
    assert found.grade is Grade.DOUBTFUL
    assert "behind" in found.found
    assert "NTP" in found.todo


async def test_a_probe_without_an_answer_is_an_error(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    await emu.down()
    with pytest.raises(SendError) as error:
        await bot.probe()
    assert TOKEN not in str(error.value)
