//! Posts, checkpoints, phones and officers: each name once, each reference known, each position on the island.

use std::collections::BTreeSet;

use crate::geo::Outline;
use crate::scenario::error::Fault;
use crate::scenario::fields::Fields;
use crate::scenario::terms;

/// An officer's day has two shifts at most.
const OFFICERS_PER_PHONE_MAX: usize = 2;
const NAME_CHARS_MAX: usize = 20;

pub(super) fn check(fields: &Fields, outline: &Outline) -> Result<(), Fault> {
    some("posts", fields.posts.len(), "a post")?;
    some("phones", fields.phones.len(), "a phone")?;
    some("officers", fields.officers.len(), "an officer")?;
    posts(fields, outline)?;
    phones(fields)?;
    officers(fields)?;
    for (index, urgent) in fields.urgents.iter().enumerate() {
        on_island(
            fields,
            outline,
            &format!("urgents[{index}]"),
            (urgent.lat, urgent.lon),
        )?;
    }
    Ok(())
}

fn posts(fields: &Fields, outline: &Outline) -> Result<(), Fault> {
    let mut codes = BTreeSet::new();
    for (index, post) in fields.posts.iter().enumerate() {
        let at = format!("posts[{index}]");
        once(&mut codes, &format!("{at}.code"), &post.code)?;
        terms::text(&format!("{at}.name"), &post.name, NAME_CHARS_MAX)?;
        terms::one_of(
            &format!("{at}.patrol_type"),
            &post.patrol_type,
            terms::PATROL_TYPES,
        )?;
        some(&format!("{at}.transports"), post.transports.len(), "a transport")?;
        for transport in &post.transports {
            terms::one_of(&format!("{at}.transports"), transport, terms::TRANSPORTS)?;
        }
        on_island(fields, outline, &at, (post.lat, post.lon))?;
        some(
            &format!("{at}.checkpoints"),
            post.checkpoints.len(),
            "a checkpoint",
        )?;
        for (inner, checkpoint) in post.checkpoints.iter().enumerate() {
            let at = format!("{at}.checkpoints[{inner}]");
            once(&mut codes, &format!("{at}.code"), &checkpoint.code)?;
            terms::text(&format!("{at}.name"), &checkpoint.name, NAME_CHARS_MAX)?;
            on_island(fields, outline, &at, (checkpoint.lat, checkpoint.lon))?;
        }
    }
    Ok(())
}

fn phones(fields: &Fields) -> Result<(), Fault> {
    let mut labels = BTreeSet::new();
    for (index, phone) in fields.phones.iter().enumerate() {
        let at = format!("phones[{index}]");
        once(&mut labels, &format!("{at}.label"), &phone.label)?;
        terms::one_of(&format!("{at}.platform"), &phone.platform, terms::PLATFORMS)?;
        let officers = fields
            .officers
            .iter()
            .filter(|officer| officer.phone == phone.label)
            .count();
        if officers == 0 {
            let problem = format!("names `{}`, which no officer uses", phone.label);
            return Err(Fault::of(
                format!("{at}.label"),
                problem,
                "give it to an officer or take it out",
            ));
        }
        if officers > OFFICERS_PER_PHONE_MAX {
            let problem = format!("names `{}`, which {officers} officers use", phone.label);
            let remedy = "leave two on it and give the others another phone: a day has two shifts";
            return Err(Fault::of(format!("{at}.label"), problem, remedy));
        }
    }
    Ok(())
}

fn officers(fields: &Fields) -> Result<(), Fault> {
    let mut numbers = BTreeSet::new();
    for (index, officer) in fields.officers.iter().enumerate() {
        let at = format!("officers[{index}]");
        once(&mut numbers, &format!("{at}.job_no"), &officer.job_no)?;
        terms::text(&format!("{at}.label"), &officer.label, NAME_CHARS_MAX)?;
        if !fields.phones.iter().any(|phone| phone.label == officer.phone) {
            let problem = format!("names the phone `{}`, which is not in `phones`", officer.phone);
            return Err(Fault::of(
                format!("{at}.phone"),
                problem,
                "use the label of a phone of the list",
            ));
        }
        if !fields.posts.iter().any(|post| post.code == officer.post) {
            let problem = format!("names the post `{}`, which is not in `posts`", officer.post);
            return Err(Fault::of(
                format!("{at}.post"),
                problem,
                "use the code of a post of the list",
            ));
        }
    }
    Ok(())
}

fn on_island(fields: &Fields, outline: &Outline, field: &str, (lat, lon): (f64, f64)) -> Result<(), Fault> {
    let metres = outline.outside(outline.plane().spot(lat, lon));
    if metres.is_nan() || metres > fields.shore_margin_m {
        let problem = format!("lies {metres:.0} m outside the outline");
        let remedy = format!(
            "move lat and lon to within shore_margin_m = {} m",
            fields.shore_margin_m
        );
        return Err(Fault::of(field, problem, remedy));
    }
    Ok(())
}

fn once<'a>(seen: &mut BTreeSet<&'a str>, field: &str, name: &'a str) -> Result<(), Fault> {
    terms::text(field, name, NAME_CHARS_MAX)?;
    if seen.insert(name) {
        return Ok(());
    }
    Err(Fault::of(
        field,
        format!("says `{name}`, which another one has too"),
        "give each one a name of its own",
    ))
}

pub(super) fn some(field: &str, length: usize, what: &str) -> Result<(), Fault> {
    if length > 0 {
        return Ok(());
    }
    Err(Fault::of(
        field,
        "is empty",
        format!("add {what}: a scenario needs at least one"),
    ))
}
