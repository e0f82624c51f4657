//! What goes on behind the worker's back: syncing, purging, keeping the second copy and the space.

use std::sync::PoisonError;

use grid_fieldbook::{Budget, CancelToken, FieldBook, FieldError, Outcome};
use grid_model::id::Seq;
use grid_wire::Checkpoint;

use super::drafts::{count, photo, task};
use super::{InBook, Kind, Operation, Run, Scene};
use crate::platform::{INCARNATION, post_row, task_row};

const fn step(name: &'static str, scene: Scene, step: InBook) -> Operation {
    Operation {
        name,
        scene,
        kind: Kind::InBook(step),
    }
}

pub(super) const ALL: &[Operation] = &[
    step("sync records and photos", Scene::Duty, sync),
    step("sync a receipt", Scene::Duty, |book, run| {
        let budget = Budget {
            photos: false,
            ..Budget::default()
        };
        sync_within(book, run, budget)
    }),
    step("sync a page of the feed", Scene::Duty, |book, run| {
        let mut known = run.platform.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.feed.extend([
            task_row(task(2), 2, 2),
            task_row(task(20), 1, 20),
            post_row("DL-09"),
        ]);
        drop(known);
        sync(book, run)
    }),
    step("sync, count, sync", Scene::Duty, |book, run| {
        sync(book, run)?;
        run.saved(book.count(count(6, None))?);
        sync(book, run)
    }),
    step("set checkpoint", Scene::Duty, |book, _| {
        book.store_for_tests().write(|tx| {
            let epoch = tx.current_epoch()?;
            let ids = (book.device(), epoch);
            tx.set_checkpoint(
                &Checkpoint::new(ids, Seq(6), Seq(6), INCARNATION),
                crate::world::START_MS,
            )?;
            Ok(())
        })
    }),
    step("purge", Scene::Vouched, |book, run| {
        let now_ms = crate::world::START_MS + run.phone.elapsed_ms();
        let purged = book.store_for_tests().purge(INCARNATION, now_ms)?;
        if purged.changes == 0 {
            return Err(FieldError::NotFound {
                what: "anything to purge",
            });
        }
        Ok(())
    }),
    step("purge and count", Scene::Vouched, |book, run| {
        let now_ms = crate::world::START_MS + run.phone.elapsed_ms();
        book.store_for_tests().purge(INCARNATION, now_ms)?;
        Ok(run.saved(book.count(count(7, None))?))
    }),
    step("rebuild the lifeboat", Scene::Duty, |book, _| {
        Ok(book.store_for_tests().rebuild_lifeboat()?)
    }),
    step("refill the ballast", Scene::NoBallast, |book, _| {
        Ok(book.store_for_tests().refill_ballast()?)
    }),
    step("begin an epoch and count", Scene::Duty, |book, run| {
        let device = book.device();
        let store = book.store_for_tests();
        store.write(|tx| tx.begin_epoch(device, grid_model::Epoch(77)))?;
        book.suspend()?;
        Ok(run.saved(book.count(count(8, None))?))
    }),
    step("attach twice and sync", Scene::Duty, |book, run| {
        for n in [10, 11] {
            let attachment = book.attach(photo(n))?;
            run.attached(book, &attachment);
        }
        sync(book, run)
    }),
];

fn sync(book: &FieldBook, run: &mut Run<'_>) -> Result<(), FieldError> {
    sync_within(book, run, Budget::default())
}

fn sync_within(book: &FieldBook, run: &mut Run<'_>, budget: Budget) -> Result<(), FieldError> {
    let report = book.sync(run.platform, budget, &CancelToken::default(), &mut |_| {})?;
    match report.summary.outcome {
        Outcome::Complete => Ok(()),
        other => Err(FieldError::Internal {
            detail: format!("the sync ended as {other:?}"),
        }),
    }
}
