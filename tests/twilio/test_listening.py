"""What no call told us is found, once; what a call told is not told again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.twilio import TwilioAdapter
from bridge.core.content import Media, Text
from bridge.core.inbound import BlockedIn, Inbound, MessageIn
from tests.conformance.kit import MemorySink
from tests.twilio.kit import OURS_TOO, OURS_WHATSAPP, SERVICE, EmulatedTwilio, adapter


@asynccontextmanager
async def _listening(one: TwilioAdapter, sink: MemorySink) -> AsyncIterator[None]:
    task = asyncio.create_task(one.listen(sink))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=2)
        await one.close()


async def _heard(one: TwilioAdapter, sink: MemorySink, count: int) -> list[Inbound]:
    async with asyncio.timeout(5):
        while len(sink.kept) < count:  # noqa: ASYNC110 - a sink tells nobody
            await asyncio.sleep(0.02)
    return [happened for raw in sink.kept for happened in one.parse(raw.payload)]


async def test_a_lost_call_is_made_up_for_on_either_network(world: EmulatedTwilio) -> None:
    for network, ours in (("sms", OURS_TOO), ("whatsapp", OURS_WHATSAPP)):
        sink = MemorySink(at="1000000000")
        sent = await world.person.send("gemist", network=network, to=ours)  # type: ignore[arg-type]
        one = adapter(world.url, network)  # type: ignore[arg-type]
        async with _listening(one, sink):
            [heard] = await _heard(one, sink, 1)
        assert isinstance(heard, MessageIn)
        assert (heard.external_id, heard.content) == (sent.sid, Text(("gemist",)))
        assert heard.at == sent.created
        assert sink.kept[0].keys == (sent.sid,)


async def test_the_first_look_ever_brings_no_history(world: EmulatedTwilio) -> None:
    await world.person.send("van voor onze tijd")
    sink = MemorySink()
    one = adapter(world.url)
    async with _listening(one, sink):
        await asyncio.sleep(0.15)
    assert sink.kept == []
    assert sink.at is not None


async def test_files_and_stop_words_are_found_too(world: EmulatedTwilio) -> None:
    await world.person.send_file("a.jpg", b"abc", "kijk")
    await world.person.send("STOP")
    sink = MemorySink(at="1000000000")
    one = adapter(world.url, messaging_service_sid=SERVICE)
    async with _listening(one, sink):
        picture, stop = await _heard(one, sink, 2)
        assert isinstance(picture, MessageIn)
        assert isinstance(picture.content, Media)
        assert b"".join([c async for c in one.fetch(picture.content.file.ref)]) == b"abc"
    assert isinstance(stop, BlockedIn)
    assert (stop.blocked, stop.stop) == (True, True)


async def test_what_is_too_young_is_left_to_its_call(world: EmulatedTwilio) -> None:
    await world.person.send("net gezegd")
    sink = MemorySink(at="1000000000")
    one = adapter(world.url, grace=60)
    async with _listening(one, sink):
        await asyncio.sleep(0.2)
    assert sink.kept == []


async def test_many_pages_are_read_in_the_order_of_speech(world: EmulatedTwilio) -> None:
    for n in range(450):
        await world.person.send(f"regel {n}")
    sink = MemorySink(at="1000000000")
    one = adapter(world.url)
    async with _listening(one, sink):
        heard = await _heard(one, sink, 450)
    said = [one.content for one in heard if isinstance(one, MessageIn)]
    assert said == [Text((f"regel {n}",)) for n in range(450)]
