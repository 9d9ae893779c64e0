"""Every text the bridge says exists in every language, whole and with the same parameters."""

import string

import pytest

from bridge.core.content import Choice, Choices, Notice, Text
from bridge.core.notices import ENGLISH, NoticeKey
from bridge.runtime.texts import LANGUAGES, REASONS, Catalogue, language_of, read_catalog

ORIGINALS = [*ENGLISH.values(), *REASONS.values()]
OTHERS = [language for language in LANGUAGES if language != "en"]


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_key_has_an_english_text() -> None:
    assert set(ENGLISH) == set(NoticeKey)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("original", ORIGINALS)
def test_every_text_is_translated_with_the_same_parameters(language: str, original: str) -> None:
    message = read_catalog(language).get(original)
    assert message is not None, f"{language}: nothing for {original!r}"
    assert message.string, f"{language}: empty for {original!r}"
    assert not message.fuzzy
    assert parameters(str(message.string)) == parameters(original)
    assert original.endswith(" ") == str(message.string).endswith(" ")


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_left_over(language: str) -> None:
    catalog = read_catalog(language)
    assert {str(message.id) for message in catalog if message.id} == set(ORIGINALS)
    assert not catalog.obsolete


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
    notice = Notice(key=NoticeKey.NOT_DELIVERED, params={"name": "Anna", "reason": "too_large"})
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
