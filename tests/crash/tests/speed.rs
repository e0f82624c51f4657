//! How many power cuts with an encrypted database opened after each fit into a second. Printed, not judged.

mod ledger;

use grid_crash::{SimDisk, Subset};

/// Nanoseconds that this thread has been on a processor, as Linux counts them.
fn used_ns() -> Option<u64> {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    line.split_whitespace().next()?.parse().ok()
}

fn measured(what: &str, cycles: u64, mut cycle: impl FnMut(u64)) {
    let before = used_ns();
    (0..cycles).for_each(&mut cycle);
    match before.zip(used_ns()) {
        Some((before, after)) => {
            let ns = after - before;
            println!(
                "{what}: {} a second on one core",
                cycles * 1_000_000_000 / ns.max(1)
            );
        }
        None => println!("{what}: not measured here"),
    }
}

#[test]
fn cuts_a_second() {
    let disk = ledger::prepared();
    ledger::work(&disk, "FULL", &mut 0).unwrap();
    disk.settle();
    let large = SimDisk::empty();
    large
        .write_file(std::path::Path::new("ledger.db"), &vec![7; 1 << 20])
        .unwrap();
    let image = large.snapshot();
    measured("copies of an image of 1 MiB", 20_000, |_| {
        SimDisk::from_snapshot(&image);
    });

    let image = ledger::prepared().snapshot();
    let cut = SimDisk::from_snapshot(&image);
    cut.cut_power_at(20);
    assert!(ledger::work(&cut, "FULL", &mut 0).is_err());
    measured("power cuts", 20_000, |n| {
        cut.after_power_cut(Subset::seeded(1, n % 16));
    });
    measured("power cuts with opening and one read", 1_000, |n| {
        let next = cut.after_power_cut(Subset::seeded(1, n % 16));
        ledger::open(&next, "FULL").unwrap();
    });
    measured("power cuts with opening and a whole check", 1_000, |n| {
        ledger::read_back(&cut.after_power_cut(Subset::seeded(1, n % 16))).unwrap();
    });
    measured("runs of 12 transactions", 50, |_| {
        ledger::work(&SimDisk::from_snapshot(&image), "FULL", &mut 0).unwrap();
    });
}
