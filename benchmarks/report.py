"""docs/performance.md from what was collected: pure, one function per section."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from benchmarks.samples import (
    BARE,
    BRIDGE,
    BURST,
    COMMIT,
    FAR,
    GROWTH,
    MODES,
    RELAYS,
    SIZE,
    SLOW,
    STEADY,
    Collected,
    Sample,
    middle,
    paired,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MISSING = "–"


def render(collected: Collected) -> str:
    """Write the whole page; sections without samples are left out."""
    sections = (
        head(collected),
        bars(collected),
        throughput(collected),
        steady(collected),
        far(collected),
        growth(collected),
        size(collected),
        profile(collected),
        correctness(collected),
        method(collected),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Write a Markdown table; every column but the first is numbers, set right."""
    rule = ["---", *["--:"] * (len(heads) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, rule, *rows])


def times(ratio: float | None) -> str:
    """Write a ratio."""
    return MISSING if ratio is None else f"{ratio:.2f} ×"


def _rate(sample: Sample) -> float:
    return sample.rate


def _cpu(sample: Sample) -> float:
    return sample.cpu


def _seconds(sample: Sample) -> float:
    return 1 / sample.rate


def _p99(sample: Sample) -> float:
    return sample.result.p99_ms


def head(collected: Collected) -> str:
    """Write what this is and where it comes from."""
    return (
        "# Performance\n\n"
        "<!-- written by `make bench`; do not edit -->\n\n"
        f"Measured on {collected.date} with `{collected.command}`.\n\n"
        f"Machine: {collected.machine}."
        + "".join(f"\n\n**Did not work:** {failure}." for failure in collected.failures)
    )


def bars(collected: Collected) -> str:
    """Write every bar, what was reached, and whether it holds."""
    rows: list[list[str]] = []

    def bar(what: str, limit: str, reached: float | None, shown: str, holds: bool) -> None:
        if reached:
            rows.append([what, limit, shown, "yes" if holds else "**no**"])

    for mode in MODES:
        burst = collected.of(BURST, BRIDGE, mode)
        ratio = paired(burst, collected.of(BURST, BARE, mode), _rate)
        bar(f"messages/s against the bare bot, {mode}", "≥ 3 ×", ratio, times(ratio),
            (ratio or 0) >= 3)  # fmt: skip
        cpu = middle(burst, _cpu) * 1e6
        bar(f"CPU per message, all at once, {mode}", "≤ 400 µs", cpu, f"{cpu:.0f} µs", cpu <= 400)
        p99 = middle(collected.of(STEADY, BRIDGE, mode), _p99)
        bar(f"p99 latency at 100 messages/s, {mode}", "≤ 25 ms", p99, f"{p99:.1f} ms", p99 <= 25)
        rate = middle(collected.of(FAR, BRIDGE, mode), _rate)
        bar(f"messages/s, API 50 ms away, 100 chats, {mode}", "≥ 1,000", rate, f"{rate:,.0f}",
            rate >= 1000)  # fmt: skip
    entries = max((sample.entries for sample in collected.samples), default=0)
    if entries:
        for what, value in (("CPU", _cpu), ("time", _seconds)):
            grown = paired(collected.of(GROWTH, entries=entries), collected.of(GROWTH), value)
            bar(f"{what} per message with {entries:,} entries against an empty log", "≤ 1.20 ×",
                grown, times(grown), (grown or 0) <= 1.2)  # fmt: skip
    many = collected.of(SIZE)
    memory = max((sample.resident_mb for sample in many), default=0.0)
    bar(f"resident memory with {collected.trajectories:,} trajectories", "≤ 120 MB", memory,
        f"{memory:.0f} MB", memory <= 120)  # fmt: skip
    ready = middle(many or collected.of(BURST), lambda sample: sample.ready)
    bar("from start to ready", "≤ 1.5 s", ready if collected.of(BURST) or many else None,
        f"{ready:.2f} s", ready <= 1.5)  # fmt: skip
    load = collected.apply_seconds
    bar(f"`apply` of {collected.trajectories:,} trajectories", "≤ 60 s", load, f"{load:.1f} s",
        load <= 60)  # fmt: skip
    if not rows:
        return ""
    return "## The bars\n\n" + table(["what", "bar", "reached", "holds"], rows)


def throughput(collected: Collected) -> str:
    """Compare how fast a heap of messages is relayed."""
    rows = []
    for mode in MODES:
        for relay in RELAYS:
            cell = collected.of(BURST, relay, mode)
            if cell:
                bare = collected.of(BURST, BARE, mode)
                rows.append(
                    [f"{relay}, {mode}", f"{middle(cell, _rate):,.0f}",
                     times(paired(cell, bare, _rate)), f"{middle(cell, _cpu) * 1e6:,.0f}",
                     times(paired(bare, cell, _cpu))]
                )  # fmt: skip
    if not rows:
        return ""
    return (
        "## All messages at once\n\n"
        "100 chats, every message goes to one other chat. The bare bots store nothing, or make\n"
        "one SQLite commit (WAL, `synchronous=FULL`) per message; the bridge does all it does.\n\n"
        + table(
            [
                "relay",
                "messages/s",
                "against the bare bot",
                "CPU µs a message",
                "CPU, bare bot ÷ it",
            ],
            rows,
        )
    )


def steady(collected: Collected) -> str:
    """Compare the latency at a steady rate."""
    rows = []
    for mode in MODES:
        for relay in RELAYS:
            cell = collected.of(STEADY, relay, mode)
            if cell:
                rows.append(
                    [f"{relay}, {mode}", f"{middle(cell, lambda s: s.result.p50_ms):.1f}",
                     f"{middle(cell, _p99):.1f}", f"{middle(cell, lambda s: s.result.max_ms):.1f}",
                     f"{middle(cell, _cpu) * 1e6:,.0f}"]
                )  # fmt: skip
    if not rows:
        return ""
    return (
        "## A steady 100 messages/s\n\n"
        "Latency from the moment a person's message exists until the partner's message arrives.\n\n"
        + table(["relay", "p50 ms", "p99 ms", "slowest ms", "CPU µs a message"], rows)
    )


def far(collected: Collected) -> str:
    """Compare what a far API and one slow chat do to the others."""
    rows = []
    for mode in MODES:
        for relay in (BRIDGE, BARE):
            cell, slow = collected.of(FAR, relay, mode), collected.of(SLOW, relay, mode)
            if cell:
                rows.append(
                    [f"{relay}, {mode}", f"{middle(cell, _rate):,.0f}",
                     f"{middle(cell, lambda s: s.result.finish_median):.2f}",
                     f"{middle(cell, lambda s: s.result.finish_slowest):.2f}",
                     f"{middle(slow, _p99):,.0f}"]
                )  # fmt: skip
    if not rows:
        return ""
    return (
        "## An API 50 ms away\n\n"
        "Every API call takes 50 ms, 100 chats. A chat keeps its order, so one chat can do at\n"
        "most 20 messages/s and all of them 2,000. The last column: 100 messages/s, one chat's\n"
        "sends take a second, and the p99 latency is that of the *other* chats.\n\n"
        + table(
            ["relay", "messages/s", "median chat done s", "slowest chat done s", "others' p99 ms"],
            rows,
        )
    )


def growth(collected: Collected) -> str:
    """Compare the cost of a message as the log grows."""
    empty = collected.of(GROWTH)
    if not empty:
        return ""
    rows = []
    sizes = sorted({sample.entries for sample in collected.samples if sample.scenario == GROWTH})
    for entries in sizes:
        cell = collected.of(GROWTH, entries=entries)
        rows.append(
            [f"{entries:,}", f"{middle(cell, _rate):,.0f}", f"{middle(cell, _cpu) * 1e6:,.0f}",
             times(paired(cell, empty, _seconds)), times(paired(cell, empty, _cpu))]
        )  # fmt: skip
    heads = ["entries before", "messages/s", "CPU µs a message", "time against empty",
             "CPU against empty"]  # fmt: skip
    return "## As the log grows\n\nPolling, all at once.\n\n" + table(heads, rows)


def size(collected: Collected) -> str:
    """Write what many trajectories cost."""
    cell = collected.of(SIZE)
    if not cell:
        return ""
    rows = [
        ["`coachbridge apply`, s", f"{collected.apply_seconds:.1f}"],
        ["from start to ready, s", f"{middle(cell, lambda s: s.ready):.2f}"],
        ["resident memory after the messages, MB",
         f"{max(sample.resident_mb for sample in cell):.0f}"],
        ["messages/s, all at once", f"{middle(cell, _rate):,.0f}"],
    ]  # fmt: skip
    return f"## {collected.trajectories:,} trajectories\n\n" + table(["what", "value"], rows)


def profile(collected: Collected) -> str:
    """Write where the bridge's time goes."""
    if not collected.profile:
        return ""
    stages, tops = (
        [[name, f"{share:.1%}"] for name, share in sorted(found.items(), key=lambda one: -one[1])]
        for found in (collected.stages, collected.profile)
    )
    return (
        "## Where the bridge's time goes\n\n"
        "A run of its own in polling mode, all messages at once, watched from outside by py-spy;\n"
        "threads that wait are not counted. First by what is being done, then by the code on top\n"
        "of the stack (time in C counts for its caller; `python` is the standard library, and the\n"
        "event loop's own work counts for what runs it).\n\n"
        + table(["what", "share"], stages)
        + "\n\n"
        + table(["code", "share"], tops[:25])
    )


def correctness(collected: Collected) -> str:
    """Sum up what went wrong, by relay."""
    faults: list[tuple[str, Callable[[Sample], int]]] = [
        ("lost", lambda s: s.result.lost),
        ("doubled", lambda s: s.result.doubled),
        ("out of order", lambda s: s.result.disordered),
        ("to the wrong chat", lambda s: s.result.misrouted),
    ]
    rows = []
    for relay in (BRIDGE, BARE, COMMIT):
        cell = [sample for sample in collected.samples if sample.relay == relay]
        if cell:
            total = sum(sample.result.messages for sample in cell)
            counts = [str(sum(count(sample) for sample in cell)) for _, count in faults]
            rows.append([relay, f"{total:,}", *counts])
    if not rows:
        return ""
    audited = (
        "" if collected.failures else "`coachbridge audit` passed after the runs of the bridge.\n\n"
    )
    return (
        "## What the fake server saw\n\n"
        + (audited if any(sample.relay == BRIDGE for sample in collected.samples) else "")
        + table(["relay", "messages", *[name for name, _ in faults]], rows)
    )


def method(collected: Collected) -> str:
    """Write how the figures come about."""
    busy = max(chain([0.0], (sample.result.server_busy for sample in collected.samples)))
    return (
        "## How it is measured\n\n"
        f"Medians of {collected.rounds} interleaved rounds; a ratio is the median of the ratios\n"
        "within a round. Each run is a fresh process against a fresh fake Bot API server\n"
        "(`benchmarks/fast_server.py`), which has a core of its own and was busy for at most\n"
        f"{busy:.0%} of a run; the relay has the other cores. The relays reach it over loopback.\n"
        "CPU is user plus system time of the relay's processes. Compare ratios, not absolute\n"
        "figures, between machines; where something else loads the machine, CPU moves less than\n"
        "messages/s does."
    )
