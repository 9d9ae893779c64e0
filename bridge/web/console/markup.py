"""A body as HTML: the only place where people's words become markup, all of them escaped.

1. A link is one only to the schemes below; any other stays words with its address beside them.
2. Nothing of a person ever becomes a tag, an attribute name, a class or a style.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from markupsafe import Markup

from bridge.core.content import Code, Link, Style, Styled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bridge.core.content import Node

_TAGS = {
    Style.BOLD: "b",
    Style.ITALIC: "i",
    Style.UNDERLINE: "u",
    Style.STRIKE: "s",
    Style.QUOTE: "blockquote",
    Style.SPOILER: "span",
}
_SAFE = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_BARE = re.compile(r"https?://[^\s<>\"'\x00-\x1f\x7f]+[^\s<>\"'.,:;!?)\]}\x00-\x1f\x7f]")
_DEEPEST = 12


def html(body: Iterable[Node], depth: int = 0) -> Markup:
    """Return a body as HTML; styles that nest deeper than anybody reads are left out."""
    return Markup("").join(_node(node, depth) for node in body)


def _node(node: Node, depth: int) -> Markup:
    match node:
        case str():
            return _words(node)
        case Code(text=text, block=block):
            code = Markup("<code>{}</code>").format(text)
            return Markup("<pre>{}</pre>").format(code) if block else code
        case Styled(style=style, children=children):
            inner = html(children, depth + 1) if depth < _DEEPEST else Markup("")
            tag = Markup(_TAGS[style])  # noqa: S704 - one of ours
            kind = Markup(' class="spoiler" tabindex="0"') if style is Style.SPOILER else ""
            return Markup("<{}{}>{}</{}>").format(tag, kind, inner, tag)
        case Link(url=url, children=children):
            inner = html(children, depth + 1) if depth < _DEEPEST else Markup("")
            if _SAFE.fullmatch(url) is None:
                return Markup("{} <span class=url>({})</span>").format(inner, url)
            return _link(url, inner)
    assert_never(node)


def _words(text: str) -> Markup:
    """Return plain words; an address on the web becomes a link, as every messenger does it."""
    parts: list[Markup] = []
    end = 0
    for found in _BARE.finditer(text):
        parts += [Markup("{}").format(text[end : found.start()]), _link(found[0], found[0])]
        end = found.end()
    return Markup("").join([*parts, Markup("{}").format(text[end:])])


def _link(url: str, inner: str) -> Markup:
    return Markup('<a href="{}" rel="noreferrer noopener nofollow" target="_blank">{}</a>').format(
        url, inner
    )
