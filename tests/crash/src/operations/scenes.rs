//! The vaults that operations start from: built once, copied for every run.

use std::sync::PoisonError;

use grid_fieldbook::{Budget, CancelToken, FieldBook, FieldError, LockedBook};
use grid_model::Sha256;
use grid_model::id::{CaseId, PatrolId, Seq};
use grid_model::terms::ParkReason;
use grid_wire::Checkpoint;

use super::drafts::{count, dispute, fix, observation, patrol, photo, report, task, ticket, urgent, visit};
use super::enrolled;

use crate::platform::{INCARNATION, Known, Platform, post_row, task_row};
use crate::world::{Keeping, Phone, START_MS, lose_database};
use crate::{Image, SimDisk, schema1};

/// A kind of vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scene {
    /// No vault at all.
    Empty,
    /// A vault that was never enrolled.
    Alone,
    /// Enrolled, with tasks, a running patrol with fixes in its journal, unsent, received and parked records and photos.
    Duty,
    /// The same, its process killed: not closed, some of it not synced.
    Killed,
    /// The same, with a capture that was made while it was locked.
    Captured,
    /// The same without its database.
    Lost,
    /// The same with damaged pages.
    Torn,
    /// The same with a damaged place in its lifeboat.
    Holed,
    /// The same without its ballast.
    NoBallast,
    /// The same, eight days after the platform vouched for its oldest records.
    Vouched,
    /// A vault of the first schema.
    Schema1,
}

const SCENES: [Scene; 11] = [
    Scene::Empty,
    Scene::Alone,
    Scene::Duty,
    Scene::Killed,
    Scene::Captured,
    Scene::Lost,
    Scene::Torn,
    Scene::Holed,
    Scene::NoBallast,
    Scene::Vouched,
    Scene::Schema1,
];

/// What is in a vault, as far as operations and oracle need it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The patrol that runs.
    pub patrol: PatrolId,
    /// Its fixes that are durable.
    pub fixes: u64,
    /// A matter found by the worker.
    pub case: CaseId,
    /// A rescue.
    pub urgent: CaseId,
    /// The place of a record that was sent back.
    pub parked: Seq,
    /// Attachments that are on this phone only.
    pub photos: Vec<Sha256>,
}

impl Facts {
    const NONE: Self = Self {
        patrol: PatrolId([0; 16]),
        fixes: 0,
        case: CaseId([0; 16]),
        urgent: CaseId([0; 16]),
        parked: Seq(0),
        photos: Vec::new(),
    };
}

/// A vault to start from.
#[derive(Clone)]
pub struct Prepared {
    /// Which.
    pub scene: Scene,
    /// Its disk.
    pub image: Image,
    /// What its platform knows.
    pub known: Known,
    /// What is in it.
    pub facts: Facts,
    /// The time since the start.
    pub elapsed_ms: i64,
    /// How it is kept.
    pub keeping: Keeping,
}

impl Prepared {
    /// A phone on this disk, at the time at which the vault was left.
    pub fn phone(&self, disk: &SimDisk, seed: u64) -> Phone {
        Phone::new(disk, seed, self.elapsed_ms, self.keeping)
    }
}

/// Builds every vault.
pub fn prepare_all(keeping: Keeping) -> Result<Vec<Prepared>, FieldError> {
    SCENES.into_iter().map(|scene| prepare(scene, keeping)).collect()
}

/// Builds one vault.
pub fn prepare(scene: Scene, keeping: Keeping) -> Result<Prepared, FieldError> {
    let mut disk = SimDisk::empty();
    let phone = Phone::new(&disk, 1, 0, keeping);
    let platform = platform_knowing(Known::default())?;
    let mut facts = Facts::NONE;
    match scene {
        Scene::Empty => {}
        Scene::Alone => {
            let book = phone.open()?;
            for value in 1..=3 {
                book.count(count(value, None))?;
            }
            book.report_case(dispute())?;
            book.close()?;
        }
        _ => {
            let book = phone.open()?;
            facts = on_duty(&phone, &book, &platform)?;
            disk = left(scene, &phone, &disk, book, &facts)?;
        }
    }
    if scene != Scene::Killed {
        disk.settle();
    }
    if scene == Scene::Schema1 {
        (facts.patrol, facts.fixes, facts.photos) = (PatrolId([0; 16]), 0, Vec::new());
    }
    Ok(Prepared {
        scene,
        image: disk.snapshot(),
        known: platform.known.into_inner().unwrap_or_default(),
        facts,
        elapsed_ms: phone.elapsed_ms(),
        keeping,
    })
}

/// A platform that knows this much.
pub fn platform_knowing(known: Known) -> Result<Platform, FieldError> {
    Platform::knowing(known).ok_or(FieldError::NotFound { what: "a key" })
}

/// Two days of work.
fn on_duty(phone: &Phone, book: &FieldBook, platform: &Platform) -> Result<Facts, FieldError> {
    let ticket = ticket().map_err(|_| FieldError::NotFound { what: "a ticket" })?;
    enrolled(book.enroll_over(
        &ticket,
        &super::drafts::phone(),
        platform,
        &Default::default(),
        Vec::new,
    ))?;
    let known = || platform.known.lock().unwrap_or_else(PoisonError::into_inner);
    known().feed = (1..=6_u8)
        .map(|n| task_row(task(n), 1, u32::from(n)))
        .chain([post_row("DL-03")])
        .collect();
    sync(book, platform)?;
    book.submit(task(4), report())?;
    book.accept(task(6))?;
    for value in [40, 60] {
        book.count(count(value, None))?;
    }
    let (case, _) = book.report_case(dispute())?;
    let (urgent, _) = book.start_urgent(urgent())?;
    book.attach(photo(1))?;
    sync(book, platform)?;
    let sent_back = book.count(count(9, None))?;
    known().park.insert(sent_back.seq, ParkReason::UnknownTask);
    sync(book, platform)?;
    known().park.clear();

    phone.pass(3_600_000);
    let (patrol, _) = book.start_patrol(patrol())?;
    for n in 0..4 {
        phone.pass(1_000);
        book.record_fix(patrol, fix(n))?;
    }
    book.visit(patrol, visit("DL-03-C1"))?;
    let attachment = book.attach(photo(2))?;
    let mut draft = observation("缆绳磨损");
    let kept = attachment.sha256();
    draft.attachments.push(attachment);
    book.observe(patrol, draft)?;
    book.count(count(12, Some(patrol)))?;
    Ok(Facts {
        patrol,
        fixes: 4,
        case,
        urgent,
        parked: sent_back.seq,
        photos: vec![kept],
    })
}

/// Leaves the vault as the scene wants it. Answers the disk that it lies on.
fn left(
    scene: Scene,
    phone: &Phone,
    disk: &SimDisk,
    book: FieldBook,
    facts: &Facts,
) -> Result<SimDisk, FieldError> {
    match scene {
        Scene::Killed => {
            for n in 4..7 {
                phone.pass(1_000);
                book.record_fix(facts.patrol, fix(n))?;
            }
            return Ok(SimDisk::from_snapshot(&disk.snapshot()));
        }
        Scene::Vouched => {
            book.store_for_tests().write(|tx| {
                let epoch = tx.current_epoch()?;
                let to = Seq(facts.parked.0 - 1);
                let checkpoint = Checkpoint::new((book.device(), epoch), to, to, INCARNATION);
                Ok::<_, FieldError>(tx.set_checkpoint(&checkpoint, START_MS)?)
            })?;
            phone.pass(8 * 86_400_000);
        }
        _ => {}
    }
    book.close()?;
    match scene {
        Scene::Captured => {
            let locked = LockedBook::open(&phone.folder, phone.host.clone())?;
            locked.start_urgent(urgent())?;
            locked.count(count(3, None))?;
            locked.close()?;
        }
        Scene::Lost => lose_database(disk)?,
        Scene::Torn => {
            let path = phone.folder.join("fieldbook.db");
            let mut bytes = disk.read_file(&path).unwrap_or_default();
            let pages = bytes.len() / 4096;
            for page in [2, 3, pages / 2, pages - 1] {
                bytes[page * 4096 + 100..page * 4096 + 140].fill(0x55);
            }
            disk.write_file(&path, &bytes)?;
        }
        Scene::Holed => {
            let path = phone.folder.join("lifeboat").join("0000000000.boat");
            let mut bytes = disk.read_file(&path).unwrap_or_default();
            let hole = 8192 + 600;
            // A vault without a lifeboat has no hole in it.
            if let Some(hole) = bytes.get_mut(hole..hole + 20) {
                hole.fill(0x55);
            }
            disk.write_file(&path, &bytes)?;
        }
        Scene::NoBallast => {
            disk.remove_file(&phone.folder.join("ballast"))?;
        }
        Scene::Schema1 => return schema1::of(phone),
        _ => {}
    }
    Ok(disk.clone())
}

fn sync(book: &FieldBook, platform: &Platform) -> Result<(), FieldError> {
    book.sync(platform, Budget::default(), &CancelToken::default(), &mut |_| {})?;
    Ok(())
}
