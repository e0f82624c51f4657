//! The platform: keeps what came, says what it has, tells tasks. A few rules, written from the protocol's page.

use crate::{PHONES, TASKS};

/// A request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// Which phone.
    pub from: usize,
    /// The phone waits for its answer.
    pub is_waited_for: bool,
    /// What of the exchange it carries.
    pub part: Part,
    /// The exchange.
    pub nonce: u8,
    /// Records in the batch, one bit each.
    pub records: u8,
    /// The store that the phone met last.
    pub known: Option<u8>,
    /// Its place in the feed.
    pub cursor: u8,
}

/// What of an exchange a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// A question.
    Ask,
    /// The batch from this frame on; a record is a frame.
    Rest(u8),
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// A receipt and a page.
    Answer(Answered),
    /// The first frames are kept.
    Kept(u8),
    /// This phone is revoked.
    Revoked,
}

/// A receipt and a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Answered {
    pub(crate) nonce: u8,
    pub(crate) life: u8,
    pub(crate) records: u8,
    pub(crate) page: Page,
    pub(crate) verified_to: u8,
    pub(crate) backed_up_to: u8,
}

/// A page of at most one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Page {
    pub(crate) from: u8,
    pub(crate) task: Option<u8>,
    pub(crate) next: u8,
    pub(crate) more: bool,
}

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Store {
    /// Records of each phone, one bit each.
    pub stored: [u8; PHONES],
    /// Tasks dispatched.
    pub tasks: u8,
    /// Phones that may not come in.
    pub revoked: u8,
}

/// The platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Platform {
    pub(crate) life: u8,
    pub(crate) store: Store,
    /// The newest proved backup.
    pub(crate) backup: Option<Store>,
    /// Frames kept of a batch that was cut: its exchange and how many.
    pub(crate) kept: [Option<(u8, u8)>; PHONES],
    /// The newest answer to each phone, in memory.
    pub(crate) answers: [Option<Answered>; PHONES],
}

impl Platform {
    /// Takes a request, and answers it.
    pub(crate) fn take(&mut self, request: &Request) -> Reply {
        let from = request.from;
        if self.store.revoked & (1 << from) != 0 {
            return Reply::Revoked;
        }
        let frames = request.records.count_ones() as u8;
        let kept = match self.kept[from] {
            Some((nonce, kept)) if nonce == request.nonce => kept,
            _ => 0,
        };
        let is_whole = match request.part {
            Part::Whole => true,
            Part::Rest(frame) => frame <= kept,
            Part::Ask => match self.answers[from] {
                Some(answer) if answer.nonce == request.nonce => return Reply::Answer(answer),
                _ => kept == frames,
            },
        };
        if !is_whole {
            return Reply::Kept(kept);
        }
        self.store.stored[from] |= request.records;
        self.kept[from] = None;
        let answer = self.answer(request);
        self.answers[from] = Some(answer);
        Reply::Answer(answer)
    }

    fn answer(&self, request: &Request) -> Answered {
        let stored = self.store.stored[request.from];
        let from = if request.known == Some(self.life) {
            request.cursor.min(self.store.tasks)
        } else {
            0
        };
        let task = (from < self.store.tasks).then_some(from);
        let next = from + u8::from(task.is_some());
        let backed = self.backup.map_or(0, |backup| backup.stored[request.from]);
        Answered {
            nonce: request.nonce,
            life: self.life,
            records: request.records,
            page: Page {
                from,
                task,
                next,
                more: next < self.store.tasks,
            },
            verified_to: stored.trailing_ones() as u8,
            // A proof of an earlier life of the store says what was restored from it.
            backed_up_to: (backed & stored).trailing_ones() as u8,
        }
    }

    /// Keeps the first frames of a batch that was cut.
    pub(crate) fn keep(&mut self, request: &Request, frames: u8) {
        if self.store.revoked & (1 << request.from) != 0 {
            return;
        }
        let begins = match request.part {
            Part::Whole => 0,
            Part::Rest(frame) => frame,
            Part::Ask => return,
        };
        let kept = self.kept[request.from].filter(|(nonce, _)| *nonce == request.nonce);
        let had = kept.map_or(0, |(_, frames)| frames);
        if begins <= had {
            self.kept[request.from] = Some((request.nonce, had.max(begins + frames)));
        }
    }

    /// The store goes back to its backup, or to nothing, and is another one.
    pub(crate) fn restore(&mut self) {
        *self = Self {
            life: self.life + 1,
            store: self.backup.unwrap_or_default(),
            backup: self.backup,
            ..Self::default()
        };
    }

    /// With all tasks dispatched.
    pub(crate) fn with_tasks() -> Self {
        Self {
            store: Store {
                tasks: TASKS,
                ..Store::default()
            },
            ..Self::default()
        }
    }
}
