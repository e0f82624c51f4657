//! Why something has not gone, and what would help.

use grid_fieldbook::{Cause, WaitingFor};

use crate::terms::name;
use crate::{FieldBook, FieldError, RecordView, SyncOutcome};

/// Something that the platform has not got, or has sent back.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct WaitingView {
    /// The record; none for a photo.
    pub record: Option<RecordView>,
    /// SHA-256 of the photo, 64 hexadecimal digits; none for a record.
    pub photo: Option<String>,
    /// Why it waits.
    pub cause: WaitCause,
    /// Not before this, by the phone's wall clock, UTC ms.
    pub until_ms: Option<i64>,
}

/// Why something waits.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum WaitCause {
    /// The vault is enrolled with no platform: ask the duty desk for a ticket.
    NotEnrolled,
    /// Nothing was tried since it was recorded: sync.
    NotTried,
    /// The last sync ended so.
    Ended {
        /// How.
        outcome: SyncOutcome,
    },
    /// The platform's certificate is out of its time by the phone's clock, and it is the clock that is wrong: set it.
    ClockOff {
        /// What the phone's clock said, UTC ms.
        phone_ms: i64,
    },
    /// The budget is less than the next record needs.
    BudgetTooSmall,
    /// The platform sent the record back: see its reason, then `retry`.
    SentBack {
        /// As in `RecordState.Parked`.
        reason: String,
    },
    /// The platform would not take the photo.
    PhotoRefused {
        /// Why.
        code: String,
    },
    /// The photo waits for a link that does not cost by the byte.
    WaitsForWifi,
    /// The photo goes when no record waits.
    BehindRecords,
}

#[uniffi::export]
impl FieldBook {
    /// Every record without a receipt or sent back, the newest first, then every photo whose bytes are here only, each with
    /// one cause; at most `limit` of each.
    pub fn waiting(&self, limit: u32) -> Result<Vec<WaitingView>, FieldError> {
        self.look(|book| {
            let found = book.waiting(usize::try_from(limit).unwrap_or(usize::MAX))?;
            Ok(found.into_iter().map(WaitingView::from).collect())
        })
    }
}

impl From<grid_fieldbook::Waiting> for WaitingView {
    fn from(waiting: grid_fieldbook::Waiting) -> Self {
        let (record, photo) = match waiting.what {
            WaitingFor::Record(record) => (Some(record.into()), None),
            WaitingFor::Photo { sha256, .. } => (None, Some(sha256)),
        };
        Self {
            record,
            photo,
            cause: waiting.cause.into(),
            until_ms: waiting.until_ms,
        }
    }
}

impl From<Cause> for WaitCause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::NotEnrolled => Self::NotEnrolled,
            Cause::NotTried => Self::NotTried,
            Cause::Ended(outcome) => Self::Ended {
                outcome: outcome.into(),
            },
            Cause::ClockOff(phone_ms) => Self::ClockOff { phone_ms },
            Cause::BudgetTooSmall => Self::BudgetTooSmall,
            Cause::SentBack(reason) => Self::SentBack { reason: name(reason) },
            Cause::PhotoRefused(code) => Self::PhotoRefused { code: name(code) },
            Cause::WaitsForWifi => Self::WaitsForWifi,
            Cause::BehindRecords => Self::BehindRecords,
        }
    }
}
