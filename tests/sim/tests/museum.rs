//! Mistakes that other systems made in syncing: the simulation, clean without them, finds them. Those whose worlds are short; the
//! whole museum is `scripts/museum sync`.

use grid_sim::museum::{SYNC, visit};
use grid_store::Flaw;

#[test]
fn short_visits_find_the_mistakes_and_nothing_without_them() {
    let short = [Flaw::RetryWaitsForWrite, Flaw::DropsOnRefusal];
    let exhibits: Vec<_> = SYNC.into_iter().filter(|one| short.contains(&one.flaw)).collect();
    assert_eq!(exhibits.len(), short.len());
    let bad: Vec<_> = visit(&exhibits, 1, 3)
        .into_iter()
        .filter(|visit| !visit.is_good())
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}
