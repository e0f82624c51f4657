//! A platform behind the `Transport` trait that answers at once and always well; what goes wrong in these tests is the disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use grid_fieldbook::{CancelToken, LinkError, Method, Request, Response, Transport};
use grid_model::id::{Incarnation, Seq, TaskId, WorkerId};
use grid_model::terms::{CaseKind, Level, ParkReason, RowKind};
use grid_model::{Sha256, TaskStatus};
use grid_vault::{Domain, SignatureKey, cover_digest, sha256, sign_message};
use grid_wire::enroll::{EnrollResponse, answer_bytes, request_from};
use grid_wire::{
    BatchHeader, Checkpoint, ExchangeRequest, ExchangeResponse, FeedRow, PostRow, PullPage, Receipt, TaskRow,
    Verdict, batch, decode, encode,
};

use crate::world::START_MS;

/// The store that this platform is.
pub const INCARNATION: Incarnation = Incarnation([3; 16]);

/// What the platform knows; a copy of it goes with every run.
#[derive(Clone, Debug, Default)]
pub struct Known {
    stored: BTreeMap<(u64, Seq), ()>,
    photos: BTreeMap<Sha256, (u64, u64)>,
    /// Rows of the feed.
    pub feed: Vec<FeedRow>,
    /// Positions that are sent back.
    pub park: BTreeMap<Seq, ParkReason>,
    /// Up to where it vouches with the next answer.
    pub backed_up_to: Option<Seq>,
}

/// A platform of one vault.
pub struct Platform {
    key: SignatureKey,
    /// What it knows.
    pub known: Mutex<Known>,
}

impl Platform {
    /// A platform that knows this; `None` when its key cannot be made, which never happens.
    pub fn knowing(known: Known) -> Option<Self> {
        let key = SignatureKey::from_secret(&[9; 32]).ok()?;
        let known = Mutex::new(known);
        Some(Self { key, known })
    }

    fn enrolled(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (_, request) = request_from(body).ok()?;
        Some(answer_bytes(&EnrollResponse {
            version: 1,
            worker: WorkerId([8; 16]),
            display_name: "民警 P01".to_owned(),
            job_no: "P01".to_owned(),
            org_name: "大鹿岛边境派出所".to_owned(),
            incarnation: INCARNATION,
            platform_key: self.key.public(),
            sealing_key: self.key.public(),
            server_ms: START_MS,
            nonce: request.nonce,
        }))
    }

    fn synced(&self, known: &mut Known, body: &[u8]) -> Option<Vec<u8>> {
        let request = ExchangeRequest::from_bytes(body).ok()?;
        let header: BatchHeader = decode(&request.header.bytes, "header").ok()?;
        let entries = if request.body.is_empty() {
            Vec::new()
        } else {
            batch::unpack(&request.body).ok()?
        };
        let epoch = header.epoch();
        let verdicts: Vec<_> = entries
            .iter()
            .map(|entry| {
                let again = known.stored.insert((epoch.0, entry.seq), ()).is_some();
                let verdict = match known.park.get(&entry.seq) {
                    Some(reason) => Verdict::Parked(*reason),
                    None if again => Verdict::Duplicate,
                    None => Verdict::Accepted,
                };
                (entry.seq, verdict)
            })
            .collect();
        let digest = cover_digest(entries.iter().map(|entry| (entry.seq, sha256(&entry.body))));
        let ids = (header.device, epoch);
        let now = (START_MS + 500, header.nonce);
        let receipt = Receipt::new(ids, Receipt::join(verdicts), digest, INCARNATION, now);
        let checkpoint = known.backed_up_to.map(|to| {
            let checkpoint = Checkpoint::new(ids, to, to, INCARNATION);
            sign_message(&self.key, Domain::Checkpoint, encode(&checkpoint))
        });
        let from = usize::try_from(header.cursor).ok()?;
        let page = PullPage {
            from: header.cursor,
            rows: known.feed.iter().skip(from).cloned().collect(),
            next: known.feed.len() as u64,
            more: false,
            checkpoint,
        };
        let answer = ExchangeResponse {
            version: 1,
            receipt: sign_message(&self.key, Domain::Receipt, encode(&receipt)),
            page,
            upload_grant: "grant".to_owned(),
            key_notices: None,
        };
        Some(answer.to_bytes())
    }
}

impl Transport for Platform {
    fn send(&self, request: &Request, _: &CancelToken) -> Result<Response, LinkError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let body = match request.path.as_str() {
            "/v1/enroll" => self.enrolled(&request.body),
            "/v1/sync" => self.synced(&mut known, &request.body),
            _ => return uploaded(&mut known, request).ok_or(LinkError::Lost),
        };
        Ok(Response {
            is_cut: false,
            status: 200,
            headers: Vec::new(),
            body: body.ok_or(LinkError::Lost)?,
        })
    }
}

fn uploaded(known: &mut Known, request: &Request) -> Option<Response> {
    let header = |name: &str| {
        let found = request.headers.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone())
    };
    let reply = |status, headers: Vec<(&str, String)>| Response {
        is_cut: false,
        status,
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        body: Vec::new(),
    };
    if request.method == Method::Post {
        let bytes: u64 = header("upload-length")?.parse().ok()?;
        let metadata = header("upload-metadata")?;
        let encoded = metadata.split([' ', ',']).nth(1)?.to_owned();
        let text = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
        let sha256: Sha256 = String::from_utf8(text).ok()?.parse().ok()?;
        let (_, kept) = known.photos.entry(sha256).or_insert((bytes, 0));
        let place = format!("/v1/uploads/{sha256}");
        return Some(reply(
            201,
            vec![("location", place), ("upload-offset", kept.to_string())],
        ));
    }
    let sha256: Sha256 = request.path.rsplit('/').next()?.parse().ok()?;
    let (_, kept) = known.photos.get_mut(&sha256)?;
    if request.method == Method::Patch {
        *kept += request.body.len() as u64;
    }
    let status = if request.method == Method::Patch { 204 } else { 200 };
    Some(reply(status, vec![("upload-offset", kept.to_string())]))
}

/// A task as the feed brings it.
pub fn task_row(id: TaskId, revision: u64, no: u32) -> FeedRow {
    let row = TaskRow {
        no: format!("DL-2026-{no:04}"),
        title: "楼道堆放杂物".to_owned(),
        description: String::new(),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        status: TaskStatus::Assigned,
        grid_code: "210681101210001".to_owned(),
        place_text: "东口".to_owned(),
        created_at_ms: START_MS,
        due_at_ms: START_MS + 3 * 86_400_000,
        reason: None,
        late_report: false,
        covers: 0,
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

/// A post as the feed brings it.
pub fn post_row(code: &str) -> FeedRow {
    let row = PostRow {
        code: code.to_owned(),
        name: "前滩".to_owned(),
        lat_e7: 397_500_000,
        lon_e7: 1_237_300_000,
        checkpoints: Vec::new(),
    };
    FeedRow {
        kind: RowKind::Post,
        id: code.as_bytes().to_vec(),
        revision: 1,
        body: encode(&row),
        moved: None,
    }
}
