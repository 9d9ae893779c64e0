"""What an adapter's ``parse`` makes of a raw payload: things that happened on a network.

External ids are the network's own message ids as text, unique within (network, account, chat).
An Inbound knows no person and no trajectory; routing finds those.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from bridge.core.content import Attachment, Body, Content
from bridge.core.endpoint import Endpoint, Place


class Sender(msgspec.Struct, frozen=True):
    """Who acted, as the network shows them; the name is only for an operator's eyes."""

    endpoint: Endpoint
    name: str = ""
    language: str = ""  # BCP 47 hint of the network, or ''
    direct: bool = True  # the place is a private chat with us


class MessageIn(msgspec.Struct, frozen=True, tag="message"):
    """Somebody said something."""

    place: Place
    sender: Sender
    external_id: str
    content: Content
    at: datetime
    reply_to: str = ""  # external id, '' when it answers nothing
    quote: Body = ()  # the part of the answered message that was quoted by hand


class EditIn(msgspec.Struct, frozen=True, tag="edit"):
    """Somebody changed what they had said."""

    place: Place
    sender: Sender
    external_id: str
    content: Content
    at: datetime


class DeleteIn(msgspec.Struct, frozen=True, tag="delete"):
    """Somebody withdrew what they had said."""

    place: Place
    sender: Sender
    external_id: str
    at: datetime


class ReactionIn(msgspec.Struct, frozen=True, tag="reaction"):
    """The whole set of reactions this person now has on a message; empty means taken back."""

    place: Place
    sender: Sender
    external_id: str
    emoji: tuple[str, ...]
    at: datetime


class ChoiceIn(msgspec.Struct, frozen=True, tag="choice"):
    """Somebody chose an option of a question of ours: ``ref`` and ``key`` as we sent them.

    ``ack`` is what the network wants back to stop its spinner, '' for none.
    """

    place: Place
    sender: Sender
    external_id: str
    ref: str
    key: str
    at: datetime
    ack: str = ""


class StartIn(msgspec.Struct, frozen=True, tag="start"):
    """Somebody opened the chat with us, perhaps by an invitation link that carries a code."""

    place: Place
    sender: Sender
    external_id: str
    at: datetime
    code: str = ""


class ReceiptIn(msgspec.Struct, frozen=True, tag="receipt"):
    """The network tells what became of a message of ours: sent, delivered, read or failed.

    ``key`` is our own part key (``<effect key>/<n>``) where the network gives it back: it settles a
    send whose answer never came, and tells the external id. ``gone`` tells that nobody can be
    reached at that address at all, so no more is to be sent there.
    """

    place: Place
    external_id: str
    state: str  # a DeliveryState value
    at: datetime
    reason: str = ""
    key: str = ""
    gone: bool = False


class BlockedIn(msgspec.Struct, frozen=True, tag="blocked"):
    """A person blocked us on the network itself, or let us in again.

    ``stop`` tells that they wrote STOP (or START) and that the network answered and carried it
    out itself: nothing is to be said, and a STOP is as final as one said to us (I9).
    """

    sender: Sender
    blocked: bool
    at: datetime
    stop: bool = False


class ChatMovedIn(msgspec.Struct, frozen=True, tag="chat_moved"):
    """A chat has another id now (Telegram: a group became a supergroup)."""

    old: Place
    new: Place
    at: datetime


class MembersIn(msgspec.Struct, frozen=True, tag="members"):
    """Somebody else came into a group chat: places in it may be read by them."""

    place: Place
    joined: tuple[Endpoint, ...]
    at: datetime


class TypingIn(msgspec.Struct, frozen=True, tag="typing"):
    """Somebody is writing; never stored in a log."""

    place: Place
    sender: Sender


class UnprovenIn(msgspec.Struct, frozen=True, tag="unproven"):
    """Somebody wrote under a name that may not be theirs, such as the From of an e-mail.

    Nothing of it is taken for words of whoever the endpoint belongs to.
    """

    inbound: MessageIn | StartIn


class CallIn(msgspec.Struct, frozen=True, tag="call"):
    """Something happened on the telephone; the network mostly waits for what to say.

    ``what``: ``ringing`` = our number, the place's thread, is called; ``heard`` = a question of
    ours (``then``) was answered with ``keys``, or what it asked for has ended (``status``:
    ``answered``, ``busy``, ``no_answer``, ``failed``); ``over`` = a leg has ended; ``recorded`` = a
    recording is ready. ``call`` is our name for the call, the network's where it began there;
    ``external_id`` is the network's for this leg. ``key`` names the payload, and so the answer that
    is kept for it. ``asks`` tells whether parties are asked for a recording on this line, and
    ``days`` for how long it is kept.
    """

    place: Place
    sender: Sender
    external_id: str
    what: str
    call: str
    at: datetime
    key: str = ""
    then: str = ""
    keys: str = ""
    status: str = ""
    seconds: int = 0
    recording: str = ""
    file: Attachment | None = None
    asks: bool = False
    days: int = 30


Inbound = (
    MessageIn
    | EditIn
    | DeleteIn
    | ReactionIn
    | ChoiceIn
    | StartIn
    | ReceiptIn
    | BlockedIn
    | ChatMovedIn
    | MembersIn
    | TypingIn
    | UnprovenIn
    | CallIn
)
