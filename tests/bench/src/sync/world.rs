//! A platform and a vault that it knows, made once, and copies of both for each run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grid_cut::{Bed, Direction};
use grid_fieldbook::{Budget, CancelToken, FieldBook, Outcome, PhoneDraft};
use grid_hub::TaskImport;
use grid_model::id::{PatrolId, PhoneId, TaskId};
use grid_model::lane::Lane;
use grid_model::terms::{CaseKind, Level, PatrolType, Transport};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

use crate::BenchError;
use crate::ours::{lay, open_book, open_store};
use crate::plan::{PATROL, Plan, Step};
use crate::record::Record;
use crate::sync::phone::{Act, Acted, Start};

const PLATFORM: &str = "platform";
const VAULT: &str = "vault";
/// Tasks that are imported at once, and changes that are recorded at once.
const AT_ONCE: usize = 500;

/// A platform and a vault at rest.
pub(crate) struct World {
    root: TempDir,
}

/// What a run took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    /// What the phone says.
    pub(crate) acted: Acted,
    /// Bytes through the proxy.
    pub(crate) up: u64,
    /// The same, to the phone.
    pub(crate) down: u64,
}

impl World {
    /// Makes both and enrols the vault; `tasks` are dispatched to its worker.
    pub(crate) fn make(tasks: Vec<TaskImport>) -> Result<(Self, Vec<TaskId>), BenchError> {
        let root = tempfile::tempdir()?;
        let bed = Bed::open(&root.path().join(PLATFORM))?;
        let mut ids = Vec::new();
        for some in tasks.chunks(AT_ONCE) {
            let (now_ms, hub) = (bed.platform().now_ms(), bed.platform().hub());
            let taken = hub.import_tasks(now_ms, bed.dispatcher(), some).map_err(said)?;
            ids.extend(taken.map_err(said)?.into_iter().map(|task| task.id));
        }
        let world = Self { root };
        world.enrol(&bed, &world.root.path().join(VAULT))?;
        bed.stop()?;
        Ok((world, ids))
    }

    /// Enrols a fresh vault.
    pub(crate) fn enrol(&self, bed: &Bed, folder: &Path) -> Result<(), BenchError> {
        let book = open_book(folder, true)?;
        let phone = PhoneDraft {
            phone: PhoneId([1; 16]),
            label: "一号机".to_owned(),
            platform: "linux".to_owned(),
            app_version: "0.1.0".to_owned(),
        };
        book.enroll(&bed.ticket()?, &phone, &Default::default())
            .map_err(said)?;
        Ok(book.close()?)
    }

    /// Where the vault is.
    pub(crate) fn vault(&self) -> PathBuf {
        self.root.path().join(VAULT)
    }

    /// Where the platform is.
    pub(crate) fn platform(&self) -> PathBuf {
        self.root.path().join(PLATFORM)
    }

    /// Syncs and then records, without a link.
    pub(crate) fn record(
        &self,
        work: impl FnOnce(&FieldBook, PatrolId) -> Result<(), BenchError>,
    ) -> Result<PatrolId, BenchError> {
        let bed = Bed::open(&self.platform())?;
        let book = open_book(&self.vault(), true)?;
        let (patrol, _) = book.start_patrol(grid_fieldbook::PatrolDraft {
            patrol_type: PatrolType::Coastline,
            transport: Transport::Foot,
            post: "DL-01".to_owned(),
            point: None,
        })?;
        let address = grid_fieldbook::Address::parse(&format!("http://{}", bed.address())).map_err(said)?;
        let over = grid_fieldbook::HttpTransport::new(address, grid_net::Trust::Loopback).map_err(said)?;
        let report = book.sync(&over, Budget::default(), &CancelToken::default(), &mut |_| {})?;
        if report.summary.outcome != Outcome::Complete {
            return Err(said(report.summary.outcome));
        }
        drop(over);
        work(&book, patrol)?;
        book.close()?;
        bed.stop()?;
        Ok(patrol)
    }

    /// Copies both into a folder of a run.
    pub(crate) fn copy(&self) -> Result<Self, BenchError> {
        let root = tempfile::tempdir()?;
        grid_cut::copy(self.root.path(), root.path())?;
        Ok(Self { root })
    }

    /// One phone's process on a copy; `cut` is told the link before it runs.
    pub(crate) fn run(&self, cut: impl FnOnce(&grid_cut::Link)) -> Result<Run, BenchError> {
        let copy = self.copy()?;
        let bed = Bed::open(&copy.platform())?;
        cut(bed.link());
        let start = Start {
            act: Act::Sync,
            folder: &copy.vault(),
            address: bed.address(),
            rows: (0, 0),
        };
        let acted = start.run()?;
        copy.ended(bed, acted)
    }

    /// Stops the platform and looks whether everything is there, once.
    pub(crate) fn ended(&self, bed: Bed, acted: Acted) -> Result<Run, BenchError> {
        let [up, down] = Direction::BOTH.map(|way| bed.link().sent(way));
        bed.stop()?;
        if acted.unsent > 0 {
            return Err(BenchError::Child(format!(
                "{} records are still unsent",
                acted.unsent
            )));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let store = Connection::open_with_flags(self.platform().join("hub.sqlite"), flags)?;
        let number = |sql: &str| store.query_row(sql, [], |row| row.get::<_, i64>(0));
        let (kept, highest) = (
            number("SELECT count(*) FROM change")?,
            number("SELECT coalesce(max(seq), 0) FROM change")?,
        );
        let odd = number("SELECT (SELECT count(*) FROM conflict) + (SELECT count(*) FROM fork)")?;
        if kept != highest || odd > 0 {
            let told = format!("{kept} records of {highest} are on the platform, {odd} conflicts or forks");
            return Err(BenchError::Child(told));
        }
        Ok(Run { acted, up, down })
    }
}

/// What a task list dispatches for these tasks.
pub(crate) fn imports(worker: &str, records: &[Record]) -> Vec<TaskImport> {
    records
        .iter()
        .enumerate()
        .map(|(number, record)| TaskImport {
            no: Some(format!("DL-2026-{:06}", number + 1)),
            title: record
                .title
                .clone()
                .unwrap_or_else(|| record.note.chars().take(20).collect()),
            description: record.note.clone(),
            case_kind: CaseKind::Environment,
            level: Level::General,
            holder_job_no: worker.to_owned(),
            grid_code: None,
            place_text: record.addr.clone().unwrap_or_default(),
            dispatched_at_ms: record.at,
            due_at_ms: record.due,
        })
        .collect()
}

/// Records the steps of a plan, with the tasks' and the patrol's own names, so many in a commit.
pub(crate) fn record_plan(
    vault: &Path,
    plan: Plan,
    names: &BTreeMap<TaskId, TaskId>,
    patrol: PatrolId,
) -> Result<(), BenchError> {
    let store = open_store(vault, true)?;
    let named = |id: TaskId| names.get(&id).copied().unwrap_or(id);
    let mut steps = plan.steps.into_iter().peekable();
    while steps.peek().is_some() {
        store.write(|tx| {
            for (at, step) in steps.by_ref().take(AT_ONCE) {
                let step = match step {
                    Step::Accept(id) => Step::Accept(named(id)),
                    Step::Arrive(id, point) => Step::Arrive(named(id), point),
                    Step::Submit(id, version, draft) => Step::Submit(named(id), version, draft),
                    other => other,
                };
                let (lane, fact, view) = step.fact(at);
                let lane = if lane == Lane::patrol(PATROL) {
                    Lane::patrol(patrol)
                } else {
                    lane
                };
                lay(tx, at, (lane, fact), view)?;
            }
            Ok::<_, BenchError>(())
        })?;
    }
    store.close()?;
    // The field book writes the second copy anew for the platform that it knows: no sync is to blame for that.
    Ok(open_book(vault, true)?.close()?)
}

/// What went wrong, in its own words.
pub(crate) fn said(error: impl std::fmt::Debug) -> BenchError {
    BenchError::Child(format!("{error:?}"))
}
