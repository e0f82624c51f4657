//! What the platform shows, read from the JSON of its API. Nothing is repaired: a missing field is an error.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::photo::Print;

/// An answer of the platform that does not look like the contract.
#[derive(Debug, thiserror::Error)]
#[error(
    "the platform's answer to `{of}` does not look like the contract ({cause}); compare it with the API description"
)]
pub struct ReceivedError {
    /// Which question it answers.
    pub of: &'static str,
    /// What is missing or different.
    pub cause: String,
}

/// One record as `GET /api/records` shows it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ReceivedRecord {
    pub(super) device: String,
    pub(super) epoch: String,
    pub(super) seq: u64,
    pub(super) lane: String,
    pub(super) kind: String,
    pub(super) verdict: String,
    #[serde(default)]
    pub(super) reason: Option<String>,
    pub(super) worker: String,
    pub(super) recorded_at: String,
    #[serde(default)]
    pub(super) fact: Value,
}

/// One task as `GET /api/tasks` shows it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ReceivedTask {
    pub(super) id: String,
    pub(super) no: String,
    pub(super) title: String,
    pub(super) status: String,
    pub(super) late_report: bool,
}

/// One kind of count as `GET /api/counts` shows it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ReceivedCount {
    pub(super) count_kind: String,
    pub(super) total: i64,
    pub(super) entries: i64,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(default)]
    next: Option<u64>,
}

/// Everything the platform shows after the last window.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub(super) records: Vec<ReceivedRecord>,
    pub(super) tasks: Vec<ReceivedTask>,
    pub(super) counts: Vec<ReceivedCount>,
    /// Worker and SHA-256 of every photo downloaded.
    pub(super) photos: Vec<(String, String)>,
    pub(super) task_names: BTreeMap<String, String>,
}

impl Received {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a page of `GET /api/records`; gives the position to ask for next, if there is more.
    pub fn add_records(&mut self, page: &Value) -> Result<Option<u64>, ReceivedError> {
        let page: Page<ReceivedRecord> = read("/api/records", page)?;
        self.records.extend(page.items);
        Ok(page.next)
    }

    /// Adds a page of `GET /api/tasks`; gives how many tasks it held.
    pub fn add_tasks(&mut self, page: &Value) -> Result<usize, ReceivedError> {
        let page: Page<ReceivedTask> = read("/api/tasks", page)?;
        let many = page.items.len();
        self.tasks.extend(page.items);
        Ok(many)
    }

    /// Adds the answer to `GET /api/counts`.
    pub fn add_counts(&mut self, answer: &Value) -> Result<(), ReceivedError> {
        let page: Page<ReceivedCount> = read("/api/counts", answer)?;
        self.counts.extend(page.items);
        Ok(())
    }

    /// Adds a downloaded photo under the officer whose record names it. Its hash is taken from the bytes, never from a
    /// name. A photo that the platform does not have is not added.
    pub fn add_photo(&mut self, worker: &str, bytes: &[u8]) {
        self.photos.push((worker.to_owned(), Print::of(bytes).sha256));
    }

    /// Tells which number the platform gave to a task of the plan. A task that is not named is looked for under the
    /// plan's own number.
    pub fn name_task(&mut self, plan_no: &str, platform_no: &str) {
        self.task_names.insert(plan_no.to_owned(), platform_no.to_owned());
    }

    /// What the records name and a player must download: officer and SHA-256, each once.
    pub fn photos_named(&self) -> BTreeSet<(String, String)> {
        let named = |record: &ReceivedRecord| {
            let items = record
                .fact
                .get("attachments")
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            let worker = record.worker.clone();
            let hash = |item: &Value| item.get("sha256").and_then(Value::as_str).map(str::to_owned);
            items
                .iter()
                .filter_map(hash)
                .map(|sha256| (worker.clone(), sha256))
                .collect::<Vec<_>>()
        };
        self.records.iter().flat_map(named).collect()
    }
}

fn read<T: serde::de::DeserializeOwned>(of: &'static str, answer: &Value) -> Result<T, ReceivedError> {
    T::deserialize(answer).map_err(|error| ReceivedError {
        of,
        cause: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_page_without_a_field_of_the_contract_is_an_error() {
        let mut received = Received::new();
        let error = received
            .add_tasks(&json!({ "total": 1, "items": [{ "id": "x", "no": "1" }] }))
            .unwrap_err();
        assert!(
            error.to_string().contains("/api/tasks") && error.to_string().contains("title"),
            "{error}"
        );
        assert!(received.add_records(&json!([])).is_err());
        let next = received.add_records(&json!({ "items": [], "next": 7 })).unwrap();
        assert_eq!(next, Some(7));
    }
}
