"""Everything the page says exists in Dutch too, with the same gaps, and is really said."""

import re
import string
from pathlib import Path

import pytest

from bridge.web.agenda.texts import TEXTS, texts

FOLDER = Path(__file__).parents[2] / "bridge" / "web" / "agenda"
SAME = {"chat", "intake"}
"""What is the same word in both languages."""


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_in_dutch(key: str) -> None:
    dutch = texts("nl-BE")[key]
    assert _gaps(dutch) == _gaps(TEXTS[key])
    assert (dutch == TEXTS[key]) == (key in SAME)


def test_every_text_is_used() -> None:
    files = [*FOLDER.rglob("*.html"), *FOLDER.rglob("*.py")]
    said = "".join(file.read_text() for file in files if file.name != "texts.py")
    kinds = {"chat", "phone", "video", "f2f", "intake"}
    plain = {key for key in TEXTS if not key.startswith("done_")} - kinds
    assert {key for key in plain if not re.search(rf"\b{key}\b", said)} == set()
