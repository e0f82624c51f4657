//! How model types look in columns: ids and hashes as blobs, 64-bit random numbers bit for bit as signed integers.

use grid_model::Sha256;
use grid_model::id::Seq;

use crate::StoreError;

/// A random 64-bit number as SQLite's signed integer.
pub(crate) const fn signed(value: u64) -> i64 {
    value.cast_signed()
}

/// And back.
pub(crate) const fn unsigned(value: i64) -> u64 {
    value.cast_unsigned()
}

/// A count or position as SQLite's signed integer; positions never come near 2^63.
pub(crate) fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A stored count.
pub(crate) fn counted(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// A stored position.
pub(crate) fn seq(value: i64) -> Seq {
    Seq(counted(value))
}

/// A stored 16-byte id.
pub(crate) fn id16(bytes: &[u8], table: &'static str) -> Result<[u8; 16], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Unreadable(table))
}

/// A stored hash.
pub(crate) fn hash(bytes: &[u8], table: &'static str) -> Result<Sha256, StoreError> {
    Sha256::from_slice(bytes).ok_or(StoreError::Unreadable(table))
}

/// A stored enumeration code.
pub(crate) fn code(value: i64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}
