//! Golden conversations with the engine.

mod going_on;
mod writes;

use grid_model::Sha256;
use grid_model::id::Incarnation;

use crate::{
    Answer, Budget, Engine, Input, Known, LinkError, Outcome, PagePlace, PhotoWork, Step, Work, Write,
};

impl Engine {
    /// Plans and believes at once: nothing is to be written here.
    fn input(&mut self, now_ms: i64, input: Input) -> Vec<Write> {
        let plan = self.plan(now_ms, input);
        let writes = plan.writes.clone();
        self.commit(plan);
        writes
    }
}

const PHOTO: PhotoWork = PhotoWork {
    sha256: Sha256([7; 32]),
    bytes: 300_000,
    begun: false,
    urgent: false,
};

const STORE: Incarnation = Incarnation([3; 16]);

/// An answer that brought nothing.
const ANSWER: Answer = Answer {
    up: 1,
    down: 1,
    bodies: 0,
    pushed: 0,
    settled: 0,
    incarnation: STORE,
    known: Known {
        incarnation: Some(STORE),
        has_met: true,
        cursor: 0,
    },
    page: PagePlace {
        from: 0,
        next: 0,
        more: false,
    },
    verified: None,
    is_of_this_log: true,
    tells_time: true,
};

fn exchanged() -> Input {
    Input::Answered(Box::new(ANSWER))
}

/// An engine with this budget that has just begun and was asked for its first step.
fn within(budget: Budget, now_ms: i64) -> Engine {
    let mut e = Engine::new(budget, now_ms, 1, 0);
    let _ = e.poll();
    e
}

fn engine() -> Engine {
    Engine::new(Budget::default(), 1_000, 1, 0)
}

fn work(unsent: u64, photos: &[PhotoWork]) -> Input {
    Input::Work(Work {
        unsent,
        photos: photos.to_vec(),
        ..Work::default()
    })
}

#[test]
fn text_goes_before_photos_and_newer_text_before_the_next_photo() {
    let mut e = engine();
    assert_eq!(e.poll(), Step::ReadWork);
    e.input(1_000, work(3, &[PHOTO]));
    assert!(matches!(e.poll(), Step::Exchange { .. }));
    e.input(
        2_000,
        Input::Answered(Box::new(Answer {
            up: 500,
            down: 300,
            bodies: 900,
            pushed: 3,
            settled: 3,
            ..ANSWER
        })),
    );
    assert_eq!(e.poll(), Step::ReadWork);
    e.input(2_000, work(0, &[PHOTO]));
    assert_eq!(e.poll(), Step::BeginPhoto(PHOTO.sha256));
    e.input(
        2_100,
        Input::PhotoAt {
            sha256: PHOTO.sha256,
            offset: 0,
            up: 0,
        },
    );
    let Step::SendPhoto { from: 0, length, .. } = e.poll() else {
        panic!("a piece of the photo")
    };
    e.input(
        3_000,
        Input::PhotoAt {
            sha256: PHOTO.sha256,
            offset: length as u64,
            up: length as u64,
        },
    );
    let Step::SendPhoto { from, .. } = e.poll() else {
        panic!("the next piece")
    };
    assert_eq!(from, length as u64);
    e.input(
        4_000,
        Input::PhotoAt {
            sha256: PHOTO.sha256,
            offset: PHOTO.bytes,
            up: 1,
        },
    );
    assert_eq!(e.poll(), Step::ReadWork);
    e.input(4_000, work(1, &[PHOTO]));
    assert!(matches!(e.poll(), Step::Exchange { .. }));
}

#[test]
fn a_lost_answer_is_asked_about_and_never_waits_for_a_new_write() {
    let mut e = engine();
    let _ = e.poll();
    e.input(1_000, work(1, &[]));
    assert!(matches!(e.poll(), Step::Exchange { .. }));
    e.input(1_500, Input::Lost(LinkError::Lost, 500));
    // The store says that the batch is still in flight: the very same request goes again.
    assert_eq!(e.poll(), Step::ReadWork);
    e.input(
        1_500,
        Input::Work(Work {
            in_flight: Some(500),
            unsent: 1,
            ..Work::default()
        }),
    );
    assert!(matches!(e.poll(), Step::Exchange { .. }));
    for _ in 0..3 {
        e.input(2_000, Input::Lost(LinkError::Lost, 500));
        if let Step::ReadWork = e.poll() {
            e.input(2_000, work(1, &[]));
            let _ = e.poll();
        }
    }
    let Step::Idle(summary) = e.poll() else {
        panic!("it rests")
    };
    assert_eq!(summary.outcome, Outcome::Link(LinkError::Lost));
    assert!(
        summary
            .next_at_ms
            .is_some_and(|at| at > 2_000 && at < 2_000 + 10_000)
    );
}

/// An engine that has exchanged, and now has only a photo that was begun.
fn before_a_begun_photo() -> Engine {
    let mut e = engine();
    let _ = e.poll();
    e.input(0, work(0, &[]));
    let _ = e.poll();
    e.input(0, exchanged());
    let _ = e.poll();
    e.input(0, work(0, &[PhotoWork { begun: true, ..PHOTO }]));
    e
}

#[test]
fn a_lost_photo_piece_is_asked_about_before_it_is_sent_again() {
    let mut e = before_a_begun_photo();
    assert_eq!(e.poll(), Step::AskPhoto(PHOTO.sha256));
    e.input(
        0,
        Input::PhotoAt {
            sha256: PHOTO.sha256,
            offset: 100,
            up: 0,
        },
    );
    assert!(matches!(e.poll(), Step::SendPhoto { from: 100, .. }));
    e.input(0, Input::Lost(LinkError::Lost, 64));
    assert_eq!(e.poll(), Step::AskPhoto(PHOTO.sha256));
}

#[test]
fn the_budget_ends_a_sync_and_photos_can_be_left_out() {
    let mut e = Engine::new(
        Budget {
            duration_ms: 500,
            ..Budget::default()
        },
        1_000,
        1,
        0,
    );
    let _ = e.poll();
    e.input(1_600, work(5, &[]));
    assert!(matches!(e.poll(), Step::Idle(s) if s.outcome == Outcome::BudgetSpent));

    let mut e = Engine::new(
        Budget {
            photos: false,
            ..Budget::default()
        },
        0,
        1,
        0,
    );
    let _ = e.poll();
    e.input(0, work(0, &[PHOTO]));
    let _ = e.poll();
    e.input(0, exchanged());
    let _ = e.poll();
    e.input(0, work(0, &[PHOTO]));
    assert!(matches!(e.poll(), Step::Idle(s) if s.outcome == Outcome::Complete && s.next_at_ms.is_none()));
}

#[test]
fn retry_after_is_obeyed() {
    let mut e = engine();
    let _ = e.poll();
    e.input(0, work(1, &[]));
    let _ = e.poll();
    e.input(0, Input::Refused(grid_wire::RefusalCode::TryLater, Some(120)));
    assert!(matches!(e.poll(), Step::Idle(s) if s.next_at_ms >= Some(120_000)));
}

#[test]
fn pieces_that_never_arrive_end_the_sync_although_the_platform_says_where_it_stands() {
    let mut e = before_a_begun_photo();
    let mut pieces = 0;
    for _ in 0..100 {
        match e.poll() {
            Step::AskPhoto(sha256) => {
                e.input(
                    0,
                    Input::PhotoAt {
                        sha256,
                        offset: 100,
                        up: 0,
                    },
                );
            }
            Step::SendPhoto { length, .. } => {
                pieces += 1;
                e.input(0, Input::Lost(LinkError::Lost, length as u64));
            }
            Step::Idle(summary) => {
                assert_eq!((summary.outcome, pieces), (Outcome::Link(LinkError::Lost), 4));
                return;
            }
            other => panic!("{other:?}"),
        }
    }
    panic!("it goes for ever");
}

#[test]
fn on_a_metered_link_only_the_photos_of_a_rescue_go() {
    let metered = Budget {
        metered: true,
        ..Budget::default()
    };
    let mut e = within(metered, 0);
    e.input(0, work(0, &[PHOTO]));
    let _ = e.poll();
    e.input(0, exchanged());
    let _ = e.poll();
    let rescue = PhotoWork {
        sha256: Sha256([8; 32]),
        urgent: true,
        ..PHOTO
    };
    e.input(0, work(0, &[PHOTO, rescue]));
    assert_eq!(e.poll(), Step::BeginPhoto(rescue.sha256));
}

#[test]
fn what_goes_and_what_comes_share_one_budget() {
    for bytes in [20_000, 60_000, 400_000] {
        let budget = Budget {
            bytes,
            ..Budget::default()
        };
        let mut e = within(budget, 0);
        e.input(0, work(1_000, &[]));
        let Step::Exchange {
            body_bytes_max,
            page_bytes_max,
            room,
        } = e.poll()
        else {
            panic!("an exchange")
        };
        assert!(
            page_bytes_max + body_bytes_max as u64 <= room && room < bytes,
            "{bytes}"
        );
        assert!(
            page_bytes_max >= room / 4,
            "a recall may wait on the platform: {page_bytes_max} of {bytes}"
        );
    }
}

#[test]
fn a_budget_that_a_dead_link_uses_up_or_that_is_too_small_rests() {
    let rests = |step: Step| matches!(step, Step::Idle(s) if s.in_vain && s.next_at_ms > Some(20_000));
    let budget = Budget {
        duration_ms: 20_000,
        ..Budget::default()
    };
    let mut e = Engine::new(budget, 0, 1, 0);
    for now_ms in [10_000, 20_000] {
        let _ = e.poll();
        e.input(now_ms - 10_000, work(1, &[]));
        let _ = e.poll();
        e.input(now_ms, Input::Lost(LinkError::Unreachable, 0));
    }
    assert!(rests(e.poll()));

    let budget = Budget {
        bytes: 30_000,
        ..Budget::default()
    };
    let mut e = within(budget, 20_000);
    e.input(20_000, work(1, &[]));
    let _ = e.poll();
    e.input(20_000, Input::NoRoom);
    // What is left goes to what is pulled, and to photos.
    let _ = e.poll();
    e.input(20_000, work(1, &[PHOTO]));
    let pull = e.poll();
    assert!(matches!(
        pull,
        Step::Exchange {
            body_bytes_max: 0,
            ..
        }
    ));
    e.input(20_000, exchanged());
    let _ = e.poll();
    e.input(20_000, work(1, &[PHOTO]));
    assert_eq!(e.poll(), Step::BeginPhoto(PHOTO.sha256));
    e.input(20_000, Input::PhotoFailed(PHOTO.sha256));
    let _ = e.poll();
    e.input(20_000, work(1, &[]));
    assert!(rests(e.poll()));
}

#[test]
fn what_cannot_be_sealed_ends_the_sync_and_holds_up_no_photo() {
    let mut e = engine();
    let _ = e.poll();
    e.input(0, work(3, &[PHOTO]));
    let _ = e.poll();
    e.input(0, exchanged());
    let _ = e.poll();
    e.input(0, work(3, &[PHOTO]));
    assert_eq!(e.poll(), Step::BeginPhoto(PHOTO.sha256));
    e.input(0, Input::PhotoFailed(PHOTO.sha256));
    let _ = e.poll();
    e.input(0, work(3, &[]));
    // What waits is not forgotten: another sync is due.
    assert!(matches!(e.poll(), Step::Idle(s) if s.outcome != Outcome::Complete && s.next_at_ms > Some(0)));
}
