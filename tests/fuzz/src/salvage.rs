//! Damaged databases, read without SQLite: pages that a hostile writer sealed, and a real vault with its files damaged.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use grid_store::{Salvage, Scan, Value, Wreck, rescue};
use grid_vault::{DataKey, PAGE_BYTES, PAGE_USABLE_BYTES};

use crate::keys::DATA_KEY;
use crate::pieces::split;
use crate::seal::{MemoryDisk, PageSeal};

const SALT: [u8; 16] = [5; 16];
const PAGES_MAX: usize = 12;
const WAL_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const FRAME_BYTES: usize = FRAME_HEADER_BYTES + PAGE_BYTES;
/// Rows of so few pages: a cell takes at least two bytes of its page.
const ROWS_MAX: u64 = (PAGES_MAX * PAGE_USABLE_BYTES) as u64;

/// A part of an input is the next page of the database file: sealed, unless its tag is odd.
const IN_WAL: u8 = 2;

/// Pages with whatever the input says, all of them authentic. A tag with bit 1 puts a page into the WAL instead, as the
/// number in its upper bits; bit 0 leaves it unsealed.
pub fn pages(bytes: &[u8]) -> bool {
    let seal = PageSeal::of(&DATA_KEY, SALT);
    let (mut database, mut wal) = (Vec::new(), vec![0x37; WAL_HEADER_BYTES]);
    let (mut sealed, mut number) = (0, 0);
    for (tag, piece) in split(bytes).into_iter().take(PAGES_MAX) {
        let in_wal = tag & IN_WAL != 0;
        let stated = if in_wal {
            u32::from(tag >> 2) + 1
        } else {
            number += 1;
            number
        };
        let mut page = [0; PAGE_BYTES];
        if tag & 1 == 0 {
            page = seal.page(stated, piece);
            sealed += 1;
        } else {
            let length = piece.len().min(PAGE_BYTES);
            page[..length].copy_from_slice(&piece[..length]);
        }
        if in_wal {
            wal.extend(stated.to_be_bytes());
            wal.extend(u32::from(tag & 4 != 0).to_be_bytes());
            wal.extend([0x37; 16]);
            wal.extend(page);
        } else {
            database.extend(page);
        }
    }
    let (scan, rows) = salvaged(database, wal, &DATA_KEY, Some(SALT));
    assert_eq!(
        scan.intact, sealed,
        "only what was sealed is authentic, and all of it"
    );
    assert!(scan.rows <= ROWS_MAX && scan.torn <= ROWS_MAX);
    !rows.is_empty()
}

/// A page number, a row id and the columns, as text: values have no order.
type RowText = (u32, String);

/// Reads a wreck twice, as rows and as the things that they were.
fn salvaged(
    database: Vec<u8>,
    wal: Vec<u8>,
    key: &DataKey,
    salt: Option<[u8; 16]>,
) -> (Scan, BTreeSet<RowText>) {
    let path = Path::new("vault/fieldbook.db");
    let wreck = Wreck {
        salt,
        ..Wreck::at(path)
    };
    let disk = MemoryDisk::of([(PathBuf::from(path), database), (wreck.wal.clone(), wal)]);
    let mut salvage = match Salvage::open(&disk, &wreck, key) {
        Ok(salvage) => salvage,
        Err(error) => panic!("a damaged file keeps the salvage from beginning: {error}"),
    };
    let tables = salvage.schema().count();
    let mut rows = BTreeSet::new();
    let scan = salvage.rows(|row| {
        let values: usize = row.values.iter().map(value_bytes).sum();
        assert!(values <= PAGE_BYTES * 1024, "a row of more bytes than its files");
        if !row.mixed {
            rows.insert((row.page, format!("{:?} {:?}", row.rowid, row.values)));
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(scan) = scan;
    assert_eq!(scan.intact + scan.damaged, scan.pages);
    assert!(tables as u64 <= scan.rows);
    // A row that does not fit never stops the rescue of the others; a newer schema is told.
    if let Err(error) = rescue(&mut salvage, false) {
        assert!(matches!(error, grid_store::StoreError::TooNew { .. }), "{error}");
    }
    (scan, rows)
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    }
}

/// A vault that an earlier release left behind: its database, its WAL and its key.
struct Relic {
    database: &'static [u8],
    wal: &'static [u8],
    key: DataKey,
}

macro_rules! relic {
    ($name:literal) => {
        include_bytes!(concat!("../../compat/fixtures/schema-1/", $name))
    };
}

static RELIC: LazyLock<Relic> = LazyLock::new(|| {
    let key = DataKey::unwrap_with(relic!("vault.key"), relic!("vault/key"));
    Relic {
        database: relic!("vault/fieldbook.db"),
        wal: relic!("vault/fieldbook.db-wal"),
        key: key.unwrap_or_else(|error| panic!("the fixture's key opens: {error}")),
    }
});

/// Every row of the vault as it was left.
static WHOLE: LazyLock<BTreeSet<RowText>> =
    LazyLock::new(|| salvaged(RELIC.database.to_vec(), RELIC.wal.to_vec(), &RELIC.key, None).1);

/// One harm in an input: what, where, and with which number.
const HARM_BYTES: usize = 6;
const HARMS_MAX: usize = 24;

/// A real vault with the harms that the input lists. No row comes out that the vault did not write. A byte behind the last
/// harm stands for the salt that the lifeboat keeps.
pub fn files(bytes: &[u8]) -> bool {
    let (mut database, mut wal) = (RELIC.database.to_vec(), RELIC.wal.to_vec());
    for harm in bytes.chunks_exact(HARM_BYTES).take(HARMS_MAX) {
        let at = usize::from(u16::from_be_bytes([harm[1], harm[2]]));
        let with = usize::from(u16::from_be_bytes([harm[3], harm[4]]));
        let target = if harm[0] & 0x80 == 0 {
            &mut database
        } else {
            &mut wal
        };
        let unit = if harm[0] & 0x80 == 0 {
            PAGE_BYTES
        } else {
            FRAME_BYTES
        };
        hurt(target, unit, (harm[0] & 0x7f, at, with, harm[5]));
    }
    let kept = RELIC.database.first_chunk().copied();
    let salt = kept.filter(|_| !bytes.len().is_multiple_of(HARM_BYTES));
    let (_, rows) = salvaged(database, wal, &RELIC.key, salt);
    for row in &rows {
        assert!(
            WHOLE.contains(row),
            "a row that the vault never wrote: page {}",
            row.0
        );
    }
    !rows.is_empty()
}

/// Harms one file, which is made of units with headers before them or without.
fn hurt(file: &mut Vec<u8>, unit: usize, (what, at, with, byte): (u8, usize, usize, u8)) {
    if file.is_empty() {
        return;
    }
    let length = file.len();
    // Somewhere in the file: the unit, then the byte in it.
    let place = (at % length.div_ceil(unit) * unit + with % unit).min(length - 1);
    let unit_at = |index: usize| {
        let header = if unit == FRAME_BYTES { WAL_HEADER_BYTES } else { 0 };
        let from = header + index % (length / unit).max(1) * unit;
        from.min(length)..(from + unit).min(length)
    };
    match what % 7 {
        0 => file[place] ^= 1 << (byte % 8),
        1 => file[place] = byte,
        2 => file.truncate(place),
        3 => file[unit_at(at)].fill(byte),
        4 => {
            let (from, to) = (unit_at(at), unit_at(with));
            if from.len() == to.len() {
                let copy = file[from].to_vec();
                file[to].copy_from_slice(&copy);
            }
        }
        5 => {
            let again = file[unit_at(at)].to_vec();
            file.extend(again);
        }
        _ => {
            let end = (place + 4).min(length);
            file[place..end].fill(byte);
        }
    }
}
