//! The records as what a worker does with the field book: updates move and report on tasks that are in the store,
//! observations belong to a running patrol, tasks are matters found in the field.

use std::collections::BTreeMap;

use grid_fieldbook::{CaseDraft, ObservationDraft, ReportDraft};
use grid_model::id::{CaseId, PatrolId, TaskId};
use grid_model::lane::Lane;
use grid_model::terms::{CaseKind, Level, ObservationKind, ReportResult};
use grid_model::time::{Anchor, Stamp};
use grid_model::{Point, TaskEvent, TaskStatus};
use grid_store::{CaseRow, TaskBase};
use grid_vault::sha256;
use grid_wire::fact::{Arrived, CaseReported, Observed, Report};
use grid_wire::{Body, Fact, TaskRow, encode};

use crate::record::{Kind, Record};

/// The patrol that observations belong to.
pub const PATROL: PatrolId = PatrolId([7; 16]);
/// The last platform time this phone knew.
pub const ANCHOR: Anchor = Anchor {
    server_ms: 1_780_271_000_000,
    mono_ms: 5_000,
    width_ms: 40,
    boot: 0x5eed_b007,
    wall_ms: 1_780_271_000_300,
};

/// One thing the worker does.
#[derive(Clone, Debug)]
pub enum Step {
    /// Accepts a task.
    Accept(TaskId),
    /// Is on the scene.
    Arrive(TaskId, Point),
    /// Reports on a task: the first time, or what it adds to the report before.
    Submit(TaskId, u32, ReportDraft),
    /// Has seen something.
    Observe(ObservationDraft),
    /// Reports a matter that was found.
    Found(CaseId, CaseDraft),
}

/// What changes beside the log.
pub enum View {
    /// Nothing.
    None,
    /// A task stands elsewhere.
    Task(TaskId, TaskStatus),
    /// A case is born.
    Case(CaseRow),
}

/// The work of a round.
pub struct Plan {
    /// Tasks that the platform has dispatched before.
    pub tasks: Vec<TaskBase>,
    /// What is done then, in order, with the time of each.
    pub steps: Vec<(i64, Step)>,
}

/// The work that these records make.
pub fn plan(records: &[Record]) -> Plan {
    let mut tasks: BTreeMap<TaskId, TaskBase> = BTreeMap::new();
    for record in records {
        let of = match record.kind {
            Kind::Task => &record.id,
            Kind::Update => record.task.as_ref().unwrap_or(&record.id),
            Kind::Observation => continue,
        };
        let id = TaskId(id16(of));
        if record.kind == Kind::Task || !tasks.contains_key(&id) {
            tasks.insert(id, task(id, record, TaskStatus::Assigned));
        }
    }
    let mut stand: BTreeMap<TaskId, (TaskStatus, u32)> = BTreeMap::new();
    let steps = records
        .iter()
        .map(|record| (record.at, step(record, &mut stand)))
        .collect();
    Plan {
        tasks: tasks.into_values().collect(),
        steps,
    }
}

fn step(record: &Record, stand: &mut BTreeMap<TaskId, (TaskStatus, u32)>) -> Step {
    match record.kind {
        Kind::Update => {
            let id = TaskId(id16(record.task.as_ref().unwrap_or(&record.id)));
            let (status, reports) = stand.entry(id).or_insert((TaskStatus::Assigned, 0));
            let early = match record.state.as_str() {
                "已接单" => Some((TaskEvent::Accept, Step::Accept(id))),
                "到场" => Some((TaskEvent::Arrive, Step::Arrive(id, point(record)))),
                _ => None,
            };
            if let Some((event, step)) = early
                && let Some(next) = status.after(event)
            {
                *status = next;
                return step;
            }
            *status = TaskStatus::Submitted;
            *reports += 1;
            let mut draft = ReportDraft::new(ReportResult::Solved, record.note.clone());
            draft.point = Some(point(record));
            Step::Submit(id, *reports, draft)
        }
        Kind::Observation => Step::Observe(ObservationDraft {
            kind: if record.state == "水位" {
                ObservationKind::Hazard
            } else {
                ObservationKind::Facility
            },
            note: record.note.clone(),
            point: Some(point(record)),
            attachments: Vec::new(),
        }),
        Kind::Task => Step::Found(
            CaseId(id16(&record.id)),
            CaseDraft {
                case_kind: CaseKind::Environment,
                title: record.title.clone().unwrap_or_default(),
                description: record.note.clone(),
                place_text: record.addr.clone().unwrap_or_default(),
                point: Some(point(record)),
                dispute: None,
                attachments: Vec::new(),
            },
        ),
    }
}

impl Step {
    /// Its lane, what it says, and what it changes beside the log: what the field book makes of the same call.
    pub fn fact(self, at_ms: i64) -> (Lane, Fact, View) {
        match self {
            Self::Accept(id) => {
                let view = View::Task(id, TaskStatus::Accepted);
                (Lane::task(id), Fact::TaskAccepted, view)
            }
            Self::Arrive(id, point) => {
                let fact = Fact::TaskArrived(Arrived { point: Some(point) });
                (Lane::task(id), fact, View::Task(id, TaskStatus::OnSite))
            }
            Self::Submit(id, version, draft) => {
                let fact = Fact::ReportSubmitted(Report {
                    version,
                    result: draft.result,
                    measures: draft.measures,
                    narrative: draft.narrative,
                    party_told: draft.party_told,
                    agreement: draft.agreement,
                    self_handled: draft.self_handled,
                    point: draft.point,
                    attachments: Vec::new(),
                });
                (Lane::task(id), fact, View::Task(id, TaskStatus::Submitted))
            }
            Self::Observe(draft) => {
                let fact = Fact::Observed(Observed {
                    observation_kind: draft.kind,
                    note: draft.note,
                    point: draft.point,
                    attachments: Vec::new(),
                });
                (Lane::patrol(PATROL), fact, View::None)
            }
            Self::Found(id, draft) => found(id, draft, at_ms),
        }
    }
}

fn found(id: CaseId, draft: CaseDraft, at_ms: i64) -> (Lane, Fact, View) {
    let row = CaseRow {
        id,
        urgent: false,
        case_kind: draft.case_kind,
        title: draft.title.clone(),
        place_text: draft.place_text.clone(),
        reported_at_ms: at_ms,
        reports: 0,
    };
    let fact = Fact::CaseReported(CaseReported {
        case_kind: draft.case_kind,
        title: draft.title,
        description: draft.description,
        place_text: draft.place_text,
        point: draft.point,
        dispute: None,
        attachments: Vec::new(),
    });
    (Lane::case(id), fact, View::Case(row))
}

/// A fact recorded at this time.
pub fn body(at_ms: i64, fact: Fact) -> Body {
    let stamp = Stamp {
        wall_ms: at_ms,
        mono_ms: at_ms - ANCHOR.wall_ms,
        boot: ANCHOR.boot,
        anchor: Some(ANCHOR),
    };
    Body { stamp, fact }
}

/// The bodies that these steps write, for whoever keeps nothing else.
pub fn bodies(steps: &[(i64, Step)]) -> Vec<Vec<u8>> {
    let each = steps.iter();
    each.map(|(at, step)| body(*at, step.clone().fact(*at).1).to_bytes())
        .collect()
}

/// A task as the platform sends it.
pub fn task(id: TaskId, record: &Record, status: TaskStatus) -> TaskBase {
    let due_at_ms = record.due.unwrap_or(record.at + 86_400_000);
    let title = record
        .title
        .clone()
        .unwrap_or_else(|| record.note.chars().take(20).collect());
    let row = TaskRow {
        no: format!("DL-2026-{}", &record.id[record.id.len().saturating_sub(6)..]),
        title,
        description: record.note.clone(),
        case_kind: CaseKind::Environment,
        level: Level::General,
        status,
        grid_code: "210681005002003".to_owned(),
        place_text: record.addr.clone().unwrap_or_default(),
        created_at_ms: record.at,
        due_at_ms,
        reason: None,
        late_report: false,
        covers: 0,
        extension: None,
    };
    TaskBase {
        id,
        revision: 1,
        body: encode(&row),
        local_status: status,
        due_at_ms,
    }
}

fn point(record: &Record) -> Point {
    Point {
        lat_e7: (record.lat * 1e7) as i32,
        lon_e7: (record.lng * 1e7) as i32,
        accuracy_dm: Some((record.acc * 10.0) as u32),
    }
}

/// 16 bytes that name what a record's id names.
pub fn id16(id: &str) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sha256(id.as_bytes()).bytes()[..16]);
    bytes
}
