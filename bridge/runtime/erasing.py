"""Erase a person for good: their words, their name and where they were; and again after a restore.

1. All of it is one commit: what waits is forgotten, they leave their trajectories, the keys of
   their words are destroyed, and the ledger of erasures has it. Logs keep their lines and verify.
2. What was erased stays so: who opens a store first compares it with the ledger and erases again
   what an older copy of the database brought back.
3. An id that was erased is never somebody again: the practice file is not listened to about it.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import structlog

from bridge.core import commands as c
from bridge.core.delivery import DeliveryState
from bridge.core.effects import ask_hold
from bridge.core.errors import BridgeError, ParseError
from bridge.runtime.handle import handle, log_unsent
from storage import erasures
from storage.codec import micros
from storage.erasures import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.core.endpoint import Endpoint
    from bridge.core.inbound import Inbound
    from bridge.runtime.texts import Catalogue
    from storage.engine import Store
    from storage.inbox import InboxRow
    from storage.unit import Unit
    from storage.writer import Writer

    Parse = Callable[[InboxRow], Sequence[Inbound]]
    """Reads a kept payload as its network's adapter does. Raises ParseError."""

_log = structlog.get_logger(__name__)

OPERATOR, LEDGER = "operator", "ledger"
REASON = "erased"
DESK = ""
"""The trajectory of outbox rows that are in no log."""

_TELLING = 5
"""An address of fewer signs may stand in a payload by chance."""


class Erased(msgspec.Struct, frozen=True):
    """What an erasure came to: ids and counts."""

    person: str
    trajectories: tuple[str, ...] = ()
    files: int = 0
    messages: int = 0
    endpoints: int = 0

    @property
    def nothing(self) -> bool:
        """There was nothing left to erase."""
        return not self.trajectories and not self.endpoints


def erase(
    unit: Unit,
    person: str,
    catalogue: Catalogue,
    parse: Parse,
    *,
    trajectory: str = EVERYWHERE,
    how: str = OPERATOR,
    at: int | None = None,
) -> Erased:
    """Erase a person, or only their words in one trajectory.

    ``at`` is when that was decided, in microseconds; None = now. Raises BridgeError when there is
    no such person, or they have no part in that trajectory.
    """
    scrub = unit.scrubbing
    theirs = scrub.trajectories(person)
    if how == OPERATOR:
        _require(unit, person, trajectory, theirs)
    if trajectory:
        theirs = [one for one in theirs if one == trajectory]
        unit.erasures.note(trajectory, person, at)
    endpoints = () if trajectory else tuple(scrub.endpoints(person))
    again = unit.erasures.has(EVERYWHERE, person) and how == OPERATOR
    if not trajectory:
        _forget_waiting(unit, person, endpoints, parse)
        _unname(unit, person, endpoints)
    messages = files = 0
    living = [one for one in theirs if scrub.has_key(one, person)]
    for one in living:
        messages += _leave(unit, one, person, catalogue, how)
        unit.erasures.note(one, person, at)
        unit.destroy_key(one, person)
        files += scrub.in_trajectory(one, person)
    if trajectory and how == LEDGER:
        scrub.bar(trajectory, person)
    if not trajectory:
        scrub.person(person)
        unit.erasures.note(EVERYWHERE, person, at)
    unit.registry_changed()
    found = () if again else endpoints
    return Erased(person, tuple(living), files, messages, len(found))


def _require(unit: Unit, person: str, trajectory: str, theirs: Sequence[str]) -> None:
    if not unit.scrubbing.known(person) and not theirs:
        raise BridgeError(f"there is nobody {person!r}; see the ids in your practice file")
    if trajectory and trajectory not in theirs:
        raise BridgeError(f"{person!r} was never in a trajectory {trajectory!r}")


def _unname(unit: Unit, person: str, endpoints: Sequence[Endpoint]) -> None:
    """From here on notices to others call them by their id, and nothing reaches them."""
    known = unit.person(person)
    words = [known.name] if known is not None and known.name else []
    unit.calls.forget_answers([*words, *(endpoint.address for endpoint in endpoints)])
    unit.scrubbing.name(person)
    for endpoint in endpoints:
        unit.revoke_endpoint(endpoint)
    unit.registry_changed()


def _forget_waiting(unit: Unit, person: str, endpoints: Sequence[Endpoint], parse: Parse) -> None:
    """Empty the payloads that came from a person and wait for something, or were set aside."""
    for ask in unit.scrubbing.asks(person):
        unit.drop(ask_hold(ask), REASON)
    unit.flush()
    for number in unit.scrubbing.open_rows(DESK, person):
        unit.settle(number, DeliveryState.SUPPRESSED, REASON)
    for number in unit.scrubbing.waiting() if endpoints else ():
        row = unit.inbox_row(number)
        if row is not None and _is_theirs(row, endpoints, parse):
            unit.finish(number, "ignored", reason=REASON)
    unit.flush()


def _is_theirs(row: InboxRow, endpoints: Sequence[Endpoint], parse: Parse) -> bool:
    """Tell whether a payload came from one of these, or tells of one where nobody can say."""
    try:
        inbounds = parse(row)
    except ParseError:
        inbounds = ()
    senders = [one.sender.endpoint for one in inbounds if hasattr(one, "sender")]
    if senders:
        return any(sender in endpoints for sender in senders)
    text = row.payload.decode(errors="replace")
    told = {one.address for one in endpoints if len(one.address) >= _TELLING}
    return any(_stands_in(word, text) for one in told for word in (one, quote(one, safe="")))


def _stands_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _leave(unit: Unit, trajectory: str, person: str, catalogue: Catalogue, how: str) -> int:
    """Let a person leave one trajectory; return how many messages were forgotten unsent."""
    if unit.state(trajectory) is not None:
        handle(unit, trajectory, c.EraseParty(person, how), catalogue)
    unit.flush()
    found = map(unit.outbox_row_by_id, unit.scrubbing.open_rows(trajectory, person))
    forgotten = [
        row
        for row in found
        if row is not None and unit.settle(row.id, DeliveryState.SUPPRESSED, REASON)
    ]
    log_unsent(unit, trajectory, forgotten, REASON, catalogue)
    unit.flush()
    return len(forgotten)


def replay(store: Store, writer: Writer, catalogue: Catalogue, parse: Parse) -> list[str]:
    """Erase again what the ledger says was erased and this store still has; return whom.

    The file then has what the table has. Raises ConfigError, StoreError: nothing may run on a
    store in which somebody is back.
    """
    wanted = _wanted(store)
    for erasure in wanted:
        writer.run(partial(_erase_again, erasure, catalogue, parse))
    people = list(dict.fromkeys(erasure.person for erasure in wanted))
    for person in people:
        _log.warning("erased again, as the ledger says", person=person)
    erasures.keep(store)
    return people


def _erase_again(erasure: erasures.Erasure, catalogue: Catalogue, parse: Parse, unit: Unit) -> None:
    at = micros(erasure.at)
    name = erasure.trajectory
    erase(unit, erasure.person, catalogue, parse, trajectory=name, how=LEDGER, at=at)


def _wanted(store: Store) -> list[erasures.Erasure]:
    """Return the lines to be carried out: unknown to the table, or not true of this store."""
    with store.reading() as connection:
        table = erasures.of_table(connection)
        noted = {one.name for one in table}
        lines = [*table, *(o for o in erasures.of_file(store, connection) if o.name not in noted)]
        living = set(erasures.living_keys(connection))
        back = {person for _, person in living} | set(erasures.known_again(connection))
    return [
        one
        for one in lines
        if one.name not in noted
        or one.name in living
        or (one.trajectory == EVERYWHERE and one.person in back)
    ]
