//! The big sync: thousands of records and photos, cut at random places again and again until everything has gone.

use crate::judge::Verdict;
use crate::prepared::{Prepared, Run};
use crate::{Direction, Link, Trouble, sites};

/// Syncs in which everything must have gone: each of them may be cut several times, and gets a little further.
const SYNCS_MAX: u32 = 1_000;

/// What became of the big sync.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storm {
    /// Records that went, each time.
    pub records: usize,
    /// Photos that went, each time.
    pub photos: usize,
    /// How often the whole of it was sent, on fresh copies.
    pub rounds: u64,
    /// Cuts that were made.
    pub cuts: u64,
    /// Syncs that it took.
    pub syncs: u64,
    /// Bytes up without a cut, in one round.
    pub bytes_up: u64,
    /// Bytes up that all cuts together cost.
    pub resent: u64,
    /// Records and photos lost.
    pub lost: u64,
    /// Records doubled.
    pub doubled: u64,
    /// What went wrong, and with which seed.
    pub failed: Vec<(u64, String)>,
}

/// Sends so many records, and photos of about 20 kB, through `cuts` random cuts.
pub fn storm(
    seed: u64,
    (records, photos): (usize, usize),
    cuts: u64,
    seen: &dyn Fn(u64),
) -> Result<Storm, Trouble> {
    let runtime = sites::runtime()?;
    let prepared = Prepared::make(&runtime, seed, |work| work.season(records, (photos, 20_000)))?;
    let mut storm = Storm {
        records: prepared.wanted.records.len(),
        photos: prepared.wanted.photos.len(),
        ..Storm::default()
    };
    let calm = Run::begin(&runtime, &prepared, prepared.standing(), Link::new(None))?;
    let syncs = calm.sync_to_the_end(1)?;
    storm.bytes_up = calm.proxy.link.sent(Direction::Up);
    let verdict = calm.judge(&prepared.wanted, None)?;
    if syncs.is_none() || !verdict.is_clean() {
        return Err(Trouble::say(format!("uncut, and yet:\n{verdict}")));
    }
    while storm.cuts < cuts && storm.failed.is_empty() {
        let round_seed = seed ^ (storm.rounds << 32);
        let run = Run::begin(&runtime, &prepared, prepared.standing(), Link::new(None))?;
        run.proxy.link.storm(round_seed, cuts - storm.cuts);
        let syncs = run.sync_to_the_end(SYNCS_MAX)?;
        storm.syncs += u64::from(syncs.unwrap_or(SYNCS_MAX));
        let made = run.proxy.link.cuts();
        storm.cuts += made;
        let sent_up = run.proxy.link.sent(Direction::Up);
        storm.resent += sent_up.saturating_sub(storm.bytes_up);
        storm.add(round_seed, run.judge(&prepared.wanted, None)?);
        storm.rounds += 1;
        seen(storm.cuts);
        if made == 0 {
            return Err(Trouble::say("a storm that cut nothing"));
        }
    }
    Ok(storm)
}

impl Storm {
    fn add(&mut self, seed: u64, verdict: Verdict) {
        self.lost += verdict.lost.len() as u64;
        self.doubled += verdict.doubled.len() as u64;
        if !verdict.is_clean() {
            self.failed.push((seed, verdict.to_string()));
        }
    }
}
