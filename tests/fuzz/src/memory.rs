//! How much memory the process took, as Linux tells it: elsewhere nothing is measured.

use std::fs;

/// The most memory before a target ran.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    resident_kib: Option<u64>,
    reserved_kib: Option<u64>,
}

impl Meter {
    /// The most that was in use and reserved until now.
    pub fn start() -> Self {
        Self {
            resident_kib: kib("VmHWM:"),
            reserved_kib: kib("VmPeak:"),
        }
    }

    /// How much more it became since.
    pub fn grown(self) -> Grown {
        let mib = |now: Option<u64>, before: Option<u64>| {
            now.zip(before)
                .map_or(0, |(now, before)| now.saturating_sub(before) / 1024)
        };
        let now = Self::start();
        Grown {
            used_mib: mib(now.resident_kib, self.resident_kib),
            reserved_mib: mib(now.reserved_kib, self.reserved_kib),
        }
    }
}

/// What the most memory of the process grew by.
#[derive(Clone, Copy, Debug)]
pub struct Grown {
    /// In use.
    pub used_mib: u64,
    /// Reserved, used or not.
    pub reserved_mib: u64,
}

fn kib(label: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(label))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_and_never_used_counts() {
        let meter = Meter::start();
        let reserved: Vec<u8> = Vec::with_capacity(1024 * 1024 * 1024);
        let grown = meter.grown();
        assert!(grown.reserved_mib > 500 && grown.used_mib < 500, "{grown:?}");
        assert_eq!(reserved.len(), 0);
    }
}
