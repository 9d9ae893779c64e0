"""A timeline as a page shows it: each item with its words chosen, its times written, nothing raw.

1. Pure but for what is handed in: templates get strings and decide only where they stand.
2. Words of people come as ``Markup`` from ``markup``, or as plain strings that get escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup

from bridge.core.content import Choice, Notice, plain, words
from bridge.core.entries import BRIDGE
from bridge.core.notices import NoticeKey
from bridge.runtime import network_names
from bridge.web.console import phrases
from bridge.web.console.markup import html
from bridge.web.console.words import city, zone_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from bridge.runtime.texts import Catalogue
    from bridge.web.console.words import Words
    from storage.logview import DeliveryLine
    from storage.persons import PersonLine
    from storage.saying import MediaLine
    from storage.timeline import Item

PLAYED = {"photo": "image", "animation": "image", "sticker": "image"}
PLAYED |= {"voice_note": "audio", "audio": "audio", "video": "video", "video_note": "video"}
IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
SOUNDS = ("audio/", "video/")
_EXCERPT = 90
SAID = ("message_posted", "aside_posted")
"""The kinds of item that are words between people."""


class Delivery(msgspec.Struct, frozen=True):
    """What became of it for one recipient: a sentence, how it looks, and what was lost."""

    text: str
    look: str  # ok, wait or bad
    notes: tuple[str, ...] = ()


class File(msgspec.Struct, frozen=True):
    """An attachment: how it is played and what it is called."""

    url: str
    play: str  # image, audio, video or '' for a link
    name: str
    size: str


class Quoted(msgspec.Struct, frozen=True):
    """What is answered, in short."""

    seq: int
    author: str
    text: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One item; ``side`` is mine, theirs, note or event."""

    seq: int
    side: str
    author: str
    network: str
    held: str
    iso: str
    time: str
    elsewhere: str
    day: str
    day_key: str
    body: Markup | str
    event: str
    file: File | None
    choices: tuple[tuple[str, str], ...]
    quoted: Quoted | None
    edits: tuple[str, ...]
    deleted: bool
    erased: bool
    damaged: bool
    reactions: tuple[tuple[str, str], ...]
    deliveries: tuple[Delivery, ...]
    may_answer: bool
    may_change: bool
    aside: bool = False
    asks: tuple[tuple[str, str], ...] = ()
    """What she may answer to a question of the bridge: key and words."""


class Scene:
    """Whose page it is and who takes part: what the words of an item depend on."""

    def __init__(
        self,
        me: str,
        trajectory: str,
        people: Mapping[str, PersonLine],
        clients: Iterable[str],
        say: Words,
        catalogue: Catalogue,
    ) -> None:
        self.me = me
        self.trajectory = trajectory
        self.people = people
        self.say = say
        self.catalogue = catalogue
        zones = {people[one].time_zone for one in clients if one in people}
        self._zones = sorted(zone for zone in zones if zone and zone_of(zone) != say.zone)

    def name(self, person: str) -> str:
        """Return what to call somebody."""
        if person == BRIDGE:
            return self.say("The bridge")
        known = self.people.get(person)
        return known.name if known else person

    def items(self, items: Iterable[Item], answered: Mapping[int, Item]) -> list[Shown]:
        """Return items for a page; ``answered`` are those that they answer."""
        return [self._item(item, answered) for item in items]

    def excerpt(self, item: Item) -> Quoted:
        """Return an item in one short line."""
        text = " ".join((item.text or "").split())
        if not text and item.media is not None:
            text = self._kind(item.media.kind)
        if item.deleted:
            text = self.say("withdrawn")
        short = text[:_EXCERPT] + ("…" if len(text) > _EXCERPT else "")
        return Quoted(item.seq, self.name(item.author), short)

    def _item(self, item: Item, answered: Mapping[int, Item]) -> Shown:
        side = self._side(item)
        said = side != "event"
        of = answered.get(item.reply_to) if item.reply_to is not None else None
        return Shown(
            seq=item.seq,
            side=side,
            author=self.name(item.author),
            network=self.say(network_names.title(item.network)) if item.network else "",
            held=self.say("session of {n} minutes", n=str(item.minutes)) if item.minutes else "",
            iso=item.at.isoformat(timespec="seconds"),
            time=self.say.time(item.at),
            elsewhere=self._elsewhere(item) if said else "",
            day=self.say.day(item.at),
            day_key=self.say.day_key(item.at),
            body=html(item.body) if said else self._told(item),
            event="" if said else self._event(item),
            file=self._file(item.media),
            choices=self._choices(item) if said else (),
            quoted=self.excerpt(of) if of is not None else None,
            edits=tuple(text or self.say("erased") for text in item.edited),
            deleted=item.deleted,
            erased=item.erased,
            damaged=item.damaged,
            reactions=tuple((" ".join(r.emoji), self.name(r.party)) for r in item.reactions),
            deliveries=tuple(self._deliveries(item)) if said else (),
            may_answer=item.kind in SAID,
            may_change=side == "mine" and not item.deleted and item.media is None,
            aside=item.kind == "aside_posted",
            asks=self._asks(item),
        )

    def _side(self, item: Item) -> str:
        if item.kind in ("note_added", "session_logged"):
            return "note"
        if item.kind not in SAID:
            return "event"
        return "mine" if item.author == self.me else "theirs"

    def _elsewhere(self, item: Item) -> str:
        """Return what time it was for the others, where their clocks show another."""
        here = self.say.time(item.at)
        return ", ".join(
            self.say(
                "{time} in {city}", time=self.say.time(item.at, zone_of(zone)), city=city(zone)
            )
            for zone in self._zones
            if self.say.time(item.at, zone_of(zone)) != here
        )

    def _event(self, item: Item) -> str:
        reason = phrases.REFUSALS.get(item.reason, phrases.OTHER_REFUSAL)
        text = phrases.EVENTS.get(f"{item.kind}/{item.reason}") or phrases.EVENTS.get(item.kind)
        if text is None:
            return self.say(phrases.OTHER_EVENT, kind=item.kind)
        return self.say(
            text,
            party=self.name(item.party),
            author=self.name(item.author),
            role=self.say(phrases.ROLES.get(item.party_role, item.party_role)),
            network=self.say(network_names.title(item.network)),
            reason=self.say(reason),
            minutes=str(item.minutes),
            when=self._when(item.start),
        )

    def _when(self, start: datetime | None) -> str:
        return f"{self.say.day(start)}, {self.say.time(start)}" if start is not None else ""

    def _told(self, item: Item) -> str:
        """Return what the bridge said in the coach's own language, or what a machine heard."""
        if not item.notice:
            return (item.text or "") if item.kind == "transcript_added" else ""
        try:
            notice = Notice(key=NoticeKey(item.notice), params=item.params)
            content = self.catalogue.translate(notice, self.say.language)
        except (KeyError, ValueError):  # of an older version, or its words were erased
            return ""
        return words(content)

    def _asks(self, item: Item) -> tuple[tuple[str, str], ...]:
        """Return the answers to a question the bridge put to the reader, which has none yet."""
        if not item.notice or item.party != self.me or item.erased:
            return ()
        if any(choice.chosen_by for choice in item.choices):
            return ()
        return tuple(
            (one.key, self.catalogue.option(Choice(one.key, one.label), self.say.language).label)
            for one in item.choices
        )

    def _file(self, media: MediaLine | None) -> File | None:
        if media is None or not media.attachment:
            return None
        play = PLAYED.get(media.kind, "")
        if play == "image" and media.mime not in IMAGES:
            play = "video" if media.mime.startswith("video/") else ""
        if play in ("audio", "video") and not media.mime.startswith(SOUNDS):
            play = ""
        own = media.attachment.removeprefix(f"{self.trajectory}/")
        name = media.name or self._kind(media.kind)
        return File(f"files/{self.trajectory}/{own}", play, name, _size(media.size))

    def _kind(self, kind: str) -> str:
        return self.say(phrases.CONTENT.get(kind, "file"))

    def _choices(self, item: Item) -> tuple[tuple[str, str], ...]:
        return tuple(
            (choice.label, ", ".join(self.name(one) for one in choice.chosen_by))
            for choice in item.choices
        )

    def _deliveries(self, item: Item) -> Iterator[Delivery]:
        """Yield what became of it; that it reached the reader's own messenger needs no telling."""
        for line in item.deliveries:
            if line.party != self.me or line.state in phrases.BAD:
                yield self._delivery(line)

    def _delivery(self, line: DeliveryLine) -> Delivery:
        bad, waits = line.state in phrases.BAD, line.state in phrases.UNDER_WAY
        text = self.say(phrases.STATES[line.state], name=self.name(line.party))
        if line.network:
            text = self.say("{what} on {network}", what=text, network=self.network(line.network))
        notes = [
            self.say(phrases.LOSSES.get(code, phrases.OTHER_LOSS), code=code)
            for code in line.losses
        ]
        if line.twice:
            notes.append(self.say("possibly sent twice"))
        if bad and (line.reason or line.detail):
            notes.insert(0, self.catalogue.reason(line.reason, self.say.language, line.detail))
        return Delivery(text, "bad" if bad else "wait" if waits else "ok", tuple(notes))

    def network(self, network: str) -> str:
        """Return what people call a network, in their language."""
        return self.say(network_names.title(network))


def _size(size: int) -> str:
    if size <= 0:
        return ""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(1, size // 1000)} kB"


def line_of(item: Item) -> str:
    """Return the plain words of an item."""
    return item.text if item.text is not None else plain(item.body)
