"""Text as networks count and mark it: lengths, cuts, and bodies as plain text with spans.

1. Everything here is pure and works on any text, also on halves of emoji and unknown characters.
2. A cut falls after white space where it can, between grapheme clusters where it must, and inside
   a styled run, link or code only when that alone is over the limit; a code point is never cut,
   so one that is itself over the limit makes a part that is.
3. The parts of a body, one after the other, are the body: nothing is added (unless numbers are
   asked for), nothing is trimmed.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import assert_never

import msgspec

from bridge.core.content import Body, Code, Link, Node, Style, Styled, plain

Length = Callable[[str], int]
Mark = Style | Link | Code
"""What a span does to its text; a Link without children and a Code without text are patterns."""

_MAX_SPANS = 200  # each may nest in the one before; more would exhaust the stack
_ZWJ = "\u200d"


class Span(msgspec.Struct, frozen=True):
    """Formatting of a run of text, ``start`` and ``end`` in UTF-16 units."""

    start: int
    end: int
    mark: Mark


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units: characters beyond U+FFFF count twice."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def shorten(text: str, limit: int, length: Length = len) -> str:
    """Return text, cut between graphemes and ended with an ellipsis if it is over the limit."""
    if length(text) <= limit:
        return text
    end = _fit(text, 0, limit - 1, length)
    while end > 1 and _in_grapheme(text, end):
        end -= 1
    return f"{text[:end].rstrip()}…"


def flat(body: Body) -> str:
    """Return the words of a body for networks without formatting: links keep their address."""
    return "".join(_flat(node) for node in body)


def _flat(node: Node) -> str:
    match node:
        case str():
            return node
        case Styled(children=children):
            return flat(children)
        case Link(url=url, children=children):
            said = flat(children)
            return url if said in ("", url) else f"{said} ({url})"
        case Code(text=text):
            return text
    assert_never(node)


def is_formatted(body: Body) -> bool:
    """Tell whether anything in a body is more than plain words."""
    return any(not isinstance(node, str) for node in body)


# -- bodies and spans ----------------------------------------------------------------------------


def from_spans(text: str, spans: list[Span]) -> Body:
    """Build the tree of a text with spans that may nest, overlap or lie outside it."""
    if not text:
        return ()
    if not spans:
        return (text,)
    index = _index(text)
    pieces = [(index(span.start), index(span.end), span.mark) for span in spans[:_MAX_SPANS]]
    return _nest(text, 0, len(text), pieces)


def _index(text: str) -> Callable[[int], int]:
    """Return a function from UTF-16 offset to character index; half a character counts whole."""
    if utf16_length(text) == len(text):
        return lambda offset: min(max(offset, 0), len(text))
    ends = list(accumulate(2 if char > "\uffff" else 1 for char in text))
    return lambda offset: 0 if offset <= 0 else min(bisect_left(ends, offset) + 1, len(text))


_Piece = tuple[int, int, Mark]


def _nest(text: str, start: int, end: int, pieces: list[_Piece]) -> Body:
    """Make the nodes of text[start:end]; a piece that crosses another's end is continued after."""
    nodes: list[Node] = []
    at = start
    waiting = sorted(pieces, key=lambda piece: (piece[0], -piece[1]))
    while waiting:
        first, last, mark = waiting[0]
        first = max(first, at)
        if last <= first:
            waiting = waiting[1:]
            continue
        inner = [(a, min(b, last), m) for a, b, m in waiting[1:] if a < last]
        after = [(max(a, last), b, m) for a, b, m in waiting[1:] if b > last]
        waiting = sorted(after, key=lambda piece: (piece[0], -piece[1]))
        if first > at:
            nodes.append(text[at:first])
        nodes.append(_marked(mark, text, first, last, inner))
        at = last
    if at < end:
        nodes.append(text[at:end])
    return tuple(nodes)


def _marked(mark: Mark, text: str, start: int, end: int, inner: list[_Piece]) -> Node:
    match mark:
        case Code(block=block, language=language):
            return Code(text[start:end], block, language)
        case Link(url=url):
            return Link(url, _nest(text, start, end, inner))
        case Style():
            return Styled(mark, _nest(text, start, end, inner))
    assert_never(mark)


def to_spans(body: Body) -> tuple[str, list[Span]]:
    """Return the words of a body and its formatting, outer spans before inner ones."""
    words: list[str] = []
    spans: list[Span] = []
    _flatten(body, 0, words, spans)
    return "".join(words), spans


def _flatten(body: Body, at: int, words: list[str], spans: list[Span]) -> int:
    for node in body:
        if isinstance(node, str):
            words.append(node)
            at += utf16_length(node)
            continue
        end = at + utf16_length(plain((node,)))
        if end > at:
            spans.append(Span(at, end, _mark(node)))
        if isinstance(node, Code):
            words.append(node.text)
        else:
            _flatten(node.children, at, words, spans)
        at = end
    return at


def _mark(node: Styled | Link | Code) -> Mark:
    match node:
        case Styled(style=style):
            return style
        case Link(url=url):
            return Link(url, ())
        case Code(block=block, language=language):
            return Code("", block, language)
    assert_never(node)


# -- splitting -----------------------------------------------------------------------------------


def split(
    body: Body, limit: int, length: Length = utf16_length, *, numbered: bool = False
) -> tuple[Body, ...]:
    """Return the parts of a body, each at most ``limit`` long by ``length``, at least one.

    ``length`` must give every character at least 1. With ``numbered`` each of several parts begins
    with its number, such as "(2/3) "; ask for it only where the limit leaves room for words.
    """
    text = plain(body)
    if length(text) <= limit:
        return (body,)
    if not numbered:
        return _parts(body, text, limit, length)
    count = 0
    parts: tuple[Body, ...] = ()
    while len(str(len(parts))) != len(str(count)) or not parts:
        count = max(len(parts), 1)
        digits = "9" * len(str(count))
        parts = _parts(body, text, limit - length(f"({digits}/{digits}) "), length)
    return tuple((f"({n}/{len(parts)}) ", *part) for n, part in enumerate(parts, 1))


def _parts(body: Body, text: str, limit: int, length: Length) -> tuple[Body, ...]:
    whole = [(start, end) for start, end in _runs(body, 0) if length(text[start:end]) <= limit]
    parts = []
    start = 0
    while start < len(text):
        end = _cut(text, start, _fit(text, start, limit, length), whole)
        parts.append(slice_body(body, start, end))
        start = end
    return tuple(parts)


def _runs(body: Body, at: int) -> Iterator[tuple[int, int]]:
    """Yield where styled runs, links and code begin and end, in characters."""
    for node in body:
        end = at + len(plain((node,)))
        if not isinstance(node, str):
            yield at, end
            if not isinstance(node, Code):
                yield from _runs(node.children, at)
        at = end


def _fit(text: str, start: int, limit: int, length: Length) -> int:
    """Return the largest end for which text[start:end] is within the limit, at least one on."""
    end = min(len(text), start + max(limit, 1))
    while end > start + 1 and (over := length(text[start:end]) - limit) > 0:
        end = max(end - max(over // 4, 1), start + 1)
    return end


def _cut(text: str, start: int, end: int, whole: list[tuple[int, int]]) -> int:
    """Return the best place for a cut in (start, end]."""
    if end == len(text):
        return end
    spans = [(a, b) for a, b in whole if a < end and b > start]
    if at := _after_space(text, start, end, spans):
        return at
    between = (at for at in range(end, start, -1) if not any(a < at < b for a, b in spans))
    for places in (between, range(end, start, -1)):
        for at in places:
            if not _in_grapheme(text, at):
                return at
    return end


def _after_space(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> int:
    """Return the last place in (start, end] after white space and inside no span, 0 if none."""
    at = end
    while at > start:
        around = min((a for a, b in spans if a < at < b), default=at)
        if around < at:
            at = around
        elif text[at - 1].isspace():
            return at
        else:
            at -= len(text[start:at].rsplit(maxsplit=1)[-1])
    return 0


def _in_grapheme(text: str, at: int) -> bool:
    """Tell whether a cut before text[at] would break what people see as one character.

    The rules of UAX 29 that matter in chat: marks, joiners, variation selectors, skin tones, tags,
    flags and CR LF. https://www.unicode.org/reports/tr29/
    """
    if at <= 0 or at >= len(text):
        return False
    before, here = text[at - 1], text[at]
    if here.isascii():
        return before == "\r" and here == "\n"
    if _ZWJ in (before, here) or unicodedata.category(here) in {"Mn", "Me", "Mc"}:
        return True
    if "\U0001f3fb" <= here <= "\U0001f3ff" or "\U000e0020" <= here <= "\U000e007f":
        return True
    if not _is_flag_letter(here):
        return False
    letters = 0
    while letters < at and _is_flag_letter(text[at - 1 - letters]):
        letters += 1
    return letters % 2 == 1


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def slice_body(body: Body, start: int, end: int) -> Body:
    """Return the part of a body between two character positions, formatting included."""
    nodes: list[Node] = []
    at = 0
    for node in body:
        size = len(plain((node,)))
        low, high = max(start - at, 0), min(end - at, size)
        if low < high:
            nodes.append(node if high - low == size else _slice_node(node, low, high))
        at += size
    return tuple(nodes)


def _slice_node(node: Node, start: int, end: int) -> Node:
    match node:
        case str():
            return node[start:end]
        case Styled(style=style, children=children):
            return Styled(style, slice_body(children, start, end))
        case Link(url=url, children=children):
            return Link(url, slice_body(children, start, end))
        case Code(text=text, block=block, language=language):
            return Code(text[start:end], block, language)
    assert_never(node)
