//! Vaults as they are found on phones, each on a disk of its own. Never damages one.

use grid_fieldbook::{
    AttachmentDraft, AttachmentRef, CaseDraft, CountDraft, FieldBook, FixDraft, ObservationDraft,
    PatrolDraft, ReportDraft, UrgentDraft, VisitDraft,
};
use grid_model::id::{PatrolId, TaskId};
use grid_model::terms::{
    AttachmentRole, CaseKind, CountKind, Level, Milestone, ObservationKind, PatrolType, Proof, ReportResult,
    RowKind, Transport, UnlocatedReason,
};
use grid_model::{Point, TaskStatus};
use grid_store::{StoreLimits, StoreOptions};
use grid_wire::{FeedRow, TaskRow, encode};

use super::oracle::{self, Truth};
use super::phone::{Phone, START_MS};
use super::platform::{self, Platform};
use crate::{Dice, Image, SimDisk};

/// How a vault was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// The process was killed before anything moved from the log to the database.
    AllInLog,
    /// Closed in good order: no log.
    Checkpointed,
    /// Closed, with a lifeboat of several segments.
    ManySegments,
    /// Synced, with received and parked records, receipts and tasks; then worked on and killed.
    Synced,
    /// Its log was begun anew several times: older frames lie behind the present ones.
    WornLog,
    /// Synced, and what was backed up was purged; then worked on.
    Purged,
}

impl Shape {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::AllInLog,
        Self::Checkpointed,
        Self::ManySegments,
        Self::Synced,
        Self::WornLog,
        Self::Purged,
    ];
}

/// A vault before anything happens to it.
pub(crate) struct Vault {
    pub(crate) shape: Shape,
    pub(crate) image: Image,
    /// The disk some work earlier: what an old copy put back would bring.
    pub(crate) earlier: Image,
    pub(crate) truth: Truth,
}

impl Vault {
    /// Makes a vault of this shape.
    pub(crate) fn made(shape: Shape, seed: u64) -> Result<Self, String> {
        Maker::new(shape, seed)?.make()
    }
}

struct Maker {
    shape: Shape,
    phone: Phone,
    book: FieldBook,
    platform: Platform,
    dice: Dice,
    patrol: Option<PatrolId>,
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

const POINT: Point = Point {
    lat_e7: 398_000_000,
    lon_e7: 1_239_000_000,
    accuracy_dm: Some(50),
};

impl Maker {
    fn new(shape: Shape, seed: u64) -> Result<Self, String> {
        let disk = SimDisk::empty();
        let mut limits = StoreLimits::SMALL;
        match shape {
            Shape::AllInLog => limits.wal_bytes = 64 << 20,
            Shape::ManySegments | Shape::Purged => limits.segment_bytes = 12 << 10,
            _ => {}
        }
        let options = StoreOptions {
            limits,
            ..StoreOptions::default()
        };
        let phone = Phone::with(&disk, seed, options);
        let book = phone.open().map_err(told)?;
        Ok(Self {
            shape,
            phone,
            book,
            platform: Platform::new()?,
            dice: Dice::seeded(seed ^ 0x5eed),
            patrol: None,
        })
    }

    fn make(mut self) -> Result<Vault, String> {
        self.platform.enroll(&self.book)?;
        let (first, second) = match self.shape {
            Shape::WornLog => (90, 60),
            Shape::ManySegments => (40, 30),
            Shape::Purged => (40, 12),
            _ => (14, 12),
        };
        self.work(first)?;
        if matches!(self.shape, Shape::Synced | Shape::Purged) {
            self.sync()?;
        }
        let earlier = self.phone.disk.snapshot();
        self.work(second)?;
        // The last commit is a record: what a log loses at its end is then something that the lifeboat can tell.
        self.count()?;
        if matches!(self.shape, Shape::Checkpointed | Shape::ManySegments) {
            self.book.close().map_err(told)?;
        }
        let image = self.phone.disk.snapshot();
        drop(self.book);
        let truth = Truth::of(&image)?;
        Ok(Vault {
            shape: self.shape,
            image,
            earlier,
            truth,
        })
    }

    fn sync(&mut self) -> Result<(), String> {
        {
            let mut held = self.platform.held();
            held.parks.extend([3, 7]);
            held.feed.extend((1..=3).map(task));
            if self.shape == Shape::Purged {
                held.parks.clear();
                held.backed_up_to = 30;
            }
        }
        self.platform.sync_all(&self.book)?;
        if self.shape == Shape::Purged {
            self.platform.held().later_ms = grid_store::TEXT_STAYS_MS + 1;
            self.platform.sync_all(&self.book)?;
            self.purge()?;
        }
        Ok(())
    }

    /// Purges what the platform has in a backup, as the pump of a phone does after a sync.
    fn purge(&mut self) -> Result<(), String> {
        self.book.close().map_err(told)?;
        let (store, crew) = oracle::manned(&self.phone)?;
        store.man_lifeboat(crew).map_err(told)?;
        let now_ms = START_MS + 1_000 + grid_store::TEXT_STAYS_MS;
        // The last sync may have done it already.
        let purged = store.purge(platform::INCARNATION, now_ms).map_err(told)?;
        let lives = store.read(|tx| tx.lives()).map_err(told)?;
        store.close().map_err(told)?;
        self.book.reopen().map_err(told)?;
        if lives.iter().all(|life| life.base.seq().0 == 0) {
            return Err(format!("nothing was purged: {purged:?}"));
        }
        Ok(())
    }

    fn work(&mut self, steps: u64) -> Result<(), String> {
        for _ in 0..steps {
            self.step()?;
            let pause = 1_000 + self.dice.below(500) as i64;
            self.phone.pass(pause);
        }
        Ok(())
    }

    fn step(&mut self) -> Result<(), String> {
        match self.dice.below(10) {
            0..3 => self.count(),
            3 => self.rescue(),
            4 | 5 => self.case(),
            6 => self.patrol(),
            7 => self.attach(3_000).map(|_| ()),
            _ => self.look(),
        }
    }

    fn words(&mut self, most: u64) -> String {
        let length = self.dice.below(most) + 2;
        let letter = |dice: &mut Dice| char::from_u32(0x4e00 + dice.below(0x5000) as u32).unwrap_or('字');
        (0..length).map(|_| letter(&mut self.dice)).collect()
    }

    fn count(&mut self) -> Result<(), String> {
        let draft = CountDraft {
            kind: CountKind::IslandEntryCheck,
            value: self.dice.below(20) as i64 + 1,
            post: "DL-01".to_owned(),
            patrol: None,
            reason: None,
        };
        self.book.count(draft).map(|_| ()).map_err(told)
    }

    fn rescue(&mut self) -> Result<(), String> {
        let draft = UrgentDraft {
            title: self.words(20),
            place_text: self.words(40),
            point: Some(POINT),
        };
        let (case, _) = self.book.start_urgent(draft).map_err(told)?;
        let step = self.book.urgent_milestone(case, Milestone::Departed);
        step.map(|_| ()).map_err(told)
    }

    fn attach(&mut self, bytes: u64) -> Result<AttachmentRef, String> {
        let mut content = vec![0; self.dice.below(bytes) as usize + 100];
        self.dice.fill(&mut content);
        let draft = AttachmentDraft {
            role: AttachmentRole::Before,
            mime: "image/jpeg".to_owned(),
            point: None,
            content,
        };
        self.book.attach(draft).map_err(told)
    }

    fn case(&mut self) -> Result<(), String> {
        let attachments = match self.dice.chance(500) {
            true => vec![self.attach(5_000)?],
            false => Vec::new(),
        };
        let draft = CaseDraft {
            case_kind: CaseKind::Hazard,
            title: self.words(30),
            // Now and then longer than a page.
            description: self.words(900),
            place_text: self.words(60),
            point: Some(POINT),
            dispute: None,
            attachments,
        };
        let (case, _) = self.book.report_case(draft).map_err(told)?;
        if self.dice.chance(300) {
            let report = ReportDraft::new(
                ReportResult::Solved,
                format!("已当场处理完毕，{}", self.words(100)),
            );
            self.book.submit_case(case, report).map_err(told)?;
        }
        Ok(())
    }

    fn patrol(&mut self) -> Result<(), String> {
        match self.patrol.take() {
            Some(patrol) if self.dice.chance(400) => {
                self.book.end_patrol(patrol).map_err(told)?;
            }
            Some(patrol) => {
                let visit = VisitDraft {
                    checkpoint: "CP-1".to_owned(),
                    proof: Proof::None,
                    point: None,
                    unlocated_reason: Some(UnlocatedReason::NoSky),
                };
                self.book.visit(patrol, visit).map_err(told)?;
                self.patrol = Some(patrol);
            }
            None => {
                let draft = PatrolDraft {
                    patrol_type: PatrolType::Coastline,
                    transport: Transport::Foot,
                    post: "DL-01".to_owned(),
                    point: None,
                };
                let (patrol, _) = self.book.start_patrol(draft).map_err(told)?;
                self.patrol = Some(patrol);
            }
        }
        Ok(())
    }

    /// Fixes and something seen, when a patrol runs.
    fn look(&mut self) -> Result<(), String> {
        let Some(patrol) = self.patrol else {
            return self.patrol();
        };
        for _ in 0..self.dice.below(6) + 1 {
            let fix = FixDraft {
                lat_e7: 398_000_000 + self.dice.below(1_000) as i32,
                lon_e7: 1_239_000_000,
                accuracy_dm: 50,
                speed_cms: 120,
            };
            self.book.record_fix(patrol, fix).map_err(told)?;
        }
        let attachments = match self.dice.chance(300) {
            true => vec![self.attach(2_000)?],
            false => Vec::new(),
        };
        let draft = ObservationDraft {
            kind: ObservationKind::Normal,
            note: self.words(80),
            point: Some(POINT),
            attachments,
        };
        self.book.observe(patrol, draft).map(|_| ()).map_err(told)
    }
}

fn task(number: u8) -> FeedRow {
    let row = TaskRow {
        no: format!("DL-2026-{number:04}"),
        title: "楼道堆放杂物".to_owned(),
        description: String::new(),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        status: TaskStatus::Assigned,
        grid_code: "210681101210001".to_owned(),
        place_text: "东口".to_owned(),
        created_at_ms: START_MS,
        due_at_ms: START_MS + 3 * 86_400_000,
        reason: None,
        late_report: false,
        covers: 0,
        extension: None,
    };
    FeedRow {
        kind: RowKind::Task,
        id: TaskId([number; 16]).0.to_vec(),
        revision: 1,
        body: encode(&row),
        moved: None,
    }
}
