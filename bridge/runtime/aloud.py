"""Messages read out to somebody who has nothing but a telephone, and answered by key.

1. What was judged when the row was claimed is what is heard, after a key was pressed: a mailbox
   presses none, and hears nothing.
2. A choice is a menu of keys, a scaling question takes a number; what was keyed in goes where a
   written answer would.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.content import Choices, Text, words
from bridge.core.inbound import CallIn, ChoiceIn, MessageIn
from bridge.core.notices import NoticeKey
from bridge.core.scale import HIGHEST
from bridge.core.speech import Answer, Ask, HangUp, Say

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.core.effects import SendMessage
    from bridge.runtime.desk import Desk
    from storage.outbox_rows import OutboxRow
    from storage.unit import Unit

    Take = Callable[[Desk, ChoiceIn | MessageIn], None]

YES = "1"
AGAIN = "*"
MOST_OPTIONS = 9
READ_TRIES = 3
MOST_DIGITS = 2
"""Of a number from 0 to 10."""


def say(language: str, key: NoticeKey, **params: str) -> Say:
    """Return a notice as it is to be spoken."""
    return Say(language, notice=key, params=params)


def turn_of(then: str) -> int:
    """Return how often a question was put before, by its name; many times where it has none."""
    number = then.partition(".")[0]
    return int(number) if number.isascii() and number.isdecimal() else READ_TRIES


def read_out(desk: Desk, inbound: CallIn, kind: str, take: Take) -> Answer:
    """Read to its recipient what was judged when the row was claimed, after a key was pressed.

    A mailbox presses none, and must not hear it.
    """
    unit = desk.unit
    row = unit.outbox_row_by_key(inbound.call)
    endpoint = unit.endpoint(inbound.sender.endpoint)
    if row is None or endpoint is None or not endpoint.usable or endpoint.person != row.party:
        return (HangUp(),)
    person = unit.person(row.party)
    language = person.language if person is not None else "en"
    if kind == "read":
        name = person.name if person is not None else row.party
        return (Ask((say(language, NoticeKey.CALL_READ, name=name),), then="0.open"), HangUp())
    effect = unit.calls.words(inbound.call)
    if effect is None or (kind == "open" and inbound.keys != YES):
        return (HangUp(),)
    number = _is_a_scale(unit, row)
    if kind == "choose" and inbound.keys != AGAIN:
        if number:
            return _numbered(desk, inbound, effect, language, take)
        return _chosen(desk, inbound, effect, language, take)
    return _aloud(effect, language, inbound.then, number=number)


def _is_a_scale(unit: Unit, row: OutboxRow) -> bool:
    """Tell whether a row asks for a number from 0 to 10."""
    logged = unit.entry(row.trajectory, row.seq) if row.trajectory else None
    entry = logged.entry if logged is not None else None
    return isinstance(entry, e.NoticeGiven) and entry.notice in _SCALES


_SCALES = frozenset({NoticeKey.SCALE_QUESTION, NoticeKey.SCALE_AGAIN})


def _aloud(effect: SendMessage, language: str, then: str, *, number: bool = False) -> Answer:
    text = words(effect.content)
    said = [Say(language, text=f"{effect.header}: {text}" if effect.header else text)]
    if isinstance(effect.content, Choices):
        said += [
            say(language, NoticeKey.CALL_OPTION, digit=str(number), label=option.label)
            for number, option in enumerate(effect.content.options[:MOST_OPTIONS], 1)
        ]
    if number:
        said.append(say(language, NoticeKey.CALL_NUMBER))
    said.append(say(language, NoticeKey.CALL_AGAIN))
    turn = turn_of(then) + 1
    thanks = say(language, NoticeKey.CALL_THANKS)
    if turn > READ_TRIES:
        return (*said[:-1], thanks, HangUp())
    digits = MOST_DIGITS if number else 1
    return (Ask(tuple(said), then=f"{turn}.choose", digits=digits), thanks, HangUp())


def _numbered(
    desk: Desk, inbound: CallIn, effect: SendMessage, language: str, take: Take
) -> Answer:
    """A number from 0 to 10 was keyed in: it is what the person says, as if they wrote it."""
    number = int(inbound.keys) if inbound.keys.isdecimal() else HIGHEST + 1
    if number > HIGHEST:
        if not inbound.keys:
            return (HangUp(),)
        return _aloud(effect, language, inbound.then, number=True)
    desk.line = inbound.sender.endpoint
    said = MessageIn(
        place=inbound.place,
        sender=inbound.sender,
        external_id=f"{inbound.external_id}/{inbound.then}",
        content=Text((str(number),)),
        at=inbound.at,
    )
    take(desk, said)
    return (*desk.spoken, say(language, NoticeKey.CALL_THANKS), HangUp())


def _chosen(desk: Desk, inbound: CallIn, effect: SendMessage, language: str, take: Take) -> Answer:
    """A key was pressed after a message: it chooses an option, where there are any."""
    content = effect.content
    if isinstance(content, Choices) and content.options:
        number = int(inbound.keys) if inbound.keys.isdecimal() else 0
        if not 1 <= number <= len(content.options):
            return _aloud(effect, language, inbound.then) if inbound.keys else (HangUp(),)
        desk.line = inbound.sender.endpoint
        take(
            desk,
            ChoiceIn(
                place=inbound.place,
                sender=inbound.sender,
                external_id=inbound.external_id,
                ref=content.ref,
                key=content.options[number - 1].key,
                at=inbound.at,
            ),
        )
    return (*desk.spoken, say(language, NoticeKey.CALL_THANKS), HangUp())
