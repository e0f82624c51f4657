//! A phone after months: 100,000 records, of which 50,000 are unsent, and the bare list beside it.

use std::path::Path;

use grid_model::id::{DeviceId, Incarnation, TaskId};
use grid_model::{Sha256, TaskStatus};
use grid_store::Store;
use grid_wire::receipt::ReceiptRange;
use grid_wire::{Receipt, Signed, Verdict};

use crate::BenchError;
use crate::ours::{act_grouped, make_vault, open_store};
use crate::plan::{Plan, bodies, id16, plan, task};
use crate::raw::{Listed, fill_list};
use crate::record::{Kind, Record};

/// How many of them are unsent.
pub(crate) const QUEUED: usize = 50_000;
const PER_COMMIT: usize = 500;

/// Makes both in a folder: `ours` and `raw.db`.
pub(crate) fn make_large(folder: &Path, records: &[Record]) -> Result<(), BenchError> {
    let (found, done): (Vec<Record>, Vec<Record>) = records
        .iter()
        .cloned()
        .partition(|record| record.kind == Kind::Task);
    let tasks: Vec<_> = found
        .iter()
        .map(|record| {
            let status = if record.state == "open" {
                TaskStatus::Assigned
            } else {
                TaskStatus::Closed
            };
            task(TaskId(id16(&record.id)), record, status)
        })
        .collect();
    let mut steps = plan(&done).steps;
    let changes = bodies(&steps);

    let ours = folder.join("ours");
    make_vault(
        &ours,
        &Plan {
            tasks: tasks.clone(),
            steps: Vec::new(),
        },
        true,
    )?;
    let store = open_store(&ours, true)?;
    let queued = steps.split_off(steps.len().saturating_sub(QUEUED));
    act_grouped(&store, steps, PER_COMMIT)?;
    receive_all(&store)?;
    act_grouped(&store, queued, PER_COMMIT)?;
    store.close()?;

    let mut rows: Vec<Listed> = Vec::with_capacity(records.len());
    let (mut tasks, mut changes) = (tasks.into_iter(), changes.into_iter());
    for record in records {
        if record.kind == Kind::Task {
            rows.extend(
                tasks
                    .next()
                    .map(|task| ((record.state == "open").then_some(task.due_at_ms), task.body)),
            );
        } else {
            rows.extend(changes.next().map(|body| (None, body)));
        }
    }
    fill_list(&folder.join("raw.db"), &rows)
}

/// The platform has received everything so far.
fn receive_all(store: &Store) -> Result<(), BenchError> {
    let device = store.read(|tx| tx.identity().map_err(BenchError::from))?;
    let device = device.map_or(DeviceId([0; 16]), |identity| identity.device);
    loop {
        let unsent = store.read(|tx| tx.unsent(4_096, 1 << 20).map_err(BenchError::from))?;
        if unsent.entries.is_empty() {
            return Ok(());
        }
        let ranges = unsent.entries.iter();
        let ranges = ranges.map(|entry| ReceiptRange::new(entry.seq, entry.seq, Verdict::Accepted));
        let receipt = Receipt::new(
            (device, unsent.epoch),
            ranges.collect(),
            Sha256([0; 32]),
            Incarnation([4; 16]),
            (1_780_272_000_000, 1),
        );
        let proof = Signed {
            bytes: Vec::new(),
            signature: Vec::new(),
        };
        store.write(|tx| {
            tx.settle(&receipt, &proof, &unsent.entries)
                .map_err(BenchError::from)
        })?;
    }
}
