//! What an answer asks to be made durable.

use grid_model::id::Seq;

use super::*;
use crate::Verified;

#[test]
fn what_an_answer_says_is_written_in_one_piece() {
    let after = |answer: Answer| engine().plan(0, Input::Answered(Box::new(answer))).writes;
    let verified = Some(Verified {
        to: Seq(7),
        is_elsewhere: false,
        is_current: true,
    });
    let pushed = Answer {
        pushed: 3,
        settled: 3,
        verified,
        ..ANSWER
    };
    let end = Write::Feed {
        cursor: 0,
        more: false,
    };
    let all = [
        Write::Settle,
        Write::Anchor,
        Write::LayPage,
        end,
        Write::DropDoubted,
        Write::Checkpoint,
    ];
    assert_eq!(after(pushed.clone()), all);
    // Another life of the store: everything behind what it verified goes again, and the feed is read anew.
    let restored = Answer {
        incarnation: Incarnation([4; 16]),
        ..pushed.clone()
    };
    let anew = Write::Feed {
        cursor: 0,
        more: true,
    };
    let again = |to| Write::OfferAgain { verified_to: Seq(to) };
    assert_eq!(
        after(restored.clone()),
        [Write::Settle, Write::Anchor, again(7), Write::DoubtRows, anew]
    );
    // What it verified of another branch says nothing of this log.
    let elsewhere = verified.map(|verified| Verified {
        is_elsewhere: true,
        ..verified
    });
    let branch = Answer {
        verified: elsewhere,
        ..restored
    };
    assert!(after(branch).contains(&again(0)));
    let branch = Answer {
        verified: elsewhere,
        ..pushed.clone()
    };
    assert_eq!(after(branch).last(), Some(&Write::BeginEpoch));
    // An old answer come late moves nothing forward.
    let late = Answer {
        page: PagePlace {
            from: 5,
            next: 9,
            more: false,
        },
        ..pushed.clone()
    };
    assert_eq!(after(late), [Write::Settle, Write::Anchor, anew]);
    // A page that answers another life of the log is asked for again.
    let other = Answer {
        is_of_this_log: false,
        ..pushed.clone()
    };
    assert_eq!(
        after(other),
        [Write::Settle, Write::Anchor, anew, Write::Checkpoint]
    );
    // A recovered vault has a past and does not know which store it met.
    let recovered = Answer {
        known: Known {
            incarnation: None,
            ..ANSWER.known
        },
        ..pushed
    };
    assert!(after(recovered).contains(&Write::DoubtRows));
}
