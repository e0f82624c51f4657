//! Reads packets of `POST /v1/sync` from the text of docs/sync.md §5; the numbers of the keys from the frozen snapshots.
//!
//! Only what an invariant speaks about is taken out, and of a body only its hash is kept.

use std::io::Read as _;

use crate::cbor::Item;
use crate::columns;
use crate::seal::{self, Hash};

/// The 16 bytes that name a device, a store or a lane's aggregate.
pub(crate) type Id = [u8; 16];

/// Most bytes that are taken out of a zstd frame.
const INFLATED_BYTES_MAX: u64 = 64 * 1024 * 1024;
const FRAME_BYTES: usize = 8 * 1024;
/// The kind of a change that says a number of people or things.
const COUNTED: u64 = 20;
/// Names of the count kinds, from 1, as frozen in `numbers_of_enumerations.snap`.
const COUNT_KINDS: [&str; 16] = [
    "island_entry_check",
    "dissuade_illegal_sailing",
    "mudflat_dispute_resolved",
    "ecology_stopped",
    "rescued",
    "vessel_moved",
    "property_saved",
    "dispute_mediated",
    "household_visit",
    "test_organised",
    "goods_moved",
    "calls_received",
    "officers_out",
    "order_case",
    "offender_dealt",
    "publicity",
];

/// Bytes and the signature over exactly these bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) signature: Vec<u8>,
}

impl Signed {
    fn of(item: &Item<'_>) -> Option<Self> {
        let [bytes, signature] = item.list()? else {
            return None;
        };
        Some(Self {
            bytes: bytes.bytes()?.to_vec(),
            signature: signature.bytes()?.to_vec(),
        })
    }

    pub(crate) fn holds(&self, key: &[u8], label: &[u8]) -> bool {
        seal::holds(key, label, &self.bytes, &self.signature)
    }
}

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) seq: u64,
    pub(crate) lane_kind: u64,
    pub(crate) lane_id: Id,
    /// The position before it in its lane; 0 for the first.
    pub(crate) prev_in_lane: u64,
    pub(crate) kind: u64,
    pub(crate) body: Hash,
    /// Kind and value, of a count.
    pub(crate) count: Option<(&'static str, i64)>,
}

/// An exchange request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) device: Id,
    pub(crate) epoch: u64,
    pub(crate) head: u64,
    pub(crate) incarnation: Option<Id>,
    pub(crate) nonce: u64,
    pub(crate) header: Signed,
    /// Whether length and frame digests of the header are those of the body.
    pub(crate) covers_body: bool,
    /// The changes, ascending by position.
    pub(crate) changes: Vec<Carried>,
}

impl Request {
    /// Reads a request; the error says which part could not be read.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let rest = bytes.strip_prefix(b"GFB1").ok_or("it does not begin with GFB1")?;
        let (length, rest) = rest.split_first_chunk().ok_or("it has no length")?;
        let (signed, body) = rest
            .split_at_checked(u32::from_be_bytes(*length) as usize)
            .ok_or("its header is cut")?;
        let header = Item::read(signed)
            .as_ref()
            .and_then(Signed::of)
            .ok_or("its header is not signed")?;
        // A small body stands in the header itself.
        let map = Item::read(&header.bytes);
        let inline = map.as_ref().and_then(|map| map.field(12)?.bytes());
        let mut changes = changes(inline.unwrap_or(body)).ok_or("its batch body cannot be read")?;
        changes.sort_by_key(|change| change.seq);
        Self::of_header(header, body, changes).ok_or("its header cannot be read")
    }

    fn of_header(header: Signed, body: &[u8], changes: Vec<Carried>) -> Option<Self> {
        let bytes = header.bytes.clone();
        let map = Item::read(&bytes)?;
        let frames = map
            .field(8)?
            .list()?
            .iter()
            .map(Item::exactly)
            .collect::<Option<Vec<Hash>>>()?;
        let found: Vec<Hash> = body.chunks(FRAME_BYTES).map(seal::hash).collect();
        Some(Self {
            device: map.field(1)?.exactly()?,
            epoch: map.field(2)?.number()?,
            head: map.field(3)?.list()?.first()?.number()?,
            incarnation: map.field(4).and_then(Item::exactly),
            nonce: map.field(9)?.number()?,
            covers_body: map.field(7)?.number()? == body.len() as u64 && frames == found,
            header,
            changes,
        })
    }
}

fn changes(body: &[u8]) -> Option<Vec<Carried>> {
    if body.is_empty() {
        return Some(Vec::new());
    }
    if let Some(rows) = columns::rows(body)? {
        return Some(rows.into_iter().map(carried).collect());
    }
    let inflated = inflate(body)?;
    let map = Item::read(&inflated)?;
    let lanes = map
        .field(0)?
        .list()?
        .iter()
        .map(lane)
        .collect::<Option<Vec<_>>>()?;
    map.field(1)?
        .list()?
        .iter()
        .map(|item| change(item, &lanes))
        .collect()
}

fn carried(row: columns::Row) -> Carried {
    let (lane_kind, lane_id) = row.lane;
    Carried {
        seq: row.seq,
        lane_kind,
        lane_id,
        prev_in_lane: row.prev_in_lane,
        kind: row.kind,
        body: seal::hash(&row.body),
        count: if row.kind == COUNTED {
            count(&row.body)
        } else {
            None
        },
    }
}

fn lane(item: &Item<'_>) -> Option<(u64, Id)> {
    let [kind, id, ..] = item.list()? else { return None };
    Some((kind.number()?, id.exactly()?))
}

fn change(item: &Item<'_>, lanes: &[(u64, Id)]) -> Option<Carried> {
    let [seq, lane, back, kind, _schema, body, ..] = item.list()? else {
        return None;
    };
    let (seq, back, kind) = (seq.number()?, back.number()?, kind.number()?);
    let (lane_kind, lane_id) = *lanes.get(usize::try_from(lane.number()?).ok()?)?;
    let body = body.bytes()?;
    Some(Carried {
        seq,
        lane_kind,
        lane_id,
        prev_in_lane: if back == 0 { 0 } else { seq.checked_sub(back)? },
        kind,
        body: seal::hash(body),
        count: if kind == COUNTED { count(body) } else { None },
    })
}

/// Kind and value of a count's body `[stamp, {0: kind, 1: value, …}]`.
fn count(body: &[u8]) -> Option<(&'static str, i64)> {
    let read = Item::read(body)?;
    let fact = read.list()?.get(1)?;
    let code = usize::try_from(fact.field(0)?.number()?).ok()?.checked_sub(1)?;
    Some((COUNT_KINDS.get(code)?, fact.field(1)?.signed_number()?))
}

/// What the platform decided on consecutive positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) from: u64,
    pub(crate) to: u64,
    pub(crate) verdict: Verdict,
}

/// A verdict; a code that is not known settles nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    Duplicate,
    Parked(u64),
    TryLater,
}

/// The code of `parked(conflict)`.
pub(crate) const CONFLICT: u64 = 2;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) device: Id,
    pub(crate) epoch: u64,
    pub(crate) decided: Vec<Decided>,
    pub(crate) digest: Hash,
    pub(crate) incarnation: Id,
    pub(crate) server_ms: i64,
    pub(crate) nonce: u64,
}

impl Receipt {
    fn read(bytes: &[u8]) -> Option<Self> {
        let map = Item::read(bytes)?;
        Some(Self {
            device: map.field(0)?.exactly()?,
            epoch: map.field(1)?.number()?,
            decided: map.field(2)?.list()?.iter().map(decided).collect::<Option<_>>()?,
            digest: map.field(3)?.exactly()?,
            incarnation: map.field(4)?.exactly()?,
            server_ms: map.field(5)?.signed_number()?,
            nonce: map.field(6)?.number()?,
        })
    }

    /// The verdict on a position, if the receipt speaks about it.
    pub(crate) fn verdict_on(&self, seq: u64) -> Option<Verdict> {
        let about = |decided: &&Decided| (decided.from..=decided.to).contains(&seq);
        self.decided.iter().find(about).map(|decided| decided.verdict)
    }
}

fn decided(item: &Item<'_>) -> Option<Decided> {
    let [from, to, code, rest @ ..] = item.list()? else {
        return None;
    };
    let verdict = match code.number()? {
        1 => Verdict::Accepted,
        2 => Verdict::Duplicate,
        3 => Verdict::Parked(rest.first().and_then(Item::number).unwrap_or(0)),
        _ => Verdict::TryLater,
    };
    Some(Decided {
        from: from.number()?,
        to: to.number()?,
        verdict,
    })
}

/// What the platform vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    pub(crate) verified_to: u64,
    pub(crate) backed_up_to: u64,
    pub(crate) incarnation: Id,
    pub(crate) device: Id,
    pub(crate) epoch: u64,
}

impl Checkpoint {
    fn read(bytes: &[u8]) -> Option<Self> {
        let map = Item::read(bytes)?;
        Some(Self {
            verified_to: map.field(0)?.number()?,
            backed_up_to: map.field(1)?.number()?,
            incarnation: map.field(2)?.exactly()?,
            device: map.field(3)?.exactly()?,
            epoch: map.field(4)?.number()?,
        })
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Receipt and page.
    Exchange {
        receipt: Box<Receipt>,
        signed_receipt: Signed,
        checkpoint: Option<(Checkpoint, Signed)>,
    },
    /// A refusal of the platform.
    Refusal { code: u64, retry_after_s: Option<u64> },
    /// No message of the platform, such as a proxy's page.
    Foreign,
}

impl Answer {
    /// Reads an answer; the error says which part could not be read.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        if let Some(rest) = bytes.strip_prefix(b"GFX1") {
            return refusal(rest).ok_or("its refusal cannot be read");
        }
        let Some(rest) = bytes.strip_prefix(b"GFR1") else {
            return Ok(Self::Foreign);
        };
        let inflated = inflate(rest).ok_or("its zstd frame cannot be read")?;
        exchange(&inflated).ok_or("its receipt or page cannot be read")
    }
}

fn refusal(bytes: &[u8]) -> Option<Answer> {
    let map = Item::read(bytes)?;
    Some(Answer::Refusal {
        code: map.field(0)?.number()?,
        retry_after_s: map.field(3).and_then(Item::number),
    })
}

fn exchange(bytes: &[u8]) -> Option<Answer> {
    let map = Item::read(bytes)?;
    let signed_receipt = Signed::of(map.field(1)?)?;
    // A checkpoint that cannot be read vouches for nothing.
    let signed_checkpoint = map.field(2)?.field(4).and_then(Signed::of);
    let checkpoint = signed_checkpoint.and_then(|signed| Some((Checkpoint::read(&signed.bytes)?, signed)));
    Some(Answer::Exchange {
        receipt: Box::new(Receipt::read(&signed_receipt.bytes)?),
        signed_receipt,
        checkpoint,
    })
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    let reader = zstd::stream::read::Decoder::new(bytes).ok()?;
    let mut inflated = Vec::new();
    reader
        .take(INFLATED_BYTES_MAX + 1)
        .read_to_end(&mut inflated)
        .ok()?;
    (inflated.len() as u64 <= INFLATED_BYTES_MAX).then_some(inflated)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes under the first heading of a frozen snapshot.
    fn frozen(name: &str) -> Vec<u8> {
        let path = format!(
            "{}/../../core/wire/tests/snapshots/{name}.snap",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text
            .lines()
            .skip_while(|line| !line.starts_with("# all fields"))
            .skip(1);
        let digits: String = lines
            .take_while(|line| line.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .collect();
        hex::decode(digits).unwrap()
    }

    #[test]
    fn a_frozen_header_and_a_frozen_body_are_read_together() {
        let request = frozen("exchange_request");
        assert_eq!(
            Request::read(&request),
            Err("its batch body cannot be read"),
            "a placeholder stands there"
        );
        let body = zstd::bulk::compress(&frozen("batch_body"), 3).unwrap();
        let signed = request.len() - "(packed entries)".len();
        let read = Request::read(&[&request[..signed], &body].concat()).unwrap();
        assert_eq!(
            (read.device, read.epoch, read.head),
            ([0x22; 16], 0xfeed_f00d_dead_beef, 70_000)
        );
        assert_eq!(
            (read.incarnation, read.nonce, read.covers_body),
            (Some([0x44; 16]), 77, false)
        );
        let seen: Vec<_> = read
            .changes
            .iter()
            .map(|change| (change.seq, change.lane_kind, change.prev_in_lane, change.kind))
            .collect();
        assert_eq!(seen, [(500, 1, 0, 1), (501, 77, 20, 999), (502, 1, 500, 2)]);
        assert_eq!(read.changes[1].body, seal::hash(b"kept as it came"));
    }

    #[test]
    fn a_frozen_answer_is_read() {
        let bytes = [
            b"GFR1".to_vec(),
            zstd::bulk::compress(&frozen("exchange_response"), 3).unwrap(),
        ]
        .concat();
        let Ok(Answer::Exchange {
            receipt,
            checkpoint,
            signed_receipt,
        }) = Answer::read(&bytes)
        else {
            panic!("not read");
        };
        assert_eq!(signed_receipt.bytes, frozen("receipt"));
        assert_eq!(
            (receipt.device, receipt.nonce, receipt.server_ms),
            ([0x22; 16], 77, 1_768_356_184_123)
        );
        assert_eq!(receipt.verdict_on(498), Some(Verdict::Accepted));
        assert_eq!(receipt.verdict_on(500), Some(Verdict::Parked(7)));
        assert_eq!(receipt.verdict_on(501), None);
        assert_eq!(checkpoint, None);
    }

    #[test]
    fn a_frozen_checkpoint_count_and_refusal_are_read() {
        let checkpoint = Checkpoint::read(&frozen("checkpoint")).unwrap();
        assert_eq!((checkpoint.verified_to, checkpoint.backed_up_to), (502, 480));
        assert_eq!(
            (checkpoint.incarnation, checkpoint.device),
            ([0x44; 16], [0x22; 16])
        );
        assert_eq!(count(&frozen("fact_counted")), Some(("island_entry_check", -12)));
        assert_eq!(
            Answer::read(&frozen("refusal")),
            Ok(Answer::Refusal {
                code: 2,
                retry_after_s: Some(600)
            })
        );
        assert_eq!(Answer::read(b"<html>"), Ok(Answer::Foreign));
    }
}
