//! What a sync changed that a worker should look at: collected while pages are laid in, bounded however long they are.

use std::collections::{BTreeMap, BTreeSet};

use grid_model::id::{Seq, TaskId};
use grid_model::terms::ParkReason;
use grid_model::{ExtensionState, TaskStatus};
use grid_store::{Dropped, RecordState, TaskBase};
use grid_wire::{TaskRow, decode};

use crate::status::record_view;
use crate::{FieldBook, FieldError, RecordView};

/// Most changes that are listed.
pub const CHANGES_MAX: usize = 200;
/// Records that were sent back, looked at before and after a sync.
const PARKED_READ: u32 = 1_000;

/// What a worker should look at after a sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Tasks in the order they were told, then records that were sent back; at most [`CHANGES_MAX`].
    pub items: Vec<Change>,
    /// Changes that are not listed.
    pub more: u64,
}

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A task is not as it was.
    Task {
        /// Which task.
        id: TaskId,
        /// Its human number.
        no: String,
        /// Its title.
        title: String,
        /// What is new about it; at least one thing.
        news: Vec<TaskNews>,
    },
    /// A record was sent back; another one may stand in its place (`conflict`).
    SentBack {
        /// The record.
        record: RecordView,
        /// Why.
        reason: ParkReason,
    },
}

/// What is new about a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskNews {
    /// It was not here before.
    New {
        /// When it is due, UTC ms.
        due_at_ms: i64,
    },
    /// It stands elsewhere, and not by an own record.
    Status {
        /// Where it stood here.
        from: TaskStatus,
        /// Where it stands now.
        to: TaskStatus,
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
    /// An own report does not count: it came behind a recall or a decision, or another one leads. It is kept.
    ReportKeptBeside,
    /// A request for more time was answered, or came too late.
    Extension {
        /// What became of it.
        state: ExtensionState,
        /// Why it was refused.
        answer: Option<String>,
    },
    /// It is none of this person's any more. Own records about it stay.
    Gone,
}

/// A task as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stood {
    row: TaskRow,
    status: TaskStatus,
}

impl Stood {
    fn of(base: &TaskBase) -> Option<Self> {
        let row = decode(&base.body, "task row").ok()?;
        let status = base.local_status;
        Some(Self { row, status })
    }
}

/// Before and after, of what changed so far.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    parked: BTreeSet<Seq>,
    tasks: Vec<(TaskId, Option<Stood>, Option<Stood>)>,
    places: BTreeMap<TaskId, usize>,
    more: u64,
}

impl Changed {
    /// Begins with what was sent back before.
    pub(crate) fn since_now(book: &FieldBook) -> Result<Self, FieldError> {
        let parked = book
            .store
            .read(|tx| tx.parked(PARKED_READ).map_err(FieldError::from))?;
        Ok(Self {
            parked: parked.iter().map(|record| record.place).collect(),
            ..Self::default()
        })
    }

    /// The platform told of a task: how it stood here, and how it stands with own pending changes on top.
    pub(crate) fn task_is_told(&mut self, known: Option<&TaskBase>, now: &TaskBase) {
        let is_same =
            known.is_some_and(|known| known.body == now.body && known.local_status == now.local_status);
        if is_same {
            return;
        }
        let is_listed = self.places.contains_key(&now.id);
        if known.is_none() && !is_listed {
            // History that a phone fetches is no news, and a long list is only counted.
            if !now.local_status.is_open_for_holder() {
                return;
            }
            if self.tasks.len() >= CHANGES_MAX {
                self.more += 1;
                return;
            }
        }
        let after = Stood::of(now);
        if let Some((_, _, last)) = self.place(now.id) {
            *last = after;
            return;
        }
        let before = known.and_then(Stood::of);
        if !news(before.as_ref(), after.as_ref()).is_empty() {
            self.note(now.id, before, after);
        }
    }

    /// A task went.
    pub(crate) fn task_is_gone(&mut self, known: &TaskBase) {
        if let Some((_, _, last)) = self.place(known.id) {
            *last = None;
            return;
        }
        self.note(known.id, Stood::of(known), None);
    }

    /// Tasks that the platform did not tell again went.
    pub(crate) fn were_dropped(&mut self, dropped: &Dropped) {
        dropped.named.iter().for_each(|task| self.task_is_gone(task));
        self.more += dropped.tasks.saturating_sub(dropped.named.len() as u64);
    }

    fn place(&mut self, id: TaskId) -> Option<&mut (TaskId, Option<Stood>, Option<Stood>)> {
        let at = *self.places.get(&id)?;
        self.tasks.get_mut(at)
    }

    fn note(&mut self, id: TaskId, before: Option<Stood>, after: Option<Stood>) {
        if self.tasks.len() >= CHANGES_MAX {
            self.more += 1;
            return;
        }
        self.places.insert(id, self.tasks.len());
        self.tasks.push((id, before, after));
    }

    /// Everything that changed, in the end.
    pub(crate) fn finish(self, book: &FieldBook) -> Changes {
        let mut changes = Changes {
            items: Vec::new(),
            more: self.more,
        };
        for (id, before, after) in self.tasks {
            let news = news(before.as_ref(), after.as_ref());
            let shown = after.or(before);
            if let (false, Some(shown)) = (news.is_empty(), shown) {
                let (no, title) = (shown.row.no, shown.row.title);
                changes.items.push(Change::Task { id, no, title, news });
            }
        }
        // The sync is over and stands: trouble here is not its failure.
        let parked = book
            .store
            .read(|tx| tx.parked(PARKED_READ).map_err(FieldError::from))
            .inspect_err(|error| log::warn!("what was sent back cannot be listed: {error}"))
            .unwrap_or_default();
        for row in parked
            .iter()
            .rev()
            .filter(|row| !self.parked.contains(&row.place))
        {
            let RecordState::Parked(reason) = row.state else {
                continue;
            };
            if changes.items.len() < CHANGES_MAX {
                let record = record_view(row);
                changes.items.push(Change::SentBack { record, reason });
            } else {
                changes.more += 1;
            }
        }
        changes
    }
}

/// What is new about a task that stood so and stands so now.
fn news(before: Option<&Stood>, after: Option<&Stood>) -> Vec<TaskNews> {
    let (before, after) = match (before, after) {
        // History that a phone fetches is no news.
        (None, Some(after)) if after.status.is_open_for_holder() => {
            let due_at_ms = after.row.due_at_ms;
            return vec![TaskNews::New { due_at_ms }];
        }
        (Some(_), None) => return vec![TaskNews::Gone],
        (Some(before), Some(after)) => (before, after),
        _ => return Vec::new(),
    };
    let mut news = Vec::new();
    if before.status != after.status {
        news.push(TaskNews::Status {
            from: before.status,
            to: after.status,
            reason: after.row.reason.clone(),
        });
    }
    if before.row.due_at_ms != after.row.due_at_ms {
        news.push(TaskNews::Due {
            from_ms: before.row.due_at_ms,
            to_ms: after.row.due_at_ms,
        });
    }
    let texts = |row: &TaskRow| (row.title.clone(), row.description.clone(), row.place_text.clone());
    if texts(&before.row) != texts(&after.row) {
        news.push(TaskNews::Text);
    }
    if !before.row.late_report && after.row.late_report {
        news.push(TaskNews::ReportKeptBeside);
    }
    // That it waits is an echo of what was asked here.
    let answered = after.row.extension.as_ref();
    let answered = answered.filter(|asked| asked.state != ExtensionState::Pending);
    if let Some(asked) = answered.filter(|_| before.row.extension != after.row.extension) {
        news.push(TaskNews::Extension {
            state: asked.state,
            answer: asked.answer.clone(),
        });
    }
    news
}
