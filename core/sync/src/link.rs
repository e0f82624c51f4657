//! What a sync may use of the link, and what came of it.

use grid_wire::RefusalCode;

use crate::LinkError;

/// What a sync may use. The default has no limit.
///
/// **Invariant:** a sync takes at most 5 % more bytes than its budget; from 32 KiB on it uses at least 90 % of it while
/// work waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    /// Most bytes both ways, the heads of requests and answers counted at [`HEAD_BYTES`] a turn, TLS not counted.
    pub bytes: u64,
    /// Longest time, ms.
    pub duration_ms: i64,
    /// The link costs by the byte: of the photos only those of a rescue go, the others wait for Wi-Fi.
    pub metered: bool,
    /// Photos may go at all.
    pub photos: bool,
}

/// What the heads of a request and of its answer take on the link, about.
pub const HEAD_BYTES: u64 = 500;
/// What an exchange takes beside bodies and rows: signed header, receipt, checkpoint and grant, about.
pub(crate) const FRAME_BYTES: u64 = 1_100;
/// A piece of a photo that is smaller is not worth its turn.
pub(crate) const PIECE_BYTES_MIN: u64 = 512;

impl Default for Budget {
    fn default() -> Self {
        Self {
            bytes: u64::MAX,
            duration_ms: i64::MAX,
            metered: false,
            photos: true,
        }
    }
}

/// How a sync ended. Whatever it is, nothing saved is lost and what was receipted stays receipted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing is left to send or to fetch.
    #[default]
    Complete,
    /// The budget is used up; the rest goes next time.
    BudgetSpent,
    /// The link failed too often in a row.
    Link(LinkError),
    /// The answer was not of this platform: a captive portal or a proxy.
    NotOurPlatform,
    /// The platform speaks a newer wire version than this build.
    NewerPlatform,
    /// The platform refused the request.
    Refused(RefusalCode),
    /// An answer did not verify under the platform's key: nothing of it was believed.
    BadReceipt,
    /// The platform asked to come back later.
    TryLater,
    /// The caller asked to stop.
    Cancelled,
}

/// What a sync did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Summary {
    /// How it ended.
    pub outcome: Outcome,
    /// The budget was used up by a link that answered nothing, or is less than the next record needs.
    pub in_vain: bool,
    /// Bytes of request bodies sent.
    pub bytes_up: u64,
    /// Bytes of answer bodies received.
    pub bytes_down: u64,
    /// Requests made.
    pub turns: u32,
    /// Requests whose answer never came.
    pub lost: u32,
    /// When to try again, in the caller's clock, ms; `None` when nothing is waiting.
    pub next_at_ms: Option<i64>,
}
