"""What a party did on a network, and what became of what was sent."""

from __future__ import annotations

import msgspec

from bridge.core.content import Body, Content
from bridge.core.delivery import DeliveryState
from bridge.core.effects import Purpose
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


class NoteViewing(msgspec.Struct, frozen=True):
    """A party was shown lines of the log again; fields as in LogViewed."""

    party: str
    network: str
    first: int
    last: int
    more: bool


class LogSession(msgspec.Struct, frozen=True):
    """A coach logs a session that was held; ``modality`` as in SessionLogged."""

    party: str
    modality: str
    minutes: int
    body: Body = ()


class Resend(msgspec.Struct, frozen=True):
    """The author wants ``target`` sent again to those whom it did not reach, as it reads now."""

    party: str
    target: int
    to: tuple[str, ...]
    content: Content
    reply_to: int | None = None


class AddNote(msgspec.Struct, frozen=True):
    """A coach writes something down that goes to nobody."""

    party: str
    body: Body
