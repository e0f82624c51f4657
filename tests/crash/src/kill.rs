//! Killed processes: a child records in a real folder and tells each answer through a pipe; it is killed at a random moment,
//! and what it was told must be there.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use grid_fieldbook::{
    AttachmentDraft, AttachmentRef, Budget, CancelToken, CountDraft, FieldBook, FieldError, FixDraft, Host,
    ObservationDraft, PatrolDraft, PhoneDraft, StoreLimits, Ticket, VisitDraft,
};
use grid_model::id::{PatrolId, PhoneId, Seq};
use grid_model::terms::{AttachmentRole, CountKind, ObservationKind, PatrolType, Proof, Transport};
use grid_vault::sha256;

use crate::operations::platform_knowing;
use crate::platform::Known;
use crate::world::OpenKeys;
use crate::{Dice, dice};

/// Kills of one vault; then a new one begins.
const KILLS_A_VAULT: u64 = 25;
/// A child lives at most so long after it is ready, microseconds.
const LIVES_US: u64 = 40_000;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Children killed.
    pub kills: u64,
    /// Answers that they told.
    pub answers: u64,
    /// Answers that were not kept, and vaults that do not hold.
    pub lost: u64,
}

impl Outcome {
    /// Whether everything was kept, and anything was told at all.
    pub const fn is_good(&self) -> bool {
        self.lost == 0 && self.answers > 0
    }

    /// The line that says it.
    pub fn line(&self) -> String {
        format!("kills {}, lost {}", self.kills, self.lost)
    }
}

/// Kills `count` children; `program` is this crate's binary.
pub fn run(program: &Path, count: u64, seed: u64) -> Result<Outcome, String> {
    let (next, outcome, begun) = (AtomicU64::new(0), Mutex::new(Outcome::default()), Instant::now());
    let failed = Mutex::new(None);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let vault = next.fetch_add(1, Ordering::SeqCst);
                    let Some(left) = count.checked_sub(vault * KILLS_A_VAULT).filter(|left| *left > 0) else {
                        return;
                    };
                    let done = one_vault(program, seed, vault, left.min(KILLS_A_VAULT), &outcome);
                    if let Err(what) = done {
                        *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(what);
                        return;
                    }
                    let so_far = outcome.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    if vault % 8 == 7 {
                        let seconds = begun.elapsed().as_secs();
                        println!(
                            "[{seconds:4} s] {} kills, {} answers kept",
                            so_far.kills, so_far.answers
                        );
                    }
                }
            });
        }
    });
    match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(what) => Err(what),
        None => Ok(outcome.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

fn one_vault(
    program: &Path,
    seed: u64,
    vault: u64,
    kills: u64,
    outcome: &Mutex<Outcome>,
) -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path().join("vault");
    let mut told = Vec::new();
    for kill in 0..kills {
        let mut dice = Dice::seeded(dice::mixed(seed, vault * KILLS_A_VAULT + kill));
        let answers = killed(program, &folder, dice.below(1 << 40), dice.below(LIVES_US))?;
        let new = answers.len() as u64;
        told.extend(answers);
        let wrong = check(&folder, &told);
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.kills += 1;
        outcome.answers += new;
        if let Err(what) = wrong {
            outcome.lost += 1;
            println!("VIOLATION vault {vault}, kill {kill}, seed {seed}: {what}");
            let kept = scratch.keep();
            println!("the vault is kept in {}", kept.display());
            return Ok(());
        }
    }
    Ok(())
}

/// Starts a child, kills it, and answers what it told.
fn killed(program: &Path, folder: &Path, seed: u64, after_us: u64) -> Result<Vec<Answer>, String> {
    let mut child = Command::new(program)
        .arg("kill-child")
        .arg(folder)
        .arg(seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the child does not start: {error}"))?;
    let pipe = child.stdout.take().ok_or("no pipe")?;
    let mut lines = BufReader::new(pipe);
    let mut line = String::new();
    // Some are killed while they open the vault.
    if after_us >= LIVES_US / 8 {
        lines.read_line(&mut line).map_err(|error| error.to_string())?;
    }
    thread::sleep(Duration::from_micros(after_us));
    child.kill().map_err(|error| error.to_string())?;
    let mut answers = Vec::new();
    loop {
        line.clear();
        let read = lines.read_line(&mut line).map_err(|error| error.to_string())?;
        if read == 0 {
            break;
        }
        // The last line may be cut off: its answer did not arrive.
        if line.ends_with('\n') {
            if let Some(what) = line.strip_prefix("error ") {
                return Err(format!("the child could not record: {what}"));
            }
            answers.extend(Answer::parse(line.trim()));
        }
    }
    child.wait().map_err(|error| error.to_string())?;
    Ok(answers)
}

/// What a child was told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// A record at this place holds these words.
    Record(u64, String),
    /// A photo with these bytes is kept.
    Photo(u64),
    /// This patrol has so many fixes.
    Fixes([u8; 16], u64),
}

impl Answer {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let (what, first) = (words.next()?, words.next()?);
        match what {
            "record" => Some(Self::Record(first.parse().ok()?, words.next()?.to_owned())),
            "photo" => Some(Self::Photo(first.parse().ok()?)),
            "fixes" => {
                let patrol: PatrolId = first.parse().ok()?;
                Some(Self::Fixes(patrol.0, words.next()?.parse().ok()?))
            }
            _ => None,
        }
    }
}

fn host() -> Host {
    let mut host = Host::system();
    host.storage.limits = StoreLimits::SMALL;
    host
}

/// Opens the vault and looks for everything that was told.
fn check(folder: &Path, told: &[Answer]) -> Result<(), String> {
    let said = |error: FieldError| format!("{error:?}");
    let book = FieldBook::open(folder, host(), &OpenKeys).map_err(said)?;
    let records: BTreeSet<(u64, String)> = book
        .records(Seq(0), u32::MAX)
        .map_err(said)?
        .into_iter()
        .flat_map(|record| {
            let words: Vec<String> = record.words.split(' ').map(str::to_owned).collect();
            words.into_iter().map(move |word| (record.seq.0, word))
        })
        .collect();
    let store = book.store_for_tests();
    for answer in told {
        let kept = match answer {
            Answer::Record(place, word) => records.contains(&(*place, word.clone())),
            Answer::Photo(n) => {
                let bytes = photo(*n);
                let row = store.read(|tx| tx.attachment(sha256(&bytes)).map_err(FieldError::from));
                let row = row.map_err(said)?;
                row.is_some_and(|row| store.read_attachment(&row, 0, bytes.len()).ok() == Some(bytes))
            }
            Answer::Fixes(patrol, fixes) => book
                .patrol(PatrolId(*patrol))
                .is_ok_and(|patrol| patrol.fixes >= *fixes),
        };
        if !kept {
            return Err(format!("{answer:?} is not kept"));
        }
    }
    let checks = book.self_check().map_err(said)?;
    let bad = checks
        .iter()
        .find(|check| !check.ok && matches!(check.name, "database" | "chain" | "lifeboat" | "attachments"));
    if let Some(check) = bad {
        return Err(format!("{}: {}", check.name, check.detail));
    }
    book.close().map_err(said)
}

fn photo(n: u64) -> Vec<u8> {
    let mut bytes = vec![0; 3_000];
    Dice::seeded(n).fill(&mut bytes);
    bytes
}

/// The child: records until it is killed.
pub fn child(folder: PathBuf, seed: u64) {
    if let Err(error) = record(&folder, seed) {
        println!("error {error:?}");
    }
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    let told = writeln!(out, "{line}").and_then(|()| out.flush());
    if told.is_err() {
        // Nobody listens any more.
        std::process::exit(0);
    }
}

fn record(folder: &Path, seed: u64) -> Result<(), FieldError> {
    let book = FieldBook::open(folder, host(), &OpenKeys)?;
    let platform = platform_knowing(Known::default())?;
    let mut dice = Dice::seeded(seed);
    tell("ready");
    if book.status()?.worker.is_none()
        && let Ok(ticket) = Ticket::parse("grid:http://127.0.0.1:1#code=ABCD-EFGH")
    {
        let phone = PhoneDraft {
            phone: PhoneId([5; 16]),
            label: "一号机".to_owned(),
            platform: "linux".to_owned(),
            app_version: "0.1.0".to_owned(),
        };
        let _ = book.enroll_over(&ticket, &phone, &platform, &Default::default(), Vec::new);
    }
    let patrol = match book.status()?.open_patrol {
        Some(patrol) => patrol,
        None => book.start_patrol(patrol())?.0,
    };
    loop {
        let n = 1 + dice.below(5_000);
        match dice.below(10) {
            0..3 => {
                let saved = book.count(count(n))?;
                tell(&format!("record {} {n:+}", saved.seq.0));
            }
            3..5 => {
                let saved = book.observe(patrol, observation(n, Vec::new()))?;
                tell(&format!("record {} n{n}", saved.seq.0));
            }
            5 => {
                let saved = book.visit(patrol, visit(n))?;
                tell(&format!("record {} c{n}", saved.seq.0));
            }
            6 => {
                let attachment = book.attach(attachment(n))?;
                tell(&format!("photo {n}"));
                let saved = book.observe(patrol, observation(n, vec![attachment]))?;
                tell(&format!("record {} n{n}", saved.seq.0));
            }
            7..9 => {
                for _ in 0..3 {
                    book.record_fix(patrol, FIX)?;
                    // Buffered fixes survive a killed process at once.
                    tell(&format!("fixes {patrol} {}", book.patrol(patrol)?.fixes));
                }
            }
            _ => {
                book.sync(&platform, Budget::default(), &CancelToken::default(), &mut |_| {})?;
            }
        }
    }
}

const FIX: FixDraft = FixDraft {
    lat_e7: 397_500_000,
    lon_e7: 1_237_300_000,
    accuracy_dm: 50,
    speed_cms: 120,
};

fn patrol() -> PatrolDraft {
    PatrolDraft {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL-03".to_owned(),
        point: None,
    }
}

fn count(n: u64) -> CountDraft {
    CountDraft {
        kind: CountKind::IslandEntryCheck,
        value: n.cast_signed(),
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    }
}

fn observation(n: u64, attachments: Vec<AttachmentRef>) -> ObservationDraft {
    ObservationDraft {
        kind: ObservationKind::Hazard,
        note: format!("n{n}"),
        point: None,
        attachments,
    }
}

fn visit(n: u64) -> VisitDraft {
    VisitDraft {
        checkpoint: format!("c{n}"),
        proof: Proof::Qr,
        point: None,
        unlocated_reason: None,
    }
}

fn attachment(n: u64) -> AttachmentDraft {
    AttachmentDraft {
        role: AttachmentRole::After,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: photo(n),
    }
}
