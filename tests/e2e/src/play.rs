//! Plays a plan: what officers and dispatcher do, in order of time, and then the windows.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use grid_fieldbook::{Budget, CancelToken, Outcome};
use grid_scenario::Plan;
use grid_scenario::plan::{Deed, DeskAction, What};
use serde_json::json;

use crate::clock::SimClock;
use crate::desk::Desk;
use crate::link::{Meter, SimLink};
use crate::progress::Course;
use crate::vault::Vault;
use crate::{PlayError, Spoil, rfc3339};

/// How long one vault of a phone may use its link before the next phone's turn, ms: phones share the air.
const TURN_MS: i64 = 30_000;

/// A phone: its clock, and the vaults of the officers who share it.
pub(crate) struct Phone {
    /// Its clock.
    pub(crate) clock: SimClock,
    /// The vaults on it.
    pub(crate) vaults: Vec<(Vault, SimLink)>,
}

/// Everything that takes part.
pub(crate) struct World {
    /// What happens.
    pub(crate) plan: Plan,
    /// Who carries what.
    pub(crate) phones: Vec<Phone>,
    /// The platform's clock.
    pub(crate) platform: SimClock,
    /// The dispatcher.
    pub(crate) desk: Desk,
    /// What went over the links.
    pub(crate) meter: Arc<Meter>,
    /// Platform ids of the plan's tasks, as far as they were handed out: id and number.
    pub(crate) tasks: Vec<Option<(String, String)>>,
    /// Spoil the first count.
    pub(crate) spoil: Option<Spoil>,
}

/// What came of playing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Played {
    /// Windows that were used.
    pub(crate) windows: u32,
    /// Records and photos still waiting when the windows were over.
    pub(crate) left: u64,
}

impl World {
    /// Plays everything.
    pub(crate) fn play(&mut self, course: &Course) -> Result<Played, PlayError> {
        self.before_the_cut()?;
        self.nine_days(course)?;
        self.windows(course)
    }

    /// The tasks of before the cut were handed out; every phone has an exchange on a good link, then the cable goes.
    fn before_the_cut(&mut self) -> Result<(), PlayError> {
        let cut_at_ms = self.plan.cut_at_ms;
        for index in 0..self.phones.len() {
            self.phones[index]
                .clock
                .forward_to(cut_at_ms - 60_000 * (self.phones.len() - index) as i64);
            for vault in 0..self.phones[index].vaults.len() {
                let (vault, link) = &self.phones[index].vaults[vault];
                link.open_until(i64::MAX);
                let report =
                    vault
                        .book
                        .sync(link, Budget::default(), &CancelToken::default(), &mut |_| {})?;
                link.open_until(i64::MIN);
                if report.summary.outcome != Outcome::Complete {
                    return Err(PlayError::Phone(format!(
                        "断网前的同步 / the exchange before the cut: {:?}",
                        report.summary.outcome
                    )));
                }
            }
        }
        self.match_tasks()
    }

    /// Nine days without a link: the officers record, the dispatcher goes on, and a sync now and then finds no link.
    fn nine_days(&mut self, course: &Course) -> Result<(), PlayError> {
        let (cut_at_ms, actions) = (self.plan.cut_at_ms, std::mem::take(&mut self.plan.actions));
        let mut desk = self
            .plan
            .desk()
            .into_iter()
            .filter(|action| action.at_ms >= cut_at_ms)
            .peekable();
        for (number, action) in actions.iter().enumerate() {
            while let Some(due) = desk.next_if(|due| due.at_ms <= action.at_ms) {
                self.at_the_desk(due)?;
            }
            let phone = self.plan.officers[action.officer].phone;
            let phone_now = &mut self.phones[phone];
            phone_now.clock.forward_to(action.at_ms);
            let (vault, link) = vault_of(phone_now, action.officer)?;
            match (&action.what, self.spoil) {
                (What::Count { .. }, Some(spoil)) => {
                    self.spoil = None;
                    spoilt(vault, &self.plan, &action.what, spoil)?;
                }
                (what, _) => vault.act(&self.plan, what)?,
            }
            course.recorded(phone);
            if number % 2_000 == 1_999 {
                let report =
                    vault
                        .book
                        .sync(link, Budget::default(), &CancelToken::default(), &mut |_| {})?;
                if !matches!(report.summary.outcome, Outcome::Link(_)) {
                    return Err(PlayError::Phone(format!(
                        "没有信号时的同步 / a sync without a link: {:?}",
                        report.summary.outcome
                    )));
                }
            }
        }
        self.plan.actions = actions;
        for action in desk {
            self.at_the_desk(action)?;
        }
        Ok(())
    }

    /// The link comes in windows; phones take turns, each with its own bandwidth, until nothing is left.
    fn windows(&mut self, course: &Course) -> Result<Played, PlayError> {
        let mut played = Played::default();
        for window in self.plan.windows.clone() {
            played.left = self.waiting()?;
            if played.left == 0 {
                return Ok(played);
            }
            played.windows += 1;
            self.platform.forward_to(window.opens_at_ms);
            for phone in &self.phones {
                phone.clock.forward_to(window.opens_at_ms);
                phone
                    .vaults
                    .iter()
                    .for_each(|(_, link)| link.open_until(window.closes_at_ms));
            }
            self.one_window(course)?;
        }
        played.left = self.waiting()?;
        Ok(played)
    }

    /// Until the window closes or all is sent, the phone whose clock is behind has its turn.
    fn one_window(&mut self, course: &Course) -> Result<(), PlayError> {
        let mut busy: Vec<(usize, usize)> = Vec::new();
        for (phone, at) in self.phones.iter().enumerate() {
            busy.extend((0..at.vaults.len()).map(|vault| (phone, vault)));
        }
        while !busy.is_empty() {
            let behind = busy
                .iter()
                .enumerate()
                .min_by_key(|(_, (phone, _))| self.phones[*phone].clock.now_ms());
            let Some(next) = behind.map(|(index, _)| index) else {
                break;
            };
            let (phone, index) = busy.remove(next);
            let (vault, link) = &self.phones[phone].vaults[index];
            let budget = Budget {
                duration_ms: TURN_MS,
                ..Budget::default()
            };
            let report = vault
                .book
                .sync(link, budget, &CancelToken::default(), &mut |progress| {
                    course.syncing(phone, index, progress.unsent, progress.photos_waiting);
                })?;
            if link.left_ms() == 0 {
                continue;
            }
            match report.summary.outcome {
                Outcome::Complete => {}
                // A turn is over, or the link failed a few times in a row: the next turn goes on.
                Outcome::BudgetSpent | Outcome::Link(_) => busy.push((phone, index)),
                other => return Err(PlayError::Phone(format!("{}: {other:?}", vault.job_no))),
            }
        }
        Ok(())
    }

    /// Records and photos without a receipt, over all vaults.
    fn waiting(&self) -> Result<u64, PlayError> {
        let vaults = self.phones.iter().flat_map(|phone| &phone.vaults);
        vaults
            .map(|(vault, _)| Ok(vault.book.status().map(|s| s.saved + s.photos_waiting)?))
            .sum()
    }

    fn at_the_desk(&mut self, action: DeskAction) -> Result<(), PlayError> {
        self.platform.forward_to(action.at_ms);
        self.desk.sign_in_again()?;
        let task = &self.plan.tasks[action.task];
        let holder = &self.plan.officers[task.holder].job_no;
        match action.deed {
            Deed::Dispatch => {
                let workers = self.desk.list("/api/workers")?;
                let worker = workers.iter().find(|worker| worker["job_no"] == **holder);
                let holder_id = worker
                    .map(|worker| worker["id"].clone())
                    .ok_or(PlayError::Plan("不认识的承办人 / an unknown holder"))?;
                let mut body = json!({
                    "title": task.title,
                    "description": task.description,
                    "case_kind": task.case_kind,
                    "level": task.level,
                    "holder_id": holder_id,
                    "grid_code": task.grid_code,
                    "place_text": task.place_text,
                });
                if let Some(due_at_ms) = task.due_at_ms {
                    body["due_at"] = json!(rfc3339(due_at_ms));
                    body["reason"] = json!(task.due_reason);
                }
                let made = self.desk.post("/api/tasks", &body)?;
                self.tasks[action.task] = Some((text(&made["id"]), text(&made["no"])));
            }
            Deed::Recall => {
                let (id, _) = self.tasks[action.task]
                    .clone()
                    .ok_or(PlayError::Plan("收回先于派发 / a recall before its dispatch"))?;
                let now = self.desk.get(&format!("/api/tasks/{id}"))?;
                let body = json!({ "revision": now["revision"], "reason_text": task.recall_reason });
                self.desk.post(&format!("/api/tasks/{id}/recall"), &body)?;
            }
        }
        Ok(())
    }

    /// Finds each vault's tasks among the plan's by their numbers.
    fn match_tasks(&mut self) -> Result<(), PlayError> {
        for (vault, _) in self.phones.iter_mut().flat_map(|phone| &mut phone.vaults) {
            for view in vault.book.tasks(false, 1_000)? {
                let planned = self
                    .tasks
                    .iter()
                    .position(|task| task.as_ref().is_some_and(|(_, no)| *no == view.no));
                let planned = planned.ok_or(PlayError::Plan(
                    "手机上有一项没人派发的任务 / a task on a phone that nobody dispatched",
                ))?;
                vault.knows(u32::try_from(planned).unwrap_or(u32::MAX), view.id);
            }
        }
        Ok(())
    }

    /// Requests, cuts and bytes so far.
    pub(crate) fn traffic(&self) -> [u64; 5] {
        let meter = &self.meter;
        [
            &meter.turns,
            &meter.cuts,
            &meter.broken,
            &meter.bytes_up,
            &meter.bytes_down,
        ]
        .map(|counter| counter.load(Ordering::SeqCst))
    }
}

/// Records one count as it should not be.
fn spoilt(vault: &mut Vault, plan: &Plan, what: &What, spoil: Spoil) -> Result<(), PlayError> {
    match spoil {
        Spoil::Drop => Ok(()),
        Spoil::Double => vault.act(plan, what).and_then(|()| vault.act(plan, what)),
        Spoil::Alter => {
            let mut other = what.clone();
            if let What::Count { value, .. } = &mut other {
                *value += 1;
            }
            vault.act(plan, &other)
        }
    }
}

fn vault_of(phone: &mut Phone, officer: usize) -> Result<(&mut Vault, &SimLink), PlayError> {
    let found = phone
        .vaults
        .iter_mut()
        .find(|(vault, _)| vault.officer == officer);
    found.map(|(vault, link)| (vault, &*link)).ok_or(PlayError::Plan(
        "民警不在这部手机上 / an officer who is not on the phone",
    ))
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
