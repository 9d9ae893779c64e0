"""Keys that wait before they move to their table are as good as those that are there."""

from functools import partial

import pytest

from bridge.core.adapter import Raw
from bridge.core.endpoint import Place
from storage import young
from storage.audit import audit
from storage.engine import Store
from storage.showings import Shown
from storage.unit import Unit
from storage.writer import Writer
from tests.storage.conftest import TRAJECTORY

HERE = Place("telegram", "main", "222")
FEW = 10


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a table's young rows move when they are ten."""
    monkeypatch.setattr(young, "MOST", FEW)


def _size(store: Store, table: str) -> int:
    with store.reading() as connection:
        found = connection.exec_driver_sql(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(found.scalar_one())


def _note(external_id: str, unit: Unit) -> None:
    _note_all(unit, external_id)


def _note_all(unit: Unit, *external_ids: str) -> None:
    for external_id in external_ids:
        unit.remember(HERE, (external_id,), TRAJECTORY, 2, "anna")


def _found(unit: Unit) -> list[str]:
    return [external for _, external in unit.externals(TRAJECTORY, 2, "anna")]


def test_ids_are_found_before_and_after_they_move(store: Store, practice: Writer) -> None:
    ids = [f"{number:02}" for number in range(25)]
    for number, external_id in enumerate(ids, start=1):
        practice.run(partial(_note, external_id))
        assert practice.run(_found) == ids[:number]
    for external_id in ids:
        assert practice.run(partial(_shown, external_id)) is not None
    if not store.postgresql:
        waiting = _size(store, "message_ids_young")
        assert waiting < FEW
        assert _size(store, "message_ids") + waiting == len(ids)
    assert audit(store).holds


def _shown(external_id: str, unit: Unit) -> Shown | None:
    return unit.shown(*_key(external_id))


def _key(external_id: str) -> tuple[str, str, str, str]:
    return (HERE.network, HERE.account, HERE.chat, external_id)


def test_a_repeat_is_known_whichever_table_its_key_is_in(practice: Writer) -> None:
    raws = [Raw((f"u{number}", f"m{number}"), b"{}") for number in range(23)]
    for raw in raws:
        assert len(practice.run(partial(_taken, raw))) == 1
    for raw in raws:
        again = Raw((raw.keys[1], "another"), b"{}")
        assert practice.run(partial(_taken, again)) == []


def _taken(raw: Raw, unit: Unit) -> list[int]:
    return [row.id for row in unit.accept("telegram", "main", [raw], None)]


@pytest.mark.parametrize("before", [0, FEW - 1])
def test_a_rollback_leaves_nothing_known(practice: Writer, before: int) -> None:
    practice.run(lambda unit: _note_all(unit, *map(str, range(before))))

    def fails(unit: Unit) -> None:
        _note_all(unit, "a", "b")
        unit.accept("telegram", "main", [Raw(("k",), b"{}")], None)
        unit.externals(TRAJECTORY, 2, "anna")  # which writes what waits
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        practice.run(fails)
    assert practice.run(partial(_shown, "a")) is None
    assert practice.run(_found) == [str(number) for number in range(before)]
    assert len(practice.run(partial(_taken, Raw(("k",), b"{}")))) == 1


def test_what_another_writer_noted_is_seen(store: Store, practice: Writer) -> None:
    practice.run(lambda unit: _note_all(unit, "1"))
    other = Writer(store)
    other.run(lambda unit: _note_all(unit, *map(str, range(2, 9))))
    assert practice.run(lambda unit: unit.shown(*_key("5"))) is not None
    other.run(lambda unit: _note_all(unit, *map(str, range(9, 15))))  # they move
    assert practice.run(lambda unit: unit.shown(*_key("5"))) is not None
    assert len(practice.run(_found)) == 14
    other.close()


def test_an_id_keeps_what_it_shows_when_it_is_noted_twice_at_once(practice: Writer) -> None:
    def work(unit: Unit) -> None:
        _note_all(unit, "7")
        unit.remember(HERE, ("7",), TRAJECTORY, 3, "anna")

    practice.run(work)
    practice.run(lambda unit: _note_all(unit, *map(str, range(20, 40))))  # they move
    shown = practice.run(lambda unit: unit.shown(*_key("7")))
    assert shown is not None
    assert shown.seq == 2
