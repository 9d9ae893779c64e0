"""Who was nudged when, what is planned, and the pace each person asks for, in one transaction.

1. The ledger is a projection of the log: ``bridge.runtime.nudging`` writes it from entries.
2. On PostgreSQL what is decided about a person is decided by one process at a time: caps count over
   all their trajectories, and two workers must not both find room for one more. Locks are taken in
   order of the names, all of a batch at once.
3. Words are not here, only their fingerprints under the master key, for as long as the key of their
   author exists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.nudges import Pace
from scheduling.calendar.quiet import QuietHours
from storage.codec import maybe_instant, maybe_micros, micros
from storage.sql import Sql, SqlIn, insert
from storage.time_tables import nudges as table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.transaction import Transaction


class LedgerRow(msgspec.Struct):
    """One nudge as it stands; instants in microseconds. The fields are the table's columns."""

    trajectory: str
    seq: int
    client: str
    coach: str
    kind: str
    state: str
    reason: str
    series: int
    due_at: int
    event_at: int | None
    settled_at: int | None
    given_seq: int
    answered_at: int | None
    answer_seq: int
    answer: str
    fingerprint: bytes | None


_NAMES = ", ".join(column.name for column in table.columns)
_OF_CLIENTS = SqlIn(
    f"SELECT {_NAMES} FROM nudges "  # noqa: S608 - our schema's names
    "WHERE client IN (*) AND state IN ('planned', 'given')"
)
_ROW = Sql(f"SELECT {_NAMES} FROM nudges WHERE trajectory = ? AND seq = ?")  # noqa: S608
_GIVEN = Sql(
    f"SELECT {_NAMES} FROM nudges WHERE trajectory = ? AND given_seq = ?"  # noqa: S608
)
_PLANNED = Sql(
    f"SELECT {_NAMES} FROM nudges WHERE trajectory = ? AND state = 'planned'"  # noqa: S608
)
_CHANGES = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if not c.primary_key)
_PUT = insert(table, end=f"ON CONFLICT (trajectory, seq) DO UPDATE SET {_CHANGES}")
_LOCK = SqlIn(
    "WITH k(client) AS (*) SELECT pg_advisory_xact_lock(hashtextextended('nudges ' || client, 0)) "
    "FROM k",
)
_WEEK = Sql(
    "SELECT state, COUNT(*), COUNT(answered_at) FROM nudges "
    "WHERE coach = ? AND settled_at > ? GROUP BY state"
)
_FORGET = Sql("UPDATE nudges SET fingerprint = NULL WHERE trajectory = ? AND coach = ?")

_PACE = "quiet_begins, quiet_ends, weekends, per_day, per_week, own_day, own_week"
_PACES = SqlIn(
    f"SELECT person, {_PACE}, paused_until, later_until FROM paces "  # noqa: S608
    "WHERE person IN (*)"
)
_PUT_FILE = Sql(
    "INSERT INTO paces (person, quiet_begins, quiet_ends, weekends, per_day, per_week) "
    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET "
    "quiet_begins = excluded.quiet_begins, quiet_ends = excluded.quiet_ends, "
    "weekends = excluded.weekends, per_day = excluded.per_day, per_week = excluded.per_week"
)
_PUT_OWN = Sql(
    "INSERT INTO paces (person, own_day, own_week, paused_until, later_until) "
    "VALUES (?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET "
    "own_day = excluded.own_day, own_week = excluded.own_week, "
    "paused_until = excluded.paused_until, later_until = excluded.later_until"
)
_PUT_TEMPLATE = Sql(
    "INSERT INTO nudge_templates (person, name, sealed, from_file) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (person, name) DO UPDATE SET sealed = excluded.sealed, "
    "from_file = excluded.from_file"
)
_TEMPLATES = Sql("SELECT name, sealed, from_file FROM nudge_templates WHERE person = ?")
_DROP_TEMPLATE = Sql("DELETE FROM nudge_templates WHERE person = ? AND name = ?")

EVERYBODY = ""
"""Whose pace holds for those who have none of their own."""


class PaceRow(msgspec.Struct, frozen=True):
    """What was said about somebody's pace; None = nothing. Minutes, and microseconds."""

    person: str = EVERYBODY
    quiet_begins: int | None = None
    quiet_ends: int | None = None
    weekends: bool | None = None
    per_day: int | None = None
    per_week: int | None = None
    own_day: int | None = None
    own_week: int | None = None
    paused_until: int | None = None
    later_until: int | None = None

    @property
    def by_file(self) -> tuple[int | None, int | None, bool | None, int | None, int | None]:
        """What the practice file says."""
        return self.quiet_begins, self.quiet_ends, self.weekends, self.per_day, self.per_week


def effective(own: PaceRow, default: PaceRow) -> Pace:
    """Return a person's pace: their own word, then the file's about them, then for everybody."""
    usual = Pace()
    quiet = QuietHours(
        begins=_first(own.quiet_begins, default.quiet_begins, usual.quiet.begins),
        ends=_first(own.quiet_ends, default.quiet_ends, usual.quiet.ends),
        weekends=bool(_first(own.weekends, default.weekends, usual.quiet.weekends)),
    )
    return Pace(
        quiet=quiet,
        per_day=_first(own.own_day, own.per_day, default.per_day, usual.per_day),
        per_week=_first(own.own_week, own.per_week, default.per_week, usual.per_week),
        paused_until=maybe_instant(own.paused_until),
        later_until=maybe_instant(own.later_until),
    )


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)


class Ledger:
    """Nudges, paces and templates within one transaction; rows are written by ``flush``."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._rows: dict[tuple[str, int], LedgerRow] = {}
        self._clients: dict[str, list[LedgerRow]] = {}
        self._paces: dict[str, PaceRow] = {}
        self._locked: set[str] = set()
        self._changed: dict[tuple[str, int], LedgerRow] = {}

    def fetch(self, clients: Iterable[str]) -> None:
        """Look at people for a decision, alone with them until the commit."""
        missing = sorted({client for client in clients if client not in self._clients})
        if not missing:
            return
        if not self._tx.sqlite:
            new = [(client,) for client in missing if client not in self._locked]
            list(_LOCK.rows(self._tx.connection, new))  # one after the other, as they stand
            self._locked.update(missing)
        self.flush()
        keys = [(client,) for client in missing]
        for client in missing:
            self._clients[client] = []
        for values in _OF_CLIENTS.rows(self._tx.connection, keys):
            row = self._keep(LedgerRow(*values))
            self._clients[row.client].append(row)
        self._fetch_paces(missing)

    def of(self, client: str) -> list[LedgerRow]:
        """Return what is planned for a person and what was given, over all trajectories."""
        self.fetch((client,))
        return [row for row in self._clients[client] if row.state in ("planned", "given")]

    def row(self, trajectory: str, seq: int) -> LedgerRow | None:
        """Return a nudge by the entry that planned it."""
        return self._rows.get((trajectory, seq)) or self._one(_ROW, trajectory, seq)

    def given(self, trajectory: str, seq: int) -> LedgerRow | None:
        """Return a nudge by the entry that gave it."""
        found = [
            r for r in self._changed.values() if (r.trajectory, r.given_seq) == (trajectory, seq)
        ]
        return found[0] if found else self._one(_GIVEN, trajectory, seq)

    def planned_in(self, trajectory: str) -> list[LedgerRow]:
        """Return what is planned in one trajectory."""
        self.flush()
        rows = _PLANNED.rows(self._tx.connection, trajectory)
        return [self._keep(LedgerRow(*values)) for values in rows]

    def counts(self, coach: str, since: datetime) -> tuple[int, int, int]:
        """Return how many of a coach were given, answered and withheld since a moment."""
        self.flush()
        rows = _WEEK.rows(self._tx.connection, coach, micros(since))
        found = {state: (number, answered) for state, number, answered in rows}
        given, answered = found.get("given", (0, 0))
        return given, answered, found.get("withheld", (0, 0))[0]

    def put(self, row: LedgerRow) -> None:
        """Write a row, new or changed."""
        kept = self._keep(row)
        self._changed[row.trajectory, row.seq] = kept
        mine = self._clients.get(row.client)
        if mine is not None and kept not in mine:
            mine.append(kept)

    def _one(self, statement: Sql, trajectory: str, seq: int) -> LedgerRow | None:
        rows = statement.rows(self._tx.connection, trajectory, seq)
        return self._keep(LedgerRow(*rows[0])) if rows else None

    def _keep(self, row: LedgerRow) -> LedgerRow:
        if row.fingerprint is not None:
            row.fingerprint = bytes(row.fingerprint)
        return self._rows.setdefault((row.trajectory, row.seq), row)

    def forget_words(self, trajectory: str, coach: str) -> None:
        """Forget what would tell words of a coach whose key is destroyed."""
        self.flush()
        _FORGET.run(self._tx.connection, trajectory, coach)
        self._rows.clear()
        self._clients.clear()

    # paces

    def _fetch_paces(self, people: Iterable[str]) -> None:
        missing = sorted({EVERYBODY, *people} - self._paces.keys())
        for values in _PACES.rows(self._tx.connection, [(person,) for person in missing]):
            self._paces[str(values[0])] = PaceRow(*values)
        for person in missing:
            self._paces.setdefault(person, PaceRow(person))

    def pace_row(self, person: str) -> PaceRow:
        """Return what was said about somebody's pace."""
        self._fetch_paces((person,))
        return self._paces[person]

    def pace(self, person: str) -> Pace:
        """Return the pace that holds for a person now."""
        return effective(self.pace_row(person), self.pace_row(EVERYBODY))

    def put_pace_of_file(self, row: PaceRow) -> None:
        """Keep what the practice file says; a person's own word stays."""
        self._paces.pop(row.person, None)
        _PUT_FILE.run(self._tx.connection, row.person, *row.by_file)

    def put_own_pace(self, person: str, pace: Pace) -> None:
        """Keep what a person asks for themselves; quiet hours stay as they are."""
        before = self.pace_row(person)
        known = self.pace(person)
        day = pace.per_day if pace.per_day != known.per_day else before.own_day
        week = pace.per_week if pace.per_week != known.per_week else before.own_week
        self._paces.pop(person)
        ends = maybe_micros(pace.paused_until), maybe_micros(pace.later_until)
        _PUT_OWN.run(self._tx.connection, person, day, week, *ends)

    # templates

    def templates(self, person: str) -> dict[str, str]:
        """Return a coach's own words for nudges, by name."""
        rows = _TEMPLATES.rows(self._tx.connection, person)
        sealer = self._tx.bridge_sealer
        return {
            name: sealer.open(bytes(sealed), template_bound(person, name)).decode()
            for name, sealed, _ in rows
        }

    def put_template(self, person: str, name: str, text: str, *, from_file: bool = False) -> None:
        """Keep a coach's own words for nudges; '' forgets them."""
        if not text:
            _DROP_TEMPLATE.run(self._tx.connection, person, name)
            return
        sealed = self._tx.bridge_sealer.seal(text.encode(), template_bound(person, name))
        _PUT_TEMPLATE.run(self._tx.connection, person, name, sealed, from_file)

    def fingerprint(self, text: str) -> bytes:
        """Return what is the same for the same words, whatever their case and marks."""
        folded = "".join(c for c in text.casefold() if c.isalnum())
        return self._tx.fingerprint("words of nudges", folded)

    def flush(self) -> None:
        """Write what changed."""
        if self._changed:
            rows = [msgspec.structs.astuple(row) for row in self._changed.values()]
            _PUT.run_many(self._tx.connection, rows)
            self._changed = {}


def template_bound(person: str, name: str) -> bytes:
    """Return what the words of a template are sealed for."""
    return f"nudge template {person} {name}".encode()
