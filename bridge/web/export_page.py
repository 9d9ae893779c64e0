"""The readable page of an export: one file, no scripts, nothing from anywhere else.

Everything people wrote is escaped; links are shown as words with their address and are not live.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, assert_never

from bridge.core.content import Body, Code, Link, Node, Style, Styled
from bridge.core.entries import BRIDGE
from bridge.runtime import network_names
from bridge.runtime.texts import language_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from storage.items import Item

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Trajectory log",
        "made": "Exported from Coachbridge. How to check that it is whole: README.txt.",
        "erased": "(erased)",
        "deleted": "withdrawn",
        "edited": "was",
        "answers": "answers",
        "sent_to": "to",
        "bridge": "Coachbridge",
        "notice_given": "notice",
        "nudge_given": "nudge",
        "aside_posted": "aside",
    },
    "nl": {
        "title": "Logboek van het traject",
        "made": "Uit Coachbridge. Hoe na te gaan dat het volledig is: README.txt.",
        "erased": "(vernietigd)",
        "deleted": "ingetrokken",
        "edited": "was",
        "answers": "antwoord op",
        "sent_to": "aan",
        "bridge": "Coachbridge",
        "notice_given": "mededeling",
        "nudge_given": "duwtje",
        "aside_posted": "terzijde",
    },
}
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid #bbb;padding:.6rem 0}h2{font-size:1rem;margin:0}"
    "p{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere}"
    "small,del{opacity:.75}"
)
_TAGS = {
    Style.BOLD: "strong",
    Style.ITALIC: "em",
    Style.UNDERLINE: "u",
    Style.STRIKE: "s",
    Style.SPOILER: "span",
    Style.QUOTE: "q",
}


def page(
    items: Iterator[Item],
    files: Mapping[str, str],
    title: str,
    language: str,
    zone: ZoneInfo,
) -> Generator[str, None, None]:
    """Yield the page piece by piece; ``files`` are names in the archive by attachment."""
    spoken = language_of(language)
    words = _WORDS[spoken]
    heading = f"{words['title']}: {escape(title)}"
    yield (
        f'<!doctype html><html lang="{spoken}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        f"style-src 'unsafe-inline'\"><title>{heading}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{heading}</h1><p>{words['made']}</p>\n"
    )
    for item in items:
        yield article(item, files, spoken, zone)
    yield "</body></html>\n"


def article(item: Item, files: Mapping[str, str], language: str, zone: ZoneInfo) -> str:
    """Return one item as HTML; ``files`` are what to link to, by attachment."""
    spoken = language_of(language)
    words = _WORDS[spoken]
    who = escape(words["bridge"] if item.author == BRIDGE else item.author_name or item.author)
    when = item.at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
    parts = [f'<article id="e{item.seq}"><h2>{item.seq}. {who}</h2>']
    parts.append(f"<small>{when}{_about(item, spoken)}</small>")
    if item.text is None and not item.deleted:
        parts.append(f"<p>{words['erased']}</p>")
    elif item.body:
        parts.append(f"<p>{marked_up(item.body)}</p>")
    if item.media is not None:
        name = files.get(item.media.attachment, "")
        shown = escape(name or item.media.name or item.media.kind)
        parts.append(f'<p><a href="{escape(name)}">{shown}</a></p>' if name else f"<p>{shown}</p>")
    parts += [
        f"<p><small>{words['edited']}: <del>{escape(text)}</del></small></p>"
        for text in item.edited
        if text
    ]
    parts += [
        f"<p><small>{escape(line.name or line.party)}: {escape(' '.join(line.emoji))}</small></p>"
        for line in item.reactions
    ]
    return "".join([*parts, "</article>\n"])


def _about(item: Item, language: str) -> str:
    words = _WORDS[language]
    about = [network_names.title(item.network, language)] if item.network else []
    if item.kind != "message_posted":
        about.append(words.get(item.kind, item.kind.replace("_", " ")))
    about += [item.party_name or item.party, item.reason]
    if item.reply_to is not None:
        about.append(f"{words['answers']} {item.reply_to}")
    if item.deleted:
        about.append(words["deleted"])
    about += [f"{words['sent_to']} {line.party}: {line.state}" for line in item.deliveries]
    return "".join(f" · {escape(part)}" for part in about if part)


def marked_up(body: Body) -> str:
    """Return a body as HTML in which every word of people is escaped."""
    return "".join(_node(node) for node in body)


def _node(node: Node) -> str:
    match node:
        case str():
            return escape(node)
        case Styled(style=style, children=children):
            return f"<{_TAGS[style]}>{marked_up(children)}</{_TAGS[style]}>"
        case Link(url=url, children=children):
            return f"{marked_up(children)} &lt;{escape(url)}&gt;"
        case Code(text=text):
            return f"<code>{escape(text)}</code>"
    assert_never(node)
