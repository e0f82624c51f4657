//! Folding: what a change means for the views. A view can be made again from the log at any time; the log never from a
//! view. An odd pair of fact and lane stays in the log and alters no view.

mod cases;
mod extensions;
mod patrols;
mod tasks;

pub(crate) use patrols::{believed, track_of};
pub(crate) use tasks::mark_done;

use std::collections::BTreeSet;

use grid_model::lane::{Lane, LaneKind};
use grid_model::terms::RowKind;
use grid_model::time::{Anchor, Occurred, Stamp};
use grid_model::{CaseId, PatrolId, TaskId};
use grid_wire::fact::Counted;
use grid_wire::{Body, Fact};

use crate::HubError;
use crate::store::{
    Audience, HubTxn, Stored, StoredAttachment, StoredChange, StoredCount, StoredOrg, StoredWorker,
};

/// Times beyond this are no times: it keeps arithmetic on a broken clock's claims from overflowing. About 35,000 years.
const TIME_MS_MAX: i64 = 1 << 50;

/// One batch being folded: whose it is, and what has to be brought up to date at its end.
pub(crate) struct Fold {
    worker: StoredWorker,
    org: StoredOrg,
    tasks: BTreeSet<TaskId>,
    patrols: BTreeSet<PatrolId>,
}

impl Fold {
    /// A fold of this worker's changes.
    pub(crate) fn of<T: HubTxn>(tx: &T, worker: &StoredWorker) -> Stored<Self> {
        let org = tx
            .org(worker.org)?
            .ok_or(HubError::Bug("a worker without an organisation"))?;
        Ok(Self {
            worker: worker.clone(),
            org,
            tasks: BTreeSet::new(),
            patrols: BTreeSet::new(),
        })
    }

    /// Takes one change into the views.
    pub(crate) fn take<T: HubTxn>(&mut self, tx: &mut T, change: &StoredChange, body: &Body) -> Stored<()> {
        let lane = change.entry.lane;
        let occurred = occurred(&body.stamp, change.received_at_ms);
        self.expect_attachments(tx, change, &body.fact)?;
        if let Fact::Counted(counted) = &body.fact {
            return self.count(tx, change, counted, occurred);
        }
        match lane.kind {
            LaneKind::Task => self.task_fact(tx, TaskId(lane.id), change, &body.fact, occurred),
            LaneKind::Case | LaneKind::Urgent => {
                self.case_fact(tx, CaseId(lane.id), change, &body.fact, occurred)
            }
            LaneKind::Patrol | LaneKind::Track => {
                self.patrol_fact(tx, PatrolId(lane.id), change, &body.fact, occurred)
            }
            LaneKind::Count | LaneKind::Unknown(_) => Ok(()),
        }
    }

    /// Brings up to date what the folded changes touched: tracks are measured once, tasks move in the feed once.
    pub(crate) fn finish<T: HubTxn>(self, tx: &mut T) -> Stored<()> {
        for patrol in &self.patrols {
            patrols::measure_again(tx, *patrol)?;
        }
        for task in &self.tasks {
            tx.feed_touch(Audience::Worker(self.worker.id), RowKind::Task, task.bytes())?;
        }
        Ok(())
    }

    fn count<T: HubTxn>(
        &self,
        tx: &mut T,
        change: &StoredChange,
        counted: &Counted,
        occurred: Occurred,
    ) -> Stored<()> {
        let lane = change.entry.lane;
        let lane_patrol =
            (lane.kind == LaneKind::Count && lane.id != change.device.0).then_some(PatrolId(lane.id));
        tx.add_count(&StoredCount {
            change: change.position,
            org: self.worker.org,
            worker: self.worker.id,
            device: change.device,
            seq: change.entry.seq,
            count_kind: counted.count_kind,
            value: counted.value,
            // A step that no counter can make is kept and shown, but must not overflow or drown a total.
            summed: counted.value.unsigned_abs() <= grid_model::limits::COUNT_VALUE_MAX.unsigned_abs(),
            post: counted.post.clone(),
            patrol: counted.patrol.or(lane_patrol),
            reason: counted.reason.clone(),
            recorded_at_ms: occurred.at_ms,
            clock: occurred.quality,
            received_at_ms: change.received_at_ms,
        })
    }

    fn expect_attachments<T: HubTxn>(&self, tx: &mut T, change: &StoredChange, fact: &Fact) -> Stored<()> {
        for (item, attachment) in (0_u32..).zip(fact.attachments()) {
            tx.add_attachment(&StoredAttachment {
                change: change.position,
                item,
                lane: change.entry.lane,
                sha256: attachment.sha256,
                role: attachment.role,
                mime: attachment.mime.clone(),
                bytes: attachment.bytes.min(i64::MAX as u64),
                taken_at_ms: attachment.taken_at_ms,
                device: change.device,
                here: false,
            })?;
        }
        Ok(())
    }
}

/// When a fact happened, safe against clocks that claim impossible numbers.
pub(crate) fn occurred(stamp: &Stamp, received_ms: i64) -> Occurred {
    let sane = |ms: i64| ms.clamp(-TIME_MS_MAX, TIME_MS_MAX);
    let anchor = stamp.anchor.map(|a| Anchor {
        server_ms: sane(a.server_ms),
        mono_ms: sane(a.mono_ms),
        width_ms: sane(a.width_ms).max(0),
        boot: a.boot,
        wall_ms: sane(a.wall_ms),
    });
    let stamp = Stamp {
        wall_ms: sane(stamp.wall_ms),
        mono_ms: sane(stamp.mono_ms),
        boot: stamp.boot,
        anchor,
    };
    stamp.occurred(received_ms)
}

/// The lane in which a case's own facts travel: urgent ones have a lane family of their own.
pub(crate) const fn case_lane(id: CaseId, urgent: bool) -> Lane {
    if urgent { Lane::urgent(id) } else { Lane::case(id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_clocks_do_not_overflow() {
        for extreme in [i64::MIN, i64::MAX] {
            let anchor = Anchor {
                server_ms: extreme,
                mono_ms: -(extreme / 2),
                width_ms: extreme,
                boot: 1,
                wall_ms: extreme,
            };
            for boot in [1, 2] {
                let stamp = Stamp {
                    wall_ms: extreme,
                    mono_ms: i64::MAX,
                    boot,
                    anchor: Some(anchor),
                };
                let _ = occurred(&stamp, 1_768_000_000_000);
                let _ = occurred(
                    &Stamp {
                        anchor: None,
                        ..stamp
                    },
                    1_768_000_000_000,
                );
            }
        }
    }
}
