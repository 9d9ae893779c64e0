"""What was said, changed and answered, and what became of it."""

from __future__ import annotations

import msgspec

from bridge.core.content import Body, Choice, Content, Erased
from bridge.core.delivery import DeliveryState
from bridge.core.endpoint import Place
from bridge.core.entries.base import Line
from bridge.core.notices import NoticeKey


class MessagePosted(Line, frozen=True, kw_only=True):
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


class MessageEdited(Line, frozen=True, kw_only=True):
    """A party changed what it had said in ``target``, perhaps to one other only (``aside``)."""

    SEALED = frozenset({"content"})
    target: int
    to: tuple[str, ...]
    network: str = ""
    inbox: int = 0
    content: Content = Erased()
    aside: bool = False


class MessageDeleted(Line, frozen=True, kw_only=True):
    """A party withdrew ``target``; the log keeps it, the networks take it away where they can."""

    target: int
    to: tuple[str, ...]
    network: str = ""
    inbox: int = 0


class ReactionSet(Line, frozen=True, kw_only=True):
    """The reactions a party now has on ``target``; empty takes them back."""

    SEALED = frozenset({"emoji"})
    target: int
    to: tuple[str, ...]
    network: str = ""
    inbox: int = 0
    emoji: tuple[str, ...] = ()


class ChoiceMade(Line, frozen=True, kw_only=True):
    """A party chose an option of the question in ``target``."""

    SEALED = frozenset({"label"})
    target: int
    key: str
    to: tuple[str, ...] = ()
    network: str = ""
    inbox: int = 0
    label: str = ""


class NoteAdded(Line, frozen=True, kw_only=True):
    """A coach wrote something down for the coaches of the trajectory; it is never relayed."""

    SEALED = frozenset({"body"})
    body: Body = ()


class SessionLogged(Line, frozen=True, kw_only=True):
    """A coach logged a session that was held outside the bridge, with words for the coaches.

    ``modality``: ``f2f`` = face to face; ``minutes`` is how long it was.
    """

    SEALED = frozenset({"body"})
    modality: str
    minutes: int
    body: Body = ()


class LogViewed(Line, frozen=True, kw_only=True):
    """A party reread the log from their messenger: lines from ``first`` to ``last``.

    ``more`` tells that earlier ones are left to be read.
    """

    network: str
    first: int
    last: int
    more: bool = False


class NoticeGiven(Line, frozen=True, kw_only=True):
    """The bridge itself said something to one party, ``about`` another or a ``network``.

    What it says about another is sealed under the other's key: it goes when they are erased.
    """

    SEALED = frozenset({"params"})
    party: str
    notice: NoticeKey
    about: str = ""
    network: str = ""
    options: tuple[Choice, ...] = ()
    params: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def owner(self) -> str:
        return self.about or self.party


class DeliveryChanged(Line, frozen=True, kw_only=True):
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


class InboundRefused(Line, frozen=True, kw_only=True):
    """A party did something that was not carried out; ``reason`` is a code."""

    reason: str
    network: str = ""
    inbox: int = 0
