//! The sync bench: a field book and a platform over real sockets with a counting proxy between them, beside one TCP stream
//! of zstd -3 and bare inserts of the same rows. Phones run in processes of their own, so that their processor time and
//! memory are theirs alone; the platform and the proxy stay in this one.

mod limit;
pub mod phone;
mod photos;
mod pull;
mod push;
mod tls;
mod world;

use std::time::Instant;

use crate::BenchError;
use crate::table::Measure;

/// What is measured with.
#[derive(Clone, Copy, Debug)]
pub struct SyncSettings {
    /// How many rounds.
    pub rounds: usize,
    /// Seed of the records; `None` for those that are kept.
    pub seed: Option<u64>,
    /// Records that are pushed.
    pub queued: usize,
    /// Rows that a fresh device pulls.
    pub rows: usize,
    /// Photos, and how many bytes all of them have.
    pub photos: (usize, usize),
    /// How often the sync of the photos is cut.
    pub cuts: u64,
}

/// Takes every measure of the sync.
pub fn measure_sync(settings: SyncSettings) -> Result<Vec<Measure>, BenchError> {
    grid_store::wait_for_cipher();
    let begun = Instant::now();
    let told = |what: &str| println!("[{:4.0} s] {what}", begun.elapsed().as_secs_f64());
    told("pushing what is queued, one record, a cut");
    let mut measures = push::measures(settings)?;
    told("a fresh device, a cut");
    measures.extend(pull::measures(settings)?);
    told("photos, cut again and again");
    measures.extend(photos::measures(settings)?);
    measures.extend(tls::measures()?);
    told("done");
    Ok(measures)
}

/// Bytes that were sent again, KiB of 1,024 bytes, at least 0.
fn resent_kib(cut: u64, uncut: u64) -> f64 {
    cut.saturating_sub(uncut) as f64 / 1024.0
}
