//! A museum of mistakes that other systems made. Each is switched on in turn, and the suite that passes without it must
//! fail with it: that says what the suites can see. Never part of a product: the switches are of the store's options.

mod visit;

use std::sync::Mutex;

use grid_fieldbook::{AttachmentDraft, CaseDraft, CountDraft, FieldBook, FieldError};
use grid_model::Sha256;
use grid_model::terms::{AttachmentRole, CaseKind, CountKind};
use grid_store::{BoatRow, Flaw, StoreLimits, StoreOptions, read_boats};
use grid_vault::DataKey;
use rusqlite::{Connection, OpenFlags};

pub use visit::Visit;

use crate::damage::oracle::{self, Truth};
use crate::damage::phone::{Phone, inside};
use crate::damage::platform::{self, Platform};
use crate::{Image, SimDisk, Subset, Trial, VFS, cut_everywhere};

/// A suite: `Ok` when nothing is wrong. Counts its trials.
type Suite = fn(&Ground, &mut u64) -> Result<(), String>;

/// What a suite stands on: the store under test, and what decides the keys, ids and bodies in it.
struct Ground {
    options: StoreOptions,
    seed: u64,
}

/// One mistake, who made it, and the suite that must see it.
struct Exhibit {
    flaw: Flaw,
    name: &'static str,
    source: &'static str,
    suite: (&'static str, Suite),
}

const CUTS: (&str, Suite) = ("power cuts", power_cuts);

const STORE: [Exhibit; 12] = [
    exhibit(
        Flaw::NormalSync,
        "commits are not flushed",
        "Couchbase Lite's default",
        CUTS,
    ),
    exhibit(
        Flaw::LifeboatWithoutFlush,
        "frames are not flushed",
        "NATS 2.12.1 lazy fsync, nats-server#7564",
        CUTS,
    ),
    exhibit(
        Flaw::FrameBeforeCommit,
        "the second copy goes before the first",
        "dual writes without an order",
        CUTS,
    ),
    exhibit(
        Flaw::ResetOnDamage,
        "a damaged database is made anew, empty",
        "WatermelonDB#1810, matrix-rust-sdk#6298",
        ("damaged first page", damaged_first_page),
    ),
    exhibit(
        Flaw::SalvageAllOrNothing,
        "a rescue ends at the first row that does not fit",
        "Signal-iOS#6287",
        ("planted row", planted_row),
    ),
    exhibit(
        Flaw::OutboxApart,
        "the outbox commits apart from the change",
        "opengisch/QField#7479",
        CUTS,
    ),
    exhibit(
        Flaw::PhotoRowFirst,
        "a row names a photo that is not durable",
        "kobocat#432, collect#6522",
        CUTS,
    ),
    exhibit(
        Flaw::CloseKeepsLock,
        "closing keeps the lock",
        "matrix-rust-sdk#6366",
        ("close and open", close_and_open),
    ),
    exhibit(
        Flaw::NoLockFile,
        "two writers are let in",
        "application-services#829",
        ("second opener", second_opener),
    ),
    exhibit(
        Flaw::PurgeOnReceipt,
        "a receipt is enough to purge",
        "medic/cht-core#8093",
        ("purge without a backup", purge_without_backup),
    ),
    exhibit(
        Flaw::OpensNewerSchema,
        "a newer schema is opened",
        "chatmail/core downgrade",
        ("newer schema", newer_schema),
    ),
    exhibit(
        Flaw::WalUnbounded,
        "the log grows without bound",
        "matrix-rust-sdk 0.10",
        ("long day", long_day),
    ),
];

const fn exhibit(
    flaw: Flaw,
    name: &'static str,
    source: &'static str,
    suite: (&'static str, Suite),
) -> Exhibit {
    Exhibit {
        flaw,
        name,
        source,
        suite,
    }
}

/// Walks through the mistakes of a store.
pub fn store(seed: u64) -> Visit {
    let mut visit = Visit::default();
    let mut passed: Vec<(&str, Result<u64, String>)> = Vec::new();
    for exhibit in &STORE {
        let (suite, run) = exhibit.suite;
        if passed.iter().all(|(known, _)| *known != suite) {
            let mut trials = 0;
            let result = run(&Ground::with(None, seed), &mut trials);
            passed.push((suite, result.map(|()| trials)));
        }
        let without = passed
            .iter()
            .find(|(known, _)| *known == suite)
            .map(|(_, result)| result.clone());
        let mut trials = 0;
        let with = run(&Ground::with(Some(exhibit.flaw), seed), &mut trials);
        visit.bugs += 1;
        let told = match (without, with) {
            (Some(Err(error)), _) => format!("NOT CAUGHT: {suite} fails without it: {error}"),
            (_, Ok(())) => format!("NOT CAUGHT by {suite} in {trials} trials"),
            (_, Err(seen)) => {
                visit.caught += 1;
                format!("caught by {suite} at trial {trials}: {seen}")
            }
        };
        visit.lines.push(format!(
            "{:?}: {} ({}); {told}",
            exhibit.flaw, exhibit.name, exhibit.source
        ));
    }
    visit
}

impl Ground {
    fn with(flaw: Option<Flaw>, seed: u64) -> Self {
        let options = StoreOptions {
            limits: StoreLimits::SMALL,
            flaw,
            ..StoreOptions::default()
        };
        Self { options, seed }
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn count(book: &FieldBook, value: i64) -> Result<grid_fieldbook::Saved, FieldError> {
    book.count(CountDraft {
        kind: CountKind::IslandEntryCheck,
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    })
}

fn photo(book: &FieldBook, seed: u8) -> Result<grid_fieldbook::AttachmentRef, FieldError> {
    book.attach(AttachmentDraft {
        role: AttachmentRole::Before,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: vec![seed; 3_000],
    })
}

fn case(book: &FieldBook, attachments: Vec<grid_fieldbook::AttachmentRef>) -> Result<u64, FieldError> {
    let draft = CaseDraft {
        case_kind: CaseKind::Hazard,
        title: "楼道堆放杂物".to_owned(),
        description: "杂".repeat(900),
        place_text: "东口".to_owned(),
        point: None,
        dispute: None,
        attachments,
    };
    Ok(book.report_case(draft)?.1.seq.0)
}

/// A vault with some records, closed.
fn vault(ground: &Ground, records: i64) -> Result<Phone, String> {
    let phone = Phone::with(&SimDisk::empty(), ground.seed ^ 7, ground.options.clone());
    let book = phone.open().map_err(told)?;
    for value in 1..=records {
        count(&book, value).map_err(told)?;
    }
    book.close().map_err(told)?;
    Ok(phone)
}

/// What was acknowledged before the power went.
#[derive(Default)]
struct Acknowledged {
    records: Vec<u64>,
    with_second_copy: Vec<u64>,
    photos: Vec<Sha256>,
}

/// The power goes at every operation of a few records and a photo: each copy alone has what was acknowledged, the second
/// never has what the first lacks, nothing unsent is called received, and every photo that is named opens.
fn power_cuts(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    let phone = vault(ground, 3)?;
    phone.disk.settle();
    let image = phone.disk.snapshot();
    let failed: Mutex<Option<String>> = Mutex::default();
    let has_failed = || failed.lock().is_ok_and(|failed| failed.is_some());
    let run = |trial: &Trial| {
        let mut known = Acknowledged::default();
        if !has_failed() {
            let phone = Phone::with(trial.disk(), ground.seed ^ 8, ground.options.clone());
            if let Ok(book) = phone.open() {
                trial.start();
                // The first error ends it, as it ends a process whose disk is gone.
                let _ = work(&book, &mut known);
            }
        }
        known
    };
    cut_everywhere(&image, 8, run, |trial, known, subset, disk| {
        if has_failed() {
            return;
        }
        *trials += 1;
        if let Err(error) = judged(known, &disk) {
            let told = format!("{error} ({:?}, {})", trial.strike(), named(subset));
            if let Ok(mut failed) = failed.lock() {
                *failed = Some(told);
            }
        }
    });
    match failed.into_inner() {
        Ok(Some(error)) => Err(error),
        _ => Ok(()),
    }
}

fn named(subset: Subset) -> String {
    format!("{subset:?}")
}

fn work(book: &FieldBook, known: &mut Acknowledged) -> Result<(), FieldError> {
    for value in 1..=2 {
        let saved = count(book, value)?;
        known.records.push(saved.seq.0);
        if saved.second_copy {
            known.with_second_copy.push(saved.seq.0);
        }
    }
    let photo = photo(book, 5)?;
    known.photos.push(photo.sha256());
    known.records.push(case(book, vec![photo])?);
    Ok(())
}

fn judged(known: &Acknowledged, disk: &SimDisk) -> Result<(), String> {
    let image = disk.snapshot();
    let truth = Truth::of(&image)?;
    let here: Vec<u64> = truth.changes.keys().map(|(_, position)| *position).collect();
    let framed = framed(&image)?;
    if let Some(lost) = known.records.iter().find(|seq| !here.contains(seq)) {
        return Err(format!("the database lost acknowledged record {lost}"));
    }
    if let Some(lost) = known.with_second_copy.iter().find(|seq| !framed.contains(seq)) {
        return Err(format!("the lifeboat lost acknowledged record {lost}"));
    }
    if let Some(ghost) = framed.iter().find(|seq| !here.contains(seq)) {
        return Err(format!(
            "the lifeboat has record {ghost}, which was never committed"
        ));
    }
    if truth.unsent() != here.len() as u64 {
        return Err(format!(
            "{} of {} records are in the outbox",
            truth.unsent(),
            here.len()
        ));
    }
    match truth.closed_photos(&known.photos) {
        0 => Ok(()),
        closed => Err(format!("{closed} photos do not open")),
    }
}

/// Positions that the lifeboat alone gives back.
fn framed(image: &Image) -> Result<Vec<u64>, String> {
    let disk = SimDisk::from_snapshot(image);
    let key = data_key(&disk)?;
    let mut found = Vec::new();
    let folder = disk.root().join(inside("lifeboat"));
    read_boats(&disk, &folder, &key, &mut |_, row| {
        if let BoatRow::Change(change, _) = row {
            found.push(change.entry().seq.0);
        }
    })
    .map_err(told)?;
    Ok(found)
}

fn data_key(disk: &SimDisk) -> Result<DataKey, String> {
    let bytes = disk.read_file(&inside("key")).ok_or("there is no key")?;
    let key = <[u8; 32]>::try_from(bytes).map_err(|_| "not a key")?;
    Ok(DataKey::from_bytes(key))
}

/// The first page is damaged, or the database is gone: the vault says so, and nothing is made in its place.
fn damaged_first_page(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    for missing in [false, true] {
        *trials += 1;
        let phone = vault(ground, 5)?;
        let database = inside("fieldbook.db");
        if missing {
            phone.disk.remove_file(&database).map_err(told)?;
        } else {
            let mut bytes = phone.disk.read_file(&database).ok_or("there is no database")?;
            bytes[100] ^= 1;
            phone.disk.write_file(&database, &bytes).map_err(told)?;
        }
        match phone.open() {
            Err(FieldError::Damaged) => {}
            Err(error) => return Err(format!("opening says {error}")),
            Ok(book) => {
                let left = book.status().map_err(told)?.saved;
                return Err(format!("opening says nothing, and shows {left} of 5 records"));
            }
        }
        let (book, _) = phone.recover().map_err(told)?;
        let left = book.status().map_err(told)?.saved;
        if left != 5 {
            return Err(format!("{left} of 5 records come back"));
        }
    }
    Ok(())
}

/// Opens the database of a closed vault past the store.
fn past_the_store(phone: &Phone) -> Result<Connection, String> {
    let hex: String = data_key(&phone.disk)?
        .expose()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = phone.folder().join("fieldbook.db");
    grid_store::wait_for_cipher();
    let connection = Connection::open_with_flags_and_vfs(file, flags, VFS).map_err(told)?;
    connection
        .pragma_update(None, "key", format!("x'{hex}'"))
        .map_err(told)?;
    Ok(connection)
}

/// One row does not fit, and another page is damaged: all else comes back.
fn planted_row(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    *trials += 1;
    let phone = vault(ground, 5)?;
    let connection = past_the_store(&phone)?;
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO fix VALUES (zeroblob(16), 0, 0, 1000000000000, 0, 0, 0); PRAGMA wal_checkpoint(TRUNCATE);")
        .map_err(told)?;
    let root = connection.query_row(
        "SELECT rootpage FROM sqlite_schema WHERE name = 'post'",
        [],
        |row| row.get::<_, i64>(0),
    );
    let page = usize::try_from(root.map_err(told)?).map_err(told)? - 1;
    connection.close().map_err(|(_, error)| told(error))?;
    let database = inside("fieldbook.db");
    let mut bytes = phone.disk.read_file(&database).ok_or("there is no database")?;
    bytes[page * 4096 + 100] ^= 1;
    phone.disk.write_file(&database, &bytes).map_err(told)?;
    let (book, _) = phone
        .recover()
        .map_err(|error| format!("the rescue gives up: {error}"))?;
    match book.status().map_err(told)?.saved {
        5 => Ok(()),
        left => Err(format!("{left} of 5 records come back")),
    }
}

/// After `close` another may open.
fn close_and_open(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    *trials += 1;
    let phone = vault(ground, 1)?;
    let first = phone.open().map_err(told)?;
    first.close().map_err(told)?;
    let second = phone.open().map_err(|error| format!("after close: {error}"))?;
    second.close().map_err(told)
}

/// While one has a vault open another is refused.
fn second_opener(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    *trials += 1;
    let phone = vault(ground, 1)?;
    let _first = phone.open().map_err(told)?;
    match phone.open() {
        Err(FieldError::AlreadyOpen) => Ok(()),
        Err(error) => Err(format!("a second opener is told: {error}")),
        Ok(_) => Err("a second opener is let in".to_owned()),
    }
}

/// Everything is receipted, nothing is in a backup: nothing is purged.
fn purge_without_backup(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    *trials += 1;
    let phone = vault(ground, 5)?;
    let book = phone.open().map_err(told)?;
    let platform = Platform::new()?;
    platform.enroll(&book)?;
    platform.sync_all(&book)?;
    book.close().map_err(told)?;
    let (store, crew) = oracle::manned(&phone)?;
    store.man_lifeboat(crew).map_err(told)?;
    store.purge(platform::INCARNATION, i64::MAX).map_err(told)?;
    let lives = store.read(|tx| tx.lives()).map_err(told)?;
    store.close().map_err(told)?;
    // A sync purges by itself: what is gone is told by where the log begins.
    match lives.iter().map(|life| life.base.seq().0).sum::<u64>() {
        0 => Ok(()),
        gone => Err(format!("{gone} records are purged that are in no backup")),
    }
}

/// A newer application wrote the vault: it is refused and left as it is.
fn newer_schema(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    *trials += 1;
    let phone = vault(ground, 2)?;
    let connection = past_the_store(&phone)?;
    connection.pragma_update(None, "user_version", 99).map_err(told)?;
    connection.close().map_err(|(_, error)| told(error))?;
    let database = inside("fieldbook.db");
    let before = phone.disk.read_file(&database);
    match phone.open() {
        Err(FieldError::DatabaseTooNew { found: 99, .. }) if phone.disk.read_file(&database) == before => {
            Ok(())
        }
        Err(error) => Err(format!("it is told: {error}, or the file was changed")),
        Ok(_) => Err("it is opened for writing".to_owned()),
    }
}

/// A long day without a pause: the log stays near its limit.
fn long_day(ground: &Ground, trials: &mut u64) -> Result<(), String> {
    let phone = vault(ground, 1)?;
    let book = phone.open().map_err(told)?;
    let limit = 2 * ground.options.limits.wal_bytes;
    for _ in 0..150 {
        *trials += 1;
        case(&book, Vec::new()).map_err(told)?;
        let bytes = phone
            .disk
            .read_file(&inside("fieldbook.db-wal"))
            .map_or(0, |log| log.len() as u64);
        if bytes > limit {
            return Err(format!(
                "the log has {bytes} bytes, its limit is {}",
                ground.options.limits.wal_bytes
            ));
        }
    }
    book.close().map_err(told)
}
