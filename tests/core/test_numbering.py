"""Which number means what when several numbered questions stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.numbering import HIGHEST, Question, first_number, left_after, meant


def asked(ref: str, count: int, first: int = 1, subject: str = "") -> Question:
    return Question(ref, tuple(f"{ref}{n}" for n in range(count)), "anna", first, subject)


def test_the_first_begins_at_one() -> None:
    assert first_number([], "a", "", 3) == 1


def test_a_later_one_goes_on_counting() -> None:
    slots = asked("slots", 3)
    assert first_number([slots], "photo", "", 2) == 4
    photo = asked("photo", 2, 4)
    standing = [*left_after([slots], photo), photo]
    assert [meant(standing, n) for n in range(7)] == [None, slots, slots, slots, photo, photo, None]
    assert photo.key_of(5) == "photo1"
    assert first_number(standing, "another", "", 2) == 6
    assert first_number([photo], "another", "", 2) == 6, "a number that was shown means no other"


def test_the_same_question_again_keeps_to_its_place() -> None:
    slots = asked("slots", 3)
    assert first_number([slots], "slots", "", 3) == 1
    assert left_after([slots], asked("slots", 3)) == []


def test_another_about_the_same_takes_its_place() -> None:
    before = asked("a", 4, subject="booking")
    photo = asked("photo", 2, 5)
    assert first_number([before], "b", "booking", 4) == 1
    assert first_number([before, photo], "b", "booking", 4) == 7
    again = asked("b", 4, 7, "booking")
    assert left_after([before, photo], again) == [photo]
    assert first_number([asked("x", 2), asked("y", 2, 3)], "z", "", 1) == 5, "'' is no subject"


def test_options_are_no_numbers_of_a_scale() -> None:
    assert first_number([], "a", "", 3, scale=True) == 11
    assert first_number([asked("b", 3, 12)], "a", "", 3, scale=True) == 15


def test_beyond_two_digits_it_begins_anew() -> None:
    many = asked("many", 97)
    assert first_number([many], "a", "", 2) == 98
    assert first_number([many], "a", "", 3) == 1
    assert left_after([many], asked("a", 3)) == []


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(1, 9), st.sampled_from(["", "x", "y"])),
        max_size=40,
    ),
    st.booleans(),
)
def test_no_number_ever_means_two_things(
    questions: list[tuple[str, int, str]], scale: bool
) -> None:
    standing: list[Question] = []
    for ref, count, subject in questions:
        first = first_number(standing, ref, subject, count, scale=scale)
        question = asked(ref, count, first, subject)
        standing = [question, *left_after(standing, question)]
        shown = [n for one in standing for n in range(one.first, one.last + 1)]
        assert len(shown) == len(set(shown))
        assert max(shown) <= HIGHEST
        assert all(meant(standing, n) is question for n in range(first, first + count))


@pytest.mark.parametrize("number", [0, 4, -1, 100])
def test_what_is_no_option_means_nothing(number: int) -> None:
    assert asked("a", 3).key_of(number) == ""
