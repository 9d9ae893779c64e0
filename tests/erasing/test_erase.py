"""Somebody is erased from a store: nothing in it tells who they were, and the logs verify."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bridge.core import entries as e
from bridge.core.delivery import OPEN
from bridge.core.errors import BridgeError, ConfigError
from storage import backup, erasures, queries
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
