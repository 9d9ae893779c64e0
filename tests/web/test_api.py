"""The API over real HTTP: the twins say what the pages say, acts end up in the log, bounds hold."""

import asyncio
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import msgspec
import pytest

from bridge import web
from bridge.core.capabilities import Protection
from bridge.core.trajectory import Trajectory
from bridge.runtime.tokens import token_hash
from bridge.web import agreed, picture, views
from bridge.web.api import NO_TWIN, ROUTES, TWINS, door
from storage import persons
from storage.engine import Store
from tests.web.kit import ANNA_SAYS, FILE, LARGEST, LOG, OF, Api

# -- the twins


def _documented(document: dict[str, Any]) -> set[str]:
    paths: dict[str, dict[str, Any]] = document["paths"]
    return {f"{m.upper()} /api{path}" for path, methods in paths.items() for m in methods}


async def test_every_route_is_in_the_list_and_in_the_document(running: Api) -> None:
    found = _documented((await running.get("/api/openapi.json", "")).data)
    bare = {re.sub(r":path}", "}", route) for route in found}
    about = {"GET /api/docs", "GET /api/docs.css", "GET /api/openapi.json"}
    assert bare | about == set(ROUTES)


def test_every_twin_is_a_route() -> None:
    assert set(TWINS.values()) <= set(ROUTES)
    assert not set(TWINS) & set(NO_TWIN)


def test_every_page_and_every_act_on_it_has_a_twin_or_a_reason() -> None:
    console = import_module("bridge.web.console").ROUTES
    assert set(console) - set(TWINS) - set(NO_TWIN) == set()
    assert set(TWINS) | set(NO_TWIN) <= set(console)


def test_whatever_else_people_open_is_no_coachs_page() -> None:
    """Web chat is a client's own page, and no program acts for a client."""
    others = {path.split()[1].split("/")[1] for path in web.ROUTES}
    assert others == {
        *("webhooks", "files", "healthz", "readyz", "metrics"),
        *("chat", "agenda", "messages", "take"),
    }


def found(state: Trajectory | None) -> Trajectory:
    """Return a state that has to be there."""
    assert state is not None
    return state


Twin = tuple[str, Callable[[Store], object]]
PAGES: list[Twin] = [
    ("/api/inbox", lambda store: views.inbox(store, "noor")),
    (OF, lambda store: views.trajectory(store, "noor", LOG)),
    (f"{OF}?limit=2", lambda store: views.trajectory(store, "noor", LOG, limit=2)),
    (f"{OF}?before=7", lambda store: views.trajectory(store, "noor", LOG, before=7)),
    (f"{OF}?after=4", lambda store: views.trajectory(store, "noor", LOG, after=4)),
    (
        f"{OF}/people",
        lambda store: views.people(store, "noor", LOG, {"telegram": Protection.TO_VENDOR}),
    ),
    (f"{OF}/activity", lambda store: views.activity(store, "noor", LOG)),
    (f"{OF}/agreed", lambda store: agreed.agreed(store, found(persons.state_of(store, LOG)))),
    ("/api/due", lambda store: agreed.pressing(store, "noor", datetime.now(UTC))),
    ("/api/agenda", lambda store: agreed.agenda(store, "noor", datetime.now(UTC))),
]


@pytest.mark.parametrize(("path", "view"), PAGES, ids=[path for path, _ in PAGES])
async def test_a_twin_says_what_the_page_says(
    running: Api, path: str, view: Callable[[Store], object]
) -> None:
    answer = await running.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.data == msgspec.json.decode(msgspec.json.encode(view(running.book.store)))


async def test_the_picture_is_that_of_the_page(running: Api) -> None:
    answer = await running.get(f"{OF}/activity.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    drawn = picture.draw(views.activity(running.book.store, "noor", LOG), "nl")
    assert answer.body.decode() == drawn


async def test_a_token_says_whose_it_is(running: Api) -> None:
    answer = await running.get("/api/me")
    assert answer.data == {"person": "noor", "name": "Noor", "scopes": ["read", "write"]}


async def test_a_search_stops_at_its_limit_and_says_so(running: Api) -> None:
    running.book.say(LOG, "anna", "and ten pages more", "71")
    all_of_them = (await running.get("/api/search?q=TEN+pages")).data
    assert [hit["seq"] for hit in all_of_them["hits"]] == [14, ANNA_SAYS]
    assert not all_of_them["more"]
    first = (await running.get("/api/search?q=ten+pages&limit=1")).data
    assert len(first["hits"]) == 1
    assert first["more"]
    assert (await running.get("/api/search?q=")).data["hits"] == []


async def test_an_export_comes_whole(running: Api) -> None:
    answer = await running.get(f"{OF}/export")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="anna-2026.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        assert archive.read("files/13-page_.jpg") == b"photo"


async def test_a_file_is_handed_over_harmlessly(running: Api) -> None:
    answer = await running.get(f"/api/files/{FILE}")
    assert (answer.status, answer.body) == (200, b"photo")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert "<" not in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    for strange in (f"{LOG}/98/file", f"../{FILE}", f"{FILE}%00", "x", f"{FILE}/"):
        assert (await running.get(f"/api/files/{strange}")).status == 404
    running.book.run("UPDATE data_keys SET wrapped = NULL, destroyed_at = 1 WHERE owner = 'anna'")
    assert (await running.get(f"/api/files/{FILE}")).status == 404


# -- bounds and tokens


async def test_a_body_is_bounded_in_size_and_time(
    running: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await running.post(f"{OF}/messages", {"text": "x" * 70_000})
    assert (answer.status, answer.code) == (413, "too_large")
    monkeypatch.setattr(door, "BODY_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield b'{"text": '
        await asyncio.sleep(0.5)
        yield b'"x"}'

    answer = await running.call("POST", f"{OF}/messages", data=slow())
    assert (answer.status, answer.code) == (408, "too_slow")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer cbt_",
        "Bearer cbt_" + "x" * 43,
        "Bearer " + "x" * 5_000,
        "Basic bm9vcjpub29y",
        "Bearer cbt_\x80\xff",
    ],
)
async def test_what_is_no_token_opens_nothing(running: Api, header: str) -> None:
    answer = await running.call("GET", "/api/me", headers={"Authorization": header})
    assert (answer.status, answer.code) == (401, "no_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_that_was_revoked_or_ran_out_opens_nothing(running: Api) -> None:
    token = await running.token("noor")
    assert (await running.get("/api/me")).status == 200
    for revoked, until in ((1, None), (None, 1)):
        running.book.run(
            "UPDATE tokens SET revoked_at = :revoked, expires_at = :until WHERE hash = :hash",
            hash=token_hash(token),
            revoked=revoked,
            until=until,
        )
        assert (await running.get("/api/me")).status == 401


async def test_a_store_that_is_away_is_said_and_the_next_call_works(running: Api) -> None:
    await running.token("noor")
    running.book.run("ALTER TABLE people RENAME TO gone")
    answer = await running.get("/api/inbox")
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "away", "5")
    running.book.run("ALTER TABLE gone RENAME TO people")
    running.book.run("ALTER TABLE tokens RENAME TO gone")
    assert (await running.get("/api/inbox")).status == 503
    running.book.run("ALTER TABLE gone RENAME TO tokens")
    assert (await running.get("/api/inbox")).status == 200


async def test_every_answer_is_kept_nowhere_and_runs_nothing(running: Api) -> None:
    for path in ("/api/me", OF, "/api/none", "/api/docs", "/api/openapi.json", f"{OF}/export"):
        for person in ("noor", ""):
            headers = (await running.get(path, person)).headers
            assert headers["cache-control"] == "no-store"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"].startswith("default-src 'none'")


async def test_a_method_that_is_not_there_is_named(running: Api) -> None:
    answer = await running.call("DELETE", "/api/inbox")
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, "method", "GET")


# -- the description, and what it costs


async def test_the_page_of_the_api_needs_nothing_from_elsewhere(running: Api) -> None:
    answer = await running.get("/api/docs", "")
    page = answer.body.decode()
    assert answer.status == 200
    assert "script" not in answer.headers["content-security-policy"]
    assert "<script" not in page
    assert "style=" not in page
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) == {
        "/api/docs.css",
        "/api/openapi.json",
    }
    for route in ROUTES:
        if "/docs" not in route and "openapi" not in route:
            method, _, path = route.partition(" ")
            assert f"{method} {path}" in re.sub(":path}", "}", page)
    assert (await running.get("/api/docs.css", "")).headers["content-type"].startswith("text/css")


@pytest.mark.slow
def test_nothing_heavy_is_loaded_before_the_first_call() -> None:
    program = (
        "import sys, bridge.web.api, bridge.cli.serving; "
        "assert not {'fastapi', 'bridge.web.api.application'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# -- files and previews


async def test_a_file_is_kept_and_a_message_shows_it(running: Api) -> None:
    kept = await running.call(
        "POST", f"{OF}/files?name=step.png", data=b"\x89PNG", headers={"content-type": "image/png"}
    )
    assert kept.status == 201
    assert kept.data["size"] == 4
    said = await running.post(f"{OF}/messages", {"text": "", "attachment": kept.data["id"]})
    assert said.status == 201
    page = (await running.get(OF)).data
    assert json.dumps(page).count("step.png") == 1
    answer = await running.get(f"/api/files/{kept.data['id']}")
    assert answer.body == b"\x89PNG"


@pytest.mark.parametrize("sent", [{}, {"text": " "}, {"attachment": ""}, {"text": "a", "x": 1}])
async def test_a_message_says_something(running: Api, sent: dict[str, object]) -> None:
    for what in ("messages", "preview"):
        answer = await running.post(f"{OF}/{what}", sent)
        assert (answer.status, answer.code) == (422, "not_as_described")


async def test_only_who_kept_a_file_posts_it(running: Api) -> None:
    for attachment in (FILE, f"{LOG}/up-none/file", "other/1/file", "../etc"):
        for what in ("messages", "preview"):
            sent = {"text": "Look", "attachment": attachment}
            assert (await running.post(f"{OF}/{what}", sent)).status == 404


async def test_a_file_that_is_too_large_is_not_kept(running: Api) -> None:
    async def much() -> AsyncIterator[bytes]:
        for _ in range(LARGEST // 1000 + 2):
            yield bytes(1000)

    for data in (bytes(LARGEST + 1), much()):
        answer = await running.call("POST", f"{OF}/files", data=data)
        assert (answer.status, answer.code) == (413, "too_large")
    assert (await running.call("POST", f"{OF}/files", data=bytes(LARGEST))).status == 201


async def test_a_preview_says_how_it_would_look_and_writes_nothing(running: Api) -> None:
    before = (await running.get(OF)).body
    answer = await running.post(f"{OF}/preview", {"text": "word " * 1000})
    assert answer.status == 200
    (look,) = answer.data["looks"]
    assert (look["person"], look["network"], look["unit"]) == ("anna", "telegram", "utf16")
    assert len(look["parts"]) == 2
    assert max(map(len, look["parts"])) <= look["limit"]
    assert look["protection"] == "to_vendor"
    assert (await running.get(OF)).body == before
