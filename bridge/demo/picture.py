"""A photo to send: a small sunrise over the sea, drawn here so that no file has to be shipped."""

from __future__ import annotations

import struct
import zlib

WIDTH, HEIGHT = 96, 64
_HORIZON = 40
_SUN_X, _SUN_Y, _SUN_RADIUS = 48, 40, 13


def sunrise() -> bytes:
    """Return the picture as a PNG: https://www.w3.org/TR/png-3/#5DataRep"""
    rows = b"".join(b"\0" + b"".join(map(bytes, _row(y))) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _row(y: int) -> list[tuple[int, int, int]]:
    return [_pixel(x, y) for x in range(WIDTH)]


def _pixel(x: int, y: int) -> tuple[int, int, int]:
    if y >= _HORIZON:
        glitter = 60 if abs(x - _SUN_X) < (y - _HORIZON) // 2 + 3 and y % 3 == 0 else 0
        return (30 + glitter, 70 + glitter, 120)
    if (x - _SUN_X) ** 2 + (y - _SUN_Y) ** 2 <= _SUN_RADIUS**2:
        return (255, 214, 90)
    return (250 - y, 120 + 2 * y, 110 + y)
