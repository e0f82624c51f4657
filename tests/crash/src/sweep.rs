//! Every place at which one operation can be struck, one after the other. Never decides what is right: the caller judges.

use crate::{Fault, Image, Repeat, SimDisk, Subset};

/// One run of the operation under test, on a disk of its own.
#[derive(Debug)]
pub struct Trial {
    disk: SimDisk,
    strike: Strike,
}

/// What strikes a trial, and where; printing it is enough to repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strike {
    /// The power is cut in this changing operation.
    Cut(u64),
    /// This operation of all fails.
    Fails(u64, Fault, Repeat),
}

impl Trial {
    /// A trial of your own: a disk with what the image holds, and a strike that waits for `start`.
    pub fn of(image: &Image, strike: Strike) -> Self {
        let disk = SimDisk::from_snapshot(image);
        Self { disk, strike }
    }

    /// The disk of this trial.
    pub fn disk(&self) -> &SimDisk {
        &self.disk
    }

    /// What strikes, and where.
    pub fn strike(&self) -> Strike {
        self.strike
    }

    /// Counts from here: what came before (opening the vault) is spared. A trial that never starts is not struck.
    pub fn start(&self) {
        self.disk.mark();
        match self.strike {
            Strike::Cut(n) => self.disk.cut_power_at(n),
            Strike::Fails(n, fault, repeat) => self.disk.fail_at(n, fault, repeat),
        }
    }

    /// Whether it was struck; if not, everything went well for its disk.
    pub fn was_struck(&self) -> bool {
        self.disk.fired() > 0
    }
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Runs of the operation, the last of them not struck.
    pub runs: u64,
    /// Runs that were struck.
    pub struck: u64,
    /// Disks that were judged.
    pub judged: u64,
}

/// Cuts the power in every changing operation of `run`, at last after all of them, and judges the disks that may be left:
/// `subsets` of them for each place, or one where nothing was unsynced.
///
/// `run` opens what it needs, calls `Trial::start` and does the operation; its answer (what was acknowledged) goes to
/// `judge` with the trial, the subset and the disk that the next start finds.
pub fn cut_everywhere<R>(
    image: &Image,
    subsets: u64,
    mut run: impl FnMut(&Trial) -> R,
    mut judge: impl FnMut(&Trial, &R, Subset, SimDisk),
) -> Swept {
    let mut swept = Swept::default();
    loop {
        let trial = Trial::of(image, Strike::Cut(swept.runs));
        let answer = run(&trial);
        let wanted = if trial.disk.unsynced() == 0 { 1 } else { subsets };
        for subset in Subset::first(wanted, swept.runs) {
            judge(&trial, &answer, subset, trial.disk.after_power_cut(subset));
        }
        swept.runs += 1;
        swept.judged += wanted;
        if !trial.was_struck() {
            return swept;
        }
        swept.struck += 1;
    }
}

/// Fails every operation of `run` that the fault can befall, one run each, and judges each struck trial: its disk still
/// has its fault, so judge `snapshot` (the process is killed) or `after_power_cut` of it, or `mark` it and go on.
pub fn fail_everywhere<R>(
    image: &Image,
    fault: Fault,
    repeat: Repeat,
    mut run: impl FnMut(&Trial) -> R,
    mut judge: impl FnMut(&Trial, R),
) -> Swept {
    let mut swept = Swept::default();
    loop {
        let trial = Trial::of(image, Strike::Fails(swept.runs, fault, repeat));
        let answer = run(&trial);
        swept.runs += 1;
        if trial.was_struck() {
            swept.struck += 1;
            swept.judged += 1;
            judge(&trial, answer);
        } else if trial.disk.points() < swept.runs {
            return swept;
        }
    }
}
