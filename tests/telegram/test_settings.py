"""What may be set, and what it costs to start."""

import subprocess
import sys

import pytest
from pydantic import SecretStr
from telegram import Bot

from adapters.emulators.telegram import Person, TelegramEmulator
from adapters.telegram import TelegramAdapter, TelegramSettings, build
from adapters.telegram.request import AiohttpRequest
from bridge.core.errors import ConfigError, Unreachable
from tests.telegram.kit import TOKEN


def _settings(**changes: object) -> TelegramSettings:
    return TelegramSettings(**{"token": SecretStr(TOKEN), **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"token": SecretStr(" ")}, "token"),
        ({"api_url": "api.telegram.org"}, "api_url"),
        ({"mode": "webhook", "public_url": "https://x"}, "webhook_secret"),
        (
            {"mode": "webhook", "public_url": "https://x", "webhook_secret": SecretStr("")},
            "webhook_secret",
        ),
        (
            {"mode": "webhook", "public_url": "https://x", "webhook_secret": SecretStr("ü b")},
            "webhook_secret",
        ),
        ({"mode": "webhook", "webhook_secret": SecretStr("s")}, "public_url"),
    ],
)
def test_what_cannot_work_is_refused_by_name(changes: dict[str, object], setting: str) -> None:
    with pytest.raises(ConfigError, match=setting) as refused:
        build("main", _settings(**changes))
    assert TOKEN not in str(refused.value)


def test_rates_come_from_the_settings_and_zero_is_unlimited() -> None:
    given = build("main", _settings(rate_per_second=5, chat_rate_per_second=0.5))
    unlimited = build("main", _settings(rate_per_second=0, chat_rate_per_second=0))
    assert (given.capabilities.rates.account, given.capabilities.rates.chat) == (5, 0.5)
    assert unlimited.capabilities.rates.group == 0
    assert TOKEN not in f"{_settings()!r}"


async def test_an_invitation_is_a_link_once_our_name_is_known(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    with pytest.raises(Unreachable):
        bot.invite_link("k3Yx_9-A")
    assert await bot.check() == "coachbridge_bot"
    assert bot.invite_link("k3Yx_9-A") == "https://t.me/coachbridge_bot?start=k3Yx_9-A"


def test_the_heavy_libraries_stay_off_the_way_to_the_start() -> None:
    code = "import sys, adapters.telegram; print({'telegram', 'aiohttp', 'httpx'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


async def test_the_back_end_serves_the_real_library_too(
    emu: TelegramEmulator, anna: Person
) -> None:
    bot = Bot(
        TOKEN,
        base_url=f"{emu.api_url}/bot",
        base_file_url=f"{emu.api_url}/file/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )
    async with bot:
        await bot.send_message(222, "hallo *daar*", parse_mode="HTML", disable_notification=True)
        await bot.send_document(222, b"inhoud", filename="a.txt", caption="kijk")
        assert bot.username == "coachbridge_bot"
    assert [(line.kind, line.text) for line in anna.screen()] == [
        ("text", "hallo *daar*"),
        ("document", "kijk"),
    ]
