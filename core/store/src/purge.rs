//! Purge: what the platform has in a backup that was proved restorable may leave the phone, and nothing else, ever. Text stays
//! seven days of platform time longer. The phone's own clock has no say.

use grid_model::Sha256;
use grid_model::id::{Incarnation, Seq};
use grid_vault::chain_link;
use grid_wire::{Checkpoint, Head};
use rusqlite::params;

use crate::attachments::named_files;
use crate::log::{ENTRY_COLUMNS, Life, entry_of};
use crate::options::Flaw;
use crate::space::Purpose;
use crate::sql::{count, hash, seq};
use crate::{AttachmentState, Reading, Store, StoreError, Writing};

/// Text stays this long after its backup was proved, ms of platform time.
pub const TEXT_STAYS_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Bodies purged in one transaction, bytes: their pages stay below 2 MB, also when each fills little more than half of one.
const PURGED_AT_ONCE_BYTES: usize = 512 * 1024;
/// Rows purged in one transaction.
const PURGED_AT_ONCE: u32 = 2_000;

/// What a purge took away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Changes.
    pub changes: u64,
    /// Files of attachments.
    pub photos: u64,
    /// Segments of the lifeboat.
    pub segments: u64,
}

struct Piece {
    changes: u64,
    photos: Vec<Sha256>,
}

impl Store {
    /// Purges what the checkpoints of this platform store allow at this platform time. Works when the disk is full.
    pub fn purge(&self, incarnation: Incarnation, platform_now_ms: i64) -> Result<Purged, StoreError> {
        let mut purged = Purged::default();
        for life in self.read(|tx| tx.lives())? {
            loop {
                let on_receipt = self.options.flaw == Some(Flaw::PurgeOnReceipt);
                let piece = self.write_for(Purpose::Settle, |tx| {
                    let limit = if on_receipt {
                        tx.head_of(&life)?.seq()
                    } else {
                        tx.purgeable_to(&life, incarnation, platform_now_ms)?
                    };
                    tx.purge_piece(&life, limit)
                })?;
                if piece.changes == 0 {
                    break;
                }
                purged.changes += piece.changes;
                for sha256 in piece.photos {
                    purged.photos += u64::from(self.remove_attachment_file(sha256)?);
                }
            }
        }
        if purged.changes > 0 {
            purged.segments = self.trim_lifeboat()?;
            self.refill_ballast()?;
        }
        Ok(purged)
    }

    fn trim_lifeboat(&self) -> Result<u64, StoreError> {
        let mut guard = self.awake()?;
        let writer = guard.as_mut().ok_or(StoreError::Closed)?;
        let trimmed = self.with_boat(writer, |boat, tx| {
            let purged = tx.lives()?.into_iter();
            boat.trim(tx, &purged.map(|life| (life.epoch.0, life.base.seq())).collect())
        })?;
        Ok(trimmed.unwrap_or_default())
    }

    fn remove_attachment_file(&self, sha256: Sha256) -> Result<bool, StoreError> {
        let place = self.folder().join("attachments").join(format!("{sha256}.sealed"));
        match self.disk().remove(&place) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Reading<'_> {
    /// The last position of a life that may be purged: vouched for by this platform store, seven days ago.
    fn purgeable_to(
        &self,
        life: &Life,
        incarnation: Incarnation,
        platform_now_ms: i64,
    ) -> Result<Seq, StoreError> {
        let sql =
            "SELECT max(backed_up_to) FROM vouched WHERE life = ?1 AND incarnation = ?2 AND at_ms <= ?3";
        let before_ms = platform_now_ms.saturating_sub(TEXT_STAYS_MS);
        let key = params![life.life, incarnation.bytes(), before_ms];
        let found: Option<i64> = self.sql().query_row(sql, key, |row| row.get(0))?;
        Ok(found.map_or(Seq(0), seq))
    }
}

impl Writing<'_> {
    /// Remembers what the platform vouches for, and when it first said so.
    pub fn set_checkpoint(&self, checkpoint: &Checkpoint, at_ms: i64) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE feed SET verified_to = ?1, backed_up_to = ?2 WHERE one = 1",
            params![
                count(checkpoint.verified_to().0),
                count(checkpoint.backed_up_to().0)
            ],
        )?;
        if let Some(life) = self.life(checkpoint.epoch())?
            && checkpoint.backed_up_to() > Seq(0)
        {
            self.sql().execute(
                "INSERT INTO vouched (life, backed_up_to, incarnation, at_ms) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO NOTHING",
                params![
                    life.life,
                    count(checkpoint.backed_up_to().0),
                    checkpoint.incarnation.bytes(),
                    at_ms
                ],
            )?;
        }
        Ok(())
    }

    /// Purges the oldest changes of a life up to `limit`, some at a time. Stops before the first that is unsent or parked:
    /// no checkpoint lets those go.
    fn purge_piece(&self, life: &Life, limit: Seq) -> Result<Piece, StoreError> {
        let life = self.life(life.epoch)?.ok_or(StoreError::NotFound("epoch"))?;
        let sql = format!(
            "SELECT {ENTRY_COLUMNS}, c.h, EXISTS (SELECT 1 FROM parked p WHERE p.id = c.id)
             OR EXISTS (SELECT 1 FROM unsent o WHERE o.id = c.id)
             FROM log c WHERE c.id > ?1 AND c.id <= ?2 ORDER BY c.id LIMIT ?3"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let mut rows = statement.query(params![life.id(life.base.seq()), life.id(limit), PURGED_AT_ONCE])?;
        let mut piece = Piece {
            changes: 0,
            photos: Vec::new(),
        };
        let (mut base, mut bytes) = (life.base, 0);
        while let Some(row) = rows.next()? {
            let entry = entry_of(row)??;
            if row.get(8)? || bytes >= PURGED_AT_ONCE_BYTES {
                break;
            }
            bytes += entry.body.len();
            let stored: Option<Vec<u8>> = row.get(7)?;
            let h = match stored {
                Some(h) => hash(&h, "log")?,
                None => chain_link(base.h, &entry),
            };
            base = Head::new(entry.seq, h);
            piece.changes += 1;
            for file in named_files(&entry) {
                if self.forget_stored(file)? {
                    piece.photos.push(file);
                }
            }
        }
        if piece.changes > 0 {
            // What is known of the lanes may stand in the log alone.
            self.settle_lanes()?;
            self.sql().execute(
                "DELETE FROM log WHERE id > ?1 AND id <= ?2",
                params![life.id(life.base.seq()), life.id(base.seq())],
            )?;
            self.set_base(life.life, base)?;
        }
        Ok(piece)
    }

    /// Forgets an attachment that the platform has; its file is removed once this is committed.
    fn forget_stored(&self, sha256: Sha256) -> Result<bool, StoreError> {
        let stored = self
            .attachment(sha256)?
            .is_some_and(|row| row.state == AttachmentState::Stored);
        if stored {
            self.sql()
                .execute("DELETE FROM attachment WHERE sha256 = ?1", [sha256.bytes()])?;
        }
        Ok(stored)
    }
}
