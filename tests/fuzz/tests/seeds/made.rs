//! Seeds that are no samples of the wire: they are made of samples, of a vault's file, of texts.

use grid_fuzz::join;
use grid_model::limits::FRAME_BYTES;
use grid_vault::{DataKey, FileKey, Grant, GrantSecret, SealingKey, SegmentKey, seal_private};
use grid_wire::lifeboat::{self, header_block};
use grid_wire::{
    BatchHeader, ContinueRequest, ExchangeRequest, Forms, Head, Part, PullPage, batch, encode, exchange,
    form, resume, support_bytes,
};

use super::Seed;
use crate::samples::{self, Sample};

const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");

/// All of them.
pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = wire();
    seeds.extend(boats());
    seeds.extend(vaults());
    seeds.extend(harms());
    seeds.extend(texts());
    seeds.extend(lists());
    seeds.extend(requests());
    seeds
}

fn sample(message: &str) -> Sample {
    let found = samples::all()
        .into_iter()
        .find(|sample| sample.message == message);
    found.unwrap_or_else(|| panic!("no sample of {message}"))
}

/// Messages as they travel, with everything in them that belongs there.
fn wire() -> Vec<Seed> {
    let entries = samples::messages::entries();
    let body = batch::pack(&entries);
    let digests = grid_vault::frame_digests(&body);
    assert_eq!(digests.len(), body.len().div_ceil(FRAME_BYTES));
    let header = BatchHeader::new(
        grid_fuzz::DEVICE,
        grid_fuzz::EPOCH,
        Head::new(entries[2].seq, samples::hash(0x77)),
        &body,
        digests,
        7,
    );
    let request = ExchangeRequest {
        header: samples::signed(encode(&header)),
        body: body.clone(),
    };
    let rest = ContinueRequest {
        header: request.header.clone(),
        part: Part {
            from_frame: Some(0),
            ..Part::default()
        },
        body: body.clone(),
    };
    let page = PullPage {
        rows: vec![samples::messages::feed_row(); 3],
        ..PullPage::default()
    };
    let track = sample("fact_track_segment").bytes;
    let mut tokens = minicbor::Decoder::new(&track);
    let stamp = tokens.array().and_then(|_| tokens.skip());
    assert!(stamp.is_ok(), "a body begins with a stamp");
    let refusal = exchange::refusal_from(&sample("refusal").bytes).expect("a refusal");
    vec![
        Seed::of("exchange_request", "whole", request.to_bytes()),
        Seed::of("continue_request", "whole", rest.to_bytes()),
        Seed::of("continued", "tail", resume::tail_bytes(b"the rest")),
        Seed::of("continued", "refusal", exchange::refusal_bytes(&refusal)),
        Seed::of("batch_body", "as it travels", body),
        Seed::of(
            "batch_body",
            "columns with the dictionary",
            form::pack_for(&entries, Forms::ours()),
        ),
        Seed::of("batch_columns", "three changes", form::columns_of(&entries)),
        Seed::of("http_sync", "facts of every kind", facts()),
        Seed::of("feed_page", "three rows", encode(&page)),
        Seed::of("track_segment", "a segment", track[tokens.position()..].to_vec()),
        Seed::of("answers", "refusal again", exchange::refusal_bytes(&refusal)),
    ]
}

/// One change of every kind, as the parts of a sync: a lane before each body, two changes to a lane.
fn facts() -> Vec<u8> {
    use grid_model::{ChangeKind, Coded as _};
    let known = ChangeKind::known().iter().zip(1_u8..);
    let bodies: Vec<_> = known
        .map(|(kind, number)| {
            let body = sample(&format!("fact_{}", kind.name())).bytes;
            let lane = [1 + number / 2 % 6, number / 2];
            (kind.code() as u8, [lane.as_slice(), &body].concat())
        })
        .collect();
    join(bodies.iter().map(|(kind, body)| (*kind, body.as_slice())))
}

fn boats() -> Vec<Seed> {
    let signed = samples::signed(encode(&samples::lifeboat::header()));
    let block = header_block(&signed).expect("a header that fits");
    let whole = [block.as_slice(), &block].concat();
    let frame = samples::lifeboat::frame();
    let (change, file, fixes) = (
        sample("change_frame").bytes,
        sample("file_key_row").bytes,
        sample("fixes_frame").bytes,
    );
    let rows = join([
        (1, change.as_slice()),
        (2, file.as_slice()),
        (3, fixes.as_slice()),
        (4, &[]),
    ]);
    let damaged = join([
        (1, change.as_slice()),
        (0x80, b"something else".as_slice()),
        (3, fixes.as_slice()),
    ]);
    let noise = [b"damage ahead".as_slice(), &frame].concat();
    let walked = [frame.as_slice(), &[0; 40], &frame, &noise].concat();
    assert!(matches!(
        lifeboat::frame_at(&frame, samples::lifeboat::header().mark()),
        lifeboat::FrameAt::Whole(..)
    ));
    vec![
        Seed::of("lifeboat_header", "both blocks", whole),
        Seed::of("lifeboat_header", "one block", block.to_vec()),
        Seed::of("lifeboat_walk", "a frame", frame),
        Seed::of("lifeboat_walk", "frames with damage between", walked),
        Seed::of("lifeboat_rows", "one of each", rows.clone()),
        Seed::of("lifeboat_rows", "damage between", damaged.clone()),
        Seed::of("locked_capture", "one of each", rows.clone()),
        Seed::of("locked_capture", "damage between", damaged.clone()),
        Seed::of("http_lifeboat", "one of each", rows),
        Seed::of("http_lifeboat", "damage between", damaged),
    ]
}

/// What the fixed keys of the targets seal: see `keys.rs` and `vault.rs` there.
fn vaults() -> Vec<Seed> {
    let data_key = DataKey::from_bytes([7; 32]);
    let sealing = SealingKey::from_secret(&[3; 32]).expect("a key");
    let segment = SegmentKey::from_bytes([4; 32]);
    let private = sample("vault_private").bytes;
    let grant = Grant {
        device: grid_fuzz::DEVICE,
        until_ms: samples::NOW_MS,
    };
    let sealed = grid_vault::seal_to(&sealing.public(), [6; 32], b"{\"version\":1}").expect("sealed");
    let plain = [7; 300];
    let file = [&300_u64.to_be_bytes(), plain.as_slice()].concat();
    assert_eq!(FileKey::from_bytes([8; 32]).expose().len(), 32);
    let issued = grant.issue(&GrantSecret::from_bytes([6; 32])).expect("a grant");
    let seed = |name, bytes: Result<Vec<u8>, _>| Seed::of("sealed_keys", name, bytes.expect("sealed"));
    vec![
        seed("wrapped data key", data_key.wrap_with(&[9; 32], [1; 12])),
        seed(
            "segment key of the vault",
            segment.wrap_for_vault(&data_key, [1; 12]),
        ),
        seed(
            "segment key of the platform",
            segment.seal_to(&sealing.public(), [1; 32]),
        ),
        seed("private part", seal_private(&data_key, [1; 12], &private)),
        Seed::of("sealed_keys", "public key", sealing.public()),
        Seed::of("sealed_keys", "support bundle", support_bytes(&[1; 8], &sealed)),
        Seed::of("attachment_chunks", "300 bytes", file),
        Seed::of("attachment_chunks", "empty", vec![0; 8]),
        Seed::of("upload_grant", "issued", issued.into_bytes()),
    ]
}

/// Damage to the vault in the compatibility fixtures, and hostile pages.
fn harms() -> Vec<Seed> {
    let harm = |what: u8, at: u16, with: u16, byte: u8| {
        let mut harm = vec![what];
        harm.extend(at.to_be_bytes());
        harm.extend(with.to_be_bytes());
        harm.push(byte);
        harm
    };
    let several = [harm(0, 3, 70, 3), harm(0x83, 2, 0, 0xff), harm(0x80, 1, 4, 5)].concat();
    let copied = [harm(4, 3, 5, 0), harm(0x84, 9, 2, 0), harm(0x85, 4, 0, 0)].concat();
    vec![
        Seed::of("salvage_files", "whole", Vec::new()),
        Seed::of(
            "salvage_files",
            "page one lost",
            [harm(3, 0, 0, 0), vec![0]].concat(),
        ),
        Seed::of("salvage_files", "salt bit flipped", harm(0, 0, 3, 1)),
        Seed::of("salvage_files", "wal header lost", harm(0x86, 0, 16, 0)),
        Seed::of("salvage_files", "wal cut", harm(0x82, 7, 1_000, 0)),
        Seed::of("salvage_files", "several", several),
        Seed::of("salvage_files", "copied", copied),
        Seed::of("salvage_pages", "a schema and a table", table()),
    ]
}

/// Page 1 with a schema of one table, and its page with two records, one of which runs on into a third page.
fn table() -> Vec<u8> {
    let schema_record = record(&[
        Value::Text("table"),
        Value::Text("log"),
        Value::Text("log"),
        Value::Integer(2),
        Value::Text("CREATE TABLE log(a)"),
    ]);
    let mut first = vec![0; 100];
    first[..16].copy_from_slice(b"SQLite format 3\0");
    first[63] = 4; // user_version
    first.extend(leaf(100, &[(1, schema_record)]));
    let short = record(&[Value::Integer(7), Value::Text("短"), Value::Null]);
    let second = leaf(0, &[(1, short.clone()), (2, short)]);
    join([
        (0, first.as_slice()),
        (0, second.as_slice()),
        (2 | 4, second.as_slice()),
    ])
}

enum Value {
    Null,
    Integer(u8),
    Text(&'static str),
}

fn record(values: &[Value]) -> Vec<u8> {
    let (mut header, mut body) = (Vec::new(), Vec::new());
    for value in values {
        match value {
            Value::Null => header.push(0),
            Value::Integer(number) => {
                header.push(1);
                body.push(*number);
            }
            Value::Text(text) => {
                header.push(13 + 2 * text.len() as u8);
                body.extend(text.bytes());
            }
        }
    }
    let length = header.len() as u8 + 1;
    [vec![length], header, body].concat()
}

/// A leaf page of a table, which begins at this offset of its page; cells stand right behind the pointers.
fn leaf(offset: usize, cells: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut page = vec![0x0d, 0, 0, 0, cells.len() as u8, 0, 0, 0];
    let mut at = offset + page.len() + 2 * cells.len();
    let mut bodies = Vec::new();
    for (rowid, record) in cells {
        page.extend((at as u16).to_be_bytes());
        let cell = [&[record.len() as u8, *rowid], record.as_slice()].concat();
        at += cell.len();
        bodies.extend(cell);
    }
    page.extend(bodies);
    page
}

fn texts() -> Vec<Seed> {
    let ca = "ab".repeat(32);
    let ticket = format!("grid:https://10.0.0.5:8443#code=K7QM-2XPD&ca={ca}");
    let names = [
        ("address", "https://grid.example:8443/"),
        ("loopback", "http://[::1]:8787"),
        ("ticket", ticket.as_str()),
        ("ticket on loopback", "grid:http://127.0.0.1:8787#code=ABCD-EFGH"),
        ("hash", ca.as_str()),
        ("upload", "00112233445566778899aabbccddeeff"),
        ("id", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ];
    let mut seeds: Vec<Seed> = names
        .iter()
        .map(|(name, text)| Seed::of("names", name, text.as_bytes().to_vec()))
        .collect();
    let gpx = (0..13).map(|n| format!("<trkpt lat=\"39.7{n}\" lon=\"123.7{n}\"></trkpt>"));
    let gpx = format!(
        "<?xml version=\"1.0\"?><gpx xmlns=\"urn:x\"><trk><trkseg>{}</trkseg></trk></gpx>",
        gpx.collect::<String>()
    );
    for (part, name, bytes) in [
        (0, "island", read("dalu-nine-days.toml")),
        (1, "outline", read("dalu_island.geojson")),
        (2, "track", gpx.into_bytes()),
    ] {
        seeds.push(Seed::of("scenario", name, [vec![part], bytes].concat()));
    }
    seeds
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(format!("{SCENARIOS}/{name}")).expect("a file of the scenarios")
}

fn lists() -> Vec<Seed> {
    let posts = "[[post]]\ncode = \"DL-02\"\nname = \"灯塔\"\nlat = 39.75\nlon = 123.73\n\n[[post.checkpoint]]\n\
                 code = \"DL-02-C1\"\nname = \"北崖\"\nlat = 39.76\nlon = 123.74\nradius_m = 60\n";
    let divisions: Vec<u8> = {
        let all = String::from_utf8(read("divisions.csv")).expect("text");
        let few: Vec<&str> = all.lines().take(6).collect();
        few.join("\n").into_bytes()
    };
    let calendar = include_str!("../../../../core/model/data/work_calendar.csv");
    let calendar: Vec<&str> = calendar.lines().take(12).collect();
    let task = "{\"title\":\"清理渔网\",\"description\":\"码头东侧\",\"case_kind\":\"hazard\",\"level\":\"simple\",\
                \"holder_job_no\":\"W01\",\"place_text\":\"一号码头\",\"due_at\":\"2026-01-16T00:00:00+08:00\"}\n";
    [
        (3, "tasks", task.as_bytes().to_vec()),
        (0, "posts", posts.as_bytes().to_vec()),
        (1, "divisions", divisions),
        (2, "outline", read("dalu_island.geojson")),
        (4, "calendar", calendar.join("\n").into_bytes()),
    ]
    .into_iter()
    .map(|(kind, name, bytes)| Seed::of("lists", name, [vec![kind], bytes].concat()))
    .collect()
}

fn requests() -> Vec<Seed> {
    let asked = |name, text: &str| Seed::of("http_router", name, text.as_bytes().to_vec());
    let got = |path: &str| format!("GET {path}\ncookie: $SESSION\n\n");
    let upload = "POST /v1/uploads\nauthorization: $GRANT\ntus-resumable: 1.0.0\nupload-length: 12\n\
                  upload-metadata: sha256 \
                  YWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYmFiYWJhYg==,mime \
                  aW1hZ2UvanBlZw==\n\n";
    let piece = "PATCH $UPLOAD\nauthorization: $GRANT\ntus-resumable: 1.0.0\nupload-offset: 0\n\
                 content-type: application/offset+octet-stream\n\ntwelve";
    let mut seeds = vec![
        asked("upload piece", piece),
        asked(
            "upload standing",
            "HEAD $UPLOAD\nauthorization: $GRANT\ntus-resumable: 1.0.0\n\n",
        ),
        asked("live", "GET /health/live\n\n"),
        asked("openapi", "GET /api/openapi.json\n\n"),
        asked("page", "GET /\naccept: text/html\n\n"),
        asked("upload", upload),
        asked("abilities", "OPTIONS /v1/uploads\n\n"),
        asked(
            "login",
            "POST /api/login\nx-grid-console: 1\ncontent-type: application/json\n\n\
             {\"name\":\"d01\",\"password\":\"harbour-0713\"}",
        ),
    ];
    for path in [
        "/api/me",
        "/api/tasks",
        "/api/workers",
        "/api/cases",
        "/api/patrols",
        "/api/outline",
        "/api/counts",
        "/api/devices",
        "/api/records",
        "/api/records?format=csv&limit=50",
        "/api/tasks?status=assigned&limit=5&after=1",
    ] {
        seeds.push(asked(path.trim_start_matches("/api/"), &got(path)));
    }
    seeds
}
