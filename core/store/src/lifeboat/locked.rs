//! Capture while the vault's key cannot be had: a segment of its own under a new random epoch, sealed to the platform and to
//! the vault's public key. Whoever holds the phone can write one and read none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

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
use super::{BoatRow, Random, number_of};
use crate::boarding::FOLDER;
use crate::disk::{Disk, DiskLock, read_all};
use crate::options::StoreOptions;
use crate::space::{Purpose, Space};
use crate::{Draft, StoreError};

const SUFFIX: &str = ".locked";

/// A segment that is written while the vault is locked.
pub struct LockedBoat {
    segment: Option<Segment>,
    head: Head,
    lanes: BTreeMap<Lane, Seq>,
    device: DeviceId,
    space: Space,
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
            space: Space {
                disk: options.disk.clone(),
                folder: folder.to_owned(),
                limits: options.limits,
            },
            _lock: lock,
        })
    }

    /// The vault that is captured for.
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// Records a change; flushed when this returns. `StorageFull` leaves the capture as it was; after another error nothing
    /// more can be recorded in it.
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
        self.space.make_room(Purpose::Capture)?;
        let segment = self.segment.as_mut().ok_or(StoreError::Closed)?;
        let written = segment.seal(&[plain]).and_then(|bytes| {
            segment.reserve(bytes.len() as u64)?;
            segment.write(&bytes, Some(head))
        });
        match written {
            // The room is made before a byte of the frame is written.
            Err(StoreError::Full) => return Err(StoreError::Full),
            Err(error) => {
                self.segment = None;
                return Err(error);
            }
            Ok(()) => {}
        }
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
        .filter_map(|name| Some((number_of(name.strip_suffix(SUFFIX)?)?, name)))
        .collect();
    found.sort();
    Ok(found)
}

/// A capture that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureRead {
    /// Where it lies.
    pub path: PathBuf,
    /// The log that it is, of its own.
    pub epoch: Epoch,
    /// Something in it is damaged or did not open: the file is worth keeping.
    pub damaged: bool,
}

/// Reads what was captured while the vault was locked: rows with the epoch, and the files they came from.
pub fn read_locked(
    folder: &Path,
    disk: &dyn Disk,
    vault: &VerifyKey,
    secret: &SealingKey,
    visit: &mut dyn FnMut(Epoch, BoatRow),
) -> Result<Vec<CaptureRead>, StoreError> {
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
        let mut damaged = false;
        walk(&bytes, header.mark(), &mut |found| {
            let Found::Frame(frame) = found else {
                damaged = true;
                return;
            };
            match key
                .open_frame(&frame)
                .ok()
                .map(|plain| row_of(&frame.head, &plain))
            {
                Some(Ok(Some(row))) => visit(header.epoch(), row),
                Some(Ok(None)) => {}
                Some(Err(())) | None => damaged = true,
            }
        });
        read.push(CaptureRead {
            path,
            epoch: header.epoch(),
            damaged,
        });
    }
    Ok(read)
}
