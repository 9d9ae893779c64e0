"""The lines of the trajectory log: closed union, past participles, never changed once written.

1. An entry is (trajectory, seq); the store gives it both, and the instant.
2. ``author`` is a party's id, or ``bridge``; ``owner`` says whose key seals the private fields.
3. Fields named in ``SEALED`` are encrypted under the key of (trajectory, owner); the others are
   the envelope, which must be enough to fold the state after a key was destroyed. So a sealed
   field has a default, and ``apply`` never reads one.
"""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec

from bridge.core.content import Body, Choice, Content, Erased
from bridge.core.delivery import DeliveryState
from bridge.core.endpoint import Endpoint, Place
from bridge.core.notices import NoticeKey

BRIDGE = "bridge"
"""The author of what nobody in particular did."""


ROLES = ("coach", "client", "sponsor", "observer")


def _kind(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class _Entry(msgspec.Struct, frozen=True, tag_field="kind", tag=_kind, kw_only=True):
    SEALED: ClassVar[frozenset[str]] = frozenset()
    author: str = BRIDGE

    @property
    def owner(self) -> str:
        """Whose key seals the private fields: the author's, unless it is about somebody else."""
        return self.author

    @property
    def kind(self) -> str:
        """The word for this kind of entry, as in the log."""
        return str(self.__struct_config__.tag)


class TrajectoryOpened(_Entry, frozen=True, kw_only=True):
    """The first entry of every log."""

    title: str = ""


class TrajectoryClosed(_Entry, frozen=True, kw_only=True):
    """The last one but for deliveries still under way; nothing is relayed after it."""

    reason: str = ""


class PartyAdded(_Entry, frozen=True, kw_only=True):
    """A person takes part from here on, in one role: coach, client, sponsor or observer."""

    SEALED = frozenset({"name"})
    party: str
    role: str
    name: str = ""

    @property
    def owner(self) -> str:
        return self.party


class PartyRemoved(_Entry, frozen=True, kw_only=True):
    """A person takes no part any more and sees nothing later than this."""

    party: str
    reason: str = ""


class EndpointLinked(_Entry, frozen=True, kw_only=True):
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


class EndpointRevoked(_Entry, frozen=True, kw_only=True):
    """A person's endpoint counts no more."""

    SEALED = frozenset({"endpoint"})
    party: str
    network: str
    reason: str = ""
    endpoint: Endpoint | None = None

    @property
    def owner(self) -> str:
        return self.party


class PlaceAsked(_Entry, frozen=True, kw_only=True):
    """A party wants this trajectory to have a place of its own inside a group chat."""

    party: str
    group: Place


class PlaceBound(_Entry, frozen=True, kw_only=True):
    """For one party this trajectory now shows in a place of its own (topic, room, thread)."""

    party: str
    place: Place


class PlaceUnbound(_Entry, frozen=True, kw_only=True):
    """The party's own place is given up; messages go to the private chat again."""

    party: str
    place: Place
    reason: str = ""


class ConsentAsked(_Entry, frozen=True, kw_only=True):
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


class ConsentGiven(_Entry, frozen=True, kw_only=True):
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


class ConsentRefused(_Entry, frozen=True, kw_only=True):
    """A party said no, or withdrew."""

    SEALED = frozenset({"endpoint"})
    party: str
    version: str
    endpoint: Endpoint | None = None

    @property
    def owner(self) -> str:
        return self.party


class OptedOut(_Entry, frozen=True, kw_only=True):
    """A party stopped us on one endpoint: by ``stop`` word, or ``blocked`` on the network."""

    party: str
    network: str
    how: str


class OptedIn(_Entry, frozen=True, kw_only=True):
    """A party lets us write to that endpoint again."""

    party: str
    network: str
    how: str


class MessagePosted(_Entry, frozen=True, kw_only=True):
    """A party said something; ``to`` are the parties it goes to.

    ``external_id`` and ``place`` are where it came from; ``inbox`` is the kept raw payload
    (0 = none). ``reply_to`` is a seq, ``quote`` the part of it that was quoted by hand.
    """

    SEALED = frozenset({"content", "quote", "external_id", "place"})
    network: str
    to: tuple[str, ...]
    reply_to: int | None = None
    inbox: int = 0
    content: Content = Erased()
    quote: Body = ()
    external_id: str = ""
    place: Place | None = None


class MessageEdited(_Entry, frozen=True, kw_only=True):
    """A party changed what it had said in ``target``."""

    SEALED = frozenset({"content"})
    target: int
    to: tuple[str, ...]
    network: str = ""
    inbox: int = 0
    content: Content = Erased()


class MessageDeleted(_Entry, frozen=True, kw_only=True):
    """A party withdrew ``target``; the log keeps it, the networks take it away where they can."""

    target: int
    to: tuple[str, ...]
    network: str = ""
    inbox: int = 0


class ReactionSet(_Entry, frozen=True, kw_only=True):
    """The reactions a party now has on ``target``; empty takes them back."""

    SEALED = frozenset({"emoji"})
    target: int
    to: tuple[str, ...]
    network: str = ""
    inbox: int = 0
    emoji: tuple[str, ...] = ()


class ChoiceMade(_Entry, frozen=True, kw_only=True):
    """A party chose an option of the question in ``target``."""

    SEALED = frozenset({"label"})
    target: int
    key: str
    to: tuple[str, ...] = ()
    network: str = ""
    inbox: int = 0
    label: str = ""


class NoteAdded(_Entry, frozen=True, kw_only=True):
    """A coach wrote something down for the coaches of the trajectory; it is never relayed."""

    SEALED = frozenset({"body"})
    body: Body = ()


class NoticeGiven(_Entry, frozen=True, kw_only=True):
    """The bridge itself said something to one party, perhaps ``about`` another."""

    SEALED = frozenset({"params"})
    party: str
    notice: NoticeKey
    about: str = ""
    options: tuple[Choice, ...] = ()
    params: dict[str, str] = {}

    @property
    def owner(self) -> str:
        return self.party


class DeliveryChanged(_Entry, frozen=True, kw_only=True):
    """What became of ``target`` for one party.

    ``reason`` is a code; the sealed ``detail`` one line for a person. ``losses`` tell what the
    recipient's network could not show. ``twice`` marks a chat line that was possibly sent twice.
    """

    SEALED = frozenset({"external_ids", "detail"})
    target: int
    party: str
    state: DeliveryState
    network: str = ""
    reason: str = ""
    losses: tuple[str, ...] = ()
    twice: bool = False
    external_ids: tuple[str, ...] = ()
    detail: str = ""

    @property
    def owner(self) -> str:
        return self.party


class InboundRefused(_Entry, frozen=True, kw_only=True):
    """A party did something that was not carried out; ``reason`` is a code."""

    reason: str
    network: str = ""
    inbox: int = 0


Entry = (
    TrajectoryOpened
    | TrajectoryClosed
    | PartyAdded
    | PartyRemoved
    | EndpointLinked
    | EndpointRevoked
    | PlaceAsked
    | PlaceBound
    | PlaceUnbound
    | ConsentAsked
    | ConsentGiven
    | ConsentRefused
    | OptedOut
    | OptedIn
    | MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionSet
    | ChoiceMade
    | NoteAdded
    | NoticeGiven
    | DeliveryChanged
    | InboundRefused
)
