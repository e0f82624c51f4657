//! The plan: everything that happens in a scenario, in order, in plain types of its own.
//!
//! Indexes (`officer`, `phone`, `task`, `patrol`, `case`, `photo`) count from 0 in the plan's lists. They are the
//! plan's own: the ids that travel are born on the phone or on the platform. Times are UTC milliseconds.

mod action;
mod digest;
mod task;

use serde::{Deserialize, Serialize};

pub use action::{Action, Birth, Dispute, Party, Report, Shot, What};
pub use task::{Deed, DeskAction, Expected, PlannedTask, Story};

/// A position as a record carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// Latitude, 1e-7 degrees.
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees.
    pub lon_e7: i32,
    /// Claimed accuracy, decimetres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy_dm: Option<u32>,
}

/// A place of the scenario: a post or a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Code that records carry.
    pub code: String,
    /// Name.
    pub name: String,
    /// True when no source names it.
    pub invented: bool,
    /// Where it is.
    pub point: Point,
}

/// A post with its checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// The post itself.
    pub place: Place,
    /// Village code and a running number, 15 digits: ours, no real grid.
    pub grid_code: String,
    /// What its patrols visit.
    pub checkpoints: Vec<Place>,
}

/// A phone. Each officer on it has a vault of his own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    /// What is written on its back.
    pub label: String,
    /// `android` or `ios`.
    pub platform: String,
    /// Who uses it.
    pub officers: Vec<usize>,
}

/// An officer: a role and a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Officer {
    /// Number by which records name him.
    pub job_no: String,
    /// Role.
    pub label: String,
    /// His phone.
    pub phone: usize,
    /// Code of his post.
    pub post: String,
}

/// One patrol, summed up from its actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patrol {
    /// Who walks it.
    pub officer: usize,
    /// Code of the post.
    pub post: String,
    /// First action.
    pub started_at_ms: i64,
    /// Last action.
    pub ended_at_ms: i64,
    /// How many fixes it records.
    pub fixes: u32,
}

/// One photo; its bytes come from [`Plan::photo_jpeg`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Photo {
    /// Who takes it.
    pub officer: usize,
    /// When, which is the time of the record that names it.
    pub taken_at_ms: i64,
    /// What it shows: before, during, after, agreement.
    pub role: String,
}

/// How large photos are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// Smallest file.
    pub bytes_min: usize,
    /// Largest file.
    pub bytes_max: usize,
}

/// One stretch of time with a link, the same for every phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The link comes.
    pub opens_at_ms: i64,
    /// The link goes.
    pub closes_at_ms: i64,
}

/// What the link is like inside a window, for each phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// From the phone.
    pub up_bits_per_s: u32,
    /// To the phone.
    pub down_bits_per_s: u32,
    /// Round trip.
    pub rtt_ms: u32,
    /// Share of requests cut after the platform has stored them.
    pub cut_percent: u32,
}

/// Everything that happens, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What the scenario is called.
    pub name: String,
    /// The seed it was made from.
    pub seed: u64,
    /// 12-digit code of the village.
    pub village_code: String,
    /// Phones are enrolled from here on, and the first tasks handed out.
    pub enrol_at_ms: i64,
    /// The link is cut. Every phone has had an exchange shortly before.
    pub cut_at_ms: i64,
    /// The link is there again, in windows.
    pub back_at_ms: i64,
    /// The posts.
    pub posts: Vec<Post>,
    /// The phones.
    pub phones: Vec<Phone>,
    /// The officers.
    pub officers: Vec<Officer>,
    /// The assigned tasks, in the order of their dispatch.
    pub tasks: Vec<PlannedTask>,
    /// The patrols.
    pub patrols: Vec<Patrol>,
    /// How many cases are born on phones: disputes and rescues.
    pub cases: u32,
    /// The photos, in the order in which they are taken.
    pub photos: Vec<Photo>,
    /// How large they are.
    pub frame: Frame,
    /// What the officers do, sorted by time.
    pub actions: Vec<Action>,
    /// When the link is there after the cut.
    pub windows: Vec<Window>,
    /// What it is like.
    pub link: Link,
}

impl Plan {
    /// The bytes of one photo: always the same for this seed.
    pub fn photo_jpeg(&self, photo: usize) -> Vec<u8> {
        crate::photo::jpeg(self.seed, photo as u64, self.frame)
    }

    /// What the dispatcher does, sorted by time.
    pub fn desk(&self) -> Vec<DeskAction> {
        let dispatched = |(task, planned): (usize, &PlannedTask)| {
            let recall = planned.recalled_at_ms.map(|at_ms| DeskAction {
                at_ms,
                task,
                deed: Deed::Recall,
            });
            [
                Some(DeskAction {
                    at_ms: planned.dispatched_at_ms,
                    task,
                    deed: Deed::Dispatch,
                }),
                recall,
            ]
        };
        let mut desk: Vec<_> = self
            .tasks
            .iter()
            .enumerate()
            .flat_map(dispatched)
            .flatten()
            .collect();
        desk.sort_by_key(|action| (action.at_ms, action.task));
        desk
    }

    /// What one officer does, sorted by time.
    pub fn actions_of(&self, officer: usize) -> impl Iterator<Item = &Action> {
        self.actions
            .iter()
            .filter(move |action| action.officer == officer)
    }

    /// Whether the answer to the n-th request after the cut is lost although the platform has stored the request.
    pub fn is_cut(&self, request: u64) -> bool {
        digest::lot(self.seed, request) % 100 < u64::from(self.link.cut_percent)
    }

    /// A digest of everything above, hex: equal for equal plans.
    pub fn digest(&self) -> String {
        digest::of(self)
    }
}
