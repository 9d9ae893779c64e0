"""Texts are cut where nothing breaks: the limit varies, not only the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.text import Length, Span, from_spans, shorten, split, to_spans, utf16_length
from bridge.core.content import Body, Code, Link, Style, Styled, plain
from tests.support.effort import examples

LIMITS = range(1, 13)
_words = st.text(alphabet="ab é\u0301\n👍🏽👩\u200d🚀🇳🇱\r", max_size=30)
_nodes = st.recursive(
    _words | st.builds(Code, _words),
    lambda inner: (
        st.builds(Styled, st.sampled_from(Style), st.tuples(inner))
        | st.builds(Link, st.just("https://example.org"), st.tuples(inner, inner))
    ),
    max_leaves=6,
)
_bodies = st.lists(_nodes, max_size=5).map(tuple)


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("measure", [utf16_length, len])
@settings(max_examples=examples(40), deadline=None)
@given(body=_bodies)
def test_the_parts_are_the_text(limit: int, measure: Length, body: Body) -> None:
    parts = split(body, limit, measure)
    assert "".join(plain(part) for part in parts) == plain(body)
    assert all(parts[:-1]) or len(parts) == 1
    for part in parts:
        words = plain(part)
        assert measure(words) <= limit or len(words) == 1


@pytest.mark.parametrize("limit", LIMITS)
@settings(max_examples=examples(40), deadline=None)
@given(body=_bodies)
def test_formatting_is_the_same_in_the_parts(limit: int, body: Body) -> None:
    together = [style for part in split(body, limit) for style in _per_character(part)]
    assert together == list(_per_character(body))


def _per_character(body: Body, around: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    styles: list[tuple[str, ...]] = []
    for node in body:
        match node:
            case str():
                styles += [around] * len(node)
            case Styled(style=style, children=children):
                styles += _per_character(children, (*around, style.value))
            case Link(url=url, children=children):
                styles += _per_character(children, (*around, url))
            case Code(text=text):
                styles += [(*around, "code")] * len(text)
    return styles


@settings(max_examples=examples(40), deadline=None)
@given(body=_bodies)
def test_spans_and_trees_are_two_forms_of_one_text(body: Body) -> None:
    text, spans = to_spans(body)
    assert text == plain(body)
    again = from_spans(text, spans)
    assert _sets(again) == _sets(body)


def _sets(body: Body) -> list[frozenset[str]]:
    return [frozenset({"code"} if "code" in styles else styles) for styles in _per_character(body)]


@settings(deadline=None)
@given(
    text=_words,
    spans=st.lists(
        st.builds(
            Span,
            st.integers(-3, 40),
            st.integers(-3, 40),
            st.sampled_from([*Style, Link("https://x", ()), Code("")]),
        )
    ),
)
def test_any_spans_at_all_leave_the_words_alone(text: str, spans: list[Span]) -> None:
    assert plain(from_spans(text, spans)) == text


def test_nothing_people_see_as_one_is_cut() -> None:
    for whole in ("👍🏽", "👩‍👩‍👧", "🇳🇱", "e\u0301", "❤️"):
        room = utf16_length(whole)
        for more in range(room):
            parts = split((whole * 5,), room + more)
            assert [plain(part) for part in parts] == [whole] * 5


def test_words_and_links_stay_whole_where_they_fit() -> None:
    body: Body = ("aaa bbb ", Link("https://x", ("een lange link",)), " ccc ddd")
    assert [plain(part) for part in split(body, 16)] == ["aaa bbb ", "een lange link ", "ccc ddd"]


def test_a_styled_run_longer_than_a_part_goes_on_in_the_next() -> None:
    parts = split((Styled(Style.BOLD, ("aaaa bbbb cccc",)),), 6)
    assert parts == tuple((Styled(Style.BOLD, (word,)),) for word in ("aaaa ", "bbbb ", "cccc"))


def test_parts_are_numbered_only_if_asked() -> None:
    body: Body = ("woord " * 40,)
    parts = split(body, 30, len, numbered=True)
    total = len(parts)
    assert total > 9
    for n, part in enumerate(parts, 1):
        assert plain(part).startswith(f"({n}/{total}) ")
        assert len(plain(part)) <= 30
    assert "".join(plain(part[1:]) for part in parts) == plain(body)


@settings(deadline=None)
@given(text=_words, limit=st.integers(2, 12))
def test_shortening_keeps_the_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith("…")


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    spans = [Span(0, 5000 - n, Style.BOLD) for n in range(5000)]
    assert plain(from_spans("x" * 5000, spans)) == "x" * 5000


def test_a_very_long_text_is_cut_in_reasonable_time() -> None:
    parts = split(("woord 🚲 " * 20_000,), 4096)
    assert len(parts) > 40
