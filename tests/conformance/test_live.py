"""The adapter against the network's server: both directions, and everything that breaks."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from itertools import count
from typing import Any

import msgspec
import pytest
from aiohttp import web

from bridge.core import errors
from bridge.core.adapter import Adapter, Delivery, Request, Sent, Unknown, Webhook
from bridge.core.capabilities import Idempotency
from bridge.core.content import Attachment, Media, MediaKind, Text
from bridge.core.errors import Certainty, Forged, SendError, Undeliverable, Unreachable
from bridge.core.inbound import MessageIn
from tests.conformance.conftest import Until
from tests.conformance.contents import CONTENTS, sending, to
from tests.conformance.kit import Kit, MemoryFiles, MemorySink, Server, Trouble
from tests.conformance.networks import NETWORKS

FILES = MemoryFiles(file1=b"\x00\xff" * 150_000)
_SEQS = count(2)


def _requests(adapter: Adapter, server: Server, words: str) -> tuple[Request, ...]:
    address = to(adapter.network, server.place.chat)
    return adapter.render(Delivery(sending(Text((words,)), address))).requests


_numbers = itertools.count(1)


async def _send(adapter: Adapter, server: Server, words: str) -> list[Sent]:
    requests = _requests(adapter, server, words)
    seq = next(_SEQS)  # a key is never used for two things: the same key is the same message
    return [
        await adapter.send(request, f"t/{seq}/anna/{n}", FILES)
        for n, request in enumerate(requests)
    ]


async def test_what_we_send_is_shown_with_an_id_of_its_own(
    adapter: Adapter, server: Server
) -> None:
    first, second = await _send(adapter, server, "een 🚲"), await _send(adapter, server, "twee")
    assert server.shown() == ["een 🚲", "twee"]
    assert len(first[0].external_ids) == len(second[0].external_ids) == 1
    assert first[0].external_ids != second[0].external_ids


async def test_a_long_text_arrives_whole_and_in_order(adapter: Adapter, server: Server) -> None:
    # More than fits into one, whatever the network's unit: a word is six characters or more.
    enough = max(2500, adapter.capabilities.max_text // 5)
    words = " ".join(f"woord{n}" for n in range(enough))
    await _send(adapter, server, words)
    assert len(server.shown()) > 1
    assert " ".join(server.shown()).split() == words.split()


@pytest.mark.parametrize("name", CONTENTS)
async def test_every_content_is_taken_by_the_server(
    adapter: Adapter, server: Server, name: str
) -> None:
    content = CONTENTS[name]
    if isinstance(content, Media) and content.file.id:
        size = min(content.file.size, 300_000) if content.file.size != 1000 else 300_000
        file = msgspec.structs.replace(content.file, size=size)
        content = msgspec.structs.replace(content, file=file)
    address = to(adapter.network, server.place.chat)
    for request in adapter.render(Delivery(sending(content, address, "Noor"))).requests:
        if any(upload.size != 300_000 for upload in request.uploads):
            uploads = tuple(
                msgspec.structs.replace(upload, size=300_000) for upload in request.uploads
            )
            request = msgspec.structs.replace(request, uploads=uploads)
        sent = await adapter.send(request, f"t/{next(_numbers)}/anna/0", FILES)
        assert len(sent.external_ids) == (1 if request.shows else 0)


@pytest.mark.parametrize("trouble", Trouble)
async def test_an_unclear_end_is_unknown_and_never_repeated_by_us(
    adapter: Adapter, server: Server, trouble: Trouble
) -> None:
    await _send(adapter, server, "eerst")
    server.plan(trouble)
    with pytest.raises(Unreachable) as unclear:
        await _send(adapter, server, "misschien")
    assert unclear.value.certainty is Certainty.UNKNOWN
    assert server.shown().count("misschien") <= 1
    await _send(adapter, server, "daarna")
    assert server.shown()[-1] == "daarna"


async def test_a_message_that_was_taken_is_reconciled_honestly(
    adapter: Adapter, server: Server
) -> None:
    server.plan(Trouble.ACCEPTED_THEN_DROPPED)
    request = _requests(adapter, server, "eenmaal")[0]
    with pytest.raises(Unreachable):
        await adapter.send(request, "t/1/anna/0", FILES)
    found = await adapter.reconcile(request, "t/1/anna/0")
    assert server.shown() == ["eenmaal"]
    assert isinstance(found, Unknown) == (adapter.capabilities.idempotency is Idempotency.BLIND)


async def test_no_connection_means_not_sent(adapter: Adapter, server: Server) -> None:
    await _send(adapter, server, "eerst")
    await server.down()
    with pytest.raises(Unreachable) as unreachable:
        # The first may still find an open connection; the second has to make a new one.
        await _send(adapter, server, "weg")
    if unreachable.value.certainty is not Certainty.NOT_SENT:
        with pytest.raises(Unreachable) as unreachable:
            await _send(adapter, server, "weg")
    assert unreachable.value.certainty is Certainty.NOT_SENT
    await server.up()
    await _send(adapter, server, "terug")
    assert server.shown() == ["eerst", "terug"]


async def test_somebody_who_does_not_exist_is_undeliverable(
    adapter: Adapter, kit: Kit, server: Server
) -> None:
    effect = sending(Text(("hallo",)), to(kit.name, "987654"))
    with pytest.raises(Undeliverable):
        await adapter.send(adapter.render(Delivery(effect)).requests[0], "k", FILES)


async def test_a_lost_file_is_a_refusal_and_nothing_appears(
    adapter: Adapter, kit: Kit, server: Server
) -> None:
    file = Attachment(id="nowhere", mime="image/jpeg", size=1000)
    effect = sending(Media(MediaKind.PHOTO, file), to(kit.name, server.place.chat))
    if kit.by_link:
        pytest.skip("no bytes of files go there")
    with pytest.raises(SendError) as refused:
        await adapter.send(adapter.render(Delivery(effect)).requests[0], "k", FILES)
    assert refused.value.certainty is Certainty.NOT_SENT
    assert server.shown() == []


async def test_typing_and_checking_work(adapter: Adapter, server: Server) -> None:
    await adapter.typing(server.place)
    assert await adapter.check()


# -- listening -----------------------------------------------------------------------------------


@asynccontextmanager
async def _listening(
    kit: Kit, server: Server, adapter: Adapter, sink: MemorySink
) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(adapter.listen(sink))
    called = kit.called(server, adapter, sink) if kit.called else nullcontext()
    try:
        async with called:
            yield task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=2)
        assert task.done()


def _heard(adapter: Adapter, sink: MemorySink) -> list[str]:
    happened = [one for raw in sink.kept for one in adapter.parse(raw.payload)]
    return [
        str(one.content.body[0])
        for one in happened
        if isinstance(one, MessageIn) and isinstance(one.content, Text)
    ]


async def test_what_a_person_says_is_kept_once_and_in_order(
    adapter: Adapter, kit: Kit, server: Server, until: Until
) -> None:
    sink = MemorySink()
    async with _listening(kit, server, adapter, sink):
        for n in range(5):
            await server.say(f"regel {n}")
        await until(lambda: len(sink.kept) == 5)
        server.hand_out_again()
        await server.say("laatste")
        await until(lambda: len(sink.kept) >= 6)
    assert _heard(adapter, sink) == [f"regel {n}" for n in range(5)] + ["laatste"]


async def test_what_could_not_be_kept_comes_again(
    adapter: Adapter, kit: Kit, server: Server, until: Until
) -> None:
    sink = MemorySink(broken=1)
    async with _listening(kit, server, adapter, sink):
        await server.say("bewaar mij")
        await until(lambda: sink.kept)
    assert _heard(adapter, sink) == ["bewaar mij"]
    assert sink.calls > 1


async def test_a_restart_goes_on_where_the_cursor_is(
    adapter: Adapter, kit: Kit, server: Server, until: Until
) -> None:
    sink = MemorySink()
    async with _listening(kit, server, adapter, sink):
        await server.say("voor")
        await until(lambda: sink.kept)
    await adapter.close()
    await server.say("tijdens")
    second = kit.build(server.url)
    async with _listening(kit, server, second, sink):
        await server.say("na")
        await until(lambda: len(sink.kept) == 3)
    await second.close()
    assert _heard(adapter, sink) == ["voor", "tijdens", "na"]


async def test_listening_survives_an_outage(
    adapter: Adapter, kit: Kit, server: Server, until: Until
) -> None:
    sink = MemorySink()
    async with _listening(kit, server, adapter, sink):
        await server.say("een")
        await until(lambda: sink.kept)
        await server.down()
        await asyncio.sleep(0.1)
        await server.up()
        await server.say("twee")
        await until(lambda: len(sink.kept) == 2)
    assert _heard(adapter, sink) == ["een", "twee"]


async def test_listening_stops_at_once_when_cancelled(
    adapter: Adapter, server: Server, until: Until
) -> None:
    sink = MemorySink()
    await server.say("hallo")
    task = asyncio.create_task(adapter.listen(sink))
    await until(lambda: sink.kept)
    task.cancel()
    async with asyncio.timeout(0.5):
        with pytest.raises(asyncio.CancelledError):
            await task


# -- refusals ------------------------------------------------------------------------------------


def _refusals() -> list[Any]:
    return [
        pytest.param(kit, msgspec.json.decode(file.read_bytes()), id=f"{kit}-{file.stem}")
        for kit in NETWORKS
        for file in sorted((kit.fixtures / "errors").glob("*.json"))
    ]


@asynccontextmanager
async def _answering(status: int, body: object) -> AsyncIterator[str]:
    """Run a server that gives the same answer to everything."""
    text = body if isinstance(body, str) else msgspec.json.encode(body).decode()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(status=status, text=text, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(("kit", "refusal"), _refusals())
async def test_a_refusal_says_what_to_do_next(kit: Kit, refusal: dict[str, Any]) -> None:
    expected = dict(refusal["expected"])
    kind = getattr(errors, expected.pop("error"))
    answering = kit.answering or _answering
    async with answering(refusal["status"], refusal["body"]) as url:
        adapter = kit.build(url)
        effect = sending(Text(("geheim",)), to(kit.name, kit.chat))
        request = adapter.render(Delivery(effect)).requests[0]
        with pytest.raises(kind) as raised:
            await adapter.send(request, "t/1/anna/0", FILES)
        await adapter.close()
    error: SendError = raised.value
    assert isinstance(error, kind)
    for name, value in expected.items():
        assert getattr(error, name) == value
    for shown in _everything_in(error):
        for secret in (kit.secret, url, "geheim", "secret words"):
            assert secret not in shown


def _everything_in(error: BaseException | None) -> list[str]:
    """Return all texts of an error and of those it hides."""
    shown = []
    while error is not None:
        shown += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return shown


async def test_no_form_of_the_adapter_shows_its_secret(kit: Kit, server: Server) -> None:
    adapter = kit.build(server.url)
    assert kit.secret not in f"{adapter!r}{adapter!s}"
    await server.down()
    with pytest.raises(SendError) as error:
        await adapter.check()
    await adapter.close()
    assert all(kit.secret not in shown for shown in _everything_in(error.value))


# -- webhooks ------------------------------------------------------------------------------------


@pytest.fixture
def called(kit: Kit) -> Webhook:
    """An adapter that is called by its network."""
    if kit.build_webhook is None:
        pytest.skip("this network does not call us")
    adapter = kit.build_webhook("http://127.0.0.1:9")
    assert isinstance(adapter, Webhook)
    return adapter


def test_a_genuine_call_gives_its_payload_back(kit: Kit, called: Webhook) -> None:
    assert kit.sign is not None
    body = kit.payload(next((kit.fixtures / "inbound").glob("*.json")))
    raws = called.verify(kit.sign(body), "http://127.0.0.1/webhooks", body)
    assert [raw.payload for raw in raws] == [body]
    assert all(raw.keys for raw in raws)


@pytest.mark.parametrize("junk", ["", "x", "é", "\udcff", "\x00", "a" * 100_000])
def test_a_tampered_call_is_forged_and_nothing_else(kit: Kit, called: Webhook, junk: str) -> None:
    assert kit.sign is not None
    body = b"{}"
    genuine = dict(kit.sign(body))
    for name in genuine:
        broken: list[dict[str, str]] = [
            {**genuine, name: junk},
            {**genuine, name: genuine[name] + "x"},
            {**genuine, name: genuine[name][:-1]},
            {other: value for other, value in genuine.items() if other != name},
        ]
        for headers in (*broken, {}):
            with pytest.raises(Forged) as forged:
                called.verify(headers, "http://127.0.0.1/webhooks", body)
            assert genuine[name] not in str(forged.value)
