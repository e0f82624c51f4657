//! Cases, milestones and reports.

use grid_hub::store::{
    AttachmentCount, FieldRead, FieldWrite, Stored, StoredAttachment, StoredCase, StoredCount,
    StoredMilestone, StoredReport,
};
use grid_hub::views::{CaseQuery, CountTotal, Page, PageAsk, Period};
use grid_model::terms::CountKind;
use grid_model::{CaseId, Coded as _, DeviceId, Lane, OrgId, PatrolId, Sha256, WorkerId};
use rusqlite::params;

use crate::access::{Access, Writes, within};
use crate::cells::{Cells, code_maybe, int};

macro_rules! case_columns {
    ($rest:literal) => {
        concat!(
            "SELECT case_id, change_position, org_id, no, case_kind, title, place_text, urgent, reporter_id, ",
            "occurred_at_ms, earliest_ms, latest_ms, clock, received_at_ms FROM field_case ",
            $rest
        )
    };
}

fn case(c: &mut Cells<'_>) -> rusqlite::Result<StoredCase> {
    Ok(StoredCase {
        id: c.id()?,
        change: c.number()?,
        org: c.id()?,
        no: c.take()?,
        case_kind: c.code()?,
        title: c.take()?,
        place_text: c.take()?,
        urgent: c.take()?,
        reporter: c.id()?,
        occurred: c.occurred()?,
        received_at_ms: c.take()?,
    })
}

macro_rules! count_columns {
    ($rest:literal) => {
        concat!(
            "SELECT change_position, org_id, worker_id, device_id, seq, count_kind, value, summed, post_code, patrol_id, ",
            "reason, recorded_at_ms, clock, received_at_ms FROM count_step ",
            $rest
        )
    };
}

fn count(c: &mut Cells<'_>) -> rusqlite::Result<StoredCount> {
    Ok(StoredCount {
        change: c.number()?,
        org: c.id()?,
        worker: c.id()?,
        device: c.id()?,
        seq: c.seq()?,
        count_kind: c.code()?,
        value: c.take()?,
        summed: c.take()?,
        post: c.take()?,
        patrol: c.id_maybe()?,
        reason: c.take()?,
        recorded_at_ms: c.take()?,
        clock: c.code()?,
        received_at_ms: c.take()?,
    })
}

macro_rules! attachment_columns {
    ($rest:literal) => {
        concat!(
            "SELECT a.change_position, a.item, a.lane_kind, a.lane_id, a.sha256, a.role, a.mime, a.bytes, ",
            "a.taken_at_ms, a.device_id, b.sha256 IS NOT NULL ",
            // Here means uploaded by the very device that names it: knowing a hash gives nobody another's photo.
            "FROM attachment AS a LEFT JOIN upload AS b ",
            "ON b.device_id = a.device_id AND b.sha256 = a.sha256 AND b.complete = 1 ",
            $rest
        )
    };
}

fn attachment(c: &mut Cells<'_>) -> rusqlite::Result<StoredAttachment> {
    Ok(StoredAttachment {
        change: c.number()?,
        item: c.take()?,
        lane: c.lane()?,
        sha256: c.hash()?,
        role: c.code()?,
        mime: c.take()?,
        bytes: c.number()?,
        taken_at_ms: c.take()?,
        device: c.id()?,
        here: c.take()?,
    })
}

fn report(c: &mut Cells<'_>) -> rusqlite::Result<StoredReport> {
    Ok(StoredReport {
        lane: c.lane()?,
        change: c.number()?,
        version: c.take()?,
        author: c.id()?,
        occurred: c.occurred()?,
        received_at_ms: c.take()?,
        supplement: c.take()?,
        late: c.take()?,
    })
}

impl<M> FieldRead for Access<'_, M> {
    fn case(&self, id: CaseId) -> Stored<Option<StoredCase>> {
        self.one(case_columns!("WHERE case_id = ?1"), [id.0], case)
    }

    fn cases_within(&self, root: OrgId, query: &CaseQuery) -> Stored<Page<StoredCase>> {
        let kind = code_maybe(query.case_kind);
        let page = query.page;
        self.page(
            (
                within!(
                    "SELECT count(*) FROM field_case WHERE org_id IN scope AND (?2 IS NULL OR case_kind = ?2)"
                ),
                params![root.0, kind],
            ),
            (
                within!(case_columns!(
                    "WHERE org_id IN scope AND (?2 IS NULL OR case_kind = ?2)
                     ORDER BY occurred_at_ms DESC, case_id DESC LIMIT ?3 OFFSET ?4"
                )),
                params![root.0, kind, page.limit, page.offset],
            ),
            case,
        )
    }

    fn milestones_of(&self, case: CaseId) -> Stored<Vec<StoredMilestone>> {
        self.all(
            "SELECT case_id, change_position, milestone, occurred_at_ms, earliest_ms, latest_ms, clock
             FROM milestone WHERE case_id = ?1 ORDER BY occurred_at_ms, change_position",
            [case.0],
            |c| {
                let (case, change) = (c.id()?, c.number()?);
                Ok(StoredMilestone {
                    case,
                    change,
                    milestone: c.code()?,
                    occurred: c.occurred()?,
                })
            },
        )
    }

    fn reports_of(&self, lane: Lane) -> Stored<Vec<StoredReport>> {
        self.all(
            "SELECT lane_kind, lane_id, change_position, version, author_id, occurred_at_ms, earliest_ms, latest_ms,
                    clock, received_at_ms, supplement, late
             FROM report WHERE lane_kind = ?1 AND lane_id = ?2 ORDER BY change_position",
            params![lane.kind.code(), lane.id],
            report,
        )
    }

    fn has_supplement_of(&self, device: DeviceId, lane: Lane) -> Stored<bool> {
        let found = self.number(
            "SELECT EXISTS (SELECT 1 FROM report AS r JOIN change AS c ON c.position = r.change_position
             WHERE r.lane_kind = ?1 AND r.lane_id = ?2 AND r.supplement = 1 AND c.device_id = ?3)",
            params![lane.kind.code(), lane.id, device.0],
        )?;
        Ok(found > 0)
    }

    fn count_totals(&self, root: OrgId, period: Period) -> Stored<Vec<CountTotal>> {
        self.all(
            within!(
                "SELECT count_kind, coalesce(sum(value) FILTER (WHERE summed = 1), 0), count(*) FROM count_step
                 WHERE org_id IN scope AND recorded_at_ms >= ?2 AND recorded_at_ms < ?3
                 GROUP BY count_kind ORDER BY count_kind"
            ),
            params![root.0, period.from_ms, period.to_ms],
            |c| Ok(CountTotal { count_kind: c.code()?, total: c.take()?, entries: c.number()? }),
        )
    }

    fn counts_within(
        &self,
        root: OrgId,
        kind: CountKind,
        period: Period,
        page: PageAsk,
    ) -> Stored<Page<StoredCount>> {
        let Period { from_ms, to_ms } = period;
        self.page(
            (
                within!(
                    "SELECT count(*) FROM count_step
                     WHERE org_id IN scope AND count_kind = ?2 AND recorded_at_ms >= ?3 AND recorded_at_ms < ?4"
                ),
                params![root.0, kind.code(), from_ms, to_ms],
            ),
            (
                within!(count_columns!(
                    "WHERE org_id IN scope AND count_kind = ?2 AND recorded_at_ms >= ?3 AND recorded_at_ms < ?4
                     ORDER BY recorded_at_ms DESC, change_position DESC LIMIT ?5 OFFSET ?6"
                )),
                params![root.0, kind.code(), from_ms, to_ms, page.limit, page.offset],
            ),
            count,
        )
    }

    fn counts_of(&self, patrol: PatrolId, worker: WorkerId) -> Stored<Vec<StoredCount>> {
        let sql = count_columns!(
            "WHERE patrol_id = ?1 AND worker_id = ?2 ORDER BY recorded_at_ms, change_position"
        );
        self.all(sql, [patrol.0, worker.0], count)
    }

    fn attachments_of_lane(&self, lane: Lane) -> Stored<Vec<StoredAttachment>> {
        self.all(
            attachment_columns!(
                "WHERE a.lane_kind = ?1 AND a.lane_id = ?2 ORDER BY a.change_position, a.item"
            ),
            params![lane.kind.code(), lane.id],
            attachment,
        )
    }

    fn attachments_of_change(&self, change: u64) -> Stored<Vec<StoredAttachment>> {
        self.all(
            attachment_columns!("WHERE a.change_position = ?1 ORDER BY a.item"),
            [int(change)],
            attachment,
        )
    }

    fn attachment_count(&self, lane: Lane) -> Stored<AttachmentCount> {
        let count = self.one(
            "SELECT count(DISTINCT a.sha256), count(DISTINCT b.sha256)
             FROM attachment AS a LEFT JOIN upload AS b
             ON b.device_id = a.device_id AND b.sha256 = a.sha256 AND b.complete = 1
             WHERE a.lane_kind = ?1 AND a.lane_id = ?2",
            params![lane.kind.code(), lane.id],
            |c| {
                Ok(AttachmentCount {
                    expected: c.take()?,
                    here: c.take()?,
                })
            },
        )?;
        Ok(count.unwrap_or_default())
    }

    fn attachment_within(&self, root: OrgId, sha256: Sha256) -> Stored<Option<StoredAttachment>> {
        self.one(
            within!(attachment_columns!(
                "JOIN device AS d ON d.device_id = a.device_id JOIN worker AS w ON w.worker_id = d.worker_id
                 WHERE w.org_id IN scope AND a.sha256 = ?2 ORDER BY b.sha256 IS NULL, a.change_position, a.item LIMIT 1"
            )),
            params![root.0, sha256.0],
            attachment,
        )
    }
}

impl FieldWrite for Access<'_, Writes> {
    fn add_case(&mut self, case: &StoredCase) -> Stored<()> {
        self.run(
            "INSERT INTO field_case (case_id, change_position, org_id, no, case_kind, title, place_text, urgent,
                 reporter_id, occurred_at_ms, earliest_ms, latest_ms, clock, received_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                case.id.0,
                int(case.change),
                case.org.0,
                case.no,
                case.case_kind.code(),
                case.title,
                case.place_text,
                case.urgent,
                case.reporter.0,
                case.occurred.at_ms,
                case.occurred.earliest_ms,
                case.occurred.latest_ms,
                case.occurred.quality.code(),
                case.received_at_ms
            ],
        )?;
        Ok(())
    }

    fn add_milestone(&mut self, milestone: &StoredMilestone) -> Stored<()> {
        let occurred = milestone.occurred;
        self.run(
            "INSERT INTO milestone (change_position, case_id, milestone, occurred_at_ms, earliest_ms, latest_ms, clock)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                int(milestone.change),
                milestone.case.0,
                milestone.milestone.code(),
                occurred.at_ms,
                occurred.earliest_ms,
                occurred.latest_ms,
                occurred.quality.code()
            ],
        )?;
        Ok(())
    }

    fn add_report(&mut self, report: &StoredReport) -> Stored<()> {
        self.run(
            "INSERT INTO report (change_position, lane_kind, lane_id, version, author_id, occurred_at_ms, earliest_ms,
                 latest_ms, clock, received_at_ms, supplement, late)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                int(report.change),
                report.lane.kind.code(),
                report.lane.id,
                report.version,
                report.author.0,
                report.occurred.at_ms,
                report.occurred.earliest_ms,
                report.occurred.latest_ms,
                report.occurred.quality.code(),
                report.received_at_ms,
                report.supplement,
                report.late
            ],
        )?;
        Ok(())
    }

    fn make_supplement(&mut self, change: u64) -> Stored<()> {
        self.run(
            "UPDATE report SET supplement = 1 WHERE change_position = ?1",
            [int(change)],
        )?;
        Ok(())
    }

    fn add_count(&mut self, count: &StoredCount) -> Stored<()> {
        self.run(
            "INSERT INTO count_step (change_position, org_id, worker_id, device_id, seq, count_kind, value, summed,
                 post_code, patrol_id, reason, recorded_at_ms, clock, received_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                int(count.change),
                count.org.0,
                count.worker.0,
                count.device.0,
                int(count.seq.0),
                count.count_kind.code(),
                count.value,
                count.summed,
                count.post,
                count.patrol.map(|id| id.0),
                count.reason,
                count.recorded_at_ms,
                count.clock.code(),
                count.received_at_ms
            ],
        )?;
        Ok(())
    }

    fn add_attachment(&mut self, attachment: &StoredAttachment) -> Stored<()> {
        self.run(
            "INSERT INTO attachment (change_position, item, lane_kind, lane_id, sha256, role, mime, bytes, taken_at_ms,
                 device_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                int(attachment.change),
                attachment.item,
                attachment.lane.kind.code(),
                attachment.lane.id,
                attachment.sha256.0,
                attachment.role.code(),
                attachment.mime,
                int(attachment.bytes),
                attachment.taken_at_ms,
                attachment.device.0
            ],
        )?;
        Ok(())
    }
}
