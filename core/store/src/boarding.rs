//! At open the database and its lifeboat are laid side by side: what one lacks it gets from the other.

use std::sync::atomic::Ordering;

use grid_model::id::Seq;
use grid_model::track::TrackPoint;
use grid_vault::sha256;
use grid_wire::Head;
use rusqlite::{TransactionBehavior, params};

use crate::attachments::named_files;
use crate::connect::{connect, shut};
use crate::disk::{Disk, read_all};
use crate::lifeboat::{BoatRow, Crew, Lifeboat, SegmentRead, read_segment, segment_names, was_never_written};
use crate::log::{ENTRY_COLUMNS, Life, entry_of};
use crate::open::{Writer, held};
use crate::options::StoreOptions;
use crate::sql::{counted, hash, id16};
use crate::txn::Unguarded;
use crate::{Reading, Store, StoreError};

/// What laying database and lifeboat side by side showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boarding {
    /// Both hold the same.
    Whole,
    /// The lifeboat lacked changes (the power went between the two flushes, or it was damaged) and has them now.
    Completed,
    /// The lifeboat holds changes that the database lacks: the database is damaged or an older copy. The lifeboat is not
    /// manned; adopt its rows (`Store::read_lifeboat`), then man it again.
    Ahead,
    /// Both hold a change at the same position, and they differ: the database is an older copy that went on. Begin a new
    /// epoch, then man the lifeboat again; the segments keep the other branch.
    Forked,
}

/// Mans the lifeboat of an open store.
pub(crate) fn board_store(store: &Store, writer: &mut Writer, crew: Crew) -> Result<Boarding, StoreError> {
    writer.boat = None;
    let tx = begin_reading(&mut writer.connection)?;
    let life = tx.current_life()?;
    let options = &store.options;
    let (mut boat, survey) = Lifeboat::man(
        options.disk.clone(),
        store.folder().join(FOLDER),
        crew,
        options.limits,
        options.flaw,
        life.epoch,
    )?;
    let head = tx.head_of(&life)?;
    let mut found = Boarding::Whole;
    match survey.newest {
        Some(newest) if newest.seq() > head.seq() => return Ok(Boarding::Ahead),
        Some(newest) if tx.differs_at(&life, newest)? => return Ok(Boarding::Forked),
        _ => {}
    }
    let mut behind = boat.guarded_to(life.epoch).max(life.base.seq()) < head.seq();
    for other in tx.lives()?.iter().filter(|other| other.epoch != life.epoch) {
        boat.know(other.epoch)?;
        behind |= boat.guarded_to(other.epoch).max(other.base.seq()) < tx.head_of(other)?.seq();
    }
    if survey.damaged {
        boat.forget();
    }
    if behind || survey.damaged {
        found = Boarding::Completed;
    }
    if behind || survey.damaged || !survey.ended || store.owes_frames.load(Ordering::Acquire) {
        // Keys of attachments and the journal go along: which of their frames are there is not known.
        boat.distrust_loose();
        match boat.guard_rest(&tx) {
            Ok(()) => store.owes_frames.store(false, Ordering::Release),
            Err(error) => {
                ::log::warn!("the second copy is missing: {error}");
                writer.poisoned |= error.is_of_connection();
                boat.forget();
            }
        }
    }
    drop(tx);
    writer.boat = Some(boat);
    Ok(found)
}

/// The folder of the segments, beside the database.
pub(crate) const FOLDER: &str = "lifeboat";
/// The folder inside a vault where damaged files are kept.
pub const QUARANTINE: &str = "quarantine";

impl Store {
    /// Mans the lifeboat: from now on every change gets its second copy. Answers what the segments know that the database
    /// does not.
    pub fn man_lifeboat(&self, crew: Crew) -> Result<Boarding, StoreError> {
        *held(&self.crew) = Some(crew.clone());
        let mut guard = self.awake()?;
        let writer = guard.as_mut().ok_or(StoreError::Closed)?;
        let boarding = self.man(writer, crew)?;
        if matches!(boarding, Boarding::Ahead | Boarding::Forked) {
            // It is the caller's to bring both together first.
            *held(&self.crew) = None;
        }
        Ok(boarding)
    }

    pub(crate) fn man(&self, writer: &mut Writer, crew: Crew) -> Result<Boarding, StoreError> {
        self.second_copy.store(false, Ordering::Release);
        if !self.options.lifeboat {
            return Ok(Boarding::Whole);
        }
        let boarding = board_store(self, writer, crew);
        writer.poisoned |= boarding.as_ref().is_err_and(StoreError::is_of_connection);
        self.tell_second_copy(writer);
        boarding
    }

    /// Writes the frames that a broken lifeboat lacks, if it can be written again, and remembers whether it could.
    pub(crate) fn look_after(&self, writer: &mut Writer) {
        let Some(boat) = &mut writer.boat else {
            return self.man_again(writer);
        };
        if !boat.wants_repair() {
            return self.tell_second_copy(writer);
        }
        if let Err(error) = self.with_boat(writer, |boat, tx| boat.guard_rest(tx)) {
            ::log::warn!("the second copy is missing: {error}");
        }
    }

    /// Has the lifeboat do something with what is committed. A connection that fails on the way is opened anew before it is
    /// used again, and whether there is a second copy is told anew. `None` when there is no lifeboat.
    pub(crate) fn with_boat<R>(
        &self,
        writer: &mut Writer,
        f: impl FnOnce(&mut Lifeboat, &Reading<'_>) -> Result<R, StoreError>,
    ) -> Result<Option<R>, StoreError> {
        let Some(boat) = &mut writer.boat else {
            return Ok(None);
        };
        let done = begin_reading(&mut writer.connection).and_then(|tx| f(boat, &tx));
        writer.poisoned |= done.as_ref().is_err_and(StoreError::is_of_connection);
        self.tell_second_copy(writer);
        done.map(Some)
    }

    /// A lifeboat that could not be manned is tried again, ever more seldom.
    fn man_again(&self, writer: &mut Writer) {
        let due = writer.commits.is_power_of_two() || writer.commits.is_multiple_of(64);
        let crew = held(&self.crew).clone();
        if let (true, Some(crew)) = (due, crew) {
            match self.man(writer, crew) {
                // Another database than the segments know: looked at when it is opened anew, at the next call.
                Ok(Boarding::Ahead | Boarding::Forked) => writer.poisoned = true,
                Ok(_) => {}
                Err(error) => ::log::warn!("the lifeboat cannot be manned: {error}"),
            }
        }
    }

    /// How often this store was connected so far.
    pub fn wakes(&self) -> u64 {
        self.wakes.load(Ordering::Acquire)
    }

    pub(crate) fn tell_second_copy(&self, writer: &Writer) {
        let whole = writer.boat.as_ref().is_some_and(Lifeboat::is_whole);
        self.second_copy.store(whole, Ordering::Release);
    }

    /// Whether everything saved so far has its second copy in the lifeboat.
    pub fn has_second_copy(&self) -> bool {
        self.second_copy.load(Ordering::Acquire)
    }

    /// Reads every segment of the lifeboat with this vault's key and hands out each row with its epoch, the oldest segment
    /// first. Segments that do not open are counted, not fatal.
    pub fn read_lifeboat(
        &self,
        visit: &mut dyn FnMut(&SegmentRead, BoatRow),
    ) -> Result<(Vec<SegmentRead>, u64), StoreError> {
        read_boats(self.disk(), &self.folder().join(FOLDER), self.data_key(), visit)
    }

    /// The salt of this database; kept in the lifeboat, for the day its first page is lost.
    pub fn salt(&self) -> Result<Vec<u8>, StoreError> {
        let hex: String = self.read(|tx| {
            tx.sql()
                .query_row("PRAGMA cipher_salt", [], |row| row.get(0))
                .map_err(StoreError::from)
        })?;
        let digit = |at: usize| u8::from_str_radix(hex.get(at..at + 2).unwrap_or_default(), 16);
        (0..hex.len())
            .step_by(2)
            .map(|at| digit(at).map_err(|_| StoreError::Unreadable("salt")))
            .collect()
    }

    /// Writes frames for whatever has none yet.
    pub fn guard_all(&self) -> Result<(), StoreError> {
        self.guard(|_| {})
    }

    /// Writes every change that is not purged into fresh segments, whatever the old ones hold.
    pub fn rebuild_lifeboat(&self) -> Result<(), StoreError> {
        self.guard(Lifeboat::forget)
    }

    fn guard(&self, prepare: impl FnOnce(&mut Lifeboat)) -> Result<(), StoreError> {
        let mut guard = self.awake()?;
        let writer = guard.as_mut().ok_or(StoreError::Closed)?;
        let guarded = self.with_boat(writer, |boat, tx| {
            prepare(boat);
            boat.guard_rest(tx)
        });
        guarded.map(|_| ())
    }
}

/// A look at what is committed, from the writer's own connection.
fn begin_reading(connection: &mut rusqlite::Connection) -> Result<Reading<'_>, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    Ok(Reading::new(transaction, None))
}

/// Reads every segment in a folder with a vault's data key and hands out each row, the oldest segment first. Segments that do
/// not open are counted, not fatal.
pub fn read_boats(
    disk: &dyn Disk,
    folder: &std::path::Path,
    data_key: &grid_vault::DataKey,
    visit: &mut dyn FnMut(&SegmentRead, BoatRow),
) -> Result<(Vec<SegmentRead>, u64), StoreError> {
    let mut read = Vec::new();
    let mut unreadable = 0;
    for (_, name) in segment_names(disk, folder)? {
        let bytes = read_all(disk, &folder.join(name))?;
        let mut rows = Vec::new();
        match read_segment(&bytes, data_key, &mut |row| rows.push(row)) {
            Ok(segment) => {
                rows.into_iter().for_each(|row| visit(&segment, row));
                read.push(segment);
            }
            Err(StoreError::WrongKeyOrDamaged | StoreError::Unreadable(_)) => {
                unreadable += u64::from(!was_never_written(&bytes));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((read, unreadable))
}

impl Reading<'_> {
    /// Changes of an epoch between two positions, both included, as far as they are here.
    pub fn entries_between(
        &self,
        epoch: grid_model::Epoch,
        from: Seq,
        to: Seq,
    ) -> Result<Vec<grid_wire::Entry>, StoreError> {
        let Some(life) = self.life(epoch)? else {
            return Ok(Vec::new());
        };
        let sql = format!("SELECT {ENTRY_COLUMNS} FROM log c WHERE c.id BETWEEN ?1 AND ?2 ORDER BY c.id");
        let mut statement = self.sql().prepare_cached(&sql)?;
        statement
            .query_map(params![life.id(from), life.id(to)], entry_of)?
            .map(|row| row?)
            .collect()
    }

    /// Whether the chain at this position is another one.
    fn differs_at(&self, life: &Life, at: Head) -> Result<bool, StoreError> {
        if at.seq() == life.base.seq() {
            return Ok(at.h != life.base.h && at.seq() != Seq(0));
        }
        let mut statement = self.sql().prepare_cached("SELECT h FROM log WHERE id = ?1")?;
        let mut rows = statement.query([life.id(at.seq())])?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let h: Option<Vec<u8>> = row.get(0)?;
        Ok(h.is_some_and(|h| h != at.h.bytes()))
    }

    /// Changes of a life after a position, up to about this many bytes, as the lifeboat wants them.
    pub(crate) fn unguarded_after(
        &self,
        life: &Life,
        after: Seq,
        bytes_max: u64,
    ) -> Result<Vec<Unguarded>, StoreError> {
        let sql = format!(
            "SELECT {ENTRY_COLUMNS}, c.h, c.recorded_at_ms FROM log c WHERE c.id > ?1 AND c.id < ?2 ORDER BY c.id"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let mut rows = statement.query(params![life.id(after), life.end()])?;
        let (mut found, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let entry = entry_of(row)??;
            let h: Option<Vec<u8>> = row.get(7)?;
            bytes += entry.body.len() as u64;
            found.push(Unguarded::Change {
                epoch: life.epoch,
                h: hash(&h.unwrap_or_default(), "log")?,
                body_hash: sha256(&entry.body),
                recorded_at_ms: row.get(8)?,
                files: self.file_keys(&named_files(&entry))?,
                entry,
            });
            if bytes >= bytes_max {
                break;
            }
        }
        Ok(found)
    }

    /// What is no change and has to be in the lifeboat: keys of attachments that are only here, fixes of the journal.
    pub(crate) fn unguarded_loose(&self) -> Result<Vec<Unguarded>, StoreError> {
        let mut found: Vec<Unguarded> = self
            .attachments_only_here()?
            .iter()
            .map(|row| Unguarded::File(row.key_row()))
            .collect();
        let mut statement = self.sql().prepare(
            "SELECT patrol, number, at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms FROM fix ORDER BY patrol, number",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let patrol: Vec<u8> = row.get(0)?;
            found.push(Unguarded::Fix {
                patrol: grid_model::PatrolId(id16(&patrol, "fix")?),
                number: counted(row.get(1)?),
                point: TrackPoint {
                    at_ms: row.get(2)?,
                    lat_e7: row.get(3)?,
                    lon_e7: row.get(4)?,
                    accuracy_dm: row.get(5)?,
                    speed_cms: row.get(6)?,
                },
            });
        }
        Ok(found)
    }
}

/// Pretends that another version wrote this store; for tests of what a newer schema is told.
#[doc(hidden)]
pub fn set_schema_for_tests(
    folder: &std::path::Path,
    key: &grid_vault::DataKey,
    version: u32,
) -> Result<(), StoreError> {
    let connection = connect(folder, key, &StoreOptions::default(), false)?;
    connection.pragma_update(None, "user_version", version)?;
    shut(Some(connection))
}
