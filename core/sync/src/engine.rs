//! The engine: text before photos, urgent first, one request at a time.

use grid_model::Sha256;
use grid_wire::RefusalCode;

use crate::link::{FRAME_BYTES, HEAD_BYTES, PIECE_BYTES_MIN};
use crate::{Answer, Budget, Input, LinkError, Outcome, Pace, PhotoWork, Plan, Step, Summary, Work, Write};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Start,
    Reading,
    Deciding(Work),
    /// A whole exchange is on its way.
    Exchanging,
    /// A part of one that was cut.
    Continuing {
        from_frame: Option<u32>,
    },
    Photo {
        photo: PhotoWork,
        offset: Option<u64>,
    },
    Done(Outcome),
}

/// One sync, from start to idle.
///
/// **Invariant:** nothing is believed that is not durable: [`Engine::plan`] changes nothing, [`Engine::commit`] cannot fail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// The platform may know how to go on with an exchange that was cut.
    continues: bool,
    /// Frames of the batch in flight that the platform was known to have.
    frames: u32,
    /// How often it was asked since it had more of them.
    stalls: u32,
    /// Most frames that it kept of any batch, and most bytes of an answer that were here, since an answer was whole: only more
    /// than that is getting further.
    best: (u32, u64),
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
            continues: true,
            frames: 0,
            stalls: 0,
            best: (0, 0),
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

    /// What to do next. The driver performs it, plans with what came of it, writes, and commits.
    #[must_use]
    pub fn poll(&mut self) -> Step {
        if self.spent() && !matches!(self.phase, Phase::Done(_)) {
            self.phase = Phase::Done(Outcome::BudgetSpent);
        }
        match std::mem::replace(&mut self.phase, Phase::Reading) {
            Phase::Start | Phase::Reading => Step::ReadWork,
            Phase::Deciding(work) => self.decide(&work),
            Phase::Exchanging => self.exchange(),
            Phase::Continuing { from_frame } => self.go_on(from_frame),
            Phase::Photo { photo, offset } => self.photo(photo, offset),
            Phase::Done(outcome) => {
                self.phase = Phase::Done(outcome.clone());
                Step::Idle(self.sum_up(outcome))
            }
        }
    }

    /// What is to be made durable after what happened, and what this engine is once it is.
    pub fn plan(&self, now_ms: i64, input: Input) -> Plan {
        let mut next = self.clone();
        let writes = next.take_in(now_ms, input);
        Plan { writes, next }
    }

    /// Believes what was planned, now that it is durable.
    pub fn commit(&mut self, plan: Plan) {
        *self = plan.next;
    }

    fn take_in(&mut self, now_ms: i64, input: Input) -> Vec<Write> {
        self.now_ms = now_ms;
        if !matches!(input, Input::Work(_)) {
            self.lost_last = false;
        }
        match input {
            Input::Work(work) => return self.work_read(work),
            Input::Answered(answer) => return self.answered(&answer),
            Input::Cut { up, down, held } => self.cut(up, down, held),
            Input::Kept { frames, up, down } => return self.kept(frames, up, down),
            Input::CannotContinue { up, down } => {
                self.count(up, down);
                self.continues = false;
                self.phase = Phase::Reading;
                return vec![Write::DropBatch];
            }
            // The same bytes would be refused for ever.
            Input::TooMuch { up } => {
                self.lost(LinkError::Lost, up);
                return vec![Write::DropBatch];
            }
            Input::PhotoAt { sha256, offset, up } => self.photo_answered(sha256, offset, up),
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
            Input::NoRoom => return self.no_room(),
            Input::Stopped(outcome) => self.phase = Phase::Done(outcome),
            Input::Refused(code, retry_after_s) => return self.refused(code, retry_after_s),
            Input::Cancelled => self.phase = Phase::Done(Outcome::Cancelled),
        }
        Vec::new()
    }

    /// What is urgent does not wait until a large batch has limped over: what that one has is sealed anew behind it.
    fn work_read(&mut self, mut work: Work) -> Vec<Write> {
        let gives_way =
            work.urgent_waits && work.in_flight.is_some_and(|bytes| bytes > CONTINUED_ABOVE_BYTES);
        if gives_way {
            (work.in_flight, work.held) = (None, 0);
        }
        self.phase = Phase::Deciding(work);
        if gives_way {
            vec![Write::DropBatch]
        } else {
            Vec::new()
        }
    }

    /// What waits is larger than what is left. A batch in flight goes on with the next budget, unless a fresh one is too small
    /// for any of it.
    fn no_room(&mut self) -> Vec<Write> {
        if !matches!(self.phase, Phase::Continuing { .. }) {
            self.no_room = true;
            self.phase = Phase::Reading;
            return Vec::new();
        }
        if self.summary.turns > 1 {
            self.phase = Phase::Done(Outcome::BudgetSpent);
            return Vec::new();
        }
        self.continues = false;
        self.phase = Phase::Reading;
        vec![Write::DropBatch]
    }

    fn answered(&mut self, answer: &Answer) -> Vec<Write> {
        self.count(answer.up, answer.down);
        if self.phase == Phase::Exchanging {
            self.packed = (self.packed.0 + answer.up, self.packed.1 + answer.bodies);
            // Something waits and nothing of it can be sealed: asking again would not change that.
            self.no_room |= self.pushes && answer.pushed == 0;
        }
        self.pace.answered();
        self.exchanged |= answer.tells_time;
        (self.frames, self.stalls, self.best) = (0, 0, (0, 0));
        // A platform that decides on nothing it was sent wants to be left alone.
        self.phase = if answer.pushed > 0 && answer.settled == 0 {
            Phase::Done(Outcome::TryLater)
        } else {
            Phase::Reading
        };
        answer.writes()
    }

    /// A part of the answer came. If more of it is here than ever that is as good as an answer: what is asked for next is the
    /// rest.
    fn cut(&mut self, up: u64, down: u64, held: u64) {
        self.count(up, down);
        self.lost_last = true;
        self.summary.lost += 1;
        let again = self.pace.lost();
        let further = self.continues && held >= self.best.1 + HELD_BYTES_MIN;
        if further {
            self.best.1 = held;
            self.pace.got_further();
        }
        self.phase = if again || further {
            Phase::Reading
        } else {
            Phase::Done(Outcome::Link(LinkError::Lost))
        };
    }

    /// The rest goes, as long as that gets further. Where nothing was kept, or no more than before, somebody on the way lets
    /// nothing through but whole requests, or the windows are too short for so much: a smaller batch may get through.
    fn kept(&mut self, frames: u32, up: u64, down: u64) -> Vec<Write> {
        self.count(up, down);
        if frames > self.best.0 {
            self.best.0 = frames;
            self.pace.got_further();
        }
        if frames > self.frames {
            self.frames = frames;
            self.stalls = 0;
        } else {
            self.stalls += 1;
        }
        if frames == 0 || self.stalls > STALLS_MAX {
            (self.frames, self.stalls) = (0, 0);
            self.phase = Phase::Reading;
            return vec![Write::DropBatch];
        }
        self.phase = Phase::Continuing {
            from_frame: Some(frames),
        };
        Vec::new()
    }

    /// A batch that was refused as a whole is sealed anew next time: its changes are still unsent, and the form in which they
    /// were refused must not stand in their way for ever.
    fn refused(&mut self, code: RefusalCode, retry_after_s: Option<u32>) -> Vec<Write> {
        let exchanging = matches!(self.phase, Phase::Exchanging | Phase::Continuing { .. });
        if code == RefusalCode::TryLater {
            self.retry_after_s = retry_after_s;
            self.phase = Phase::Done(Outcome::TryLater);
            return Vec::new();
        }
        self.phase = Phase::Done(Outcome::Refused(code));
        if exchanging {
            vec![Write::DropBatch]
        } else {
            Vec::new()
        }
    }

    fn photo_answered(&mut self, sha256: Sha256, offset: u64, up: u64) {
        // Being asked where it stands is easy; only what gets further is no loss. Else pieces that never arrive would go for
        // ever, and never in a smaller size.
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

    fn decide(&mut self, work: &Work) -> Step {
        // At least one exchange a sync: it brings the platform's time, tasks and recalls.
        self.pushes = !self.no_room && (work.in_flight.is_some() || work.unsent > 0);
        let was_cut =
            work.held >= HELD_BYTES_MIN || work.in_flight.is_some_and(|bytes| bytes > CONTINUED_ABOVE_BYTES);
        if was_cut && self.continues && !self.no_room {
            return self.go_on(None);
        }
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

    /// Asks what the platform has of an exchange that was cut, or sends the rest of it.
    fn go_on(&mut self, from_frame: Option<u32>) -> Step {
        self.phase = Phase::Continuing { from_frame };
        let room = self.bytes_left().saturating_sub(HEAD_BYTES + FRAME_BYTES);
        Step::Continue { from_frame, room }
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
        let exchanging = matches!(self.phase, Phase::Exchanging | Phase::Continuing { .. });
        if exchanging && error == LinkError::Lost {
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

/// A request in flight that is larger is not repeated: the platform is asked what it has of it.
const CONTINUED_ABOVE_BYTES: u64 = 16 * 1024;
/// A cut answer of which less is here is asked for again as a whole.
const HELD_BYTES_MIN: u64 = 1_024;
/// How often the rest of a batch goes without getting further, before it is sealed anew.
const STALLS_MAX: u32 = 1;
/// What is taken for lost with an answer of which nothing is told.
const UNSEEN_BYTES: u64 = 16 * 1024;
/// No platform makes a phone wait for more than a day.
const RETRY_AFTER_S_MAX: u32 = 86_400;

/// `a * b / c` without running over.
fn mul_div(a: u64, b: u64, c: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) / u128::from(c)).unwrap_or(u64::MAX)
}
