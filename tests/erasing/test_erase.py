"""Somebody is erased from a store: nothing in it tells who they were, and the logs verify."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.delivery import OPEN
from bridge.core.endpoint import Place
from bridge.core.errors import BridgeError, ConfigError
from bridge.core.notices import NoticeKey
from bridge.core.speech import Connect, Say
from storage import backup, erasures, queries
from storage import tables as t
from tests.erasing.canary import (
    ALL,
    NAME,
    NUMBER,
    OWN,
    WORDS,
    at_rest,
    erase,
    faults,
    replay,
    rows_of,
)
from tests.runtime.desk_kit import FrontDesk, at

if TYPE_CHECKING:
    from pathlib import Path

    from storage.unit import Unit


def _run(desk: FrontDesk, statement: str) -> None:
    with desk.store.writer.begin() as connection:
        connection.exec_driver_sql(statement)


def test_before_it_anna_is_everywhere(canary: FrontDesk) -> None:
    shown = rows_of(canary.store)
    tables = {line.partition(" ")[0] for line in shown.splitlines() if NUMBER in line}
    assert tables >= {"endpoints", "places", "outbox", "states", "waits", "invites", "strangers"}
    assert not faults(canary.store)


def test_after_it_nothing_tells_who_she_was(canary: FrontDesk) -> None:
    done = erase(canary)
    assert set(done.trajectories) == {"anna-2026", "group", "over"}
    assert (done.files, done.endpoints) == (1, 1)
    assert done.messages >= 1
    shown = rows_of(canary.store)
    assert [word for word in ALL if word in shown] == []
    assert not faults(canary.store)


def test_no_byte_of_the_database_holds_her(canary: FrontDesk, database_url: str) -> None:
    """The files of a PostgreSQL server are its own: there, that it is written anew has to do."""
    erase(canary)
    assert backup.rewrite(database_url) == ""
    kept = at_rest(canary.store.file.parent) if canary.store.file is not None else b""
    assert [word for word in ALL if word.encode() in kept] == []


def test_her_words_are_erased_in_every_log_and_those_of_others_are_not(canary: FrontDesk) -> None:
    canary.says("noor", "a word of the coach", place=None)
    erase(canary)
    for name in ("anna-2026", "group", "over"):
        lines = list(queries.log(canary.store, name))
        assert not any(WORDS in str(line) or NUMBER in str(line) for line in lines)
        assert lines[-1].kind in ("party_erased", "delivery_changed", "notice_given")
        assert sum(line.kind == "party_erased" for line in lines) == 1
    said = [one for one in canary.log("anna-2026") if isinstance(one, e.MessagePosted)]
    assert said
    assert all(one.author != "anna" or WORDS not in str(one) for one in said)


def test_nothing_of_her_waits_any_more(canary: FrontDesk) -> None:
    before = len(canary.told("noor"))
    canary.says(NUMBER, f"{WORDS}, and this is not sent yet", place=OWN)
    erase(canary)
    assert canary.waiting() == {}
    open_rows = [row for row in queries.outbox(canary.store) if row.state in OPEN]
    assert [row for row in open_rows if row.party == "anna"] == []
    state = canary.writer.run(lambda unit: unit.state("anna-2026"))
    assert state is not None
    assert not state.nudges.planned
    assert not state.steps.open
    assert state.parties["anna"].place is None
    later = " ".join(canary.texts("noor")[before:])
    assert not any(word in later for word in ALL), later


def test_what_only_the_desk_had_to_say_to_her_is_not_sent(canary: FrontDesk) -> None:
    """A code for another messenger, say: it is in no log."""
    canary.says(NUMBER, "link", place=Place("telegram", "main", NUMBER))
    assert [row for row in queries.outbox(canary.store) if _waits_at_the_desk(row)]
    erase(canary)
    assert not [row for row in queries.outbox(canary.store) if _waits_at_the_desk(row)]


def _waits_at_the_desk(row: queries.OutboxLine) -> bool:
    return row.trajectory == "" and row.party == "anna" and row.state in OPEN


def test_what_was_said_of_her_on_the_telephone_is_not_said_again(canary: FrontDesk) -> None:
    """An answer is kept for some minutes, for a network that asks twice."""
    others = (Say("en", NoticeKey.CALL_GREET, {"name": "Bram"}),)
    hers = (Say("en", NoticeKey.CALL_GREET, {"name": NAME}),)
    dialled = (Connect(NUMBER, "+3197010200001", "1.greet", "1.rung"),)

    def keep(unit: Unit) -> None:
        for key, answer in (("1", others), ("2", hers), ("3", dialled)):
            unit.calls.put_answer("voice", "main", key, answer)

    canary.writer.run(keep)
    erase(canary)
    kept = canary.writer.run(lambda unit: [unit.calls.answer("voice", "main", k) for k in "123"])
    assert kept == [others, None, None]


NAMED_STILL = {"parties", "endpoints", "erasures"}
"""Where an id may stay: who took part, addresses that were drawn, and the ledger."""
FORGETTING = [
    *(one.c.person for one in t.metadata.sorted_tables if "person" in one.c),
    t.metadata.tables["availabilities"].c.coach,
]


@pytest.mark.parametrize(
    "whose", [one for one in FORGETTING if one.table.name not in NAMED_STILL], ids=str
)
def test_every_table_of_people_forgets_an_erased_one(
    canary: FrontDesk, whose: sa.Column[str]
) -> None:
    """Noor is a coach: signed in, with a program of hers, a question that stands, and the rest."""
    with canary.store.writer.begin() as connection:
        connection.execute(sa.delete(whose.table).where(whose == "noor"))
        connection.execute(sa.insert(whose.table).values(_filled(whose) | {whose.name: "noor"}))
    canary.writer.run(lambda unit: unit.registry_changed())
    erase(canary, "noor")
    with canary.store.reading() as connection:
        left = connection.execute(sa.select(whose.table).where(whose == "noor")).all()
    assert left == []


def _filled(whose: sa.Column[str]) -> dict[str, object]:
    """Return a value for each other column that must have one and says none by itself."""
    needed = [one for one in whose.table.c if not one.nullable and one.default is None]
    some = {sa.Text: "some text", sa.LargeBinary: b"sealed"}
    return {one.name: some.get(type(one.type), 1) for one in needed if one is not whose}


def test_who_was_erased_has_no_language_and_no_zone(canary: FrontDesk) -> None:
    erase(canary)
    known = canary.writer.run(lambda unit: unit.person("anna"))
    assert known is not None
    assert (known.name, known.language, known.time_zone) == ("anna", "en", "UTC")


def test_who_writes_from_her_number_later_is_a_stranger(canary: FrontDesk) -> None:
    erase(canary)
    before = canary.lines("anna-2026")
    canary.says(NUMBER, "hello again")
    assert canary.lines("anna-2026") == before
    assert canary.writer.run(lambda unit: unit.stranger(at(NUMBER))) is not None
    assert not faults(canary.store)


def test_a_second_time_there_is_nothing_left(canary: FrontDesk) -> None:
    erase(canary)
    logs = [len(canary.log(name)) for name in ("anna-2026", "group", "over")]
    assert erase(canary).nothing
    assert [len(canary.log(name)) for name in ("anna-2026", "group", "over")] == logs


def test_in_one_trajectory_she_stays_somebody_in_the_others(canary: FrontDesk) -> None:
    done = erase(canary, trajectory="over")
    assert done.trajectories == ("over",)
    assert not any(WORDS in str(line) for line in queries.log(canary.store, "over"))
    assert any(WORDS in str(line) for line in queries.log(canary.store, "anna-2026"))
    assert NAME in rows_of(canary.store)
    assert erase(canary, trajectory="over").nothing
    assert not faults(canary.store)


@pytest.mark.parametrize(("person", "trajectory"), [("nobody", ""), ("anna", "elsewhere")])
def test_what_is_not_there_is_said(canary: FrontDesk, person: str, trajectory: str) -> None:
    with pytest.raises(BridgeError, match=r"nobody|never"):
        erase(canary, person, trajectory)


def test_a_coach_can_be_erased(canary: FrontDesk) -> None:
    erase(canary, "noor")
    assert not faults(canary.store)
    assert all(
        not (isinstance(one, e.NudgePlanned) and one.text) for one in canary.log("anna-2026")
    )


# the ledger


def _lines(desk: FrontDesk) -> list[dict[str, str]]:
    assert desk.store.erasures is not None
    return [json.loads(line) for line in desk.store.erasures.read_text().splitlines()]


def test_the_file_has_what_the_table_has_and_no_words(canary: FrontDesk) -> None:
    erase(canary)
    lines = _lines(canary)
    assert {one["trajectory"] for one in lines} == {"", "anna-2026", "group", "over"}
    assert all(set(one) == {"store", "at", "trajectory", "person"} for one in lines)
    file = canary.store.erasures
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_destroyed_alone_is_in_the_ledger_too(canary: FrontDesk) -> None:
    canary.writer.run(lambda unit: unit.destroy_key("group", "anna"))
    assert [(one["trajectory"], one["person"]) for one in _lines(canary)] == [("group", "anna")]


def test_a_commit_that_fails_leaves_no_line(canary: FrontDesk) -> None:
    def work(unit: Unit) -> None:
        unit.destroy_key("group", "anna")
        raise LookupError

    with pytest.raises(LookupError):
        canary.writer.run(work)
    assert canary.store.erasures is not None
    assert not canary.store.erasures.exists()


def test_what_a_crash_kept_from_the_file_is_made_up_for(canary: FrontDesk) -> None:
    erase(canary)
    assert canary.store.erasures is not None
    whole = canary.store.erasures.read_bytes()
    canary.store.erasures.write_bytes(whole[:-20])
    assert replay(canary) == []
    assert sorted(canary.store.erasures.read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_damaged_line_stops_everything(canary: FrontDesk) -> None:
    erase(canary)
    assert canary.store.erasures is not None
    lines = canary.store.erasures.read_text().splitlines()
    canary.store.erasures.write_text("\n".join(["nonsense", *lines]) + "\n")
    with pytest.raises(ConfigError, match="line 1 of the ledger"):
        replay(canary)
    assert faults(canary.store)


def test_lines_of_another_store_are_left_alone(canary: FrontDesk) -> None:
    assert canary.store.erasures is not None
    canary.store.erasures.write_text(
        '{"store":"other","at":"2026-01-01T00:00:00Z","trajectory":"","person":"anna"}\n'
    )
    assert replay(canary) == []
    assert NAME in rows_of(canary.store)


def test_an_older_copy_is_erased_again(canary: FrontDesk) -> None:
    """The file alone knows: the store is as it was before."""
    with canary.store.reading() as connection:
        mine = erasures._store_id(connection)
    assert canary.store.erasures is not None
    canary.store.erasures.write_text(
        f'{{"store":"{mine}","at":"2026-01-01T00:00:00Z","trajectory":"","person":"anna"}}\n'
    )
    assert faults(canary.store), "the audit sees it before"
    assert replay(canary) == ["anna"]
    assert [word for word in ALL if word in rows_of(canary.store)] == []
    erased = [one for one in canary.log("group") if isinstance(one, e.PartyErased)]
    assert [one.how for one in erased] == ["ledger"]
    assert replay(canary) == []
    assert not faults(canary.store)


def test_where_an_older_copy_has_no_key_yet_there_never_is_one(canary: FrontDesk) -> None:
    """She took part in ``later`` after the copy was made, and was erased there."""
    with canary.store.reading() as connection:
        mine = erasures._store_id(connection)
    assert canary.store.erasures is not None
    canary.store.erasures.write_text(
        f'{{"store":"{mine}","at":"2026-01-01T00:00:00Z","trajectory":"later","person":"anna"}}\n'
    )
    assert replay(canary) == ["anna"]
    keys = sa.select(t.data_keys.c.wrapped).where(t.data_keys.c.trajectory == "later")
    with canary.store.reading() as connection:
        assert connection.execute(keys).all() == [(None,)]
    assert NAME in rows_of(canary.store), "elsewhere she is who she was"
    assert not faults(canary.store)


PLANTED = {
    "a key": "UPDATE data_keys SET wrapped = x'00', destroyed_at = NULL WHERE owner = 'anna'",
    "a name": "UPDATE people SET name = 'Kanariewit' WHERE id = 'anna'",
    "an endpoint": "UPDATE endpoints SET revoked_at = NULL WHERE person = 'anna'",
    "no line in the table": "DELETE FROM erasures WHERE trajectory = 'group'",
}


@pytest.mark.parametrize("what", PLANTED)
def test_the_audit_finds_what_came_back(canary: FrontDesk, what: str) -> None:
    erase(canary)
    statement = PLANTED[what]
    if canary.store.postgresql:
        statement = statement.replace("x'00'", "'\\x00'")
    _run(canary, statement)
    (found,) = faults(canary.store)
    assert getattr(found, "invariant", "") == "I13"


def test_the_audit_finds_a_line_that_the_file_lacks(canary: FrontDesk) -> None:
    erase(canary)
    assert canary.store.erasures is not None
    canary.store.erasures.unlink()
    (found,) = faults(canary.store)
    assert getattr(found, "invariant", "") == "I13"


def test_a_name_that_came_back_goes_at_the_next_start(canary: FrontDesk) -> None:
    erase(canary)
    _run(canary, PLANTED["a name"])
    canary.writer.run(lambda unit: unit.registry_changed())
    assert replay(canary) == ["anna"]
    assert NAME not in rows_of(canary.store)


def test_it_can_be_said_before_that_the_file_cannot_be_written(canary: FrontDesk) -> None:
    canary.store.erasures = _nowhere(canary)
    with pytest.raises(ConfigError, match=r"\[keys\] erasures"):
        erasures.prepare(canary.store)


def _nowhere(desk: FrontDesk) -> Path:
    assert desk.store.erasures is not None
    return desk.store.erasures.parent / "missing" / "x.erasures"
