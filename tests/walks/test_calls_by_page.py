"""A coach begins a call from her console, and a program by the API: who may, and who is rung."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.walks.telephones import ANNA_AT, NOOR_AT, PRACTICE, Stage, end, kinds, over
from tests.web.console_kit import HTML, token_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.slow]

PAGE = "/console/t/anna-2026"
CALLS = "/api/trajectories/anna-2026/calls"
WITHOUT = PRACTICE.replace(f'"voice:main:{ANNA_AT}"', '"telegram:main:222"')


@asynccontextmanager
async def signed_in(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of Noor's without scripts."""
    async with httpx.AsyncClient(base_url=stage.bridge.url, headers=HTML) as http:
        out = (await stage.bridge.run("console-link", "noor")).out
        link = next(word for word in out.split() if "/console/sign-in/" in word)
        await http.post(link, data={"csrf": token_in(await http.get(link))})
        yield http


async def pressed(http: httpx.AsyncClient, whom: str = "anna") -> httpx.Response:
    """Press the button, as a page of hers does; return the page it leads to."""
    csrf = token_in(await http.get("/console/sessions"))
    answer = await http.post(f"{PAGE}/call", data={"csrf": csrf, "whom": whom})
    assert answer.status_code == 303
    return await http.get(answer.headers["location"].partition("#")[0])


async def test_she_presses_the_button_and_both_are_rung_once(stage: Stage) -> None:
    await stage.begin()
    stage.hers.answers = "by_hand"
    stage.anna.keys, stage.anna.talks = "1", 10
    async with signed_in(stage) as http:
        page = (await http.get(PAGE)).text
        assert "Bel Anna" in page
        assert NOOR_AT in page, "it says which telephone rings first"
        assert ANNA_AT not in page
        assert "Je telefoon gaat nu over." in (await pressed(http)).text
        await stage.twilio.until(lambda: stage.hers.legs or None, 15)
        again = (await pressed(http)).text
        assert "Er is al een gesprek gaande." in again
        assert "Bel Anna" not in again
        stage.hers.pick_up()
        await stage.hers.heard("Toets 1", 15)
        stage.hers.press("1")
        await stage.anna.heard("Noor is calling you", 15)
        await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert len(kinds(log, "call_started")) == 1


async def test_a_form_of_somebody_elses_rings_nobody(stage: Stage) -> None:
    await stage.begin()
    async with signed_in(stage) as http:
        answer = await http.post(f"{PAGE}/call", data={"csrf": "0" * 64, "whom": "anna"})
        assert answer.status_code == 403
        for whom in ("noor", "nobody", ANNA_AT, "112"):
            assert "niemand die we voor je kunnen bellen" in (await pressed(http, whom)).text
    assert stage.twilio.journal.calls_of("call") == []
    await stage.log()


async def test_without_a_telephone_of_the_clients_there_is_no_button(stage: Stage) -> None:
    await stage.begin(WITHOUT)
    async with signed_in(stage) as http:
        assert "Telefonisch" not in (await http.get(PAGE)).text
        assert "geen telefoon gekoppeld" in (await pressed(http)).text
    assert stage.twilio.journal.calls_of("call") == []


async def test_a_program_begins_a_call_with_a_token_that_may_write(stage: Stage) -> None:
    await stage.begin()
    stage.anna.keys, stage.anna.talks = "1", 10
    made = [(await stage.bridge.run("token", "noor", "--scope", one)).out for one in _SCOPES]
    reads, writes = (_TOKEN.findall(out)[0] for out in made)
    async with httpx.AsyncClient(base_url=stage.bridge.url) as http:
        refused = await http.post(CALLS, json={}, headers={"Authorization": f"Bearer {reads}"})
        assert (refused.status_code, refused.json()["code"]) == (403, "no_scope")
        mine = {"Authorization": f"Bearer {writes}"}
        wrong = await http.post(CALLS, json={"client": "noor"}, headers=mine)
        assert (wrong.status_code, wrong.json()["code"]) == (409, "nobody")
        begun = await http.post(CALLS, json={"client": "anna"}, headers=mine)
        assert begun.status_code == 201
    await stage.anna.heard("Noor is calling you", 15)
    await over(stage.hers)
    log = await stage.log()
    (started,) = kinds(log, "call_started")
    assert started["seq"] == begun.json()["seq"]


_SCOPES = ("read", "write")
_TOKEN = re.compile(r"\bcbt_\S{43}")
