//! Human numbers: the organisation's prefix, the civil year, and a number that is never issued twice.

use grid_model::deadline::civil_date;

use crate::store::{HubTxn, Stored};

/// The next case number, such as `DL-2026-C0001`.
pub(crate) fn next_case_no<T: HubTxn>(tx: &mut T, prefix: &str, at_ms: i64) -> Stored<String> {
    let year = civil_year(at_ms);
    let number = tx.next_number(&format!("case:{prefix}:{year}"))?;
    Ok(format!("{prefix}-{year}-C{number:04}"))
}

/// The next task number, such as `DL-2026-0007`; jumps over numbers that a list brought along.
pub(crate) fn next_task_no<T: HubTxn>(tx: &mut T, prefix: &str, at_ms: i64) -> Stored<String> {
    let year = civil_year(at_ms);
    loop {
        let number = tx.next_number(&format!("task:{prefix}:{year}"))?;
        let no = format!("{prefix}-{year}-{number:04}");
        if tx.task_by_no(&no)?.is_none() {
            return Ok(no);
        }
    }
}

fn civil_year(at_ms: i64) -> String {
    let date = civil_date(at_ms).map(|date| date.to_string()).unwrap_or_default();
    date.split('-').next().unwrap_or_default().to_owned()
}
