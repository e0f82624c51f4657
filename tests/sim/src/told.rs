//! What a vault says of itself and what the platform's tables hold, as lines of the history for a checker that knows none of
//! our types.

use std::collections::BTreeMap;

use grid_fieldbook::{FieldBook, RecordState};
use grid_model::id::Seq;
use grid_model::time::ClockQuality;
use grid_model::{Coded as _, TaskStatus};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Trouble;
use crate::vault::Vault;
use crate::world::World;

const PAGE: u32 = 500;

/// Positions as text: `1-3,7`.
pub(crate) fn ranges(mut positions: Vec<u64>) -> String {
    positions.sort_unstable();
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for at in positions {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == at => *to = at,
            _ => runs.push((at, at)),
        }
    }
    let text = |(from, to): &(u64, u64)| {
        if from == to {
            from.to_string()
        } else {
            format!("{from}-{to}")
        }
    };
    runs.iter().map(text).collect::<Vec<_>>().join(",")
}

#[derive(Default)]
struct Life {
    saved: Vec<u64>,
    received: Vec<u64>,
    parked: Vec<u64>,
    backed_up: Vec<u64>,
}

fn lives(book: &FieldBook) -> Result<Vec<Value>, Trouble> {
    let mut found: BTreeMap<u64, Life> = BTreeMap::new();
    let mut before = Seq(0);
    loop {
        let page = book.records(before, PAGE).map_err(Trouble::of)?;
        for record in &page {
            let key = book.key_of(record.seq).map_err(Trouble::of)?;
            let (epoch, seq) = key.ok_or(Trouble::Bug("a record without a key"))?;
            let life = found.entry(epoch.0).or_default();
            match record.state {
                RecordState::Saved => life.saved.push(seq.0),
                RecordState::Received => life.received.push(seq.0),
                RecordState::BackedUp => {
                    life.received.push(seq.0);
                    life.backed_up.push(seq.0);
                }
                RecordState::Parked(_) => life.parked.push(seq.0),
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => before = last.seq,
            _ => break,
        }
    }
    let told = |(epoch, life): (u64, Life)| {
        // What is not here any more was purged: the checker holds that against what was backed up by then.
        let all = [&life.saved, &life.received, &life.parked];
        let purged_to = all.into_iter().flatten().min().map_or(0, |first| first - 1);
        json!({"epoch": epoch.to_string(), "saved": ranges(life.saved), "received": ranges(life.received),
            "parked": ranges(life.parked), "backed_up": ranges(life.backed_up), "purged_to": purged_to})
    };
    Ok(found.into_iter().map(told).collect())
}

impl Vault {
    /// Notes what the vault says of its records now. One that cannot be read just now says nothing. Read whether somebody
    /// keeps the history or not: reading takes turns of the disk, and a seed is to be the same world either way.
    pub(crate) fn tell_view(&mut self) -> Result<(), Trouble> {
        let book = self.book()?;
        let (Ok(mut epochs), Ok(status)) = (lives(book), book.status()) else {
            return Ok(());
        };
        self.with_purged(&mut epochs);
        for life in &epochs {
            let told = ["saved", "received", "parked"]
                .map(|state| life[state].as_str().unwrap_or_default().to_owned());
            let newest = told
                .iter()
                .filter_map(|text| text.rsplit([',', '-']).next()?.parse::<u64>().ok());
            if let (Some(epoch), Some(newest)) = (
                life["epoch"].as_str().and_then(|text| text.parse().ok()),
                newest.max(),
            ) {
                self.heads.insert(epoch, newest);
            }
        }
        // What the phone cannot read of its photos the simulation has spoilt; it is noticed when they are to go.
        if status.photos_failed > self.failed_told && !self.spoilt_photos.is_empty() {
            self.note("damage", json!({"copy": "attachment", "detected": true}));
        }
        self.failed_told = status.photos_failed;
        let lost = status.photos_failed;
        self.note(
            "view",
            json!({"epochs": epochs, "photos_waiting": status.photos_waiting, "photos_lost": lost}),
        );
        self.tell_tasks()
    }

    /// Notes at the end that photos were spoilt, where the phone had no cause to count one as failed: nothing of them was sent,
    /// since the platform has what it has under its own hash.
    pub(crate) fn tell_spoilt(&mut self) {
        if self.failed_told == 0 && !self.spoilt_photos.is_empty() {
            self.note("damage", json!({"copy": "attachment", "detected": true}));
        }
    }

    /// Adds the lives of which nothing is here any more, since all of it was received: they were purged, which the checker
    /// holds against what was backed up by then.
    fn with_purged(&mut self, epochs: &mut Vec<Value>) {
        for (epoch, newest) in &self.settled_lives {
            if epochs.iter().all(|life| life["epoch"] != **epoch) {
                epochs.push(
                    json!({"epoch": epoch, "saved": "", "received": "", "parked": "", "backed_up": "",
                    "purged_to": newest}),
                );
            }
        }
        for life in epochs
            .iter()
            .filter(|life| life["saved"] == "" && life["parked"] == "")
        {
            let newest = life["received"]
                .as_str()
                .and_then(|text| text.rsplit([',', '-']).next()?.parse().ok());
            if let (Some(epoch), Some(newest)) = (life["epoch"].as_str(), newest) {
                self.settled_lives.insert(epoch.to_owned(), newest);
            }
        }
    }

    /// Notes the tasks that stand otherwise than when they were last told of.
    fn tell_tasks(&mut self) -> Result<(), Trouble> {
        let Ok(tasks) = self.book()?.tasks(true, 10_000) else {
            return Ok(());
        };
        for task in tasks {
            // 0 says that a restored platform has not told of it again.
            if task.revision == 0 {
                continue;
            }
            let before = self.tasks_told.get(&task.id);
            if self.was_cut && before.is_some_and(|(_, revision, _)| *revision > task.revision) {
                continue;
            }
            let own = task.own.is_some() || before.is_some_and(|(.., own)| *own);
            let now = (task.status.code(), task.revision, own);
            if before == Some(&now) {
                continue;
            }
            self.tasks_told.insert(task.id, now);
            let status = task.status.name().to_string();
            self.note(
                "local",
                json!({"task": hex::encode(task.id.bytes()), "status": status, "own": own, "revision": task.revision}),
            );
        }
        Ok(())
    }
}

pub(crate) fn hex_of(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(hex::encode(row.get::<_, Vec<u8>>(at)?))
}

pub(crate) fn epoch_of(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok((row.get::<_, i64>(at)? as u64).to_string())
}

/// Every row of a query as a line.
pub(crate) fn lines(
    store: &Connection,
    sql: &str,
    line: impl Fn(&Row<'_>) -> rusqlite::Result<Value>,
) -> Result<Vec<Value>, Trouble> {
    let mut statement = store.prepare(sql).map_err(Trouble::of)?;
    let told = statement.query_map([], |row| line(row)).map_err(Trouble::of)?;
    told.collect::<Result<_, _>>().map_err(Trouble::of)
}

impl World {
    pub(crate) fn opened_store(&self) -> Result<Connection, Trouble> {
        let store = self.shared.site().store();
        Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(Trouble::of)
    }

    fn incarnation(store: &Connection) -> Result<String, Trouble> {
        let sql = "SELECT incarnation FROM platform";
        store
            .query_row(sql, [], |row| hex_of(row, 0))
            .map_err(Trouble::of)
    }

    /// Notes which life of the platform serves from now on.
    pub(crate) fn tell_platform(&self, what: &str) -> Result<(), Trouble> {
        let incarnation = Self::incarnation(&self.opened_store()?)?;
        self.shared
            .history
            .note("platform", json!({"what": what, "incarnation": incarnation}));
        Ok(())
    }

    /// Notes whom the platform knows, with the keys that a checker needs.
    pub(crate) fn tell_enrolled(&mut self) -> Result<(), Trouble> {
        let mut vaults = std::mem::take(&mut self.vaults);
        let told = vaults.iter_mut().try_for_each(|vault| self.tell_of_one(vault));
        self.vaults = vaults;
        told
    }

    /// Notes that the platform knows this vault.
    pub(crate) fn tell_of_one(&self, vault: &mut Vault) -> Result<(), Trouble> {
        let store = self.opened_store()?;
        let device = vault.book()?.status().map_err(Trouble::of)?.device;
        let sql = "SELECT hex(public_key), hex((SELECT signing_public FROM platform)) FROM device WHERE device_id = ?1";
        let (key, platform_key): (String, String) = store
            .query_row(sql, [device.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(Trouble::of)?;
        vault.note(
            "enrolled",
            json!({"device": hex::encode(device.bytes()), "key": key.to_lowercase(), "worker": vault.job_no,
                    "platform_key": platform_key.to_lowercase()}),
        );
        Ok(())
    }

    /// Notes what the platform's tables hold.
    pub(crate) fn tell_store(&self) -> Result<(), Trouble> {
        let history = &self.shared.history;
        if !history.is_kept() {
            return Ok(());
        }
        let store = self.opened_store()?;
        history.note(
            "dump",
            json!({"begin": true, "incarnation": Self::incarnation(&store)?}),
        );
        let sql = "SELECT c.device_id, c.epoch, c.seq, c.body_sha256, c.state, c.park_reason,
                coalesce(e.earliest_ms, m.earliest_ms), coalesce(e.latest_ms, m.latest_ms), coalesce(e.clock, m.clock)
            FROM change c LEFT JOIN task_event e ON e.change_position = c.position
            LEFT JOIN milestone m ON m.change_position = c.position GROUP BY c.position ORDER BY c.position";
        let rows = lines(&store, sql, |row| {
            let state: i64 = row.get(4)?;
            let verdict = if state == 3 { "parked" } else { "accepted" };
            let reason: Option<i64> = row.get(5)?;
            let (from_ms, to_ms): (Option<i64>, Option<i64>) = (row.get(6)?, row.get(7)?);
            let clock: Option<u16> = row.get(8)?;
            let quality = clock.map(|clock| ClockQuality::from_code(clock).name().to_string());
            Ok(
                json!({"device": hex_of(row, 0)?, "epoch": epoch_of(row, 1)?, "seq": row.get::<_, i64>(2)?,
                "body": hex_of(row, 3)?, "verdict": if state == 1 { "held" } else { verdict },
                "reason": reason.map(|reason| reason.to_string()), "folded": state == 2,
                "from_ms": from_ms, "to_ms": to_ms, "quality": quality}),
            )
        })?;
        let count = rows.len();
        rows.into_iter().for_each(|row| history.note("stored", row));
        history.note("dump", json!({"end": true, "rows": count}));
        let conflicts = lines(
            &store,
            "SELECT device_id, epoch, seq, body_sha256 FROM conflict ORDER BY conflict_id",
            |row| {
                Ok(
                    json!({"device": hex_of(row, 0)?, "epoch": epoch_of(row, 1)?, "seq": row.get::<_, i64>(2)?,
                    "body": hex_of(row, 3)?}),
                )
            },
        )?;
        conflicts
            .into_iter()
            .for_each(|row| history.note("conflict", row));
        let photos = lines(&store, "SELECT sha256, bytes FROM blob ORDER BY sha256", |row| {
            Ok(json!({"sha256": hex_of(row, 0)?, "bytes": row.get::<_, i64>(1)?, "on_platform": true}))
        })?;
        photos.into_iter().for_each(|row| history.note("photo", row));
        self.tell_tables(&store)?;
        self.tell_future(&store)
    }

    /// Notes whether what a later version wrote is on the platform byte for byte.
    fn tell_future(&self, store: &Connection) -> Result<(), Trouble> {
        let written = self.vaults.iter().flat_map(|vault| &vault.kept);
        for kept in written.filter(|kept| kept.kind == "other_version" && kept.excused.is_none()) {
            let sql = "SELECT hex(body) FROM (SELECT epoch, seq, schema_version, body FROM change UNION ALL
                    SELECT epoch, seq, schema_version, body FROM conflict)
                WHERE epoch = ?1 AND seq = ?2 AND schema_version = 9";
            let key = [kept.key.0.0 as i64, kept.key.1.0 as i64];
            let stored: Option<String> = store
                .query_row(sql, key, |row| row.get(0))
                .optional()
                .map_err(Trouble::of)?;
            let (before, after) = (hex::encode(&kept.act), stored.unwrap_or_default().to_lowercase());
            let told = json!({"kind": "enum", "survived": before == after, "before": before, "after": after});
            self.shared.history.note("future", told);
        }
        Ok(())
    }

    /// Notes what open tasks a vault shows, and what the platform says are its worker's, each as one hash.
    pub(crate) fn tell_agreement(&mut self, round: u32) -> Result<(), Trouble> {
        let store = self.opened_store()?;
        let workers = self.shared.site().workers.clone();
        for vault in &mut self.vaults {
            let views = vault.book()?.tasks(true, 100_000).map_err(Trouble::of)?;
            let mut here: Vec<(String, u16)> = views
                .iter()
                .map(|view| (hex::encode(view.id.bytes()), view.status.code()))
                .collect();
            here.sort();
            let worker = workers.iter().find(|(job_no, _)| *job_no == vault.job_no);
            let worker = worker.ok_or(Trouble::Bug("a vault without a worker"))?.1;
            let mut statement = store
                .prepare("SELECT task_id, status FROM task WHERE holder_id = ?1 ORDER BY task_id")
                .map_err(Trouble::of)?;
            let rows = statement.query_map([worker.bytes()], |row| {
                Ok((hex_of(row, 0)?, row.get::<_, u16>(1)?))
            });
            let there: Vec<(String, u16)> = rows.and_then(Iterator::collect).map_err(Trouble::of)?;
            let open = |(_, status): &(String, u16)| TaskStatus::from_code(*status).is_open_for_holder();
            let there: Vec<_> = there.into_iter().filter(open).collect();
            let hash = |tasks: &[(String, u16)]| hex::encode(Sha256::digest(format!("{tasks:?}")));
            vault.note(
                "agree",
                json!({"round": round, "phone": hash(&here), "platform": hash(&there)}),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_told_in_runs() {
        assert_eq!(ranges(vec![3, 1, 2, 9, 7, 8, 11]), "1-3,7-9,11");
        assert_eq!(ranges(Vec::new()), "");
    }
}
