"""READ: the log again, from any messenger, as far as it is the reader's to see.

1. A reader sees what they wrote and what reached them, and nothing else (I4): no notes, nothing
   from before they took part, nothing that waits or failed.
2. The newest lines come first, as many as one answer holds; MORE goes on with those before them.
3. The log tells who read which lines. What is shown is in no log again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import keywords
from bridge.core.notices import NoticeKey
from bridge.runtime.desk import language_of
from bridge.runtime.veiling import is_veiled
from bridge.runtime.words import days
from bridge.runtime.words.concern import Concern, Offer
from bridge.runtime.words.hearing import answer, opening
from bridge.runtime.words.naming import about, called

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from bridge.core.inbound import MessageIn
    from bridge.runtime.desk import Desk
    from storage.timeline import Item

LINES = 20
"""The most lines of one answer."""

GOES_ON = timedelta(minutes=15)
"""How long after an answer MORE means its next page; later it is a word like any other."""

_KINDS = {
    "photo": NoticeKey.LOG_PHOTO,
    "animation": NoticeKey.LOG_PHOTO,
    "sticker": NoticeKey.LOG_STICKER,
    "video": NoticeKey.LOG_VIDEO,
    "video_note": NoticeKey.LOG_VIDEO,
    "audio": NoticeKey.LOG_AUDIO,
    "voice_note": NoticeKey.LOG_VOICE,
    "file": NoticeKey.LOG_FILE,
}


def on_read(desk: Desk, person: str, inbound: MessageIn, word: str) -> bool:
    """Show the log again: its last lines, or those of a day; or what comes before the last page."""
    if word in keywords.MORE:
        return _more(desk, person, inbound)
    first, rest = opening(inbound)
    if first not in keywords.READ:
        return False
    mine = [one.trajectory for one in desk.unit.memberships(person)]
    among, day = _asked_for(desk, person, rest, mine)
    if not among:
        return False
    if not rest and not desk.released and _more(desk, person, inbound):
        return True
    desk.reason = "read"
    trajectory = about(desk, person, inbound, among, NoticeKey.WHICH_LOG)
    if trajectory:
        _show(desk, person, inbound, trajectory, day=day)
    return True


def _asked_for(
    desk: Desk, person: str, rest: str, mine: Sequence[str]
) -> tuple[Sequence[str], date | None]:
    """Return which logs are meant and which day; no logs where it is not the word at all."""
    if not rest:
        return mine, None
    if (day := days.past_day(rest, _today(desk, person))) is not None:
        return mine, day
    for cut in range(1, len(words := rest.split()) + 1):
        named = called(desk.unit, " ".join(words[:cut]).rstrip(":"), mine)
        left = " ".join(words[cut:])
        day = days.past_day(left, _today(desk, person)) if left else None
        if named and (day is not None or not left):
            return named, day
    return (), None


def _more(desk: Desk, person: str, inbound: MessageIn) -> bool:
    """Go on with the log that was read last, if that was just now and there is more of it."""
    unit = desk.unit
    found: list[tuple[datetime, str, int]] = []
    for one in unit.memberships(person):
        state = unit.state(one.trajectory)
        member = state.parties.get(person) if state is not None else None
        if member is not None and member.viewed_at is not None and member.viewed:
            found.append((member.viewed_at, one.trajectory, member.viewed))
    at, trajectory, before = max(found, default=(None, "", 0))
    if at is None or unit.now - at > GOES_ON:
        return False
    desk.reason = "read"
    _show(desk, person, inbound, trajectory, before=before)
    return True


def _show(
    desk: Desk,
    person: str,
    inbound: MessageIn,
    trajectory: str,
    *,
    before: int | None = None,
    day: date | None = None,
) -> None:
    if _may_not_show(desk, person, inbound, trajectory):
        return
    zone = days.zone_of(_zone(desk, person))
    within = days.span(day, zone) if day is not None else None
    page = desk.unit.pages.said(trajectory, person, before=before, within=within, limit=LINES)
    if not page.items:
        answer(desk, person, inbound, NoticeKey.READ_NOTHING)
        return
    room = desk.catalogue.room_on(inbound.place.network)
    shown = _Pen(desk, person).fitting(page.items, room)
    items = page.items[-len(shown) :]
    earlier = desk.unit.pages.said(trajectory, person, before=items[0].seq, limit=1)
    more = bool(earlier.items)
    key = NoticeKey.READ_MORE if more else NoticeKey.READ_ALL
    answer(desk, person, inbound, key, {"lines": "\n".join(shown[::-1])})
    desk.handle(
        trajectory,
        c.NoteViewing(person, inbound.place.network, items[0].seq, items[-1].seq, more),
    )


def _may_not_show(desk: Desk, person: str, inbound: MessageIn, trajectory: str) -> bool:
    """Say so where the trajectory keeps its words off the network that was asked from."""
    state, network = desk.unit.state(trajectory), inbound.place.network
    if state is not None and not state.policy.allows(network):
        names = ", ".join(map(desk.catalogue.network, state.policy.allowed_networks))
        answer(desk, person, inbound, NoticeKey.NETWORK_NOT_ALLOWED, {"networks": names})
        return True
    if is_veiled(state, network, desk.catalogue):
        answer(desk, person, inbound, NoticeKey.READ_NOT_HERE)
        return True
    return False


class _Pen:
    """Writes lines of a log for one reader."""

    def __init__(self, desk: Desk, reader: str) -> None:
        self._catalogue = desk.catalogue
        self._reader = reader
        self._language = desk.catalogue.language_of(language_of(desk.unit, reader))
        self._zone = days.zone_of(_zone(desk, reader))
        self._today = _today(desk, reader)

    def fitting(self, items: Sequence[Item], room: int) -> list[str]:
        """Return the newest lines that there is room for, the newest first; at least one."""
        lines: list[str] = []
        for item in reversed(items):
            line = self._line(item)
            room -= len(line) + 1
            if lines and room < 0:
                break
            lines.append(line)
        return lines

    def _line(self, item: Item) -> str:
        at = item.at.astimezone(self._zone)
        when = f"{at:%H:%M}"
        if at.date() != self._today:
            when = f"{days.written(at.date(), self._language, self._today)} {when}"
        return f"{when} {self._name(item)}: {self._words(item)}"

    def _name(self, item: Item) -> str:
        if item.author == self._reader:
            return self._say(NoticeKey.LOG_YOU)
        name = item.author_name or item.author
        return f"{name} ({self._say(NoticeKey.LOG_ASIDE)})" if item.kind == "aside_posted" else name

    def _words(self, item: Item) -> str:
        if item.deleted:
            return f"({self._say(NoticeKey.LOG_WITHDRAWN)})"
        if item.erased or item.text is None:
            return f"({self._say(NoticeKey.LOG_ERASED)})"
        found = [item.text] if item.text else []
        kind = item.media.kind if item.media is not None else ""
        if kind:
            name = f" {item.media.name}" if item.media and item.media.name else ""
            found.insert(0, f"[{self._say(_KINDS.get(kind, NoticeKey.LOG_FILE))}{name}]")
        if item.edited:
            found.append(f"({self._say(NoticeKey.LOG_EDITED)})")
        return " ".join(found)

    def _say(self, key: NoticeKey) -> str:
        return self._catalogue.say(key, self._language)


def _zone(desk: Desk, person: str) -> str:
    known = desk.unit.person(person)
    return known.time_zone if known is not None else ""


def _today(desk: Desk, person: str) -> date:
    return desk.unit.now.astimezone(days.zone_of(_zone(desk, person))).date()


CONCERN = Concern(
    on_read,
    (
        Offer("READ", "LEES", NoticeKey.WORD_READ),
        Offer("READ YESTERDAY", "LEES GISTEREN", NoticeKey.WORD_READ_DAY),
    ),
    keywords.READ | keywords.MORE,
)
