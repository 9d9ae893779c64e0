"""The scaling question: a number from 0 to 10, asked again over the weeks, and its course.

1. The client's words go to the coach as they are; the number they come to is an entry beside them.
2. A number off the scale is asked for again, once; any other message is an ordinary one, and the
   question stands for ``STANDS``.
3. A question in the same words is the same scale, so that its answers make a course.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.content import words
from bridge.core.decide.steps import coaches, may_concern
from bridge.core.notices import NoticeKey
from bridge.core.scale import course, in_scale, read_scale

if TYPE_CHECKING:
    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft

STANDS = timedelta(days=7)


def on_ask(draft: Draft, command: c.AskScale) -> None:
    """Ask a client for a number; a question that stood before is asked no more."""
    coach, client, text = command.party, command.client, command.text.strip()
    if coach == client or not may_concern(draft, coach, client) or not text:
        draft.add(e.InboundRefused(author=coach, reason="not_a_coach"))
        return
    same = [
        one.seq
        for one in draft.state.steps.scales
        if one.party == client and _alike(draft.facts.words.get(one.seq, ""), text)
    ]
    scale = same[0] if same else 0
    draft.add(e.ScaleAsked(author=coach, party=client, scale=scale, text=text))
    params = {"coach": draft.name(coach), "question": text}
    draft.notify(client, NoticeKey.SCALE_QUESTION, params)
    draft.notify(coach, NoticeKey.SCALE_ASKED_COACH, {"name": draft.name(client)}, about=client)


def on_posted(draft: Draft, seq: int, posted: e.MessagePosted) -> bool:
    """Take a client's message as an answer if it is one; tell whether it was."""
    client = posted.author
    asked = draft.state.steps.asking(client)
    if asked is None or draft.facts.now - asked.at > STANDS:
        return False
    value = read_scale(words(posted.content), _language(draft, client))
    if value is None:
        return False
    if not in_scale(value):
        if not asked.again:
            draft.notify(client, NoticeKey.SCALE_AGAIN)
        return not asked.again
    before = tuple(
        float(draft.facts.words[one])
        for one in draft.state.steps.answers(asked.scale)
        if draft.facts.words.get(one)
    )
    draft.add(
        e.ScaleAnswered(
            author=client,
            party=client,
            target=asked.seq,
            scale=asked.scale,
            answer=seq,
            value=value,
        )
    )
    values = (*before, value)
    key = NoticeKey.SCALE_COURSE if before else NoticeKey.SCALE_NOTED
    answers = " ".join(map(str, draft.state.steps.answers(asked.scale)))
    noted = {"coach": coaches(draft), "course": _course(draft, client, values), "answers": answers}
    draft.notify(client, key, noted)
    for coach in draft.state.with_role("coach"):
        course = _course(draft, coach, values)
        told = {"name": draft.name(client), "course": course, "answers": answers}
        draft.notify(coach, NoticeKey.SCALE_COURSE_COACH, told, about=client)
    return True


def _alike(one: str, other: str) -> bool:
    """Tell whether two questions are in the same words."""
    return " ".join(one.split()).casefold().rstrip("?. ") == (
        " ".join(other.split()).casefold().rstrip("?. ")
    )


def _course(draft: Draft, reader: str, values: tuple[float, ...]) -> str:
    return course(values, _language(draft, reader))


def _language(draft: Draft, party: str) -> str:
    person = draft.facts.people.get(party)
    return person.language if person else "en"
