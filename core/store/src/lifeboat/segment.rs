//! One segment while it is written: header twice, frames, and zeros written beforehand so that a frame's flush has no length
//! to make durable.

use std::path::Path;

use grid_model::Sha256;
use grid_model::id::Epoch;
use grid_vault::{Domain, SegmentKey, key_id, seal_private, sign_message};
use grid_wire::lifeboat::{
    FRAMES_FROM, FrameHead, FrameKind, HEADER_BLOCK_BYTES, SegmentHeader, header_block, put_frame,
};
use grid_wire::{Head, encode};

use super::read::END_BYTES;
use super::{Crew, Lifeboat, segment_name};
use crate::StoreError;
use crate::disk::{Disk, DiskFile, Open};
use crate::options::{Flaw, StoreOptions};

/// A frame before it is sealed.
pub(crate) struct Plain {
    pub(crate) kind: FrameKind,
    pub(crate) head: Head,
    pub(crate) body_hash: Sha256,
    pub(crate) bytes: Vec<u8>,
}

/// An open segment.
pub(crate) struct Segment {
    file: Box<dyn DiskFile>,
    epoch: Epoch,
    key: SegmentKey,
    mark: [u8; 8],
    next_index: u32,
    used: u64,
    written_to: u64,
    grow_bytes: u64,
    newest: Head,
    unflushed: bool,
}

impl Segment {
    /// Begins a segment: header and name are durable when this returns.
    pub(super) fn begin(boat: &Lifeboat, epoch: Epoch, number: u64) -> Result<Self, StoreError> {
        let crew = &boat.crew;
        let key = SegmentKey::from_bytes(crew.random()?);
        let header = header(crew, epoch, &key)?;
        let mark = header.mark();
        let signed = sign_message(&crew.signer, Domain::Lifeboat, encode(&header));
        let block = header_block(&signed).ok_or(StoreError::Unreadable("lifeboat header"))?;
        let options = StoreOptions {
            disk: boat.disk.clone(),
            limits: boat.limits,
            lifeboat: true,
            flaw: boat.flaw,
        };
        let name = segment_name(number);
        Self::create(
            &*boat.disk,
            &boat.folder,
            &name,
            &block,
            &options,
            (epoch, key, mark),
        )
    }

    /// Makes the file of a segment with its header; both are durable when this returns.
    pub(super) fn create(
        disk: &dyn Disk,
        folder: &Path,
        name: &str,
        block: &[u8; HEADER_BLOCK_BYTES],
        options: &StoreOptions,
        (epoch, key, mark): (Epoch, SegmentKey, [u8; 8]),
    ) -> Result<Self, StoreError> {
        let mut file = disk.open(&folder.join(name), Open::Create)?;
        let grow_bytes = options.limits.grow_bytes;
        let written_to = FRAMES_FROM + grow_bytes;
        let mut bytes = Vec::with_capacity(written_to as usize);
        bytes.extend(block);
        bytes.extend(block);
        bytes.resize(written_to as usize, 0);
        file.write_at(0, &bytes)?;
        file.sync()?;
        disk.sync_dir(folder)?;
        Ok(Self {
            file,
            epoch,
            key,
            mark,
            next_index: 0,
            used: FRAMES_FROM,
            written_to,
            grow_bytes,
            newest: Head::new(grid_model::Seq(0), Sha256([0; 32])),
            unflushed: options.flaw == Some(Flaw::LifeboatWithoutFlush),
        })
    }

    pub(super) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    pub(super) const fn used(&self) -> u64 {
        self.used
    }

    /// Seals frames for the end of this segment. A place that is then not written stays unused: its nonce is spent.
    pub(super) fn seal(&mut self, frames: &[Plain]) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        for plain in frames {
            self.put(&mut bytes, plain)?;
        }
        Ok(bytes)
    }

    /// Makes sure that this many bytes more, and the end behind them, can be written without growing the file.
    pub(super) fn reserve(&mut self, bytes: u64) -> Result<(), StoreError> {
        let needed = self.used + bytes + END_BYTES as u64;
        if needed <= self.written_to {
            return Ok(());
        }
        let grown_to = needed + self.grow_bytes;
        let zeros = vec![0; (grown_to - self.written_to) as usize];
        self.file.write_at(self.written_to, &zeros)?;
        self.file.sync()?;
        self.written_to = grown_to;
        Ok(())
    }

    /// Writes sealed frames and flushes them once. After an error the segment must not be written to again.
    pub(super) fn write(&mut self, bytes: &[u8], newest: Option<Head>) -> Result<(), StoreError> {
        self.file.write_at(self.used, bytes)?;
        if !self.unflushed {
            self.file.sync()?;
        }
        self.used += bytes.len() as u64;
        self.newest = newest.unwrap_or(self.newest);
        Ok(())
    }

    fn put(&mut self, out: &mut Vec<u8>, plain: &Plain) -> Result<(), StoreError> {
        let head = FrameHead {
            kind: plain.kind,
            index: self.next_index,
            head: plain.head,
            body_hash: plain.body_hash,
        };
        self.next_index = self.next_index.checked_add(1).ok_or(StoreError::Full)?;
        let sealed = self.key.seal_frame(&head, &plain.bytes)?;
        put_frame(out, self.mark, &head, &sealed);
        Ok(())
    }

    /// Ends the segment: its newest change is told by its last bytes, and the zeros behind it are given back.
    pub(super) fn end(mut self) -> Result<(), StoreError> {
        let mut bytes = Vec::new();
        let end = Plain {
            kind: FrameKind::End,
            head: self.newest,
            body_hash: Sha256([0; 32]),
            bytes: Vec::new(),
        };
        self.put(&mut bytes, &end)?;
        self.file.write_at(self.used, &bytes)?;
        self.file.set_len(self.used + bytes.len() as u64)?;
        self.file.sync()?;
        Ok(())
    }
}

fn header(crew: &Crew, epoch: Epoch, key: &SegmentKey) -> Result<SegmentHeader, StoreError> {
    let mut header = SegmentHeader::new(crew.device, epoch, crew.random()?);
    header.key_for_vault = key.wrap_for_vault(&crew.data_key, crew.random()?)?;
    header.private = seal_private(&crew.data_key, crew.random()?, &crew.private)?;
    if !crew.platform.is_empty() {
        header.key_for_platform = key.seal_to(&crew.platform, crew.random()?)?;
        header.platform_key_id = key_id(&crew.platform);
    }
    Ok(header)
}
