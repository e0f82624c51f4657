//! Patrols: start, fixes, visits, observations, pause, end.

use std::sync::Arc;

use crate::attachments::kept;
use crate::position::point;
use crate::terms::{id, name, term, term_if};
use crate::{FieldBook, FieldError, KeptAttachment, Position, SavedRecord};

/// A patrol about to start.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PatrolDraft {
    /// Kind of patrol: `dock_duty`, `coastline`, `sea`, `street`, …
    pub patrol_type: String,
    /// How it moves: `foot`, `bike`, `car`, `boat`, `drone_assist`.
    pub transport: String,
    /// Code of the post.
    pub post: String,
    /// Where it begins, if there was a fix.
    #[uniffi(default)]
    pub position: Option<Position>,
}

/// A patrol that was started.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StartedPatrol {
    /// Its id, for everything that follows.
    pub patrol: String,
    /// Its first record.
    pub saved: SavedRecord,
}

/// One fix of the phone's receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct FixDraft {
    /// Latitude, 1e-7 degrees.
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees.
    pub lon_e7: i32,
    /// Claimed accuracy, decimetres.
    pub accuracy_dm: u32,
    /// Claimed speed, cm/s.
    pub speed_cms: u32,
}

/// The answer to a track fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum FixOutcome {
    /// Kept; survives a killed process now and a power cut within 15 seconds.
    Buffered,
    /// Durable.
    Saved,
}

/// A checkpoint visit; one without a position counts, too.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct VisitDraft {
    /// Code of the checkpoint.
    pub checkpoint: String,
    /// How it is shown: `gps`, `qr`, `nfc`, `none`.
    pub proof: String,
    /// Where, if there was a fix.
    #[uniffi(default)]
    pub position: Option<Position>,
    /// Why there is no position: `indoor`, `basement`, `no_sky`.
    #[uniffi(default)]
    pub unlocated_reason: Option<String>,
}

/// Something seen on patrol.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ObservationDraft {
    /// What it is: `normal`, `hazard`, `ecology`, `crowd`, `vessel`, …
    pub kind: String,
    /// The worker's words, at most 500 characters.
    pub note: String,
    /// Where, if there was a fix.
    #[uniffi(default)]
    pub position: Option<Position>,
    /// What belongs to it, at most 20.
    #[uniffi(default)]
    pub attachments: Vec<Arc<KeptAttachment>>,
}

/// Where a patrol stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum PatrolStatus {
    /// Under way.
    Started,
    /// Paused; fixes are not expected.
    Paused,
    /// Over.
    Ended,
}

/// A patrol of this vault.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PatrolView {
    /// Patrol id.
    pub id: String,
    /// Kind of patrol.
    pub patrol_type: String,
    /// How it moves.
    pub transport: String,
    /// Code of the post.
    pub post: String,
    /// Where it stands.
    pub status: PatrolStatus,
    /// The wall clock's claim, UTC ms.
    pub started_at_ms: i64,
    /// The wall clock's claim, UTC ms.
    pub ended_at_ms: Option<i64>,
    /// Fixes recorded.
    pub fixes: u64,
}

#[uniffi::export]
impl FieldBook {
    /// Starts a patrol. Durable before return.
    pub fn start_patrol(&self, draft: PatrolDraft) -> Result<StartedPatrol, FieldError> {
        let draft = grid_fieldbook::PatrolDraft {
            patrol_type: term("patrol_type", &draft.patrol_type)?,
            transport: term("transport", &draft.transport)?,
            post: draft.post,
            point: point(draft.position)?,
        };
        self.call(|book| {
            let (patrol, saved) = book.start_patrol(draft)?;
            Ok(StartedPatrol {
                patrol: patrol.to_string(),
                saved: saved.into(),
            })
        })
    }

    /// Records one fix of a running patrol.
    pub fn record_fix(&self, patrol: String, draft: FixDraft) -> Result<FixOutcome, FieldError> {
        let patrol = id("patrol", &patrol)?;
        let draft = grid_fieldbook::FixDraft {
            lat_e7: draft.lat_e7,
            lon_e7: draft.lon_e7,
            accuracy_dm: draft.accuracy_dm,
            speed_cms: draft.speed_cms,
        };
        self.call(|book| {
            Ok(match book.record_fix(patrol, draft)? {
                grid_fieldbook::FixOutcome::Buffered => FixOutcome::Buffered,
                grid_fieldbook::FixOutcome::Saved => FixOutcome::Saved,
            })
        })
    }

    /// Records a checkpoint visit. Durable before return.
    pub fn visit(&self, patrol: String, draft: VisitDraft) -> Result<SavedRecord, FieldError> {
        let patrol = id("patrol", &patrol)?;
        let draft = grid_fieldbook::VisitDraft {
            checkpoint: draft.checkpoint,
            proof: term("proof", &draft.proof)?,
            point: point(draft.position)?,
            unlocated_reason: term_if("unlocated_reason", draft.unlocated_reason.as_deref())?,
        };
        self.call(|book| Ok(book.visit(patrol, draft)?.into()))
    }

    /// Records something seen. Durable before return.
    pub fn observe(&self, patrol: String, draft: ObservationDraft) -> Result<SavedRecord, FieldError> {
        let patrol = id("patrol", &patrol)?;
        let draft = grid_fieldbook::ObservationDraft {
            kind: term("kind", &draft.kind)?,
            note: draft.note,
            point: point(draft.position)?,
            attachments: kept(&draft.attachments),
        };
        self.call(|book| Ok(book.observe(patrol, draft)?.into()))
    }

    /// Pauses a patrol. Durable before return.
    pub fn pause_patrol(&self, patrol: String) -> Result<SavedRecord, FieldError> {
        let patrol = id("patrol", &patrol)?;
        self.call(|book| Ok(book.pause_patrol(patrol)?.into()))
    }

    /// Takes a paused patrol up again. Durable before return.
    pub fn resume_patrol(&self, patrol: String) -> Result<SavedRecord, FieldError> {
        let patrol = id("patrol", &patrol)?;
        self.call(|book| Ok(book.resume_patrol(patrol)?.into()))
    }

    /// Ends a patrol. Durable before return.
    pub fn end_patrol(&self, patrol: String) -> Result<SavedRecord, FieldError> {
        let patrol = id("patrol", &patrol)?;
        self.call(|book| Ok(book.end_patrol(patrol)?.into()))
    }

    /// One patrol.
    pub fn patrol(&self, patrol: String) -> Result<PatrolView, FieldError> {
        let patrol = id("patrol", &patrol)?;
        self.look(|book| Ok(book.patrol(patrol)?.into()))
    }

    /// Patrols of this vault, the newest first.
    pub fn patrols(&self, limit: u32) -> Result<Vec<PatrolView>, FieldError> {
        self.look(|book| Ok(book.patrols(limit)?.into_iter().map(PatrolView::from).collect()))
    }
}

impl From<grid_fieldbook::PatrolView> for PatrolView {
    fn from(view: grid_fieldbook::PatrolView) -> Self {
        use grid_fieldbook::PatrolStatus as Inner;
        Self {
            id: view.id.to_string(),
            patrol_type: name(view.patrol_type),
            transport: name(view.transport),
            post: view.post,
            status: match view.status {
                Inner::Started => PatrolStatus::Started,
                Inner::Paused => PatrolStatus::Paused,
                Inner::Ended => PatrolStatus::Ended,
            },
            started_at_ms: view.started_at_ms,
            ended_at_ms: view.ended_at_ms,
            fixes: view.fixes,
        }
    }
}
