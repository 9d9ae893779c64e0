"""The course of a scale from 0 to 10 as a picture. Pure.

1. One image to a screen reader, with a title and a description that says every number; the page
   has the table that says the same.
2. No style attributes and no scripts; axes and words take the colour of the text around it.
3. The words are people's text: escaped, and without what XML has no form for.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 720, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 48, 24, 28
_TEN = 10.0
_LABELS = 8
COLOUR = "#3b7dd8"
"""A contrast of at least 3:1 to white and to near-black (WCAG 2.2, 1.4.11)."""


def draw(number: int, title: str, told: str, days: Sequence[str], values: Sequence[float]) -> str:
    """Return an SVG element; ``number`` makes its ids unique in the page."""
    name = f"course-{number}"
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="{name}-title {name}-desc" class="course" '
            'font-family="sans-serif" font-size="12" fill="currentColor">',
            f'<title id="{name}-title">{_safe(title)}</title>',
            f'<desc id="{name}-desc">{_safe(told)}</desc>',
            *_axes(days),
            *_line(values),
            "</svg>",
        )
    )


def _safe(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable()))


def _x(n: int, count: int) -> float:
    span = WIDTH - _LEFT - _RIGHT
    return _LEFT + (span / 2 if count == 1 else span * n / (count - 1))


def _y(value: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / _TEN


def _axes(days: Sequence[str]) -> Iterator[str]:
    for value in (0, 5, 10):
        y = _y(value)
        yield (
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="currentColor" stroke-opacity="0.25"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
        )
    every = -(-len(days) // _LABELS) or 1
    for n in range(0, len(days), every):
        x = _x(n, len(days))
        yield f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{_safe(days[n])}</text>'


def _line(values: Sequence[float]) -> Iterator[str]:
    points = [(_x(n, len(values)), _y(value)) for n, value in enumerate(values)]
    if len(points) > 1:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{COLOUR}" stroke-width="2.5"/>'
    for (x, y), value in zip(points, values, strict=True):
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{COLOUR}"/>'
        yield f'<text x="{x:.1f}" y="{y - 9:.1f}" text-anchor="middle">{value:g}</text>'
