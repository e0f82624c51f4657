//! Rust's side of `scripts/bench bindings`: a language's bench loads this beside the library that it measures and asks, in
//! turns with its own calls, how long the same call takes from Rust. So both sides meet the same process, the same moment and the
//! same disk.
//!
//! The vault is the folder that `GRID_BENCH_PEER` names. A function that could not do its work answers -1.

use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use grid_contract::RunnersKeys;
use grid_fieldbook::{CountDraft, FieldBook, FieldError, Host, SystemClock, SystemEntropy};
use grid_model::terms::CountKind;

static BOOK: Mutex<Option<FieldBook>> = Mutex::new(None);

const PAGE: u32 = 50;
const FAILED: f64 = -1.0;

/// Opens the vault. Answers 0.
#[allow(unsafe_code)] // the name alone
#[unsafe(no_mangle)]
pub extern "C" fn grid_peer_open() -> f64 {
    let Some(folder) = std::env::var_os("GRID_BENCH_PEER") else {
        return FAILED;
    };
    let host = Host::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
    match FieldBook::open(folder.as_ref(), host, &RunnersKeys) {
        Ok(book) => {
            *book_here() = Some(book);
            0.0
        }
        Err(_) => FAILED,
    }
}

/// The median of so many looks at the status, us.
#[allow(unsafe_code)] // the name alone
#[unsafe(no_mangle)]
pub extern "C" fn grid_peer_status(times: u32) -> f64 {
    told(|book| median(times, || book.status().map(drop)))
}

/// The same, each look on another thread that is waiting for it: what any language pays that leaves the caller's thread.
#[allow(unsafe_code)] // the name alone
#[unsafe(no_mangle)]
pub extern "C" fn grid_peer_status_elsewhere(times: u32) -> f64 {
    told(|book| elsewhere(times, || book.status().map(drop)))
}

/// The median of so many looks at the first page of open tasks, us.
#[allow(unsafe_code)] // the name alone
#[unsafe(no_mangle)]
pub extern "C" fn grid_peer_tasks(times: u32) -> f64 {
    told(|book| median(times, || book.tasks(true, PAGE).map(drop)))
}

/// The same, each look on another thread that is waiting for it.
#[allow(unsafe_code)] // the name alone
#[unsafe(no_mangle)]
pub extern "C" fn grid_peer_tasks_elsewhere(times: u32) -> f64 {
    told(|book| elsewhere(times, || book.tasks(true, PAGE).map(drop)))
}

/// How long so many durable counts took, us.
#[allow(unsafe_code)] // the name alone
#[unsafe(no_mangle)]
pub extern "C" fn grid_peer_counts(times: u32) -> f64 {
    told(|book| {
        let begun = Instant::now();
        for _ in 0..times {
            book.count(CountDraft {
                kind: CountKind::Rescued,
                value: 1,
                post: "DL-01".to_owned(),
                patrol: None,
                reason: None,
            })?;
        }
        Ok(begun.elapsed().as_secs_f64() * 1e6)
    })
}

/// Closes the vault. Answers 0.
#[allow(unsafe_code)] // the name alone
#[unsafe(no_mangle)]
pub extern "C" fn grid_peer_close() -> f64 {
    let taken = book_here().take();
    match taken.map(|book| book.close()) {
        Some(Ok(())) => 0.0,
        _ => FAILED,
    }
}

fn book_here() -> MutexGuard<'static, Option<FieldBook>> {
    BOOK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn told(measure: impl FnOnce(&FieldBook) -> Result<f64, FieldError>) -> f64 {
    book_here()
        .as_ref()
        .map_or(FAILED, |book| measure(book).unwrap_or(FAILED))
}

/// The median of so many looks by a thread that is waiting to be asked.
fn elsewhere(times: u32, look: impl Fn() -> Result<(), FieldError> + Sync) -> Result<f64, FieldError> {
    let (ask, asked) = mpsc::channel::<()>();
    let (tell, answer) = mpsc::channel();
    let look = &look;
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while asked.recv().is_ok() {
                if tell.send(look()).is_err() {
                    return;
                }
            }
        });
        // A thread that is gone is seen where its answer is awaited.
        let taken = median(times, || {
            let _sent = ask.send(());
            answer.recv().unwrap_or(Err(FieldError::Closed))
        });
        drop(ask);
        taken
    })
}

fn median(times: u32, mut call: impl FnMut() -> Result<(), FieldError>) -> Result<f64, FieldError> {
    let mut taken = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        call()?;
        taken.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    taken.sort_by(f64::total_cmp);
    Ok(taken.get(taken.len() / 2).copied().unwrap_or(FAILED))
}
