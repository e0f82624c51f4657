//! What befalls a vault beside its work: power, disk, process, clock, damage, old copies.

use std::path::{Path, PathBuf};

use grid_crash::world::OpenKeys;
use grid_crash::{Fault, Image, SimDisk, Subset};
use grid_fieldbook::{Budget, DataKey, FieldBook, FieldError};
use grid_model::Coded as _;
use grid_model::id::PatrolId;
use grid_model::lane::{ChangeKind, Lane};
use grid_store::{Draft, Store, StoreError};

use crate::Trouble;
use crate::clock::{DAY_MS, HOUR_MS, START_MS};
use crate::link::Weather;
use crate::vault::Vault;

const DATABASE: &str = "vault/fieldbook.db";
const LOG: &str = "vault/fieldbook.db-wal";

/// A copy of a vault's disk that somebody made.
#[derive(Clone)]
pub(crate) struct OldCopy {
    image: Image,
    kept: usize,
}

impl Vault {
    /// One record, and whatever goes wrong around it.
    pub(crate) fn work_under_faults(&mut self) -> Result<(), Trouble> {
        let faults = self.shared.faults.clone();
        let strikes =
            |vault: &mut Self, number: u8, per_mille: u64| faults.strikes(number, &mut vault.dice, per_mille);
        if self.work_in_hardship()? {
            return Ok(());
        }
        if strikes(self, 1, 10) {
            return self.power_cut_at_work();
        }
        if strikes(self, 4, 5) {
            self.strike_disk(Fault::SyncFails);
            faults.hit(4);
        }
        if strikes(self, 5, 5) {
            return self.full_at_work();
        }
        self.work()?;
        if strikes(self, 20, 10) {
            faults.hit(20);
            self.kill();
        }
        if strikes(self, 8, 3) {
            faults.hit(8);
            self.kill();
        }
        if strikes(self, 21, 5) {
            faults.hit(21);
            self.book()?.suspend().map_err(Trouble::of)?;
        }
        if strikes(self, 23, 4) {
            self.open_twice()?;
        }
        if strikes(self, 9, 2) {
            self.damage(9, Self::flip_in_database)?;
        }
        if strikes(self, 11, 2) {
            self.damage(11, Self::cut_file)?;
        }
        if strikes(self, 10, 2) {
            self.spoil_photo(10)?;
        }
        if strikes(self, 15, 2) {
            self.spoil_photo(15)?;
        }
        for (number, kind) in [(55, ChangeKind::Observed), (65, ChangeKind::from_code(777))] {
            if strikes(self, number, 3) {
                self.record_of_another_version(number, kind)?;
            }
        }
        self.turn_clock();
        Ok(())
    }

    fn power_cut_at_work(&mut self) -> Result<(), Trouble> {
        self.book()?;
        self.doom();
        let done = self.work();
        self.cut_power();
        for number in [1, 2] {
            self.shared.faults.hit(number);
        }
        // In the dark every call fails, which is no trouble of the world's.
        match done {
            Ok(_) | Err(Trouble::Broken(_)) => Ok(()),
            Err(bug) => Err(bug),
        }
    }

    /// The power goes in the middle of a sync.
    pub(crate) fn power_cut_at_sync(&mut self) -> Result<(), Trouble> {
        self.book()?;
        self.doom();
        let _ = self.sync(Weather::Fair, Budget::default());
        self.cut_power();
        self.shared.faults.hit(22);
        Ok(())
    }

    fn full_at_work(&mut self) -> Result<(), Trouble> {
        self.book()?;
        self.disk.set_capacity(self.disk.used());
        for _ in 0..3 {
            let _ = self.work()?;
        }
        self.disk.set_capacity(u64::MAX);
        self.shared.faults.hit(5);
        Ok(())
    }

    /// A sync on a disk that has no room left but what was kept back for it.
    pub(crate) fn full_at_sync(&mut self) -> Result<(), Trouble> {
        self.book()?;
        self.disk.set_capacity(self.disk.used());
        let _ = self.sync(Weather::Fair, Budget::default());
        self.disk.set_capacity(u64::MAX);
        self.shared.faults.hit(6);
        Ok(())
    }

    fn open_twice(&mut self) -> Result<(), Trouble> {
        let folder = self.disk.root().join("vault");
        // A suspended one wakes by it: while it sleeps another may have the vault.
        if self.book()?.status().is_err() {
            return Ok(());
        }
        if FieldBook::open(&folder, self.host(), &OpenKeys).is_ok() {
            return Err(Trouble::Broken("a vault was opened twice".to_owned()));
        }
        self.shared.faults.hit(23);
        let book = self.book()?;
        book.close().map_err(Trouble::of)?;
        if !matches!(book.status(), Err(FieldError::Closed)) {
            return Err(Trouble::Broken("a closed book answered".to_owned()));
        }
        book.reopen().map_err(Trouble::of)?;
        self.shared.faults.hit(24);
        Ok(())
    }

    /// Damages a file of the closed vault, and looks whether it is noticed; then it is recovered.
    /// Whether it was noticed; that nothing was there to damage counts as noticed.
    fn damage(
        &mut self,
        number: u8,
        how: impl FnOnce(&mut Self) -> Result<bool, Trouble>,
    ) -> Result<bool, Trouble> {
        // A vault in which nothing was recorded has nothing to bring back: its worker enrols anew.
        if self.kept.is_empty() {
            return Ok(true);
        }
        let records = self.records_by_place()?;
        let unsent = records.into_iter().filter(|record| record.is_unsent);
        let unsent = unsent.map(|record| record.key).collect();
        self.kill();
        if !how(self)? {
            return Ok(true);
        }
        self.unsent_before = Some(unsent);
        self.was_cut = true;
        self.settled_lives.clear();
        self.shared.faults.hit(number);
        self.held_back = Some(Vec::new());
        let looked = self.look_after_damage();
        let noticed = looked.as_ref().is_ok_and(|noticed| *noticed);
        let damage = (
            "damage",
            serde_json::json!({"copy": "database", "detected": true}),
        );
        self.note_first(noticed.then_some(damage));
        self.unsent_before = None;
        looked
    }

    /// Somebody put the database of another vault in the place of this one's: it is refused, and the own one comes back from
    /// the second copy.
    pub(crate) fn put_under(&mut self, other: &[u8]) -> Result<(), Trouble> {
        let noticed = self.damage(17, |vault| {
            vault.disk.remove_file(Path::new(LOG)).map_err(Trouble::of)?;
            vault
                .disk
                .write_file(Path::new(DATABASE), other)
                .map_err(Trouble::of)?;
            Ok(true)
        })?;
        if noticed {
            return Ok(());
        }
        Err(Trouble::Broken(format!(
            "{}: another vault's database was taken for its own",
            self.name
        )))
    }

    /// The database as it lies there, without its log.
    pub(crate) fn database(&self) -> Option<Vec<u8>> {
        self.disk.read_file(Path::new(DATABASE))
    }

    /// Opens a damaged vault, looks, and recovers it when something is wrong. Whether something was.
    fn look_after_damage(&mut self) -> Result<bool, Trouble> {
        let checks = match self.book()?.self_check() {
            Ok(checks) => checks,
            Err(FieldError::Damaged) => Vec::new(),
            Err(error) => return Err(Trouble::Broken(format!("{}: self-check: {error}", self.name))),
        };
        let parts = ["database", "chain", "lifeboat"];
        let whole = !checks.is_empty()
            && checks
                .iter()
                .all(|check| check.ok || !parts.contains(&check.name));
        let opened_damaged = self
            .held_back
            .iter()
            .flatten()
            .any(|(_, told)| told["error"] == "damaged");
        if !whole {
            self.recover()?;
        }
        Ok(!whole || opened_damaged)
    }

    fn flip_in_database(&mut self) -> Result<bool, Trouble> {
        self.alter(DATABASE, |bytes, dice| {
            let at = dice.below(bytes.len() as u64) as usize;
            bytes[at] ^= 1 << dice.below(8);
        })
    }

    fn cut_file(&mut self) -> Result<bool, Trouble> {
        let file = if self.dice.chance(500) { LOG } else { DATABASE };
        self.alter(file, |bytes, dice| {
            let keep = dice.below(bytes.len() as u64) as usize;
            bytes.truncate(keep);
        })
    }

    fn alter(
        &mut self,
        file: &str,
        how: impl Fn(&mut Vec<u8>, &mut grid_crash::Dice),
    ) -> Result<bool, Trouble> {
        let path = Path::new(file);
        let Some(mut bytes) = self.disk.read_file(path).filter(|bytes| !bytes.is_empty()) else {
            return Ok(false);
        };
        how(&mut bytes, &mut self.dice);
        self.disk.write_file(path, &bytes).map_err(Trouble::of)?;
        Ok(true)
    }

    /// The sealed file of a photo that did not go yet is spoilt or gone. Its record stands, the photo is lost.
    fn spoil_photo(&mut self, number: u8) -> Result<(), Trouble> {
        self.book()?;
        let sealed: Vec<PathBuf> = {
            let files = self.disk.files().into_iter();
            files
                .filter(|path| path.to_string_lossy().ends_with(".sealed"))
                .collect()
        };
        let Some(path) = sealed.get(self.dice.below(sealed.len().max(1) as u64) as usize) else {
            return Ok(());
        };
        if number == 15 {
            self.disk.remove_file(path).map_err(Trouble::of)?;
        } else if let Some(mut bytes) = self.disk.read_file(path).filter(|bytes| !bytes.is_empty()) {
            let at = self.dice.below(bytes.len() as u64) as usize;
            bytes[at] ^= 4;
            self.disk.write_file(path, &bytes).map_err(Trouble::of)?;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().to_string();
        self.spoilt_photos.push(name);
        self.shared.faults.hit(number);
        Ok(())
    }

    /// What another version of the application wrote: a body that this one cannot read, or a kind it does not know.
    fn record_of_another_version(&mut self, number: u8, kind: ChangeKind) -> Result<(), Trouble> {
        self.book()?;
        self.close()?;
        let folder = self.disk.root().join("vault");
        let opened = Store::open_with(&folder, self.host().storage, |disk| {
            let bytes = grid_store::read_all(disk, &folder.join("key"))?;
            let bytes = bytes.try_into().map_err(|_| StoreError::NotFound("key"))?;
            Ok::<_, StoreError>(DataKey::from_bytes(bytes))
        });
        let store = opened.map_err(Trouble::of)?;
        let act = self.next_act();
        let draft = Draft {
            lane: Lane::patrol(PatrolId([number; 16])),
            kind,
            schema_version: 9,
            files: Vec::new(),
            body: act.clone().into_bytes(),
            recorded_at_ms: self.shared.now.ms(),
        };
        let place = store.write(|tx| tx.append(draft)).map_err(Trouble::of)?;
        let key = store.read(|tx| tx.key_of(place)).map_err(Trouble::of)?;
        store.close().map_err(Trouble::of)?;
        let key = key.ok_or(Trouble::Bug("a record without a key"))?;
        self.keep(act, key, "other_version");
        self.shared.faults.hit(number);
        Ok(())
    }

    fn turn_clock(&mut self) {
        let faults = self.shared.faults.clone();
        let wrong: [(u8, u64, i64); 5] = [
            (29, 1, -START_MS),
            (30, 1, 3_650 * DAY_MS),
            (31, 2, -3 * HOUR_MS),
            (32, 2, 8 * HOUR_MS),
            (35, 1, -2 * DAY_MS),
        ];
        for (number, per_mille, off) in wrong {
            if faults.strikes(number, &mut self.dice, per_mille) {
                faults.hit(number);
                self.set_clock(off);
            }
        }
        if self.clock.offset_ms() != 0 && self.dice.chance(100) {
            self.set_clock(0);
        }
    }

    /// Somebody sets the phone's clock off the true time by this.
    pub(crate) fn set_clock(&mut self, off_ms: i64) {
        self.clock.set_off(off_ms);
        self.note("clock", serde_json::json!({"wall_offset_ms": off_ms}));
    }

    /// Somebody copies the phone.
    pub(crate) fn copy(&mut self) -> Result<OldCopy, Trouble> {
        self.close()?;
        Ok(OldCopy {
            image: self.disk.snapshot(),
            kept: self.kept.len(),
        })
    }

    /// The newest position among so many records, the first that were kept.
    fn newest_of(&self, kept: usize) -> u64 {
        let kept = self.kept[..kept].iter().map(|kept| kept.key.1.0);
        kept.max().unwrap_or(0)
    }

    /// The copy is put back: what came after it is not on this phone any more. What the platform has stays there.
    pub(crate) fn put_back(&mut self, copy: &OldCopy) {
        self.kill();
        self.disk = SimDisk::from_snapshot(&copy.image);
        self.note(
            "rollback",
            serde_json::json!({"to_seq": self.newest_of(copy.kept)}),
        );
        self.excuse_since(copy.kept, "an older copy was put back");
        self.patrol = None;
        self.cases.clear();
        self.shared.faults.hit(16);
    }

    /// The copy goes on as another phone.
    pub(crate) fn cloned(&mut self, copy: &OldCopy, seed: u64) -> Self {
        let name = format!("{}-clone", self.name);
        let mut clone = Self::named(self.shared.clone(), name, (97, 0), seed);
        clone.note("clone", serde_json::json!({"of": self.name}));
        // A vault may be copied twice, and two acts of one name would read as one that was doubled: they are told by the minute.
        clone.acts = self.shared.now.ms().unsigned_abs() / crate::clock::MINUTE_MS.unsigned_abs();
        clone.note(
            "rollback",
            serde_json::json!({"to_seq": self.newest_of(copy.kept)}),
        );
        clone.job_no.clone_from(&self.job_no);
        clone.link.told_of_no_rows_as(&self.link);
        clone.disk = SimDisk::from_snapshot(&copy.image).after_power_cut(Subset::All);
        self.shared.faults.hit(64);
        clone
    }
}
