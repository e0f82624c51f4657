//! A host whose time and randomness a test owns, and a fake platform behind the `Transport` trait.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use grid_fieldbook::{
    Budget, CancelToken, Clock, CountDraft, DataKey, Entropy, FieldBook, Host, KeyVault, KeyVaultError,
    LinkError, Method, Moment, PatrolDraft, PhoneDraft, RecordState, Request, Response, StoreLimits,
    SyncReport, Ticket, Transport,
};
use grid_model::TaskStatus;
use grid_model::id::{Incarnation, PhoneId, Seq, Sha256, TaskId, WorkerId};
use grid_model::terms::{CaseKind, CountKind, Level, PatrolType, RowKind, Transport as Means};
use grid_vault::{Domain, RowSum, SignatureKey, cover_digest, sha256, sign_message};
use grid_wire::enroll::{EnrollResponse, answer_bytes, request_from};
use grid_wire::{
    BatchHeader, Checkpoint, Entry, ExchangeRequest, ExchangeResponse, FeedRow, Forms, PostRow, PullPage,
    Receipt, Refusal, ScopeSum, Signed, TaskRow, Verdict, batch, decode, encode, exchange,
};

pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;
pub const START_MS: i64 = 1_767_571_200_000; // 2026-01-05 08:00 in Shanghai

pub struct TestClock(pub AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let elapsed = self.0.load(Ordering::SeqCst);
        Moment {
            wall_ms: START_MS + elapsed,
            mono_ms: elapsed,
            boot: 1,
        }
    }
}

pub struct TestEntropy(AtomicU64);

impl Entropy for TestEntropy {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        for byte in buffer {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            *byte = ((next ^ (next >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56) as u8;
        }
        true
    }
}

/// Wraps a key by keeping it as it is: the tests' store key is no secret.
pub struct OpenKeys;

impl KeyVault for OpenKeys {
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        Ok(key.expose().to_vec())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError> {
        wrapped
            .try_into()
            .map(DataKey::from_bytes)
            .map_err(|_| KeyVaultError::Lost)
    }
}

pub struct World {
    pub clock: Arc<TestClock>,
    pub host: Host,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(0)));
        let mut host = Host::new(clock.clone(), Arc::new(TestEntropy(AtomicU64::new(seed))));
        host.storage.limits = StoreLimits::SMALL;
        Self { clock, host }
    }

    pub fn open(&self, folder: &Path) -> FieldBook {
        FieldBook::open(folder, self.host.clone(), &OpenKeys).expect("the vault opens")
    }

    pub fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }
}

/// What the fake platform does with the next request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Stores it, but the answer is cut.
    CutAnswer,
    /// The request never arrives.
    Unreachable,
    /// A captive portal answers.
    Portal,
    /// The receipt is signed by another key.
    ForgedReceipt,
    /// The receipt covers other bytes.
    WrongDigest,
    /// The platform refuses for now.
    Busy,
    /// A wire version of the future.
    Newer,
}

/// Rows in one of its pages.
pub const PAGE_ROWS: usize = 4_000;

pub struct FakePlatform {
    key: SignatureKey,
    pub incarnation: Incarnation,
    pub state: Mutex<State>,
}

#[derive(Default)]
pub struct State {
    pub stored: BTreeMap<Seq, Entry>,
    pub requests: Vec<Vec<u8>>,
    pub faults: Vec<Fault>,
    pub park: BTreeMap<Seq, grid_model::terms::ParkReason>,
    pub feed: Vec<FeedRow>,
    pub photos: BTreeMap<Sha256, (u64, Vec<u8>)>,
    /// Tells this chain hash at the verified mark.
    pub verified_h: Option<Sha256>,
    /// The epoch of the first exchange.
    pub first_epoch: Option<grid_model::Epoch>,
    /// Tells in signed checkpoints how far the log is here, and up to where it is backed up.
    pub vouches: Option<u64>,
    /// Tells at the end of a round what the phone should hold.
    pub tells_scope: bool,
    /// So many requests are answered before the first fault.
    pub answers_first: usize,
    /// Says that the phone should hold one more row than it is ever told of.
    pub hides_a_row: bool,
    /// So much later it is by its own clock.
    pub late_ms: i64,
    /// A proxy on the way takes no more than this.
    pub request_bytes_max: Option<usize>,
    /// Its pages have as many bytes as the phone asked for, as the real one's, and not [`PAGE_ROWS`] rows.
    pub pages_by_bytes: bool,
    /// What its receipts say it reads beside the first form; it refuses whatever else comes.
    pub forms: Option<Forms>,
    /// Signs with this key instead of the one that it was made with.
    pub signs: Option<SignatureKey>,
    /// What it says of its keys.
    pub notices: Vec<Signed>,
    /// The header of the last exchange.
    pub header: Option<BatchHeader>,
}

impl FakePlatform {
    pub fn new() -> Self {
        Self {
            key: SignatureKey::from_secret(&[9; 32]).expect("a key"),
            incarnation: Incarnation([3; 16]),
            state: Mutex::default(),
        }
    }

    pub fn enroll(&self, book: &FieldBook) {
        let ticket = Ticket::parse("grid:http://127.0.0.1:1#code=ABCD-EFGH").expect("a ticket");
        book.enroll_over(&ticket, &phone(), self, &Default::default(), Vec::new)
            .expect("enrolled");
    }

    pub fn will(&self, faults: &[Fault]) {
        self.state.lock().expect("state").faults = faults.iter().rev().copied().collect();
    }

    /// Answers so many requests as they are, then does this.
    pub fn will_after(&self, answers: usize, faults: &[Fault]) {
        self.will(faults);
        let mut state = self.state.lock().expect("state");
        state.answers_first = answers;
    }

    fn answer(&self, state: &mut State, request: &Request, fault: Option<Fault>) -> Response {
        let body = match (request.method, request.path.as_str()) {
            (_, "/v1/enroll") => self.enrolled(state, &request.body),
            (_, "/v1/sync") => self.synced(state, &request.body, fault),
            _ => return upload(state, request),
        };
        Response {
            is_cut: false,
            status: 200,
            headers: Vec::new(),
            body,
        }
    }

    fn enrolled(&self, state: &State, body: &[u8]) -> Vec<u8> {
        let (_, request) = request_from(body).expect("an enrolment request");
        answer_bytes(&EnrollResponse {
            version: 1,
            worker: WorkerId([8; 16]),
            display_name: "民警 P01".to_owned(),
            job_no: "P01".to_owned(),
            org_name: "大鹿岛边境派出所".to_owned(),
            incarnation: self.incarnation,
            platform_key: state.signs.as_ref().unwrap_or(&self.key).public(),
            sealing_key: self.key.public(),
            server_ms: START_MS,
            nonce: request.nonce,
        })
    }

    fn synced(&self, state: &mut State, body: &[u8], fault: Option<Fault>) -> Vec<u8> {
        state.requests.push(body.to_vec());
        if fault == Some(Fault::Busy) {
            return exchange::refusal_bytes(&Refusal::new(grid_wire::RefusalCode::TryLater, "busy"));
        }
        if body.starts_with(b"GFC1") {
            // It never heard of going on with a cut exchange.
            let refusal = Refusal::new(grid_wire::RefusalCode::Malformed, "no request");
            return exchange::refusal_bytes(&refusal);
        }
        let request = ExchangeRequest::from_bytes(body).expect("a sync request");
        let header: BatchHeader = decode(&request.header.bytes, "header").expect("a header");
        let body = header.body(&request.body);
        let reads = body.first().is_none_or(|first| *first == 0x28);
        if !reads && state.forms.is_none() {
            return exchange::refusal_bytes(&Refusal::new(grid_wire::RefusalCode::Malformed, "no form"));
        }
        let entries = batch::unpack(body).expect("a body");
        let first = *state.first_epoch.get_or_insert(header.epoch());
        let is_first = first == header.epoch();
        let verdicts: Vec<_> = entries
            .iter()
            .map(|entry| {
                let known = state.stored.insert(entry.seq, entry.clone()).is_some();
                let verdict = match state.park.get(&entry.seq) {
                    Some(reason) => Verdict::Parked(*reason),
                    None if known => Verdict::Duplicate,
                    None => Verdict::Accepted,
                };
                (entry.seq, verdict)
            })
            .collect();
        let mut digest = cover_digest(entries.iter().map(|entry| (entry.seq, sha256(&entry.body))));
        if fault == Some(Fault::WrongDigest) {
            digest = Sha256([0; 32]);
        }
        let mut receipt = Receipt::new(
            (header.device, header.epoch()),
            Receipt::join(verdicts),
            digest,
            self.incarnation,
            (START_MS + 500 + state.late_ms, header.nonce),
        );
        receipt.forms = state.forms;
        let forger = SignatureKey::from_secret(&[1; 32]).expect("a key");
        let own = state.signs.clone().unwrap_or_else(|| self.key.clone());
        let key = if fault == Some(Fault::ForgedReceipt) {
            &forger
        } else {
            &own
        };
        state.header = Some(header.clone());
        let met = header.incarnation == Some(self.incarnation);
        let cursor = if met { header.cursor } else { 0 };
        let rest = state.feed.iter().skip(cursor as usize);
        let mut bytes = 0;
        let fits = |(at, row): &(usize, &FeedRow)| {
            bytes += encode(*row).len() as u64;
            !state.pages_by_bytes || *at == 0 || bytes <= header.page_bytes_max
        };
        let rows: Vec<_> = rest
            .take(PAGE_ROWS)
            .enumerate()
            .take_while(fits)
            .map(|(_, row)| {
                if is_first {
                    row.clone()
                } else {
                    of_another_log(row)
                }
            })
            .collect();
        let more = cursor + (rows.len() as u64) < state.feed.len() as u64;
        let page = PullPage {
            from: cursor,
            next: cursor + rows.len() as u64,
            more,
            rows,
            checkpoint: state
                .vouches
                .or(state.tells_scope.then_some(0))
                .map(|backed_up_to| {
                    let contiguous = (1..)
                        .take_while(|seq| state.stored.contains_key(&Seq(*seq)))
                        .count();
                    // Changes are kept without their epoch: of a later one it is believed what its device says.
                    let verified_to = if is_first {
                        Seq(contiguous as u64)
                    } else {
                        header.head.seq()
                    };
                    let mut checkpoint = Checkpoint::new(
                        (header.device, header.epoch()),
                        verified_to,
                        Seq(backed_up_to).min(verified_to),
                        self.incarnation,
                    );
                    checkpoint.verified_h = state.verified_h;
                    checkpoint.scope = (state.tells_scope && !more).then(|| {
                        let hidden = state.hides_a_row.then(|| task_row(99, 1, |_| {}));
                        let all: Vec<_> = state.feed.iter().cloned().chain(hidden).collect();
                        scope(&all)
                    });
                    sign_message(key, Domain::Checkpoint, encode(&checkpoint))
                }),
        };
        ExchangeResponse {
            version: if fault == Some(Fault::Newer) { 99 } else { 1 },
            receipt: sign_message(key, Domain::Receipt, encode(&receipt)),
            page,
            upload_grant: "grant".to_owned(),
            key_notices: (!state.notices.is_empty()).then(|| state.notices.clone()),
        }
        .to_bytes()
    }
}

/// What a phone should hold that was told all of this.
pub fn scope(feed: &[FeedRow]) -> Vec<ScopeSum> {
    let newest: BTreeMap<_, _> = feed.iter().map(|row| ((row.kind, &row.id), row)).collect();
    let mut sums: BTreeMap<_, RowSum> = BTreeMap::new();
    let is_there = |row: &&&FeedRow| !row.body.is_empty() || row.moved.is_some();
    for row in newest.values().filter(is_there) {
        sums.entry(row.kind)
            .or_default()
            .add(row.kind, &row.id, row.revision);
    }
    let told = sums.into_iter().map(|(kind, sum)| ScopeSum {
        kind,
        count: sum.count(),
        sum: sum.sum(),
    });
    told.collect()
}

impl Transport for FakePlatform {
    fn send(&self, request: &Request, _: &CancelToken) -> Result<Response, LinkError> {
        let mut state = self.state.lock().expect("state");
        let fault = match state.answers_first {
            0 => state.faults.pop(),
            _ => None,
        };
        state.answers_first = state.answers_first.saturating_sub(1);
        match fault {
            Some(Fault::Unreachable) => return Err(LinkError::Unreachable),
            Some(Fault::Portal) => {
                let body = b"<html>please log in</html>".to_vec();
                return Ok(Response {
                    is_cut: false,
                    status: 200,
                    headers: Vec::new(),
                    body,
                });
            }
            _ => {}
        }
        if state
            .request_bytes_max
            .is_some_and(|max| request.body.len() > max)
        {
            return Ok(Response {
                is_cut: false,
                status: 413,
                headers: Vec::new(),
                body: b"<html>too large</html>".to_vec(),
            });
        }
        let answer = self.answer(&mut state, request, fault);
        if fault == Some(Fault::CutAnswer) {
            Err(LinkError::Lost)
        } else {
            Ok(answer)
        }
    }
}

/// A row as it is told to a log of which it has taken nothing in.
fn of_another_log(row: &FeedRow) -> FeedRow {
    let mut row = row.clone();
    if let Ok(task) = decode::<grid_wire::TaskRow>(&row.body, "task row") {
        row.body = encode(&task.covering(Seq(0)));
    }
    row
}

fn upload(state: &mut State, request: &Request) -> Response {
    let reply = |status, headers: Vec<(&str, String)>| Response {
        is_cut: false,
        status,
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        body: Vec::new(),
    };
    let header = |name: &str| {
        request
            .headers
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
    };
    if request.method == Method::Post {
        let bytes: u64 = header("upload-length")
            .expect("a length")
            .parse()
            .expect("a number");
        let metadata = header("upload-metadata").expect("metadata");
        let encoded = metadata.split([' ', ',']).nth(1).expect("a hash").to_owned();
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD
            .decode(encoded)
            .expect("base64");
        let sha256: Sha256 = String::from_utf8(text).expect("text").parse().expect("a hash");
        let (_, kept) = state.photos.entry(sha256).or_insert((bytes, Vec::new()));
        return reply(
            201,
            vec![
                ("location", format!("/v1/uploads/{sha256}")),
                ("upload-offset", kept.len().to_string()),
            ],
        );
    }
    let sha256: Sha256 = request
        .path
        .rsplit('/')
        .next()
        .expect("an id")
        .parse()
        .expect("a hash");
    let Some((_, kept)) = state.photos.get_mut(&sha256) else {
        return reply(404, Vec::new());
    };
    if request.method == Method::Patch {
        let offset: usize = header("upload-offset")
            .expect("an offset")
            .parse()
            .expect("a number");
        if offset != kept.len() {
            return reply(409, Vec::new());
        }
        kept.extend(&request.body);
    }
    reply(
        if request.method == Method::Patch { 204 } else { 200 },
        vec![("upload-offset", kept.len().to_string())],
    )
}

pub fn phone() -> PhoneDraft {
    PhoneDraft {
        phone: PhoneId([5; 16]),
        label: "一号机".to_owned(),
        platform: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}

/// A task as its holder is told of it.
pub fn task_row(number: u8, revision: u64, change: impl FnOnce(&mut TaskRow)) -> FeedRow {
    let mut row = TaskRow {
        no: format!("DL-2026-{number:04}"),
        title: "楼道堆放杂物".to_owned(),
        description: "二楼平台堆放纸箱".to_owned(),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        status: TaskStatus::Assigned,
        grid_code: "210681101210001".to_owned(),
        place_text: "东口".to_owned(),
        created_at_ms: START_MS,
        due_at_ms: START_MS + 3 * DAY_MS,
        reason: None,
        late_report: false,
        covers: 0,
        extension: None,
    };
    change(&mut row);
    FeedRow {
        kind: RowKind::Task,
        id: task_id(number).bytes().to_vec(),
        revision,
        body: encode(&row),
        moved: None,
    }
}

pub const fn task_id(number: u8) -> TaskId {
    TaskId([number; 16])
}

/// A post of the station.
pub fn post_row(code: &str, revision: u64) -> FeedRow {
    let row = PostRow {
        code: code.to_owned(),
        name: "后口码头".to_owned(),
        lat_e7: 0,
        lon_e7: 0,
        checkpoints: Vec::new(),
    };
    FeedRow {
        kind: RowKind::Post,
        id: code.as_bytes().to_vec(),
        revision,
        body: encode(&row),
        moved: None,
    }
}

/// A step of a counter.
pub fn counted(value: i64) -> CountDraft {
    CountDraft {
        kind: CountKind::IslandEntryCheck,
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    }
}

pub fn count(book: &FieldBook, value: i64) {
    book.count(counted(value)).expect("saved");
}

/// A patrol on foot.
pub fn on_foot() -> PatrolDraft {
    PatrolDraft {
        patrol_type: PatrolType::Coastline,
        transport: Means::Foot,
        post: "DL-03".to_owned(),
        point: None,
    }
}

pub fn sync(book: &FieldBook, platform: &FakePlatform) -> SyncReport {
    book.sync(platform, Budget::default(), &CancelToken::default(), &mut |_| {})
        .expect("synced")
}

/// States of all records, the newest first.
pub fn states(book: &FieldBook) -> Vec<RecordState> {
    let records = book.records(Seq(0), 100).expect("records").into_iter();
    records.map(|record| record.state).collect()
}

/// Everything that the self-check looks at holds, but for what waits or was never enrolled.
pub fn assert_whole(book: &FieldBook) {
    for check in book.self_check().expect("checked") {
        let spare = ["enrolment", "outbox"].contains(&check.name);
        assert!(check.ok || spare, "{}: {}", check.name, check.detail);
    }
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copied");
        }
    }
}
