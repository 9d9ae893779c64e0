"""What a claimed row is really to show, found in the transaction of its claim.

1. External ids are looked up here, not when the effect was made: the original may have been sent
   meanwhile, or show in another place.
2. A row whose file is still on its way goes back to the queue; a file that will never come is told
   in words, and its caption goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from bridge.core.adapter import Delivery
from bridge.core.content import Choices, Notice, Text, attachment, with_attachment, words
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    OpenPlace,
    Purpose,
    SendMessage,
    SetReaction,
    UseTelephone,
)
from bridge.core.endpoint import Place
from bridge.core.entries import AsidePosted, MessagePosted
from bridge.core.notices import NoticeKey
from bridge.runtime import veiling
from bridge.runtime.linking import linked
from bridge.runtime.pictures import illustrated

if TYPE_CHECKING:
    from bridge.core.content import Attachment
    from bridge.core.effects import Effect
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import Claimed
    from storage.unit import Unit


QUOTED = 80
"""The most characters of a message that are quoted where a network shows no answers."""


@dataclass(slots=True, frozen=True)
class Item:
    """A claimed row, ready to be rendered and sent."""

    row: Claimed
    delivery: Delivery
    losses: tuple[str, ...] = ()
    """What the network could have shown and was not given."""

    @property
    def effect(self) -> Effect:
        """What is to be done."""
        return self.delivery.effect


@dataclass(slots=True, frozen=True)
class Waits:
    """A claimed row that was put back: its file (``blob``) is on its way, or its album ('')."""

    row: int
    blob: str


@dataclass(slots=True, frozen=True)
class Nothing:
    """There is nothing to correct: the original never reached this party."""


def _readdressed(unit: Unit, row: Claimed) -> Effect:
    """Return the effect for the place where this endpoint shows the trajectory by now.

    A topic may have been given up, a private chat may have another id; the person, the endpoint
    and its link are the same, or the claim would have been refused. Where several trajectories
    share the new place, the author has to be named.
    """
    effect = row.effect
    if not row.trajectory or isinstance(effect, OpenPlace | Acknowledge | UseTelephone):
        return effect
    place, endpoint = effect.to.place, unit.endpoint(effect.to.endpoint)
    bound = unit.binding(place)
    private = endpoint is None or place.chat == endpoint.chat
    if bound == (row.trajectory, effect.to.party) or (bound is None and private):
        return effect
    state = unit.state(row.trajectory)
    own = state.parties[effect.to.party].place if state else None
    if own is None or (own.network, own.account) != (place.network, place.account):
        own = Place(place.network, place.account, endpoint.chat if endpoint else place.chat)
    effect = replace(effect, to=replace(effect.to, place=own))
    if isinstance(effect, SendMessage | EditMessage) and not effect.header:
        effect = replace(effect, header=_author_name(unit, row))
    return effect


def _author_name(unit: Unit, row: Claimed) -> str:
    logged = unit.entry(row.trajectory, row.seq)
    person = unit.person(logged.entry.author) if logged else None
    return person.name if person else ""


def prepare(unit: Unit, row: Claimed, catalogue: Catalogue) -> Item | Waits | Nothing:
    """Find what an effect needs; put a row back whose file is on its way."""
    effect = _readdressed(unit, row)
    state = unit.state(row.trajectory) if row.trajectory else None
    hidden = veiling.veils(state, effect, catalogue)
    if row.purpose is Purpose.NUDGE and veiling.is_veiled(state, row.network, catalogue):
        return Nothing()  # its words may not show there, and a bare link spurs nobody
    reply_to = ""
    targets: tuple[str, ...] = ()
    if isinstance(effect, SendMessage) and effect.reply_to is not None:
        shown = _externals(unit, row.trajectory, effect, effect.reply_to)
        reply_to = shown[0] if shown else ""
    elif isinstance(effect, EditMessage | DeleteMessage | SetReaction):
        targets = _externals(unit, row.trajectory, effect, effect.target)
        if not targets:
            told = _told_anew(unit, row, effect, catalogue)
            if told is None:
                return Nothing()
            effect = effect if hidden else told
    if isinstance(effect, SendMessage | EditMessage):
        found = _with_file(unit, row, effect, catalogue)
        if isinstance(found, Waits):
            return found
        effect = illustrated(unit, row, found, catalogue)
    if hidden:
        return _veiled(unit, row, effect, targets, catalogue)
    outgoing, losses = linked(unit, row, effect, catalogue)
    return Item(row, _in_words(unit, row, Delivery(outgoing, reply_to, targets), catalogue), losses)


def _with_file(
    unit: Unit, row: Claimed, effect: SendMessage | EditMessage, catalogue: Catalogue
) -> SendMessage | EditMessage | Waits:
    """Look where an effect's file stands; one on its way puts the row back."""
    file = attachment(effect.content)
    if file is None:
        return effect
    blob = unit.blob(file.id) if file.id else None
    if blob is not None and blob.state == "pending":
        unit.requeue(row.id, not_before=unit.now)
        return Waits(row.id, blob.id)
    if blob is None or blob.state != "stored":
        return _without_file(unit, effect, file, blob.reason if blob else "gone", catalogue)
    return replace(effect, content=with_attachment(effect.content, replace(file, size=blob.size)))


def _veiled(
    unit: Unit, row: Claimed, effect: Effect, targets: tuple[str, ...], catalogue: Catalogue
) -> Item | Nothing:
    """Return what goes out where the words themselves may not; nothing else is known of them."""
    language = _language(unit, effect)
    instead = veiling.veiled(row, effect, language, catalogue)
    if instead is None:
        return Nothing()
    delivery = Delivery(instead)
    if isinstance(instead, DeleteMessage):
        told = catalogue.say(NoticeKey.WITHDRAWN_UNSEEN, language)
        delivery = Delivery(instead, targets=targets, told=told)
    return Item(row, delivery, (veiling.WITHHELD,))


def _in_words(unit: Unit, row: Claimed, delivery: Delivery, catalogue: Catalogue) -> Delivery:
    """Add the words for networks that lack a feature, in the reader's language."""
    effect = delivery.effect
    language = _language(unit, effect)
    match effect:
        case SendMessage(content=content, reply_to=answered):
            quote = _quote(unit, row, answered) if answered is not None else ""
            choose = catalogue.choose(language) if isinstance(content, Choices) else ""
            link = catalogue.file_link(content, row.id, language)
            if quote or choose or link:
                return replace(delivery, quote=quote, choose=choose, file_link=link)
        case EditMessage(target=target, content=content):
            return replace(
                delivery,
                quote=_quote(unit, row, target),
                told=_told(unit, row, effect, catalogue),
                file_link=catalogue.file_link(content, row.id, language),
            )
        case DeleteMessage(target=target) | SetReaction(target=target):
            told = _told(unit, row, effect, catalogue)
            return replace(delivery, quote=_quote(unit, row, target), told=told)
        case Acknowledge() | OpenPlace() | UseTelephone():
            pass
        case _:
            assert_never(effect)
    return delivery


def _language(unit: Unit, effect: Effect) -> str:
    person = unit.person(effect.to.party)
    return person.language if person else "en"


def _quote(unit: Unit, row: Claimed, seq: int) -> str:
    """Return a message in short as its reader saw it; '' where they never did (I4)."""
    reader = row.effect.to.party
    logged = unit.entry(row.trajectory, seq)
    if logged is None or not isinstance(logged.entry, MessagePosted):
        return ""
    author = logged.entry.author
    if isinstance(logged.entry, AsidePosted) and reader not in (author, *logged.entry.to):
        return ""
    if author != reader and not unit.externals(row.trajectory, seq, reader):
        return ""
    person = unit.person(author)
    said = " ".join(words(logged.entry.content).split())
    name = person.name if person else author
    return f"{name}: {_short(said)}" if said else name


def _short(said: str) -> str:
    if len(said) <= QUOTED:
        return said
    return f"{said[:QUOTED].rpartition(' ')[0] or said[:QUOTED]}…"


def _told_anew(
    unit: Unit,
    row: Claimed,
    effect: EditMessage | DeleteMessage | SetReaction,
    catalogue: Catalogue,
) -> SendMessage | None:
    """Tell a correction as a message where the original shows in another place than this.

    None where the original never reached this party: then there is nothing to correct.
    """
    to = effect.to
    if not unit.externals(row.trajectory, effect.target, to.party):
        return None
    said = _told(unit, row, effect, catalogue)
    if not said:
        return None
    header = effect.header if isinstance(effect, EditMessage) else ""
    return SendMessage(
        seq=effect.seq, to=to, purpose=effect.purpose, content=Text((said,)), header=header
    )


def _told(
    unit: Unit,
    row: Claimed,
    effect: EditMessage | DeleteMessage | SetReaction,
    catalogue: Catalogue,
) -> str:
    """Return a correction in words; '' for a reaction that was taken back: that is no news."""
    language = _language(unit, effect)
    name = effect.header or _author_name(unit, row)
    match effect:
        case EditMessage(content=content):
            return catalogue.say(NoticeKey.MESSAGE_CORRECTED, language) + words(content)
        case DeleteMessage():
            return catalogue.say(NoticeKey.MESSAGE_DELETED, language, name=name)
        case SetReaction(emoji=()):
            return ""
        case SetReaction(emoji=emoji):
            return catalogue.say(NoticeKey.REACTED, language, name=name, emoji=" ".join(emoji))
        case _:
            assert_never(effect)


def _without_file(
    unit: Unit,
    effect: SendMessage | EditMessage,
    file: Attachment,
    why: str,
    catalogue: Catalogue,
) -> SendMessage | EditMessage:
    """Say in words that a file could not be passed on; its caption goes on all the same."""
    language = _language(unit, effect)
    params = {"name": file.name or file.mime, "reason": why}
    note = words(catalogue.translate(Notice(key=NoticeKey.MEDIA_LOST, params=params), language))
    caption = words(effect.content)
    return replace(effect, content=Text((f"{note}\n{caption}" if caption else note,)))


def _externals(unit: Unit, trajectory: str, effect: Effect, seq: int) -> tuple[str, ...]:
    """Return the ids under which an entry shows in the place the effect goes to."""
    to = effect.to
    return tuple(
        external
        for place, external in unit.externals(trajectory, seq, to.party)
        if (place.network, place.account, place.chat)
        == (to.place.network, to.place.account, to.place.chat)
    )
