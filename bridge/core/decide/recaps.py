"""A written recap after a spoken session: offered to the coach, drafted by her, sent on her word.

1. What a coach says after she chose to write one is a draft; it goes to nobody before she approves
   it. That holds for half a day, and for text alone.
2. An approved recap is a message of hers like any other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.content import Choice, Erased, Text, plain
from bridge.core.effects import SendMessage
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.decide.draft import Draft
    from bridge.core.facts import Target
    from bridge.core.inbound import ChoiceIn, MessageIn
    from bridge.core.trajectory import Trajectory

LASTS = timedelta(hours=12)
_OPTIONS = (
    Choice("send", NoticeKey.RECAP_SEND),
    Choice("again", NoticeKey.RECAP_AGAIN),
    Choice("drop", NoticeKey.RECAP_DROP),
)


def is_expected(state: Trajectory, party: str, now: datetime) -> bool:
    """Tell whether what a coach says next is the draft of a recap."""
    recap = state.agenda.recaps.get(party)
    return recap is not None and not recap.draft and now - recap.begun <= LASTS


def took_draft(draft: Draft, party: str, inbound: MessageIn) -> bool:
    """Keep a coach's words as the draft she said she would write; tell whether they were that."""
    recap = draft.state.agenda.recaps.get(party)
    content = inbound.content
    if recap is None or not isinstance(content, Text):
        return False
    if not is_expected(draft.state, party, draft.facts.now):
        return False
    draft.add(e.RecapDrafted(author=party, appointment=recap.appointment, content=content))
    names = ", ".join(draft.name(one) for one in draft.state.with_role("client"))
    params = {"name": names, "text": plain(content.body)}
    draft.notify(party, NoticeKey.RECAP_PREVIEW, params, _OPTIONS)
    return True


def on_chosen(draft: Draft, party: str, target: Target, inbound: ChoiceIn) -> bool:
    """Take a choice about a recap; tell whether it was one."""
    match target.notice:
        case NoticeKey.RECAP_OFFER:
            _on_offer(draft, party, inbound.key)
        case NoticeKey.RECAP_PREVIEW:
            _on_preview(draft, party, inbound)
        case _:
            return False
    return True


def _on_offer(draft: Draft, party: str, key: str) -> None:
    digits = key[1:]
    if digits.isascii() and digits.isdecimal() and draft.state.parties[party].role == "coach":
        draft.add(e.RecapStarted(author=party, appointment=int(digits)))
        draft.notify(party, NoticeKey.RECAP_TEMPLATE)
    else:
        draft.notify(party, NoticeKey.RECAP_DROPPED)


def _on_preview(draft: Draft, party: str, inbound: ChoiceIn) -> None:
    recap = draft.state.agenda.recaps.get(party)
    if recap is None or not recap.draft:
        return
    if inbound.key == "again":
        draft.add(e.RecapStarted(author=party, appointment=recap.appointment))
        draft.notify(party, NoticeKey.RECAP_TEMPLATE)
        return
    content = draft.facts.agenda.drafted if draft.facts.agenda is not None else Erased()
    sent = inbound.key == "send" and isinstance(content, Text)
    draft.add(e.RecapEnded(author=party, appointment=recap.appointment, sent=sent))
    if not sent:
        draft.notify(party, NoticeKey.RECAP_DROPPED)
        return
    to = draft.state.others(party)
    seq = draft.add(
        e.MessagePosted(author=party, network=inbound.place.network, to=to, content=content)
    )
    for other in to:
        if way := draft.way_to(other, seq, party):
            header = draft.header(other, party, way[0].place)
            draft.effect(
                SendMessage(seq=seq, to=way[0], hold=way[1], content=content, header=header)
            )
    draft.notify(party, NoticeKey.RECAP_SENT)
