"""The one door for writing: a command for a trajectory becomes entries, effects and projections.

1. Everything happens in the caller's transaction; a caller that fails leaves nothing behind.
2. The facts are gathered in the same transaction, so the decision cannot be out of date.
3. Projections (parties, places, consent waits) change here, from the entries, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core import agenda as ag
from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core import steps
from bridge.core.decide import Decision, decide
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Drop, EditMessage, Effect, Release, SendMessage
from bridge.core.facts import Facts, Person, Target
from bridge.core.inbound import ChoiceIn, DeleteIn, EditIn, MessageIn, ReactionIn
from bridge.core.notices import NoticeKey
from bridge.core.trajectory import Trajectory, label
from bridge.runtime import agenda, nudging

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.core.endpoint import Place
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import OutboxRow
    from storage.unit import Unit

_UNHAPPY = frozenset({DeliveryState.FAILED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED})


def handle(unit: Unit, trajectory: str, command: c.Command, catalogue: Catalogue) -> Decision:
    """Carry out one command inside ``unit`` and return what was decided."""
    state = unit.state(trajectory) or Trajectory(id=trajectory)
    facts = _facts(unit, state, command, catalogue)
    decision = decide(state, command, facts)
    for timer in decision.timers:
        unit.set_timer(trajectory, timer)
    if not decision.entries:
        return decision
    unit.append(trajectory, decision.entries, decision.state)
    for number, entry in enumerate(decision.entries, start=state.seq + 1):
        if isinstance(entry, e.MessagePosted | e.DeliveryChanged):
            continue  # nearly all of a log: they change no projection
        if isinstance(entry, ag.Turning):
            agenda.project(unit, state, number, entry)
        else:
            _project(unit, trajectory, entry)
    nudging.project(unit, trajectory, state.seq, decision.entries)
    for wanted in decision.files:
        unit.put_blob(
            trajectory=trajectory,
            owner=wanted.owner,
            network=wanted.network,
            account=wanted.account,
            file=wanted.file,
        )
    if decision.effects:
        _enqueue(unit, state, decision, facts, catalogue)
    _remember(unit, state, command, decision)
    for hold in decision.holds:
        _change_hold(unit, trajectory, hold, catalogue)
    return decision


def _enqueue(
    unit: Unit, before: Trajectory, decision: Decision, facts: Facts, catalogue: Catalogue
) -> None:
    """Let effects wait in the outbox; of an earlier entry, as another turn of what it caused."""
    fresh = []
    for effect in decision.effects:
        shown = _translated(effect, facts, catalogue)
        if effect.seq > before.seq:
            fresh.append((shown, decision.entries[effect.seq - before.seq - 1].owner))
        elif (logged := unit.entry(before.id, effect.seq)) is not None:
            unit.send_again(before.id, shown, logged.entry.owner)
    if fresh:
        unit.enqueue(before.id, fresh)


def foresee(unit: Unit, trajectory: str, command: c.Command, catalogue: Catalogue) -> Decision:
    """Return what a command would come to now, and write nothing; notices are translated."""
    state = unit.state(trajectory) or Trajectory(id=trajectory)
    facts = _facts(unit, state, command, catalogue)
    decision = decide(state, command, facts)
    effects = tuple(_translated(effect, facts, catalogue) for effect in decision.effects)
    return msgspec.structs.replace(decision, effects=effects)


def follow_chat(unit: Unit, old: Place, new: Place, catalogue: Catalogue) -> None:
    """Follow a chat that got another id on its network; the logs of places in it say so (I7)."""
    bound = unit.bindings_in(old)
    unit.move_chat(old, new)
    for trajectory, party in bound:
        state = unit.state(trajectory)
        place = state.parties[party].place if state and party in state.parties else None
        if place is not None and place.chat == old.chat:
            followed = msgspec.structs.replace(place, chat=new.chat)
            handle(unit, trajectory, c.BindPlace(party, followed), catalogue)


def _translated(effect: Effect, facts: Facts, catalogue: Catalogue) -> Effect:
    if not isinstance(effect, SendMessage | EditMessage):
        return effect
    person = facts.people.get(effect.to.party)
    language = person.language if person else "en"
    if effect.aside:
        header = catalogue.say(NoticeKey.ASIDE_HEADER, language, name=effect.header)
        effect = msgspec.structs.replace(effect, header=header)
    content = catalogue.translate(effect.content, language)
    if content is effect.content:
        return effect
    return msgspec.structs.replace(effect, content=content)


def _remember(unit: Unit, before: Trajectory, command: c.Command, decision: Decision) -> None:
    """Note where the author's own message shows, so that replies and edits find it."""
    if not isinstance(command, c.Receive) or not isinstance(command.inbound, MessageIn | EditIn):
        return
    for number, entry in enumerate(decision.entries, start=before.seq + 1):
        if isinstance(entry, e.MessagePosted):
            inbound = command.inbound
            unit.remember(inbound.place, (inbound.external_id,), before.id, number, command.party)


def _project(unit: Unit, trajectory: str, entry: e.Entry) -> None:
    match entry:
        case e.PartyAdded(party=party, role=role):
            unit.put_party(trajectory, party, role, active=True)
        case e.PartyRemoved(party=party):
            unit.put_party(trajectory, party, None, active=False)
            unit.unbind_places(trajectory, party)
        case e.PlaceBound(party=party, place=place) if place is not None:
            unit.bind_place(place, trajectory, party)
        case e.PlaceUnbound(party=party) | e.PartyErased(party=party):
            unit.unbind_places(trajectory, party)
        case e.RecordingDeleted(where="here", target=target):
            unit.drop_blob(f"{trajectory}/{target}/file")
        case e.TrajectoryOpened():
            unit.registry_changed()
        case e.TrajectoryClosed():
            unit.registry_changed()
            unit.cancel_timers(trajectory)
        case e.WordsDestroyed(owners=owners):
            for owner in owners:
                unit.unbind_places(trajectory, owner)
                unit.destroy_key(trajectory, owner)
        case _:
            pass


def _change_hold(unit: Unit, trajectory: str, hold: Release | Drop, catalogue: Catalogue) -> None:
    """Let go or forget what waits; the author of much that is forgotten is told once."""
    if isinstance(hold, Release):
        unit.release(hold.hold)
        return
    log_unsent(unit, trajectory, unit.drop(hold.hold, hold.reason), hold.reason, catalogue)


def log_unsent(
    unit: Unit, trajectory: str, rows: Iterable[OutboxRow], reason: str, catalogue: Catalogue
) -> None:
    """Log that rows were suppressed; the author of several for one party is told once."""
    told: set[tuple[str, str]] = set()
    for row in rows:
        logged = unit.entry(trajectory, row.seq)
        about = (logged.entry.author if logged is not None else "", row.party)
        report = c.Report(
            target=row.seq,
            party=row.party,
            state=DeliveryState.SUPPRESSED,
            purpose=row.purpose,
            network=row.network,
            reason=reason,
            told=about in told,
        )
        told.add(about)
        handle(unit, trajectory, report, catalogue)


def _facts(unit: Unit, state: Trajectory, command: c.Command, catalogue: Catalogue) -> Facts:
    if isinstance(command, c.Report) and _is_quiet(command) and not state.agenda.appointments:
        # Half of all commands: for these everything below would find nothing.
        return Facts(
            now=unit.now,
            people={},
            consent_texts=catalogue.consent_texts(),
            send_delay=catalogue.send_delay,
            protection=catalogue.labels,
        )
    needed = [party for party, member in state.parties.items() if member.active]
    extra = getattr(command, "party", "")
    if extra and extra not in needed:
        needed.append(extra)
    people: dict[str, Person] = {}
    if not _is_quiet(command) or state.agenda.appointments:
        for party in needed:
            person = unit.person(party)
            if person is not None:
                people[party] = person
    target = _target(unit, state, command)
    return Facts(
        now=unit.now,
        people=people,
        target=target,
        agenda=agenda.facts(unit, state, command, target, people, catalogue.agenda),
        consent_texts=catalogue.consent_texts(),
        asked_text=_asked_text(unit, state, command),
        nudge=nudging.facts(unit, state, command, catalogue),
        given_nudge=nudging.given_nudge(unit, state, command),
        send_delay=catalogue.send_delay,
        words=_words(unit, state, command),
        protection=catalogue.labels,
        labelled=_labelled(unit, state, people, catalogue),
    )


def _labelled(
    unit: Unit, state: Trajectory, people: Mapping[str, Person], catalogue: Catalogue
) -> frozenset[tuple[str, str]]:
    """Return who was told in another trajectory who can read along, of those not told in this."""
    found: set[tuple[str, str]] = set()
    for party, person in people.items() if catalogue.labels else ():
        member = state.parties.get(party)
        for network in {reach.endpoint.network for reach in person.reach}:
            level = catalogue.labels.get(network, "")
            named = label(network, level)
            is_new = level and member is not None and named not in member.labelled
            if is_new and _was_told(unit, state.id, party, named):
                found.add((party, network))
    return frozenset(found)


def _was_told(unit: Unit, but: str, party: str, named: str) -> bool:
    for membership in unit.memberships(party):
        other = unit.state(membership.trajectory) if membership.trajectory != but else None
        member = other.parties.get(party) if other is not None else None
        if member is not None and named in member.labelled:
            return True
    return False


def what_it_became(entries: Sequence[e.Entry]) -> int:
    """Return the index of the entry that is what somebody did, not what the bridge said before."""
    return next((n for n, entry in enumerate(entries) if entry.author != e.BRIDGE), 0)


def _asked_text(unit: Unit, state: Trajectory, command: c.Command) -> str:
    """Return the consent question a party was shown last, where the command may answer it."""
    match command:
        case c.AnswerConsent(party=party) | c.Receive(party=party, inbound=ChoiceIn()):
            member = state.parties.get(party)
        case _:
            return ""
    logged = unit.entry(state.id, member.asked_last) if member and member.asked_last else None
    entry = logged.entry if logged is not None else None
    return entry.text if isinstance(entry, e.ConsentAsked) else ""


def _words(unit: Unit, state: Trajectory, command: c.Command) -> dict[int, str]:
    """Return what earlier entries say that the decision may quote; erased ones are left out."""
    said: dict[int, str] = {}
    for seq in steps.wanted(state.steps, command):
        logged = unit.entry(state.id, seq) if 0 < seq <= state.seq else None
        if logged is not None and (text := steps.said(logged.entry)):
            said[seq] = text
    return said


_ABOUT_NOBODY = (
    c.OpenTrajectory,
    c.SetRetention,
    c.AddParty,
    c.RemoveParty,
    c.LinkEndpoint,
    c.RevokeEndpoint,
    c.AddNote,
    c.MoveConversation,
    c.NoteViewing,
    c.LogSession,
)


def _is_quiet(command: c.Command) -> bool:
    """Housekeeping and reports of success are only logged: nobody has to be looked up."""
    if isinstance(command, _ABOUT_NOBODY):
        return True
    return isinstance(command, c.Report) and command.state not in _UNHAPPY


def _target(unit: Unit, state: Trajectory, command: c.Command) -> Target | None:
    seq = 0
    match command:
        case c.Report(target=target) if not _is_quiet(command):
            seq = target
        case c.Resend(target=target):
            seq = target
        case c.Receive(inbound=ChoiceIn(ref=ref)):
            trajectory, _, number = ref.rpartition("/")
            seq = int(number) if trajectory == state.id and number.isdecimal() else 0
        case c.Receive(inbound=inbound, target=target):
            seq = target or _shown_seq(unit, state, inbound)
        case _:
            pass
    if not 0 < seq <= state.seq:
        return None
    logged = unit.entry(state.id, seq)
    if logged is None:
        return None
    entry = logged.entry
    if isinstance(entry, e.NoticeGiven):
        return Target(seq, entry.author, entry.kind, entry.party, entry.notice)
    to = entry.to if isinstance(entry, e.AsidePosted) else ()
    return Target(seq, entry.author, entry.kind, to=to)


def _shown_seq(
    unit: Unit, state: Trajectory, inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn
) -> int:
    external_id = inbound.reply_to if isinstance(inbound, MessageIn) else inbound.external_id
    if not external_id:
        return 0
    place = inbound.place
    shown = unit.shown(place.network, place.account, place.chat, external_id)
    return shown.seq if shown is not None and shown.trajectory == state.id else 0
