//! Mistakes that other systems made in syncing: the simulation, clean without them, finds every one of them.

use grid_sim::museum::{SYNC, visit};

#[test]
fn every_mistake_is_found_and_nothing_is_without_it() {
    let quick = std::env::var_os("GRID_QUICK").is_some();
    let exhibits = if quick { &SYNC[..1] } else { &SYNC[..] };
    let bad: Vec<_> = visit(exhibits, 1, 6)
        .into_iter()
        .filter(|visit| !visit.is_good())
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}
