//! When the lifeboat waits for the rest instead of leaving a gap.

use grid_model::lane::Lane;
use grid_vault::chain_start;
use grid_wire::Entry;

use super::*;
use crate::disk::SystemDisk;

const DEVICE: DeviceId = DeviceId([1; 16]);
const EPOCH: Epoch = Epoch(5);

fn change(seq: u64) -> Unguarded {
    Unguarded::Change {
        epoch: EPOCH,
        entry: Entry {
            seq: Seq(seq),
            lane: Lane::loose_counts(DEVICE),
            prev_in_lane: Seq(seq - 1),
            kind: grid_model::ChangeKind::Counted,
            schema_version: 1,
            body: vec![9; 20],
        },
        h: Sha256([seq as u8; 32]),
        body_hash: Sha256([2; 32]),
        recorded_at_ms: 0,
        files: Vec::new(),
    }
}

#[test]
fn no_frame_is_written_behind_a_change_that_has_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let crew = Crew {
        device: DEVICE,
        signer: SignatureKey::from_secret(&[2; 32]).expect("a key"),
        data_key: DataKey::from_bytes([3; 32]),
        private: Vec::new(),
        platform: Vec::new(),
        random: Arc::new(|buffer| {
            buffer.fill(7);
            true
        }),
    };
    let (disk, limits) = (SystemDisk::shared(), StoreLimits::SMALL);
    let place = folder.path().to_owned();
    let (mut boat, _) = Lifeboat::man(disk, place, crew, limits, None, EPOCH).expect("manned");
    let head = Head::new(Seq(0), chain_start(DEVICE, EPOCH));
    let prepared = boat.prepare(&[change(1)], &head, EPOCH).expect("room");
    assert!(prepared.is_some());
    boat.board(prepared);
    assert!(boat.is_whole());
    let prepared = boat.prepare(&[change(3)], &head, EPOCH).expect("room");
    assert!(prepared.is_none(), "the second has no frame");
    assert!(!boat.is_whole(), "and nobody says that all is well");
    assert_eq!(boat.guarded_to(EPOCH), Seq(1));
}
