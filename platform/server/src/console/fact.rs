//! What a change says, in JSON: the `fact` of a record. Fields that say nothing are absent.

use grid_model::{Coded, Point};
use grid_wire::fact::{self, Fact};
use grid_wire::track::Segment;
use serde_json::{Map, Value, json};

use crate::time::rfc3339;

/// The JSON of a fact; `None` for a kind this build does not know and for a track that cannot be read.
pub(crate) fn fact(fact: &Fact) -> Option<Value> {
    let fields = match fact {
        Fact::TaskAccepted | Fact::PatrolPaused | Fact::PatrolResumed => Fields::default(),
        Fact::TaskArrived(arrived) => Fields::default().point(arrived.point),
        Fact::ReportSubmitted(report) => return Some(self::report(report)),
        Fact::ExtensionRequested(asked) => Fields::default()
            .put("wanted_due_at", rfc3339(asked.wanted_due_ms))
            .put("reason", &asked.reason),
        Fact::PatrolStarted(started) => Fields::default()
            .code("patrol_type", started.patrol_type)
            .code("transport", started.transport)
            .put("post", &started.post)
            .point(started.point),
        Fact::CheckpointVisited(visit) => Fields::default()
            .put("checkpoint", &visit.checkpoint)
            .code("proof", visit.proof)
            .point(visit.point)
            .maybe_code("unlocated_reason", visit.unlocated_reason),
        Fact::Observed(observed) => Fields::default()
            .code("observation_kind", observed.observation_kind)
            .put("note", &observed.note)
            .point(observed.point)
            .attachments(&observed.attachments),
        Fact::PatrolEnded(ended) => Fields::default().put("fixes", ended.fixes),
        Fact::TrackSegment(segment) => track(segment)?,
        Fact::Counted(counted) => self::counted(counted),
        Fact::CaseReported(case) => self::case(case),
        Fact::UrgentStarted(urgent) => Fields::default()
            .put("title", &urgent.title)
            .put("place_text", &urgent.place_text)
            .point(urgent.point),
        Fact::UrgentMilestone(step) => Fields::default().code("milestone", step.milestone),
        Fact::Unknown => return None,
    };
    Some(fields.into())
}

/// The JSON of a report.
pub(crate) fn report(report: &fact::Report) -> Value {
    let measures: Vec<_> = report.measures.iter().map(|measure| measure.name()).collect();
    Fields::default()
        .put("version", report.version)
        .code("result", report.result)
        .put("measures", measures)
        .put("narrative", &report.narrative)
        .maybe_code("party_told", report.party_told)
        .maybe_code("agreement", report.agreement)
        .put("self_handled", report.self_handled)
        .point(report.point)
        .attachments(&report.attachments)
        .into()
}

fn counted(counted: &fact::Counted) -> Fields {
    let fields = Fields::default()
        .code("count_kind", counted.count_kind)
        .put("value", counted.value)
        .put("post", &counted.post);
    let fields = fields.maybe("patrol", counted.patrol.map(|id| id.to_string()));
    fields.maybe("reason", counted.reason.as_deref())
}

fn case(case: &fact::CaseReported) -> Fields {
    let dispute = case.dispute.as_ref().map(|dispute| {
        let parties: Vec<_> = dispute
            .parties
            .iter()
            .map(|party| json!({"role": party.role.name(), "label": party.label}))
            .collect();
        json!({
            "dispute_type": dispute.dispute_type.name(),
            "scale": dispute.scale.name(),
            "involved_count": dispute.involved_count,
            "parties": parties,
        })
    });
    Fields::default()
        .code("case_kind", case.case_kind)
        .put("title", &case.title)
        .put("description", &case.description)
        .put("place_text", &case.place_text)
        .point(case.point)
        .maybe("dispute", dispute)
        .attachments(&case.attachments)
}

fn track(segment: &Segment) -> Option<Fields> {
    let points = segment.points().ok()?;
    let points: Vec<_> = points
        .iter()
        .map(|p| json!([p.at_ms, p.lat_e7, p.lon_e7, p.accuracy_dm, p.speed_cms]))
        .collect();
    Some(
        Fields::default()
            .put("first_index", segment.first_index)
            .put("points", points),
    )
}

fn point(point: Point) -> Value {
    let fields = Fields::default()
        .put("lat_e7", point.lat_e7)
        .put("lon_e7", point.lon_e7);
    fields.maybe("accuracy_dm", point.accuracy_dm).into()
}

/// The fields of one object, in the order they are put.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn put(mut self, name: &str, value: impl serde::Serialize) -> Self {
        self.0.insert(name.to_owned(), json!(value));
        self
    }

    fn maybe(self, name: &str, value: Option<impl serde::Serialize>) -> Self {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    fn code(self, name: &str, value: impl Coded) -> Self {
        self.put(name, value.name())
    }

    fn maybe_code(self, name: &str, value: Option<impl Coded>) -> Self {
        self.maybe(name, value.map(|value| value.name()))
    }

    fn point(self, value: Option<Point>) -> Self {
        self.maybe("point", value.map(point))
    }

    fn attachments(self, attachments: &[fact::Attachment]) -> Self {
        let items: Vec<Value> = attachments.iter().map(attachment).collect();
        self.put("attachments", items)
    }
}

fn attachment(attachment: &fact::Attachment) -> Value {
    Fields::default()
        .put("sha256", attachment.sha256.to_string())
        .code("role", attachment.role)
        .put("mime", &attachment.mime)
        .put("bytes", attachment.bytes)
        .put("taken_at", rfc3339(attachment.taken_at_ms))
        .point(attachment.point)
        .into()
}

impl From<Fields> for Value {
    fn from(fields: Fields) -> Self {
        Self::Object(fields.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_model::terms::{AttachmentRole, CountKind, Measure, ReportResult};
    use grid_model::{PatrolId, Sha256};

    #[test]
    fn a_report_says_what_it_holds_and_no_nulls() {
        let here = Point {
            lat_e7: 397_500_000,
            lon_e7: 1_237_300_000,
            accuracy_dm: None,
        };
        let photo = fact::Attachment {
            sha256: Sha256([0xab; 32]),
            role: AttachmentRole::After,
            mime: "image/jpeg".to_owned(),
            bytes: 9,
            taken_at_ms: 1_768_356_184_123,
            point: Some(here),
        };
        let report = fact::Report {
            version: 1,
            result: ReportResult::Solved,
            measures: vec![Measure::Removed, Measure::Warned],
            narrative: "清理完毕".to_owned(),
            party_told: None,
            agreement: None,
            self_handled: false,
            point: None,
            attachments: vec![photo],
        };
        let expected = json!({
            "version": 1,
            "result": "solved",
            "measures": ["removed", "warned"],
            "narrative": "清理完毕",
            "self_handled": false,
            "attachments": [{
                "sha256": "ab".repeat(32),
                "role": "after",
                "mime": "image/jpeg",
                "bytes": 9,
                "taken_at": "2026-01-14T02:03:04.123Z",
                "point": {"lat_e7": 397_500_000, "lon_e7": 1_237_300_000},
            }],
        });
        assert_eq!(self::report(&report), expected);
    }

    #[test]
    fn a_count_and_a_pause_are_as_short_as_they_are() {
        let counted = fact::Counted {
            count_kind: CountKind::IslandEntryCheck,
            value: -3,
            post: "DL-01".to_owned(),
            patrol: Some(PatrolId([1; 16])),
            reason: None,
        };
        let patrol = PatrolId([1; 16]).to_string();
        let expected =
            json!({"count_kind": "island_entry_check", "value": -3, "post": "DL-01", "patrol": patrol});
        assert_eq!(fact(&Fact::Counted(counted)), Some(expected));
        assert_eq!(fact(&Fact::PatrolPaused), Some(json!({})));
        assert_eq!(fact(&Fact::Unknown), None);
    }
}
