"""A front desk of a test's own, and the people most tests need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.core import commands as c
from tests.runtime.desk_kit import FrontDesk, front_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Nobody is there yet."""
    with front_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def couple(desk: FrontDesk) -> FrontDesk:
    """Noor coaches Anna, who agreed."""
    desk.people("noor", "anna")
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    return desk


@pytest.fixture
def asked(desk: FrontDesk) -> FrontDesk:
    """Noor coaches Anna, who has been asked and has not answered."""
    desk.people("noor", "anna")
    desk.trajectory("anna-2026", ["noor"], ["anna"], agreed=False)
    desk.do("anna-2026", c.AskConsent("anna"))
    return desk


@pytest.fixture
def two_clients(desk: FrontDesk) -> FrontDesk:
    """Noor coaches Anna and Bram, each by themselves."""
    desk.people("noor", "anna", "bram")
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.trajectory("bram-2026", ["noor"], ["bram"])
    return desk
