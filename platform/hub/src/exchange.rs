//! The one round trip. Checks who speaks, stores what came, judges it, folds what is ready, and answers with a receipt
//! and a page. Everything is stored and judged in one transaction; it is signed once that is durable.

mod answer;
pub(crate) mod chain;
pub(crate) mod intake;
mod judge;
pub(crate) mod scope;

pub(crate) use intake::at_the_platform;

use grid_model::{DeviceId, OrgId, Seq, Sha256, WorkerId};
use grid_vault::{Domain, Grant, VerifyKey, cover_digest, frame_digests, open_signed, sign_message};
use grid_wire::{
    BatchHeader, Checkpoint, ContinueRequest, Entry, ExchangeRequest, ExchangeResponse, Forms, Part,
    PullPage, Receipt, Refusal, RefusalCode, ScopeSum, Signed, Verdict, WIRE_VERSION, WireError, batch,
    decode_versioned, encode,
};

use crate::enroll::refusal_of;
use crate::store::{Contact, HubRead, HubTxn, StoredDevice};
use crate::text::cut;
use crate::{Hub, HubError, HubStore};

/// How long an upload grant lasts, ms.
const GRANT_MS: i64 = 24 * 3600 * 1000;
/// Largest position a device may use: what a database can count to.
pub(crate) const POSITION_MAX: u64 = i64::MAX as u64;
const APP_VERSION_CHARS_MAX: usize = 40;

/// A device's exchange that was answered, with what the server may log about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Which device.
    pub device: DeviceId,
    /// What to send back.
    pub response: ExchangeResponse,
    /// Changes accepted now.
    pub accepted: u32,
    /// Changes that were here already.
    pub duplicates: u32,
    /// Changes that wait for a person.
    pub parked: u32,
}

/// Who speaks in a request, by what stands before its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeSender {
    /// What was signed, as it came.
    pub signed: Signed,
    /// The same, read.
    pub header: BatchHeader,
    /// What is there already, where it goes on with an exchange that was cut.
    pub part: Option<Part>,
}

/// A request whose signature and digests hold.
struct Pushed {
    header: BatchHeader,
    /// When its device was enrolled, UTC ms.
    enrolled_at_ms: i64,
    /// Ascending by position, each position once, with the hash of each body.
    entries: Vec<(Entry, Sha256)>,
}

/// What the transaction decided, before it is signed.
struct Settled {
    verdicts: Vec<(Seq, Verdict)>,
    verified_to: Seq,
    /// Our chain hash there; none where nothing is verified.
    verified_h: Option<Sha256>,
    /// How much of that is in a proved backup.
    backed_up_to: Seq,
    page: PullPage,
    /// Whose rows the page is of.
    audience: (WorkerId, OrgId),
}

impl<S: HubStore> Hub<S> {
    /// Takes a push and answers with receipt and page (`POST /v1/sync`). The same batch again gives the same decisions.
    pub fn exchange(&self, now_ms: i64, bytes: &[u8]) -> Result<Result<Answered, Refusal>, HubError> {
        let (request, header) = match unsealed(bytes) {
            Ok(unsealed) => unsealed,
            Err(error) => return Ok(Err(refusal_of(&error))),
        };
        let pushed = match self.store.read(|tx| speaker(tx, &header))? {
            Ok(device) => verified(&device, &request, header),
            Err(refusal) => Err(refusal),
        };
        let pushed = match pushed {
            Ok(pushed) => pushed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let settled = match self.store.write(|tx| self.settle(tx, now_ms, &pushed))? {
            Ok(settled) => settled,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Outside the transaction that wrote: nobody waits for it.
        let scope = match settled.page.more {
            true => None,
            false => self
                .sums
                .told(&self.store, now_ms, settled.audience, settled.page.next)?,
        };
        self.signed(now_ms, &pushed, settled, scope).map(Ok)
    }

    /// Who signed a request to exchange, or to go on with an exchange; what stands before its body is enough to tell. Of the
    /// body nothing is said.
    pub fn exchange_sender(&self, before_body: &[u8]) -> Result<Result<ExchangeSender, Refusal>, HubError> {
        let (signed, part) = match beginning(before_body) {
            Ok(read) => read,
            Err(error) => return Ok(Err(refusal_of(&error))),
        };
        let header = match header_in(&signed) {
            Ok(header) => header,
            Err(error) => return Ok(Err(refusal_of(&error))),
        };
        let speaker = self.store.read(|tx| speaker(tx, &header))?;
        let signed_by = speaker.and_then(|device| signed_by(&device, &signed));
        Ok(signed_by.map(|()| ExchangeSender { signed, header, part }))
    }

    fn settle<T: HubTxn>(
        &self,
        tx: &mut T,
        now_ms: i64,
        pushed: &Pushed,
    ) -> Result<Result<Settled, Refusal>, HubError> {
        let header = &pushed.header;
        // Asked again: the device may have been revoked since its signature was checked.
        let device = match speaker(tx, header)? {
            Ok(device) => device,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let worker = tx
            .worker(device.worker)?
            .ok_or(HubError::Bug("a device without its worker"))?;
        let cursor = if header.incarnation == Some(self.incarnation) {
            header.cursor.min(tx.feed_end()?)
        } else {
            0
        };
        let whole_to = header.behind.map_or(0, |behind| cursor.saturating_sub(behind));
        // A cursor may be past the place where a row was before it moved on: a device that tells what it has as a whole was
        // delivered that and no more.
        let delivered_to = header.behind.map_or(cursor, |_| whole_to);
        intake::deliver(tx, worker.id, delivered_to, (header.cursor_at_ms, now_ms))?;
        let log = (device.id, header.epoch());
        let author = intake::Author {
            worker: &worker,
            revoked: false,
        };
        let taken = intake::take_in(tx, now_ms, &author, log, &pushed.entries)?;
        let verdicts = taken.iter().map(|taken| (taken.seq, taken.verdict)).collect();
        let verified_to = chain::advance(tx, log, header.head, now_ms)?;
        let verified_h = tx.chain_hash(log.0, log.1, verified_to)?;
        let backed_up_to = tx.backed_up_to(log.0, log.1)?.min(verified_to);
        let mut beacon = header.beacon.clone();
        beacon.app_version = cut(&beacon.app_version, APP_VERSION_CHARS_MAX);
        let head_seq = header.head.seq().0;
        tx.put_contact(
            device.id,
            &Contact {
                at_ms: now_ms,
                epoch: log.1,
                head_seq,
                cursor,
                beacon,
            },
        )?;
        let page = answer::page(tx, &worker, log, (cursor, whole_to), header.page_bytes_max)?;
        Ok(Ok(Settled {
            verdicts,
            verified_to,
            verified_h,
            backed_up_to,
            page,
            audience: (worker.id, worker.org),
        }))
    }

    fn signed(
        &self,
        now_ms: i64,
        pushed: &Pushed,
        settled: Settled,
        scope: Option<Vec<ScopeSum>>,
    ) -> Result<Answered, HubError> {
        let Settled {
            verdicts,
            verified_to,
            verified_h,
            backed_up_to,
            mut page,
            ..
        } = settled;
        let header = &pushed.header;
        let covered = pushed.entries.iter().map(|(entry, body)| (entry.seq, *body));
        let count = |wanted: fn(Verdict) -> bool| verdicts.iter().filter(|(_, v)| wanted(*v)).count() as u32;
        let (accepted, duplicates) = (
            count(|v| v == Verdict::Accepted),
            count(|v| v == Verdict::Duplicate),
        );
        let parked = count(|v| matches!(v, Verdict::Parked(_)));
        let receipt = Receipt::new(
            (header.device, header.epoch()),
            Receipt::join(verdicts.iter().copied()),
            cover_digest(covered),
            self.incarnation,
            (now_ms, header.nonce),
        )
        .with_forms(Forms::ours());
        let mut checkpoint = Checkpoint::new(
            (header.device, header.epoch()),
            verified_to,
            backed_up_to,
            self.incarnation,
        );
        checkpoint.verified_h = verified_h;
        checkpoint.scope = scope;
        let keys = self.keys();
        let (key, notices) = keys.for_phone(now_ms, header, pushed.enrolled_at_ms);
        page.checkpoint = Some(sign_message(key, Domain::Checkpoint, encode(&checkpoint)));
        let grant = Grant {
            device: header.device,
            until_ms: now_ms + GRANT_MS,
        };
        let upload_grant = grant
            .issue(&keys.grant)
            .map_err(|_| HubError::Bug("no grant can be issued"))?;
        let receipt = sign_message(key, Domain::Receipt, encode(&receipt));
        let response = ExchangeResponse {
            version: WIRE_VERSION,
            receipt,
            page,
            upload_grant,
            key_notices: (!notices.is_empty()).then_some(notices),
        };
        Ok(Answered {
            device: header.device,
            response,
            accepted,
            duplicates,
            parked,
        })
    }
}

/// The device that speaks, if it may.
fn speaker<T: HubRead>(tx: &T, header: &BatchHeader) -> Result<Result<StoredDevice, Refusal>, HubError> {
    Ok(match tx.device(header.device)? {
        None => Err(Refusal::new(RefusalCode::UnknownDevice, "no such device")),
        Some(device) if device.revoked_at_ms.is_some() => Err(Refusal::new(RefusalCode::Revoked, "revoked")),
        Some(device) => Ok(device),
    })
}

/// The request in these bytes and its header.
fn unsealed(bytes: &[u8]) -> Result<(ExchangeRequest, BatchHeader), WireError> {
    let request = ExchangeRequest::from_bytes(bytes)?;
    let header = header_in(&request.header)?;
    Ok((request, header))
}

/// What stands before the body of either request.
fn beginning(bytes: &[u8]) -> Result<(Signed, Option<Part>), WireError> {
    match ContinueRequest::from_bytes(bytes) {
        Ok(request) => Ok((request.header, Some(request.part))),
        Err(WireError::NotOurs) => ExchangeRequest::from_bytes(bytes).map(|request| (request.header, None)),
        Err(error) => Err(error),
    }
}

/// The header that was signed; its version is looked at before anything else is believed.
fn header_in(signed: &Signed) -> Result<BatchHeader, WireError> {
    decode_versioned(&signed.bytes, "sync header")
}

fn signed_by(device: &StoredDevice, header: &Signed) -> Result<(), Refusal> {
    let forged = |_| {
        Refusal::new(
            RefusalCode::BadSignature,
            "the header is not signed by this device",
        )
    };
    let key = VerifyKey::from_sec1(&device.key).map_err(forged)?;
    open_signed(&key, Domain::Batch, header).map(drop).map_err(forged)
}

/// What was pushed, once signature and digests hold.
fn verified(
    device: &StoredDevice,
    request: &ExchangeRequest,
    header: BatchHeader,
) -> Result<Pushed, Refusal> {
    signed_by(device, &request.header)?;
    let doubled = header.inline.is_some() && !request.body.is_empty();
    if doubled
        || header.body_bytes != request.body.len() as u64
        || header.frames != frame_digests(&request.body)
    {
        return Err(Refusal::new(
            RefusalCode::HashMismatch,
            "the body is not the one that was signed",
        ));
    }
    let mut entries = batch::unpack(header.body(&request.body)).map_err(|error| refusal_of(&error))?;
    entries.sort_by_key(|entry| entry.seq);
    let ascending = entries.windows(2).all(|pair| pair[0].seq < pair[1].seq);
    let countable = entries
        .iter()
        .map(|entry| entry.seq)
        .chain([header.head.seq()])
        .all(|seq| seq.0 <= POSITION_MAX);
    if !ascending || !countable {
        return Err(Refusal::new(
            RefusalCode::Malformed,
            "positions that no log can have",
        ));
    }
    let entries = entries
        .into_iter()
        .map(|entry| (grid_vault::sha256(&entry.body), entry))
        .map(|(h, e)| (e, h));
    Ok(Pushed {
        header,
        enrolled_at_ms: device.enrolled_at_ms,
        entries: entries.collect(),
    })
}
