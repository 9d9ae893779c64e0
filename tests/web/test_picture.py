"""The picture of activity: it shows every figure, to eyes and to ears, whatever the names."""

from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.web import picture
from bridge.web.picture import COLOURS, draw, table
from bridge.web.shapes import Activity, ActivityLine, Reader, Who

SVG = "{http://www.w3.org/2000/svg}"
READER = Reader("noor", "Noor", "en", "UTC")


def _activity(*rows: tuple[str, str, tuple[int, ...]]) -> Activity:
    lines = tuple(
        ActivityLine(network, Who(name, name), "client", counts, sum(counts))
        for network, name, counts in rows
    )
    weeks = tuple(
        f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}" for n in range(len(rows[0][2]) if rows else 0)
    )
    return Activity(READER, "log", "", weeks, lines, sum(line.total for line in lines))


def _drawn(activity: Activity, language: str = "en") -> Xml.Element:
    return Xml.fromstring(draw(activity, language))  # noqa: S314 - made just now


def test_the_picture_names_itself_and_points_to_its_table() -> None:
    drawn = _drawn(_activity(("sms", "Anna", (1, 0, 3)), ("telegram", "Noor", (2, 0, 0))))
    assert drawn.get("role") == "img"
    labels = {child.get("id"): child.text or "" for child in drawn if child.get("id")}
    assert (drawn.get("aria-labelledby") or "").split() == list(labels)
    assert labels["activity-title"] == "Messages per week"
    assert labels["activity-desc"].startswith("6 messages from the week of 1 Jan 2026 to")
    assert "most in one week: 3" in labels["activity-desc"]


def test_it_speaks_dutch() -> None:
    drawn = _drawn(_activity(("sms", "Anna", (1,))), "nl-NL")
    assert drawn.get("lang") == "nl"
    assert drawn.findtext(f"{SVG}title") == "Berichten per week"
    assert table(_activity(("sms", "Anna", (1,))), "nl").head == ("Week van", "Anna, SMS", "Samen")


def test_the_table_has_every_figure() -> None:
    activity = _activity(("sms", "Anna", (1, 0)), ("telegram", "Noor", (2, 4)))
    assert table(activity, "en").head == ("Week of", "Anna, SMS", "Noor, Telegram", "Together")
    assert table(activity, "en").rows == (
        ("1 Jan 2026", "1", "2", "3"),
        ("2 Jan 2026", "0", "4", "4"),
    )


def test_the_newest_bar_stands_at_the_right_where_a_narrow_page_begins() -> None:
    for count in (1, 3, 40):
        drawn = _drawn(_activity(("sms", "Anna", (1,) * count)))
        bars = [rect for rect in drawn.iter(f"{SVG}rect") if rect.get("width") != "12"]
        ends = [float(bar.get("x") or 0) + float(bar.get("width") or 0) for bar in bars]
        assert len(ends) == count
        assert picture.WIDTH - max(ends) < 40


def test_networks_are_named_in_the_language_of_the_page() -> None:
    activity = _activity(("voice", "Anna", (1,)), ("web", "Noor", (2,)), ("sms", "Bram", (3,)))
    dutch = ("Anna, Telefoon", "Noor, Webchat", "Bram, SMS")
    assert table(activity, "nl").head[1:-1] == dutch
    assert table(activity, "en").head[1:-1] == ("Anna, Phone", "Noor, Web chat", "Bram, SMS")
    drawn = "".join(_drawn(activity, "nl").itertext())
    assert all(name in drawn for name in dutch)


def test_nothing_to_show_is_said() -> None:
    drawn = _drawn(_activity())
    assert drawn.findtext(f"{SVG}desc") == "No messages yet."
    assert table(_activity(), "en").rows == ()


_counts = st.lists(st.integers(0, 10**6), min_size=1, max_size=120)


@given(first=_counts, name=st.text(max_size=20))
def test_bars_stand_within_the_picture_and_their_heights_are_the_figures(
    first: list[int], name: str
) -> None:
    second = tuple(reversed(first))
    drawn = _drawn(_activity(("a", name, tuple(first)), ("b", "Noor", second)))
    bars = [rect for rect in drawn.iter(f"{SVG}rect") if rect.get("width") != "12"]
    values = [x for pair in zip(first, second, strict=True) for x in pair if x]
    assert len(bars) == len(values)
    most = max(x + y for x, y in zip(first, second, strict=True))
    for bar, value in zip(bars, values, strict=True):
        x, y, width, height = (float(bar.get(key) or 0) for key in ("x", "y", "width", "height"))
        assert x >= 0
        assert x + width <= picture.WIDTH
        assert picture._TOP - 0.1 <= y <= y + height <= picture.HEIGHT
        assert height <= value / most * picture.HEIGHT + 0.1
    assert "".join(c for c in name if c.isprintable()) in "".join(drawn.itertext())


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("background", ["#ffffff", "#16181d"])
@pytest.mark.parametrize("colour", COLOURS)
def test_colours_stand_out_on_light_and_on_dark(colour: str, background: str) -> None:
    light, dark = sorted((_luminance(colour), _luminance(background)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


def test_hostile_names_stay_names() -> None:
    svg = draw(_activity(('"><script>', "</svg><img src=x onerror=1>", (1,))), "en")
    assert "<script" not in svg
    assert "<img" not in svg
    assert "style=" not in svg
