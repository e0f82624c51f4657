//! Own records with their honest state, and search.

use grid_model::Seq;

use crate::terms::name;
use crate::{FieldBook, FieldError, TaskView};

/// The answer to a recorded fact: it is durable on this phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SavedRecord {
    /// Position in this vault's log; the number a worker can quote.
    pub seq: u64,
    /// The wall clock's claim, UTC ms.
    pub recorded_at_ms: i64,
    /// The lifeboat has it, too; without, it is durable in the database alone.
    pub second_copy: bool,
}

/// Where a record stands. Only a verified receipt of the platform makes it `Received`.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum RecordState {
    /// 已存本机: durable on this phone, no receipt yet.
    Saved,
    /// 平台已收: the platform's receipt for this very record was verified.
    Received,
    /// 已入账: received, and in a backup of the platform that was proved restorable.
    BackedUp,
    /// 被退回: the platform keeps it, but a person has to look.
    Parked {
        /// `unknown_task`, `conflict`, `unreadable`, `not_holder`, `too_large`, `newer_format`, `lane_gap`, `revoked`,
        /// `posting_ended`.
        reason: String,
    },
}

/// One own record.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct RecordView {
    /// Position in the log.
    pub seq: u64,
    /// Which ordered stream, such as `patrol:<id>`.
    pub lane: String,
    /// What it says: `counted`, `observed`, `report_submitted`, …
    pub kind: String,
    /// A line of the worker's own words, if the record has any.
    pub words: String,
    /// The wall clock's claim, UTC ms.
    pub recorded_at_ms: i64,
    /// Where it stands.
    pub state: RecordState,
    /// How many attachments it names.
    pub photos: u32,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Found {
    /// Tasks whose number, title, description or place holds the text.
    pub tasks: Vec<TaskView>,
    /// Own records whose words hold it, the newest first.
    pub records: Vec<RecordView>,
}

#[uniffi::export]
impl FieldBook {
    /// Own records, the newest first, before position `before`; 0 begins with the newest.
    pub fn records(&self, before: u64, limit: u32) -> Result<Vec<RecordView>, FieldError> {
        self.look(|book| Ok(views(book.records(Seq(before), limit)?)))
    }

    /// Records the platform sent back, the newest first.
    pub fn parked(&self, limit: u32) -> Result<Vec<RecordView>, FieldError> {
        self.look(|book| Ok(views(book.parked(limit)?)))
    }

    /// Offers a record that was sent back once more, as it is.
    pub fn retry(&self, seq: u64) -> Result<(), FieldError> {
        self.call(|book| Ok(book.retry(Seq(seq))?))
    }

    /// Says a record that was sent back in other words: a report, an observation, a matter found or a request for more time. A new
    /// record takes its place; the old one stays on the platform. Durable before return. `NotFound` when it was not sent back,
    /// `InvalidInput` of `record` when it has no words.
    pub fn amend(&self, seq: u64, words: String) -> Result<SavedRecord, FieldError> {
        self.call(|book| Ok(book.amend(Seq(seq), &words)?.into()))
    }

    /// A record as a file sealed to the platform, for a person to carry; changes nothing. `NotFound` before enrolment.
    pub fn export(&self, seq: u64) -> Result<Vec<u8>, FieldError> {
        self.look(|book| Ok(book.export(Seq(seq))?))
    }

    /// Tasks and own records that hold `text`, letters without regard to case.
    pub fn search(&self, text: String) -> Result<Found, FieldError> {
        self.look(|book| {
            let found = book.search(&text)?;
            Ok(Found {
                tasks: found.tasks.into_iter().map(TaskView::from).collect(),
                records: views(found.records),
            })
        })
    }
}

fn views(records: Vec<grid_fieldbook::RecordView>) -> Vec<RecordView> {
    records.into_iter().map(RecordView::from).collect()
}

impl From<grid_fieldbook::Saved> for SavedRecord {
    fn from(saved: grid_fieldbook::Saved) -> Self {
        Self {
            seq: saved.seq.0,
            recorded_at_ms: saved.recorded_at_ms,
            second_copy: saved.second_copy,
        }
    }
}

impl From<grid_fieldbook::RecordState> for RecordState {
    fn from(state: grid_fieldbook::RecordState) -> Self {
        use grid_fieldbook::RecordState as Inner;
        match state {
            Inner::Saved => Self::Saved,
            Inner::Received => Self::Received,
            Inner::BackedUp => Self::BackedUp,
            Inner::Parked(reason) => Self::Parked { reason: name(reason) },
        }
    }
}

impl From<grid_fieldbook::RecordView> for RecordView {
    fn from(view: grid_fieldbook::RecordView) -> Self {
        Self {
            seq: view.seq.0,
            lane: view.lane.to_string(),
            kind: name(view.kind),
            words: view.words,
            recorded_at_ms: view.recorded_at_ms,
            state: view.state.into(),
            photos: view.photos,
        }
    }
}
