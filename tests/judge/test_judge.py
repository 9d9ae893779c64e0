"""Plant each fault the judge is there to find, and see that it finds that one and no other."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from tests.judge.judge import Json, Verdict, judge, together, token, tokens

NOOR, ANNA, BRAM = 111, 222, 333
PARTIES = {
    "anna-2026": {"noor": {NOOR}, "anna": {ANNA}},
    "bram-2026": {"noor": {NOOR}, "bram": {BRAM}},
}
BOT = 99


class Case:
    """A small true story, to be tampered with."""

    def __init__(self) -> None:
        self.journal: Json = {"said": [], "handed": [], "calls": [], "shown": []}
        self.logs: dict[str, list[Json]] = {"anna-2026": [], "bram-2026": []}
        self._seq = 0

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def say(self, trajectory: str, number: int, person: int, author: str, to: int) -> None:
        """Somebody says something, it is logged and shown to the other."""
        text = f"words {token(trajectory, number)}"
        party = {NOOR: "noor", ANNA: "anna", BRAM: "bram"}[to]
        seq = self._next()
        said = {"seq": seq, "what": "sent", "person": person, "text": text}
        self.journal["said"].append({**said, "update_ids": {BOT: seq}})
        self.journal["handed"].append({"bot": BOT, "update_id": seq, "confirmed": float(seq)})
        delivery = {"party": party, "state": "sent", "external_ids": [], "reason": ""}
        log = self.logs[trajectory]
        line = {"kind": "message_posted", "seq": len(log) + 1, "author": author, "text": text}
        log.append({**line, "deliveries": [delivery]})
        self.show(text, to)

    def show(self, text: str, chat: int, *, answered: bool = True) -> None:
        """The bot puts a text in a chat."""
        call = self._next()
        common = {"processed": True, "ok": True, "answered": answered}
        params = {"chat_id": chat, "text": text}
        self.journal["calls"].append(
            {"seq": call, "method": "sendMessage", "chat": chat, "params": params, **common}
        )
        seq = self._next()
        shown = {"seq": seq, "monotonic": float(seq), "chat": chat, "text": text, "call": call}
        self.journal["shown"].append(shown)

    def verdict(self, kills: tuple[float, ...] = ()) -> Verdict:
        """Ask the judge."""
        return judge(copy.deepcopy(self.journal), self.logs, PARTIES, kills)


@pytest.fixture
def case() -> Case:
    """Two trajectories of one coach, four messages, all well."""
    made = Case()
    made.say("anna-2026", 1, ANNA, "anna", NOOR)
    made.say("anna-2026", 2, NOOR, "noor", ANNA)
    made.say("bram-2026", 3, BRAM, "bram", NOOR)
    made.say("anna-2026", 4, ANNA, "anna", NOOR)
    return made


def only(verdict: Verdict, *kinds: str) -> None:
    """Exactly these kinds of complaint were made."""
    assert {complaint.partition(":")[0] for complaint in verdict.complaints} == set(kinds)
    if kinds:
        with pytest.raises(AssertionError):
            verdict.acquit()


def test_a_true_story_has_no_complaints(case: Case) -> None:
    verdict = case.verdict()
    verdict.acquit()
    assert (verdict.said, verdict.acknowledged, verdict.logged) == (4, 4, 4)


def test_tokens_are_found_in_any_text() -> None:
    assert tokens("a #x-1.2# b#y.30#c ##") == ["#x-1.2#", "#y.30#"]


def test_what_was_not_acknowledged_may_be_missing(case: Case) -> None:
    case.journal["handed"][3]["confirmed"] = None
    case.logs["anna-2026"].pop()
    case.journal["shown"].pop()
    only(case.verdict())


def test_lost_before_the_log(case: Case) -> None:
    case.logs["anna-2026"].pop()
    only(case.verdict(), "lost")


def test_lost_on_the_way_out(case: Case) -> None:
    case.journal["shown"].pop(1)
    only(case.verdict(), "lost")


def test_not_sent_and_said_so_is_not_lost(case: Case) -> None:
    case.journal["shown"].pop(1)
    case.logs["anna-2026"][1]["deliveries"][0]["state"] = "failed"
    only(case.verdict())


def test_still_open(case: Case) -> None:
    case.journal["shown"].pop(1)
    case.logs["anna-2026"][1]["deliveries"][0]["state"] = "uncertain"
    only(case.verdict(), "unsettled")


def test_doubled_in_the_log(case: Case) -> None:
    log = case.logs["anna-2026"]
    log.append({**log[-1], "seq": 4})
    only(case.verdict(), "duplicated")


def test_doubled_in_the_chat(case: Case) -> None:
    case.show(f"words {token('anna-2026', 4)}", NOOR)
    only(case.verdict(), "duplicated")


@pytest.mark.parametrize("excuse", ["no answer", "killed"])
def test_a_copy_is_pardoned_only_when_nobody_could_know_and_it_is_marked(
    case: Case, excuse: str
) -> None:
    kills: tuple[float, ...] = ()
    if excuse == "no answer":
        case.journal["calls"][-1]["answered"] = False
    else:
        kills = (float(case.journal["shown"][-1]["seq"]) + 0.5,)
    case.show(f"words {token('anna-2026', 4)}", NOOR)
    only(case.verdict(kills), "duplicated")
    case.logs["anna-2026"][-1]["deliveries"][0]["twice"] = True
    verdict = case.verdict(kills)
    verdict.acquit()
    assert len(verdict.pardoned) == 1


def test_a_mark_alone_excuses_nothing(case: Case) -> None:
    case.show(f"words {token('anna-2026', 4)}", NOOR)
    case.logs["anna-2026"][-1]["deliveries"][0]["twice"] = True
    only(case.verdict(), "duplicated")


def test_unexpected_in_the_log(case: Case) -> None:
    case.journal["said"].pop(0)
    assert "unexpected" in {c.partition(":")[0] for c in case.verdict().complaints}


def test_unexpected_in_the_chat(case: Case) -> None:
    case.show(token("anna-2026", 77), ANNA)
    only(case.verdict(), "unexpected")


def test_swapped_in_the_log(case: Case) -> None:
    log = case.logs["anna-2026"]
    log[0]["seq"], log[2]["seq"] = log[2]["seq"], log[0]["seq"]
    found = case.verdict().reordered
    assert any("in the log" in one for one in found)


def test_swapped_in_the_chat(case: Case) -> None:
    shown = case.journal["shown"]
    shown[0]["seq"], shown[3]["seq"] = shown[3]["seq"], shown[0]["seq"]
    only(case.verdict(), "reordered")


def test_edits_count_as_reaching_and_are_no_copies(case: Case) -> None:
    text = f"better {token('anna-2026', 9)}"
    case.journal["said"].append(
        {"seq": 90, "what": "edited", "person": ANNA, "text": text, "update_ids": {BOT: 90}}
    )
    case.journal["handed"].append({"bot": BOT, "update_id": 90, "confirmed": 90.0})
    line = {"kind": "message_edited", "seq": 4, "author": "anna", "text": text}
    deliveries = [{"party": "noor", "state": "sent", "external_ids": [], "reason": ""}]
    case.logs["anna-2026"].append({**line, "deliveries": deliveries})
    only(case.verdict(), "lost")
    call = {"seq": 91, "method": "editMessageText", "chat": NOOR, "params": {"text": text}}
    for _ in range(2):
        case.journal["calls"].append({**call, "processed": True, "ok": True, "answered": True})
    only(case.verdict())


Tamper = Callable[[Case], None]


def _leak_to_another_client(case: Case) -> None:
    case.show(f"words {token('anna-2026', 4)}", BRAM)


def _echo_to_the_author(case: Case) -> None:
    case.show(f"words {token('anna-2026', 4)}", ANNA)


def _leak_in_a_call_that_failed(case: Case) -> None:
    call = {"seq": 80, "method": "sendMessage", "chat": BRAM, "answered": True}
    params = {"reply_parameters": {"quote": f"re {token('anna-2026', 1)}"}, "text": "hello"}
    case.journal["calls"].append({**call, "params": params, "processed": True, "ok": False})


def _leak_into_another_log(case: Case) -> None:
    case.logs["bram-2026"].append({**case.logs["anna-2026"][0], "seq": 2, "deliveries": []})


def _wrong_author(case: Case) -> None:
    case.logs["anna-2026"][1]["author"] = "anna"
    case.logs["anna-2026"][1]["deliveries"][0]["state"] = "failed"


@pytest.mark.parametrize(
    "tamper",
    [
        _leak_to_another_client,
        _echo_to_the_author,
        _leak_in_a_call_that_failed,
        _leak_into_another_log,
        _wrong_author,
    ],
)
def test_leaks_and_wrong_names(case: Case, tamper: Tamper) -> None:
    tamper(case)
    assert case.verdict().misdirected


def test_journals_of_two_networks_are_one_in_order_of_time() -> None:
    def journal(*said: tuple[float, int, str]) -> Json:
        lines = [{"monotonic": at, "seq": seq, "text": text} for at, seq, text in said]
        calls: list[Json] = [{"monotonic": 9.0, "seq": 8, "chat": "U1"}]
        shown: list[Json] = [{"monotonic": 9.5, "seq": 9, "call": 8}]
        return {"said": lines, "handed": [], "calls": calls, "shown": shown}

    merged = together(journal((1.0, 1, "a"), (3.0, 2, "c")), journal((2.0, 1, "b")))
    assert [(one["seq"], one["text"]) for one in merged["said"]] == [(1, "a"), (2, "b"), (3, "c")]
    assert [one["call"] for one in merged["shown"]] == [one["seq"] for one in merged["calls"]]
