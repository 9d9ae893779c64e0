"""What happened or is asked, for one trajectory: the only way to change a log."""

from __future__ import annotations

from bridge.core.commands.agenda import (
    AskForSlots,
    AskToChange,
    BookSlot,
    CancelAppointment,
    ShowAgenda,
)
from bridge.core.commands.budget import CountWritten, GrantTime, NoteTime, TakeTime
from bridge.core.commands.calls import (
    AddTranscript,
    CallHeard,
    CallOver,
    CallReceived,
    CallRequested,
    RecordingFetched,
    RecordingGone,
    RecordingMade,
    SwitchRecording,
)
from bridge.core.commands.nudges import (
    AnswerDraft,
    CancelNudge,
    ChangePace,
    GiveLater,
    MoveNudge,
    PlanNudge,
)
from bridge.core.commands.parting import AskToClose, ChooseParting, SetRetention, TakeLog
from bridge.core.commands.people import (
    AddParty,
    AnswerConsent,
    AskConsent,
    AskForPlace,
    BindPlace,
    CloseTrajectory,
    EraseParty,
    LinkEndpoint,
    MoveConversation,
    OpenTrajectory,
    OptIn,
    OptOut,
    RecordConsent,
    RemoveParty,
    ReplaceEndpoints,
    RevokeEndpoint,
    UnbindPlace,
)
from bridge.core.commands.promises import KeepRest, SetPromise, SetWorkingHours
from bridge.core.commands.safety import SetPolicy
from bridge.core.commands.steps import AgreeStep, AskScale, CloseStep, FollowUpStep
from bridge.core.commands.talk import AddNote, LogSession, NoteViewing, Receive, Report, Resend
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
    | ReplaceEndpoints
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
    | RecordingFetched
    | RecordingGone
    | AddTranscript
    | SwitchRecording
    | MoveConversation
    | NoteViewing
    | AskForSlots
    | BookSlot
    | AskToChange
    | CancelAppointment
    | ShowAgenda
    | SetPolicy
    | LogSession
    | PlanNudge
    | MoveNudge
    | CancelNudge
    | ChangePace
    | GiveLater
    | Resend
    | SetPromise
    | SetWorkingHours
    | KeepRest
    | AgreeStep
    | CloseStep
    | AskScale
    | FollowUpStep
    | AnswerDraft
    | EraseParty
    | GrantTime
    | NoteTime
    | TakeTime
    | CountWritten
    | AskToClose
    | SetRetention
    | ChooseParting
    | TakeLog
)

__all__ = [
    "AddNote",
    "AddParty",
    "AddTranscript",
    "AgreeStep",
    "AnswerConsent",
    "AnswerDraft",
    "AskConsent",
    "AskForPlace",
    "AskForSlots",
    "AskScale",
    "AskToChange",
    "AskToClose",
    "BindPlace",
    "BookSlot",
    "CallHeard",
    "CallOver",
    "CallReceived",
    "CallRequested",
    "CancelAppointment",
    "CancelNudge",
    "ChangePace",
    "ChooseParting",
    "CloseStep",
    "CloseTrajectory",
    "Command",
    "CountWritten",
    "EraseParty",
    "FollowUpStep",
    "GiveLater",
    "GrantTime",
    "KeepRest",
    "LinkEndpoint",
    "LogSession",
    "MoveConversation",
    "MoveNudge",
    "NoteTime",
    "NoteViewing",
    "OpenTrajectory",
    "OptIn",
    "OptOut",
    "PlanNudge",
    "Receive",
    "RecordConsent",
    "RecordingFetched",
    "RecordingGone",
    "RecordingMade",
    "RemoveParty",
    "ReplaceEndpoints",
    "Report",
    "Resend",
    "RevokeEndpoint",
    "SetPolicy",
    "SetPromise",
    "SetRetention",
    "SetWorkingHours",
    "ShowAgenda",
    "SwitchRecording",
    "TakeLog",
    "TakeTime",
    "TimerFired",
    "UnbindPlace",
]
