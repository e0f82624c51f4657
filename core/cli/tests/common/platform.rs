//! A platform on a loopback port that speaks just enough of the protocol to enrol, take records and photos, and hand out
//! tasks; and what else may answer at an address: a log-in page of a network.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use grid_fieldbook::Clock as _;
use grid_model::id::{DeviceId, Incarnation, Seq, TaskId, WorkerId};
use grid_model::terms::{CaseKind, Level, ParkReason};
use grid_model::{ExtensionState, Sha256, TaskStatus};
use grid_vault::{Domain, SignatureKey, cover_digest, sha256, sign_message};
use grid_wire::enroll::{EnrollResponse, answer_bytes, request_from};
use grid_wire::{
    BatchHeader, ExchangeRequest, ExchangeResponse, ExtensionRow, FeedRow, PostRow, PullPage, Receipt,
    Refusal, RefusalCode, RowKind, TaskRow, Verdict, batch, decode, encode, exchange,
};

use super::{START_MS, TestClock};

const HOUR: i64 = 3_600_000;

/// What answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Platform,
    /// A network's log-in page: 200 and HTML for everything.
    Portal,
    /// The platform, asking to come back later.
    Busy,
    /// A platform that speaks a wire version of the future.
    Newer,
}

pub struct Platform {
    pub port: u16,
    pub state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

pub struct State {
    clock: Arc<TestClock>,
    pub mode: Mode,
    pub stored: BTreeMap<Seq, Vec<u8>>,
    pub park: BTreeMap<Seq, ParkReason>,
    pub photos: BTreeMap<String, (usize, Vec<u8>)>,
    feed: Vec<FeedRow>,
    /// Who used the code.
    pub used: Option<DeviceId>,
}

impl State {
    fn version(&self) -> u16 {
        if self.mode == Mode::Newer { 99 } else { 1 }
    }
}

struct Request {
    line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Platform {
    pub fn start(mode: Mode, clock: &Arc<TestClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let feed = vec![
            task(1, "DL-2026-0001", TaskStatus::Assigned),
            task(2, "DL-2026-0002", TaskStatus::Rework),
            post(),
        ];
        let state = State {
            clock: clock.clone(),
            mode,
            stored: BTreeMap::new(),
            park: BTreeMap::new(),
            photos: BTreeMap::new(),
            feed,
            used: None,
        };
        let (state, stop) = (Arc::new(Mutex::new(state)), Arc::new(AtomicBool::new(false)));
        let (shared, stopped) = (state.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let _ = serve(stream, &shared);
            }
        });
        Self {
            port,
            state,
            stop,
            thread: Some(thread),
        }
    }

    pub fn ticket(&self) -> String {
        format!("grid:http://127.0.0.1:{}#code=ABCD-EFGH", self.port)
    }

    /// What a dispatcher did since: a task is recalled, one is due later, and a new one came.
    pub fn moves_on(&self) {
        let changed = |mut row: FeedRow, change: &dyn Fn(&mut TaskRow)| {
            let mut task: TaskRow = decode(&row.body, "task row").expect("a task");
            change(&mut task);
            (row.revision, row.body) = (2, encode(&task));
            row
        };
        let recalled = changed(task(1, "DL-2026-0001", TaskStatus::Recalled), &|task| {
            (task.late_report, task.covers) = (true, 4);
            task.reason = Some("改派二号岗".to_owned());
        });
        let later = changed(task(2, "DL-2026-0002", TaskStatus::Rework), &|task| {
            task.due_at_ms += 48 * HOUR;
            task.description = "西口护栏两处松动".to_owned();
        });
        let mut gone = task(2, "DL-2026-0002", TaskStatus::Rework);
        gone.body.clear();
        let mut state = self.state.lock().expect("state");
        match state.feed.len() {
            3 => state
                .feed
                .extend([recalled, later, task(3, "DL-2026-0003", TaskStatus::Assigned)]),
            _ => state.feed.push(gone),
        }
    }

    /// What a supervisor answered to a request for more time: the first task stands so.
    pub fn answers(&self, state: ExtensionState, answer: Option<&str>, due_later_ms: i64) {
        let mut row = task(1, "DL-2026-0001", TaskStatus::Assigned);
        let mut task: TaskRow = decode(&row.body, "task row").expect("a task");
        task.extension = Some(ExtensionRow {
            state,
            wanted_due_ms: task.due_at_ms + 48 * HOUR,
            answer: answer.map(str::to_owned),
        });
        task.covers = 1;
        task.due_at_ms += due_later_ms;
        let mut platform = self.state.lock().expect("state");
        (row.revision, row.body) = (platform.feed.len() as u64, encode(&task));
        platform.feed.push(row);
    }

    pub fn set(&self, mode: Mode) {
        self.state.lock().expect("state").mode = mode;
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn task(id: u8, no: &str, status: TaskStatus) -> FeedRow {
    let rework = status == TaskStatus::Rework;
    let row = TaskRow {
        no: no.to_owned(),
        title: if rework {
            "西口护栏松动".to_owned()
        } else {
            "楼道堆放杂物".to_owned()
        },
        description: "三单元一楼楼道堆放纸箱，影响通行".to_owned(),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        status,
        grid_code: "210681101210003".to_owned(),
        place_text: "前滩三号楼".to_owned(),
        created_at_ms: START_MS - 4 * HOUR,
        due_at_ms: if rework {
            START_MS - 2 * HOUR
        } else {
            START_MS + 64 * HOUR
        },
        reason: rework.then(|| "照片看不清，请补一张".to_owned()),
        late_report: false,
        covers: 0,
        extension: None,
    };
    FeedRow {
        kind: RowKind::Task,
        id: TaskId([id; 16]).bytes().to_vec(),
        revision: 1,
        body: encode(&row),
        moved: None,
    }
}

fn post() -> FeedRow {
    let row = PostRow {
        code: "DL03".to_owned(),
        name: "后口码头".to_owned(),
        lat_e7: 0,
        lon_e7: 0,
        checkpoints: Vec::new(),
    };
    FeedRow {
        kind: RowKind::Post,
        id: b"DL03".to_vec(),
        revision: 1,
        body: encode(&row),
        moved: None,
    }
}

fn key() -> SignatureKey {
    SignatureKey::from_secret(&[9; 32]).expect("a key")
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let request = read(&mut stream)?;
    let mut state = state.lock().expect("state");
    let (status, headers, body) = answer(&mut state, &request);
    let mut text = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    headers
        .iter()
        .for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
    stream.write_all((text + "\r\n").as_bytes())?;
    stream.write_all(&body)
}

fn read(stream: &mut TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Request { line, headers, body })
}

type Answer = (u16, Vec<(&'static str, String)>, Vec<u8>);

fn answer(state: &mut State, request: &Request) -> Answer {
    if state.mode == Mode::Portal {
        let page = "<html><body>请先登录网络 · please log in</body></html>";
        return (200, vec![("content-type", "text/html".to_owned())], page.into());
    }
    let (method, path) = {
        let mut words = request.line.split(' ');
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    };
    match (method, path) {
        (_, _) if state.mode == Mode::Busy => (200, Vec::new(), refusal(RefusalCode::TryLater)),
        ("POST", "/v1/enroll") => (200, Vec::new(), enrolled(state, &request.body)),
        ("POST", "/v1/sync") => (200, Vec::new(), synced(state, &request.body)),
        ("POST", "/v1/uploads") => {
            let bytes = request.headers["upload-length"].parse().expect("a length");
            let name = state.photos.len().to_string();
            state.photos.insert(name.clone(), (bytes, Vec::new()));
            (
                201,
                vec![
                    ("location", format!("/v1/uploads/{name}")),
                    ("upload-offset", "0".to_owned()),
                ],
                Vec::new(),
            )
        }
        (_, path) => {
            let (_, kept) = state
                .photos
                .get_mut(path.rsplit('/').next().unwrap_or_default())
                .expect("a photo");
            kept.extend(&request.body);
            (204, vec![("upload-offset", kept.len().to_string())], Vec::new())
        }
    }
}

fn refusal(code: RefusalCode) -> Vec<u8> {
    exchange::refusal_bytes(&Refusal::new(code, "refused"))
}

fn enrolled(state: &mut State, body: &[u8]) -> Vec<u8> {
    let (_, request) = request_from(body).expect("an enrolment");
    if request.code != "ABCD-EFGH" {
        return refusal(RefusalCode::CodeWrong);
    }
    if state.used.get_or_insert(request.device) != &request.device {
        return refusal(RefusalCode::CodeUsed);
    }
    answer_bytes(&EnrollResponse {
        version: state.version(),
        worker: WorkerId([8; 16]),
        display_name: "民警 P01".to_owned(),
        job_no: "P01".to_owned(),
        org_name: "大鹿岛边境派出所".to_owned(),
        incarnation: Incarnation([3; 16]),
        platform_key: key().public(),
        sealing_key: key().public(),
        server_ms: START_MS,
        nonce: request.nonce,
    })
}

fn synced(state: &mut State, body: &[u8]) -> Vec<u8> {
    let request = ExchangeRequest::from_bytes(body).expect("a sync");
    let header: BatchHeader = decode(&request.header.bytes, "header").expect("a header");
    let entries = batch::unpack(&request.body).expect("entries");
    let verdicts: Vec<_> = entries
        .iter()
        .map(|entry| {
            let known = state.stored.insert(entry.seq, entry.body.clone()).is_some();
            let verdict = match state.park.get(&entry.seq) {
                Some(reason) => Verdict::Parked(*reason),
                None if known => Verdict::Duplicate,
                None => Verdict::Accepted,
            };
            (entry.seq, verdict)
        })
        .collect();
    let digest: Sha256 = cover_digest(entries.iter().map(|entry| (entry.seq, sha256(&entry.body))));
    let whose = (header.device, header.epoch());
    let when = (state.clock.now().wall_ms, header.nonce);
    let receipt = Receipt::new(whose, Receipt::join(verdicts), digest, Incarnation([3; 16]), when);
    let rows: Vec<_> = state.feed.iter().skip(header.cursor as usize).cloned().collect();
    ExchangeResponse {
        version: state.version(),
        receipt: sign_message(&key(), Domain::Receipt, encode(&receipt)),
        page: PullPage {
            from: header.cursor,
            rows,
            next: state.feed.len() as u64,
            more: false,
            checkpoint: None,
        },
        upload_grant: "grant".to_owned(),
        key_notices: None,
    }
    .to_bytes()
}
