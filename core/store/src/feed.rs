//! The feed's position, the last platform time and what the platform vouches for. Cursor and rows move in one transaction.

use grid_model::id::Incarnation;
use grid_model::time::Anchor;
use rusqlite::{OptionalExtension as _, params};

use crate::sql::{count, counted, id16, signed, unsigned};
use crate::{Reading, StoreError, Writing};

/// Where the feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedState {
    /// Position applied.
    pub cursor: u64,
    /// The platform said there is more.
    pub more: bool,
    /// The platform store last met.
    pub incarnation: Option<Incarnation>,
    /// Platform time of the answer that moved the cursor here, UTC ms.
    pub cursor_at_ms: Option<i64>,
}

/// What applying a page did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Rows taken in.
    pub rows: u64,
    /// Rows of a kind or form this build cannot read; kept out, counted, not fatal.
    pub skipped: u64,
}

impl std::ops::AddAssign for Applied {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.skipped += other.skipped;
    }
}

impl Reading<'_> {
    /// Where the feed stands.
    pub fn feed_state(&self) -> Result<FeedState, StoreError> {
        let (cursor, more, incarnation, cursor_at_ms): (i64, bool, Option<Vec<u8>>, Option<i64>) =
            self.sql().query_row(
                "SELECT cursor, more, incarnation, cursor_at_ms FROM feed",
                [],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
            )?;
        let incarnation = incarnation
            .map(|bytes| id16(&bytes, "feed").map(Incarnation))
            .transpose()?;
        Ok(FeedState {
            cursor: counted(cursor),
            more,
            incarnation,
            cursor_at_ms,
        })
    }

    /// Whether anything here came from a platform, or went to one: a receipt, a task, a photo that it has.
    pub fn has_met_a_platform(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM receipt) OR EXISTS (SELECT 1 FROM task)
                   OR EXISTS (SELECT 1 FROM attachment WHERE state = 'stored')";
        Ok(self.sql().query_row(sql, [], |row| row.get(0))?)
    }

    /// The newest platform time this phone knows.
    pub fn anchor(&self) -> Result<Option<Anchor>, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT server_ms, mono_ms, width_ms, boot, wall_ms FROM anchor")?;
        let row = statement.query_row([], |row| {
            Ok(Anchor {
                server_ms: row.get(0)?,
                mono_ms: row.get(1)?,
                width_ms: row.get(2)?,
                boot: unsigned(row.get(3)?),
                wall_ms: row.get(4)?,
            })
        });
        Ok(row.optional()?)
    }
}

impl Writing<'_> {
    /// Moves the feed to `cursor` of this store, as an answer of this platform time said.
    pub fn set_feed(
        &self,
        cursor: u64,
        more: bool,
        incarnation: Incarnation,
        at_ms: i64,
    ) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE feed SET cursor_at_ms = CASE WHEN cursor = ?1 THEN cursor_at_ms ELSE ?4 END,
             cursor = ?1, more = ?2, incarnation = ?3 WHERE one = 1",
            params![count(cursor), more, incarnation.bytes(), at_ms],
        )?;
        Ok(())
    }

    /// Remembers the platform's time.
    pub fn set_anchor(&self, anchor: &Anchor) -> Result<(), StoreError> {
        self.sql().execute(
            "INSERT OR REPLACE INTO anchor (one, server_ms, mono_ms, width_ms, boot, wall_ms)
             VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            params![
                anchor.server_ms,
                anchor.mono_ms,
                anchor.width_ms,
                signed(anchor.boot),
                anchor.wall_ms
            ],
        )?;
        Ok(())
    }
}
