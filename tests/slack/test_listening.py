"""Getting events: connections, calls, gaps, and what is whole about a payload."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import msgspec
import pytest

from adapters.emulators.slack import Person, SlackEmulator, faults
from adapters.slack import SlackAdapter
from adapters.slack.history import Cursor, cursor_of
from bridge.core.adapter import Answers, Raw
from bridge.core.errors import AccountBroken, Forged
from bridge.core.inbound import DeleteIn, EditIn, MessageIn, ReactionIn
from tests.conformance.kit import MemorySink
from tests.slack.kit import adapter, sign

Until = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture
def until() -> Until:
    """Wait until something is so, five seconds at most."""

    async def wait(is_so: Callable[[], object]) -> None:
        for _ in range(500):
            if is_so():
                return
            await asyncio.sleep(0.01)
        pytest.fail("it did not happen within five seconds")

    return wait


@asynccontextmanager
async def _listening(bot: SlackAdapter, sink: MemorySink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(bot.listen(sink))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=2)


def _heard(bot: SlackAdapter, sink: MemorySink) -> list[str]:
    happened = [one for raw in sink.kept for one in bot.parse(raw.payload)]
    return [str(one.content.body[0]) for one in happened if isinstance(one, MessageIn)]  # type: ignore[union-attr]


# -- Socket Mode ---------------------------------------------------------------------------------


async def test_nothing_is_acknowledged_that_is_not_kept(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, until: Until
) -> None:
    class Slow(MemorySink):
        async def accept(self, raws: object, cursor: str | None = None) -> int:
            if raws:
                assert emu.journal.handed[-1].confirmed is None
                await asyncio.sleep(0.1)
                assert emu.journal.handed[-1].confirmed is None
            return await super().accept(raws, cursor)  # type: ignore[arg-type]

    sink = Slow()
    async with _listening(bot, sink):
        await until(lambda: sink.at)
        await anna.send("hallo")
        await until(lambda: emu.journal.handed[-1].confirmed)
    assert _heard(bot, sink) == ["hallo"]


async def test_one_message_under_three_names(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, until: Until
) -> None:
    sink = MemorySink()
    emu.faults.plan(faults.duplicate(3), method="event")
    async with _listening(bot, sink):
        await until(lambda: sink.at)  # the history was read
        message = await anna.send("eenmaal")
        await until(lambda: not emu.journal.unconfirmed())
    (raw,) = sink.kept
    event = json.loads(raw.payload)
    assert raw.keys == (
        f"ev:{event['event_id']}",
        f"m:{anna.chat.id}:{message.ts}",
        f"c:{message.content['client_msg_id']}",
    )


async def test_the_next_connection_is_there_before_the_old_one_goes(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, until: Until
) -> None:
    sink = MemorySink()
    async with _listening(bot, sink):
        await until(lambda: sink.at)
        for n in range(3):
            histories = len(emu.journal.calls_of("conversations.history"))
            await emu.refresh(warning=bool(n % 2))
            await until(lambda: emu.events.connections)
            await anna.send(f"regel {n}")
            await until(lambda n=n: len(sink.kept) == n + 1)  # type: ignore[misc]
            assert len(emu.journal.calls_of("conversations.history")) == histories
    assert _heard(bot, sink) == [f"regel {n}" for n in range(3)]


async def test_a_gap_is_filled_in_order_threads_too(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, until: Until
) -> None:
    hers = emu.channel("hers", [anna])
    sink = MemorySink()
    async with _listening(bot, sink):
        await until(lambda: emu.events.connections)
        root = await anna.send("begin", chat=hers.id)
        await anna.send("draad 1", chat=hers.id, thread=root.ts)
        await until(lambda: len(sink.kept) == 2)
    await bot.close()
    emu.events.ack_seconds = 0.01
    expected = ["begin", "draad 1"]
    for n in range(230):
        expected.append(f"regel {n}")
        await (anna.send(expected[-1], chat=hers.id) if n % 2 else anna.send(expected[-1]))
    await anna.send("draad 2", chat=hers.id, thread=root.ts)
    emu.service.bot_says(anna.chat, {"text": "van ons"}, emu.journal.calls[-1])
    emu.journal.handed.clear()
    emu.events._queue = asyncio.Queue()  # Slack has given up on all of them
    again = adapter(emu.api_url)
    async with _listening(again, sink):
        await until(lambda: len(sink.kept) >= 233)
    await again.close()
    assert _heard(bot, sink) == [*expected, "draad 2"]


async def test_a_429_in_the_history_is_waited_out(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, until: Until
) -> None:
    emu.faults.plan(faults.too_many(1), method="conversations.history")
    await anna.send("hallo")
    sink = MemorySink()
    async with _listening(bot, sink):
        await until(lambda: sink.kept)
    assert _heard(bot, sink) == ["hallo"]


@pytest.mark.parametrize("how", ["revoked", "switched off", "refused"])
async def test_a_dead_account_is_told(
    emu: SlackEmulator, bot: SlackAdapter, until: Until, how: str
) -> None:
    sink = MemorySink()
    if how == "refused":
        emu.service.revoked = "token_revoked"
    async with _listening(bot, sink) as task:
        if how != "refused":
            await until(lambda: emu.events.connections)
            await (emu.switch_off() if how == "switched off" else _revoke(emu))
        with pytest.raises(AccountBroken):
            async with asyncio.timeout(3):
                await task


async def _revoke(emu: SlackEmulator) -> None:
    emu.revoke()


async def test_a_damaged_envelope_stops_nothing(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, until: Until
) -> None:
    sink = MemorySink()
    async with _listening(bot, sink):
        await until(lambda: emu.events.connections)
        await emu.events.connections[0].send_str("{")
        await emu.events.connections[0].send_bytes(b"\x00")
        emu.inject({"type": "event_callback", "event": 7})
        await anna.send("hallo")
        await until(lambda: len(sink.kept) == 2)
    assert emu.journal.handed[0].confirmed


def test_a_cursor_survives_anything() -> None:
    for damaged in (None, "", "{", "[]", '{"since":"x"}'):
        assert cursor_of(damaged).since == pytest.approx(time.time(), abs=5)
    cursor = Cursor(3.0, ["C1:1.000000"])
    assert cursor_of(cursor.text()) == cursor
    for n in range(500):
        event = {"channel": "C1", "thread_ts": f"{n}.000000"}
        cursor.note(json.dumps({"event": event}).encode())
    assert len(cursor.threads) == 200
    assert cursor.threads[-1] == "C1:499.000000"


# -- calls ---------------------------------------------------------------------------------------


@pytest.fixture
def called() -> SlackAdapter:
    """An adapter in events mode."""
    return adapter("http://127.0.0.1:9", "events")


def _verify(called: SlackAdapter, body: bytes, **headers: str) -> list[Raw]:
    return list(called.verify({**sign(body), **headers}, "", body))


def test_old_and_unsigned_calls_are_forged(called: SlackAdapter) -> None:
    body = b'{"type":"event_callback"}'
    for at in (time.time() - 301, time.time() + 301):
        with pytest.raises(Forged):
            called.verify(sign(body, at), "", body)
    called.verify(sign(body, time.time() - 290), "", body)
    for stamp in ("", "1e9", "١٢٣", "9" * 400, "nan", "-5"):
        with pytest.raises(Forged):
            _verify(called, body, **{"x-slack-request-timestamp": stamp})
    for signature in ("", "v0=é", "v1=" + "0" * 64, "v0=\udcff"):
        with pytest.raises(Forged):
            _verify(called, body, **{"x-slack-signature": signature})
    with pytest.raises(Forged):
        adapter("http://127.0.0.1:9", "socket").verify(sign(body), "", body)


def test_the_challenge_is_given_back_and_not_kept(called: SlackAdapter) -> None:
    body = b'{"token":"x","challenge":"3eZbrw1a","type":"url_verification"}'
    assert _verify(called, body) == []
    assert isinstance(called, Answers)
    answer = called.answer("slack/main", body)
    assert answer is not None
    assert (answer.body, answer.media_type) == (b"3eZbrw1a", "text/plain")
    assert called.answer("slack/main", b'{"type":"event_callback"}') is None


def test_forms_become_json(called: SlackAdapter) -> None:
    pressed = json.dumps({"type": "block_actions", "trigger_id": "1.2"})
    (raw,) = _verify(called, urlencode({"payload": pressed}).encode())
    assert raw == Raw(("t:1.2",), pressed.encode())
    fields = {
        "command": "/coach",
        "text": "héllo & meer",
        "trigger_id": "3.4",
        "user_id": "U1",
        "channel_id": "D1",
    }
    (raw,) = _verify(called, urlencode(fields).encode())
    (said,) = called.parse(raw.payload)
    assert isinstance(said, MessageIn)
    assert said.content.body == ("héllo & meer",)  # type: ignore[union-attr]
    assert abs(said.at.timestamp() - time.time()) < 5
    assert _verify(called, b"ssl_check=1&token=x") == []
    for junk in (b"a=1;b", b"\xff=\xfe", b"=", b"&" * 200 + b"a=b"):
        assert _verify(called, junk)[0].keys


async def test_a_removed_app_ends_listening_in_events_mode(emu: SlackEmulator) -> None:
    called = adapter(emu.api_url, "events")
    async with _listening(called, MemorySink()) as task:
        await asyncio.sleep(0.1)
        event = {"type": "event_callback", "event": {"type": "app_uninstalled"}}
        _verify(called, json.dumps(event).encode())
        with pytest.raises(AccountBroken):
            async with asyncio.timeout(3):
                await task
    await called.close()


async def test_events_mode_reads_up_again_and_again(
    emu: SlackEmulator, anna: Person, until: Until
) -> None:
    called = adapter(emu.api_url, "events")
    sink = MemorySink()
    async with _listening(called, sink):
        await until(lambda: sink.at)
        await anna.send("niemand belde")
        await until(lambda: sink.kept)
    await called.close()
    assert _heard(called, sink) == ["niemand belde"]


# -- what only the moment knows ------------------------------------------------------------------


async def test_reactions_are_told_whole(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, until: Until
) -> None:
    sink = MemorySink()
    async with _listening(bot, sink):
        await until(lambda: sink.at)
        message = await anna.send("hoi")
        await anna.react(message.ts, "tada")
        await anna.react(message.ts, "heart")
        await anna.unreact(message.ts, "tada")
        await anna.unreact(message.ts, "heart")
        await until(lambda: len(sink.kept) == 5)
    told = [one for raw in sink.kept for one in bot.parse(raw.payload)]
    sets = [one.emoji for one in told if isinstance(one, ReactionIn)]
    assert sets == [("🎉",), ("🎉", "❤️"), ("❤️",), ()]


async def test_corrections_and_deletions_name_their_message(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person
) -> None:
    files = await anna.send_files([b"1", b"2"], caption="twee")
    message = await anna.send("eerst")
    await anna.send("in de draad", thread=message.ts)
    await anna.edit(message.ts, "later")
    await anna.delete(message.ts)
    await anna.delete(files.ts)
    told = [
        one
        for handed in emu.journal.handed
        for one in bot.parse(msgspec.json.encode(handed.raw))
        if isinstance(one, EditIn | DeleteIn)
    ]
    assert [(type(one), one.external_id) for one in told] == [
        (EditIn, message.ts),
        (DeleteIn, message.ts),  # it began a thread, so a tombstone stays
        (DeleteIn, files.ts),
        (DeleteIn, f"{files.ts}#1"),
    ]
