"""The states of a delivery, and the page that shows them."""

from pathlib import Path

import pytest

from bridge.core.delivery import OPEN, TERMINAL, TRANSITIONS, DeliveryState, may_become

PAGE = Path(__file__).parent.parent.parent / "docs" / "states.md"
S = DeliveryState

SAYS = {
    S.ACCEPTED: "in the log, waiting for its recipient's consent, or for a coach's rest to end",
    S.QUEUED: "in its lane, may go when its turn comes",
    S.SENDING: "claimed; committed before the request goes out",
    S.UNCERTAIN: "the network gave no answer, or a lease ran out",
    S.SENT: "the network took it",
    S.DELIVERED: "the network says it arrived",
    S.READ: "the network says it was read",
    S.FAILED: "the network refused it for good, or nobody can tell and it is not sent again",
    S.SUPPRESSED: "not sent on purpose: opted out, no consent, no party any more, no endpoint",
    S.EXPIRED: "not sent in time",
}


def page() -> str:
    """Return the page about delivery states, from the table that the program itself uses."""
    arrows = [f"    [*] --> {S.ACCEPTED}", f"    [*] --> {S.QUEUED}"]
    arrows += [f"    {now} --> {then}" for now in S for then in S if then in TRANSITIONS[now]]
    arrows += [f"    {state} --> [*]" for state in S if state in TERMINAL]
    rows = [
        f"| {now} | {SAYS[now]} | {', '.join(then for then in S if then in TRANSITIONS[now])} |"
        for now in S
    ]
    return "\n".join(
        [
            "# What becomes of a message",
            "",
            "Each message has one of these states for each of its recipients, and each change of",
            "state that people should know of is an entry `delivery_changed` in the log. This page",
            "is generated from the table in `bridge/core/delivery.py`; a test keeps it in step:",
            "`pytest tests/core/test_delivery.py --update-golden` writes it anew.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *arrows,
            "```",
            "",
            "| state | means | may become |",
            "|---|---|---|",
            *rows,
            "",
            f"While a message is {', '.join(s for s in S if s in OPEN)}, the outbox still has",
            "something to do for it; a message that waits for a consent does not hold up its lane.",
            "Receipts only move forward: a late or doubled one changes nothing. A message without",
            "any way to its recipient is suppressed in the log at once and never becomes a row.",
            "",
        ]
    )


def test_the_page_shows_the_states(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page())
    assert PAGE.read_text() == page()


def test_every_state_has_its_transitions() -> None:
    assert set(TRANSITIONS) == set(S)
    assert set(S) == OPEN | TERMINAL
    assert not OPEN & TERMINAL


def test_from_every_open_state_an_end_can_be_reached() -> None:
    for state in OPEN:
        seen, todo = {state}, [state]
        while todo:
            todo += (new := TRANSITIONS[todo.pop()] - seen)
            seen |= new
        assert seen & TERMINAL, state


@pytest.mark.parametrize("end", [S.READ, S.FAILED, S.SUPPRESSED, S.EXPIRED])
def test_what_ended_stays_as_it_is(end: DeliveryState) -> None:
    assert not any(may_become(end, then) for then in S)


def test_receipts_only_move_forward() -> None:
    order = [S.SENT, S.DELIVERED, S.READ]
    for number, now in enumerate(order):
        for other, then in enumerate(order):
            assert may_become(now, then) == (other > number)


def test_nothing_is_sent_before_it_was_being_sent() -> None:
    for taken in (S.SENT, S.DELIVERED, S.READ):
        before = {now for now in S if may_become(now, taken)}
        assert before <= {S.SENDING, S.UNCERTAIN, S.SENT, S.DELIVERED}


def test_only_the_queue_leads_to_sending() -> None:
    assert {now for now in S if may_become(now, S.SENDING)} == {S.QUEUED}


def test_the_last_checks_at_the_claim_may_end_it() -> None:
    """A row is marked as being sent before it is checked for the last time."""
    for end in (S.SUPPRESSED, S.EXPIRED, S.FAILED, S.QUEUED):
        assert may_become(S.SENDING, end)


def test_an_uncertain_one_was_being_sent() -> None:
    assert {now for now in S if may_become(now, S.UNCERTAIN)} == {S.SENDING}
