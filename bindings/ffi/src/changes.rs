//! What a sync changed that a worker should look at.

use grid_fieldbook::{Change, TaskNews};

use crate::RecordView;
use crate::terms::name;

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SyncChange {
    /// A task is not as it was.
    Task {
        /// Task id.
        id: String,
        /// Human number.
        no: String,
        /// Title.
        title: String,
        /// What is new about it; at least one thing.
        news: Vec<TaskChange>,
    },
    /// A record was sent back; its state tells why.
    SentBack {
        /// The record.
        record: RecordView,
    },
}

/// What is new about a task.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TaskChange {
    /// It was not here before.
    New {
        /// When it is due, UTC ms.
        due_at_ms: i64,
    },
    /// It stands elsewhere, and not by an own record.
    Status {
        /// Where it stood: `assigned`, `accepted`, …
        from: String,
        /// Where it stands now.
        to: String,
        /// Why it was recalled or sent back.
        reason: Option<String>,
    },
    /// It is due at another time.
    Due {
        /// When it was due, UTC ms.
        from_ms: i64,
        /// When it is due now, UTC ms.
        to_ms: i64,
    },
    /// Title, description or place were changed.
    Text,
    /// An own report came behind a recall or a decision, or another one leads. It is kept.
    ReportKeptBeside,
    /// A request for more time was answered, or came too late.
    Extension {
        /// What became of it: `granted`, `refused`, `late`, `superseded`.
        state: String,
        /// Why it was refused.
        answer: Option<String>,
    },
    /// It is none of this person's any more. Own records about it stay.
    Gone,
}

impl From<Change> for SyncChange {
    fn from(change: Change) -> Self {
        match change {
            Change::Task { id, no, title, news } => Self::Task {
                id: id.to_string(),
                no,
                title,
                news: news.into_iter().map(TaskChange::from).collect(),
            },
            Change::SentBack { record, .. } => Self::SentBack {
                record: record.into(),
            },
        }
    }
}

impl From<TaskNews> for TaskChange {
    fn from(news: TaskNews) -> Self {
        match news {
            TaskNews::New { due_at_ms } => Self::New { due_at_ms },
            TaskNews::Status { from, to, reason } => Self::Status {
                from: name(from),
                to: name(to),
                reason,
            },
            TaskNews::Due { from_ms, to_ms } => Self::Due { from_ms, to_ms },
            TaskNews::Text => Self::Text,
            TaskNews::ReportKeptBeside => Self::ReportKeptBeside,
            TaskNews::Extension { state, answer } => Self::Extension {
                state: name(state),
                answer,
            },
            TaskNews::Gone => Self::Gone,
        }
    }
}
