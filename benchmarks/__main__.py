"""`python -m benchmarks`: measure, and write docs/performance.md."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from benchmarks.due_report import kept, put
from benchmarks.processes import ROOT, BenchError, machine_line
from benchmarks.report import render
from benchmarks.run import DEFAULT, QUICK, Bench, Plan, every_relay, note
from benchmarks.samples import BRIDGE, RELAYS, Collected
from benchmarks.systems import Bridge

if TYPE_CHECKING:
    from collections.abc import Callable


PHASES = ("relays", "growth", "size", "profile")


def arguments() -> argparse.Namespace:
    """Read the command line; what is not given comes from the plan."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, only to see it work")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--messages", type=int, help="messages per run")
    parser.add_argument("--seconds", type=float, help="length of a run at 100 messages/s")
    parser.add_argument("--relays", nargs="+", choices=RELAYS, default=list(RELAYS))
    parser.add_argument("--only", nargs="+", choices=PHASES, default=list(PHASES))
    parser.add_argument("--directory", type=Path, help="where the databases go; a real disk")
    parser.add_argument("--seeder", help="module:function that fills a log")
    parser.add_argument("--coachbridge", default=str(Path(sys.executable).parent / "coachbridge"))
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.md")
    parser.add_argument("--json", type=Path, help="also write every sample here")
    return parser.parse_args()


def plan_of(args: argparse.Namespace) -> Plan:
    """Choose the plan and change what was given."""
    given = {
        name: value
        for name in ("rounds", "messages", "seconds", "directory", "seeder")
        if (value := getattr(args, name)) is not None
    }
    return msgspec.structs.replace(QUICK if args.quick else DEFAULT, **given)


def measure(args: argparse.Namespace, plan: Plan) -> Collected:
    """Run the chosen phases."""
    collected = Collected(
        command=shlex.join(["python", "-m", "benchmarks", *public(sys.argv[1:])]),
        date=datetime.now(UTC).date().isoformat(),
        machine=machine_line(plan.directory),
        rounds=plan.rounds,
        trajectories=plan.trajectories,
    )
    relays = list(every_relay(args.relays, args.coachbridge))
    bench = Bench(plan, collected)
    phases: list[tuple[str, Callable[[], None]]] = [("relays", lambda: bench.relays(relays))]
    if BRIDGE in args.relays:
        bridge = Bridge(args.coachbridge)
        phases += [
            ("growth", lambda: bench.growth(bridge)),
            ("size", lambda: bench.size(bridge)),
            ("profile", lambda: bench.profile(bridge)),
        ]
    for name, phase in phases:
        if name in args.only:
            try:
                phase()
            except BenchError as error:
                note(f"{name}: {error}")
                collected.failures.append(f"{name}: {str(error).splitlines()[0].rstrip(':')}")
    return collected


def public(words: list[str]) -> list[str]:
    """Leave paths of this machine out of the command that is printed in the report."""
    return [Path(word).name if word.startswith("/") else word for word in words]


def main() -> int:
    """Measure and write; 1 when something measured did not work (the report says what)."""
    args = arguments()
    if BRIDGE in args.relays and shutil.which(args.coachbridge) is None:
        note(f"{args.coachbridge} is not there: run 'make .venv' first, or leave the bridge out")
        return 2
    collected = measure(args, plan_of(args))
    before = kept(args.output.read_text()) if args.output.exists() else ""
    page = render(collected)
    args.output.write_text(put(page, before) if before else page)
    if args.json:
        args.json.write_bytes(msgspec.json.format(msgspec.json.encode(collected)))
    note(f"wrote {args.output}")
    return 1 if collected.failures else 0


if __name__ == "__main__":
    sys.exit(main())
