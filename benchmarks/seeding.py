"""Fill logs as if people had talked for years, through the store's own writer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core.content import Text
from bridge.core.delivery import DeliveryState
from bridge.core.endpoint import Place
from bridge.core.entries import DeliveryChanged, MessagePosted
from storage import queries
from storage.engine import open_store
from storage.keys import load_master_key
from storage.writer import Writer

if TYPE_CHECKING:
    from storage.unit import Unit

_PAIRS_AT_ONCE = 500


def seed_log(url: str, entries: int) -> None:
    """Add ``entries`` entries over the trajectories there are: messages and their deliveries.

    To be called in the folder of the bridge, whose key it uses.
    """
    store = open_store(url, load_master_key(Path("coachbridge.key")))
    writer = Writer(store)
    try:
        names = [line.id for line in queries.trajectories(store)]
        pairs = max(1, entries // (2 * len(names)))
        for name in names:
            for start in range(0, pairs, _PAIRS_AT_ONCE):
                count = min(_PAIRS_AT_ONCE, pairs - start)
                writer.run(partial(_talk, trajectory=name, start=start, count=count))
    finally:
        writer.close()
        store.close()


def _talk(unit: Unit, trajectory: str, start: int, count: int) -> None:
    state = unit.state(trajectory)
    if state is None:
        raise LookupError(trajectory)
    author, other = tuple(state.parties)[:2]
    place = Place("telegram", "seed", trajectory)
    for number in range(start, start + count):
        seq = (unit.state(trajectory) or state).seq + 1
        said = f"s{number}"
        message = MessagePosted(
            author=author,
            network="telegram",
            to=(other,),
            content=Text((f"Something said some time ago, number {number}.",)),
            external_id=said,
            place=place,
        )
        sent = DeliveryChanged(
            target=seq, party=other, state=DeliveryState.SENT, external_ids=(f"r{number}",)
        )
        unit.append(trajectory, (message, sent))
        unit.remember(place, (said,), trajectory, seq, author)
        unit.remember(place, (f"r{number}",), trajectory, seq, other)
