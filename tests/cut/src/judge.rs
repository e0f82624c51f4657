//! What the phone recorded against what the platform holds, from the platform's own rows and files: each record and each
//! photo there exactly once, each effect counted once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;

use grid_fieldbook::FieldBook;
use grid_model::Coded as _;
use grid_model::id::Seq;
use grid_store::RecordRow;
use grid_wire::{Body, Fact};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use crate::Trouble;

/// A change's key: whose log, which life of it, which position.
pub type Key = (Vec<u8>, i64, i64);

/// State of a change that has taken effect, in the platform's table.
const FOLDED: i64 = 2;

/// What must be on the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The bytes of every record.
    pub records: BTreeMap<Key, Vec<u8>>,
    /// The SHA-256 of every photo.
    pub photos: BTreeSet<Vec<u8>>,
    /// What the effects add up to, by name.
    pub effects: BTreeMap<String, i64>,
}

impl Wanted {
    /// Everything that is in this book's log.
    pub(crate) fn of(book: &FieldBook) -> Result<Self, Trouble> {
        let read = |tx: &grid_store::Reading<'_>| tx.records(Seq(0), u32::MAX);
        let rows: Vec<RecordRow> = book.store_for_tests().read(read).map_err(Trouble::of)?;
        let mut wanted = Self::default();
        for row in rows {
            let key = book.key_of(row.place).map_err(Trouble::of)?;
            let (epoch, seq) = key.ok_or_else(|| Trouble::say("a record without a key"))?;
            let body = Body::from_bytes(row.kind, &row.body).map_err(Trouble::of)?;
            wanted.expect_effect(&body.fact);
            for attachment in body.fact.attachments() {
                wanted.photos.insert(attachment.sha256.bytes().to_vec());
            }
            let key = (book.device().bytes().to_vec(), epoch.0 as i64, seq.0 as i64);
            wanted.records.insert(key, row.body);
        }
        Ok(wanted)
    }

    fn expect_effect(&mut self, fact: &Fact) {
        let (name, by) = match fact {
            Fact::Counted(count) => (format!("count of kind {}", count.count_kind.code()), count.value),
            Fact::ReportSubmitted(_) => ("reports".to_owned(), 1),
            Fact::Observed(_) => ("observations".to_owned(), 1),
            Fact::PatrolStarted(_) => ("patrols".to_owned(), 1),
            _ => return,
        };
        *self.effects.entry(name).or_default() += by;
    }
}

/// What the platform holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Every change: its key, its bytes and its state.
    pub changes: Vec<(Key, Vec<u8>, i64)>,
    /// Changes that were kept beside another under the same key.
    pub conflicts: i64,
    /// Logs that it saw fork.
    pub forks: i64,
    /// The SHA-256 that each photo goes by, and the one of the bytes in its file.
    pub photos: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// What the effects add up to, by name.
    pub effects: BTreeMap<String, i64>,
}

impl Held {
    /// Reads a data folder that nobody serves any more.
    pub(crate) fn read(folder: &Path) -> Result<Self, Trouble> {
        let store = Connection::open_with_flags(folder.join("hub.sqlite"), OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(Trouble::of)?;
        let mut held = Self::rows(&store).map_err(Trouble::of)?;
        for (sha256, found) in &mut held.photos {
            let name = hex(sha256);
            let bytes = fs::read(folder.join("blobs").join(&name[..2]).join(&name));
            *found = bytes.ok().map(|bytes| Sha256::digest(bytes).to_vec());
        }
        Ok(held)
    }

    fn rows(store: &Connection) -> rusqlite::Result<Self> {
        let mut held = Self::default();
        let mut statement =
            store.prepare("SELECT device_id, epoch, seq, body, state FROM change ORDER BY position")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let key = (row.get(0)?, row.get(1)?, row.get(2)?);
            held.changes.push((key, row.get(3)?, row.get(4)?));
        }
        let mut statement = store.prepare("SELECT sha256 FROM blob")?;
        held.photos = statement
            .query_map([], |row| Ok((row.get(0)?, None)))?
            .collect::<Result<_, _>>()?;
        let number = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0));
        held.conflicts = number("SELECT count(*) FROM conflict")?;
        held.forks = number("SELECT count(*) FROM fork")?;
        for (name, sql) in [
            ("reports", "SELECT count(*) FROM report"),
            ("observations", "SELECT count(*) FROM observation"),
            ("patrols", "SELECT count(*) FROM patrol"),
        ] {
            match number(sql)? {
                0 => {}
                many => drop(held.effects.insert(name.to_owned(), many)),
            }
        }
        let mut statement = store.prepare("SELECT count_kind, sum(value) FROM count_step GROUP BY 1")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let kind: i64 = row.get(0)?;
            held.effects.insert(format!("count of kind {kind}"), row.get(1)?);
        }
        Ok(held)
    }
}

/// What was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Records and photos that the platform does not have, or not as they were.
    pub lost: Vec<String>,
    /// Records that are there under two keys, effects that count more than once.
    pub doubled: Vec<String>,
    /// What is still on the phone, though it had every chance to go.
    pub stuck: Vec<String>,
    /// Anything else that must not happen.
    pub broken: Vec<String>,
}

impl Verdict {
    /// Whether nothing was wrong.
    pub fn is_clean(&self) -> bool {
        [&self.lost, &self.doubled, &self.stuck, &self.broken]
            .iter()
            .all(|list| list.is_empty())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lists = [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("stuck", &self.stuck),
            ("broken", &self.broken),
        ];
        for (name, list) in lists {
            for what in list.iter().take(10) {
                writeln!(f, "  {name}: {what}")?;
            }
        }
        Ok(())
    }
}

/// Compares the two.
pub fn judge(wanted: &Wanted, held: &Held) -> Verdict {
    let mut verdict = Verdict::default();
    let mut seen: BTreeMap<&Key, u32> = BTreeMap::new();
    let mut keys_of: BTreeMap<&[u8], BTreeSet<&Key>> = BTreeMap::new();
    for (key, body, state) in &held.changes {
        *seen.entry(key).or_default() += 1;
        keys_of.entry(body).or_default().insert(key);
        match wanted.records.get(key) {
            Some(ours) if ours == body => {}
            Some(_) => verdict.lost.push(format!("{}: other bytes", say(key))),
            None => verdict
                .doubled
                .push(format!("{}: not of the phone's log", say(key))),
        }
        if *state != FOLDED {
            verdict
                .broken
                .push(format!("{}: in state {state}, not folded", say(key)));
        }
    }
    for (key, body) in &wanted.records {
        match seen.get(key) {
            None => verdict.lost.push(say(key)),
            Some(1) => {}
            Some(times) => verdict.doubled.push(format!("{}: {times} times", say(key))),
        }
        // The same bytes may be recorded twice, at one moment; more than the phone recorded they may not be.
        let ours = wanted.records.values().filter(|other| *other == body).count();
        let theirs = keys_of.get(body.as_slice()).map_or(0, BTreeSet::len);
        if theirs > ours {
            verdict.doubled.push(format!("{}: under {theirs} keys", say(key)));
        }
    }
    photos(wanted, held, &mut verdict);
    effects(wanted, held, &mut verdict);
    for (name, number) in [("conflicts", held.conflicts), ("forks", held.forks)] {
        if number > 0 {
            verdict.broken.push(format!("{number} {name}"));
        }
    }
    verdict
}

fn photos(wanted: &Wanted, held: &Held, verdict: &mut Verdict) {
    let mut times: BTreeMap<&[u8], u32> = BTreeMap::new();
    for (sha256, found) in &held.photos {
        *times.entry(sha256).or_default() += 1;
        if !wanted.photos.contains(sha256) {
            verdict
                .broken
                .push(format!("photo {}: nobody took it", hex(sha256)));
        }
        if found.as_ref() != Some(sha256) {
            verdict
                .lost
                .push(format!("photo {}: not the bytes of its name", hex(sha256)));
        }
    }
    for sha256 in &wanted.photos {
        match times.get(sha256.as_slice()) {
            None => verdict.lost.push(format!("photo {}", hex(sha256))),
            Some(1) => {}
            Some(times) => verdict
                .doubled
                .push(format!("photo {}: {times} times", hex(sha256))),
        }
    }
}

fn effects(wanted: &Wanted, held: &Held, verdict: &mut Verdict) {
    let names: BTreeSet<&String> = wanted.effects.keys().chain(held.effects.keys()).collect();
    for name in names {
        let of = |effects: &BTreeMap<String, i64>| effects.get(name).copied().unwrap_or(0);
        let (ours, theirs) = (of(&wanted.effects), of(&held.effects));
        let told = format!("{name}: phone {ours}, platform {theirs}");
        match theirs.cmp(&ours) {
            std::cmp::Ordering::Less => verdict.lost.push(told),
            std::cmp::Ordering::Equal => {}
            std::cmp::Ordering::Greater => verdict.doubled.push(told),
        }
    }
}

fn say((device, epoch, seq): &Key) -> String {
    format!("record {seq} of {}/{epoch}", hex(&device[..device.len().min(3)]))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fair() -> (Wanted, Held) {
        let key = |seq| (vec![7; 16], 9, seq);
        let photo = Sha256::digest(b"a photo").to_vec();
        let wanted = Wanted {
            records: [(key(1), b"one".to_vec()), (key(2), b"two".to_vec())].into(),
            photos: [photo.clone()].into(),
            effects: [("reports".to_owned(), 1)].into(),
        };
        let held = Held {
            changes: vec![
                (key(1), b"one".to_vec(), FOLDED),
                (key(2), b"two".to_vec(), FOLDED),
            ],
            photos: vec![(photo.clone(), Some(photo))],
            effects: wanted.effects.clone(),
            ..Held::default()
        };
        (wanted, held)
    }

    fn counted(harm: impl FnOnce(&mut Held)) -> (usize, usize, usize) {
        let (wanted, mut held) = fair();
        harm(&mut held);
        let verdict = judge(&wanted, &held);
        (verdict.lost.len(), verdict.doubled.len(), verdict.broken.len())
    }

    #[test]
    fn what_is_there_once_is_clean() {
        assert_eq!(counted(|_| ()), (0, 0, 0));
    }

    #[test]
    fn a_lost_record_or_photo_is_found() {
        assert_eq!(counted(|held| drop(held.changes.pop())), (1, 0, 0));
        assert_eq!(counted(|held| held.changes[0].1 = b"other".to_vec()), (1, 0, 0));
        assert_eq!(counted(|held| held.photos.clear()), (1, 0, 0));
        assert_eq!(counted(|held| held.photos[0].1 = None), (1, 0, 0));
        assert_eq!(counted(|held| held.effects.clear()), (1, 0, 0));
    }

    #[test]
    fn a_doubled_record_photo_or_effect_is_found() {
        let again = |held: &mut Held| held.changes.push(held.changes[0].clone());
        assert_eq!(counted(again), (0, 1, 0));
        // The same act under another key: a stranger to the log, and one body under two keys.
        let elsewhere = |held: &mut Held| {
            let (mut key, body, state) = held.changes[0].clone();
            key.1 += 1;
            held.changes.push((key, body, state));
        };
        assert_eq!(counted(elsewhere), (0, 2, 0));
        assert_eq!(
            counted(|held| held.photos.push(held.photos[0].clone())),
            (0, 1, 0)
        );
        assert_eq!(
            counted(|held| *held.effects.entry("reports".to_owned()).or_default() += 1),
            (0, 1, 0)
        );
    }

    #[test]
    fn what_was_not_folded_or_conflicts_is_found() {
        assert_eq!(counted(|held| held.changes[1].2 = 1), (0, 0, 1));
        assert_eq!(counted(|held| held.conflicts = 1), (0, 0, 1));
        assert_eq!(counted(|held| held.forks = 1), (0, 0, 1));
        assert_eq!(
            counted(|held| held.photos.push((vec![1; 32], Some(vec![1; 32])))),
            (0, 0, 1)
        );
    }
}
