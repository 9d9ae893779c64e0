"""The bytes of a call: answers in every form HTTP/1.1 allows, and connections that end badly."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from adapters.telegram import calls as module
from adapters.telegram.calls import Calls
from adapters.telegram.refusals import Garbled
from bridge.core.errors import Certainty, Rejected, SendError, Unreachable

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
Act = Callable[[Writer, int], Awaitable[None]]

DONE = b'{"ok":true,"result":{"message_id":7}}'
RESULT = b'{"message_id":7}'


class Server:
    """Reads whole requests and lets ``act`` answer the n-th of all."""

    def __init__(self, act: Act) -> None:
        self.act = act
        self.requests: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()

    async def serve(self, reader: Reader, writer: Writer) -> None:
        """Answer until the other side, or the act, closes."""
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(size))
                self.asked.set()
                await self.act(writer, len(self.requests))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(act: Act) -> AsyncIterator[tuple[Server, Calls]]:
    """Run such a server and calls to it."""
    server = Server(act)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    calls = Calls(f"http://127.0.0.1:{port}/bot1:a", _refused)
    try:
        yield server, calls
    finally:
        await calls.close()
        listening.close()


async def _refused(status: int, body: bytes) -> SendError:
    return Rejected(str(status), body.decode())


def _plain(body: bytes, more: bytes = b"", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\n%bContent-Length: %d\r\n\r\n%b" % (status, more, len(body), body)


async def test_a_call_is_one_post_of_json_and_its_connection_is_used_again() -> None:
    async def act(writer: Writer, number: int) -> None:
        writer.write(_plain(DONE))

    async with serving(act) as (server, calls):
        for _ in range(3):
            assert await calls.call("sendMessage", {"chat_id": 1, "text": "ë"}) == RESULT
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bot1:a/sendMessage HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Content-Type: application/json" in head
    assert body == '{"chat_id":1,"text":"ë"}'.encode()
    assert (len(server.requests), server.connections) == (3, 1)


async def _chunked(writer: Writer, number: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(DONE), 5):
        part = DONE[at : at + 5]
        writer.write(b"%x\r\n%b\r\n" % (len(part), part))
        await writer.drain()
        await asyncio.sleep(0)
    writer.write(b"0\r\n\r\n")


async def _until_the_end(writer: Writer, number: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + DONE)
    writer.close()


async def _old(writer: Writer, number: int) -> None:
    writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(DONE), DONE))
    writer.close()


async def _continued(writer: Writer, number: int) -> None:
    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(0.01)
    writer.write(_plain(DONE))


async def _crumbs(writer: Writer, number: int) -> None:
    for byte in _plain(DONE):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)


@pytest.mark.parametrize("act", [_chunked, _until_the_end, _old, _continued, _crumbs])
async def test_every_form_of_an_answer_is_read(act: Act) -> None:
    async with serving(act) as (_, calls):
        for _ in range(2):
            assert await calls.call("sendMessage", {}) == RESULT


async def _cut(writer: Writer, number: int) -> None:
    writer.write(_plain(DONE)[:-5])
    writer.close()


async def _cut_chunks(writer: Writer, number: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + DONE[:5])
    writer.close()


async def _nothing(writer: Writer, number: int) -> None:
    writer.close()


async def _half_a_head(writer: Writer, number: int) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-")
    writer.close()


async def _reset(writer: Writer, number: int) -> None:
    writer.transport.abort()


async def _nonsense(writer: Writer, number: int) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")


@pytest.mark.parametrize("act", [_cut, _cut_chunks, _nothing, _half_a_head, _reset, _nonsense])
async def test_a_connection_that_breaks_leaves_open_what_was_taken(act: Act) -> None:
    async with serving(act) as (server, calls):
        with pytest.raises(Unreachable) as broken:
            await calls.call("sendMessage", {})
    assert (broken.value.code, broken.value.certainty) == ("no_answer", Certainty.UNKNOWN)
    assert len(server.requests) == 1  # and nothing was sent twice


async def test_what_never_got_a_connection_was_not_sent() -> None:
    async def act(writer: Writer, number: int) -> None:
        writer.write(_plain(DONE))

    async with serving(act) as (_, calls):
        pass
    with pytest.raises(Unreachable) as refused:
        await calls.call("sendMessage", {})
    assert (refused.value.code, refused.value.certainty) == ("not_connected", Certainty.NOT_SENT)


async def test_an_answer_that_does_not_come_is_waited_for_so_long_and_never_mistaken() -> None:
    async def act(writer: Writer, number: int) -> None:
        if number == 1:
            await asyncio.sleep(0.2)
            writer.write(_plain(b'{"ok":true,"result":"late"}'))
        else:
            writer.write(_plain(DONE))

    async with serving(act) as (server, calls):
        with pytest.raises(Unreachable) as late:
            await calls.call("sendMessage", {}, 0.05)
        assert (late.value.code, late.value.certainty) == ("timed_out", Certainty.UNKNOWN)
        slow = asyncio.create_task(calls.call("getUpdates", {}, 20.0))
        assert await calls.call("sendMessage", {}) == RESULT
        assert await slow == RESULT
        await asyncio.sleep(0.2)
        assert await calls.call("sendMessage", {}) == RESULT
    assert server.connections == 3


async def test_a_call_that_is_cancelled_takes_its_connection_with_it() -> None:
    async def act(writer: Writer, number: int) -> None:
        if number == 2:
            await asyncio.sleep(0.05)
            writer.write(_plain(b'{"ok":true,"result":"of the cancelled one"}'))
        else:
            writer.write(_plain(DONE))

    async with serving(act) as (server, calls):
        assert await calls.call("sendMessage", {}) == RESULT
        server.asked.clear()
        cancelled = asyncio.create_task(calls.call("sendMessage", {}))
        await server.asked.wait()
        cancelled.cancel()
        with pytest.raises(asyncio.CancelledError):
            await cancelled
        assert await calls.call("sendMessage", {}) == RESULT
    assert server.connections == 2


async def test_what_was_not_asked_for_is_no_answer_to_the_next_call() -> None:
    async def act(writer: Writer, number: int) -> None:
        writer.write(
            _plain(DONE) + (_plain(b'{"ok":true,"result":"more"}') if number == 1 else b"")
        )

    async with serving(act) as (server, calls):
        for _ in range(2):
            assert await calls.call("sendMessage", {}) == RESULT
    assert server.connections == 2


async def test_a_connection_that_closed_meanwhile_or_rested_too_long_is_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def act(writer: Writer, number: int) -> None:
        writer.write(_plain(DONE))
        if number == 1:
            writer.close()

    async with serving(act) as (server, calls):
        assert await calls.call("sendMessage", {}) == RESULT
        await asyncio.sleep(0.05)
        assert await calls.call("sendMessage", {}) == RESULT
        monkeypatch.setattr(module, "IDLE", 0.01)
        await asyncio.sleep(0.05)
        assert await calls.call("sendMessage", {}) == RESULT
    assert server.connections == 3


async def test_a_refusal_is_sorted_by_the_one_who_knows() -> None:
    async def act(writer: Writer, number: int) -> None:
        writer.write(_plain(b'{"ok":false}', b"", b"403 Forbidden"))

    async with serving(act) as (server, calls):
        for _ in range(2):
            with pytest.raises(Rejected, match="ok"):
                await calls.call("sendMessage", {})
    assert server.connections == 1


@pytest.mark.parametrize("body", [b'{"ok":true}', b"[]", b"7"])
async def test_an_answer_without_a_result_is_none(body: bytes) -> None:
    async def act(writer: Writer, number: int) -> None:
        writer.write(_plain(body))

    async with serving(act) as (_, calls):
        with pytest.raises(Unreachable) as refused:
            await calls.call("sendMessage", {})
    assert refused.value.code == "no_result"


async def test_an_answer_that_is_not_json_is_kept_as_it_came() -> None:
    async def act(writer: Writer, number: int) -> None:
        writer.write(_plain(b'{"ok":true,"result":['))

    async with serving(act) as (_, calls):
        with pytest.raises(Garbled) as garbled:
            await calls.call("getUpdates", {})
    assert garbled.value.payload == b'{"ok":true,"result":['


async def test_no_more_connections_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 4)

    async def act(writer: Writer, number: int) -> None:
        await asyncio.sleep(0.005)
        writer.write(_plain(DONE))

    async with serving(act) as (server, calls):
        answers = await asyncio.gather(*(calls.call("sendMessage", {}) for _ in range(20)))
    assert answers == [RESULT] * 20
    assert server.connections == 4


async def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)

    async def act(writer: Writer, number: int) -> None:
        writer.write(_plain(b" " * 2000 + DONE))

    async with serving(act) as (_, calls):
        with pytest.raises(Unreachable):
            await calls.call("sendMessage", {})


@pytest.mark.parametrize("base", ["", "api.telegram.org", "ftp://x/bot", "https:///bot"])
def test_an_address_that_is_none_is_refused(base: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Calls(base, _refused)
