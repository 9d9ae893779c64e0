"""What is looked at of an account beyond that its login works: the clock, and the keys.

The library's key store is not opened here: a bridge may be serving beside us. Whether it belongs to
our device is told by what the homeserver has of it.
https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3keysquery
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import msgspec

from adapters.matrix.wire import CLIENT, decoded
from adapters.probing import clock
from bridge.core.probing import doubtful, well, wrong

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.matrix.settings import MatrixSettings
    from adapters.matrix.wire import Wire
    from bridge.core.probing import Finding

KEYS, KEY = "keys.db", "store.key"
_ABOUT = "keys"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class _Keys(msgspec.Struct):
    device_keys: dict[str, dict[str, msgspec.Raw]] = {}


_KEYS = msgspec.json.Decoder(_Keys)


async def probe(wire: Wire, settings: MatrixSettings, folder: Path) -> list[Finding]:
    """Ask for our device's keys and the time. Raises SendError."""
    found = [await _kept(wire, settings, folder)] if settings.encryption else []
    found.append(await clock(f"{settings.homeserver}/_matrix/client/versions", signed=False))
    return found


async def _kept(wire: Wire, settings: MatrixSettings, folder: Path) -> Finding:
    user, device = settings.user_id, settings.device_id
    body = {"device_keys": {user: [device]}}
    answer = decoded(await wire.call("POST", f"{CLIENT}/keys/query", body), _KEYS)
    known = device in answer.device_keys.get(user, {})
    return judged(folder, known=known)


def judged(folder: Path, *, known: bool) -> Finding:
    """Judge the folder of keys; ``known`` tells that the homeserver has the device's."""
    here = [folder / name for name in (KEYS, KEY) if (folder / name).is_file()]
    if len(here) < 2 and known:
        todo = (
            "put the folder back from the backup; without one choose a new device_id, and log "
            "the old device out in another client"
        )
        return wrong(_ABOUT, f"the keys of our device are not in {folder}", todo)
    if not here:
        return well(_ABOUT, f"{folder} will be made on first start; back it up then")
    open_ones = [one for one in (folder, *here) if stat.S_IMODE(one.stat().st_mode) & _OTHERS]
    if open_ones:
        todo = f"run: chmod -R go= {folder}"
        return wrong(_ABOUT, f"others may read {open_ones[0]}", todo)
    if not known:
        todo = "`coachbridge serve` makes the device known at its start"
        return doubtful(_ABOUT, "the homeserver does not know our device's keys yet", todo)
    return well(_ABOUT, f"in {folder}, for its owner alone, and known to the homeserver")
