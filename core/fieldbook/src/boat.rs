//! The lifeboat from the façade's side: who it is sealed for, and what is done when it knows more than the database.

use std::path::Path;
use std::sync::Arc;

use grid_model::Sha256;
use grid_model::id::Epoch;
use grid_store::{Adopted, Boarding, BoatRow, Crew, Disk, Enrolment};
use grid_vault::{SealingKey, chain_start};
use grid_wire::lifeboat::{ChangeFrame, EnrolmentWire, FileKeyRow, FixesFrame, VaultPrivate};
use grid_wire::{Head, encode};

use crate::{FieldBook, FieldError};

/// Rows of the lifeboat that are laid into the database in one transaction.
const ADOPTED_AT_ONCE: usize = 500;

/// What the segments of a lifeboat hold.
#[derive(Default)]
pub(crate) struct BoatRows {
    pub(crate) changes: Vec<(Epoch, ChangeFrame, grid_model::Sha256)>,
    pub(crate) files: Vec<FileKeyRow>,
    pub(crate) fixes: Vec<FixesFrame>,
}

impl BoatRows {
    /// Leaves out keys of attachments whose sealed file is not in this folder: those were purged.
    pub(crate) fn keep_files_in(&mut self, disk: &dyn Disk, folder: &Path) -> Result<(), FieldError> {
        let mut there = Vec::new();
        for file in std::mem::take(&mut self.files) {
            if has_sealed(disk, folder, file.sha256)? {
                there.push(file);
            }
        }
        self.files = there;
        Ok(())
    }

    pub(crate) fn take(&mut self, epoch: Epoch, row: BoatRow) {
        match row {
            BoatRow::Change(change, h) => {
                self.files.extend(change.files.iter().cloned());
                self.changes.push((epoch, change, h));
            }
            BoatRow::File(file) => self.files.push(file),
            BoatRow::Fixes(fixes) => self.fixes.push(fixes),
        }
    }
}

impl FieldBook {
    /// Mans the lifeboat, and lays into the database what only the lifeboat knows.
    pub(crate) fn man_lifeboat(&self) -> Result<Boarding, FieldError> {
        let mut found = self.store.man_lifeboat(self.crew()?)?;
        if found == Boarding::Ahead {
            self.adopt_lifeboat()?;
            found = self.store.man_lifeboat(self.crew()?)?;
        }
        if matches!(found, Boarding::Ahead | Boarding::Forked) {
            // Another branch, or places that were written and read no more: none of them is given twice.
            self.begin_epoch()?;
            found = self.store.man_lifeboat(self.crew()?)?;
        }
        Ok(found)
    }

    /// A new life of the log: the old one was continued elsewhere.
    pub(crate) fn begin_epoch(&self) -> Result<(), FieldError> {
        let epoch = Epoch(u64::from_be_bytes(self.host.random()?));
        let device = self.device();
        self.store
            .write(|tx| tx.begin_epoch(device, epoch).map_err(FieldError::from))
    }

    fn crew(&self) -> Result<Crew, FieldError> {
        let (enrolment, epoch) = self
            .store
            .read(|tx| Ok::<_, FieldError>((tx.enrolment()?, tx.current_epoch()?)))?;
        let entropy = Arc::clone(&self.host.entropy);
        let private = VaultPrivate::new(
            self.identity.secret.to_vec(),
            self.identity.sealing_secret.map(Vec::from).unwrap_or_default(),
            epoch,
            enrolment.as_ref().map(enrolment_wire),
            self.store.salt()?,
        );
        Ok(Crew {
            device: self.device(),
            signer: self.key.clone(),
            data_key: self.data_key.clone(),
            private: encode(&private),
            platform: enrolment.map(|e| e.sealing_key).unwrap_or_default(),
            random: Arc::new(move |buffer| entropy.fill(buffer)),
        })
    }

    /// Lays every row of the lifeboat into the database that is not there.
    pub(crate) fn adopt_lifeboat(&self) -> Result<u64, FieldError> {
        let mut rows = BoatRows::default();
        let (read, _) = self
            .store
            .read_lifeboat(&mut |segment, row| rows.take(segment.epoch, row))?;
        // A database older than the enrolment gets it back.
        let enrolment = read
            .into_iter()
            .rev()
            .find_map(|segment| segment.private?.enrolment);
        if let (Some(enrolment), None) = (enrolment, self.enrolment()?) {
            let enrolment = enrolment_of(enrolment);
            self.store
                .write(|tx| tx.set_enrolment(&enrolment).map_err(FieldError::from))?;
        }
        self.adopt(rows)
    }

    /// Lays rows into the database that are not there, and what they mean into the views. Answers how many changes were new.
    pub(crate) fn adopt(&self, mut rows: BoatRows) -> Result<u64, FieldError> {
        rows.keep_files_in(self.store.disk(), self.store.folder())?;
        rows.changes
            .sort_by_key(|(epoch, change, _)| (epoch.0, change.entry().seq));
        self.store.write(|tx| {
            for file in &rows.files {
                tx.adopt_file(file)?;
            }
            Ok::<_, FieldError>(())
        })?;
        let mut adopted = 0;
        for piece in rows.changes.chunks(ADOPTED_AT_ONCE) {
            adopted += self.store.write(|tx| {
                let mut new = 0;
                for (epoch, change, h) in piece {
                    let entry = change.entry();
                    let base = Head::new(grid_model::Seq(0), chain_start(self.device(), *epoch));
                    let place = tx.adopt(
                        *epoch,
                        Adopted {
                            entry: entry.clone(),
                            h: *h,
                            recorded_at_ms: change.recorded_at_ms,
                            base,
                        },
                    )?;
                    if let Some(place) = place {
                        crate::replay::replay(tx, place, &entry, change.recorded_at_ms)?;
                        new += 1;
                    }
                }
                Ok::<_, FieldError>(new)
            })?;
        }
        self.store.write(|tx| {
            for fixes in &rows.fixes {
                tx.adopt_fixes(fixes.patrol, fixes.first, &fixes.fixes())?;
            }
            Ok::<_, FieldError>(())
        })?;
        Ok(adopted)
    }
}

/// Whether the sealed file of an attachment is in the vault's folder.
pub(crate) fn has_sealed(disk: &dyn Disk, folder: &Path, sha256: Sha256) -> Result<bool, FieldError> {
    let file = folder.join("attachments").join(format!("{sha256}.sealed"));
    Ok(disk.size(&file)?.is_some())
}

/// A secret scalar drawn from the host's random source: about one draw in 2^32 is none.
pub(crate) fn sealing_secret(host: &crate::Host) -> Result<[u8; 32], FieldError> {
    loop {
        let secret = host.random()?;
        if SealingKey::from_secret(&secret).is_ok() {
            return Ok(secret);
        }
    }
}

pub(crate) fn enrolment_wire(e: &Enrolment) -> EnrolmentWire {
    EnrolmentWire {
        server: e.server.clone(),
        authority: e.authority.clone(),
        phone: e.phone.0,
        phone_label: e.phone_label.clone(),
        worker: e.worker.0,
        display_name: e.display_name.clone(),
        job_no: e.job_no.clone(),
        org_name: e.org_name.clone(),
        platform_key: e.platform_key.clone(),
        sealing_key: e.sealing_key.clone(),
    }
}

pub(crate) fn enrolment_of(e: EnrolmentWire) -> Enrolment {
    Enrolment {
        server: e.server,
        authority: e.authority,
        phone: grid_model::id::PhoneId(e.phone),
        phone_label: e.phone_label,
        worker: grid_model::id::WorkerId(e.worker),
        display_name: e.display_name,
        job_no: e.job_no,
        org_name: e.org_name,
        platform_key: e.platform_key,
        sealing_key: e.sealing_key,
    }
}
