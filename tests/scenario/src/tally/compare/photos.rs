//! Photos: each by its hash, under the officer who took it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::content::{self, Mark};
use super::super::ledger::{Group, Line};
use super::super::received::Received;
use super::super::{ExpectedPhoto, Tally};
use super::{joined, number};

pub(super) fn line(tally: &Tally, received: &Received) -> Line {
    let expected: BTreeSet<(&str, &str)> = tally
        .photos
        .iter()
        .map(|ExpectedPhoto { worker, sha256 }| (worker.as_str(), sha256.as_str()))
        .collect();
    let mut times: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for (worker, sha256) in &received.photos {
        *times.entry((worker, sha256)).or_default() += 1;
    }
    let missing: Vec<_> = expected
        .iter()
        .filter(|photo| !times.contains_key(*photo))
        .collect();
    let (mut doubled, mut unexpected) = (0, 0);
    let mut stray = None;
    for (photo, times) in &times {
        if expected.contains(photo) {
            doubled += times - 1;
        } else {
            unexpected += times;
            stray = stray.or(Some(photo));
        }
    }
    let mark = |worker: &str, sha256: &str| content::mark(&format!("{worker} {sha256}"));
    let recorded: Vec<Mark> = tally
        .photos
        .iter()
        .map(|photo| mark(&photo.worker, &photo.sha256))
        .collect();
    let arrived: Vec<Mark> = received
        .photos
        .iter()
        .map(|(worker, sha256)| mark(worker, sha256))
        .collect();
    let told = |what: &str, photo: Option<&(&str, &str)>| {
        photo
            .map(|(worker, sha256)| format!("{what} {worker} {sha256}"))
            .unwrap_or_default()
    };
    let note = joined([
        told("缺 missing, e.g.", missing.first().copied()),
        told("多 unexpected, e.g.", stray),
    ]);
    Line::new(
        Group::Photo,
        "photos",
        number(recorded.len()),
        number(arrived.len()),
    )
    .with(number(missing.len()), doubled, unexpected)
    .digested(content::set(recorded), content::set(arrived))
    .noted(note)
}
