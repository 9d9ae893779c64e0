"""The inbox, the search over all of a coach's conversations, activity, and a log as a file.

1. What they show comes from ``bridge.web.views``, as it does for their JSON twins.
2. A search opens every line, so its page is sent as it is found: how far it is comes first.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from bridge.web import picture, views
from bridge.web.console.reading import title_of
from bridge.web.console.visit import HEADERS
from bridge.web.export import Exporter
from storage import queries
from storage.scan import Progress

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from starlette.responses import Response

    from bridge.web.console.visit import Visit
    from bridge.web.shapes import Card, Found

MOST_HITS = 200

GROUPS = (
    ("failed", "Not delivered"),
    ("uncertain", "Unclear"),
    ("unanswered", "Waiting for your answer"),
    ("waiting", "Waiting for consent"),
    ("unread", "New"),
    ("", "Quiet"),
    ("closed", "Closed"),
)
"""The inbox's groups in order: the first need of a trajectory, and the heading."""


class Row(msgspec.Struct, frozen=True):
    """One trajectory in the inbox; ``why`` are its needs in words, with how they look."""

    id: str
    title: str
    unread: int
    iso: str
    when: str
    last: str
    why: tuple[tuple[str, str], ...]


async def inbox(visit: Visit) -> Response:
    """Show her trajectories by what needs attention."""
    found = await asyncio.to_thread(views.inbox, visit.store, visit.person.id)
    groups: list[tuple[str, list[Row]]] = []
    for need, heading in GROUPS:
        cards = [card for card in found.trajectories if _group(card) == need]
        if cards:
            groups.append((heading, [_row(visit, card) for card in cards]))
    return visit.page("inbox.html", groups=groups, unread=found.unread, parked=found.parked)


def _group(card: Card) -> str:
    if card.closed:
        return "closed"
    return card.needs[0] if card.needs else ""


def _row(visit: Visit, card: Card) -> Row:
    say = visit.words
    why: list[tuple[str, str]] = []
    if card.failed:
        why.append(("bad", say.count(card.failed, "one not delivered", "{n} not delivered")))
    if card.uncertain:
        why.append(("bad", say.count(card.uncertain, "one unclear", "{n} unclear")))
    if card.unanswered is not None:
        when = say.moment(card.unanswered)
        why.append(("", say("waits for your answer since {when}", when=when)))
    if card.waiting:
        why.append(("", say.count(card.waiting, "one waits for consent", "{n} wait for consent")))
    last = card.last_text
    if last is None:
        last = say("withdrawn or erased")
    elif not last:
        last = say("something without words")
    name = card.last_author.name if card.last_author is not None else ""
    return Row(
        card.id,
        card.title or ", ".join(client.name for client in card.clients) or card.id,
        card.unread,
        card.last_at.isoformat(timespec="seconds"),
        say.moment(card.last_at),
        f"{name}: {last}" if name else "",
        tuple(why),
    )


async def search(visit: Visit) -> Response:
    """Show what is found, as it is found."""
    query = visit.request.query_params.get("q", "").strip()[: views.MOST_QUERY]
    head, foot = visit.text("search.html", query=query).split("<!-- hits -->")

    async def body() -> AsyncIterator[str]:
        yield head
        if query:
            found = views.search(visit.store, visit.person.id, query)
            async for part in iterate_in_threadpool(_parts(visit, found)):
                yield part
        yield foot

    return StreamingResponse(body(), media_type="text/html", headers=HEADERS)


def _parts(visit: Visit, found: Iterable[Found | Progress]) -> Iterator[str]:
    """Yield the HTML of hits, and of how far the search is when it takes long."""
    hits = 0
    for step in found:
        if isinstance(step, Progress):
            if step.done < step.total:
                yield visit.part("searching.html", done=step.done, total=step.total)
            continue
        hits += 1
        if hits > MOST_HITS:
            break
        yield visit.part("hit.html", hit=step, when=visit.words.moment(step.at))
    yield visit.part("found.html", hits=hits, most=MOST_HITS)


async def activity(visit: Visit) -> Response:
    """Show how lively a trajectory was, as a picture and as a table."""
    name = await visit.trajectory()
    found = await asyncio.to_thread(views.activity, visit.store, visit.person.id, name)
    language = visit.words.language
    return visit.page(
        "activity.html",
        trajectory=name,
        title=await asyncio.to_thread(title_of, visit, name),
        drawn=Markup(picture.draw(found, language)),  # noqa: S704 - it escapes the names itself
        table=picture.table(found, language),
        total=found.total,
    )


async def export(visit: Visit) -> Response:
    """Hand over everything: the log to read and for programs, its files, and the proof."""
    name = await visit.trajectory()
    if await asyncio.to_thread(queries.trajectory, visit.store, name) is None:
        raise HTTPException(404)
    console, say = visit.console, visit.words
    exporter = Exporter(console.store, console.blobs, console.catalogue)
    archive = exporter.export(
        name, language=say.language, zone=say.zone, now=console.now(), coach=visit.person.id
    )
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}.zip"'}
    return StreamingResponse(archive, media_type="application/zip", headers=headers)
