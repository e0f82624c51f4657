//! Recording while the vault's key cannot be had (before the first unlock of a phone, after a lost key store). What matters
//! most goes: rescues, matters found, counts. It is imported at the next unlock, or delivered as it is.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use grid_model::id::{CaseId, Epoch};
use grid_model::lane::Lane;
use grid_model::terms::Milestone;
use grid_model::time::Stamp;
use grid_store::{
    BoatRow, Disk, Draft, LockedBoat, QUARANTINE, Random, read_all, read_locked, write_durably,
};
use grid_vault::{Domain, SealingKey, SignatureKey, VerifyKey, sha256, sign_message};
use grid_wire::fact::{CaseReported, Counted, UrgentMilestone, UrgentStarted};
use grid_wire::lifeboat::{CaptureGrant, CaptureKit};
use grid_wire::{Body, Fact, decode, encode};

use crate::boat::BoatRows;
use crate::{CaseDraft, CountDraft, FieldBook, FieldError, Host, Problem, Saved, UrgentDraft};

/// The file of the kit, beside the vault.
const CAPTURE: &str = "capture";

/// A vault that is locked, and can still be written to.
pub struct LockedBook {
    host: Host,
    boat: Mutex<LockedBoat>,
}

impl LockedBook {
    /// Begins a capture for the vault in `folder`, whose key the host cannot give. `NotFound` when the vault was never opened
    /// on this phone.
    pub fn open(folder: &Path, host: Host) -> Result<Self, FieldError> {
        let disk = &*host.storage.disk;
        let file = folder.join(CAPTURE);
        if disk.size(&file)?.is_none() {
            return Err(FieldError::NotFound { what: "capture kit" });
        }
        let bytes = read_all(disk, &file)?;
        let kit: CaptureKit = decode(&bytes, "capture kit").map_err(|_| FieldError::Damaged)?;
        let epoch = Epoch(u64::from_be_bytes(host.random()?));
        let entropy = Arc::clone(&host.entropy);
        let random: Random = Arc::new(move |buffer| entropy.fill(buffer));
        let boat = LockedBoat::begin(folder, &host.storage, &kit, epoch, &random)?;
        Ok(Self {
            host,
            boat: Mutex::new(boat),
        })
    }

    /// Starts a rescue: T0 is now. Durable before return.
    pub fn start_urgent(&self, draft: UrgentDraft) -> Result<(CaseId, Saved), FieldError> {
        draft.check()?;
        let case = CaseId(self.host.random()?);
        let fact = Fact::UrgentStarted(UrgentStarted {
            title: draft.title,
            place_text: draft.place_text,
            point: draft.point,
        });
        Ok((case, self.record(Lane::urgent(case), fact)?))
    }

    /// Records one step of a rescue that was started here. Durable before return.
    pub fn urgent_milestone(&self, case: CaseId, milestone: Milestone) -> Result<Saved, FieldError> {
        self.record(
            Lane::urgent(case),
            Fact::UrgentMilestone(UrgentMilestone { milestone }),
        )
    }

    /// Reports a matter found in the field. Photos wait for the unlock. Durable before return.
    pub fn report_case(&self, draft: CaseDraft) -> Result<(CaseId, Saved), FieldError> {
        draft.check()?;
        if !draft.attachments.is_empty() {
            return Err(FieldError::invalid("attachments", Problem::WrongState));
        }
        let case = CaseId(self.host.random()?);
        let fact = Fact::CaseReported(CaseReported {
            case_kind: draft.case_kind,
            title: draft.title,
            description: draft.description,
            place_text: draft.place_text,
            point: draft.point,
            dispute: draft.dispute.map(crate::cases::dispute),
            attachments: Vec::new(),
        });
        Ok((case, self.record(Lane::case(case), fact)?))
    }

    /// Adds a step to a counter, outside any patrol. Durable before return.
    pub fn count(&self, draft: CountDraft) -> Result<Saved, FieldError> {
        draft.check()?;
        let lane = Lane::loose_counts(self.boat().device());
        let fact = Fact::Counted(Counted {
            count_kind: draft.kind,
            value: draft.value,
            post: draft.post,
            patrol: draft.patrol,
            reason: draft.reason.filter(|reason| !reason.trim().is_empty()),
        });
        self.record(lane, fact)
    }

    /// Ends the capture; what was recorded is durable already.
    pub fn close(self) -> Result<(), FieldError> {
        let boat = self.boat.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(boat.end()?)
    }

    fn boat(&self) -> std::sync::MutexGuard<'_, LockedBoat> {
        self.boat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, lane: Lane, fact: Fact) -> Result<Saved, FieldError> {
        let now = self.host.clock.now();
        let stamp = Stamp {
            wall_ms: now.wall_ms,
            mono_ms: now.mono_ms,
            boot: now.boot,
            // The platform's time is inside the locked store.
            anchor: None,
        };
        let draft = Draft::of(lane, &Body { stamp, fact }, now.wall_ms);
        Ok(Saved {
            seq: self.boat().record(draft)?,
            recorded_at_ms: now.wall_ms,
            second_copy: false,
        })
    }
}

/// Moves a damaged capture to where damaged files are kept.
fn set_capture_aside(disk: &dyn Disk, folder: &Path, capture: &Path) -> Result<(), FieldError> {
    let shelf = folder.join(QUARANTINE);
    disk.create_dir_all(&shelf)?;
    let digest = sha256(&read_all(disk, capture)?).to_string();
    disk.rename(capture, &shelf.join(format!("capture-{}", &digest[..16])))?;
    disk.sync_dir(&shelf)?;
    disk.sync_dir(folder)?;
    Ok(())
}

impl FieldBook {
    /// Lays beside the vault what a capture needs while its key cannot be had: once, and again when it is enrolled.
    pub(crate) fn write_capture_grant(&self) -> Result<(), FieldError> {
        let Some(sealing_secret) = self.identity.sealing_secret else {
            return Ok(());
        };
        let disk = self.store.disk();
        let file = self.store.folder().join(CAPTURE);
        let platform_public = self.enrolment()?.map(|e| e.sealing_key).unwrap_or_default();
        if disk.size(&file)?.is_some() {
            let known: Option<CaptureKit> = decode(&read_all(disk, &file)?, "capture kit").ok();
            if known.is_some_and(|kit| kit.device == self.device() && kit.platform_public == platform_public)
            {
                return Ok(());
            }
        }
        let secret: [u8; 32] = self.host.random()?;
        let capture = SignatureKey::from_secret(&secret)?;
        let grant = CaptureGrant {
            device: self.device(),
            public: capture.public(),
        };
        let kit = CaptureKit {
            device: self.device(),
            grant: sign_message(&self.key, Domain::Capture, encode(&grant)),
            secret: secret.to_vec(),
            vault_public: SealingKey::from_secret(&sealing_secret)?.public(),
            platform_public,
        };
        Ok(write_durably(disk, &file, &encode(&kit))?)
    }

    /// Imports what was captured while the vault was locked. The captures are removed once both copies hold them.
    pub(crate) fn import_locked(&self) -> Result<u64, FieldError> {
        let Some(secret) = self.identity.sealing_secret else {
            return Ok(0);
        };
        let secret = SealingKey::from_secret(&secret)?;
        let vault = VerifyKey::from_sec1(&self.key.public())?;
        let mut rows = BoatRows::default();
        let disk = self.store.disk();
        let read = read_locked(self.store.folder(), disk, &vault, &secret, &mut |epoch, row| {
            // A capture writes changes and nothing else.
            if matches!(row, BoatRow::Change(..)) {
                rows.take(epoch, row);
            }
        })?;
        if read.is_empty() {
            return Ok(0);
        }
        let forged = self.leave_out_forged(&mut rows)?;
        let imported = self.adopt(rows)?;
        self.man_lifeboat()?;
        self.store.guard_all()?;
        if self.store.has_second_copy() {
            for capture in &read {
                let forged = forged.contains(&capture.epoch.0);
                if capture.damaged || forged {
                    // What is left of a damaged one was taken in; the file stays, for whoever can read more of it.
                    log::warn!(
                        "a capture is kept in quarantine; forged: {forged}, damaged: {}",
                        capture.damaged
                    );
                    set_capture_aside(disk, self.store.folder(), &capture.path)?;
                } else {
                    disk.remove(&capture.path)?;
                }
            }
        }
        Ok(imported)
    }

    /// Leaves out changes that no capture of this vault made: a capture is a log of its own. One that continues a log which
    /// is here already must hold what that log holds. Answers their epochs.
    fn leave_out_forged(&self, rows: &mut BoatRows) -> Result<BTreeSet<u64>, FieldError> {
        let epochs: BTreeSet<u64> = rows.changes.iter().map(|(epoch, ..)| epoch.0).collect();
        self.store.read(|tx| {
            let mut forged = BTreeSet::new();
            for epoch in epochs.into_iter().map(Epoch) {
                let Some(life) = tx.life(epoch)? else { continue };
                let head = tx.head(epoch)?;
                let holds_head = head.seq() == life.base.seq()
                    || rows.changes.iter().any(|(of, change, h)| {
                        *of == epoch && change.entry().seq == head.seq() && *h == head.h
                    });
                if epoch == tx.current_epoch()? || !holds_head {
                    forged.insert(epoch.0);
                }
            }
            rows.changes.retain(|(epoch, ..)| !forged.contains(&epoch.0));
            Ok::<_, FieldError>(forged)
        })
    }
}
