//! The real router over a real store: any request at all, and any batch that an enrolled device signed.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use grid_hub::{OrgDraft, PostDraft, WorkerDraft};
use grid_model::terms::Role;
use grid_model::{ChangeKind, Coded as _, Epoch, Lane, LaneKind, OrgId, PhoneId, Seq};
use grid_server::{Clock, PasswordCost, Platform, Settings};
use grid_vault::{Domain, VerifyKey, chain_link, chain_start, frame_digests, open_signed, sign_message};
use grid_wire::enroll::{self, EnrollRequest};
use grid_wire::{
    BatchHeader, Entry, ExchangeRequest, ExchangeResponse, Head, Receipt, Verdict, batch, decode, encode,
    exchange, lifeboat,
};
use http_body_util::BodyExt as _;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::boat;
use crate::keys::{DEVICE, VAULT};
use crate::pieces::split;

/// What our own messages are called.
const FRAME_TYPE: &str = "application/vnd.grid-fieldbook";
const PASSWORD: &str = "harbour-0713";
/// 2026-01-14T02:03:04.123Z in ms.
const NOW_MS: i64 = 1_768_356_184_123;
/// In a header of an input: the session of a supervisor who may do everything.
const SESSION: &str = "$SESSION";
/// In a header of an input: a grant of the enrolled device.
const GRANT: &str = "$GRANT";
/// In a path of an input: an upload that this device began, of twelve bytes.
const UPLOAD: &str = "$UPLOAD";
/// Begins it. Its hash is one that no twelve bytes have, so it never ends.
const BEGIN_UPLOAD: &str = "POST /v1/uploads\nauthorization: $GRANT\ntus-resumable: 1.0.0\nupload-length: 12\n\
    upload-metadata: sha256 q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n\n";

/// A request as text: method and path, headers, an empty line, the body. Whatever it asks, the answer is whole, carries the
/// headers that protect it, and is no fault of the server.
pub fn http_router(bytes: &[u8]) -> bool {
    with_site(|site| {
        let Some(request) = site.request(bytes) else {
            return false;
        };
        let (status, headers, body) = site.send(request);
        assert!(status.as_u16() < 500, "{status}");
        assert!(headers.contains_key(header::X_CONTENT_TYPE_OPTIONS));
        assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY));
        let is_frame = headers
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == FRAME_TYPE);
        if is_frame && !status.is_success() {
            let length = headers.get(header::CONTENT_LENGTH);
            let is_head = body.is_empty() && length.is_none_or(|length| length != "0");
            assert!(is_head || exchange::refusal_from(&body).is_some(), "no refusal");
        }
        status.is_success()
    })
}

/// Changes that an enrolled device signed and sent, in a life of its log of its own: each part of the input is one, its kind
/// the tag, its lane the first two bytes. Every change gets a verdict that the platform signed, and no worse one when it is
/// sent again.
pub fn http_sync(bytes: &[u8]) -> bool {
    let entries = changes(bytes);
    if entries.is_empty() {
        return false;
    }
    with_site(|site| {
        site.epochs += 1;
        let epoch = Epoch(site.epochs);
        let body = batch::pack(&entries);
        let newest = entries.last().map_or(Seq(0), |entry| entry.seq);
        let h = entries.iter().fold(chain_start(DEVICE, epoch), chain_link);
        let header = BatchHeader::new(
            DEVICE,
            epoch,
            Head::new(newest, h),
            &body,
            frame_digests(&body),
            7,
        );
        let request = ExchangeRequest {
            header: sign_message(&VAULT.secret, Domain::Batch, encode(&header)),
            body,
        };
        let first = site.exchange(&request);
        let second = site.exchange(&request);
        for Entry { seq, .. } in &entries {
            let (Some(verdict), Some(again)) = (first.verdict_on(*seq), second.verdict_on(*seq)) else {
                panic!("no verdict on {seq}");
            };
            let stored = |verdict| verdict != Verdict::TryLater;
            assert!(
                stored(verdict) && stored(again),
                "{seq}: {verdict:?}, then {again:?}"
            );
        }
        true
    })
}

fn changes(bytes: &[u8]) -> Vec<Entry> {
    let mut lanes = BTreeMap::new();
    let parts = split(bytes).into_iter().zip(1..);
    let entries = parts.filter_map(|((tag, piece), number)| {
        let ([lane_kind, lane_id], body) = piece.split_first_chunk::<2>()?;
        let lane = Lane {
            kind: LaneKind::from_code(u16::from(*lane_kind)),
            id: [*lane_id; 16],
        };
        let (seq, kind) = (Seq(number), ChangeKind::from_code(u16::from(tag)));
        Some(Entry {
            seq,
            lane,
            prev_in_lane: lanes.insert(lane, seq).unwrap_or_default(),
            kind,
            schema_version: 1,
            body: body.to_vec(),
        })
    });
    entries.collect()
}

/// A lifeboat segment that is sealed to the platform and sent by its device; the parts of the input are its frames. It is
/// taken in, whatever they hold.
pub fn http_lifeboat(bytes: &[u8]) -> bool {
    with_site(|site| {
        let (segment, expected, _) = boat::framed(&site.blocks, bytes);
        let Ok(posted) = posted("/v1/lifeboat", segment) else {
            panic!("a segment is no request");
        };
        let (status, _, body) = site.send(posted);
        let Ok(Ok(answer)) = lifeboat::answer_from(&body) else {
            panic!("{status}, and no answer to a segment of an enrolled device");
        };
        assert!(answer.new + answer.duplicate <= answer.frames);
        assert!(answer.frames >= expected.len() as u64 || answer.damaged > 0);
        answer.frames > 0
    })
}

/// A clock that stands still: an input means the same whenever it is read.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        NOW_MS
    }
}

/// A platform with one supervisor and one enrolled device.
pub(crate) struct Site {
    pub(crate) platform: Platform,
    pub(crate) org: OrgId,
    router: Router,
    runtime: Runtime,
    session: String,
    grant: String,
    upload: String,
    /// The header blocks of a segment that this platform can open.
    blocks: Vec<u8>,
    key: VerifyKey,
    epochs: u64,
    // The last of all: the folder goes when nothing works on it.
    _folder: TempDir,
}

thread_local! {
    static SITE: std::cell::RefCell<Option<Site>> = const { std::cell::RefCell::new(None) };
}

/// Does something with this thread's platform.
pub(crate) fn with_site<R>(f: impl FnOnce(&mut Site) -> R) -> R {
    SITE.with_borrow_mut(|site| {
        let site = site.get_or_insert_with(|| {
            Site::make().unwrap_or_else(|error| panic!("no platform can be made: {error}"))
        });
        f(site)
    })
}

impl Site {
    fn make() -> io::Result<Self> {
        let folder = TempDir::new()?;
        let settings = Settings {
            password_cost: PasswordCost::QUICK,
            ..Settings::default()
        };
        let platform = Platform::make(&folder.path().join("data"), Arc::new(Still), settings);
        let platform = platform.map_err(io::Error::other)?;
        let org = people(&platform)?;
        let router = platform.router().map_err(io::Error::other)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mut site = Self {
            platform,
            org,
            router,
            runtime,
            session: String::new(),
            grant: String::new(),
            upload: String::new(),
            blocks: Vec::new(),
            key: VAULT.public.clone(),
            epochs: 0,
            _folder: folder,
        };
        site.sign_in()?;
        site.enrol()?;
        site.begin_upload()?;
        Ok(site)
    }

    fn sign_in(&mut self) -> io::Result<()> {
        let form = serde_json::json!({"name": "d01", "password": PASSWORD}).to_string();
        let request = Request::post("/api/login")
            .header("x-grid-console", "1")
            .header("content-type", "application/json")
            .body(Body::from(form))
            .map_err(io::Error::other)?;
        let (_, headers, _) = self.send(request);
        let cookie = headers
            .get(header::SET_COOKIE)
            .and_then(|cookie| cookie.to_str().ok());
        let cookie = cookie.and_then(|cookie| cookie.split(';').next());
        self.session = cookie.ok_or_else(|| io::Error::other("no session"))?.to_owned();
        Ok(())
    }

    fn enrol(&mut self) -> io::Result<()> {
        let issued = self
            .platform
            .admin()
            .issue_code("W01", "http://127.0.0.1:1", None);
        let ticket = issued.map_err(io::Error::other)?.ticket;
        let code = ticket
            .split("code=")
            .nth(1)
            .and_then(|rest| rest.split('&').next());
        let asked = EnrollRequest {
            version: grid_wire::WIRE_VERSION,
            code: code.unwrap_or_default().to_owned(),
            device: DEVICE,
            phone: PhoneId([5; 16]),
            phone_label: "一号机".to_owned(),
            device_key: VAULT.secret.public(),
            platform: "linux".to_owned(),
            app_version: "0".to_owned(),
            nonce: 1,
        };
        let signed = sign_message(&VAULT.secret, Domain::Enroll, encode(&asked));
        let (_, _, body) = self.send(posted("/v1/enroll", enroll::request_bytes(&signed))?);
        let Ok(Ok(answer)) = enroll::answer_from(&body) else {
            return Err(io::Error::other("the device is not enrolled"));
        };
        self.key = VerifyKey::from_sec1(&answer.platform_key).map_err(io::Error::other)?;
        let epoch = Epoch(u64::MAX);
        let head = Head::new(Seq(0), chain_start(DEVICE, epoch));
        let header = BatchHeader::new(DEVICE, epoch, head, &[], Vec::new(), 1);
        let request = ExchangeRequest {
            header: sign_message(&VAULT.secret, Domain::Batch, encode(&header)),
            body: Vec::new(),
        };
        self.grant = self.exchanged(&request).upload_grant;
        self.blocks = boat::blocks_for(&answer.sealing_key).ok_or_else(|| io::Error::other("no header"))?;
        Ok(())
    }

    fn begin_upload(&mut self) -> io::Result<()> {
        let request = self.request(BEGIN_UPLOAD.as_bytes());
        let (_, headers, _) = self.send(request.ok_or_else(|| io::Error::other("no request"))?);
        let place = headers
            .get(header::LOCATION)
            .and_then(|place| place.to_str().ok());
        self.upload = place.ok_or_else(|| io::Error::other("no upload"))?.to_owned();
        Ok(())
    }

    /// The request that an input describes; `None` when HTTP itself has no such request.
    fn request(&self, bytes: &[u8]) -> Option<Request<Body>> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = match end {
            Some(end) => (&bytes[..end], &bytes[end + 2..]),
            None => (bytes, &[][..]),
        };
        let mut lines = head.split(|byte| *byte == b'\n');
        let (method, path) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
        let mut request = Request::new(Body::from(body.to_vec()));
        *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
        *request.uri_mut() = Uri::try_from(path.trim().replace(UPLOAD, &self.upload)).ok()?;
        for line in lines {
            let at = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..at]).ok()?;
            let value = match line[at + 1..].trim_ascii() {
                value if value == SESSION.as_bytes() => self.session.as_bytes().to_vec(),
                value if value == GRANT.as_bytes() => format!("Grid {}", self.grant).into_bytes(),
                value => value.to_vec(),
            };
            request
                .headers_mut()
                .append(name, HeaderValue::from_bytes(&value).ok()?);
        }
        // Signing out would leave every later input without a session.
        (request.uri().path() != "/api/logout").then_some(request)
    }

    fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let answered = self.runtime.block_on(async {
            let Ok(answer) = self.router.clone().oneshot(request).await;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.map(|body| body.to_bytes().to_vec());
            body.map(|body| (parts.status, parts.headers, body))
        });
        answered.unwrap_or_else(|error| panic!("the answer breaks off: {error}"))
    }

    fn exchanged(&self, request: &ExchangeRequest) -> ExchangeResponse {
        let Ok(posted) = posted("/v1/sync", request.to_bytes()) else {
            panic!("a sync request is no request");
        };
        let (status, _, body) = self.send(posted);
        match ExchangeResponse::from_bytes(&body) {
            Ok(Ok(answer)) => answer,
            other => panic!("{status}, and no answer to a signed batch: {other:?}"),
        }
    }

    /// The receipt for a batch; its signature holds and its ranges rise.
    fn exchange(&self, request: &ExchangeRequest) -> Receipt {
        let answer = self.exchanged(request);
        let read = open_signed(&self.key, Domain::Receipt, &answer.receipt)
            .map(|bytes| decode::<Receipt>(bytes, "receipt"));
        let Ok(Ok(receipt)) = read else {
            panic!("the receipt is not the platform's");
        };
        let mut last = 0;
        for range in &receipt.ranges {
            assert!(last < range.from().0 && range.from() <= range.to());
            last = range.to().0;
        }
        receipt
    }
}

fn posted(path: &str, bytes: Vec<u8>) -> io::Result<Request<Body>> {
    let request = Request::post(path).header("content-type", FRAME_TYPE);
    request.body(Body::from(bytes)).map_err(io::Error::other)
}

/// One organisation, one post, one supervisor, one officer.
fn people(platform: &Platform) -> io::Result<OrgId> {
    let admin = platform.admin();
    let org = OrgDraft {
        name: "大鹿岛边境派出所".to_owned(),
        parent: None,
        prefix: "DL".to_owned(),
    };
    let org = admin.create_org(&org).map_err(io::Error::other)?;
    let post = PostDraft {
        code: "DL-01".to_owned(),
        name: "一号岗".to_owned(),
        lat_e7: 397_512_345,
        lon_e7: 1_237_312_345,
        checkpoints: Vec::new(),
    };
    admin.put_post(org, &post).map_err(io::Error::other)?;
    for (job_no, role, password) in [
        ("D01", Role::DutyOfficer, Some(PASSWORD)),
        ("W01", Role::BorderOfficer, None),
    ] {
        let draft = WorkerDraft {
            org,
            name: job_no.to_lowercase(),
            display_name: job_no.to_owned(),
            job_no: job_no.to_owned(),
            role,
            post: None,
            password_hash: None,
        };
        admin.create_worker(draft, password).map_err(io::Error::other)?;
    }
    Ok(org)
}
