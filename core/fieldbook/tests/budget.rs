//! A budget of bytes is kept, and used; what will go is said before; a metered link carries the photos of a rescue only; and
//! when the next sync is due.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::Mutex;

use common::{FakePlatform, Fault, World, count, sync};
use grid_fieldbook::{
    AttachmentDraft, Budget, CancelToken, FieldBook, LinkError, Network, Outcome, Request, Response,
    Transport,
};
use grid_model::terms::{AttachmentRole, CaseKind, CountKind, Level, RowKind};
use grid_model::{TaskStatus, limits};
use grid_wire::{BatchHeader, ExchangeRequest, FeedRow, TaskRow, decode, encode};

/// Counts what a request and its answer take on the link, heads as HTTP/1.1 writes them.
struct Metered<'p> {
    platform: &'p FakePlatform,
    bytes: Mutex<u64>,
}

impl<'p> Metered<'p> {
    fn to(platform: &'p FakePlatform) -> Self {
        let bytes = Mutex::new(0);
        Self { platform, bytes }
    }

    fn bytes(&self) -> u64 {
        *self.bytes.lock().expect("a number")
    }
}

/// What a client and a server add of their own: host, length, accept; date, server, request id.
const OWN_HEAD_BYTES: usize = 130;

impl Transport for Metered<'_> {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        let answer = self.platform.send(request, cancel)?;
        let line = |name: &str, value: &str| name.len() + value.len() + 4;
        let mut bytes = 2 * OWN_HEAD_BYTES + request.path.len() + request.body.len() + answer.body.len();
        bytes += request
            .headers
            .iter()
            .map(|(name, value)| line(name, value))
            .sum::<usize>();
        bytes += answer
            .headers
            .iter()
            .map(|(name, value)| line(name, value))
            .sum::<usize>();
        *self.bytes.lock().expect("a number") += bytes as u64;
        Ok(answer)
    }
}

struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    /// Text that packs about as text of the field does.
    fn words(&mut self, characters: u64) -> String {
        let words = [
            "码头",
            "垃圾已清运",
            "路灯不亮",
            "护栏松动约四米",
            "现场无人员受伤",
            "与网格员共同确认",
            "明早复查",
        ];
        let mut text = String::new();
        while (text.chars().count() as u64) < characters {
            text.push_str(words[(self.next() % 7) as usize]);
            text.push(char::from_u32(0x4e00 + (self.next() % 6_000) as u32).unwrap_or('字'));
        }
        text
    }
}

fn setup(seed: u64) -> (World, tempfile::TempDir, FieldBook, FakePlatform) {
    let (mut world, folder) = (World::new(seed), tempfile::tempdir().expect("a folder"));
    world.host.storage.limits.photo_headroom_bytes = 0;
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.state.lock().expect("state").pages_by_bytes = true;
    platform.enroll(&book);
    (world, folder, book, platform)
}

fn records(book: &FieldBook, noise: &mut Noise, records: u64) {
    for _ in 0..records {
        let reason = Some(noise.words(20 + noise.0 % 60));
        let draft = grid_fieldbook::CountDraft {
            kind: CountKind::IslandEntryCheck,
            value: -1,
            post: "DL-01".to_owned(),
            patrol: None,
            reason,
        };
        book.count(draft).expect("saved");
    }
}

fn photo(book: &FieldBook, noise: &mut Noise, bytes: usize) {
    let content = (0..bytes).map(|_| noise.next() as u8).collect();
    let draft = AttachmentDraft {
        role: AttachmentRole::Other,
        mime: "image/jpeg".to_owned(),
        point: None,
        content,
    };
    book.attach(draft).expect("kept");
}

fn task(number: u32, noise: &mut Noise) -> FeedRow {
    let row = TaskRow {
        no: format!("DL-2026-{number:06}"),
        title: noise.words(12),
        description: noise.words(80),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        status: TaskStatus::Assigned,
        grid_code: "210681001001001".to_owned(),
        place_text: noise.words(8),
        created_at_ms: common::START_MS,
        due_at_ms: common::START_MS + i64::from(number),
        reason: None,
        late_report: false,
        covers: 0,
        extension: None,
    };
    let mut id = vec![7; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    FeedRow {
        kind: RowKind::Task,
        id,
        revision: 1,
        body: encode(&row),
        moved: None,
    }
}

fn within(bytes: u64) -> Budget {
    Budget {
        bytes,
        ..Budget::default()
    }
}

/// Syncs within a budget and checks that it was kept, and used if `waits`.
fn spend(
    book: &FieldBook,
    platform: &FakePlatform,
    budget: Budget,
    waits: bool,
) -> grid_fieldbook::SyncReport {
    let link = Metered::to(platform);
    let report = book
        .sync(&link, budget, &CancelToken::default(), &mut |_| {})
        .expect("synced");
    let (spent, may) = (link.bytes() as f64, budget.bytes as f64);
    assert!(spent <= may * 1.05, "{spent} of {may}: {report:?}");
    if waits {
        assert_eq!(report.summary.outcome, Outcome::BudgetSpent, "{spent} of {may}");
        assert!(spent >= may * 0.9, "{spent} of {may}: {report:?}");
    }
    report
}

#[test]
fn a_budget_is_kept_and_used_while_text_waits() {
    let (_world, _folder, book, platform) = setup(1);
    records(&book, &mut Noise(1), 2_400);
    let mut waiting = 2_400;
    for bytes in [32 * 1024, 45_000] {
        let plan = book.plan_sync(within(bytes)).expect("a plan");
        let report = spend(&book, &platform, within(bytes), true);
        assert_eq!(plan.records_go + plan.records_stay, waiting);
        waiting -= report.received;
        let (said, went) = (plan.records_go as f64, report.received as f64);
        assert!(
            (0.75..1.25).contains(&(said / went)),
            "said {said}, went {went} of {bytes} bytes"
        );
        assert!(plan.bytes <= bytes);
    }
}

#[test]
fn a_budget_is_kept_and_used_while_photos_wait_and_while_tasks_come() {
    for bytes in [48 * 1024, 100_000, 1_000_000] {
        let (_world, _folder, book, platform) = setup(bytes + 1);
        let mut noise = Noise(bytes);
        for _ in 0..4 {
            photo(&book, &mut noise, 300_000);
        }
        count(&book, 1);
        let plan = book.plan_sync(within(bytes)).expect("a plan");
        let report = spend(&book, &platform, within(bytes), true);
        assert_eq!((plan.records_go, report.received), (1, 1), "text goes first");
        assert_eq!(plan.photos_go, report.photos_done, "{bytes}");
        assert_eq!(plan.photos_go + plan.photos_stay, 4);

        let (_world, _folder, book, platform) = setup(bytes + 2);
        let feed = (0..6_000).map(|number| task(number, &mut noise));
        platform.state.lock().expect("state").feed.extend(feed);
        // All of them are less than the largest budget.
        spend(&book, &platform, within(bytes), bytes < 400_000);
    }
}

#[test]
fn what_a_budget_left_goes_with_the_next_ones_and_a_batch_that_is_too_large_is_sealed_anew() {
    let (_world, _folder, book, platform) = setup(3);
    records(&book, &mut Noise(3), 1_000);
    // A large batch was sealed on a good link and got lost just before its answer.
    platform.will(&[Fault::Unreachable]);
    let lost = book.sync(
        &platform,
        within(150_000),
        &CancelToken::default(),
        &mut |progress| {
            assert_eq!(progress.photos_done, 0);
        },
    );
    assert!(lost.expect("synced").summary.lost > 0);
    let mut rounds = 0;
    while book.status().expect("a status").saved > 0 {
        spend(&book, &platform, within(32 * 1024), false);
        rounds += 1;
        assert!(rounds < 20, "it never ends");
    }
    assert_eq!(platform.state.lock().expect("state").stored.len(), 1_000);
}

#[test]
fn a_record_that_is_larger_than_the_budget_waits_and_the_budget_is_kept() {
    let (_world, _folder, book, platform) = setup(4);
    sync(&book, &platform);
    // Nothing of this packs: every character is drawn.
    let mut noise = Noise(4);
    let note: String = (0..450)
        .filter_map(|_| char::from_u32(0x4e00 + (noise.next() % 20_000) as u32))
        .collect();
    let patrol = book.start_patrol(common::on_foot()).expect("started").0;
    let draft = grid_fieldbook::ObservationDraft {
        kind: grid_model::terms::ObservationKind::Hazard,
        note,
        point: None,
        attachments: Vec::new(),
    };
    book.observe(patrol, draft).expect("saved");
    let report = spend(&book, &platform, within(2_200), false);
    assert_eq!(report.summary.outcome, Outcome::BudgetSpent);
    assert!(book.status().expect("a status").saved > 0);
    assert_eq!(sync(&book, &platform).summary.outcome, Outcome::Complete);
}

#[test]
fn on_a_metered_link_photos_wait_for_wifi() {
    let (_world, _folder, book, platform) = setup(5);
    photo(&book, &mut Noise(5), 20_000);
    count(&book, 1);
    let metered = Budget {
        metered: true,
        ..Budget::default()
    };
    let plan = book.plan_sync(metered).expect("a plan");
    assert_eq!((plan.records_go, plan.photos_go, plan.photos_stay), (1, 0, 1));
    assert!(book.network_changed(Network::Metered).expect("asked").is_some());
    let report = book
        .sync(&platform, metered, &CancelToken::default(), &mut |_| {})
        .expect("synced");
    assert_eq!((report.received, report.photos_done), (1, 0));
    assert_eq!(book.network_changed(Network::Metered).expect("asked"), None);
    assert_eq!(book.network_changed(Network::None).expect("asked"), None);
    assert!(book.network_changed(Network::Unmetered).expect("asked").is_some());
    assert_eq!(sync(&book, &platform).photos_done, 1);
    assert_eq!(book.network_changed(Network::Unmetered).expect("asked"), None);
}

#[test]
fn a_rest_is_over_when_the_network_changes_and_never_grows_with_a_new_record() {
    let (world, _folder, book, platform) = setup(6);
    count(&book, 1);
    assert_eq!(book.sync_due_ms(Network::Unmetered).expect("asked"), Some(0));
    for _ in 0..3 {
        platform.will(&[Fault::Unreachable; 4]);
        assert!(sync(&book, &platform).summary.next_at_ms.is_some());
    }
    let due = book
        .sync_due_ms(Network::Unmetered)
        .expect("asked")
        .expect("a time");
    assert!(due >= 10_000, "the third rest in a row: {due}");
    world.pass(1_000);
    count(&book, 1);
    assert_eq!(book.sync_due_ms(Network::Unmetered).expect("asked"), Some(due));
    assert_eq!(
        book.network_changed(Network::Unmetered).expect("asked"),
        Some(1_000)
    );
    platform.will(&[Fault::Busy]);
    let asked = sync(&book, &platform).summary;
    assert_eq!(asked.outcome, Outcome::TryLater);
    let until = asked.next_at_ms.expect("a time");
    assert_eq!(
        book.network_changed(Network::Unmetered).expect("asked"),
        Some(until),
        "another network does not make the platform less busy"
    );
    world.pass(until);
    assert_eq!(sync(&book, &platform).summary.outcome, Outcome::Complete);
    assert_eq!(book.sync_due_ms(Network::Unmetered).expect("asked"), None);
}

#[test]
fn a_batch_that_was_sealed_without_a_budget_asks_for_no_more_than_the_next_one_allows() {
    let (_world, _folder, book, platform) = setup(7);
    let mut noise = Noise(7);
    records(&book, &mut noise, 20);
    let feed = (0..6_000).map(|number| task(number, &mut noise));
    platform.state.lock().expect("state").feed.extend(feed);
    // Its header asks for a page of a megabyte, and it is small enough to be sent again as it is.
    platform.will(&[Fault::Unreachable; 4]);
    assert!(matches!(sync(&book, &platform).summary.outcome, Outcome::Link(_)));
    spend(&book, &platform, within(64 * 1024), true);
}

#[test]
fn a_change_of_the_network_during_a_sync_and_a_cancelled_sync_keep_their_rests_apart() {
    struct Moving<'b>(&'b FieldBook);
    impl Transport for Moving<'_> {
        fn send(&self, _: &Request, _: &CancelToken) -> Result<Response, LinkError> {
            let due = self.0.network_changed(Network::Unmetered).expect("asked");
            assert!(due.is_some());
            Err(LinkError::Lost)
        }
    }
    let (_world, _folder, book, platform) = setup(8);
    count(&book, 1);
    let report = book
        .sync(
            &Moving(&book),
            Budget::default(),
            &CancelToken::default(),
            &mut |_| {},
        )
        .expect("synced");
    assert!(matches!(report.summary.outcome, Outcome::Link(_)));
    assert_eq!(
        book.sync_due_ms(Network::Unmetered).expect("asked"),
        Some(0),
        "it failed on a network that is left by now"
    );
    platform.will(&[Fault::Busy]);
    let until = sync(&book, &platform).summary.next_at_ms;
    let cancel = CancelToken::default();
    cancel.cancel();
    book.sync(&platform, Budget::default(), &cancel, &mut |_| {})
        .expect("stopped");
    assert_eq!(book.sync_due_ms(Network::Unmetered).expect("asked"), until);
}

#[test]
fn while_more_waits_to_go_little_is_fetched_and_the_rest_at_the_end() {
    let (world, folder) = (World::new(61), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    let more = limits::ENTRIES_PER_BATCH_MAX as i64 + 1;
    (1..=more).for_each(|value| count(&book, value));
    let report = sync(&book, &platform);
    assert_eq!(
        (report.received, &report.summary.outcome),
        (more as u64, &Outcome::Complete)
    );
    let state = platform.state.lock().expect("state");
    let asked: Vec<u64> = state.requests[state.requests.len() - 2..]
        .iter()
        .map(|bytes| {
            let request = ExchangeRequest::from_bytes(bytes).expect("a request");
            let header: BatchHeader = decode(&request.header.bytes, "header").expect("a header");
            header.page_bytes_max
        })
        .collect();
    let whole = limits::PULL_PAGE_BYTES_MAX as u64;
    assert_eq!(asked, [limits::PULL_PAGE_WHILE_QUEUED_BYTES, whole]);
}
