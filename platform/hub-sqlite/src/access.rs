//! One transaction, and the three things done with it: run, read one, read all.

use std::marker::PhantomData;

use grid_hub::HubError;
use grid_hub::store::Stored;
use grid_hub::views::Page;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Params, ffi};

use crate::cells::Cells;

/// A transaction, open for `M`. The traits of `grid_hub::store` are implemented on it, subject by subject.
pub struct Access<'c, M> {
    connection: &'c Connection,
    mode: PhantomData<M>,
}

/// Marks a transaction that reads.
pub struct Reads;

/// Marks a transaction that reads and writes.
pub struct Writes;

/// Begins a query over `scope`: the organisation `?1` and all below it.
macro_rules! within {
    ($rest:expr) => {
        concat!(
            "WITH RECURSIVE scope (org_id) AS (SELECT ?1 UNION ",
            "SELECT o.org_id FROM org AS o JOIN scope AS s ON o.parent_id = s.org_id) ",
            $rest
        )
    };
}
pub(crate) use within;

/// A failure of the database, as the hub knows it. SQLite says `SQLITE_FULL` for its own limit of pages and for the
/// system's `ENOSPC`, and `SQLITE_IOERR_SHMSIZE` when the index of the WAL cannot grow.
pub(crate) fn fault(error: rusqlite::Error) -> HubError {
    match error.sqlite_error() {
        Some(ffi::Error {
            code: ErrorCode::DiskFull,
            ..
        })
        | Some(ffi::Error {
            extended_code: ffi::SQLITE_IOERR_SHMSIZE,
            ..
        }) => HubError::full(error),
        _ => HubError::storage(error),
    }
}

impl<'c, M> Access<'c, M> {
    pub(crate) const fn over(connection: &'c Connection) -> Self {
        Self {
            connection,
            mode: PhantomData,
        }
    }

    /// The row that `read` makes of the first one, if there is one.
    pub(crate) fn one<R>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&mut Cells<'_>) -> rusqlite::Result<R>,
    ) -> Stored<Option<R>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        statement
            .query_row(params, |row| read(&mut Cells::of(row)))
            .optional()
            .map_err(fault)
    }

    /// Every row, as `read` makes it.
    pub(crate) fn all<R>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&mut Cells<'_>) -> rusqlite::Result<R>,
    ) -> Stored<Vec<R>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let rows = statement
            .query_map(params, |row| read(&mut Cells::of(row)))
            .map_err(fault)?;
        rows.collect::<rusqlite::Result<Vec<R>>>().map_err(fault)
    }

    /// A number that a query counts; 0 where it gives none.
    pub(crate) fn number(&self, sql: &str, params: impl Params) -> Stored<u64> {
        Ok(self.one(sql, params, |c| c.number_or_zero())?.unwrap_or(0))
    }

    /// A page: the length of the whole beside a part.
    pub(crate) fn page<R, P: Params>(
        &self,
        (count, count_params): (&str, impl Params),
        (sql, params): (&str, P),
        read: impl FnMut(&mut Cells<'_>) -> rusqlite::Result<R>,
    ) -> Stored<Page<R>> {
        Ok(Page {
            total: self.number(count, count_params)?,
            items: self.all(sql, params, read)?,
        })
    }
}

impl Access<'_, Writes> {
    /// Runs a statement; answers how many rows it changed.
    pub(crate) fn run(&mut self, sql: &str, params: impl Params) -> Stored<usize> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        statement.execute(params).map_err(fault)
    }

    /// Runs an insert; answers the position it was given.
    pub(crate) fn insert(&mut self, sql: &str, params: impl Params) -> Stored<u64> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let position = statement.insert(params).map_err(fault)?;
        u64::try_from(position).map_err(|_| HubError::Bug("a position below zero"))
    }
}
