//! The bytes of every message and every kind of fact, frozen. A snapshot that changes is a wire break: give the field a
//! number that was never used and keep reading the old one. Review with `cargo insta review`.

mod doors;
mod samples;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use grid_model::terms::*;
use grid_model::{ChangeKind, Coded, ExtensionState, LaneKind, TaskStatus};
use samples::Sample;

/// One test, and one snapshot of the same name, for each message.
macro_rules! frozen {
    ($($message:ident)*) => {
        const FROZEN: &[&str] = &[$(stringify!($message)),*];
        $(
            #[test]
            fn $message() {
                freeze(stringify!($message), &sheet(stringify!($message)));
            }
        )*
    };
}

frozen! {
    fact_task_accepted
    fact_task_arrived
    fact_report_submitted
    fact_extension_requested
    fact_patrol_started
    fact_checkpoint_visited
    fact_observed
    fact_patrol_paused
    fact_patrol_resumed
    fact_patrol_ended
    fact_track_segment
    fact_counted
    fact_case_reported
    fact_urgent_started
    fact_urgent_milestone
    fact_unknown
    batch_header
    batch_body
    receipt
    receipt_range
    task_row
    post_row
    feed_row
    feed_row_of_what_moved
    checkpoint
    checkpoint_of_a_round
    pull_page
    exchange_request
    exchange_response
    refusal
    enroll_request
    enroll_response
    signed
    segment_header
    capture_grant
    capture_kit
    file_key_row
    change_frame
    fixes_frame
    vault_private
    lifeboat_answer
    continue_request
    continued_partial
    key_notice
    batch_header_with_keys
    exchange_response_with_keys
}

fn freeze(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The samples of a message: bytes in lines of 32, then the CBOR in diagnostic notation.
fn sheet(message: &str) -> String {
    let mut sheet = String::new();
    for Sample {
        which,
        bytes,
        cbor,
        door,
        ..
    } in samples::all().iter().filter(|s| s.message == message)
    {
        assert_eq!(door(bytes), Ok(()), "{message}, {which}");
        let _ = writeln!(sheet, "# {which}: {} bytes", bytes.len());
        for line in bytes.chunks(32) {
            let _ = writeln!(sheet, "{}", hex::encode(line));
        }
        let _ = writeln!(sheet, "{}\n", minicbor::display(&bytes[cbor.clone()]));
    }
    sheet
}

/// What is no CBOR: a header block up to its zeros, and a whole frame.
#[test]
fn lifeboat_segment() {
    let signed = samples::signed(grid_wire::encode(&samples::lifeboat::header()));
    let block = grid_wire::lifeboat::header_block(&signed).unwrap_or_else(|| panic!("too large"));
    let end = block
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    let mut sheet = String::new();
    for (which, bytes) in [
        ("header block", &block[..end]),
        ("frame", &samples::lifeboat::frame()),
    ] {
        let _ = writeln!(sheet, "# {which}: {} bytes", bytes.len());
        for line in bytes.chunks(32) {
            let _ = writeln!(sheet, "{}", hex::encode(line));
        }
        sheet.push('\n');
    }
    freeze("lifeboat_segment", &sheet);
}

#[test]
fn every_message_and_every_kind_is_frozen() {
    let frozen: BTreeSet<String> = FROZEN.iter().map(|name| (*name).to_owned()).collect();
    let sampled: BTreeSet<String> = samples::all().into_iter().map(|sample| sample.message).collect();
    assert_eq!(frozen, sampled);
    for kind in ChangeKind::known() {
        assert!(
            frozen.contains(&format!("fact_{}", kind.name())),
            "{kind:?} has no snapshot"
        );
    }
}

#[test]
fn numbers_of_enumerations() {
    fn table<T: Coded>(name: &str) -> String {
        let line = |value: &T| format!("{name} {} {}\n", value.code(), value.name());
        T::known().iter().map(line).collect()
    }
    macro_rules! tables {
        ($($Name:ident)*) => { [$(table::<$Name>(stringify!($Name))),*].concat() };
    }
    let text = tables! {
        ChangeKind LaneKind RowKind TaskStatus ExtensionState RefusalCode ParkReason CaseKind Level DisputeType Scale PartyRole
        ReportResult Measure PartyTold AgreementForm PatrolType Transport Proof UnlocatedReason ObservationKind
        CountKind Milestone AttachmentRole KeyPurpose
    };
    freeze("numbers_of_enumerations", &text);
}
