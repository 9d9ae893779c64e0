"""Activity over the weeks as a picture, and as the table that says the same. Pure.

1. The picture is SVG with a title and a description, one image to a screen reader; the table has
   every number of it. Colours tell lines apart on light and on dark, and so does the order: the
   bars are stacked as the legend is listed.
2. No style attributes and no scripts, so it stands in a page under the strictest policy; axes and
   words take the colour of the text around it.
3. Names are people's text: escaped.
"""

from __future__ import annotations

from datetime import date
from html import escape
from typing import TYPE_CHECKING

import msgspec

from bridge.runtime import network_names
from bridge.runtime.texts import language_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.web.shapes import Activity, ActivityLine

WIDTH, HEIGHT = 720, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 12, 24
_LEGEND = 20
"""Height of a line of the legend."""
_WIDEST = 48
"""Pixels of a bar at most, so that a young trajectory has no walls."""
_LABELS = 8
"""Dates under the axis at most."""
COLOURS = (
    *("#3b7dd8", "#c9772b", "#3f9a63", "#a35fc0", "#c4556a", "#2f97a0", "#8a8429", "#7a7f8c"),
)
"""Mid tones with a contrast of at least 3:1 to white and to near-black (WCAG 2.2, 1.4.11)."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Messages per week",
        "none": "No messages yet.",
        "desc": "{total} messages from the week of {first} to the week of {last}. "
        "The most in one week: {most}. The table has all figures.",
        "week": "Week of",
        "sum": "Together",
        "months": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    },
    "nl": {
        "title": "Berichten per week",
        "none": "Nog geen berichten.",
        "desc": "{total} berichten van de week van {first} tot en met de week van {last}. "
        "De meeste in één week: {most}. De tabel heeft alle getallen.",
        "week": "Week van",
        "sum": "Samen",
        "months": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    },
}


class Table(msgspec.Struct, frozen=True):
    """What the picture shows, in rows; the first cell of a row is its heading."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table(activity: Activity, language: str) -> Table:
    """Return the figures: a row for each week, a column for each person on each network."""
    spoken = language_of(language)
    words = _WORDS[spoken]
    rows = tuple(
        (_day(week, words), *(str(line.counts[n]) for line in activity.lines), str(total))
        for n, (week, total) in enumerate(zip(activity.weeks, _totals(activity), strict=True))
    )
    head = (words["week"], *(_name(line, spoken) for line in activity.lines), words["sum"])
    return Table(words["title"], head, rows)


def draw(activity: Activity, language: str) -> str:
    """Return the picture as an SVG element, to stand in a page or alone."""
    spoken = language_of(language)
    words = _WORDS[spoken]
    totals = _totals(activity)
    height = HEIGHT + _LEGEND * len(activity.lines)
    told = words["none"]
    if totals:
        told = words["desc"].format(
            total=activity.total,
            first=_day(activity.weeks[0], words),
            last=_day(activity.weeks[-1], words),
            most=max(totals),
        )
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
            f'lang="{spoken}" aria-labelledby="activity-title activity-desc" class="activity" '
            'font-family="sans-serif" font-size="12" fill="currentColor">',
            f'<title id="activity-title">{words["title"]}</title>',
            f'<desc id="activity-desc">{escape(told)}</desc>',
            *_axes([_day(week, words) for week in activity.weeks], max(totals, default=0)),
            *_bars(activity.lines, max(totals, default=0)),
            *_legend(activity.lines, spoken),
            "</svg>",
        )
    )


def _totals(activity: Activity) -> list[int]:
    return [sum(line.counts[n] for line in activity.lines) for n in range(len(activity.weeks))]


def _name(line: ActivityLine, language: str) -> str:
    """Return a line's name; XML has no form for most control characters."""
    name = "".join(c for c in line.author.name if c.isprintable())
    return f"{name}, {network_names.title(line.network, language)}"


def _day(week: str, words: Mapping[str, str]) -> str:
    """Return the day a week begins with, such as 2 Nov 2026."""
    day = date.fromisoformat(week)
    return f"{day.day} {words['months'].split()[day.month - 1]} {day.year}"


def day_of(week: str, language: str) -> str:
    """Return the day a week begins with, as the pictures and their tables name it."""
    return _day(week, _WORDS[language_of(language)])


def _ceiling(most: int) -> int:
    """Return the top of the axis: 1, 2 or 5 with zeros, so that its middle is a short number."""
    power = int("1" + "0" * (len(str(most)) - 1))
    tops = (power, 2 * power, 5 * power, 10 * power)
    return next(top for top in tops if top >= max(most, 2))


def _y(value: float, top: int) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top


def _slot(count: int) -> float:
    return min(_WIDEST * 1.5, (WIDTH - _LEFT - _RIGHT) / max(count, 1))


def _begin(count: int) -> float:
    """Return where the first bar stands: the last ends at the right, which a narrow page shows."""
    return WIDTH - _RIGHT - _slot(count) * count


def _axes(weeks: Sequence[str], most: int) -> Iterator[str]:
    top = _ceiling(most)
    for value in (0, top // 2, top):
        y = _y(value, top)
        yield (
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            'stroke="currentColor" stroke-opacity="0.25"/>'
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value}</text>'
        )
    every = -(-len(weeks) // _LABELS) or 1
    for n in range(0, len(weeks), every):
        x = _begin(len(weeks)) + _slot(len(weeks)) * n
        yield f'<text x="{x:.1f}" y="{HEIGHT - 6}">{escape(weeks[n].rpartition(" ")[0])}</text>'


def _bars(lines: Sequence[ActivityLine], most: int) -> Iterator[str]:
    top = _ceiling(most)
    count = len(lines[0].counts) if lines else 0
    slot = _slot(count)
    for n in range(count):
        x = _begin(count) + slot * n
        low = 0
        for number, line in enumerate(lines):
            value = line.counts[n]
            if value:
                y = _y(low + value, top)
                yield (
                    f'<rect x="{x:.1f}" y="{y:.1f}" width="{slot * 0.8:.1f}" '
                    f'height="{_y(low, top) - y:.1f}" fill="{_colour(number)}"/>'
                )
            low += value


def _legend(lines: Sequence[ActivityLine], language: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        y = HEIGHT + _LEGEND * number
        shown = f"{escape(_name(line, language))}: {line.total}"
        yield (
            f'<rect x="{_LEFT}" y="{y}" width="12" height="12" fill="{_colour(number)}"/>'
            f'<text x="{_LEFT + 18}" y="{y + 10}">{shown}</text>'
        )


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]
