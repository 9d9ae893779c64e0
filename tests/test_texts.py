"""Every text the bridge says exists in every language, whole and with the same parameters."""

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import bridge.core.errors
from adapters.telegram.refusals import _MEANINGS
from adapters.twilio.refusals import MEANINGS
from bridge.core.content import Choice, Choices, Notice, Text
from bridge.core.notices import ENGLISH, NoticeKey
from bridge.runtime.reasons import REASONS
from bridge.runtime.texts import LANGUAGES, Catalogue, language_of, read_catalog

ORIGINALS = [*ENGLISH.values(), *REASONS.values()]
OTHERS = [language for language in LANGUAGES if language != "en"]


translated = cache(read_catalog)


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_key_has_an_english_text() -> None:
    assert set(ENGLISH) == set(NoticeKey)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("original", ORIGINALS)
def test_every_text_is_translated_with_the_same_parameters(language: str, original: str) -> None:
    message = translated(language).get(original)
    assert message is not None, f"{language}: nothing for {original!r}"
    assert message.string, f"{language}: empty for {original!r}"
    assert not message.fuzzy
    assert parameters(str(message.string)) == parameters(original)
    assert original.endswith(" ") == str(message.string).endswith(" ")


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_left_over(language: str) -> None:
    catalog = translated(language)
    assert {str(message.id) for message in catalog if message.id} == set(ORIGINALS)
    assert not catalog.obsolete


def test_a_client_is_called_one_word_in_dutch() -> None:
    folder = ROOT / "bridge"
    files = [*folder.glob("locale/nl/LC_MESSAGES/*.po"), *folder.glob("demo/*words.py")]
    assert len(files) > 5, "the scan finds nothing any more"
    named = re.compile(r"\bklant", re.IGNORECASE)
    assert [file.name for file in files if named.search(file.read_text(encoding="utf-8"))] == []


def test_the_tag_of_a_region_finds_its_language() -> None:
    assert [language_of(tag) for tag in ("nl", "nl-BE", "NL_nl", "en-GB", "de", "")] == [
        "nl", "nl", "nl", "en", "en", "en",
    ]  # fmt: skip


def test_parameters_are_data() -> None:
    said = Catalogue().say(NoticeKey.CONSENT_THANKS, "nl", coach="{name} {0} %s")
    assert "{name} {0} %s" in said


def test_a_missing_parameter_is_an_error() -> None:
    with pytest.raises(KeyError):
        Catalogue().say(NoticeKey.CONSENT_THANKS, "nl")


def test_a_notice_becomes_a_text_in_the_readers_language() -> None:
    notice = Notice(key=NoticeKey.NOT_DELIVERED, params={"name": "Anna", "reason": "too_big"})
    assert Catalogue().translate(notice, "nl-NL") == Text(
        body=("Niet bezorgd bij Anna: het bestand is te groot",)
    )
    assert Catalogue().translate(notice, "en") == Text(
        body=("Not delivered to Anna: the file is too large",)
    )


def test_a_notice_with_options_becomes_a_question() -> None:
    notice = Notice(
        key=NoticeKey.WHICH_CLIENT,
        options=(Choice("a", "Anna"), Choice("n", NoticeKey.NO.value)),
        ref="ask/7",
    )
    asked = Catalogue().translate(notice, "nl")
    assert isinstance(asked, Choices)
    assert [(o.key, o.label) for o in asked.options] == [("a", "Anna"), ("n", "Nee")]
    assert asked.ref == "ask/7"


def test_what_people_say_is_not_translated() -> None:
    assert Catalogue().translate(Text(body=("yes",)), "nl") == Text(body=("yes",))


def test_a_consent_text_is_named_by_its_words() -> None:
    texts = Catalogue().consent_texts()
    assert set(texts) == set(LANGUAGES)
    assert len({text.version for text in texts.values()}) == len(LANGUAGES)
    assert texts == Catalogue().consent_texts()
    assert all("{coach}" in text.text and "STOP" in text.text for text in texts.values())


ROOT = Path(__file__).parents[1]
CODED = {name for name, one in vars(bridge.core.errors).items() if isinstance(one, type)}
"""Errors whose first argument is a code."""

GIVING = {"settle", "report", "Report", "give_up", "_give_up", "Drop", "drop", "fail"}
"""Calls that give a reason: by its name, or as one of several bare words."""

RETURNING = {"refusal", "_refusal", "address", "_address"}
"""Functions whose words are reasons."""


def _codes(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in RETURNING:
            given: list[ast.AST] = [r for r in ast.walk(node) if isinstance(r, ast.Return)]
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = [k.value for k in node.keywords if k.arg == "reason" and name in GIVING]
            given += node.args if name in GIVING else node.args[:1] if name in CODED else []
        else:
            continue
        for value in given:
            found = (one.value for one in ast.walk(value) if isinstance(one, ast.Constant))
            yield from (one for one in found if isinstance(one, str))


def test_every_reason_that_is_given_has_words() -> None:
    files = [
        file
        for folder in ("bridge", "adapters/telegram", "adapters/matrix", "storage")
        for file in (ROOT / folder).rglob("*.py")
    ]
    codes = {code for file in files for code in _codes(ast.parse(file.read_text()))}
    codes |= {code for _, _, code in _MEANINGS} | {code for _, code in MEANINGS.values()}
    named = {code for code in codes if code.replace("_", "").isalpha() and code.islower()}
    assert len(named) > 25, "the scan finds nothing any more"
    assert named <= set(REASONS), named - set(REASONS)


def test_a_sentence_of_the_network_is_shown_where_we_have_none() -> None:
    catalogue = Catalogue()
    assert catalogue.reason("400", "nl", "Bad Request: odd") == "Bad Request: odd"
    assert catalogue.reason("too_big", "nl", "Too large") == "het bestand is te groot"
    assert catalogue.reason("400", "nl") == "het netwerk weigerde het"
