"""Everything the page shows, kept up to date, and who looks at it.

1. One pulse looks at the phones, the logs and the networks when something happened, else a few
   times a second, and wakes the viewers; a viewer gets what changed since it last looked. So a
   slow page costs nothing, and one that comes back sees everything.
2. Nothing here is in a language; ``bridge.demo.telling`` puts it into words for each viewer.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from bridge.core.capabilities import Idempotency
from bridge.core.delivery import TERMINAL, DeliveryState
from bridge.core.errors import StoreError
from bridge.demo.phones import CannotError, Screen, Trouble
from storage import queries

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bridge.demo.house import Rooms
    from bridge.demo.phones import Phone, Wire
    from bridge.demo.phones.receiver import Display, Receiver
    from storage.queries import DeliveryLine, LogLine, OutboxLine

LOOK_EVERY = 0.1
AFTER_A_SIGN = 0.02
"""Seconds in which what happens together is gathered, so that it is shown together."""


class Fate(msgspec.Struct, frozen=True):
    """What became of a message for one of its recipients."""

    party: str
    state: DeliveryState
    reason: str
    twice: bool


class Shown(msgspec.Struct, frozen=True):
    """A phone, and what the log says of its owner's messages, by their number on the phone."""

    screen: Screen
    fates: dict[str, tuple[Fate, ...]]


class Status(msgspec.Struct, frozen=True):
    """How a vendor does, and what waits for its networks.

    ``kept`` at the vendor, ``waiting`` in the outbox, ``held`` until somebody answers;
    ``seconds`` until the next try. ``after`` is the trouble that is over, WELL for none.
    ``refusal`` is what it says when it is busy; ``learns`` how the bridge learns afterwards
    what became of a message whose answer was lost.
    """

    wire: str
    networks: tuple[str, ...]
    refusal: str
    learns: Idempotency
    trouble: Trouble
    kept: int
    waiting: int
    held: int
    seconds: int
    after: Trouble


class Board:
    """What there is to see, for any number of viewers."""

    def __init__(
        self,
        rooms: Rooms,
        phones: Mapping[str, Phone],
        wires: Mapping[str, Wire],
        receivers: Mapping[str, Receiver],
    ) -> None:
        self.rooms = rooms
        self.phones = phones
        self.wires = wires
        self.receivers = receivers
        self.shown: dict[str, Shown] = {}
        self.displays: dict[str, Display] = {}
        self.logs: dict[str, Sequence[LogLine]] = {}
        self.statuses: dict[str, Status] = {}
        self.playing = ""
        self.closed = False
        self._after: dict[str, Trouble] = {}
        self._was: dict[str, Trouble] = {}
        self._viewers: set[asyncio.Event] = set()

    # -- viewers --------------------------------------------------------------------------------

    def attach(self) -> asyncio.Event:
        """Return an event that is set whenever there is something new; detach it afterwards."""
        event = asyncio.Event()
        event.set()
        self._viewers.add(event)
        return event

    def detach(self, event: asyncio.Event) -> None:
        """Forget a viewer."""
        self._viewers.discard(event)

    def close(self) -> None:
        """Let all viewers go."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        for event in self._viewers:
            event.set()

    # -- what one can do ------------------------------------------------------------------------

    def play(self, scene: str) -> None:
        """Note which scene is being played, '' for none."""
        self.playing = scene
        self._wake()

    async def make(self, name: str, trouble: Trouble) -> None:
        """Let a vendor do well or badly. Raises CannotError."""
        wire = self.wires.get(name)
        if wire is None:
            raise CannotError(f"there is no network {name}")
        before = wire.trouble
        over = trouble is Trouble.WELL and before in {Trouble.BUSY, Trouble.DOWN}
        self._after[name] = before if over else Trouble.WELL
        self._was[name] = trouble
        await wire.make(trouble)

    # -- the pulse ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Look until cancelled."""
        service, loop = self.rooms.app.service, asyncio.get_running_loop()
        trajectories = [line.id for line in queries.trajectories(self.rooms.app.store)]
        grown: frozenset[str] = frozenset(trajectories)
        with service.watch.watching() as watcher:
            while True:
                began = loop.time()
                await self._look(grown)
                # A long log takes long to read: leave as much time to everything else.
                await asyncio.sleep(max(AFTER_A_SIGN, loop.time() - began))
                grown = await watcher.next(LOOK_EVERY)

    async def _look(self, grown: frozenset[str]) -> None:
        """Bring everything up to date; wake the viewers if anything is new."""
        try:
            again = grown | {name for name, log in self.logs.items() if _is_open(log)}
            logs = {name: await asyncio.to_thread(self._log, name) for name in again}
            rows, held = await asyncio.to_thread(self._waiting)
        except StoreError:
            return  # it is looked at again in a moment
        new = any(self.logs.get(name) != log for name, log in logs.items())
        self.logs |= logs
        shown = {name: self._phone(phone) for name, phone in self.phones.items()}
        displays = {name: one.display() for name, one in self.receivers.items()}
        statuses = self._statuses(rows, held)
        new = new or shown != self.shown or statuses != self.statuses or displays != self.displays
        self.shown, self.statuses, self.displays = shown, statuses, displays
        if new:
            self._wake()

    def _log(self, trajectory: str) -> Sequence[LogLine]:
        return tuple(queries.log(self.rooms.app.store, trajectory))

    def _phone(self, phone: Phone) -> Shown:
        fates: dict[str, list[Fate]] = defaultdict(list)
        for number, delivery in self._own_messages(phone):
            fate = Fate(delivery.party, delivery.state, delivery.reason, delivery.twice)
            fates[number.partition("#")[0]].append(fate)
        return Shown(phone.screen(), {number: tuple(found) for number, found in fates.items()})

    def _own_messages(self, phone: Phone) -> Iterator[tuple[str, DeliveryLine]]:
        for log in self.logs.values():
            for line in log:
                if (line.kind, line.author, line.network) == (
                    "message_posted",
                    phone.person,
                    phone.network,
                ):
                    for number in line.external_ids:
                        yield from ((number, delivery) for delivery in line.deliveries)

    def _waiting(self) -> tuple[list[OutboxLine], list[str]]:
        """Return what is in the outbox, and the networks of what is held in the inbox."""
        store = self.rooms.app.store
        held = [line.network for line in queries.inbox(store) if line.state == "held"]
        return list(queries.outbox(store)), held

    def _statuses(self, rows: Sequence[OutboxLine], held: Sequence[str]) -> dict[str, Status]:
        found = {}
        for name, wire in self.wires.items():
            trouble = wire.trouble
            if self._was.get(name) is Trouble.LOST and trouble is Trouble.WELL:
                self._after[name] = Trouble.LOST  # it ended by itself
            self._was[name] = trouble
            mine = [row for row in rows if row.network in wire.networks]
            waiting = [row for row in mine if row.state != DeliveryState.ACCEPTED]
            held_here = sum(network in wire.networks for network in held)
            found[name] = Status(
                wire=name,
                networks=wire.networks,
                refusal=wire.refusal,
                learns=self._learns(wire),
                trouble=trouble,
                kept=wire.kept(),
                waiting=len(waiting),
                held=held_here + len(mine) - len(waiting),
                seconds=_seconds(row.not_before for row in waiting),
                after=self._after.get(name, Trouble.WELL),
            )
        return found

    def _learns(self, wire: Wire) -> Idempotency:
        """Return how it learns on the first of its networks; one vendor has one way."""
        adapters = self.rooms.app.adapters
        return adapters[wire.networks[0], "main"].capabilities.idempotency


def _is_open(log: Sequence[LogLine]) -> bool:
    return any(delivery.state not in TERMINAL for line in log for delivery in line.deliveries)


def _seconds(moments: Iterator[datetime | None]) -> int:
    """Return the whole seconds until the first of these moments, 0 when it is past."""
    ahead = [moment - datetime.now(UTC) for moment in moments if moment is not None]
    return max(0, -int(-min(ahead).total_seconds() // 1)) if ahead else 0
