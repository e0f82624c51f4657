//! What a person sees while the scenario plays: a bar per phone, or a line per phone and stage where nothing can be drawn.

use std::io::{IsTerminal as _, Write};
use std::sync::Mutex;

use grid_scenario::Plan;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

const RECORDING: &str = "九天无信号，逐条记录 / recording offline";
const RECEIVED: &str = "平台已收 / received";

/// Where the course is told.
pub(crate) enum Surface {
    /// Bars on standard error, which is a terminal.
    Bars,
    /// A line when a phone ends a stage: a file, a pipe, CI.
    Lines(Box<dyn Write + Send>),
}

impl Surface {
    /// What standard error can show.
    pub(crate) fn of_stderr() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Bars
        } else {
            Self::Lines(Box::new(std::io::stderr()))
        }
    }
}

/// The course of each phone: what it does while it records, then what still waits.
pub(crate) struct Course {
    bars: Vec<ProgressBar>,
    course: Mutex<Told>,
}

struct Told {
    /// By phone and vault.
    waiting: Vec<Vec<u64>>,
    /// By phone: whether it was told that the link came.
    linked: Vec<bool>,
    lines: Option<Box<dyn Write + Send>>,
}

impl Told {
    /// The course is a convenience: a pipe that nobody reads stops nothing.
    fn line(&mut self, phone: &ProgressBar, text: &str) {
        if let Some(out) = &mut self.lines {
            let _ = writeln!(out, "{:12} {text}", phone.prefix());
        }
    }
}

impl Course {
    pub(crate) fn new(plan: &Plan, surface: Surface) -> Self {
        let (target, lines) = match surface {
            Surface::Bars => (ProgressDrawTarget::stderr(), None),
            Surface::Lines(out) => (ProgressDrawTarget::hidden(), Some(out)),
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
            bar.set_message(RECORDING);
            bar
        };
        Self {
            bars: plan.phones.iter().enumerate().map(bar).collect(),
            course: Mutex::new(Told {
                waiting: plan
                    .phones
                    .iter()
                    .map(|phone| vec![0; phone.officers.len()])
                    .collect(),
                linked: vec![false; plan.phones.len()],
                lines,
            }),
        }
    }

    /// One more step of the work is on a phone.
    pub(crate) fn recorded(&self, phone: usize) {
        let bar = &self.bars[phone];
        bar.inc(1);
        if Some(bar.position()) == bar.length()
            && let Ok(mut told) = self.course.lock()
        {
            told.line(
                bar,
                &format!("{} 步已存本机 / steps kept on the phone", bar.position()),
            );
        }
    }

    /// What a vault of a phone still has to send.
    pub(crate) fn syncing(&self, phone: usize, vault: usize, records: u64, photos: u64) {
        let Ok(mut told) = self.course.lock() else {
            return;
        };
        told.waiting[phone][vault] = records + photos;
        let left: u64 = told.waiting[phone].iter().sum();
        let text = format!("同步中，待传 {left} / syncing, {left} waiting");
        if !std::mem::replace(&mut told.linked[phone], true) {
            told.line(&self.bars[phone], &text);
        }
        self.bars[phone].set_message(text);
    }

    /// The windows are over, and `left` records and photos of all phones have no receipt.
    pub(crate) fn finish(&self, left: u64) {
        let Ok(mut told) = self.course.lock() else {
            return;
        };
        for (bar, waiting) in self.bars.iter().zip(told.waiting.clone()) {
            let text = match (left, waiting.iter().sum::<u64>()) {
                (0, _) => RECEIVED.to_string(),
                (_, here) => format!("窗口已用完，待传 {here} / no window is left, {here} waiting"),
            };
            told.line(bar, &text);
            bar.abandon_with_message(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use grid_scenario::Scenario;

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("one thread").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn without_a_terminal_every_phone_says_a_line_for_each_stage() {
        let plan = Scenario::load(crate::demo::shipped())
            .expect("the scenario")
            .expand(1);
        let paper = Paper::default();
        let course = Course::new(&plan, Surface::Lines(Box::new(paper.clone())));
        for action in &plan.actions {
            course.recorded(plan.officers[action.officer].phone);
        }
        for phone in 0..plan.phones.len() {
            course.syncing(phone, 0, 30, 4);
            course.syncing(phone, 0, 3, 0);
        }
        course.finish(0);

        let text = String::from_utf8(paper.0.lock().expect("one thread").clone()).expect("text");
        for phone in &plan.phones {
            let own: Vec<&str> = text
                .lines()
                .filter(|line| line.starts_with(&phone.label))
                .collect();
            assert_eq!(own.len(), 3, "{}: {own:?}", phone.label);
            assert!(own[0].contains("已存本机"), "{own:?}");
            assert!(own[1].contains("34 waiting"), "{own:?}");
            assert!(own[2].ends_with(RECEIVED), "{own:?}");
        }
    }

    #[test]
    fn what_no_window_was_left_for_is_not_called_received() {
        let plan = Scenario::load(crate::demo::shipped())
            .expect("the scenario")
            .expand(1);
        let paper = Paper::default();
        let course = Course::new(&plan, Surface::Lines(Box::new(paper.clone())));
        course.syncing(0, 0, 30, 4);
        course.finish(34);
        let text = String::from_utf8(paper.0.lock().expect("one thread").clone()).expect("text");
        assert!(text.contains("34 waiting") && !text.contains(RECEIVED), "{text}");
    }
}
