//! Writes lifeboat segments as a phone does, from what grid-wire and grid-vault say of them, and can be told to lie.

use grid_model::track::TrackPoint;
use grid_model::{Epoch, PatrolId, Seq, Sha256};
use grid_vault::{
    Domain, FileKey, SegmentKey, SignatureKey, chain_link, chain_start, key_id, seal, sha256, sign_message,
};
use grid_wire::lifeboat::{
    CaptureGrant, ChangeFrame, FileKeyRow, FixesFrame, FrameHead, FrameKind, SegmentHeader, header_block,
    put_frame,
};
use grid_wire::{Entry, Head, encode};

use super::device::FakeDevice;
use super::{must, there};

/// A segment while it is written.
pub struct SegmentWriter {
    /// What is signed at its beginning.
    pub header: SegmentHeader,
    /// Who signs it.
    pub signer: SignatureKey,
    /// Where each frame begins in the bytes of the segment.
    pub places: Vec<usize>,
    key: SegmentKey,
    frames: Vec<u8>,
    head: Head,
}

impl SegmentWriter {
    /// A segment of this device's log, sealed to a platform's public key. `number` tells its segments apart.
    pub fn of(device: &FakeDevice, platform: &[u8], number: u8) -> Self {
        let mut header = SegmentHeader::new(device.id, device.epoch, [number; 16]);
        header.id[1..].copy_from_slice(&device.id.0[1..]);
        let key = SegmentKey::from_bytes(sha256(&header.id).0);
        header.key_for_vault = vec![0; 60];
        header.key_for_platform = must(key.seal_to(platform, [number; 32]));
        header.platform_key_id = key_id(platform);
        Self {
            head: Head::new(Seq(0), chain_start(device.id, device.epoch)),
            header,
            signer: device.key.clone(),
            places: Vec::new(),
            key,
            frames: Vec::new(),
        }
    }

    /// A capture for this device while its vault is locked: a log of its own, signed by a capture key with the device's grant.
    pub fn capture(device: &FakeDevice, platform: &[u8], epoch: Epoch) -> Self {
        let mut capture = Self::of(device, platform, 200);
        let signer = must(SignatureKey::from_secret(&[201; 32]));
        let grant = CaptureGrant {
            device: device.id,
            public: signer.public(),
        };
        let mut header = SegmentHeader::new(device.id, epoch, capture.header.id);
        header.key_for_platform = capture.header.key_for_platform;
        header.platform_key_id = capture.header.platform_key_id;
        header.capture = Some(sign_message(&device.key, Domain::Capture, encode(&grant)));
        capture.head = Head::new(Seq(0), chain_start(device.id, epoch));
        Self {
            header,
            signer,
            ..capture
        }
    }

    /// Writes a change as the next one of the chain, with the keys of its photos.
    pub fn change(&mut self, entry: &Entry, files: Vec<FileKeyRow>) {
        let h = chain_link(self.head.h, entry);
        self.change_at(entry, Head::new(entry.seq, h), files);
    }

    /// Writes a change and says that the chain there is this.
    pub fn change_at(&mut self, entry: &Entry, head: Head, files: Vec<FileKeyRow>) {
        self.head = head;
        let plain = encode(&ChangeFrame::new(entry, 0, files));
        self.put(FrameKind::Change, sha256(&entry.body), &plain);
    }

    /// Writes everything in a device's log.
    pub fn whole_log(mut self, device: &FakeDevice) -> Self {
        device.log.iter().for_each(|entry| self.change(entry, Vec::new()));
        self
    }

    /// Writes the key of a photo that no record names yet.
    pub fn file(&mut self, row: &FileKeyRow) {
        self.put(FrameKind::File, Sha256([0; 32]), &encode(row));
    }

    /// Writes track fixes.
    pub fn fixes(&mut self, patrol: PatrolId, fixes: &[TrackPoint]) {
        let plain = encode(&FixesFrame::new(patrol, 0, fixes));
        self.put(FrameKind::Fixes, Sha256([0; 32]), &plain);
    }

    /// Ends the segment in good order.
    pub fn end(&mut self) {
        self.put(FrameKind::End, Sha256([0; 32]), &[]);
    }

    /// The segment as it lies in its file: with room behind the last frame.
    pub fn bytes(&self) -> Vec<u8> {
        let signed = sign_message(&self.signer, Domain::Lifeboat, encode(&self.header));
        let block = there(header_block(&signed));
        [&block[..], &block[..], &self.frames, &[0; 4096]].concat()
    }

    fn put(&mut self, kind: FrameKind, body_hash: Sha256, plain: &[u8]) {
        let head = FrameHead {
            kind,
            index: self.places.len() as u32,
            head: self.head,
            body_hash,
        };
        let sealed = must(self.key.seal_frame(&head, plain));
        self.places
            .push(grid_wire::lifeboat::FRAMES_FROM as usize + self.frames.len());
        put_frame(&mut self.frames, self.header.mark(), &head, &sealed);
    }
}

/// A photo as a phone keeps it: what the lifeboat knows of it, and its sealed file.
pub fn sealed_photo(plain: &[u8], key: u8) -> (FileKeyRow, Vec<u8>) {
    let file_key = FileKey::from_bytes([key; 32]);
    let row = FileKeyRow {
        sha256: sha256(plain),
        mime: "image/jpeg".to_owned(),
        bytes: plain.len() as u64,
        file_key: file_key.expose().to_vec(),
    };
    (row, must(seal(&file_key, plain)))
}
