//! Lifeboat segments: their headers, their frames, and what the vault reads in them.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use grid_model::Sha256;
use grid_model::id::Seq;
use grid_store::{BoatRow, read_locked, read_segment, segment_header};
use grid_vault::{Domain, SegmentKey, header_is_by, key_id, seal_private, sha256, sign_message};
use grid_wire::lifeboat::{
    self, CaptureGrant, CaptureKit, ChangeFrame, FRAMES_FROM, FileKeyRow, FixesFrame, Found, FrameAt,
    FrameHead, FrameKind, HEADER_BLOCK_BYTES, SEALED_BYTES_MAX, SegmentHeader, VaultPrivate, header_block,
    headers, put_frame,
};
use grid_wire::{Entry, Head, decode, encode};

use crate::keys::{CAPTURE, DATA_KEY, DEVICE, EPOCH, SEALING, VAULT, VAULT_SECRET};
use crate::pieces::split;
use crate::seal::MemoryDisk;
use crate::wire::plain;

/// The id of every segment made here; its first half begins each frame.
const ID: [u8; 16] = *b"fuzzmarkfuzzmark";
/// A part of an input with this bit set is put into the segment as it is.
const AS_IT_IS: u8 = 0x80;
/// Fewer marks than this among damaged bytes never make a reader give up.
const MARKS_FEW: usize = 8;

/// A header block, and the start of a file as both of them.
pub fn header(bytes: &[u8]) -> bool {
    if let Ok((header, signed)) = lifeboat::header_from(bytes) {
        let again = header_block(&signed).map(|block| lifeboat::header_from(&block));
        assert!(
            again.is_none_or(|again| again == Ok((header.clone(), signed.clone()))),
            "written again"
        );
        assert!(!header_is_by(&VAULT.public, &header, &signed), "a forged header");
    }
    let read = headers(bytes);
    assert_eq!(read.is_ok(), segment_header(bytes).is_ok());
    let Ok(read) = read else { return false };
    assert!(!read.is_empty() && read.len() <= 2);
    true
}

/// The frames behind any headers. The mark is whatever the bytes begin with.
pub fn walk(bytes: &[u8]) -> bool {
    let mark: [u8; 8] = bytes.first_chunk().copied().unwrap_or_default();
    let segment = [&[0; FRAMES_FROM as usize], bytes].concat();
    let (mut frames, mut damaged, mut taken) = (0, 0, 0);
    let end = lifeboat::walk(&segment, mark, &mut |found| match found {
        Found::Damage => damaged += 1,
        Found::Frame(frame) => {
            assert!(frame.sealed.len() <= SEALED_BYTES_MAX);
            let mut again = Vec::new();
            put_frame(&mut again, mark, &frame.head, frame.sealed);
            assert!(matches!(
                lifeboat::frame_at(&again, mark),
                FrameAt::Whole(read, length) if read == frame && length == again.len()
            ));
            frames += 1;
            taken += again.len();
        }
    });
    assert!(damaged <= frames, "damage is told before a frame only");
    assert!(end <= segment.len() && taken <= bytes.len());
    frames > 0
}

/// Everything that is sealed in a segment or lies beside it, once it is opened.
pub fn parts(bytes: &[u8]) -> bool {
    let changes = plain::<ChangeFrame>(bytes);
    if let Some(change) = &changes {
        let again = ChangeFrame::new(&change.entry(), change.recorded_at_ms, change.files.clone());
        assert_eq!(again.entry(), change.entry());
    }
    let fixes = plain::<FixesFrame>(bytes);
    if let Some(fixes) = &fixes {
        let again = FixesFrame::new(fixes.patrol, fixes.first, &fixes.fixes());
        assert_eq!(&again, fixes);
    }
    let others = [
        plain::<FileKeyRow>(bytes).is_some(),
        plain::<VaultPrivate>(bytes).is_some(),
        plain::<CaptureGrant>(bytes).is_some(),
        plain::<CaptureKit>(bytes).is_some(),
        plain::<SegmentHeader>(bytes).is_some(),
    ];
    changes.is_some() || fixes.is_some() || others.contains(&true)
}

/// A segment of this vault whose frames hold the parts of the input, sealed as its writer seals them. What reads as its kind
/// comes out; what is damaged costs itself and nothing else.
pub fn rows(bytes: &[u8]) -> bool {
    let (segment, expected, marks) = framed(&BLOCKS, bytes);
    let mut found = Vec::new();
    let read = match read_segment(&segment, &DATA_KEY, &mut |row| found.push(row)) {
        Ok(read) => read,
        Err(error) => panic!("a segment with a sound header is not read: {error}"),
    };
    assert!(!read.header_damaged);
    assert!(read.private.is_some());
    assert!(found.len() as u64 <= read.frames);
    if marks < MARKS_FEW {
        assert!(found == expected, "a row is lost, made up or out of order");
    }
    !found.is_empty()
}

/// The same for what was captured while the vault was locked; an input that begins with `GFL1` is a whole file.
pub fn locked_capture(bytes: &[u8]) -> bool {
    let (segment, expected, marks) = if bytes.starts_with(b"GFL1") {
        (bytes.to_vec(), Vec::new(), usize::MAX)
    } else {
        framed(&LOCKED_BLOCKS, bytes)
    };
    let folder = Path::new("vault");
    let path: PathBuf = folder.join("lifeboat").join("0000000000.locked");
    let disk = MemoryDisk::of([(path, segment)]);
    let mut found = Vec::new();
    let read = read_locked(folder, &disk, &VAULT.public, &SEALING, &mut |epoch, row| {
        assert_eq!(epoch, EPOCH);
        found.push(row);
    });
    let Ok(read) = read else {
        panic!("one file that does not open keeps the others from being read");
    };
    assert!(read.len() <= 1);
    if marks < MARKS_FEW {
        assert!(found == expected, "a row is lost, made up or out of order");
    }
    !found.is_empty()
}

/// The segment, what must come out of it, and how many marks stand in what is no frame.
pub(crate) fn framed(blocks: &[u8], bytes: &[u8]) -> (Vec<u8>, Vec<BoatRow>, usize) {
    let mark = SegmentHeader::new(DEVICE, EPOCH, ID).mark();
    let (mut segment, mut expected, mut marks) = (blocks.to_vec(), Vec::new(), 0);
    for (index, (tag, piece)) in (0..).zip(split(bytes)) {
        if tag & AS_IT_IS != 0 {
            marks += 1 + piece.windows(mark.len()).filter(|bytes| *bytes == mark).count();
            segment.extend(piece);
            continue;
        }
        let head = FrameHead {
            kind: kind(tag),
            index,
            head: Head::new(Seq(u64::from(index) + 1), Sha256([tag; 32])),
            body_hash: sha256(piece),
        };
        let Ok(sealed) = KEY.seal_frame(&head, piece) else {
            panic!("a frame is not sealed")
        };
        put_frame(&mut segment, mark, &head, &sealed);
        expected.extend(row(&head, piece));
    }
    (segment, expected, marks)
}

fn kind(tag: u8) -> FrameKind {
    match tag & 7 {
        1 => FrameKind::Change,
        2 => FrameKind::File,
        3 => FrameKind::Fixes,
        4 => FrameKind::End,
        other => FrameKind::Unknown(other),
    }
}

fn row(head: &FrameHead, bytes: &[u8]) -> Option<BoatRow> {
    match head.kind {
        FrameKind::Change => {
            let change: ChangeFrame = decode(bytes, "change").ok()?;
            let _: Entry = change.entry();
            Some(BoatRow::Change(change, head.head.h))
        }
        FrameKind::File => decode(bytes, "file").ok().map(BoatRow::File),
        FrameKind::Fixes => decode(bytes, "fixes").ok().map(BoatRow::Fixes),
        FrameKind::End | FrameKind::Unknown(_) => None,
    }
}

const KEY: SegmentKey = SegmentKey::from_bytes([4; 32]);

/// Both header blocks of a segment of the open vault.
static BLOCKS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let private = VaultPrivate::new(VAULT_SECRET.to_vec(), vec![3; 32], EPOCH, None, vec![5; 16]);
    let made = || {
        let mut header = SegmentHeader::new(DEVICE, EPOCH, ID);
        header.key_for_vault = KEY.wrap_for_vault(&DATA_KEY, [6; 12]).ok()?;
        header.private = seal_private(&DATA_KEY, [8; 12], &encode(&private)).ok()?;
        twice(&header_block(&sign_message(
            &VAULT.secret,
            Domain::Lifeboat,
            encode(&header),
        ))?)
    };
    made().unwrap_or_else(|| panic!("a header is made"))
});

/// Both header blocks of a segment that is sealed to this platform.
pub(crate) fn blocks_for(platform: &[u8]) -> Option<Vec<u8>> {
    let mut header = SegmentHeader::new(DEVICE, EPOCH, ID);
    header.key_for_vault = KEY.wrap_for_vault(&DATA_KEY, [6; 12]).ok()?;
    header.key_for_platform = KEY.seal_to(platform, [7; 32]).ok()?;
    header.platform_key_id = key_id(platform);
    let signed = sign_message(&VAULT.secret, Domain::Lifeboat, encode(&header));
    twice(&header_block(&signed)?)
}

/// Both header blocks of a segment that was begun while the vault was locked.
static LOCKED_BLOCKS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let grant = CaptureGrant {
        device: DEVICE,
        public: CAPTURE.secret.public(),
    };
    let made = || {
        let mut header = SegmentHeader::new(DEVICE, EPOCH, ID);
        header.key_for_vault = KEY.seal_to(&SEALING.public(), [6; 32]).ok()?;
        header.capture = Some(sign_message(&VAULT.secret, Domain::Capture, encode(&grant)));
        twice(&header_block(&sign_message(
            &CAPTURE.secret,
            Domain::Lifeboat,
            encode(&header),
        ))?)
    };
    made().unwrap_or_else(|| panic!("a header is made"))
});

fn twice(block: &[u8; HEADER_BLOCK_BYTES]) -> Option<Vec<u8>> {
    Some(block.repeat(2))
}
