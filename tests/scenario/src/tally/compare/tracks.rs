//! Tracks: the fixes of each patrol, whole and in order, in however many segments they came.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::super::content::{self, Mark};
use super::super::ledger::{Group, Line};
use super::super::received::{Received, ReceivedRecord};
use super::super::{FixRow, Tally};
use super::sorting::{SEGMENT, lanes_of};
use super::{joined, lanes, number};

/// The fixes of both sides.
pub(super) struct Tracks<'a> {
    tally: &'a Tally,
    expected: Vec<Vec<Mark>>,
    received: Vec<(&'a str, Vec<Mark>)>,
    /// Which track of the tally holds a fix.
    owner: HashMap<Mark, usize>,
    /// Segments that do not begin where the one before ended, or cannot be read.
    broken: Vec<String>,
    segments: usize,
}

impl<'a> Tracks<'a> {
    pub(super) fn of(tally: &'a Tally, received: &'a Received) -> Self {
        let marks =
            |worker: &str, fixes: &[FixRow]| fixes.iter().map(|fix| content::fix(worker, fix)).collect();
        let expected: Vec<Vec<Mark>> = tally
            .tracks
            .iter()
            .map(|track| marks(&track.worker, &track.fixes))
            .collect();
        let mut owner = HashMap::new();
        for (index, marks) in expected.iter().enumerate() {
            owner.extend(marks.iter().map(|mark| (*mark, index)));
        }
        let is_segment = |index: &usize| received.records[*index].kind == SEGMENT;
        let by_lane = lanes_of(received, (0..received.records.len()).filter(is_segment));
        let segments = by_lane.values().map(Vec::len).sum();
        let mut tracks = Self {
            tally,
            expected,
            received: Vec::new(),
            owner,
            broken: Vec::new(),
            segments,
        };
        for (lane, records) in by_lane {
            let fixes = tracks.lane(records.iter().map(|&index| &received.records[index]));
            tracks.received.push((lane, fixes));
        }
        tracks
    }

    /// The fixes of one lane, in order; notes where a segment does not go on where the one before ended.
    fn lane(&mut self, records: impl Iterator<Item = &'a ReceivedRecord>) -> Vec<Mark> {
        let mut fixes = Vec::new();
        let mut next = 0;
        for record in records {
            let rows: Option<Vec<FixRow>> = record
                .fact
                .get("points")
                .and_then(Value::as_array)
                .and_then(|rows| rows.iter().map(row).collect());
            let first = record.fact.get("first_index").and_then(Value::as_u64);
            let (Some(rows), Some(first)) = (rows, first) else {
                self.broken.push(format!(
                    "{} seq {}: no `first_index` or no readable `points`",
                    record.lane, record.seq
                ));
                continue;
            };
            if first != next {
                self.broken.push(format!(
                    "{} seq {}: begins at fix {first}, not at {next}",
                    record.lane, record.seq
                ));
            }
            next = first + rows.len() as u64;
            fixes.extend(rows.iter().map(|row| content::fix(&record.worker, row)));
        }
        fixes
    }

    /// How many fixes, and the digest of them.
    pub(super) fn fixes_line(&self) -> Line {
        let recorded: Vec<Mark> = self.expected.iter().flatten().copied().collect();
        let received: Vec<Mark> = self
            .received
            .iter()
            .flat_map(|(_, fixes)| fixes)
            .copied()
            .collect();
        let (mut met, mut doubled, mut unexpected) = (HashSet::new(), 0, 0);
        for fix in &received {
            if !self.owner.contains_key(fix) {
                unexpected += 1;
            } else if !met.insert(fix) {
                doubled += 1;
            }
        }
        let missing = recorded.iter().filter(|fix| !met.contains(fix)).count();
        let first = |(index, marks): (usize, &Vec<Mark>)| {
            let gone = marks.iter().filter(|fix| !met.contains(fix)).count();
            let track = &self.tally.tracks[index];
            (gone > 0).then(|| {
                format!(
                    "patrol {} of {}: {gone} of {} fixes missing",
                    track.patrol,
                    track.worker,
                    marks.len()
                )
            })
        };
        let note = self
            .expected
            .iter()
            .enumerate()
            .find_map(first)
            .unwrap_or_default();
        Line::new(
            Group::Fix,
            "fixes",
            number(recorded.len()),
            number(received.len()),
        )
        .with(number(missing), doubled, unexpected)
        .digested(content::set(recorded), content::set(received))
        .noted(joined([format!("{} 段 segments", self.segments), note]))
    }

    /// Every lane of segments is one patrol's fixes, whole and in order.
    pub(super) fn order_line(&self) -> Line {
        let expected: Vec<Mark> = self.expected.iter().map(content::sequence).collect();
        // A segment in a lane of another family belongs to no track.
        let sequence = |(lane, fixes): &(&str, Vec<Mark>)| {
            if lane.starts_with("track:") {
                content::sequence(fixes)
            } else {
                Mark::default()
            }
        };
        let received: Vec<Mark> = self.received.iter().map(sequence).collect();
        let alone = lanes::unmatched(&expected, &received);
        let track = alone.expected.first().map(|&at| &self.tally.tracks[at]);
        let whole = track.map(|track| {
            format!(
                "patrol {} of {} is not there whole and in order",
                track.patrol, track.worker
            )
        });
        let stray = alone
            .received
            .first()
            .map(|&at| format!("lane {}", self.received[at].0));
        Line::new(
            Group::Order,
            "order:track",
            number(expected.len()),
            number(received.len()),
        )
        .with(number(alone.expected.len()), 0, number(alone.received.len()))
        .noted(joined([whole.unwrap_or_default(), stray.unwrap_or_default()]))
    }

    /// Each segment begins at the index at which the one before ended.
    pub(super) fn index_line(&self) -> Line {
        let whole = number(self.segments - self.broken.len());
        Line::new(Group::Check, "track_index", number(self.segments), whole)
            .with(number(self.broken.len()), 0, 0)
            .noted(self.broken.first().cloned().unwrap_or_default())
    }

    /// The lanes that hold fixes of each patrol.
    pub(super) fn lanes_of_patrols(&self) -> BTreeMap<u32, Vec<&'a str>> {
        let mut lanes: BTreeMap<u32, Vec<&str>> = BTreeMap::new();
        for (lane, fixes) in &self.received {
            let patrols: HashSet<u32> = fixes
                .iter()
                .filter_map(|fix| self.owner.get(fix))
                .map(|&at| self.tally.tracks[at].patrol)
                .collect();
            for patrol in patrols {
                lanes.entry(patrol).or_default().push(lane);
            }
        }
        lanes
    }
}

/// One fix of a segment: five whole numbers.
fn row(value: &Value) -> Option<FixRow> {
    let numbers: Option<Vec<i64>> = value.as_array()?.iter().map(Value::as_i64).collect();
    numbers?.try_into().ok()
}
