"""Which row goes next: order within a lane, none across, and never faster than allowed."""

from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.runtime.lanes import Bucket, Lane, Lanes, Waiting
from tests.support.effort import examples

ACCOUNT = "telegram:main"
OTHER = "matrix:main"


def lanes_of(rate: float = 0, at_once: int = 256) -> Lanes:
    """Return lanes with two accounts, the second without limits."""
    lanes = Lanes()
    lanes.add_account(ACCOUNT, rate, at_once)
    lanes.add_account(OTHER, 0)
    return lanes


def feed(
    lanes: Lanes,
    row: int,
    name: str = "a",
    now: float = 0,
    *,
    scope: str = ACCOUNT,
    priority: int = 1,
    chat_rate: float = 0,
    not_before: float = 0,
) -> None:
    """Let one row wait."""
    lanes.feed(name, scope, Waiting(row, priority, not_before), chat_rate, now)


def rows(taken: list[tuple[Lane, Waiting]]) -> list[int]:
    """Return which rows were taken."""
    return [waiting.row for _, waiting in taken]


def test_one_of_a_lane_is_under_way_and_the_next_follows() -> None:
    lanes = lanes_of()
    for row in (1, 2, 3):
        feed(lanes, row)
    seen = []
    while taken := lanes.take(0, 10):
        assert len(taken) == 1
        assert not lanes.take(0, 10)
        seen += rows(taken)
        lanes.done(taken[0][0], taken[0][1].row, 0)
    assert seen == [1, 2, 3]


def test_what_goes_along_is_in_hand_until_all_is_settled() -> None:
    lanes = lanes_of()
    for row in (1, 2, 3, 4):
        feed(lanes, row)
    ((lane, first),) = lanes.take(0, 10)
    lanes.along(lane, [Waiting(2, 1), Waiting(3, 1)], 0)
    lanes.done(lane, first.row, 0)
    lanes.done(lane, 3, 0)
    assert not lanes.take(0, 10), "the second is not settled"
    lanes.done(lane, 2, 0)
    assert rows(lanes.take(0, 10)) == [4]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_what_comes_back_in_any_order_goes_in_order(order: Sequence[int]) -> None:
    lanes = lanes_of()
    for row in (1, 2, 3, 4):
        feed(lanes, row)
    ((lane, _),) = lanes.take(0, 10)
    lanes.along(lane, [Waiting(2, 1), Waiting(3, 1)], 0)
    for row in order:
        lanes.again(lane, Waiting(row, 1), 0)
    seen = []
    while taken := lanes.take(0, 10):
        seen += rows(taken)
        lanes.done(lane, taken[0][1].row, 0)
    assert seen == [1, 2, 3, 4]


def test_what_goes_along_counts_for_the_chat_and_what_did_not_go_does_not() -> None:
    lanes = lanes_of()
    for row in (1, 2, 3, 4):
        feed(lanes, row, chat_rate=1)
    ((lane, first),) = lanes.take(10, 10)
    for _ in range(9):
        lanes.unused(lane)
        lanes.again(lane, first, 10)
        assert rows(lanes.take(10, 10)) == [1]
    lanes.along(lane, [Waiting(2, 1), Waiting(3, 1)], 10)
    for row in (1, 2, 3):
        lanes.done(lane, row, 10)
    assert not lanes.take(10.9, 10), "three of three were used"
    assert rows(lanes.take(11, 10)) == [4]


def test_what_did_not_go_does_not_count_for_the_account_either() -> None:
    lanes = lanes_of(rate=1)
    feed(lanes, 1)
    ((lane, first),) = lanes.take(10, 10)
    for _ in range(3):
        lanes.unused(lane)
        lanes.again(lane, first, 10)
        assert rows(lanes.take(10, 10)) == [1]
    lanes.done(lane, 1, 10)
    feed(lanes, 2, "b")
    assert not lanes.take(10.9, 10), "what went counts"
    assert rows(lanes.take(11, 10)) == [2]


def test_a_row_that_goes_along_is_known_and_not_fed_again() -> None:
    lanes = lanes_of()
    feed(lanes, 1)
    ((lane, _),) = lanes.take(0, 10)
    lanes.along(lane, [Waiting(2, 1)], 0)
    feed(lanes, 2)
    lanes.done(lane, 1, 0)
    lanes.done(lane, 2, 0)
    assert not lanes.take(0, 10), "it went"


def test_lanes_go_side_by_side() -> None:
    lanes = lanes_of()
    for row, name in enumerate("abcab", start=1):
        feed(lanes, row, name)
    assert rows(lanes.take(0, 10)) == [1, 2, 3]


def test_rows_that_come_out_of_order_go_in_order() -> None:
    lanes = lanes_of()
    for row in (5, 3, 4, 1, 2, 1):
        feed(lanes, row)
    seen = []
    for _ in range(5):
        [(lane, waiting)] = lanes.take(0, 1)
        seen.append(waiting.row)
        lanes.done(lane, waiting.row, 0)
    assert seen == [1, 2, 3, 4, 5]
    assert len(lanes) == 0


def test_the_more_urgent_lane_goes_first_then_the_older_row() -> None:
    lanes = lanes_of()
    feed(lanes, 1, "bulk", priority=3)
    feed(lanes, 2, "late", priority=1)
    feed(lanes, 3, "urgent", priority=0)
    feed(lanes, 4, "later", priority=1)
    assert rows(lanes.take(0, 3)) == [3, 2, 4]
    assert rows(lanes.take(0, 3)) == [1]


def test_urgency_does_not_overtake_within_a_lane() -> None:
    lanes = lanes_of()
    feed(lanes, 1, priority=3)
    feed(lanes, 2, priority=0)
    assert rows(lanes.take(0, 3)) == [1]


def test_what_is_put_back_goes_first_and_waits_alone() -> None:
    lanes = lanes_of()
    for row, name in ((1, "a"), (2, "a"), (3, "b")):
        feed(lanes, row, name)
    (lane, _), _ = lanes.take(0, 2)
    lanes.again(lane, Waiting(1, 1, not_before=10), 0)
    feed(lanes, 4, "c", now=1)
    assert rows(lanes.take(1, 10)) == [4]
    assert lanes.next_at(1) == 10
    assert rows(lanes.take(10, 10)) == [1]


def test_a_blocked_lane_stops_no_other() -> None:
    lanes = lanes_of()
    feed(lanes, 1)
    [(lane, waiting)] = lanes.take(0, 1)
    lanes.block_lane(lane, 30)
    lanes.done(lane, waiting.row, 0)
    feed(lanes, 2)
    feed(lanes, 3, "b")
    assert rows(lanes.take(0, 9)) == [3]
    assert not lanes.take(29, 9)
    assert rows(lanes.take(30, 9)) == [2]


def test_a_blocked_account_stops_no_other() -> None:
    lanes = lanes_of()
    lanes.block_account(ACCOUNT, 30)
    lanes.block_account(ACCOUNT, 20)
    feed(lanes, 1)
    feed(lanes, 2, "b", scope=OTHER)
    assert rows(lanes.take(0, 9)) == [2]
    assert lanes.next_at(0) == 30
    assert rows(lanes.take(30, 9)) == [1]


def test_an_account_has_only_so_many_under_way() -> None:
    lanes = lanes_of(at_once=2)
    for row, name in enumerate("abc", start=1):
        feed(lanes, row, name)
    first, _ = lanes.take(0, 9)
    assert not lanes.take(0, 9)
    assert lanes.next_at(0) is None
    lanes.done(first[0], 1, 0)
    assert rows(lanes.take(0, 9)) == [3]


def test_hurry_ends_the_wait_of_a_head() -> None:
    lanes = lanes_of()
    feed(lanes, 1, not_before=30)
    feed(lanes, 2)
    lanes.hurry(2, "a", 0)
    lanes.hurry(1, "elsewhere", 0)
    assert not lanes.take(0, 9)
    lanes.hurry(1, "a", 0)
    assert rows(lanes.take(0, 9)) == [1]


def test_hurry_does_not_break_a_wait_of_the_network() -> None:
    lanes = lanes_of()
    feed(lanes, 1)
    [(lane, waiting)] = lanes.take(0, 1)
    lanes.block_lane(lane, 30)
    lanes.again(lane, Waiting(waiting.row, 1, not_before=60), 0)
    lanes.hurry(1, "a", 1)
    assert not lanes.take(29, 9)
    assert rows(lanes.take(30, 9)) == [1]


def test_a_row_held_from_before_keeps_its_lane() -> None:
    lanes = lanes_of()
    feed(lanes, 2)
    lane = lanes.hold("a", ACCOUNT, Waiting(1, 0), 0)
    assert lanes.knows(1)
    assert not lanes.take(0, 9)
    lanes.again(lane, Waiting(1, 0), 0)
    [(_, waiting)] = lanes.take(0, 9)
    assert waiting.row == 1
    lanes.done(lane, 1, 0)
    assert rows(lanes.take(0, 9)) == [2]


@pytest.mark.parametrize("chat_rate", [0, 1, 30])
def test_idle_lanes_are_forgotten(chat_rate: float) -> None:
    lanes = lanes_of()
    for row in range(100):
        feed(lanes, row, f"lane {row}", chat_rate=chat_rate)
    for lane, waiting in lanes.take(0, 100):
        lanes.done(lane, waiting.row, 0)
    assert not lanes.take(60, 1)
    assert lanes.open == 0
    assert len(lanes) == 0
    assert lanes.next_at(60) is None


def test_a_lane_that_is_blocked_is_not_forgotten() -> None:
    lanes = lanes_of()
    feed(lanes, 1)
    [(lane, waiting)] = lanes.take(0, 1)
    lanes.block_lane(lane, 30)
    lanes.done(lane, waiting.row, 0)
    lanes.take(29, 1)
    assert lanes.open == 1
    lanes.take(30, 1)
    assert lanes.open == 0


def test_a_long_queue_behind_a_full_bucket_is_looked_at_once() -> None:
    lanes = lanes_of()
    for row in range(10_000):
        feed(lanes, row, chat_rate=1, not_before=5)
    assert len(lanes._later) == 1
    for second in range(5, 25):
        for lane, waiting in lanes.take(second, 10):
            lanes.done(lane, waiting.row, second)
        assert len(lanes._later) <= 1


@pytest.mark.slow
def test_a_hundred_thousand_rows_go_through() -> None:
    lanes, under_way, seen = lanes_of(at_once=10**6), 0, 0
    for row in range(100_000):
        feed(lanes, row, f"lane {row % 5000}")
    last: dict[str, int] = defaultdict(lambda: -1)
    while taken := lanes.take(0, 64):
        for lane, waiting in taken:
            assert last[lane.name] < waiting.row
            last[lane.name] = waiting.row
            lanes.done(lane, waiting.row, 0)
        seen += len(taken)
        under_way = max(under_way, len(taken))
    assert (seen, under_way, len(lanes), lanes.open) == (100_000, 64, 0, 0)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["feed", "take", "take", "settle", "back"]),
        st.integers(0, 3),
        st.sampled_from([0.0, 0.0, 0.01, 0.3, 1.0, 2.5]),
    ),
    max_size=150,
)


@settings(max_examples=examples(60), deadline=None)
@given(STEPS, st.sampled_from([0.0, 0.5, 3.0]), st.sampled_from([0.0, 1.0, 5.0]))
def test_no_bucket_and_no_order_is_ever_broken(
    steps: list[tuple[str, int, float]], rate: float, chat_rate: float
) -> None:
    lanes, now, row = lanes_of(rate), 100.0, 0
    under_way: list[tuple[Lane, Waiting]] = []
    sent: dict[str, list[float]] = defaultdict(list)
    done: dict[str, list[int]] = defaultdict(list)
    for what, which, pause in steps:
        now += pause
        if what == "feed":
            row += 1
            feed(lanes, row, f"lane {which}", now, chat_rate=chat_rate, priority=which)
        elif what == "take":
            for lane, waiting in lanes.take(now, 10):
                assert lane.name not in {other.name for other, _ in under_way}
                under_way.append((lane, waiting))
                sent[lane.name].append(now)
                sent[ACCOUNT].append(now)
        elif under_way:
            lane, waiting = under_way.pop(which % len(under_way))
            if what == "settle":
                lanes.done(lane, waiting.row, now)
                done[lane.name].append(waiting.row)
            else:
                lanes.again(lane, waiting, now)
    for settled in done.values():
        assert settled == sorted(settled)
    for name, times in sent.items():
        limit = rate if name == ACCOUNT else chat_rate
        burst = max(1.0, rate) if name == ACCOUNT else max(1.0, min(chat_rate * 3, 3.0))
        if limit:
            assert_never_faster(times, limit, burst)
    assert drained(lanes, under_way, now) == row - sum(map(len, done.values()))


def assert_never_faster(times: Sequence[float], rate: float, burst: float) -> None:
    """Over any window there is at most the burst and what the rate gives in it."""
    for first in range(len(times)):
        for last in range(first, len(times)):
            allowed = burst + rate * (times[last] - times[first])
            assert last - first + 1 <= allowed + 1e-3


def drained(lanes: Lanes, under_way: list[tuple[Lane, Waiting]], now: float) -> int:
    """Settle everything, waiting as long as the lanes say; return how many rows that were."""
    count = 0
    while True:
        for lane, waiting in under_way:
            lanes.done(lane, waiting.row, now)
            count += 1
        under_way = lanes.take(now, 10)
        if not under_way:
            at = lanes.next_at(now)
            if at is None:
                return count
            assert at > now, "the lanes must not ask to be looked at again at once"
            now = at


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 5.0]), max_size=60), st.sampled_from([0.5, 2, 30]))
def test_a_bucket_gives_no_more_than_its_rate(pauses: list[float], rate: float) -> None:
    bucket, now = Bucket(rate, burst=3), 1.0
    times: list[float] = []
    for pause in pauses:
        now += pause
        if bucket.ready_at(now) <= now:
            bucket.take(now)
            times.append(now)
    assert_never_faster(times, rate, 3)


def test_a_clock_that_steps_back_takes_no_tokens() -> None:
    bucket = Bucket(1, burst=3)
    bucket.take(100)
    assert bucket.ready_at(50) == 50
    assert bucket.full_at(50) == 51
