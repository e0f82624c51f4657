//! The conflicts of domain §5, each under its number, as the worker sees them on his phone: the task as it stands, and his own
//! words, whatever became of them. The platform's side is `platform/hub/src/conformance/conflicts.rs`.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, World, count, sync, task_id, task_row};
use grid_fieldbook::{FieldBook, ReportDraft};
use grid_model::id::Seq;
use grid_model::terms::{CaseKind, ParkReason, ReportResult};
use grid_model::{Coded as _, TaskStatus};
use grid_wire::{FeedRow, TaskRow};

struct Here {
    book: FieldBook,
    platform: FakePlatform,
    _folder: tempfile::TempDir,
    _world: World,
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
        _world: world,
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
