"""What the engine decides, case by case; `pytest --update-golden` writes what it decides now."""

from pathlib import Path

import pytest

from bridge.core import entries as e
from bridge.core.effects import Effect
from tests.core.cases import COMMANDS, FOLDER, played, read, written
from tests.core.shapes import kinds_in, members_of

CASES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_engine_decides_as_the_case_tells(path: Path, request: pytest.FixtureRequest) -> None:
    case = read(path)
    now = played(case)
    if request.config.getoption("--update-golden"):
        path.write_text(written(now))
    assert now.outcome == case.outcome or request.config.getoption("--update-golden")
    assert now.state == case.state or request.config.getoption("--update-golden")


def test_every_file_reads_as_it_is_written() -> None:
    for path in CASES:
        assert written(read(path)) == path.read_text(), path.name


def test_the_cases_give_every_command() -> None:
    given = {str(step["do"]) for path in CASES for step in read(path).steps}
    assert given >= set(COMMANDS)


@pytest.mark.parametrize(("union", "field"), [(e.Entry, "kind"), (Effect, "type")])
def test_the_cases_show_every_kind(union: object, field: str) -> None:
    shown = {kind for path in CASES for kind in kinds_in(read(path).outcome, field)}
    missing = {str(one.__struct_config__.tag) for one in members_of(union)} - shown
    assert missing <= {"party_added"}, missing
