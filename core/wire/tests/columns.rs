//! Bodies in columns come back byte for byte, whatever is in them; no bytes make the reader panic or take much.

mod cases;
mod doors;
#[allow(dead_code, reason = "other tests use the rest")]
mod hostile;
#[allow(dead_code, reason = "other tests use the rest")]
mod samples;
#[allow(dead_code, reason = "other tests use the rest")]
mod strategies;

use std::fmt::Write as _;

use cases::{grown, nested, seeded};
use grid_model::limits::{BODY_BYTES_MAX, ENTRIES_PER_BATCH_MAX};
use grid_model::{ChangeKind, Coded as _, Lane, LaneKind, Seq};
use grid_wire::form::{columns_of, pack_for};
use grid_wire::{Entry, Form, Forms, WireError, batch, encode};
use proptest::prelude::*;
use strategies::{facts, messages};

const MALFORMED: WireError = WireError::Malformed { what: "batch body" };

fn entry(seq: u64, body: Vec<u8>) -> Entry {
    Entry {
        seq: Seq(seq),
        lane: Lane {
            kind: LaneKind::from_code(1),
            id: [7; 16],
        },
        prev_in_lane: Seq(0),
        kind: ChangeKind::from_code(1),
        schema_version: 1,
        body,
    }
}

/// Checks that entries come back in every form, and in the first one.
fn come_back(entries: &[Entry]) {
    for bits in [Forms::ours().bits(), 1 << 2, 1 << 3, 0] {
        let body = pack_for(entries, Forms::from_bits(bits));
        assert_eq!(batch::unpack(&body).as_deref(), Ok(entries), "{bits:b}");
    }
}

/// A body of form 2 around these columns.
fn columns(bytes: &[u8]) -> Vec<u8> {
    let frame = zstd::bulk::compress(bytes, 1).unwrap_or_else(|error| panic!("zstd: {error}"));
    [&[2], &frame[4..]].concat()
}

proptest! {
    #![proptest_config(seeded())]

    #[test]
    fn any_entries(entries in messages::entries()) {
        come_back(&entries);
    }

    #[test]
    fn bodies_of_every_kind_and_of_tomorrow(
        bodies in prop::collection::vec((facts::body(), any::<u8>(), any::<bool>()), 1..20),
    ) {
        let entries: Vec<Entry> = (1..)
            .zip(bodies)
            .map(|(seq, (body, key, is_grown))| {
                let bytes = body.to_bytes();
                let more = encode(&u64::from(key));
                entry(seq, if is_grown { grown(&bytes, 0, &more) } else { bytes })
            })
            .collect();
        come_back(&entries);
    }

    #[test]
    fn any_cbor_in_a_pair(items in prop::collection::vec(hostile::soup(), 1..6)) {
        let entries: Vec<Entry> = (1..)
            .zip(items)
            .map(|(seq, item)| entry(seq, [&[0x82, 0x00], item.as_slice()].concat()))
            .collect();
        come_back(&entries);
    }

    #[test]
    fn any_columns_are_entries_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(entries) = batch::unpack(&columns(&bytes)) {
            prop_assert!(entries.len() <= ENTRIES_PER_BATCH_MAX);
            for entry in &entries {
                prop_assert!(entry.prev_in_lane < entry.seq && entry.body.len() <= BODY_BYTES_MAX);
            }
        }
    }

    #[test]
    fn columns_with_a_byte_of_another_kind_are_entries_or_an_error(
        at in any::<prop::sample::Index>(),
        other in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = columns_of(&samples::messages::entries());
        let at = at.index(bytes.len());
        bytes[at] = other;
        if cut {
            bytes.truncate(at);
        }
        let _ = batch::unpack(&columns(&bytes));
    }
}

#[test]
fn what_is_not_two_short_items_travels_as_it_is() {
    for body in [
        Vec::new(),
        vec![0x82],
        vec![0x82, 0x18, 0x01, 0x02], // a number longer than it need be
        [&[0x82, 0x00], nested(40, false).as_slice()].concat(), // deeper than ours
        vec![0x82, 0xf9, 0, 0, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![0xff; 300],
    ] {
        come_back(&[
            entry(1, body.clone()),
            entry(2, vec![0x82, 0x01, 0x02]),
            entry(9, body),
        ]);
    }
}

#[test]
fn a_platform_that_says_nothing_gets_the_first_form() {
    let entries = samples::messages::entries();
    assert_eq!(pack_for(&entries, Forms::NONE), batch::pack(&entries));
    let tomorrow = Forms::from_bits(1 << 9);
    assert_eq!(pack_for(&entries, tomorrow), batch::pack(&entries));
    assert!(Form::ALL.into_iter().all(|form| Forms::ours().has(form)));
}

#[test]
fn a_few_records_are_packed_with_the_dictionary_and_many_without() {
    let few: Vec<Entry> = (1..3).map(|seq| entry(seq, vec![0x82, 0x01, 0x02])).collect();
    assert_eq!(pack_for(&few, Forms::ours())[0], 3);
    let noise = |seq: u64| {
        (0..900_u64)
            .map(|n| ((n * seq * 2_654_435_761) >> 7) as u8)
            .collect()
    };
    let many: Vec<Entry> = (1..80).map(|seq| entry(seq, noise(seq))).collect();
    assert_eq!(pack_for(&many, Forms::ours())[0], 2);
    come_back(&many);
}

#[test]
fn small_columns_do_not_unfold_into_more_than_a_batch_may_have() {
    // 4,096 entries of one skeleton, which has two places in 5 bytes: each takes a byte at least.
    let count = ENTRIES_PER_BATCH_MAX as u64;
    let mut bytes = vec![0x80, 0x20];
    assert_eq!(u64::from(bytes[0] & 0x7f) | u64::from(bytes[1]) << 7, count);
    let entries = ENTRIES_PER_BATCH_MAX;
    bytes.extend(vec![0; entries]); // positions
    bytes.extend([&[0], vec![1; entries - 1].as_slice()].concat()); // lanes
    bytes.extend(vec![0; entries]); // before
    bytes.extend([&[1], [7; 16].as_slice()].concat()); // the lane
    bytes.extend(vec![1; 2 * entries]); // kinds, schemas
    bytes.extend([0, 0]);
    bytes.extend([2, 3].repeat(entries - 1)); // skeletons
    let long = 200 * 1024_u32;
    let length = [long as u8 | 0x80, (long >> 7) as u8 | 0x80, (long >> 14) as u8];
    let skeletons = [
        [&length, vec![0x80; long as usize].as_slice()].concat(),
        vec![1, 0x80],
    ]
    .concat();
    let unfolded = batch::unpack(&columns(&[bytes.as_slice(), &skeletons].concat()));
    assert_eq!(unfolded, Err(MALFORMED), "800 MB");
    let leaves = [
        [&length, vec![0x1c; long as usize].as_slice()].concat(),
        vec![1, 0x80],
    ]
    .concat();
    assert_eq!(
        batch::unpack(&columns(&[bytes.as_slice(), &leaves].concat())),
        Err(MALFORMED)
    );
    let one = [bytes.as_slice(), &[1, 0x80, 1, 0x80]].concat();
    assert_eq!(
        batch::unpack(&columns(&one)).map(|entries| entries.len()),
        Ok(entries)
    );
}

#[test]
fn the_columns_of_a_batch_are_frozen() {
    let hex = columns_of(&samples::messages::entries())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
    insta::assert_snapshot!("batch_columns", hex);
}
