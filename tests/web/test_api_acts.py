"""What a program does by the API: it says, changes, notes, reads, and moves what is planned."""

import json
import re
from datetime import timedelta
from functools import partial

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Choice
from bridge.core.notices import NoticeKey
from bridge.runtime.handle import handle
from bridge.runtime.texts import Catalogue
from storage import queries
from storage.audit import audit
from storage.unit import Unit
from tests.web.kit import ANNA_SAYS, LOG, OF, Api


async def test_a_message_reaches_the_log_and_its_readers(running: Api) -> None:
    answer = await running.post(f"{OF}/messages", {"text": "Hoi!", "reply_to": ANNA_SAYS})
    assert (answer.status, answer.data["repeated"]) == (201, False)
    line = list(queries.log(running.book.store, LOG))[-1]
    assert (line.seq, line.text, line.author) == (answer.data["seq"], "Hoi!", "noor")
    assert (line.network, line.reply_to) == ("api", ANNA_SAYS)
    assert [(d.party, d.state) for d in line.deliveries] == [("anna", "queued")]
    assert audit(running.book.store).holds


async def test_a_call_that_comes_twice_is_one_message(running: Api) -> None:
    said = {"text": "once"}
    first, again, other = [
        await running.post(f"{OF}/messages", said, Idempotency_Key=key)
        for key in ("key-00001", "key-00001", "key-00002")
    ]
    assert first.data["seq"] == again.data["seq"] != other.data["seq"]
    assert again.data["repeated"]
    without = [await running.post(f"{OF}/messages", said) for _ in range(2)]
    assert without[0].data["seq"] != without[1].data["seq"]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"text": ""}, "body.text"),
        ({"text": " \n "}, "body.text"),
        ({"text": "a\x00b"}, "body.text"),
        ({"text": "a\ud800b"}, "body.text"),
        ({"text": "x" * 20_001}, "body.text"),
        ({"text": 1}, "body.text"),
        ({}, "body.text"),
        ([], "body"),
        ({"text": "x", "reply_to": 0}, "body.reply_to"),
        ({"text": "x", "reply_to": 2**63}, "body.reply_to"),
        ({"text": "x", "secret": "words"}, "body.secret"),
    ],
)
async def test_what_is_not_as_described_is_named_and_not_repeated(
    running: Api, body: object, where: str
) -> None:
    answer = await running.post(f"{OF}/messages", body)
    assert (answer.status, answer.code) == (422, "not_as_described")
    assert str(answer.data["message"]).endswith(f": {where}.")
    assert len(list(queries.log(running.book.store, LOG))) == 13


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"text": "\xff"}', b"[" * 30_000])
async def test_what_is_no_json_is_refused(running: Api, body: bytes) -> None:
    answer = await running.call(
        "POST", f"{OF}/messages", data=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status in (400, 422)
    assert answer.code


async def test_an_answer_to_nothing_is_refused(running: Api) -> None:
    for seq in (1, 6, 9_999):  # an opening, a delivery, nothing
        answer = await running.post(f"{OF}/messages", {"text": "x", "reply_to": seq})
        assert (answer.status, answer.code) == (409, "no_such_message")


async def test_a_message_is_changed_withdrawn_and_reacted_to(running: Api) -> None:
    said = f"{OF}/messages/{(await running.post(f'{OF}/messages', {'text': 'one'})).data['seq']}"
    assert (await running.post(f"{said}/edit", {"text": "two"})).status == 201
    assert (await running.post(f"{OF}/messages/5/reactions", {"emoji": ["👍"]})).status == 201
    items = {item["seq"]: item for item in (await running.get(OF)).data["page"]["items"]}
    assert items[5]["reactions"] == [{"party": "noor", "name": "Noor", "emoji": ["👍"]}]
    changed = items[int(said.rpartition("/")[2])]
    assert (changed["text"], changed["edited"], changed["deleted"]) == ("two", ["one"], False)
    assert (await running.post(f"{said}/withdraw", None)).status == 201
    assert (await running.get(OF)).data["page"]["items"][-1]["deleted"]
    assert audit(running.book.store).holds


async def test_only_ones_own_messages_are_changed(running: Api) -> None:
    for path, body in (("5/edit", {"text": "mine"}), ("5/withdraw", None)):
        answer = await running.post(f"{OF}/messages/{path}", body)
        assert (answer.status, answer.code) == (409, "not_yours")
    for path, body in (("6/edit", {"text": "x"}), ("999/withdraw", None)):
        answer = await running.post(f"{OF}/messages/{path}", body)
        assert (answer.status, answer.code) == (409, "no_such_message")
    assert (await running.post(f"{OF}/messages/5/reactions", {"emoji": ["x y"]})).status == 422
    assert next(x for x in queries.log(running.book.store, LOG) if x.seq == 5).text is not None


async def test_nothing_is_said_in_a_closed_trajectory(running: Api) -> None:
    running.book.append(LOG, e.TrajectoryClosed())
    for act in ("messages", "notes"):
        answer = await running.post(f"{OF}/{act}", {"text": "x"})
        assert (answer.status, answer.code) == (409, "closed")
    assert (await running.get(OF)).status == 200


async def test_a_trajectory_is_ended_by_who_says_so_and_once(running: Api) -> None:
    assert (await running.post(f"{OF}/close", {"sure": False})).status == 422
    assert (await running.post(f"{OF}/close", {"sure": True})).status == 201
    answer = await running.post(f"{OF}/close", {"sure": True})
    assert (answer.status, answer.code) == (409, "closed")
    ending = (await running.get(f"{OF}/agreed")).data["ending"]
    assert (ending["closed"], ending["keep_days"], ending["until"]) == (True, 0, None)
    assert [(one["client"], one["choice"]) for one in ending["clients"]] == [("anna", "")]


async def test_a_session_that_was_held_is_logged(running: Api) -> None:
    answer = await running.post(f"{OF}/held", {"minutes": 45, "text": "We walked."})
    line = list(queries.log(running.book.store, LOG))[-1]
    assert line.seq == answer.data["seq"]
    assert (line.kind, line.minutes, line.text) == ("session_logged", 45, "We walked.")
    assert (await running.post(f"{OF}/held", {"minutes": 601})).status == 422


async def test_a_note_goes_to_nobody(running: Api) -> None:
    answer = await running.post(f"{OF}/notes", {"text": "ask about her boss"})
    line = list(queries.log(running.book.store, LOG))[-1]
    assert (line.seq, line.kind, line.text) == (
        answer.data["seq"],
        "note_added",
        "ask about her boss",
    )
    assert line.deliveries == ()


async def test_a_question_of_the_bridge_is_answered_by_its_key(running: Api) -> None:
    def ask(unit: Unit) -> int:
        options = (Choice("w1", NoticeKey.RECAP_WRITE), Choice("n", NoticeKey.RECAP_SKIP))
        params = {"name": "Anna"}
        key = NoticeKey.RECAP_OFFER
        asked = e.NoticeGiven(party="noor", notice=key, options=options, params=params)
        unit.append(LOG, [asked])
        state = unit.state(LOG)
        return state.seq if state is not None else 0

    seq = await running.writer.submit(ask)
    for number, key in ((seq, "w9"), (1, "w1"), (9_999, "w1")):
        answer = await running.post(f"{OF}/questions/{number}", {"key": key})
        assert (answer.status, answer.code) == (409, "unknown_question")
    assert (await running.post(f"{OF}/questions/{seq}", {"key": "w1"})).status == 201
    kinds = [line.kind for line in queries.log(running.book.store, LOG)][-3:]
    assert kinds[:2] == ["choice_made", "recap_started"]


async def test_a_read_mark_moves_forward_and_no_further_than_the_log(running: Api) -> None:
    running.book.say(LOG, "anna", "hello?", "72")
    card = (await running.get("/api/inbox")).data
    assert card["unread"] == 2
    assert (await running.post(f"{OF}/read", {"seq": 10**6})).data["seq"] == 15
    await running.post(f"{OF}/read", {"seq": 1})
    assert (await running.get("/api/inbox")).data["unread"] == 0


def _sign_in(name: str, person: str, unit: Unit) -> None:
    until = unit.now + timedelta(days=1)
    unit.sessions.put(name, f"hash {name}", person, "Firefox", until)


async def test_a_session_of_the_person_can_be_ended(running: Api) -> None:
    for name, person in (("aa", "noor"), ("bb", "anna")):
        await running.writer.submit(partial(_sign_in, name, person))
    listed = (await running.get("/api/sessions")).data["sessions"]
    assert [(s["id"], s["agent"]) for s in listed] == [("aa", "Firefox")]
    assert (await running.post("/api/sessions/bb/revoke", None)).status == 404
    assert (await running.post("/api/sessions/aa/revoke", None)).status == 201
    assert (await running.post("/api/sessions/aa/revoke", None)).status == 404
    assert (await running.get("/api/sessions")).data["sessions"] == []


async def test_a_step_is_agreed_and_noted_as_done_and_a_number_asked_for(running: Api) -> None:
    vague = await running.post(f"{OF}/steps", {"client": "anna", "text": "be confident"})
    assert (vague.status, vague.code) == (409, "how_noticed")
    new = {"client": "anna", "text": "be confident", "as_is": True}
    assert (await running.post(f"{OF}/steps", new)).status == 201
    (step,) = (await running.get(f"{OF}/agreed")).data["steps"]
    assert (step["text"], step["asked"]) == ("be confident", False)
    path = f"{OF}/steps/{step['seq']}"
    assert (await running.post(path, {"what": "nothing"})).status == 422
    assert (await running.post(path, {"what": "done"})).status == 201
    assert (await running.post(path, {"what": "done"})).code == "no_such_step"
    scale = {"client": "anna", "text": "how sure are you?"}
    assert (await running.post(f"{OF}/scales", scale)).status == 201
    assert (await running.post(f"{OF}/scales", scale | {"client": "bram"})).code == "not_a_client"
    assert audit(running.book.store).holds


async def test_prepaid_minutes_are_agreed_on_counted_and_read(running: Api) -> None:
    assert (await running.get(f"{OF}/agreed")).data["budget"] is None
    early = await running.post(f"{OF}/time", {"minutes": 5})
    assert (early.status, early.code) == (409, "no_budget")
    package = {"minutes": 300, "reason": "on paper"}
    for _ in range(2):  # the call that comes twice
        assert (await running.post(f"{OF}/package", package)).status == 201
    for minutes in (48, 48, -5):
        assert (await running.post(f"{OF}/time", {"minutes": minutes})).status == 201
    assert (await running.post(f"{OF}/time", {"minutes": -44})).code == "more_than_spent"
    assert (await running.post(f"{OF}/package", {"minutes": -301})).code == "more_than_granted"
    assert (await running.post(f"{OF}/time", {"minutes": 0})).code == "no_minutes"
    assert (await running.post(f"{OF}/time", {"minutes": 601})).status == 422
    assert (await running.post(f"{OF}/time/9", {"yes": True})).code == "nothing_proposed"
    found = (await running.get(f"{OF}/agreed")).data["budget"]
    assert (found["granted"], found["spent"], found["left"], found["low"]) == (300, 43, 257, False)
    lines = [(one["what"], one["minutes"], one["reason"]) for one in found["lines"]]
    assert lines == [("correction", -5, ""), ("noted", 48, ""), ("granted", 300, "on paper")]
    assert audit(running.book.store).holds


async def test_written_work_is_answered_by_a_program(running: Api) -> None:
    await running.post(f"{OF}/package", {"minutes": 300})
    for minutes, yes in ((7, False), (9, True)):
        written = c.CountWritten("noor", minutes, 3)
        await running.writer.submit(lambda unit: handle(unit, LOG, written, Catalogue()))  # noqa: B023 - awaited here
        (waits,) = (await running.get(f"{OF}/agreed")).data["budget"]["proposed"]
        assert (waits["coach"], waits["minutes"]) == ("noor", minutes)
        path = f"{OF}/time/{waits['seq']}"
        assert (await running.post(path, {"yes": yes})).status == 201
        assert (await running.post(path, {"yes": yes})).code == "nothing_proposed"
    assert (await running.get(f"{OF}/agreed")).data["budget"]["left"] == 291


async def test_the_document_describes_every_shape_it_names(running: Api) -> None:
    text = (await running.get("/api/openapi.json")).body.decode()
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named <= set(json.loads(text)["components"]["schemas"])


async def test_hours_and_the_stop_moment_are_set_and_let_go(running: Api) -> None:
    offer = {"kind": "phone", "hours": "mon-tue 09:00-12:00", "minutes": 25}
    assert (await running.post("/api/agenda/offer", offer)).status == 201
    week = {"week": "mon-fri 09:00-17:00", "stop": "17:30"}
    assert (await running.post("/api/agenda/work", week)).status == 201
    found = (await running.get("/api/agenda")).data
    assert (found["own_kinds"], found["own_work"]) == (["phone"], True)
    assert found["offered"]["kinds"][0]["minutes"] == 25
    assert (found["work"]["stop"], len(found["work"]["week"])) == (1050, 5)
    for path, wrong, code in (
        ("offer", offer | {"hours": "soon"}, "no_week"),
        ("offer", offer | {"hours": "mon 9-12 11-13"}, "overlap"),
        ("work", {"week": ""}, "no_week"),
        ("work", {"week": "mon 9-17", "stop": "09:00"}, "early_stop"),
    ):
        answer = await running.post(f"/api/agenda/{path}", wrong)
        assert (answer.status, answer.code) == (409, code)
    for name in ("work", "phone"):
        assert (await running.post("/api/agenda/usual", {"name": name})).status == 201
    found = (await running.get("/api/agenda")).data
    assert (found["own_kinds"], found["own_work"], found["work"]) == ([], False, None)
    assert (await running.post("/api/agenda/usual", {"name": "work"})).code == "gone"
