"""What goes wrong on the wire, done to a connection of aiohttp's server."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.emulators.faults import Fault


def is_alive(request: web.Request) -> bool:
    """Whether somebody still waits for the answer."""
    return request.transport is not None and not request.transport.is_closing()


def drop(request: web.Request) -> None:
    """End the connection in good order (FIN)."""
    if request.transport is not None:
        request.transport.close()


def reset(request: web.Request) -> None:
    """End the connection with RST."""
    if request.transport is not None:
        reset_transport(request.transport)


def reset_transport(transport: asyncio.BaseTransport) -> None:
    """End a connection with RST: a zero linger time makes close() do that."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if hasattr(transport, "abort"):  # uvloop's transports are no asyncio.WriteTransport
        transport.abort()


def proxy_page(status: int) -> web.Response:
    """What a proxy in front of the network says when it does not reach it."""
    page = f"<html><head><title>{status} {HTTPStatus(status).phrase}</title></head></html>"
    return web.Response(status=status, text=page, content_type="text/html")


async def _half(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """A Content-Length that is not kept."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    response = web.StreamResponse(status=whole.status)
    response.content_type = whole.content_type
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    drop(request)
    return response


async def instead(
    request: web.Request,
    fault: Fault,
    refuse_for: Callable[[float], Awaitable[None]],
    closing: asyncio.Event,
    refused: Callable[[], web.Response],
) -> web.StreamResponse | None:
    """The answer of a fault that keeps a call from being processed; None where it does not.

    `refused` makes the network's own refusal, `refuse_for` takes its listener down.
    """
    match fault.kind:
        case "reset":
            reset(request)
        case "refuse":
            await refuse_for(fault.seconds)
        case "status":
            return proxy_page(fault.code)
        case "error":
            return refused()
        case "half_open" if not fault.process:
            await closing.wait()
        case _:
            return None
    return web.Response()


async def deliver(
    request: web.Request,
    fault: Fault | None,
    response: web.Response,
    closing: asyncio.Event,
    garbage: bytes,
) -> tuple[web.StreamResponse, bool]:
    """Write an answer, or do to it what the fault says; `garbage` is one that is no JSON.

    Tell whether all of it went to a connection that was still there.
    """
    match fault.kind if fault is not None else "":
        case "accept_then_drop":
            drop(request)
            return web.Response(), False
        case "accept_then_reset":
            reset(request)
            return web.Response(), False
        case "half_open":
            await closing.wait()
            return web.Response(), False
        case "truncated":
            return await _half(request, response), False
        case "malformed":
            kind = response.content_type
            return web.Response(status=response.status, body=garbage, content_type=kind), False
        case "slow" if fault is not None:
            await asyncio.sleep(fault.seconds)
    if not is_alive(request):
        return response, False
    await response.prepare(request)
    await response.write_eof()
    return response, is_alive(request)
