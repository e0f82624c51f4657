//! Never imports the core or the platform: whatever both get wrong in the same way would pass unseen through a shared type.
//!
//! Reads a history that was written at the border of the phone's library and at the wire, with dumps of the platform's
//! tables ([`history`]), and checks the invariants 1 to 28 of the design page on reliability, each in a function of its
//! own. Packets are decoded here from the text of docs/sync.md. What is kept of a record is its hashes and states, so a
//! history may be much larger than memory.
//!
//! ```
//! let history = r#"{"at":0,"ev":"run","seed":7,"phones":1,"days":1}
//! {"at":1,"ev":"damage","vault":"a","copy":"lifeboat","detected":false}
//! {"at":2,"ev":"end"}"#;
//! let report = grid_checker::check(history.as_bytes())?;
//! assert_eq!(report.violations[0].invariant, 28);
//! assert_eq!(report.violations[0].line, 2);
//! # Ok::<(), grid_checker::HistoryError>(())
//! ```
//!
//! **Invariant:** the same history gives the same report, word by word.

mod absorb;
mod branches;
mod cbor;
mod columns;
mod durability;
mod evidence;
mod facts;
pub mod history;
mod line;
mod liveness;
mod order;
mod packets;
mod ranges;
mod report;
mod seal;
mod settle;
mod time;
mod wire;

use std::io::BufRead;

use thiserror::Error;

use crate::facts::Facts;
use crate::history::Event;
use crate::packets::{Delivered, Exchange, Packet, Packets, Pushed};
pub use crate::ranges::Ranges;
use crate::report::Sheet;
pub use crate::report::{INVARIANTS, Report, Violation};

/// A history that cannot be judged.
#[derive(Debug, Error)]
pub enum HistoryError {
    /// A line that is not as [`history`] says.
    #[error("line {line}, {field}: {why}")]
    Field {
        /// Which line, from 1.
        line: u64,
        /// Which field of it.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// It does not begin with `run` and end with `end`.
    #[error("line {line}: {why}")]
    Frame {
        /// Which line, from 1.
        line: u64,
        /// What is missing.
        why: &'static str,
    },
    /// It could not be read at all.
    #[error("line {line}: {source}")]
    Input {
        /// Which line, from 1.
        line: u64,
        /// Why.
        source: std::io::Error,
    },
}

impl HistoryError {
    pub(crate) fn field(line: u64, field: &str, why: &str) -> Self {
        Self::Field {
            line,
            field: field.to_owned(),
            why: why.to_owned(),
        }
    }
}

/// One thing to judge.
pub(crate) enum Step<'s> {
    /// A line.
    Told(&'s Event),
    /// A request was handed to the transport.
    Pushed(&'s Pushed),
    /// The platform answered.
    Answered(&'s Exchange),
    /// The answer reached the phone.
    Delivered(&'s Delivered),
    /// The platform's tables were read: a whole dump and what belongs to it.
    Read,
}

/// Where a step stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Line of the history, from 1.
    pub(crate) line: u64,
    /// True simulated time, UTC ms.
    pub(crate) at: i64,
}

/// An invariant: looks at a step with everything that was known before it, and writes what it finds.
type Check = fn(&Facts, Place, &Step<'_>, &mut Sheet<'_>);

/// All invariants by their number.
const CHECKS: [Check; 28] = [
    durability::saved_is_durable,
    durability::a_crash_leaves_a_prefix,
    durability::no_record_without_its_files,
    durability::nothing_leaves_before_its_proof,
    durability::every_position_is_in_one_state,
    durability::a_receipt_means_stored,
    order::one_effect_for_each_act,
    order::one_key_one_body_one_decision,
    order::a_lane_takes_effect_in_order,
    order::every_gap_is_named,
    order::a_parked_record_delays_nobody,
    order::late_reports_overwrite_nothing,
    order::a_stale_command_is_refused,
    liveness::everything_saved_arrives,
    liveness::both_sides_agree,
    liveness::an_upload_resumes,
    liveness::rests_are_bounded_and_asked_ones_kept,
    liveness::own_work_stays_visible,
    time::a_wrong_clock_refuses_nothing,
    time::the_interval_holds_the_true_time,
    time::no_stamp_moves_the_platform,
    branches::a_restored_platform_gets_everything_again,
    branches::a_clone_is_noticed,
    branches::a_rollback_begins_a_new_epoch,
    evidence::a_migration_changes_no_record,
    evidence::what_is_not_known_survives,
    evidence::salvage_loses_nothing_unsent,
    evidence::damage_is_noticed,
];

/// Checks a history, from its first line to its last.
pub fn check(reader: impl BufRead) -> Result<Report, HistoryError> {
    let mut run = Run {
        facts: Facts::default(),
        packets: Packets::default(),
        report: Report::empty(),
    };
    let mut has_ended = false;
    for (index, text) in reader.lines().enumerate() {
        let line = index as u64 + 1;
        let text = text.map_err(|source| HistoryError::Input { line, source })?;
        if has_ended {
            return Err(HistoryError::Frame {
                line,
                why: "there is more after the line `end`",
            });
        }
        let history::Line { at, event } =
            line::read(&text).map_err(|(field, why)| HistoryError::Field { line, field, why })?;
        if (line == 1) != matches!(event, Event::Run { .. }) {
            return Err(HistoryError::Frame {
                line,
                why: "the first line is `run`, and no other is",
            });
        }
        has_ended = matches!(event, Event::End {});
        run.report.lines = line;
        run.line(Place { line, at }, &event)?;
    }
    if !has_ended {
        let line = run.report.lines;
        return Err(HistoryError::Frame {
            line,
            why: "the history stops without the line `end`",
        });
    }
    Ok(run.report)
}

struct Run {
    facts: Facts,
    packets: Packets,
    report: Report,
}

impl Run {
    fn line(&mut self, place: Place, event: &Event) -> Result<(), HistoryError> {
        if self.facts.reading.is_fresh && !event.is_of_the_platform() {
            let read = Place {
                line: self.facts.reading.line,
                at: self.facts.reading.at,
            };
            self.step(read, &Step::Read);
        }
        let packets = self.packets.take(event, place.at, place.line, &self.facts)?;
        self.step(place, &Step::Told(event));
        for packet in &packets {
            match packet {
                Packet::Pushed(pushed) => self.step(place, &Step::Pushed(pushed)),
                Packet::Answered(exchange) => self.step(place, &Step::Answered(exchange)),
                Packet::Delivered(delivered) => self.step(place, &Step::Delivered(delivered)),
            }
        }
        Ok(())
    }

    fn step(&mut self, place: Place, step: &Step<'_>) {
        for (invariant, check) in INVARIANTS.zip(CHECKS) {
            check(
                &self.facts,
                place,
                step,
                &mut Sheet::new(invariant, place.line, &mut self.report),
            );
        }
        self.facts.absorb(place, step);
    }
}

impl Event {
    /// Whether the line may belong to a reading of the platform's tables.
    fn is_of_the_platform(&self) -> bool {
        matches!(
            self,
            Self::Dump { end: true, .. }
                | Self::Stored(_)
                | Self::Conflict { .. }
                | Self::Missing { .. }
                | Self::Fork { .. }
                | Self::RestoreLoss { .. }
                | Self::Total { .. }
                | Self::Fold { .. }
                | Self::Task { .. }
                | Self::Photo { .. }
        )
    }
}
