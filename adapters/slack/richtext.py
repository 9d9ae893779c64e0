"""Slack's rich text blocks and our bodies, both ways. Pure.

1. Words of people go out as rich text blocks: nothing in them can be mistaken for markup, and
   styles hold in the middle of a word, where mrkdwn has none.
2. Underlined and hidden text has no form in Slack; the words stay.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, assert_never

import msgspec

from adapters.slack import emoji
from adapters.slack.payloads import Element, Styles
from bridge.core.content import Body, Code, Link, Node, Style, Styled, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.slack.payloads import Block

Json = dict[str, Any]

_ELEMENTS = msgspec.json.Decoder(tuple[Element, ...])
_STYLES = {Style.BOLD: "bold", Style.ITALIC: "italic", Style.STRIKE: "strike"}
_MARKS = (("strike", Style.STRIKE), ("italic", Style.ITALIC), ("bold", Style.BOLD))
_MAX_DEPTH = 8
_URL = re.compile(r"https?://[^\s<>|\"]*[^\s<>|\"'.,;:!?()\[\]{}]")


# -- from Slack ----------------------------------------------------------------------------------


def body_of(blocks: Sequence[Block]) -> Body:
    """Return what the rich text among blocks says; () when there is none.

    Raises msgspec.DecodeError for damaged elements.
    """
    nodes: list[Node] = []
    for block in blocks:
        if block.type == "rich_text":
            for element in _ELEMENTS.decode(block.elements):
                _part(element, nodes, 0)
    while nodes and isinstance(nodes[-1], str):
        nodes[-1] = nodes[-1].rstrip("\n")
        if nodes[-1]:
            break
        nodes.pop()
    return joined(nodes)


def joined(nodes: Sequence[Node]) -> Body:
    """Return nodes with neighbouring texts made one and empty ones left out."""
    whole: list[Node] = []
    for node in nodes:
        if isinstance(node, str) and whole and isinstance(whole[-1], str):
            whole[-1] += node
        elif node != "":
            whole.append(node)
    return tuple(whole)


def _part(element: Element, nodes: list[Node], depth: int) -> None:
    """Add a section, list, quote or code block; each but the first begins a line of its own."""
    if nodes and not plain(nodes).endswith("\n"):
        nodes.append("\n")
    match element.type:
        case "rich_text_preformatted":
            nodes.append(Code("".join(_words(one) for one in element.elements), block=True))
        case "rich_text_quote":
            nodes.append(Styled(Style.QUOTE, joined([_inline(one) for one in element.elements])))
        case "rich_text_list":
            _list(element, nodes, depth)
        case _:
            nodes += [_inline(one) for one in element.elements]


def _list(element: Element, nodes: list[Node], depth: int) -> None:
    numbers = count(1)
    for at, item in enumerate(element.elements):
        if at:
            nodes.append("\n")
        nodes.append(f"{next(numbers)}. " if element.style == "ordered" else "• ")
        if item.type == "rich_text_list" and depth < _MAX_DEPTH:
            _list(item, nodes, depth + 1)
        else:
            nodes += [_inline(one) for one in item.elements]


def _inline(element: Element) -> Node:
    styles = element.style if isinstance(element.style, Styles) else Styles()
    words = _words(element)
    node: Node = words
    if element.type == "link" and element.url and words != element.url:
        node = Link(element.url, (words,))
    elif styles.code and words:
        node = Code(words)
    for name, style in _MARKS:
        if getattr(styles, name) and words:
            node = Styled(style, (node,))
    return node


def _words(element: Element) -> str:
    """Return an element as words; names of people and channels are not in the payload."""
    match element.type:
        case "emoji":
            return _drawn(element) or emoji.character(element.name)
        case "link":
            return element.text or element.url
        case "user":
            return f"@{element.user_id}"
        case "usergroup":
            return f"@{element.usergroup_id}"
        case "channel":
            return f"#{element.channel_id}"
        case "broadcast":
            return f"@{element.range}"
        case "color":
            return element.value
        case "date":
            return element.fallback
        case _:
            return element.text


def _drawn(element: Element) -> str:
    """Return the emoji of code points such as ``1f44b-1f3fc``, '' when it is a custom one."""
    try:
        return "".join(chr(int(point, 16)) for point in element.unicode.split("-") if point)
    except (ValueError, OverflowError):
        return ""


# -- to Slack ------------------------------------------------------------------------------------


def block(body: Body) -> Json:
    """Return a body as one rich text block."""
    elements: list[Json] = []
    section: list[Json] = []
    for node in body:
        if isinstance(node, Code) and node.block:
            kind, inner = "rich_text_preformatted", [_text(node.text, ())]
        elif isinstance(node, Styled) and node.style is Style.QUOTE:
            kind, inner = "rich_text_quote", _runs(node.children, ())
        else:
            section += _runs((node,), ())
            continue
        _close(section, elements)
        section = []
        if inner := [one for one in inner if one.get("text") != ""]:
            elements.append({"type": kind, "elements": inner})
    _close(section, elements)
    return {"type": "rich_text", "elements": elements}


def _close(section: list[Json], elements: list[Json]) -> None:
    if section:
        elements.append({"type": "rich_text_section", "elements": section})


def _runs(body: Body, styles: tuple[str, ...]) -> list[Json]:
    runs: list[Json] = []
    for node in body:
        match node:
            case str():
                runs += _with_links(node, styles)
            case Code(text=text):
                runs += [_text(text, (*styles, "code"))] if text else []
            case Link(url=url, children=children):
                words = plain(children)
                runs.append(_styled({"type": "link", "url": url, "text": words or url}, styles))
            case Styled(style=style, children=children):
                more = (_STYLES[style],) if style in _STYLES else ()
                runs += _runs(children, (*styles, *more))
            case _:
                assert_never(node)
    return runs


def _with_links(text: str, styles: tuple[str, ...]) -> list[Json]:
    """Return a text whose bare addresses can be clicked; Slack finds none in rich text."""
    runs: list[Json] = []
    at = 0
    for found in _URL.finditer(text):
        runs += [_text(text[at : found.start()], styles)] if found.start() > at else []
        runs.append(_styled({"type": "link", "url": found.group()}, styles))
        at = found.end()
    return [*runs, _text(text[at:], styles)] if at < len(text) else runs


def _text(text: str, styles: tuple[str, ...]) -> Json:
    return _styled({"type": "text", "text": text}, styles)


def _styled(element: Json, styles: tuple[str, ...]) -> Json:
    return {**element, "style": dict.fromkeys(styles, True)} if styles else element
