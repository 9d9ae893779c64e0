"""Which steps can be noticed, in both languages: only a wish is asked about."""

import pytest

from bridge.core.observable import observable

TO_BE_NOTICED = [
    "If the meeting begins on Friday, then I speak first", "call Piet on Monday", "Walk twice",
    "write down three things that went well", "10 minutes of practice", "Ask one question",
    "when I feel stressed, I walk around the block", "juggle in the kitchen", "no phone after ten",
    "als de vergadering begint, dan zeg ik één ding", "Piet bellen", "ik bel maandag de bank",
    "twee keer wandelen", "elke dag 10 minuten", "een mail sturen aan Anna", "vraag om hulp",
    "als ik boos word, loop ik een rondje", "de kast verven", "oefenen voor de spiegel",
]  # fmt: skip
A_WISH = [
    "be more confident", "Be more confident on Monday", "feel better", "confidence", "try harder",
    "think about my career", "less stress", "become calmer", "more balance", "relax",
    "meer zelfvertrouwen", "zelfvertrouwen", "beter worden in omgaan met mijn gevoel",
    "minder stress", "rustiger zijn", "positiever denken", "nadenken over mijn werk", "ontspannen",
    "proberen om assertiever te zijn", "",
]  # fmt: skip


@pytest.mark.parametrize("step", TO_BE_NOTICED)
def test_what_one_does_or_counts_can_be_noticed(step: str) -> None:
    assert observable(step)


@pytest.mark.parametrize("step", A_WISH)
def test_a_wish_is_asked_about(step: str) -> None:
    assert not observable(step)
