//! What the platform's tables hold beside the changes: tasks, the order in which changes took effect, forks.

use std::collections::{BTreeMap, BTreeSet};

use grid_model::{Coded as _, TaskStatus};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Value, json};

use crate::Trouble;
use crate::told::{epoch_of, hex_of, lines, ranges};
use crate::world::World;

/// Changes that moved a task or a rescue, in the order in which they did.
const MOVED: &str = "SELECT c.device_id, c.epoch, c.seq, c.lane_id, e.position FROM task_event e
    JOIN change c ON c.position = e.change_position ORDER BY e.position";

impl World {
    /// Sets the platform's clock off the true time by this, and notes it.
    pub(crate) fn set_platform_clock(&self, off_ms: i64) {
        self.shared.site().set_off(off_ms);
        let told = json!({"vault": "platform", "wall_offset_ms": off_ms});
        self.shared.history.note("clock", told);
    }

    /// Notes a supervisor's act: the revision that was before him, and the one after it, taken or not.
    pub(crate) fn tell_command(&self, task: &str, base: u64, accepted: bool) -> Result<(), Trouble> {
        let store = self.opened_store()?;
        let id = plain(task);
        let sql = "SELECT revision FROM task WHERE lower(hex(task_id)) = ?1";
        let revision: Option<i64> = store
            .query_row(sql, [&id], |row| row.get(0))
            .optional()
            .map_err(Trouble::of)?;
        let told = json!({"task": id, "base_revision": base, "revision": revision.unwrap_or(0), "accepted": accepted});
        self.shared.history.note("command", told);
        Ok(())
    }

    /// Notes the rows that belong to a reading of the platform.
    pub(crate) fn tell_tables(&self, store: &Connection) -> Result<(), Trouble> {
        let history = &self.shared.history;
        let sql =
            "SELECT device_id, epoch, min(seq) FROM fork GROUP BY device_id, epoch ORDER BY device_id, epoch";
        let forks = lines(store, sql, |row| {
            let at: i64 = row.get(2)?;
            Ok(json!({"device": hex_of(row, 0)?, "epoch": epoch_of(row, 1)?, "seq": at}))
        })?;
        forks.into_iter().for_each(|row| history.note("fork", row));
        tell_missing(self, store)?;
        let mut lanes: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let moved = lines(store, MOVED, |row| {
            let seq: i64 = row.get(2)?;
            Ok(json!([
                hex_of(row, 3)?,
                [hex_of(row, 0)?, epoch_of(row, 1)?, seq]
            ]))
        })?;
        for told in moved {
            let lane = format!("task:{}", told[0].as_str().unwrap_or_default());
            lanes.entry(lane).or_default().push(told[1].clone());
        }
        for (lane, order) in lanes {
            history.note("fold", json!({"lane": lane, "order": order}));
        }
        let workers = self.shared.site().workers.clone();
        let sql = "SELECT task_id, holder_id, status, late_report FROM task ORDER BY task_id";
        let tasks = lines(store, sql, |row| {
            let (holder, status): (Vec<u8>, u16) = (row.get(1)?, row.get(2)?);
            let worker = workers.iter().find(|(_, id)| id.bytes().as_slice() == holder);
            let late: i64 = row.get(3)?;
            Ok(
                json!({"task": hex_of(row, 0)?, "holder": worker.map(|(job_no, _)| job_no),
                "status": TaskStatus::from_code(status).name(), "late_reports": late}),
            )
        })?;
        tasks.into_iter().for_each(|row| history.note("task", row));
        Ok(())
    }
}

/// Notes the positions that the platform lacks of logs of which it has, or was told of, later ones.
fn tell_missing(world: &World, store: &Connection) -> Result<(), Trouble> {
    let sql = "SELECT device_id, epoch, seq, 1 FROM change UNION ALL
        SELECT device_id, epoch, max(seq), 0 FROM signed_head GROUP BY device_id, epoch";
    let mut logs: BTreeMap<(String, String), (BTreeSet<u64>, u64)> = BTreeMap::new();
    let mut statement = store.prepare(sql).map_err(Trouble::of)?;
    let mut rows = statement.query([]).map_err(Trouble::of)?;
    while let Some(row) = rows.next().map_err(Trouble::of)? {
        let read =
            || Ok::<_, rusqlite::Error>((hex_of(row, 0)?, epoch_of(row, 1)?, row.get(2)?, row.get(3)?));
        let (device, epoch, seq, is_here): (String, String, i64, bool) = read().map_err(Trouble::of)?;
        let (here, last) = logs.entry((device, epoch)).or_default();
        *last = (*last).max(seq as u64);
        if is_here {
            here.insert(seq as u64);
        }
    }
    for ((device, epoch), (here, last)) in logs {
        let lacks: Vec<u64> = (1..=last).filter(|seq| !here.contains(seq)).collect();
        if !lacks.is_empty() {
            let told = json!({"device": device, "epoch": epoch, "ranges": ranges(lacks)});
            world.shared.history.note("missing", told);
        }
    }
    Ok(())
}

/// An id without its dashes.
fn plain(id: &str) -> String {
    id.chars().filter(|letter| *letter != '-').collect()
}
