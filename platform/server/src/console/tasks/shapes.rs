//! The JSON of tasks.

use grid_hub::views;
use grid_model::Coded as _;
use grid_model::deadline::Light;
use serde::Serialize;
use utoipa::ToSchema;

use crate::console::Named;
use crate::console::fact;
use crate::console::shapes::{Attachment, attachments};
use crate::time::rfc3339;

/// A task in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskSummary {
    /// UUID.
    id: String,
    /// Human number.
    no: String,
    /// Title.
    title: String,
    /// Kind of matter.
    case_kind: String,
    /// `simple`, `general`, `complex` or `urgent`.
    level: String,
    /// Where it stands.
    status: String,
    /// Who has it.
    holder: Named,
    /// 15 digits; may be empty.
    grid_code: String,
    /// Where, in words.
    place_text: String,
    /// When it was dispatched. RFC 3339.
    created_at: String,
    /// When a device of the holder had it. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<String>,
    /// When it is due. RFC 3339.
    due_at: String,
    /// When the work was done, by the fact's own time. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at: Option<String>,
    /// How that time is known: anchored, inherited, suspect, server; absent while undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_clock: Option<String>,
    /// `open`, `on_time`, `overdue` (even the earliest moment of the work lies past the due time), `undecided` (the time of
    /// the work is suspect, or a request for more time waits that was made in time), `stopped` (ended without being done).
    timeliness: &'static str,
    /// A report arrived after the task had been recalled and waits for a decision.
    late_report: bool,
    /// A request for more time waits for an answer.
    extension_waits: bool,
    /// The due light: green, yellow, red, done; not red while a request waits that was made in time, up to the time it wants.
    light: &'static str,
    /// What a decision must name.
    revision: u64,
    /// Photos that its records name.
    photos_expected: u32,
    /// Those whose bytes are here.
    photos_here: u32,
}

/// A task with everything that happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskDetail {
    #[serde(flatten)]
    summary: TaskSummary,
    /// What it is about.
    description: String,
    /// What happened, oldest first.
    log: Vec<TaskEvent>,
    /// The requests for more time, in the order they arrived.
    extensions: Vec<Extension>,
    /// The reports, in the order they arrived.
    reports: Vec<Report>,
    /// Every attachment its reports name.
    attachments: Vec<Attachment>,
}

/// One line of a task's log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskEvent {
    /// Position in the platform's order.
    position: u64,
    /// What happened.
    event: String,
    /// Who did it.
    actor: Named,
    /// Status before.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// Status after.
    to: String,
    /// Reason as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_code: Option<String>,
    /// Reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason_text: Option<String>,
    /// When it happened, by the best evidence. RFC 3339.
    occurred_at: String,
    /// When the platform learned of it. RFC 3339.
    received_at: String,
    /// How far the time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// When it was due before this line moved the due time. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_from: Option<String>,
    /// When it was due then. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_to: Option<String>,
}

/// A request for more time with what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Extension {
    /// Who asked.
    author: Named,
    /// The due time he wants. RFC 3339.
    wanted_due_at: String,
    /// The due time that was in force when he asked. RFC 3339.
    due_then: String,
    /// Why, in his words.
    reason: String,
    /// `pending`, `granted`, `refused`, `late` (made after the due time: kept, and moves nothing) or `superseded` (a newer
    /// one, or the due time itself, took its place).
    state: String,
    /// When he asked, by the best evidence. RFC 3339.
    occurred_at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// When the platform received it. RFC 3339.
    received_at: String,
    /// Who answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<Named>,
    /// When. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<String>,
    /// The due time that was given. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    given_due_at: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

/// A report with what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Report {
    /// 1 for the first; an amendment counts on.
    version: u32,
    /// What came of it.
    result: String,
    /// What was done.
    measures: Vec<String>,
    /// The worker's words.
    narrative: String,
    /// Whether the person concerned was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    party_told: Option<String>,
    /// When the work was done, by the best evidence. RFC 3339.
    occurred_at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// When the platform received it. RFC 3339.
    received_at: String,
    /// Kept beside a task that was already decided.
    supplement: bool,
    /// Arrived after the task had been recalled.
    late: bool,
    /// What belongs to it.
    attachments: Vec<Attachment>,
    /// The fact itself, as in a record.
    #[schema(value_type = Object)]
    fact: serde_json::Value,
}

impl From<views::TaskSummary> for TaskSummary {
    fn from(view: views::TaskSummary) -> Self {
        Self {
            id: view.id.to_string(),
            no: view.no,
            title: view.title,
            case_kind: view.case_kind.name().into_owned(),
            level: view.level.name().into_owned(),
            status: view.status.name().into_owned(),
            holder: view.holder.into(),
            grid_code: view.grid_code,
            place_text: view.place_text,
            created_at: rfc3339(view.created_at_ms),
            delivered_at: view.delivered_at_ms.map(rfc3339),
            due_at: rfc3339(view.due_at_ms),
            done_at: view.done_at_ms.map(rfc3339),
            done_clock: view.done_clock.map(|clock| clock.name().into_owned()),
            timeliness: view.timeliness.name(),
            late_report: view.late_report,
            extension_waits: view.extension_waits,
            light: light(view.light),
            revision: view.revision,
            photos_expected: view.photos_expected,
            photos_here: view.photos_here,
        }
    }
}

const fn light(light: Light) -> &'static str {
    match light {
        Light::Green => "green",
        Light::Yellow => "yellow",
        Light::Red => "red",
        Light::Done => "done",
    }
}

impl From<views::TaskDetail> for TaskDetail {
    fn from(view: views::TaskDetail) -> Self {
        Self {
            summary: view.summary.into(),
            description: view.description,
            log: view.log.into_iter().map(TaskEvent::from).collect(),
            extensions: view.extensions.into_iter().map(Extension::from).collect(),
            reports: view.reports.into_iter().map(Report::from).collect(),
            attachments: attachments(view.attachments),
        }
    }
}

impl From<views::TaskEventView> for TaskEvent {
    fn from(view: views::TaskEventView) -> Self {
        Self {
            position: view.position,
            event: view.event.name().into_owned(),
            actor: view.actor.into(),
            from: view.from.map(|status| status.name().into_owned()),
            to: view.to.name().into_owned(),
            reason_code: view.reason_code.map(|code| code.name().into_owned()),
            reason_text: view.reason_text,
            occurred_at: rfc3339(view.occurred_at_ms),
            received_at: rfc3339(view.received_at_ms),
            clock: view.clock.name().into_owned(),
            due_from: view.due_moved.map(|moved| rfc3339(moved.from_ms)),
            due_to: view.due_moved.map(|moved| rfc3339(moved.to_ms)),
        }
    }
}

impl From<views::ExtensionView> for Extension {
    fn from(view: views::ExtensionView) -> Self {
        Self {
            author: view.author.into(),
            wanted_due_at: rfc3339(view.wanted_due_ms),
            due_then: rfc3339(view.due_then_ms),
            reason: view.reason,
            state: view.state.name().into_owned(),
            occurred_at: rfc3339(view.occurred_at_ms),
            clock: view.clock.name().into_owned(),
            received_at: rfc3339(view.received_at_ms),
            decided_by: view.decided_by.map(Named::from),
            decided_at: view.decided_at_ms.map(rfc3339),
            given_due_at: view.given_due_ms.map(rfc3339),
            answer: view.answer,
        }
    }
}

impl From<views::ReportView> for Report {
    fn from(view: views::ReportView) -> Self {
        let fact = fact::report(&view.fact);
        Self {
            version: view.fact.version,
            result: view.fact.result.name().into_owned(),
            measures: view
                .fact
                .measures
                .iter()
                .map(|measure| measure.name().into_owned())
                .collect(),
            narrative: view.fact.narrative,
            party_told: view.fact.party_told.map(|told| told.name().into_owned()),
            occurred_at: rfc3339(view.occurred_at_ms),
            clock: view.clock.name().into_owned(),
            received_at: rfc3339(view.received_at_ms),
            supplement: view.supplement,
            late: view.late,
            attachments: attachments(view.attachments),
            fact,
        }
    }
}
