//! The feed: which device must learn of which thing, in the platform's order.

use grid_model::terms::RowKind;
use grid_model::{OrgId, WorkerId};

use super::Stored;

/// Whose devices learn of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// One person's.
    Worker(WorkerId),
    /// Everybody's in one organisation.
    Org(OrgId),
}

/// A place in the feed: the newest of its thing for its audience.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPlace {
    /// Position, growing.
    pub position: u64,
    /// What kind of thing.
    pub kind: RowKind,
    /// Which thing.
    pub id: Vec<u8>,
}

/// Reads the feed.
pub trait FeedRead {
    /// Places after `cursor` for a person of this organisation, ascending, at most `limit`.
    fn feed_after(&self, worker: WorkerId, org: OrgId, cursor: u64, limit: u32) -> Stored<Vec<FeedPlace>>;
    /// The highest position of this audience; 0 for none.
    fn feed_last(&self, worker: WorkerId, org: OrgId) -> Stored<u64>;
    /// Gives every row that a person of this organisation would be told now: kind, id and revision, in no order.
    fn each_in_scope(
        &self,
        worker: WorkerId,
        org: OrgId,
        take: &mut dyn FnMut(RowKind, &[u8], u64),
    ) -> Stored<()>;
    /// The highest position ever handed out; 0 for none.
    fn feed_end(&self) -> Stored<u64>;
}

/// Writes the feed.
pub trait FeedWrite {
    /// Moves a thing to the end of the feed for its audience; answers its new position.
    fn feed_touch(&mut self, audience: Audience, kind: RowKind, id: &[u8]) -> Stored<u64>;
}
