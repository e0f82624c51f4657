//! The engine: text before photos, urgent first, one request at a time.

use grid_model::Sha256;
use grid_wire::RefusalCode;

use crate::link::{FRAME_BYTES, HEAD_BYTES, PIECE_BYTES_MIN};
use crate::{Budget, LinkError, Outcome, Pace, Summary};

/// What waits on this phone, as the driver read it from the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// A sealed batch waits for its receipt.
    pub batch_in_flight: bool,
    /// Changes without a receipt.
    pub unsent: u64,
    /// The platform said there is more to fetch.
    pub more_to_pull: bool,
    /// Photos the platform does not have, in the order they should go.
    pub photos: Vec<PhotoWork>,
}

/// A photo that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoWork {
    /// Its name.
    pub sha256: Sha256,
    /// Its size, bytes.
    pub bytes: u64,
    /// The platform has already given it a place.
    pub begun: bool,
    /// It belongs to a rescue: it goes on a metered link, too.
    pub urgent: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The store was read.
    Work(Work),
    /// An exchange was answered, verified and applied; `bytes` both ways.
    Exchanged {
        /// Bytes of the request.
        up: u64,
        /// Bytes of the answer.
        down: u64,
        /// Bytes of the change bodies in it, before packing.
        bodies: u64,
    },
    /// What is left of the budget is less than the least request takes.
    NoRoom,
    /// The platform has these first bytes of the photo; all of them when `offset` is its size.
    PhotoAt {
        /// Which photo.
        sha256: Sha256,
        /// How many bytes the platform has.
        offset: u64,
        /// Bytes of the request.
        up: u64,
    },
    /// The engine's picture of this photo was wrong: ask again if it is still `begun`, else begin again.
    PhotoRestart {
        /// Which photo.
        sha256: Sha256,
        /// The platform still has a place for it.
        begun: bool,
    },
    /// The platform will not take this photo; the driver has marked it.
    PhotoFailed(Sha256),
    /// The request got no answer.
    Lost(LinkError, u64),
    /// The answer cannot be used.
    Stopped(Outcome),
    /// The platform refused the request.
    Refused(RefusalCode, Option<u32>),
    /// The caller asked to stop.
    Cancelled,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Read the store and answer with [`Input::Work`].
    ReadWork,
    /// Push and pull in one round trip: the batch in flight, or a new one of about this size.
    Exchange {
        /// Bytes of change bodies for a new batch; 0: nothing is pushed.
        body_bytes_max: usize,
        /// Bytes the pull page may have.
        page_bytes_max: u64,
        /// Bytes that the packed bodies and the page may have together. One change that needs more than its share takes it
        /// from the page; a batch in flight that has more is sealed anew.
        room: u64,
    },
    /// Ask for a place for this photo.
    BeginPhoto(Sha256),
    /// Ask how much of this photo the platform has.
    AskPhoto(Sha256),
    /// Send a piece of this photo.
    SendPhoto {
        /// Which photo.
        sha256: Sha256,
        /// First byte of the piece.
        from: u64,
        /// Length of the piece.
        length: usize,
    },
    /// Nothing more to do now.
    Idle(Summary),
}

enum Phase {
    Start,
    Reading,
    Deciding(Work),
    Exchanging,
    Photo { photo: PhotoWork, offset: Option<u64> },
    Done(Outcome),
}

/// One sync, from start to idle.
pub struct Engine {
    budget: Budget,
    started_ms: i64,
    now_ms: i64,
    pace: Pace,
    phase: Phase,
    exchanged: bool,
    failures_before: u32,
    retry_after_s: Option<u32>,
    summary: Summary,
    /// How far the photo at hand was known to be.
    reached: Option<(Sha256, u64)>,
    /// What packing left of bodies so far: packed and unpacked bytes.
    packed: (u64, u64),
    /// Something waits to be pushed.
    pushes: bool,
    /// What waits to be pushed is larger than what is left of the budget.
    no_room: bool,
    /// What an answer that never came may have taken of the budget.
    unseen: u64,
    /// The last request got no answer.
    lost_last: bool,
}

impl Engine {
    /// A sync that starts at `now_ms`. `failures_before`: syncs that failed since the last good one, for the rest after.
    pub const fn new(budget: Budget, now_ms: i64, seed: u64, failures_before: u32) -> Self {
        Self {
            budget,
            started_ms: now_ms,
            now_ms,
            pace: Pace::new(seed, failures_before),
            reached: None,
            packed: (0, 0),
            pushes: false,
            no_room: false,
            unseen: 0,
            lost_last: false,
            phase: Phase::Start,
            exchanged: false,
            failures_before,
            retry_after_s: None,
            summary: Summary {
                outcome: Outcome::Complete,
                in_vain: false,
                bytes_up: 0,
                bytes_down: 0,
                turns: 0,
                lost: 0,
                next_at_ms: None,
            },
        }
    }

    /// What to do next. The driver performs it and answers with [`Engine::input`].
    #[must_use]
    pub fn poll(&mut self) -> Step {
        if self.spent() && !matches!(self.phase, Phase::Done(_)) {
            self.phase = Phase::Done(Outcome::BudgetSpent);
        }
        match std::mem::replace(&mut self.phase, Phase::Reading) {
            Phase::Start | Phase::Reading => Step::ReadWork,
            Phase::Deciding(work) => self.decide(&work),
            Phase::Exchanging => self.exchange(),
            Phase::Photo { photo, offset } => self.photo(photo, offset),
            Phase::Done(outcome) => {
                self.phase = Phase::Done(outcome.clone());
                Step::Idle(self.sum_up(outcome))
            }
        }
    }

    /// Tells the engine what came of the last step, after it was made durable.
    pub fn input(&mut self, now_ms: i64, input: Input) {
        self.now_ms = now_ms;
        if !matches!(input, Input::Work(_)) {
            self.lost_last = false;
        }
        match input {
            Input::Work(work) => self.phase = Phase::Deciding(work),
            Input::Exchanged { up, down, bodies } => {
                self.count(up, down);
                self.packed = (self.packed.0 + up, self.packed.1 + bodies);
                self.pace.answered();
                self.exchanged = true;
                self.phase = Phase::Reading;
            }
            Input::PhotoAt { sha256, offset, up } => {
                // Being asked where it stands is easy; only what gets further is no loss. Else pieces that never arrive
                // would go for ever, and never in a smaller size.
                let further = self
                    .reached
                    .is_none_or(|(of, reached)| of != sha256 || offset > reached);
                if up > 0 && !further {
                    // An answer to a piece that changed nothing: as good as none.
                    return self.lost(LinkError::Lost, up);
                }
                self.count(up, 0);
                if up > 0 {
                    self.pace.answered();
                } else if further {
                    self.pace.got_further();
                }
                self.reached = Some((sha256, offset));
                self.photo_at(sha256, offset);
            }
            Input::PhotoRestart { sha256, begun } => {
                self.count(0, 0);
                if let Phase::Photo { photo, .. } = &self.phase
                    && photo.sha256 == sha256
                {
                    self.phase = Phase::Photo {
                        photo: PhotoWork { begun, ..*photo },
                        offset: None,
                    };
                }
            }
            Input::PhotoFailed(_) => {
                self.count(0, 0);
                self.phase = Phase::Reading;
            }
            Input::Lost(error, up) => self.lost(error, up),
            Input::NoRoom => {
                self.no_room = true;
                self.phase = Phase::Reading;
            }
            Input::Stopped(outcome) => self.phase = Phase::Done(outcome),
            Input::Refused(RefusalCode::TryLater, retry_after_s) => {
                self.retry_after_s = retry_after_s;
                self.phase = Phase::Done(Outcome::TryLater);
            }
            Input::Refused(code, _) => self.phase = Phase::Done(Outcome::Refused(code)),
            Input::Cancelled => self.phase = Phase::Done(Outcome::Cancelled),
        }
    }

    fn decide(&mut self, work: &Work) -> Step {
        // At least one exchange a sync: it brings the platform's time, tasks and recalls.
        self.pushes = !self.no_room && (work.batch_in_flight || work.unsent > 0);
        if !self.exchanged || self.pushes || work.more_to_pull {
            return self.exchange();
        }
        let goes = |photo: &&PhotoWork| self.budget.photos && (photo.urgent || !self.budget.metered);
        match work.photos.iter().find(goes).copied() {
            Some(photo) => self.photo(photo, None),
            None => {
                let outcome = if self.no_room {
                    Outcome::BudgetSpent
                } else {
                    Outcome::Complete
                };
                self.phase = Phase::Done(outcome.clone());
                Step::Idle(self.sum_up(outcome))
            }
        }
    }

    fn exchange(&mut self) -> Step {
        let room = self.bytes_left().saturating_sub(HEAD_BYTES + FRAME_BYTES);
        // A page has one row at least, however small its budget.
        if room == 0 && self.exchanged {
            self.phase = Phase::Done(Outcome::BudgetSpent);
            return Step::Idle(self.sum_up(Outcome::BudgetSpent));
        }
        self.phase = Phase::Exchanging;
        // What packing takes off is known from the batches before; a quarter is for the page at least: it may recall a task.
        let for_bodies = if self.pushes { room / 4 * 3 } else { 0 };
        let unpacked = match self.packed {
            (_, 0) => for_bodies,
            (packed, bodies) => mul_div(for_bodies, bodies, packed.max(1)).max(for_bodies),
        };
        let body_bytes_max = self
            .pace
            .batch_bytes()
            .min(usize::try_from(unpacked).unwrap_or(usize::MAX));
        let page = room - for_bodies.min(body_bytes_max as u64);
        Step::Exchange {
            body_bytes_max,
            page_bytes_max: page.min(grid_model::limits::PULL_PAGE_BYTES_MAX as u64),
            room,
        }
    }

    fn photo(&mut self, photo: PhotoWork, offset: Option<u64>) -> Step {
        self.phase = Phase::Photo { photo, offset };
        match offset {
            None if photo.begun => Step::AskPhoto(photo.sha256),
            None => Step::BeginPhoto(photo.sha256),
            Some(from) => {
                let room = self.bytes_left().saturating_sub(HEAD_BYTES);
                let left = photo.bytes.saturating_sub(from).min(room);
                let length = usize::try_from(left)
                    .unwrap_or(usize::MAX)
                    .min(self.pace.chunk_bytes());
                Step::SendPhoto {
                    sha256: photo.sha256,
                    from,
                    length,
                }
            }
        }
    }

    fn photo_at(&mut self, sha256: Sha256, offset: u64) {
        let next = match &self.phase {
            Phase::Photo { photo, .. } if photo.sha256 == sha256 && offset < photo.bytes => Phase::Photo {
                photo: PhotoWork {
                    begun: true,
                    ..*photo
                },
                offset: Some(offset),
            },
            // Done, or not the one at hand: look again, newer text goes before the next photo.
            _ => Phase::Reading,
        };
        self.phase = next;
    }

    fn lost(&mut self, error: LinkError, up: u64) {
        self.count(up, 0);
        self.lost_last = true;
        if matches!(self.phase, Phase::Exchanging) && error == LinkError::Lost {
            // How much of an answer came before it was cut is not told.
            self.unseen += self.bytes_left().min(UNSEEN_BYTES);
        }
        self.summary.lost += 1;
        let permanent = matches!(
            error,
            LinkError::WrongCertificate | LinkError::BadAddress | LinkError::Cancelled
        );
        let again = self.pace.lost() && !permanent;
        let phase = std::mem::replace(&mut self.phase, Phase::Reading);
        self.phase = match (again, phase) {
            (false, _) if error == LinkError::Cancelled => Phase::Done(Outcome::Cancelled),
            (false, _) => Phase::Done(Outcome::Link(error)),
            // The platform may have kept what we sent: ask before sending again.
            (true, Phase::Photo { photo, .. }) => Phase::Photo { photo, offset: None },
            (true, _) => Phase::Reading,
        };
    }

    const fn count(&mut self, up: u64, down: u64) {
        self.summary.turns += 1;
        self.summary.bytes_up += up;
        self.summary.bytes_down += down;
    }

    const fn bytes_left(&self) -> u64 {
        let heads = HEAD_BYTES * self.summary.turns as u64;
        self.budget
            .bytes
            .saturating_sub(self.summary.bytes_up + self.summary.bytes_down + heads + self.unseen)
    }

    const fn spent(&self) -> bool {
        self.bytes_left() < HEAD_BYTES + PIECE_BYTES_MIN
            || self.now_ms - self.started_ms >= self.budget.duration_ms
    }

    fn sum_up(&self, outcome: Outcome) -> Summary {
        // A budget that a dead link used up, or that is too small for what waits, is no reason to try again at once.
        let in_vain = outcome == Outcome::BudgetSpent && (self.lost_last || self.no_room);
        let rest_ms = match &outcome {
            Outcome::Complete => None,
            Outcome::BudgetSpent | Outcome::Cancelled if !in_vain => Some(0),
            _ => Some(
                self.retry_after_s
                    .map_or(0, |s| i64::from(s.min(RETRY_AFTER_S_MAX)) * 1000)
                    .max(self.pace.rest_ms(self.failures_before)),
            ),
        };
        Summary {
            outcome,
            in_vain,
            next_at_ms: rest_ms.map(|rest| self.now_ms + rest),
            ..self.summary.clone()
        }
    }
}

/// What is taken for lost with an answer that was cut.
const UNSEEN_BYTES: u64 = 16 * 1024;
/// No platform makes a phone wait for more than a day.
const RETRY_AFTER_S_MAX: u32 = 86_400;

/// `a * b / c` without running over.
fn mul_div(a: u64, b: u64, c: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) / u128::from(c)).unwrap_or(u64::MAX)
}
