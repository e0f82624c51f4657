//! The life of a vault: made, opened, let go, migrated, captured for, recovered.

use grid_fieldbook::{FieldBook, FieldError, LockedBook};
use grid_model::terms::Milestone;

use super::drafts::{count, dispute, phone, ticket, urgent};
use super::{Ack, Kind, Operation, Run, Scene, Whole, enrolled};

const fn whole(name: &'static str, scene: Scene, run: Whole) -> Operation {
    Operation {
        name,
        scene,
        kind: Kind::Whole(run),
    }
}

const fn in_book(name: &'static str, scene: Scene, run: super::InBook) -> Operation {
    Operation {
        name,
        scene,
        kind: Kind::InBook(run),
    }
}

pub(super) const ALL: &[Operation] = &[
    whole("open a new vault", Scene::Empty, opened),
    whole("open a new vault and count", Scene::Empty, |run| {
        let book = opened(run)?;
        if let Some(book) = &book {
            run.saved(book.count(count(1, None))?);
        }
        Ok(book)
    }),
    whole("open", Scene::Duty, opened),
    whole("open after a kill", Scene::Killed, opened),
    whole("open and import a capture", Scene::Captured, opened),
    whole("migrate from schema 1", Scene::Schema1, opened),
    whole("recover without a database", Scene::Lost, |run| {
        (run.start)();
        run.phone.recover().map(|(book, _)| Some(book))
    }),
    whole("recover a damaged database", Scene::Torn, |run| {
        (run.start)();
        run.phone.recover().map(|(book, _)| Some(book))
    }),
    whole("recover a damaged lifeboat", Scene::Holed, |run| {
        (run.start)();
        run.phone.recover().map(|(book, _)| Some(book))
    }),
    whole("recover a whole vault", Scene::Duty, |run| {
        (run.start)();
        run.phone.recover().map(|(book, _)| Some(book))
    }),
    whole("capture while locked", Scene::Duty, |run| {
        (run.start)();
        let locked = LockedBook::open(&run.phone.folder, run.phone.host.clone())?;
        let (case, saved) = locked.start_urgent(urgent())?;
        run.acks.push(Ack::Captured(saved.seq.0));
        let saved = locked.urgent_milestone(case, Milestone::OnScene)?;
        run.acks.push(Ack::Captured(saved.seq.0));
        let mut draft = dispute();
        draft.attachments.clear();
        let (_, saved) = locked.report_case(draft)?;
        run.acks.push(Ack::Captured(saved.seq.0));
        let saved = locked.count(count(2, None))?;
        run.acks.push(Ack::Captured(saved.seq.0));
        locked.close()?;
        Ok(None)
    }),
    in_book("close", Scene::Duty, |book, run| {
        book.close()?;
        Ok(run.fixes_flushed(book))
    }),
    in_book("close and reopen", Scene::Duty, |book, run| {
        book.close()?;
        book.reopen()?;
        Ok(run.saved(book.count(count(4, None))?))
    }),
    in_book("suspend and wake", Scene::Duty, |book, run| {
        book.suspend()?;
        Ok(run.saved(book.count(count(5, None))?))
    }),
    in_book("enrol", Scene::Alone, |book, run| {
        let ticket = ticket().map_err(|error| FieldError::Internal {
            detail: format!("{error:?}"),
        })?;
        enrolled(book.enroll_over(&ticket, &phone(), run.platform, &Default::default(), Vec::new))
    }),
];

fn opened(run: &mut Run<'_>) -> Result<Option<FieldBook>, FieldError> {
    (run.start)();
    run.phone.open().map(Some)
}
