//! Batches of a few records, to train a dictionary on. Made from a seed, so that anybody gets the same.

use std::path::Path;

use grid_model::{Coded as _, Seq};
use grid_wire::Entry;
use grid_wire::form::columns_of;

use crate::BenchError;
use crate::generate::generated;
use crate::plan::{body, plan};

/// Records of a batch, one after the other.
const SIZES: [usize; 6] = [1, 1, 1, 2, 4, 8];

/// The changes that these records make, as they travel.
pub fn entries(records: &[crate::record::Record]) -> Vec<Entry> {
    let mut last = std::collections::BTreeMap::new();
    let steps = plan(records).steps.into_iter().zip(1_u64..);
    steps
        .map(|((at, step), seq)| {
            let (lane, fact, _) = step.fact(at);
            let prev = last.insert(lane, seq).unwrap_or(0);
            Entry {
                seq: Seq(seq),
                lane,
                prev_in_lane: Seq(prev),
                kind: grid_model::ChangeKind::from_code(fact.kind().code()),
                schema_version: grid_wire::fact::SCHEMA_VERSION,
                body: body(at, fact).to_bytes(),
            }
        })
        .collect()
}

/// Writes about so many files.
pub fn write(folder: &Path, seed: u64, count: usize) -> Result<(), BenchError> {
    std::fs::create_dir_all(folder)?;
    let entries = entries(&generated(seed, count * 3));
    let (mut rest, mut number) = (entries.as_slice(), 0);
    for size in SIZES.iter().cycle().take(count) {
        let Some((some, behind)) = rest.split_at_checked(*size) else {
            break;
        };
        rest = behind;
        std::fs::write(folder.join(format!("{number:05}")), columns_of(some))?;
        number += 1;
    }
    Ok(())
}
