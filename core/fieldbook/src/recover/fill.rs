//! Filling the new database of a recovery: both copies merged, the log in order, what it means, what was settled.

use std::collections::{BTreeMap, BTreeSet};

use grid_model::ChangeKind;
use grid_model::id::{Epoch, Incarnation, PatrolId, Seq};
use grid_model::terms::{PatrolType, Transport};
use grid_store::{Adopted, Found, Identity, PatrolRow, PatrolStatus, Store};
use grid_vault::{Domain, chain_link, chain_start, cover_digest, sha256};
use grid_wire::lifeboat::FixesFrame;
use grid_wire::{Head, Receipt, Signed, decode};

use crate::FieldError;
use crate::boat::BoatRows;
use crate::keys::TrustedKeys;

use super::Recovery;

/// Lays what was found into the new database: the log first, in order, then what it means, then what was settled.
pub(super) fn fill(
    store: &Store,
    identity: &Identity,
    mut found: Found,
    mut boat: BoatRows,
    recovery: &mut Recovery,
) -> Result<(), FieldError> {
    let mut changes = std::mem::take(&mut found.changes);
    let bases: BTreeMap<u64, Head> = found
        .lives
        .values()
        .filter_map(|(epoch, base)| Some((epoch.0, (*base)?)))
        .collect();
    let base_of = |epoch: Epoch| bases.get(&epoch.0).copied().unwrap_or(start(identity, epoch));
    let of_boat = std::mem::take(&mut boat.changes);
    let entries = merge(&base_of, &mut changes, of_boat, recovery);
    lay_vault(store, identity, &found, &boat, &base_of)?;
    lay_log(store, &found, &boat, &entries, &base_of)?;
    lay_rest(store, identity, &found, &boat)
}

/// Who the vault is, and what belongs to no change.
fn lay_vault(
    store: &Store,
    identity: &Identity,
    found: &Found,
    boat: &BoatRows,
    base_of: &dyn Fn(Epoch) -> Head,
) -> Result<(), FieldError> {
    store.write(|tx| {
        for (epoch, _) in found.lives.values() {
            tx.life_from(*epoch, base_of(*epoch))?;
        }
        tx.create_identity(identity, 0)?;
        if let Some(enrolment) = &found.enrolment {
            tx.set_enrolment(enrolment)?;
        }
        if let Some(anchor) = &found.anchor {
            tx.set_anchor(anchor)?;
        }
        found
            .attachments
            .values()
            .try_for_each(|row| tx.restore_attachment(row))?;
        boat.files.iter().try_for_each(|file| tx.adopt_file(file))?;
        found.tasks.values().try_for_each(|task| tx.put_task(task))?;
        found
            .posts
            .iter()
            .try_for_each(|(post, body)| tx.put_post(post, 1, body))?;
        Ok::<_, FieldError>(())
    })
}

/// The changes, in order, with what each means for the views.
fn lay_log(
    store: &Store,
    found: &Found,
    boat: &BoatRows,
    entries: &[Merged],
    base_of: &dyn Fn(Epoch) -> Head,
) -> Result<(), FieldError> {
    let begun: BTreeSet<PatrolId> = entries
        .iter()
        .filter(|merged| merged.entry.kind == ChangeKind::PatrolStarted)
        .map(|merged| PatrolId(merged.entry.lane.id))
        .collect();
    store.write(|tx| {
        // A patrol whose start was purged is taken as it was; one that only its fixes tell of goes on without its name.
        for (id, (patrol, born)) in found.patrols.iter().filter(|(id, _)| !begun.contains(id)) {
            debug_assert_eq!(*id, patrol.id, "rows are kept under their own id");
            tx.insert_patrol(patrol, Some(*born))?;
        }
        let mut loose: Vec<&FixesFrame> = boat.fixes.iter().collect();
        loose.retain(|fixes| !begun.contains(&fixes.patrol));
        loose.sort_by_key(|fixes| fixes.first);
        for fixes in loose {
            tx.insert_patrol(&nameless(fixes), Some(Seq(0)))?;
        }
        Ok::<_, FieldError>(())
    })?;
    for piece in entries.chunks(500) {
        store.write(|tx| {
            for merged in piece {
                let adopted = Adopted {
                    entry: merged.entry.clone(),
                    h: merged.h,
                    recorded_at_ms: merged.recorded_at_ms,
                    base: base_of(merged.epoch),
                };
                if let Some(place) = tx.adopt(merged.epoch, adopted)? {
                    crate::replay::replay_without_tasks(tx, place, &merged.entry, merged.recorded_at_ms)?;
                }
            }
            Ok::<_, FieldError>(())
        })?;
    }
    Ok(())
}

/// What shows in no change any more, the journal, and what was settled.
fn lay_rest(store: &Store, identity: &Identity, found: &Found, boat: &BoatRows) -> Result<(), FieldError> {
    store.write(|tx| {
        // What was purged shows in no change any more: those rows are taken as they were.
        for (case, born) in found.cases.values() {
            tx.insert_case(case, Some(*born))?;
        }
        found
            .tallies
            .values()
            .try_for_each(|tally| tx.restore_tally(tally))?;
        for fixes in &boat.fixes {
            tx.adopt_fixes(fixes.patrol, fixes.first, &fixes.fixes())?;
        }
        for ((patrol, number), point) in &found.fixes {
            tx.adopt_fixes(*patrol, *number, &[*point])?;
        }
        tx.close_journals()?;
        if let Some(enrolment) = &found.enrolment {
            let platform = TrustedKeys::of(enrolment)?;
            // A receipt of a platform store that was since restored from a backup proves nothing any more.
            let incarnation = found.incarnation;
            for proof in found.receipts.values() {
                settle(tx, identity, &platform, incarnation, proof)?;
            }
        }
        Ok::<_, FieldError>(())
    })
}

/// A patrol of which only fixes are left, these the first of them: what came before them was purged with its start.
fn nameless(fixes: &FixesFrame) -> PatrolRow {
    PatrolRow {
        id: fixes.patrol,
        patrol_type: PatrolType::Unknown(0),
        transport: Transport::Unknown(0),
        post: String::new(),
        status: PatrolStatus::Started,
        started_at_ms: fixes.fixes().first().map_or(0, |fix| fix.at_ms),
        ended_at_ms: None,
        fixes: fixes.first,
        sealed: fixes.first,
    }
}

/// A change as it goes into the new log.
struct Merged {
    epoch: Epoch,
    entry: grid_wire::Entry,
    h: grid_model::Sha256,
    recorded_at_ms: i64,
}

fn start(identity: &Identity, epoch: Epoch) -> Head {
    Head::new(Seq(0), chain_start(identity.device, epoch))
}

/// All changes of both copies, in order, each with its chain.
fn merge(
    base_of: &dyn Fn(Epoch) -> Head,
    database: &mut BTreeMap<(u64, u64), grid_store::FoundChange>,
    boat: Vec<(Epoch, grid_wire::lifeboat::ChangeFrame, grid_model::Sha256)>,
    recovery: &mut Recovery,
) -> Vec<Merged> {
    let mut all: BTreeMap<(u64, u64), (grid_wire::Entry, Option<grid_model::Sha256>, i64)> = BTreeMap::new();
    for (key, change) in std::mem::take(database) {
        all.insert(key, (change.entry, change.h, change.recorded_at_ms));
    }
    for (epoch, change, h) in boat {
        let entry = change.entry();
        let at = (epoch.0, entry.seq.0);
        let differs = all
            .get(&at)
            .is_none_or(|(_, known, _)| known.is_some_and(|known| known != h));
        if differs {
            recovery.from_lifeboat += u64::from(!all.contains_key(&at));
            // The lifeboat's frame was flushed after a commit: what differs from it never was acknowledged.
            all.insert(at, (entry, Some(h), change.recorded_at_ms));
        }
    }
    all.retain(|(epoch, position), _| Seq(*position) > base_of(Epoch(*epoch)).seq());
    let mut merged: Vec<Merged> = Vec::new();
    let mut at: Option<(u64, Head)> = None;
    for ((epoch, position), (entry, h, recorded_at_ms)) in all {
        let before = match at {
            Some((of, head)) if of == epoch => head,
            _ => base_of(Epoch(epoch)),
        };
        let h = h.unwrap_or_else(|| chain_link(before.h, &entry));
        at = Some((epoch, Head::new(Seq(position), h)));
        merged.push(Merged {
            epoch: Epoch(epoch),
            entry,
            h,
            recorded_at_ms,
        });
    }
    merged
}

/// Settles again what a receipt of this platform settled: its signature and its digest over the very bodies must hold.
fn settle(
    tx: &grid_store::Writing<'_>,
    identity: &Identity,
    platform: &TrustedKeys,
    incarnation: Option<Incarnation>,
    proof: &Signed,
) -> Result<(), FieldError> {
    let Some(bytes) = platform.open(Domain::Receipt, proof) else {
        return Ok(());
    };
    let Ok(receipt) = decode::<Receipt>(bytes, "receipt") else {
        return Ok(());
    };
    if receipt.device != identity.device || Some(receipt.incarnation) != incarnation {
        return Ok(());
    }
    let mut entries = Vec::new();
    for range in &receipt.ranges {
        if !matches!(range.verdict(), grid_wire::Verdict::TryLater) {
            entries.extend(tx.entries_between(receipt.epoch(), range.from(), range.to())?);
        }
    }
    let digest = cover_digest(entries.iter().map(|entry| (entry.seq, sha256(&entry.body))));
    // What was sent back may have been offered anew since: it is offered once more, and sent back again if it must be.
    entries.retain(|entry| {
        let verdict = receipt.verdict_on(entry.seq);
        matches!(
            verdict,
            Some(grid_wire::Verdict::Accepted | grid_wire::Verdict::Duplicate)
        )
    });
    if digest == receipt.digest && !entries.is_empty() {
        tx.settle(&receipt, proof, &entries)?;
    }
    Ok(())
}
