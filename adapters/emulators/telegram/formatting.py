"""Text as Telegram counts and marks it: UTF-16 units, entities, trimming.

https://core.telegram.org/api/entities (offsets and lengths are UTF-16 code units) and
https://core.telegram.org/bots/api#formatting-options.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from adapters.emulators.telegram.errors import bad_request

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

_OWN_ENTITIES = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
        "text_mention",
        "custom_emoji",
    }
)
# The server finds these itself and ignores them in what a bot sends.
_FOUND_ENTITIES = (
    ("url", re.compile(r"\bhttps?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")),
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]*\w")),
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w{3,32})?\b")),
    ("mention", re.compile(r"(?<![\w@.])@[A-Za-z]\w{3,31}\b")),
    ("hashtag", re.compile(r"(?<![\w#])#\w*[^\W\d]\w*")),
)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units: characters beyond U+FFFF count twice."""
    return len(text.encode("utf-16-le")) // 2


def _checked(entity: Any, total: int) -> Json | None:
    """One entity a bot gave, or None for a kind that only the server may set."""
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind: Any = entity.get("type")
    offset: Any = entity.get("offset")
    length: Any = entity.get("length")
    for name, value in (("offset", offset), ("length", length)):
        if not isinstance(value, int) or isinstance(value, bool):
            raise bad_request(f"can't parse MessageEntity: can't find field \"{name}\"")
    if any(kind == found for found, _ in _FOUND_ENTITIES) or kind in {"cashtag", "phone_number"}:
        return None
    if kind not in _OWN_ENTITIES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    if offset < 0 or length < 0 or offset > total:
        raise bad_request(f"entity begins in a wrong place at UTF-16 offset {offset}")
    if offset + length > total:
        raise bad_request(
            f"entity beginning at UTF-16 offset {offset} ends after the end of the text"
            f" at UTF-16 offset {offset + length}"
        )
    return dict(entity) if length else None


def found_entities(text: str) -> list[Json]:
    """The entities the server finds by itself: links, commands, mentions, hashtags, addresses."""
    taken: list[tuple[int, int]] = []
    found: list[Json] = []
    for kind, pattern in _FOUND_ENTITIES:
        for match in pattern.finditer(text):
            begin, end = match.span()
            if any(begin < other_end and other < end for other, other_end in taken):
                continue
            taken.append((begin, end))
            offset = utf16_length(text[:begin])
            found.append({"type": kind, "offset": offset, "length": utf16_length(match.group())})
    return found


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without white space around it, as the server stores every text; entities move along."""
    left = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    total = utf16_length(text)
    kept: list[Json] = []
    for entity in entities:
        begin = max(entity["offset"] - left, 0)
        end = min(entity["offset"] + entity["length"] - left, total)
        if end > begin:
            kept.append({**entity, "offset": begin, "length": end - begin})
    return text, kept


class _Html(HTMLParser):
    """The subset of https://core.telegram.org/bots/api#html-style without attributes but href."""

    KINDS = {  # noqa: RUF012 - HTMLParser is not a place for ClassVar noise
        "b": "bold",
        "strong": "bold",
        "i": "italic",
        "em": "italic",
        "u": "underline",
        "ins": "underline",
        "s": "strikethrough",
        "del": "strikethrough",
        "strike": "strikethrough",
        "tg-spoiler": "spoiler",
        "code": "code",
        "pre": "pre",
        "blockquote": "blockquote",
        "a": "text_link",
    }

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.entities: list[Json] = []
        self._open: list[tuple[str, Json]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.KINDS:
            raise bad_request(f'can\'t parse entities: unsupported start tag "{tag}"')
        entity: Json = {"type": self.KINDS[tag], "offset": utf16_length(self.text)}
        if tag == "a":
            entity["url"] = dict(attrs).get("href") or ""
        self._open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1][0] != tag:
            raise bad_request("can't parse entities: unexpected end tag")
        entity = self._open.pop()[1]
        entity["length"] = utf16_length(self.text) - entity["offset"]
        self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.text += data

    def finished(self) -> tuple[str, list[Json]]:
        self.close()
        if self._open:
            raise bad_request(
                f"can't parse entities: can't find end tag for \"{self._open[-1][0]}\""
            )
        return self.text, self.entities


def _from_parse_mode(text: str, parse_mode: str) -> tuple[str, list[Json]]:
    mode = parse_mode.lower()
    if mode != "html":
        # Markdown is never right for people's words, so this stand-in leaves it out on purpose.
        raise bad_request("unsupported parse_mode")
    parser = _Html()
    parser.feed(text)
    return parser.finished()


def formatted(
    text: str, entities: list[Json] | None, parse_mode: str | None, limit: int, too_long: str
) -> tuple[str, list[Json]]:
    """Text and entities as the server keeps them.

    `limit` is in UTF-16 units and counts *after* entities are parsed; a longer text is refused
    whole, nothing is cut. A text of white space only comes back empty.
    """
    if parse_mode:
        text, own = _from_parse_mode(text, parse_mode)
    else:
        total = utf16_length(text)
        checked = (_checked(entity, total) for entity in entities or [])
        own = [entity for entity in checked if entity is not None]
    text, own = _trimmed(text, own)
    if utf16_length(text) > limit:
        raise bad_request(too_long)
    merged = own + [e for e in found_entities(text) if not _inside_code(e, own)]
    return text, sorted(merged, key=lambda e: (e["offset"], -e["length"]))


def _inside_code(entity: Json, own: list[Json]) -> bool:
    return any(
        e["type"] in {"code", "pre", "text_link"}
        and e["offset"] < entity["offset"] + entity["length"]
        and entity["offset"] < e["offset"] + e["length"]
        for e in own
    )
