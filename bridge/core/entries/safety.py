"""What keeps words among the right people and off networks that are too weak for them."""

from __future__ import annotations

from bridge.core.entries.base import Line
from bridge.core.entries.talk import MessagePosted


class PolicySet(Line, frozen=True, kw_only=True):
    """From here on the trajectory has this policy; ``allowed_networks`` () = every network."""

    allowed_networks: tuple[str, ...] = ()
    content_on_weak_networks: bool = True


class AsidePosted(MessagePosted, frozen=True, kw_only=True):
    """A party said something to one other, a coach on either side; ``to`` is that one alone.

    A kind of its own, so that whatever shows messages to a group knows nothing of it.
    """


class ProtectionNoted(Line, frozen=True, kw_only=True):
    """A party was told before, elsewhere, who can read along on a network."""

    party: str
    network: str
    level: str
