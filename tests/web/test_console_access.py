"""Who gets in, what they see, and what a page of somebody else's can make them do: nothing."""

import asyncio
import re

import pytest
from starlette.requests import Request
from starlette.responses import Response

from bridge.web.console import PAGES, ROUTES
from bridge.web.sessions import Cookie, Limit, caller_of, is_same_site
from tests.web.console_kit import JSON, Desk, browser, token_in


def _path(name: str, trajectory: str = "anna-2026") -> tuple[str, str]:
    method, _, path = name.partition(" ")
    path = path.replace("{trajectory}", trajectory).replace("{seq:int}", "1")
    path = path.replace("{number:int}", "1")
    path = path.replace("{session}", "none").replace("{attachment:path}", "5/file")
    return method, f"/console{path}"


async def test_nobody_sees_anything_before_they_signed_in(desk: Desk) -> None:
    async with browser(desk) as guest:
        for name in PAGES:
            method, path = _path(name)
            answer = await guest.http.request(method, path)
            if method == "GET":
                assert answer.headers["location"] == "/console/sign-in", name
            else:
                assert answer.status_code == 401, name
            assert "Anna" not in answer.text
        assert (await guest.http.get("/console/events", headers=JSON)).status_code == 401


async def test_the_address_works_without_its_last_slash(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        answer = await noor.get("")
        assert answer.headers["location"].endswith("/console/")


async def test_a_link_works_once_and_opening_it_changes_nothing(desk: Desk) -> None:
    link = await desk.link("noor")
    async with browser(desk) as first, browser(desk) as second:
        for _ in range(2):  # a messenger that previews links
            assert (await first.http.get(link)).status_code == 200
        token = token_in(await first.http.get(link))
        entered = await first.http.post(link, data={"csrf": token})
        assert entered.headers["location"] == "/console/"
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/" in cookie
        token = token_in(await second.http.get("/console/sign-in"))
        assert (await second.http.post(link, data={"csrf": token})).status_code == 410
        assert (await first.get("/")).status_code == 200
        assert (await second.get("/")).status_code == 303


async def test_a_link_comes_to_the_coachs_own_messenger_and_the_page_tells_nothing(
    desk: Desk,
) -> None:
    async with browser(desk) as guest:
        pages = []
        for name in ("noor", "anna", "nobody"):  # a coach, a client, a stranger
            token = token_in(await guest.get("/sign-in"))
            page = await guest.http.post("/console/sign-in", data={"csrf": token, "person": name})
            pages.append((page.status_code, page.text))
        assert len(set(pages)) == 1
    message = await desk.people["noor"].wait_for(lambda m: "/console/sign-in/" in m.text, 5)
    assert re.search(r"/console/sign-in/[\w-]{32}", message.text)
    await asyncio.sleep(0.2)
    assert not desk.people["anna"].screen()


async def test_links_are_not_sent_without_end(desk: Desk) -> None:
    async with browser(desk) as guest:
        token = token_in(await guest.get("/sign-in"))
        form = {"csrf": token, "person": "noor"}
        answers = [await guest.http.post("/console/sign-in", data=form) for _ in range(12)]
    assert [a.status_code for a in answers] == [200] * 10 + [429] * 2
    await asyncio.sleep(0.5)
    assert len(desk.people["noor"].screen()) == 3


@pytest.mark.parametrize("name", [name for name in PAGES if "{trajectory}" in name])
async def test_what_another_coach_has_does_not_exist(desk: Desk, name: str) -> None:
    async with browser(desk, "lars") as lars:
        for trajectory in ("anna-2026", "no-such-one"):
            method, path = _path(name, trajectory)
            answer = await lars.http.request(
                method, path, data={"csrf": lars.csrf} if method == "POST" else None
            )
            assert answer.status_code == 404, (name, trajectory)
            assert "Anna" not in answer.text


async def test_a_form_of_somebody_elses_page_is_refused(desk: Desk) -> None:
    async with browser(desk, "noor") as noor, browser(desk, "lars") as lars:
        posts = [_path(name) for name in PAGES if name.startswith("POST")]
        for forged in ({}, {"csrf": ""}, {"csrf": lars.csrf}, {"csrf": "é"}):
            for _, path in posts:
                answer = await noor.http.post(path, data={"x": "1", **forged})
                assert answer.status_code == 403, path
        for header in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
            answer = await noor.http.post(
                "/console/t/anna-2026/notes",
                data={"csrf": noor.csrf, "text": "x"},
                headers=header,
            )
            assert answer.status_code == 403
        link = await desk.link("noor")
        assert (await noor.http.post(link, data={"x": "1"})).status_code == 403
    assert all(line.kind != "note_added" for line in desk.log("anna-2026"))


async def test_sessions_are_listed_and_end_when_told(desk: Desk) -> None:
    async with browser(desk, "noor") as here, browser(desk, "noor") as there:
        page = (await here.get("/sessions")).text
        ids = set(re.findall(r"/sessions/([0-9a-f]+)/revoke", page))
        assert len(ids) == 2
        assert page.count("this one") == 1
        own = re.findall(r"/sessions/([0-9a-f]+)/revoke", page.split("this one")[0])[-1]
        async with browser(desk, "lars") as lars:
            for one in ids:
                assert (await lars.post(f"/sessions/{one}/revoke")).status_code == 404
        (other,) = ids - {own}
        await here.post(f"/sessions/{other}/revoke")
        assert (await there.get("/")).status_code == 303
        assert (await here.get("/")).status_code == 200
        await here.post(f"/sessions/{own}/revoke")
        assert (await here.get("/")).status_code == 303


async def test_signing_out_ends_the_session(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        kept = dict(noor.http.cookies)
        await noor.post("/sign-out")
        noor.http.cookies.update(kept)
        assert (await noor.get("/")).status_code == 303


async def test_every_answer_carries_the_headers_that_protect_it(desk: Desk) -> None:
    async with browser(desk, "noor") as noor:
        for path in ("/", "/sessions", "/t/anna-2026", "/t/none", "/sign-in/none", "/search?q=x"):
            answer = await noor.get(path)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["referrer-policy"] == "same-origin"
            assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", answer.text)
        for file in ("console.css", "keys.js", "talk.js", "icons.svg", "mark.svg"):
            assert (await noor.get(f"/static/{file}")).status_code == 200
        for file in ("nothing.js", "..%2f__init__.py", "%2e%2e%2fvisit.py"):
            assert (await noor.get(f"/static/{file}")).status_code == 404


def test_a_caller_is_limited_and_forgotten() -> None:
    now = [0.0]
    limit = Limit(2, 10, lambda: now[0])
    assert [limit.takes("a"), limit.takes("a"), limit.takes("a"), limit.takes("b")] == [
        True, True, False, True,
    ]  # fmt: skip
    now[0] = 11
    assert limit.takes("a")


def test_where_a_form_came_from_is_what_the_browser_says() -> None:
    assert is_same_site({"host": "a.example", "origin": "https://a.example"})
    assert not is_same_site({"host": "a.example", "origin": "null"})
    assert not is_same_site({"host": "a.example", "sec-fetch-site": "same-site"})


def test_the_cookie_is_bound_to_the_host_where_there_is_https() -> None:
    answer = Response()
    Cookie("coachbridge", secure=True).give(answer, "secret", 60)
    told = answer.headers["set-cookie"]
    assert told.startswith("__Host-coachbridge=secret;")
    assert "Secure" in told
    assert "Domain" not in told


@pytest.mark.parametrize(
    ("direct", "forwarded", "caller"),
    [
        ("9.9.9.9", "198.51.100.1", "9.9.9.9"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("not an address", "198.51.100.1", "not an address"),
    ],
)
def test_a_caller_behind_our_proxy_is_who_the_proxy_says(
    direct: str, forwarded: str, caller: str
) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())]
    request = Request({"type": "http", "headers": headers, "client": (direct, 1)})
    assert caller_of(request) == caller


def test_every_route_is_told() -> None:
    assert all(text and name.split()[1].startswith("/console") for name, text in ROUTES.items())
