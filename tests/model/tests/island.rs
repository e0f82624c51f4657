//! Every order of events of the small island; and what is planted is found by the very same rules.

use grid_model_check::{Island, Left, Plant, explore};

#[test]
fn no_order_of_events_loses_a_record_or_leaves_one_stuck() {
    let found = explore(&Island {
        left: Left::FULL,
        plant: None,
    });
    assert!(found.broken.is_empty(), "{:#?}", found.broken);
    assert!(found.never.is_empty(), "{:?}", found.never);
    assert!(found.states >= 1_000_000, "{} states", found.states);
}

/// The rule that must find each mistake. None of them is found by an island on which nothing is planted.
#[test]
fn every_planted_mistake_is_found() {
    let caught = [
        (Plant::RestoreUnnoticed, "is in it"),
        (Plant::AnyAnswerIsAReceipt, "has had a receipt"),
        (Plant::PurgeOnReceipt, "answered Saved"),
        (Plant::PlaceBeforeRows, "comes to rest"),
    ];
    assert_eq!(caught.map(|(plant, _)| plant), Plant::ALL);
    for (plant, rule) in caught {
        let found = explore(&Island {
            left: Left::SMALL,
            plant: Some(plant),
        });
        let names: Vec<_> = found.broken.iter().map(|(name, _)| *name).collect();
        assert!(
            names.iter().any(|name| name.contains(rule)),
            "{plant:?}: {names:?}"
        );
    }
    let found = explore(&Island {
        left: Left::SMALL,
        plant: None,
    });
    assert!(found.broken.is_empty(), "{:#?}", found.broken);
}
