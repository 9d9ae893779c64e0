"""A code for a client who lost the phone: from the console and by a program, to the end."""

import re

from storage import queries
from tests.web.console_kit import HTML, Browser, Desk, eventually
from tests.web.kit import LOG, OF, Api

CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}")
ANNAS_NEW = 777


async def _asks(noor: Browser, whom: str, trajectory: str = "anna-2026") -> tuple[int, str]:
    form = {"csrf": noor.csrf, "whom": whom}
    answer = await noor.http.post(f"/console/t/{trajectory}/lost", data=form, headers=HTML)
    return answer.status_code, answer.text


async def test_a_button_a_code_and_one_yes(desk: Desk, noor: Browser) -> None:
    assert 'name="whom" value="anna"' in (await noor.get("/t/anna-2026")).text
    status, page = await _asks(noor, "anna")
    assert status == 200
    (code,) = CODE.findall(page)
    new = desk.telegram.person(ANNAS_NEW, "Anna", started=True)
    await new.send(code)
    question = await desk.people["noor"].wait_for("The code for Anna came from Telegram", 5)
    old = desk.people["anna"]
    shown = len(old.screen())
    await desk.people["noor"].press(question.message_id, "Yes")
    await new.wait_for("from now on we reach you here", 5)
    await desk.people["noor"].wait_for("Anna goes on from another number or messenger", 5)
    await desk.people["noor"].send("anna: are you there?")
    await new.wait_for("are you there?", 5)
    await old.send("what do they write?")
    kinds = [line.kind for line in desk.log("anna-2026")]
    assert "endpoint_revoked" in kinds
    assert len([m for m in old.screen()[shown:] if not m.mine]) == 0


async def test_only_for_clients_of_her_own(desk: Desk, noor: Browser) -> None:
    assert (await _asks(noor, "noor"))[0] == 409
    assert (await _asks(noor, "carla"))[0] == 409
    assert (await _asks(noor, "carla", "carla-2026"))[0] == 404
    await eventually(lambda: not desk.people["carla"].screen())


async def test_a_program_gets_the_same_code(running: Api) -> None:
    made = await running.post(f"{OF}/lost", {"client": "anna"})
    assert made.status == 201
    assert CODE.fullmatch(str(made.data["code"]))
    assert str(made.data["expires_at"]) > "2026"
    refused = await running.post(f"{OF}/lost", {"client": "noor"})
    assert (refused.status, refused.code) == (409, "not_a_client")
    said = [line.text for line in queries.log(running.book.store, LOG)]
    assert not any(str(made.data["code"]) in (text or "") for text in said), "in no log"
