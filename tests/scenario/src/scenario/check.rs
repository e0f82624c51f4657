//! That the numbers and names of a scenario fit together. The first fault is told, with the way out.

mod numbers;
mod places;
mod words;

use super::error::Fault;
use super::fields::Fields;
use crate::geo::Outline;
use crate::time;

/// Checks everything; gives the moment at which the link is cut.
pub(super) fn all(fields: &Fields, outline: &Outline) -> Result<i64, Fault> {
    let Some(start_ms) = time::parse(&fields.start) else {
        let problem = format!("says `{}`, which is no time", fields.start);
        return Err(Fault::of(
            "start",
            problem,
            "write it like 2026-01-12T06:00:00+08:00",
        ));
    };
    numbers::range("days", i64::from(fields.days), 1, 60)?;
    if fields.village_code.len() != 12 || !fields.village_code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::of(
            "village_code",
            "is not 12 digits",
            "write the village's 12-digit division code",
        ));
    }
    places::check(fields, outline)?;
    numbers::check(fields)?;
    words::check(fields)?;
    Ok(start_ms)
}
