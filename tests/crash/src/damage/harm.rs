//! What happens to a vault's files, drawn from a seed; and whether it was damage. Never looks into the code under test.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{self, LOG_FRAME, Meaning, PAGE, Segment};
use super::phone::{VAULT, inside};
use crate::{Dice, Image, SimDisk};

pub(crate) const DATABASE: &str = "fieldbook.db";
pub(crate) const LOG: &str = "fieldbook.db-wal";

/// The files of both copies, by name inside the vault.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// The files of both copies on a disk.
pub(crate) fn files(disk: &SimDisk) -> Files {
    let folder = disk.root().join(VAULT);
    let mut found = Files::new();
    for path in disk.files() {
        let Some(name) = path.strip_prefix(&folder).ok().and_then(|name| name.to_str()) else {
            continue;
        };
        let ours =
            name == DATABASE || name == LOG || (name.starts_with("lifeboat/") && name.ends_with(".boat"));
        if let (true, Some(bytes)) = (ours, disk.read_file(&path)) {
            found.insert(name.to_owned(), bytes);
        }
    }
    found
}

/// Which copy is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copy {
    Database,
    Lifeboat,
}

/// What happened to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Flip,
    FlipFirstPage,
    FlipSalt,
    Zero,
    Swap,
    Cut,
    Missing,
    Another,
    Earlier,
    EarlierAlone,
    EarlierUnderLog,
    MissingLog,
    MissingFolder,
}

const ON_DATABASE: [Kind; 11] = [
    Kind::Flip,
    Kind::FlipFirstPage,
    Kind::FlipSalt,
    Kind::Zero,
    Kind::Swap,
    Kind::Cut,
    Kind::Missing,
    Kind::Another,
    Kind::Earlier,
    Kind::EarlierAlone,
    Kind::EarlierUnderLog,
];
const ON_LOG: [Kind; 6] = [
    Kind::Flip,
    Kind::Zero,
    Kind::Swap,
    Kind::Cut,
    Kind::MissingLog,
    Kind::Another,
];
const ON_LIFEBOAT: [Kind; 7] = [
    Kind::Flip,
    Kind::Flip,
    Kind::Zero,
    Kind::Swap,
    Kind::Cut,
    Kind::Missing,
    Kind::Another,
];

/// The files of a vault before, and what of them means something.
pub(crate) struct Intact {
    pub(crate) files: Files,
    meaning: BTreeMap<String, Meaning>,
    segments: BTreeMap<String, Segment>,
    earlier: Files,
}

impl Intact {
    pub(crate) fn of(image: &Image, earlier: &Image) -> Self {
        let files = files(&SimDisk::from_snapshot(image));
        let empty = Vec::new();
        let log = files.get(LOG).map(Vec::as_slice);
        let (of_database, of_log) = layout::database(files.get(DATABASE).unwrap_or(&empty), log);
        let boats = files.iter().filter(|(name, _)| name.ends_with(".boat"));
        let segments: BTreeMap<String, Segment> = boats
            .map(|(name, bytes)| (name.clone(), layout::segment(bytes)))
            .collect();
        let mut meaning: BTreeMap<String, Meaning> = segments
            .iter()
            .map(|(name, segment)| (name.clone(), segment.meaning()))
            .collect();
        meaning.insert(DATABASE.to_owned(), of_database);
        meaning.insert(LOG.to_owned(), of_log);
        let earlier = self::files(&SimDisk::from_snapshot(earlier));
        Self {
            files,
            meaning,
            segments,
            earlier,
        }
    }

    /// Whether anything that meant something is gone or another thing now.
    pub(crate) fn is_hurt(&self, after: &Files) -> bool {
        self.files.iter().any(|(name, before)| {
            let meaning = self.meaning.get(name);
            meaning.is_some_and(|meaning| meaning.is_hurt(before, after.get(name).map(Vec::as_slice)))
        })
    }

    /// Changes whose frames no harm touched.
    pub(crate) fn untouched_frames(&self, after: &Files) -> BTreeSet<(u64, u64)> {
        let untouched = self.segments.iter().filter_map(|(name, segment)| {
            Some(segment.untouched(self.files.get(name)?, after.get(name).map(Vec::as_slice)))
        });
        untouched.flatten().collect()
    }

    fn boats(&self) -> Vec<&String> {
        self.segments.keys().collect()
    }
}

/// A drawing: the files afterwards, and what was done.
pub(crate) struct Harm {
    pub(crate) files: Files,
    pub(crate) done: Vec<(String, Kind)>,
}

/// Where the first bytes differ, for a person who repeats an image.
pub(crate) fn differing(before: &Files, after: &Files) -> String {
    let mut told = Vec::new();
    for (name, bytes) in before {
        let Some(now) = after.get(name) else {
            told.push(format!("{name} gone"));
            continue;
        };
        let places = bytes.iter().zip(now).enumerate().filter(|(_, (a, b))| a != b);
        let places: Vec<usize> = places.map(|(at, _)| at).take(8).collect();
        if !places.is_empty() || bytes.len() != now.len() {
            told.push(format!(
                "{name} {} to {} bytes, at {places:?}",
                bytes.len(),
                now.len()
            ));
        }
    }
    told.join(", ")
}

/// Strikes one copy of a vault. `another` is the files of another vault.
pub(crate) fn strike(intact: &Intact, another: &Files, copy: Copy, dice: &mut Dice) -> Harm {
    let mut harm = Harm {
        files: intact.files.clone(),
        done: Vec::new(),
    };
    harm.strike(intact, another, copy, dice);
    harm
}

impl Harm {
    /// Strikes once more.
    pub(crate) fn strike(&mut self, intact: &Intact, another: &Files, copy: Copy, dice: &mut Dice) {
        let has_log = intact.files.get(LOG).is_some_and(|log| log.len() > 32);
        let (name, kind) = match copy {
            Copy::Database if has_log && dice.chance(500) => (LOG.to_owned(), drawn(&ON_LOG, dice)),
            Copy::Database => (DATABASE.to_owned(), drawn(&ON_DATABASE, dice)),
            Copy::Lifeboat if dice.chance(50) => ("lifeboat".to_owned(), Kind::MissingFolder),
            Copy::Lifeboat => {
                let boats = intact.boats();
                (drawn(&boats, dice).clone(), drawn(&ON_LIFEBOAT, dice))
            }
        };
        self.apply(intact, another, &name, kind, dice);
        self.done.push((name, kind));
    }

    fn apply(&mut self, intact: &Intact, another: &Files, name: &str, kind: Kind, dice: &mut Dice) {
        let empty = Files::new();
        match kind {
            Kind::MissingFolder => self.files.retain(|name, _| !name.ends_with(".boat")),
            Kind::Earlier | Kind::EarlierAlone | Kind::EarlierUnderLog => {
                for file in [DATABASE, LOG] {
                    if kind == Kind::EarlierUnderLog && file == LOG {
                        continue;
                    }
                    let source = if file == LOG && kind == Kind::EarlierAlone {
                        &empty
                    } else {
                        &intact.earlier
                    };
                    match source.get(file) {
                        Some(bytes) => self.files.insert(file.to_owned(), bytes.clone()),
                        None => self.files.remove(file),
                    };
                }
            }
            Kind::Missing | Kind::MissingLog => {
                self.files.remove(name);
            }
            Kind::Another => {
                let same = another.get(name);
                let any = another
                    .iter()
                    .find(|(other, _)| other.ends_with(".boat"))
                    .map(|(_, bytes)| bytes);
                match same.or(any.filter(|_| name.ends_with(".boat"))) {
                    Some(bytes) => self.files.insert(name.to_owned(), bytes.clone()),
                    None => self.files.remove(name),
                };
            }
            Kind::Flip | Kind::FlipFirstPage | Kind::FlipSalt | Kind::Zero | Kind::Swap | Kind::Cut => {
                if let Some(bytes) = self.files.get_mut(name) {
                    let unit = if name == LOG { (32, LOG_FRAME) } else { (0, PAGE) };
                    alter(bytes, kind, unit, dice);
                }
            }
        }
    }
}

fn drawn<T: Clone>(from: &[T], dice: &mut Dice) -> T {
    from[dice.below(from.len() as u64) as usize].clone()
}

/// Alters bytes in place; `unit` is where pages begin and how long one is.
fn alter(bytes: &mut Vec<u8>, kind: Kind, (head, page): (usize, usize), dice: &mut Dice) {
    let length = bytes.len() as u64;
    if length == 0 {
        return;
    }
    let pages = (bytes.len().saturating_sub(head) / page) as u64;
    let place = |dice: &mut Dice| head + dice.below(pages.max(1)) as usize * page;
    match kind {
        Kind::Flip => {
            for _ in 0..1 + dice.below(8) {
                flip(bytes, dice.below(length), dice);
            }
        }
        Kind::FlipFirstPage => flip(bytes, dice.below(length.min(PAGE as u64)), dice),
        Kind::FlipSalt => flip(bytes, dice.below(length.min(16)), dice),
        Kind::Zero => {
            let from = place(dice).min(bytes.len());
            let to = (from + page * (1 + dice.below(3) as usize)).min(bytes.len());
            bytes[from..to].fill(0);
        }
        Kind::Swap if pages >= 2 => {
            let (a, b) = (place(dice), place(dice));
            for at in 0..page {
                bytes.swap(a + at, b + at);
            }
        }
        Kind::Cut => bytes.truncate(dice.below(length) as usize),
        _ => {}
    }
}

fn flip(bytes: &mut [u8], at: u64, dice: &mut Dice) {
    bytes[at as usize] ^= 1 << dice.below(8);
}

/// Lays these files on a disk in place of what is there.
pub(crate) fn lay(disk: &SimDisk, before: &Files, after: &Files) -> std::io::Result<()> {
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        disk.remove_file(&inside(name))?;
    }
    for (name, bytes) in after
        .iter()
        .filter(|(name, bytes)| before.get(*name) != Some(bytes))
    {
        disk.write_file(&inside(name), bytes)?;
    }
    Ok(())
}
