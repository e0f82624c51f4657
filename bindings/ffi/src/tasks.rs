//! Tasks: list, accept, arrive, submit. All of it works with no network.

use std::sync::Arc;

use grid_fieldbook::ExtensionDraft;
use grid_model::deadline::Light;

use crate::attachments::kept;
use crate::position::point;
use crate::terms::{id, name, term, term_if, terms};
use crate::{FieldBook, FieldError, KeptAttachment, Position, RecordState, SavedRecord};

/// The due light of a task, by this phone's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum DueLight {
    /// Less than 80 % of the allowance is used.
    Green,
    /// 80 to 100 %.
    Yellow,
    /// Past due.
    Red,
    /// Nothing is left to do for its holder.
    Done,
}

/// A task: the platform's state plus own pending changes.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TaskView {
    /// Task id.
    pub id: String,
    /// Human number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Kind of matter: `dispute`, `hazard`, `public_order`, …
    pub case_kind: String,
    /// How much time it is given: `simple`, `general`, `complex`, `urgent`.
    pub level: String,
    /// Where it stands here: `assigned`, `accepted`, `on_site`, `submitted`, `rework`, `recalled`, …
    pub status: String,
    /// 15-digit grid code.
    pub grid_code: String,
    /// Where, in words.
    pub place_text: String,
    /// Dispatched, UTC ms.
    pub created_at_ms: i64,
    /// Due, UTC ms.
    pub due_at_ms: i64,
    /// Due light; not red while a request for more time waits.
    pub light: DueLight,
    /// Why it came back or was recalled.
    pub reason: Option<String>,
    /// The report arrived after the task had moved on; it is kept.
    pub late_report: bool,
    /// The least advanced state of own records on this task; none when there are none.
    pub own: Option<RecordState>,
    /// The request for more time that counts now; none while none was made.
    pub extension: Option<ExtensionView>,
}

/// A task of a list: it becomes a view while it crosses, and is let go of before the next one, so that a page of them is
/// in memory once.
pub type ListedTask = grid_fieldbook::TaskView;

uniffi::custom_type!(ListedTask, TaskView, {
    remote,
    lower: |task| task.into(),
    try_lift: |_view| Err(uniffi::deps::anyhow::Error::msg("a list of tasks crosses outwards only")),
});

/// A request for more time and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ExtensionView {
    /// Where it stands: `pending`, `granted`, `refused`, `late`, `superseded`.
    pub state: String,
    /// The due time that was wanted, UTC ms.
    pub wanted_due_ms: i64,
    /// Why it was refused.
    pub answer: Option<String>,
}

/// A disposition report (处置反馈).
#[derive(Clone, Debug, uniffi::Record)]
pub struct ReportDraft {
    /// What came of it: `solved`, `partly_solved`, `persuaded`, `mediated_agreed`, `not_found`, …
    pub result: String,
    /// The worker's words, at most 1,000 characters; `solved` needs five or a voice note.
    pub narrative: String,
    /// What was done: `cleaned`, `warned`, `mediated`, …
    #[uniffi(default)]
    pub measures: Vec<String>,
    /// Whether the person concerned was told: `yes`, `no`, `unreachable`.
    #[uniffi(default)]
    pub party_told: Option<String>,
    /// Form of an agreement reached: `oral`, `written`.
    #[uniffi(default)]
    pub agreement: Option<String>,
    /// Found and fixed on the spot.
    #[uniffi(default)]
    pub self_handled: bool,
    /// Where, if there was a fix.
    #[uniffi(default)]
    pub position: Option<Position>,
    /// What belongs to it, at most 20.
    #[uniffi(default)]
    pub attachments: Vec<Arc<KeptAttachment>>,
}

/// A checkpoint of a post.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Checkpoint {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// A post with its checkpoints.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PostView {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its checkpoints.
    pub checkpoints: Vec<Checkpoint>,
}

#[uniffi::export]
impl FieldBook {
    /// Tasks by due time; open ones only, or all that are on this phone.
    pub fn tasks(&self, open_only: bool, limit: u32) -> Result<Vec<ListedTask>, FieldError> {
        self.look(|book| Ok(book.tasks(open_only, limit)?))
    }

    /// One task.
    pub fn task(&self, task: String) -> Result<TaskView, FieldError> {
        let task = id("task", &task)?;
        self.look(|book| Ok(book.task(task)?.into()))
    }

    /// Accepts a task (签收). Durable before return.
    pub fn accept(&self, task: String) -> Result<SavedRecord, FieldError> {
        let task = id("task", &task)?;
        self.call(|book| Ok(book.accept(task)?.into()))
    }

    /// Records that the holder is on the scene (到场); implies accepting. Durable before return.
    #[uniffi::method(default(position = None))]
    pub fn arrive(&self, task: String, position: Option<Position>) -> Result<SavedRecord, FieldError> {
        let (task, point) = (id("task", &task)?, point(position)?);
        self.call(|book| Ok(book.arrive(task, point)?.into()))
    }

    /// Submits a disposition report (处置反馈); implies arriving. A second one before review amends the first. Durable before
    /// return.
    pub fn submit(&self, task: String, draft: ReportDraft) -> Result<SavedRecord, FieldError> {
        let (task, draft) = (id("task", &task)?, draft.checked()?);
        self.call(|book| Ok(book.submit(task, draft)?.into()))
    }

    /// Asks for more time (申请延期), by the due time at the latest. A newer request takes the place of one that waits. Durable
    /// before return.
    pub fn request_extension(
        &self,
        task: String,
        wanted_due_ms: i64,
        reason: String,
    ) -> Result<SavedRecord, FieldError> {
        let task = id("task", &task)?;
        let draft = ExtensionDraft {
            wanted_due_ms,
            reason,
        };
        self.call(|book| Ok(book.request_extension(task, draft)?.into()))
    }

    /// The posts and checkpoints this phone knows, by code.
    pub fn posts(&self) -> Result<Vec<PostView>, FieldError> {
        self.look(|book| Ok(book.posts()?.into_iter().map(PostView::from).collect()))
    }
}

impl ReportDraft {
    pub(crate) fn checked(self) -> Result<grid_fieldbook::ReportDraft, FieldError> {
        Ok(grid_fieldbook::ReportDraft {
            result: term("result", &self.result)?,
            measures: terms("measures", &self.measures)?,
            narrative: self.narrative,
            party_told: term_if("party_told", self.party_told.as_deref())?,
            agreement: term_if("agreement", self.agreement.as_deref())?,
            self_handled: self.self_handled,
            point: point(self.position)?,
            attachments: kept(&self.attachments),
        })
    }
}

impl From<grid_fieldbook::TaskView> for TaskView {
    fn from(view: grid_fieldbook::TaskView) -> Self {
        Self {
            id: view.id.to_string(),
            no: view.no,
            title: view.title,
            description: view.description,
            case_kind: name(view.case_kind),
            level: name(view.level),
            status: name(view.status),
            grid_code: view.grid_code,
            place_text: view.place_text,
            created_at_ms: view.created_at_ms,
            due_at_ms: view.due_at_ms,
            light: match view.light {
                Light::Green => DueLight::Green,
                Light::Yellow => DueLight::Yellow,
                Light::Red => DueLight::Red,
                Light::Done => DueLight::Done,
            },
            reason: view.reason,
            late_report: view.late_report,
            own: view.own.map(RecordState::from),
            extension: view.extension.map(|asked| ExtensionView {
                state: name(asked.state),
                wanted_due_ms: asked.wanted_due_ms,
                answer: asked.answer,
            }),
        }
    }
}

impl From<grid_fieldbook::PostView> for PostView {
    fn from(view: grid_fieldbook::PostView) -> Self {
        let checkpoint = |(code, name)| Checkpoint { code, name };
        Self {
            code: view.code,
            name: view.name,
            checkpoints: view.checkpoints.into_iter().map(checkpoint).collect(),
        }
    }
}
