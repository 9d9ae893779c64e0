"""Answers to "from 0 to 10, …" as people give them, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.scale import course, in_scale, read_scale, shown

BOTH = {
    "7": 7, "0": 0, "10": 10, " 7 ": 7, "7.": 7, "7!": 7, "7?": 7, "7,5": 7.5, "7.5": 7.5,
    "7,25": 7.25, "7½": 7.5, "7 ½": 7.5, "7¼": 7.25, "7/10": 7, "7 / 10": 7, "9/10": 9,
    "7,5/10": 7.5,
    "10/10": 10, "6-7": 6.5, "6 - 7": 6.5, "6–7": 6.5, "6/7": 6.5, "6,5-7": 6.75, "~7": 7, "±7": 7,
    "6-7/10": 6.5, "7️⃣": 7, "🔟": 10, "7 🙂": 7, "7 👍👍": 7, "7 :)": 7, ":) 7": 7, "7 ;-)": 7,
    "7\n": 7, "7-": 7, "11": 11, "15": 15, "70%": 70, "100": 100, "-1": -1, "-3": -3,
    "7, 😀": 7, "7 (!)": 7, "07": 7,
}  # fmt: skip
ENGLISH = {
    "seven": 7, "Seven.": 7, "ten": 10, "zero": 0, "nought": 0, "ONE": 1, "a seven": 7, "an 8": 8,
    "about 7": 7, "around a 7": 7, "I'd say 7": 7, "I would say a seven": 7, "I think 6": 6,
    "it's a 6": 6, "6 I think": 6, "6 maybe": 6, "maybe a 4": 4, "probably 5 or so": 5,
    "seven and a half": 7.5, "7 and a half": 7.5, "seven point five": 7.5, "7 point 5": 7.5,
    "between 6 and 7": 6.5, "between six and seven": 6.5, "somewhere between 6 and 7": 6.5,
    "6 or 7": 6.5, "6 to 7": 6.5, "six or seven": 6.5, "six to seven I think": 6.5,
    "7 out of 10": 7, "seven out of ten": 7, "7 of 10": 7, "9 of 10": 9, "7 out of 10!": 7,
    "7, because I practised": 7, "7 because I practised twice": 7, "a 7 but only just": 7,
    "8. Last week I was at 5.": 8, "still a 7": 7, "now 6": 6, "just a 3": 3, "a solid 8": 8,
    "almost 7": 7, "eleven": None, "I'm at a 4 today": 4, "hmm 5": 5, "one": 1, "half": 0.5,
    "6 (better than last week)": 6, "more like a 5": 5, "a ten!": 10,
    "between 6 and 7, closer to 7": 6.5,
}  # fmt: skip
DUTCH = {
    "zeven": 7, "Zeven!": 7, "tien": 10, "nul": 0, "een": 1, "één": 1, "Een.": 1, "een 7": 7,
    "een zeven": 7, "ongeveer 7": 7, "ongeveer een zeven": 7, "ik denk een 7": 7, "7 denk ik": 7,
    "ik zou zeggen een 6": 6, "ik zit op een 6": 6, "nu een 5": 5, "zo'n 7": 7, "rond de 7": 7,
    "zeven en een half": 7.5, "zevenenhalf": 7.5, "zeveneneenhalf": 7.5, "zeven-en-een-half": 7.5,
    "7 en een half": 7.5, "7 en half": 7.5, "zeven komma vijf": 7.5, "7 komma 5": 7.5,
    "een 7,5": 7.5, "anderhalf": 1.5, "tussen 6 en 7": 6.5, "tussen de 6 en de 7": 6.5,
    "tussen zes en zeven": 6.5, "6 à 7": 6.5, "zes à zeven": 6.5, "6 tot 7": 6.5, "6 of 7": 6.5,
    "zes of zeven": 6.5, "9 of 10": 9.5, "een 6 of een 7": 6.5, "ergens tussen 6 en 7": 6.5,
    "7 van de 10": 7, "zeven van de tien": 7, "7 uit 10": 7, "7 op 10": 7, "een zesje": 6,
    "zeventje": 7, "een dikke 8": 8, "ruime 7": 7, "een kleine 6": 6, "bijna 7": 7, "net een 6": 6,
    "7, omdat ik geoefend heb": 7, "een 7 want het ging goed": 7, "7 maar met moeite": 7,
    "nog steeds een 4": 4, "hooguit een 3": 3, "7 ofzo": 7, "een 8!": 8, "misschien een 5": 5,
    "vandaag een 6": 6, "mijn cijfer: 7": None, "cijfer: 7": 7, "ik geef mezelf een 7": 7,
}  # fmt: skip
NONE_OF_BOTH = [
    "", "hello", "?", "...", "I have 2 children", "ik heb 2 kinderen", "7 days to go",
    "10 minutes please", "nog 3 dagen", "at 9:30", "9:30", "om 8 uur", "8 pm", "not a 7", "geen 7",
    "from 5 to 7", "van 5 naar 7", "een", "1 2 3", "call me on 0612345678 please", "don't know",
    "weet niet", "een goed idee", "one moment please", "een momentje", "ten past nine", "6, 7",
    "15/20", "I did 7 of the exercises", "the 2 of us", "between you and me", "7 things: first",
    "word " * 100 + "7",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize(("text", "value"), BOTH.items())
def test_a_number_is_a_number_in_both_languages(text: str, value: float, language: str) -> None:
    assert read_scale(text, language) == value


@pytest.mark.parametrize(("text", "value"), ENGLISH.items())
def test_english_answers(text: str, value: float | None) -> None:
    assert read_scale(text, "en") == value


@pytest.mark.parametrize(("text", "value"), DUTCH.items())
def test_dutch_answers(text: str, value: float | None) -> None:
    assert read_scale(text, "nl") == value


@pytest.mark.parametrize("text", NONE_OF_BOTH)
def test_what_is_no_answer_is_an_ordinary_message(text: str) -> None:
    expected = 1 if text == "een" else None
    assert read_scale(text, "en") == expected
    assert read_scale(text, "nl") == expected


@given(st.text(max_size=60), st.sampled_from(["en", "nl"]))
def test_any_text_is_read_without_fault(text: str, language: str) -> None:
    value = read_scale(text, language)
    assert value is None or isinstance(value, float)


@given(st.integers(0, 100), st.sampled_from(["en", "nl"]))
def test_what_is_shown_is_read_back(tenths: int, language: str) -> None:
    value = tenths / 10
    assert read_scale(shown(value, language), language) == value
    assert in_scale(value)


def test_a_course_is_a_line_of_text() -> None:
    assert course((5.0, 6.0, 6.5)) == "5 → 6 → 6.5"
    assert course((5.0, 6.0, 6.5), "nl") == "5 → 6 → 6,5"
    assert not in_scale(10.5)
    assert not in_scale(-1)
