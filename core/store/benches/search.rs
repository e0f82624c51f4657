//! Measures the search index: its size against the text, and its answers against a raw FTS5 query in the same file.
//!
//! `zstd -dc w10k.ndjson.zst | cargo bench --profile dev -p grid-store --bench search -- [tasks] [queries] [seed]`
//!
//! The notes of the file are taken apart into clauses. A new note begins with the first clause of one of them and goes on
//! with clauses of others until it is as long as one of them. What the file has of random clauses is not repeated but
//! made anew of the same characters, so that rare pairs become more with the notes, as they do in the file.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measuring tool may stop and tell"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead as _;
use std::path::Path;
use std::time::Instant;

use grid_model::id::{DeviceId, Epoch, TaskId};
use grid_model::terms::{CaseKind, Level};
use grid_model::{Coded as _, TaskStatus};
use grid_store::{Identity, Query, Store, StoreError, TaskBase};
use grid_vault::DataKey;
use grid_wire::{TaskRow, encode};
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rusqlite::Connection;

const KEY: [u8; 32] = [7; 32];
const FIRST: u32 = 50;
const RAW_BY_DUE: &str = "SELECT t.body FROM raw JOIN task t ON t.doc = raw.rowid WHERE raw MATCH ?1
     ORDER BY t.open DESC, t.due_at_ms LIMIT 50";
const RAW_IDS: &str = "SELECT count(*) FROM raw WHERE raw MATCH ?1";
const RAW_ANY: &str = "SELECT t.body FROM raw JOIN task t ON t.doc = raw.rowid WHERE raw MATCH ?1 LIMIT 50";

/// Notes taken apart: whole clauses that come again and again, and the random ones, known by their characters only.
struct Notes {
    heads: Vec<String>,
    clauses: Vec<String>,
    noise: Vec<char>,
    noise_lengths: Vec<usize>,
    /// Of every note: its length, and for a task title and place.
    shapes: Vec<(usize, String, String)>,
    noise_share: f64,
}

impl Notes {
    fn read() -> Self {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        let (mut heads, mut shapes, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for line in std::io::stdin().lock().lines() {
            let row: serde_json::Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
            let text = |field: &str| {
                row.get(field)
                    .and_then(|v| v.as_str())
                    .unwrap_or_default()
                    .to_owned()
            };
            let note = text("note");
            let mut clauses: Vec<&str> = note.split_inclusive(['，', '；', '。']).collect();
            heads.push(clauses.remove(0).to_owned());
            clauses.pop();
            for clause in clauses {
                *seen.entry(clause.to_owned()).or_default() += 1;
                rest.push(clause.to_owned());
            }
            shapes.push((note.chars().count(), text("title"), text("addr")));
        }
        let (clauses, random): (Vec<_>, Vec<_>) = rest.into_iter().partition(|clause| seen[clause] > 3);
        Self {
            noise_share: random.len() as f64 / (random.len() + clauses.len()) as f64,
            noise: random
                .iter()
                .flat_map(|clause| clause.chars())
                .filter(|c| c.is_alphanumeric())
                .collect(),
            noise_lengths: random.iter().map(|clause| clause.chars().count() - 1).collect(),
            heads,
            clauses,
            shapes,
        }
    }

    /// A new note of a real one's length: a real beginning, then real clauses and fresh random ones in their shares.
    fn another(&self, rng: &mut ChaCha8Rng) -> (String, String, String) {
        let (length, title, place) = self.shapes.choose(rng).expect("shapes");
        let mut note = self.heads.choose(rng).expect("heads").clone();
        while note.chars().count() < *length {
            if rng.random_bool(self.noise_share) {
                let length = *self.noise_lengths.choose(rng).expect("lengths");
                note.extend((0..length).map(|_| self.noise.choose(rng).expect("noise")));
                note.push(*['，', '；', '。'].choose(rng).expect("marks"));
            } else {
                note.push_str(self.clauses.choose(rng).expect("clauses"));
            }
        }
        (note.chars().take(*length).collect(), title.clone(), place.clone())
    }
}

fn task(number: usize, texts: (String, String, String), rng: &mut ChaCha8Rng) -> (TaskBase, Vec<String>) {
    let (description, title, place_text) = texts;
    let open = rng.random_bool(0.3);
    let row = TaskRow {
        no: format!("DL-2026-{number:06}"),
        title,
        description,
        case_kind: CaseKind::from_code(1),
        level: Level::from_code(1),
        status: if open {
            TaskStatus::Accepted
        } else {
            TaskStatus::Closed
        },
        grid_code: "210681001001001".to_owned(),
        place_text,
        created_at_ms: 1_780_000_000_000,
        due_at_ms: 1_780_000_000_000 + rng.random_range(0..3_000_000_000),
        reason: None,
        late_report: false,
        covers: 0,
    };
    let base = TaskBase {
        id: TaskId(rng.random()),
        revision: 1,
        body: encode(&row),
        local_status: row.status,
        due_at_ms: row.due_at_ms,
    };
    (base, vec![row.no, row.title, row.description, row.place_text])
}

fn raw_connection(folder: &Path) -> Connection {
    let raw = Connection::open(folder.join("fieldbook.db")).expect("opened");
    let hex: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    raw.pragma_update(None, "key", format!("x'{hex}'")).expect("key");
    raw.busy_timeout(std::time::Duration::from_secs(20))
        .expect("timeout");
    raw
}

fn used_bytes(raw: &Connection) -> f64 {
    let pragma = |name: &str| {
        raw.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .expect(name)
    };
    ((pragma("page_count") - pragma("freelist_count")) * 4096) as f64
}

fn bigrams(texts: &[String]) -> String {
    let mut words = String::new();
    for text in texts {
        let chars: Vec<char> = text.chars().collect();
        for pair in chars
            .windows(2)
            .filter(|pair| pair.iter().all(|c| c.is_alphanumeric()))
        {
            words.extend([pair[0], pair[1], ' ']);
        }
    }
    words
}

fn percentile(times: &[f64], share: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share) as usize]
}

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let asked_for = args
        .iter()
        .position(|arg| arg == "--bench")
        .map(|at| args.remove(at));
    if asked_for.is_none() {
        return; // built and started by `cargo test --all-targets`
    }
    let number = |at: usize, usual: usize| args.get(at).map_or(usual, |arg| arg.parse().expect("a number"));
    let (count, queries, seed) = (number(0, 100_000), number(1, 300), number(2, 42));
    let notes = Notes::read();
    let mut rng = ChaCha8Rng::seed_from_u64(seed as u64);
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &DataKey::from_bytes(KEY)).expect("a store");
    let (device, secret, epoch) = (DeviceId([1; 16]), [2; 32], Epoch(9));
    store
        .write(|tx| {
            tx.create_identity(
                &Identity {
                    device,
                    secret,
                    sealing_secret: None,
                    epoch,
                },
                0,
            )
        })
        .expect("made");

    let made: Vec<_> = (0..count)
        .map(|number| task(number, notes.another(&mut rng), &mut rng))
        .collect();
    let text_bytes: usize = made.iter().flat_map(|(_, texts)| texts).map(String::len).sum();
    for some in made.chunks(2000) {
        store
            .write(|tx| some.iter().try_for_each(|(base, _)| tx.put_task(base)))
            .expect("put");
    }
    println!("{count} tasks, {text_bytes} bytes of text");
    let raw = raw_connection(folder.path());
    size_and_build(&store, &raw, folder.path(), text_bytes);
    build_raw(&raw, &made, text_bytes);
    ask_all(&store, &raw, &made, queries, &mut rng);
}

fn ask_all(
    store: &Store,
    raw: &Connection,
    made: &[(TaskBase, Vec<String>)],
    queries: usize,
    rng: &mut ChaCha8Rng,
) {
    let pool: Vec<Vec<char>> = made.iter().map(|(_, texts)| texts[2].chars().collect()).collect();
    let vocabulary: BTreeSet<[char; 2]> = pool.iter().flat_map(|note| pairs(note)).collect();
    let vocabulary: Vec<[char; 2]> = vocabulary.into_iter().collect();
    println!("{} different pairs of Chinese characters", vocabulary.len());
    let mut as_written = || {
        (0..).find_map(|_| {
            pairs(pool.choose(rng).expect("notes"))
                .collect::<Vec<_>>()
                .choose(rng)
                .copied()
        })
    };
    let written: Vec<String> = (0..queries)
        .filter_map(|_| as_written())
        .map(String::from_iter)
        .collect();
    let uniform: Vec<String> = (0..queries)
        .filter_map(|_| vocabulary.choose(rng))
        .map(String::from_iter)
        .collect();
    compare("pairs as often as written", store, raw, &written);
    compare("pairs, each as likely", store, raw, &uniform);
    let singles: Vec<String> = written
        .iter()
        .flat_map(|pair| pair.chars().next())
        .map(String::from)
        .collect();
    ours("one character", store, &singles);
    ours(
        "initials of two",
        store,
        &["ld", "jg", "sz", "dq", "hx", "zl", "yj", "qs"].map(String::from),
    );
    ours(
        "initials of four",
        store,
        &["gyts", "lmjs", "xfts", "ldzw", "gxdc", "jgps", "wszd"].map(String::from),
    );
    ours(
        "numbers",
        store,
        &["DL-2026-004711", "K3+200", "277号", "3号"].map(String::from),
    );
}

fn pairs(note: &[char]) -> impl Iterator<Item = [char; 2]> {
    note.windows(2)
        .filter(|pair| pair.iter().all(|c| ('\u{4e00}'..'\u{a000}').contains(c)))
        .map(|pair| [pair[0], pair[1]])
}

fn size_and_build(store: &Store, raw: &Connection, folder: &Path, text_bytes: usize) {
    let checkpoint = || {
        raw.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .expect("checkpoint")
    };
    checkpoint();
    let before = used_bytes(raw);
    let (mut wal, mut slowest, mut turns, began) = (0, 0.0_f64, 0, Instant::now());
    loop {
        let turn = Instant::now();
        let more = store
            .write(|tx| tx.index_some(1000, &mut |_| String::new()))
            .expect("indexed");
        slowest = slowest.max(turn.elapsed().as_secs_f64());
        turns += 1;
        wal = wal.max(
            folder
                .join("fieldbook.db-wal")
                .metadata()
                .map_or(0, |file| file.len()),
        );
        checkpoint();
        if !more {
            break;
        }
    }
    println!(
        "indexed in {:.1} s, {turns} transactions, the largest {wal} bytes of WAL, the slowest {:.0} ms",
        began.elapsed().as_secs_f64(),
        slowest * 1e3
    );
    let index = used_bytes(raw) - before;
    let with_ids = used_bytes(raw);
    raw.execute_batch("CREATE UNIQUE INDEX measured ON task (id)")
        .expect("index");
    let ids = used_bytes(raw) - with_ids;
    raw.execute_batch("DROP INDEX measured").expect("dropped");
    let text = text_bytes as f64;
    println!(
        "index {index} bytes: {:.3} of the text; with the unique index of ids {:.3}",
        index / text,
        (index + ids) / text
    );
    let docsize: f64 = raw
        .query_row("SELECT count(*) * 13.0 FROM search_task_docsize", [], |row| {
            row.get(0)
        })
        .unwrap_or(0.0);
    println!("of it document sizes about {:.3}", docsize / text);
    let segments: i64 = raw
        .query_row("SELECT count(DISTINCT segid) FROM search_task_idx", [], |row| {
            row.get(0)
        })
        .expect("segments");
    println!("{segments} segments");
}

fn build_raw(raw: &Connection, made: &[(TaskBase, Vec<String>)], text_bytes: usize) {
    let before = used_bytes(raw);
    raw.execute_batch("CREATE VIRTUAL TABLE raw USING fts5 (words, content = '')")
        .expect("made");
    let docs: BTreeMap<Vec<u8>, i64> = raw
        .prepare("SELECT id, doc FROM task")
        .expect("prepared")
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .and_then(Iterator::collect)
        .expect("ids");
    for some in made.chunks(1000) {
        raw.execute_batch("BEGIN").expect("begun");
        for (base, texts) in some {
            let mut insert = raw
                .prepare_cached("INSERT INTO raw (rowid, words) VALUES (?1, ?2)")
                .expect("prepared");
            insert
                .execute(rusqlite::params![docs[&base.id.bytes()[..]], bigrams(texts)])
                .expect("put");
        }
        raw.execute_batch("COMMIT").expect("committed");
    }
    println!(
        "raw FTS5 index: {:.3} of the text",
        (used_bytes(raw) - before) / text_bytes as f64
    );
}

fn compare(name: &str, store: &Store, raw: &Connection, queries: &[String]) {
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let ways = [
        ("ours", ""),
        ("raw by due", RAW_BY_DUE),
        ("raw any 50", RAW_ANY),
        ("raw count", RAW_IDS),
    ];
    // Shuffled, so that no way finds the pages of a query warmed by another one.
    let mut asked: Vec<_> = queries
        .iter()
        .flat_map(|text| ways.map(|way| (text, way)))
        .collect();
    asked.shuffle(&mut ChaCha8Rng::seed_from_u64(7));
    for (text, (label, sql)) in asked {
        let time = if label == "ours" {
            ask(store, text).0
        } else {
            ask_raw(raw, sql, text)
        };
        times.entry(label).or_default().push(time);
    }
    println!("{name}, {} queries:", queries.len());
    for (label, times) in &times {
        println!(
            "  {label:10} p50 {:8.3} ms  p95 {:8.3} ms  max {:8.3} ms",
            percentile(times, 0.5),
            percentile(times, 0.95),
            percentile(times, 1.0)
        );
    }
}

fn ask_raw(raw: &Connection, sql: &str, text: &str) -> f64 {
    let began = Instant::now();
    let mut statement = raw.prepare_cached(sql).expect("prepared");
    let mut rows = statement.query([format!("\"{text}\"")]).expect("asked");
    while rows.next().expect("row").is_some() {}
    began.elapsed().as_secs_f64() * 1e3
}

fn ask(store: &Store, text: &str) -> (f64, usize) {
    let began = Instant::now();
    let found = store
        .read(|tx| tx.search_tasks(&Query::new(text), FIRST))
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    (began.elapsed().as_secs_f64() * 1e3, found.len())
}

fn ours(name: &str, store: &Store, queries: &[String]) {
    let asked: Vec<(f64, usize)> = queries.iter().map(|text| ask(store, text)).collect();
    if queries.len() < 10 {
        for (text, (time, found)) in queries.iter().zip(&asked) {
            println!("  {text}: {time:.3} ms, {found}");
        }
    }
    let times: Vec<f64> = asked.iter().map(|(time, _)| *time).collect();
    let found = asked.iter().map(|(_, found)| *found).sum::<usize>() as f64 / asked.len() as f64;
    println!(
        "{name}: p50 {:.3} ms, max {:.3} ms, {found:.1} answers on average",
        percentile(&times, 0.5),
        percentile(&times, 1.0)
    );
}
