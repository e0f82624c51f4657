//! What the kernel knows of this process. The bench has one thread, so its thread is the process.

use std::path::Path;
use std::time::Instant;

use crate::BenchError;

/// Wall time and processor time of a stretch of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// Seconds.
    pub(crate) wall: f64,
    /// Seconds of user and system time.
    pub(crate) cpu: f64,
}

/// Measures what `f` takes.
pub(crate) fn spent<R>(f: impl FnOnce() -> Result<R, BenchError>) -> Result<(R, Spent), BenchError> {
    let cpu = cpu_seconds()?;
    let begun = Instant::now();
    let result = f()?;
    let wall = begun.elapsed().as_secs_f64();
    let cpu = cpu_seconds()? - cpu;
    Ok((result, Spent { wall, cpu }))
}

/// User and system time of this process so far. The scheduler counts in nanoseconds, `/proc/self/stat` in hundredths.
pub(crate) fn cpu_seconds() -> Result<f64, BenchError> {
    if let Ok(text) = std::fs::read_to_string("/proc/self/schedstat")
        && let Some(Ok(nanoseconds)) = text.split(' ').next().map(str::parse::<f64>)
    {
        return Ok(nanoseconds / 1e9);
    }
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let behind_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = behind_name.split_whitespace().skip(11).take(2);
    Ok(ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0)
}

/// A line of `/proc/self/status` such as `VmHWM`, in MB of a million bytes.
pub(crate) fn memory_mb(line: &str) -> Result<f64, BenchError> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let value = status
        .lines()
        .find_map(|found| found.strip_prefix(line)?.strip_prefix(':'))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|kibibytes| kibibytes.parse::<f64>().ok());
    let kibibytes = value.ok_or_else(|| BenchError::Child(format!("no {line} in /proc/self/status")))?;
    Ok(kibibytes * 1024.0 / 1e6)
}

/// Takes the files of a folder out of the page cache, as after a restart.
pub(crate) fn make_cold(folder: &Path) -> Result<(), BenchError> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            make_cold(&path)?;
            continue;
        }
        let file = std::fs::File::open(&path)?;
        file.sync_all()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).map_err(std::io::Error::from)?;
    }
    Ok(())
}

/// Bytes of all files in a folder.
pub(crate) fn folder_bytes(folder: &Path) -> Result<u64, BenchError> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.metadata()?;
        bytes += if found.is_dir() {
            folder_bytes(&entry.path())?
        } else {
            found.len()
        };
    }
    Ok(bytes)
}
