"""What goes into a call and comes out of it: drafts, views, outcomes, and what a host may implement."""

from typing import TYPE_CHECKING

from . import grid_ffi as ffi
from .grid_ffi import (
    Advice,
    AttachmentDraft,
    BornCase,
    Budget,
    CaseDraft,
    CaseView,
    Check,
    Checkpoint,
    ClockReading,
    CountDraft,
    DisputeDraft,
    DueLight,
    EnrollOutcome,
    ExtensionView,
    FixDraft,
    FixOutcome,
    Found,
    HostClock,
    HttpAnswer,
    HttpHeader,
    HttpMethod,
    HttpRequest,
    KeptAttachment,
    KeyVault,
    LinkProblem,
    Log,
    LogLevel,
    LogLine,
    Network,
    ObservationDraft,
    Obstacle,
    Party,
    PatrolDraft,
    PatrolStatus,
    PatrolView,
    PhoneDraft,
    PlatformAddress,
    Position,
    PostView,
    ProgressListener,
    RecordState,
    RecordView,
    RecoveryReport,
    ReportDraft,
    SavedRecord,
    StartedPatrol,
    SyncChange,
    SyncOutcome,
    SyncPlan,
    SyncProgress,
    SyncReport,
    TallyView,
    TaskChange,
    TaskView,
    Transport,
    UrgentDraft,
    VaultStatus,
    VisitDraft,
    WaitCause,
    WaitingView,
    Worker,
)

if TYPE_CHECKING:
    # What the generated code says in a way that a type checker does not see.
    class CancelToken(ffi.CancelToken):
        def __init__(self) -> None: ...

    class HostError(ffi.HostError):
        class Locked(Exception): ...

        class Lost(Exception): ...

        class Failed(Exception):
            def __init__(self, detail: str) -> None: ...

    class TransportError(ffi.TransportError):
        class NoLink(Exception):
            def __init__(self, problem: LinkProblem) -> None: ...

        class Failed(Exception):
            def __init__(self, detail: str) -> None: ...
else:
    CancelToken, HostError, TransportError = ffi.CancelToken, ffi.HostError, ffi.TransportError

__all__ = [
    "Advice",
    "AttachmentDraft",
    "BornCase",
    "Budget",
    "CancelToken",
    "CaseDraft",
    "CaseView",
    "Check",
    "Checkpoint",
    "ClockReading",
    "CountDraft",
    "DisputeDraft",
    "DueLight",
    "EnrollOutcome",
    "ExtensionView",
    "FixDraft",
    "FixOutcome",
    "Found",
    "HostClock",
    "HostError",
    "HttpAnswer",
    "HttpHeader",
    "HttpMethod",
    "HttpRequest",
    "KeptAttachment",
    "KeyVault",
    "LinkProblem",
    "Log",
    "LogLevel",
    "LogLine",
    "Network",
    "ObservationDraft",
    "Obstacle",
    "Party",
    "PatrolDraft",
    "PatrolStatus",
    "PatrolView",
    "PhoneDraft",
    "PlatformAddress",
    "Position",
    "PostView",
    "ProgressListener",
    "RecordState",
    "RecordView",
    "RecoveryReport",
    "ReportDraft",
    "SavedRecord",
    "StartedPatrol",
    "SyncChange",
    "SyncOutcome",
    "SyncPlan",
    "SyncProgress",
    "SyncReport",
    "TallyView",
    "TaskChange",
    "TaskView",
    "Transport",
    "TransportError",
    "UrgentDraft",
    "VaultStatus",
    "VisitDraft",
    "WaitCause",
    "WaitingView",
    "Worker",
]
