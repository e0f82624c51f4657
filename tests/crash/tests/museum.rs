//! Every mistake of the museum is seen by a suite that passes without it.

#[test]
fn every_mistake_of_a_store_is_seen() {
    let visit = grid_crash::museum::store(0);
    assert_eq!(visit.bugs, visit.caught, "{}", visit.text());
}
