//! The small sync, cut at every byte of each direction in every way, one cut a run.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Runtime;

use crate::judge::Verdict;
use crate::prepared::{Prepared, Run};
use crate::{Cut, Direction, Link, Style, Trouble, sites};

/// After a cut this many syncs must do.
const SYNCS_MAX: u32 = 8;

/// Which cuts are made.
#[derive(Clone, Copy, Default)]
pub struct Order<'o> {
    /// Decides what is recorded, and every random byte of both sides.
    pub seed: u64,
    /// Every so many bytes is cut; 1 is all of them.
    pub every: u64,
    /// Only this cut.
    pub only: Option<Cut>,
    /// Harms the platform's folder after the sync, to see that it is noticed.
    pub spoil: Option<&'o (dyn Fn(&Path) + Sync)>,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Bytes of the sync that was not cut, by direction.
    pub bytes: [u64; 2],
    /// Cuts that were made.
    pub cuts: u64,
    /// Runs that ended before the byte at which they were to be cut.
    pub missed: u64,
    /// Records and photos lost.
    pub lost: u64,
    /// Records doubled.
    pub doubled: u64,
    /// Syncs that were needed after one cut, at most.
    pub syncs_max: u32,
    /// Bytes that were sent again because of one cut, at most, and which.
    pub resent_max: u64,
    /// The cut that cost the most.
    pub resent_at: Option<Cut>,
    /// What went wrong, and where.
    pub failed: Vec<(Cut, String)>,
}

/// Makes the cuts of an order on all cores. `seen` is told how many of how many are done.
pub fn sweep(order: &Order<'_>, seen: &(dyn Fn(usize, usize) + Sync)) -> Result<Swept, Trouble> {
    let runtime = sites::runtime()?;
    let prepared = Prepared::make(&runtime, order.seed, |work| work.morning())?;
    let bytes = uncut(&runtime, &prepared)?;
    let cuts = order
        .only
        .map_or_else(|| cuts(bytes, order.every), |only| vec![only]);
    let swept = Swept {
        bytes,
        ..Swept::default()
    };
    let (next, swept) = (AtomicUsize::new(0), Mutex::new(swept));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let Ok(runtime) = sites::runtime() else { return };
                while let Some(cut) = cuts.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let one = one(&runtime, &prepared, order, *cut);
                    let mut swept = swept.lock().unwrap_or_else(PoisonError::into_inner);
                    swept.add(*cut, one);
                    seen((swept.cuts + swept.missed) as usize, cuts.len());
                }
            });
        }
    });
    let mut swept = swept.into_inner().unwrap_or_else(PoisonError::into_inner);
    swept.failed.sort();
    if swept.failed.is_empty() && swept.cuts + swept.missed < cuts.len() as u64 {
        return Err(Trouble::say("not every cut was tried"));
    }
    Ok(swept)
}

/// Every place in both directions, in every style.
fn cuts(bytes: [u64; 2], every: u64) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for direction in Direction::BOTH {
        // After the last byte up the answer is still to come; after the last byte down nothing is.
        let end = bytes[direction as usize] + u64::from(direction == Direction::Up);
        for after in (0..end).step_by(usize::try_from(every.max(1)).unwrap_or(1)) {
            cuts.extend(Style::ALL.map(|style| Cut {
                direction,
                after,
                style,
            }));
        }
    }
    cuts
}

/// The sync as it is when nothing is cut; how many bytes it is, by direction.
fn uncut(runtime: &Runtime, prepared: &Prepared) -> Result<[u64; 2], Trouble> {
    let run = Run::begin(runtime, prepared, prepared.standing(), Link::new(None))?;
    let syncs = run.sync_to_the_end(1)?;
    let bytes = Direction::BOTH.map(|direction| run.proxy.link.sent(direction));
    let verdict = run.judge(&prepared.wanted, None)?;
    if syncs.is_none() || !verdict.is_clean() {
        return Err(Trouble::say(format!("uncut, and yet:\n{verdict}")));
    }
    Ok(bytes)
}

struct One {
    verdict: Verdict,
    cuts: u64,
    syncs: u32,
    sent_up: u64,
}

fn one(runtime: &Runtime, prepared: &Prepared, order: &Order<'_>, cut: Cut) -> Result<One, Trouble> {
    let run = Run::begin(runtime, prepared, prepared.standing(), Link::new(None))?;
    run.proxy.link.arm(cut);
    let syncs = run.sync_to_the_end(SYNCS_MAX)?;
    let (cuts, sent_up) = (run.proxy.link.cuts(), run.proxy.link.sent(Direction::Up));
    let spoil = order.spoil.map(|spoil| spoil as &dyn Fn(&Path));
    let verdict = run.judge(&prepared.wanted, spoil)?;
    Ok(One {
        verdict,
        cuts,
        syncs: syncs.unwrap_or(SYNCS_MAX),
        sent_up,
    })
}

impl Swept {
    fn add(&mut self, cut: Cut, one: Result<One, Trouble>) {
        let one = match one {
            Ok(one) => one,
            Err(trouble) => return self.failed.push((cut, format!("  {trouble}\n"))),
        };
        match one.cuts {
            0 => self.missed += 1,
            many => self.cuts += many,
        }
        self.lost += one.verdict.lost.len() as u64;
        self.doubled += one.verdict.doubled.len() as u64;
        self.syncs_max = self.syncs_max.max(one.syncs);
        let resent = one.sent_up.saturating_sub(self.bytes[Direction::Up as usize]);
        if resent > self.resent_max {
            (self.resent_max, self.resent_at) = (resent, Some(cut));
        }
        if !one.verdict.is_clean() {
            self.failed.push((cut, one.verdict.to_string()));
        }
    }
}
