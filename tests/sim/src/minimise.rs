//! Of the faults of a run that failed, the few that it takes.

use std::collections::BTreeSet;

use crate::faults::{FAULTS, Place};
use crate::{Settings, play};

/// Faults without which the run does not fail in any way: leaves out one after the other and keeps what is needed.
pub fn minimised(settings: &Settings) -> BTreeSet<u8> {
    let mut needed: BTreeSet<u8> = FAULTS
        .iter()
        .filter(|listed| listed.place == Place::Here)
        .map(|listed| listed.number)
        .collect();
    for number in needed.clone() {
        let mut fewer = needed.clone();
        fewer.remove(&number);
        let fails = play(settings, Some(fewer.clone()), None).is_ok_and(|run| !run.verdict.is_clean());
        if fails {
            needed = fewer;
        }
    }
    needed
}
