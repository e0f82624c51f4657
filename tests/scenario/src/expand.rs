//! Makes a plan from a scenario and a seed: first who does what on which day, then when, then the details that need the
//! order of time (counts, photos, recalls).

mod cases;
mod counts;
mod day;
pub(crate) mod lengths;
mod patrol;
mod photos;
mod stint;
mod tasks;

use crate::dice::Dice;
use crate::plan::{Action, Frame, Link, Officer, Patrol, Phone, Place, Plan, Point, Post, What, Window};
use crate::scenario::{Fields, Scenario};
use crate::time::{DAY_MS, MINUTE_MS};

/// One stream of chance for each subject; a number is never given to another subject.
mod subject {
    pub(super) const PATROLS: u64 = 1;
    pub(super) const TASKS: u64 = 2;
    pub(super) const CASES: u64 = 3;
    pub(super) const DAYS: u64 = 4;
    pub(super) const COUNTS: u64 = 5;
    pub(super) const PHOTOS: u64 = 6;
    pub(super) const WINDOWS: u64 = 7;
    pub(super) const RECALLS: u64 = 8;
}

/// The plan of a scenario under a seed.
pub(crate) fn plan(scenario: &Scenario, seed: u64) -> Plan {
    let fields = scenario.fields();
    let dice = |subject| Dice::new(seed, subject);
    let mut shifts = day::shifts(scenario);
    patrol::hand_out(&mut dice(subject::PATROLS), scenario, &mut shifts);
    let mut tasks = tasks::hand_out(&mut dice(subject::TASKS), scenario, &mut shifts);
    let cases = cases::hand_out(&mut dice(subject::CASES), scenario, &mut shifts);
    let mut actions = day::lay_out(&mut dice(subject::DAYS), scenario, shifts);
    actions.sort_by_key(|action| (action.at_ms, action.officer));
    counts::fill(&mut dice(subject::COUNTS), fields, &mut actions);
    let photos = photos::hand_out(&mut dice(subject::PHOTOS), fields, &mut actions);
    tasks::take_back(&mut dice(subject::RECALLS), scenario, &actions, &mut tasks);
    let back_at_ms = scenario.start_ms() + i64::from(fields.days) * DAY_MS;
    Plan {
        name: fields.name.clone(),
        seed,
        village_code: fields.village_code.clone(),
        enrol_at_ms: scenario.start_ms() - DAY_MS,
        cut_at_ms: scenario.start_ms(),
        back_at_ms,
        posts: posts(scenario),
        phones: phones(fields),
        officers: officers(fields),
        tasks,
        patrols: patrols(fields, &actions),
        cases,
        photos,
        frame: Frame {
            width: fields.photos.width,
            height: fields.photos.height,
            bytes_min: fields.photos.bytes_min as usize,
            bytes_max: fields.photos.bytes_max as usize,
        },
        actions,
        windows: windows(&mut dice(subject::WINDOWS), fields, back_at_ms),
        link: Link {
            up_bits_per_s: fields.windows.up_bits_per_s,
            down_bits_per_s: fields.windows.down_bits_per_s,
            rtt_ms: fields.windows.rtt_ms,
            cut_percent: fields.windows.cut_percent,
        },
    }
}

/// A position of the scenario file, as a record carries it.
fn point_at(lat: f64, lon: f64) -> Point {
    Point {
        lat_e7: (lat * 1e7).round() as i32,
        lon_e7: (lon * 1e7).round() as i32,
        accuracy_dm: None,
    }
}

fn posts(scenario: &Scenario) -> Vec<Post> {
    let fields = scenario.fields();
    let post = |(index, post): (usize, &crate::scenario::Post)| Post {
        place: Place {
            code: post.code.clone(),
            name: post.name.clone(),
            invented: post.invented,
            point: point_at(post.lat, post.lon),
        },
        grid_code: grid_code(fields, index),
        checkpoints: post
            .checkpoints
            .iter()
            .map(|checkpoint| Place {
                code: checkpoint.code.clone(),
                name: checkpoint.name.clone(),
                invented: checkpoint.invented,
                point: point_at(checkpoint.lat, checkpoint.lon),
            })
            .collect(),
    };
    fields.posts.iter().enumerate().map(post).collect()
}

/// The grid of a post: the village's code and a running number. Ours; no package holds real grids.
fn grid_code(fields: &Fields, post: usize) -> String {
    format!("{}{:03}", fields.village_code, post + 1)
}

fn phones(fields: &Fields) -> Vec<Phone> {
    let users = |label: &str| {
        let own = fields
            .officers
            .iter()
            .enumerate()
            .filter(|(_, officer)| officer.phone == label);
        own.map(|(index, _)| index).collect()
    };
    let phone = |phone: &crate::scenario::Phone| Phone {
        label: phone.label.clone(),
        platform: phone.platform.clone(),
        officers: users(&phone.label),
    };
    fields.phones.iter().map(phone).collect()
}

fn officers(fields: &Fields) -> Vec<Officer> {
    let phone_of = |label: &str| {
        fields
            .phones
            .iter()
            .position(|phone| phone.label == label)
            .unwrap_or_default()
    };
    let officer = |officer: &crate::scenario::Officer| Officer {
        job_no: officer.job_no.clone(),
        label: officer.label.clone(),
        phone: phone_of(&officer.phone),
        post: officer.post.clone(),
    };
    fields.officers.iter().map(officer).collect()
}

fn patrols(fields: &Fields, actions: &[Action]) -> Vec<Patrol> {
    let none = Patrol {
        officer: 0,
        post: String::new(),
        started_at_ms: 0,
        ended_at_ms: 0,
        fixes: 0,
    };
    let mut patrols = vec![none; fields.totals.patrols as usize];
    for action in actions {
        let Some(patrol) = action
            .what
            .patrol()
            .and_then(|index| patrols.get_mut(index as usize))
        else {
            continue;
        };
        match &action.what {
            What::StartPatrol { post, .. } => {
                patrol.officer = action.officer;
                patrol.post.clone_from(post);
                patrol.started_at_ms = action.at_ms;
            }
            What::Fix { .. } => patrol.fixes += 1,
            What::End { .. } => patrol.ended_at_ms = action.at_ms,
            _ => {}
        }
    }
    patrols
}

fn windows(dice: &mut Dice, fields: &Fields, back_at_ms: i64) -> Vec<Window> {
    let wanted = &fields.windows;
    let mut opens_at_ms = back_at_ms + MINUTE_MS;
    let mut windows = Vec::new();
    for _ in 0..wanted.count_max {
        let seconds = dice.between(wanted.duration_s_min.into(), wanted.duration_s_max.into());
        let closes_at_ms = opens_at_ms + seconds * 1000;
        windows.push(Window {
            opens_at_ms,
            closes_at_ms,
        });
        opens_at_ms = closes_at_ms + dice.between(wanted.gap_s_min.into(), wanted.gap_s_max.into()) * 1000;
    }
    windows
}
