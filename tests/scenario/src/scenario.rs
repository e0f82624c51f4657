//! A scenario: the file a person edits, with its outline and its tracks, checked before anything is played.

mod check;
mod error;
mod fields;
mod read;
mod terms;

use std::path::{Path, PathBuf};

pub use error::ScenarioError;
pub use fields::{
    BeforeCut, Checkpoint, CountLine, Counts, Desk, Dispute, DuringCut, Fields, MilestoneAfter, Observation,
    Officer, Party, Patrols, Phone, Photos, Post, Shift, Shifts, TaskSubject, Tasks, Totals, TrackFile,
    Urgent, Windows,
};

use crate::geo::{self, Outline, Spot};
use crate::plan::Plan;

/// A scenario that can be played.
#[derive(Clone, Debug)]
pub struct Scenario {
    file: PathBuf,
    fields: Fields,
    start_ms: i64,
    outline: Outline,
    stretches: Vec<Vec<Spot>>,
}

impl Scenario {
    /// Reads a scenario with the files it names, which lie beside it, and checks that it can be played.
    ///
    /// # Errors
    /// The first fault found, as one sentence with the file, the field and what to do.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ScenarioError> {
        let file = path.as_ref().to_owned();
        let text = read::text(&file, "path")?;
        let fields = read::fields(&file, &text)?;
        let outline_file = read::beside(&file, &fields.outline);
        let outline = Outline::from_geojson(&read::text(&outline_file, "outline")?).map_err(|problem| {
            let remedy = "put a GeoJSON feature collection with one polygon there";
            error::Fault::of("outline", problem, remedy).in_file(outline_file)
        })?;
        let mut stretches = Vec::new();
        for (index, track) in fields.tracks.iter().enumerate() {
            let field = format!("tracks[{index}].file");
            let track_file = read::beside(&file, &track.file);
            let found = geo::stretches(&read::text(&track_file, &field)?).map_err(|problem| {
                error::Fault::of(field, problem, "put a recorded GPX track there").in_file(track_file)
            })?;
            stretches.extend(found);
        }
        let start_ms = check::all(&fields, &outline).map_err(|fault| fault.in_file(file.clone()))?;
        Ok(Self {
            file,
            fields,
            start_ms,
            outline,
            stretches,
        })
    }

    /// The same story with the link cut at another moment, UTC ms. Everything else moves along.
    #[must_use]
    pub fn beginning_at(self, start_ms: i64) -> Self {
        Self { start_ms, ..self }
    }

    /// Makes the plan of this scenario under a seed. The same seed gives the same plan.
    pub fn expand(&self, seed: u64) -> Plan {
        crate::expand::plan(self, seed)
    }

    /// Where it was read from.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// What the file says.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// When the link is cut, UTC ms.
    pub fn start_ms(&self) -> i64 {
        self.start_ms
    }

    /// The outline of the island.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    pub(crate) fn stretches(&self) -> &[Vec<Spot>] {
        &self.stretches
    }
}
