"""How much a test with made-up examples tries: all of them, or a quarter in `make check`."""

import os

QUICK = "COACHBRIDGE_TEST_QUICK"
"""Set in the environment by tests/conftest.py when slow tests are left out."""


def examples(many: int) -> int:
    """Return how many examples to make up: ``many``, and in the quick run a quarter of that."""
    return max(many // 4, 5) if is_quick() else many


def is_quick() -> bool:
    """Tell whether this is a run that leaves out slow tests."""
    return bool(os.environ.get(QUICK))
