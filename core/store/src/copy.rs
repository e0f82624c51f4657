//! A copy of a vault that another process holds: under a read transaction, so that database and log belong together.

use std::path::Path;

use grid_vault::DataKey;

use crate::boarding::FOLDER;
use crate::connect::{DATABASE, WAL, connect, shut};
use crate::disk::{Disk, Open, read_all};
use crate::options::StoreOptions;
use crate::{StoreError, write_durably};

/// Bytes copied in one go.
const PIECE: usize = 1024 * 1024;

/// Copies database, log, key and lifeboat of the vault in `folder` to the empty folder `to`. Changes nothing in `folder` and
/// needs no lock of it. Attachments are left out.
pub fn copy_live(options: &StoreOptions, folder: &Path, to: &Path, key: &DataKey) -> Result<(), StoreError> {
    let disk = &*options.disk;
    disk.create_dir_all(&to.join(FOLDER))?;
    let connection = connect(folder, key, options, true)?;
    // A reader's snapshot keeps checkpoints from moving pages into the database, and the log from being begun anew.
    connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
    for name in [DATABASE, WAL] {
        copy(disk, &folder.join(name), &to.join(name))?;
    }
    connection.execute_batch("COMMIT;")?;
    shut(Some(connection))?;
    for name in ["key", "made"] {
        write_durably(disk, &to.join(name), &read_all(disk, &folder.join(name))?)?;
    }
    for name in disk.list(&folder.join(FOLDER))? {
        copy(
            disk,
            &folder.join(FOLDER).join(&name),
            &to.join(FOLDER).join(&name),
        )?;
    }
    Ok(())
}

fn copy(disk: &dyn Disk, from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut source = match disk.open(from, Open::Read) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    let mut target = disk.open(to, Open::Create)?;
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    loop {
        let read = source.read_at(at, &mut piece)?;
        if read == 0 {
            return Ok(());
        }
        target.write_at(at, &piece[..read])?;
        at += read as u64;
    }
}
