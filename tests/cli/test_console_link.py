"""`coachbridge console-link`: a link for a coach, and for nobody else."""

import re

import pytest

from bridge.runtime.sign_in import secret_hash, sign_in
from tests.cli.conftest import Folder


def test_a_coach_gets_a_link_that_works_once(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    link = folder.well("console-link", "noor").strip()
    found = re.fullmatch(r"http://127\.0\.0\.1:\d+/console/sign-in/([\w-]{32})", link)
    assert found
    code = found[1]
    with folder.opened() as offline:
        entered = offline.writer.run(lambda unit: sign_in(unit, code, "Firefox"))
        assert entered is not None
        assert entered[0] == "noor"
        assert offline.writer.run(lambda unit: sign_in(unit, code, "Firefox")) is None
        with offline.store.reading() as connection:
            kept = connection.exec_driver_sql("SELECT hash FROM web_sessions").scalars().all()
    assert kept == [secret_hash(entered[1])]


@pytest.mark.parametrize("person", ["anna", "nobody"])
def test_nobody_else_gets_one(folder: Folder, person: str) -> None:
    folder.well("apply", "practice.toml")
    ended = folder.run("console-link", person)
    assert ended.code == 1
    assert "is not the coach" in ended.err
    assert ended.out == ""
