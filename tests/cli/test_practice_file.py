"""The practice file: read whole, refused with every fault named."""

from pathlib import Path

import pytest

from bridge.cli.applying import complaint
from bridge.core.endpoint import Endpoint
from bridge.core.errors import ConfigError
from bridge.core.policy import Policy
from bridge.runtime.practice_file import read_practice

NOOR = '[[person]]\nid = "noor"\nname = "Noor"\nlanguage = "nl"\n'
ANNA = '[[person]]\nid = "anna"\nname = "Anna"\nendpoints = ["telegram:main:222"]\n'
TRAJECTORY = '[[trajectory]]\nid = "t"\ncoaches = ["noor"]\nclients = ["anna"]\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "practice.toml"


def test_a_practice_is_read(file: Path) -> None:
    file.write_text(NOOR + ANNA + TRAJECTORY)
    practice = read_practice(file)
    assert practice.person[1].places == (Endpoint("telegram", "main", "222"),)
    assert practice.trajectory[0].roles == (("noor", "coach"), ("anna", "client"))
    assert practice.trajectory[0].consent == "ask"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[person]]\nid = 3\nname = 'x'\n", ["[[person]] number 1, id", "int"]),
        ("[[person]]\nid = 'x'\n", ["[[person]] number 1", "name"]),
        (NOOR + "nickname = 'N'\n", ["[[person]] number 1", "nickname"]),
        ("[[persons]]\nid = 'x'\n", ["persons", "[[person]] and [[trajectory]]"]),
        ("[[person]\n", ["not valid TOML"]),
        (NOOR + NOOR, ["'noor'", "twice"]),
        (NOOR.replace('"Noor"', '" "'), ["'noor'", "name"]),
        (NOOR.replace('"nl"', '"fr"'), ["'noor'", "language", "en, nl"]),
        (NOOR + "time_zone = 'Mars/Olympus'\n", ["'noor'", "time_zone", "Europe/Amsterdam"]),
        (NOOR + "time_zone = '../etc/passwd'\n", ["time_zone"]),
        (NOOR.replace('"noor"', '"no or"'), ["person id 'no or'", "letters"]),
        (NOOR.replace('"noor"', '"bridge"'), ["'bridge'", "own name"]),
        (ANNA.replace("telegram:main:222", "telegram:222"), ["network:account:address"]),
        (ANNA + NOOR + 'endpoints = ["telegram:main:222"]\n', ["telegram:main:222", "'anna'"]),
        (NOOR + TRAJECTORY, ["[[trajectory]] 't'", "'anna'"]),
        (NOOR + ANNA + TRAJECTORY.replace('["anna"]', "[]"), ["'t'", "clients"]),
        (NOOR + ANNA + TRAJECTORY.replace('"anna"', '"noor"'), ["'noor'", "one role"]),
        (NOOR + ANNA + TRAJECTORY + "consent = 'yes'\n", ["[[trajectory]] number 1, consent"]),
        (NOOR + ANNA + TRAJECTORY + "allowed_networks = []\n", ["'t'", "at least one"]),
        (NOOR + ANNA + TRAJECTORY + "allowed_networks = ['icq']\n", ["'icq'", "telegram, matrix"]),
        (NOOR + ANNA + TRAJECTORY + "allowed_networks = ['sms', 'sms']\n", ["'sms'", "twice"]),
        (NOOR + ANNA + TRAJECTORY + "keep_days = -1\n", ["'t', keep_days", "0 = without an end"]),
        ("keep_days = 40000\n" + NOOR, ["keep_days: 40000"]),
        (NOOR + ANNA + TRAJECTORY + "status = 'over'\n", ["[[trajectory]] number 1, status"]),
        (ANNA.replace("telegram:main:222", "sms:main:0612345678"), ["sms:main", "country code"]),
        (ANNA.replace("telegram:main:222", "whatsapp:main:+31 6"), ["whatsapp:main", "+31"]),
        (ANNA.replace("telegram:main:222", "email:main:Anna@x.org"), ["lower case"]),
        (ANNA.replace("telegram:main:222", "email:main:anna"), ["no e-mail address"]),
        (NOOR + ANNA + TRAJECTORY.replace('"t"', '"a/b"'), ["trajectory id 'a/b'"]),
    ],
)
def test_a_fault_is_named_with_its_place(file: Path, text: str, words: list[str]) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as told:
        read_practice(file, complaint)
    assert str(file) in str(told.value)
    assert all(word in str(told.value) for word in words), str(told.value)


def test_a_missing_file_is_told(file: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        read_practice(file)


def test_all_faults_are_told_at_once(file: Path) -> None:
    file.write_text("".join(f"[[person]]\nid = '-{n}'\nname = 'x'\n" for n in range(8)))
    with pytest.raises(ConfigError, match="and 3 more"):
        read_practice(file)


def test_what_a_trajectory_allows_is_read(file: Path) -> None:
    people = NOOR + ANNA.replace("telegram:main:222", "email:main:anna@example.org")
    more = 'allowed_networks = ["email", "web", "voice"]\ncontent_on_weak_networks = false\n'
    file.write_text(people + TRAJECTORY + more)
    assert read_practice(file, complaint).trajectory[0].policy == Policy(
        ("email", "web", "voice"), False
    )
    file.write_text(people + TRAJECTORY)
    assert read_practice(file).trajectory[0].policy == Policy()


WORK = (
    '[person.work]\nmon = "09:00-12:30 13:30-17:00"\nwed = "13:00-21:00"\nstop = "21:30"\n'
    'holidays = ["2027-02-22/2027-02-24"]\n'
)


def test_hours_and_promises_are_read(file: Path) -> None:
    own = "[trajectory.promise]\nhours = 4\nsms = 24.5\nemail = 0\npace_days = 14\n"
    other = TRAJECTORY.replace('"t"', '"other"')
    agreed_by_all = 'holidays = ["2026-12-25"]\n[promise]\nhours = 8\n'
    file.write_text(
        agreed_by_all + NOOR + 'time_zone = "Europe/Amsterdam"\n' + WORK + ANNA
        + TRAJECTORY + own + other
    )  # fmt: skip
    practice = read_practice(file)
    one, two = (practice.agreed(table) for table in practice.trajectory)
    assert dict(one.within) == {"": 240, "sms": 1470, "email": 0}
    assert one.pace_days == 14
    assert dict(two.within) == {"": 480}
    work = one.work["noor"]
    assert work.zone == "Europe/Amsterdam"
    assert [(day.day, day.start, day.end) for day in work.week] == [
        (0, 540, 750), (0, 810, 1020), (2, 780, 1260)
    ]  # fmt: skip
    assert work.days_off == ("2026-12-25", "2027-02-22", "2027-02-23", "2027-02-24")
    assert work.stop == 1290


def test_nothing_is_promised_unless_the_file_says_so(file: Path) -> None:
    file.write_text(NOOR + ANNA + TRAJECTORY)
    practice = read_practice(file)
    agreed = practice.agreed(practice.trajectory[0])
    assert (dict(agreed.within), agreed.pace_days, dict(agreed.work)) == ({}, 0, {})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('holidays = ["Christmas"]\n' + NOOR, ["holidays", "'Christmas'", "2026-12-25"]),
        ('holidays = ["2026-12-31/2026-12-25"]\n' + NOOR, ["holidays", "2026-12-31"]),
        (NOOR + '[person.work]\nmon = "9-5"\n', ["'noor'", "work", "'9'", "09:00-12:30"]),
        (NOOR + '[person.work]\nmon = "24:30-25:00"\n', ["'noor'", "work", "24:30"]),
        (NOOR + '[person.work]\nmon = "17:00-09:00"\n', ["'noor'", "work", "end after it begins"]),
        (NOOR + '[person.work]\nstop = "18:00"\n', ["'noor'", "work", "no hour of work"]),
        (NOOR + WORK.replace("21:30", "09:00"), ["'noor'", "work", "stop moment"]),
        (NOOR + '[person.work]\nmonday = "09:00-17:00"\n', ["number 1, work", "monday"]),
        (NOOR + ANNA + TRAJECTORY + "[trajectory.promise]\nhours = -1\n", ["'t'", "promise"]),
        (NOOR + ANNA + TRAJECTORY + "[trajectory.promise]\nfax = 1\n", ["number 1, promise"]),
    ],
)
def test_a_fault_of_time_is_named_with_its_place(file: Path, text: str, words: list[str]) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as told:
        read_practice(file)
    assert all(word in str(told.value) for word in words), str(told.value)
