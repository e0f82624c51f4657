//! Bytes that nobody means well with, for every decoder of the field core and the platform. A target reads bytes as one
//! decoder would get them and holds what it answers to its promises; where a checksum, a seal or a signature would turn
//! every altered byte away, the target makes it anew, so that the code behind it is reached.
//!
//! The same functions run in two places: under a fuzzing engine (`scripts/fuzz`), and over the committed corpus with
//! mutations from a fixed seed (`cargo test -p grid-fuzz`).
//!
//! **Invariant:** no bytes make a target panic, hang or take memory beyond [`Target::memory_mib`].

pub mod boat;
mod cases;
mod keys;
pub mod lists;
mod memory;
mod mutate;
mod pieces;
pub mod platform;
pub mod salvage;
mod seal;
pub mod text;
pub mod vault;
pub mod wire;

use std::path::PathBuf;

pub use cases::{Case, corpus};
pub use keys::{DEVICE, EPOCH};
pub use mutate::mutations;
pub use pieces::join;

/// One way in.
#[derive(Debug)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Reads the bytes; whether they were taken for what they should be. Panics where a promise is broken.
    pub run: fn(&[u8]) -> bool,
    /// Mutations of each corpus file in the test: fewer where one run is slow.
    pub rounds: usize,
    /// What it may add to the memory of its process, MiB.
    pub memory_mib: u64,
    /// A store and a runtime stand beneath it: their threads reserve far more than they use, so only what is used counts.
    pub has_store: bool,
}

impl Target {
    /// The target of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// What it took of that since the meter began, MiB.
    pub fn taken_mib(&self, meter: Meter) -> u64 {
        let grown = meter.grown();
        if self.has_store {
            grown.used_mib
        } else {
            grown.used_mib.max(grown.reserved_mib)
        }
    }

    /// The folder of its committed corpus.
    pub fn folder(&self) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(self.name)
    }
}

/// What a decoder of a message may take: a few times the largest inflated message (`grid_model::limits`).
const MESSAGE_MIB: u64 = 64;
/// The same for what has a database or a runtime beneath it.
const STORE_MIB: u64 = 256;

const fn target(name: &'static str, run: fn(&[u8]) -> bool, rounds: usize, memory_mib: u64) -> Target {
    Target {
        name,
        run,
        rounds,
        memory_mib,
        has_store: memory_mib == STORE_MIB,
    }
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("answers", wire::answers, 800, MESSAGE_MIB),
    target("attachment_chunks", vault::attachment_chunks, 800, MESSAGE_MIB),
    target("batch_body", wire::batch_body, 800, MESSAGE_MIB),
    target("batch_columns", wire::batch_columns, 800, MESSAGE_MIB),
    target("batch_header", wire::batch_header, 800, MESSAGE_MIB),
    target("continue_request", wire::continue_request, 800, MESSAGE_MIB),
    target("continued", wire::continued, 800, MESSAGE_MIB),
    target("enrolment", wire::enrolment, 800, MESSAGE_MIB),
    target("exchange_request", wire::exchange_request, 800, MESSAGE_MIB),
    target("fact_body", wire::fact_body, 800, MESSAGE_MIB),
    target("feed_page", wire::feed_page, 800, MESSAGE_MIB),
    target("http_lifeboat", platform::http_lifeboat, 60, STORE_MIB),
    target("http_router", platform::http_router, 40, STORE_MIB),
    target("http_sync", platform::http_sync, 30, STORE_MIB),
    target("lifeboat_header", boat::header, 200, MESSAGE_MIB),
    target("lifeboat_parts", boat::parts, 800, MESSAGE_MIB),
    target("lifeboat_rows", boat::rows, 60, MESSAGE_MIB),
    target("lifeboat_walk", boat::walk, 200, MESSAGE_MIB),
    target("lists", lists::lists, 100, STORE_MIB),
    target("locked_capture", boat::locked_capture, 60, MESSAGE_MIB),
    target("names", text::names, 800, MESSAGE_MIB),
    target("receipt", wire::receipt, 800, MESSAGE_MIB),
    target("salvage_files", salvage::files, 12, MESSAGE_MIB),
    target("salvage_pages", salvage::pages, 150, MESSAGE_MIB),
    target("scenario", text::scenario, 20, MESSAGE_MIB),
    target("sealed_keys", vault::sealed_keys, 100, MESSAGE_MIB),
    target("signed", wire::signed, 60, MESSAGE_MIB),
    target("track_segment", wire::track_segment, 800, MESSAGE_MIB),
    target("upload_grant", vault::upload_grant, 200, MESSAGE_MIB),
];

pub use memory::{Grown, Meter};
