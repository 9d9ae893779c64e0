"""Updates by polling and by webhook, and the journal of both."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict

from adapters.emulators.telegram import EmulatorMisuseError, Person, TelegramEmulator, faults

ALL = ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"]


async def _eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


def _texts(updates: tuple[Update, ...]) -> list[str]:
    return [str(u.message.text) for u in updates if u.message is not None]


async def test_unconfirmed_updates_come_again_until_the_offset_passes_them(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    for text in ("one", "two", "three"):
        await anna.send(text)
    assert _texts(await bot.get_updates(limit=2)) == ["one", "two"]
    again = await bot.get_updates()
    assert _texts(again) == ["one", "two", "three"]
    assert _texts(await bot.get_updates(offset=again[1].update_id + 1)) == ["three"]
    times = [(h.times, h.confirmed is not None) for h in emu.journal.handed]
    assert times == [(2, True), (2, True), (2, False)]
    assert [h.update_id for h in emu.journal.unconfirmed()] == [again[2].update_id]


async def test_a_negative_offset_keeps_the_newest(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    for text in ("one", "two", "three"):
        await anna.send(text)
    assert _texts(await bot.get_updates(offset=-1)) == ["three"]
    assert [h.dropped for h in emu.journal.handed] == ["negative offset", "negative offset", ""]


async def test_a_long_poll_wakes_at_once(bot: Bot, anna: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.05)
    assert not poll.done()
    await anna.send("wake up")
    async with asyncio.timeout(1):
        assert _texts(await poll) == ["wake up"]
    assert await bot.get_updates(offset=-1, timeout=0)


async def test_a_second_poller_ends_the_first(emu: TelegramEmulator, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=10))
    await asyncio.sleep(0.05)
    async with Bot(bot.token, base_url=f"{emu.api_url}/bot") as other:
        second = asyncio.create_task(other.get_updates(timeout=10))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        await emu.person(222, "Anna").send("for the second")
        assert _texts(await second) == ["for the second"]


async def test_allowed_updates_filter_when_the_update_is_made(
    bot: Bot, anna: Person, emu: TelegramEmulator
) -> None:
    first = await anna.send("one")
    await anna.react(first.message_id, "👍")
    assert len(await bot.get_updates(allowed_updates=ALL)) == 1, "reactions are not in the default"
    await anna.react(first.message_id, "🔥")
    await anna.edit(first.message_id, "uno")
    await anna.block()
    updates = await bot.get_updates()
    assert updates[1].message_reaction is not None
    assert [r.to_dict()["emoji"] for r in updates[1].message_reaction.old_reaction] == ["👍"]
    assert [r.to_dict()["emoji"] for r in updates[1].message_reaction.new_reaction] == ["🔥"]
    assert updates[2].edited_message is not None
    assert updates[2].edited_message.text == "uno"
    assert updates[3].my_chat_member is not None
    assert updates[3].my_chat_member.new_chat_member.status == "kicked"
    told = [(said.what, bool(said.update_ids)) for said in emu.journal.said_in(222)]
    assert told == [
        ("sent", True),
        ("reacted", False),
        ("reacted", True),
        ("edited", True),
        ("blocked", True),
    ]


async def test_everything_people_send_parses(bot: Bot, anna: Person) -> None:
    await anna.send_photo(b"x", caption="see #goal")
    await anna.send_document(b"x", name="plan.pdf", mime="application/pdf")
    await anna.send_voice(b"x", duration=7)
    await anna.send_video(b"x")
    await anna.send_audio(b"x", title="Song")
    await anna.send_animation(b"x")
    await anna.send_video_note(b"x")
    await anna.send_sticker("👍")
    await anna.send_location(52.0, 4.0)
    await anna.send_venue(52.0, 4.0, "Café", "Dam 1")
    await anna.send_contact("+31612345678", "Anna", user_id=222)
    await anna.send_album([("photo", b"1", "first"), ("video", b"2", "")])
    messages = [u.message for u in await bot.get_updates() if u.message is not None]
    kinds = "photo document voice video audio animation video_note sticker location venue contact"
    for message, kind in zip(messages, kinds.split(), strict=False):
        assert getattr(message, kind), kind
    assert len(messages) == 13
    assert messages[11].media_group_id == messages[12].media_group_id is not None
    assert messages[0].caption_entities[0].type == "hashtag"


async def test_groups_tell_of_members_topics_and_migration(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    noor = emu.person(111, "Noor")
    await bot.get_updates(allowed_updates=[*ALL, "chat_member"])
    group = emu.group(-44, members=[noor])
    await group.add(anna)
    await group.remove(anna)
    new = await group.migrate()
    forum = emu.group(-1001, members=[noor], forum=True)
    await forum.topic("Anna")
    updates = await bot.get_updates()
    messages = [u.message for u in updates if u.message is not None]
    assert messages[0].new_chat_members[0].id == 222
    assert messages[1].left_chat_member is not None
    assert messages[2].migrate_to_chat_id == new.id
    assert messages[3].migrate_from_chat_id == -44
    assert messages[4].forum_topic_created is not None
    assert [u.chat_member.new_chat_member.status for u in updates if u.chat_member] == [
        "member",
        "left",
    ]


async def test_in_a_group_a_plain_member_bot_hears_only_what_is_meant_for_it(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    emu.group(-1002, members=[anna], bot_status="member")
    for text in ("just talk", "/pause", "hey @coachbridge_bot"):
        await anna.send(text, chat=-1002)
    assert _texts(await bot.get_updates()) == ["/pause", "hey @coachbridge_bot"]


async def test_ids_restart_lower_and_the_old_offset_confirms_nothing(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    queue = emu.bot("123:abc").queue
    await anna.send("before")
    with pytest.raises(EmulatorMisuseError):
        queue.restart_at(1000)
    [before] = await bot.get_updates()
    await bot.get_updates(offset=before.update_id + 1)
    queue.restart_at(1000)
    await anna.send("after")
    for _ in range(2):
        [after] = await bot.get_updates(offset=before.update_id + 1)
        assert after.update_id == 1000
    assert await bot.get_updates(offset=1001) == ()


async def test_poison_duplicates_reordering_and_redelivery_when_polling(
    emu: TelegramEmulator, bot: Bot, anna: Person
) -> None:
    await anna.send("one")
    emu.inject({"message": {"message_id": "not a number"}})
    await anna.send("two")
    emu.faults.plan(faults.reorder(), method="getUpdates")
    emu.faults.plan(faults.duplicate(3), method="getUpdates", nth=2)
    raw = [await _raw_updates(bot) for _ in range(3)]
    plain = [u["update_id"] for u in raw[2]]
    assert [u["update_id"] for u in raw[0]] == plain[::-1]
    assert [u["update_id"] for u in raw[1]] == [i for i in plain for _ in range(3)]
    assert raw[2][1]["message"] == {"message_id": "not a number"}
    assert await _raw_updates(bot, offset=plain[-1] + 1) == []
    emu.bot("123:abc").queue.redeliver(plain[0])
    assert [u["update_id"] for u in await _raw_updates(bot, offset=plain[-1] + 1)] == plain[:1]
    assert await _raw_updates(bot, offset=plain[-1] + 1) == []


async def _raw_updates(bot: Bot, **params: int) -> list[dict[str, Any]]:
    _, body = await bot.request.do_request(
        f"{bot.base_url}/getUpdates?offset={params.get('offset', 0)}", "GET"
    )
    return list(json.loads(body)["result"])


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
        self.got.append(await request.json())
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
    assert _texts(await bot.get_updates()) == ["two"]


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


async def test_drop_pending_updates(emu: TelegramEmulator, bot: Bot, anna: Person) -> None:
    await anna.send("one")
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()
    assert emu.journal.handed[0].dropped == "drop_pending_updates"
