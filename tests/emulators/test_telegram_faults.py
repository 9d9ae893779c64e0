"""Every fault, seen from the client: the guard of the guards."""

import asyncio
import errno
from datetime import timedelta

import aiohttp
import pytest
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TimedOut

from adapters.emulators.telegram import Person, TelegramEmulator, faults

URL = "/bot123:abc/sendMessage?chat_id=222&text=hi"


async def _get(emu: TelegramEmulator, within: float = 0.3) -> tuple[int, str, str]:
    """One bare call (POST, because aiohttp repeats a GET by itself): status, type, body."""
    timeout = aiohttp.ClientTimeout(total=within)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(emu.api_url + URL) as answer,
    ):
        return answer.status, answer.content_type, await answer.text()


async def test_down_refuses_and_up_listens_again(emu: TelegramEmulator, anna: Person) -> None:
    await emu.down()
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await _get(emu)
    assert refused.value.errno == errno.ECONNREFUSED
    await emu.up()
    assert (await _get(emu))[0] == 200
    assert len(anna.screen()) == 1


async def test_refuse_cuts_one_call_and_refuses_connections_for_a_while(
    emu: TelegramEmulator, anna: Person
) -> None:
    emu.faults.plan(faults.refuse(0.1), method="sendMessage")
    with pytest.raises(aiohttp.ClientOSError):
        await _get(emu)
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await _get(emu)
    assert refused.value.errno == errno.ECONNREFUSED
    await asyncio.sleep(0.15)
    assert (await _get(emu))[0] == 200
    assert len(anna.screen()) == 1


async def test_down_cuts_a_long_poll(emu: TelegramEmulator, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.05)
    await emu.down()
    with pytest.raises(NetworkError):
        await poll
    await emu.up()
    assert await bot.get_updates() == ()


@pytest.mark.parametrize(
    ("fault", "error", "shown"),
    [
        (faults.reset(), aiohttp.ClientOSError, 0),
        (faults.accept_then_reset(), aiohttp.ClientOSError, 1),
        (faults.accept_then_drop(), aiohttp.ServerDisconnectedError, 1),
        (faults.truncated(), aiohttp.ClientPayloadError, 1),
        (faults.half_open(), TimeoutError, 0),
        (faults.half_open(process=True), TimeoutError, 1),
        (faults.slow(0.5), TimeoutError, 1),
    ],
    ids=lambda value: value.kind if isinstance(value, faults.Fault) else "",
)
async def test_no_answer(
    emu: TelegramEmulator,
    anna: Person,
    fault: faults.Fault,
    error: type[BaseException],
    shown: int,
) -> None:
    rule = emu.faults.plan(fault, method="sendMessage", chat=222)
    with pytest.raises(error) as seen:
        await _get(emu)
    if isinstance(seen.value, aiohttp.ClientOSError):
        assert seen.value.errno == errno.ECONNRESET
    [call] = emu.journal.calls_of("sendMessage")
    assert (call.fault, call.answered) == (fault.kind, False)
    assert (call.processed, len(call.message_ids)) == (bool(shown), shown)
    assert len(anna.screen()) == shown == len(emu.journal.shown_in(222))
    assert rule.hits == 1
    assert (await _get(emu))[0] == 200
    assert emu.journal.calls[-1].answered


@pytest.mark.parametrize("code", [500, 502, 503, 504])
async def test_a_proxy_page(emu: TelegramEmulator, anna: Person, code: int) -> None:
    emu.faults.plan(faults.status(code), method="sendMessage")
    status, kind, body = await _get(emu)
    assert (status, kind) == (code, "text/html")
    assert body.startswith("<html>")
    assert anna.screen() == []


async def test_not_json(emu: TelegramEmulator, anna: Person) -> None:
    emu.faults.plan(faults.malformed(), method="sendMessage")
    assert await _get(emu) == (200, "application/json", '{"ok":true,"result":')
    assert len(anna.screen()) == 1


@pytest.mark.parametrize(
    ("code", "description"),
    [
        (400, "Bad Request: chat not found"),
        (401, "Unauthorized"),
        (403, "Forbidden: bot was blocked by the user"),
    ],
)
async def test_refusals(emu: TelegramEmulator, anna: Person, code: int, description: str) -> None:
    emu.faults.plan(faults.error(code, description), method="sendMessage")
    status, _, body = await _get(emu)
    assert status == code
    assert description in body
    assert not emu.journal.calls[-1].processed
    assert anna.screen() == []


async def test_the_client_library_sees_what_it_should(
    emu: TelegramEmulator, bot: Bot, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    emu.faults.plan(faults.too_many(7), method="sendMessage", nth=1)
    emu.faults.plan(faults.half_open(), method="sendMessage", nth=2)
    emu.faults.plan(faults.status(502), method="sendMessage", nth=3)
    with pytest.raises(RetryAfter) as wait:
        await bot.send_message(222, "one")
    assert wait.value.retry_after == timedelta(seconds=7)
    with pytest.raises(TimedOut):
        await bot.send_message(222, "two")
    with pytest.raises(NetworkError):
        await bot.send_message(222, "three")
    await bot.send_message(222, "four")
    assert [line.text for line in anna.screen()] == ["four"]


async def test_the_nth_call_of_a_chat_is_hit_as_often_as_planned(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    emu.person(333, "Bram", started=True)
    rule = emu.faults.plan(faults.error(500, "x"), method="sendMessage", chat=222, nth=2, count=2)
    outcomes = []
    for chat in (222, 333, 222, 333, 222, 222):
        try:
            await bot.send_message(chat, "hi")
            outcomes.append(f"{chat} ok")
        except NetworkError:
            outcomes.append(f"{chat} failed")
    assert outcomes == ["222 ok", "333 ok", "222 failed", "333 ok", "222 failed", "222 ok"]
    assert (rule.hits, rule.seen, rule.spent) == (2, 4, True)


async def test_updates_whose_answer_is_lost_come_again(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    await anna.send("one")
    emu.faults.plan(faults.accept_then_drop(), method="getUpdates")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    [update] = await bot.get_updates()
    assert emu.journal.handed[0].times == 2
    assert update.message is not None
    assert emu.journal.unconfirmed()


async def test_downloads_break_too(emu: TelegramEmulator, bot: Bot, anna: Person) -> None:
    document = await anna.send_document(b"x" * 1000)
    file = await bot.get_file(document.content["document"]["file_id"])
    emu.faults.plan(faults.truncated(), method="file")
    with pytest.raises(NetworkError):
        await file.download_as_bytearray()
    assert len(await file.download_as_bytearray()) == 1000


async def test_429_says_how_long_in_the_body_and_in_the_header(
    emu: TelegramEmulator, anna: Person
) -> None:
    emu.faults.plan(faults.too_many(4), method="sendMessage", count=None)
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(emu.api_url + URL) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (429, "4")
                assert (await answer.json())["parameters"] == {"retry_after": 4}
    emu.faults.clear()
    assert (await _get(emu))[0] == 200
    assert len(anna.screen()) == 1
