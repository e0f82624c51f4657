//! What an input asks to be made durable. The engine believes it only once it is: plan, write, commit.

use grid_model::id::{Incarnation, Seq};

use crate::Engine;

/// An answer that holds (signature, addressee, nonce, digest), and what this phone knew when it came.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Answer {
    /// Bytes of the request.
    pub up: u64,
    /// Bytes of the answer.
    pub down: u64,
    /// Bytes of the change bodies in the request, before packing.
    pub bodies: u64,
    /// Changes in the request.
    pub pushed: usize,
    /// Of these, how many the receipt decides on.
    pub settled: usize,
    /// The store that answered.
    pub incarnation: Incarnation,
    /// What this phone knows of that store.
    pub known: Known,
    /// Where its page belongs.
    pub page: PagePlace,
    /// How far the platform has this phone's log, where it says so.
    pub verified: Option<Verified>,
    /// It answers the log that this phone writes now: its rows say what they take in of that one. What answers a push of another
    /// life of the log (captured while locked, left for a new branch) speaks of that life.
    pub is_of_this_log: bool,
    /// It is known when the platform said so.
    pub tells_time: bool,
}

/// What a phone knows of the platform's store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    /// The store that was met last. A vault that was recovered may not know it any more.
    pub incarnation: Option<Incarnation>,
    /// Something here came from a platform, or went to one.
    pub has_met: bool,
    /// Position in the feed.
    pub cursor: u64,
}

/// Where a page of the feed belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PagePlace {
    /// Position it starts after.
    pub from: u64,
    /// Position it ends at.
    pub next: u64,
    /// There is more after it.
    pub more: bool,
}

/// How far the platform has a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Verified {
    /// Up to here.
    pub to: Seq,
    /// It has more than this phone has written, or other changes in these places.
    pub is_elsewhere: bool,
    /// The log is the one this phone writes now.
    pub is_current: bool,
}

/// Something to be made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Write {
    /// The batch in flight is forgotten: its changes are still unsent and are sealed anew.
    DropBatch,
    /// What the receipt decides of each change of the batch.
    Settle,
    /// The platform's time.
    Anchor,
    /// Everything the platform's store may lack is offered again; of this epoch what lies behind `verified_to`.
    OfferAgain {
        /// Up to where the platform has this log.
        verified_to: Seq,
    },
    /// Tasks and posts are in doubt until the platform tells of them again.
    DoubtRows,
    /// The rows of the page go into the views.
    LayPage,
    /// The position in the feed, of the store that answered.
    Feed {
        /// Where to go on.
        cursor: u64,
        /// There is more.
        more: bool,
    },
    /// Everything was told: what is still in doubt goes. Then what is here is compared with what the platform says should be;
    /// where it is not the same, the place in the feed goes back to the beginning, and the next work that is read says so.
    DropDoubted,
    /// What the platform vouches for.
    Checkpoint,
    /// A new epoch begins: the platform holds another branch of this log.
    BeginEpoch,
}

/// What to make durable in one transaction, and what the engine is afterwards. Dropping it changes nothing.
#[must_use = "what is planned has no effect before it is written and committed"]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// What to make durable, in this order.
    pub writes: Vec<Write>,
    pub(crate) next: Engine,
}

impl Answer {
    /// The same store as the one that was met before, or the first one. A vault that was recovered has a past, and may not
    /// know any more which store it met: then it is another one.
    fn is_of_same_store(&self) -> bool {
        match self.known.incarnation {
            Some(known) => known == self.incarnation,
            None => !self.known.has_met,
        }
    }

    /// What is to be made durable of it.
    pub(crate) fn writes(&self) -> Vec<Write> {
        let mut writes = Vec::new();
        if self.pushed > 0 {
            writes.push(Write::Settle);
        }
        writes.push(Write::Anchor);
        let same_store = self.is_of_same_store();
        if !same_store {
            // What came after the backup of a restored store is on this phone alone. What the store verified of another
            // branch says nothing of this log.
            let own = self.verified.filter(|verified| !verified.is_elsewhere);
            let verified_to = own.map_or(Seq(0), |verified| verified.to);
            writes.push(Write::OfferAgain { verified_to });
            writes.push(Write::DoubtRows);
        }
        // A page goes on where this phone is, or begins anew. One from elsewhere (an old answer come late) would leave a hole,
        // and the first of another life of the store comes before this phone has made room for it: it is asked for again.
        let is_next = same_store && (self.page.from == 0 || self.page.from == self.known.cursor);
        if !is_next {
            writes.push(Write::Feed {
                cursor: 0,
                more: true,
            });
            return writes;
        }
        if self.is_of_this_log {
            writes.push(Write::LayPage);
            writes.push(Write::Feed {
                cursor: self.page.next,
                more: self.page.more,
            });
            if !self.page.more {
                writes.push(Write::DropDoubted);
            }
        } else {
            // It is asked for again.
            writes.push(Write::Feed {
                cursor: self.page.from,
                more: true,
            });
        }
        if let Some(verified) = self.verified {
            writes.push(Write::Checkpoint);
            if verified.is_elsewhere && verified.is_current {
                writes.push(Write::BeginEpoch);
            }
        }
        writes
    }
}
