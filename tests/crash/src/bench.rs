//! One operation with everything that belongs to judging it: where it starts, what a whole run of it does.

use std::panic::{AssertUnwindSafe, catch_unwind};

use grid_fieldbook::{FieldBook, FieldError};

use crate::SimDisk;
use crate::operations::{Ack, Operation, Prepared, Program, Run, Scene, all, perform, platform_knowing};
use crate::oracle::{Boat, Kept, Look, Reference, Violation, look};
use crate::world::{Phone, lose_database};

/// Randomness of every run: the same, so that a run that is cut off begins like the whole one.
const RUN_SEED: u64 = 2;
/// Randomness of whoever opens the vault afterwards.
const NEXT_SEED: u64 = 3;

/// All vaults and what is in each before anything is done to it.
pub struct Benches {
    scenes: Vec<(Prepared, Kept)>,
}

impl Benches {
    /// Looks into every prepared vault once.
    pub fn of(prepared: Vec<Prepared>) -> Result<Self, FieldError> {
        let mut scenes = Vec::new();
        for one in prepared {
            let kept = match one.scene {
                Scene::Empty => Kept::default(),
                _ => {
                    let disk = SimDisk::from_snapshot(&one.image);
                    let book = next_start(&one.phone(&disk, NEXT_SEED), damaged(one.scene))?;
                    look(&book, &one.facts, EVERYTHING)?
                }
            };
            scenes.push((one, kept));
        }
        Ok(Self { scenes })
    }

    /// A bench for a program; all its operations start from the same scene.
    pub fn bench(&self, program: &[Operation]) -> Result<Bench<'_>, String> {
        let scene = program.first().map(|operation| operation.scene);
        let found = self
            .scenes
            .iter()
            .find(|(prepared, _)| Some(prepared.scene) == scene);
        let (prepared, before) = found.ok_or("an operation without its scene")?;
        Bench::of(prepared, before, program.to_vec())
    }
}

const EVERYTHING: Look = Look {
    boat: Boat::Opened,
    pages: true,
};

/// One program on its vault.
pub struct Bench<'b> {
    /// Where it starts.
    pub prepared: &'b Prepared,
    /// What is run.
    pub program: Program,
    /// What a whole run does.
    pub reference: Reference,
    /// Changing operations of the disk in a whole run.
    pub ops: u64,
    /// All operations of the disk in a whole run.
    pub points: u64,
}

/// What a run was told before it ended.
pub struct Ran {
    /// What was acknowledged.
    pub acks: Vec<Ack>,
    /// How it ended.
    pub result: Result<(), FieldError>,
    /// The book, if the run left it open.
    pub book: Option<FieldBook>,
}

impl<'b> Bench<'b> {
    fn of(prepared: &'b Prepared, before: &Kept, program: Program) -> Result<Self, String> {
        let disk = SimDisk::from_snapshot(&prepared.image);
        let ran = run(prepared, &program, &disk, &|| disk.mark()).map_err(|error| format!("{error:?}"))?;
        ran.result
            .map_err(|error| format!("{} does not work at all: {error:?}", named(&program)))?;
        drop(ran.book);
        let (ops, points) = (disk.ops(), disk.points());
        let phone = prepared.phone(&disk, NEXT_SEED);
        let seen = next_start(&phone, false).and_then(|book| look(&book, &prepared.facts, EVERYTHING));
        let after = seen.map_err(|error| format!("{}: afterwards {error:?}", named(&program)))?;
        let reference = Reference::of(before.clone(), after, &ran.acks, prepared.facts.clone())
            .map_err(|what| format!("{}: {what}", named(&program)))?;
        Ok(Self {
            prepared,
            program,
            reference,
            ops,
            points,
        })
    }

    /// Runs the program on this disk.
    pub fn run(&self, disk: &SimDisk, start: &dyn Fn()) -> Result<Ran, Violation> {
        run(self.prepared, &self.program, disk, start)
    }

    /// What the next start finds on this disk, judged. `database_lost`: and the database is gone.
    pub fn judge(&self, acks: &[Ack], disk: &SimDisk, depth: Look, lost: bool) -> Result<(), Violation> {
        let boat = match self.prepared.scene {
            // Until its recovery is done the lifeboat has its hole.
            Scene::Holed => Boat::Apart,
            _ => depth.boat,
        };
        let depth = Look { boat, ..depth };
        guarded(|| {
            let phone = self.prepared.phone(disk, NEXT_SEED);
            if lost {
                lose_database(disk).map_err(|error| Violation::Shut(error.to_string()))?;
            }
            let may_be_damaged = lost || damaged(self.prepared.scene);
            let book = match next_start(&phone, may_be_damaged) {
                Ok(book) => book,
                // A vault that never was finished has nothing to bring back.
                Err(FieldError::Damaged)
                    if lost && self.prepared.scene == Scene::Empty && acks.is_empty() =>
                {
                    return Ok(());
                }
                Err(error) => return Err(Violation::Shut(format!("{error:?}"))),
            };
            let left = look(&book, &self.prepared.facts, depth);
            let left = left.map_err(|error| Violation::Shut(format!("looking: {error:?}")))?;
            self.reference.judge(acks, &left, (depth, lost))
        })
    }
}

fn run(
    prepared: &Prepared,
    program: &[Operation],
    disk: &SimDisk,
    start: &dyn Fn(),
) -> Result<Ran, Violation> {
    guarded(|| {
        let phone = prepared.phone(disk, RUN_SEED);
        let platform = platform_knowing(prepared.known.clone())
            .map_err(|error| Violation::Shut(format!("{error:?}")))?;
        let mut run = Run::new(&phone, &platform, &prepared.facts, start);
        let (result, book) = perform(program, &mut run);
        Ok(Ran {
            acks: run.acks,
            result,
            book,
        })
    })
}

/// A panic is a violation like others.
pub fn guarded<R>(f: impl FnOnce() -> Result<R, Violation>) -> Result<R, Violation> {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation::Shut(format!("panic: {}", text.unwrap_or_default())))
    })
}

/// Opens the vault as the next start of the application does; recovers it if it may be damaged and is.
pub fn next_start(phone: &Phone, may_be_damaged: bool) -> Result<FieldBook, FieldError> {
    match phone.open() {
        Err(FieldError::Damaged | FieldError::Internal { .. }) if may_be_damaged => {
            phone.recover().map(|(book, _)| book)
        }
        Ok(book) if may_be_damaged && !book.self_check()?.iter().all(|c| c.ok || c.name != "database") => {
            book.close()?;
            phone.recover().map(|(book, _)| book)
        }
        other => other,
    }
}

pub(crate) fn damaged(scene: Scene) -> bool {
    matches!(scene, Scene::Lost | Scene::Torn)
}

/// The operations of a program, by name.
pub fn named(program: &[Operation]) -> String {
    let names: Vec<_> = program.iter().map(|operation| operation.name).collect();
    names.join(" + ")
}

/// The operations that a text names, divided by ` + `.
pub fn by_name(text: &str) -> Option<Program> {
    let all = all();
    let find = |name: &str| {
        all.iter()
            .find(|operation| operation.name == name.trim())
            .copied()
    };
    text.split('+').map(find).collect()
}
