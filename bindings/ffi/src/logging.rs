//! The host's log: what a support desk may want to read. It never holds a worker's words, a name or a place.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, Once, PoisonError};

use crate::border::host_call;
use crate::{FieldError, HostError};

/// Lines that may wait for the host; more are dropped.
const LINES_WAITING_MAX: usize = 1_024;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something is not as it should be; the work went on.
    Warn,
    /// Something to know.
    Info,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// Which part of the field book says it.
    pub part: String,
    /// What it says, in English, for a support desk.
    pub text: String,
}

/// Takes the lines of the log. Implemented by the app.
///
/// Called on a thread of its own: one that blocks or throws loses lines, and holds up nothing.
#[uniffi::export(with_foreign)]
pub trait Log: Send + Sync {
    /// Takes one line.
    fn log(&self, line: LogLine) -> Result<(), HostError>;
}

/// Lines go to `log` from now on, in place of one that was set before; without one they are dropped. What waits for the one before
/// is dropped, too.
#[uniffi::export(default(log = None))]
pub fn set_log(log: Option<Arc<dyn Log>>) -> Result<(), FieldError> {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // Another logger of the same process stays.
        if log::set_logger(&BORDER_LOG).is_ok() {
            log::set_max_level(log::LevelFilter::Info);
        }
    });
    let waiting = log.map(listener).transpose()?;
    *lock(&BORDER_LOG.0) = waiting;
    Ok(())
}

/// Lines on their way to a host. Dropping it ends their thread after the line that is being told.
struct Listener {
    lines: SyncSender<LogLine>,
    is_over: Arc<AtomicBool>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
    }
}

/// Begins the thread that hands lines to the host.
fn listener(log: Arc<dyn Log>) -> Result<Listener, FieldError> {
    let (sender, lines) = sync_channel::<LogLine>(LINES_WAITING_MAX);
    let is_over = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&is_over);
    std::thread::Builder::new()
        .name("grid-log".to_owned())
        .spawn(move || {
            for line in lines {
                if ends.load(Ordering::Acquire) {
                    return;
                }
                // There is nowhere left to tell.
                let _unheard = host_call(|| log.log(line));
            }
        })
        .map_err(|error| FieldError::internal(error.to_string()))?;
    Ok(Listener {
        lines: sender,
        is_over,
    })
}

static BORDER_LOG: BorderLog = BorderLog(Mutex::new(None));

struct BorderLog(Mutex<Option<Listener>>);

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl log::Log for BorderLog {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Info && metadata.target().starts_with("grid_")
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = LogLine {
            level: match record.level() {
                log::Level::Error => LogLevel::Error,
                log::Level::Warn => LogLevel::Warn,
                log::Level::Info | log::Level::Debug | log::Level::Trace => LogLevel::Info,
            },
            part: record.target().split("::").next().unwrap_or_default().to_owned(),
            text: record.args().to_string(),
        };
        if let Some(listener) = &*lock(&self.0) {
            // Never waits: a full queue loses the line.
            let _full = listener.lines.try_send(line);
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    /// Tells that a line came, and waits until it is let go.
    struct Slow {
        came: Mutex<std::sync::mpsc::Sender<String>>,
        gate: Mutex<std::sync::mpsc::Receiver<()>>,
    }

    impl Log for Slow {
        fn log(&self, line: LogLine) -> Result<(), HostError> {
            let _unheard = lock(&self.came).send(line.text);
            let _closed = lock(&self.gate).recv();
            Ok(())
        }
    }

    #[test]
    fn what_waits_for_a_log_that_was_taken_away_is_dropped() {
        let (came, lines) = channel();
        let (open, gate) = channel();
        let slow = Slow {
            came: Mutex::new(came),
            gate: Mutex::new(gate),
        };
        let listener = listener(Arc::new(slow)).unwrap();
        for text in ["first", "second"] {
            let line = LogLine {
                level: LogLevel::Info,
                part: "grid_ffi".to_owned(),
                text: text.to_owned(),
            };
            listener.lines.try_send(line).unwrap();
        }
        assert_eq!(lines.recv().as_deref(), Ok("first"));
        drop(listener);
        drop(open);
        // The thread ends, and with it the sender: the second line was never told.
        assert!(lines.recv().is_err());
    }
}
