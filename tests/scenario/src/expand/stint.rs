//! A stint: one piece of work of one officer, with times counted from its beginning.

use crate::plan::What;

/// One thing done, so long after the stint began.
pub(super) struct Step {
    pub(super) after_ms: i64,
    pub(super) what: What,
}

/// One piece of work. An officer does one stint at a time.
#[derive(Default)]
pub(super) struct Stint {
    steps: Vec<Step>,
}

impl Stint {
    /// Adds something done.
    pub(super) fn add(&mut self, after_ms: i64, what: What) {
        self.steps.push(Step { after_ms, what });
    }

    /// Puts the steps in the order of time, no two in one millisecond. Of equal times the one added first stays first.
    pub(super) fn in_order(mut self) -> Self {
        self.steps.sort_by_key(|step| step.after_ms);
        let mut last = -1;
        for step in &mut self.steps {
            step.after_ms = step.after_ms.max(last + 1);
            last = step.after_ms;
        }
        self
    }

    /// How long it lasts.
    pub(super) fn length_ms(&self) -> i64 {
        self.steps.last().map_or(0, |step| step.after_ms)
    }

    /// What is done, in order.
    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}
