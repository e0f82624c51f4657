//! Sync: sends what waits and fetches what is new. How it ended is a value.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use grid_fieldbook::{EnrollError, LinkError, Outcome};

use crate::aside::aside;
use crate::border::host_call;
use crate::changes::SyncChange;
use crate::terms::name;
use crate::transport::HostTransport;
use crate::{FieldBook, FieldError, HostError, Transport};

/// What a sync may use; the default has no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Budget {
    /// Most bytes both ways.
    #[uniffi(default)]
    pub bytes: Option<u64>,
    /// Longest time, ms.
    #[uniffi(default)]
    pub duration_ms: Option<u64>,
    /// The link costs by the byte: of the photos only those of a rescue go, the others wait for Wi-Fi.
    #[uniffi(default = false)]
    pub metered: bool,
    /// Photos may go at all.
    #[uniffi(default = true)]
    pub photos: bool,
}

/// What the phone is connected by, as its system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Network {
    /// Not at all.
    None,
    /// By a link that costs by the byte.
    Metered,
    /// By one that does not.
    Unmetered,
}

/// What a sync would send now, about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncPlan {
    /// Records that would go.
    pub records_go: u64,
    /// Records that would stay for another time.
    pub records_stay: u64,
    /// Photos that would go whole.
    pub photos_go: u64,
    /// Photos that would stay, or go in part.
    pub photos_stay: u64,
    /// Bytes it would take, both ways.
    pub bytes: u64,
}

/// Asks a running sync or enrolment to stop. It stops at its next step; nothing saved is undone.
#[derive(Debug, Default, uniffi::Object)]
pub struct CancelToken(grid_fieldbook::CancelToken);

#[uniffi::export]
impl CancelToken {
    /// A token that nobody used yet. One token serves one sync or enrolment: it stays cancelled.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Asks to stop; from any thread.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Whether somebody asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

impl CancelToken {
    /// What the core looks at.
    pub(crate) fn core(&self) -> &grid_fieldbook::CancelToken {
        &self.0
    }
}

impl From<grid_fieldbook::CancelToken> for CancelToken {
    fn from(token: grid_fieldbook::CancelToken) -> Self {
        Self(token)
    }
}

/// Where a running sync is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncProgress {
    /// Records receipted in this sync.
    pub received: u64,
    /// Records without a receipt.
    pub unsent: u64,
    /// Photos finished in this sync.
    pub photos_done: u64,
    /// Photos still waiting.
    pub photos_waiting: u64,
}

/// Is told where a running sync is, on a thread of its own. Implemented by the app. The sync waits for it, unless it is cancelled.
#[uniffi::export(with_foreign)]
pub trait ProgressListener: Send + Sync {
    /// Called after each step. It may look into the field book, not record; what it throws is ignored.
    fn on_progress(&self, progress: SyncProgress) -> Result<(), HostError>;
}

/// Why there was no answer. None of these says whether the request had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LinkProblem {
    /// No connection could be made: no network, or no way from it to the platform.
    Unreachable,
    /// Nobody has the platform's name on this network.
    NameUnknown,
    /// The network's name server did not answer in time.
    NameSilent,
    /// The platform's machine is there, and nothing listens at this address.
    NothingListens,
    /// By the phone's clock the server's certificate is not valid yet, or not any more: compare the phone's date.
    CertificateTime,
    /// The connection broke, or was silent for too long.
    Lost,
    /// The server's certificate is not of the pinned authority.
    WrongCertificate,
    /// The address itself cannot be used.
    BadAddress,
    /// The answer is larger than allowed.
    TooLarge,
    /// The token asked to stop.
    Cancelled,
}

/// How a sync ended. Whatever it is, nothing saved is lost and what was receipted stays receipted.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SyncOutcome {
    /// Nothing is left to send or to fetch.
    Complete,
    /// The budget is used up; the rest goes next time.
    BudgetSpent,
    /// The link failed too often in a row.
    NoLink {
        /// How it failed last.
        problem: LinkProblem,
    },
    /// The answer was not of this platform: a captive portal or a proxy.
    NotOurPlatform,
    /// The platform is newer than this application.
    NewerPlatform,
    /// The platform refused.
    Refused {
        /// `unknown_device`, `revoked`, `fork`, …
        code: String,
    },
    /// An answer did not verify under the platform's key: nothing of it was believed.
    BadReceipt,
    /// The platform asked to come back later.
    TryLater,
    /// The token asked to stop.
    Cancelled,
    /// Another sync of this book is under way; this one did nothing.
    AlreadyRunning,
}

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncReport {
    /// How it ended.
    pub outcome: SyncOutcome,
    /// Records receipted.
    pub received: u64,
    /// Records sent back.
    pub parked: u64,
    /// Rows taken in: tasks and posts.
    pub pulled: u64,
    /// Photos finished.
    pub photos_done: u64,
    /// Records that were received once and are offered again: the platform was restored from a backup.
    pub offered_again: u64,
    /// The platform holds another branch of this phone's log, so that a new one was begun: an older copy was put back.
    pub branched: bool,
    /// Tasks or posts here were not what they should be; all were fetched anew, and now they are.
    pub repaired: bool,
    /// What the worker should look at: tasks first, then records that were sent back; at most 200.
    pub changes: Vec<SyncChange>,
    /// Changes that are not listed.
    pub more_changes: u64,
    /// Bytes of request bodies.
    pub bytes_up: u64,
    /// Bytes of answer bodies.
    pub bytes_down: u64,
    /// Requests made.
    pub turns: u32,
    /// Requests whose answer never came.
    pub lost: u32,
    /// How long to wait before the next sync, ms; none when nothing asks for one.
    pub wait_ms: Option<u64>,
}

#[uniffi::export]
impl FieldBook {
    /// What a sync within this budget would send now; sends nothing.
    pub fn plan_sync(&self, budget: Budget) -> Result<SyncPlan, FieldError> {
        self.look(|book| {
            let plan = book.plan_sync(budget.into())?;
            Ok(SyncPlan {
                records_go: plan.records_go,
                records_stay: plan.records_stay,
                photos_go: plan.photos_go,
                photos_stay: plan.photos_stay,
                bytes: plan.bytes,
            })
        })
    }

    /// Tell this whenever the phone's network changes. Answers how long to wait before a sync over it, ms; none when there
    /// is no network or nothing that may go over it. What a failed link made us wait for is over then.
    pub fn network_changed(&self, network: Network) -> Result<Option<u64>, FieldError> {
        self.long_call(|book| {
            let due = book.network_changed(network.into())?;
            let wait = |at: i64| u64::try_from(at.saturating_sub(self.mono_ms())).unwrap_or(0);
            Ok(due.map(wait))
        })
    }

    /// Sends what waits and fetches what is new, within the budget, until nothing is left to do. Needs an enrolled vault.
    #[uniffi::method(default(progress = None))]
    pub fn sync(
        &self,
        budget: Budget,
        cancel: Arc<CancelToken>,
        progress: Option<Arc<dyn ProgressListener>>,
    ) -> Result<SyncReport, FieldError> {
        self.run_sync(budget, &cancel.0, progress, |book| match book.connect() {
            Ok(transport) => Ok(Ok(transport)),
            Err(error) => not_connected(error).map(Err),
        })
    }

    /// The same with the host's own carrier. The requests are those that `sync` makes.
    #[uniffi::method(default(progress = None))]
    pub fn sync_over(
        &self,
        transport: Arc<dyn Transport>,
        budget: Budget,
        cancel: Arc<CancelToken>,
        progress: Option<Arc<dyn ProgressListener>>,
    ) -> Result<SyncReport, FieldError> {
        self.run_sync(budget, &cancel.0, progress, |_| Ok(Ok(HostTransport(transport))))
    }
}

impl FieldBook {
    /// One sync over the carrier that `connect` gives, or the outcome that it has in place of one.
    pub(crate) fn run_sync<T: grid_fieldbook::Transport>(
        &self,
        budget: Budget,
        cancel: &grid_fieldbook::CancelToken,
        progress: Option<Arc<dyn ProgressListener>>,
        connect: impl FnOnce(&grid_fieldbook::FieldBook) -> Result<Result<T, SyncOutcome>, FieldError>,
    ) -> Result<SyncReport, FieldError> {
        // Nobody waits here: a listener that calls `sync` would wait for itself.
        match Turn::taken(&self.syncing) {
            Some(_turn) => self.run_turn(budget, cancel, progress, connect),
            None => Ok(SyncReport::idle(SyncOutcome::AlreadyRunning)),
        }
    }

    /// The same for whoever has the turn.
    pub(crate) fn run_turn<T: grid_fieldbook::Transport>(
        &self,
        budget: Budget,
        cancel: &grid_fieldbook::CancelToken,
        progress: Option<Arc<dyn ProgressListener>>,
        connect: impl FnOnce(&grid_fieldbook::FieldBook) -> Result<Result<T, SyncOutcome>, FieldError>,
    ) -> Result<SyncReport, FieldError> {
        self.long_call(|book| {
            let transport = match connect(book)? {
                Ok(transport) => transport,
                Err(outcome) => return Ok(SyncReport::idle(outcome)),
            };
            let mut tell = |at: grid_fieldbook::Progress| {
                if let Some(listener) = &progress {
                    tell_host(Arc::clone(listener), at, cancel);
                }
            };
            let report = book.sync(&transport, budget.into(), cancel, &mut tell)?;
            Ok(SyncReport::of(report, self.mono_ms()))
        })
    }
}

/// The turn of one sync; given back when it is dropped.
pub(crate) struct Turn(Arc<AtomicBool>);

impl Turn {
    pub(crate) fn taken(running: &Arc<AtomicBool>) -> Option<Self> {
        let was_free = running.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire);
        // Lazily: a turn that was not got must not be given back.
        was_free.is_ok().then(|| Self(Arc::clone(running)))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// One step, told to a listener that may throw and may block.
fn tell_host(
    listener: Arc<dyn ProgressListener>,
    at: grid_fieldbook::Progress,
    cancel: &grid_fieldbook::CancelToken,
) {
    let progress = SyncProgress {
        received: at.received,
        unsent: at.unsent,
        photos_done: at.photos_done,
        photos_waiting: at.photos_waiting,
    };
    let told = aside("grid-progress", cancel, move || {
        host_call(|| listener.on_progress(progress))
    });
    if let Ok(Err(error)) = told {
        log::warn!("the progress listener {error}; the sync goes on");
    }
}

fn not_connected(error: EnrollError) -> Result<SyncOutcome, FieldError> {
    Ok(match error {
        EnrollError::Link(link) => SyncOutcome::NoLink { problem: link.into() },
        EnrollError::NotOurPlatform => SyncOutcome::NotOurPlatform,
        EnrollError::NewerPlatform => SyncOutcome::NewerPlatform,
        EnrollError::Refused(code) => SyncOutcome::Refused { code: name(code) },
        EnrollError::AlreadyEnrolled => return Err(FieldError::internal("enrolled twice")),
        EnrollError::Field(error) => return Err(error.into()),
    })
}

impl SyncReport {
    pub(crate) fn idle(outcome: SyncOutcome) -> Self {
        Self {
            outcome,
            received: 0,
            parked: 0,
            pulled: 0,
            photos_done: 0,
            offered_again: 0,
            branched: false,
            repaired: false,
            changes: Vec::new(),
            more_changes: 0,
            bytes_up: 0,
            bytes_down: 0,
            turns: 0,
            lost: 0,
            wait_ms: None,
        }
    }

    fn of(report: grid_fieldbook::SyncReport, mono_ms: i64) -> Self {
        let summary = report.summary;
        let wait = |at: i64| u64::try_from(at.saturating_sub(mono_ms)).unwrap_or(0);
        Self {
            outcome: summary.outcome.into(),
            received: report.received,
            parked: report.parked,
            pulled: report.pulled,
            photos_done: report.photos_done,
            offered_again: report.offered_again,
            branched: report.branched,
            repaired: report.repaired,
            more_changes: report.changes.more,
            changes: report.changes.items.into_iter().map(SyncChange::from).collect(),
            bytes_up: summary.bytes_up,
            bytes_down: summary.bytes_down,
            turns: summary.turns,
            lost: summary.lost,
            wait_ms: summary.next_at_ms.map(wait),
        }
    }
}

impl From<Budget> for grid_fieldbook::Budget {
    fn from(budget: Budget) -> Self {
        let duration_ms = |ms| i64::try_from(ms).unwrap_or(i64::MAX);
        Self {
            bytes: budget.bytes.unwrap_or(u64::MAX),
            duration_ms: budget.duration_ms.map_or(i64::MAX, duration_ms),
            metered: budget.metered,
            photos: budget.photos,
        }
    }
}

impl From<Network> for grid_fieldbook::Network {
    fn from(network: Network) -> Self {
        match network {
            Network::None => Self::None,
            Network::Metered => Self::Metered,
            Network::Unmetered => Self::Unmetered,
        }
    }
}

impl From<LinkError> for LinkProblem {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Unreachable => Self::Unreachable,
            LinkError::NameUnknown => Self::NameUnknown,
            LinkError::NameSilent => Self::NameSilent,
            LinkError::NothingListens => Self::NothingListens,
            LinkError::CertificateTime => Self::CertificateTime,
            LinkError::Lost => Self::Lost,
            LinkError::WrongCertificate => Self::WrongCertificate,
            LinkError::BadAddress => Self::BadAddress,
            LinkError::TooLarge => Self::TooLarge,
            LinkError::Cancelled => Self::Cancelled,
        }
    }
}

impl From<LinkProblem> for LinkError {
    fn from(problem: LinkProblem) -> Self {
        match problem {
            LinkProblem::Unreachable => Self::Unreachable,
            LinkProblem::NameUnknown => Self::NameUnknown,
            LinkProblem::NameSilent => Self::NameSilent,
            LinkProblem::NothingListens => Self::NothingListens,
            LinkProblem::CertificateTime => Self::CertificateTime,
            LinkProblem::Lost => Self::Lost,
            LinkProblem::WrongCertificate => Self::WrongCertificate,
            LinkProblem::BadAddress => Self::BadAddress,
            LinkProblem::TooLarge => Self::TooLarge,
            LinkProblem::Cancelled => Self::Cancelled,
        }
    }
}

impl From<Outcome> for SyncOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Complete => Self::Complete,
            Outcome::BudgetSpent => Self::BudgetSpent,
            Outcome::Link(link) => Self::NoLink { problem: link.into() },
            Outcome::NotOurPlatform => Self::NotOurPlatform,
            Outcome::NewerPlatform => Self::NewerPlatform,
            Outcome::Refused(code) => Self::Refused { code: name(code) },
            Outcome::BadReceipt => Self::BadReceipt,
            Outcome::TryLater => Self::TryLater,
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_taken_once_until_it_is_given_back() {
        let running = Arc::new(AtomicBool::new(false));
        let turn = Turn::taken(&running);
        assert!(turn.is_some());
        assert!(Turn::taken(&running).is_none());
        assert!(
            Turn::taken(&running).is_none(),
            "a refused turn gave back another's"
        );
        drop(turn);
        assert!(Turn::taken(&running).is_some());
    }
}
