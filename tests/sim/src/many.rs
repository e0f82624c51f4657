//! Many seeds, on as many threads as there are cores.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::faults::{FAULTS, Listed, Place};
use crate::{Run, Settings, Trouble, play};

/// What many runs came to.
#[derive(Default)]
pub struct Sums {
    /// Phones times days.
    pub device_days: u64,
    /// Records that were answered `Saved`.
    pub records: u64,
    /// Sync attempts.
    pub syncs: u64,
    /// Vaults that did not come to rest.
    pub stuck: u64,
    /// Tasks or sums of which phone and platform do not say the same.
    pub diverged: u64,
    /// Records and photos that are nowhere.
    pub lost: u64,
    /// Records that count twice.
    pub doubled: u64,
    /// Anything else.
    pub broken: u64,
    /// How often each fault was hit.
    pub hits: BTreeMap<u8, u64>,
    /// Seeds that failed, and how.
    pub failed: Vec<(u64, String)>,
}

impl Sums {
    fn add(&mut self, seed: u64, outcome: Result<Run, Trouble>) {
        let run = match outcome {
            Ok(run) => run,
            Err(trouble) => {
                self.broken += 1;
                self.failed.push((seed, format!("  {trouble}\n")));
                return;
            }
        };
        let verdict = &run.verdict;
        self.device_days += run.device_days;
        self.records += run.records;
        self.syncs += run.syncs;
        self.stuck += verdict.stuck.len() as u64;
        self.diverged += verdict.diverged.len() as u64;
        self.lost += verdict.lost.len() as u64;
        self.doubled += verdict.doubled.len() as u64;
        self.broken += verdict.broken.len() as u64;
        for (number, times) in &run.hits {
            *self.hits.entry(*number).or_default() += times;
        }
        if !verdict.is_clean() {
            self.failed.push((seed, verdict.to_string()));
        }
    }

    /// Faults that have their place here and were never hit.
    pub fn never_hit(&self) -> Vec<Listed> {
        let here = FAULTS.into_iter().filter(|listed| listed.place == Place::Here);
        here.filter(|listed| !self.hits.contains_key(&listed.number))
            .collect()
    }

    /// The line that says it all.
    pub fn line(&self) -> String {
        let here = FAULTS.iter().filter(|listed| listed.place == Place::Here).count();
        format!(
            "device-days {}, stuck {}, diverged {}, lost {}, doubled {}, faults hit {} of {here}",
            self.device_days,
            self.stuck,
            self.diverged,
            self.lost,
            self.doubled,
            here - self.never_hit().len()
        )
    }
}

/// Plays seeds from `first` on, with all faults or only with these; the history of the first one goes to a file when one is
/// wanted. `seen` is called after each.
pub fn play_many(
    (first, count): (u64, u64),
    (devices, days): (usize, u32),
    history: Option<&Path>,
    allowed: Option<BTreeSet<u8>>,
    seen: &(dyn Fn(u64) + Sync),
) -> Sums {
    let (next, sums) = (AtomicU64::new(0), Mutex::new(Sums::default()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::SeqCst);
                    if at >= count {
                        break;
                    }
                    let settings = Settings {
                        seed: first + at,
                        devices,
                        days,
                        flaw: None,
                    };
                    let outcome = play(&settings, allowed.clone(), history.filter(|_| at == 0));
                    let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
                    sums.add(settings.seed, outcome);
                    seen(at + 1);
                }
            });
        }
    });
    let mut sums = sums.into_inner().unwrap_or_else(PoisonError::into_inner);
    sums.failed.sort();
    sums
}
