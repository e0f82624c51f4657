//! A field book and a platform over real sockets, with a proxy between them that cuts connections at any byte, and makes the
//! link slow, late, lossy or rarely open. Nothing may be lost, nothing doubled, nothing left unsent, whatever is cut.
//!
//! The transport, the sockets and the platform's server are the real ones. A link that would take hours is played some
//! times faster, and says so: see [`Nature`].
//!
//! **Invariant:** what is judged is read from the platform's own database and files after it has stopped, never from what
//! either side said on the way.

mod bed;
mod judge;
mod link;
mod phone;
mod prepared;
mod profiles;
mod proxy;
mod sites;
mod storm;
mod sweep;
mod time;

use std::fmt;

pub use bed::Bed;
pub use judge::{Held, Key, Verdict, Wanted, judge};
pub use link::{Cut, Direction, Link, Nature, Style, Tally};
pub use profiles::{PROFILES, Profile, Profiled, play_as_is, play_profile};
pub use proxy::Proxy;
pub use sites::copy;
pub use storm::{Storm, storm};
pub use sweep::{Order, Swept, sweep};

/// Why a run could not be judged, or what the core or the platform did that it must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble(String);

impl Trouble {
    pub(crate) fn of(error: impl fmt::Debug) -> Self {
        Self(format!("{error:?}"))
    }

    pub(crate) fn say(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}
