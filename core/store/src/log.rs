//! The change log: append-only, hash-chained. The outbox entry and the lifeboat's frame are born with the change.
//!
//! A change's place on this phone is `life * 2^40 + seq`: lives are the epochs of this vault in the order they began here.
//! Its lane is a list threaded backwards through the log by `prev_in_lane`, so no index over the log is written, but for the few requests for more time.

use grid_model::id::{DeviceId, Epoch, Seq, TaskId};
use grid_model::lane::{ChangeKind, Lane, LaneKind, Priority};
use grid_model::{Coded as _, Sha256, limits};
use grid_vault::{chain_link, chain_link_over, chain_start, sha256};
use grid_wire::fact::SCHEMA_VERSION;
use grid_wire::lifeboat::FileKeyRow;
use grid_wire::{Body, Entry, Head};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::attachments::named_files;
use crate::sql::{code, count, counted, hash, id16, seq, signed, unsigned};
use crate::txn::Unguarded;
use crate::{Reading, StoreError, Writing};

/// A change about to be written.
pub struct Draft {
    /// Which ordered stream it belongs to.
    pub lane: Lane,
    /// What the body says.
    pub kind: ChangeKind,
    /// Schema of the body.
    pub schema_version: u16,
    /// The body, immutable from here on.
    pub body: Vec<u8>,
    /// The attachments that it names: the lifeboat keeps their keys beside it.
    pub files: Vec<Sha256>,
    /// Wall claim, for showing, UTC ms.
    pub recorded_at_ms: i64,
}

impl Draft {
    /// A draft of this body, of the schema that this build writes.
    pub fn of(lane: Lane, body: &Body, recorded_at_ms: i64) -> Self {
        Self {
            lane,
            kind: body.fact.kind(),
            schema_version: SCHEMA_VERSION,
            body: body.to_bytes(),
            files: body.fact.attachments().iter().map(|file| file.sha256).collect(),
            recorded_at_ms,
        }
    }
}

/// One epoch of this vault, on this phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Ordinal on this phone, from 0.
    pub(crate) life: i64,
    /// The random number that names it.
    pub epoch: Epoch,
    /// The chain up to here is summed up: those changes may be purged.
    pub base: Head,
}

pub(crate) const SEQ_BITS: u32 = 40;

impl Life {
    /// The place of a position of this life on this phone.
    pub(crate) fn id(&self, position: Seq) -> i64 {
        (self.life << SEQ_BITS) | count(position.0)
    }

    /// The first place of the next life.
    pub(crate) const fn end(&self) -> i64 {
        (self.life + 1) << SEQ_BITS
    }
}

/// The position inside its life of a place on this phone.
pub(crate) fn seq_of(id: i64) -> Seq {
    seq(id & ((1 << SEQ_BITS) - 1))
}

/// The life that a place on this phone belongs to.
pub(crate) const fn life_of(id: i64) -> i64 {
    id >> SEQ_BITS
}

pub(crate) const ENTRY_COLUMNS: &str =
    "c.id, c.lane_kind, c.lane_id, c.prev_in_lane, c.kind, c.schema_version, c.body";

pub(crate) fn entry_of(row: &Row<'_>) -> rusqlite::Result<Result<Entry, StoreError>> {
    let lane_id: Vec<u8> = row.get(2)?;
    let lane_kind = LaneKind::from_code(code(row.get(1)?));
    let (id, prev, kind, schema): (i64, i64, i64, i64) = (row.get(0)?, row.get(3)?, row.get(4)?, row.get(5)?);
    let body = row.get(6)?;
    Ok(id16(&lane_id, "log").map(|lane_id| Entry {
        seq: seq_of(id),
        lane: Lane {
            kind: lane_kind,
            id: lane_id,
        },
        prev_in_lane: seq(prev),
        kind: ChangeKind::from_code(code(kind)),
        schema_version: code(schema),
        body,
    }))
}

fn life_row(row: &Row<'_>) -> rusqlite::Result<Result<Life, StoreError>> {
    let (life, epoch, base_seq, base_h): (i64, i64, i64, Vec<u8>) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(hash(&base_h, "life").map(|h| Life {
        life,
        epoch: Epoch(unsigned(epoch)),
        base: Head::new(seq(base_seq), h),
    }))
}

impl Reading<'_> {
    /// The life of the log that is written to now.
    pub fn current_epoch(&self) -> Result<Epoch, StoreError> {
        Ok(self.current_life()?.epoch)
    }

    /// The life that is written to now; looked up once a transaction.
    pub(crate) fn current_life(&self) -> Result<Life, StoreError> {
        if let Some(life) = self.known_life() {
            return Ok(life);
        }
        let mut statement = self.sql().prepare_cached(
            "SELECT life, epoch, base_seq, base_h FROM life WHERE epoch = (SELECT epoch FROM identity)",
        )?;
        let life = statement
            .query_row([], life_row)
            .optional()?
            .ok_or(StoreError::NotFound("identity"))??;
        self.know_life(life);
        Ok(life)
    }

    /// The life of this epoch, if this phone has it.
    pub fn life(&self, epoch: Epoch) -> Result<Option<Life>, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT life, epoch, base_seq, base_h FROM life WHERE epoch = ?1")?;
        statement
            .query_row([signed(epoch.0)], life_row)
            .optional()?
            .transpose()
    }

    /// All lives, in the order they began here.
    pub fn lives(&self) -> Result<Vec<Life>, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT life, epoch, base_seq, base_h FROM life ORDER BY life")?;
        statement.query_map([], life_row)?.map(|row| row?).collect()
    }

    /// Where the log of `epoch` ends.
    pub fn head(&self, epoch: Epoch) -> Result<Head, StoreError> {
        let life = self.life(epoch)?.ok_or(StoreError::NotFound("epoch"))?;
        self.head_of(&life)
    }

    pub(crate) fn head_of(&self, life: &Life) -> Result<Head, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT id, h FROM log WHERE id < ?1 AND id > ?2 ORDER BY id DESC LIMIT 1")?;
        let newest = statement
            .query_row(params![life.end(), life.id(life.base.seq())], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Option<Vec<u8>>>(1)?))
            })
            .optional()?;
        match newest {
            None => Ok(life.base),
            Some((id, Some(h))) => Ok(Head::new(seq_of(id), hash(&h, "log")?)),
            Some(_) => Err(StoreError::Unreadable("log")),
        }
    }

    /// The changes of a lane written after `after`, in order.
    ///
    /// What was sent back is among them; [`Reading::was_sent_back`] tells.
    pub fn lane_after(&self, epoch: Epoch, lane: Lane, after: Seq) -> Result<Vec<Entry>, StoreError> {
        let Some(life) = self.life(epoch)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        let mut at = self.last_in_lane(&life, lane)?;
        while at > after {
            let Some(entry) = self.entry(&life, at)? else {
                break;
            };
            at = entry.prev_in_lane;
            found.push(entry);
        }
        found.reverse();
        Ok(found)
    }

    /// Own requests for more time about a task behind a position, the newest first. Reads nothing but them.
    pub fn extensions_after(&self, epoch: Epoch, task: TaskId, after: Seq) -> Result<Vec<Entry>, StoreError> {
        let Some(life) = self.life(epoch)? else {
            return Ok(Vec::new());
        };
        // The kind stands in the text, so that the index on it serves whatever else is bound.
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM log c WHERE c.kind = {} AND c.lane_id = ?1 AND c.id > ?2 AND c.id < ?3
             ORDER BY c.id DESC",
            ChangeKind::ExtensionRequested.code()
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let key = params![task.bytes(), life.id(after), life.end()];
        statement.query_map(key, entry_of)?.map(|row| row?).collect()
    }

    /// Whether a change came back with a reason, and waits for a person.
    pub fn was_sent_back(&self, epoch: Epoch, seq: Seq) -> Result<bool, StoreError> {
        let Some(life) = self.life(epoch)? else {
            return Ok(false);
        };
        let mut statement = self
            .sql()
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM parked WHERE id = ?1)")?;
        Ok(statement.query_row([life.id(seq)], |row| row.get(0))?)
    }

    /// The newest change of this kind in a lane of the current epoch.
    pub fn newest_in_lane(&self, lane: Lane, kind: ChangeKind) -> Result<Option<Entry>, StoreError> {
        let life = self.current_life()?;
        let mut at = self.last_in_lane(&life, lane)?;
        while at.0 != 0 {
            let Some(entry) = self.entry(&life, at)? else {
                break;
            };
            if entry.kind == kind {
                return Ok(Some(entry));
            }
            at = entry.prev_in_lane;
        }
        Ok(None)
    }

    /// Every change that is here, in order: its epoch, its position and the chain there.
    pub fn each_change(&self, visit: &mut dyn FnMut(Epoch, Seq, Sha256)) -> Result<(), StoreError> {
        for life in self.lives()? {
            let mut statement = self
                .sql()
                .prepare_cached("SELECT id, h FROM log WHERE id > ?1 AND id < ?2 ORDER BY id")?;
            let mut rows = statement.query(params![life.id(life.base.seq()), life.end()])?;
            while let Some(row) = rows.next()? {
                let h: Option<Vec<u8>> = row.get(1)?;
                visit(
                    life.epoch,
                    seq_of(row.get(0)?),
                    hash(&h.unwrap_or_default(), "log")?,
                );
            }
        }
        Ok(())
    }

    /// One change, if it is still here.
    pub(crate) fn entry(&self, life: &Life, position: Seq) -> Result<Option<Entry>, StoreError> {
        let sql = format!("SELECT {ENTRY_COLUMNS} FROM log c WHERE c.id = ?1");
        let mut statement = self.sql().prepare_cached(&sql)?;
        statement
            .query_row([life.id(position)], entry_of)
            .optional()?
            .transpose()
    }

    /// Whether every page of the database authenticates and every index agrees with its table.
    pub fn is_intact(&self) -> Result<bool, StoreError> {
        let mut broken_pages = self.sql().prepare("PRAGMA cipher_integrity_check")?;
        let mut intact = broken_pages.query([])?.next()?.is_none();
        if intact {
            let sql = "PRAGMA integrity_check(1)";
            intact = self.sql().query_row(sql, [], |row| row.get::<_, String>(0))? == "ok";
        }
        if !intact {
            // A page that could not be read once makes SQLCipher fail from then on.
            self.distrust();
        }
        Ok(intact)
    }

    /// Recomputes the chain of an epoch and compares it with what each change says: `Ok(true)` when it holds. From the
    /// start of the log, or, when changes were purged, from where the rest begins.
    pub fn chain_holds(&self, device: DeviceId, epoch: Epoch) -> Result<bool, StoreError> {
        let life = self.life(epoch)?.ok_or(StoreError::NotFound("epoch"))?;
        let sql =
            format!("SELECT {ENTRY_COLUMNS}, c.h FROM log c WHERE c.id > ?1 AND c.id < ?2 ORDER BY c.id");
        let mut statement = self.sql().prepare(&sql)?;
        let mut rows = statement.query(params![life.id(Seq(0)), life.end()])?;
        let mut at = Head::new(Seq(0), chain_start(device, epoch));
        let mut first = true;
        while let Some(row) = rows.next()? {
            let entry = entry_of(row)??;
            if first && entry.seq == life.base.seq().next() {
                at = life.base;
            }
            first = false;
            let stored: Option<Vec<u8>> = row.get(7)?;
            let follows = entry.seq == at.seq().next();
            let linked = Head::new(entry.seq, chain_link(at.h, &entry));
            let agrees = follows
                && match &stored {
                    Some(h) => h == linked.h.bytes(),
                    None => linked.seq() < life.base.seq() || linked == life.base,
                };
            at = match stored {
                _ if agrees => linked,
                Some(h) if self.is_behind_gap(life.id(entry.seq))? => Head::new(entry.seq, hash(&h, "log")?),
                _ => return Ok(false),
            };
        }
        Ok(first || self.head_of(&life)? == at)
    }
}

impl Writing<'_> {
    /// Appends a change to the log and its entry to the outbox. The key is born here, with the fact. Answers its place on
    /// this phone.
    pub fn append(&self, draft: Draft) -> Result<Seq, StoreError> {
        debug_assert!(
            draft.body.len() <= limits::BODY_BYTES_MAX,
            "the façade checks the size of a body"
        );
        let life = self.current_life()?;
        let head = self.newest_of(&life)?;
        let entry = Entry {
            seq: head.seq().next(),
            lane: draft.lane,
            prev_in_lane: self.last_in_lane(&life, draft.lane)?,
            kind: draft.kind,
            schema_version: draft.schema_version,
            body: draft.body,
        };
        let (place, position) = (life.id(entry.seq), entry.seq);
        let body_hash = sha256(&entry.body);
        let h = chain_link_over(head.h, &entry, body_hash);
        let files = self.file_keys(&draft.files)?;
        self.insert_entry(&life, entry, (h, body_hash), files, draft.recorded_at_ms)?;
        self.know_newest(Some((life.life, Head::new(position, h))));
        Ok(seq(place))
    }

    /// Where the log of a life ends, looked up once a transaction.
    pub(crate) fn newest_of(&self, life: &Life) -> Result<Head, StoreError> {
        match self.known_newest() {
            Some((of, head)) if of == life.life => Ok(head),
            _ => self.head_of(life),
        }
    }

    /// Takes in a change that has its place already: from the lifeboat, a damaged database, or a locked capture. One that
    /// is here, or was purged, stays as it is; where the change before it is lost a gap is marked. Answers its place if it
    /// was new.
    pub fn adopt(&self, epoch: Epoch, adopted: Adopted) -> Result<Option<Seq>, StoreError> {
        // A place has 40 bits for its position: what claims another was never written here.
        if adopted.entry.seq.0 >> SEQ_BITS != 0 {
            return Ok(None);
        }
        let life = self.life_from(epoch, adopted.base)?;
        if adopted.entry.seq <= life.base.seq() || self.entry(&life, adopted.entry.seq)?.is_some() {
            return Ok(None);
        }
        let place = life.id(adopted.entry.seq);
        let hashes = (adopted.h, sha256(&adopted.entry.body));
        self.know_newest(None);
        if !self.is_chained(&life, &adopted.entry, adopted.h)? {
            self.mark_gap(seq(place))?;
        }
        let files = self.file_keys(&named_files(&adopted.entry))?;
        self.insert_entry(&life, adopted.entry, hashes, files, adopted.recorded_at_ms)?;
        Ok(Some(seq(place)))
    }

    /// The life of this epoch; begun at `base` when it is new here.
    pub fn life_from(&self, epoch: Epoch, base: Head) -> Result<Life, StoreError> {
        match self.life(epoch)? {
            Some(life) => Ok(life),
            None => self.begin_life(epoch, base),
        }
    }

    /// Begins a life of the log that this phone does not have yet.
    pub(crate) fn begin_life(&self, epoch: Epoch, base: Head) -> Result<Life, StoreError> {
        let life: i64 = self.sql().query_row(
            "INSERT INTO life (life, epoch, base_seq, base_h)
             VALUES ((SELECT coalesce(max(life) + 1, 0) FROM life), ?1, ?2, ?3) RETURNING life",
            params![signed(epoch.0), count(base.seq().0), base.h.bytes()],
            |row| row.get(0),
        )?;
        Ok(Life { life, epoch, base })
    }

    fn insert_entry(
        &self,
        life: &Life,
        entry: Entry,
        (h, body_hash): (Sha256, Sha256),
        files: Vec<FileKeyRow>,
        recorded_at_ms: i64,
    ) -> Result<(), StoreError> {
        let id = life.id(entry.seq);
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO log (id, lane_kind, lane_id, prev_in_lane, kind, schema_version, recorded_at_ms, h, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        let lane_kind = i64::from(entry.lane.kind.code());
        statement.execute(params![
            id,
            lane_kind,
            entry.lane.id,
            count(entry.prev_in_lane.0),
            i64::from(entry.kind.code()),
            i64::from(entry.schema_version),
            recorded_at_ms,
            h.bytes(),
            entry.body
        ])?;
        self.note_lane(life, entry.lane, entry.seq)?;
        self.put_unsent(id, Priority::of(entry.lane, entry.kind), entry.body.len() as u64)?;
        self.leave_unguarded(Unguarded::Change {
            epoch: life.epoch,
            entry,
            h,
            body_hash,
            recorded_at_ms,
            files,
        });
        Ok(())
    }
}

/// A change with the place it already has.
pub struct Adopted {
    /// The change.
    pub entry: Entry,
    /// The chain there.
    pub h: Sha256,
    /// Wall claim, for showing, UTC ms.
    pub recorded_at_ms: i64,
    /// What the chain begins from, should its life be new here.
    pub base: Head,
}

/// How many changes the lives of a vault have had.
pub(crate) fn written(heads: impl IntoIterator<Item = Head>) -> u64 {
    heads.into_iter().map(|head| counted(count(head.seq().0))).sum()
}
