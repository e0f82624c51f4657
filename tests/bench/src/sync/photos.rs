//! Photos whose sync is cut again and again.

use grid_cut::Bed;
use grid_fieldbook::{AttachmentDraft, ObservationDraft};
use grid_model::terms::{AttachmentRole, ObservationKind};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::BenchError;
use crate::sync::phone::{Act, Start};
use crate::sync::world::{Run, World};
use crate::sync::{SyncSettings, resent_kib};
use crate::table::Measure;

/// Takes them.
pub(crate) fn measures(settings: SyncSettings) -> Result<Vec<Measure>, BenchError> {
    let (photos, bytes) = settings.photos;
    let mut random = ChaCha8Rng::seed_from_u64(settings.seed.unwrap_or(1));
    let (world, _) = World::make(Vec::new())?;
    world.record(|book, patrol| {
        for _ in 0..photos {
            let mut content = vec![0; bytes / photos];
            random.fill_bytes(&mut content);
            let photo = book.attach(AttachmentDraft {
                role: AttachmentRole::After,
                mime: "image/jpeg".to_owned(),
                point: None,
                content,
            })?;
            book.observe(
                patrol,
                ObservationDraft {
                    kind: ObservationKind::Hazard,
                    note: "礁石上有漂浮物".to_owned(),
                    point: None,
                    attachments: vec![photo],
                },
            )?;
        }
        Ok(())
    })?;
    let uncut = run(&world, 0, 0)?;
    let cut = run(&world, settings.cuts, uncut.up / (settings.cuts + 1))?;
    let content = (bytes / photos * photos) as f64;
    let over = (uncut.up + uncut.down) as f64 / content - 1.0;
    let each = resent_kib(cut.up, uncut.up) / settings.cuts as f64;
    Ok(vec![
        Measure::beside(
            "attachment resent bytes",
            "KiB/cut",
            vec![each],
            Vec::new(),
            "ours <= 16",
        ),
        Measure::beside(
            "attachment overhead",
            "%",
            vec![over * 100.0],
            Vec::new(),
            "ours <= 2",
        ),
    ])
}

fn run(world: &World, cuts: u64, every: u64) -> Result<Run, BenchError> {
    if cuts == 0 {
        return world.run(|_| ());
    }
    let copy = world.copy()?;
    let bed = Bed::open(&copy.platform())?;
    let start = Start {
        act: Act::Sync,
        folder: &copy.vault(),
        address: bed.address(),
        rows: (0, 0),
    };
    let acted = start.run_while_cut(bed.link(), cuts, every)?;
    let made = bed.link().cuts();
    if made != cuts {
        return Err(BenchError::Child(format!("{made} cuts instead of {cuts}")));
    }
    copy.ended(bed, acted)
}
