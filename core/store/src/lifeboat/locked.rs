//! Capture while the vault's key cannot be had: a segment of its own under a new random epoch, sealed to the platform and to
//! the vault's public key. Whoever holds the phone can write one and read none.

use std::collections::BTreeMap;
use std::path::Path;

use grid_model::id::{DeviceId, Epoch, Seq};
use grid_model::lane::Lane;
use grid_vault::{
    Domain, SealingKey, SegmentKey, SignatureKey, VerifyKey, chain_link, chain_start, header_is_by, key_id,
    sign_message,
};
use grid_wire::lifeboat::{
    CaptureKit, ChangeFrame, Found, FrameKind, SegmentHeader, header_block, headers, walk,
};
use grid_wire::{Entry, Head, encode};

use super::read::row_of;
use super::segment::{Plain, Segment};
use super::{BoatRow, Random};
use crate::boarding::FOLDER;
use crate::disk::{Disk, DiskLock, read_all};
use crate::options::StoreOptions;
use crate::{Draft, StoreError};

const SUFFIX: &str = ".locked";

/// A segment that is written while the vault is locked.
pub struct LockedBoat {
    segment: Option<Segment>,
    head: Head,
    lanes: BTreeMap<Lane, Seq>,
    device: DeviceId,
    _lock: Box<dyn DiskLock>,
}

impl LockedBoat {
    /// Begins a capture in a vault's folder. The vault must not be open.
    pub fn begin(
        folder: &Path,
        options: &StoreOptions,
        kit: &CaptureKit,
        epoch: Epoch,
        random: &Random,
    ) -> Result<Self, StoreError> {
        let disk = &*options.disk;
        let lock = disk.lock(&folder.join("lock"))?.ok_or(StoreError::AlreadyOpen)?;
        let boats = folder.join(FOLDER);
        disk.create_dir_all(&boats)?;
        let draw = || {
            let mut bytes = [0; 32];
            random(&mut bytes)
                .then_some(bytes)
                .ok_or(StoreError::Unreadable("randomness"))
        };
        let key = SegmentKey::from_bytes(draw()?);
        let mut id = [0; 16];
        id.copy_from_slice(&draw()?[..16]);
        let mut header = SegmentHeader::new(kit.device, epoch, id);
        header.key_for_vault = key.seal_to(&kit.vault_public, draw()?)?;
        if !kit.platform_public.is_empty() {
            header.key_for_platform = key.seal_to(&kit.platform_public, draw()?)?;
            header.platform_key_id = key_id(&kit.platform_public);
        }
        header.capture = Some(kit.grant.clone());
        let secret: [u8; 32] = kit
            .secret
            .as_slice()
            .try_into()
            .map_err(|_| StoreError::Unreadable("capture kit"))?;
        let signer = SignatureKey::from_secret(&secret)?;
        let mark = header.mark();
        let signed = sign_message(&signer, Domain::Lifeboat, encode(&header));
        let block = header_block(&signed).ok_or(StoreError::Unreadable("lifeboat header"))?;
        let number = locked_names(disk, &boats)?
            .last()
            .map_or(0, |(number, _)| number + 1);
        let name = format!("{number:010}{SUFFIX}");
        let segment = Segment::create(disk, &boats, &name, &block, options, (epoch, key, mark))?;
        Ok(Self {
            segment: Some(segment),
            head: Head::new(Seq(0), chain_start(kit.device, epoch)),
            lanes: BTreeMap::new(),
            device: kit.device,
            _lock: lock,
        })
    }

    /// The vault that is captured for.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Records a change; flushed when this returns. After an error nothing more can be recorded in this capture.
    pub fn record(&mut self, draft: Draft) -> Result<Seq, StoreError> {
        let entry = Entry {
            seq: self.head.seq().next(),
            lane: draft.lane,
            prev_in_lane: self.lanes.get(&draft.lane).copied().unwrap_or_default(),
            kind: draft.kind,
            schema_version: draft.schema_version,
            body: draft.body,
        };
        let head = Head::new(entry.seq, chain_link(self.head.h, &entry));
        let plain = Plain {
            kind: FrameKind::Change,
            head,
            body_hash: grid_vault::sha256(&entry.body),
            bytes: encode(&ChangeFrame::new(&entry, draft.recorded_at_ms, Vec::new())),
        };
        let mut segment = self.segment.take().ok_or(StoreError::Closed)?;
        let bytes = segment.seal(&[plain])?;
        segment.reserve(bytes.len() as u64)?;
        segment.write(&bytes, Some(head))?;
        self.segment = Some(segment);
        self.head = head;
        self.lanes.insert(entry.lane, entry.seq);
        Ok(entry.seq)
    }

    /// Ends the capture in good order.
    pub fn end(mut self) -> Result<(), StoreError> {
        self.segment.take().map_or(Ok(()), Segment::end)
    }
}

/// Captures in a vault's folder, the oldest first.
pub(crate) fn locked_names(disk: &dyn Disk, boats: &Path) -> Result<Vec<(u64, String)>, StoreError> {
    let mut found: Vec<(u64, String)> = disk
        .list(boats)?
        .into_iter()
        .filter_map(|name| Some((name.strip_suffix(SUFFIX)?.parse().ok()?, name)))
        .collect();
    found.sort();
    Ok(found)
}

/// Reads what was captured while the vault was locked: rows with the epoch, and the files they came from.
pub fn read_locked(
    folder: &Path,
    disk: &dyn Disk,
    vault: &VerifyKey,
    secret: &SealingKey,
    visit: &mut dyn FnMut(Epoch, BoatRow),
) -> Result<Vec<std::path::PathBuf>, StoreError> {
    let boats = folder.join(FOLDER);
    let mut read = Vec::new();
    for (_, name) in locked_names(disk, &boats)? {
        let path = boats.join(name);
        let bytes = read_all(disk, &path)?;
        let read_headers = headers(&bytes).unwrap_or_default();
        let opened = read_headers.into_iter().find_map(|(header, signed)| {
            let key = SegmentKey::open_with(secret, &header.key_for_vault).ok()?;
            header_is_by(vault, &header, &signed).then_some((header, key))
        });
        let Some((header, key)) = opened else {
            ::log::warn!("a capture does not open with this vault's key; it stays where it is");
            continue;
        };
        walk(&bytes, header.mark(), &mut |found| {
            if let Found::Frame(frame) = found
                && let Ok(plain) = key.open_frame(&frame)
                && let Ok(Some(row)) = row_of(&frame.head, &plain)
            {
                visit(header.epoch(), row);
            }
        });
        read.push(path);
    }
    Ok(read)
}
