//! Assigned tasks: who holds which, what becomes of it, and when the dispatcher takes it back.

use std::collections::BTreeSet;

use super::day::OnDuty;
use super::stint::Stint;
use super::{grid_code, point_at};
use crate::dice::Dice;
use crate::plan::{Action, PlannedTask, Point, Report, Story, What};
use crate::scenario::{Checkpoint, Post, Scenario, TaskSubject};
use crate::time::{DAY_MS, MINUTE_MS};

const HOUR_MS: i64 = 60 * MINUTE_MS;

/// Plans all tasks, and gives the work on them to shifts of their holders.
pub(super) fn hand_out(dice: &mut Dice, scenario: &Scenario, shifts: &mut [OnDuty]) -> Vec<PlannedTask> {
    let mut told = stories(scenario);
    dice.shuffle(&mut told);
    let mut orders: Vec<(i64, Story)> = told
        .into_iter()
        .map(|story| (order_time(dice, scenario, story), story))
        .collect();
    orders.sort_unstable_by_key(|(at_ms, _)| *at_ms);
    let worked_on = orders.iter().filter(|(_, story)| story.is_worked_on()).count();
    let mut places = dice.hand_out(worked_on, shifts.len()).into_iter();
    let mut holders = dice
        .hand_out(orders.len() - worked_on, scenario.fields().officers.len())
        .into_iter();
    let mut titles = BTreeSet::new();
    let mut tasks: Vec<PlannedTask> = Vec::new();
    for (index, (dispatched_at_ms, story)) in orders.into_iter().enumerate() {
        let shift = if story.is_worked_on() { places.next() } else { None };
        let holder = shift
            .map(|at| shifts[at].officer)
            .or_else(|| holders.next())
            .unwrap_or_default();
        let Some((task, subject, place)) = one(dice, scenario, holder, &mut titles) else {
            continue;
        };
        // Two orders never leave the desk in the same millisecond: their numbers follow their times.
        let not_before_ms = tasks.last().map_or(i64::MIN, |last| last.dispatched_at_ms + 1);
        let dispatched_at_ms = dispatched_at_ms.max(not_before_ms);
        if let Some(at) = shift {
            shifts[at]
                .stints
                .push(stint(dice, index as u32, story, subject, place));
        }
        let due_at_ms = task
            .due_reason
            .as_ref()
            .map(|_| dispatched_at_ms + i64::from(scenario.fields().desk.complex_due_days) * DAY_MS);
        tasks.push(PlannedTask {
            no: format!("T{:03}", index + 1),
            dispatched_at_ms,
            before_cut: story.is_before_cut(),
            due_at_ms,
            story,
            expected: story.expected(),
            ..task
        });
    }
    tasks
}

fn stories(scenario: &Scenario) -> Vec<Story> {
    let (before, during) = (
        &scenario.fields().tasks.before_cut,
        &scenario.fields().tasks.during_cut,
    );
    let many = [
        (Story::Untouched, before.untouched),
        (Story::Accepted, before.accepted),
        (Story::OnSite, before.on_site),
        (Story::Submitted, before.submitted),
        (Story::RecalledUntouched, before.recalled_untouched),
        (Story::RecalledFinished, before.recalled_finished),
        (Story::MidcutUntouched, during.untouched),
        (Story::MidcutRecalled, during.recalled),
    ];
    many.into_iter()
        .flat_map(|(story, many)| std::iter::repeat_n(story, many as usize))
        .collect()
}

/// When the task is handed out: the day before the cut, or during the cut with time left to take it back.
fn order_time(dice: &mut Dice, scenario: &Scenario, story: Story) -> i64 {
    let cut_ms = scenario.start_ms();
    let back_ms = cut_ms + i64::from(scenario.fields().days) * DAY_MS;
    if story.is_before_cut() {
        dice.between(cut_ms - 20 * HOUR_MS, cut_ms - 2 * HOUR_MS)
    } else {
        dice.between(cut_ms + 2 * HOUR_MS, back_ms - 12 * HOUR_MS)
    }
}

/// The words of one task near the holder's post; no two tasks have one title.
fn one<'a>(
    dice: &mut Dice,
    scenario: &'a Scenario,
    holder: usize,
    titles: &mut BTreeSet<String>,
) -> Option<(PlannedTask, &'a TaskSubject, &'a Checkpoint)> {
    let fields = scenario.fields();
    let officer = fields.officers.get(holder)?;
    let at_post = |post: &Post| post.code == officer.post;
    let post = fields.posts.iter().position(at_post)?;
    let (mut subject, mut place) = (
        dice.pick(&fields.task_subjects)?,
        dice.pick(&fields.posts[post].checkpoints)?,
    );
    let title = |subject: &TaskSubject, place: &Checkpoint| format!("{}：{}", place.name, subject.title);
    let mut tries = 0;
    while titles.contains(&title(subject, place)) && tries < 50 {
        subject = dice.pick(&fields.task_subjects)?;
        place = dice.pick(&fields.posts[post].checkpoints)?;
        tries += 1;
    }
    let mut chosen = title(subject, place);
    if titles.contains(&chosen) {
        chosen = format!("{}{}", titles.len() + 1, chosen);
    }
    titles.insert(chosen.clone());
    let is_complex = subject.level == "complex";
    let task = PlannedTask {
        no: String::new(),
        title: chosen,
        description: subject.description.clone(),
        case_kind: subject.case_kind.clone(),
        level: subject.level.clone(),
        place_text: format!("{}{}附近", fields.village, place.name),
        grid_code: grid_code(fields, post),
        due_at_ms: None,
        due_reason: is_complex.then(|| fields.desk.complex_reason.clone()),
        holder,
        dispatched_at_ms: 0,
        before_cut: true,
        recalled_at_ms: None,
        recall_reason: None,
        story: Story::Untouched,
        expected: Story::Untouched.expected(),
    };
    Some((task, subject, place))
}

/// The holder's work on one task. Some skip a step: submitting implies accepting and arriving.
fn stint(dice: &mut Dice, task: u32, story: Story, subject: &TaskSubject, place: &Checkpoint) -> Stint {
    let mut stint = Stint::default();
    let is_reported = matches!(story, Story::Submitted | Story::RecalledFinished);
    if !is_reported || dice.percent(90) {
        stint.add(0, What::Accept { task });
    }
    let here = Point {
        accuracy_dm: Some(dice.between(30, 120) as u32),
        ..point_at(place.lat, place.lon)
    };
    let arrived_ms = dice.between(5 * MINUTE_MS, 20 * MINUTE_MS);
    let arrives = story == Story::OnSite || is_reported && dice.percent(85);
    if arrives {
        stint.add(
            arrived_ms,
            What::Arrive {
                task,
                point: dice.percent(80).then_some(here),
            },
        );
    }
    if is_reported {
        let report = Report {
            result: subject.result.clone(),
            measures: subject.measures.clone(),
            narrative: subject.narrative.clone(),
            party_told: subject.party_told.clone(),
            agreement: None,
            self_handled: false,
            point: dice.percent(80).then_some(here),
            photos: Vec::new(),
        };
        let submitted_ms = arrived_ms + dice.between(8 * MINUTE_MS, 25 * MINUTE_MS);
        stint.add(submitted_ms, What::Submit { task, report });
    }
    stint.in_order()
}

/// Decides when the dispatcher takes tasks back, once it is known when their holders finish them.
pub(super) fn take_back(dice: &mut Dice, scenario: &Scenario, actions: &[Action], tasks: &mut [PlannedTask]) {
    let cut_ms = scenario.start_ms();
    let last_ms = cut_ms + i64::from(scenario.fields().days) * DAY_MS - HOUR_MS;
    let mut taken = BTreeSet::new();
    for (index, task) in tasks
        .iter_mut()
        .enumerate()
        .filter(|(_, task)| task.story.is_recalled())
    {
        let finished =
            |action: &&Action| matches!(action.what, What::Submit { task, .. } if task as usize == index);
        let finished_ms = actions.iter().find(finished).map(|action| action.at_ms);
        let mut at_ms = match (finished_ms, task.before_cut) {
            // Half an hour to a day after the holder finished: the dispatcher cannot know.
            (Some(finished_ms), _) => dice.between(finished_ms + HOUR_MS / 2, finished_ms + DAY_MS),
            (None, true) => dice.between(cut_ms + HOUR_MS, last_ms),
            (None, false) => dice.between(
                task.dispatched_at_ms + HOUR_MS,
                task.dispatched_at_ms + 10 * HOUR_MS,
            ),
        };
        at_ms = at_ms.clamp(cut_ms + HOUR_MS, last_ms);
        while !taken.insert(at_ms) {
            at_ms += 1;
        }
        task.recalled_at_ms = Some(at_ms);
        task.recall_reason = dice.pick(&scenario.fields().desk.recall_reasons).cloned();
    }
}
