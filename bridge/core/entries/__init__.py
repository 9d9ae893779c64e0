"""The lines of the trajectory log: closed union, past participles, never changed once written.

1. An entry is (trajectory, seq); the store gives it both, and the instant.
2. ``author`` is a party's id, or ``bridge``; ``owner`` says whose key seals the private fields.
3. Fields named in ``SEALED`` are encrypted under the key of (trajectory, owner); the others are
   the envelope, which must be enough to fold the state after a key was destroyed. So a sealed
   field has a default, and ``apply`` never reads one, but for the place of ``PlaceBound``.
"""

from __future__ import annotations

from bridge.core.entries.agenda import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentMoved,
    BookingRefused,
    InvitationAnswered,
    InvitationMailed,
    RecapDrafted,
    RecapEnded,
    RecapStarted,
    SessionClosed,
    SessionOpened,
    SlotsOffered,
)
from bridge.core.entries.base import BRIDGE, FACE_TO_FACE, MOST_MINUTES, ROLES, Line
from bridge.core.entries.budget import (
    TimeCounted,
    TimeDeclined,
    TimeGranted,
    TimeProposed,
    TimeWarned,
)
from bridge.core.entries.calls import (
    CallAdvanced,
    CallEnded,
    CallStarted,
    RecordingAgreed,
    RecordingDeleted,
    RecordingRefused,
    RecordingSecured,
    RecordingStored,
    RecordingSwitched,
    TranscriptAdded,
)
from bridge.core.entries.nudges import (
    NudgeAnswered,
    NudgeCancelled,
    NudgeGiven,
    NudgeMoved,
    NudgePlanned,
    NudgePostponed,
    NudgeProposed,
    NudgeWithheld,
    PaceChanged,
)
from bridge.core.entries.parting import (
    LogExported,
    PartingAsked,
    PartingDecided,
    RetentionSet,
    WordsDestroyed,
)
from bridge.core.entries.people import (
    ConsentAsked,
    ConsentGiven,
    ConsentRefused,
    ConversationMoved,
    EndpointLinked,
    EndpointRevoked,
    OptedIn,
    OptedOut,
    PartyAdded,
    PartyErased,
    PartyRemoved,
    PlaceAsked,
    PlaceBound,
    PlaceUnbound,
    TrajectoryClosed,
    TrajectoryOpened,
)
from bridge.core.entries.promises import (
    PromiseBroken,
    PromiseDropped,
    PromiseKept,
    PromiseMade,
    PromiseMended,
    PromiseSet,
    PromiseWarned,
    RestEnded,
    RestKept,
    WorkingHoursSet,
)
from bridge.core.entries.safety import AsidePosted, PolicySet, ProtectionNoted
from bridge.core.entries.steps import (
    ScaleAnswered,
    ScaleAsked,
    StepAgreed,
    StepClosed,
    StepDone,
    StepFollowedUp,
    StepNotDone,
    StepProposed,
)
from bridge.core.entries.talk import (
    ChoiceMade,
    DeliveryChanged,
    InboundRefused,
    LogViewed,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    NoteAdded,
    NoticeGiven,
    ReactionSet,
    SessionLogged,
)

Entry = (
    TrajectoryOpened
    | TrajectoryClosed
    | PartyAdded
    | PartyRemoved
    | EndpointLinked
    | EndpointRevoked
    | PlaceAsked
    | PlaceBound
    | PlaceUnbound
    | ConsentAsked
    | ConsentGiven
    | ConsentRefused
    | OptedOut
    | OptedIn
    | MessagePosted
    | MessageEdited
    | MessageDeleted
    | ReactionSet
    | ChoiceMade
    | NoteAdded
    | NoticeGiven
    | DeliveryChanged
    | InboundRefused
    | CallStarted
    | CallAdvanced
    | CallEnded
    | RecordingAgreed
    | RecordingRefused
    | RecordingSwitched
    | RecordingStored
    | RecordingSecured
    | RecordingDeleted
    | TranscriptAdded
    | ConversationMoved
    | LogViewed
    | SlotsOffered
    | AppointmentBooked
    | AppointmentMoved
    | AppointmentCancelled
    | AppointmentConfirmed
    | BookingRefused
    | InvitationMailed
    | InvitationAnswered
    | SessionOpened
    | SessionClosed
    | RecapStarted
    | RecapDrafted
    | RecapEnded
    | PolicySet
    | SessionLogged
    | NudgePlanned
    | NudgeProposed
    | NudgeMoved
    | NudgePostponed
    | NudgeCancelled
    | NudgeGiven
    | NudgeWithheld
    | NudgeAnswered
    | PaceChanged
    | PromiseSet
    | WorkingHoursSet
    | PromiseMade
    | PromiseWarned
    | PromiseKept
    | PromiseBroken
    | PromiseMended
    | PromiseDropped
    | RestKept
    | RestEnded
    | StepProposed
    | StepAgreed
    | StepFollowedUp
    | StepDone
    | StepNotDone
    | StepClosed
    | ScaleAsked
    | ScaleAnswered
    | AsidePosted
    | ProtectionNoted
    | PartyErased
    | TimeGranted
    | TimeCounted
    | TimeProposed
    | TimeDeclined
    | TimeWarned
    | RetentionSet
    | PartingAsked
    | PartingDecided
    | LogExported
    | WordsDestroyed
)

__all__ = [
    "BRIDGE",
    "FACE_TO_FACE",
    "MOST_MINUTES",
    "ROLES",
    "AppointmentBooked",
    "AppointmentCancelled",
    "AppointmentConfirmed",
    "AppointmentMoved",
    "AsidePosted",
    "BookingRefused",
    "CallAdvanced",
    "CallEnded",
    "CallStarted",
    "ChoiceMade",
    "ConsentAsked",
    "ConsentGiven",
    "ConsentRefused",
    "ConversationMoved",
    "DeliveryChanged",
    "EndpointLinked",
    "EndpointRevoked",
    "Entry",
    "InboundRefused",
    "InvitationAnswered",
    "InvitationMailed",
    "Line",
    "LogExported",
    "LogViewed",
    "MessageDeleted",
    "MessageEdited",
    "MessagePosted",
    "NoteAdded",
    "NoticeGiven",
    "NudgeAnswered",
    "NudgeCancelled",
    "NudgeGiven",
    "NudgeMoved",
    "NudgePlanned",
    "NudgePostponed",
    "NudgeProposed",
    "NudgeWithheld",
    "OptedIn",
    "OptedOut",
    "PaceChanged",
    "PartingAsked",
    "PartingDecided",
    "PartyAdded",
    "PartyErased",
    "PartyRemoved",
    "PlaceAsked",
    "PlaceBound",
    "PlaceUnbound",
    "PolicySet",
    "PromiseBroken",
    "PromiseDropped",
    "PromiseKept",
    "PromiseMade",
    "PromiseMended",
    "PromiseSet",
    "PromiseWarned",
    "ProtectionNoted",
    "ReactionSet",
    "RecapDrafted",
    "RecapEnded",
    "RecapStarted",
    "RecordingAgreed",
    "RecordingDeleted",
    "RecordingRefused",
    "RecordingSecured",
    "RecordingStored",
    "RecordingSwitched",
    "RestEnded",
    "RestKept",
    "RetentionSet",
    "ScaleAnswered",
    "ScaleAsked",
    "SessionClosed",
    "SessionLogged",
    "SessionOpened",
    "SlotsOffered",
    "StepAgreed",
    "StepClosed",
    "StepDone",
    "StepFollowedUp",
    "StepNotDone",
    "StepProposed",
    "TimeCounted",
    "TimeDeclined",
    "TimeGranted",
    "TimeProposed",
    "TimeWarned",
    "TrajectoryClosed",
    "TrajectoryOpened",
    "TranscriptAdded",
    "WordsDestroyed",
    "WorkingHoursSet",
]
