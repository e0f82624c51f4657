//! What can happen to a sync, and what it can ask for.

use grid_model::Sha256;
use grid_wire::RefusalCode;

use crate::{Answer, LinkError, Outcome};

/// What waits on this phone, as the driver read it from the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Work {
    /// A sealed batch waits for its receipt: bytes of its request.
    pub in_flight: Option<u64>,
    /// Bytes of an answer that was cut, which the driver holds.
    pub held: u64,
    /// Changes without a receipt.
    pub unsent: u64,
    /// One of these is urgent, and not in the batch in flight.
    pub urgent_waits: bool,
    /// The platform said there is more to fetch.
    pub more_to_pull: bool,
    /// Photos the platform does not have, in the order they should go.
    pub photos: Vec<PhotoWork>,
}

/// A photo that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// The store was read.
    Work(Work),
    /// An exchange was answered, and the answer holds.
    Answered(Box<Answer>),
    /// The answer began and was cut: the driver holds what came of it.
    Cut {
        /// Bytes of the request.
        up: u64,
        /// Bytes of the answer that came.
        down: u64,
        /// Bytes of the answer that are here now.
        held: u64,
    },
    /// The platform keeps the first frames of the batch that was cut, and waits for the rest.
    Kept {
        /// How many frames.
        frames: u32,
        /// Bytes of the request.
        up: u64,
        /// Bytes of the answer.
        down: u64,
    },
    /// The cut exchange cannot be gone on with: the platform does not know how, or the budget is not the same.
    CannotContinue {
        /// Bytes of the request.
        up: u64,
        /// Bytes of the answer.
        down: u64,
    },
    /// Somebody on the way takes no more than so much at once.
    TooMuch {
        /// Bytes of the request.
        up: u64,
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// Go on with the exchange that was cut.
    Continue {
        /// Send the batch from this frame on; nothing of it, to ask what the platform has.
        from_frame: Option<u32>,
        /// Bytes that what is sent and what comes may have together.
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
    Idle(crate::Summary),
}
