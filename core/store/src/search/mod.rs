//! Search over tasks and own records. Never decides by the index: it proposes, the text itself answers.
//!
//! **Invariant:** whatever holds the text is found, at once. What the index has not taken in yet is read through.

mod find;
mod index;
mod tokens;

pub use tokens::Query;
