//! A phone that was updated after a long time: a vault of a released schema, whose migration is cut off or finds the disk full.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grid_crash::{Dice, Fault, Repeat, SimDisk, Subset};
use grid_fieldbook::{FieldBook, FieldError, FileKeyVault, Host, StoreLimits, StoreOptions};
use grid_model::id::Seq;
use grid_store::SCHEMA;
use serde_json::json;

use crate::Trouble;
use crate::clock::{PhoneClock, SeededEntropy};
use crate::link::Shared;

/// Released schemas of which there is a populated vault.
const SCHEMAS: [u32; 4] = [1, 4, 5, 6];
/// Operations of the disk within which a migration is struck.
const OPERATIONS: u64 = 400;

struct OldPhone {
    shared: Shared,
    seed: u64,
    keys: FileKeyVault,
}

impl OldPhone {
    fn opened(&self, disk: &SimDisk) -> Result<FieldBook, FieldError> {
        let clock = Arc::new(PhoneClock::new(self.shared.now.clone(), self.seed));
        let mut host = Host::new(clock, Arc::new(SeededEntropy::new(self.seed)));
        host.storage = StoreOptions {
            disk: disk.shared(),
            limits: StoreLimits::SMALL,
            ..StoreOptions::default()
        };
        FieldBook::open(&disk.root().join("vault"), host, &self.keys)
    }

    /// Every record as the vault shows it.
    fn records(&self, disk: &SimDisk) -> Result<String, FieldError> {
        let book = self.opened(disk)?;
        let shown = format!("{:?}", book.records(Seq(0), 1_000)?);
        book.close()?;
        Ok(shown)
    }
}

/// Opens a vault of an older schema while the disk is full or the power goes, and again afterwards: every record is there.
pub(crate) fn updated(shared: &Shared, dice: &mut Dice) -> Result<(), Trouble> {
    let schema = SCHEMAS[dice.below(SCHEMAS.len() as u64) as usize];
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compat/fixtures");
    let fixture = fixtures.join(format!("schema-{schema}"));
    let phone = OldPhone {
        shared: shared.clone(),
        seed: dice.below(u64::MAX),
        keys: FileKeyVault::at(fixture.join("vault.key")),
    };
    let struck = loaded(&fixture)?;
    let before = phone
        .records(&SimDisk::from_snapshot(&struck.snapshot()))
        .map_err(Trouble::of)?;
    let at = dice.below(OPERATIONS);
    let is_cut = dice.chance(500);
    struck.mark();
    if is_cut {
        struck.cut_power_at(at);
    } else {
        struck.fail_at(at, Fault::Full, Repeat::ForEver);
    }
    let opened = phone.opened(&struck);
    if struck.fired() == 0 {
        // The migration was over before.
        return Ok(());
    }
    shared.faults.hit(7);
    drop(opened);
    let subset = if is_cut {
        Subset::Sectors(dice.below(1 << 32))
    } else {
        Subset::All
    };
    let after = phone
        .records(&struck.after_power_cut(subset))
        .map_err(Trouble::of)?;
    let same = before == after;
    shared.history.note(
        "migrated",
        json!({"vault": format!("old-{schema}"), "from": schema, "to": SCHEMA, "same": same}),
    );
    if same {
        Ok(())
    } else {
        Err(Trouble::Broken(format!(
            "a vault of schema {schema} shows other records after its migration was struck at {at}"
        )))
    }
}

/// The vault of a fixture on a disk of its own.
fn loaded(fixture: &Path) -> Result<SimDisk, Trouble> {
    let disk = SimDisk::empty();
    let mut folders = vec![PathBuf::from("vault")];
    while let Some(folder) = folders.pop() {
        let mut entries = fs::read_dir(fixture.join(&folder))
            .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
            .map_err(Trouble::of)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let below = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(below);
            } else {
                let bytes = fs::read(entry.path()).map_err(Trouble::of)?;
                disk.write_file(&below, &bytes).map_err(Trouble::of)?;
            }
        }
    }
    disk.settle();
    Ok(disk)
}
