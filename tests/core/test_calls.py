"""The machine of a telephone call: every path ends, and nobody talks who did not press a key."""

from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.calls import TRANSITIONS, Call, Happened, Stage, advance, diagram

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DOC = Path(__file__).parents[2] / "docs" / "networks" / "voice.md"


def call(*, inward: bool, asks: bool) -> Call:
    """Return a call at its beginning."""
    stage = Stage.ASKING if inward else Stage.CALLING
    return Call("CA1", "anna", "noor", stage, session=1, inward=inward, asks=asks)


@given(st.booleans(), st.booleans(), st.lists(st.sampled_from(Happened), max_size=40))
def test_any_sequence_keeps_the_rules(inward: bool, asks: bool, happened: list[Happened]) -> None:
    now = call(inward=inward, asks=asks)
    path = [now.stage]
    for one in happened:
        now = advance(now, one, NOW)
        if now.stage is not path[-1]:
            path.append(now.stage)
    if Stage.TALKING in path:
        before = path[: path.index(Stage.TALKING)]
        assert before[-1] is Stage.AGREEING
        assert Stage.GREETING in before
        assert inward or Stage.CONFIRMING in before
    if now.recorded:
        assert asks
        assert set(now.agreed) >= {"anna", "noor"}
    assert advance(now, Happened.OVER, NOW).stage is Stage.ENDED


def test_nothing_leads_out_of_the_end_and_everything_leads_there() -> None:
    assert not any(stage is Stage.ENDED for stage, _ in TRANSITIONS)
    assert all((stage, Happened.OVER) in TRANSITIONS for stage in Stage if stage is not Stage.ENDED)


def test_every_state_is_reached() -> None:
    assert {Stage.ASKING, Stage.CALLING, *TRANSITIONS.values()} == set(Stage)


def test_the_picture_in_the_docs_is_made_from_the_table() -> None:
    assert diagram() in DOC.read_text(encoding="utf-8")
