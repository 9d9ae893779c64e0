"""A trajectory's page: its timeline, who takes part, and the parts of it that are asked for later.

1. A page holds the newest ``PAGE`` items; older ones and new ones come as parts of HTML, made by
   the same template.
2. One thread, a few short reads: 50 ms at 10,000 entries.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException

from bridge.core.calls import TELEPHONE
from bridge.runtime import network_names
from bridge.web import calling
from bridge.web.console import minutes, phrases
from bridge.web.console.shown import Quoted, Scene, Shown
from bridge.web.console.words import city, zone_of
from storage import persons, timeline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from bridge.core.trajectory import Trajectory
    from bridge.web.console.visit import Visit
    from storage.persons import EndpointLine, PersonLine
    from storage.timeline import Item, Page

PAGE = 50
EMOJI = "🙂 😊 😀 😂 🥰 😍 😉 😌 🤗 🤔 😮 😅 😢 😟 😴 💪 👍 👏 🙏 👌 🤞 ✨ 🌷 🌞 🌱 🍀 ☕ 🎉 🎯 🏆 ❤️ 💚 💙 🧡 ✅ ❓ ❗ 💡 📅 ⏳"  # noqa: E501
REACTIONS = "👍 ❤️ 🙏 👏 🎉 😂 😢 🤔"


class Where(msgspec.Struct, frozen=True):
    """One endpoint of somebody, in words."""

    network: str
    address: str
    protection: str
    safe: bool
    stopped: bool


class Member(msgspec.Struct, frozen=True):
    """Somebody who takes part."""

    id: str
    name: str
    role: str
    zone: str
    now: str
    consent: str
    endpoints: tuple[Where, ...]


class Calling(msgspec.Struct, frozen=True):
    """Who can be called now, on which telephone of the coach's, and what came of the last try."""

    people: tuple[Member, ...] = ()
    number: str = ""
    said: str = ""
    refused: bool = False


async def trajectory_page(visit: Visit) -> Response:
    """Show the newest part of a timeline, with the composer."""
    name = await visit.trajectory()
    return await asyncio.to_thread(_page, visit, name)


async def entries(visit: Visit) -> Response:
    """Return a part of the timeline: before a seq, or what is new or changed after one."""
    name = await visit.trajectory()
    query = visit.request.query_params
    before, after = _number(query.get("before")), _number(query.get("after"))
    if (before is None) == (after is None):
        raise HTTPException(400)
    return await asyncio.to_thread(_part, visit, name, before, after)


def _page(visit: Visit, name: str) -> Response:
    state = persons.state_of(visit.store, name)
    if state is None:
        raise HTTPException(404)
    query = visit.request.query_params
    around = _number(query.get("at"))
    before = around + PAGE // 2 if around is not None else None
    page = timeline.page(visit.store, name, None, before=before, limit=PAGE, coach=visit.person.id)
    scene, people = scene_of(visit, state)
    shown, answered = _shown(visit, name, scene, page)
    reply = _number(query.get("reply"))
    members = _members(visit, state, people)
    return visit.page(
        "trajectory.html",
        trajectory=name,
        title=_title(state, people),
        open=state.open,
        items=shown,
        more=page.more,
        seq=page.seq,
        newest=before is None,
        reply=_quoted(visit, name, scene, reply, answered),
        members=members,
        minutes=minutes.in_short(state),
        clients=[(m.id, m.name) for m in members if m.id in state.with_role("client")],
        call=_calling(visit, state, members, query.get("call", "")),
        emoji=EMOJI.split(),
        reactions=REACTIONS.split(),
        max_upload=visit.console.max_upload,
    )


def _part(visit: Visit, name: str, before: int | None, after: int | None) -> Response:
    state = persons.state_of(visit.store, name)
    if state is None:
        raise HTTPException(404)
    page = timeline.page(
        visit.store, name, None, before=before, after=after, limit=PAGE, coach=visit.person.id
    )
    scene, _ = scene_of(visit, state)
    shown, _ = _shown(visit, name, scene, page)
    answer = visit.page("entries.html", items=shown, reactions=REACTIONS.split(), trajectory=name)
    answer.headers["x-seq"] = str(page.seq)
    answer.headers["x-more"] = "1" if page.more else "0"
    return answer


def scene_of(visit: Visit, state: Trajectory) -> tuple[Scene, Mapping[str, PersonLine]]:
    """Return what the words of items depend on, and the people of a trajectory."""
    people = persons.persons(visit.store, {*state.parties, visit.person.id})
    clients = [one for one, party in state.parties.items() if party.role == "client"]
    scene = Scene(visit.person.id, state.id, people, clients, visit.words, visit.console.catalogue)
    return scene, people


def _shown(
    visit: Visit, name: str, scene: Scene, page: Page
) -> tuple[list[Shown], Mapping[int, Item]]:
    here = {item.seq: item for item in page.items}
    asked = {item.reply_to for item in page.items if item.reply_to is not None}
    for seq in asked - here.keys():
        here.update(_one(visit, name, seq))
    return scene.items(page.items, here), here


def _one(visit: Visit, name: str, seq: int) -> dict[int, Item]:
    found = timeline.page(
        visit.store, name, None, before=seq + 1, limit=1, coach=visit.person.id
    ).items
    return {item.seq: item for item in found if item.seq == seq}


def _quoted(
    visit: Visit, name: str, scene: Scene, seq: int | None, known: Mapping[int, Item]
) -> Quoted | None:
    if seq is None:
        return None
    item = known.get(seq) or _one(visit, name, seq).get(seq)
    return None if item is None else scene.excerpt(item)


def _title(state: Trajectory, people: Mapping[str, PersonLine]) -> str:
    return state.title or names_of(state, people) or state.id


def title_of(visit: Visit, name: str) -> str:
    """Return what to call a trajectory: its title, else its clients."""
    state = persons.state_of(visit.store, name)
    if state is None:
        raise HTTPException(404)
    return _title(state, persons.persons(visit.store, tuple(state.parties)))


def names_of(state: Trajectory, people: Mapping[str, PersonLine]) -> str:
    """Return the names of the clients."""
    clients = state.with_role("client")
    return ", ".join(people[one].name if one in people else one for one in clients)


def _members(visit: Visit, state: Trajectory, people: Mapping[str, PersonLine]) -> list[Member]:
    say = visit.words
    active = [one for one, party in state.parties.items() if party.active]
    reached = persons.endpoints(visit.store, active)
    made: list[Member] = []
    for one in active:
        known, party = people.get(one), state.parties[one]
        zone = known.time_zone if known else ""
        made.append(
            Member(
                one,
                known.name if known else one,
                say(phrases.ROLES.get(party.role, party.role)),
                city(zone) if zone else "",
                say.time(visit.console.now(), zone_of(zone)) if zone else "",
                party.consent.value if party.role == "client" else "",
                tuple(_where(visit, line) for line in reached if line.person == one),
            )
        )
    return sorted(made, key=lambda member: member.id == visit.person.id)


def _calling(visit: Visit, state: Trajectory, members: list[Member], came: str) -> Calling:
    """Return the clients a coach can ring, and what to say of the try that led to this page."""
    me, line = visit.person.id, bool(visit.console.catalogue.lines)
    lines = persons.endpoints(visit.store, tuple(state.parties)) if line else []
    rings = [one for one in lines if one.endpoint.network == TELEPHONE and not one.opted_out]
    have = {one.person for one in rings}
    ready = (m for m in members if not calling.why_not(state, me, m.id, have, line=line))
    mine = next((one.endpoint.address for one in rings if one.person == me), "")
    said = visit.words(phrases.CALLS[came]) if came in phrases.CALLS else ""
    return Calling(tuple(ready), mine, said, refused=came != "begun")


def _where(visit: Visit, line: EndpointLine) -> Where:
    endpoint = line.endpoint
    adapter = visit.console.adapters.get(f"{endpoint.network}:{endpoint.account}")
    protection = adapter.capabilities.protection if adapter is not None else None
    return Where(
        visit.words(network_names.title(endpoint.network)),
        endpoint.address,
        visit.words(phrases.PROTECTION[protection]) if protection else "",
        protection is not None and protection.value == "end_to_end",
        bool(line.opted_out),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
