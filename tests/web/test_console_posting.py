"""What a coach does in the console reaches the networks once, and stands in the log."""

import asyncio
import re

import httpx
import pytest

from bridge.core.delivery import DeliveryState
from storage.audit import audit
from tests.web.console_kit import HTML, JSON, Browser, Desk, browser, eventually

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def _keep(noor: Browser, data: bytes, mime: str, name: str) -> httpx.Response:
    return await noor.http.post(
        f"/console/t/anna-2026/files?name={name}",
        content=data,
        headers={**JSON, "x-csrf": noor.csrf, "content-type": mime},
    )


async def test_a_message_goes_to_the_clients_messenger_once(desk: Desk, noor: Browser) -> None:
    form = {"key": "once-and-never-again", "text": "Well done!\r\nKeep going 🌷"}
    first = await noor.post("/t/anna-2026/messages", **form)
    again = await noor.post("/t/anna-2026/messages", **form)
    assert first.json() == again.json()
    assert first.json()["refused"] == ""
    message = await desk.people["anna"].wait_for(lambda m: "Well done!" in m.text, 5)
    assert message.text == "Well done!\nKeep going 🌷"
    line = await desk.until("anna-2026", "Well done!\nKeep going 🌷")
    assert (line.author, line.network, line.seq) == ("noor", "console", first.json()["seq"])
    await asyncio.sleep(0.3)
    assert len([m for m in desk.people["anna"].screen() if "Well done" in m.text]) == 1
    assert not desk.people["noor"].screen()


async def test_without_scripts_a_form_leads_back_to_the_page(noor: Browser) -> None:
    form = {"csrf": noor.csrf, "key": "plain-form-1", "text": "Hello"}
    answer = await noor.http.post("/console/t/anna-2026/messages", data=form, headers=HTML)
    assert answer.status_code == 303
    assert re.fullmatch(r"/console/t/anna-2026#e-\d+", answer.headers["location"])
    assert "Hello" in (await noor.get("/t/anna-2026")).text


async def test_an_answer_shows_as_one_on_the_clients_phone(desk: Desk, noor: Browser) -> None:
    await desk.says("anna", "How shall I begin?")
    asked = await desk.until("anna-2026", "How shall I begin?")
    await noor.post(
        "/t/anna-2026/messages", key="an-answer-1", text="Small.", reply_to=str(asked.seq)
    )
    message = await desk.people["anna"].wait_for("Small.", 5)
    answered = next(line for line in desk.people["anna"].screen() if line.text == "Small.")
    assert answered.reply_to is not None
    assert message.text == "Small."
    page = (await noor.get("/t/anna-2026")).text
    assert f'class="quoted" href="#e-{asked.seq}"' in page


async def test_own_words_are_changed_withdrawn_and_hearted(desk: Desk, noor: Browser) -> None:
    posted = (await noor.post("/t/anna-2026/messages", key="to-be-changed", text="Tuesday?")).json()
    await desk.people["anna"].wait_for("Tuesday?", 5)
    path = f"/t/anna-2026/messages/{posted['seq']}"
    assert (await noor.post(path, what="edit", text="Wednesday?")).json()["refused"] == ""
    await eventually(
        lambda: not ("Wednesday?" not in [line.text for line in desk.people["anna"].screen()])
    )
    await desk.says("anna", "Fine")
    fine = await desk.until("anna-2026", "Fine")
    theirs = f"/t/anna-2026/messages/{fine.seq}"
    assert (await noor.post(theirs, what="react", emoji="👍")).json()["refused"] == ""
    refused = await noor.post(theirs, what="edit", text="Not fine")
    assert (refused.status_code, refused.json()["refused"]) == (409, "not_yours")
    assert (await noor.post(path, what="withdraw")).json()["refused"] == ""
    await eventually(
        lambda: "Wednesday?" not in [line.text for line in desk.people["anna"].screen()]
    )
    page = (await noor.get("/t/anna-2026")).text
    assert "changed once" in page
    assert "Withdrawn. It said:" in page
    assert "👍" in page


async def test_a_session_that_was_held_is_logged(desk: Desk, noor: Browser) -> None:
    assert (await noor.post("/t/anna-2026/held", minutes="0")).status_code == 400
    answer = await noor.post("/t/anna-2026/held", minutes="45", text="We walked.")
    assert answer.json()["refused"] == ""
    line = await desk.until("anna-2026", "We walked.")
    assert (line.kind, line.modality, line.minutes) == ("session_logged", "f2f", 45)
    page = (await noor.get("/t/anna-2026")).text
    assert "session of 45 minutes" in page


async def test_a_note_is_in_the_log_and_on_no_network(desk: Desk, noor: Browser) -> None:
    answer = await noor.post("/t/anna-2026/notes", text="Ask about sleep.")
    assert answer.json()["refused"] == ""
    line = await desk.until("anna-2026", "Ask about sleep.")
    assert (line.kind, line.author, line.deliveries) == ("note_added", "noor", ())
    await noor.post(
        "/t/anna-2026/messages", key="about-a-note", text="Slept well?", reply_to=str(line.seq)
    )
    await desk.people["anna"].wait_for(lambda m: "Slept well?" in m.text, 5)
    assert all("Ask about" not in line.text for line in desk.people["anna"].screen())
    page = (await noor.get("/t/anna-2026")).text
    assert "only for coaches" in page
    assert "Ask about sleep." in page


@pytest.mark.parametrize("voice", ["", "1"])
async def test_a_file_arrives_and_plays_in_the_page(desk: Desk, noor: Browser, voice: str) -> None:
    mime = "audio/ogg" if voice else "image/png"
    kept = await _keep(noor, PNG, mime, "first.png")
    assert kept.status_code == 201
    form = {"key": "with-a-file-1", "attachment": kept.json()["id"], "text": "", "voice": voice}
    posted = (await noor.post("/t/anna-2026/messages", **form)).json()
    assert posted["refused"] == ""
    await eventually(lambda: bool(desk.people["anna"].screen()))
    assert desk.people["anna"].screen()[0].kind == ("voice" if voice else "photo")
    page = (await noor.get("/t/anna-2026")).text
    found = re.search(r'src="/console/(files/anna-2026/up-[^"]+)"', page)
    assert found
    file = await noor.get("/" + found[1])
    assert file.content == PNG
    assert file.headers["content-type"] == mime
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert file.headers["x-content-type-options"] == "nosniff"
    async with browser(desk, "lars") as lars:
        assert (await lars.get("/" + found[1])).status_code == 404
        other = found[1].replace("anna-2026/", "carla-2026/", 1)
        assert (await lars.get("/" + other)).status_code == 404
        assert (await lars.get("/files/carla-2026/../anna-2026/1/file")).status_code == 404


@pytest.mark.parametrize(
    ("mime", "name"), [("image/svg+xml", "a.svg"), ("text/html", "a.html"), ("Text/HTML; x", "a")]
)
async def test_what_can_carry_scripts_is_never_shown_inline(
    noor: Browser, mime: str, name: str
) -> None:
    kept = await _keep(noor, SVG, mime, name)
    form = {"key": "hostile-file", "attachment": kept.json()["id"], "text": "look"}
    await noor.post("/t/anna-2026/messages", **form)
    file = await noor.get("/files/" + kept.json()["id"])
    assert file.content == SVG
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith("attachment;")
    page = (await noor.get("/t/anna-2026")).text
    assert "<img" not in page


async def test_a_file_that_is_too_big_or_not_hers_is_refused(desk: Desk, noor: Browser) -> None:
    assert (await _keep(noor, bytes(1_000_001), "image/png", "big.png")).status_code == 413
    kept = (await _keep(noor, PNG, "image/png", "a.png")).json()["id"]
    stolen = await noor.post("/t/bram-2026/messages", key="stolen-file", attachment=kept)
    assert stolen.status_code == 404
    assert (
        await noor.post("/t/anna-2026/messages", key="no-such-file", attachment="x")
    ).status_code == 404
    without = await noor.http.post("/console/t/anna-2026/files", content=PNG)
    assert without.status_code == 403


async def test_what_says_nothing_or_too_much_is_refused(noor: Browser) -> None:
    for form in (
        {"key": "empty-words", "text": " \n"},
        {"key": "x", "text": "short key"},
        {"key": "too-many-words", "text": "x" * 20_001},
        {"key": "with-a-nul-byte", "text": "a\x00b"},
    ):
        answer = await noor.post("/t/anna-2026/messages", **form)
        assert answer.status_code == 400, form["key"]
    assert (
        await noor.post("/t/anna-2026/messages", key="k" * 9, text="x" * 70_000)
    ).status_code == 413
    for seq in ("0", "999999"):
        refused = await noor.post(f"/t/anna-2026/messages/{seq}", what="withdraw")
        assert refused.status_code == 409


async def test_a_preview_shows_the_parts_and_writes_nothing(desk: Desk, noor: Browser) -> None:
    before = desk.log("anna-2026")
    answer = await noor.post("/t/anna-2026/preview", text="word " * 2000)
    assert "Anna" in answer.text
    assert "3 parts" in answer.text
    assert "4096 characters at most" in answer.text
    await desk.people["anna"].block()
    await eventually(lambda: any(line.kind == "opted_out" for line in desk.log("anna-2026")))
    blocked = await noor.post("/t/anna-2026/preview", text="Hello")
    assert "Would not arrive" in blocked.text
    assert len(desk.log("anna-2026")) - len(before) <= 3
    assert all(line.kind != "message_posted" for line in desk.log("anna-2026"))


async def test_what_did_not_arrive_says_so_in_words(desk: Desk, noor: Browser) -> None:
    await desk.people["anna"].block()
    await noor.post("/t/anna-2026/messages", key="to-nobody-1", text="Are you there?")
    await eventually(
        lambda: any(
            d.state is DeliveryState.SUPPRESSED or d.state is DeliveryState.FAILED
            for line in desk.log("anna-2026")
            for d in line.deliveries
        )
    )
    page = (await noor.get("/t/anna-2026")).text
    assert re.search(r'class="bad">(held back from|not delivered to) Anna', page)
    assert "Not delivered" in (await noor.get("/")).text


async def test_every_invariant_holds_after_a_day_in_the_console(desk: Desk, noor: Browser) -> None:
    await desk.says("anna", "Hello")
    posted = (await noor.post("/t/anna-2026/messages", key="a-long-day-1", text="Hi")).json()
    await noor.post(f"/t/anna-2026/messages/{posted['seq']}", what="edit", text="Hi!")
    await noor.post("/t/anna-2026/notes", text="A good day.")
    kept = (await _keep(noor, PNG, "image/png", "a.png")).json()["id"]
    await noor.post("/t/anna-2026/messages", key="a-long-day-2", attachment=kept, text="")
    await eventually(lambda: sum(line.state == "sent" for line in desk.log("anna-2026")) >= 4)
    found = await asyncio.to_thread(audit, desk.app.store)
    assert found.holds, found
