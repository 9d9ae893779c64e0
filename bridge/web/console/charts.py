"""Bars over weeks as shapes for an SVG: pure arithmetic, the template draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 720, 220
_LEFT, _BOTTOM, _TOP = 34, 26, 8
_LABELS = 8
COLOURS = 6
"""How many series the sheet can tell apart; later ones begin again."""


class Bar(msgspec.Struct, frozen=True):
    """One week of one series, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    look: int


class Label(msgspec.Struct, frozen=True):
    """A text at a place."""

    x: float
    y: float
    text: str


class Chart(msgspec.Struct, frozen=True):
    """A drawing: bars, weeks below, numbers at the side with their lines."""

    bars: tuple[Bar, ...]
    weeks: tuple[Label, ...]
    numbers: tuple[Label, ...]
    left: int = _LEFT
    width: int = WIDTH
    height: int = HEIGHT


def chart(weeks: Sequence[str], series: Sequence[Sequence[int]]) -> Chart:
    """Return stacked bars: one column a week, series from below in their order."""
    totals = [sum(counts) for counts in zip(*series, strict=True)] if series else []
    most = _round_up(max(totals, default=0))
    room, step = HEIGHT - _TOP - _BOTTOM, (WIDTH - _LEFT) / max(len(weeks), 1)
    thick = min(step * 0.7, 44)
    bars: list[Bar] = []
    for week in range(len(weeks)):
        x, foot = _LEFT + step * week + (step - thick) / 2, float(HEIGHT - _BOTTOM)
        for number, counts in enumerate(series):
            tall = room * counts[week] / most
            foot -= tall
            if tall:
                place = (_short(x), _short(foot), _short(thick), _short(tall))
                bars.append(Bar(*place, number % COLOURS))
    every = max(1, -(-len(weeks) // _LABELS))
    below = tuple(
        Label(_short(_LEFT + step * (n + 0.5)), HEIGHT - 8, text)
        for n, text in enumerate(weeks)
        if n % every == 0
    )
    beside = tuple(
        Label(_LEFT - 6, _short(HEIGHT - _BOTTOM - room * part), str(round(most * part)))
        for part in (0, 0.5, 1)
    )
    return Chart(tuple(bars), below, beside)


def _round_up(most: int) -> int:
    """Return an even number that is easy to read and not below."""
    step = 2
    while step * 5 < most:
        step *= 5 if str(step)[0] == "2" else 2
    return max(2, -(-most // step) * step)


def _short(value: float) -> float:
    return round(value, 1)
