"""HTML and the formatting tree. Pure.

1. Out: everything people wrote is escaped; there is nothing remote in it.
2. In: only what has a form in our tree is kept. Scripts, styles, pictures and everything remote is
   left out, and nothing of it is ever fetched.
3. Not an HTML parser's whole truth, but its words in order, in bounded time and depth.
"""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
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


class _Reader(HTMLParser):
    """Gathers words and spans."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.spans: list[Span] = []
        self._length = 0
        self._open: list[tuple[str, int, Mark | None]] = []
        self._silent = 0
        self._verbatim = 0
        self._fresh = True  # at the beginning of a line

    def _add(self, text: str) -> None:
        self.words.append(text)
        self._length += utf16_length(text)

    def _line(self) -> None:
        if not self._fresh:
            self._add("\n")
            self._fresh = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
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
        self._silent += tag in _SILENT
        self._verbatim += tag == "pre"
        mark = _STYLES.get(tag)
        if tag == "a":
            url = dict(attrs).get("href") or ""
            safe = url.lower().startswith(("http://", "https://", "mailto:", "tel:"))
            mark = Link(url[:2000], ()) if safe else None
        self._open.append((tag, self._length, mark))

    def handle_endtag(self, tag: str) -> None:
        """End what the tag began, and all that was forgotten within."""
        if any(tag == name for name, _, _ in self._open):
            while self._open:
                name, start, mark = self._open.pop()
                self._end(name, start, mark)
                if name == tag:
                    break
        if tag in _LINES:
            self._line()
        if tag == "p":
            self._add("\n")

    def _end(self, tag: str, start: int, mark: Mark | None) -> None:
        self._silent -= tag in _SILENT
        self._verbatim -= tag == "pre"
        if mark is not None and self._length > start and len(self.spans) < MAX_SPANS:
            self.spans.append(Span(start, self._length, mark))

    def handle_data(self, data: str) -> None:
        """Take words, with white space as a browser shows it."""
        if self._silent:
            return
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
    reader.feed(html)
    reader.close()
    while reader._open:
        reader.handle_endtag(reader._open[-1][0])
    return from_spans("".join(reader.words), sorted(reader.spans, key=_outer_first))


def _outer_first(span: Span) -> tuple[int, int]:
    return span.start, -span.end
