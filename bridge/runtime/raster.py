"""The course of a scale from 0 to 10 as a PNG, for messengers that show pictures. Pure.

1. White paper, dark figures and a blue line (contrast of at least 4.5:1), so that it reads the same
   in a light and in a dark messenger; the line of text that goes with it says every number.
2. PNG by hand (RFC 2083: signature, IHDR, IDAT, IEND), for one kind of picture needs no library.
3. The same numbers give the same bytes: a send that goes on after a restart goes on with these.
"""

from __future__ import annotations

import math
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 54, 54, 66
_TEN = 10.0

_Ink = tuple[int, int, int]
_PAPER, _GRID, _DARK, _BLUE = (255, 255, 255), (216, 219, 224), (51, 55, 61), (38, 100, 186)

_SIZE = 3
"""Pixels of one dot of a figure."""
_FIGURES = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00010 00100 01000 11111",
    "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    "-": "00000 00000 00000 11111 00000 00000 00000",
    ".": "00000 00000 00000 00000 00000 01100 01100",
    ",": "00000 00000 00000 00000 01100 00100 01000",
}
_STEP, _TALL = 6, 7
"""Dots from one figure to the next, and from its head to its foot."""


class _Canvas:
    """Pixels, red green blue."""

    def __init__(self) -> None:
        self.pixels = bytearray(bytes(_PAPER) * (WIDTH * HEIGHT))

    def dot(self, x: int, y: int, ink: _Ink, cover: float = 1.0) -> None:
        """Lay ink over a pixel; ``cover`` from 0 to 1 is how much of it."""
        if cover <= 0 or not (0 <= x < WIDTH and 0 <= y < HEIGHT):
            return
        at, much = 3 * (y * WIDTH + x), min(cover, 1.0)
        for n, new in enumerate(ink):
            old = self.pixels[at + n]
            self.pixels[at + n] = round(old + (new - old) * much)

    def line(self, start: tuple[float, float], end: tuple[float, float], thick: float) -> None:
        """Draw from left to right, with soft edges."""
        (x0, y0), (x1, y1) = start, end
        slope = (y1 - y0) / (x1 - x0)
        half = thick / 2 * math.hypot(1, slope)
        for x in range(round(x0), round(x1) + 1):
            y = y0 + slope * (x - x0)
            for row in range(math.floor(y - half), math.ceil(y + half) + 1):
                self.dot(x, row, _BLUE, half + 0.5 - abs(row - y))

    def disc(self, x: float, y: float, radius: float) -> None:
        """Draw a point of the course."""
        reach = math.ceil(radius) + 1
        for row in range(round(y) - reach, round(y) + reach + 1):
            for column in range(round(x) - reach, round(x) + reach + 1):
                away = math.hypot(column - x, row - y)
                self.dot(column, row, _BLUE, radius + 0.5 - away)

    def write(self, text: str, x: float, y: float) -> None:
        """Write figures with their left edge at x and their head at y."""
        for number, figure in enumerate(text):
            left = round(x) + number * _STEP * _SIZE
            for row, dots in enumerate(_FIGURES[figure].split()):
                for column, is_set in enumerate(dots):
                    if is_set == "1":
                        self._block(left + column * _SIZE, round(y) + row * _SIZE)

    def _block(self, x: int, y: int) -> None:
        for row in range(y, y + _SIZE):
            for column in range(x, x + _SIZE):
                self.dot(column, row, _DARK)

    def png(self) -> bytes:
        """Return the picture as a file."""
        row = 3 * WIDTH
        lines = (b"\0" + self.pixels[n : n + row] for n in range(0, len(self.pixels), row))
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
        body = zlib.compress(b"".join(lines), 9)
        chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def width_of(text: str) -> int:
    """Return how many pixels a row of figures is wide."""
    return (len(text) * _STEP - 1) * _SIZE


def draw(values: Sequence[float], labels: Sequence[str], days: Sequence[str]) -> bytes:
    """Return a PNG of numbers from 0 to 10, left to right.

    ``labels`` are the numbers as their reader writes them, ``days`` when they were said, as
    2026-03-31: the first and the last stand under the line. Digits and ``.,-`` only.
    """
    canvas = _Canvas()
    _axes(canvas, days)
    points = [(_x(n, len(values)), _y(value)) for n, value in enumerate(values)]
    for start, end in pairwise(points):
        canvas.line(start, end, 5)
    for (x, y), label in zip(points, labels, strict=True):
        canvas.disc(x, y, 8)
        canvas.write(label, x - width_of(label) / 2, y - 12 - _TALL * _SIZE)
    return canvas.png()


def _x(n: int, count: int) -> float:
    span = WIDTH - _LEFT - _RIGHT
    return _LEFT + (span / 2 if count == 1 else 20 + (span - 40) * n / (count - 1))


def _y(value: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / _TEN


def _axes(canvas: _Canvas, days: Sequence[str]) -> None:
    for value in (0, 5, 10):
        y = round(_y(value))
        for x in range(_LEFT, WIDTH - _RIGHT):
            canvas.dot(x, y, _GRID)
            canvas.dot(x, y + 1, _GRID)
        text = str(value)
        canvas.write(text, _LEFT - 14 - width_of(text), y - _TALL * _SIZE / 2)
    foot = HEIGHT - _BOTTOM + 24
    if days:
        canvas.write(days[0], _LEFT, foot)
    if len(days) > 1 and days[-1] != days[0]:
        canvas.write(days[-1], WIDTH - _RIGHT - width_of(days[-1]), foot)
