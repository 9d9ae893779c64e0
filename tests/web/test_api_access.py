"""Every route × every role: its coach gets a trajectory, for everybody else it is not there."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.core import entries as e
from bridge.runtime.tokens import Scope
from bridge.web.api import ROUTES
from storage.logview import log
from tests.storage.book import Book
from tests.web.kit import BOTH, FILE, LOG, STRANGERS, Answer, Api, served

pytestmark = pytest.mark.slow
OPEN = {"GET /api/docs", "GET /api/docs.css", "GET /api/openapi.json"}
CLOSED = sorted(set(ROUTES) - OPEN, key=lambda route: (route.endswith("/close"), route))
"""What ends a trajectory comes last."""
OWN = {
    "GET /api/me",
    "GET /api/inbox",
    "GET /api/agenda",
    "GET /api/due",
    "GET /api/nudges",
    "GET /api/search",
    "GET /api/sessions",
    "POST /api/templates",
    "POST /api/agenda/off",
    "POST /api/agenda/extra",
    "POST /api/agenda/usual",
    "POST /api/agenda/offer",
    "POST /api/agenda/work",
}
"""What shows a person only what is theirs: there is no trajectory to be turned away from."""

SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()
BODIES: dict[str, dict[str, object]] = {
    "messages": {"text": "words of a stranger"},
    "preview": {"text": "words of a stranger"},
    "notes": {"text": "words of a stranger"},
    "held": {"minutes": 45},
    "calls": {},
    "lost": {"client": "anna"},
    "edit": {"text": "words of a stranger"},
    "reactions": {"emoji": ["👍"]},
    "read": {"seq": 1},
    "promise": {"within": {"": 480}},
    "close": {"sure": True},
    "nudges/7": {"at": None},
    "nudges": {
        "client": "anna",
        "kind": "prompt",
        "at": SOON,
        "about": "words of a stranger",
    },
    "appointments": {"client": "anna", "kind": "phone", "start": SOON},
    "move": {"start": SOON},
    "off": {"first": SOON[:10], "last": SOON[:10]},
    "extra": {"day": SOON[:10], "start": "09:00", "end": "10:00"},
    "usual": {"name": "nothing"},
    "offer": {"kind": "phone", "hours": "mon-tue 09:00-12:00", "minutes": 25},
    "work": {"week": "mon-fri 09:00-17:00", "stop": "17:30"},
    "package": {"minutes": 300, "reason": "words of a stranger"},
    "time": {"minutes": 10, "reason": "words of a stranger"},
    "time/7": {"yes": True},
    "questions/7": {"key": "yes"},
    "drafts/7": {"yes": True},
    "templates": {"name": "luck", "text": "{event}, words of a stranger"},
    "steps/7": {"what": "drop"},
    "steps": {"client": "anna", "text": "call Piet, words of a stranger"},
    "scales": {"client": "anna", "text": "how sure, words of a stranger?"},
}
"""By the last part of the path."""
NOTHING_PLANNED = {
    "POST /api/trajectories/{trajectory}/nudges/{seq}",
    "POST /api/trajectories/{trajectory}/appointments/{seq}/cancel",
    "POST /api/trajectories/{trajectory}/steps/{seq}",
    "POST /api/trajectories/{trajectory}/drafts/{seq}",
    "POST /api/trajectories/{trajectory}/time/{seq}",
    "POST /api/trajectories/{trajectory}/questions/{seq}",
    "POST /api/trajectories/{trajectory}/appointments/{seq}/move",
    "POST /api/agenda/usual",
    "POST /api/trajectories/{trajectory}/calls",
}
NOOR_SAYS = "7"
SECRETS = ("ten pages", "Well done", "Reading more", "photo", LOG)


@pytest.fixture
async def running(named: Book) -> AsyncIterator[Api]:
    """The API of a sound store."""
    async with served(named) as found:
        yield found


async def _call(
    api: Api,
    route: str,
    person: str,
    scopes: tuple[Scope, ...] = BOTH,
    trajectory: str = LOG,
    seq: str = "7",
) -> Answer:
    method, _, path = route.partition(" ")
    path = (
        path.replace("{trajectory}", trajectory)
        .replace("{session}", "aa")
        .replace("{seq}", NOOR_SAYS)
    )
    path = path.replace("{attachment}", FILE.replace(LOG, trajectory))
    given: dict[str, Any] = {}
    if method == "POST":
        last = path.rpartition("/")[2]
        given["json"] = BODIES.get(path.split("/")[-2] + "/7" if last == NOOR_SAYS else last)
    if path == "/api/search":
        given["params"] = {"q": "pages"}
    return await api.call(method, path, person, scopes=scopes, **given)


def _leaks(answer: Answer) -> list[str]:
    return [word for word in SECRETS if word.encode() in answer.body]


@pytest.mark.parametrize("person", STRANGERS)
async def test_for_everybody_but_its_coach_a_trajectory_is_not_there(
    running: Api, person: str
) -> None:
    for route in CLOSED:
        answer = await _call(running, route, person)
        assert _leaks(answer) == [], route
        if route in OWN:
            assert answer.status in (200, 201, 409), route
        else:
            assert (answer.status, answer.code) == (404, "not_there"), route
            nothing = await _call(running, route, person, trajectory="nothing-2026")
            assert (answer.status, answer.body) == (nothing.status, nothing.body), route
    assert not any("stranger" in (line.text or "") for line in log(running.book.store, LOG))


async def test_its_coach_gets_every_route(running: Api) -> None:
    await running.writer.submit(
        lambda unit: unit.sessions.put("aa", "hash", "noor", "Firefox", unit.now.replace(year=2099))
    )
    for route in CLOSED:
        status = (await _call(running, route, "noor")).status
        assert status in ((409,) if route in NOTHING_PLANNED else (200, 201)), route


async def test_without_a_token_there_is_only_the_description(running: Api) -> None:
    for route in CLOSED:
        answer = await _call(running, route, "")
        assert (answer.status, answer.code) == (401, "no_token"), route
    for route in OPEN:
        assert (await _call(running, route, "")).status == 200, route
    assert (await running.get("/api/anything", "")).status == 401


@pytest.mark.parametrize("scope", [(Scope.READ,), (Scope.WRITE,), ()])
async def test_a_token_does_only_what_it_is_for(running: Api, scope: tuple[Scope, ...]) -> None:
    for route in CLOSED:
        answer = await _call(running, route, "noor", scope)
        needed = Scope.READ if route.startswith("GET ") else Scope.WRITE
        if needed in scope:
            assert answer.status in (200, 201, 404, 409), route
        else:
            assert (answer.status, answer.code) == (403, "no_scope"), route
            assert f"--scope {needed}" in str(answer.data["message"])


async def test_a_coach_who_was_removed_meanwhile_gets_nothing_more(running: Api) -> None:
    assert (await _call(running, "GET /api/trajectories/{trajectory}", "noor")).status == 200
    running.book.append(LOG, e.PartyRemoved(party="noor"))
    for route in CLOSED:
        answer = await _call(running, route, "noor")
        assert _leaks(answer) == [], route
        assert answer.status in ((200, 201, 409) if route in OWN else (404,)), route
