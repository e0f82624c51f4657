//! The ledger: one line for each thing compared, and what they add up to.

mod table;
mod zh;

use serde::Serialize;

/// What a line compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Records of one kind.
    Record,
    /// Fixes of all tracks.
    Fix,
    /// Photos by their hash.
    Photo,
    /// Lanes: whole, and in the order in which they were made.
    Order,
    /// Assigned tasks and how they stand.
    Task,
    /// Sums of counts; recorded and received are sums, not numbers of things.
    Total,
    /// Everything else that must hold.
    Check,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it compares.
    pub group: Group,
    /// Its name, such as `counted`, `order:patrol`, `total:rescued`.
    pub name: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// By the plan.
    pub recorded: i64,
    /// By the platform.
    pub received: i64,
    /// In the plan and not on the platform.
    pub missing: i64,
    /// On the platform more often than in the plan.
    pub doubled: i64,
    /// On the platform and not in the plan.
    pub unexpected: i64,
    /// Whether everything is as it must be.
    pub ok: bool,
    /// Digest of all contents by the plan, hex; for records, fixes and photos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_digest: Option<String>,
    /// Digest of all contents on the platform, hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_digest: Option<String>,
    /// What is wrong, with an example.
    pub note: String,
}

/// The comparison of the paper tally with the platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Whether every line is as it must be.
    pub ok: bool,
    /// Records, fixes and photos by the plan. A fix counts as a fix, however many segments it came in.
    pub recorded: i64,
    /// Records, fixes and photos on the platform.
    pub received: i64,
    /// How many of those recorded are not there.
    pub missing: i64,
    /// How many are there more often than recorded.
    pub doubled: i64,
    /// How many are there and were never recorded: an altered record is one missing and one unexpected.
    pub unexpected: i64,
    /// The lines.
    pub lines: Vec<Line>,
}

impl Line {
    /// A line in which nothing is wrong yet.
    pub(super) fn new(group: Group, name: impl Into<String>, recorded: i64, received: i64) -> Self {
        let name = name.into();
        Self {
            group,
            name_zh: zh::name(&name),
            name,
            recorded,
            received,
            missing: 0,
            doubled: 0,
            unexpected: 0,
            ok: recorded == received,
            recorded_digest: None,
            received_digest: None,
            note: String::new(),
        }
    }

    /// The line with what is missing, doubled and unexpected; right when all three are nought.
    pub(super) fn with(mut self, missing: i64, doubled: i64, unexpected: i64) -> Self {
        (self.missing, self.doubled, self.unexpected) = (missing, doubled, unexpected);
        self.ok = missing == 0 && doubled == 0 && unexpected == 0 && self.recorded == self.received;
        self
    }

    /// The line with what is wrong in words.
    pub(super) fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The line with the digests of both sides, which must be equal.
    pub(super) fn digested(mut self, recorded: String, received: String) -> Self {
        self.ok = self.ok && recorded == received;
        self.recorded_digest = Some(recorded);
        self.received_digest = Some(received);
        self
    }

    fn is_in_summary(&self) -> bool {
        matches!(self.group, Group::Record | Group::Fix | Group::Photo)
    }
}

impl Ledger {
    pub(super) fn of(lines: Vec<Line>) -> Self {
        let sum = |of: fn(&Line) -> i64| lines.iter().filter(|line| line.is_in_summary()).map(of).sum();
        Self {
            ok: lines.iter().all(|line| line.ok),
            recorded: sum(|line| line.recorded),
            received: sum(|line| line.received),
            missing: sum(|line| line.missing),
            doubled: sum(|line| line.doubled),
            unexpected: sum(|line| line.unexpected),
            lines,
        }
    }

    /// The line of this name.
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// `recorded N received N missing 0 duplicated 0`, with the real numbers. N is records, fixes and photos together;
    /// a fix counts as a fix, a track segment does not count.
    pub fn summary_line(&self) -> String {
        let Self {
            recorded,
            received,
            missing,
            doubled,
            ..
        } = self;
        format!("recorded {recorded} received {received} missing {missing} duplicated {doubled}")
    }

    /// The ledger as a table for a terminal, with Chinese and English headings.
    pub fn render(&self) -> String {
        table::render(self)
    }
}
