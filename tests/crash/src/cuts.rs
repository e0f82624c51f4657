//! Power cuts: every operation at every place with sixteen subsets of what was not synced, then at random, operations one
//! after the other. Prints what repeats a violation.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use grid_store::Flaw;

use crate::bench::{Bench, Benches, by_name, named};
use crate::operations::{Kind, Operation, Program, Scene, all, prepare, prepare_all};
use crate::oracle::{Boat, Look, Violation};
use crate::world::Keeping;
use crate::{Dice, Image, SimDisk, Strike, Subset, Trial, dice};

/// Subsets of each place in the sweep.
const SUBSETS: u64 = 16;
/// Of so many cuts one loses the database, too.
const DATABASE_LOST: u64 = 16;
/// Of so many judged vaults one has all its pages checked, and another all frames of its lifeboat opened.
const OPENED: u64 = 8;
/// Judged disks that are remembered, so that the same one is not judged twice.
const REMEMBERED: usize = 64;
/// Violations of one program that are printed.
const PRINTED: usize = 3;

/// How many answers there were, whether the database was taken away, and what else was left.
type Left = (usize, bool, Image);

/// What to do.
#[derive(Clone, Debug)]
pub struct Order {
    /// Judged cuts, at least the sweep.
    pub count: u64,
    /// Of the random part and of the random subsets.
    pub seed: u64,
    /// Only this operation, and no random part.
    pub only: Option<String>,
    /// Only the cut at this place.
    pub index: Option<u64>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Judged cuts.
    pub cuts: u64,
    /// Of these, with something acknowledged gone.
    pub lost: u64,
    /// Of these, in a state that never was, or shut.
    pub prefix: u64,
    /// What the deliberate mistakes lost: one number each.
    pub controls: Vec<u64>,
    /// Operations in the sweep.
    pub operations: u64,
    /// Places in the sweep.
    pub places: u64,
    /// What was broken, with what repeats it.
    pub violations: Vec<String>,
}

impl Outcome {
    /// Whether nothing was broken and every deliberate mistake was caught.
    pub fn is_good(&self) -> bool {
        self.lost + self.prefix == 0
            && self.violations.is_empty()
            && self.controls.iter().all(|lost| *lost > 0)
    }

    /// The line that says it.
    pub fn line(&self) -> String {
        let control: u64 = self.controls.iter().sum();
        format!(
            "power cuts {}, acknowledged lost {}, prefix violations {}, control lost {control}",
            self.cuts, self.lost, self.prefix
        )
    }
}

struct Job<'j> {
    benches: &'j Benches,
    order: &'j Order,
    cuts: AtomicU64,
    opened: AtomicU64,
    outcome: Mutex<Outcome>,
    begun: Instant,
    said: AtomicU64,
}

/// Cuts the power as ordered.
pub fn run(order: &Order) -> Result<Outcome, String> {
    let prepared = prepare_all(Keeping::WHOLE).map_err(|error| format!("preparing: {error:?}"))?;
    let benches = Benches::of(prepared).map_err(|error| format!("looking: {error:?}"))?;
    let job = Job {
        benches: &benches,
        order,
        cuts: AtomicU64::new(0),
        opened: AtomicU64::new(0),
        outcome: Mutex::default(),
        begun: Instant::now(),
        said: AtomicU64::new(0),
    };
    let programs: Vec<Program> = match &order.only {
        Some(text) => vec![by_name(text).ok_or_else(|| format!("no operation is called {text}"))?],
        None => all().into_iter().map(|operation| vec![operation]).collect(),
    };
    let next = AtomicUsize::new(0);
    on_each_core(|| {
        while let Some(program) = programs.get(next.fetch_add(1, Ordering::SeqCst)) {
            job.sweep(program);
        }
    });
    let swept = job.cuts.load(Ordering::SeqCst);
    if order.only.is_none() {
        println!("sweep: {} operations, {swept} cuts", programs.len());
        let round = AtomicU64::new(0);
        on_each_core(|| {
            while job.cuts.load(Ordering::SeqCst) < order.count {
                job.random(round.fetch_add(1, Ordering::SeqCst));
            }
        });
    }
    let mut outcome = job.outcome.into_inner().unwrap_or_else(PoisonError::into_inner);
    outcome.cuts = job.cuts.load(Ordering::SeqCst);
    if order.only.is_none() {
        outcome.controls = controls()?;
    }
    Ok(outcome)
}

fn on_each_core(work: impl Fn() + Sync) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(&work);
        }
    });
}

impl Job<'_> {
    fn outcome(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bench(&self, program: &[Operation]) -> Option<Bench<'_>> {
        match self.benches.bench(program) {
            Ok(bench) => Some(bench),
            Err(what) => {
                self.broken(what);
                None
            }
        }
    }

    fn broken(&self, what: String) {
        let mut outcome = self.outcome();
        let of = |text: &str| text.split(" at ").next().unwrap_or_default().to_owned();
        let alike = outcome
            .violations
            .iter()
            .filter(|one| of(one) == of(&what))
            .count();
        if alike < PRINTED {
            println!("VIOLATION {what}");
        }
        outcome.violations.push(what);
    }

    /// Every place of a program.
    fn sweep(&self, program: &[Operation]) {
        let Some(bench) = self.bench(program) else { return };
        let mut judged = VecDeque::new();
        let mut places = 0;
        for at in 0.. {
            if self.order.index.is_some_and(|only| only != at) {
                if at > bench.ops {
                    break;
                }
                continue;
            }
            places += 1;
            if !self.cut(&bench, at, 0..SUBSETS, &mut judged) {
                break;
            }
        }
        let mut outcome = self.outcome();
        outcome.operations += 1;
        outcome.places += places;
    }

    /// Some places of a program that the round decides.
    fn random(&self, round: u64) {
        let mut dice = Dice::seeded(dice::mixed(self.order.seed, round));
        let program = chosen(&mut dice);
        let Some(bench) = self.bench(&program) else { return };
        let mut judged = VecDeque::new();
        for _ in 0..6 {
            let at = dice.below(bench.ops + 1);
            let first = 16 + dice.below(1 << 40);
            self.cut(&bench, at, first..first + 12, &mut judged);
        }
    }

    /// Cuts the power of one run in one place and judges some of the disks that may be left. Answers whether it struck.
    fn cut(
        &self,
        bench: &Bench<'_>,
        at: u64,
        subsets: std::ops::Range<u64>,
        judged: &mut VecDeque<Left>,
    ) -> bool {
        let trial = Trial::of(&bench.prepared.image, Strike::Cut(at));
        let ran = bench.run(trial.disk(), &|| trial.start());
        let ran = match ran {
            Ok(ran) => ran,
            Err(violation) => {
                self.count(bench, at, None, Err(violation));
                return trial.was_struck();
            }
        };
        drop(ran.book);
        let wanted = if trial.disk().unsynced() == 0 {
            1
        } else {
            subsets.end - subsets.start
        };
        for nth in subsets.take(wanted as usize) {
            let subset = Subset::seeded(self.order.seed, nth);
            let number = self.cuts.load(Ordering::Relaxed);
            // Before its first opening a vault of the first schema has one copy only, and so has what stood in a hole.
            let one_copy = matches!(bench.prepared.scene, Scene::Schema1 | Scene::Holed);
            let lost = (nth + at) % DATABASE_LOST == 3 && !one_copy;
            let depth = Look {
                boat: if number.is_multiple_of(OPENED) {
                    Boat::Opened
                } else {
                    Boat::Heads
                },
                pages: (number / 3).is_multiple_of(OPENED),
            };
            let disk = trial.disk().after_power_cut(subset);
            let left = (ran.acks.len(), lost, disk.snapshot());
            // The same disk after the same answers was judged already: the verdict depends on nothing else.
            let known = judged
                .iter()
                .any(|one: &Left| (one.0, one.1) == (left.0, left.1) && one.2.same_files(&left.2));
            let verdict = if known {
                Ok(())
            } else {
                judged.push_back(left);
                if judged.len() > REMEMBERED {
                    judged.pop_front();
                }
                self.opened.fetch_add(1, Ordering::Relaxed);
                bench.judge(&ran.acks, &disk, depth, lost)
            };
            self.count(bench, at, Some((nth, subset, lost)), verdict);
        }
        trial.was_struck()
    }

    fn count(
        &self,
        bench: &Bench<'_>,
        at: u64,
        subset: Option<(u64, Subset, bool)>,
        verdict: Result<(), Violation>,
    ) {
        let cuts = self.cuts.fetch_add(1, Ordering::SeqCst) + 1;
        let seconds = self.begun.elapsed().as_secs();
        if seconds / 10 > self.said.load(Ordering::Relaxed) {
            self.said.store(seconds / 10, Ordering::Relaxed);
            let opened = self.opened.load(Ordering::Relaxed);
            println!("[{seconds:4} s] {cuts} cuts, {opened} different disks opened");
        }
        let Err(violation) = verdict else { return };
        match violation {
            Violation::Lost(_) => self.outcome().lost += 1,
            Violation::Prefix(_) | Violation::Shut(_) => self.outcome().prefix += 1,
        }
        self.broken(format!(
            "{} at {at} with {subset:?}, seed {}: {violation:?}",
            named(&bench.program),
            self.order.seed
        ));
    }
}

/// One operation, or some of those that can follow each other.
fn chosen(dice: &mut Dice) -> Program {
    let all = all();
    let pick = |dice: &mut Dice, from: &[Operation]| from[dice.below(from.len() as u64) as usize];
    let first = pick(dice, &all);
    let mut program = vec![first];
    // What can be done once, and nothing after the last of them.
    let stands_alone = |operation: &Operation| matches!(operation.name, "close" | "enrol");
    if matches!(first.kind, Kind::InBook(_)) && !stands_alone(&first) && dice.chance(600) {
        let others: Vec<Operation> = all
            .into_iter()
            .filter(|one| {
                matches!(one.kind, Kind::InBook(_)) && one.scene == first.scene && !stands_alone(one)
            })
            .collect();
        for _ in 0..=dice.below(3) {
            program.push(pick(dice, &others));
        }
    }
    program
}

/// Two mistakes that other systems make must be caught by the very same cuts and oracle. Answers what each lost.
pub fn controls() -> Result<Vec<u64>, String> {
    let relaxed = Keeping {
        flaw: Some(Flaw::NormalSync),
        lifeboat: false,
    };
    let lazy = Keeping {
        flaw: Some(Flaw::LifeboatWithoutFlush),
        lifeboat: true,
    };
    thread::scope(|scope| {
        let relaxed = scope.spawn(|| control(relaxed, false));
        let lazy = control(lazy, true)?;
        let relaxed = relaxed.join().map_err(|_| "a control panicked".to_owned())??;
        Ok(vec![relaxed, lazy])
    })
}

fn control(keeping: Keeping, database_lost: bool) -> Result<u64, String> {
    let duty = prepare(Scene::Duty, keeping).map_err(|error| format!("preparing a control: {error:?}"))?;
    let benches = Benches::of(vec![duty]).map_err(|error| format!("looking: {error:?}"))?;
    let mut lost = 0;
    for name in ["twelve counts", "amend", "pause and resume patrol"] {
        let bench = benches.bench(&by_name(name).unwrap_or_default())?;
        for at in 0..=bench.ops {
            let trial = Trial::of(&bench.prepared.image, Strike::Cut(at));
            let Ok(ran) = bench.run(trial.disk(), &|| trial.start()) else {
                continue;
            };
            drop(ran.book);
            for subset in Subset::first(SUBSETS, at) {
                let disk: SimDisk = trial.disk().after_power_cut(subset);
                let depth = Look {
                    boat: Boat::Apart,
                    pages: false,
                };
                let verdict = bench.judge(&ran.acks, &disk, depth, database_lost);
                lost += u64::from(matches!(verdict, Err(Violation::Lost(_))));
            }
        }
    }
    Ok(lost)
}
