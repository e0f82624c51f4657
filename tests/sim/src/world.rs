//! One run: who is there, what happens when, and that everything heals.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::path::Path;
use std::sync::{Arc, Mutex};

use grid_crash::Dice;
use grid_fieldbook::Budget;
use serde_json::json;

use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Now, START_MS};
use crate::faults::Faults;
use crate::harm::OldCopy;
use crate::history::History;
use crate::link::{Shared, Weather};
use crate::rescue::Gone;
use crate::site::Site;
use crate::vault::Vault;
use crate::verdict::{Verdict, judge};
use crate::{Settings, Trouble};

/// Rounds of a sync on a fair link within which everything has to be at rest after the faults have stopped.
const ROUNDS_MAX: u32 = 12;

/// What happens at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// A worker records something.
    Work(usize),
    /// A phone has a link and tries.
    Sync(usize),
    /// A supervisor dispatches a task.
    Dispatch,
    /// A supervisor takes back a task.
    Recall,
    /// Two supervisors look at the same report.
    Review,
    /// The platform is backed up, and the backup proved.
    BackUp,
    /// The platform loses its disk.
    Lost,
    /// The platform dies and comes again.
    Dies,
    /// The platform's disk is full, or no more.
    Full(bool),
    /// The platform's clock is set.
    Clock(i64),
    /// A phone is copied.
    Copied(usize),
    /// The copy comes back.
    PutBack(usize),
    /// The copy goes on as another phone.
    Cloned(usize),
    /// A phone's key store loses its key.
    KeyLost(usize),
    /// The database of another phone is put under a phone's key.
    Swapped(usize),
    /// An operator deletes a row of the platform.
    RowDeleted,
    /// Somebody sends the platform what no phone sends.
    Junk,
    /// A phone of an older version is updated.
    Updated,
}

/// A world.
pub(crate) struct World {
    pub(crate) shared: Shared,
    pub(crate) vaults: Vec<Vault>,
    /// Vaults that are no more.
    pub(crate) gone: Vec<Gone>,
    /// Vaults that were made in the place of others.
    pub(crate) renewed: u64,
    /// Whether a row of the platform was deleted since the last backup.
    pub(crate) row_is_gone: bool,
    pub(crate) dice: Dice,
    pub(crate) seed: u64,
    days: u32,
    agenda: BinaryHeap<Reverse<(i64, u64, Happening)>>,
    placed: u64,
    pub(crate) copies: BTreeMap<usize, OldCopy>,
    pub(crate) tasks: Vec<String>,
    syncs: u64,
}

/// What came of a run.
pub struct Run {
    /// Seed.
    pub seed: u64,
    /// Phones times days.
    pub device_days: u64,
    /// What was wrong; empty when nothing was.
    pub verdict: Verdict,
    /// How often each fault was hit.
    pub hits: BTreeMap<u8, u64>,
    /// Records that were answered `Saved`.
    pub records: u64,
    /// Sync attempts.
    pub syncs: u64,
    /// Lines of the history, and the digest over them.
    pub history: (u64, String),
}

/// Plays one seed.
pub(crate) fn play(
    settings: &Settings,
    allowed: Option<BTreeSet<u8>>,
    history: Option<&Path>,
) -> Result<Run, Trouble> {
    let mut world = World::make(settings, allowed, history)?;
    world.plan();
    let mut verdict = Verdict::default();
    if let Err(trouble) = world.live().and_then(|()| world.heal(&mut verdict)) {
        match trouble {
            Trouble::Broken(what) => verdict.broken.push(what),
            Trouble::Bug(what) => return Err(Trouble::Bug(what)),
        }
    } else {
        for vault in &mut world.vaults {
            vault.tell_view()?;
            vault.tell_spoilt();
        }
        world.tell_store()?;
        judge(&mut world, &mut verdict)?;
    }
    Ok(Run {
        seed: settings.seed,
        device_days: u64::from(settings.days) * settings.devices as u64,
        hits: world.shared.faults.hits(),
        records: world.records(),
        syncs: world.syncs,
        history: world.shared.history.end()?,
        verdict,
    })
}

impl World {
    fn make(
        settings: &Settings,
        allowed: Option<BTreeSet<u8>>,
        history: Option<&Path>,
    ) -> Result<Self, Trouble> {
        let now = Now::at_the_start();
        let workers = (settings.devices * 2 / 3).max(1);
        let history = History::new(now.clone(), history)?;
        history.note(
            "run",
            json!({"seed": settings.seed, "phones": settings.devices, "days": settings.days}),
        );
        let shared = Shared {
            site: Arc::new(Mutex::new(Site::make(now.clone(), settings.seed, workers)?)),
            faults: Arc::new(Faults::new(allowed)),
            history,
            now,
            flaw: settings.flaw,
            nonces: Arc::default(),
            repairs: Arc::default(),
        };
        let mut vaults = Vec::new();
        for phone in 0..settings.devices {
            let mut vault = Vault::new(shared.clone(), (phone, phone % workers), settings.seed);
            vault.enroll(phone)?;
            vaults.push(vault);
        }
        let mut world = Self {
            shared,
            vaults,
            gone: Vec::new(),
            renewed: 0,
            row_is_gone: false,
            dice: Dice::seeded(settings.seed ^ 0x0a9e_17da),
            seed: settings.seed,
            days: settings.days,
            agenda: BinaryHeap::new(),
            placed: 0,
            copies: BTreeMap::new(),
            tasks: Vec::new(),
            syncs: 0,
        };
        world.tell_platform("start")?;
        world.tell_enrolled()?;
        Ok(world)
    }

    /// Records that were answered `Saved`.
    fn records(&self) -> u64 {
        let here = self.vaults.iter().map(|vault| vault.kept.len() as u64);
        here.chain(self.gone.iter().map(|gone| gone.kept.len() as u64))
            .sum()
    }

    fn place(&mut self, at_ms: i64, happening: Happening) {
        self.placed += 1;
        self.agenda.push(Reverse((at_ms, self.placed, happening)));
    }

    fn plan(&mut self) {
        // One phone meets no link until everything heals.
        let hermit = self.dice.below(self.vaults.len() as u64) as usize;
        let storm = i64::from(self.dice.below(u64::from(self.days).max(1)) as u32);
        for day in 0..i64::from(self.days) {
            let from = START_MS + day * DAY_MS;
            for vault in 0..self.vaults.len() {
                self.plan_day(vault, from, hermit == vault || day == storm);
                if day == storm && hermit != vault {
                    self.place(from + 11 * HOUR_MS, Happening::Sync(vault));
                    self.shared.faults.hit(58);
                }
            }
            for _ in 0..1 + self.vaults.len() / 2 {
                let at = from + self.dice.below(10 * HOUR_MS as u64) as i64;
                self.place(at, Happening::Dispatch);
                let at = from + self.dice.below(12 * HOUR_MS as u64) as i64;
                self.place(at, Happening::Review);
            }
            if self.dice.chance(400) {
                let at = from + self.dice.below(12 * HOUR_MS as u64) as i64;
                self.place(at, Happening::Recall);
            }
            self.place(from + 15 * HOUR_MS, Happening::BackUp);
            if self.dice.chance(150) {
                let at = from + self.dice.below(DAY_MS as u64) as i64;
                self.place(at, Happening::Dies);
            }
            if self.shared.faults.strikes(50, &mut self.dice, 60) {
                let at = from + self.dice.below(DAY_MS as u64) as i64;
                self.place(at, Happening::Lost);
            }
            if self.shared.faults.strikes(54, &mut self.dice, 50) {
                // At night, when no supervisor decides and no backup is made.
                let at = from + 16 * HOUR_MS;
                self.place(at, Happening::Full(true));
                for vault in 0..self.vaults.len() {
                    self.place(at + 10 * MINUTE_MS, Happening::Sync(vault));
                }
                self.place(at + HOUR_MS, Happening::Full(false));
            }
            if self.shared.faults.strikes(33, &mut self.dice, 40) {
                let at = from + self.dice.below(6 * HOUR_MS as u64) as i64;
                self.place(at, Happening::Clock(4 * MINUTE_MS));
                self.place(at + 4 * HOUR_MS, Happening::Clock(0));
            }
            self.plan_odd_day(from);
            let vault = self.dice.below(self.vaults.len() as u64) as usize;
            let later = from + (1 + self.dice.below(2)) as i64 * DAY_MS;
            let (back, clone) = (
                self.shared.faults.strikes(16, &mut self.dice, 60),
                self.shared.faults.strikes(64, &mut self.dice, 40),
            );
            if back || clone {
                self.place(from + 5 * HOUR_MS, Happening::Copied(vault));
            }
            if back {
                self.place(later, Happening::PutBack(vault));
            } else if clone {
                self.place(later, Happening::Cloned(vault));
            }
        }
    }

    /// What happens to one phone, or to the platform, on few days.
    fn plan_odd_day(&mut self, from: i64) {
        let faults = self.shared.faults.clone();
        let vault = self.dice.below(self.vaults.len() as u64) as usize;
        for (number, per_mille, happening) in [
            (7, 120, Happening::Updated),
            (17, 60, Happening::Swapped(vault)),
            (18, 60, Happening::KeyLost(vault)),
            (60, 40, Happening::RowDeleted),
            (69, 40, Happening::Junk),
        ] {
            let strikes = faults.strikes(number, &mut self.dice, per_mille);
            let at = from + self.dice.below(12 * HOUR_MS as u64) as i64;
            if strikes {
                self.place(at, happening);
            }
        }
    }

    fn plan_day(&mut self, vault: usize, from: i64, silent: bool) {
        for _ in 0..20 + self.dice.below(6) {
            let at = from + self.dice.below(10 * HOUR_MS as u64) as i64;
            self.place(at, Happening::Work(vault));
        }
        let hours = if self.dice.chance(300) {
            0
        } else {
            1 + self.dice.below(5)
        };
        for _ in 0..hours {
            let at = from + self.dice.below(14 * HOUR_MS as u64) as i64;
            if !silent {
                self.place(at, Happening::Sync(vault));
            }
        }
    }

    fn live(&mut self) -> Result<(), Trouble> {
        while let Some(Reverse((at_ms, _, happening))) = self.agenda.pop() {
            self.shared.now.forward_to(at_ms);
            match happening {
                Happening::Work(vault) => self.vaults[vault].work_under_faults()?,
                Happening::Sync(vault) => self.sync(vault)?,
                Happening::Dispatch => self.dispatch()?,
                Happening::Recall => self.recall()?,
                Happening::Review => self.review()?,
                Happening::BackUp => self.back_up()?,
                Happening::Lost => self.lose_the_platform()?,
                Happening::Dies => self.shared.site().crash()?,
                Happening::Full(full) => {
                    self.shared.faults.hit(54);
                    self.shared.site().fill(full)?;
                }
                Happening::Clock(off) => {
                    self.shared.faults.hit(33);
                    self.set_platform_clock(off);
                }
                Happening::Copied(vault) => {
                    let copy = self.vaults[vault].copy()?;
                    self.copies.insert(vault, copy);
                }
                Happening::PutBack(vault) => {
                    if let Some(copy) = self.copies.remove(&vault) {
                        self.vaults[vault].put_back(&copy);
                    }
                }
                Happening::Cloned(vault) => self.go_on_as_two(vault)?,
                Happening::KeyLost(vault) => self.lose_key(vault)?,
                Happening::Swapped(vault) => self.swap(vault)?,
                Happening::RowDeleted => self.delete_row()?,
                Happening::Junk => self.send_junk()?,
                Happening::Updated => crate::old::updated(&self.shared, &mut self.dice)?,
            }
        }
        Ok(())
    }

    fn sync(&mut self, vault: usize) -> Result<(), Trouble> {
        self.syncs += 1;
        let faults = self.shared.faults.clone();
        let vault = &mut self.vaults[vault];
        vault.link.deliver_stragglers(false);
        let mut weather = Weather::Fair;
        for (number, per_mille, kind) in [
            (37, 350, Weather::Lossy),
            (40, 40, Weather::UpOnly),
            (41, 80, Weather::Seconds(1 + vault.dice.below(4) as u32)),
            (43, 40, Weather::Portal),
            (44, 60, Weather::Proxy),
            (73, 40, Weather::Poison),
            (25, 15, Weather::Throws),
            (45, 25, Weather::Silent),
            (46, 25, Weather::Endless),
            (56, 40, Weather::Rolling),
            (69, 15, Weather::Bombs),
        ] {
            if faults.strikes(number, &mut vault.dice, per_mille) {
                weather = kind;
            }
        }
        if faults.strikes(34, &mut vault.dice, 10) {
            return vault.sync_before_certificate();
        }
        if faults.strikes(22, &mut vault.dice, 15) {
            return vault.power_cut_at_sync();
        }
        if faults.strikes(6, &mut vault.dice, 10) {
            return vault.full_at_sync();
        }
        let budget = if vault.dice.chance(150) {
            Budget {
                bytes: 2_000 + vault.dice.below(20_000),
                photos: vault.dice.chance(500),
                ..Budget::default()
            }
        } else {
            Budget::default()
        };
        match vault.sync(weather, budget) {
            Ok(_) => Ok(()),
            // A disk that failed in between is no trouble of the world's: the next call opens the vault anew.
            Err(_) => {
                vault.kill();
                Ok(())
            }
        }
    }

    /// The database of another phone lies where this one's was.
    fn swap(&mut self, vault: usize) -> Result<(), Trouble> {
        let other = (vault + 1) % self.vaults.len();
        match self.vaults[other].database() {
            Some(bytes) => self.vaults[vault].put_under(&bytes),
            None => Ok(()),
        }
    }

    fn go_on_as_two(&mut self, vault: usize) -> Result<(), Trouble> {
        let Some(copy) = self.copies.remove(&vault) else {
            return Ok(());
        };
        let seed = self.seed ^ self.placed;
        let clone = self.vaults[vault].cloned(&copy, seed);
        self.vaults.push(clone);
        let at = self.vaults.len() - 1;
        let from = self.shared.now.ms();
        for hour in 0..10 {
            self.place(from + hour * HOUR_MS, Happening::Work(at));
            self.place(from + hour * HOUR_MS + MINUTE_MS, Happening::Sync(at));
        }
        Ok(())
    }

    /// The faults stop; every phone has a fair link until it is at rest.
    fn heal(&mut self, verdict: &mut Verdict) -> Result<(), Trouble> {
        self.shared.faults.heal();
        self.shared.history.note("healed", json!({}));
        self.set_platform_clock(0);
        for (number, vault) in self.vaults.iter_mut().enumerate() {
            let unsent = vault.book()?.status().map_err(Trouble::of)?.saved;
            if unsent >= 200 {
                self.shared.faults.hit(75);
                self.shared.faults.hit(36);
            }
            vault.set_clock(0);
            // The others go on as they are, from a sync that failed: what a process remembers must not be in the way either.
            if number % 2 == 0 {
                vault.kill();
            } else {
                let _ = vault.sync(Weather::Seconds(0), Budget::default());
            }
            vault.link.deliver_stragglers(true);
        }
        // Whoever was sent back once may be taken now; a second turn brings what the others' records changed.
        for round in 1..=2 {
            for vault in &mut self.vaults {
                if vault.sync_to_the_end(ROUNDS_MAX)?.is_none() {
                    verdict.stuck.push(vault.name.clone());
                }
            }
            self.tell_agreement(round)?;
        }
        Ok(())
    }
}
