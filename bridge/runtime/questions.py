"""Numbers for a question's options, as they go out: see ``bridge.core.numbering``.

What a question is about is looked up only where there are options, so that nothing else pays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from bridge.core import entries as e
from bridge.core.content import Choices
from bridge.core.effects import SendMessage
from bridge.core.notices import NoticeKey
from bridge.core.numbering import Question, first_number
from bridge.core.trajectory import Consent
from storage.questions import STANDS

if TYPE_CHECKING:
    from bridge.core.effects import Effect
    from bridge.core.trajectory import Trajectory
    from storage.unit import Unit

_UNDO = (
    NoticeKey.NUDGE_PLANNED,
    NoticeKey.NUDGE_SERIES_PLANNED,
    NoticeKey.NUDGE_WEEKLY_PLANNED,
)
_ONE_DIALOGUE = {
    **dict.fromkeys(
        (
            NoticeKey.AGENDA_WHICH_KIND,
            NoticeKey.AGENDA_OFFER,
            NoticeKey.AGENDA_OFFER_PAGE,
            NoticeKey.AGENDA_TAKEN,
            NoticeKey.AGENDA_WHICH_MOVE,
            NoticeKey.AGENDA_WHICH_CANCEL,
            NoticeKey.AGENDA_SURE,
        ),
        "booking",
    ),
    **dict.fromkeys(
        (NoticeKey.RECAP_OFFER, NoticeKey.RECAP_TEMPLATE, NoticeKey.RECAP_PREVIEW), "recap"
    ),
    **dict.fromkeys(_UNDO, "nudge_undo"),
}
"""What goes on where an earlier question of the same dialogue left off, and takes its place."""
_EACH_ITS_OWN = frozenset({NoticeKey.STEP_FOLLOW_UP, NoticeKey.STEP_NOTICE})
"""Two of these are about two things, each of which wants its answer."""


def numbered(unit: Unit, effect: Effect) -> Effect:
    """Return a question with the numbers that are free in its place; anything else as it is."""
    if not isinstance(effect, SendMessage) or not isinstance(effect.content, Choices):
        return effect
    content = effect.content
    first = first_number(
        [one for one in unit.questions(effect.to.place) if not _is_over(unit, one)],
        content.ref,
        _subject(unit, content.ref),
        len(content.options),
        scale=_is_asked_for_a_number(unit, effect.to.party),
    )
    return effect if first == 1 else replace(effect, content=replace(content, first=first))


def standing(unit: Unit, effect: SendMessage, content: Choices) -> Question:
    """Return a question that went out as a numbered list."""
    keys = tuple(option.key for option in content.options)
    subject = _subject(unit, content.ref)
    return Question(content.ref, keys, effect.to.party, content.first, subject)


def _subject(unit: Unit, ref: str) -> str:
    """Return what a question is about; '' where it takes the place of nothing."""
    name, _, number = ref.rpartition("/")
    if name in ("ask", "link") or not number.isdecimal():
        return name
    logged = unit.entry(name, int(number))
    match logged.entry if logged is not None else None:
        case e.NudgeGiven():
            return f"{name}/nudge"
        case e.NoticeGiven(notice=notice) if notice not in _EACH_ITS_OWN:
            return f"{name}/{_ONE_DIALOGUE.get(NoticeKey(notice), notice)}"
        case _:
            return ""


def _is_over(unit: Unit, question: Question) -> bool:
    """Tell whether a question wants no answer any more, as it was answered in words, say."""
    name, _, number = question.ref.rpartition("/")
    if name == "ask":
        ask = unit.ask(number)
        return ask is None or ask.answered is not None
    if name == "link":
        invite = unit.invite(number)
        return invite is None or invite.used is not None
    state = unit.state(name)
    logged = unit.entry(name, int(number)) if number.isdecimal() else None
    if state is None or logged is None or not state.open:
        return True
    return _is_settled(state, int(number), logged.entry, question)


def _is_settled(state: Trajectory, seq: int, entry: e.Entry, question: Question) -> bool:
    about = question.keys[0][1:] if question.keys else ""
    number = int(about) if about.isdecimal() else 0
    match entry:
        case e.NudgeGiven(client=client):
            waiting = state.nudges.open_for(client)
            return waiting is None or waiting.seq != seq
        case e.NoticeGiven(notice=NoticeKey.CONSENT_QUESTION, party=party):
            return state.parties[party].consent is not Consent.ASKED
        case e.NoticeGiven(notice=notice) if notice in _UNDO:
            return not state.nudges.of_series(number)
        case e.NoticeGiven(notice=NoticeKey.NUDGE_PROPOSED):
            return state.nudges.proposal(number) is None
        case e.NoticeGiven(notice=NoticeKey.AGENDA_REMINDER):
            booked = state.agenda.get(number)
            return booked is None or booked.opened
        case e.NoticeGiven(notice=NoticeKey.STEP_FOLLOW_UP):
            return state.steps.asked_by(seq) is None
        case e.NoticeGiven(notice=NoticeKey.STEP_NOTICE):
            return state.steps.proposal(seq) is None
        case _:
            return False


def _is_asked_for_a_number(unit: Unit, person: str) -> bool:
    """Tell whether a number from 0 to 10 was asked for as lately as options count."""
    for membership in unit.memberships(person):
        state = unit.state(membership.trajectory)
        asked = state.steps.asking(person) if state is not None else None
        if asked is not None and unit.now - asked.at <= STANDS:
            return True
    return False
