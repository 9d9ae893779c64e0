"""Who takes part, from where, and whether they agree."""

from __future__ import annotations

import msgspec

from bridge.core.endpoint import Endpoint, Place


class OpenTrajectory(msgspec.Struct, frozen=True):
    """Begin a log."""

    title: str = ""


class CloseTrajectory(msgspec.Struct, frozen=True):
    """End a trajectory; nothing is relayed any more. ``party`` is the coach who ends it, if any."""

    reason: str = ""
    party: str = ""


class AddParty(msgspec.Struct, frozen=True):
    """Let a person take part."""

    party: str
    role: str
    name: str


class RemoveParty(msgspec.Struct, frozen=True):
    """Let a person take part no longer."""

    party: str
    reason: str = ""


class EraseParty(msgspec.Struct, frozen=True):
    """The key of a party's words is destroyed now; ``how`` as in PartyErased."""

    party: str
    how: str


class LinkEndpoint(msgspec.Struct, frozen=True):
    """An endpoint of a party was verified; ``how`` as in EndpointLinked."""

    party: str
    endpoint: Endpoint
    how: str


class RevokeEndpoint(msgspec.Struct, frozen=True):
    """An endpoint of a party counts no more."""

    party: str
    endpoint: Endpoint
    reason: str


class ReplaceEndpoints(msgspec.Struct, frozen=True):
    """A party goes on from ``to`` for good, in the place of ``gone``, which count no more.

    ``also`` are further ways to the same device; ``how`` as in EndpointLinked; ``where`` is what
    the coaches are told of the new one.
    """

    party: str
    gone: tuple[Endpoint, ...]
    to: Endpoint
    how: str
    where: str
    also: tuple[Endpoint, ...] = ()


class AskConsent(msgspec.Struct, frozen=True):
    """A party has to be asked before anything passes; asks again only after a while.

    ``again`` asks at once, also somebody who had said no: they wrote START.
    """

    party: str
    again: bool = False


class RecordConsent(msgspec.Struct, frozen=True):
    """The operator says that the party agreed on paper."""

    party: str


class AnswerConsent(msgspec.Struct, frozen=True):
    """A party answered the question, or (``yes=False``) withdrew."""

    party: str
    yes: bool
    endpoint: Endpoint


class OptOut(msgspec.Struct, frozen=True):
    """A party stopped us on an endpoint."""

    party: str
    endpoint: Endpoint
    how: str


class OptIn(msgspec.Struct, frozen=True):
    """A party lets us write to an endpoint again."""

    party: str
    endpoint: Endpoint
    how: str


class MoveConversation(msgspec.Struct, frozen=True):
    """A party goes on from another of their endpoints; ``how`` as in ConversationMoved."""

    party: str
    endpoint: Endpoint
    how: str


class BindPlace(msgspec.Struct, frozen=True):
    """A place of its own was made for a party."""

    party: str
    place: Place


class UnbindPlace(msgspec.Struct, frozen=True):
    """A party's own place may not be used any more."""

    party: str
    reason: str


class AskForPlace(msgspec.Struct, frozen=True):
    """A coach wants this trajectory to have a place of its own inside a group chat."""

    party: str
    group: Place
