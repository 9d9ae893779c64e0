"""Slack's mrkdwn and our bodies. Pure. https://docs.slack.dev/messaging/formatting-message-text

1. Only ``&``, ``<`` and ``>`` are escaped, as the vendor says; what goes out as mrkdwn is the
   fallback beside rich text blocks, shown in notifications.
2. Coming in it is read where a message has no rich text: from old clients, slash commands, other
   programs.
"""

from __future__ import annotations

import re

from adapters.slack import emoji
from adapters.slack.richtext import joined
from adapters.text import shorten
from bridge.core.content import Body, Code, Link, Node, Style, Styled, plain

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_UNESCAPE = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_CODE = re.compile(r"```\n?(.+?)\n?```|`([^`\n]+)`", re.DOTALL)
_QUOTE = re.compile(r"(?m)^(?:>|&gt;) ?(.*(?:\n(?:>|&gt;) ?.*)*)$")
_MARKED = re.compile(
    r"<(?P<target>[^<>|]+)(?:\|(?P<label>[^<>]*))?>"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
)
_MAX_DEPTH = 6
_MAX_FALLBACK = 4000  # https://docs.slack.dev/reference/methods/chat.postMessage#truncating


def escape(text: str) -> str:
    """Return words as mrkdwn takes them."""
    return re.sub("[&<>]", lambda found: _ESCAPES[found.group()], text)


def fallback(body: Body) -> str:
    """Return the words of a body for notifications and screen readers, shortened if need be."""
    words = plain(body)
    escaped = escape(words)
    return escaped if len(escaped) <= _MAX_FALLBACK else escape(shorten(words, _MAX_FALLBACK // 5))


def unescape(text: str) -> str:
    """Return what an escaped text says."""
    for escaped, character in _UNESCAPE:
        text = text.replace(escaped, character)
    return text


def body_of(text: str) -> Body:
    """Return mrkdwn as a tree; marks that are not closed stay words."""
    nodes: list[Node] = []
    at = 0
    for found in _CODE.finditer(text):
        nodes += _quoted(text[at : found.start()])
        block, inline = found.groups()
        nodes.append(Code(unescape(block or inline), block=block is not None))
        at = found.end()
    nodes += _quoted(text[at:])
    return joined(nodes)


def _quoted(text: str) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    for found in _QUOTE.finditer(text):
        nodes += _inline(text[at : found.start()], 0)
        lines = re.sub(r"(?m)^(?:>|&gt;) ?", "", found.group(1))
        if lines.strip():
            nodes.append(Styled(Style.QUOTE, joined(_inline(lines, 0))))
        at = found.end()
    return nodes + _inline(text[at:], 0)


def _inline(text: str, depth: int) -> list[Node]:
    if depth > _MAX_DEPTH:
        return [_words(text)]
    nodes: list[Node] = []
    at = 0
    for found in _MARKED.finditer(text):
        nodes.append(_words(text[at : found.start()]))
        nodes.append(_node(found, depth))
        at = found.end()
    nodes.append(_words(text[at:]))
    return nodes


def _node(found: re.Match[str], depth: int) -> Node:
    if target := found["target"]:
        return _reference(target, found["label"] or "")
    for name in ("bold", "italic", "strike"):
        if (words := found[name]) is not None:
            return Styled(Style(name), joined(_inline(words, depth + 1)))
    return _words(found.group())


def _reference(target: str, label: str) -> Node:
    """Return a link, or the words of a mention; the payload knows no names."""
    words, url = _words(label), unescape(target)
    if target[0] in "@#":
        return f"{target[0]}{words.removeprefix(target[0]) or url[1:]}"
    if target[0] == "!":
        return words or f"@{url[1:].partition('^')[0]}"
    if not words or words in (url, url.removeprefix("mailto:")):
        return words or url.removeprefix("mailto:")
    return Link(url, (words,))


def _words(text: str) -> str:
    return unescape(emoji.in_text(text))
