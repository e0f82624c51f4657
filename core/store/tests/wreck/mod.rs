//! A database that SQLCipher wrote, as bytes, and what the salvage reader finds in altered copies of it.
#![allow(dead_code, reason = "each suite uses a part")]

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

use grid_store::{Rank, Salvage, Scan, StoreError, SystemDisk, Value, Wreck, wait_for_cipher};
use grid_vault::DataKey;
use rusqlite::Connection;

pub(crate) const KEY: DataKey = DataKey::from_bytes([7; 32]);
pub(crate) const PAGE: usize = 4096;
pub(crate) const FRAME: usize = 24 + PAGE;
pub(crate) const WAL_HEADER: usize = 32;

/// A row as it is compared: table apart, for the hint may be lost.
pub(crate) type RowKey = (Option<i64>, String);

/// The two files, as bytes.
#[derive(Clone)]
pub(crate) struct Bytes {
    pub(crate) database: Vec<u8>,
    pub(crate) wal: Vec<u8>,
}

impl Bytes {
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            database: std::fs::read(folder.join("fieldbook.db")).expect("a database"),
            wal: std::fs::read(folder.join("fieldbook.db-wal")).unwrap_or_default(),
        }
    }

    pub(crate) fn page(&mut self, number: usize) -> &mut [u8] {
        &mut self.database[(number - 1) * PAGE..number * PAGE]
    }

    pub(crate) fn pages(&self) -> usize {
        self.database.len() / PAGE
    }

    pub(crate) fn frames(&self) -> usize {
        self.wal.len().saturating_sub(WAL_HEADER) / FRAME
    }

    /// The page and the bytes of a frame.
    pub(crate) fn frame(&mut self, index: usize) -> (u32, &mut [u8]) {
        let frame = &mut self.wal[WAL_HEADER + index * FRAME..][..FRAME];
        let number = u32::from_be_bytes(frame[..4].try_into().expect("a number"));
        (number, &mut frame[24..])
    }
}

/// A row that was found.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) key: RowKey,
    pub(crate) table: Option<String>,
    pub(crate) place: (u32, Rank),
    pub(crate) newest: bool,
    pub(crate) mixed: bool,
}

/// What the reader found in these bytes.
pub(crate) struct Finds {
    pub(crate) rows: Vec<Seen>,
    pub(crate) scan: Scan,
    pub(crate) salt: Option<[u8; 16]>,
    pub(crate) user_version: Option<u32>,
}

impl Finds {
    pub(crate) fn in_bytes(bytes: &Bytes) -> Self {
        Self::with(bytes, &KEY, None)
    }

    pub(crate) fn with(bytes: &Bytes, key: &DataKey, salt: Option<[u8; 16]>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("damaged.db");
        std::fs::write(&path, &bytes.database).expect("written");
        std::fs::write(folder.path().join("damaged.db-wal"), &bytes.wal).expect("written");
        let mut wreck = Wreck::at(&path);
        wreck.salt = salt;
        let mut salvage = Salvage::open(&SystemDisk, &wreck, key).expect("a salvage");
        let mut rows = Vec::new();
        let scan = salvage
            .rows::<StoreError>(|row| {
                rows.push(Seen {
                    key: (row.rowid, fingerprint(&row.values)),
                    table: row.table.map(str::to_owned),
                    place: (row.page, row.rank),
                    newest: row.newest,
                    mixed: row.mixed,
                });
                Ok(())
            })
            .expect("a scan");
        assert_eq!(
            std::fs::read(&path).expect("still there"),
            bytes.database,
            "the original is only read"
        );
        assert_eq!(scan.rows as usize, rows.len());
        assert_eq!(scan.pages, scan.intact + scan.damaged);
        Self {
            rows,
            scan,
            salt: salvage.salt(),
            user_version: salvage.user_version(),
        }
    }

    pub(crate) fn keys(&self) -> BTreeSet<RowKey> {
        self.rows.iter().map(|row| row.key.clone()).collect()
    }

    /// The images in which each row lies.
    pub(crate) fn places(&self) -> BTreeMap<RowKey, BTreeSet<(u32, Rank)>> {
        let mut places: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for row in &self.rows {
            places.entry(row.key.clone()).or_default().insert(row.place);
        }
        places
    }

    /// The rows that are the present ones, by table.
    pub(crate) fn present(&self, table: &str) -> BTreeSet<RowKey> {
        self.rows
            .iter()
            .filter(|row| row.newest && row.table.as_deref() == Some(table))
            .map(|row| row.key.clone())
            .collect()
    }
}

pub(crate) fn fingerprint(values: &[Value]) -> String {
    let one = |value: &Value| match value {
        Value::Blob(bytes) => {
            let mut hasher = DefaultHasher::new();
            bytes.hash(&mut hasher);
            format!("blob {} {:x}", bytes.len(), hasher.finish())
        }
        // A whole number in a REAL column is stored as an integer.
        Value::Real(real) if real.fract() == 0.0 => format!("Integer({real})"),
        other => format!("{other:?}"),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The database as `core/store/src/open.rs` keys and sets it, without checkpoints of its own.
pub(crate) fn connect(folder: &Path) -> Connection {
    wait_for_cipher();
    let connection = Connection::open(folder.join("fieldbook.db")).expect("a connection");
    let hex: String = KEY.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    connection
        .pragma_update(None, "key", format!("x'{hex}'"))
        .expect("keyed");
    connection
        .execute_batch("PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = OFF;")
        .expect("set");
    connection
}

pub(crate) const SCHEMA: &str = "
    CREATE TABLE log (id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, note TEXT, body BLOB NOT NULL) STRICT;
    CREATE INDEX log_kind ON log (kind, note);
    CREATE TABLE pair (a INTEGER, b INTEGER, body BLOB, PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID;
    CREATE TABLE named (amount REAL, code TEXT PRIMARY KEY, body BLOB) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 3;";

pub(crate) const SIZES: [usize; 9] = [0, 1, 400, 1002, 3981, 4000, 4100, 100_000, 262_144];

/// Bytes that differ for every seed and position.
pub(crate) fn blob(seed: u64, bytes: usize) -> Vec<u8> {
    let mut random = Random(seed + 1);
    (0..bytes.div_ceil(8))
        .flat_map(|_| random.next().to_le_bytes())
        .take(bytes)
        .collect()
}

/// Puts `rows` small rows into each table, and one of each size; returns when committed.
pub(crate) fn fill(connection: &mut Connection, from: u64, rows: u64, sizes: &[usize]) {
    let transaction = connection.transaction().expect("begun");
    let sizes = sizes.iter().map(|size| *size as u64);
    let small = (0..rows).map(|row| 20 + row % 200);
    for (seed, size) in (from..).zip(sizes.chain(small)) {
        let body = blob(seed, size as usize);
        let kind = (seed as i64 - 50).wrapping_mul(1_000_003_i64.pow(seed as u32 % 4));
        transaction
            .execute(
                "INSERT INTO log (kind, note, body) VALUES (?1, ?2, ?3)",
                (kind, (seed % 3 == 0).then(|| format!("记事 {seed}")), &body),
            )
            .expect("put");
        transaction
            .execute(
                "INSERT INTO pair VALUES (?1, ?2, ?3)",
                ((seed % 7) as i64, seed as i64, &body),
            )
            .expect("put");
        transaction
            .execute(
                "INSERT INTO named VALUES (?1, ?2, ?3)",
                (seed as f64 / 2.0, format!("code-{seed:05}"), &body),
            )
            .expect("put");
    }
    transaction.commit().expect("committed");
}

/// What SQL says is in a table, as the reader gives it.
pub(crate) fn by_sql(connection: &Connection, table: &str) -> BTreeSet<RowKey> {
    let sql = match table {
        "log" => "SELECT id, NULL, kind, note, body FROM log",
        "pair" => "SELECT NULL, a, b, body FROM pair",
        "named" => "SELECT NULL, code, amount, body FROM named",
        other => panic!("no table {other}"),
    };
    let mut statement = connection.prepare(sql).expect("prepared");
    let columns = statement.column_count();
    let rows = statement
        .query_map([], |row| {
            let values: Vec<Value> = (1..columns).map(|at| row.get(at)).collect::<Result<_, _>>()?;
            Ok((row.get(0)?, fingerprint(&values)))
        })
        .expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

/// Numbers that are the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
