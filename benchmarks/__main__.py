"""`python -m benchmarks`: measure, and write docs/performance.md."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.processes import ROOT, BenchError, machine_line
from benchmarks.report import render
from benchmarks.run import DEFAULT, QUICK, Bench, Plan, every_relay, note
from benchmarks.samples import BRIDGE, RELAYS, Collected
from benchmarks.systems import Bridge


def arguments() -> argparse.Namespace:
    """Read the command line; what is not given comes from the plan."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, only to see it work")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--messages", type=int, help="messages per run")
    parser.add_argument("--seconds", type=float, help="length of a run at 100 messages/s")
    parser.add_argument("--relays", nargs="+", choices=RELAYS, default=list(RELAYS))
    parser.add_argument(
        "--only",
        nargs="+",
        choices=["relays", "growth", "size"],
        default=["relays", "growth", "size"],
    )
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
    if "relays" in args.only:
        bench.relays(relays)
    for relay in relays:
        if isinstance(relay, Bridge):
            if "growth" in args.only:
                bench.growth(relay)
            if "size" in args.only:
                bench.size(relay)
    return collected


def public(words: list[str]) -> list[str]:
    """Leave paths of this machine out of the command that is printed in the report."""
    return [Path(word).name if word.startswith("/") else word for word in words]


def main() -> int:
    """Measure and write; 2 when something measured did not work."""
    args = arguments()
    if BRIDGE in args.relays and shutil.which(args.coachbridge) is None:
        note(f"{args.coachbridge} is not there: run 'make .venv' first, or leave the bridge out")
        return 2
    try:
        collected = measure(args, plan_of(args))
    except BenchError as error:
        note(str(error))
        return 2
    args.output.write_text(render(collected))
    if args.json:
        args.json.write_bytes(msgspec.json.format(msgspec.json.encode(collected)))
    note(f"wrote {args.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
