//! Syncing with a platform that misbehaves: never lost, never doubled, never told "received" without a receipt.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, Fault, World, count, states, sync};
use grid_fieldbook::{
    AttachmentDraft, Budget, CancelToken, CountDraft, FieldBook, LinkError, Outcome, RecordState,
};
use grid_model::id::{Seq, TaskId};
use grid_model::terms::{AttachmentRole, CaseKind, CountKind, Level, ParkReason, RowKind};
use grid_model::{TaskStatus, limits};
use grid_wire::{FeedRow, TaskRow, encode};

fn setup(seed: u64) -> (World, tempfile::TempDir, FieldBook, FakePlatform) {
    let (world, folder) = (World::new(seed), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    (world, folder, book, platform)
}

#[test]
fn every_fault_in_turn_loses_and_doubles_nothing() {
    for (seed, fault) in [
        Fault::CutAnswer,
        Fault::Unreachable,
        Fault::Portal,
        Fault::ForgedReceipt,
        Fault::WrongDigest,
        Fault::Busy,
        Fault::Newer,
    ]
    .into_iter()
    .enumerate()
    {
        let (_world, _folder, book, platform) = setup(seed as u64);
        (1..=5).for_each(|value| count(&book, value));
        platform.will(&[fault; 9]);
        let report = sync(&book, &platform);
        let wanted = match fault {
            Fault::CutAnswer | Fault::Unreachable => {
                matches!(report.summary.outcome, Outcome::Link(_))
            }
            Fault::Portal => report.summary.outcome == Outcome::NotOurPlatform,
            Fault::ForgedReceipt | Fault::WrongDigest => report.summary.outcome == Outcome::BadReceipt,
            Fault::Busy => report.summary.outcome == Outcome::TryLater,
            Fault::Newer => report.summary.outcome == Outcome::NewerPlatform,
        };
        assert!(wanted, "fault {seed}: {:?}", report.summary.outcome);
        assert_ne!(report.summary.outcome, Outcome::Complete);
        assert_eq!(
            states(&book),
            [RecordState::Saved; 5],
            "fault {seed}: nothing may be called received"
        );
        // No new write is needed for it to go on.
        platform.will(&[]);
        let report = sync(&book, &platform);
        assert_eq!(report.summary.outcome, Outcome::Complete, "fault {seed}");
        assert_eq!(states(&book), [RecordState::Received; 5]);
        assert_eq!(platform.state.lock().expect("state").stored.len(), 5);
    }
}

#[test]
fn a_batch_in_flight_is_sent_again_byte_for_byte() {
    let (_world, _folder, book, platform) = setup(20);
    count(&book, 1);
    platform.will(&[Fault::CutAnswer]);
    count(&book, 2);
    sync(&book, &platform);
    let state = platform.state.lock().expect("state");
    assert_eq!(state.requests[0], state.requests[1]);
    assert_eq!(state.stored.len(), 2);
}

#[test]
fn a_batch_in_flight_survives_a_restart() {
    let (world, folder, book, platform) = setup(21);
    count(&book, 1);
    platform.will(&[Fault::CutAnswer; 9]);
    sync(&book, &platform);
    drop(book);
    let book = world.open(folder.path());
    platform.will(&[]);
    sync(&book, &platform);
    let state = platform.state.lock().expect("state");
    assert!(state.requests.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(states(&book), [RecordState::Received]);
}

#[test]
fn a_parked_record_tells_its_reason_and_holds_up_nothing() {
    let (_world, _folder, book, platform) = setup(22);
    (1..=3).for_each(|value| count(&book, value));
    platform
        .state
        .lock()
        .expect("state")
        .park
        .insert(Seq(2), ParkReason::UnknownTask);
    let report = sync(&book, &platform);
    assert_eq!((report.received, report.parked), (2, 1));
    assert_eq!(
        states(&book),
        [
            RecordState::Received,
            RecordState::Parked(ParkReason::UnknownTask),
            RecordState::Received
        ]
    );
    platform.state.lock().expect("state").park.clear();
    book.retry(Seq(2)).expect("offered again");
    sync(&book, &platform);
    assert_eq!(states(&book), [RecordState::Received; 3]);
}

/// A task as the platform tells of it.
fn task_row(id: TaskId, status: TaskStatus, revision: u64, covers: u64) -> FeedRow {
    let row = TaskRow {
        no: "DL-2026-0001".to_owned(),
        title: "楼道堆放杂物".to_owned(),
        description: String::new(),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        status,
        grid_code: "210681101210001".to_owned(),
        place_text: "东口".to_owned(),
        created_at_ms: common::START_MS,
        due_at_ms: common::START_MS + 3 * 86_400_000,
        reason: None,
        late_report: false,
        covers,
        extension: None,
    };
    FeedRow {
        kind: RowKind::Task,
        id: id.0.to_vec(),
        revision,
        body: encode(&row),
        moved: None,
    }
}

#[test]
fn what_was_sent_back_moves_its_task_no_more() {
    let (_world, _folder, book, platform) = setup(29);
    let id = TaskId([4; 16]);
    let state = || platform.state.lock().expect("state");
    state().feed.push(task_row(id, TaskStatus::Assigned, 1, 0));
    sync(&book, &platform);
    let status = || book.task(id).expect("the task").status;
    let accepted = book.accept(id).expect("accepted");
    assert_eq!(status(), TaskStatus::Accepted);
    state().park.insert(accepted.seq, ParkReason::NotHolder);
    sync(&book, &platform);
    assert_eq!(status(), TaskStatus::Assigned, "as it stands on the platform");
    // Nor after the platform has told of the task again.
    state().feed.push(task_row(id, TaskStatus::Assigned, 2, 0));
    sync(&book, &platform);
    assert_eq!(status(), TaskStatus::Assigned);
    book.retry(accepted.seq).expect("offered again");
    assert_eq!(status(), TaskStatus::Accepted, "it is under way again");
    state().park.clear();
    sync(&book, &platform);
    assert_eq!(status(), TaskStatus::Accepted);
}

#[test]
fn own_work_is_never_seen_to_vanish_under_a_pull() {
    let (_world, _folder, book, platform) = setup(23);
    let id = TaskId([4; 16]);
    let row = |status, revision, covers| task_row(id, status, revision, covers);
    platform
        .state
        .lock()
        .expect("state")
        .feed
        .push(row(TaskStatus::Assigned, 1, 0));
    sync(&book, &platform);
    book.accept(id).expect("accepted");
    book.arrive(id, None).expect("arrived");
    // The platform's row is older than own work: it has taken in nothing yet.
    platform
        .state
        .lock()
        .expect("state")
        .feed
        .push(row(TaskStatus::Assigned, 2, 0));
    sync(&book, &platform);
    let view = book.task(id).expect("the task");
    assert_eq!(
        (view.status, view.own),
        (TaskStatus::OnSite, Some(RecordState::Received))
    );
    // Taken in, reviewed and sent back: now the platform's word stands.
    platform
        .state
        .lock()
        .expect("state")
        .feed
        .push(row(TaskStatus::Rework, 3, 2));
    sync(&book, &platform);
    assert_eq!(book.task(id).expect("the task").status, TaskStatus::Rework);
}

#[test]
fn photos_follow_and_resume_where_the_platform_left_off() {
    let (_world, _folder, book, platform) = setup(24);
    let content: Vec<u8> = (0..700_000_u32).map(|i| (i * 31 % 253) as u8).collect();
    let draft = AttachmentDraft {
        role: AttachmentRole::Other,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: content.clone(),
    };
    let kept = book.attach(draft).expect("kept");
    let cut = [Fault::CutAnswer; 3];
    platform.will(&[&[][..], &cut[..1]].concat());
    let report = sync(&book, &platform);
    assert_eq!(report.summary.outcome, Outcome::Complete);
    assert_eq!(
        platform.state.lock().expect("state").photos[&kept.sha256()].1,
        content
    );
    assert_eq!(report.photos_done, 1);
    let status = book.status().expect("status");
    assert_eq!((status.photos_waiting, status.photos_stored), (0, 1));
    // What went over the line is the photo once, and little else: no piece was sent twice in vain.
    assert!(report.summary.bytes_up < 700_000 + limits::UPLOAD_CHUNK_BYTES_MAX as u64);
}

#[test]
fn a_cancelled_sync_stops_and_an_unenrolled_vault_says_so() {
    let (_world, _folder, book, platform) = setup(25);
    count(&book, 1);
    let cancel = CancelToken::default();
    cancel.cancel();
    let report = book
        .sync(&platform, Budget::default(), &cancel, &mut |_| {})
        .expect("stopped");
    assert_eq!(report.summary.outcome, Outcome::Cancelled);
    let (world, folder) = (World::new(26), tempfile::tempdir().expect("a folder"));
    let lonely = world.open(folder.path());
    let synced = lonely.sync(&platform, Budget::default(), &CancelToken::default(), &mut |_| {});
    assert!(matches!(
        synced,
        Err(grid_fieldbook::FieldError::NotFound { what: "enrolment" })
    ));
    platform.will(&[Fault::Unreachable; 9]);
    let report = sync(&book, &platform);
    assert_eq!(report.summary.outcome, Outcome::Link(LinkError::Unreachable));
    assert!(report.summary.next_at_ms.is_some());
}

#[test]
fn a_large_batch_shrinks_until_it_gets_through_a_proxy_or_a_short_window() {
    let (_world, _folder, book, platform) = setup(27);
    // Noise does not compress: this is a batch of about 300 kB.
    let mut noise = 1_u64;
    for value in 1..=400 {
        let letters = (0..250).map(|_| {
            noise = noise
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            char::from_u32(0x4e00 + (noise >> 50) as u32).unwrap_or('字')
        });
        let reason = Some(letters.collect());
        let post = "DL01".to_owned();
        let kind = CountKind::IslandEntryCheck;
        book.count(CountDraft {
            kind,
            value,
            post,
            patrol: None,
            reason,
        })
        .expect("saved");
    }
    platform.state.lock().expect("state").request_bytes_max = Some(20_000);
    for _ in 0..200 {
        if sync(&book, &platform).summary.outcome == Outcome::Complete {
            break;
        }
    }
    assert_eq!(platform.state.lock().expect("state").stored.len(), 400);
    assert_eq!(book.status().expect("status").saved, 0);
}

#[test]
fn what_a_sync_pulled_is_found_and_indexed() {
    let (_world, _folder, book, platform) = setup(31);
    let row = |id: u8, revision, title: &str| {
        let row = TaskRow {
            no: format!("DL-2026-{id:04}"),
            title: title.to_owned(),
            description: String::new(),
            case_kind: CaseKind::Hazard,
            level: Level::Simple,
            status: TaskStatus::Assigned,
            grid_code: "210681101210001".to_owned(),
            place_text: "3号楼".to_owned(),
            created_at_ms: common::START_MS,
            due_at_ms: common::START_MS + i64::from(id) * 86_400_000,
            reason: None,
            late_report: false,
            covers: 0,
            extension: None,
        };
        FeedRow {
            kind: RowKind::Task,
            id: vec![id; 16],
            revision,
            body: encode(&row),
            moved: None,
        }
    };
    let offer = |row| platform.state.lock().expect("state").feed.push(row);
    let found = |text: &str| -> Vec<String> {
        let found = book.search(text).expect("found");
        found.tasks.into_iter().map(|task| task.title).collect()
    };
    offer(row(2, 1, "楼道堆放杂物"));
    offer(row(1, 1, "楼顶漏水"));
    sync(&book, &platform);
    assert!(!book.index_for_search(0).expect("asked"), "all of it is indexed");
    assert_eq!(found("ld"), ["楼顶漏水", "楼道堆放杂物"]);
    assert_eq!(found("杂物"), ["楼道堆放杂物"]);
    assert_eq!(found("dl-2026-0001"), ["楼顶漏水"]);
    assert_eq!(book.search_first("3号楼", 1).expect("found").tasks.len(), 1);
    // The platform changes its words: the old ones are gone.
    offer(row(2, 2, "楼道已清空"));
    sync(&book, &platform);
    assert!(!book.index_for_search(0).expect("asked"));
    assert!(found("杂物").is_empty());
    assert_eq!(found("yqk"), ["楼道已清空"]);
}
