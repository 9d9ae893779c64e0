"""A decision while it is being made: entries get their seq, effects their address.

1. Every effect belongs to an entry of the same decision.
2. A message that has no way to its recipient ends in an entry that says why, at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.calls import TELEPHONE
from bridge.core.content import Attachment, Choice, Notice
from bridge.core.decide import rest
from bridge.core.decide.decision import Decision, FileWanted
from bridge.core.delivery import DeliveryState
from bridge.core.effects import (
    Address,
    CalendarEvent,
    Effect,
    HoldChange,
    Priority,
    Purpose,
    SendMessage,
    consent_hold,
    session_hold,
)
from bridge.core.notices import NoticeKey
from bridge.core.timers import CancelTimer, StartTimer, TimerChange
from bridge.core.trajectory import LEVELS, Consent, Trajectory, apply, label

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.endpoint import Endpoint, Place
    from bridge.core.facts import Facts, Person, Reach
    from bridge.core.policy import Policy
    from bridge.core.speech import Speech


class Draft:
    """Collects what one decision comes to; ``state`` is always the state after the last entry.

    ``actor`` is the party whose act is decided on, '' where nobody in particular acted.
    """

    def __init__(self, state: Trajectory, facts: Facts, actor: str = "") -> None:
        self.state = state
        self.actor = actor
        self.facts = facts
        self._entries: list[e.Entry] = []
        self._effects: list[Effect] = []
        self._holds: list[HoldChange] = []
        self._files: list[FileWanted] = []
        self._timers: list[TimerChange] = []
        self._answer: list[Speech] = []

    def add(self, entry: e.Entry) -> int:
        """Append an entry and return its seq."""
        self._entries.append(entry)
        self.state = apply(self.state, entry, self.facts.now)
        return self.state.seq

    def effect(self, effect: Effect) -> None:
        """Ask for an effect; one that would ring after a stop moment waits."""
        self._effects.append(rest.respect(self, effect))

    def change_hold(self, change: HoldChange) -> None:
        """Release or drop what waits."""
        self._holds.append(change)

    def want(self, file: Attachment, owner: str, network: str, account: str) -> None:
        """Ask for the bytes of an attachment to be fetched and kept."""
        self._files.append(FileWanted(file=file, owner=owner, network=network, account=account))

    def start_timer(self, name: str, at: datetime) -> None:
        """Come back at an instant; see the rules of ``bridge.core.timers``."""
        self._timers.append(StartTimer(name, at))

    def cancel_timer(self, name: str) -> None:
        """Do not come back."""
        self._timers.append(CancelTimer(name))

    def speak(self, *speech: Speech) -> None:
        """Answer a network that waits for what to say on the telephone."""
        self._answer.extend(speech)

    @property
    def posted(self) -> tuple[int, e.MessagePosted] | None:
        """The message this decision has logged so far, and its seq."""
        first = self.state.seq - len(self._entries) + 1
        for seq, entry in enumerate(self._entries, start=first):
            if isinstance(entry, e.MessagePosted):
                return seq, entry
        return None

    @property
    def withdrew(self) -> bool:
        """A message was withdrawn in this decision."""
        return any(isinstance(entry, e.MessageDeleted) for entry in self._entries)

    def decision(self) -> Decision:
        """Return everything decided, in order."""
        return Decision(
            tuple(self._entries),
            tuple(self._effects),
            tuple(self._holds),
            tuple(self._files),
            tuple(self._timers),
            tuple(self._answer),
            self.state,
        )

    def name(self, party: str) -> str:
        """Return what to call a party."""
        person = self.facts.people.get(party)
        return person.name if person else party

    def address(self, party: str) -> Address | str:
        """Return where a party is reached now, or the code of the reason why nowhere."""
        person = self.facts.people.get(party)
        member = self.state.parties.get(party)
        if person is None or member is None or not member.active:
            return "not_a_party"
        return address_of(person, member.place, self.state.policy)

    def header(self, recipient: str, author: str, place: Place) -> str:
        """Return the name to show above a message, '' where only one person can be meant.

        ``place`` is where it shows: not always the recipient's own, which may be out of reach.
        """
        person = self.facts.people.get(recipient)
        own = self.state.parties[recipient].place == place
        shared = not own and person is not None and person.active > 1
        if not shared and len(self.state.others(recipient)) <= 1:
            return ""
        name = self.name(author)
        if shared and self.state.parties[author].role != "client":
            clients = ", ".join(self.name(c) for c in self.state.with_role("client"))
            return f"{name} ({clients})"
        return name

    def address_at(self, party: str, endpoint: Endpoint, place: Place) -> Address | None:
        """Return how to answer a party right where they acted, None when we may not."""
        person = self.facts.people.get(party)
        for reach in person.reach if person else ():
            if reach.endpoint == endpoint and not reach.opted_out:
                return Address(party, reach.endpoint, reach.epoch, place)
        return None

    def way_to(self, party: str, seq: int, author: str) -> tuple[Address, str] | None:
        """Return the address and the hold for words of ``author`` to a party.

        Where there is no way, the entries that say so are added and None comes back.
        """
        member = self.state.parties[party]
        if member.role == "client" and member.consent is Consent.REFUSED:
            self.give_up(seq, party, author, "no_consent")
            return None
        address = self.address(party)
        if isinstance(address, str):
            self.give_up(seq, party, author, address)
            return None
        hold = "" if member.may_talk else consent_hold(self.state.id, party)
        return address, hold

    def give_up(self, seq: int, party: str, author: str, reason: str) -> None:
        """Log that ``seq`` will not reach a party, and tell its author."""
        self.add(
            e.DeliveryChanged(
                target=seq, party=party, state=DeliveryState.SUPPRESSED, reason=reason
            )
        )
        self.tell_author(author, party, reason)

    def tell_author(self, author: str, party: str, reason: str, detail: str = "") -> None:
        """Tell the author of a message that it did not reach a party."""
        member = self.state.parties.get(author)
        if member is None or not member.may_talk:
            return
        key = _WHY.get(reason, NoticeKey.NOT_DELIVERED)
        params = {"name": self.name(party)}
        if key is NoticeKey.NOT_DELIVERED:
            params |= {"reason": reason, "detail": detail}
        self.notify(author, key, params)

    def label(self, party: str) -> None:
        """Tell a party who can read along where they are reached, before the first words there.

        Once per person and network: who was told in another trajectory is not told again.
        """
        if not self.facts.protection:
            return
        address = self.address(party)
        member = self.state.parties.get(party)
        if isinstance(address, str) or member is None or member.consent is Consent.REFUSED:
            return
        network = address.endpoint.network
        if network == TELEPHONE:
            return  # that would be a call of its own; who calls is told by whom they talk to
        level = self.facts.protection.get(network, "")
        if not level or label(network, level) in member.labelled:
            return
        if (party, network) in self.facts.labelled:
            self.add(e.ProtectionNoted(party=party, network=network, level=level))
            return
        key = next(key for key, meant in LEVELS.items() if meant == level)
        seq = self.add(e.NoticeGiven(party=party, notice=key, network=network))
        self.effect(
            SendMessage(seq=seq, to=address, purpose=Purpose.CONSENT, content=Notice(key=key))
        )

    def notify(
        self,
        party: str,
        key: NoticeKey,
        params: dict[str, str] | None = None,
        options: tuple[Choice, ...] = (),
        purpose: Purpose = Purpose.NOTICE,
        about: str = "",
        calendar: CalendarEvent | None = None,
    ) -> None:
        """Say something of the bridge's own to one party, as an entry and a message.

        A coach who is in a session hears what concerns others when it is over, unless she asked.
        Somebody whose key is destroyed hears nothing more: it could not be sealed for them. What
        is about such a one is sealed for its reader.
        """
        gone = self.state.ending.destroyed
        if party in gone:
            return
        about = "" if about in gone else about
        params = params or {}
        self.label(party)
        seq = self.add(
            e.NoticeGiven(party=party, notice=key, about=about, params=params, options=options)
        )
        address = self.address(party)
        if isinstance(address, str):
            self.add(
                e.DeliveryChanged(
                    target=seq, party=party, state=DeliveryState.SUPPRESSED, reason=address
                )
            )
            return
        ref = f"{self.state.id}/{seq}" if options else ""
        self.effect(
            SendMessage(
                seq=seq,
                to=address,
                purpose=purpose,
                priority=Priority.REPLY,
                content=Notice(key=key, params=params, options=options, ref=ref),
                hold=self._held(party),
                calendar=calendar,
            )
        )

    def _held(self, party: str) -> str:
        person = self.facts.people.get(party)
        busy = person.session if person is not None else ""
        return (
            session_hold(party) if busy not in ("", self.state.id) and party != self.actor else ""
        )


_WHY = {
    "opted_out": NoticeKey.NOT_DELIVERED_BLOCKED,
    "blocked": NoticeKey.NOT_DELIVERED_BLOCKED,
    "no_endpoint": NoticeKey.NOT_DELIVERED_NO_ENDPOINT,
    "no_consent": NoticeKey.NOT_DELIVERED_NO_CONSENT,
    "network_not_allowed": NoticeKey.NOT_DELIVERED_NOT_ALLOWED,
    "unclear": NoticeKey.NOT_DELIVERED_UNCLEAR,
}


def address_of(person: Person, place: Place | None, policy: Policy) -> Address | str:
    """Return where a person is reached who has this place of their own, or why nowhere (a code).

    Their own place comes first, unless they went on with us on another account since.
    """
    usable = [reach for reach in person.reach if not reach.opted_out]
    if usable and policy.allowed_networks:
        usable = [reach for reach in usable if policy.allows(reach.endpoint.network)]
        if not usable:
            return "network_not_allowed"
    if not usable:
        how = {reach.opted_out for reach in person.reach}
        if how == {"undeliverable"}:
            return "undeliverable"
        return "opted_out" if how else "no_endpoint"
    first = usable[0]
    if place is not None and (first.used is None or _is_there(first, place)):
        for reach in usable:
            if _is_there(reach, place):
                return Address(person.id, reach.endpoint, reach.epoch, place)
    return Address(person.id, first.endpoint, first.epoch, first.place)


def _is_there(reach: Reach, place: Place) -> bool:
    return (reach.endpoint.network, reach.endpoint.account) == (place.network, place.account)
