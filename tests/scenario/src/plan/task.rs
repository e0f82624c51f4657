//! Assigned tasks: what the dispatcher does with each of them, and what must be shown in the end.

use serde::{Deserialize, Serialize};

/// What becomes of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Story {
    /// Reached the phone before the cut; nobody works on it.
    Untouched,
    /// Reached the phone before the cut; accepted offline.
    Accepted,
    /// Reached the phone before the cut; accepted, and the holder has arrived, offline.
    OnSite,
    /// Reached the phone before the cut; reported offline.
    Submitted,
    /// Reached the phone before the cut; taken back during the cut, and nobody had worked on it.
    RecalledUntouched,
    /// Reached the phone before the cut; taken back during the cut, while the holder finished it offline.
    RecalledFinished,
    /// Handed out during the cut; reaches the phone with the first window.
    MidcutUntouched,
    /// Handed out during the cut and taken back during the cut: the phone never had it as its own.
    MidcutRecalled,
}

/// What the platform must show of a task when everything has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// Name of the status.
    pub status: String,
    /// Whether a report came for a task that had been taken back.
    pub late_report: bool,
}

/// One assigned task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "title to place_text are the fields of the dispatch")]
pub struct PlannedTask {
    /// The plan's own number. The platform gives another one: see [`crate::Received::name_task`].
    pub no: String,
    pub title: String,
    pub description: String,
    pub case_kind: String,
    pub level: String,
    pub place_text: String,
    /// 15 digits, ours.
    pub grid_code: String,
    /// Only for a complex task: when it must be done.
    pub due_at_ms: Option<i64>,
    /// Only for a complex task: why it has a date of its own.
    pub due_reason: Option<String>,
    /// Who holds it: an officer.
    pub holder: usize,
    /// When the dispatcher hands it out.
    pub dispatched_at_ms: i64,
    /// Whether it must be on the phone when the link is cut.
    pub before_cut: bool,
    /// When the dispatcher takes it back.
    pub recalled_at_ms: Option<i64>,
    /// Why he takes it back.
    pub recall_reason: Option<String>,
    /// What becomes of it.
    pub story: Story,
    /// What must be shown in the end.
    pub expected: Expected,
}

/// Something the dispatcher does at the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeskAction {
    /// When, UTC ms.
    pub at_ms: i64,
    /// With which task.
    pub task: usize,
    /// What.
    pub deed: Deed,
}

/// What a dispatcher does with a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Hands it out.
    Dispatch,
    /// Takes it back.
    Recall,
}

impl Story {
    /// Whether the holder does anything with it.
    pub fn is_worked_on(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::OnSite | Self::Submitted | Self::RecalledFinished
        )
    }

    /// Whether it must be on the phone when the link is cut.
    pub fn is_before_cut(self) -> bool {
        !matches!(self, Self::MidcutUntouched | Self::MidcutRecalled)
    }

    /// Whether the dispatcher takes it back.
    pub fn is_recalled(self) -> bool {
        matches!(
            self,
            Self::RecalledUntouched | Self::RecalledFinished | Self::MidcutRecalled
        )
    }

    /// What the platform must show of it in the end.
    pub fn expected(self) -> Expected {
        let status = match self {
            Self::Untouched | Self::MidcutUntouched => "assigned",
            Self::Accepted => "accepted",
            Self::OnSite => "on_site",
            Self::Submitted => "submitted",
            Self::RecalledUntouched | Self::RecalledFinished | Self::MidcutRecalled => "recalled",
        };
        Expected {
            status: status.to_owned(),
            late_report: self == Self::RecalledFinished,
        }
    }
}
