"""What happened or is asked, for one trajectory: the only way to change a log."""

from __future__ import annotations

from bridge.core.commands.calls import (
    CallHeard,
    CallOver,
    CallReceived,
    CallRequested,
    RecordingMade,
    SwitchRecording,
)
from bridge.core.commands.people import (
    AddParty,
    AnswerConsent,
    AskConsent,
    AskForPlace,
    BindPlace,
    CloseTrajectory,
    LinkEndpoint,
    OpenTrajectory,
    OptIn,
    OptOut,
    RecordConsent,
    RemoveParty,
    RevokeEndpoint,
    UnbindPlace,
)
from bridge.core.commands.talk import AddNote, Receive, Report
from bridge.core.commands.time import TimerFired

Command = (
    Receive
    | Report
    | AddNote
    | OpenTrajectory
    | CloseTrajectory
    | AddParty
    | RemoveParty
    | LinkEndpoint
    | RevokeEndpoint
    | AskConsent
    | RecordConsent
    | AnswerConsent
    | OptOut
    | OptIn
    | BindPlace
    | UnbindPlace
    | AskForPlace
    | TimerFired
    | CallReceived
    | CallRequested
    | CallHeard
    | CallOver
    | RecordingMade
    | SwitchRecording
)

__all__ = [
    "AddNote",
    "AddParty",
    "AnswerConsent",
    "AskConsent",
    "AskForPlace",
    "BindPlace",
    "CallHeard",
    "CallOver",
    "CallReceived",
    "CallRequested",
    "CloseTrajectory",
    "Command",
    "LinkEndpoint",
    "OpenTrajectory",
    "OptIn",
    "OptOut",
    "Receive",
    "RecordConsent",
    "RecordingMade",
    "RemoveParty",
    "Report",
    "RevokeEndpoint",
    "SwitchRecording",
    "TimerFired",
    "UnbindPlace",
]
