"""What a decision is made of."""

from __future__ import annotations

import msgspec

from bridge.core.content import Attachment
from bridge.core.effects import Effect, HoldChange
from bridge.core.entries import Entry
from bridge.core.speech import Answer
from bridge.core.timers import TimerChange
from bridge.core.trajectory import Trajectory


class FileWanted(msgspec.Struct, frozen=True):
    """Bytes of an attachment to be fetched; ``file`` has both our id and the vendor's ref."""

    file: Attachment
    owner: str
    network: str
    account: str


class Decision(msgspec.Struct, frozen=True):
    """Entries for the log, and what is to be done, all in one commit.

    ``state`` is what the entries lead to, when they are written at the instant of the facts.
    """

    entries: tuple[Entry, ...] = ()
    effects: tuple[Effect, ...] = ()
    holds: tuple[HoldChange, ...] = ()
    files: tuple[FileWanted, ...] = ()
    timers: tuple[TimerChange, ...] = ()
    answer: Answer = ()  # to a network that waits for what to say on the telephone
    state: Trajectory | None = None
