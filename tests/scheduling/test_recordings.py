"""Recordings are kept for their days and no longer: on both databases, with a driven clock."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.content import Attachment
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import StoreError
from bridge.runtime.handle import handle
from bridge.runtime.texts import Catalogue
from scheduling.timers import Timers
from storage.audit import audit
from storage.blobs import Blobs
from storage.engine import Store
from storage.planned import waiting_timers
from storage.unit import Unit
from storage.writer import Writer

LOG = "anna-2026"
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
SOUND = b"RIFF" + bytes(5000)
NOOR_AT, ANNA_AT = "+31611110001", "+31622220001"
LINE = Place("voice", "main", ANNA_AT, "+3197010200001")


class Ground:
    """A call that both agreed to record, and a clock that goes where the test wants it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = START
        self.writer = Writer(store, lambda: self.now)
        self.blobs = Blobs(store, lambda: self.now)
        self.writer.run(self._people)
        for command in (
            c.CallReceived("anna", "CA1", LINE, asks=True),
            c.CallHeard("CA1", "0.key", keys="1"),
            c.CallHeard("CA1", "1.greet"),
            c.CallHeard("CA1", "2.greeted", keys="1"),
            c.CallHeard("CA1", "3.greeted", keys="1"),
            c.CallHeard("CA1", "1.rung", status="answered"),
        ):
            self.do(command)

    def _people(self, unit: Unit) -> None:
        for name, role, number in (("noor", "coach", NOOR_AT), ("anna", "client", ANNA_AT)):
            unit.put_person(name, name.capitalize(), "en", "Europe/Amsterdam")
            unit.put_endpoint(Endpoint("voice", "main", number), name)
            if role == "coach":
                handle(unit, LOG, c.OpenTrajectory(), Catalogue())
            handle(unit, LOG, c.AddParty(name, role, name.capitalize()), Catalogue())
        handle(unit, LOG, c.RecordConsent("anna"), Catalogue())

    def do(self, command: c.Command) -> None:
        """Carry out a command."""
        self.writer.run(lambda unit: handle(unit, LOG, command, Catalogue()))

    def recorded(self, days: int) -> int:
        """The network has a recording, whose bytes are fetched; return its entry."""
        file = Attachment(ref="/2010-04-01/x.wav", mime="audio/wav", name="call.wav")
        self.do(c.RecordingMade("CA1", "RE1", 60, file, LINE, days=days))
        seq = next(n for n, one in self.log() if isinstance(one, e.RecordingStored))
        asyncio.run(self.blobs.store(f"{LOG}/{seq}/file", _once(SOUND), 10_000))
        return seq

    def log(self) -> list[tuple[int, e.Entry]]:
        """Return the log."""

        def work(unit: Unit) -> list[tuple[int, e.Entry]]:
            state = unit.state(LOG)
            lines = [unit.entry(LOG, n + 1) for n in range(state.seq if state else 0)]
            return [(n, one.entry) for n, one in enumerate(lines, 1) if one is not None]

        return self.writer.run(work)

    def deleted(self) -> list[int]:
        """Return of which recordings the log says that they were deleted here."""
        gone = [one for _, one in self.log() if isinstance(one, e.RecordingDeleted)]
        return [one.target for one in gone if one.where == "here"]

    def heard(self, seq: int) -> bytes:
        """Return the sound. Raises StoreError when it is gone."""

        async def read() -> bytes:
            return b"".join([piece async for piece in self.blobs.read(f"{LOG}/{seq}/file")])

        return asyncio.run(read())

    def fire(self) -> int:
        """Fire what is due."""
        return asyncio.run(Timers(self.writer, Catalogue()).fire_due())


async def _once(sound: bytes) -> AsyncIterator[bytes]:
    yield sound


@pytest.fixture
def ground(store: Store) -> Ground:
    return Ground(store)


@pytest.mark.slow
@pytest.mark.parametrize("days", [1, 30, 400])
@pytest.mark.parametrize("closed", [False, True])
def test_a_recording_is_deleted_when_its_days_are_over_and_the_log_tells(
    ground: Ground, days: int, closed: bool
) -> None:
    seq = ground.recorded(days)
    (kept,) = [one for _, one in ground.log() if isinstance(one, e.RecordingStored)]
    assert kept.until == START + timedelta(days=days)
    if closed:
        ground.do(c.CloseTrajectory("over"))
        ground.do(c.ChooseParting("anna", "keep"))
        assert ground.fire() == 1, "her coach is told that it is closed"
    ground.now = START + timedelta(days=days, seconds=-1)
    assert ground.fire() == 0
    assert ground.heard(seq) == SOUND
    ground.now = START + timedelta(days=days)
    assert ground.fire() == 1
    assert ground.deleted() == [seq]
    with pytest.raises(StoreError):
        ground.heard(seq)
    assert waiting_timers(ground.store, LOG) == []
    assert ground.fire() == 0
    assert audit(ground.store).holds
