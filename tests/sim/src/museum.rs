//! A museum of mistakes that other systems made in syncing. Each is switched on for all phones of a world, and the simulation
//! that is clean without it must find something wrong with it: that says what the simulation can see.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use grid_store::Flaw;

use crate::{Settings, play};

/// One mistake, and who made it.
#[derive(Clone, Copy, Debug)]
pub struct Exhibit {
    /// The switch.
    pub flaw: Flaw,
    /// What goes wrong.
    pub name: &'static str,
    /// Where it was made.
    pub source: &'static str,
}

const fn exhibit(flaw: Flaw, name: &'static str, source: &'static str) -> Exhibit {
    Exhibit { flaw, name, source }
}

/// The mistakes.
pub const SYNC: [Exhibit; 13] = [
    exhibit(
        Flaw::RetryWaitsForWrite,
        "a failed sync waits for the next record",
        "powersync-native#15",
    ),
    exhibit(
        Flaw::LeaseForEver,
        "what was in flight at a crash stays so",
        "powersync-sqlite-core#162",
    ),
    exhibit(
        Flaw::SentOn200,
        "any page with status 200 is a receipt",
        "medic/cht-core#8303, QFieldCloud#551",
    ),
    exhibit(
        Flaw::DropsOnRefusal,
        "a refused batch is dropped with its records",
        "the dead letter queue of PowerSync's connectors",
    ),
    exhibit(
        Flaw::FifoPoison,
        "behind a bad record nothing goes",
        "commcare-android#1807, PowerSync's queue",
    ),
    exhibit(
        Flaw::NewKeyOnRetry,
        "a retry is a new record",
        "kobotoolbox/kpi#5047, Survey123Community#326",
    ),
    exhibit(
        Flaw::RestoreUnnoticed,
        "a restored platform is taken for the one it was",
        "medic/cht-core#8093",
    ),
    exhibit(
        Flaw::GoneTasksStay,
        "what a restored platform does not know stays",
        "MerginMaps/mobile#4335",
    ),
    exhibit(
        Flaw::PhotosNotOfferedAgain,
        "a restored platform gets the text and not the photos",
        "kobotoolbox/kobocat#432",
    ),
    exhibit(
        Flaw::PlaceBeforeRows,
        "the place in the feed moves before its rows",
        "apache/pouchdb#1240, rxdb#3103",
    ),
    exhibit(
        Flaw::PhotoDoneWhenSent,
        "a photo is there when its last piece was sent",
        "getodk/collect#6522",
    ),
    exhibit(
        Flaw::PurgeOnReceipt,
        "a receipt is enough to purge",
        "owncloud/client#2325",
    ),
    exhibit(
        Flaw::OutboxApart,
        "the outbox commits apart from the record",
        "opengisch/QField#7479",
    ),
];

/// Phones and days of a world of the museum.
const SIZE: (usize, u32) = (6, 8);

/// What came of an exhibit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Which.
    pub exhibit: Exhibit,
    /// Seeds until it was caught, and the first thing that was wrong; `None`: not caught.
    pub caught: Option<(u64, String)>,
    /// What was wrong with that seed when nothing was switched on; it must be `None`.
    pub without: Option<String>,
}

impl Visit {
    /// Caught with the switch on, clean with it off.
    pub const fn is_good(&self) -> bool {
        self.caught.is_some() && self.without.is_none()
    }
}

/// Switches each mistake on in turn and plays seeds from `first` on until it is caught, `seeds_max` at most.
pub fn visit(exhibits: &[Exhibit], first: u64, seeds_max: u64) -> Vec<Visit> {
    let (next, visits) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(exhibit) = exhibits.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let visit = one(exhibit, first, seeds_max);
                    visits.lock().unwrap_or_else(PoisonError::into_inner).push(visit);
                }
            });
        }
    });
    let mut visits = visits.into_inner().unwrap_or_else(PoisonError::into_inner);
    let place = |visit: &Visit| exhibits.iter().position(|one| one.flaw == visit.exhibit.flaw);
    visits.sort_by_key(place);
    visits
}

fn one(exhibit: &Exhibit, first: u64, seeds_max: u64) -> Visit {
    for nth in 0..seeds_max {
        let seed = first + nth;
        if let Some(what) = wrong(seed, Some(exhibit.flaw)) {
            return Visit {
                exhibit: *exhibit,
                caught: Some((nth + 1, what)),
                without: wrong(seed, None),
            };
        }
    }
    Visit {
        exhibit: *exhibit,
        caught: None,
        without: None,
    }
}

/// The first thing that is wrong in a world.
fn wrong(seed: u64, flaw: Option<Flaw>) -> Option<String> {
    let settings = Settings {
        seed,
        devices: SIZE.0,
        days: SIZE.1,
        flaw,
    };
    match play(&settings, None, None) {
        Err(trouble) => Some(trouble.to_string()),
        Ok(run) if run.verdict.is_clean() => None,
        Ok(run) => run
            .verdict
            .to_string()
            .lines()
            .next()
            .map(|line| line.trim().to_owned()),
    }
}
