//! Cases, patrols, counts and the map.

use grid_model::terms::CountKind;
use grid_model::track::measure;
use grid_model::{PatrolId, WorkerId};
use grid_wire::{Body, Fact};

use super::{Desk, DeskRefusal, log_access, show};
use crate::fold::{believed, case_lane, track_of};
use crate::store::{
    AccessPurpose, AccessSubject, FieldRead as _, HubRead, PatrolRead as _, PeopleRead as _, Stored,
    StoredCase, StoredMilestone, StoredObservation, StoredPatrol, StoredVisit,
};
use crate::views::{
    CaseQuery, CaseSummary, CountEntry, CountTotal, GapView, MilestoneView, ObservationView, Outline, Page,
    PageAsk, PatrolDetail, PatrolQuery, PatrolSummary, Period, Session, VisitView,
};
use crate::{Hub, HubError, HubStore};

impl<S: HubStore> Hub<S> {
    /// Cases born on phones of this subtree. The access is logged.
    pub fn cases(
        &self,
        now_ms: i64,
        who: &Session,
        query: &CaseQuery,
    ) -> Result<Page<CaseSummary>, HubError> {
        let query = CaseQuery {
            page: query.page.bounded(),
            ..query.clone()
        };
        self.store.write(|tx| {
            let page = tx.cases_within(who.org, &query)?;
            let ids: Vec<&[u8]> = page.items.iter().map(|case| &case.id.bytes()[..]).collect();
            log_access(tx, now_ms, who, (AccessPurpose::List, AccessSubject::Case), &ids)?;
            show::each(page, |case| case_summary(tx, case))
        })
    }

    /// Patrols of this subtree. The access is logged.
    pub fn patrols(
        &self,
        now_ms: i64,
        who: &Session,
        query: &PatrolQuery,
    ) -> Result<Page<PatrolSummary>, HubError> {
        let query = PatrolQuery {
            page: query.page.bounded(),
            ..query.clone()
        };
        self.store.write(|tx| {
            let page = tx.patrols_within(who.org, &query)?;
            let ids: Vec<&[u8]> = page.items.iter().map(|row| &row.id.bytes()[..]).collect();
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::List, AccessSubject::Patrol),
                &ids,
            )?;
            show::each(page, |row| patrol_summary(tx, row))
        })
    }

    /// One patrol with its track. The access is logged: a track is a person's.
    pub fn patrol(&self, now_ms: i64, who: &Session, patrol: PatrolId) -> Desk<PatrolDetail> {
        self.store.write(|tx| {
            let patrol = match tx.patrol(patrol)? {
                Some(patrol) if tx.org_within(who.org, patrol.org)? => patrol,
                _ => return Ok(Err(DeskRefusal::NotFound)),
            };
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::Detail, AccessSubject::Patrol),
                &[patrol.id.bytes()],
            )?;
            patrol_detail(tx, patrol).map(Ok)
        })
    }

    /// Shapes and posts of this subtree, for the map.
    pub fn outline(&self, who: &Session) -> Result<Outline, HubError> {
        self.store.read(|tx| {
            let posts = tx
                .posts_within(who.org)?
                .into_iter()
                .map(|post| post.row)
                .collect();
            Ok(Outline {
                shapes: tx.outlines_within(who.org)?,
                posts,
            })
        })
    }

    /// Totals by kind over a period of effective time. A sum names nobody, so it is not in the access log.
    pub fn count_totals(&self, who: &Session, period: Period) -> Result<Vec<CountTotal>, HubError> {
        self.store.read(|tx| tx.count_totals(who.org, period))
    }

    /// The steps behind a total, newest first. The access is logged.
    pub fn count_entries(
        &self,
        now_ms: i64,
        who: &Session,
        kind: CountKind,
        period: Period,
        page: PageAsk,
    ) -> Result<Page<CountEntry>, HubError> {
        self.store.write(|tx| {
            let page = tx.counts_within(who.org, kind, period, page.bounded())?;
            let positions: Vec<_> = page.items.iter().map(|row| row.change.to_be_bytes()).collect();
            let ids: Vec<&[u8]> = positions.iter().map(|position| &position[..]).collect();
            log_access(tx, now_ms, who, (AccessPurpose::List, AccessSubject::Count), &ids)?;
            show::each(page, |row| show::count(tx, row))
        })
    }
}

fn case_summary<T: HubRead>(tx: &T, case: StoredCase) -> Stored<CaseSummary> {
    let lane = case_lane(case.id, case.urgent);
    let photos = tx.attachment_count(lane)?;
    let step = |row: StoredMilestone| MilestoneView {
        milestone: row.milestone,
        at_ms: row.occurred.at_ms,
        clock: row.occurred.quality,
    };
    Ok(CaseSummary {
        milestones: tx.milestones_of(case.id)?.into_iter().map(step).collect(),
        reports: u32::try_from(tx.reports_of(lane)?.len()).unwrap_or(u32::MAX),
        reporter: show::person(tx, case.reporter)?,
        id: case.id,
        no: case.no,
        case_kind: case.case_kind,
        title: case.title,
        place_text: case.place_text,
        reported_at_ms: case.occurred.at_ms,
        clock: case.occurred.quality,
        received_at_ms: case.received_at_ms,
        urgent: case.urgent,
        photos_expected: photos.expected,
        photos_here: photos.here,
    })
}

fn patrol_summary<T: HubRead>(tx: &T, patrol: StoredPatrol) -> Stored<PatrolSummary> {
    let worker: WorkerId = patrol.worker;
    let tally = tx.patrol_tally(patrol.id, worker)?;
    Ok(PatrolSummary {
        id: patrol.id,
        worker: show::person(tx, worker)?,
        patrol_type: patrol.patrol_type,
        transport: patrol.transport,
        post_name: show::post_name(tx, &patrol.post)?,
        post: patrol.post,
        status: patrol.status,
        started_at_ms: patrol.started.at_ms,
        clock: patrol.started.quality,
        ended_at_ms: patrol.ended_at_ms,
        distance_m: patrol.distance_m,
        points: patrol.points,
        fixes: patrol.fixes,
        gaps: patrol.gaps,
        visits: tally.visits,
        observations: tally.observations,
        counts: tally.counts,
    })
}

fn patrol_detail<T: HubRead>(tx: &T, patrol: StoredPatrol) -> Stored<PatrolDetail> {
    let id = patrol.id;
    let measured = measure(&believed(&track_of(tx, id)?), patrol.transport);
    let gap = |gap: grid_model::track::Gap| GapView {
        from: gap.from,
        to: gap.to,
        seconds: gap.lasting_ms() / 1000,
    };
    let observations = tx
        .observations_of(id)?
        .into_iter()
        .filter_map(|row| observation(tx, row).transpose());
    let counts = tx
        .counts_of(id, patrol.worker)?
        .into_iter()
        .map(|row| show::count(tx, row));
    Ok(PatrolDetail {
        gaps_at: measured.gaps.iter().copied().map(gap).collect(),
        runs: measured.runs,
        visits: tx.visits_of(id)?.into_iter().map(visit).collect(),
        observations: observations.collect::<Stored<Vec<_>>>()?,
        counts: counts.collect::<Stored<Vec<_>>>()?,
        summary: patrol_summary(tx, patrol)?,
    })
}

fn visit(row: StoredVisit) -> VisitView {
    VisitView {
        checkpoint: row.checkpoint,
        at_ms: row.occurred.at_ms,
        clock: row.occurred.quality,
        proof: row.proof,
        located: row.point.is_some(),
        unlocated_reason: row.unlocated_reason,
        point: row.point,
    }
}

fn observation<T: HubRead>(tx: &T, row: StoredObservation) -> Stored<Option<ObservationView>> {
    let Some(Body {
        fact: Fact::Observed(observed),
        ..
    }) = show::body(tx, row.change)?
    else {
        return Ok(None);
    };
    let attachments = tx.attachments_of_change(row.change)?;
    Ok(Some(ObservationView {
        kind: row.kind,
        note: observed.note,
        at_ms: row.occurred.at_ms,
        clock: row.occurred.quality,
        point: observed.point,
        attachments: show::attachments(tx, &attachments)?,
    }))
}
