package cn.gridfieldbook

import grid.fieldbook.ffi.Advice as NativeAdvice
import grid.fieldbook.ffi.AttachmentDraft as NativeAttachmentDraft
import grid.fieldbook.ffi.BornCase as NativeBornCase
import grid.fieldbook.ffi.Budget as NativeBudget
import grid.fieldbook.ffi.CancelToken as NativeCancelToken
import grid.fieldbook.ffi.CaseDraft as NativeCaseDraft
import grid.fieldbook.ffi.CaseView as NativeCaseView
import grid.fieldbook.ffi.Check as NativeCheck
import grid.fieldbook.ffi.Checkpoint as NativeCheckpoint
import grid.fieldbook.ffi.ClockReading as NativeClockReading
import grid.fieldbook.ffi.CountDraft as NativeCountDraft
import grid.fieldbook.ffi.DisputeDraft as NativeDisputeDraft
import grid.fieldbook.ffi.DueLight as NativeDueLight
import grid.fieldbook.ffi.ExtensionView as NativeExtensionView
import grid.fieldbook.ffi.FixDraft as NativeFixDraft
import grid.fieldbook.ffi.FixOutcome as NativeFixOutcome
import grid.fieldbook.ffi.Found as NativeFound
import grid.fieldbook.ffi.HostClock as NativeHostClock
import grid.fieldbook.ffi.HttpAnswer as NativeHttpAnswer
import grid.fieldbook.ffi.HttpHeader as NativeHttpHeader
import grid.fieldbook.ffi.HttpMethod as NativeHttpMethod
import grid.fieldbook.ffi.HttpRequest as NativeHttpRequest
import grid.fieldbook.ffi.KeptAttachment as NativeKeptAttachment
import grid.fieldbook.ffi.KeyVault as NativeKeyVault
import grid.fieldbook.ffi.LinkProblem as NativeLinkProblem
import grid.fieldbook.ffi.LogLevel as NativeLogLevel
import grid.fieldbook.ffi.LogLine as NativeLogLine
import grid.fieldbook.ffi.Network as NativeNetwork
import grid.fieldbook.ffi.ObservationDraft as NativeObservationDraft
import grid.fieldbook.ffi.Obstacle as NativeObstacle
import grid.fieldbook.ffi.Party as NativeParty
import grid.fieldbook.ffi.PatrolDraft as NativePatrolDraft
import grid.fieldbook.ffi.PatrolStatus as NativePatrolStatus
import grid.fieldbook.ffi.PatrolView as NativePatrolView
import grid.fieldbook.ffi.PhoneDraft as NativePhoneDraft
import grid.fieldbook.ffi.PlatformAddress as NativePlatformAddress
import grid.fieldbook.ffi.Position as NativePosition
import grid.fieldbook.ffi.PostView as NativePostView
import grid.fieldbook.ffi.RecordView as NativeRecordView
import grid.fieldbook.ffi.RecoveryReport as NativeRecoveryReport
import grid.fieldbook.ffi.ReportDraft as NativeReportDraft
import grid.fieldbook.ffi.SavedRecord as NativeSavedRecord
import grid.fieldbook.ffi.StartedPatrol as NativeStartedPatrol
import grid.fieldbook.ffi.SyncPlan as NativeSyncPlan
import grid.fieldbook.ffi.SyncProgress as NativeSyncProgress
import grid.fieldbook.ffi.SyncReport as NativeSyncReport
import grid.fieldbook.ffi.TallyView as NativeTallyView
import grid.fieldbook.ffi.TaskView as NativeTaskView
import grid.fieldbook.ffi.Transport as NativeTransport
import grid.fieldbook.ffi.UrgentDraft as NativeUrgentDraft
import grid.fieldbook.ffi.VaultStatus as NativeVaultStatus
import grid.fieldbook.ffi.VisitDraft as NativeVisitDraft
import grid.fieldbook.ffi.WaitingView as NativeWaitingView
import grid.fieldbook.ffi.Worker as NativeWorker

// Records and enums that are reused as they are generated: plain data classes without behaviour.
//
// Kotlin reaches no nested class through an alias. So these sealed classes have none and are imported from
// `grid.fieldbook.ffi`: RecordState, SyncOutcome, SyncChange, TaskChange, WaitCause, EnrollOutcome, HostException,
// TransportException.

/** How a vault stands, for the one line a worker reads. */
public typealias VaultStatus = NativeVaultStatus

/** Who a vault is enrolled for. */
public typealias Worker = NativeWorker

/** One thing that [FieldBook.selfCheck] checked. */
public typealias Check = NativeCheck

/** A position with its claimed accuracy; leave it out when there was no fix. */
public typealias Position = NativePosition

/** The answer to a recorded fact: it is durable on this phone. */
public typealias SavedRecord = NativeSavedRecord

/** One own record. */
public typealias RecordView = NativeRecordView

/** What a search found. */
public typealias Found = NativeFound

/** A task: the platform's state plus own pending changes. */
public typealias TaskView = NativeTaskView

/** The due light of a task, by this phone's clock. */
public typealias DueLight = NativeDueLight

/** A request for more time and what became of it. */
public typealias ExtensionView = NativeExtensionView

/** A disposition report (处置反馈). */
public typealias ReportDraft = NativeReportDraft

/** A post with its checkpoints. */
public typealias PostView = NativePostView

/** A checkpoint of a post. */
public typealias Checkpoint = NativeCheckpoint

/** A patrol about to start. */
public typealias PatrolDraft = NativePatrolDraft

/** A patrol that was started. */
public typealias StartedPatrol = NativeStartedPatrol

/** A patrol of this vault. */
public typealias PatrolView = NativePatrolView

/** Where a patrol stands. */
public typealias PatrolStatus = NativePatrolStatus

/** One fix of the phone's receiver. */
public typealias FixDraft = NativeFixDraft

/** The answer to a track fix. */
public typealias FixOutcome = NativeFixOutcome

/** A checkpoint visit; one without a position counts, too. */
public typealias VisitDraft = NativeVisitDraft

/** Something seen on patrol. */
public typealias ObservationDraft = NativeObservationDraft

/** A matter found by the worker. */
public typealias CaseDraft = NativeCaseDraft

/** What a dispute adds to a case. */
public typealias DisputeDraft = NativeDisputeDraft

/** A side of a dispute; never an identity. */
public typealias Party = NativeParty

/** A rescue or other urgent call; it begins now. */
public typealias UrgentDraft = NativeUrgentDraft

/** A case that was born on this phone. */
public typealias BornCase = NativeBornCase

/** A case born on this phone, as it stands. */
public typealias CaseView = NativeCaseView

/** A step of a counter. */
public typealias CountDraft = NativeCountDraft

/** One counter of one day. */
public typealias TallyView = NativeTallyView

/** A photo, voice note or paper to keep. Compared by identity: it holds bytes. */
public typealias AttachmentDraft = NativeAttachmentDraft

/** Something that the platform has not got, or has sent back. */
public typealias WaitingView = NativeWaitingView

/** The phone this vault lives on. */
public typealias PhoneDraft = NativePhoneDraft

/** Where a platform is, and by what a carrier knows it. */
public typealias PlatformAddress = NativePlatformAddress

/** What a sync may use; the default has no limit. */
public typealias Budget = NativeBudget

/** What the phone is connected by, as its system says. */
public typealias Network = NativeNetwork

/** What a sync would send now, about. */
public typealias SyncPlan = NativeSyncPlan

/** Where a running sync is. */
public typealias SyncProgress = NativeSyncProgress

/** What a sync did. */
public typealias SyncReport = NativeSyncReport

/** Why there was no answer. */
public typealias LinkProblem = NativeLinkProblem

/** One request, whole in memory. Compared by identity: it holds bytes. */
public typealias HttpRequest = NativeHttpRequest

/** One answer, whole in memory, whatever its status. Compared by identity: it holds bytes. */
public typealias HttpAnswer = NativeHttpAnswer

/** One header. */
public typealias HttpHeader = NativeHttpHeader

/** The verb of a request. */
public typealias HttpMethod = NativeHttpMethod

/** What the phone's clocks say at one moment. */
public typealias ClockReading = NativeClockReading

/** What a recovery found and did. */
public typealias RecoveryReport = NativeRecoveryReport

/** What a person is told about an error: what happened, what it means for the record, what to do. */
public typealias Advice = NativeAdvice

/** What is in the way. */
public typealias Obstacle = NativeObstacle

/** How much a line of the log matters. */
public typealias LogLevel = NativeLogLevel

/** A line of the log. */
public typealias LogLine = NativeLogLine

// Objects of the library that need nothing around them. Each is freed by `close()`, or some time after it was forgotten.

/** Asks a running sync to stop, from any thread. One token serves one sync: it stays cancelled. */
public typealias CancelToken = NativeCancelToken

/** An attachment that is kept and can be named in a draft. */
public typealias KeptAttachment = NativeKeptAttachment

// What an app implements. These are called on background threads and may block for a moment.

/** The host's key store. Throw `HostException.Locked` before the phone is unlocked, `HostException.Lost` when the key is gone. */
public typealias KeyVault = NativeKeyVault

/** The phone's clocks. Be quick, and do not call the field book. */
public typealias HostClock = NativeHostClock

/** The host's own carrier: OkHttp, a police network's client. The token that `send` is given is closed when it returns. */
public typealias Transport = NativeTransport
