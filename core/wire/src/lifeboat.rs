//! The lifeboat: a second, append-only copy of everything unsent, as bytes. A segment is a signed header, kept twice, and
//! frames behind it; each frame can be found and checked without those before it. Sealing is `grid_vault`'s part.
//!
//! ```text
//! 0     header block: "GFL1", length, Signed(SegmentHeader), zeros up to HEADER_BLOCK_BYTES
//! 4096  the same once more
//! 8192  frames: mark (8 bytes of the segment) · kind · index · seq · h · H(body) · length · crc32 · sealed part
//! ```
//!
//! Space behind the last frame is written beforehand with zeros, so that a frame's flush has no length to make durable.

mod answer;
mod rows;
mod walk;

use grid_model::id::{DeviceId, Epoch, Seq};
use grid_model::{Sha256, limits};
use minicbor::{Decode, Encode};

pub use answer::{LifeboatAnswer, answer_bytes, answer_from};
pub use rows::{ChangeFrame, FileKeyRow, FixesFrame};
pub use walk::{Found, headers, walk};

use crate::adapt;
use crate::batch::Head;
use crate::codec::{self, WireError};
use crate::exchange::Signed;

/// Begins a header block.
const HEADER_MARK: &[u8; 4] = b"GFL1";
/// Size of each of the two header blocks, bytes.
pub const HEADER_BLOCK_BYTES: usize = 4096;
/// Where frames begin in a segment.
pub const FRAMES_FROM: u64 = 2 * HEADER_BLOCK_BYTES as u64;
/// Size of a frame's clear head, bytes.
pub const FRAME_HEAD_BYTES: usize = 8 + 1 + 4 + 8 + 32 + 32 + 4 + 4;
/// Largest segment that a platform takes over the network, bytes. A phone begins a new one at 4 MiB; what it writes at one go
/// stays together.
pub const SEGMENT_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Largest sealed part: a body of the largest size, the file keys of its attachments and the seal.
pub const SEALED_BYTES_MAX: usize = limits::BODY_BYTES_MAX + 16 * 1024;

/// What a segment says of itself, in clear; signed by the device's key (or by its capture key, see `capture`).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SegmentHeader {
    /// Wire version it was written in.
    #[n(0)]
    pub version: u16,
    /// The vault that wrote it.
    #[cbor(n(1), with = "adapt::id")]
    pub device: DeviceId,
    #[n(2)]
    epoch: u64,
    /// Random id; its first eight bytes mark the frames.
    #[cbor(n(3), with = "adapt::id")]
    pub id: [u8; 16],
    /// The segment's key, wrapped for this vault: under its data key, or, when it was locked, for its public key.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub key_for_vault: Vec<u8>,
    /// The segment's key, sealed to the platform (HPKE); empty before enrolment.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub key_for_platform: Vec<u8>,
    /// Which of the platform's sealing keys: the head of its SHA-256; empty before enrolment.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub platform_key_id: Vec<u8>,
    /// What only this vault can read: its identity and enrolment, under its data key; empty when it was locked.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub private: Vec<u8>,
    /// Written while the vault was locked: the device's word that this capture key speaks for it.
    #[n(8)]
    pub capture: Option<Signed>,
}

impl SegmentHeader {
    /// A header of this vault and epoch without keys.
    pub const fn new(device: DeviceId, epoch: Epoch, id: [u8; 16]) -> Self {
        Self {
            version: crate::WIRE_VERSION,
            device,
            epoch: epoch.0,
            id,
            key_for_vault: Vec::new(),
            key_for_platform: Vec::new(),
            platform_key_id: Vec::new(),
            private: Vec::new(),
            capture: None,
        }
    }

    /// The life of the log that its frames continue.
    pub const fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }

    /// What begins each of its frames.
    pub fn mark(&self) -> [u8; 8] {
        let mut mark = [0; 8];
        mark.copy_from_slice(&self.id[..8]);
        mark
    }
}

/// The device's word that a capture key may write for it while its vault is locked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CaptureGrant {
    /// The vault that gives it.
    #[cbor(n(0), with = "adapt::id")]
    pub device: DeviceId,
    /// The capture key, SEC1.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub public: Vec<u8>,
}

/// What lies beside a vault so that a worker can record while its key cannot be had. It opens nothing.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CaptureKit {
    /// The vault.
    #[cbor(n(0), with = "adapt::id")]
    pub device: DeviceId,
    /// A signed [`CaptureGrant`].
    #[n(1)]
    pub grant: Signed,
    /// Secret scalar of the capture key: it signs captures and opens nothing.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub secret: Vec<u8>,
    /// The vault's own sealing key, SEC1.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub vault_public: Vec<u8>,
    /// The platform's sealing key, SEC1; empty before enrolment.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub platform_public: Vec<u8>,
}

impl std::fmt::Debug for CaptureKit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CaptureKit(‹secret›)")
    }
}

/// One of the two header blocks of a segment. `None` when the header does not fit, which its parts exclude.
pub fn header_block(header: &Signed) -> Option<[u8; HEADER_BLOCK_BYTES]> {
    let bytes = codec::encode(header);
    let mut block = [0; HEADER_BLOCK_BYTES];
    let end = 8 + bytes.len();
    block.get_mut(..4)?.copy_from_slice(HEADER_MARK);
    block
        .get_mut(4..8)?
        .copy_from_slice(&u32::try_from(bytes.len()).ok()?.to_be_bytes());
    block.get_mut(8..end)?.copy_from_slice(&bytes);
    Some(block)
}

/// Reads a header block; the signature is the caller's to check.
pub fn header_from(block: &[u8]) -> Result<(SegmentHeader, Signed), WireError> {
    let what = "lifeboat header";
    let rest = block.strip_prefix(HEADER_MARK).ok_or(WireError::NotOurs)?;
    let (length, rest) = rest
        .split_first_chunk::<4>()
        .ok_or(WireError::Malformed { what })?;
    let bytes = rest
        .get(..u32::from_be_bytes(*length) as usize)
        .ok_or(WireError::TooLarge { what })?;
    let signed: Signed = codec::decode(bytes, what)?;
    let header: SegmentHeader = codec::decode_versioned(&signed.bytes, what)?;
    Ok((header, signed))
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A change with the file keys of its attachments.
    Change,
    /// An attachment that no record names yet.
    File,
    /// Track fixes of the journal that no change holds yet.
    Fixes,
    /// The segment was closed in good order after `index` frames.
    End,
    /// Written by a newer build.
    Unknown(u8),
}

impl FrameKind {
    const fn code(self) -> u8 {
        match self {
            Self::Change => 1,
            Self::File => 2,
            Self::Fixes => 3,
            Self::End => 4,
            Self::Unknown(code) => code,
        }
    }

    const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Change,
            2 => Self::File,
            3 => Self::Fixes,
            4 => Self::End,
            other => Self::Unknown(other),
        }
    }
}

/// The clear head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// What it carries.
    pub kind: FrameKind,
    /// Its place in the segment, from 0: the nonce of its seal.
    pub index: u32,
    /// For a change its position and the chain there; for others the log's head when it was written.
    pub head: Head,
    /// SHA-256 of a change's body; zeros otherwise.
    pub body_hash: Sha256,
}

impl FrameHead {
    /// What the seal also covers: everything in the head but its length and checksum.
    pub fn covered(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FRAME_HEAD_BYTES);
        bytes.push(self.kind.code());
        bytes.extend(self.index.to_be_bytes());
        bytes.extend(self.head.seq().0.to_be_bytes());
        bytes.extend(self.head.h.bytes());
        bytes.extend(self.body_hash.bytes());
        bytes
    }
}

/// Appends a frame to `out`.
pub fn put_frame(out: &mut Vec<u8>, mark: [u8; 8], head: &FrameHead, sealed: &[u8]) {
    let from = out.len();
    out.extend(mark);
    out.extend(head.covered());
    out.extend(u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes());
    let mut crc = crc32fast::Hasher::new();
    crc.update(&out[from..]);
    crc.update(sealed);
    out.extend(crc.finalize().to_be_bytes());
    out.extend(sealed);
}

/// A frame as it lies in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'b> {
    /// Its clear head.
    pub head: FrameHead,
    /// Its sealed part.
    pub sealed: &'b [u8],
}

/// What stands at one place of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameAt<'b> {
    /// A whole frame, and how many bytes it takes.
    Whole(Frame<'b>, usize),
    /// The bytes end before the frame does; it would be this long.
    Short(usize),
    /// No frame begins here.
    None,
}

/// Looks for a frame at the start of `bytes`.
pub fn frame_at(bytes: &[u8], mark: [u8; 8]) -> FrameAt<'_> {
    if !bytes.starts_with(&mark) {
        return FrameAt::None;
    }
    let Some(clear) = bytes.get(..FRAME_HEAD_BYTES) else {
        return FrameAt::Short(FRAME_HEAD_BYTES);
    };
    let length = be32(&clear[85..89]) as usize;
    if length > SEALED_BYTES_MAX {
        return FrameAt::None;
    }
    let whole = FRAME_HEAD_BYTES + length;
    let Some(sealed) = bytes.get(FRAME_HEAD_BYTES..whole) else {
        return FrameAt::Short(whole);
    };
    let mut crc = crc32fast::Hasher::new();
    crc.update(&clear[..89]);
    crc.update(sealed);
    if crc.finalize() != be32(&clear[89..93]) {
        return FrameAt::None;
    }
    let mut seq = [0; 8];
    seq.copy_from_slice(&clear[13..21]);
    let (mut h, mut body_hash) = ([0; 32], [0; 32]);
    h.copy_from_slice(&clear[21..53]);
    body_hash.copy_from_slice(&clear[53..85]);
    let head = FrameHead {
        kind: FrameKind::from_code(clear[8]),
        index: be32(&clear[9..13]),
        head: Head::new(Seq(u64::from_be_bytes(seq)), Sha256(h)),
        body_hash: Sha256(body_hash),
    };
    FrameAt::Whole(Frame { head, sealed }, whole)
}

fn be32(bytes: &[u8]) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(bytes);
    u32::from_be_bytes(four)
}

/// What a vault needs to be itself again: the private part of a header, under the data key.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct VaultPrivate {
    /// Secret scalar of its signing key.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub secret: Vec<u8>,
    /// Secret scalar that opens what was captured while it was locked.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub sealing_secret: Vec<u8>,
    #[n(2)]
    epoch: u64,
    /// With whom it is enrolled.
    #[n(3)]
    pub enrolment: Option<EnrolmentWire>,
    /// The salt of its database: without it no page opens, should the first one be lost.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub salt: Vec<u8>,
}

impl VaultPrivate {
    /// The identity of this vault.
    pub const fn new(
        secret: Vec<u8>,
        sealing_secret: Vec<u8>,
        epoch: Epoch,
        enrolment: Option<EnrolmentWire>,
        salt: Vec<u8>,
    ) -> Self {
        Self {
            secret,
            sealing_secret,
            epoch: epoch.0,
            enrolment,
            salt,
        }
    }

    /// The life of the log that was written to.
    pub const fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }
}

impl std::fmt::Debug for VaultPrivate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VaultPrivate(‹secret›)")
    }
}

/// An enrolment, as the store keeps it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrolmentWire {
    /// Base address of the platform.
    #[n(0)]
    pub server: String,
    /// Pinned CA certificate in DER.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub authority: Vec<u8>,
    /// The phone, 16 bytes.
    #[cbor(n(2), with = "adapt::id")]
    pub phone: [u8; 16],
    /// What people call the phone.
    #[n(3)]
    pub phone_label: String,
    /// Whose vault it is, 16 bytes.
    #[cbor(n(4), with = "adapt::id")]
    pub worker: [u8; 16],
    /// How the worker is called.
    #[n(5)]
    pub display_name: String,
    /// Job number.
    #[n(6)]
    pub job_no: String,
    /// Station or centre.
    #[n(7)]
    pub org_name: String,
    /// Verify receipts: 65 bytes each, the newest first. A zero byte behind them: the platform said something of its keys.
    #[cbor(n(8), with = "minicbor::bytes")]
    pub platform_key: Vec<u8>,
    /// Lifeboat segments are sealed to it.
    #[cbor(n(9), with = "minicbor::bytes")]
    pub sealing_key: Vec<u8>,
}

impl std::fmt::Debug for EnrolmentWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolmentWire(‹private›)")
    }
}
