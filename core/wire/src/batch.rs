//! A batch: what one push carries. A signed header names everything the body holds by digest, so one signature covers
//! every change in it and a cut body can be resumed from its verified prefix (architecture §2b).

use grid_model::id::{DeviceId, Epoch, Incarnation, Seq, Sha256};
use grid_model::lane::{ChangeKind, Lane, LaneKind};
use grid_model::{Coded, limits};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use crate::adapt;
use crate::codec::{self, WireError};
use crate::form::Form;

/// The end of a device's chain: its last position and the hash there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Head {
    #[n(0)]
    seq: u64,
    /// The chain hash at that position.
    #[cbor(n(1), with = "adapt::hash")]
    pub h: Sha256,
}

impl Head {
    /// The head at `seq`.
    pub const fn new(seq: Seq, h: Sha256) -> Self {
        Self { seq: seq.0, h }
    }
    /// The last position written; 0 for an empty log.
    pub const fn seq(&self) -> Seq {
        Seq(self.seq)
    }
}

/// A few numbers that tell a supervisor how a phone is doing; never about the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Beacon {
    /// Changes not yet receipted.
    #[n(0)]
    pub unsent: u64,
    /// Changes that came back with a reason.
    #[n(1)]
    pub parked: u64,
    /// Photos whose bytes have not all arrived.
    #[n(2)]
    pub photos_unsent: u64,
    /// Version of the application.
    #[n(3)]
    pub app_version: String,
    /// When the oldest change without a receipt was recorded, the phone's wall clock, UTC ms.
    #[n(4)]
    pub oldest_at_ms: Option<i64>,
    /// Space that is free for the application, bytes.
    #[n(5)]
    pub free_bytes: Option<u64>,
    /// Schema of the vault.
    #[n(6)]
    pub schema: Option<u32>,
    /// By how much the phone's wall clock was ahead of the platform's time when both were last seen together, ms.
    #[n(7)]
    pub clock_ahead_ms: Option<i64>,
}

/// The signed part of a request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct BatchHeader {
    /// Wire version of this request.
    #[n(0)]
    pub version: u16,
    /// Whose log.
    #[cbor(n(1), with = "adapt::id")]
    pub device: DeviceId,
    /// Which life of that log.
    #[n(2)]
    epoch: u64,
    /// Where the log ended when this was sealed.
    #[n(3)]
    pub head: Head,
    /// The platform store this device last met.
    #[cbor(n(4), with = "adapt::id_maybe", has_nil)]
    pub incarnation: Option<Incarnation>,
    /// Feed position the device has applied.
    #[n(5)]
    pub cursor: u64,
    /// Most bytes the answer's page may have.
    #[n(6)]
    pub page_bytes_max: u64,
    /// Length of the body, bytes.
    #[n(7)]
    pub body_bytes: u64,
    /// SHA-256 of each 8 KiB frame of the body.
    #[cbor(n(8), with = "adapt::hashes")]
    pub frames: Vec<Sha256>,
    /// Echoed in the receipt; with it the device measures the round trip.
    #[n(9)]
    pub nonce: u64,
    /// How the phone is doing.
    #[n(10)]
    pub beacon: Beacon,
    /// Platform time, UTC ms, of the answer that brought the rows up to `cursor`: when the newest of them were delivered.
    #[n(11)]
    pub cursor_at_ms: Option<i64>,
    /// The body itself when it is small and the platform reads it here: then nothing follows the header, and there are no
    /// frames, whose digests would be larger than what they save.
    #[n(12)]
    pub inline: Option<ByteVec>,
    /// Names of the signing keys of the platform that this device trusts, the newest first: 8 bytes each, the head of the
    /// SHA-256 of the public key. None while they are those of its enrolment.
    #[cbor(n(13), with = "minicbor::bytes")]
    pub signing_key_ids: Option<Vec<u8>>,
    /// Name of the platform's key that this device seals its lifeboat to, 8 bytes. None while it is that of its enrolment.
    #[cbor(n(14), with = "minicbor::bytes")]
    pub sealing_key_id: Option<Vec<u8>>,
    /// How far before `cursor` the place is up to which the device had everything when a round last ended: of tasks that were
    /// dispatched up to there it holds the rows, and reads what moved of them in short ([`crate::FeedRow::moved`]). `None`:
    /// it does not read that. The cursor alone does not tell: a row moves to the end of the feed with each change.
    #[n(15)]
    pub behind: Option<u64>,
}

impl BatchHeader {
    /// A header for a body; digests of the body's frames are the caller's (`grid_vault::frame_digests`).
    #[must_use]
    pub fn new(
        device: DeviceId,
        epoch: Epoch,
        head: Head,
        body: &[u8],
        frames: Vec<Sha256>,
        nonce: u64,
    ) -> Self {
        Self {
            version: crate::WIRE_VERSION,
            device,
            epoch: epoch.0,
            head,
            incarnation: None,
            cursor: 0,
            page_bytes_max: limits::PULL_PAGE_BYTES_MAX as u64,
            body_bytes: body.len() as u64,
            frames,
            nonce,
            beacon: Beacon::default(),
            cursor_at_ms: None,
            inline: None,
            signing_key_ids: None,
            sealing_key_id: None,
            behind: None,
        }
    }

    /// The body that this header speaks of; `behind` is what follows it.
    pub fn body<'b>(&'b self, behind: &'b [u8]) -> &'b [u8] {
        self.inline.as_deref().map_or(behind, |inline| inline)
    }

    /// The life of the log this batch belongs to.
    pub const fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }
}

/// One change as it travels and as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in its epoch.
    pub seq: Seq,
    /// Which ordered stream it belongs to.
    pub lane: Lane,
    /// Position of the change before it in that lane; 0 for the first.
    pub prev_in_lane: Seq,
    /// What the body says.
    pub kind: ChangeKind,
    /// Schema the body was written in.
    pub schema_version: u16,
    /// The immutable bytes.
    pub body: Vec<u8>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct LaneWire(
    #[cbor(n(0), with = "adapt::code")] LaneKind,
    #[cbor(n(1), with = "adapt::id")] [u8; 16],
);

/// `[seq, lane index, how far back the lane's previous change is (0: none), kind, schema, body]`.
#[derive(Encode, Decode)]
#[cbor(array)]
struct EntryWire(
    #[n(0)] u64,
    #[n(1)] u64,
    #[n(2)] u64,
    #[n(3)] u16,
    #[n(4)] u16,
    #[cbor(n(5), with = "minicbor::bytes")] Vec<u8>,
);

#[derive(Default, Encode, Decode)]
#[cbor(map)]
struct BodyWire {
    #[n(0)]
    lanes: Vec<LaneWire>,
    #[cbor(n(1), with = "entries")]
    entries: Vec<EntryWire>,
}

/// Entries, of which at most one more is read than a batch may have: enough to see that there are too many.
mod entries {
    use super::{EntryWire, limits};
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub(super) fn encode<C, W: Write>(
        list: &[EntryWire],
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.encode(list)?.ok()
    }

    pub(super) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Vec<EntryWire>, DecodeError> {
        let length = d
            .array()?
            .ok_or_else(|| DecodeError::message("a list without a length"))?;
        let mut list = Vec::new();
        for _ in 0..length {
            if list.len() > limits::ENTRIES_PER_BATCH_MAX {
                d.skip()?;
            } else {
                list.push(d.decode()?);
            }
        }
        Ok(list)
    }
}

/// The compressed body of a batch of these entries, in the form that every platform reads.
pub fn pack(entries: &[Entry]) -> Vec<u8> {
    let mut wire = BodyWire::default();
    let mut index = std::collections::BTreeMap::new();
    for entry in entries {
        let lane = *index.entry(entry.lane).or_insert_with(|| {
            wire.lanes.push(LaneWire(entry.lane.kind, entry.lane.id));
            wire.lanes.len() as u64 - 1
        });
        let back = if entry.prev_in_lane.0 == 0 {
            0
        } else {
            entry.seq.0.saturating_sub(entry.prev_in_lane.0)
        };
        let kind = entry.kind.code();
        wire.entries.push(EntryWire(
            entry.seq.0,
            lane,
            back,
            kind,
            entry.schema_version,
            entry.body.clone(),
        ));
    }
    codec::deflate(&codec::encode(&wire))
}

/// The entries in a batch body. Bounded as a whole (`grid_model::limits`); one that is too large for a change is among them, for
/// the platform to park.
pub fn unpack(body: &[u8]) -> Result<Vec<Entry>, WireError> {
    let what = "batch body";
    if body.len() > limits::BATCH_BYTES_MAX {
        return Err(WireError::TooLarge { what });
    }
    if body.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(form) = Form::of(body) {
        return form.unpack(body);
    }
    let wire: BodyWire = codec::decode(
        &codec::inflate(body, limits::BATCH_INFLATED_BYTES_MAX, what)?,
        what,
    )?;
    if wire.entries.len() > limits::ENTRIES_PER_BATCH_MAX {
        return Err(WireError::TooLarge { what });
    }
    wire.entries
        .into_iter()
        .map(|EntryWire(seq, lane, back, kind, schema_version, body)| {
            let lane = usize::try_from(lane)
                .ok()
                .and_then(|index| wire.lanes.get(index))?;
            let lane = Lane {
                kind: lane.0,
                id: lane.1,
            };
            let prev_in_lane = if back == 0 {
                Seq(0)
            } else {
                Seq(seq.checked_sub(back)?)
            };
            let sound =
                seq > 0 && (back == 0 || prev_in_lane.0 > 0) && body.len() <= limits::BODY_KEPT_BYTES_MAX;
            let kind = ChangeKind::from_code(kind);
            sound.then_some(Entry {
                seq: Seq(seq),
                lane,
                prev_in_lane,
                kind,
                schema_version,
                body,
            })
        })
        .collect::<Option<Vec<_>>>()
        .ok_or(WireError::Malformed { what })
}
