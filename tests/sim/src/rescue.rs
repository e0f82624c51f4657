//! A phone whose key store lost its key: its vault opens for nobody, and its lifeboat is brought to the platform. The worker
//! goes on with a new vault.

use std::fs;

use grid_crash::SimDisk;
use grid_fieldbook::{EnrollError, FieldBook, FieldError};
use grid_model::DeviceId;
use grid_model::terms::RefusalCode;
use serde_json::json;

use crate::Trouble;
use crate::clock::MINUTE_MS;
use crate::hardship::NoKey;
use crate::site::folder;
use crate::vault::{Kept, Vault};
use crate::world::World;

/// A vault that is no more. What was answered `Saved` there has to be on the platform.
pub(crate) struct Gone {
    pub(crate) device: DeviceId,
    pub(crate) kept: Vec<Kept>,
    pub(crate) spoilt_photos: Vec<String>,
    /// Whether some of its acts came back as an error.
    pub(crate) is_unsure: bool,
}

impl World {
    /// The key of this vault is gone.
    pub(crate) fn lose_key(&mut self, at: usize) -> Result<(), Trouble> {
        // Around a rescue the operator sees to the backups: what is brought in, and who is enrolled anew, is in one at once.
        self.back_up()?;
        let lives = self.shared.site().lives();
        let vault = &mut self.vaults[at];
        // What is with a restored platform alone, and not yet again, is in no lifeboat any more.
        if vault.life_met != lives || vault.name.contains("clone") {
            return Ok(());
        }
        let device = vault.book()?.status().map_err(Trouble::of)?.device;
        vault.close()?;
        self.copies.remove(&at);
        let vault = &mut self.vaults[at];
        let folder = vault.disk.root().join("vault");
        let before = vault.disk.snapshot();
        let no_key = NoKey(grid_fieldbook::KeyVaultError::Lost);
        for opened in [
            FieldBook::open(&folder, vault.host(), &no_key).map(|_| ()),
            FieldBook::recover(&folder, vault.host(), &no_key).map(|_| ()),
        ] {
            if !matches!(opened, Err(FieldError::Damaged)) {
                return Err(Trouble::Broken(format!(
                    "{}: a vault without its key: {opened:?}",
                    vault.name
                )));
            }
        }
        if !vault.disk.snapshot().same_files(&before) {
            return Err(Trouble::Broken(format!(
                "{}: a vault without its key was changed",
                vault.name
            )));
        }
        vault.note("down", json!({"how": "lost"}));
        let copied = copied_off(&vault.disk)?;
        let taken = self.shared.site().take_lifeboat(copied.path())?;
        self.shared.faults.hit(18);
        let fresh = self.in_place_of(at)?;
        let vault = std::mem::replace(&mut self.vaults[at], fresh);
        if let Some(left) = taken.left.first() {
            let why = left.sentence().en;
            return Err(Trouble::Broken(format!("{}: {why}", vault.name)));
        }
        self.gone.push(Gone {
            device,
            kept: vault.kept,
            spoilt_photos: vault.spoilt_photos,
            is_unsure: !vault.unsure.is_empty(),
        });
        self.back_up()
    }

    /// A new vault for the same worker, enrolled.
    fn in_place_of(&mut self, at: usize) -> Result<Vault, Trouble> {
        self.renewed += 1;
        let old = &self.vaults[at];
        let name = format!("{}-n{}", old.name, self.renewed);
        let seed = self.seed ^ (self.renewed << 48);
        let mut fresh = Vault::named(self.shared.clone(), name, (100 + self.renewed as usize, 0), seed);
        fresh.job_no.clone_from(&old.job_no);
        fresh.tasks_seen.clone_from(&old.tasks_seen);
        if self.shared.faults.clone().strikes(47, &mut self.dice, 500) {
            self.guess_codes()?;
        }
        for _ in 0..12 {
            let ticket = self.shared.site().ticket(&fresh.job_no)?;
            match fresh.enroll_with(100, &ticket)? {
                Ok(()) => {
                    self.tell_of_one(&mut fresh)?;
                    return Ok(fresh);
                }
                // Somebody guessed codes from the same address.
                Err(EnrollError::Refused(RefusalCode::TryLater)) => self.shared.now.pass(MINUTE_MS),
                Err(error) => return Err(Trouble::Broken(format!("enrolling anew: {error}"))),
            }
        }
        Err(Trouble::Broken("nobody can enrol behind this address".to_owned()))
    }
}

/// The files of a disk in a folder.
fn copied_off(disk: &SimDisk) -> Result<tempfile::TempDir, Trouble> {
    let copied = folder()?;
    for path in disk.files() {
        let below = path.strip_prefix(disk.root()).map_err(Trouble::of)?;
        let to = copied.path().join(below);
        let shelf = to.parent().unwrap_or(copied.path());
        fs::create_dir_all(shelf).map_err(Trouble::of)?;
        fs::write(&to, disk.read_file(&path).unwrap_or_default()).map_err(Trouble::of)?;
    }
    Ok(copied)
}
