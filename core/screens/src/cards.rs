//! What a list or a detail page shows of a task, a patrol, a case, a record and a counter: words, ready to lay out.

use grid_fieldbook::{CaseView, PatrolStatus, PatrolView, RecordView, TallyView, TaskView};
use grid_model::deadline::Light;
use grid_model::lane::ChangeKind;
use grid_model::terms::{CountKind, Milestone};
use grid_model::{Coded as _, ExtensionState, TaskEvent, TaskStatus};

use crate::times::{due, due_moment, moment, span};
use crate::{Lang, Phrase, Worded, grouped, unit};

/// A task in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskCard {
    /// Kind of matter.
    pub kind: String,
    /// How much time it is given.
    pub level: String,
    /// Where it stands, and that it waits for more time.
    pub status: String,
    /// `还剩 1 天 3 小时`.
    pub due: String,
    /// The due moment by the clock on the wall.
    pub due_at: String,
    /// The least advanced state of own records on it.
    pub own: Option<String>,
    /// What came with it: a report that is kept behind a recall, or beside another or a decision.
    pub note: Option<String>,
    /// The request for more time and what became of it.
    pub extension: Option<String>,
    /// What can be done next.
    pub next: String,
}

/// A task in words.
pub fn task_card(task: &TaskView, now_ms: i64, lang: Lang) -> TaskCard {
    let waits = waits_for_more_time(task);
    let status = task.status.words(lang);
    TaskCard {
        kind: task.case_kind.words(lang),
        level: task.level.words(lang),
        status: if waits {
            format!("{status} · {}", ExtensionState::Pending.words(lang))
        } else {
            status
        },
        due: if waits && task.light == Light::Yellow && now_ms > task.due_at_ms {
            Phrase::PastOldDue.get(lang).to_owned()
        } else {
            due(task.due_at_ms, now_ms, task.light, lang)
        },
        due_at: due_moment(task.due_at_ms, now_ms, lang),
        own: task.own.map(|state| state.words(lang)),
        note: task.late_report.then(|| {
            let kept = match task.status {
                TaskStatus::Recalled => Phrase::LateReportKept,
                _ => Phrase::ReportKeptBeside,
            };
            kept.get(lang).to_owned()
        }),
        extension: extension_words(task, now_ms, lang),
        next: steps(task.status, !waits && task.light != Light::Red, lang),
    }
}

/// Whether a request for more time waits, on a task for which it still matters.
fn waits_for_more_time(task: &TaskView) -> bool {
    let asked = task.extension.as_ref();
    let answered = task.status.after(TaskEvent::GrantExtension);
    asked.is_some_and(|asked| asked.state == ExtensionState::Pending) && answered.is_some()
}

fn extension_words(task: &TaskView, now_ms: i64, lang: Lang) -> Option<String> {
    let asked = task.extension.as_ref()?;
    let said = asked.state.words(lang);
    match (asked.state, &asked.answer) {
        (ExtensionState::Pending, _) => waits_for_more_time(task).then(|| {
            let wanted = due_moment(asked.wanted_due_ms, now_ms, lang);
            Phrase::ExtensionWaits.fill(lang, &[&wanted])
        }),
        (_, Some(answer)) => Some(Phrase::WithReason.fill(lang, &[&said, answer])),
        (_, None) => Some(said),
    }
}

/// What the holder can do with a task in this state that is not past its due time.
pub fn next_steps(status: TaskStatus, lang: Lang) -> String {
    steps(status, true, lang)
}

fn steps(status: TaskStatus, may_ask_for_time: bool, lang: Lang) -> String {
    if status == TaskStatus::Submitted {
        return Phrase::WaitForCheck.get(lang).to_owned();
    }
    let own = [
        TaskEvent::Accept,
        TaskEvent::Arrive,
        TaskEvent::Submit,
        TaskEvent::LateReport,
        TaskEvent::RequestExtension,
    ];
    let steps: Vec<String> = own
        .into_iter()
        .filter(|event| may_ask_for_time || *event != TaskEvent::RequestExtension)
        .filter(|event| status.after(*event).is_some())
        .map(|event| event.words(lang))
        .collect();
    if steps.is_empty() {
        Phrase::NothingToDo.get(lang).to_owned()
    } else {
        Phrase::NextSteps.fill(lang, &[&steps.join(lang.pick("、", ", "))])
    }
}

/// A patrol in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatrolCard {
    /// Kind of patrol.
    pub patrol_type: String,
    /// How it moves.
    pub transport: String,
    /// Where it stands.
    pub status: String,
    /// When it began.
    pub started: String,
    /// How long it has lasted, or lasted.
    pub lasted: String,
}

/// A patrol in words.
pub fn patrol_card(patrol: &PatrolView, now_ms: i64, lang: Lang) -> PatrolCard {
    let until_ms = match patrol.status {
        PatrolStatus::Ended => patrol.ended_at_ms.unwrap_or(now_ms),
        PatrolStatus::Started | PatrolStatus::Paused => now_ms,
    };
    PatrolCard {
        patrol_type: patrol.patrol_type.words(lang),
        transport: patrol.transport.words(lang),
        status: patrol.status.words(lang),
        started: moment(patrol.started_at_ms, now_ms, lang),
        lasted: span(until_ms.saturating_sub(patrol.started_at_ms), lang),
    }
}

/// A case born on this phone in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseCard {
    /// Kind of matter.
    pub kind: String,
    /// The title, or the kind when a rescue began without one.
    pub title: String,
    /// When it was reported.
    pub reported: String,
    /// The least advanced state of its records.
    pub own: Option<String>,
}

/// A case born on this phone in words.
pub fn case_card(case: &CaseView, now_ms: i64, lang: Lang) -> CaseCard {
    let kind = case.case_kind.words(lang);
    let title = if case.title.trim().is_empty() {
        kind.clone()
    } else {
        case.title.clone()
    };
    CaseCard {
        kind,
        title,
        reported: moment(case.reported_at_ms, now_ms, lang),
        own: case.own.map(|state| state.words(lang)),
    }
}

/// A record in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordCard {
    /// What it is.
    pub kind: String,
    /// The worker's words, or what the record says.
    pub words: String,
    /// When it was recorded.
    pub recorded: String,
    /// 已存本机, 平台已收, 被退回（原因）.
    pub state: String,
}

/// A record in words.
pub fn record_card(record: &RecordView, now_ms: i64, lang: Lang) -> RecordCard {
    RecordCard {
        kind: record.kind.words(lang),
        words: record_words(record, lang),
        recorded: moment(record.recorded_at_ms, now_ms, lang),
        state: record.state.words(lang),
    }
}

/// The view gives code names where a record holds no words of a person: those become words here.
fn record_words(record: &RecordView, lang: Lang) -> String {
    let words = || {
        let mut parts = record.words.splitn(4, ' ');
        match record.kind {
            ChangeKind::UrgentMilestone => Some(Milestone::from_name(&record.words)?.words(lang)),
            ChangeKind::Counted => {
                let kind = CountKind::from_name(parts.next()?)?;
                let value = parts.next()?.parse().ok()?;
                let reason = parts.nth(1).unwrap_or_default();
                Some(
                    format!("{} {reason}", step(kind, value, lang))
                        .trim_end()
                        .to_owned(),
                )
            }
            _ => None,
        }
    };
    words().unwrap_or_else(|| record.words.clone())
}

/// One step of a counter: `救助 +2 人次`.
pub fn step(kind: CountKind, value: i64, lang: Lang) -> String {
    let plus = if value > 0 { "+" } else { "" };
    let text = format!(
        "{} {plus}{} {}",
        kind.words(lang),
        grouped(value),
        unit(kind, value, lang)
    );
    text.trim_end().to_owned()
}

/// A counter of the day: `救助 5 人次`.
pub fn tally_text(tally: &TallyView, lang: Lang) -> String {
    let kind = tally.count_kind;
    let text = format!(
        "{} {} {}",
        kind.words(lang),
        grouped(tally.total),
        unit(kind, tally.total, lang)
    );
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use grid_fieldbook::RecordState;
    use grid_model::id::{CaseId, Seq};
    use grid_model::lane::Lane;

    use super::*;

    fn record(kind: ChangeKind, words: &str) -> RecordView {
        RecordView {
            seq: Seq(1),
            lane: Lane::urgent(CaseId([1; 16])),
            kind,
            words: words.to_owned(),
            recorded_at_ms: 0,
            state: RecordState::Saved,
            photos: 0,
        }
    }

    #[test]
    fn what_can_be_done_next_follows_the_task_machine() {
        assert_eq!(
            next_steps(TaskStatus::Assigned, Lang::Zh),
            "可以：签收、到场、反馈、申请延期"
        );
        assert_eq!(
            next_steps(TaskStatus::OnSite, Lang::En),
            "you can: report, ask for more time"
        );
        assert_eq!(next_steps(TaskStatus::Recalled, Lang::Zh), "可以：补报");
        assert_eq!(next_steps(TaskStatus::Closed, Lang::Zh), "没有要做的");
        assert!(next_steps(TaskStatus::Submitted, Lang::Zh).contains("等待复查"));
    }

    #[test]
    fn code_names_never_reach_a_person() {
        let count = record(ChangeKind::Counted, "rescued -37 人次 多点了 一次");
        assert_eq!(record_words(&count, Lang::Zh), "救助 -37 人次 多点了 一次");
        assert_eq!(
            record_words(&count, Lang::En),
            "rescued -37 person-times 多点了 一次"
        );
        let plain = record(ChangeKind::Counted, "goods_moved +12000 kg");
        assert_eq!(record_words(&plain, Lang::Zh), "运送物资 +12,000 公斤");
        let step = record(ChangeKind::UrgentMilestone, "on_scene");
        assert_eq!(record_words(&step, Lang::Zh), "已到场");
        assert_eq!(
            record_words(&record(ChangeKind::Observed, "on_scene"), Lang::Zh),
            "on_scene"
        );
    }
}
