//! Words: long enough to say something, short enough for the phone, and code names that exist.

use super::numbers::range;
use super::places::some;
use crate::expand::lengths::URGENT_S_MAX;
use crate::scenario::error::Fault;
use crate::scenario::fields::{Dispute, Fields, TaskSubject, Urgent};
use crate::scenario::terms;

// Limits of the domain page, §4 and §8; a title is put behind the name of a place.
const TITLE_CHARS_MAX: usize = 40;
const SUBJECT_CHARS_MAX: usize = 16;
const DESCRIPTION_CHARS_MAX: usize = 1_000;
const NARRATIVE_CHARS_MAX: usize = 1_000;
const NARRATIVE_CHARS_MIN: usize = 5;
const NOTE_CHARS_MAX: usize = 500;
const REASON_CHARS_MAX: usize = 500;
const PLACE_CHARS_MAX: usize = 120;

pub(super) fn check(fields: &Fields) -> Result<(), Fault> {
    terms::text("name", &fields.name, TITLE_CHARS_MAX)?;
    terms::text("village", &fields.village, TITLE_CHARS_MAX)?;
    if fields.totals.patrols > 0 {
        some(
            "observations",
            fields.observations.len(),
            "a kind of observation with notes",
        )?;
    }
    if fields.totals.tasks > 0 {
        some("task_subjects", fields.task_subjects.len(), "a subject of a task")?;
        some(
            "desk.recall_reasons",
            fields.desk.recall_reasons.len(),
            "a reason",
        )?;
    }
    if fields.totals.disputes > 0 {
        some("disputes", fields.disputes.len(), "a dispute")?;
    }
    if fields.totals.urgent > 0 {
        some("urgents", fields.urgents.len(), "a rescue")?;
    }
    for (index, kind) in fields.observations.iter().enumerate() {
        let at = format!("observations[{index}]");
        terms::one_of(&format!("{at}.kind"), &kind.kind, terms::OBSERVATION_KINDS)?;
        some(&format!("{at}.notes"), kind.notes.len(), "a note")?;
        texts(&format!("{at}.notes"), &kind.notes, NOTE_CHARS_MAX)?;
    }
    texts(
        "counts.correction_reasons",
        &fields.counts.correction_reasons,
        REASON_CHARS_MAX,
    )?;
    texts(
        "desk.recall_reasons",
        &fields.desk.recall_reasons,
        REASON_CHARS_MAX,
    )?;
    terms::text(
        "desk.complex_reason",
        &fields.desk.complex_reason,
        REASON_CHARS_MAX,
    )?;
    range(
        "desk.complex_due_days",
        fields.desk.complex_due_days.into(),
        1,
        365,
    )?;
    for (index, subject) in fields.task_subjects.iter().enumerate() {
        task_subject(&format!("task_subjects[{index}]"), subject)?;
    }
    for (index, dispute) in fields.disputes.iter().enumerate() {
        one_dispute(&format!("disputes[{index}]"), dispute)?;
    }
    for (index, urgent) in fields.urgents.iter().enumerate() {
        one_urgent(&format!("urgents[{index}]"), urgent)?;
    }
    Ok(())
}

fn texts(field: &str, texts: &[String], max: usize) -> Result<(), Fault> {
    texts.iter().try_for_each(|text| terms::text(field, text, max))
}

fn task_subject(at: &str, subject: &TaskSubject) -> Result<(), Fault> {
    terms::text(&format!("{at}.title"), &subject.title, SUBJECT_CHARS_MAX)?;
    terms::text(
        &format!("{at}.description"),
        &subject.description,
        DESCRIPTION_CHARS_MAX,
    )?;
    terms::one_of(&format!("{at}.case_kind"), &subject.case_kind, terms::CASE_KINDS)?;
    terms::one_of(&format!("{at}.level"), &subject.level, terms::LEVELS)?;
    report(
        at,
        &subject.result,
        &subject.measures,
        &subject.narrative,
        subject.party_told.as_deref(),
    )
}

fn one_dispute(at: &str, dispute: &Dispute) -> Result<(), Fault> {
    terms::text(&format!("{at}.title"), &dispute.title, TITLE_CHARS_MAX)?;
    terms::text(
        &format!("{at}.description"),
        &dispute.description,
        DESCRIPTION_CHARS_MAX,
    )?;
    terms::text(&format!("{at}.place_text"), &dispute.place_text, PLACE_CHARS_MAX)?;
    terms::one_of(
        &format!("{at}.dispute_type"),
        &dispute.dispute_type,
        terms::DISPUTE_TYPES,
    )?;
    terms::one_of(&format!("{at}.scale"), &dispute.scale, terms::SCALES)?;
    if dispute.parties.len() < 2 {
        return Err(Fault::of(
            format!("{at}.parties"),
            "names fewer than two sides",
            "add the other side",
        ));
    }
    for party in &dispute.parties {
        terms::one_of(&format!("{at}.parties"), &party.role, terms::PARTY_ROLES)?;
        terms::text(&format!("{at}.parties"), &party.label, TITLE_CHARS_MAX)?;
    }
    if let Some(agreement) = &dispute.agreement {
        terms::one_of(&format!("{at}.agreement"), agreement, terms::AGREEMENTS)?;
    }
    report(
        at,
        &dispute.result,
        &dispute.measures,
        &dispute.narrative,
        dispute.party_told.as_deref(),
    )
}

fn one_urgent(at: &str, urgent: &Urgent) -> Result<(), Fault> {
    terms::text(&format!("{at}.title"), &urgent.title, TITLE_CHARS_MAX)?;
    terms::text(&format!("{at}.place_text"), &urgent.place_text, PLACE_CHARS_MAX)?;
    some(
        &format!("{at}.milestones"),
        urgent.milestones.len(),
        "a milestone",
    )?;
    let mut last = 0;
    for (index, step) in urgent.milestones.iter().enumerate() {
        let at = format!("{at}.milestones[{index}]");
        terms::one_of(&format!("{at}.milestone"), &step.milestone, terms::MILESTONES)?;
        range(
            &format!("{at}.after_s"),
            step.after_s.into(),
            last + 1,
            URGENT_S_MAX.into(),
        )?;
        last = i64::from(step.after_s);
    }
    report(
        at,
        &urgent.result,
        &urgent.measures,
        &urgent.narrative,
        urgent.party_told.as_deref(),
    )
}

fn report(
    at: &str,
    result: &str,
    measures: &[String],
    narrative: &str,
    told: Option<&str>,
) -> Result<(), Fault> {
    terms::one_of(&format!("{at}.result"), result, terms::RESULTS)?;
    some(&format!("{at}.measures"), measures.len(), "a measure")?;
    for measure in measures {
        terms::one_of(&format!("{at}.measures"), measure, terms::MEASURES)?;
    }
    let field = format!("{at}.narrative");
    terms::text(&field, narrative, NARRATIVE_CHARS_MAX)?;
    if narrative.chars().count() < NARRATIVE_CHARS_MIN {
        let remedy = format!("write at least {NARRATIVE_CHARS_MIN}");
        return Err(Fault::of(field, "has too few characters", remedy));
    }
    told.map_or(Ok(()), |told| {
        terms::one_of(&format!("{at}.party_told"), told, terms::PARTY_TOLD)
    })
}
