//! The test's own encoder of packets: CBOR, zstd and signatures, written from docs/sync.md §5.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};

pub(crate) type Id = [u8; 16];

#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) seq: u64,
    pub(crate) lane: (u64, Id),
    pub(crate) prev: u64,
    pub(crate) kind: u64,
    pub(crate) body: Vec<u8>,
}

pub(crate) struct Header {
    pub(crate) device: Id,
    pub(crate) epoch: u64,
    pub(crate) head: u64,
    pub(crate) incarnation: Option<Id>,
    pub(crate) nonce: u64,
}

pub(crate) fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

pub(crate) fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

pub(crate) fn public(key: &SigningKey) -> String {
    hex::encode(key.verifying_key().to_sec1_point(false).as_bytes())
}

pub(crate) fn head(family: u8, number: u64) -> Vec<u8> {
    let family = family << 5;
    match number {
        0..=23 => vec![family | number as u8],
        24..=0xff => vec![family | 24, number as u8],
        0x100..=0xffff => [vec![family | 25], (number as u16).to_be_bytes().to_vec()].concat(),
        0x1_0000..=0xffff_ffff => [vec![family | 26], (number as u32).to_be_bytes().to_vec()].concat(),
        _ => [vec![family | 27], number.to_be_bytes().to_vec()].concat(),
    }
}

pub(crate) fn number(number: u64) -> Vec<u8> {
    head(0, number)
}

pub(crate) fn bytes(content: &[u8]) -> Vec<u8> {
    [head(2, content.len() as u64), content.to_vec()].concat()
}

pub(crate) fn text(content: &str) -> Vec<u8> {
    [head(3, content.len() as u64), content.as_bytes().to_vec()].concat()
}

pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len() as u64), items.concat()].concat()
}

pub(crate) fn map(pairs: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| [number(*key), value.clone()].concat())
        .collect();
    [head(5, pairs.len() as u64), pairs.concat()].concat()
}

/// `[bytes, signature]` over the label and the bytes.
pub(crate) fn signed(key: &SigningKey, label: &str, content: &[u8]) -> Vec<u8> {
    let signature: Signature = key.sign(&[label.as_bytes(), &[0], content].concat());
    list(&[bytes(content), bytes(&signature.to_bytes())])
}

/// `[stamp, {0: kind, 1: value, 2: ""}]`.
pub(crate) fn count_body(kind: u64, value: u64) -> Vec<u8> {
    let stamp = list(&[number(1), number(2), number(3)]);
    list(&[
        stamp,
        map(&[(0, number(kind)), (1, number(value)), (2, text(""))]),
    ])
}

fn batch(changes: &[Change]) -> Vec<u8> {
    if changes.is_empty() {
        return Vec::new();
    }
    let lanes: Vec<_> = changes
        .iter()
        .map(|change| list(&[number(change.lane.0), bytes(&change.lane.1)]))
        .collect();
    let entries: Vec<_> = changes
        .iter()
        .enumerate()
        .map(|(lane, change)| {
            let back = if change.prev == 0 {
                0
            } else {
                change.seq - change.prev
            };
            let numbers = [change.seq, lane as u64, back, change.kind, 1].map(number);
            list(&[numbers.to_vec(), vec![bytes(&change.body)]].concat())
        })
        .collect();
    zstd::bulk::compress(&map(&[(0, list(&lanes)), (1, list(&entries))]), 3).unwrap()
}

pub(crate) fn request(key: &SigningKey, header: &Header, changes: &[Change]) -> Vec<u8> {
    let body = batch(changes);
    let frames: Vec<_> = body.chunks(8 * 1024).map(|frame| bytes(&hash(frame))).collect();
    let beacon = map(&[(0, number(0)), (1, number(0)), (2, number(0)), (3, text("test"))]);
    let mut pairs = vec![
        (0, number(1)),
        (1, bytes(&header.device)),
        (2, number(header.epoch)),
        (3, list(&[number(header.head), bytes(&[0; 32])])),
    ];
    pairs.extend(header.incarnation.map(|incarnation| (4, bytes(&incarnation))));
    pairs.extend([
        (5, number(0)),
        (6, number(1 << 20)),
        (7, number(body.len() as u64)),
        (8, list(&frames)),
        (9, number(header.nonce)),
        (10, beacon),
    ]);
    let signed = signed(key, "grid-batch-v1", &map(&pairs));
    [
        b"GFB1".to_vec(),
        (signed.len() as u32).to_be_bytes().to_vec(),
        signed,
        body,
    ]
    .concat()
}

/// What a platform says: `(verdict, reason)` for each change.
pub(crate) struct Answer<'a> {
    pub(crate) header: &'a Header,
    pub(crate) changes: &'a [Change],
    pub(crate) verdicts: &'a [(u64, Option<u64>)],
    pub(crate) incarnation: Id,
    pub(crate) server_ms: i64,
    pub(crate) verified_to: u64,
    pub(crate) backed_up_to: u64,
}

pub(crate) fn answer(key: &SigningKey, answer: &Answer<'_>) -> Vec<u8> {
    let log = answer.header;
    let ranges: Vec<_> = answer
        .changes
        .iter()
        .zip(answer.verdicts)
        .map(|(change, (verdict, reason))| {
            let mut parts = vec![number(change.seq), number(change.seq), number(*verdict)];
            parts.extend(reason.map(number));
            list(&parts)
        })
        .collect();
    let mut cover = b"grid-cover-v1\0".to_vec();
    for change in answer.changes {
        cover.extend(change.seq.to_be_bytes());
        cover.extend(hash(&change.body));
    }
    let receipt = map(&[
        (0, bytes(&log.device)),
        (1, number(log.epoch)),
        (2, list(&ranges)),
        (3, bytes(&hash(&cover))),
        (4, bytes(&answer.incarnation)),
        (5, number(answer.server_ms as u64)),
        (6, number(log.nonce)),
    ]);
    let checkpoint = map(&[
        (0, number(answer.verified_to)),
        (1, number(answer.backed_up_to)),
        (2, bytes(&answer.incarnation)),
        (3, bytes(&log.device)),
        (4, number(log.epoch)),
    ]);
    let page = map(&[
        (0, number(0)),
        (1, list(&[])),
        (2, number(0)),
        (3, vec![0xf4]),
        (4, signed(key, "grid-checkpoint-v1", &checkpoint)),
    ]);
    let whole = map(&[
        (0, number(1)),
        (1, signed(key, "grid-receipt-v1", &receipt)),
        (2, page),
        (3, text("grant")),
    ]);
    [b"GFR1".to_vec(), zstd::bulk::compress(&whole, 3).unwrap()].concat()
}

pub(crate) fn refusal(code: u64, retry_after_s: u64) -> Vec<u8> {
    [
        b"GFX1".to_vec(),
        map(&[(0, number(code)), (1, text("")), (3, number(retry_after_s))]),
    ]
    .concat()
}
