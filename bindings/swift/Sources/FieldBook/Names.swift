// What crosses as plain values, and what the app implements, under this module's name.
import FieldBookFFI

// MARK: Tasks and reports

/// A task: the platform's state plus own pending changes.
public typealias TaskView = FieldBookFFI.TaskView
/// The due light of a task, by this phone's clock.
public typealias DueLight = FieldBookFFI.DueLight
/// A request for more time and what became of it.
public typealias ExtensionView = FieldBookFFI.ExtensionView
/// A disposition report (处置反馈).
public typealias ReportDraft = FieldBookFFI.ReportDraft
/// A post with its checkpoints.
public typealias PostView = FieldBookFFI.PostView
/// A checkpoint of a post.
public typealias Checkpoint = FieldBookFFI.Checkpoint

// MARK: Patrols

/// A patrol about to start.
public typealias PatrolDraft = FieldBookFFI.PatrolDraft
/// A patrol that was started.
public typealias StartedPatrol = FieldBookFFI.StartedPatrol
/// A patrol of this vault.
public typealias PatrolView = FieldBookFFI.PatrolView
/// Where a patrol stands.
public typealias PatrolStatus = FieldBookFFI.PatrolStatus
/// One fix of the phone's receiver.
public typealias FixDraft = FieldBookFFI.FixDraft
/// The answer to a track fix.
public typealias FixOutcome = FieldBookFFI.FixOutcome
/// A checkpoint visit; one without a position counts, too.
public typealias VisitDraft = FieldBookFFI.VisitDraft
/// Something seen on patrol.
public typealias ObservationDraft = FieldBookFFI.ObservationDraft
/// A position with its claimed accuracy. Leave it out when there was no fix: empty is better than wrong.
public typealias Position = FieldBookFFI.Position

// MARK: Cases, counts and attachments

/// A matter found by the worker.
public typealias CaseDraft = FieldBookFFI.CaseDraft
/// What a dispute adds to a case.
public typealias DisputeDraft = FieldBookFFI.DisputeDraft
/// A side of a dispute; never an identity.
public typealias Party = FieldBookFFI.Party
/// A rescue or other urgent call; it begins now.
public typealias UrgentDraft = FieldBookFFI.UrgentDraft
/// A case that was born on this phone.
public typealias BornCase = FieldBookFFI.BornCase
/// A case born on this phone, as it stands.
public typealias CaseView = FieldBookFFI.CaseView
/// A step of a counter.
public typealias CountDraft = FieldBookFFI.CountDraft
/// One counter of one day.
public typealias TallyView = FieldBookFFI.TallyView
/// A photo, voice note or paper to keep.
public typealias AttachmentDraft = FieldBookFFI.AttachmentDraft
/// An attachment that is kept and can be named in a draft.
public typealias KeptAttachment = FieldBookFFI.KeptAttachment

// MARK: Records and how the vault stands

/// The answer to a recorded fact: it is durable on this phone.
public typealias SavedRecord = FieldBookFFI.SavedRecord
/// One own record.
public typealias RecordView = FieldBookFFI.RecordView
/// Where a record stands. Only a verified receipt of the platform makes it received.
public typealias RecordState = FieldBookFFI.RecordState
/// What a search found.
public typealias Found = FieldBookFFI.Found
/// Something that the platform has not got, or has sent back.
public typealias WaitingView = FieldBookFFI.WaitingView
/// Why something waits.
public typealias WaitCause = FieldBookFFI.WaitCause
/// How this vault stands, for the one line a worker reads.
public typealias VaultStatus = FieldBookFFI.VaultStatus
/// Who a vault is enrolled for.
public typealias Worker = FieldBookFFI.Worker
/// One thing that the field book checked of itself.
public typealias Check = FieldBookFFI.Check
/// What a recovery found and did, for a page the worker can read.
public typealias RecoveryReport = FieldBookFFI.RecoveryReport
/// What is in the way of a call.
public typealias Obstacle = FieldBookFFI.Obstacle
/// What a person is told when something did not go as asked. None of it blames.
public typealias Advice = FieldBookFFI.Advice

// MARK: Sync and enrolment

/// What a sync may use; the default has no limit.
public typealias Budget = FieldBookFFI.Budget
/// What the phone is connected by, as its system says.
public typealias Network = FieldBookFFI.Network
/// What a sync would send now, about.
public typealias SyncPlan = FieldBookFFI.SyncPlan
/// Where a running sync is.
public typealias SyncProgress = FieldBookFFI.SyncProgress
/// What a sync did.
public typealias SyncReport = FieldBookFFI.SyncReport
/// How a sync ended. Whatever it is, nothing saved is lost and what was receipted stays receipted.
public typealias SyncOutcome = FieldBookFFI.SyncOutcome
/// One thing that a sync changed and that a worker should look at.
public typealias SyncChange = FieldBookFFI.SyncChange
/// What is new about a task.
public typealias TaskChange = FieldBookFFI.TaskChange
/// Why there was no answer. None of these says whether the request had its effect.
public typealias LinkProblem = FieldBookFFI.LinkProblem
/// Asks a running sync to stop. It stops at its next step; nothing saved is undone.
public typealias CancelToken = FieldBookFFI.CancelToken
/// The phone this vault lives on.
public typealias PhoneDraft = FieldBookFFI.PhoneDraft
/// What came of enrolling. Unless it is `enrolled` the vault is as it was, and work recorded meanwhile is kept.
public typealias EnrollOutcome = FieldBookFFI.EnrollOutcome
/// Where a platform is, and by what a carrier knows it.
public typealias PlatformAddress = FieldBookFFI.PlatformAddress
/// The verb of a request.
public typealias HttpMethod = FieldBookFFI.HttpMethod
/// One header.
public typealias HttpHeader = FieldBookFFI.HttpHeader
/// One request, whole in memory. Send it as it is: the platform checks a signature over the body.
public typealias HttpRequest = FieldBookFFI.HttpRequest
/// One answer, whole in memory, whatever its status.
public typealias HttpAnswer = FieldBookFFI.HttpAnswer

// MARK: What the app implements
//
// These are called on threads of the library, which may block. They may not wait for a call of the field book that records.

/// Wraps the vault's data key so that it can lie beside the database: the keychain. Called while a vault opens.
public typealias KeyVault = FieldBookFFI.KeyVault
/// The phone's clocks; on Linux they can be left out.
public typealias HostClock = FieldBookFFI.HostClock
/// What the phone's clocks say at one moment.
public typealias ClockReading = FieldBookFFI.ClockReading
/// What a key vault, a clock, a listener or a log may throw. Anything else it throws counts as `Failed`.
public typealias HostError = FieldBookFFI.HostError
/// Is told where a running sync is, on the thread that carries it. What it throws is ignored.
public typealias ProgressListener = FieldBookFFI.ProgressListener
/// Carries one request at a time, in place of the built-in carrier.
public typealias Transport = FieldBookFFI.Transport
/// Why a carrier has no answer. Anything else that it throws counts as a lost connection.
public typealias TransportError = FieldBookFFI.TransportError
/// Takes the lines of the log.
public typealias Log = FieldBookFFI.Log
/// A line of the log.
public typealias LogLine = FieldBookFFI.LogLine
/// How much a line of the log matters.
public typealias LogLevel = FieldBookFFI.LogLevel

// MARK: Lists on a screen

extension TaskView: Identifiable {}

extension PatrolView: Identifiable {}

extension CaseView: Identifiable {}

extension RecordView: Identifiable {
    /// The position in the log, which is never given twice.
    public var id: UInt64 { seq }
}
