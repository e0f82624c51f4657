//! Time is handed in. Only the outermost adapters read a clock or wait on one, so every rule can be tested at any hour.

use crate::{Finding, Sources};

/// What reads the machine's clock or stops a thread.
pub const CLOCKS: &[&str] = &[
    "SystemTime",
    "Instant::now",
    "thread::sleep",
    "Utc::now",
    "Local::now",
];

/// Where that is done for everybody else.
pub const ADAPTERS: &[&str] = &[
    "core/fieldbook/src/host",
    "core/cli/",
    "platform/server/",
    "tests/e2e/",
    "tests/bench/",
    "tests/bench-peer/",
    "tests/crash/",
];

/// Finds clocks outside the adapters, in tests too.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in sources
        .files
        .iter()
        .filter(|file| !ADAPTERS.iter().any(|adapter| file.path.starts_with(adapter)))
    {
        for clock in CLOCKS {
            found.extend(file.source.positions(clock).into_iter().map(|at| {
                Finding::on_line(
                    &file.path,
                    file.source.line_of(at),
                    format!("`{clock}` outside the adapters"),
                    "take the time as an argument (`now`) or through the injected clock; only core/fieldbook/src/host*, \
                     core/cli, platform/server, tests/e2e, tests/bench, tests/bench-peer and tests/crash read the machine's",
                )
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::fixture::one_crate;

    #[test]
    fn a_clock_is_found_where_no_adapter_is() {
        let clock = "fn now() { std::time::SystemTime::now(); std::thread::sleep(x); Instant::now(); }";
        let (_, _, sources) = one_crate(&[
            ("core/sync/src/lib.rs", clock),
            (
                "core/store/tests/open.rs",
                "use chrono::Utc; fn t() { Utc::now(); }",
            ),
            ("core/fieldbook/src/host_clock.rs", clock),
            (
                "core/fieldbook/src/pump.rs",
                "// Instant::now()\nfn now(now_ms: i64) {}",
            ),
            ("platform/server/src/main.rs", clock),
        ]);
        let places: Vec<_> = check(&sources).into_iter().map(|finding| finding.place).collect();
        let sync = "core/sync/src/lib.rs:1";
        assert_eq!(places, ["core/store/tests/open.rs:1", sync, sync, sync]);
    }
}
