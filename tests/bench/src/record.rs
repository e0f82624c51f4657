//! One record of the work, as the field wrote it in JSON. Never touches a store.

use serde::{Deserialize, Serialize};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Something was done about a task.
    Update,
    /// Something was seen on patrol.
    Observation,
    /// A matter was found.
    Task,
}

/// One record.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Record {
    /// Random id, 26 characters.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The task that an update is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Where the task stands, or what was looked at.
    pub state: String,
    /// When, UTC ms.
    pub at: i64,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lng: f64,
    /// Accuracy, metres.
    pub acc: f64,
    /// Words.
    pub note: String,
    /// Title of a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where a task is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addr: Option<String>,
    /// When a task is due, UTC ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
}

/// The records that the peers on the performance page were measured with.
const W10K: &[u8] = include_bytes!("../data/w10k.ndjson.zst");
const W10K_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Why there are no records.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file does not inflate.
    #[error("data/w10k.ndjson.zst: {0}")]
    Inflate(#[from] std::io::Error),
    /// A line is not a record.
    #[error("a record of data/w10k.ndjson.zst: {0}")]
    Line(#[from] serde_json::Error),
}

/// Reads the first of them.
pub fn kept_records(count: usize) -> Result<Vec<Record>, RecordError> {
    let lines = kept_lines(count)?.into_iter();
    lines.map(|line| Ok(serde_json::from_slice(&line)?)).collect()
}

/// The first of them as they were written.
pub fn kept_lines(count: usize) -> Result<Vec<Vec<u8>>, RecordError> {
    let lines = zstd::bulk::decompress(W10K, W10K_BYTES_MAX)?;
    let lines = lines.split(|byte| *byte == b'\n');
    let full = lines.filter(|line| !line.is_empty()).take(count);
    Ok(full.map(<[u8]>::to_vec).collect())
}
