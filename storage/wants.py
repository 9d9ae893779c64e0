"""What a work will probably read: hints, so that one query serves a whole batch."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from bridge.core.endpoint import Endpoint, Place

if TYPE_CHECKING:
    from collections.abc import Iterable


class Wants(msgspec.Struct, frozen=True):
    """Hints of one work; what is missing here is read when it is asked for, one by one.

    ``endpoints`` are senders: their people, memberships and single trajectory come along, as does
    the trajectory of ``places``. ``shown`` are (network, account, chat, external id),
    ``externals`` (trajectory, seq, party), ``keys`` (network, account, key) of payloads to accept;
    ``inbox`` and ``outbox`` are ids of rows to change, ``claims`` of rows to claim, with
    everything the check at send time needs.
    """

    endpoints: tuple[Endpoint, ...] = ()
    places: tuple[Place, ...] = ()
    shown: tuple[tuple[str, str, str, str], ...] = ()
    externals: tuple[tuple[str, int, str], ...] = ()
    trajectories: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    inbox: tuple[int, ...] = ()
    keys: tuple[tuple[str, str, str], ...] = ()
    outbox: tuple[int, ...] = ()
    claims: tuple[int, ...] = ()


NOTHING = Wants()


def union(wants: Iterable[Wants]) -> Wants:
    """Return everything a batch wants, each thing once."""
    given = [want for want in wants if want is not NOTHING]
    if not given:
        return NOTHING
    columns = zip(*map(msgspec.structs.astuple, given), strict=True)
    return Wants(*(tuple(dict.fromkeys(chain.from_iterable(column))) for column in columns))
