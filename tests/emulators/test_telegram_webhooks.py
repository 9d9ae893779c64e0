"""Updates by webhook."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot
from telegram.error import BadRequest, Conflict

from adapters.emulators.telegram import Person, TelegramEmulator, faults


async def _eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


class Receiver:
    """A bot's webhook; `answers` are the statuses it gives, then 200 for ever."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.secrets: set[str | None] = set()
        self.times: list[float] = []
        self.answers: list[int] = []
        self.at_once = 0
        self.most_at_once = 0
        self.pause = 0.0
        self.reply: dict[str, Any] | None = None

    async def take(self, request: web.Request) -> web.Response:
        """One delivery."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.times.append(asyncio.get_running_loop().time())
        body = await request.text()
        self.got.append(json.loads(body) if body.startswith("{") else {"broken": body})
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        await asyncio.sleep(self.pause)
        self.at_once -= 1
        if self.answers:
            return web.Response(status=self.answers.pop(0))
        return web.json_response(self.reply) if self.reply else web.Response()

    def texts(self) -> list[str]:
        """What arrived."""
        return [update["message"]["text"] for update in self.got]


@pytest.fixture
async def hook(bot: Bot) -> AsyncIterator[Receiver]:
    """A webhook that is set, with a secret."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    server = TestServer(app)
    await server.start_server()
    await bot.set_webhook(str(server.make_url("/hook")), secret_token="s3cret", max_connections=3)
    yield receiver
    await bot.delete_webhook()
    await server.close()


async def test_a_webhook_gets_the_secret_and_a_2xx_confirms(
    emu: TelegramEmulator, bot: Bot, anna: Person, hook: Receiver
) -> None:
    await anna.send("one")
    await _eventually(lambda: not emu.journal.unconfirmed())
    assert (hook.texts(), hook.secrets) == (["one"], {"s3cret"})
    info = await bot.get_webhook_info()
    assert (info.pending_update_count, info.max_connections) == (0, 3)
    with pytest.raises(Conflict, match="while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    await anna.send("two")
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "two"


async def test_a_failed_delivery_is_repeated_at_once_then_slower_and_holds_its_chat_only(
    emu: TelegramEmulator, bot: Bot, anna: Person, hook: Receiver
) -> None:
    hook.answers = [500, 500, 500]
    await anna.send("one")
    await anna.send("two")
    await _eventually(lambda: not emu.journal.unconfirmed())
    assert hook.texts() == ["one"] * 4 + ["two"]
    gaps = [b - a for a, b in zip(hook.times, hook.times[1:], strict=False)]
    assert gaps[0] < 0.02, "at once"
    assert 0.02 <= gaps[1] < gaps[2]
    assert gaps[2] >= 0.04
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    hook.answers = [500] * 3
    await anna.send("held")
    await emu.person(333, "Bram").send("not held")
    await _eventually(lambda: "not held" in hook.texts())
    await _eventually(lambda: not emu.journal.unconfirmed())


async def test_deliveries_are_serial_in_a_chat_and_parallel_across(
    emu: TelegramEmulator, anna: Person, hook: Receiver
) -> None:
    hook.pause = 0.02
    for text in ("1", "2", "3"):
        await anna.send(text)
    await _eventually(lambda: len(hook.got) == 3)
    assert (hook.texts(), hook.most_at_once) == (["1", "2", "3"], 1)
    for number in range(6):
        await emu.person(400 + number).send(f"from {number}")
    await _eventually(lambda: not emu.journal.unconfirmed())
    assert hook.most_at_once == 3, "max_connections"


async def test_webhook_faults(emu: TelegramEmulator, anna: Person, hook: Receiver) -> None:
    emu.faults.plan(faults.accept_then_drop(), method="webhook")
    await anna.send("answer lost")
    await _eventually(lambda: not emu.journal.unconfirmed())
    assert hook.texts() == ["answer lost"] * 2
    hook.got.clear()
    hook.pause = 0.01
    emu.faults.plan(faults.duplicate(20, concurrently=True), method="webhook")
    await anna.send("twenty times")
    await _eventually(lambda: not emu.journal.unconfirmed())
    assert hook.texts() == ["twenty times"] * 20
    assert hook.most_at_once == 3
    hook.got.clear()
    emu.faults.plan(faults.reorder(), method="webhook", nth=2)
    for text in ("a", "b", "c"):
        await anna.send(text)
    await _eventually(lambda: not emu.journal.unconfirmed())
    assert hook.texts() == ["a", "c", "b"]
    update_id = hook.got[0]["update_id"]
    emu.bot("123:abc").queue.redeliver(update_id, times=2)
    await _eventually(lambda: hook.texts().count("a") == 3)


async def test_broken_bytes_can_be_injected(
    emu: TelegramEmulator, anna: Person, hook: Receiver
) -> None:
    emu.inject("<not json>")
    await anna.send("and on")
    await _eventually(lambda: not emu.journal.unconfirmed())
    assert {"broken": "<not json>"} in hook.got
    assert len(hook.got) == 2


async def test_a_method_in_the_answer_is_done(
    emu: TelegramEmulator, anna: Person, hook: Receiver
) -> None:
    hook.reply = {"method": "sendMessage", "chat_id": 222, "text": "by reply"}
    await anna.send("hi")
    await anna.wait_for("by reply")
    assert emu.journal.calls_of("sendMessage")[0].answered is False


async def test_webhooks_that_are_refused(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook("http://127.0.0.1:1/hook", secret_token="not allowed!")
    with pytest.raises(BadRequest, match=r"(?i)bad webhook"):
        await bot.set_webhook("https://example.org/hook")


async def test_a_webhook_that_does_not_answer_is_tried_again(
    emu: TelegramEmulator, bot: Bot, anna: Person, hook: Receiver
) -> None:
    emu.service.webhook_timeout = 0.05
    await bot.set_webhook(emu.service.senders[123].webhook.url)
    hook.pause = 0.2
    await anna.send("slow")
    await _eventually(lambda: len(hook.got) == 2)
    hook.pause = 0.0
    await _eventually(lambda: not emu.journal.unconfirmed())
    info = await bot.get_webhook_info()
    assert info.last_error_message == "Read timeout expired"
