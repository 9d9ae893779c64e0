"""A crowd that joins, leaves, links, moves, stops and talks at random, and what it may see."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.adapter import Sent
from bridge.core.content import Style, Styled, Text
from bridge.core.effects import Acknowledge, Purpose
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import DeleteIn, EditIn, MessageIn, ReactionIn, Sender
from bridge.core.policy import Policy
from bridge.runtime import claiming, sending
from bridge.runtime.handle import handle
from bridge.runtime.links import Links
from bridge.runtime.preparing import Item
from bridge.runtime.texts import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.unit import Unit

NETWORKS = {"telegram": "to_vendor", "matrix": "end_to_end", "sms": "plain", "email": "plain"}
PEOPLE = [f"p{number}" for number in range(14)]
TRAJECTORIES = [f"t{number}" for number in range(6)]
ROLES = ("coach", "client", "client", "client", "sponsor", "observer")
LEASE, GIVE_UP = timedelta(minutes=1), timedelta(days=9999)
BATCH = 250
_TOKEN = re.compile(r"#(t[0-9]+)\.([0-9]+)#")


class Said:
    """What was said under one token: in which trajectory, and who may ever see it."""

    def __init__(self, trajectory: str, seq: int, among: frozenset[str], *, aside: bool) -> None:
        self.trajectory = trajectory
        self.seq = seq
        self.among = among
        self.aside = aside


class World:
    """What is true, kept beside the bridge."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.roles: dict[str, dict[str, str]] = {name: {} for name in TRAJECTORIES}
        self.agreed: dict[str, set[str]] = {name: set() for name in TRAJECTORIES}
        self.owner: dict[Endpoint, str] = {}
        self.links: Counter[Endpoint] = Counter()
        self.stopped: set[Endpoint] = set()
        self.policy: dict[str, Policy] = {name: Policy() for name in TRAJECTORIES}
        self.places: dict[Place, tuple[str, str]] = {}
        self.said: dict[str, Said] = {}
        self.words: dict[str, list[Said]] = {name: [] for name in TRAJECTORIES}
        self.made: dict[str, int] = {}
        self.lanes: dict[str, list[int]] = {}
        self.counts: Counter[str] = Counter()
        self.numbers = 0
        self.catalogue = Catalogue(Links(b"k" * 32, "https://bridge.example.org"), NETWORKS)

    # -- what happens -----------------------------------------------------------------------

    def begin(self, unit: Unit) -> None:
        """Everybody exists, and every trajectory has a coach and a client."""
        for person in PEOPLE:
            unit.put_person(person, person.capitalize(), self.chance.choice(["en", "nl"]), "UTC")
            for _ in range(3):
                self.link(unit, person)
        for trajectory in TRAJECTORIES:
            handle(unit, trajectory, c.OpenTrajectory(), self.catalogue)
            for role in ("coach", "client", "client"):
                self.join(unit, trajectory, self.chance.choice(PEOPLE), role)

    def step(self, unit: Unit) -> None:
        """Let one thing happen."""
        trajectory = self.chance.choice(TRAJECTORIES)
        talking = sorted(one for one in self.roles[trajectory] if self.may_talk(trajectory, one))
        known = [*talking, *talking, *talking, *self.roles[trajectory], *PEOPLE[:2]]
        person = self.chance.choice(known)
        happens: Callable[[], None] = self.chance.choices(
            [
                lambda: self.says(unit, trajectory, person),
                lambda: self.corrects(unit, trajectory, person),
                lambda: self.joins(unit, trajectory),
                lambda: self.leaves(unit, trajectory, person),
                lambda: self.link(unit, person),
                lambda: self.unlink(unit, person),
                lambda: self.stops(unit, person),
                lambda: self.consents(unit, trajectory, person),
                lambda: self.moves_place(unit, trajectory, person),
                lambda: self.changes_policy(unit, trajectory),
                lambda: self.delivers(unit),
            ],
            weights=[40, 14, 3, 2, 5, 1, 2, 5, 4, 1, 30],
        )[0]
        happens()

    def join(self, unit: Unit, trajectory: str, person: str, role: str) -> None:
        """Let somebody take part, or in another role."""
        known = self.roles[trajectory].get(person)
        handle(unit, trajectory, c.AddParty(person, role, person.capitalize()), self.catalogue)
        if known != role:
            self.forget_places(trajectory, person)
            self.agreed[trajectory].discard(person)
        self.roles[trajectory][person] = role
        if role == "client" and self.chance.random() < 0.8:
            handle(unit, trajectory, c.RecordConsent(person), self.catalogue)
            self.look_up_consent(unit, trajectory, person)

    def joins(self, unit: Unit, trajectory: str) -> None:
        """Somebody comes."""
        self.counts["joins"] += 1
        self.join(unit, trajectory, self.chance.choice(PEOPLE), self.chance.choice(ROLES))

    def leaves(self, unit: Unit, trajectory: str, person: str) -> None:
        """Somebody goes."""
        self.counts["leaves"] += 1
        handle(unit, trajectory, c.RemoveParty(person), self.catalogue)
        self.roles[trajectory].pop(person, None)
        self.agreed[trajectory].discard(person)
        self.forget_places(trajectory, person)

    def forget_places(self, trajectory: str, person: str) -> None:
        """A place of one's own goes with its owner."""
        for place in [one for one, bound in self.places.items() if bound == (trajectory, person)]:
            del self.places[place]

    def link(self, unit: Unit, person: str) -> None:
        """An endpoint becomes this person's, whosever it was."""
        self.counts["links"] += 1
        address = f"a{self.chance.randrange(24)}"
        endpoint = Endpoint(self.chance.choice(list(NETWORKS)), "main", address)
        if self.owner.get(endpoint) == person:
            return
        if endpoint in self.owner:
            unit.revoke_endpoint(endpoint)
        unit.put_endpoint(endpoint, person, rank=self.chance.randrange(5))
        self.owner[endpoint] = person
        self.links[endpoint] += 1
        self.stopped.discard(endpoint)

    def unlink(self, unit: Unit, person: str) -> None:
        """An endpoint of a person counts no more."""
        mine = self.endpoints(person)
        if mine:
            gone = self.chance.choice(mine)
            unit.revoke_endpoint(gone)
            del self.owner[gone]
            self.stopped.discard(gone)

    def stops(self, unit: Unit, person: str) -> None:
        """STOP or START on one endpoint."""
        mine = self.endpoints(person)
        if not mine:
            return
        self.counts["stops"] += 1
        endpoint = self.chance.choice(mine)
        if endpoint in self.stopped:
            unit.set_opted_out(endpoint, "")
            self.stopped.discard(endpoint)
        else:
            unit.set_opted_out(endpoint, "stop")
            self.stopped.add(endpoint)

    def consents(self, unit: Unit, trajectory: str, person: str) -> None:
        """A client says yes or no, or is asked again."""
        mine = self.endpoints(person)
        if not mine:
            return
        self.counts["consents"] += 1
        yes = self.chance.random() < 0.7
        command: c.Command = c.AnswerConsent(person, yes=yes, endpoint=mine[0])
        if self.chance.random() < 0.25:
            command = c.AskConsent(person, again=True)
        handle(unit, trajectory, command, self.catalogue)
        self.look_up_consent(unit, trajectory, person)

    def look_up_consent(self, unit: Unit, trajectory: str, person: str) -> None:
        """Take from the log itself whether a client agreed: the last word of theirs counts."""
        state = unit.state(trajectory)
        assert state is not None
        member = state.parties.get(person)
        given = member is not None and member.active and member.consent == "given"
        (self.agreed[trajectory].add if given else self.agreed[trajectory].discard)(person)

    def moves_place(self, unit: Unit, trajectory: str, person: str) -> None:
        """A trajectory gets a place of its own for somebody, or loses it."""
        self.counts["places"] += 1
        mine = self.endpoints(person)
        if self.chance.random() < 0.4 or not mine:
            handle(unit, trajectory, c.UnbindPlace(person, "gone"), self.catalogue)
            self.forget_places(trajectory, person)
            return
        network = self.chance.choice(mine).network
        place = Place(network, "main", "group", str(self.chance.randrange(40)))
        if place in self.places or person not in self.roles[trajectory]:
            return
        handle(unit, trajectory, c.BindPlace(person, place), self.catalogue)
        self.forget_places(trajectory, person)
        self.places[place] = (trajectory, person)

    def changes_policy(self, unit: Unit, trajectory: str) -> None:
        """The practice allows other networks, or words on weak ones."""
        self.counts["policies"] += 1
        some = self.chance.sample(list(NETWORKS), self.chance.randrange(1, 4))
        allowed = tuple(some) if self.chance.random() < 0.4 else ()
        self.policy[trajectory] = Policy(allowed, self.chance.random() < 0.6)
        handle(unit, trajectory, c.SetPolicy(self.policy[trajectory]), self.catalogue)

    def says(self, unit: Unit, trajectory: str, person: str) -> None:
        """Somebody says something, perhaps as an aside, perhaps as an answer."""
        self.numbers += 1
        token = f"#{trajectory}.{self.numbers}#"
        aside = self.chance.random() < 0.25
        named = self.chance.choice(["", f" {self.chance.choice(PEOPLE)}"])
        begins = self.chance.choice(["aside", "Apart", "terzijde"])
        text = f"{begins}{named}: {token}" if aside else f"words {token}"
        content = Text((Styled(Style.BOLD, (text,)),) if self.chance.random() < 0.2 else (text,))
        answered = self.any_words(trajectory) if self.chance.random() < 0.4 else None
        external = f"m{self.numbers}"
        act = MessageIn(*self.where(person), external, content, unit.now, reply_to="x")
        entries = self.acts(unit, trajectory, person, act, answered.seq if answered else 0)
        for seq, entry in entries:
            if isinstance(entry, e.MessagePosted):
                self.posted(trajectory, person, token, seq, entry, aside, answered)

    def posted(
        self,
        trajectory: str,
        person: str,
        token: str,
        seq: int,
        entry: e.MessagePosted,
        aside: bool,
        answered: Said | None,
    ) -> None:
        """Note who may see something said: by what the author meant, not by what was logged."""
        roles_now = self.roles[trajectory].items()
        among = {one for one, role in roles_now if role in ("coach", "client")} | {person}
        private = aside or (answered is not None and answered.aside)
        if private:
            assert isinstance(entry, e.AsidePosted), "an aside became a message to all"
            assert len(entry.to) == 1
            among &= {person, *entry.to}
            roles = {self.roles[trajectory].get(one) for one in (person, *entry.to)}
            assert "coach" in roles
            if answered is not None and answered.aside and not aside:
                assert among <= answered.among
        self.said[token] = Said(trajectory, seq, frozenset(among), aside=private)
        self.words[trajectory].append(self.said[token])
        self.counts["asides" if private else "messages"] += 1

    def corrects(self, unit: Unit, trajectory: str, person: str) -> None:
        """Somebody edits, withdraws or reacts to what they or anybody said."""
        target = self.any_words(trajectory)
        if target is None:
            return
        self.counts["corrections"] += 1
        place, sender = self.where(person)
        self.numbers += 1
        token = f"#{trajectory}.{self.numbers}#"
        act: EditIn | DeleteIn | ReactionIn = ReactionIn(place, sender, "x", (token,), unit.now)
        match self.chance.randrange(3):
            case 0:
                begins = self.chance.choice(["", "", "aside: "])
                act = EditIn(place, sender, "x", Text((f"{begins}{token}",)), unit.now)
            case 1:
                act = DeleteIn(place, sender, "x", unit.now)
            case _:
                pass
        self.said[token] = Said(trajectory, target.seq, target.among | {person}, aside=target.aside)
        if target.aside:
            self.said[token].among = target.among
        else:
            talking = self.roles[trajectory].items()
            self.said[token].among |= {p for p, role in talking if role in ("coach", "client")}
        self.acts(unit, trajectory, person, act, target.seq)

    def acts(
        self,
        unit: Unit,
        trajectory: str,
        person: str,
        act: MessageIn | EditIn | DeleteIn | ReactionIn,
        target: int,
    ) -> list[tuple[int, e.Entry]]:
        """Give an act to its trajectory; return what became of it in the log."""
        before = unit.state(trajectory)
        assert before is not None
        receive = c.Receive(person, act, target=target)
        decision = handle(unit, trajectory, receive, self.catalogue)
        may = self.may_talk(trajectory, person)
        for entry in decision.entries:
            if isinstance(entry, e.MessagePosted | e.MessageEdited | e.ReactionSet):
                assert may, f"words of {person}, who may not talk in {trajectory}, were taken"
                assert self.policy[trajectory].takes_from(act.place.network)
        return list(enumerate(decision.entries, before.seq + 1))

    # -- the network takes rows, and every one of them is judged ----------------------------

    def delivers(self, unit: Unit) -> None:
        """Let the network take some of what waits, old or new."""
        for row in unit.left.outbox:
            if row.key not in self.made:
                bound = unit.goes_to(row.id)
                self.made[row.key] = self.links[bound[0]] if bound else 0
                self.lanes.setdefault(row.lane, []).append(row.id)
        unit.left.outbox.clear()
        lanes = [lane for lane, rows in self.lanes.items() if rows]
        for lane in self.chance.sample(lanes, min(len(lanes), 6)):
            rows = self.lanes[lane]
            self.lanes[lane] = [number for number in rows[:4] if self.claimed(unit, number)]
            self.lanes[lane] += rows[4:]

    def claimed(self, unit: Unit, number: int) -> bool:
        """Claim one row, and judge what comes of it; tell whether it still waits."""
        for item in claiming.claim(unit, [number], "me", LEASE, GIVE_UP, self.catalogue):
            assert isinstance(item, Item)
            self.judge(unit, item)
            sent = Sent((f"x{number}",))
            sending.sent(unit, item, sent.external_ids, item.losses, sent, self.catalogue)
        row = unit.outbox_row_by_id(number)
        return row is not None and row.state in ("queued", "accepted")

    def judge(self, unit: Unit, item: Item) -> None:
        """A delivery is about to happen: is that right at this moment?"""
        row, to = item.row, item.effect.to
        where = f"{row.key} to {to}"
        trajectory, party = row.trajectory, to.party
        self.counts["deliveries"] += 1
        assert self.owner.get(to.endpoint) == party, f"{where}: not their endpoint"
        assert self.made[row.key] == self.links[to.endpoint], f"{where}: linked anew meanwhile"
        assert to.endpoint not in self.stopped, f"{where}: they wrote STOP there"
        role = self.roles[trajectory].get(party)
        assert role is not None, f"{where}: takes no part"
        if isinstance(item.effect, Acknowledge):
            return
        policy = self.policy[trajectory]
        assert policy.allows(to.endpoint.network), f"{where}: network not allowed"
        bound = self.places.get(to.place)
        private = to.place == Place(to.endpoint.network, "main", to.endpoint.address)
        assert bound == (trajectory, party) if bound else private, f"{where}: a place of others"
        if row.purpose in (Purpose.CHAT, Purpose.CORRECTION):
            self.counts["words delivered"] += 1
            assert role in ("coach", "client"), f"{where}: words for a {role}"
            assert role == "coach" or party in self.agreed[trajectory], f"{where}: no consent"
        found = {match.group() for match in _TOKEN.finditer(repr(item.delivery))}
        weak = NETWORKS[to.endpoint.network] == "plain" and not policy.content_on_weak_networks
        if row.purpose in (Purpose.CHAT, Purpose.CORRECTION) and weak:
            self.counts["links instead"] += 1
            assert not found, f"{where}: words on a weak network"
        for token in found:
            said = self.said[token]
            assert said.trajectory == trajectory, f"{where}: words of {said.trajectory}"
            assert party in said.among, f"{where}: {token} was not for them"

    # -- looking ----------------------------------------------------------------------------

    def endpoints(self, person: str) -> list[Endpoint]:
        """Return where somebody is."""
        return [endpoint for endpoint, owner in self.owner.items() if owner == person]

    def where(self, person: str) -> tuple[Place, Sender]:
        """Return whence somebody writes: one of their messengers, or the console."""
        mine = self.endpoints(person)
        if not mine or self.chance.random() < 0.1:
            return Place("console", "main", "x"), Sender(Endpoint("console", "main", person))
        endpoint = self.chance.choice(mine)
        return Place(endpoint.network, "main", endpoint.address), Sender(endpoint)

    def may_talk(self, trajectory: str, person: str) -> bool:
        """Tell whether somebody's words may pass."""
        role = self.roles[trajectory].get(person)
        return role == "coach" or (role == "client" and person in self.agreed[trajectory])

    def any_words(self, trajectory: str) -> Said | None:
        """Return something that was said lately in a trajectory, or long ago."""
        words = self.words[trajectory]
        if not words:
            return None
        return self.chance.choice(words[-20:] if self.chance.random() < 0.9 else words)
