//! What a person sees while the scenario plays: a bar per phone, then one line.

use std::sync::Mutex;

use grid_scenario::Plan;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar for each phone: records while they are made, then what still waits.
pub(crate) struct Bars {
    bars: Vec<ProgressBar>,
    waiting: Mutex<Vec<Vec<u64>>>,
}

impl Bars {
    /// Bars for the phones of a plan; drawn on standard error when it is a terminal, else one line at the end of each
    /// stage.
    pub(crate) fn new(plan: &Plan, shown: bool) -> Self {
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let all = MultiProgress::with_draw_target(target);
        let style = ProgressStyle::with_template("{prefix:12} {bar:30.cyan/blue} {pos:>6}/{len:<6} {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = |(index, phone): (usize, &grid_scenario::plan::Phone)| {
            let here = plan
                .actions
                .iter()
                .filter(|action| plan.officers[action.officer].phone == index)
                .count();
            let bar = all.add(ProgressBar::new(here as u64)).with_style(style.clone());
            bar.set_prefix(phone.label.clone());
            bar.set_message("九天无信号，逐条记录 / recording offline");
            bar
        };
        Self {
            bars: plan.phones.iter().enumerate().map(bar).collect(),
            waiting: Mutex::new(
                plan.phones
                    .iter()
                    .map(|phone| vec![0; phone.officers.len()])
                    .collect(),
            ),
        }
    }

    /// One more record on a phone.
    pub(crate) fn recorded(&self, phone: usize) {
        self.bars[phone].inc(1);
    }

    /// What a vault of a phone still has to send.
    pub(crate) fn syncing(&self, phone: usize, vault: usize, records: u64, photos: u64) {
        let Ok(mut waiting) = self.waiting.lock() else {
            return;
        };
        waiting[phone][vault] = records + photos;
        let left: u64 = waiting[phone].iter().sum();
        self.bars[phone].set_message(format!("同步中，待传 {left} / syncing, {left} waiting"));
    }

    /// Takes the bars away.
    pub(crate) fn finish(&self) {
        for bar in &self.bars {
            bar.finish_with_message("平台已收 / received");
        }
    }
}
