"""The section of docs/performance.md about what is due at once, and how it stays there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BEGIN: Final = "<!-- due: begin; written by `python -m benchmarks.due` -->"
END: Final = "<!-- due: end -->"
AIM: Final = 2_000
REPLY_MS: Final = 100


class Result(msgspec.Struct, frozen=True):
    """What became of the nudges that were due; CPU is user and system time of one decision."""

    store: str
    workers: int
    due: int
    given: int
    withheld: int
    postponed: int
    seconds: float
    decided_per_second: float
    worker_cpu_us: int
    database_cpu_us: int
    replies: int
    reply_p50_ms: float
    reply_p99_ms: float
    reply_max_ms: float
    killed: int
    stopped: int
    faults: tuple[str, ...]


def section(results: Sequence[Result], date: str, machine: str) -> str:
    """Write the section, with its marks."""
    rows = "\n".join(_row(one) for one in results)
    return f"""{BEGIN}
## Many nudges due at once

Measured on {date} with `python -m benchmarks.due`. Machine: {machine}.
Everything is due within one minute, a third of the clients has quiet hours by then. All workers
decide, and one of them also answers a client every 50 ms, which is the reply measured here.
PostgreSQL counted its tables before (ANALYZE), as its autovacuum does by itself. Aim:
{AIM:,} decisions/s, a reply within {REPLY_MS} ms.

| store | workers | killed, stopped | due | decisions/s | CPU µs, worker | CPU µs, database | \
reply p50 ms | p99 ms | slowest ms | faults |
| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
{rows}

A reply that is slower than the 99th of 100 met the restart of a worker, or waited for the database
to end the session of a stopped one. Judged by the log and `coachbridge audit`: each timer has one
effect, none is early, none in quiet hours.
{END}
""".replace("| \\\n", "| ")


def _row(one: Result) -> str:
    figures = [
        one.store,
        str(one.workers),
        f"{one.killed}, {one.stopped}",
        f"{one.due:,}",
        f"{one.decided_per_second:,.0f}",
        str(one.worker_cpu_us),
        str(one.database_cpu_us) if one.database_cpu_us else "–",
        *(f"{ms:.0f}" for ms in (one.reply_p50_ms, one.reply_p99_ms, one.reply_max_ms)),
        str(len(one.faults)),
    ]
    return f"| {' | '.join(figures)} |"


def kept(page: str) -> str:
    """Return the section as it stands on a page, '' when there is none."""
    begin, end = page.find(BEGIN), page.find(END)
    return page[begin : end + len(END)] + "\n" if 0 <= begin < end else ""


def put(page: str, text: str) -> str:
    """Return a page with this section instead of the one it has, or at its end."""
    old = kept(page)
    return page.replace(old, text) if old else f"{page.rstrip()}\n\n{text}"


def write(page: Path, text: str) -> None:
    """Put the section on the page in a file."""
    page.write_text(put(page.read_text() if page.exists() else "", text))
