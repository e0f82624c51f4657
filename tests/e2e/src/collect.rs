//! Asks the platform what it has, through the API that supervisors use.

use grid_scenario::Plan;
use grid_scenario::tally::Received;

use crate::PlayError;
use crate::desk::Desk;

/// Everything the tally compares. `tasks`: id and number of the plan's tasks on the platform.
pub(crate) fn received(
    desk: &Desk,
    plan: &Plan,
    tasks: &[Option<(String, String)>],
) -> Result<Received, PlayError> {
    let mut received = Received::new();
    let mut after = 0;
    loop {
        let page = desk.get(&format!("/api/records?after={after}&limit=2000"))?;
        match received.add_records(&page).map_err(odd)? {
            Some(next) => after = next,
            None => break,
        }
    }
    let mut offset = 0;
    loop {
        let page = desk.get(&format!("/api/tasks?sort=created&offset={offset}&limit=500"))?;
        match received.add_tasks(&page).map_err(odd)? {
            0 => break,
            many => offset += many,
        }
    }
    received.add_counts(&desk.get("/api/counts")?).map_err(odd)?;
    for (planned, task) in plan.tasks.iter().zip(tasks) {
        if let Some((_, no)) = task {
            received.name_task(&planned.no, no);
        }
    }
    for (worker, sha256) in received.photos_named() {
        // One that is not there is a missing line of the ledger, not an error.
        if let Ok(bytes) = desk.bytes(&format!("/api/attachments/{sha256}")) {
            received.add_photo(&worker, &bytes);
        }
    }
    Ok(received)
}

fn odd(error: impl std::fmt::Display) -> PlayError {
    PlayError::Api(error.to_string())
}
