"""What an SMS takes, counted by hand and by property."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.phone import Encoding, complaint, encoding, in_gsm, parts, preview, segments, units
from adapters.text import _in_grapheme
from bridge.core.content import plain
from tests.support.effort import examples

COUNTED = {
    "nothing": ("", 0),
    "one letter": ("a", 1),
    "a full segment": ("a" * 160, 1),
    "one letter more": ("a" * 161, 2),
    "two full segments": ("a" * 306, 2),
    "a third": ("a" * 307, 3),
    "escaped letters count twice": ("€" * 80, 1),
    "one escaped letter more": ("€" * 80 + "a", 2),
    "an escape is not cut: 152 letters and one escaped": ("a" * 152 + "€" + "a" * 152, 3),
    "accents of the alphabet": ("é" * 160, 1),
    "an accent that is not in it": ("ë" * 70, 1),
    "one more of those": ("ë" * 71, 2),
    "one curly quote among letters": ("a" * 70 + "’", 2),
    "emoji are two units": ("🎉" * 35, 1),
    "one emoji more": ("🎉" * 36, 2),
    "a pair is not cut: 33 of them in 67 units": ("🎉" * 66, 2),
    "so the next needs a third": ("🎉" * 67, 3),
    "line ends are letters": ("\n\r" * 80, 1),
    "1600 letters": ("a" * 1600, 11),
}


@pytest.mark.parametrize("name", COUNTED)
def test_segments_are_counted_exactly(name: str) -> None:
    text, expected = COUNTED[name]
    assert segments(text) == expected


def test_the_alphabet_is_that_of_the_standard() -> None:
    basic = [chr(code) for code in range(0x3000) if units(chr(code)) == 1 == len(chr(code))]
    gsm = [char for char in basic if encoding(char) is Encoding.GSM7]
    escaped = [char for char in map(chr, range(0x3000)) if _is_escaped(char)]
    assert len(gsm) == 127  # 128 places, one of which is the escape itself
    assert sorted(escaped) == sorted("\f^{}\\[~]|€")


def _is_escaped(char: str) -> bool:
    return encoding(char) is Encoding.GSM7 and units(char) == 2


_texts = st.text(alphabet="ab é€ë’\n🎉👍🏽👩\u200d🚀🇳🇱e\u0301", max_size=700)


@pytest.mark.parametrize("most", [1, 2, 3, 10])
@settings(max_examples=examples(40), deadline=None)
@given(text=_texts)
def test_parts_are_the_text_within_the_limit(most: int, text: str) -> None:
    found = [plain(part) for part in parts((text,), most)]
    assert all(segments(part) <= most for part in found)
    if len(found) == 1:
        assert found == [text]
        return
    total = len(found)
    heads = [f"({n}/{total}) " for n in range(1, total + 1)]
    assert all(part.startswith(head) for part, head in zip(found, heads, strict=True))
    tails = [part[len(head) :] for part, head in zip(found, heads, strict=True)]
    assert "".join(tails) == text
    at = 0
    for tail in tails[:-1]:
        at += len(tail)
        assert tail
        assert not _in_grapheme(text, at) or len(tail) > 60  # longer than a segment by itself


def test_more_than_nine_parts_have_room_for_their_numbers() -> None:
    found = [plain(part) for part in parts(("🎉 woord " * 900,), 1)]
    assert len(found) > 100
    assert found[99].startswith(f"(100/{len(found)}) ")
    assert max(map(segments, found)) == 1


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("“Suc6” – tot morgen…\n• je cliënt", '"Suc6" - tot morgen...\n- je client'),
        ("„Geïnspireerd” «ja» ‘nee’", '"Geinspireerd" "ja" \'nee\''),
        ("3 × 4 → 12\u00a0min — tot −1", "3 x 4 -> 12 min - tot -1"),
        ("“Suc6” 😀", "“Suc6” 😀"),  # nothing is won, so nothing is changed
        ("Zeg “да”", "Zeg “да”"),
        ("gewoon", "gewoon"),
    ],
)
def test_what_we_say_is_written_in_the_alphabet_of_the_network(text: str, written: str) -> None:
    assert in_gsm(text) == written


def test_a_preview_says_what_it_costs_and_why() -> None:
    short = preview("Tot morgen!", 3)
    assert (short.messages, short.segments, short.encoding, short.because) == (1, 1, "GSM-7", "")
    long = preview("Eén idee: “beëindig” het 🎉. " * 10, 3)
    assert long.encoding is Encoding.UCS2
    assert long.because == "“ë”🎉"
    assert long.segments >= 4
    assert long.messages == 2


@pytest.mark.parametrize(
    "number", ["+31612345678", "+3197010200001", "+15005550006", "+32470123456"]
)
def test_a_number_people_can_have_is_fine(number: str) -> None:
    assert complaint(number) == ""


@pytest.mark.parametrize(
    "number", ["0612345678", "0031612345678", "+31 6 12345678", "+316", "+", "", "+999123", "sms"]
)
def test_a_number_that_cannot_be_is_explained(number: str) -> None:
    assert complaint(number)
