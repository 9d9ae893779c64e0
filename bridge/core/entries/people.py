"""Who takes part, from where, and whether they agreed."""

from __future__ import annotations

from bridge.core.endpoint import Endpoint, Place
from bridge.core.entries.base import Line


class TrajectoryOpened(Line, frozen=True, kw_only=True):
    """The first entry of every log."""

    title: str = ""


class TrajectoryClosed(Line, frozen=True, kw_only=True):
    """The last one but for deliveries still under way; nothing is relayed after it."""

    reason: str = ""


class PartyAdded(Line, frozen=True, kw_only=True):
    """A person takes part from here on, in one role: coach, client, sponsor or observer."""

    SEALED = frozenset({"name"})
    party: str
    role: str
    name: str = ""

    @property
    def owner(self) -> str:
        return self.party


class PartyRemoved(Line, frozen=True, kw_only=True):
    """A person takes no part any more and sees nothing later than this."""

    party: str
    reason: str = ""


class PartyErased(Line, frozen=True, kw_only=True):
    """The key of a party's words was destroyed in this commit, and what told where they were.

    ``how``: ``operator`` by hand, or ``ledger``, again, in a store that was restored.
    """

    party: str
    how: str


class EndpointLinked(Line, frozen=True, kw_only=True):
    """A person may be reached and may write from this endpoint.

    ``how``: ``declared`` by the operator, ``invite`` redeemed, or ``confirmed`` on both sides.
    """

    SEALED = frozenset({"endpoint"})
    party: str
    network: str
    how: str
    endpoint: Endpoint | None = None

    @property
    def owner(self) -> str:
        return self.party


class EndpointRevoked(Line, frozen=True, kw_only=True):
    """A person's endpoint counts no more."""

    SEALED = frozenset({"endpoint"})
    party: str
    network: str
    reason: str = ""
    endpoint: Endpoint | None = None

    @property
    def owner(self) -> str:
        return self.party


class PlaceAsked(Line, frozen=True, kw_only=True):
    """A party wants this trajectory to have a place of its own inside a group chat."""

    SEALED = frozenset({"group"})
    party: str
    group: Place | None = None

    @property
    def owner(self) -> str:
        return self.party


class PlaceBound(Line, frozen=True, kw_only=True):
    """For one party this trajectory now shows in a place of its own (topic, room, thread).

    A place may be somebody's address (mail), so it is sealed, though the state holds it: that of
    an erased party is gone from both (``PartyErased``).
    """

    SEALED = frozenset({"place"})
    party: str
    place: Place | None = None

    @property
    def owner(self) -> str:
        return self.party


class PlaceUnbound(Line, frozen=True, kw_only=True):
    """The party's own place is given up; messages go to the private chat again."""

    SEALED = frozenset({"place"})
    party: str
    place: Place | None = None
    reason: str = ""

    @property
    def owner(self) -> str:
        return self.party


class ConsentAsked(Line, frozen=True, kw_only=True):
    """A party was asked in the name of these coaches; the sealed text is what was shown."""

    SEALED = frozenset({"text"})
    party: str
    version: str
    language: str
    coaches: tuple[str, ...] = ()
    text: str = ""

    @property
    def owner(self) -> str:
        return self.party


class ConsentGiven(Line, frozen=True, kw_only=True):
    """A party agreed; the sealed part keeps the exact text and the endpoint it was given from.

    ``how``: ``answered`` by the party, or ``recorded`` on the operator's word.
    """

    SEALED = frozenset({"text", "endpoint"})
    party: str
    version: str
    language: str
    how: str
    text: str = ""
    endpoint: Endpoint | None = None

    @property
    def owner(self) -> str:
        return self.party


class ConsentRefused(Line, frozen=True, kw_only=True):
    """A party said no, or withdrew."""

    SEALED = frozenset({"endpoint"})
    party: str
    version: str
    endpoint: Endpoint | None = None

    @property
    def owner(self) -> str:
        return self.party


class ConversationMoved(Line, frozen=True, kw_only=True):
    """A party goes on from another of their endpoints; what waits for them follows, once.

    ``how``: they ``asked`` for it, or ``answered`` there.
    """

    SEALED = frozenset({"endpoint"})
    party: str
    network: str
    how: str
    endpoint: Endpoint | None = None

    @property
    def owner(self) -> str:
        return self.party


class OptedOut(Line, frozen=True, kw_only=True):
    """A party stopped us on one endpoint: by ``stop`` word, or ``blocked`` on the network."""

    party: str
    network: str
    how: str


class OptedIn(Line, frozen=True, kw_only=True):
    """A party lets us write to that endpoint again."""

    party: str
    network: str
    how: str
