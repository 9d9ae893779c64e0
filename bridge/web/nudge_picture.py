"""What became of nudges over the weeks, as a picture; the table beside it says the same. Pure.

As in ``picture``: SVG with a title and a description, no style attributes, no scripts; the parts
of a bar differ in colour and in order, and stand in the legend in that order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.runtime.texts import language_of
from bridge.web.picture import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from storage.nudge_lines import WeekLine

WIDTH, HEIGHT, FOOT, LEGEND = 720, 180, 24, 20
COLOURS = ("#3f9a63", "#3b7dd8", "#c9772b")
_WORDS: Mapping[str, tuple[str, str, str, str, str]] = {
    "en": (
        "Nudges per week",
        "{n} weeks: {given} sent, {answered} of them answered, {withheld} not sent.",
        *("answered", "not answered", "not sent"),
    ),
    "nl": (
        "Duwtjes per week",
        "{n} weken: {given} verstuurd, waarvan {answered} beantwoord, {withheld} niet verstuurd.",
        *("beantwoord", "niet beantwoord", "niet verstuurd"),
    ),
}


def draw(weeks: Sequence[WeekLine], language: str) -> str:
    """Return the picture as an SVG element."""
    title, told, *names = _WORDS[language_of(language)]
    sums = {name: sum(getattr(one, name) for one in weeks) for name in _COUNTS}
    most = max((one.given + one.withheld for one in weeks), default=0)
    height = HEIGHT + FOOT + LEGEND * len(names)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="nudges-title nudges-desc" class="activity">',
        f'<title id="nudges-title">{title}</title>',
        f'<desc id="nudges-desc">{told.format(n=len(weeks), **sums)}</desc>',
        *_bars(weeks, max(most, 1), language),
        *_legend(names),
        "</svg>",
    ]
    return "".join(parts)


_COUNTS = ("given", "answered", "withheld")


def _bars(weeks: Sequence[WeekLine], most: int, language: str) -> Iterator[str]:
    step = WIDTH / max(len(weeks), 1)
    for number, week in enumerate(weeks):
        left, bottom = number * step + step * 0.2, float(HEIGHT)
        counts = (week.answered, week.given - week.answered, week.withheld)
        for colour, count in zip(COLOURS, counts, strict=True):
            size = count / most * (HEIGHT - 20)
            bottom -= size
            yield (
                f'<rect x="{left:.1f}" y="{bottom:.1f}" width="{step * 0.6:.1f}" '
                f'height="{size:.1f}" fill="{colour}"/>'
            )
        total = week.given + week.withheld
        middle = left + step * 0.3
        if total:
            yield (
                f'<text x="{middle:.1f}" y="{bottom - 4:.1f}" text-anchor="middle" '
                f'font-size="12" fill="currentColor">{total}</text>'
            )
        yield (
            f'<text x="{middle:.1f}" y="{HEIGHT + 16}" text-anchor="middle" font-size="12" '
            f'fill="currentColor">{day_of(week.week, language).rpartition(" ")[0]}</text>'
        )


def _legend(names: Sequence[str]) -> Iterator[str]:
    for number, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        top = HEIGHT + FOOT + LEGEND * number
        yield f'<rect x="0" y="{top + 4}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="18" y="{top + 15}" font-size="13" fill="currentColor">{name}</text>'
