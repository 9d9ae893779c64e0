"""What happened or is asked, for one trajectory: the only way to change a log."""

from __future__ import annotations

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
from bridge.core.commands.safety import SetPolicy
from bridge.core.commands.talk import AddNote, Receive, Report

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
    | SetPolicy
)

__all__ = [
    "AddNote",
    "AddParty",
    "AnswerConsent",
    "AskConsent",
    "AskForPlace",
    "BindPlace",
    "CloseTrajectory",
    "Command",
    "LinkEndpoint",
    "OpenTrajectory",
    "OptIn",
    "OptOut",
    "Receive",
    "RecordConsent",
    "RemoveParty",
    "Report",
    "RevokeEndpoint",
    "SetPolicy",
    "UnbindPlace",
]
