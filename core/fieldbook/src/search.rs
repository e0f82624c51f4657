//! Search over tasks and own records, offline. Every substring counts, so a two-character name is found.

use grid_model::id::Seq;

use crate::drafts::named;
use crate::{FieldBook, FieldError, RecordView, TaskView};

/// Own records looked through, from the newest.
const RECORDS_SEARCHED: u32 = 5_000;
const TASKS_SEARCHED: u32 = 5_000;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Tasks whose number, title, description or place holds the text.
    pub tasks: Vec<TaskView>,
    /// Own records whose words hold the text, the newest first.
    pub records: Vec<RecordView>,
}

impl FieldBook {
    /// Tasks and own records that hold `text`, letters without regard to case.
    pub fn search(&self, text: &str) -> Result<Found, FieldError> {
        named("text", text)?;
        let wanted = text.trim().to_lowercase();
        let holds = |hay: &str| hay.to_lowercase().contains(&wanted);
        let mut tasks = self.tasks(false, TASKS_SEARCHED)?;
        tasks.retain(|task| {
            [&task.no, &task.title, &task.description, &task.place_text]
                .into_iter()
                .any(|t| holds(t))
        });
        let mut records = self.records(Seq(0), RECORDS_SEARCHED)?;
        records.retain(|record| holds(&record.words));
        Ok(Found { tasks, records })
    }
}
