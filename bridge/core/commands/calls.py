"""What happens on the telephone."""

from __future__ import annotations

import msgspec

from bridge.core.content import Attachment
from bridge.core.endpoint import Place


class CallReceived(msgspec.Struct, frozen=True):
    """A party calls one of our numbers: ``place`` is theirs, its thread our number."""

    party: str
    call: str
    place: Place
    asks: bool = False
    inbox: int = 0


class CallRequested(msgspec.Struct, frozen=True):
    """A party wants to be called and connected; coaches are always rung first.

    ``whom`` is the other one, '' for the only one there is.
    """

    party: str
    whom: str = ""


class CallHeard(msgspec.Struct, frozen=True):
    """The network tells what became of a question of ours in a call.

    ``then`` is the name of the question; ``keys`` what was pressed, ``status`` how a ring ended,
    ``seconds`` how long a message is, ``file`` what was recorded, ``said`` the words that were
    answered.
    """

    call: str
    then: str
    keys: str = ""
    status: str = ""
    seconds: int = 0
    leg: str = ""
    place: Place | None = None
    file: Attachment | None = None
    said: str = ""
    asks: bool = False
    inbox: int = 0


class CallOver(msgspec.Struct, frozen=True):
    """The network says that the first party's leg has ended, and how."""

    call: str
    status: str
    leg: str = ""
    inbox: int = 0


class RecordingMade(msgspec.Struct, frozen=True):
    """The network has a recording of a call; ``file`` tells where. It is kept for ``days``."""

    call: str
    recording: str
    seconds: int
    file: Attachment
    place: Place
    inbox: int = 0
    days: int = 30


class RecordingFetched(msgspec.Struct, frozen=True):
    """The bytes of the recording that entry ``target`` tells of are kept here."""

    target: int
    call: str
    recording: str
    sha256: str


class RecordingGone(msgspec.Struct, frozen=True):
    """A recording was deleted by the network, whose answer is the proof."""

    call: str
    recording: str
    proof: str


class AddTranscript(msgspec.Struct, frozen=True):
    """A machine heard this in the sound of entry ``target``, which ``party`` spoke."""

    target: int
    party: str
    text: str


class SwitchRecording(msgspec.Struct, frozen=True):
    """A party wants the recording of the call under way paused, or resumed."""

    party: str
    act: str
