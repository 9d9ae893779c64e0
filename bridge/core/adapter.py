"""The contract between the bridge and a network: what an adapter is, and when each part is called.

1. ``keys``, ``parse`` and ``render`` are pure and deterministic; the shell may call them again at
   any time, in any process, and must get the same answer.
2. ``parse`` runs after the raw payload was committed. It may raise ParseError, nothing else.
3. ``render`` runs when the row is claimed, before the first part, and again after a restart; the
   outbox resumes at part n.
4. ``send`` makes one request and must not repeat it by itself: a repeat is the outbox's decision.
   It raises a SendError whose certainty is true, and never lets another exception out.
5. ``listen`` hands payloads to the sink and moves a cursor only through it; it ends only when it
   is cancelled or by raising AccountBroken.
6. Nothing here may log or raise the words of a message, a token or a URL that holds one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import msgspec

from bridge.core.effects import Effect
from bridge.core.endpoint import Place

if TYPE_CHECKING:
    from datetime import datetime

    from bridge.core.capabilities import Capabilities
    from bridge.core.inbound import Inbound, TypingIn
    from bridge.core.speech import Answer as Spoken


NUMBERED = "buttons_as_text"
"""The loss that says that options went out as a numbered list: then a digit is an answer."""


class Raw(msgspec.Struct, frozen=True):
    """A payload as it came: ``keys`` are the network's names for it, most specific first.

    Any key seen before on this account means the payload is a repeat. ``network`` is set where one
    call may bring payloads of another network of the same account (Twilio: WhatsApp beside SMS).
    """

    keys: tuple[str, ...]
    payload: bytes
    network: str = ""


class Upload(msgspec.Struct, frozen=True):
    """A file that goes with a request: ``attachment`` names the blob, ``field`` where it goes."""

    field: str
    attachment: str
    name: str
    mime: str
    size: int


class Request(msgspec.Struct, frozen=True):
    """One request to a network, as data: a method, its parameters and files.

    ``shows`` tells that the request makes a message in the chat whose id is to be kept.
    """

    method: str
    params: Mapping[str, object]
    uploads: tuple[Upload, ...] = ()
    shows: bool = True


class Rendered(msgspec.Struct, frozen=True):
    """All requests of one effect, in order, and what the network cannot show of it.

    No requests at all means that the effect has no form on this network; then ``losses`` says so.
    """

    requests: tuple[Request, ...]
    losses: tuple[str, ...] = ()


class Delivery(msgspec.Struct, frozen=True):
    """An effect that is ready to be rendered: notices translated, ids found.

    ``reply_to`` and ``targets`` are external ids in ``effect.to.place``: of the answered message
    ('' when it does not show there) and of all parts of the message that is edited, deleted or
    reacted to.

    The others are words for networks that lack a feature, ready in the reader's language, so that
    no adapter has texts of its own: ``quote`` is the answered message in short ("Noor: see you at
    nine"), '' where the reader may not see it; ``told`` is an edit, deletion or reaction told as a
    message of its own; ``file_link`` names the file of the content and the bridge's own expiring
    link to it ("Photo (1.2 MB): https://..."), '' where there is no file; ``choose`` asks to
    answer with a number, for options that become a numbered list.
    """

    effect: Effect
    reply_to: str = ""
    targets: tuple[str, ...] = ()
    quote: str = ""
    told: str = ""
    file_link: str = ""
    choose: str = ""


class Sent(msgspec.Struct, frozen=True):
    """The network took a request; ``external_ids`` of what it made, ``opened`` of a new place."""

    external_ids: tuple[str, ...] = ()
    opened: Place | None = None


class Found(msgspec.Struct, frozen=True):
    """An ambiguous request had been taken."""

    sent: Sent


class Absent(msgspec.Struct, frozen=True):
    """An ambiguous request had not been taken: it may be made again."""


class Unknown(msgspec.Struct, frozen=True):
    """The network cannot tell."""


Reconciled = Found | Absent | Unknown


class Sink(Protocol):
    """Where ``listen`` puts what it reads."""

    async def accept(self, raws: Sequence[Raw], cursor: str | None = None) -> int:
        """Commit payloads and cursor together, then return how many were new.

        Nothing may be acknowledged to the network before this returns. Raises StoreError.
        """

    async def cursor(self) -> str | None:
        """Return the last cursor that was committed, None at the very beginning."""

    async def typing(self, inbound: TypingIn) -> None:
        """Pass on that somebody is writing; nothing is kept."""


class Files(Protocol):
    """The bytes of attachments, decrypted on the way."""

    def read(self, attachment: str) -> AsyncIterator[bytes]:
        """Yield the bytes in chunks of at most 256 KiB; raises StoreError when they are gone."""


class Adapter(Protocol):
    """What every network offers."""

    network: str
    account: str
    capabilities: Capabilities

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the keys of a payload without judging it; damaged payloads get a hash as key."""

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what happened; () = not for us. Raises ParseError."""

    def render(self, delivery: Delivery) -> Rendered:
        """Return the requests for an effect, degraded where the network cannot show it."""

    def pace(self, chat: str) -> float:
        """Return how many messages per second a chat takes in the long run; 0 = no limit."""

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Make one request. Raises SendError."""

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """Find out what became of an ambiguous request."""

    async def typing(self, place: Place) -> None:
        """Show in a place that somebody is writing; failures are swallowed by the caller."""

    async def listen(self, sink: Sink) -> None:
        """Read payloads until cancelled; webhook networks set their hook and return."""

    async def check(self) -> str:
        """Prove that the account works; return our own name there. Raises SendError."""

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Webhook(Protocol):
    """A network that calls us."""

    def verify(self, headers: Mapping[str, str], url: str, body: bytes) -> Sequence[Raw]:
        """Return the payloads of a genuine call (header names in lower case). Raises Forged."""


@runtime_checkable
class Hooks(Protocol):
    """A network that is called at other addresses than /webhooks/<network>/<account>."""

    def hooks(self) -> Sequence[str]:
        """Return the paths below /webhooks/, such as ``twilio/main/message``.

        One that ends in ``/*`` stands for every path with one more segment there.
        """


class Answer(msgspec.Struct, frozen=True):
    """What the network wants to read in the response to its call."""

    body: bytes
    media_type: str


@runtime_checkable
class Answers(Protocol):
    """A network that wants more than an empty 200 for some of its calls."""

    def answer(self, path: str, body: bytes) -> Answer | None:
        """Return the response to a genuine call whose payloads were committed; pure."""


@runtime_checkable
class Voice(Protocol):
    """A network that waits for what to say on the telephone."""

    def lines(self) -> Sequence[str]:
        """Return our numbers that people may call."""

    def spoken(self, path: str, raw: Raw, answer: Spoken | None) -> Answer | None:
        """Return the response to a call whose payload was committed; pure. None = an empty one."""

    def sorry(self, path: str, url: str) -> Answer | None:
        """Return the response where nothing could be committed: it has the same asked again."""


@runtime_checkable
class Fetches(Protocol):
    """A network whose files have to be fetched by us."""

    def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file. Raises SendError before or between chunks."""


@runtime_checkable
class Lists(Protocol):
    """A network that takes no key of ours, and lists what it was given.

    Where ``reconcile`` cannot tell, the shell asks for what is alike and leaves out what it knows
    to be another message: so a request is found that an earlier process made.
    """

    async def alike(self, request: Request, since: datetime) -> Sequence[str]:
        """Return the ids of what was made like a request since then, oldest first.

        The same receiver and the same words; ``since`` is by our clock. Raises SendError.
        """


class Joined(msgspec.Struct, frozen=True):
    """Several deliveries in one request that makes a message of each, in their order.

    ``losses`` of each of those that are in it, which are the first of those asked for.
    """

    request: Request
    losses: tuple[tuple[str, ...], ...]


@runtime_checkable
class Albums(Protocol):
    """A network that shows several files as one album, each with an id of its own."""

    def together(self, deliveries: Sequence[Delivery]) -> Joined | None:
        """Return one request for as many of the first as fit, two or more; pure.

        None where already the second cannot go with the first. ``send`` names the ids of all.
        """


@runtime_checkable
class Invites(Protocol):
    """A network on which an invitation can be a link."""

    def invite_link(self, code: str) -> str:
        """Return the link that opens our chat and carries the code back."""
