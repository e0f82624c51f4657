//! Failing operations: every operation of the disk that a fault can befall fails once and for ever, under every call. Prints
//! what repeats a violation.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use grid_fieldbook::{CountDraft, FieldBook, FieldError, Saved};
use grid_model::id::Seq;
use grid_model::terms::CountKind;
use grid_store::BoatRow;

use crate::bench::{Bench, Benches, by_name, damaged, guarded, named, next_start};
use crate::operations::{Program, Scene, all, prepare_all};
use crate::oracle::{Boat, Look, Violation};
use crate::world::Keeping;
use crate::{Fault, Op, Repeat, SimDisk, Strike, Subset, Trial};

const FAULTS: [Fault; 4] = [Fault::Io, Fault::Full, Fault::ShortRead, Fault::SyncFails];
/// Violations of one program that are printed.
const PRINTED: u64 = 3;
/// What is recorded once the fault is gone: told from all that operations record.
const AFTERWARDS: i64 = 4_321;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Operations under test.
    pub operations: u64,
    /// Failed operations of the disk, each with one fault, once or for ever.
    pub points: u64,
    /// Panics, and full disks that were called something else.
    pub untyped: u64,
    /// Vaults that lost something, or could not go on.
    pub lost: u64,
    /// How the calls answered, by kind of error.
    pub answers: BTreeMap<&'static str, u64>,
    printed: BTreeMap<String, u64>,
}

impl Outcome {
    /// Whether everything was right.
    pub fn is_good(&self) -> bool {
        self.untyped + self.lost == 0
    }

    /// The line that says it.
    pub fn line(&self) -> String {
        format!(
            "operations {}, points {}, untyped {}, lost {}",
            self.operations, self.points, self.untyped, self.lost
        )
    }
}

enum Wrong {
    Untyped(String),
    Lost(String),
}

/// What to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// Of the disks that a power cut may leave.
    pub seed: u64,
    /// Only this operation, or several divided by ` + `.
    pub only: Option<String>,
    /// Only the operation of the disk with this number.
    pub index: Option<u64>,
    /// One of so many pairs of an operation and a fault; 1 for all of them.
    pub every: u64,
}

/// Fails every operation of the disk under every call, or under the one that is named.
pub fn run(order: &Order) -> Result<Outcome, String> {
    let prepared = prepare_all(Keeping::WHOLE).map_err(|error| format!("preparing: {error:?}"))?;
    let benches = Benches::of(prepared).map_err(|error| format!("looking: {error:?}"))?;
    let programs: Vec<Program> = match &order.only {
        Some(text) => vec![by_name(text).ok_or_else(|| format!("no operation is called {text}"))?],
        None => all().into_iter().map(|operation| vec![operation]).collect(),
    };
    let (next, outcome, begun) = (
        AtomicUsize::new(0),
        Mutex::new(Outcome::default()),
        Instant::now(),
    );
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::SeqCst)) {
                    match benches.bench(program) {
                        Ok(bench) => sweep(&bench, order, &outcome),
                        Err(what) => *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(what),
                    }
                    let points = outcome.lock().unwrap_or_else(PoisonError::into_inner).points;
                    let (seconds, name) = (begun.elapsed().as_secs(), named(program));
                    println!("[{seconds:4} s] {name}: {points} points so far");
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(what) => Err(what),
        None => Ok(outcome.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn sweep(bench: &Bench<'_>, order: &Order, outcome: &Mutex<Outcome>) {
    let seed = order.seed;
    let mut drawn = 0_u64;
    let trace = traced(bench);
    for fault in FAULTS {
        for repeat in [Repeat::Once, Repeat::ForEver] {
            for (at, op) in (0..).zip(&trace) {
                if !fault.befalls(*op) || order.index.is_some_and(|only| only != at) {
                    continue;
                }
                drawn += 1;
                if !(drawn + seed).is_multiple_of(order.every) {
                    continue;
                }
                let (answer, wrong) = one(bench, Strike::Fails(at, fault, repeat), seed);
                let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
                outcome.points += 1;
                *outcome.answers.entry(answer).or_default() += 1;
                let Some(wrong) = wrong else { continue };
                let name = named(&bench.program);
                let what = match wrong {
                    Wrong::Untyped(what) => {
                        outcome.untyped += 1;
                        what
                    }
                    Wrong::Lost(what) => {
                        outcome.lost += 1;
                        what
                    }
                };
                let printed = outcome.printed.entry(name.clone()).or_default();
                *printed += 1;
                if *printed <= PRINTED {
                    println!("VIOLATION {name} at {at} ({op:?}) {fault:?} {repeat:?}, seed {seed}: {what}");
                }
            }
        }
    }
    outcome.lock().unwrap_or_else(PoisonError::into_inner).operations += 1;
}

/// What the operations of the disk are in a whole run.
fn traced(bench: &Bench<'_>) -> Vec<Op> {
    let disk = SimDisk::from_snapshot(&bench.prepared.image);
    disk.keep_trace();
    let ran = bench.run(&disk, &|| disk.mark());
    drop(ran);
    disk.trace().into_iter().map(|(op, _)| op).collect()
}

/// One failing operation. Answers how the call answered, and what was wrong.
fn one(bench: &Bench<'_>, strike: Strike, seed: u64) -> (&'static str, Option<Wrong>) {
    let trial = Trial::of(&bench.prepared.image, strike);
    let disk = trial.disk();
    let ran = match bench.run(disk, &|| trial.start()) {
        Ok(ran) => ran,
        Err(violation) => return ("panic", Some(Wrong::Untyped(format!("{violation:?}")))),
    };
    let answer = ran.result.as_ref().err().map_or("ok", kind_of);
    let Strike::Fails(at, fault, _) = strike else {
        return (answer, None);
    };
    if fault == Fault::Full
        && let Err(error) = &ran.result
        && *error != FieldError::StorageFull
    {
        return (
            answer,
            Some(Wrong::Untyped(format!("a full disk is called {error:?}"))),
        );
    }
    // The process is killed now, or the power goes.
    let left = if at.is_multiple_of(2) {
        SimDisk::from_snapshot(&disk.snapshot())
    } else {
        disk.after_power_cut(Subset::seeded(seed, at % 24))
    };
    let depth = Look {
        boat: Boat::Heads,
        pages: false,
    };
    if let Err(violation) = bench.judge(&ran.acks, &left, depth, false) {
        return (
            answer,
            Some(Wrong::Lost(format!("{violation:?} after {:?}", ran.result))),
        );
    }
    // Or it goes on, in the same book, now that the disk works again.
    disk.mark();
    let result = ran.result.clone();
    let went_on = guarded(|| go_on(bench, disk, ran.book).map_err(Violation::Shut));
    let wrong = went_on
        .err()
        .map(|what| Wrong::Lost(format!("{what:?} after {result:?}")));
    (answer, wrong)
}

/// Records once more in the same book, and again in the next one; then everything must hold.
fn go_on(bench: &Bench<'_>, disk: &SimDisk, book: Option<FieldBook>) -> Result<(), String> {
    let phone = bench.prepared.phone(disk, 4);
    let said = |what: &str| {
        let what = what.to_owned();
        move |error: FieldError| format!("{what}: {error:?}")
    };
    let mut seen = Vec::new();
    if let Some(book) = book {
        let counted = match count(&book, AFTERWARDS) {
            Err(FieldError::Closed) => book.reopen().and_then(|()| count(&book, AFTERWARDS)),
            other => other,
        };
        let saved = counted.map_err(said("going on in the same book"))?;
        if saved.second_copy && !is_framed(&book, saved.seq).map_err(said("reading the lifeboat"))? {
            return Err("it says that there is a second copy, and there is none".to_owned());
        }
        seen.push((saved.seq, AFTERWARDS));
        book.close().map_err(said("closing"))?;
    }
    let book = next_start(&phone, damaged(bench.prepared.scene)).map_err(said("opening again"))?;
    seen.push((
        count(&book, AFTERWARDS + 1).map_err(said("recording again"))?.seq,
        AFTERWARDS + 1,
    ));
    // A hole that was there before is mended by a recovery, not by going on.
    let parts: &[_] = match bench.prepared.scene {
        Scene::Holed => &["database", "chain", "attachments"],
        _ => &["database", "chain", "lifeboat", "attachments"],
    };
    check(&book, &seen, parts)
}

/// Whether the lifeboat holds the change at this place.
fn is_framed(book: &FieldBook, place: Seq) -> Result<bool, FieldError> {
    let store = book.store_for_tests();
    let lives = store.read(|tx| tx.lives().map_err(FieldError::from))?;
    let (nth, seq) = ((place.0 >> 40) as usize, Seq(place.0 & ((1 << 40) - 1)));
    let epoch = lives.get(nth).map(|life| life.epoch);
    let mut found = false;
    store.read_lifeboat(&mut |segment, row| {
        if let BoatRow::Change(change, _) = row {
            found |= Some(segment.epoch) == epoch && change.entry().seq == seq;
        }
    })?;
    Ok(found)
}

fn count(book: &FieldBook, value: i64) -> Result<Saved, FieldError> {
    let draft = CountDraft {
        kind: CountKind::Rescued,
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    };
    book.count(draft)
}

/// What was recorded is there, and database, chain and lifeboat hold.
fn check(book: &FieldBook, seen: &[(Seq, i64)], parts: &[&str]) -> Result<(), String> {
    let records = book
        .records(Seq(0), 100)
        .map_err(|error| format!("records: {error:?}"))?;
    for (seq, value) in seen {
        let there = |record: &grid_fieldbook::RecordView| {
            record.seq == *seq && record.words.contains(&format!("{value:+}"))
        };
        if !records.iter().any(there) {
            return Err(format!("the count of {value} is gone"));
        }
    }
    let checks = book
        .self_check()
        .map_err(|error| format!("self check: {error:?}"))?;
    let bad = checks
        .iter()
        .find(|check| !check.ok && parts.contains(&check.name));
    bad.map_or(Ok(()), |check| Err(format!("{}: {}", check.name, check.detail)))
}

const fn kind_of(error: &FieldError) -> &'static str {
    match error {
        FieldError::InvalidInput { .. } => "invalid input",
        FieldError::NotFound { .. } => "not found",
        FieldError::Closed => "closed",
        FieldError::AlreadyOpen => "already open",
        FieldError::Locked => "locked",
        FieldError::StorageFull => "storage full",
        FieldError::DatabaseTooNew { .. } => "too new",
        FieldError::Damaged => "damaged",
        FieldError::Internal { .. } => "internal",
    }
}
