//! From cells of a row to values, in the order of the column list, and back.

use grid_model::time::{ClockQuality, Occurred};
use grid_model::{Coded, Epoch, Lane, LaneKind, Point, Seq, Sha256};
use rusqlite::types::{FromSql, FromSqlError, Type};
use rusqlite::{Error, Row};

/// The cells of one row, read from left to right.
pub(crate) struct Cells<'r> {
    row: &'r Row<'r>,
    at: usize,
}

impl<'r> Cells<'r> {
    pub(crate) const fn of(row: &'r Row<'r>) -> Self {
        Self { row, at: 0 }
    }

    /// The next cell, as it is.
    pub(crate) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let cell = self.row.get(self.at);
        self.at += 1;
        cell
    }

    /// The next cell as an id of 16 bytes.
    pub(crate) fn id<T: From<[u8; 16]>>(&mut self) -> rusqlite::Result<T> {
        self.take::<[u8; 16]>().map(T::from)
    }

    /// The next cell as an id, if it is not null.
    pub(crate) fn id_maybe<T: From<[u8; 16]>>(&mut self) -> rusqlite::Result<Option<T>> {
        Ok(self.take::<Option<[u8; 16]>>()?.map(T::from))
    }

    pub(crate) fn hash(&mut self) -> rusqlite::Result<Sha256> {
        self.take::<[u8; 32]>().map(Sha256)
    }

    pub(crate) fn hash_maybe(&mut self) -> rusqlite::Result<Option<Sha256>> {
        Ok(self.take::<Option<[u8; 32]>>()?.map(Sha256))
    }

    pub(crate) fn code<T: Coded>(&mut self) -> rusqlite::Result<T> {
        self.take::<u16>().map(T::from_code)
    }

    pub(crate) fn code_maybe<T: Coded>(&mut self) -> rusqlite::Result<Option<T>> {
        Ok(self.take::<Option<u16>>()?.map(T::from_code))
    }

    /// The next cell as a number that cannot be negative.
    pub(crate) fn number(&mut self) -> rusqlite::Result<u64> {
        let number: i64 = self.take()?;
        u64::try_from(number).map_err(|_| self.out_of_range(number))
    }

    pub(crate) fn number_maybe(&mut self) -> rusqlite::Result<Option<u64>> {
        let number: Option<i64> = self.take()?;
        number
            .map(|n| u64::try_from(n).map_err(|_| self.out_of_range(n)))
            .transpose()
    }

    pub(crate) fn number_or_zero(&mut self) -> rusqlite::Result<u64> {
        Ok(self.number_maybe()?.unwrap_or(0))
    }

    pub(crate) fn seq(&mut self) -> rusqlite::Result<Seq> {
        self.number().map(Seq)
    }

    pub(crate) fn epoch(&mut self) -> rusqlite::Result<Epoch> {
        self.take::<i64>().map(|epoch| Epoch(epoch.cast_unsigned()))
    }

    /// Two cells: kind and id.
    pub(crate) fn lane(&mut self) -> rusqlite::Result<Lane> {
        Ok(Lane {
            kind: self.code::<LaneKind>()?,
            id: self.take()?,
        })
    }

    /// Four cells: best answer, earliest, latest, clock.
    pub(crate) fn occurred(&mut self) -> rusqlite::Result<Occurred> {
        let (at_ms, earliest_ms, latest_ms) = (self.take()?, self.take()?, self.take()?);
        Ok(Occurred {
            at_ms,
            earliest_ms,
            latest_ms,
            quality: self.code::<ClockQuality>()?,
        })
    }

    /// Three cells: latitude, longitude, accuracy.
    pub(crate) fn point(&mut self) -> rusqlite::Result<Option<Point>> {
        let (lat, lon): (Option<i32>, Option<i32>) = (self.take()?, self.take()?);
        let accuracy_dm = self.take()?;
        Ok(lat.zip(lon).map(|(lat_e7, lon_e7)| Point {
            lat_e7,
            lon_e7,
            accuracy_dm,
        }))
    }

    fn out_of_range(&self, number: i64) -> Error {
        Error::FromSqlConversionFailure(self.at, Type::Integer, Box::new(FromSqlError::OutOfRange(number)))
    }
}

/// A number as SQLite keeps it. The hub bounds what devices send below this end.
pub(crate) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// An epoch as SQLite keeps it: the same 64 bits.
pub(crate) const fn epoch(epoch: Epoch) -> i64 {
    epoch.0.cast_signed()
}

/// A code that may be absent.
pub(crate) fn code_maybe<T: Coded>(value: Option<T>) -> Option<u16> {
    value.map(Coded::code)
}
