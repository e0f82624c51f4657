//! How far a sync is: a bar on a terminal, a line for each change elsewhere.

use std::io::Write;

use grid_fieldbook::Progress;
use grid_screens::Lang;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::say::Say;

/// Shows how far a sync is.
pub(crate) enum Shown<'a> {
    /// Nothing is shown: the answer is for a script.
    Silent,
    /// A line for each change.
    Lines {
        err: &'a mut dyn Write,
        last: Option<(u64, u64)>,
    },
    /// A bar that moves.
    Bar(ProgressBar),
}

impl<'a> Shown<'a> {
    pub(crate) fn new(json: bool, bar: bool, err: &'a mut dyn Write) -> Self {
        match (json, bar) {
            (true, _) => Self::Silent,
            (false, false) => Self::Lines { err, last: None },
            (false, true) => {
                let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
                if let Ok(style) = ProgressStyle::with_template("{bar:24.green} {msg}") {
                    bar.set_style(style);
                }
                Self::Bar(bar)
            }
        }
    }

    pub(crate) fn show(&mut self, progress: Progress, lang: Lang) {
        let Progress {
            received,
            unsent,
            photos_done,
            photos_waiting,
        } = progress;
        let (records, photos) = (received + unsent, photos_done + photos_waiting);
        let text = Say::Syncing.fill(
            lang,
            &[received, records, photos_done, photos]
                .map(|n| n.to_string())
                .each_ref()
                .map(String::as_str),
        );
        match self {
            Self::Silent => {}
            Self::Lines { err, last } => {
                let now = (received, photos_done);
                if records + photos > 0 && *last != Some(now) {
                    // A reader that went away does not stop a sync.
                    let _ = writeln!(err, "{text}");
                    *last = Some(now);
                }
            }
            Self::Bar(bar) => {
                bar.set_length(records + photos);
                bar.set_position(received + photos_done);
                bar.set_message(text);
            }
        }
    }

    pub(crate) fn clear(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
