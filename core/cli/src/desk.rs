//! What a command has at hand: the open field book, the language, the time and the surroundings.

use std::path::Path;

use grid_fieldbook::{FieldBook, FieldError, Saved};
use grid_screens::Lang;

use crate::failure::Failure;
use crate::say::Say;
use crate::setting::Setting;
use crate::table::{Paint, Tint, clean};

/// More rows than any vault shows at once.
pub(crate) const ROWS_MAX: u32 = 10_000;

/// What a command has at hand.
pub(crate) struct Desk<'a> {
    pub(crate) book: &'a FieldBook,
    pub(crate) lang: Lang,
    pub(crate) now_ms: i64,
    pub(crate) paint: Paint,
    pub(crate) setting: &'a Setting,
    pub(crate) vault: &'a Path,
    pub(crate) key_file: &'a Path,
}

impl Desk<'_> {
    /// Calls the field book; what it refuses is a failure in words.
    pub(crate) fn ask<T>(
        &self,
        call: impl FnOnce(&FieldBook) -> Result<T, FieldError>,
    ) -> Result<T, Failure> {
        call(self.book).map_err(|error| Failure::field(&error, self.lang))
    }

    pub(crate) fn say(&self, say: Say) -> &'static str {
        say.get(self.lang)
    }

    /// `已存本机 · 第 12 条 · 签收 DL-2026-0001`.
    pub(crate) fn saved_line(&self, saved: Saved, what: &str) -> String {
        let line = Say::Saved.fill(self.lang, &[&saved.seq.to_string(), &clean(what)]);
        if saved.second_copy {
            return self.paint.tint(&line, Tint::Good);
        }
        let one = format!("{line} · {}", self.say(Say::OneCopyOnly));
        self.paint.tint(&one, Tint::Warn)
    }
}
