"""Everything the page says exists in Dutch too, with the same gaps, and is really said."""

import re
import string
from pathlib import Path

import pytest

from bridge.web.chat.texts import TEXTS, texts

FOLDER = Path(__file__).parents[2] / "bridge" / "web" / "chat"
SAME = {"bridge", "link_code", "video", "menu", "reacted"}
"""What is the same word in both languages."""


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_in_dutch(key: str) -> None:
    dutch = texts("nl-BE")[key]
    assert _gaps(dutch) == _gaps(TEXTS[key])
    assert (dutch == TEXTS[key]) == (key in SAME)


def test_every_text_is_used_and_every_used_one_is_there() -> None:
    sources = [*FOLDER.rglob("*.js"), *FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]
    said = "".join(file.read_text() for file in sources if file.name != "texts.py")
    named = set(re.findall(r"say\(\"(\w+)\"", said)) | set(re.findall(r"\bt\.(\w+)", said))
    assert named <= set(TEXTS) | {"split"}, named - set(TEXTS)
    assert [key for key in TEXTS if not re.search(rf"\b{key}\b", said)] == []
