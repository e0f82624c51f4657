//! A platform in a few lines behind the `Transport` trait: it enrols, receipts, parks what it is told to, takes photos and
//! vouches for backups. Never checks a signature.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_fieldbook::{
    Budget, CancelToken, FieldBook, FieldError, LinkError, Method, Outcome, PhoneDraft, Request, Response,
    SyncReport, Ticket, Transport,
};
use grid_model::id::{DeviceId, Epoch, Incarnation, PhoneId, Seq, Sha256, WorkerId};
use grid_model::terms::ParkReason;
use grid_vault::{Domain, SignatureKey, cover_digest, sha256, sign_message};
use grid_wire::enroll::{EnrollResponse, answer_bytes, request_from};
use grid_wire::{
    BatchHeader, Checkpoint, Entry, ExchangeRequest, ExchangeResponse, FeedRow, PullPage, Receipt, Verdict,
    batch, decode, encode,
};

use super::phone::START_MS;

/// What the platform holds.
#[derive(Clone, Default)]
pub(crate) struct Held {
    /// Changes by epoch and position.
    pub(crate) changes: BTreeMap<(u64, u64), Entry>,
    /// Photos, whole or in part.
    pub(crate) photos: BTreeMap<Sha256, Vec<u8>>,
    /// Positions that it sends back.
    pub(crate) parks: BTreeSet<u64>,
    /// Rows of the feed.
    pub(crate) feed: Vec<FeedRow>,
    /// Up to here it vouches for a backup.
    pub(crate) backed_up_to: u64,
    /// Its time beyond the start, ms.
    pub(crate) later_ms: i64,
}

pub(crate) struct Platform {
    key: SignatureKey,
    pub(crate) held: Mutex<Held>,
}

impl Platform {
    pub(crate) fn new() -> Result<Self, String> {
        let key = SignatureKey::from_secret(&[9; 32]).map_err(|error| error.to_string())?;
        Ok(Self {
            key,
            held: Mutex::default(),
        })
    }

    pub(crate) fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enroll(&self, book: &FieldBook) -> Result<(), String> {
        let ticket = Ticket::parse("grid:http://127.0.0.1:1#code=ABCD-EFGH").map_err(|e| format!("{e:?}"))?;
        let phone = PhoneDraft {
            phone: PhoneId([5; 16]),
            label: "一号机".to_owned(),
            platform: "linux".to_owned(),
            app_version: "0.1.0".to_owned(),
        };
        book.enroll_over(&ticket, &phone, self, &Default::default(), Vec::new)
            .map_err(|error| error.to_string())
    }

    pub(crate) fn sync(&self, book: &FieldBook) -> Result<SyncReport, FieldError> {
        book.sync(self, Budget::default(), &CancelToken::default(), &mut |_| {})
    }

    /// Syncs to the end.
    pub(crate) fn sync_all(&self, book: &FieldBook) -> Result<(), String> {
        let report = self.sync(book).map_err(|error| format!("syncing: {error}"))?;
        if report.summary.outcome == Outcome::Complete {
            Ok(())
        } else {
            Err(format!("syncing ended with {:?}", report.summary.outcome))
        }
    }

    fn enrolled(&self, body: &[u8]) -> Option<Vec<u8>> {
        let (_, request) = request_from(body).ok()?;
        Some(answer_bytes(&EnrollResponse {
            version: 1,
            worker: WorkerId([8; 16]),
            display_name: "网格员 P01".to_owned(),
            job_no: "P01".to_owned(),
            org_name: "大鹿岛".to_owned(),
            incarnation: INCARNATION,
            platform_key: self.key.public(),
            sealing_key: self.key.public(),
            server_ms: START_MS,
            nonce: request.nonce,
        }))
    }

    fn synced(&self, held: &mut Held, body: &[u8]) -> Option<Vec<u8>> {
        let request = ExchangeRequest::from_bytes(body).ok()?;
        let header: BatchHeader = decode(&request.header.bytes, "header").ok()?;
        let entries = batch::unpack(&request.body).ok()?;
        let epoch = header.epoch();
        let mut verdicts = Vec::new();
        for entry in &entries {
            let known = held
                .changes
                .insert((epoch.0, entry.seq.0), entry.clone())
                .is_some();
            let verdict = if held.parks.contains(&entry.seq.0) {
                Verdict::Parked(ParkReason::UnknownTask)
            } else if known {
                Verdict::Duplicate
            } else {
                Verdict::Accepted
            };
            verdicts.push((entry.seq, verdict));
        }
        let digest = cover_digest(entries.iter().map(|entry| (entry.seq, sha256(&entry.body))));
        let receipt = Receipt::new(
            (header.device, epoch),
            Receipt::join(verdicts),
            digest,
            INCARNATION,
            (START_MS + 500 + held.later_ms, header.nonce),
        );
        let from = usize::try_from(header.cursor).ok()?;
        let page = PullPage {
            from: header.cursor,
            rows: held.feed.iter().skip(from).cloned().collect(),
            next: held.feed.len() as u64,
            more: false,
            checkpoint: self.checkpoint(held, header.device, epoch),
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

    fn checkpoint(&self, held: &Held, device: DeviceId, epoch: Epoch) -> Option<grid_wire::Signed> {
        if held.backed_up_to == 0 {
            return None;
        }
        let to = Seq(held.backed_up_to);
        let checkpoint = Checkpoint::new((device, epoch), to, to, INCARNATION);
        Some(sign_message(&self.key, Domain::Checkpoint, encode(&checkpoint)))
    }
}

/// The platform store that gives receipts.
pub(crate) const INCARNATION: Incarnation = Incarnation([3; 16]);

impl Transport for Platform {
    fn send(&self, request: &Request, _: &CancelToken) -> Result<Response, LinkError> {
        let mut held = self.held();
        let body = match request.path.as_str() {
            "/v1/enroll" => self.enrolled(&request.body),
            "/v1/sync" => self.synced(&mut held, &request.body),
            _ => return upload(&mut held, request).ok_or(LinkError::Lost),
        };
        Ok(reply(200, Vec::new(), body.ok_or(LinkError::Lost)?))
    }
}

fn reply(status: u16, headers: Vec<(&str, String)>, body: Vec<u8>) -> Response {
    let named = headers.into_iter().map(|(name, value)| (name.to_owned(), value));
    Response {
        is_cut: false,
        status,
        headers: named.collect(),
        body,
    }
}

fn upload(held: &mut Held, request: &Request) -> Option<Response> {
    let header = |name: &str| {
        let mut named = request.headers.iter().filter(|(key, _)| *key == name);
        named.next().map(|(_, value)| value.clone())
    };
    if request.method == Method::Post {
        let metadata = header("upload-metadata")?;
        let text = STANDARD.decode(metadata.split([' ', ',']).nth(1)?).ok()?;
        let sha256: Sha256 = String::from_utf8(text).ok()?.parse().ok()?;
        let kept = held.photos.entry(sha256).or_default();
        let headers = vec![
            ("location", format!("/v1/uploads/{sha256}")),
            ("upload-offset", kept.len().to_string()),
        ];
        return Some(reply(201, headers, Vec::new()));
    }
    let sha256: Sha256 = request.path.rsplit('/').next()?.parse().ok()?;
    let Some(kept) = held.photos.get_mut(&sha256) else {
        return Some(reply(404, Vec::new(), Vec::new()));
    };
    if request.method == Method::Patch {
        if header("upload-offset")?.parse() != Ok(kept.len()) {
            return Some(reply(409, Vec::new(), Vec::new()));
        }
        kept.extend(&request.body);
    }
    let status = if request.method == Method::Patch { 204 } else { 200 };
    let headers = vec![("upload-offset", kept.len().to_string())];
    Some(reply(status, headers, Vec::new()))
}
