//! Links as they are in the field: slow and lossy, far away, rarely open. Played faster than they are, and told so.

use std::time::Duration;

use grid_fieldbook::{Outcome, SyncReport};
use tokio::runtime::Runtime;

use crate::judge::Verdict;
use crate::link::Nature;
use crate::prepared::{Prepared, Run};
use crate::{Direction, Link, Trouble, phone, sites};

const HOUR_MS: i64 = 3_600_000;
/// Syncs in which everything must have gone, and windows.
const SYNCS_MAX: u32 = 200;
const WINDOWS_MAX: u32 = 50;

/// A link of the field, and what has to go over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its name, with its figures.
    pub name: &'static str,
    /// How it is.
    pub nature: Nature,
    /// Open for so many seconds of each hour; always when absent.
    pub window_s: Option<u32>,
    /// Records that wait.
    pub records: usize,
    /// Photos that wait, and about how large each is.
    pub photos: (usize, u64),
    /// Every sync makes a connection of its own, and sends what was recorded since the last.
    pub in_portions: Option<usize>,
}

/// The links of the field that are played.
pub const PROFILES: [Profile; 3] = [
    Profile {
        name: "2G: 20 kbit/s, 2 s there and back, 10 % of connections lost",
        nature: Nature {
            up_bits_per_s: 20_000,
            down_bits_per_s: 20_000,
            one_way_ms: 1_000,
            lost_per_mille: 100,
            faster: 50,
            seed: 0,
        },
        window_s: None,
        records: 80,
        photos: (2, 20_000),
        in_portions: Some(80),
    },
    Profile {
        name: "satellite: 512 kbit/s down, 128 kbit/s up, 700 ms there and back",
        nature: Nature {
            up_bits_per_s: 128_000,
            down_bits_per_s: 512_000,
            one_way_ms: 350,
            lost_per_mille: 0,
            faster: 10,
            seed: 0,
        },
        window_s: None,
        records: 300,
        photos: (5, 40_000),
        in_portions: None,
    },
    Profile {
        name: "windows: 30 s an hour of 128 kbit/s, 500 ms there and back",
        nature: Nature {
            up_bits_per_s: 128_000,
            down_bits_per_s: 128_000,
            one_way_ms: 250,
            lost_per_mille: 0,
            faster: 20,
            seed: 0,
        },
        window_s: Some(30),
        records: 300,
        photos: (12, 100_000),
        in_portions: None,
    },
];

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiled {
    /// Syncs that it took.
    pub syncs: u32,
    /// Requests made.
    pub turns: u64,
    /// Requests whose answer never came.
    pub unanswered: u64,
    /// Bytes of bodies as the engine counts them, by direction.
    pub bodies: [u64; 2],
    /// Bytes that went over the proxy, those of HTTP included, by direction.
    pub bytes: [u64; 2],
    /// Connections that were made, and how many of them the link lost.
    pub connections: (usize, u64),
    /// Windows that it took.
    pub windows: Option<u32>,
    /// How long it took in the link's time, the recording left out.
    pub took: Duration,
    recording_ms: u64,
    /// What was wrong.
    pub verdict: Verdict,
}

/// Plays a profile until everything has gone.
pub fn play_profile(profile: &Profile, seed: u64) -> Result<Profiled, Trouble> {
    let runtime = sites::runtime()?;
    let waiting = if profile.in_portions.is_some() {
        0
    } else {
        profile.records
    };
    let prepared = Prepared::make(&runtime, seed, |work| match waiting {
        0 => Ok(()),
        _ => work.season(profile.records, profile.photos),
    })?;
    let nature = Nature {
        seed,
        ..profile.nature
    };
    let time = prepared.running(nature.faster);
    let mut run = Run::begin(&runtime, &prepared, time, Link::new(Some(nature)))?;
    let mut profiled = Profiled::default();
    let began_ms = run.time.now_ms();
    match (profile.window_s, profile.in_portions) {
        (Some(window_s), _) => in_windows(&runtime, &run, window_s, &mut profiled)?,
        (None, Some(portions)) => in_portions(&mut run, profile, (portions, seed), &mut profiled)?,
        (None, None) => to_the_end(&run, &mut profiled)?,
    }
    let took_ms = run.time.now_ms().abs_diff(began_ms) - profiled.recording_ms;
    profiled.took = Duration::from_millis(took_ms);
    let link = &run.proxy.link;
    profiled.bytes = Direction::BOTH.map(|direction| link.sent(direction));
    profiled.connections = (link.connections().len(), link.lost());
    finish(run, &prepared, profiled)
}

/// Sends records and photos past the proxy, in real time: for a link that somebody else has made slow.
pub fn play_as_is(seed: u64, records: usize, photos: (usize, u64)) -> Result<Profiled, Trouble> {
    let runtime = sites::runtime()?;
    let prepared = Prepared::make(&runtime, seed, |work| work.season(records, photos))?;
    let mut run = Run::begin(&runtime, &prepared, prepared.running(1), Link::new(None))?;
    run.go_straight()?;
    let mut profiled = Profiled::default();
    let began_ms = run.time.now_ms();
    to_the_end(&run, &mut profiled)?;
    profiled.took = Duration::from_millis(run.time.now_ms().abs_diff(began_ms));
    finish(run, &prepared, profiled)
}

fn finish(run: Run<'_>, prepared: &Prepared, mut profiled: Profiled) -> Result<Profiled, Trouble> {
    let wanted = crate::Wanted::of(&run.book)?;
    if !prepared.wanted.records.is_empty() && wanted.records != prepared.wanted.records {
        return Err(Trouble::say("the phone's log is not what was recorded"));
    }
    profiled.verdict = run.judge(&wanted, None)?;
    Ok(profiled)
}

impl Profiled {
    fn add(&mut self, report: &SyncReport) {
        self.syncs += 1;
        self.turns += u64::from(report.summary.turns);
        self.unanswered += u64::from(report.summary.lost);
        self.bodies[0] += report.summary.bytes_up;
        self.bodies[1] += report.summary.bytes_down;
    }
}

fn is_done(run: &Run<'_>, report: &SyncReport) -> Result<bool, Trouble> {
    Ok(report.summary.outcome == Outcome::Complete && phone::is_idle(&run.book)?)
}

fn to_the_end(run: &Run<'_>, profiled: &mut Profiled) -> Result<(), Trouble> {
    for _ in 0..SYNCS_MAX {
        let report = run.sync()?;
        profiled.add(&report);
        if is_done(run, &report)? {
            return Ok(());
        }
        run.rest(&report);
    }
    Ok(())
}

/// A day of recording a little and syncing a little, each time over a new connection.
fn in_portions(
    run: &mut Run<'_>,
    profile: &Profile,
    (portions, seed): (usize, u64),
    profiled: &mut Profiled,
) -> Result<(), Trouble> {
    let photo_every = portions / profile.photos.0.max(1);
    for portion in 0..portions {
        let photos = usize::from(portion % photo_every.max(1) == 0);
        let (time, began_ms) = (run.time.clone(), run.time.now_ms());
        let mut work = phone::Work::new(&run.book, &time, seed ^ (portion as u64) << 8);
        work.season((profile.records / portions).max(1), (photos, profile.photos.1))?;
        profiled.recording_ms += run.time.now_ms().abs_diff(began_ms);
        run.reconnect()?;
        let report = run.sync()?;
        profiled.add(&report);
        run.rest(&report);
    }
    to_the_end(run, profiled)
}

/// The link opens for some seconds of each hour. Between the windows nothing happens, so that time passes at once.
fn in_windows(
    runtime: &Runtime,
    run: &Run<'_>,
    window_s: u32,
    profiled: &mut Profiled,
) -> Result<(), Trouble> {
    let link = &run.proxy.link;
    let nature = link
        .nature
        .ok_or_else(|| Trouble::say("a window needs a nature"))?;
    let window = nature.played(Duration::from_secs(window_s.into()));
    for number in 1..=WINDOWS_MAX {
        profiled.windows = Some(number);
        link.set_open(true);
        let shutting = {
            let link = link.clone();
            runtime.spawn(async move {
                tokio::time::sleep(window).await;
                link.set_open(false);
            })
        };
        while link.is_open() {
            let report = run.sync()?;
            profiled.add(&report);
            if is_done(run, &report)? {
                shutting.abort();
                return Ok(());
            }
            let rest_ms = run.rest_ms(&report).unsigned_abs();
            runtime.block_on(async {
                let resting = tokio::time::sleep(nature.played(Duration::from_millis(rest_ms)));
                let mut open = link.watch();
                tokio::select! {
                    () = resting => {}
                    _ = open.wait_for(|open| !*open) => {}
                }
            });
        }
        run.time.pass(HOUR_MS);
    }
    Ok(())
}
