"""The limits of Block Kit. https://docs.slack.dev/reference/block-kit/blocks"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.emulators.slack.errors import ApiError

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json

MOST_BLOCKS, MOST_ELEMENTS = 50, 25
LABEL, VALUE, NAME = 75, 2000, 255
_PARTS = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
_STYLES = {"bold", "italic", "strike", "code"}


def checked(given: Any) -> list[Json]:
    """The blocks, if Slack would take them; ApiError `invalid_blocks` otherwise."""
    if not isinstance(given, list) or len(given) > MOST_BLOCKS:
        raise ApiError("invalid_blocks")
    seen: set[str] = set()
    for block in given:
        fits = isinstance(block, dict) and len(str(block.get("block_id", ""))) <= NAME
        if not fits:
            raise ApiError("invalid_blocks")
        if block.get("type") == "actions":
            _actions(block, seen)
        elif block.get("type") == "rich_text":
            if not all(_part(one) for one in block.get("elements", [])):
                raise ApiError("invalid_blocks")
        elif block.get("type") not in {"section", "divider", "context", "image", "header"}:
            raise ApiError("invalid_blocks")
    return given


def _actions(block: Json, seen: set[str]) -> None:
    """https://docs.slack.dev/reference/block-kit/block-elements/button-element"""
    elements = block.get("elements", [])
    if not 1 <= len(elements) <= MOST_ELEMENTS:
        raise ApiError("invalid_blocks")
    for button in elements:
        label, name = button["text"], str(button.get("action_id", ""))
        fits = (
            label["type"] == "plain_text"
            and 1 <= len(label["text"]) <= LABEL
            and len(str(button.get("value", ""))) <= VALUE
            and len(name) <= NAME
            and name not in seen
        )
        if not fits:
            raise ApiError("invalid_blocks")
        seen.add(name)


def _part(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type") not in _PARTS:
        return False
    return all(_element(one) for one in part.get("elements", []))


def _element(element: Json) -> bool:
    if element.get("type") in _PARTS:
        return _part(element)
    known = not set(element.get("style") or {}) - _STYLES
    match element.get("type"):
        case "text":
            return known and bool(element.get("text"))
        case "link":
            return known and bool(element.get("url"))
        case _:
            return element.get("type") in {"emoji", "user", "channel", "broadcast", "date"}


def buttons(content: Json) -> list[Json]:
    """All buttons of a message, in order."""
    return [
        button
        for block in content.get("blocks", [])
        if block.get("type") == "actions"
        for button in block["elements"]
    ]
