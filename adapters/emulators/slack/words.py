"""What a reader sees of a message, in words. https://docs.slack.dev/reference/block-kit/blocks"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json

_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def words_of(content: Json) -> str:
    """The words of a message; rich text goes before `text`, which is then only a fallback."""
    parts = [_block(block) for block in content.get("blocks", [])]
    shown = "\n".join(part for part in parts if part)
    return shown or plain(str(content.get("text", "")))


def plain(text: str) -> str:
    """mrkdwn without its escapes and links; marks stay as they are."""
    text = _LINK.sub(lambda found: found[2] or found[1], text)
    for escaped, character in _ESCAPES:
        text = text.replace(escaped, character)
    return text


def _block(block: Json) -> str:
    if block.get("type") == "rich_text":
        return "".join(_element(one) for one in block.get("elements", []))
    if block.get("type") == "section":
        return plain(str(block.get("text", {}).get("text", "")))
    return ""


def _element(element: Json) -> str:
    if "elements" in element:
        return "".join(_element(one) for one in element["elements"])
    match element.get("type"):
        case "emoji":
            return f":{element.get('name', '')}:"
        case "user":
            return f"<@{element.get('user_id', '')}>"
        case "link":
            return str(element.get("text") or element.get("url", ""))
        case _:
            return str(element.get("text", ""))


def rich_text(text: str) -> Json:
    """What a phone makes of a plain text: one rich text block."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "block_id": "b1", "elements": [section]}
