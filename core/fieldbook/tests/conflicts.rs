//! The conflicts of domain §5, each under its number, as the worker sees them on his phone: the task as it stands, and his own
//! words, whatever became of them. The platform's side is `platform/hub/src/conformance/conflicts.rs`.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{DAY_MS, FakePlatform, START_MS, World, count, sync, task_id, task_row};
use grid_fieldbook::{ExtensionDraft, FieldBook, FieldError, Problem, ReportDraft, Saved};
use grid_model::id::Seq;
use grid_model::terms::{CaseKind, ParkReason, ReportResult};
use grid_model::{Coded as _, ExtensionState, TaskStatus};
use grid_wire::{ExtensionRow, FeedRow, TaskRow};

struct Here {
    book: FieldBook,
    platform: FakePlatform,
    _folder: tempfile::TempDir,
    world: World,
}

fn here(seed: u64) -> Here {
    let (world, folder) = (World::new(seed), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    Here {
        book,
        platform,
        _folder: folder,
        world,
    }
}

impl Here {
    fn told(&self, revision: u64, change: impl FnOnce(&mut TaskRow)) {
        let row: FeedRow = task_row(1, revision, change);
        self.platform.state.lock().expect("state").feed.push(row);
        sync(&self.book, &self.platform);
    }

    fn reports(&self, words: &str) {
        let draft = ReportDraft::new(ReportResult::Solved, words);
        self.book.submit(task_id(1), draft).expect("submitted");
    }

    /// Asks for more time, so many days from the beginning. A task is due after three.
    fn asks(&self, days: i64, reason: &str) -> Result<Saved, FieldError> {
        let draft = ExtensionDraft {
            wanted_due_ms: START_MS + days * DAY_MS,
            reason: reason.to_owned(),
        };
        self.book.request_extension(task_id(1), draft)
    }

    /// The task is told with this word on the request for so many days.
    fn told_of(&self, revision: u64, state: ExtensionState, days: i64, change: impl FnOnce(&mut TaskRow)) {
        self.told(revision, |row| {
            row.extension = Some(ExtensionRow {
                state,
                wanted_due_ms: START_MS + days * DAY_MS,
                answer: (state == ExtensionState::Refused).then(|| "请今天办完".to_owned()),
            });
            change(row);
        });
    }

    /// Everything the worker sees of the task and of his records, the oldest first.
    fn seen(&self) -> Vec<String> {
        let mut seen = Vec::new();
        if let Ok(task) = self.book.task(task_id(1)) {
            let reason = task.reason.as_deref().unwrap_or("no reason");
            let kept = if task.late_report { ", report kept" } else { "" };
            seen.push(format!(
                "{} {} because {reason}{kept}",
                task.case_kind.name(),
                task.status.name()
            ));
            if let Some(asked) = task.extension {
                let day = |ms: i64| (ms - START_MS) / DAY_MS;
                seen.push(format!(
                    "due {} {:?}, {} for {} {}",
                    day(task.due_at_ms),
                    task.light,
                    asked.state.name(),
                    day(asked.wanted_due_ms),
                    asked.answer.unwrap_or_default()
                ));
            }
        }
        let mut records = self.book.records(Seq(0), 100).expect("records");
        records.reverse();
        for record in records {
            seen.push(format!(
                "{} {} {:?} {}",
                record.seq,
                record.kind.name(),
                record.state,
                record.words
            ));
        }
        seen
    }
}

#[test]
fn c1_a_record_that_lost_its_number_to_another_is_still_here_and_says_so() {
    let here = here(400);
    count(&here.book, 3);
    here.platform
        .state
        .lock()
        .expect("state")
        .park
        .insert(Seq(1), ParkReason::Conflict);
    let report = sync(&here.book, &here.platform);
    assert_eq!((report.received, report.parked), (0, 1));
    assert_eq!(
        here.seen(),
        ["1 counted Parked(Conflict) island_entry_check +3 人次"]
    );
}

#[test]
fn c2_what_was_done_before_the_recall_was_known_stays_and_is_told_as_kept() {
    let here = here(401);
    here.told(1, |_| {});
    here.reports("杂物已当场清走");
    here.told(3, |row| {
        (row.status, row.late_report, row.covers) = (TaskStatus::Recalled, true, 1);
        row.reason = Some("改派二号岗".to_owned());
    });
    let record = "1 report_submitted Received 杂物已当场清走";
    assert_eq!(
        here.seen(),
        ["hazard recalled because 改派二号岗, report kept", record]
    );
    here.told(4, |row| (row.status, row.covers) = (TaskStatus::Submitted, 1));
    assert_eq!(here.seen(), ["hazard submitted because no reason", record]);
}

#[test]
fn c3_a_report_that_another_one_leads_is_told_as_kept() {
    let here = here(402);
    here.told(1, |_| {});
    here.reports("下午已经清走");
    here.told(3, |row| {
        (row.status, row.late_report, row.covers) = (TaskStatus::Submitted, true, 1);
    });
    let expected = [
        "hazard submitted because no reason, report kept",
        "1 report_submitted Received 下午已经清走",
    ];
    assert_eq!(here.seen(), expected);
}

#[test]
fn c4_a_report_behind_the_decision_stays_beside_it_and_the_decision_stands() {
    let here = here(403);
    here.told(1, |_| {});
    here.reports("已经全部清走");
    sync(&here.book, &here.platform);
    here.reports("住户又补交了一张承诺书");
    // The decision is told before the second report was heard, and then with it.
    here.platform.will(&[common::Fault::Unreachable; 9]);
    sync(&here.book, &here.platform);
    here.platform.will(&[]);
    here.told(3, |row| {
        (row.status, row.late_report, row.covers) = (TaskStatus::Closed, true, 2);
    });
    let expected = [
        "hazard closed because no reason, report kept",
        "1 report_submitted Received 已经全部清走",
        "2 report_submitted Received 住户又补交了一张承诺书",
    ];
    assert_eq!(here.seen(), expected);
}

#[test]
fn c5_codes_that_this_phone_does_not_know_are_shown_as_they_are() {
    let here = here(404);
    here.told(1, |row| {
        row.case_kind = CaseKind::Unknown(4_711);
        row.status = TaskStatus::Unknown(99);
    });
    assert_eq!(here.seen(), ["code_4711 code_99 because no reason"]);
}

#[test]
fn c6_what_was_done_after_the_posting_ended_is_still_here_and_says_so() {
    let here = here(405);
    here.told(1, |_| {});
    here.reports("离岗后才去");
    here.platform
        .state
        .lock()
        .expect("state")
        .park
        .insert(Seq(1), ParkReason::PostingEnded);
    sync(&here.book, &here.platform);
    let expected = [
        // What was sent back moves the task no more.
        "hazard assigned because no reason",
        "1 report_submitted Parked(PostingEnded) 离岗后才去",
    ];
    assert_eq!(here.seen(), expected);
}

#[test]
fn c7_asked_in_time_it_waits_for_the_answer_and_shows_it() {
    let here = here(406);
    here.told(1, |_| {});
    here.asks(5, "住户外出").expect("asked");
    let task = "hazard assigned because no reason";
    let record = |state| format!("1 extension_requested {state} 住户外出");
    let waits = "due 3 Green, pending for 5 ";
    assert_eq!(here.seen(), [task, waits, &record("Saved")]);
    // Before the platform has taken it in, and after.
    here.told(2, |_| {});
    assert_eq!(here.seen(), [task, waits, &record("Received")]);
    here.told_of(3, ExtensionState::Pending, 5, |row| row.covers = 1);
    assert_eq!(here.seen(), [task, waits, &record("Received")]);
    here.told_of(4, ExtensionState::Granted, 5, |row| {
        (row.covers, row.due_at_ms) = (1, START_MS + 5 * DAY_MS);
    });
    assert_eq!(
        here.seen(),
        [task, "due 5 Green, granted for 5 ", &record("Received")]
    );
    // A second one is refused, in words.
    here.asks(7, "住户仍未回来").expect("asked");
    here.told_of(6, ExtensionState::Refused, 7, |row| {
        (row.covers, row.due_at_ms) = (2, START_MS + 5 * DAY_MS);
    });
    assert_eq!(here.seen()[..2], [task, "due 5 Green, refused for 7 请今天办完"]);
}

#[test]
fn c7_asked_in_time_and_sent_after_the_due_time_nothing_is_overdue_meanwhile() {
    let here = here(407);
    here.told(1, |_| {});
    here.world.pass(3 * DAY_MS - 1);
    here.asks(5, "物业还没答复").expect("asked");
    here.world.pass(DAY_MS);
    let waits = "due 3 Yellow, pending for 5 ";
    assert_eq!(here.seen()[1], waits);
    sync(&here.book, &here.platform);
    here.told_of(2, ExtensionState::Pending, 5, |row| row.covers = 1);
    assert_eq!(here.seen()[1], waits);
    here.told_of(3, ExtensionState::Refused, 5, |row| row.covers = 1);
    assert_eq!(here.seen()[1], "due 3 Red, refused for 5 请今天办完");
    // Past even the time that it wants nothing spares it.
    here.told_of(4, ExtensionState::Pending, 5, |row| row.covers = 1);
    here.world.pass(2 * DAY_MS);
    assert_eq!(here.seen()[1], "due 3 Red, pending for 5 ");
}

#[test]
fn c7_asked_late_it_is_refused_here_and_what_the_platform_found_late_says_so() {
    let here = here(408);
    here.told(1, |_| {});
    let wrong = |asked: Result<Saved, FieldError>| match asked {
        Err(FieldError::InvalidInput { field, problem }) => (field, problem),
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong(here.asks(5, " ")), ("reason", Problem::Empty));
    assert_eq!(wrong(here.asks(3, "同日")), ("wanted_due", Problem::OutOfRange));
    assert_eq!(
        wrong(here.asks(4_000, "十年")),
        ("wanted_due", Problem::OutOfRange)
    );
    let long = "长".repeat(501);
    assert_eq!(
        wrong(here.asks(5, &long)),
        ("reason", Problem::TooLong { chars_max: 500 })
    );
    here.world.pass(4 * DAY_MS);
    assert_eq!(wrong(here.asks(5, "忘了申请")), ("due", Problem::WrongState));
    here.reports("已经全部清走");
    assert_eq!(wrong(here.asks(5, "已办")), ("task", Problem::WrongState));
    here.told_of(2, ExtensionState::Late, 5, |row| {
        (row.status, row.covers) = (TaskStatus::Submitted, 1);
    });
    assert_eq!(
        here.seen(),
        [
            "hazard submitted because no reason",
            "due 3 Done, late for 5 ",
            "1 report_submitted Received 已经全部清走"
        ]
    );
}

#[test]
fn c7_granted_while_the_phone_was_offline_and_the_work_was_done_meanwhile() {
    let here = here(409);
    here.told(1, |_| {});
    here.asks(5, "住户外出").expect("asked");
    sync(&here.book, &here.platform);
    here.world.pass(4 * DAY_MS);
    here.reports("杂物已清走");
    // The answer was given before the report was heard.
    here.told_of(3, ExtensionState::Granted, 5, |row| {
        (row.covers, row.due_at_ms) = (1, START_MS + 5 * DAY_MS);
    });
    assert_eq!(
        here.seen(),
        [
            "hazard submitted because no reason",
            "due 5 Done, granted for 5 ",
            "1 extension_requested Received 住户外出",
            "2 report_submitted Received 杂物已清走"
        ]
    );
}

#[test]
fn c7_of_two_requests_the_newer_one_shows_until_it_came_back() {
    let here = here(410);
    here.told(1, |_| {});
    here.asks(4, "要等一天").expect("asked");
    here.asks(6, "要等三天").expect("asked");
    here.platform
        .state
        .lock()
        .expect("state")
        .park
        .insert(Seq(2), ParkReason::PostingEnded);
    assert_eq!(here.seen()[1], "due 3 Green, pending for 6 ");
    sync(&here.book, &here.platform);
    // What was sent back waits for nobody.
    assert_eq!(
        here.seen(),
        [
            "hazard assigned because no reason",
            "due 3 Green, pending for 4 ",
            "1 extension_requested Received 要等一天",
            "2 extension_requested Parked(PostingEnded) 要等三天"
        ]
    );
}

#[test]
fn c7_a_word_of_tomorrow_about_a_request_is_kept_as_it_is() {
    let here = here(411);
    here.told_of(1, ExtensionState::Unknown(99), 5, |_| {});
    assert_eq!(here.seen()[1], "due 3 Green, code_99 for 5 ");
}
