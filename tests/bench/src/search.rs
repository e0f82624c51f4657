//! Search over tasks with the texts of the bench work, beside a raw FTS5 table of character pairs in the same SQLCipher
//! file. Notes are taken apart into clauses and put together anew, each as long as a real one; what the work has of random
//! clauses is made anew of the same characters, so that rare pairs become more with the notes, as they do in the file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use grid_model::id::TaskId;
use grid_model::terms::{CaseKind, Level};
use grid_model::{Coded as _, TaskStatus};
use grid_store::{Query, Store, TaskBase};
use grid_wire::{TaskRow, encode};
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;

use crate::BenchError;
use crate::ours::{make_vault, open_store};
use crate::plan::Plan;
use crate::raw;
use crate::record::Record;
use crate::table::Measure;

/// Answers of a page.
const FIRST: u32 = 50;
/// Two-character queries asked of each side.
const QUERIES: usize = 300;
const RAW_FIRST: &str =
    "SELECT t.body FROM (SELECT s.doc FROM raw JOIN standing s ON s.doc = raw.rowid WHERE raw MATCH ?1
     ORDER BY s.open DESC, s.due_at_ms LIMIT 50) first JOIN task t USING (doc)";

/// Takes `search p95` and `search index` over so many tasks.
pub(crate) fn search(records: &[Record], tasks: usize, seed: u64) -> Result<Vec<Measure>, BenchError> {
    let notes = Notes::of(records);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let made: Vec<Made> = (0..tasks).map(|number| notes.task(number, &mut rng)).collect();
    let folder = tempfile::tempdir()?;
    let vault = folder.path().join("ours");
    let bases = made.iter().map(|one| one.base.clone()).collect();
    make_vault(
        &vault,
        &Plan {
            tasks: bases,
            steps: Vec::new(),
        },
        false,
    )?;
    let store = open_store(&vault, false)?;
    // These vaults keep their key as it is.
    let key = std::fs::read(vault.join("key"))?;
    let raw = raw::open_keyed(&vault.join("fieldbook.db"), Some(&key))?;
    let index_bytes = index(&store, &raw)?;
    fill_raw(&raw, &made)?;
    let (ours, limit) = ask_all(&store, &raw, &made, &mut rng)?;
    let text_bytes: usize = made.iter().flat_map(|one| &one.texts).map(String::len).sum();
    let size = Measure::beside(
        "search index",
        "bytes/byte of text",
        vec![index_bytes],
        vec![text_bytes as f64],
        "ratio <= 0.8",
    );
    let p95 = Measure::beside(
        "search p95",
        "ms",
        vec![percentile(ours, 0.95)],
        vec![percentile(limit, 0.95)],
        "ratio <= 3",
    );
    Ok(vec![p95, size])
}

/// A task and its texts.
struct Made {
    base: TaskBase,
    texts: [String; 4],
}

struct Notes {
    heads: Vec<String>,
    clauses: Vec<String>,
    noise: Vec<char>,
    noise_lengths: Vec<usize>,
    /// Of every note: its length, and title and place of its task.
    shapes: Vec<(usize, String, String)>,
    noise_share: f64,
}

impl Notes {
    fn of(records: &[Record]) -> Self {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        let (mut heads, mut shapes, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for record in records {
            let mut clauses = record.note.split_inclusive(['，', '；', '。']);
            heads.extend(clauses.next().map(str::to_owned));
            for clause in clauses {
                *seen.entry(clause.to_owned()).or_default() += 1;
                rest.push(clause.to_owned());
            }
            shapes.push((
                record.note.chars().count(),
                record.title.clone().unwrap_or_default(),
                record.addr.clone().unwrap_or_default(),
            ));
        }
        let (clauses, random): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|clause| seen.get(clause).is_some_and(|times| *times > 3));
        Self {
            noise_share: random.len() as f64 / (random.len() + clauses.len()).max(1) as f64,
            noise: random
                .iter()
                .flat_map(|clause| clause.chars())
                .filter(|c| c.is_alphanumeric())
                .collect(),
            noise_lengths: random.iter().map(|clause| clause.chars().count()).collect(),
            heads,
            clauses,
            shapes,
        }
    }

    fn task(&self, number: usize, rng: &mut ChaCha8Rng) -> Made {
        let (length, title, place) = self.shapes.choose(rng).cloned().unwrap_or_default();
        let mut note = self.heads.choose(rng).cloned().unwrap_or_default();
        while note.chars().count() < length {
            if rng.random_bool(self.noise_share) || self.clauses.is_empty() {
                let run = self.noise_lengths.choose(rng).copied().unwrap_or(4);
                note.extend((0..run).filter_map(|_| self.noise.choose(rng)));
                note.push('，');
            } else {
                note.extend(self.clauses.choose(rng).cloned());
            }
        }
        let open = rng.random_bool(0.3);
        let row = TaskRow {
            no: format!("DL-2026-{number:06}"),
            title,
            description: note.chars().take(length).collect(),
            case_kind: CaseKind::from_code(1),
            level: Level::from_code(1),
            status: if open {
                TaskStatus::Accepted
            } else {
                TaskStatus::Closed
            },
            grid_code: "210681001001001".to_owned(),
            place_text: place,
            created_at_ms: 1_780_000_000_000,
            due_at_ms: 1_780_000_000_000 + rng.random_range(0..3_000_000_000),
            reason: None,
            late_report: false,
            covers: 0,
            extension: None,
        };
        Made {
            base: TaskBase {
                id: TaskId(rng.random()),
                revision: 1,
                body: encode(&row),
                local_status: row.status,
                due_at_ms: row.due_at_ms,
            },
            texts: [row.no, row.title, row.description, row.place_text],
        }
    }
}

/// Builds the index; answers what it takes, with the unique index of task ids that it needs, bytes.
fn index(store: &Store, raw: &Connection) -> Result<f64, BenchError> {
    let before = used_bytes(raw)?;
    while store.write(|tx| {
        tx.index_some(1_000, &mut |_| String::new())
            .map_err(BenchError::from)
    })? {}
    let (after, free) = (used_bytes(raw)?, |sql: &str| raw.execute_batch(sql));
    free("CREATE UNIQUE INDEX measured ON task (id)")?;
    let ids = used_bytes(raw)? - after;
    free("DROP INDEX measured")?;
    Ok(after - before + ids)
}

fn used_bytes(raw: &Connection) -> Result<f64, BenchError> {
    raw.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let pages = |name: &str| raw.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(((pages("page_count")? - pages("freelist_count")?) * 4096) as f64)
}

fn fill_raw(raw: &Connection, made: &[Made]) -> Result<(), BenchError> {
    raw.execute_batch("CREATE VIRTUAL TABLE raw USING fts5 (words, content = '')")?;
    let mut number = raw.prepare("SELECT doc FROM task WHERE id = ?1")?;
    let mut insert = raw.prepare("INSERT INTO raw (rowid, words) VALUES (?1, ?2)")?;
    for some in made.chunks(1_000) {
        raw.execute_batch("BEGIN")?;
        for one in some {
            let doc: i64 = number.query_row([one.base.id.bytes()], |row| row.get(0))?;
            insert.execute(rusqlite::params![doc, bigrams(&one.texts)])?;
        }
        raw.execute_batch("COMMIT")?;
    }
    Ok(())
}

fn bigrams(texts: &[String]) -> String {
    let mut words = String::new();
    for text in texts {
        let chars: Vec<char> = text.chars().collect();
        for pair in chars
            .windows(2)
            .filter(|pair| pair.iter().all(|c| c.is_alphanumeric()))
        {
            words.extend(pair);
            words.push(' ');
        }
    }
    words
}

/// Milliseconds of each query on both sides: pairs of characters, half as often as written, half each as likely.
fn ask_all(
    store: &Store,
    raw: &Connection,
    made: &[Made],
    rng: &mut ChaCha8Rng,
) -> Result<(Vec<f64>, Vec<f64>), BenchError> {
    let notes: Vec<Vec<char>> = made.iter().map(|one| one.texts[2].chars().collect()).collect();
    let vocabulary: BTreeSet<[char; 2]> = notes.iter().flat_map(|note| pairs(note)).collect();
    let vocabulary: Vec<[char; 2]> = vocabulary.into_iter().collect();
    let mut asked = Vec::new();
    while asked.len() < QUERIES {
        let written: Vec<[char; 2]> = notes
            .choose(rng)
            .map(|note| pairs(note).collect())
            .unwrap_or_default();
        let pair = if asked.len() % 2 == 0 {
            written.choose(rng)
        } else {
            vocabulary.choose(rng)
        };
        asked.extend(pair.map(String::from_iter));
    }
    // Shuffled, so that neither side finds the pages of a query warmed by the other.
    let mut turns: Vec<(&String, bool)> = asked
        .iter()
        .flat_map(|text| [(text, true), (text, false)])
        .collect();
    turns.shuffle(rng);
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for (text, is_ours) in turns {
        let began = Instant::now();
        if is_ours {
            store.read(|tx| {
                tx.search_tasks(&Query::new(text), FIRST)
                    .map_err(BenchError::from)
            })?;
        } else {
            let mut statement = raw.prepare_cached(RAW_FIRST)?;
            let mut rows = statement.query([format!("\"{text}\"")])?;
            while rows.next()?.is_some() {}
        }
        let side = if is_ours { &mut ours } else { &mut limit };
        side.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok((ours, limit))
}

fn pairs(note: &[char]) -> impl Iterator<Item = [char; 2]> {
    note.windows(2)
        .filter(|pair| pair.iter().all(|c| ('\u{4e00}'..'\u{a000}').contains(c)))
        .map(|pair| [pair[0], pair[1]])
}

fn percentile(mut times: Vec<f64>, share: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    let at = (times.len().saturating_sub(1) as f64 * share) as usize;
    times.get(at).copied().unwrap_or(f64::NAN)
}
