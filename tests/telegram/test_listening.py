"""Our getUpdates loop, and the webhook: nothing confirmed before it is kept."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from adapters.emulators.telegram import Person, TelegramEmulator, faults
from adapters.telegram import TelegramAdapter
from bridge.core.adapter import Raw
from bridge.core.content import words
from bridge.core.errors import AccountBroken, Forged, ParseError
from bridge.core.inbound import MessageIn
from tests.conformance.kit import MemorySink
from tests.telegram.kit import TOKEN, WEBHOOK_SECRET, adapter


async def _until(is_so: Callable[[], object]) -> None:
    for _ in range(500):
        if is_so():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it did not happen within five seconds")


@asynccontextmanager
async def _listening(bot: TelegramAdapter, sink: MemorySink) -> AsyncIterator[None]:
    task = asyncio.create_task(bot.listen(sink))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _texts(bot: TelegramAdapter, sink: MemorySink) -> list[str]:
    texts = []
    for raw in sink.kept:
        try:
            happened = bot.parse(raw.payload)
        except ParseError:
            texts.append("parked")
            continue
        texts += [words(one.content) for one in happened if isinstance(one, MessageIn)]
    return texts


class SlowSink(MemorySink):
    """Commits only when told."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def accept(self, raws: Sequence[Raw], cursor: str | None = None) -> int:
        """Wait, then keep."""
        await self.go.wait()
        return await super().accept(raws, cursor)


async def test_an_update_is_confirmed_only_after_its_commit(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person
) -> None:
    sink = SlowSink()
    async with _listening(bot, sink):
        await anna.send("hallo")
        await _until(lambda: emu.journal.handed[0].first_handed)
        await asyncio.sleep(0.1)
        assert emu.journal.unconfirmed()
        sink.go.set()
        await _until(lambda: not emu.journal.unconfirmed())
    assert _texts(bot, sink) == ["hallo"]


async def test_the_raw_bytes_are_kept_exactly(emu: TelegramEmulator, bot: TelegramAdapter) -> None:
    odd = '{ "update_id":500000001,\n "future_kind" : {"a": 1.50, "b":"\\u00eb"} }'
    sink = MemorySink()
    async with _listening(bot, sink):
        emu.inject(odd)
        await _until(lambda: sink.kept)
    assert sink.kept[0].payload.decode() == odd
    assert bot.parse(sink.kept[0].payload) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    "poison",
    [
        '{"update_id": 500000002, "message": {broken',
        '{"update_id": 500000002, "message": 5}',
        '{"update_id": 500000002, "message": {"message_id": "x"}}',
    ],
)
async def test_a_poisoned_update_is_parked_and_the_next_one_flows(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person, poison: str
) -> None:
    sink = MemorySink()
    await anna.send("voor")
    emu.inject(poison)
    await anna.send("na")
    async with _listening(bot, sink):
        await _until(lambda: len(sink.kept) == 3)
    assert _texts(bot, sink) == ["voor", "parked", "na"]


async def test_numbers_that_begin_anew_lose_nothing_and_hide_nothing(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person
) -> None:
    queue = emu.bot(TOKEN).queue
    sink = MemorySink()
    async with _listening(bot, sink):
        await anna.send("een")
        await _until(lambda: len(sink.kept) == 1 and not emu.journal.unconfirmed())
        queue.restart_at(100)
        await anna.send("twee")
        await _until(lambda: len(sink.kept) == 2)
        await anna.send("drie")
        await _until(lambda: len(sink.kept) == 3 and not emu.journal.unconfirmed())
    assert _texts(bot, sink) == ["een", "twee", "drie"]


async def test_a_message_under_another_number_is_a_repeat() -> None:
    bot = adapter("http://127.0.0.1:9")
    message = b'{"update_id":%d,"message":{"message_id":5,"chat":{"id":222}}}'
    edit = b'{"update_id":%d,"edited_message":{"message_id":5,"chat":{"id":222},"edit_date":9}}'
    assert set(bot.keys(message % 1)) & set(bot.keys(message % 2))
    # Two edits in one second differ only in their number.
    assert not set(bot.keys(edit % 1)) & set(bot.keys(edit % 2))
    # The same number may come back for something else.
    assert not set(bot.keys(message % 1)) & set(bot.keys(edit % 1))


async def test_another_reader_is_waited_for_and_told(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    sink = MemorySink()
    conflict = "Conflict: terminated by other getUpdates request; make sure that only one runs"
    emu.faults.plan(faults.error(409, conflict), method="getUpdates")
    async with _listening(bot, sink):
        await anna.send("hallo")
        await _until(lambda: sink.kept)
    assert "another program reads this bot" in caplog.text


async def test_a_webhook_left_behind_is_removed_and_its_updates_come(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person
) -> None:
    await bot.call("setWebhook", {"url": "http://127.0.0.1:9/nobody"})
    await anna.send("hallo")
    sink = MemorySink()
    async with _listening(bot, sink):
        await _until(lambda: sink.kept)
    assert len(emu.journal.calls_of("deleteWebhook")) == 1
    assert _texts(bot, sink) == ["hallo"]


@pytest.mark.parametrize(
    "refusal", [faults.error(401, "Unauthorized"), faults.error(404, "Not Found")]
)
async def test_a_refused_token_breaks_the_account(
    emu: TelegramEmulator, bot: TelegramAdapter, refusal: faults.Fault
) -> None:
    emu.faults.plan(refusal, method="getUpdates")
    async with asyncio.timeout(2):
        with pytest.raises(AccountBroken):
            await bot.listen(MemorySink())


@pytest.mark.slow
async def test_trouble_of_the_server_is_survived(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person
) -> None:
    for trouble in (faults.status(502), faults.malformed()):
        emu.faults.plan(trouble, method="getUpdates")
    sink = MemorySink()
    async with _listening(bot, sink):
        await anna.send("hallo")
        await _until(lambda: sink.kept)
    assert _texts(bot, sink) == ["hallo"]


# -- webhook -------------------------------------------------------------------------------------


@asynccontextmanager
async def _receiving(kept: list[bytes], secrets: list[str]) -> AsyncIterator[str]:
    """Run a web server that checks calls with an adapter of its own."""
    checker = adapter("http://127.0.0.1:9", "webhook")

    async def hook(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        secrets.append(headers.get("x-telegram-bot-api-secret-token", ""))
        try:
            raws = checker.verify(headers, str(request.url), await request.read())
        except Forged:
            return web.Response(status=403)
        kept.extend(raw.payload for raw in raws)
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhooks/telegram/main", hook)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_the_webhook_is_set_with_retries_and_called_with_the_secret(
    emu: TelegramEmulator, anna: Person
) -> None:
    kept: list[bytes] = []
    secrets: list[str] = []
    emu.faults.plan(faults.status(502), method="setWebhook")
    async with _receiving(kept, secrets) as url:
        bot = adapter(emu.api_url, "webhook", public_url=url)
        async with asyncio.timeout(3):
            await bot.listen(MemorySink())
        await anna.send("hallo")
        message = await anna.send("en dan")
        await anna.react(message.message_id, "👍")
        await _until(lambda: len(kept) == 3)
        await bot.close()
    assert set(secrets) == {WEBHOOK_SECRET}
    kinds = [type(one).__name__ for payload in kept for one in bot.parse(payload)]
    assert sorted(kinds) == ["MessageIn", "MessageIn", "ReactionIn"]


def test_a_bot_that_polls_accepts_no_calls() -> None:
    headers = {"x-telegram-bot-api-secret-token": WEBHOOK_SECRET}
    with pytest.raises(Forged):
        adapter("http://127.0.0.1:9").verify(headers, "", b"{}")
