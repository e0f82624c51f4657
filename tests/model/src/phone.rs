//! A phone: the real engine, and a store of a few bits that writes what the engine plans.

use grid_model::id::{Incarnation, Seq};
use grid_sync::{
    Answer, Budget, Engine, Input, Known, LinkError, Outcome, PagePlace, Step, Verified, Work, Write,
};

use crate::Plant;
use crate::platform::{Answered, Part, Reply, Request};

/// A batch of more than one record is a large one: what was cut is gone on with.
const LARGE_BYTES: u64 = 20_000;
const SMALL_BYTES: u64 = 400;

/// A batch that waits for its receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Batch {
    pub(crate) records: u8,
    pub(crate) nonce: u8,
}

/// A phone. What is above the line is on its disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Phone {
    /// Records that were answered `Saved`, ever.
    pub made: u8,
    /// Records that are here.
    pub log: u8,
    /// Of these, without a receipt.
    pub unsent: u8,
    pub(crate) batch: Option<Batch>,
    pub(crate) known: Option<u8>,
    pub(crate) cursor: u8,
    pub(crate) more: bool,
    /// Tasks in the view, and those in doubt.
    pub tasks: u8,
    pub(crate) doubted: u8,
    /// The store that vouches, and up to where.
    pub(crate) backed_up: Option<(u8, u8)>,

    // ---- in memory
    /// The place has moved, and these rows are to be laid in: only where that mistake is planted.
    pub(crate) owed: u8,
    pub(crate) sync: Option<Engine>,
    pub(crate) waits: bool,
    pub(crate) asked: Option<Request>,
    pub(crate) syncs: u8,
    pub(crate) nonces: u8,
}

impl Phone {
    /// Records that the worker sees as received.
    pub const fn received(&self) -> u8 {
        self.log & !self.unsent
    }

    pub(crate) const fn is_idle(&self) -> bool {
        self.sync.is_none()
    }

    /// Something waits, as far as the phone knows.
    pub(crate) const fn has_work(&self) -> bool {
        self.unsent != 0 || self.batch.is_some() || self.more
    }

    pub(crate) fn begin_sync(&mut self) {
        self.sync = Some(Engine::new(
            Budget {
                bytes: u64::MAX,
                duration_ms: i64::MAX,
                metered: false,
                photos: true,
            },
            0,
            1,
            0,
        ));
    }

    /// What is in memory goes.
    pub(crate) fn crash(&mut self) {
        self.sync = None;
        self.waits = false;
        self.asked = None;
        self.owed = 0;
    }

    /// Goes on until a request is to be sent, or the sync is over.
    pub(crate) fn go(&mut self, me: usize, plant: Option<Plant>) -> Option<Request> {
        let mut engine = self.sync.take()?;
        loop {
            let step = engine.poll();
            let input = match step {
                Step::ReadWork => Input::Work(self.work()),
                Step::Exchange { body_bytes_max, .. } => {
                    self.seal(body_bytes_max > 0);
                    return Some(self.send(me, engine, Part::Whole));
                }
                Step::Continue { from_frame, .. } => {
                    let part = from_frame.map_or(Part::Ask, |frame| Part::Rest(frame as u8));
                    return Some(self.send(me, engine, part));
                }
                Step::Idle(_) => {
                    self.purge(plant);
                    return None;
                }
                Step::BeginPhoto(_) | Step::AskPhoto(_) | Step::SendPhoto { .. } => Input::Cancelled,
            };
            let plan = engine.plan(0, input);
            engine.commit(plan);
        }
    }

    fn work(&self) -> Work {
        let size = |batch: Batch| match batch.records.count_ones() {
            0 | 1 => SMALL_BYTES,
            _ => LARGE_BYTES,
        };
        Work {
            in_flight: self.batch.map(size),
            unsent: u64::from(self.unsent.count_ones()),
            more_to_pull: self.more,
            ..Work::default()
        }
    }

    fn seal(&mut self, pushes: bool) {
        self.nonces += 1;
        if self.batch.is_none() && pushes && self.unsent != 0 {
            self.batch = Some(Batch {
                records: self.unsent,
                nonce: self.nonces,
            });
        }
    }

    fn send(&mut self, me: usize, engine: Engine, part: Part) -> Request {
        self.sync = Some(engine);
        self.waits = true;
        let batch = self.batch.unwrap_or(Batch {
            records: 0,
            nonce: self.nonces,
        });
        let request = Request {
            from: me,
            is_waited_for: true,
            part,
            nonce: batch.nonce,
            records: batch.records,
            known: self.known,
            cursor: self.cursor,
        };
        self.asked = Some(request);
        request
    }

    /// The request got no answer.
    pub(crate) fn lost(&mut self) {
        self.takes(Input::Lost(LinkError::Lost, 0), None, None);
    }

    /// An answer came.
    pub(crate) fn answered(&mut self, reply: Reply, plant: Option<Plant>) {
        let Some(asked) = self.asked else { return };
        let input = match reply {
            Reply::Kept(frames) => Input::Kept {
                frames: u32::from(frames),
                up: 0,
                down: 0,
            },
            Reply::Revoked => Input::Refused(grid_model::terms::RefusalCode::Revoked, None),
            // Signature, addressee, nonce and digest: an answer to something else is none.
            Reply::Answer(answer)
                if answer.nonce != asked.nonce && plant != Some(Plant::AnyAnswerIsAReceipt) =>
            {
                Input::Stopped(Outcome::BadReceipt)
            }
            Reply::Answer(mut answer) => {
                if plant == Some(Plant::AnyAnswerIsAReceipt) {
                    answer.records = asked.records;
                }
                let said = self.said(&asked, &answer, plant);
                return self.takes(Input::Answered(Box::new(said)), Some(answer), plant);
            }
        };
        self.takes(input, None, plant);
    }

    fn said(&self, asked: &Request, answer: &Answered, plant: Option<Plant>) -> Answer {
        let known = match plant {
            Some(Plant::RestoreUnnoticed) => self.known.map(|_| answer.life),
            _ => self.known,
        };
        Answer {
            up: 0,
            down: 0,
            bodies: 0,
            pushed: asked.records.count_ones() as usize,
            settled: (asked.records & answer.records).count_ones() as usize,
            incarnation: life(answer.life),
            known: Known {
                incarnation: known.map(life),
                has_met: self.known.is_some(),
                cursor: u64::from(self.cursor),
            },
            page: PagePlace {
                from: u64::from(answer.page.from),
                next: u64::from(answer.page.next),
                more: answer.page.more,
            },
            verified: Some(Verified {
                to: Seq(u64::from(answer.verified_to)),
                is_elsewhere: false,
                is_current: true,
            }),
            is_of_this_log: true,
            tells_time: true,
        }
    }

    /// Plans, writes, believes.
    fn takes(&mut self, input: Input, answer: Option<Answered>, plant: Option<Plant>) {
        let Some(mut engine) = self.sync.take() else {
            return;
        };
        let plan = engine.plan(0, input);
        for write in &plan.writes {
            self.write(*write, answer.as_ref(), plant);
        }
        engine.commit(plan);
        self.sync = Some(engine);
        self.waits = false;
        self.asked = None;
    }

    fn write(&mut self, write: Write, answer: Option<&Answered>, plant: Option<Plant>) {
        if write == Write::DropBatch {
            self.batch = None;
            return;
        }
        let Some(answer) = answer else { return };
        match write {
            Write::DropBatch | Write::Anchor => {}
            Write::Settle => {
                let sent = self.batch.map_or(0, |batch| batch.records);
                self.unsent &= !(sent & answer.records);
                self.batch = None;
            }
            Write::OfferAgain { verified_to } => {
                let behind = !((1_u8 << verified_to.0) - 1);
                self.unsent |= self.log & behind & !answer.records;
                self.batch = None;
            }
            Write::DoubtRows => self.doubted = self.tasks,
            Write::LayPage => {
                let row = answer.page.task.map_or(0, |task| 1 << task);
                if plant == Some(Plant::PlaceBeforeRows) {
                    self.owed |= row;
                } else {
                    self.lay(row);
                }
            }
            Write::Feed { cursor, more } => {
                self.cursor = cursor as u8;
                self.more = more;
                self.known = Some(answer.life);
            }
            Write::DropDoubted => {
                self.tasks &= !self.doubted;
                self.doubted = 0;
            }
            Write::Checkpoint => self.backed_up = Some((answer.life, answer.backed_up_to)),
            // No phone of this island goes back to an older copy.
            Write::BeginEpoch => {}
        }
    }

    /// Rows go into the view.
    pub(crate) const fn lay(&mut self, rows: u8) {
        self.tasks |= rows;
        self.doubted &= !rows;
        self.owed &= !rows;
    }

    /// Lets go of what the store that was met last vouches for.
    fn purge(&mut self, plant: Option<Plant>) {
        let vouched = match (plant, self.backed_up) {
            (Some(Plant::PurgeOnReceipt), _) => u8::MAX,
            (_, Some((life, upto))) if Some(life) == self.known => (1_u8 << upto) - 1,
            _ => 0,
        };
        self.log &= !(vouched & !self.unsent);
    }
}

const fn life(life: u8) -> Incarnation {
    Incarnation([life; 16])
}
