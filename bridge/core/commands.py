"""What happened or is asked, for one trajectory: the only way to change a log."""

from __future__ import annotations

import msgspec

from bridge.core.content import Body
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Purpose
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import ChoiceIn, DeleteIn, EditIn, MessageIn, ReactionIn


class Receive(msgspec.Struct, frozen=True):
    """A party did something on a network; ``inbox`` is the kept raw payload.

    ``target`` is the seq of what is answered, edited, deleted or reacted to, where our own page
    names it; 0 = the external id tells. A file that has our id already is kept under it.
    """

    party: str
    inbound: MessageIn | EditIn | DeleteIn | ReactionIn | ChoiceIn
    inbox: int = 0
    target: int = 0


class Report(msgspec.Struct, frozen=True):
    """The outbox or a receipt tells what became of ``target`` for a party.

    ``told`` = its author need not be told, for they know already.
    """

    target: int
    party: str
    state: DeliveryState
    purpose: Purpose = Purpose.CHAT
    network: str = ""
    external_ids: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""
    losses: tuple[str, ...] = ()
    twice: bool = False
    told: bool = False


class OpenTrajectory(msgspec.Struct, frozen=True):
    """Begin a log."""

    title: str = ""


class CloseTrajectory(msgspec.Struct, frozen=True):
    """End a trajectory; nothing is relayed any more."""

    reason: str = ""


class AddParty(msgspec.Struct, frozen=True):
    """Let a person take part."""

    party: str
    role: str
    name: str


class RemoveParty(msgspec.Struct, frozen=True):
    """Let a person take part no longer."""

    party: str
    reason: str = ""


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


class AddNote(msgspec.Struct, frozen=True):
    """A coach writes something down that goes to nobody."""

    party: str
    body: Body


Command = (
    Receive
    | Report
    | AddNote
    | OpenTrajectory
    | CloseTrajectory
    | AddParty
    | RemoveParty
    | LinkEndpoint
    | RevokeEndpoint
    | AskConsent
    | RecordConsent
    | AnswerConsent
    | OptOut
    | OptIn
    | BindPlace
    | UnbindPlace
    | AskForPlace
)
