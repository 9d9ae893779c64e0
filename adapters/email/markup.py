"""HTML and the formatting tree. Pure.

1. Out: everything people wrote is escaped; there is nothing remote in it.
2. In: only what has a form in our tree is kept. Scripts, styles, pictures and everything remote is
   left out, and nothing of it is ever fetched.
3. Not an HTML parser's whole truth, but its words in order and in linear time: Python's own takes
   minutes for a page of nothing but ``<!--``.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING, assert_never

from adapters.text import Mark, Span, from_spans, utf16_length
from bridge.core.content import Code, Link, Node, Style, Styled

if TYPE_CHECKING:
    from bridge.core.content import Body

_TAGS = {
    Style.BOLD: ("<b>", "</b>"),
    Style.ITALIC: ("<i>", "</i>"),
    Style.UNDERLINE: ("<u>", "</u>"),
    Style.STRIKE: ("<s>", "</s>"),
    Style.SPOILER: ('<span style="background:#444;color:#444">', "</span>"),
    Style.QUOTE: ("<blockquote>", "</blockquote>"),
}


def to_html(body: Body) -> str:
    """Return a body as HTML."""
    return "".join(_html(node) for node in body)


def _html(node: Node) -> str:
    match node:
        case str():
            return escape(node).replace("\n", "<br>\n")
        case Styled(style=style, children=children):
            begin, end = _TAGS[style]
            return f"{begin}{to_html(children)}{end}"
        case Link(url=url, children=children):
            if not url.lower().startswith(("http://", "https://", "mailto:", "tel:")):
                return to_html(children)
            return f'<a href="{escape(url)}">{to_html(children)}</a>'
        case Code(text=text, block=block):
            return f"<pre>{escape(text)}</pre>" if block else f"<code>{escape(text)}</code>"
    assert_never(node)


def to_text(body: Body) -> str:
    """Return the words of a body, with the address after the words of each link."""
    return "".join(_text(node) for node in body)


def _text(node: Node) -> str:
    match node:
        case str():
            return node
        case Styled(children=children):
            return to_text(children)
        case Link(url=url, children=children):
            words = to_text(children)
            return words if words.strip() in (url, "") else f"{words} <{url}>"
        case Code(text=text):
            return text
    assert_never(node)


# -- reading -------------------------------------------------------------------------------------

MAX_SPANS = 150
_MAX_DEPTH = 60
_STYLES: dict[str, Mark] = {
    **dict.fromkeys(("b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"), Style.BOLD),
    **dict.fromkeys(("i", "em", "cite"), Style.ITALIC),
    **dict.fromkeys(("u", "ins"), Style.UNDERLINE),
    **dict.fromkeys(("s", "strike", "del"), Style.STRIKE),
    "blockquote": Style.QUOTE,
    "code": Code(""),
    "pre": Code("", block=True),
}
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "object"})
_LINES = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "blockquote", "pre", "hr", "section"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "article"}
)
_EMPTY = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "wbr"}
)


_TAG = re.compile(r"<(/?)([A-Za-z!?][A-Za-z0-9:-]{0,20})([^<>]{0,8000})>")
_HREF = re.compile(r"""\bhref\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


class _Reader:
    """Gathers words and spans."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.spans: list[Span] = []
        self._length = 0
        self._open: list[tuple[str, int, Mark | None]] = []
        self._silent = ""
        self._verbatim = 0
        self._fresh = True  # at the beginning of a line

    def read(self, html: str) -> None:
        """Take a page; time grows with its length only, whatever is in it."""
        at = 0
        for found in _TAG.finditer(html):
            self._data(html[at : found.start()])
            at = found.end()
            name = found.group(2).lower()
            if self._silent:
                if found.group(1) and name == self._silent:
                    self._silent = ""
            elif found.group(1):
                self._end_tag(name)
            elif name in _SILENT:
                self._silent = name
            else:
                self._start_tag(name, found.group(3))
        self._data(html[at:])
        while self._open:
            self._close(*self._open.pop())

    def _add(self, text: str) -> None:
        self.words.append(text)
        self._length += utf16_length(text)

    def _line(self) -> None:
        if not self._fresh:
            self._add("\n")
            self._fresh = True

    def _start_tag(self, tag: str, attributes: str) -> None:
        """Begin a style or a line."""
        if tag == "br":
            self._add("\n")
            self._fresh = True
            return
        if tag in _LINES:
            self._line()
        if tag == "li":
            self._add("• ")
        if tag in _EMPTY or len(self._open) >= _MAX_DEPTH:
            return
        self._verbatim += tag == "pre"
        mark = _STYLES.get(tag)
        if tag == "a":
            href = _HREF.search(attributes)
            url = unescape(next(filter(None, href.groups()), "")).strip() if href else ""
            safe = url.lower().startswith(("http://", "https://", "mailto:", "tel:"))
            mark = Link(url[:2000], ()) if safe else None
        self._open.append((tag, self._length, mark))

    def _end_tag(self, tag: str) -> None:
        """End what the tag began, and all that was forgotten within."""
        if any(tag == name for name, _, _ in self._open):
            while self._open:
                name, start, mark = self._open.pop()
                self._close(name, start, mark)
                if name == tag:
                    break
        if tag in _LINES:
            self._line()
        if tag == "p":
            self._add("\n")

    def _close(self, tag: str, start: int, mark: Mark | None) -> None:
        self._verbatim -= tag == "pre"
        if mark is not None and self._length > start and len(self.spans) < MAX_SPANS:
            self.spans.append(Span(start, self._length, mark))

    def _data(self, raw: str) -> None:
        """Take words, with white space as a browser shows it."""
        if self._silent or not raw:
            return
        data = unescape(raw)
        if self._verbatim:
            text = data
        else:
            text = " ".join(data.split())
            if not self._fresh and data[:1].isspace():
                text = f" {text}"
            if text.strip() and data[-1:].isspace():
                text = f"{text} "
        if not text or (self._fresh and not text.strip()):
            return
        self._add(text)
        self._fresh = text.endswith("\n")


def from_html(html: str) -> Body:
    """Return the words of a page as a tree."""
    reader = _Reader()
    reader.read(_without_comments(html))
    return from_spans("".join(reader.words), sorted(reader.spans, key=_outer_first))


def _without_comments(html: str) -> str:
    pieces = html.split("<!--")
    kept = (piece.partition("-->")[2] for piece in pieces[1:])
    return pieces[0] + "".join(kept)


def _outer_first(span: Span) -> tuple[int, int]:
    return span.start, -span.end
