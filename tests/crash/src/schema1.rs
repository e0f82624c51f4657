//! A vault as the first release left it, made from the log of a vault of today.

use std::collections::BTreeSet;

use grid_fieldbook::FieldError;
use grid_model::Coded as _;
use grid_model::id::Seq;
use grid_model::lane::Priority;
use grid_store::{StoreError, read_all, write_durably};
use grid_vault::{chain_link, chain_start, sha256};
use rusqlite::{Connection, OpenFlags, params};

use crate::world::Phone;
use crate::{SimDisk, VFS};

const SCHEMA: &str = include_str!("../../../core/store/migrations/0001_init.sql");

/// A disk with a vault of the first schema, whose log says what the vault of this phone says.
pub(crate) fn of(phone: &Phone) -> Result<SimDisk, FieldError> {
    let book = phone.open()?;
    let device = book.device();
    let (identity, epoch, entries, receipts, received) = book.store_for_tests().read(|tx| {
        let epoch = tx.current_epoch()?;
        let entries = tx.entries_between(epoch, Seq(1), Seq(1 << 32))?;
        let identity = tx.identity()?.ok_or(StoreError::NotFound("identity"))?;
        let mut received = BTreeSet::new();
        tx.each_received(&mut |_, seq| _ = received.insert(seq))?;
        Ok::<_, FieldError>((identity, epoch, entries, tx.receipts()?, received))
    })?;
    let head = entries.iter().fold(chain_start(device, epoch), chain_link);
    book.close()?;

    let disk = SimDisk::empty();
    let old = phone.on(&disk);
    let shared = disk.shared();
    shared.create_dir_all(&old.folder.join("attachments"))?;
    let key = read_all(&*phone.host.storage.disk, &phone.folder.join("key"))?;
    write_durably(&*shared, &old.folder.join("key"), &key)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let write = || -> rusqlite::Result<()> {
        grid_store::wait_for_cipher();
        let connection = Connection::open_with_flags_and_vfs(old.folder.join("fieldbook.db"), flags, VFS)?;
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        connection.pragma_update(None, "cipher_log_level", "NONE")?;
        connection.pragma_update(None, "key", format!("x'{hex}'"))?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        connection.execute_batch(SCHEMA)?;
        connection.pragma_update(None, "user_version", 1)?;
        let life = epoch.0.cast_signed();
        connection.execute(
            "INSERT INTO identity VALUES (1, ?1, ?2, ?3, 0)",
            params![device.0, identity.secret, life],
        )?;
        connection.execute(
            "INSERT INTO epoch VALUES (?1, ?2, ?3)",
            params![life, entries.len() as i64, head.0],
        )?;
        for entry in &entries {
            let seq = entry.seq.0.cast_signed();
            connection.execute(
                "INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)",
                params![
                    life,
                    seq,
                    i64::from(entry.lane.kind.code()),
                    entry.lane.id,
                    entry.prev_in_lane.0.cast_signed(),
                    i64::from(entry.kind.code()),
                    i64::from(entry.schema_version),
                    entry.body,
                    sha256(&entry.body).0
                ],
            )?;
            let (state, reason) = match seq % 4 {
                _ if received.contains(&entry.seq) => ("received", None),
                1 => ("parked", Some(1)),
                _ => ("saved", None),
            };
            let priority = Priority::of(entry.lane, entry.kind) as i64;
            connection.execute(
                "INSERT INTO outbox VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![life, seq, priority, entry.body.len() as i64, state, reason],
            )?;
        }
        for receipt in &receipts {
            connection.execute(
                "INSERT INTO receipt (bytes, signature) VALUES (?1, ?2)",
                params![receipt.bytes, receipt.signature],
            )?;
        }
        connection.close().map_err(|(_, error)| error)
    };
    write().map_err(|error| FieldError::from(StoreError::from(error)))?;
    Ok(disk)
}
