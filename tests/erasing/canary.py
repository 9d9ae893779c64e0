"""Somebody who left something everywhere, and a look at every byte that could give them away."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from bridge.core import commands as c
from bridge.core.adapter import Raw
from bridge.core.content import Attachment
from bridge.core.endpoint import Place
from bridge.core.errors import ParseError
from bridge.core.nudges import NudgeKind, Wanted
from bridge.runtime import erasing
from storage import audit
from storage import tables as t
from tests.runtime.desk_kit import at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from bridge.core.inbound import Inbound
    from storage.engine import Store
    from storage.inbox import InboxRow
    from storage.unit import Unit
    from tests.runtime.desk_kit import FrontDesk

NAME, NUMBER, WORDS, FILE = "Kanariewit", "+31699887766", "zwaluwstaart", "snavelfoto"
ALL = (NAME, NUMBER, NUMBER[1:], WORDS, FILE)
OWN = Place("telegram", "main", f"{NUMBER}-own", "7")


def erase(desk: FrontDesk, person: str = "anna", trajectory: str = "") -> erasing.Erased:
    """Do what the command does."""

    def work(unit: Unit) -> erasing.Erased:
        return erasing.erase(
            unit, person, desk.catalogue, partial(parsed, desk), trajectory=trajectory
        )

    return desk.writer.run(work)


def replay(desk: FrontDesk) -> list[str]:
    """Do what every start does."""
    return erasing.replay(desk.store, desk.writer, desk.catalogue, partial(parsed, desk))


def parsed(desk: FrontDesk, row: InboxRow) -> Sequence[Inbound]:
    """Read a payload as the adapter would."""
    known = desk._inbounds.get(row.id)
    if known is None:
        raise ParseError("nothing of ours")
    return (known,)


def rows_of(store: Store) -> str:
    """Everything the tables hold, as text."""
    shown: list[str] = []
    with store.reading() as connection:
        for table in t.metadata.sorted_tables:
            shown += [
                f"{table.name} {tuple(row)!r}" for row in connection.execute(sa.select(table))
            ]
    return "\n".join(shown)


def at_rest(path: Path) -> bytes:
    """Every byte of the database and of what SQLite keeps beside it."""
    return b"".join(one.read_bytes() for one in sorted(path.glob("*.db*")))


def faults(store: Store) -> list[object]:
    """What the audit finds."""
    return [check for check in audit.audit(store).checks if not check.holds]


def leave_traces(desk: FrontDesk) -> None:
    """Anna is in three trajectories, one of them over; something waits in every table."""
    desk.people("noor", "bram", anna=NUMBER)
    desk.writer.run(lambda unit: unit.put_person("anna", NAME, "nl", "Europe/Amsterdam"))
    desk.trajectory("anna-2026", ["noor"], ["anna"])
    desk.trajectory("group", ["noor"], ["anna", "bram"])
    desk.trajectory("over", ["noor"], ["anna"])
    desk.do("anna-2026", c.BindPlace("anna", OWN))
    desk.do("over", c.BindPlace("anna", msgspec.structs.replace(OWN, thread="8")))
    desk.do("over", c.CloseTrajectory("done"))
    desk.says(NUMBER, WORDS, place=OWN)
    desk.do("anna-2026", *_plans(desk.now))
    desk.deliver()
    desk.says(NUMBER, f"{WORDS} and this waits in the outbox", place=OWN)
    desk.says(NUMBER, f"for whom? {WORDS}")
    desk.keep(desk.message(NUMBER, f"{WORDS}, not handled yet"))
    desk.writer.run(_more)


def _plans(now: datetime) -> tuple[c.Command, ...]:
    later = now.replace(hour=16)
    wanted = (Wanted(later, f"Suc6, {NAME}"),)
    return (
        c.PlanNudge("noor", "anna", NudgeKind.PROMPT, wanted),
        c.AgreeStep("noor", "anna", f"read {WORDS}", later, as_is=True),
    )


def _more(unit: Unit) -> None:
    unit.put_blob("anna-2026", "anna", "telegram", "main", Attachment("b1", FILE, name=FILE))
    unit.wait(f"{OWN.lane}", unit.now, "slow")
    unit.put_invite("i1", "link", "anna-2026", "anna", "client", "sms", ("h1",), unit.now)
    unit.pend_invite("i1", at(NUMBER), NUMBER)
    unit.stranger_seen(at(NUMBER), NAME, "nl")
    parked = unit.accept("sms", "main", [_raw(f'{{"To": "{NUMBER}", "Body": "{WORDS}"}}')], None)
    unit.finish(parked[0].id, "parked", reason="unknown_shape")


def _raw(text: str) -> Raw:
    return Raw(("parked:1",), text.encode())
