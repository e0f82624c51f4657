//! Taking in a batch: raw first, then judged, then folded in the order of each lane.

use grid_model::terms::ParkReason;
use grid_model::time::{ClockQuality, Occurred};
use grid_model::{DeviceId, Epoch, Seq, Sha256, TaskEvent, WorkerId};
use grid_wire::{Body, Entry, Verdict};

use super::judge::{judge, read};
use crate::HubError;
use crate::fold::Fold;
use crate::store::{ChangeState, HubTxn, Stored, StoredChange, StoredTaskEvent, StoredWorker};

/// Whose changes come in.
pub(crate) struct Author<'w> {
    /// The person.
    pub(crate) worker: &'w StoredWorker,
    /// The device was revoked: what is new of it is kept, and waits for a person.
    pub(crate) revoked: bool,
}

/// What became of one change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Its position.
    pub(crate) seq: Seq,
    /// The decision.
    pub(crate) verdict: Verdict,
    /// It was not here before and is now.
    pub(crate) new: bool,
}

/// Stores every change raw, then judges and folds. Answers one decision for each, in the order given; no change may stand
/// among them twice. What was parked before and is sent again is judged again; everything else gets the decision it got.
pub(crate) fn take_in<T: HubTxn>(
    tx: &mut T,
    now_ms: i64,
    author: &Author<'_>,
    log: (DeviceId, Epoch),
    entries: &[(Entry, Sha256)],
) -> Stored<Vec<Taken>> {
    let mut taken = Vec::with_capacity(entries.len());
    let mut to_judge = Vec::new();
    for (index, (entry, body_sha256)) in entries.iter().enumerate() {
        let mut new = false;
        let verdict = match tx.change(log.0, log.1, entry.seq)? {
            // Sent again after it was parked: what was missing may be here by now.
            Some(known) if known.entry == *entry && is_judged_again(known.state, author) => {
                to_judge.push((index, known));
                Verdict::Accepted
            }
            Some(known) if known.entry == *entry => earlier(known.state)?,
            Some(_) => {
                tx.add_conflict(log, entry, *body_sha256, now_ms)?;
                Verdict::Parked(ParkReason::Conflict)
            }
            None => {
                let change = StoredChange {
                    position: tx.add_change(log, entry, *body_sha256, now_ms)?,
                    device: log.0,
                    epoch: log.1,
                    entry: entry.clone(),
                    body_sha256: *body_sha256,
                    state: ChangeState::Received,
                    received_at_ms: now_ms,
                };
                to_judge.push((index, change));
                new = true;
                Verdict::Accepted
            }
        };
        let seq = entry.seq;
        taken.push(Taken { seq, verdict, new });
    }
    let mut fold = Fold::of(tx, author.worker)?;
    for (index, change) in to_judge {
        taken[index].verdict = settle(tx, &mut fold, &change, author)?;
    }
    fold.finish(tx)?;
    Ok(taken)
}

/// Whether a change that is here already is judged anew. Nothing a revoked device sends again gets better by it.
const fn is_judged_again(state: ChangeState, author: &Author<'_>) -> bool {
    matches!(state, ChangeState::Parked(_)) && !author.revoked
}

/// The decision given before on a change that is here already.
fn earlier(state: ChangeState) -> Stored<Verdict> {
    match state {
        ChangeState::Parked(reason) => Ok(Verdict::Parked(reason)),
        ChangeState::Held | ChangeState::Folded => Ok(Verdict::Duplicate),
        ChangeState::Received => Err(HubError::Bug("a change was committed without a decision")),
    }
}

/// Judges one stored change; folds it, and what waited for it, if its predecessor is here.
fn settle<T: HubTxn>(
    tx: &mut T,
    fold: &mut Fold,
    change: &StoredChange,
    author: &Author<'_>,
) -> Stored<Verdict> {
    let judged = match author.revoked {
        true => Err(ParkReason::Revoked),
        false => judge(tx, change, author.worker)?,
    };
    let verdict = match judged {
        Err(reason) => {
            tx.settle_change(change.position, ChangeState::Parked(reason))?;
            Verdict::Parked(reason)
        }
        Ok(body) if is_ready(tx, change)? => {
            fold_one(tx, fold, change, &body)?;
            Verdict::Accepted
        }
        Ok(_) => {
            tx.settle_change(change.position, ChangeState::Held)?;
            return Ok(Verdict::Accepted);
        }
    };
    // A parked predecessor is here too: it holds back nobody's report.
    release_behind(tx, fold, change)?;
    Ok(verdict)
}

/// Whether nothing before this change in its lane is still on its way.
fn is_ready<T: HubTxn>(tx: &T, change: &StoredChange) -> Stored<bool> {
    let prev = change.entry.prev_in_lane;
    if prev == Seq(0) {
        return Ok(true);
    }
    let state = tx.change_state(change.device, change.epoch, prev)?;
    Ok(matches!(
        state,
        Some(ChangeState::Folded | ChangeState::Parked(_))
    ))
}

/// Folds what was held behind `change`, one after the other.
fn release_behind<T: HubTxn>(tx: &mut T, fold: &mut Fold, change: &StoredChange) -> Stored<()> {
    let mut settled = vec![change.entry.seq];
    while let Some(seq) = settled.pop() {
        for held in tx.held_behind(change.device, change.epoch, change.entry.lane, seq)? {
            let body = read(&held.entry).map_err(|_| HubError::Bug("a held change can no longer be read"))?;
            fold_one(tx, fold, &held, &body)?;
            settled.push(held.entry.seq);
        }
    }
    Ok(())
}

fn fold_one<T: HubTxn>(tx: &mut T, fold: &mut Fold, change: &StoredChange, body: &Body) -> Stored<()> {
    fold.take(tx, change, body)?;
    tx.settle_change(change.position, ChangeState::Folded)
}

/// Stamps the delivery of every task that a device with this cursor has applied. The sign clock runs from here, not from
/// the dispatch (domain §5.2 row 2): from the answer that brought the row, whose platform time the device tells, and not
/// from the next contact, which may be nine days later.
pub(super) fn deliver<T: HubTxn>(
    tx: &mut T,
    holder: WorkerId,
    cursor: u64,
    (brought_at_ms, now_ms): (Option<i64>, i64),
) -> Stored<()> {
    for mut task in tx.undelivered(holder, cursor)? {
        let possible = |at_ms: &i64| (task.created_at_ms..=now_ms).contains(at_ms);
        let delivered_at_ms = brought_at_ms.filter(possible).unwrap_or(now_ms);
        task.delivered_at_ms = Some(delivered_at_ms);
        tx.put_task(&task)?;
        tx.add_task_event(&StoredTaskEvent {
            position: 0,
            task: task.id,
            event: TaskEvent::Deliver,
            actor: holder,
            from: Some(task.status),
            to: task.status,
            reason_code: None,
            reason_text: None,
            occurred: at_the_platform(delivered_at_ms),
            received_at_ms: now_ms,
            change: None,
            due_moved: None,
        })?;
    }
    Ok(())
}

/// A moment the platform saw itself.
pub(crate) const fn at_the_platform(now_ms: i64) -> Occurred {
    Occurred {
        at_ms: now_ms,
        earliest_ms: now_ms,
        latest_ms: now_ms,
        quality: ClockQuality::Server,
    }
}
