"""Words that are commands: as a whole message only."""

import pytest

from bridge.core import keywords


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", "stop"),
        (" Stop. ", "stop"),
        ("/stop", "stop"),
        ("/stop@our_bot", "stop"),
        ("Oké!", "oke"),
        ("I agree", "i agree"),
        ("please stop", "please stop"),
        ("stop@example.org", "stop@example.org"),
        ("", ""),
    ],
)
def test_a_message_is_read_as_a_word(text: str, word: str) -> None:
    assert keywords.keyword(text) == word


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ABCD-2345", "ABCD2345"),
        ("abcd 2345", "ABCD2345"),
        (" abcd2345 ", "ABCD2345"),
        ("ABCD--2345", ""),
        ("my code is ABCD-2345", ""),
        ("ABCD-234", ""),
    ],
)
def test_a_typed_code_is_a_whole_message(text: str, code: str) -> None:
    assert keywords.typed_code(text) == code


def test_no_word_means_two_things() -> None:
    lists = [
        keywords.STOP,
        keywords.START,
        keywords.YES,
        keywords.NO,
        keywords.LINK,
        keywords.TOPICS,
    ]
    assert sum(map(len, lists)) == len(frozenset().union(*lists))
    assert all(keywords.keyword(word) == word for words in lists for word in words)
