//! What must hold when everything has come to rest, told from the platform's own rows: nothing lost, nothing doubled, nobody
//! stuck, nothing diverged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::PoisonError;

use grid_fieldbook::TaskView;
use grid_model::{Coded as _, TaskStatus};
use rusqlite::{Connection, OpenFlags};

use crate::Trouble;
use crate::vault::{Kept, Vault};
use crate::world::World;

/// What was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Vaults that did not come to rest.
    pub stuck: Vec<String>,
    /// Tasks or sums of which phone and platform do not say the same.
    pub diverged: Vec<String>,
    /// Records and photos that were answered `Saved` and are nowhere.
    pub lost: Vec<String>,
    /// Records that count more than once.
    pub doubled: Vec<String>,
    /// Anything else that must not happen.
    pub broken: Vec<String>,
}

impl Verdict {
    /// Whether nothing was wrong.
    pub fn is_clean(&self) -> bool {
        [
            &self.stuck,
            &self.diverged,
            &self.lost,
            &self.doubled,
            &self.broken,
        ]
        .iter()
        .all(|list| list.is_empty())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            ("stuck", &self.stuck),
            ("diverged", &self.diverged),
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("broken", &self.broken),
        ];
        for (name, list) in lists {
            for what in list.iter().take(20) {
                writeln!(f, "  {name}: {what}")?;
            }
        }
        Ok(())
    }
}

type Key = (Vec<u8>, i64, i64);

/// A row of the platform's changes.
struct Row {
    body: Vec<u8>,
    state: i64,
}

/// What the platform holds, by plain SQL.
struct Held {
    changes: BTreeMap<Key, Row>,
    conflicts: BTreeMap<Key, Vec<Vec<u8>>>,
    blobs: BTreeSet<Vec<u8>>,
    tasks: BTreeMap<String, (i64, Vec<u8>)>,
    sums: BTreeMap<i64, i64>,
    late_reports: i64,
    unknown_tasks: i64,
}

impl Held {
    fn read(path: &std::path::Path) -> rusqlite::Result<Self> {
        let store = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut changes = BTreeMap::new();
        let mut statement = store.prepare("SELECT device_id, epoch, seq, body, state FROM change")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let held = Row {
                body: row.get(3)?,
                state: row.get(4)?,
            };
            changes.insert((row.get(0)?, row.get(1)?, row.get(2)?), held);
        }
        let mut conflicts: BTreeMap<Key, Vec<Vec<u8>>> = BTreeMap::new();
        let mut statement = store.prepare("SELECT device_id, epoch, seq, body FROM conflict")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = (row.get(0)?, row.get(1)?, row.get(2)?);
            conflicts.entry(key).or_default().push(row.get(3)?);
        }
        let mut statement = store.prepare("SELECT sha256 FROM blob")?;
        let blobs = statement
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut statement = store.prepare("SELECT task_id, status, holder_id FROM task")?;
        let tasks = statement
            .query_map([], |row| {
                let id: Vec<u8> = row.get(0)?;
                Ok((hex::encode(id), (row.get(1)?, row.get(2)?)))
            })?
            .collect::<Result<_, _>>()?;
        let mut statement =
            store.prepare("SELECT count_kind, sum(value) FROM count_step WHERE summed = 1 GROUP BY 1")?;
        let sums = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let number = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok(Self {
            changes,
            conflicts,
            blobs,
            tasks,
            sums,
            late_reports: number("SELECT count(*) FROM task WHERE late_report = 1")?,
            unknown_tasks: number("SELECT count(*) FROM change WHERE state = 3 AND park_reason = 1")?,
        })
    }
}

const HOLES: &str = "SELECT count(*) FROM chain c WHERE contiguous_to <
    (SELECT max(seq) FROM change x WHERE x.device_id = c.device_id AND x.epoch = c.epoch)";

/// Whether the platform lacks a position of a log of which it has a later one.
pub(crate) fn has_holes(store: &std::path::Path) -> Result<bool, Trouble> {
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(Trouble::of)?;
    let holes: i64 = store
        .query_row(HOLES, [], |row| row.get(0))
        .map_err(Trouble::of)?;
    Ok(holes > 0)
}

/// Compares what was answered `Saved` with what the platform holds.
pub(crate) fn judge(world: &mut World, verdict: &mut Verdict) -> Result<(), Trouble> {
    let store = world.shared.site().store();
    let held = Held::read(&store).map_err(Trouble::of)?;
    let faults = world.shared.faults.clone();
    for (number, hit) in [
        (62, !held.conflicts.is_empty()),
        (70, held.unknown_tasks > 0),
        (71, held.late_reports > 0),
    ] {
        if hit {
            faults.hit(number);
        }
    }
    if two_phones_on_one_task(world) {
        faults.hit(72);
    }
    let reused = world.shared.nonces.lock().unwrap_or_else(PoisonError::into_inner);
    verdict.broken.extend(reused.reused.iter().cloned());
    drop(reused);
    let repairs = world
        .shared
        .repairs
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    verdict.broken.extend(repairs.iter().cloned());
    drop(repairs);
    let mut sums: BTreeMap<i64, i64> = BTreeMap::new();
    let mut counted: BTreeSet<Key> = BTreeSet::new();
    let mut logs = Vec::new();
    for vault in &mut world.vaults {
        let device = vault.book()?.status().map_err(Trouble::of)?.device;
        logs.push((device, &vault.kept, &vault.spoilt_photos));
    }
    let gone = world.gone.iter();
    logs.extend(gone.map(|gone| (gone.device, &gone.kept, &gone.spoilt_photos)));
    for (device, kept, spoilt) in logs {
        for kept in kept {
            let key = (device.bytes().to_vec(), kept.key.0.0 as i64, kept.key.1.0 as i64);
            if let (Some((kind, value)), true) = (kept.count, is_folded(&held, &key, kept))
                && counted.insert(key.clone())
            {
                *sums.entry(i64::from(kind.code())).or_default() += value;
            }
            missing(&held, spoilt, kept, &key, verdict);
        }
    }
    doubled(&held, verdict);
    for (kind, sum) in &held.sums {
        let ours = sums.get(kind).copied().unwrap_or(0);
        // What was refused on the way and stood there all the same is counted by the platform alone.
        let unsure = world.vaults.iter().any(|vault| !vault.unsure.is_empty())
            || world.gone.iter().any(|gone| gone.is_unsure);
        if ours != *sum && !unsure {
            verdict
                .diverged
                .push(format!("count kind {kind}: phones {ours}, platform {sum}"));
        }
    }
    for vault in &mut world.vaults {
        tasks_agree(&held, vault, verdict)?;
    }
    Ok(())
}

/// Whether the record's words, if it has any, are in these bytes.
fn says(body: &[u8], kept: &Kept) -> bool {
    let act = kept.act.as_bytes();
    let silent = matches!(
        kept.kind,
        "start_patrol" | "end_patrol" | "milestone" | "accept" | "arrive"
    );
    silent || body.windows(act.len()).any(|window| window == act)
}

fn is_folded(held: &Held, key: &Key, kept: &Kept) -> bool {
    held.changes
        .get(key)
        .is_some_and(|row| row.state == 2 && says(&row.body, kept))
}

fn missing(held: &Held, spoilt_photos: &[String], kept: &Kept, key: &Key, verdict: &mut Verdict) {
    let in_log = held.changes.get(key).is_some_and(|row| says(&row.body, kept));
    let beside = held.conflicts.get(key);
    let found = in_log || beside.is_some_and(|bodies| bodies.iter().any(|body| says(body, kept)));
    if !found && kept.excused.is_none() {
        verdict.lost.push(format!(
            "{} {} at {:?} saved at {}",
            kept.act, kept.kind, kept.key, kept.at_ms
        ));
    }
    for photo in &kept.photos {
        let spoilt = spoilt_photos.contains(&photo.to_string());
        let there = held.blobs.contains(photo.bytes().as_slice());
        if !there && !spoilt && kept.excused.is_none() {
            verdict.lost.push(format!("photo {photo} of {}", kept.act));
        }
    }
}

/// An act that stands under two keys.
fn doubled(held: &Held, verdict: &mut Verdict) {
    let mut seen: BTreeMap<Vec<u8>, &Key> = BTreeMap::new();
    for (key, row) in &held.changes {
        for act in acts_in(&row.body) {
            if let Some(other) = seen.insert(act.clone(), key)
                && other != key
            {
                let act = String::from_utf8_lossy(&act).to_string();
                verdict.doubled.push(format!(
                    "{act} at {}/{} and {}/{}",
                    other.1, other.2, key.1, key.2
                ));
            }
        }
    }
}

/// The names of acts in a body: `p<n>-w<n>-act<n>`, once each.
fn acts_in(body: &[u8]) -> BTreeSet<Vec<u8>> {
    let mut found = BTreeSet::new();
    let mark = b"-act";
    for at in 0..body.len().saturating_sub(mark.len()) {
        if &body[at..at + mark.len()] != mark {
            continue;
        }
        let of_name = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        let before = body[..at].iter().rev().take_while(|byte| of_name(byte)).count();
        let name = &body[at - before..at];
        // What stands before the name in the bytes may look like a part of it: the name begins at its last `p`.
        let begins = name.iter().rposition(|byte| *byte == b'p').unwrap_or(0);
        let digits = body[at + mark.len()..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        found.insert(body[at - before + begins..at + mark.len() + digits].to_vec());
    }
    found
}

fn two_phones_on_one_task(world: &World) -> bool {
    let mut seen = BTreeSet::new();
    let mut tasks = world.vaults.iter().flat_map(|vault| &vault.tasks_seen);
    tasks.any(|task| !seen.insert(*task))
}

/// The changes of a task as the platform holds them, for whoever looks into a divergence.
fn lane_told(store: &std::path::Path, task: &str) -> rusqlite::Result<String> {
    let store = Connection::open_with_flags(store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let sql = "SELECT hex(substr(device_id, 1, 2)), epoch % 1000, seq, kind, state FROM change
        WHERE lower(hex(lane_id)) = ?1 ORDER BY position";
    let mut statement = store.prepare(sql)?;
    let told = statement.query_map([task], |row| {
        let (device, epoch, seq): (String, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (kind, state): (i64, i64) = (row.get(3)?, row.get(4)?);
        Ok(format!("{device}/{epoch}/{seq} {kind} {state}"))
    })?;
    Ok(told.collect::<Result<Vec<_>, _>>()?.join(", "))
}

/// Every task that the platform says is this worker's stands the same here.
fn tasks_agree(held: &Held, vault: &mut Vault, verdict: &mut Verdict) -> Result<(), Trouble> {
    let name = vault.name.clone();
    let store = vault.shared.site().store();
    let views: Vec<TaskView> = vault.book()?.tasks(false, 100_000).map_err(Trouble::of)?;
    for view in &views {
        let id = hex::encode(view.id.bytes());
        match held.tasks.get(&id) {
            Some((status, _)) if TaskStatus::from_code(*status as u16) == view.status => {}
            Some((status, _)) => {
                let theirs = TaskStatus::from_code(*status as u16);
                let lane = lane_told(&store, &id).map_err(Trouble::of)?;
                verdict.diverged.push(format!(
                    "{name}: task {id} is {:?} here and {theirs:?} there; device/epoch/seq kind state: {lane}",
                    view.status
                ));
            }
            None => verdict
                .diverged
                .push(format!("{name}: task {id} is not on the platform")),
        }
    }
    let known: BTreeSet<String> = views.iter().map(|view| hex::encode(view.id.bytes())).collect();
    let workers = vault.shared.site().workers.clone();
    let worker = workers.iter().find(|(job_no, _)| *job_no == vault.job_no);
    for (id, (status, holder)) in &held.tasks {
        let own = worker.is_some_and(|(_, id)| id.bytes().as_slice() == holder.as_slice());
        let open = TaskStatus::from_code(*status as u16).is_open_for_holder();
        if own && open && !known.contains(id) {
            verdict
                .diverged
                .push(format!("{name}: open task {id} is not here"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acts_are_found_in_bytes() {
        let body = b"\x82ppp0-w1-act12\xff and p0-w1-act12, p3-w2-clone-act7!";
        let found: Vec<String> = acts_in(body)
            .into_iter()
            .map(|act| String::from_utf8(act).expect("text"))
            .collect();
        assert!(found.contains(&"p0-w1-act12".to_owned()), "{found:?}");
        assert!(found.contains(&"p3-w2-clone-act7".to_owned()), "{found:?}");
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
