"""The course of a scale as a PNG: read back by the rules of the format, not by our own code."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from bridge.core.errors import StoreError
from bridge.runtime import raster
from bridge.runtime.pictures import Pictures
from storage.blobs import Blobs

if TYPE_CHECKING:
    from tests.runtime.desk_kit import FrontDesk

BLUE = (38, 100, 186)


def opened(png: bytes) -> list[list[tuple[int, int, int]]]:
    """Return the pixels of a PNG row by row. https://www.w3.org/TR/png-3/"""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size]) == (
            zlib.crc32(kind + data),
        )
        chunks[kind] = data
        at += 12 + size
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, *rest) == (8, 2, 0, 0, 0)
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    flat = zlib.decompress(chunks[b"IDAT"])
    assert len(flat) == height * (1 + 3 * width)
    rows = [flat[n : n + 1 + 3 * width] for n in range(0, len(flat), 1 + 3 * width)]
    assert {row[0] for row in rows} == {0}
    return [list(zip(row[1::3], row[2::3], row[3::3], strict=True)) for row in rows]


def heights(rows: list[list[tuple[int, int, int]]]) -> list[int]:
    """Return the rows on which the points of the course stand, left to right."""
    blue = [(x, [y for y, row in enumerate(rows) if row[x] == BLUE]) for x in range(raster.WIDTH)]
    found = [(x, ys) for x, ys in blue if len(ys) > 14]  # a point is thicker than the line
    return [sum(ys) // len(ys) for _, ys in found]


def test_a_course_goes_up_where_its_numbers_do() -> None:
    rows = opened(raster.draw((2, 9), ("2", "9"), ("2026-03-02", "2026-03-09")))
    assert (len(rows[0]), len(rows)) == (raster.WIDTH, raster.HEIGHT)
    points = heights(rows)
    assert points[0] - points[-1] == round((raster.HEIGHT - 54 - 66) * 0.7)


@pytest.mark.parametrize("values", [(0.0, 10.0), (5.0, 5.0), tuple(float(n) for n in range(8))])
def test_the_ends_of_the_scale_and_a_long_course_fit(values: tuple[float, ...]) -> None:
    labels = tuple(f"{value:g}" for value in values)
    rows = opened(raster.draw(values, labels, ("2026-12-31",) * len(values)))
    paper = (255, 255, 255)
    edges = [*rows[0], *rows[-1], *(row[0] for row in rows), *(row[-1] for row in rows)]
    assert set(edges) == {paper}, "nothing is cut off"


def test_the_same_numbers_give_the_same_bytes() -> None:
    wanted = ((6.5, 8.0), ("6,5", "8"), ("2026-03-02", "2026-03-09"))
    assert raster.draw(*wanted) == raster.draw(*wanted)


@pytest.mark.parametrize("name", ["drawn:", "drawn:[[1],[],[]]", 'drawn:[[1.0],["x"],["y"]]'])
async def test_a_name_of_nothing_opens_nothing(desk: FrontDesk, name: str) -> None:
    with pytest.raises(StoreError):
        [piece async for piece in Pictures(Blobs(desk.store)).read(name)]
