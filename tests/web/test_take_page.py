"""Links to take along: buttons first, then what one client may see, to read and as a zip."""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.errors import Undeliverable
from bridge.core.notices import NoticeKey
from bridge.runtime.links import Links
from bridge.runtime.texts import Catalogue
from bridge.web.take import ON_A_PAGE, take_routes
from storage.audit import audit
from storage.blobs import Blobs
from tests.runtime.desk_kit import FrontDesk, at, front_desk

LOG = "anna-2026"
HOST = "https://bridge.example.org"
LINKS = Links(b"k" * 32, HOST)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FrontDesk]:
    """Noor coached Anna and Bram together; Anna takes along."""
    with front_desk(tmp_path) as opened:
        opened.catalogue = Catalogue(LINKS)
        opened.people("noor", "anna", "bram")
        opened.trajectory(LOG, ["noor"], ["anna", "bram"])
        opened.says("anna", "I was let go on <Friday>")
        opened.says("noor", "aside Bram: between us two")
        opened.do(LOG, c.AddNote("noor", ("a note about Anna",)))
        yield opened


def ended(desk: FrontDesk) -> str:
    """The trajectory is closed and Anna asks for the link; return its path."""
    desk.do(LOG, c.CloseTrajectory())
    desk.says("anna", "take")
    return desk.last("anna").text.partition(HOST)[2].partition("\n")[0]


def opened(desk: FrontDesk, path: str, method: str = "POST", **form: str) -> httpx.Response:
    """Open a link, or press one of its buttons."""
    blobs = Blobs(desk.store, lambda: desk.now)
    routes = take_routes(LINKS, desk.store, desk.writer, blobs, desk.catalogue)

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
            return await client.request(method, path, data=form or None)

    return asyncio.run(call())


def exported(desk: FrontDesk) -> list[e.LogExported]:
    return [one for one in desk.log(LOG) if isinstance(one, e.LogExported)]


def test_opening_shows_buttons_and_changes_nothing(desk: FrontDesk) -> None:
    path = ended(desk)
    answer = opened(desk, path, "GET")
    assert answer.status_code == 200
    assert answer.text.count("<button") == 2
    assert "Friday" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert exported(desk) == []
    assert opened(desk, "/take/nothing-1-of-ours", "GET").text.count("<button") == 2


def test_the_client_reads_what_they_said_and_got_and_the_coach_hears_it_once(
    desk: FrontDesk,
) -> None:
    path = ended(desk)
    answer = opened(desk, path)
    assert "I was let go on &lt;Friday&gt;" in answer.text
    assert "between us two" not in answer.text
    assert "a note about Anna" not in answer.text
    assert "to noor:" not in answer.text, "how it went to others is for the coach"
    assert f"{HOST}/take" not in answer.text, "the link itself is told to nobody else"
    told = desk.texts("noor")[-1]
    assert told == "Anna took along what was written in your trajectory."
    opened(desk, path)
    opened(desk, path + "/zip")
    assert len(exported(desk)) == 1, "one reading has several pages"
    desk.now += timedelta(hours=2)
    opened(desk, path)
    assert len(exported(desk)) == 2
    assert desk.texts("noor").count(told) == 1
    assert all(check.holds for check in audit(desk.store).checks)


def test_the_zip_holds_pages_and_data_and_no_proof_of_others_lines(desk: FrontDesk) -> None:
    answer = opened(desk, ended(desk) + "/zip")
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert sorted(archive.namelist()) == ["README.txt", "log.html", "log.jsonl", "manifest.json"]
    texts = [json.loads(line)["text"] for line in archive.read("log.jsonl").splitlines()]
    assert "I was let go on <Friday>" in texts
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert b"between us two" not in whole
    assert b"a note about Anna" not in whole


def test_a_long_log_is_read_in_pages(desk: FrontDesk) -> None:
    for number in range(ON_A_PAGE):
        desk.says("anna", f"line {number}.")
    path = ended(desk)
    first = opened(desk, path).text
    assert "line 0." in first
    assert 'name="page" value="1"' in first
    second = opened(desk, path, page="1").text
    assert f"line {ON_A_PAGE - 1}." in second
    assert 'name="page" value="0"' in second
    assert opened(desk, path, page="99999999999999999999").status_code == 200


def gone(desk: FrontDesk, path: str) -> bool:
    answers = [opened(desk, path), opened(desk, path + "/zip")]
    return all(one.status_code == 404 and "Friday" not in one.text for one in answers)


def test_a_link_opens_for_a_week_and_only_ours(desk: FrontDesk) -> None:
    path = ended(desk)
    assert gone(desk, path[:-1] + ("A" if path[-1] != "A" else "B"))
    seq = path.rpartition("/")[2].split("-")[2]
    assert gone(desk, path.replace(f"-{seq}-", "-4-"))
    desk.now += timedelta(days=7)
    assert gone(desk, path)


def test_a_link_that_never_arrived_opens_nothing(desk: FrontDesk) -> None:
    desk.do(LOG, c.CloseTrajectory())
    desk.deliver()
    desk.refusing["anna"] = Undeliverable("blocked")
    desk.says("anna", "take")
    desk.deliver()
    seq = next(n for n, one in enumerate(desk.log(LOG), 1) if _is_link(one))
    path = LINKS.take_url(f"{LOG}/{seq}").removeprefix(HOST)
    assert opened(desk, path, "GET").status_code == 200
    assert gone(desk, path)


def _is_link(entry: e.Entry) -> bool:
    return isinstance(entry, e.NoticeGiven) and entry.notice == NoticeKey.PARTING_LINK


def test_after_the_words_were_destroyed_nothing_is_there(desk: FrontDesk) -> None:
    path = ended(desk)
    desk.says("anna", "destroy")
    desk.says("anna", "destroy all")
    assert gone(desk, path)


def test_who_has_the_number_next_sees_nothing(desk: FrontDesk) -> None:
    path = ended(desk)
    desk.writer.run(lambda unit: unit.revoke_endpoint(at("anna")))
    assert gone(desk, path)
