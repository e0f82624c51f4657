//! The field book for Kotlin, Swift and Python. Decides nothing: every call checks what came across, asks
//! `grid-fieldbook`, and carries the answer back.
//!
//! - Calls are few, coarse and blocking; Kotlin and Swift put `suspend` and actors around them.
//! - **Terms that grow** (kinds, roles, results, statuses of the platform) travel as their snake_case names of
//!   `docs/glossary.md`. A name this build does not know is `InvalidInput` with its field when it goes in, and `code_N` when
//!   it comes out of a newer platform. **States that cannot grow** without this surface growing are enums, so that an app's
//!   `when` or `switch` is checked by its compiler.
//! - Ids travel as lower-case UUID text, hashes as 64 hexadecimal digits, times as UTC milliseconds, positions as 1e-7 degrees.
//! - What a network did is a value ([`SyncOutcome`], [`EnrollOutcome`]); [`FieldError`] is only for what the app must react to.
//!
//! **Invariant:** a panic never crosses: it is caught at the border and becomes [`FieldError::Internal`].
//!
//! **Invariant:** code of the host never runs inside a transaction: its clock is read before a record is written. What it
//! throws stays its own: a key vault that fails makes opening fail, a clock is replaced for that call, a listener is ignored, a
//! transport is a lost link. A listener or a transport that blocks holds up its sync alone, and not one that is cancelled. It may look into the field book and not record: that is `Unavailable` with `InsideCallback`.

uniffi::setup_scaffolding!();

mod aside;
mod attachments;
mod book;
mod border;
mod cases;
mod changes;
mod clock;
mod counts;
mod enroll;
mod error;
mod explain;
mod host;
mod keys;
mod logging;
mod patrols;
mod position;
mod records;
mod rescue;
mod session;
mod status;
mod sync;
mod tasks;
mod terms;
mod transport;
mod waiting;

pub use attachments::{AttachmentDraft, KeptAttachment};
pub use book::FieldBook;
pub use cases::{BornCase, CaseDraft, CaseView, DisputeDraft, Party, UrgentDraft};
pub use changes::{SyncChange, TaskChange};
pub use clock::{ClockReading, HostClock};
pub use counts::{CountDraft, TallyView};
pub use enroll::{EnrollOutcome, PhoneDraft, PlatformAddress};
pub use error::{FieldError, Obstacle};
pub use explain::{Advice, explain};
pub use host::HostError;
pub use keys::KeyVault;
pub use logging::{Log, LogLevel, LogLine, set_log};
pub use patrols::{
    FixDraft, FixOutcome, ObservationDraft, PatrolDraft, PatrolStatus, PatrolView, StartedPatrol, VisitDraft,
};
pub use position::Position;
pub use records::{Found, RecordState, RecordView, SavedRecord};
pub use rescue::{LockedBook, RecoveryReport, recover};
pub use session::SyncSession;
pub use status::{Check, VaultStatus, Worker};
pub use sync::{Budget, CancelToken, LinkProblem, ProgressListener, SyncOutcome, SyncProgress, SyncReport};
pub use tasks::{Checkpoint, DueLight, ExtensionView, ListedTask, PostView, ReportDraft, TaskView};
pub use transport::{HttpAnswer, HttpHeader, HttpMethod, HttpRequest, Transport, TransportError};
pub use waiting::{WaitCause, WaitingView};
