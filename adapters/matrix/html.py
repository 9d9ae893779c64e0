"""Matrix's HTML and the tree of a body, both ways. Pure.

1. Of https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes what the tree knows is
   kept; other tags leave their words. Nothing a person writes can become a tag.
2. Only links that people follow from a chat stay links; a mention stays its words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import assert_never
from urllib.parse import urlsplit

from bridge.core.content import Body, Code, Link, Node, Style, Styled, plain

_STYLES = {
    "b": Style.BOLD,
    "strong": Style.BOLD,
    **{f"h{n}": Style.BOLD for n in range(1, 7)},
    "i": Style.ITALIC,
    "em": Style.ITALIC,
    "u": Style.UNDERLINE,
    "ins": Style.UNDERLINE,
    "s": Style.STRIKE,
    "del": Style.STRIKE,
    "strike": Style.STRIKE,
    "blockquote": Style.QUOTE,
}
_TAGS = {
    Style.BOLD: ("<strong>", "</strong>"),
    Style.ITALIC: ("<em>", "</em>"),
    Style.UNDERLINE: ("<u>", "</u>"),
    Style.STRIKE: ("<del>", "</del>"),
    Style.SPOILER: ("<span data-mx-spoiler>", "</span>"),
    Style.QUOTE: ("<blockquote>", "</blockquote>"),
}
# How many line ends stand before and after such an element
_BREAKS = {
    **dict.fromkeys(("p", *(f"h{n}" for n in range(1, 7))), 2),
    **dict.fromkeys(("div", "li", "ul", "ol", "blockquote", "pre", "tr", "table", "details"), 1),
}
_VOID = frozenset({"br", "hr", "img"})
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MAX_DEPTH = 60


def to_html(body: Body) -> str:
    """Return a body as Matrix's HTML."""
    return "".join(_node(node) for node in body)


def is_formatted(body: Body) -> bool:
    """Tell whether a body says more than its words."""
    return any(not isinstance(node, str) for node in body)


def _node(node: Node) -> str:
    match node:
        case str():
            return escape(node).replace("\n", "<br>")
        case Styled(style=style, children=children):
            before, after = _TAGS[style]
            return f"{before}{to_html(children)}{after}"
        case Link(url=url, children=children):
            words = to_html(children)
            return f'<a href="{escape(url)}">{words}</a>' if _is_link(url) else words
        case Code(text=text, block=False):
            return f"<code>{escape(text)}</code>"
        case Code(text=text, language=language):
            kind = f' class="language-{escape(language)}"' if language else ""
            return f"<pre><code{kind}>{escape(text)}</code></pre>"
    assert_never(node)


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and parts.hostname != "matrix.to"


def from_html(html: str) -> Body:
    """Return the tree of a formatted body, without the copy of an answered message."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.body()


@dataclass(slots=True)
class _Frame:
    tag: str
    mark: Style | Link | Code | None = None
    nodes: list[Node] = field(default_factory=list)
    number: int = 0  # of the next item of an ordered list


class _Reader(HTMLParser):
    """Builds the tree; white space counts as in a browser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._frames = [_Frame("")]
        self._breaks = 0  # line ends that wait for words to follow them
        self._skipped = 0  # depth within a copy of the answered message
        self._said = False
        self._at_start = True  # of a line: white space says nothing there

    def body(self) -> Body:
        """Return what was read; what was left open ends here."""
        while len(self._frames) > 1:
            self._close()
        return _merged(self._frames[0].nodes)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element, or show one that has no content."""
        if self._skipped or tag == "mx-reply":
            self._skipped += tag not in _VOID
            return
        known = {name: value or "" for name, value in attrs}
        if tag in _VOID:
            self._void(tag, known)
            return
        self._break(_BREAKS.get(tag, 0))
        if len(self._frames) > _MAX_DEPTH:
            return
        mark = _mark(tag, known)
        if mark is not None:
            self._flush()
        frame = _Frame(tag, mark, number=1 if tag == "ol" else 0)
        if tag == "code" and self._frames[-1].tag == "pre":
            self._frames[-1].mark = Code("", block=True, language=_language(known))
            frame.mark = None
        self._frames.append(frame)
        if tag == "li":
            self._say(self._bullet())
            self._at_start = True

    def handle_endtag(self, tag: str) -> None:
        """Close an element and what was left open in it."""
        if self._skipped:
            self._skipped -= tag not in _VOID
            return
        if any(frame.tag == tag for frame in self._frames[1:]):
            while self._frames[-1].tag != tag:
                self._close()
            self._close()
        self._break(_BREAKS.get(tag, 0))

    def handle_data(self, data: str) -> None:
        """Add words."""
        if self._skipped:
            return
        if any(frame.tag == "pre" for frame in self._frames):
            self._say(data)
            return
        text = _SPACE.sub(" ", data)
        if self._at_start:
            text = text.lstrip(" ")
        if text:
            self._say(text)

    def _void(self, tag: str, known: dict[str, str]) -> None:
        if tag == "img":
            self._say(known.get("alt") or known.get("title") or "")
        else:
            self._say("\n" if tag == "br" else "\n―――\n")
            self._at_start = True

    def _say(self, text: str) -> None:
        if not text:
            return
        self._flush()
        self._frames[-1].nodes.append(text)
        self._said = True
        self._at_start = False

    def _break(self, count: int) -> None:
        if count:
            self._at_start = True
            if not self._is_fresh():
                self._breaks = max(self._breaks, count)

    def _is_fresh(self) -> bool:
        """Tell whether a style was opened of which nothing was said yet."""
        for frame in reversed(self._frames):
            if frame.nodes:
                return False
            if frame.mark is not None:
                return True
        return False

    def _flush(self) -> None:
        if self._breaks and self._said:
            self._frames[-1].nodes.append("\n" * self._breaks)
        self._breaks = 0

    def _bullet(self) -> str:
        outer = next((frame for frame in self._frames[-2::-1] if frame.tag in {"ol", "ul"}), None)
        if outer is None or not outer.number:
            return "• "
        outer.number += 1
        return f"{outer.number - 1}. "

    def _close(self) -> None:
        frame = self._frames.pop()
        nodes = _merged(frame.nodes)
        match frame.mark:
            case None:
                self._frames[-1].nodes += nodes
            case Code(block=block, language=language):
                text = plain(nodes)
                text = text.removesuffix("\n") if block else text
                self._frames[-1].nodes += [Code(text, block, language)] if text else []
            case Style() as style:
                self._frames[-1].nodes += [Styled(style, nodes)] if nodes else []
            case Link(url=url):
                self._frames[-1].nodes += [Link(url, nodes)] if nodes else []
            case other:
                assert_never(other)


def _mark(tag: str, known: dict[str, str]) -> Style | Link | Code | None:
    if tag == "a":
        url = known.get("href", "")
        return Link(url, ()) if _is_link(url) else None
    if tag in {"span", "font"}:
        return Style.SPOILER if "data-mx-spoiler" in known else None
    if tag in {"code", "pre"}:
        return Code("", block=tag == "pre")
    return _STYLES.get(tag)


def _language(known: dict[str, str]) -> str:
    names = known.get("class", "").split()
    return next((n.removeprefix("language-") for n in names if n.startswith("language-")), "")


def _merged(nodes: list[Node]) -> Body:
    """Return the nodes with neighbouring words joined."""
    merged: list[Node] = []
    for node in nodes:
        if isinstance(node, str) and merged and isinstance(merged[-1], str):
            merged[-1] += node
        else:
            merged.append(node)
    return tuple(merged)
