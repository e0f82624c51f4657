//! Opening an older vault gives it what it never had: a second copy of everything that is only on this phone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use grid_model::Sha256;
use grid_model::id::Seq;
use grid_store::{BoatRow, StoreError, read_segment};
use grid_vault::{DataKey, chain_link, chain_start};
use grid_wire::Entry;

use crate::copy::Copy;
use crate::old::Old;

#[test]
fn the_second_copy_holds_everything_that_is_not_on_the_platform() {
    let old = Old::read();
    let copy = Copy::of(1);
    copy.open().close().expect("closed");
    let segments = copy.files().into_iter().filter(|(path, _)| is_segment(path));
    assert_lifeboat_is_complete(segments.map(|(_, bytes)| bytes), &copy.data_key(), &old);
}

pub(crate) fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|kind| kind == "boat")
}

/// Every change, key of a photo and fix that is only on this phone, read back from the lifeboat alone.
pub(crate) fn assert_lifeboat_is_complete(segments: impl Iterator<Item = Vec<u8>>, key: &DataKey, old: &Old) {
    let mut changes: BTreeMap<Seq, (Entry, Sha256)> = BTreeMap::new();
    let mut fixes = BTreeMap::new();
    let mut files = BTreeSet::new();
    for bytes in segments {
        let segment = read_segment(&bytes, key, &mut |row| match row {
            BoatRow::Change(change, h) => {
                files.extend(change.files.iter().map(|file| file.sha256.bytes().to_vec()));
                changes.insert(change.entry().seq, (change.entry(), h));
            }
            BoatRow::File(file) => {
                files.insert(file.sha256.bytes().to_vec());
            }
            BoatRow::Fixes(run) => {
                for (number, p) in (run.first..).zip(run.fixes()) {
                    let measured = [
                        p.at_ms,
                        p.lat_e7.into(),
                        p.lon_e7.into(),
                        p.accuracy_dm.into(),
                        p.speed_cms.into(),
                    ];
                    fixes.insert((run.patrol.bytes().to_vec(), number), measured);
                }
            }
        });
        match segment {
            Ok(segment) => assert_eq!((segment.device, segment.epoch), (old.device, old.epoch)),
            // The power went while its header was written; another took its place.
            Err(error) => assert!(matches!(error, StoreError::Unreadable(_)), "{error}"),
        }
    }
    let mut at = chain_start(old.device, old.epoch);
    for change in &old.changes {
        at = chain_link(at, &change.entry);
        let (entry, h) = changes
            .get(&change.entry.seq)
            .expect("every change has its frame");
        assert_eq!((entry, *h), (&change.entry, at));
    }
    for photo in &old.photos_kept {
        assert!(files.contains(photo), "the key of a photo that is only here");
    }
    for (patrol, number, measured) in &old.fixes {
        let found = fixes.get(&(patrol.clone(), *number));
        assert_eq!(
            found,
            Some(measured),
            "fix {number} of the journal has its second copy"
        );
    }
}
