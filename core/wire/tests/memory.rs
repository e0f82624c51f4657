//! No bytes make a decoder take much memory. This is the only test of its process, whose peak it reads from Linux.

#![cfg(target_os = "linux")]

use std::fs;

use grid_model::limits::{BATCH_INFLATED_BYTES_MAX, PULL_PAGE_BYTES_MAX};
use grid_wire::{ExchangeResponse, WireError, batch};

/// What reading one message may add to the resident memory of the process: a few times the largest inflated message.
const GROWTH_KIB_MAX: u64 = 4 * BATCH_INFLATED_BYTES_MAX as u64 / 1024;

/// The most memory this process ever had at once, KiB.
fn peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or_default();
    line.trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap_or_else(|_| panic!("no VmHWM in {status}"))
}

/// CBOR of at most `limit` bytes: `head`, then a list of `item` over and over.
fn filled(limit: usize, head: &[u8], item: &[u8]) -> Vec<u8> {
    let count = ((limit - head.len() - 5) / item.len()) as u32;
    [head, &[0x9a], &count.to_be_bytes(), &item.repeat(count as usize)].concat()
}

/// An unknown field of a map with lists in an open list, as deep as `limit` allows.
fn open_lists(limit: usize) -> Vec<u8> {
    [&[0xa1, 0x18, 99, 0x82, 0x9f], &*vec![0x81; limit - 5]].concat()
}

fn squeezed(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap_or_else(|error| panic!("zstd: {error}"))
}

#[test]
fn small_messages_that_unfold_take_little_memory() {
    let largest = BATCH_INFLATED_BYTES_MAX;
    let one_lane = [[0xa2, 0, 0x81, 0x82, 1, 0x50].as_slice(), &[0; 16], &[1]].concat();
    let batches = [
        (
            filled(largest, &one_lane, &[0x86, 1, 0, 0, 0, 0, 0x40]),
            WireError::TooLarge { what: "batch body" },
        ),
        (open_lists(largest), WireError::Malformed { what: "batch body" }),
        (vec![0; largest], WireError::Malformed { what: "batch body" }),
    ];
    let page = [
        0xa4, 0, 1, 1, 0x82, 0x40, 0x40, 3, 0x60, 2, 0xa4, 0, 0, 2, 0, 3, 0xf4, 1,
    ];
    let rows = |limit| filled(limit, &page, &[0xa4, 0, 0, 1, 0x40, 2, 0, 3, 0x40]);
    let answers = [
        rows(2 * PULL_PAGE_BYTES_MAX),
        rows(largest),
        open_lists(2 * PULL_PAGE_BYTES_MAX),
    ];

    let start = peak_kib();
    for (cbor, error) in batches {
        assert_eq!(batch::unpack(&squeezed(&cbor)), Err(error));
    }
    let opened = answers
        .map(|cbor| ExchangeResponse::from_bytes(&[b"GFR1".as_slice(), &squeezed(&cbor)].concat()).is_ok());
    assert_eq!(opened, [true, false, false]);
    let growth = peak_kib() - start;
    assert!(growth <= GROWTH_KIB_MAX, "{growth} KiB more than before");
}
