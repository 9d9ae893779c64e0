"""Telephone calls: what moved them on, who agreed to a recording, and what was kept."""

from __future__ import annotations

from datetime import datetime

from bridge.core.calls import Happened
from bridge.core.content import Attachment
from bridge.core.entries.base import Line


class CallStarted(Line, frozen=True, kw_only=True):
    """A party called in (``inward``), or asked the bridge to call; ``other`` is to be reached.

    ``ours`` is our number in it. ``session`` is the line this conversation began with: the
    appointment it is held at, or the call that it goes on with; 0 = this one. ``asks`` tells
    whether everybody will be asked for a recording.
    """

    call: str
    first: str
    other: str
    network: str
    account: str
    ours: str = ""
    session: int = 0
    inward: bool = True
    asks: bool = False
    inbox: int = 0


class CallAdvanced(Line, frozen=True, kw_only=True):
    """Something happened that moved a call on.

    ``leg`` is the network's name for the first leg, where it became known; ``asks`` tells that this
    line asks everybody for a recording.
    """

    call: str
    happened: Happened
    leg: str = ""
    asks: bool = False
    inbox: int = 0


class CallEnded(Line, frozen=True, kw_only=True):
    """A call is over: how long the two talked, in seconds, and the word for how it ended.

    ``talked``, ``missed``, ``not_reached``, ``declined`` or ``message``; ``session`` as in the
    call's beginning.
    """

    call: str
    session: int
    outcome: str
    seconds: int = 0
    inbox: int = 0


class RecordingAgreed(Line, frozen=True, kw_only=True):
    """A party pressed the key that lets a call be recorded; the sealed text is what they heard."""

    SEALED = frozenset({"text"})
    call: str
    language: str
    text: str = ""


class RecordingRefused(Line, frozen=True, kw_only=True):
    """A party did not agree, so nothing of the call is recorded."""

    SEALED = frozenset({"text"})
    call: str
    language: str
    text: str = ""


class RecordingSwitched(Line, frozen=True, kw_only=True):
    """A recording was begun, paused or resumed, on a party's leg; ``act`` tells which."""

    call: str
    act: str
    party: str


class RecordingStored(Line, frozen=True, kw_only=True):
    """A recording of a call was made; its bytes are fetched, encrypted and kept until ``until``.

    That is decided when it comes: a setting that changes later changes nothing for it.
    """

    SEALED = frozenset({"file"})
    call: str
    recording: str
    seconds: int
    until: datetime
    inbox: int = 0
    file: Attachment | None = None


class RecordingSecured(Line, frozen=True, kw_only=True):
    """The bytes of the recording in ``target`` are here, with this SHA-256.

    The network's copy may go; ``party`` is whose leg it was made on.
    """

    target: int
    call: str
    recording: str
    party: str
    sha256: str


class RecordingDeleted(Line, frozen=True, kw_only=True):
    """A recording is gone: ``where`` is ``network`` (their copy) or ``here`` (its time was up)."""

    SEALED = frozenset({"proof"})
    call: str
    recording: str
    where: str
    target: int = 0
    proof: str = ""


class TranscriptAdded(Line, frozen=True, kw_only=True):
    """What a machine heard in the sound of ``target``, beside it and never in its stead."""

    SEALED = frozenset({"text"})
    target: int
    party: str
    text: str = ""

    @property
    def owner(self) -> str:
        return self.party
