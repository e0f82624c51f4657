//! Every message apart from the facts.

use std::fmt::Debug;

use grid_model::terms::{CaseKind, Level, ParkReason};
use grid_model::{ChangeKind, Coded, Epoch, ExtensionState, Lane, LaneKind, Seq, TaskStatus};
use grid_wire::enroll::{self, EnrollRequest, EnrollResponse};
use grid_wire::feed::CheckpointRow;
use grid_wire::{
    BatchHeader, Beacon, Checkpoint, Entry, ExchangeRequest, ExchangeResponse, ExtensionRow, FeedRow, Head,
    KeyNotice, KeyPurpose, PostRow, PullPage, Receipt, ReceiptRange, Refusal, RefusalCode, RowKind, ScopeSum,
    Signed, TaskMoved, TaskRow, Verdict, batch, decode, encode, exchange,
};
use minicbor::{Decode, Encode};

use super::{NOW_MS, Sample, hash, id, signed};
use crate::doors::{self, Door};

/// The samples of every message.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = pair("batch_header", &header(), &least_header());
    let mut inline = header();
    (inline.body_bytes, inline.frames) = (0, vec![]);
    inline.inline = Some(vec![3, 1, 2].into());
    samples.push(plain(
        "batch_header",
        "body inside",
        &inline,
        doors::plain::<BatchHeader>(),
    ));
    samples.extend(batch_bodies());
    samples.push(plain("receipt", "all fields", &receipt(), doors::receipt()));
    samples.push(plain("receipt", "least", &least_receipt(), doors::receipt()));
    let forms = receipt().with_forms(grid_wire::Forms::from_bits(0b1100));
    samples.push(plain("receipt", "with forms", &forms, doors::receipt()));
    samples.extend(receipt_ranges());
    samples.extend(rows());
    samples.extend(exchanges());
    samples.extend(enrolments());
    samples.extend(keys());
    samples.extend(pair(
        "signed",
        &signed(vec![1, 2, 3]),
        &Signed {
            bytes: vec![],
            signature: vec![],
        },
    ));
    samples
}

fn plain<T>(message: &str, which: &'static str, value: &T, door: Door) -> Sample
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug,
{
    let bytes = encode(value);
    assert_eq!(
        decode::<T>(&bytes, "sample").as_ref(),
        Ok(value),
        "{message}, {which}"
    );
    Sample::plain(message, which, bytes, door)
}

pub(super) fn pair<T>(message: &str, full: &T, least: &T) -> Vec<Sample>
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug,
{
    let sample = |which, value| plain(message, which, value, doors::plain::<T>());
    vec![sample("all fields", full), sample("least", least)]
}

fn header() -> BatchHeader {
    let head = Head::new(Seq(70_000), hash(0x11));
    let mut header = BatchHeader::new(
        id(0x22),
        Epoch(0xfeed_f00d_dead_beef),
        head,
        &[0; 9_000],
        vec![hash(1), hash(2)],
        77,
    );
    header.incarnation = Some(id(0x44));
    header.cursor = 1_234;
    header.cursor_at_ms = Some(1_768_370_000_123);
    header.beacon = Beacon {
        unsent: 12,
        parked: 1,
        photos_unsent: 3,
        app_version: "0.1.0".into(),
        oldest_at_ms: Some(1_768_360_000_000),
        free_bytes: Some(3_000_000_000),
        schema: Some(5),
        clock_ahead_ms: Some(-90_000),
    };
    header
}

fn least_header() -> BatchHeader {
    BatchHeader::new(id(0), Epoch(0), Head::new(Seq(0), hash(0)), &[], vec![], 0)
}

/// Three changes in two lanes, one of a lane and kind that this build does not know.
pub(crate) fn entries() -> Vec<Entry> {
    let task = Lane {
        kind: LaneKind::Task,
        id: [0x66; 16],
    };
    let strange = Lane {
        kind: LaneKind::from_code(77),
        id: [0x77; 16],
    };
    let entry = |seq, lane, prev, kind, body: &[u8]| Entry {
        seq: Seq(seq),
        lane,
        prev_in_lane: Seq(prev),
        kind,
        schema_version: 1,
        body: body.to_vec(),
    };
    vec![
        entry(
            500,
            task,
            0,
            ChangeKind::TaskAccepted,
            &[0x82, 0x83, 0, 0, 0, 0xa0],
        ),
        entry(501, strange, 20, ChangeKind::from_code(999), b"kept as it came"),
        entry(502, task, 500, ChangeKind::TaskArrived, &[]),
    ]
}

fn batch_bodies() -> Vec<Sample> {
    let inflated = |entries: &[Entry]| {
        let packed = batch::pack(entries);
        assert_eq!(batch::unpack(&packed).as_deref(), Ok(entries));
        zstd::stream::decode_all(packed.as_slice()).unwrap_or_else(|error| panic!("zstd: {error}"))
    };
    let sample = |which, entries: &[Entry]| {
        Sample::plain("batch_body", which, inflated(entries), doors::batch_inflated())
    };
    vec![sample("all fields", &entries()), sample("least", &[])]
}

fn range(from: u64, to: u64, verdict: Verdict) -> ReceiptRange {
    ReceiptRange::new(Seq(from), Seq(to), verdict)
}

fn receipt() -> Receipt {
    let ranges = vec![
        range(1, 498, Verdict::Accepted),
        range(499, 500, Verdict::Parked(ParkReason::LaneGap)),
    ];
    Receipt::new(
        (id(0x22), Epoch(0xfeed_f00d_dead_beef)),
        ranges,
        hash(0x99),
        id(0x44),
        (NOW_MS, 77),
    )
}

fn least_receipt() -> Receipt {
    Receipt::new((id(0), Epoch(0)), vec![], hash(0), id(0), (0, 0))
}

fn receipt_ranges() -> Vec<Sample> {
    let kinds = [
        ("accepted", Verdict::Accepted),
        ("duplicate", Verdict::Duplicate),
        ("parked", Verdict::Parked(ParkReason::NotHolder)),
        (
            "parked for a reason this build does not know",
            Verdict::Parked(ParkReason::from_code(1_000)),
        ),
        ("try later", Verdict::TryLater),
    ];
    let sample = |(which, verdict)| {
        let range = range(3, 300, verdict);
        assert_eq!(range.verdict(), verdict);
        plain("receipt_range", which, &range, doors::plain::<ReceiptRange>())
    };
    kinds.map(sample).into()
}

fn task_row() -> TaskRow {
    let row = TaskRow {
        no: "DL-2026-0007".into(),
        title: "清理海漂垃圾".into(),
        description: "南岸有一堆泡沫箱。".into(),
        case_kind: CaseKind::Environment,
        level: Level::Complex,
        status: TaskStatus::Rework,
        grid_code: "210681203001001".into(),
        place_text: "南岸".into(),
        created_at_ms: NOW_MS,
        due_at_ms: NOW_MS + 86_400_000,
        reason: Some("照片不清楚".into()),
        late_report: true,
        covers: 0,
        extension: Some(ExtensionRow {
            state: ExtensionState::Refused,
            wanted_due_ms: NOW_MS + 3 * 86_400_000,
            answer: Some("请今天办完".into()),
        }),
    };
    row.covering(Seq(502))
}

fn least_task_row() -> TaskRow {
    TaskRow {
        no: String::new(),
        title: String::new(),
        description: String::new(),
        case_kind: CaseKind::Other,
        level: Level::Simple,
        status: TaskStatus::Assigned,
        grid_code: String::new(),
        place_text: String::new(),
        created_at_ms: 0,
        due_at_ms: 0,
        reason: None,
        late_report: false,
        covers: 0,
        extension: None,
    }
}

fn rows() -> Vec<Sample> {
    let checkpoint = CheckpointRow {
        code: "DL-01-C2".into(),
        name: "灯塔".into(),
        lat_e7: 397_512_345,
        lon_e7: 1_237_298_765,
        radius_m: 80,
    };
    let post = |code: &str, name: &str, lat_e7, lon_e7, checkpoints| PostRow {
        code: code.into(),
        name: name.into(),
        lat_e7,
        lon_e7,
        checkpoints,
    };
    let row = feed_row();
    let least_row = FeedRow {
        kind: RowKind::from_code(0),
        id: vec![],
        revision: 0,
        body: vec![],
        moved: None,
    };
    let vouched = Checkpoint::new(
        (id(0x22), Epoch(0xfeed_f00d_dead_beef)),
        Seq(502),
        Seq(480),
        id(0x44),
    )
    .with_verified_h(hash(0x77));
    let page = PullPage {
        from: 1_000,
        rows: vec![row.clone()],
        next: 1_001,
        more: true,
        checkpoint: Some(signed(encode(&vouched))),
    };
    let mut samples = pair("task_row", &task_row(), &least_task_row());
    samples.extend(pair(
        "post_row",
        &post("DL-01", "一号哨", 397_500_000, 1_237_300_000, vec![checkpoint]),
        &post("", "", 0, 0, vec![]),
    ));
    samples.extend(pair("feed_row", &row, &least_row));
    let moved = FeedRow {
        body: vec![],
        moved: Some(TaskMoved::of(task_row())),
        ..row.clone()
    };
    let least_moved = FeedRow {
        moved: Some(TaskMoved::of(least_task_row())),
        ..least_row.clone()
    };
    samples.extend(pair("feed_row_of_what_moved", &moved, &least_moved));
    samples.extend(pair(
        "checkpoint",
        &vouched,
        &Checkpoint::new((id(0), Epoch(0)), Seq(0), Seq(0), id(0)),
    ));
    let scope = |kinds: &[(RowKind, u64)]| {
        let sums = kinds.iter().map(|(kind, count)| ScopeSum {
            kind: *kind,
            count: *count,
            sum: hash(0x88),
        });
        Some(sums.collect())
    };
    let of_a_round = |kinds: &[(RowKind, u64)]| {
        let mut told = vouched.clone();
        told.scope = scope(kinds);
        told
    };
    samples.extend(pair(
        "checkpoint_of_a_round",
        &of_a_round(&[(RowKind::Task, 70_000), (RowKind::Post, 7)]),
        &of_a_round(&[]),
    ));
    samples.extend(pair("pull_page", &page, &PullPage::default()));
    samples
}

pub(crate) fn feed_row() -> FeedRow {
    FeedRow {
        kind: RowKind::Post,
        id: b"DL-01".to_vec(),
        revision: 9,
        body: vec![0xa0],
        moved: None,
    }
}

fn exchanges() -> Vec<Sample> {
    let mut samples = requests();
    samples.extend(answers());
    samples.extend(refusals());
    samples
}

fn requests() -> Vec<Sample> {
    // The body is opaque here: the bytes of zstd are not frozen, what they hold is (`batch_body`).
    let full = ExchangeRequest {
        header: signed(encode(&header())),
        body: b"(packed entries)".to_vec(),
    };
    let least = ExchangeRequest {
        header: Signed {
            bytes: vec![],
            signature: vec![],
        },
        body: vec![],
    };
    let sample = |(which, request): (_, ExchangeRequest)| {
        let bytes = request.to_bytes();
        assert_eq!(ExchangeRequest::from_bytes(&bytes).as_ref(), Ok(&request));
        let cbor = 8..bytes.len() - request.body.len();
        Sample {
            message: "exchange_request".into(),
            which,
            bytes,
            cbor,
            door: doors::request(),
        }
    };
    [("all fields", full), ("least", least)].map(sample).into()
}

fn full_answer() -> ExchangeResponse {
    ExchangeResponse {
        version: 1,
        receipt: signed(encode(&receipt())),
        page: PullPage {
            from: 1_000,
            rows: vec![feed_row()],
            next: 1_001,
            more: true,
            checkpoint: Some(signed(vec![0xa0])),
        },
        upload_grant: "grant".into(),
        key_notices: None,
    }
}

fn answers() -> Vec<Sample> {
    let least = ExchangeResponse {
        version: 0,
        receipt: Signed {
            bytes: vec![],
            signature: vec![],
        },
        page: PullPage::default(),
        upload_grant: String::new(),
        key_notices: None,
    };
    let sample = |(which, answer)| answer_sample("exchange_response", which, answer);
    [("all fields", full_answer()), ("least", least)]
        .map(sample)
        .into()
}

fn answer_sample(message: &str, which: &'static str, answer: ExchangeResponse) -> Sample {
    let bytes = answer.to_bytes();
    assert_eq!(ExchangeResponse::from_bytes(&bytes), Ok(Ok(answer)));
    let inflated = bytes.strip_prefix(b"GFR1").map(zstd::stream::decode_all);
    let Some(Ok(inflated)) = inflated else {
        panic!("no zstd frame behind the mark GFR1")
    };
    Sample::plain(message, which, inflated, doors::answer_inflated())
}

/// What was added for the rotation of keys, apart from the messages that it was added to.
fn keys() -> Vec<Sample> {
    let notice = KeyNotice {
        key: vec![4; 65],
        purpose: KeyPurpose::Signing,
        from_ms: NOW_MS,
        until_ms: Some(NOW_MS + 15_552_000_000),
    };
    let mut samples = pair(
        "key_notice",
        &notice,
        &KeyNotice {
            key: vec![],
            purpose: KeyPurpose::Unknown(0),
            from_ms: 0,
            until_ms: None,
        },
    );
    let mut header = header();
    header.signing_key_ids = Some([[7; 8], [6; 8]].concat());
    header.sealing_key_id = Some(vec![5; 8]);
    header.behind = Some(34);
    samples.extend(
        pair("batch_header_with_keys", &header, &least_header())
            .into_iter()
            .take(1),
    );
    let answer = ExchangeResponse {
        key_notices: Some(vec![signed(encode(&notice))]),
        ..full_answer()
    };
    samples.push(answer_sample("exchange_response_with_keys", "all fields", answer));
    samples
}

fn refusals() -> Vec<Sample> {
    let mut full = Refusal::new(RefusalCode::NewerVersion, "header version 2");
    full.version_max = Some(1);
    full.retry_after_s = Some(600);
    let strange = Refusal::new(RefusalCode::from_code(2_000), "a code this build does not know");
    let kinds = [
        ("all fields", full),
        ("unknown code", strange),
        ("least", Refusal::new(RefusalCode::Malformed, "")),
    ];
    let sample = |(which, refusal)| {
        let bytes = exchange::refusal_bytes(&refusal);
        assert_eq!(exchange::refusal_from(&bytes), Some(refusal));
        Sample::marked("refusal", which, bytes, doors::refusal())
    };
    kinds.map(sample).into()
}

fn enrolments() -> Vec<Sample> {
    let request = EnrollRequest {
        version: 1,
        code: "K7QM-2XPD".into(),
        device: id(0x22),
        phone: id(0x55),
        phone_label: "一号机".into(),
        device_key: vec![4; 65],
        platform: "android".into(),
        app_version: "0.1.0".into(),
        nonce: 78,
    };
    let least_request = EnrollRequest {
        version: 0,
        code: String::new(),
        device: id(0),
        phone: id(0),
        phone_label: String::new(),
        device_key: vec![],
        platform: String::new(),
        app_version: String::new(),
        nonce: 0,
    };
    let mut samples = pair("enroll_request", &request, &least_request);
    let envelope = signed(encode(&request));
    let bytes = enroll::request_bytes(&envelope);
    assert_eq!(enroll::request_from(&bytes), Ok((envelope, request)));
    samples.push(Sample::marked(
        "enroll_request",
        "signed, as it travels",
        bytes,
        doors::enroll_request(),
    ));
    samples.extend(enrolment_answers());
    samples
}

fn enrolment_answers() -> Vec<Sample> {
    let full = EnrollResponse {
        version: 1,
        worker: id(0x88),
        display_name: "张三".into(),
        job_no: "DL0001".into(),
        org_name: "边海联勤中心".into(),
        incarnation: id(0x44),
        platform_key: vec![5; 65],
        sealing_key: vec![6; 65],
        server_ms: NOW_MS,
        nonce: 78,
    };
    let least = EnrollResponse {
        version: 0,
        worker: id(0),
        display_name: String::new(),
        job_no: String::new(),
        org_name: String::new(),
        incarnation: id(0),
        platform_key: vec![],
        sealing_key: vec![],
        server_ms: 0,
        nonce: 0,
    };
    let sample = |(which, answer)| {
        let bytes = enroll::answer_bytes(&answer);
        assert_eq!(enroll::answer_from(&bytes), Ok(Ok(answer)));
        Sample::marked("enroll_response", which, bytes, doors::enroll_answer())
    };
    [("all fields", full), ("least", least)].map(sample).into()
}
