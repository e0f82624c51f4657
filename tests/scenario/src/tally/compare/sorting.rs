//! Sorts the records received: which was expected, which came twice, which nobody recorded.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::content::{self, Mark};
use super::super::received::{Received, ReceivedRecord};
use super::super::{Aggregate, Tally};

/// The kind whose number is the phone's choice: its fixes are compared, not its records.
pub(super) const SEGMENT: &str = "track_segment";

/// Where a record stands in the tally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) aggregate: usize,
    pub(super) index: usize,
}

/// What a received record turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Expected, and here for the first time.
    Met(Place),
    /// Here once more: the same content, or the same place in the device's log.
    Doubled,
    /// Recorded by nobody.
    Unexpected,
    /// A piece of a track.
    Segment,
}

/// The records of both sides with their contents.
pub(super) struct Sorting<'a> {
    pub(super) tally: &'a Tally,
    pub(super) received: &'a Received,
    /// Contents of the aggregates' records, in the tally's order.
    pub(super) expected: Vec<Vec<Mark>>,
    /// Contents of the received records, in the order received.
    pub(super) marks: Vec<Mark>,
    /// What became of each received record.
    pub(super) fates: Vec<Fate>,
    /// Which expected records are there.
    pub(super) met: HashSet<Mark>,
    /// Places in devices' logs that were shown more than once.
    pub(super) keys_doubled: Vec<String>,
}

impl<'a> Sorting<'a> {
    pub(super) fn of(tally: &'a Tally, received: &'a Received) -> Self {
        let expected: Vec<Vec<Mark>> = tally.aggregates.iter().map(marks_of).collect();
        let mut places = HashMap::new();
        for (aggregate, marks) in expected.iter().enumerate() {
            places.extend(
                marks
                    .iter()
                    .enumerate()
                    .map(|(index, mark)| (*mark, Place { aggregate, index })),
            );
        }
        let mut sorting = Self {
            tally,
            received,
            expected,
            marks: received.records.iter().map(mark_of).collect(),
            fates: Vec::with_capacity(received.records.len()),
            met: HashSet::new(),
            keys_doubled: Vec::new(),
        };
        let mut keys = HashSet::new();
        for (record, mark) in received.records.iter().zip(&sorting.marks) {
            let is_key_known = !keys.insert((&record.device, &record.epoch, record.seq));
            if is_key_known {
                sorting
                    .keys_doubled
                    .push(format!("{} {} {}", record.device, record.epoch, record.seq));
            }
            let fate = match places.get(mark) {
                _ if record.kind == SEGMENT => Fate::Segment,
                Some(place) if sorting.met.insert(*mark) => Fate::Met(*place),
                Some(_) => Fate::Doubled,
                None if is_key_known => Fate::Doubled,
                None => Fate::Unexpected,
            };
            sorting.fates.push(fate);
        }
        sorting
    }

    /// The received records of each lane, each device's log in its own order.
    pub(super) fn lanes(&self) -> BTreeMap<&'a str, Vec<usize>> {
        let is_wanted = |index: &usize| self.fates[*index] != Fate::Segment;
        lanes_of(self.received, (0..self.received.records.len()).filter(is_wanted))
    }

    /// The lanes in which the records of each aggregate were found.
    pub(super) fn lanes_of_aggregates(&self) -> Vec<BTreeMap<&'a str, usize>> {
        let mut found = vec![BTreeMap::new(); self.tally.aggregates.len()];
        for (record, fate) in self.received.records.iter().zip(&self.fates) {
            if let Fate::Met(place) = fate {
                *found[place.aggregate].entry(record.lane.as_str()).or_default() += 1;
            }
        }
        found
    }
}

/// These records by lane, ordered by `seq` within device and epoch; epochs in the order in which they first show.
pub(super) fn lanes_of(
    received: &Received,
    these: impl Iterator<Item = usize>,
) -> BTreeMap<&str, Vec<usize>> {
    let mut logs: HashMap<(&str, &str), usize> = HashMap::new();
    for record in &received.records {
        let next = logs.len();
        logs.entry((&record.device, &record.epoch)).or_insert(next);
    }
    let mut lanes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in these {
        lanes
            .entry(received.records[index].lane.as_str())
            .or_default()
            .push(index);
    }
    for records in lanes.values_mut() {
        records.sort_by_key(|&index| {
            let record = &received.records[index];
            (
                logs.get(&(record.device.as_str(), record.epoch.as_str()))
                    .copied(),
                record.seq,
            )
        });
    }
    lanes
}

/// The canonical text of a received record.
pub(super) fn text_of(record: &ReceivedRecord) -> String {
    content::text(&record.worker, &record.kind, &record.recorded_at, &record.fact)
}

fn mark_of(record: &ReceivedRecord) -> Mark {
    content::mark(&text_of(record))
}

fn marks_of(aggregate: &Aggregate) -> Vec<Mark> {
    (0..aggregate.records.len())
        .map(|index| content::mark(&expected_text(aggregate, index)))
        .collect()
}

/// The canonical text of an expected record.
pub(super) fn expected_text(aggregate: &Aggregate, index: usize) -> String {
    let record = &aggregate.records[index];
    content::text(&aggregate.worker, record.kind, &record.recorded_at, &record.fact)
}
