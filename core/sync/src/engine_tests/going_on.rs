//! Going on with an exchange that was cut, of a batch and of an answer.

use super::*;

/// Eighty frames of a batch that was lost on its way.
fn cut(e: &mut Engine) {
    let _ = e.poll();
    e.input(0, work(900, &[]));
    assert!(matches!(e.poll(), Step::Exchange { .. }));
    e.input(0, Input::Lost(LinkError::Lost, 650_000));
    assert_eq!(e.poll(), Step::ReadWork);
    e.input(0, in_flight());
}

/// The store, with that batch in flight.
fn in_flight() -> Input {
    Input::Work(Work {
        in_flight: Some(650_000),
        unsent: 900,
        ..Work::default()
    })
}

/// The store, with so many bytes of a cut answer beside it.
fn holding(held: u64, unsent: u64) -> Input {
    Input::Work(Work {
        held,
        unsent,
        ..Work::default()
    })
}

const fn kept(frames: u32) -> Input {
    Input::Kept {
        frames,
        up: 300,
        down: 20,
    }
}

#[test]
fn of_a_large_batch_that_was_cut_only_the_rest_goes() {
    let mut e = engine();
    cut(&mut e);
    assert!(matches!(e.poll(), Step::Continue { from_frame: None, .. }));
    assert_eq!(e.input(0, kept(37)), []);
    let Step::Continue { from_frame, .. } = e.poll() else {
        panic!("the rest")
    };
    assert_eq!(from_frame, Some(37));
    let writes = e.input(0, exchanged());
    assert!(writes.contains(&Write::LayPage));
    assert_eq!(e.poll(), Step::ReadWork);
}

#[test]
fn a_batch_of_which_nothing_arrives_is_sealed_anew_and_one_that_gets_on_is_not() {
    let mut e = engine();
    cut(&mut e);
    let _ = e.poll();
    assert_eq!(e.input(0, kept(0)), [Write::DropBatch]);
    assert_eq!(e.poll(), Step::ReadWork);

    let mut e = engine();
    cut(&mut e);
    // Each window takes two frames more: it never ends, and never begins anew.
    for frames in (2..80).step_by(2) {
        let _ = e.poll();
        assert_eq!(e.input(0, kept(frames)), []);
        assert!(matches!(e.poll(), Step::Continue { from_frame: Some(at), .. } if at == frames));
        e.input(0, Input::Lost(LinkError::Lost, 16_384));
        let _ = e.poll();
        e.input(0, in_flight());
    }
    let _ = e.poll();
    assert_eq!(e.input(0, kept(78)), []);
    let _ = e.poll();
    assert_eq!(e.input(0, kept(78)), [Write::DropBatch]);
}

#[test]
fn a_platform_that_cannot_go_on_gets_the_changes_in_a_batch_of_their_own() {
    let mut e = engine();
    cut(&mut e);
    let _ = e.poll();
    let cannot = Input::CannotContinue { up: 300, down: 20 };
    assert_eq!(e.input(0, cannot), [Write::DropBatch]);
    let _ = e.poll();
    // It is not asked again in this sync.
    e.input(0, in_flight());
    assert!(matches!(e.poll(), Step::Exchange { .. }));
}

#[test]
fn of_a_cut_answer_the_rest_is_asked_for_for_as_long_as_it_grows() {
    let mut e = engine();
    let _ = e.poll();
    e.input(0, work(0, &[]));
    let _ = e.poll();
    for held in (1..=20).map(|n| n * 2_000) {
        let (up, down) = (300, 2_000);
        e.input(0, Input::Cut { up, down, held });
        assert_eq!(e.poll(), Step::ReadWork);
        e.input(0, holding(held, 0));
        assert!(matches!(e.poll(), Step::Continue { from_frame: None, .. }));
    }
    // Made anew each time and cut at the same place it gets no further, however much comes.
    for _ in 0..4 {
        let (up, down, held) = (300, 40_000, 40_000);
        e.input(0, Input::Cut { up, down, held });
        if e.poll() == Step::ReadWork {
            e.input(0, holding(held, 0));
            let _ = e.poll();
        }
    }
    assert!(matches!(e.poll(), Step::Idle(s) if s.outcome == Outcome::Link(LinkError::Lost)));
}

#[test]
fn what_is_recorded_while_a_cut_pull_goes_on_goes_in_the_same_sync() {
    let mut e = engine();
    let _ = e.poll();
    e.input(0, work(0, &[]));
    let _ = e.poll();
    let (up, down, held) = (300, 2_000, 2_000);
    e.input(0, Input::Cut { up, down, held });
    let _ = e.poll();
    e.input(0, holding(held, 1));
    assert!(matches!(e.poll(), Step::Continue { .. }));
    e.input(0, exchanged());
    let _ = e.poll();
    e.input(0, work(1, &[]));
    assert!(matches!(e.poll(), Step::Exchange { body_bytes_max, .. } if body_bytes_max > 0));
}

#[test]
fn what_is_urgent_does_not_wait_behind_a_large_batch_that_was_cut() {
    let mut e = engine();
    cut(&mut e);
    let _ = e.poll();
    e.input(0, kept(3));
    let _ = e.poll();
    e.input(0, Input::Lost(LinkError::Lost, 16_384));
    let _ = e.poll();
    let work = Work {
        in_flight: Some(650_000),
        unsent: 901,
        urgent_waits: true,
        ..Work::default()
    };
    assert_eq!(e.input(0, Input::Work(work)), [Write::DropBatch]);
    assert!(matches!(e.poll(), Step::Exchange { .. }));
}

#[test]
fn a_batch_for_which_the_rest_of_a_budget_is_too_small_goes_on_with_the_next() {
    let mut e = engine();
    cut(&mut e);
    let _ = e.poll();
    e.input(0, kept(3));
    let _ = e.poll();
    assert_eq!(e.input(0, Input::NoRoom), []);
    assert!(matches!(e.poll(), Step::Idle(s) if s.outcome == Outcome::BudgetSpent));
    // A fresh budget that is too small for any of it: what fits is sealed anew.
    let mut e = engine();
    let _ = e.poll();
    e.input(0, in_flight());
    let _ = e.poll();
    assert_eq!(e.input(0, Input::NoRoom), [Write::DropBatch]);
}
