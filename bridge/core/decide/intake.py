"""People coming in: opening, joining, consent, stopping, places of their own, closing.

1. Nothing but the consent question goes to a client before consent.
2. The consent entry keeps the exact text, its version and language, and the endpoint it was given
   from; an answer to an older version is asked again.
3. The question is not repeated within ``ASK_AGAIN``, and then only for words of the client's own;
   what waits for it goes out, in order, once it is answered with yes, and is forgotten when it is
   answered with no.
4. A no after a yes withdraws: from then on nothing passes, until the client writes START.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Choice
from bridge.core.decide import booking, promises, rest
from bridge.core.effects import (
    Address,
    Drop,
    OpenPlace,
    Purpose,
    Release,
    consent_hold,
)
from bridge.core.notices import NoticeKey
from bridge.core.trajectory import Consent

if TYPE_CHECKING:
    from bridge.core.decide.draft import Draft
    from bridge.core.endpoint import Endpoint

ASK_AGAIN = timedelta(minutes=10)
"""How long a question stands before another message of the client repeats it."""

CONSENT_OPTIONS = (Choice("yes", NoticeKey.CONSENT_YES), Choice("no", NoticeKey.CONSENT_NO))


def on_open(draft: Draft, command: c.OpenTrajectory) -> None:
    """Begin a log; a trajectory that is open stays as it is."""
    if draft.state.seq == 0:
        draft.add(e.TrajectoryOpened(title=command.title))


def on_close(draft: Draft, command: c.CloseTrajectory) -> None:
    """End a trajectory; what waits for a consent that cannot come any more is forgotten."""
    if not draft.state.open:
        return
    for party in draft.state.parties:
        promises.drop(draft, party, "closed")
        rest.end(draft, party)
    author = command.party or e.BRIDGE
    draft.add(e.TrajectoryClosed(author=author, reason=command.reason))
    for client in draft.state.with_role("client"):
        if not draft.state.parties[client].may_talk:
            draft.change_hold(Drop(consent_hold(draft.state.id, client), "closed"))


def on_add_party(draft: Draft, command: c.AddParty) -> None:
    """Let a person take part, or come back; a party whose role is the same stays as it is.

    Another role is another party: the one they were goes first, with its place and consent.
    """
    known = draft.state.parties.get(command.party)
    if known is not None and known.active:
        if known.role == command.role:
            return
        on_remove_party(draft, c.RemoveParty(command.party, "role_changed"))
    draft.add(e.PartyAdded(party=command.party, role=command.role, name=command.name))


def on_remove_party(draft: Draft, command: c.RemoveParty) -> None:
    """Let a person go; what waits for their consent is forgotten."""
    known = draft.state.parties.get(command.party)
    if known is not None and known.active:
        promises.drop(draft, command.party, "not_a_party")
        rest.end(draft, command.party)
        draft.add(e.PartyRemoved(party=command.party, reason=command.reason))
        draft.change_hold(Drop(consent_hold(draft.state.id, command.party), "not_a_party"))


def on_record_consent(draft: Draft, command: c.RecordConsent) -> None:
    """Take the operator's word that a client agreed; a client's own no is not overruled by it."""
    known = draft.state.parties.get(command.party)
    if known is None or not known.active or known.role != "client":
        return
    if known.consent in (Consent.GIVEN, Consent.REFUSED):
        return
    text = draft.facts.consent_text(_language(draft, command.party))
    draft.add(
        e.ConsentGiven(
            party=command.party,
            version=text.version,
            language=text.language,
            how="recorded",
            text=_filled(draft, text.text),
        )
    )
    draft.change_hold(Release(consent_hold(draft.state.id, command.party)))


def ask_consent(draft: Draft, party: str, *, again: bool = False) -> bool:
    """Put the question to a client, unless it stands already; tell whether it was put now."""
    known = draft.state.parties.get(party)
    if known is None or not known.active or known.role != "client":
        return False
    if known.consent is Consent.GIVEN or (known.consent is Consent.REFUSED and not again):
        return False
    recent = known.asked_at is not None and draft.facts.now - known.asked_at < ASK_AGAIN
    if recent and not again:
        return False
    if isinstance(draft.address(party), str):
        return False  # there is no way to ask: a question nobody saw would stand in the way later
    put_question(draft, party)
    return True


def put_question(draft: Draft, party: str) -> None:
    """Put the consent question to a client now."""
    text = draft.facts.consent_text(_language(draft, party))
    draft.add(
        e.ConsentAsked(
            party=party,
            version=text.version,
            language=text.language,
            coaches=draft.state.with_role("coach"),
            text=_filled(draft, text.text),
        )
    )
    draft.notify(
        party,
        NoticeKey.CONSENT_QUESTION,
        {"coach": _coaches(draft)},
        CONSENT_OPTIONS,
        Purpose.CONSENT,
    )


def answer_consent(draft: Draft, party: str, *, yes: bool, endpoint: Endpoint) -> None:
    """Take a client's answer; a yes to an outdated text is asked again."""
    known = draft.state.parties.get(party)
    if known is None or not known.active or known.role != "client":
        return
    if yes and known.consent is Consent.GIVEN:
        return
    if not yes:
        _refuse_consent(draft, party, endpoint)
        return
    text = draft.facts.consent_text(_language(draft, party))
    if known.asked_version != text.version:
        put_question(draft, party)
        return
    draft.add(
        e.ConsentGiven(
            author=party,
            party=party,
            version=text.version,
            language=text.language,
            how="answered",
            text=draft.facts.asked_text or _filled(draft, text.text),
            endpoint=endpoint,
        )
    )
    draft.notify(party, NoticeKey.CONSENT_THANKS, {"coach": _coaches(draft)})
    _tell_coaches(draft, NoticeKey.CONSENT_GIVEN_COACH, party)
    draft.change_hold(Release(consent_hold(draft.state.id, party)))


def _refuse_consent(draft: Draft, party: str, endpoint: Endpoint) -> None:
    """A client said no, or took back a yes: what waits is forgotten, and both sides are told."""
    known = draft.state.parties[party]
    if known.consent is Consent.REFUSED:
        return
    withdrawn = known.consent is Consent.GIVEN
    draft.add(
        e.ConsentRefused(author=party, party=party, version=known.asked_version, endpoint=endpoint)
    )
    promises.drop(draft, party, "no_consent")
    draft.change_hold(Drop(consent_hold(draft.state.id, party), "no_consent"))
    booking.cancel_all(draft, "withdrawn", party)
    told = NoticeKey.CONSENT_WITHDRAWN if withdrawn else NoticeKey.CONSENT_REFUSED
    draft.notify(party, told, purpose=Purpose.CONSENT)
    coaches = NoticeKey.CONSENT_WITHDRAWN_COACH if withdrawn else NoticeKey.CONSENT_REFUSED_COACH
    _tell_coaches(draft, coaches, party)


def on_opt_out(draft: Draft, command: c.OptOut) -> None:
    """Log that a party stopped us, or is gone from there, and tell the coaches."""
    gone = command.how == "undeliverable"
    told = NoticeKey.UNREACHABLE_COACH if gone else NoticeKey.OPTED_OUT_COACH
    draft.add(
        e.OptedOut(
            author=command.party,
            party=command.party,
            network=command.endpoint.network,
            how=command.how,
        )
    )
    for coach in draft.state.with_role("coach"):
        if coach != command.party:
            draft.notify(
                coach,
                told,
                {
                    "name": draft.name(command.party),
                    "network": command.endpoint.network,
                },
            )


def on_opt_in(draft: Draft, command: c.OptIn) -> None:
    """Log that a party lets us in again; a client who had said no is asked anew."""
    draft.add(
        e.OptedIn(
            author=command.party,
            party=command.party,
            network=command.endpoint.network,
            how=command.how,
        )
    )


def on_ask_for_place(draft: Draft, command: c.AskForPlace) -> None:
    """Ask the network for a place of this trajectory's own inside a coach's group."""
    known = draft.state.parties.get(command.party)
    if known is None or known.role != "coach" or known.place is not None:
        return
    address = draft.address(command.party)
    if isinstance(address, str):
        return
    seq = draft.add(e.PlaceAsked(author=command.party, party=command.party, group=command.group))
    title = ", ".join(draft.name(client) for client in draft.state.with_role("client"))
    draft.effect(
        OpenPlace(
            seq=seq,
            to=Address(command.party, address.endpoint, address.epoch, command.group),
            purpose=Purpose.NOTICE,
            title=title or draft.state.title or draft.state.id,
        )
    )


def on_bind_place(draft: Draft, command: c.BindPlace) -> None:
    """Use a place that was made for a party, unless they have gone in the meantime.

    A network may tell of the same place with each message that goes there.
    """
    known = draft.state.parties.get(command.party)
    if known is not None and known.active and known.place != command.place:
        draft.add(e.PlaceBound(party=command.party, place=command.place))


def on_unbind_place(draft: Draft, command: c.UnbindPlace) -> None:
    """Give up a place that others may read; messages go to the private chat from now on."""
    known = draft.state.parties.get(command.party)
    if known is None or known.place is None:
        return
    draft.add(e.PlaceUnbound(party=command.party, place=known.place, reason=command.reason))
    if command.reason == "exposed":
        clients = ", ".join(draft.name(client) for client in draft.state.with_role("client"))
        draft.notify(command.party, NoticeKey.TOPICS_EXPOSED, {"name": clients})


def _language(draft: Draft, party: str) -> str:
    person = draft.facts.people.get(party)
    return person.language if person else "en"


def _coaches(draft: Draft) -> str:
    return ", ".join(draft.name(coach) for coach in draft.state.with_role("coach"))


def _filled(draft: Draft, text: str) -> str:
    return text.replace("{coach}", _coaches(draft))


def _tell_coaches(draft: Draft, key: NoticeKey, client: str) -> None:
    for coach in draft.state.with_role("coach"):
        draft.notify(coach, key, {"name": draft.name(client)})
