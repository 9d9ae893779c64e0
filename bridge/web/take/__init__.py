"""/take/<link>: what was written, for one client to read and to save when a trajectory has ended.

1. The link names the notice that carried it. Each time it is looked whether it is young enough,
   whether the endpoint it went to is still its reader's, and whether they still have a say: after
   they destroyed their words, or the agreed days are over, there is nothing here.
2. Opening it shows two buttons and changes nothing: previews and robots open links too.
3. Plain pages without scripts, some lines each, which an old phone shows too.
4. A reader sees what they wrote and what was sent to them, as everywhere (I4).
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import msgspec
from markupsafe import Markup
from msgspec.structs import replace
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.decide.parting import may_decide
from bridge.core.delivery import NOT_ARRIVED
from bridge.core.errors import StoreError
from bridge.core.notices import NoticeKey
from bridge.core.parting import TAKE_DAYS
from bridge.runtime.handle import handle
from bridge.runtime.told import in_language
from bridge.web import export_page
from bridge.web.export import Exporter
from bridge.web.files import is_still_theirs
from bridge.web.message import STYLE, TEMPLATES, headers_for, spoken
from bridge.web.views import reader, zone_of
from storage import timeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from bridge.runtime.links import Links
    from bridge.runtime.texts import Catalogue
    from bridge.web.shapes import Reader
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.unit import Unit
    from storage.writer import Writer

ON_A_PAGE = 60
"""Items; some tens of kilobytes, which an old phone can hold."""
_AT_ONCE = 2
"""Archives that are made at the same time."""
_MOST_PAGES = 100_000
_STYLE = (
    f"{STYLE}form{{margin:0 0 .75rem}}.turns{{display:flex;gap:.75rem}}"
    "article{margin:.75rem 0;padding:.75rem 1rem}article h2{margin:0}"
    "article p{margin:.35rem 0 0;white-space:pre-wrap}"
)
_HEADERS = headers_for(_STYLE)
_LINKS = frozenset({NoticeKey.PARTING_LINK, NoticeKey.PARTING_LINK_MAIL})
_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader([Path(__file__).parent / "templates", TEMPLATES]),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


class Whose(msgspec.Struct, frozen=True):
    """Who may read which log by a link, and until when of it."""

    trajectory: str
    client: str
    until: int
    at: datetime


class Taking:
    """The pages of links to take along."""

    def __init__(
        self, links: Links, store: Store, writer: Writer, blobs: Blobs, catalogue: Catalogue
    ) -> None:
        self._links = links
        self._store = store
        self._writer = writer
        self._catalogue = catalogue
        self._exporter = Exporter(store, blobs, catalogue)
        self._making = asyncio.Semaphore(_AT_ONCE)

    async def ask(self, request: Request) -> Response:
        """Show the buttons, to whoever opens the link."""
        return self._page(request, spoken(request))

    async def read(self, request: Request) -> Response:
        """Show some lines of the log."""
        found = await self._whose(request)
        if found is None:
            return self._gone(request)
        who, person = found
        named = (await request.form()).get("page", "0")
        number = int(named) if isinstance(named, str) and named.isdecimal() else 0
        number = min(number, _MOST_PAGES)
        try:
            articles, more = await asyncio.to_thread(self._articles, who, person, number)
        except StoreError:
            return self._gone(request)
        return self._page(request, person.language, shown=articles, number=number, more=more)

    async def save(self, request: Request) -> Response:
        """Hand over everything as one zip, made while it is sent."""
        found = await self._whose(request)
        if found is None:
            return self._gone(request)
        who, person = found
        made = self._exporter.export(
            who.trajectory,
            language=person.language,
            zone=zone_of(person),
            now=who.at,
            client=who.client,
        )

        async def sent() -> AsyncIterator[bytes]:
            async with self._making, aclosing(made):
                async for part in made:
                    yield part

        saved = {"Content-Disposition": f'attachment; filename="{who.trajectory}.zip"'}
        return StreamingResponse(sent(), media_type="application/zip", headers=_HEADERS | saved)

    async def _whose(self, request: Request) -> tuple[Whose, Reader] | None:
        named = self._links.taken(request.path_params["link"])
        if named is None:
            return None
        try:
            who = await self._writer.submit(lambda unit: _opened(unit, *named, self._catalogue))
            if who is None:
                return None
            return who, await asyncio.to_thread(reader, self._store, who.client)
        except StoreError:
            return None

    def _articles(self, who: Whose, person: Reader, number: int) -> tuple[str, bool]:
        """Return one page of the log as its reader sees it, and whether there are more."""
        first = number * ON_A_PAGE
        items = timeline.whole(self._store, who.trajectory, who.until, viewer=who.client)
        some = list(islice(items, first, first + ON_A_PAGE + 1))
        zone = zone_of(person)
        shown = (
            export_page.article(
                replace(in_language(item, person.language, self._catalogue), deliveries=()),
                {},
                person.language,
                zone,
            )
            for item in some[:ON_A_PAGE]
        )
        return "".join(shown), len(some) > ON_A_PAGE

    def _gone(self, request: Request) -> Response:
        language = spoken(request)
        gone = self._catalogue.say(NoticeKey.TAKE_PAGE_GONE, language)
        return self._page(request, language, gone=gone, status=HTTPStatus.NOT_FOUND)

    def _page(
        self,
        request: Request,
        language: str,
        *,
        gone: str = "",
        shown: str = "",
        number: int = 0,
        more: bool = False,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        say = self._catalogue.say
        body = _templates.get_template("take.html").render(
            language=self._catalogue.language_of(language),
            style=Markup(_STYLE),  # noqa: S704 - a constant of ours
            action=f"/take/{request.path_params['link']}",
            title=say(NoticeKey.TAKE_PAGE_TITLE, language),
            lead=say(NoticeKey.TAKE_PAGE_LEAD, language),
            show=say(NoticeKey.TAKE_PAGE_SHOW, language),
            save=say(NoticeKey.TAKE_PAGE_SAVE, language),
            saved=say(NoticeKey.TAKE_PAGE_SAVED, language),
            older=say(NoticeKey.TAKE_PAGE_OLDER, language),
            newer=say(NoticeKey.TAKE_PAGE_NEWER, language),
            gone=gone,
            shown=Markup(shown),  # noqa: S704 - the words in it are escaped
            number=number,
            first=number > 0,
            more=more,
        )
        return HTMLResponse(body, status, _HEADERS)


def take_routes(
    links: Links, store: Store, writer: Writer, blobs: Blobs, catalogue: Catalogue
) -> list[Route]:
    """Return the routes of links to take along."""
    taking = Taking(links, store, writer, blobs, catalogue)
    return [
        Route("/take/{link}", taking.ask, methods=["GET"]),
        Route("/take/{link}", taking.read, methods=["POST"]),
        Route("/take/{link}/zip", taking.save, methods=["POST"]),
    ]


def _opened(unit: Unit, trajectory: str, seq: int, catalogue: Catalogue) -> Whose | None:
    """Return who may read by the link of a notice now, and note that they do."""
    logged = unit.entry(trajectory, seq)
    notice = logged.entry if logged is not None else None
    if not isinstance(notice, e.NoticeGiven) or notice.notice not in _LINKS:
        return None
    client = notice.party
    row, state = unit.outbox_row(trajectory, seq, client), unit.state(trajectory)
    if row is None or row.state in NOT_ARRIVED or state is None:
        return None
    if (unit.now - row.created_at).days >= TAKE_DAYS:
        return None
    if not may_decide(state, client) or not is_still_theirs(unit, row):
        return None
    handle(unit, trajectory, c.TakeLog(client), catalogue)
    return Whose(trajectory, client, state.seq, unit.now)
