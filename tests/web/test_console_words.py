"""Everything the console says exists in Dutch, with the same parameters; codes have words."""

import re
import string
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from adapters.media import Loss
from bridge.core.capabilities import LengthUnit, Protection
from bridge.core.delivery import DeliveryState
from bridge.core.entries import Entry
from bridge.runtime import network_names
from bridge.web import console
from bridge.web.console import finding, phrases
from bridge.web.console.shown import SAID
from bridge.web.console.words import Words, texts
from storage.items import ABOUT, BENEATH

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(console.__file__).parent
_SAID = re.compile(r"""(?:\b_|say|words|count)\((?:[^"'()]*,\s*)?(["'])(.+?)\1(?:,\s*"(.+?)")?""")


def said() -> set[str]:
    """Return every text that templates and modules say."""
    found: set[str] = set()
    for path in [*FOLDER.glob("templates/*.html"), *FOLDER.glob("*.py")]:
        text = re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
        for _, one, many in _SAID.findall(text):
            found |= {one, many} - {""}
    found |= {heading for _, heading in finding.GROUPS}
    tables: list[Mapping[object, str]] = [
        {**getattr(phrases, name)}
        for name in ("STATES", "LOSSES", "PROTECTION", "UNITS", "ROLES", "EVENTS", "REFUSALS",
                     "CONTENT", "KINDS", "MISTAKES", "DONE", "CALLS", "SPENT")
    ]  # fmt: skip
    for table in tables:
        found |= set(table.values())
    return found | {
        phrases.OTHER_LOSS,
        phrases.OTHER_EVENT,
        phrases.OTHER_REFUSAL,
        phrases.OTHER_MISTAKE,
    }


def _parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("text", sorted(said()))
def test_every_text_exists_in_dutch(text: str) -> None:
    dutch = texts("nl").get(text)
    assert dutch, f"console.po has no {text!r}"
    assert _parameters(dutch) == _parameters(text)


def test_the_catalogue_has_nothing_that_is_not_said() -> None:
    assert set(texts("nl")) <= said() | set(network_names.TITLES.values())


def test_every_code_has_words() -> None:
    assert {loss.value for loss in Loss} <= set(phrases.LOSSES)
    assert set(DeliveryState) == set(phrases.STATES)
    assert set(Protection) == set(phrases.PROTECTION)
    assert set(LengthUnit) == set(phrases.UNITS)


def test_a_reader_of_another_language_gets_english() -> None:
    assert Words("fr")("Inbox") == "Inbox"
    assert Words("nl-BE")("Inbox") == "Postvak"


def test_every_kind_of_entry_has_words_or_shows_its_own() -> None:
    kinds = {str(kind.__struct_config__.tag) for kind in get_args(Entry)}
    shown = {*SAID, "note_added", "session_logged"}
    told = {key.partition("/")[0] for key in phrases.EVENTS}
    assert kinds - shown - {*ABOUT, *BENEATH} == told
