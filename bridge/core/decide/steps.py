"""Action steps: small, to be noticed, agreed for a moment, and asked about once.

1. Where nothing could be noticed the author is asked how one would, before the client hears of it;
   the author may keep it as it is.
2. When a step is due the client is asked how it went, once: never a second time for the same step,
   and not in their pause or quiet hours but after them.
3. "Done" is affirmed by naming what was done; "not yet" asks for something smaller; anything else
   is for the client's own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.content import Choice
from bridge.core.decide.quietly import undisturbed
from bridge.core.notices import NoticeKey
from bridge.core.observable import observable
from scheduling.calendar.moments import spoken

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft
    from bridge.core.steps import Step

CONCERN = "step"
QUESTIONS = frozenset({NoticeKey.STEP_NOTICE, NoticeKey.STEP_FOLLOW_UP})
"""The notices whose answers come here."""

_FOLLOW_UP = (
    Choice("done", NoticeKey.STEP_OPTION_DONE),
    Choice("not_yet", NoticeKey.STEP_OPTION_NOT_YET),
    Choice("other", NoticeKey.STEP_OPTION_OTHER),
)
_KEEP = (Choice("keep", NoticeKey.STEP_OPTION_KEEP),)


def on_agree(draft: Draft, command: c.AgreeStep) -> None:
    """Agree on a step, or ask its author how one would notice it."""
    author, client = command.party, command.client
    if not may_concern(draft, author, client) or not command.text.strip():
        draft.add(e.InboundRefused(author=author, reason="not_a_party"))
        return
    text = command.text.strip()
    if command.as_is or observable(text):
        _agree(draft, author, client, text, command.due)
        return
    draft.label(author)  # first, for the question is known by the entry before it
    draft.add(e.StepProposed(author=author, party=client, due=command.due, text=text))
    draft.notify(author, NoticeKey.STEP_NOTICE, {"step": text}, _KEEP, about=client)


def on_close(draft: Draft, command: c.CloseStep) -> None:
    """Take a step off the list; nobody is told, for who does so knows, or was told in a talk."""
    step = draft.state.steps.step(command.step)
    if step is None or not may_concern(draft, command.party, step.party):
        return
    if command.done:
        draft.add(e.StepDone(author=command.party, party=step.party, target=step.seq))
        draft.cancel_timer(f"{CONCERN}:{step.seq}")
    else:
        _close(draft, command.party, step, "taken_back")


def on_follow_up(draft: Draft, command: c.FollowUpStep) -> None:
    """Ask now how a step went, or after the client's quiet hours; once, as when it is due."""
    step = draft.state.steps.step(command.step)
    if step is None or step.question or not may_concern(draft, command.party, step.party):
        return
    name = f"{CONCERN}:{step.seq}"
    if undisturbed(draft, step.party) <= draft.facts.now:
        draft.cancel_timer(name)
    _ask(draft, name, step)


def may_concern(draft: Draft, author: str, client: str) -> bool:
    """Tell whether somebody may agree on something with a client: a coach, or the client."""
    mine, theirs = draft.state.parties.get(author), draft.state.parties.get(client)
    if not draft.state.open or mine is None or theirs is None or not theirs.may_talk:
        return False
    return theirs.role == "client" and (author == client or (mine.active and mine.role == "coach"))


def on_timer(draft: Draft, command: c.TimerFired) -> None:
    """Ask how a step went, once; where its words are gone there is nothing to ask."""
    step = draft.state.steps.step(int(command.name.partition(":")[2]))
    if step is not None and not step.question and draft.state.parties[step.party].may_talk:
        _ask(draft, command.name, step)


def _ask(draft: Draft, timer: str, step: Step) -> None:
    when = undisturbed(draft, step.party)
    if when > draft.facts.now:
        draft.start_timer(timer, when)
        return
    text = draft.facts.words.get(step.seq, "")
    if not text:
        _close(draft, e.BRIDGE, step, "erased")
        return
    draft.label(step.party)  # first, or the question would have another number
    question = draft.state.seq + 1
    draft.notify(step.party, NoticeKey.STEP_FOLLOW_UP, {"step": text}, _FOLLOW_UP)
    draft.add(e.StepFollowedUp(party=step.party, target=step.seq, question=question))


def on_choice(draft: Draft, author: str, question: int, key: str) -> None:
    """Take the answer to one of our questions; of a second one only "done" counts, at last."""
    proposal = draft.state.steps.proposal(question)
    if proposal is not None and key == "keep" and proposal.author == author:
        text = draft.facts.words.get(proposal.seq, "")
        if text and may_concern(draft, author, proposal.party):
            _agree(draft, author, proposal.party, text, proposal.due, proposal.seq)
        return
    step = draft.state.steps.asked_by(question)
    if step is not None and step.party == author and (not step.answered or key == "done"):
        _answered(draft, step, key)


def _answered(draft: Draft, step: Step, key: str) -> None:
    client = step.party
    params = {"step": draft.facts.words.get(step.seq, ""), "coach": coaches(draft)}
    match key:
        case "done":
            draft.add(e.StepDone(author=client, party=client, target=step.seq))
            draft.notify(client, NoticeKey.STEP_DONE, params)
            _tell_coaches(draft, NoticeKey.STEP_DONE_COACH, client, params["step"])
        case "not_yet":
            draft.add(e.StepNotDone(author=client, party=client, target=step.seq))
            draft.notify(client, NoticeKey.STEP_SMALLER, params)
            _tell_coaches(draft, NoticeKey.STEP_NOT_DONE_COACH, client, params["step"])
        case _:
            _close(draft, client, step, "other")
            draft.notify(client, NoticeKey.STEP_OTHER, params)


def _agree(
    draft: Draft, author: str, client: str, text: str, due: datetime, proposal: int = 0
) -> None:
    """Write the step down, tell both sides, and come back when it is due.

    A step that the client said is not done yet gives way to the new one.
    """
    for old in draft.state.steps.open:
        if old.party == client and old.answered:
            _close(draft, author, old, "replaced")
    entry = e.StepAgreed(author=author, party=client, due=due, text=text, proposal=proposal)
    seq = draft.add(entry)
    draft.start_timer(f"{CONCERN}:{seq}", due)
    params = {"step": text, "when": _spoken(draft, client, due), "coach": coaches(draft)}
    own = author == client
    draft.notify(client, NoticeKey.STEP_NOTED if own else NoticeKey.STEP_AGREED, params)
    for coach in draft.state.with_role("coach"):
        when = _spoken(draft, coach, due)
        key = NoticeKey.STEP_PROPOSED_COACH if own else NoticeKey.STEP_AGREED_COACH
        told = {"name": draft.name(client), "step": text, "when": when}
        draft.notify(coach, key, told, about=client)


def _close(draft: Draft, author: str, step: Step, reason: str) -> None:
    draft.add(e.StepClosed(author=author, party=step.party, target=step.seq, reason=reason))
    draft.cancel_timer(f"{CONCERN}:{step.seq}")


def drop(draft: Draft, party: str, reason: str) -> None:
    """Take all steps of a client off the list; nobody is told."""
    for step in draft.state.steps.open:
        if step.party == party:
            _close(draft, e.BRIDGE, step, reason)


def _tell_coaches(draft: Draft, key: NoticeKey, client: str, step: str) -> None:
    for coach in draft.state.with_role("coach"):
        draft.notify(coach, key, {"name": draft.name(client), "step": step}, about=client)


def coaches(draft: Draft) -> str:
    """Return the names of the coaches."""
    return ", ".join(draft.name(coach) for coach in draft.state.with_role("coach"))


def _spoken(draft: Draft, reader: str, moment: datetime) -> str:
    person = draft.facts.people.get(reader)
    zone, language = (person.time_zone, person.language) if person else ("UTC", "en")
    return spoken(moment, zone, language, draft.facts.now)
