"""Prove over the data that the promises hold: what ``coachbridge audit`` prints and exits by.

1. Everything is read in one transaction, as it was at one moment; a serving process goes on
   beside it, and a store that was killed in the middle of its work is as sound as any other.
2. What normal operation can leave behind at any moment is never a finding; docs/audit.md says for
   each invariant what is looked at. What data cannot prove is listed as such.
3. Findings name ids, never words, addresses or keys.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.errors import StoreError
from storage import codec
from storage import tables as t
from storage.audits import intake, moments, registry, rows, secrecy, slots, totals, triggers
from storage.audits.chain import Chain
from storage.audits.deliveries import Deliveries, Line, Tallies, Told
from storage.audits.report import Audit, NotCheckable, Tally
from storage.audits.timeline import Timeline
from storage.reading import long_reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from storage.engine import Store
    from storage.keys import Keyring

PROMISES = {
    "I1": "every delivery we acknowledged is in exactly one log, or parked, exactly once",
    "I2": "nothing is acknowledged before it is committed; a forged delivery leaves no trace",
    "I3": "each send goes to a verified, not revoked, consenting party",
    "I4": "nothing reaches somebody who is no party",
    "I5": "in each lane the order of delivery is the order of the log",
    "I6": "each line ends for each recipient in exactly one state",
    "I7": "every log is whole from its first line to its last, also after erasure",
    "I8": "nothing is sent in the recipient's quiet hours",
    "I9": "STOP is final until START, for queued rows too",
    "I10": "what the bridge sent never comes back as a message",
    "I11": "no slot is given twice",
    "I12": "every timer that was due had exactly one effect",
    "I13": "words are readable only with a key that still exists; no recording without consent",
    "I14": "no token, secret or words in the application's own logs",
    "I15": "totals of time and money are what the log comes to",
    "I16": "one hostile sender cannot exhaust what others need",
}

_WHY_NOT = {
    "I2": "the data cannot show when a network was answered, nor what was turned away",
    "I14": "application logs are not in the store",
    "I16": "a matter of running, not of data",
}

NOT_CHECKABLE = tuple(NotCheckable(i, PROMISES[i], why) for i, why in _WHY_NOT.items())
CHECKED = tuple(i for i in PROMISES if i not in _WHY_NOT)


def audit(store: Store) -> Audit:
    """Judge every invariant that the data can prove. Raises StoreError when it cannot be read."""
    tallies = {i: Tally(i, PROMISES[i]) for i in CHECKED}
    keys = store.keyring()
    with long_reading(store) as connection:
        triggers.check(tallies["I7"], connection)
        secrecy.check_keys(tallies["I13"], connection, keys)
        secrecy.check_payloads(tallies["I13"], connection, keys)
        secrecy.check_blobs(tallies["I13"], connection)
        intake.check_rows(tallies["I1"], connection)
        intake.check_keys(tallies["I1"], connection)
        registry.check_endpoints(tallies["I3"], connection)
        registry.check_shown(tallies["I4"], connection)
        registry.check_lanes(tallies["I5"], connection, keys)
        registry.check_stuck(tallies["I6"], connection)
        moments.check_timers(tallies["I12"], connection)
        _Walk(tallies, connection, keys).run()
    checks = tuple(tally.check() for tally in tallies.values())
    return Audit(all(check.holds for check in checks), checks, NOT_CHECKABLE)


class _Walk:
    """Goes through all logs once, line by line, each with what the other tables say about it."""

    def __init__(self, tallies: dict[str, Tally], connection: sa.Connection, keys: Keyring) -> None:
        self._tallies = tallies
        self._connection = connection
        self._keys = keys
        self._lines = rows.lines(connection)
        self._changes = rows.changes(connection)
        self._sendings = rows.sendings(connection)
        self._reports = rows.reports(connection)
        self._parties = rows.parties(connection)
        self._places = rows.places(connection)
        self._arrivals = intake.Arrivals(tallies["I1"], tallies["I10"], connection, keys)
        self._slots = slots.Slots(tallies["I11"], connection)
        self._totals = totals.Totals(tallies["I15"], connection)
        self._rules = Tallies(
            tallies["I3"], tallies["I4"], tallies["I5"], tallies["I6"], tallies["I9"], tallies["I8"]
        )

    def run(self) -> None:
        """Judge every trajectory."""
        for head in rows.heads(self._connection):
            self._trajectory(head)
        self._arrivals.end()
        self._slots.end()
        self._totals.end()

    def _trajectory(self, head: rows.Head) -> None:
        chain = Chain(self._tallies["I7"], head.id)
        timeline = Timeline(head.id, _readable(self._changes.of(head.id)))
        deliveries = Deliveries(self._rules, timeline, self._alone)
        plans = moments.Plans(self._tallies["I12"], head.id)
        for row in self._lines.of(head.id):
            entry = secrecy.opened(self._tallies["I13"], self._connection, self._keys, row)
            chain.step(row, entry)
            sendings, reports = self._about(deliveries, row)
            if entry is not None:
                deliveries.step(Line(row, entry, sendings, _by_party(reports)))
                self._arrivals.step(row, entry)
                self._slots.step(head.id, row.seq, entry)
                self._totals.step(head.id, row.seq, entry)
                plans.step(row, entry)
        for out in self._sendings.of(head.id):
            deliveries.stray(out.where)
        for _, row in self._reports.of(head.id):
            deliveries.stray(row.where)
        plans.end(self._connection)
        chain.end(head, [*self._parties.of(head.id)], [*self._places.of(head.id)])

    def _about(
        self, deliveries: Deliveries, row: rows.EntryRow
    ) -> tuple[list[rows.OutRow], list[tuple[int, rows.EntryRow]]]:
        """Return what is known of a line's way out; what is about no line is a finding."""
        strays, sendings = self._sendings.until(row.trajectory, row.seq)
        lost, reports = self._reports.until(row.trajectory, row.seq)
        for where in [*(out.where for out in strays), *(report.where for _, report in lost)]:
            deliveries.stray(where)
        return sendings, reports

    def _alone(self, person: str, network: str) -> bool:
        c = t.endpoints.c
        query = sa.select(sa.func.count()).where(c.person == person, c.network == network)
        return self._connection.execute(query).scalar_one() <= 1


def _readable(
    lines: Iterable[rows.EntryRow],
) -> Iterator[tuple[int, datetime, e.Entry]]:
    """Yield entries without their words; what cannot be read is found elsewhere."""
    for row in lines:
        try:
            entry = codec.join_entry(row.kind, row.author, row.envelope, None)
        except StoreError:
            continue
        yield row.seq, codec.instant(row.at), entry


def _by_party(reports: Iterable[tuple[int, rows.EntryRow]]) -> dict[str, list[Told]]:
    told: dict[str, list[Told]] = defaultdict(list)
    for _, row in reports:
        for _, _, entry in _readable((row,)):
            if isinstance(entry, e.DeliveryChanged):
                told[entry.party].append(Told(row.seq, row.at, entry))
    return told
