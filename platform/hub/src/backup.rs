//! Proving that a copy of a store is what the platform receipted, and noting in the living store what the copy holds. Files
//! are the server's: here are only rows.

use grid_model::{DeviceId, Epoch, Incarnation, Seq, Sha256};
use grid_vault::{chain_link_over, chain_start, sha256};

use grid_wire::Body;

use crate::store::{
    BackupRead as _, ChainState, HubRead, HubTxn, LogRead as _, PlatformRead as _, ProvedBackup, Stored,
    StoredLink,
};
use crate::{Hub, HubError, HubStore};

/// How long a record is not called backed up because a photo that it names has not come, ms.
const PHOTO_AWAITED_MS: i64 = 30 * 24 * 3600 * 1000;
/// Changes read at a time: at most 16 MiB of bodies.
const STRETCH: u32 = 32;

/// A copy whose every body, link and signed head held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The life of the store that was copied.
    pub incarnation: Incarnation,
    /// Changes it holds.
    pub changes: u64,
    /// Its logs that have a verified mark.
    pub logs: Vec<ProvedLog>,
}

/// How far one log is complete and equal to what its device signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvedLog {
    /// Whose log.
    pub device: DeviceId,
    /// Which life of it.
    pub epoch: Epoch,
    /// The highest signed head that equals the chain over the copied bodies.
    pub verified_to: Seq,
    /// Up to here the copy holds every change with the photos it names: what phones may let go. A photo that did not come
    /// within 30 days is not waited for; a phone that still has it keeps it.
    pub backed_up_to: Seq,
    /// The chain hash there.
    pub h: Sha256,
}

/// The first thing in a copy that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFlaw {
    /// A body is not the one whose hash stands beside it.
    Body {
        /// Whose log.
        device: DeviceId,
        /// Where.
        seq: Seq,
    },
    /// The second body of a conflict is not the one whose hash stands beside it.
    Conflict {
        /// Which conflict.
        place: u64,
    },
    /// The chain computed over the bodies is not the one that was noted, or a change is missing in it.
    Chain {
        /// Whose log.
        device: DeviceId,
        /// Where the two part.
        seq: Seq,
    },
    /// The verified mark stands where no signed head equals the chain.
    Unsigned {
        /// Whose log.
        device: DeviceId,
        /// Where the mark stands.
        seq: Seq,
    },
}

/// Why a proof says nothing for this store. Nothing was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofRefusal {
    /// The copy is of another life of the store.
    OtherLife {
        /// Of which.
        copied: Incarnation,
        /// Which lives now.
        ours: Incarnation,
    },
    /// The copy holds what this store does not hold: it went back without a new life having begun.
    Ahead {
        /// Whose log.
        device: DeviceId,
        /// Where the copy's mark stands.
        seq: Seq,
    },
}

/// Which backup was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupTag {
    /// Its id.
    pub id: [u8; 16],
    /// When it was made, UTC ms.
    pub made_at_ms: i64,
    /// Digest of its manifest.
    pub manifest_sha256: Sha256,
}

impl BackupTag {
    fn proved(&self, proved_at_ms: i64, incarnation: Incarnation) -> ProvedBackup {
        ProvedBackup {
            id: self.id,
            made_at_ms: self.made_at_ms,
            proved_at_ms,
            incarnation,
            manifest_sha256: self.manifest_sha256,
        }
    }
}

/// Computes every body's hash and every log's chain in a copy of this time anew, and compares them with what was noted and
/// signed.
pub fn prove<S: HubStore>(copy: &S, made_at_ms: i64) -> Result<Result<Proof, CopyFlaw>, HubError> {
    copy.read(|tx| {
        let platform = tx.platform()?.ok_or(HubError::NotInitialised)?;
        let mut proof = Proof {
            incarnation: platform.incarnation,
            changes: 0,
            logs: Vec::new(),
        };
        for log in tx.logs()? {
            match walk(tx, log, made_at_ms)? {
                Ok((changes, proved)) => {
                    proof.changes += changes;
                    proof.logs.extend(proved);
                }
                Err(flaw) => return Ok(Err(flaw)),
            }
        }
        Ok(conflicts(tx)?.map_or(Ok(proof), Err))
    })
}

/// The number of changes of a log and how far they are proved, or where they are not what they were.
fn walk<T: HubRead>(
    tx: &T,
    (device, epoch): (DeviceId, Epoch),
    made_at_ms: i64,
) -> Stored<Result<(u64, Option<ProvedLog>), CopyFlaw>> {
    let mut found = ChainState {
        contiguous_to: Seq(0),
        contiguous_h: chain_start(device, epoch),
        verified_to: Seq(0),
    };
    let noted = tx.chain(device, epoch)?.unwrap_or(found);
    let (mut after, mut changes, mut proved) = (Seq(0), 0, None);
    let (mut backed_up_to, mut with_photos) = (Seq(0), true);
    loop {
        let links = tx.links_behind(device, epoch, after, STRETCH)?;
        for link in &links {
            let seq = link.entry.seq;
            let body = sha256(&link.entry.body);
            if body != link.body_sha256 {
                return Ok(Err(CopyFlaw::Body { device, seq }));
            }
            let mut expected = None;
            if seq == found.contiguous_to.next() {
                found.contiguous_h = chain_link_over(found.contiguous_h, &link.entry, body);
                found.contiguous_to = seq;
                expected = Some(found.contiguous_h);
            }
            if link.chain_h != expected {
                return Ok(Err(CopyFlaw::Chain { device, seq }));
            }
            with_photos = with_photos
                && seq <= noted.verified_to
                && is_complete(tx, (device, epoch), link, made_at_ms)?;
            if with_photos {
                backed_up_to = seq;
            }
            if seq == noted.verified_to {
                proved = expected.map(|h| ProvedLog {
                    device,
                    epoch,
                    verified_to: seq,
                    backed_up_to,
                    h,
                });
            }
            after = seq;
        }
        changes += links.len() as u64;
        if links.len() < STRETCH as usize {
            break;
        }
    }
    let seq = noted.verified_to;
    if (noted.contiguous_to, noted.contiguous_h) != (found.contiguous_to, found.contiguous_h) {
        let seq = noted.contiguous_to.min(found.contiguous_to).next();
        return Ok(Err(CopyFlaw::Chain { device, seq }));
    }
    if seq > Seq(0) {
        let heads = tx.heads_between(device, epoch, Seq(seq.0 - 1), seq)?;
        if !heads.iter().any(|head| Some(head.h) == proved.map(|log| log.h)) {
            return Ok(Err(CopyFlaw::Unsigned { device, seq }));
        }
    }
    Ok(Ok((changes, proved)))
}

/// Whether the copy holds the photos that a change names, or need not.
fn is_complete<T: HubRead>(
    tx: &T,
    (device, epoch): (DeviceId, Epoch),
    link: &StoredLink,
    made_at_ms: i64,
) -> Stored<bool> {
    let Ok(body) = Body::from_bytes(link.entry.kind, &link.entry.body) else {
        return Ok(true);
    };
    for named in body.fact.attachments() {
        if tx.blob(named.sha256)?.is_none() {
            let change = tx.change(device, epoch, link.entry.seq)?;
            return Ok(change
                .is_some_and(|change| made_at_ms.saturating_sub(change.received_at_ms) > PHOTO_AWAITED_MS));
        }
    }
    Ok(true)
}

/// The first conflict whose body is not what it was.
fn conflicts<T: HubRead>(tx: &T) -> Stored<Option<CopyFlaw>> {
    let mut after = 0;
    loop {
        let rows = tx.conflicts_behind(after, STRETCH)?;
        for (place, body, hash) in &rows {
            if sha256(body) != *hash {
                return Ok(Some(CopyFlaw::Conflict { place: *place }));
            }
            after = *place;
        }
        if rows.len() < STRETCH as usize {
            return Ok(None);
        }
    }
}

impl<S: HubStore> Hub<S> {
    /// Notes a proved backup and moves the backed-up mark of each of its logs up to what it holds. Works beside a server on
    /// the same store: devices are told in their next page.
    pub fn note_backup(
        &self,
        now_ms: i64,
        backup: &BackupTag,
        proof: &Proof,
    ) -> Result<Result<(), ProofRefusal>, HubError> {
        self.store.write(|tx| {
            let ours = tx.platform()?.ok_or(HubError::NotInitialised)?.incarnation;
            if ours != proof.incarnation {
                let copied = proof.incarnation;
                return Ok(Err(ProofRefusal::OtherLife { copied, ours }));
            }
            for log in &proof.logs {
                if tx.chain_hash(log.device, log.epoch, log.verified_to)? != Some(log.h) {
                    let (device, seq) = (log.device, log.verified_to);
                    return Ok(Err(ProofRefusal::Ahead { device, seq }));
                }
            }
            note(tx, &backup.proved(now_ms, ours), proof).map(Ok)
        })
    }

    /// Begins a new life of a store that was just put back from this backup: as [`Hub::begin_incarnation`], and what the
    /// backup holds counts as backed up from the beginning. The hub must be opened again afterwards.
    pub fn begin_restored(
        &self,
        now_ms: i64,
        backup: &BackupTag,
        proof: &Proof,
    ) -> Result<Incarnation, HubError> {
        self.begin_life(now_ms, |tx, incarnation| {
            note(tx, &backup.proved(now_ms, incarnation), proof)
        })
    }
}

fn note<T: HubTxn>(tx: &mut T, backup: &ProvedBackup, proof: &Proof) -> Stored<()> {
    tx.add_proved_backup(backup)?;
    for log in &proof.logs {
        tx.raise_backed_up(log.device, log.epoch, log.backed_up_to, backup.proved_at_ms)?;
    }
    Ok(())
}
