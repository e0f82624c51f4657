//! What a line, a view or a receipt changes in a single vault, log, task or promise.

use crate::facts::{LocalTask, OwnLog, Promise, Vault, task_of};
use crate::history::View;
use crate::seal::Hash;
use crate::wire::{CONFLICT, Receipt, Verdict};
use crate::{Place, Ranges};

/// How far an act of the holder brings a task.
pub(crate) fn rank_of_act(kind: &str) -> Option<u8> {
    match kind {
        "task_accepted" => Some(2),
        "task_arrived" => Some(3),
        "report_submitted" => Some(4),
        _ => None,
    }
}

/// How far a task is, among the steps that its holder takes.
pub(crate) fn rank_of_status(status: &str) -> Option<u8> {
    match status {
        "assigned" => Some(1),
        "accepted" => Some(2),
        "on_site" => Some(3),
        "submitted" => Some(4),
        _ => None,
    }
}

impl Promise {
    pub(crate) fn took(&mut self, body: Hash, verdict: Verdict) {
        let is_second = self.body.is_some_and(|own| own != body) || verdict == Verdict::Parked(CONFLICT);
        if is_second && self.body != Some(body) {
            if !self.others.contains(&body) {
                self.others.push(body);
            }
            return;
        }
        self.body = Some(body);
        self.settled |= matches!(verdict, Verdict::Accepted | Verdict::Duplicate);
    }
}

impl LocalTask {
    pub(crate) fn shown(&mut self, status: &str, own: bool, revision: u64) {
        if self.revision != Some(revision) {
            self.at_least = 0;
        }
        self.revision = Some(revision);
        if own {
            self.at_least = self.at_least.max(rank_of_status(status).unwrap_or(0));
        }
        self.own = own;
    }
}

impl OwnLog {
    /// Positions that are gone from this vault: what is known of them is kept apart.
    pub(crate) fn retire(&mut self, gone: &Ranges) {
        for seq in gone.positions() {
            let body = self.bodies.remove(&seq);
            if let Some(act) = self.acts.remove(&seq) {
                self.former.push((seq, act, body));
            }
        }
        self.taken = self.taken.union(gone);
        self.written = self.written.minus(gone);
        self.received = self.received.minus(gone);
        self.parked = self.parked.minus(gone);
    }
}

impl Vault {
    pub(crate) fn down(&mut self, how: &str, pending: Option<u64>) {
        if matches!(how, "kill" | "power") {
            self.crashed = Some(self.crashed.unwrap_or(0).saturating_add(pending.unwrap_or(1)));
        }
        self.is_lost |= how == "lost";
        self.wait_until_ms = None;
        self.met = self.met.map(|(life, _)| (life, 0));
        self.complete.clear();
        if let Some(rollback) = &mut self.rollback {
            rollback.answers = 0;
        }
    }

    pub(crate) fn viewed(&mut self, epochs: &[View]) {
        let mut is_anything_gone = false;
        for (epoch, log) in &mut self.logs {
            let view = epochs.iter().find(|view| view.epoch.0 == *epoch);
            let shown = view
                .map(|view| view.held().union(&view.purged()))
                .unwrap_or_default();
            let gone = log.written.minus(&shown);
            is_anything_gone |= !gone.is_empty();
            log.retire(&gone);
            if view.is_none() {
                log.view = None;
            }
        }
        for view in epochs {
            let log = self.logs.entry(view.epoch.0).or_default();
            log.written = log.written.union(&view.held()).union(&view.purged());
            log.view = Some(view.clone());
        }
        if !is_anything_gone && self.excuse.is_some() {
            self.rollback = None;
        }
        let logs = &self.logs;
        let is_there = |epoch: &u64, seq: &u64| logs.get(epoch).is_some_and(|log| log.acts.contains_key(seq));
        self.urgent_waiting.retain(|(epoch, seq), _| is_there(epoch, seq));
        (self.excuse, self.crashed, self.damage) = (None, None, None);
        self.complete.clear();
    }

    pub(crate) fn synced(&mut self, place: Place, begin: bool, end: bool, outcome: Option<&str>) {
        let written = |vault: &Self| {
            vault
                .logs
                .iter()
                .map(|(epoch, log)| (*epoch, log.written.clone()))
                .collect()
        };
        if begin {
            self.sync_line = place.line;
            self.sync_began = written(self);
        }
        if end && outcome.is_some_and(is_complete) {
            self.complete = std::mem::take(&mut self.sync_began);
        }
    }

    /// Takes in a receipt that got through.
    pub(crate) fn settle(
        &mut self,
        receipt: &Receipt,
        changes: &[(u64, Hash)],
        backed_up: Option<u64>,
        is_certain: bool,
    ) {
        let log = self.logs.entry(receipt.epoch).or_default();
        for (seq, body) in changes {
            let is_same = log.bodies.get(seq) == Some(body);
            match receipt.verdict_on(*seq) {
                Some(Verdict::Accepted | Verdict::Duplicate) if is_same => log.received.insert(*seq, *seq),
                Some(Verdict::Parked(_)) if is_same => {
                    log.parked.insert(*seq, *seq);
                    if let Some(task) = log.acts.get(seq).and_then(|act| task_of(&act.lane)) {
                        self.tasks.remove(&task);
                    }
                }
                _ => {}
            }
        }
        if let Some(backed_up) = backed_up.filter(|to| log.vouched.iter().all(|(_, before)| before < to)) {
            log.vouched.push((receipt.server_ms, backed_up));
        }
        if !is_certain {
            // It may have taken it in: then it is not known any more which life it met last.
            if self.met.is_some_and(|(life, _)| life != receipt.incarnation) {
                self.met = None;
                self.tasks.clear();
            }
            return;
        }
        let (before, answers) = self.met.unwrap_or((receipt.incarnation, 0));
        let is_same = before == receipt.incarnation;
        if !is_same {
            self.tasks.clear();
        }
        self.met = Some((receipt.incarnation, if is_same { answers + 1 } else { 1 }));
        if let Some(rollback) = &mut self.rollback {
            rollback.answers += 1;
            rollback.met = true;
        }
    }
}

/// Whether a sync says that nothing is left to send.
pub(crate) fn is_complete(outcome: &str) -> bool {
    outcome.eq_ignore_ascii_case("complete")
}
