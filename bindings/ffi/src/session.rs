//! A sync whose requests the host carries one by one, whenever it can: for `URLSession` in the background, where no call may
//! wait for an answer.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use grid_fieldbook::{CancelToken, LinkError, Request, Response};

use crate::border::refuse_inside_host;
use crate::sync::Turn;
use crate::{Budget, FieldBook, FieldError, HttpAnswer, HttpRequest, LinkProblem, SyncOutcome, SyncReport};

/// How often a waiting request looks whether somebody asked to stop.
const CANCEL_CHECKED_EVERY: Duration = Duration::from_millis(20);

/// A running sync, step by step: `next_request`, carry it, `answer` or `no_answer`, until `next_request` gives none; then `report`.
///
/// Nothing is lost when the app dies between two steps: the next sync goes on where this one stood. Letting go of the object
/// cancels the sync.
#[derive(uniffi::Object)]
pub struct SyncSession {
    desk: Arc<Desk>,
    cancel: CancelToken,
}

/// Where the sync's thread and the host meet.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// What waits to be carried.
    request: Option<HttpRequest>,
    /// What came of it.
    answer: Option<Result<Response, LinkError>>,
    /// How the sync ended.
    report: Option<Result<SyncReport, FieldError>>,
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_while(&self, waits: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.state();
        self.changed
            .wait_while(state, |state| waits(state))
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays what came of the request beside it. `InvalidInput` when none waits.
    fn answer(&self, answer: Result<Response, LinkError>) -> Result<(), FieldError> {
        let mut state = self.state();
        if state.request.is_none() || state.answer.is_some() {
            return Err(FieldError::invalid("answer", "wrong_state"));
        }
        state.answer = Some(answer);
        self.changed.notify_all();
        Ok(())
    }
}

/// The desk as the engine sees it.
struct DeskTransport(Arc<Desk>);

impl grid_fieldbook::Transport for DeskTransport {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        let mut state = self.0.state();
        state.request = Some(request.into());
        self.0.changed.notify_all();
        loop {
            if let Some(answer) = state.answer.take() {
                state.request = None;
                return answer;
            }
            if cancel.is_cancelled() {
                state.request = None;
                return Err(LinkError::Cancelled);
            }
            let waited = self.0.changed.wait_timeout(state, CANCEL_CHECKED_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[uniffi::export]
impl FieldBook {
    /// Begins a sync whose requests the host carries. Needs an enrolled vault; while another sync runs, its report says
    /// `AlreadyRunning`. Returns at once.
    pub fn begin_sync(self: Arc<Self>, budget: Budget) -> Result<Arc<SyncSession>, FieldError> {
        refuse_inside_host()?;
        let (desk, cancel) = (Arc::<Desk>::default(), CancelToken::default());
        let session = Arc::new(SyncSession {
            desk: Arc::clone(&desk),
            cancel: cancel.clone(),
        });
        // Here and not on the thread: whoever syncs after this has returned comes behind it.
        let Some(turn) = Turn::taken(&self.syncing) else {
            desk.state().report = Some(Ok(SyncReport::idle(SyncOutcome::AlreadyRunning)));
            return Ok(session);
        };
        std::thread::Builder::new()
            .name("grid-sync".to_owned())
            .spawn(move || {
                let transport = DeskTransport(Arc::clone(&desk));
                let ended = self.run_turn(budget, &cancel, None, |_| Ok(Ok(transport)));
                drop(turn);
                let mut state = desk.state();
                state.request = None;
                state.report = Some(ended);
                desk.changed.notify_all();
            })
            .map_err(|error| FieldError::internal(error.to_string()))?;
        Ok(session)
    }
}

#[uniffi::export]
impl SyncSession {
    /// The request that is to be carried next; none when the sync has ended. Waits while the last answer is made durable. Asked
    /// again before the answer it gives the same one.
    pub fn next_request(&self) -> Option<HttpRequest> {
        let waits = |state: &State| {
            let asked = state.request.is_some() && state.answer.is_none() && !self.cancel.is_cancelled();
            state.report.is_none() && !asked
        };
        self.desk.wait_while(waits).request.clone()
    }

    /// Hands in the answer to the request that waits, whatever its status. `InvalidInput` when none does.
    pub fn answer(&self, answer: HttpAnswer) -> Result<(), FieldError> {
        self.desk.answer(Ok(answer.into()))
    }

    /// Says that the request that waits got no answer. `InvalidInput` when none does.
    pub fn no_answer(&self, problem: LinkProblem) -> Result<(), FieldError> {
        self.desk.answer(Err(problem.into()))
    }

    /// Asks the sync to stop; then `next_request` gives none.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// What the sync did. `InvalidInput` while it runs.
    pub fn report(&self) -> Result<SyncReport, FieldError> {
        let state = self.desk.state();
        let running = || Err(FieldError::invalid("session", "wrong_state"));
        state.report.clone().unwrap_or_else(running)
    }
}

impl Drop for SyncSession {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
