//! What each screen says, in zh-CN and English. Pure functions from the field book's views and outcomes to words; reads
//! no clock, no file and no locale: the caller passes `now` and the language.
//!
//! Nothing is called received before its receipt. Everything that can go wrong is told in three short parts: what
//! happened, what it means for the record, what to do ([`Advice`]).

mod advice;
mod cards;
mod catalogue;
mod changes;
mod checks;
mod fields;
mod lang;
mod phrase;
mod refusals;
mod sizes;
mod standing;
mod states;
mod terms;
mod times;
mod worded;

pub use advice::{
    Advice, AdviceKey, enroll_advice, field_advice, input_advice, link_advice, not_found_advice, park_advice,
    refusal_advice, sync_advice, task_not_now, ticket_advice, waiting_advice,
};
pub use cards::{
    CaseCard, PatrolCard, RecordCard, TaskCard, case_card, next_steps, patrol_card, record_card, step,
    tally_text, task_card,
};
pub use changes::change_lines;
pub use checks::{CheckCard, check_card, recovery_lines};
pub use fields::field_name;
pub use lang::{Lang, Text};
pub use phrase::Phrase;
pub use sizes::{grouped, size};
pub use standing::{plan_line, status_line, sync_line, why};
pub use terms::unit;
pub use times::{ago, due, due_moment, moment, short_span, span};
pub use worded::Worded;

/// The nouns that screens speak of, for a crate above that does not import the model itself.
pub use grid_model as model;

#[cfg(test)]
mod tests;
