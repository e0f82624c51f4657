//! What a worker records, and what he reads.

use grid_fieldbook::{AttachmentDraft, FieldError, ReportDraft};
use grid_model::id::Seq;
use grid_model::terms::{Milestone, ReportResult};
use grid_store::write_durably;

use super::drafts::{count, dispute, fix, observation, patrol, photo, report, task, urgent, visit};
use super::{InBook, Kind, Operation, Scene};

const fn on_duty(name: &'static str, step: InBook) -> Operation {
    Operation {
        name,
        scene: Scene::Duty,
        kind: Kind::InBook(step),
    }
}

pub(super) const ALL: &[Operation] = &[
    on_duty("accept", |book, run| Ok(run.saved(book.accept(task(1))?))),
    on_duty("arrive", |book, run| Ok(run.saved(book.arrive(task(2), None)?))),
    on_duty("submit", |book, run| {
        Ok(run.saved(book.submit(task(3), report())?))
    }),
    on_duty("amend", |book, run| {
        run.saved(book.submit(task(4), report())?);
        Ok(run.saved(book.submit(task(4), ReportDraft::new(ReportResult::PartlySolved, "另有一处"))?))
    }),
    on_duty("submit naming a photo", |book, run| {
        let attachment = book.attach(photo(7))?;
        run.attached(book, &attachment);
        let mut draft = report();
        draft.attachments.push(attachment);
        Ok(run.saved(book.submit(task(5), draft)?))
    }),
    on_duty("report case", |book, run| {
        Ok(run.saved(book.report_case(dispute())?.1))
    }),
    on_duty("report case naming a known photo", |book, run| {
        let mut draft = dispute();
        draft.attachments.push(book.attach(photo(1))?);
        Ok(run.saved(book.report_case(draft)?.1))
    }),
    on_duty("submit case", |book, run| {
        Ok(run.saved(book.submit_case(run.facts.case, report())?))
    }),
    on_duty("start urgent", |book, run| {
        Ok(run.saved(book.start_urgent(urgent())?.1))
    }),
    on_duty("milestone", |book, run| {
        Ok(run.saved(book.urgent_milestone(run.facts.urgent, Milestone::Safe)?))
    }),
    on_duty("start patrol", |book, run| {
        Ok(run.saved(book.start_patrol(patrol())?.1))
    }),
    on_duty("visit", |book, run| {
        Ok(run.saved(book.visit(run.facts.patrol, visit("DL-03-C2"))?))
    }),
    on_duty("observe", |book, run| {
        Ok(run.saved(book.observe(run.facts.patrol, observation("缆绳松动"))?))
    }),
    on_duty("observe naming a photo", |book, run| {
        let attachment = book.attach(photo(8))?;
        run.attached(book, &attachment);
        let mut draft = observation("缆绳松动");
        draft.attachments.push(attachment);
        Ok(run.saved(book.observe(run.facts.patrol, draft)?))
    }),
    on_duty("pause patrol", |book, run| {
        Ok(run.saved(book.pause_patrol(run.facts.patrol)?))
    }),
    on_duty("pause and resume patrol", |book, run| {
        run.saved(book.pause_patrol(run.facts.patrol)?);
        Ok(run.saved(book.resume_patrol(run.facts.patrol)?))
    }),
    on_duty("end patrol", |book, run| {
        Ok(run.saved(book.end_patrol(run.facts.patrol)?))
    }),
    on_duty("record fix, buffered", |book, run| fixes(book, run, 3, 1_000)),
    on_duty("record fix, due", |book, run| fixes(book, run, 4, 8_000)),
    on_duty("record fix, segment sealed", |book, run| {
        fixes(book, run, 1, 1_000)?;
        run.phone.pass(31 * 60 * 1000);
        fixes(book, run, 2, 1_000)
    }),
    on_duty("flush fixes", |book, run| {
        fixes(book, run, 2, 1_000)?;
        book.flush_fixes()?;
        Ok(run.fixes_flushed(book))
    }),
    on_duty("flush fixes if due", |book, run| {
        fixes(book, run, 1, 1_000)?;
        run.phone.pass(10_000);
        book.flush_fixes_if_due()?;
        Ok(run.fixes_flushed(book))
    }),
    on_duty("count", |book, run| Ok(run.saved(book.count(count(40, None))?))),
    on_duty("count on patrol", |book, run| {
        Ok(run.saved(book.count(count(3, Some(run.facts.patrol)))?))
    }),
    on_duty("count correction", |book, run| {
        Ok(run.saved(book.count(count(-3, None))?))
    }),
    on_duty("twelve counts", |book, run| {
        (1..=12).try_for_each(|value| Ok(run.saved(book.count(count(value, None))?)))
    }),
    on_duty("attach", |book, run| {
        let attachment = book.attach(photo(9))?;
        Ok(run.attached(book, &attachment))
    }),
    on_duty("attach a file", |book, run| {
        let draft = photo(12);
        let (disk, shot) = (
            run.phone.host.storage.disk.clone(),
            run.phone.folder.with_file_name("shot.jpg"),
        );
        write_durably(&*disk, &shot, &draft.content)?;
        let content = Vec::new();
        let attachment = book.attach_file(&shot, AttachmentDraft { content, ..draft })?;
        Ok(run.attached(book, &attachment))
    }),
    on_duty("support bundle", |book, _| book.support_bundle().map(drop)),
    on_duty("retry", |book, run| book.retry(run.facts.parked)),
    on_duty("self check", |book, _| book.self_check().map(drop)),
    on_duty("tasks", |book, _| book.tasks(false, 100).map(drop)),
    on_duty("records", |book, _| book.records(Seq(0), 100).map(drop)),
    on_duty("status", |book, _| book.status().map(drop)),
    on_duty("search", |book, _| book.search("缆绳").map(drop)),
];

fn fixes(
    book: &grid_fieldbook::FieldBook,
    run: &mut super::Run<'_>,
    how_many: u64,
    every_ms: i64,
) -> Result<(), FieldError> {
    for _ in 0..how_many {
        run.phone.pass(every_ms);
        let outcome = book.record_fix(run.facts.patrol, fix(run.buffered))?;
        run.fixed(book, outcome);
    }
    Ok(())
}
