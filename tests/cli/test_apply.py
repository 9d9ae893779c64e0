"""`apply`: everything the file says happens once, and what it no longer says is taken back."""

import json

import pytest

from tests.cli.conftest import PRACTICE, Folder


def log(folder: Folder, trajectory: str = "anna-2026") -> list[dict[str, object]]:
    return [json.loads(line) for line in folder.well("log", trajectory, "--json").splitlines()]


def kinds(folder: Folder, trajectory: str = "anna-2026") -> list[tuple[object, object]]:
    return [(line["kind"], line.get("party", "")) for line in log(folder, trajectory)]


BEGINNING = [
    ("trajectory_opened", ""),
    ("party_added", "noor"),
    ("endpoint_linked", "noor"),
    ("party_added", "anna"),
    ("endpoint_linked", "anna"),
    ("consent_given", "anna"),
]


def test_a_new_practice_is_written_into_the_log(folder: Folder) -> None:
    told = folder.well("apply", "practice.toml")
    assert "+ person noor\n" in told
    assert "+ endpoint telegram:main:222 of anna\n" in told
    assert "+ trajectory anna-2026\n" in told
    assert kinds(folder) == BEGINNING
    assert folder.run("audit").code == 0


def test_applying_again_changes_nothing(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    before = log(folder)
    assert folder.well("apply", "practice.toml") == "nothing changed\n"
    assert log(folder) == before


def test_a_new_endpoint_is_told_to_each_log_of_the_person(folder: Folder) -> None:
    second = PRACTICE + '[[trajectory]]\nid = "second"\ncoaches = ["noor"]\nclients = ["anna"]\n'
    folder.practice(second)
    folder.well("apply", "practice.toml")
    folder.practice(second.replace('"telegram:main:222"', '"telegram:main:222", "telegram:main:9"'))
    assert "+ endpoint telegram:main:9 of anna" in folder.well("apply", "practice.toml")
    assert kinds(folder)[-1] == ("endpoint_linked", "anna")
    assert kinds(folder, "second")[-1] == ("endpoint_linked", "anna")
    assert folder.run("audit").code == 0


def test_an_endpoint_that_leaves_the_file_is_revoked(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    folder.practice(PRACTICE.replace('["telegram:main:222"]', "[]"))
    assert "- endpoint telegram:main:222 of anna" in folder.well("apply", "practice.toml")
    assert kinds(folder)[-1] == ("endpoint_revoked", "anna")
    assert folder.well("apply", "practice.toml") == "nothing changed\n"
    folder.practice(PRACTICE)
    assert "+ endpoint telegram:main:222 of anna" in folder.well("apply", "practice.toml")


def test_an_endpoint_may_move_to_somebody_else(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    swapped = PRACTICE.replace("main:111", "main:x").replace("main:222", "main:111")
    folder.practice(swapped.replace("main:x", "main:222"))
    told = folder.well("apply", "practice.toml")
    assert told.count("- endpoint") == told.count("+ endpoint") == 2
    assert folder.well("apply", "practice.toml") == "nothing changed\n"


def test_the_order_of_endpoints_is_the_order_of_preference(folder: Folder) -> None:
    both = '"telegram:main:222", "telegram:main:9"'
    folder.practice(PRACTICE.replace('"telegram:main:222"', both))
    folder.well("apply", "practice.toml")
    turned = '"telegram:main:9", "telegram:main:222"'
    folder.practice(PRACTICE.replace('"telegram:main:222"', turned))
    assert folder.well("apply", "practice.toml").count("order") == 2
    assert folder.well("apply", "practice.toml") == "nothing changed\n"


def test_a_person_may_be_called_otherwise(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    folder.practice(PRACTICE.replace('"Anna"', '"Anna B."').replace('"en"', '"nl"'))
    told = folder.well("apply", "practice.toml")
    assert told == "~ person anna: name, language\n1 changed\n"


def test_parties_come_go_and_change_roles(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    bram = '[[person]]\nid = "bram"\nname = "Bram"\nendpoints = ["telegram:main:333"]\n'
    grown = PRACTICE.replace('clients = ["anna"]', 'clients = ["anna", "bram"]').replace(
        "[[trajectory]]", bram + "[[trajectory]]"
    )
    folder.practice(grown)
    assert "+ party bram of anna-2026: client" in folder.well("apply", "practice.toml")
    assert kinds(folder)[-3:] == [
        ("party_added", "bram"),
        ("endpoint_linked", "bram"),
        ("consent_given", "bram"),
    ]
    folder.practice(grown.replace('["anna", "bram"]', '["anna"]\nobservers = ["bram"]'))
    assert "~ party bram of anna-2026: observer" in folder.well("apply", "practice.toml")
    folder.practice(grown.replace('["anna", "bram"]', '["anna"]'))
    assert "- party bram of anna-2026" in folder.well("apply", "practice.toml")
    assert folder.well("apply", "practice.toml") == "nothing changed\n"
    assert folder.run("audit").code == 0


def test_consent_recorded_later_is_entered_once(folder: Folder) -> None:
    folder.practice(PRACTICE.replace('"recorded"', '"ask"'))
    folder.well("apply", "practice.toml")
    assert ("consent_given", "anna") not in kinds(folder)
    folder.practice(PRACTICE)
    assert "consent of anna in anna-2026: recorded" in folder.well("apply", "practice.toml")
    assert kinds(folder)[-1] == ("consent_given", "anna")


def test_what_the_file_does_not_name_is_left_and_reported(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    before = log(folder)
    folder.practice(PRACTICE.partition("[[trajectory]]")[0])
    told = folder.well("apply", "practice.toml")
    assert told == "! not in the file, left as they are: anna-2026\nnothing changed\n"
    assert log(folder) == before


def test_an_account_without_settings_is_pointed_out(folder: Folder) -> None:
    folder.practice(PRACTICE.replace("telegram:main:222", "telegram:other:222"))
    assert "! account telegram:other is not in the settings" in folder.well(
        "apply", "practice.toml"
    )


def test_what_is_allowed_is_an_entry_and_who_is_shut_out_is_named(folder: Folder) -> None:
    folder.well("apply", "practice.toml")
    folder.practice(PRACTICE + 'allowed_networks = ["matrix"]\ncontent_on_weak_networks = false\n')
    told = folder.well("apply", "practice.toml")
    assert "~ policy of anna-2026: matrix; links instead of words on weak networks" in told
    assert "! anna cannot be reached in anna-2026, which allows only matrix" in told
    assert log(folder)[-1]["details"] == {
        "allowed_networks": ["matrix"],
        "content_on_weak_networks": False,
    }
    assert "~" not in folder.well("apply", "practice.toml")
    wrong = folder.run("invite", "anna-2026", "anna", "--network", "telegram")
    assert wrong.code == 1
    assert "does not allow telegram" in wrong.err


def test_a_trajectory_is_ended_once_and_kept_for_as_long_as_the_file_said(folder: Folder) -> None:
    folder.practice(PRACTICE + "keep_days = 30\n")
    folder.well("apply", "practice.toml")
    assert log(folder)[-2]["details"] == {"days": 30}, "then the consent"
    folder.practice(PRACTICE + "keep_days = 60\n")
    told = folder.well("apply", "practice.toml")
    assert "~ anna-2026 is kept 60 days after it is closed\n" in told
    folder.practice(PRACTICE + 'keep_days = 60\nstatus = "closed"\n')
    assert "- trajectory anna-2026 is closed; its clients are asked" in folder.well(
        "apply", "practice.toml"
    )
    assert log(folder)[-1]["kind"] == "trajectory_closed"
    folder.practice(PRACTICE + 'keep_days = 90\nstatus = "closed"\n')
    assert folder.well("apply", "practice.toml") == "nothing changed\n"
    folder.practice(PRACTICE)
    assert "! trajectory anna-2026 is closed, left as it is" in folder.well(
        "apply", "practice.toml"
    )
    assert folder.run("audit").code == 0


def test_a_wrong_file_changes_nothing(folder: Folder) -> None:
    folder.practice(PRACTICE + "[[trajectory]]\n")
    ended = folder.run("apply", "practice.toml")
    assert ended.code == 2
    assert ended.err.startswith("coachbridge: ")
    assert ended.err.count("\n") == 1
    assert folder.run("log", "anna-2026").code == 1


@pytest.mark.slow
def test_a_large_practice_is_applied(folder: Folder) -> None:
    people = "".join(
        f'[[person]]\nid = "c{n}"\nname = "C"\nendpoints = ["telegram:main:{1000 + n}"]\n'
        for n in range(600)
    )
    trajectories = "".join(
        f'[[trajectory]]\nid = "t{n}"\ncoaches = ["noor"]\nclients = ["c{n}"]\n' for n in range(600)
    )
    folder.practice(PRACTICE.partition("[[trajectory]]")[0] + people + trajectories)
    assert "more\n1804 changed" in folder.well("apply", "practice.toml")
    assert folder.well("apply", "practice.toml") == "nothing changed\n"
    assert folder.run("audit").code == 0
