"""What `doctor` finds out about the page of our own."""

import pytest

from adapters.webchat import build
from bridge.core.probing import Grade


@pytest.mark.parametrize(
    ("public_url", "grade", "called_at"),
    [
        ("https://chat.example.org", Grade.WELL, "https://chat.example.org/chat"),
        ("http://127.0.0.1:8080", Grade.WELL, ""),
        ("http://chat.example.org", Grade.DOUBTFUL, "http://chat.example.org/chat"),
    ],
)
async def test_a_page_wants_a_certificate(public_url: str, grade: Grade, called_at: str) -> None:
    page = build("main", public_url)
    (found,) = await page.probe()
    assert found.grade is grade
    assert page.called_at() == called_at
    assert bool(found.todo) is (grade is not Grade.WELL)
