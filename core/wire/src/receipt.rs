//! Receipts: the platform's signed word for what it decided on each change of a batch.

use grid_model::id::{DeviceId, Epoch, Incarnation, Seq, Sha256};
use grid_model::terms::ParkReason;
use minicbor::{Decode, Encode};

use crate::adapt;
use crate::form::Forms;

/// What the platform decided on a change. The fact itself is stored before any decision, so none of these loses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Stored and taken into the views.
    Accepted,
    /// Stored before, under the same key and with the same bytes.
    Duplicate,
    /// Stored, but a person has to look at it.
    Parked(ParkReason),
    /// Not stored; send it again later.
    TryLater,
}

/// Consecutive positions with one verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ReceiptRange {
    #[n(0)]
    from: u64,
    #[n(1)]
    to: u64,
    #[n(2)]
    verdict: u8,
    #[cbor(n(3), with = "adapt::code_maybe", has_nil)]
    reason: Option<ParkReason>,
}

impl ReceiptRange {
    /// The range `from..=to`.
    pub const fn new(from: Seq, to: Seq, verdict: Verdict) -> Self {
        let (code, reason) = match verdict {
            Verdict::Accepted => (1, None),
            Verdict::Duplicate => (2, None),
            Verdict::Parked(reason) => (3, Some(reason)),
            Verdict::TryLater => (4, None),
        };
        Self {
            from: from.0,
            to: to.0,
            verdict: code,
            reason,
        }
    }

    /// First position.
    pub const fn from(&self) -> Seq {
        Seq(self.from)
    }

    /// Last position.
    pub const fn to(&self) -> Seq {
        Seq(self.to)
    }

    /// The decision. A code this build does not know is "try later": nothing is believed sent.
    pub const fn verdict(&self) -> Verdict {
        match (self.verdict, self.reason) {
            (1, _) => Verdict::Accepted,
            (2, _) => Verdict::Duplicate,
            (3, Some(reason)) => Verdict::Parked(reason),
            (3, None) => Verdict::Parked(ParkReason::Unknown(0)),
            _ => Verdict::TryLater,
        }
    }
}

/// The answer to one batch, signed by the platform. Sending the batch again gives the same decisions.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// Whose changes.
    #[cbor(n(0), with = "adapt::id")]
    pub device: DeviceId,
    #[n(1)]
    epoch: u64,
    /// The decisions, ascending, without overlap.
    #[n(2)]
    pub ranges: Vec<ReceiptRange>,
    /// Digest over (seq, SHA-256 of body) of every change covered, ascending by seq.
    #[cbor(n(3), with = "adapt::hash")]
    pub digest: Sha256,
    /// The store that answered.
    #[cbor(n(4), with = "adapt::id")]
    pub incarnation: Incarnation,
    /// The platform's time, UTC ms.
    #[n(5)]
    pub server_ms: i64,
    /// The request's nonce.
    #[n(6)]
    pub nonce: u64,
    /// Forms of a batch body that this platform reads beside the first; absent from platforms that know no other.
    #[n(7)]
    pub forms: Option<Forms>,
}

impl Receipt {
    /// A receipt over `ranges`.
    pub const fn new(
        (device, epoch): (DeviceId, Epoch),
        ranges: Vec<ReceiptRange>,
        digest: Sha256,
        incarnation: Incarnation,
        (server_ms, nonce): (i64, u64),
    ) -> Self {
        Self {
            device,
            epoch: epoch.0,
            ranges,
            digest,
            incarnation,
            server_ms,
            nonce,
            forms: None,
        }
    }

    /// The same receipt, telling which forms of a batch body the platform reads.
    #[must_use]
    pub const fn with_forms(mut self, forms: Forms) -> Self {
        self.forms = Some(forms);
        self
    }

    /// The life of the log it speaks about.
    pub const fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }

    /// Joins verdicts, given ascending by position, into ranges.
    pub fn join(verdicts: impl IntoIterator<Item = (Seq, Verdict)>) -> Vec<ReceiptRange> {
        let mut ranges: Vec<ReceiptRange> = Vec::new();
        for (seq, verdict) in verdicts {
            match ranges.last_mut() {
                Some(last) if last.to.checked_add(1) == Some(seq.0) && last.verdict() == verdict => {
                    last.to = seq.0
                }
                _ => ranges.push(ReceiptRange::new(seq, seq, verdict)),
            }
        }
        ranges
    }

    /// The verdict on `seq`, if this receipt speaks about it. Ranges ascend; one that does not says nothing.
    pub fn verdict_on(&self, seq: Seq) -> Option<Verdict> {
        let at = self.ranges.partition_point(|range| range.to < seq.0);
        let range = self.ranges.get(at).filter(|range| range.from <= seq.0)?;
        Some(range.verdict())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_with_one_verdict_become_one_range() {
        let ranges = Receipt::join([
            (Seq(1), Verdict::Accepted),
            (Seq(2), Verdict::Accepted),
            (Seq(4), Verdict::Accepted),
            (Seq(5), Verdict::Parked(ParkReason::UnknownTask)),
        ]);
        let spans: Vec<_> = ranges.iter().map(|r| (r.from().0, r.to().0)).collect();
        assert_eq!(spans, [(1, 2), (4, 4), (5, 5)]);
    }
}
