//! The border: what panics on either side stays on that side, and code of the host writes nothing while we wait for it.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{FieldError, HostError, Obstacle};

thread_local! {
    /// How many calls of the host's code this thread is inside of.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// Counts one call of the host's code, until it is dropped.
struct Inside;

impl Inside {
    fn host() -> Self {
        INSIDE.set(INSIDE.get() + 1);
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(INSIDE.get() - 1);
    }
}

/// Refuses what writes while this thread is inside the host's code: the call that asked it has not ended.
pub(crate) fn refuse_inside_host() -> Result<(), FieldError> {
    match INSIDE.get() {
        0 => Ok(()),
        _ => Err(FieldError::Unavailable {
            obstacle: Obstacle::InsideCallback,
        }),
    }
}

/// Runs our side of a call; a panic becomes `Internal`. The store rolled the transaction of a panicking call back.
pub(crate) fn guarded<T>(call: impl FnOnce() -> Result<T, FieldError>) -> Result<T, FieldError> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| Err(FieldError::internal(told(&*panic))))
}

/// Runs code of the host; what it throws or panics comes back as an error.
pub(crate) fn host_call<T>(call: impl FnOnce() -> Result<T, HostError>) -> Result<T, HostError> {
    let _inside = Inside::host();
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        Err(HostError::Failed {
            detail: told(&*panic),
        })
    })
}

/// A literal message is our own words; a formatted one may hold a worker's and is left out.
fn told(panic: &(dyn Any + Send)) -> String {
    match panic.downcast_ref::<&'static str>() {
        Some(literal) => format!("a bug: {literal}"),
        None => "a bug: a call panicked".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_without_a_workers_words() {
        let literal: Result<(), _> = guarded(|| panic!("index out of bounds"));
        assert_eq!(literal, Err(FieldError::internal("a bug: index out of bounds")));
        let name = "王老师";
        let formatted: Result<(), _> = guarded(|| panic!("no such worker: {name}"));
        assert_eq!(formatted, Err(FieldError::internal("a bug: a call panicked")));
    }

    #[test]
    fn nothing_is_written_from_inside_the_host_and_everything_after_it() {
        let refused = Err(FieldError::Unavailable {
            obstacle: Obstacle::InsideCallback,
        });
        let inside = host_call(|| Ok((refuse_inside_host(), host_call(|| Ok(refuse_inside_host())))));
        assert_eq!(inside, Ok((refused.clone(), Ok(refused))));
        let _thrown = host_call(|| -> Result<(), HostError> { panic!("thrown") });
        assert_eq!(refuse_inside_host(), Ok(()));
    }

    #[test]
    fn what_does_not_panic_passes() {
        assert_eq!(guarded(|| Ok(1)), Ok(1));
        assert_eq!(
            guarded(|| Err::<(), _>(FieldError::Closed)),
            Err(FieldError::Closed)
        );
    }
}
