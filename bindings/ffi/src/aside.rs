//! Code of the host that may block: it runs on a thread of its own, and whoever cancels does not wait for it.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use grid_fieldbook::CancelToken;

/// How often a wait looks whether somebody asked to stop.
const CANCEL_CHECKED_EVERY: Duration = Duration::from_millis(20);

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// Somebody asked to stop; the call is left behind.
    Cancelled,
    /// No thread could be had.
    NoThread,
    /// The call ended without one.
    Lost,
}

/// Runs a call on a thread of its own and waits for it until somebody asks to stop, 20 ms later at most.
pub(crate) fn aside<T: Send + 'static>(
    name: &str,
    cancel: &CancelToken,
    call: impl FnOnce() -> T + Send + 'static,
) -> Result<T, NoAnswer> {
    let (answered, answer) = channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Nobody waits any more once somebody has cancelled.
            let _unheard = answered.send(call());
        })
        .map_err(|_| NoAnswer::NoThread)?;
    loop {
        if cancel.is_cancelled() {
            return Err(NoAnswer::Cancelled);
        }
        match answer.recv_timeout(CANCEL_CHECKED_EVERY) {
            Ok(answer) => return Ok(answer),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(NoAnswer::Lost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_comes_back_and_what_never_answers_is_left_behind() {
        let cancel = CancelToken::default();
        assert_eq!(aside("t", &cancel, || 7), Ok(7));
        assert_eq!(
            aside("t", &cancel, || -> u8 { panic!("thrown") }),
            Err(NoAnswer::Lost)
        );
        let (hold, held) = channel::<()>();
        cancel.cancel();
        // It would wait here for ever.
        let answer = aside("t", &cancel, move || held.recv().is_ok());
        assert_eq!(answer, Err(NoAnswer::Cancelled));
        drop(hold);
    }
}
