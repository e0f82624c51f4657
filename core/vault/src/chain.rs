//! The hash chain over a device's log: `h(n) = H(h(n-1), seq, lane, prev_in_lane, kind, schema_version, H(body))`, from
//! `H(device, epoch)`. The platform recomputes it, so it costs no bytes on the wire (architecture §2b).

use grid_model::Coded as _;
use grid_model::Sha256;
use grid_model::id::{DeviceId, Epoch};
use grid_wire::Entry;

use crate::digest::{Hasher, sha256};

/// The link before the first change of a log.
pub fn chain_start(device: DeviceId, epoch: Epoch) -> Sha256 {
    let mut hasher = Hasher::default();
    hasher.update(b"grid-chain-v1\0");
    hasher.update(device.bytes());
    hasher.update(&epoch.0.to_be_bytes());
    hasher.finish()
}

/// The link after `entry`, given the link before it. Every field has a fixed width, so no two entries share an encoding.
pub fn chain_link(before: Sha256, entry: &Entry) -> Sha256 {
    chain_link_over(before, entry, sha256(&entry.body))
}

/// The same, for a caller who has the body's SHA-256 already.
pub fn chain_link_over(before: Sha256, entry: &Entry, body_hash: Sha256) -> Sha256 {
    let mut hasher = Hasher::default();
    hasher.update(before.bytes());
    hasher.update(&entry.seq.0.to_be_bytes());
    hasher.update(&entry.lane.kind.code().to_be_bytes());
    hasher.update(&entry.lane.id);
    hasher.update(&entry.prev_in_lane.0.to_be_bytes());
    hasher.update(&entry.kind.code().to_be_bytes());
    hasher.update(&entry.schema_version.to_be_bytes());
    hasher.update(body_hash.bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_model::TaskId;
    use grid_model::id::Seq;
    use grid_model::lane::{ChangeKind, Lane};

    #[test]
    fn any_altered_field_alters_the_link() {
        let start = chain_start(DeviceId([1; 16]), Epoch(5));
        assert_ne!(start, chain_start(DeviceId([1; 16]), Epoch(6)));
        let entry = Entry {
            seq: Seq(1),
            lane: Lane::task(TaskId([2; 16])),
            prev_in_lane: Seq(0),
            kind: ChangeKind::TaskAccepted,
            schema_version: 1,
            body: vec![1, 2, 3],
        };
        let link = chain_link(start, &entry);
        let altered: [fn(&mut Entry); 6] = [
            |e| e.seq = Seq(2),
            |e| e.lane = Lane::task(TaskId([3; 16])),
            |e| e.prev_in_lane = Seq(1),
            |e| e.kind = ChangeKind::TaskArrived,
            |e| e.schema_version = 2,
            |e| e.body[0] ^= 1,
        ];
        for alter in altered {
            let mut other = entry.clone();
            alter(&mut other);
            assert_ne!(chain_link(start, &other), link, "{other:?}");
        }
    }
}
