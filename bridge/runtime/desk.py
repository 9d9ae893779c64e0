"""The desk a payload is received at: the transaction it is settled in, and what came of it.

1. A payload ends handled (it became an entry), held (it waits), or ignored with a reason.
2. What the desk itself says belongs to no trajectory and is in no log. So what it tells of one is
   held to that trajectory's policy here: see ``may_name``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.content import Choice, Notice, Text, plain
from bridge.core.effects import Acknowledge, Address, Priority, Purpose, SendMessage
from bridge.core.speech import Say
from bridge.runtime.handle import handle, what_it_became

if TYPE_CHECKING:
    from bridge.core import commands as c
    from bridge.core.endpoint import Endpoint, Place
    from bridge.core.inbound import EditIn, MessageIn
    from bridge.core.notices import NoticeKey
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit


class Desk:
    """One payload being received: the transaction, the row it came from, and what came of it."""

    def __init__(
        self, unit: Unit, row_id: int, catalogue: Catalogue, released: str = "", network: str = ""
    ) -> None:
        self.unit = unit
        self.network = network  # where the payload came from, and answers show
        self.row_id = row_id
        self.released = released  # the hold this payload waited on before
        self.catalogue = catalogue
        self.trajectory = ""
        self.seq = 0
        self.reason = ""
        self.hold = ""
        self.line: Endpoint | None = None
        """Who is on the telephone: what is said to them is spoken, not written."""
        self.spoken: list[Say] = []
        self._said = 0

    def handle(self, trajectory: str, command: c.Command) -> int:
        """Carry out a command; note the first entry as what the payload became; return its seq."""
        before = self.unit.state(trajectory)
        first = (before.seq if before else 0) + 1
        decision = handle(self.unit, trajectory, command, self.catalogue)
        if decision.entries and not self.seq:
            self.trajectory = trajectory
            self.seq = first + what_it_became(decision.entries)
        return first + what_it_became(decision.entries) if decision.entries else 0

    def say(
        self,
        to: Address,
        key: NoticeKey,
        language: str,
        params: dict[str, str] | None = None,
        options: tuple[Choice, ...] = (),
        ref: str = "",
        purpose: Purpose = Purpose.DESK,
        once: str = "",
    ) -> None:
        """Say something outside any trajectory; what has a name in ``once`` is never said again."""
        if self.line is not None and to.endpoint == self.line:
            self.spoken.append(Say(language, notice=key, params=params or {}))
            return
        notice = Notice(key=key, params=params or {}, options=options, ref=ref)
        effect = SendMessage(
            seq=0,
            to=to,
            purpose=purpose,
            content=self.catalogue.translate(notice, language),
        )
        self._said += 1
        self.unit.enqueue_desk(f"desk/once/{once}" if once else self._key(), effect)

    def may_name(self, trajectory: str) -> bool:
        """Tell whether the policy of a trajectory lets its people be named where answers show."""
        state = self.unit.state(trajectory)
        return state is None or state.policy.takes_from(self.network)

    def acknowledge(self, to: Address, ack: str) -> None:
        """Stop the network's own wait after a choice."""
        if not ack:
            return
        self._said += 1
        effect = Acknowledge(seq=0, to=to, purpose=Purpose.DESK, priority=Priority.URGENT, ack=ack)
        self.unit.enqueue_desk(self._key(), effect)

    def _key(self) -> str:
        """Return a key of this payload's; it is handled again once it was let go from a hold."""
        again = f"{self.released}/" if self.released else ""
        return f"desk/{self.row_id}/{again}{self._said}"


def desk_address(unit: Unit, person: str, endpoint: Endpoint, place: Place) -> Address:
    """Return how to answer a known person right where they wrote."""
    row = unit.endpoint(endpoint)
    return Address(person, endpoint, row.epoch if row else 0, place)


def stranger_address(endpoint: Endpoint, place: Place) -> Address:
    """Return how to answer somebody we do not know."""
    return Address("", endpoint, 0, place)


def language_of(unit: Unit, person: str) -> str:
    """Return the language a person reads."""
    known = unit.person(person)
    return known.language if known else "en"


def text_of(inbound: MessageIn | EditIn) -> str:
    """Return the plain words of a text message, '' for anything else."""
    return plain(inbound.content.body) if isinstance(inbound.content, Text) else ""
