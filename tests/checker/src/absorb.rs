//! Takes a step into what is known, once every invariant has looked at it.

use std::collections::BTreeMap;

use crate::facts::{
    Act, Cloned, Command, Excuse, Facts, LogKey, Promise, Reading, Rollback, Row, RowVerdict, Sent, Vault,
    plain_id, task_of,
};
use crate::history::{Event, Saved, Stored};
use crate::packets::{Delivered, Exchange, Outcome, Pushed};
use crate::settle::rank_of_act;
use crate::wire::Verdict;
use crate::{Place, Ranges, Step};

impl Facts {
    pub(crate) fn absorb(&mut self, place: Place, step: &Step<'_>) {
        match step {
            Step::Told(event) => self.told(place, event),
            Step::Pushed(pushed) => self.pushed(pushed),
            Step::Answered(exchange) => self.answered(place, exchange),
            Step::Delivered(delivered) => self.delivered(delivered),
            Step::Read => self.reading.is_fresh = false,
        }
    }

    fn vault(&mut self, name: &str) -> &mut Vault {
        self.vaults.entry(name.to_owned()).or_default()
    }

    fn told(&mut self, place: Place, event: &Event) {
        match event {
            Event::Saved(saved) => self.saved(place, saved),
            Event::Command {
                task,
                revision,
                accepted: true,
                ..
            } => {
                let (line, revision) = (place.line, *revision);
                self.commands.insert(task.clone(), Command { line, revision });
            }
            Event::Healed {} => {
                self.healed = true;
                for vault in self.vaults.values_mut() {
                    vault.viewed_since_healed = false;
                    vault.agreed = None;
                }
            }
            Event::Resent {
                vault,
                sha256,
                resumed_at: 0,
                ..
            } => {
                self.begun_again.insert((vault.clone(), sha256.0), self.restores);
            }
            Event::Clone { .. } | Event::Rollback { .. } | Event::Damage { .. } | Event::Platform { .. } => {
                self.struck(place, event);
            }
            _ => {
                self.told_of_a_vault(place, event);
                self.read(place, event);
            }
        }
    }

    fn told_of_a_vault(&mut self, place: Place, event: &Event) {
        match event {
            Event::Enrolled {
                vault,
                device,
                key,
                platform_key,
                worker,
            } => {
                let vault = self.vault(vault);
                vault.device = Some(device.0);
                vault.key.clone_from(&key.0);
                vault.platform_key.clone_from(&platform_key.0);
                vault.worker.clone_from(worker);
            }
            Event::Down { vault, how, pending } => self.vault(vault).down(how, *pending),
            Event::View { vault, epochs, .. } => {
                let healed = self.healed;
                let vault = self.vault(vault);
                vault.viewed(epochs);
                vault.viewed_since_healed = healed;
            }
            Event::Local {
                vault,
                task,
                status,
                own,
                revision,
            } => {
                let task = self.vault(vault).tasks.entry(plain_id(task)).or_default();
                task.shown(status, *own, *revision);
            }
            Event::Sync {
                vault,
                begin,
                end,
                outcome,
                ..
            } => {
                self.vault(vault).synced(place, *begin, *end, outcome.as_deref());
            }
            Event::Clock {
                vault,
                wall_offset_ms,
            } if vault == "platform" => {
                self.platform_off_ms = self.platform_off_ms.max(wall_offset_ms.saturating_abs());
            }
            Event::Clock {
                vault,
                wall_offset_ms,
            } => self.vault(vault).wall_offset_ms = *wall_offset_ms,
            Event::Agree {
                vault,
                round,
                phone,
                platform,
            } => {
                self.vault(vault).agreed = Some((*round, phone == platform));
            }
            _ => {}
        }
    }

    /// What happens to a vault or a store from outside.
    fn struck(&mut self, place: Place, event: &Event) {
        match event {
            Event::Platform { what, incarnation } => {
                self.incarnation = Some(incarnation.0);
                if what == "restored" {
                    self.restores += 1;
                    // Its commands may be gone with the old life; when they were given is still known.
                    self.commands
                        .values_mut()
                        .for_each(|command| command.revision = 0);
                    // What the old life had verified, the new one may not know.
                    let rollbacks = self
                        .vaults
                        .values_mut()
                        .filter_map(|vault| vault.rollback.as_mut());
                    rollbacks.for_each(|rollback| rollback.is_behind = false);
                }
            }
            Event::Clone { vault, of } => {
                let mut copy = self.vaults.get(of).cloned().unwrap_or_default();
                let epochs = copy.logs.keys().copied().collect();
                copy.cloned = Some(Cloned {
                    line: place.line,
                    of: of.clone(),
                    epochs,
                });
                copy.rollback = None;
                self.vaults.insert(vault.clone(), copy);
            }
            Event::Rollback { vault, to_seq } => {
                let found = self
                    .vaults
                    .get(vault)
                    .and_then(|vault| vault.device.zip(vault.newest));
                let Some((device, epoch)) = found else { return };
                let verified = self
                    .incarnation
                    .and_then(|life| self.verified.get(&(life, (device, epoch))));
                let is_behind = verified.is_some_and(|verified| verified > to_seq);
                let vault = self.vault(vault);
                vault.excuse = Some(Excuse::Anything);
                // Which life of the store the older copy had met is not told.
                vault.met = None;
                vault.tasks.clear();
                vault.rollback = Some(Rollback {
                    line: place.line,
                    epoch,
                    is_behind,
                    answers: 0,
                    met: false,
                });
            }
            Event::Damage { vault, copy, .. } => {
                let vault = self.vault(vault);
                vault.damage = Some(copy.clone());
                match copy.as_str() {
                    "both" => vault.excuse = Some(Excuse::Anything),
                    "database" => vault.excuse = vault.excuse.or(Some(Excuse::Received)),
                    _ => {}
                }
                vault.files_damaged |= matches!(copy.as_str(), "attachment" | "both");
                if copy != "lifeboat" {
                    vault.tasks.clear();
                }
            }
            _ => {}
        }
    }

    fn saved(&mut self, place: Place, saved: &Saved) {
        self.acts.insert(saved.op.clone());
        let Saved { epoch, seq, .. } = saved;
        if let Some(device) = self.vault(&saved.vault).device {
            let highest = self.highest.entry((device, epoch.0)).or_default();
            *highest = (*highest).max(*seq);
        }
        let act = Act {
            at: place.at,
            op: saved.op.clone(),
            lane: saved.lane.clone(),
            attachments: saved.attachments.iter().map(|hash| hash.0).collect(),
            count: saved.count_kind.clone().zip(saved.value),
            wall_error_ms: saved.wall_ms.saturating_sub(place.at),
        };
        let vault = self.vault(&saved.vault);
        vault.newest = Some(epoch.0);
        vault.names_files |= !saved.attachments.is_empty();
        if saved.lane.starts_with("urgent:") {
            vault.urgent_waiting.insert((epoch.0, *seq), place.line);
        }
        if let Some((task, rank)) = task_of(&saved.lane).zip(rank_of_act(&saved.kind)) {
            let task = vault.tasks.entry(task).or_default();
            task.at_least = task.at_least.max(rank);
        }
        let log = vault.logs.entry(epoch.0).or_default();
        if log.acts.contains_key(seq) {
            log.retire(&Ranges::span(*seq, *seq));
        }
        log.written.insert(*seq, *seq);
        log.written = log.written.union(&saved.with);
        log.acts.insert(*seq, act);
    }

    fn pushed(&mut self, pushed: &Pushed) {
        let Some(request) = &pushed.exchange else { return };
        let log = (request.device, request.epoch);
        let last = request.changes.last().map_or(0, |change| change.seq);
        let highest = self.highest.entry(log).or_default();
        *highest = (*highest).max(request.head).max(last);
        for change in &request.changes {
            self.sent
                .entry(((log.0, log.1, change.seq), change.body))
                .or_insert_with(|| Sent {
                    lane_kind: change.lane_kind,
                    lane_id: change.lane_id,
                    prev_in_lane: change.prev_in_lane,
                    kind: change.kind,
                    count: change.count,
                });
        }
        let vault = self.vault(&pushed.vault);
        let own = vault.logs.entry(request.epoch).or_default();
        for change in &request.changes {
            vault.urgent_waiting.remove(&(request.epoch, change.seq));
            own.bodies.insert(change.seq, change.body);
        }
    }

    fn answered(&mut self, place: Place, exchange: &Exchange) {
        let Outcome::Receipt {
            receipt,
            fault: None,
            checkpoint,
            ..
        } = &exchange.outcome
        else {
            return;
        };
        let log: LogKey = (receipt.device, receipt.epoch);
        let head = self
            .heads
            .entry(receipt.incarnation)
            .or_default()
            .entry(log)
            .or_default();
        *head = (*head).max(exchange.head);
        if let Some(checkpoint) = checkpoint {
            let verified = self.verified.entry((receipt.incarnation, log)).or_default();
            *verified = (*verified).max(checkpoint.verified_to);
        }
        let promised = self.promised.entry(receipt.incarnation).or_default();
        for (seq, body) in &exchange.changes {
            let Some(verdict) = receipt
                .verdict_on(*seq)
                .filter(|verdict| *verdict != Verdict::TryLater)
            else {
                continue;
            };
            let promise = promised.entry((log.0, log.1, *seq)).or_insert_with(|| Promise {
                line: place.line,
                body: None,
                settled: false,
                others: Vec::new(),
            });
            promise.took(*body, verdict);
        }
    }

    fn delivered(&mut self, delivered: &Delivered) {
        let exchange = &delivered.exchange;
        let vault = self.vault(&exchange.vault);
        if delivered.is_certain {
            let wait = exchange
                .retry_after_s
                .and_then(|seconds| i64::try_from(seconds).ok());
            vault.wait_until_ms =
                wait.map(|seconds| exchange.at.saturating_add(seconds.saturating_mul(1000)));
        }
        if let Outcome::Receipt {
            receipt,
            fault: None,
            checkpoint,
            checkpoint_holds,
        } = &exchange.outcome
        {
            let backed_up = checkpoint
                .as_ref()
                .filter(|_| *checkpoint_holds)
                .map(|found| found.backed_up_to);
            vault.settle(receipt, &exchange.changes, backed_up, delivered.is_certain);
        }
    }

    fn stored(&mut self, place: Place, stored: &Stored) {
        let reading = &mut self.reading;
        let log = (stored.device.0, stored.epoch.0);
        let key = (log.0, log.1, stored.seq);
        if let Some(sent) = self
            .sent
            .get(&(key, stored.body.0))
            .filter(|sent| sent.is_report_on_task())
        {
            reading.reports.entry(sent.lane_id).or_default().push(key);
        }
        reading
            .stored
            .entry(log)
            .or_default()
            .insert(stored.seq, stored.seq);
        reading
            .rows
            .entry(key)
            .or_insert_with(|| row_of(place.line, stored));
    }

    /// Lines of a reading.
    fn read(&mut self, place: Place, event: &Event) {
        let reading = &mut self.reading;
        match event {
            Event::Dump {
                begin: true,
                incarnation,
                ..
            } => {
                let incarnation = incarnation
                    .map(|id| id.0)
                    .or(self.incarnation)
                    .unwrap_or_default();
                *reading = Reading {
                    incarnation,
                    ..Reading::default()
                };
            }
            Event::Dump { end: true, .. } => {
                (reading.is_fresh, reading.is_whole) = (true, true);
                (reading.line, reading.at) = (place.line, place.at);
            }
            Event::Stored(stored) => self.stored(place, stored),
            Event::Conflict {
                device,
                epoch,
                seq,
                body,
            } => {
                reading.conflicts.insert(((device.0, epoch.0, *seq), body.0));
            }
            Event::Missing {
                device,
                epoch,
                ranges,
            } => add(&mut reading.missing, (device.0, epoch.0), ranges),
            Event::RestoreLoss {
                device,
                epoch,
                ranges,
            } => {
                add(&mut reading.losses, (device.0, epoch.0), ranges);
            }
            Event::Fork { device, epoch, .. } => {
                reading.forks.insert((device.0, epoch.0));
            }
            Event::Total { count_kind, .. } => {
                reading.totals.insert(count_kind.clone());
            }
            Event::Photo {
                sha256, on_platform, ..
            } => {
                reading.photos.insert(sha256.0, *on_platform);
            }
            _ => {}
        }
    }
}

fn add(lists: &mut BTreeMap<LogKey, Ranges>, log: LogKey, ranges: &Ranges) {
    let list = lists.entry(log).or_default();
    *list = list.union(ranges);
}

fn row_of(line: u64, stored: &Stored) -> Row {
    Row {
        line,
        body: stored.body.0,
        verdict: match stored.verdict.as_str() {
            "accepted" => RowVerdict::Accepted,
            "parked" => RowVerdict::Parked,
            "held" => RowVerdict::Held,
            _ => RowVerdict::Other,
        },
        reason: stored.reason.clone(),
        folded: stored.folded,
        interval: stored.from_ms.zip(stored.to_ms),
        is_suspect: stored.quality.as_deref() == Some("suspect"),
        is_inherited: stored.quality.as_deref() == Some("inherited"),
    }
}
