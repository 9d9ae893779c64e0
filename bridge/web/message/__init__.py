"""/messages/<link>: words that were not to go over a weak network, for the reader of one delivery.

1. Opening the link shows a button and changes nothing: previews and robots open links too, and
   learn nothing, not even whether there is anything.
2. The button shows the words if their reader still takes part, the endpoint the link went to is
   still theirs, and the link is young enough. Whoever may not see them is told one same thing.
3. The first showing is a receipt: the log says that they were read.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import msgspec
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bridge.core import commands as c
from bridge.core.delivery import DeliveryState, may_become
from bridge.core.errors import StoreError
from bridge.core.notices import NoticeKey
from bridge.runtime.handle import handle
from bridge.runtime.links import MESSAGE_LASTS
from bridge.runtime.texts import LANGUAGES, language_of
from bridge.web.console.markup import html
from bridge.web.files import is_still_theirs
from storage import timeline

if TYPE_CHECKING:
    from starlette.requests import Request

    from bridge.runtime.links import Links
    from bridge.runtime.texts import Catalogue
    from storage.engine import Store
    from storage.unit import Unit
    from storage.writer import Writer

STYLE = (
    ":root{color-scheme:light dark;--ink:#1c1b1a;--paper:#fbf9f6;--card:#fff;--edge:#8a8279;"
    "--strong:#1f5f4a;--on:#fff}"
    "@media(prefers-color-scheme:dark){:root{--ink:#f1eee9;--paper:#191817;--card:#242220;"
    "--edge:#8f877d;--strong:#8fd3ba;--on:#10241c}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);"
    "font:1.0625rem/1.5 system-ui,sans-serif}"
    "main{max-width:38rem;margin:0 auto;padding:2.5rem 1.25rem}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}h2{font-size:1rem;margin:0 0 .5rem}"
    "article{background:var(--card);border:1px solid var(--edge);border-radius:.75rem;"
    "padding:1.25rem;margin:1.25rem 0;overflow-wrap:anywhere}"
    ".words{white-space:pre-wrap}img{max-width:100%;height:auto;border-radius:.5rem}"
    "audio{width:100%}a{color:var(--strong)}"
    "button{font:inherit;font-weight:600;min-height:3rem;padding:.5rem 1.5rem;border:0;"
    "border-radius:.75rem;background:var(--strong);color:var(--on);cursor:pointer}"
    "a:focus-visible,button:focus-visible{outline:3px solid var(--ink);outline-offset:3px}"
)


def headers_for(style: str) -> dict[str, str]:
    """Return what an answer of a plain page carries whose only style is this one."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; media-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow, noarchive",
    }


_HEADERS = headers_for(STYLE)
TEMPLATES = Path(__file__).parent / "templates"
"""``bare.html`` among them is the page around what a link shows."""
_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


_SENT = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ})


class Shown(msgspec.Struct, frozen=True):
    """What the page shows: of whom, words as markup, a file and where it is, reactions in words."""

    language: str
    author: str = ""
    words: Markup = Markup("")
    file: str = ""
    image: str = ""
    sound: str = ""
    url: str = ""
    reactions: tuple[str, ...] = ()


def message_routes(links: Links, store: Store, writer: Writer, catalogue: Catalogue) -> list[Route]:
    """Return the routes of links to words."""

    async def ask(request: Request) -> Response:
        return _page(catalogue, spoken(request))

    async def look(row: int) -> Shown | None:
        found = await writer.submit(lambda unit: _opened(unit, row, catalogue))
        if found is None:
            return None
        return await asyncio.to_thread(_shown, store, found, links, catalogue)

    async def show(request: Request) -> Response:
        language = spoken(request)
        row = links.message_row(request.path_params["link"])
        try:
            shown = None if row is None else await look(row)
        except StoreError:
            shown = None
        if shown is None:
            return _page(catalogue, language, status=HTTPStatus.NOT_FOUND)
        return _page(catalogue, shown.language, shown=shown)

    return [
        Route("/messages/{link}", ask, methods=["GET"]),
        Route("/messages/{link}", show, methods=["POST"]),
    ]


def _page(
    catalogue: Catalogue,
    language: str,
    *,
    shown: Shown | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    gone = status is HTTPStatus.NOT_FOUND
    body = _templates.get_template("message.html").render(
        language=language,
        style=Markup(STYLE),  # noqa: S704 - a constant of ours
        title=catalogue.say(NoticeKey.MESSAGE_PAGE_TITLE, language),
        lead=catalogue.say(NoticeKey.MESSAGE_PAGE_LEAD, language),
        button=catalogue.say(NoticeKey.MESSAGE_PAGE_SHOW, language),
        after=catalogue.say(NoticeKey.MESSAGE_PAGE_AFTER, language),
        gone=catalogue.say(NoticeKey.MESSAGE_PAGE_GONE, language) if gone else "",
        shown=shown,
    )
    return HTMLResponse(body, status, _HEADERS)


def spoken(request: Request) -> str:
    """Return the first language of the browser that we speak."""
    for tag in request.headers.get("accept-language", "")[:200].split(","):
        name = tag.partition(";")[0].strip().lower()
        if name.partition("-")[0] in LANGUAGES:
            return language_of(name)
    return language_of("")


class _Opened(msgspec.Struct, frozen=True):
    """Whose link it is, and which line of which log it shows."""

    row: int
    trajectory: str
    party: str
    line: int
    language: str


def _opened(unit: Unit, number: int, catalogue: Catalogue) -> _Opened | None:
    """Return what a row's link may show its reader now, and note that it was read."""
    row = unit.outbox_row_by_id(number)
    if row is None or row.state not in _SENT or unit.now - row.created_at > MESSAGE_LASTS:
        return None
    person = unit.person(row.party)
    if person is None or not is_still_theirs(unit, row):
        return None
    if may_become(row.state, DeliveryState.READ):
        unit.settle(row.id, DeliveryState.READ)
        report = c.Report(
            target=row.seq,
            party=row.party,
            state=DeliveryState.READ,
            purpose=row.purpose,
            network=row.network,
        )
        handle(unit, row.trajectory, report, catalogue)
    return _Opened(row.id, row.trajectory, row.party, row.target, language_of(person.language))


def _shown(store: Store, found: _Opened, links: Links, catalogue: Catalogue) -> Shown | None:
    """Return a line as it is now, through its reader's eyes; None where they may not see it."""
    page = timeline.page(store, found.trajectory, found.party, before=found.line + 1, limit=1)
    item = page.items[0] if page.items else None
    if item is None or item.seq != found.line:
        return None
    language = found.language
    shown = Shown(language, author=item.author_name)
    if item.deleted:
        gone = catalogue.say(NoticeKey.MESSAGE_PAGE_WITHDRAWN, language)
        return msgspec.structs.replace(shown, words=html((gone,)))
    if item.text is None:
        return None
    reactions = tuple(
        catalogue.say(NoticeKey.REACTED, language, name=one.name, emoji=" ".join(one.emoji))
        for one in item.reactions
    )
    shown = msgspec.structs.replace(shown, words=html(item.body), reactions=reactions)
    if item.media is None:
        return shown
    media, url = item.media, links.url(found.row)
    name = media.name or media.mime
    return msgspec.structs.replace(
        shown,
        file=catalogue.say(NoticeKey.MESSAGE_PAGE_FILE, language, name=name),
        image=url if media.kind == "photo" else "",
        sound=url if media.kind == "voice_note" else "",
        url=url,
    )
