//! The fields of a scenario file, one to one. Nothing here has a default: what a person does not see, he cannot change.

use serde::Deserialize;

/// A scenario file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    /// What the scenario is called.
    pub name: String,
    /// 12-digit code of the village.
    pub village_code: String,
    /// Name of the village, put into texts of places.
    pub village: String,
    /// When the link is cut, RFC 3339 with an offset.
    pub start: String,
    /// How many days the link is away.
    pub days: u32,
    /// GeoJSON file with the outline, beside the scenario.
    pub outline: String,
    /// How far outside the outline a position may lie, metres.
    pub shore_margin_m: f64,
    /// How many of each thing there are.
    pub totals: Totals,
    /// Who works when.
    pub shifts: Shifts,
    /// What patrols are like.
    pub patrols: Patrols,
    /// How the assigned tasks end.
    pub tasks: Tasks,
    /// How large photos are, and where they are taken.
    pub photos: Photos,
    /// What the link is like once it is back.
    pub windows: Windows,
    /// Recorded tracks whose pieces the patrols walk.
    pub tracks: Vec<TrackFile>,
    /// The posts.
    pub posts: Vec<Post>,
    /// The phones.
    pub phones: Vec<Phone>,
    /// The officers: roles, never names of persons.
    pub officers: Vec<Officer>,
    /// What is counted, and how often.
    pub counts: Counts,
    /// What is noted on patrol.
    pub observations: Vec<Observation>,
    /// What the dispatcher says.
    pub desk: Desk,
    /// What tasks are about.
    pub task_subjects: Vec<TaskSubject>,
    /// Disputes found by the officers.
    pub disputes: Vec<Dispute>,
    /// Urgent rescues.
    pub urgents: Vec<Urgent>,
}

/// How many of each thing there are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the number of what it names")]
pub struct Totals {
    pub patrols: u32,
    pub counts: u32,
    pub disputes: u32,
    pub tasks: u32,
    pub urgent: u32,
    pub photos: u32,
}

/// Working hours, in minutes after the beginning of each 24 hours.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shifts {
    /// Of an officer with a phone of his own.
    pub alone: Shift,
    /// First shift of a shared phone.
    pub first: Shift,
    /// Second shift of a shared phone.
    pub second: Shift,
}

/// One stretch of work, minutes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "from and to")]
pub struct Shift {
    pub from: u32,
    pub to: u32,
}

/// What patrols are like.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patrols {
    /// Shortest patrol.
    pub minutes_min: u32,
    /// Longest patrol.
    pub minutes_max: u32,
    /// Shortest time between two fixes.
    pub fix_every_s_min: u32,
    /// Longest time between two fixes, pauses and gaps apart.
    pub fix_every_s_max: u32,
    /// Share of patrols with a pause.
    pub pause_percent: u32,
    /// Share of patrols that lose the satellites once.
    pub gap_percent: u32,
    /// Share of fixes that claim worse than 50 m.
    pub vague_percent: u32,
    /// Share of patrols with a visit that has no fix.
    pub unlocated_percent: u32,
    /// Fewest observations of a patrol.
    pub observations_min: u32,
    /// Most observations of a patrol.
    pub observations_max: u32,
    /// Share of all counts that is made during patrols.
    pub counts_percent: u32,
}

/// How the assigned tasks end.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tasks {
    /// Tasks that reached a phone before the link was cut.
    pub before_cut: BeforeCut,
    /// Tasks handed out while the link was down.
    pub during_cut: DuringCut,
}

/// Tasks that reached a phone before the link was cut, by what became of them.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the number of what it names")]
pub struct BeforeCut {
    pub untouched: u32,
    pub accepted: u32,
    pub on_site: u32,
    pub submitted: u32,
    pub recalled_untouched: u32,
    pub recalled_finished: u32,
}

/// Tasks handed out while the link was down.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each field is the number of what it names")]
pub struct DuringCut {
    pub untouched: u32,
    pub recalled: u32,
}

/// How large photos are, and in which records they are.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photos {
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// Smallest file.
    pub bytes_min: u32,
    /// Largest file.
    pub bytes_max: u32,
    /// Number of photos in observations.
    pub in_observations: u32,
    /// Number of photos in reports on tasks.
    pub in_task_reports: u32,
    /// Number of photos in dispute records.
    pub in_case_births: u32,
    /// Number of photos in reports on disputes.
    pub in_case_reports: u32,
    /// Number of photos in reports on rescues.
    pub in_urgent_reports: u32,
}

/// What the link is like once it is back, for each phone.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// How many windows there are at most.
    pub count_max: u32,
    /// Shortest window.
    pub duration_s_min: u32,
    /// Longest window; at most 600.
    pub duration_s_max: u32,
    /// Shortest silence between two windows.
    pub gap_s_min: u32,
    /// Longest silence between two windows.
    pub gap_s_max: u32,
    /// From the phone, bits per second.
    pub up_bits_per_s: u32,
    /// To the phone, bits per second.
    pub down_bits_per_s: u32,
    /// Round trip.
    pub rtt_ms: u32,
    /// Share of requests cut after the platform has stored them.
    pub cut_percent: u32,
}

/// One recorded track.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrackFile {
    /// GPX file, beside the scenario.
    pub file: String,
}

/// A post (勤务岗位).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// Code that records carry.
    pub code: String,
    /// Name.
    pub name: String,
    /// True when no source names it.
    pub invented: bool,
    /// What its patrols are.
    pub patrol_type: String,
    /// How its patrols move; name one twice to see it twice as often.
    pub transports: Vec<String>,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Places its patrols visit.
    pub checkpoints: Vec<Checkpoint>,
}

/// A place that patrols visit (必巡点).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Code that records carry.
    pub code: String,
    /// Name.
    pub name: String,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// True when no source names it.
    pub invented: bool,
}

/// A phone; one vault for each officer on it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// What is written on its back.
    pub label: String,
    /// `android` or `ios`.
    pub platform: String,
}

/// An officer: a role and a number.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Role, such as 民警 P01.
    pub label: String,
    /// Number by which records name him.
    pub job_no: String,
    /// Label of his phone.
    pub phone: String,
    /// Code of his post.
    pub post: String,
}

/// What is counted, and how often.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Share of entries that take something back.
    pub corrections_percent: u32,
    /// Why something is taken back.
    pub correction_reasons: Vec<String>,
    /// One line for each kind.
    pub kinds: Vec<CountLine>,
}

/// One kind of count.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountLine {
    /// Code name of the kind.
    pub kind: String,
    /// Unit, for a reader.
    pub unit: String,
    /// How many entries, corrections among them.
    pub entries: u32,
    /// Least that one entry adds.
    pub low: u32,
    /// Most that one entry adds.
    pub high: u32,
}

/// What may be noted under one kind of observation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Code name of the kind.
    pub kind: String,
    /// Words to choose from.
    pub notes: Vec<String>,
}

/// What the dispatcher says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// Why a task is taken back.
    pub recall_reasons: Vec<String>,
    /// Days a complex task is given.
    pub complex_due_days: u32,
    /// Why a complex task has a date of its own.
    pub complex_reason: String,
}

/// What a task is about, and how it is reported when it is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct TaskSubject {
    pub title: String,
    pub description: String,
    pub case_kind: String,
    pub level: String,
    pub result: String,
    pub measures: Vec<String>,
    pub narrative: String,
    pub party_told: Option<String>,
}

/// A dispute found by an officer, and how it is reported when it is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct Dispute {
    pub title: String,
    pub description: String,
    pub place_text: String,
    pub dispute_type: String,
    pub scale: String,
    pub involved_count: u32,
    pub parties: Vec<Party>,
    pub result: String,
    pub measures: Vec<String>,
    pub narrative: String,
    pub party_told: Option<String>,
    pub agreement: Option<String>,
}

/// A side of a dispute: a role and a label.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct Party {
    pub role: String,
    pub label: String,
}

/// An urgent rescue, its steps, and how it is reported.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct Urgent {
    pub title: String,
    pub place_text: String,
    pub lat: f64,
    pub lon: f64,
    pub result: String,
    pub measures: Vec<String>,
    pub narrative: String,
    pub party_told: Option<String>,
    pub milestones: Vec<MilestoneAfter>,
}

/// A step of a rescue, and how long after its beginning it is tapped.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "a step and its seconds")]
pub struct MilestoneAfter {
    pub milestone: String,
    pub after_s: u32,
}
