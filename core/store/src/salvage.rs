//! Reads what is intact in a damaged database, page by page and without SQLite. Never writes: the original is evidence.
//!
//! SQLCipher refuses a file for one bad page; here every page image whose HMAC holds is read, from the database file and
//! from each frame of its WAL. WAL checksums are not needed for that: the HMAC says that this vault wrote the image at
//! this page number. Memory holds an index of the images, a few dozen bytes each, and one record.
//!
//! **Invariant:** no row comes out that this vault did not write. A record that runs through several pages is put together
//! from images of one moment; where that cannot be shown, the row says so (`mixed`).

mod btree;
mod build;
mod files;
mod index;
mod record;
mod salt;
mod schema;
mod wal;

use std::path::{Path, PathBuf};

use grid_vault::{DataKey, PAGE_BYTES, PAGE_SALT_BYTES, PageKey};
pub use rusqlite::types::Value;
pub use schema::SchemaRow;

use crate::StoreError;
use crate::disk::Disk;
use btree::BtreePage;
use build::Built;
use files::Files;
use index::{Image, Index, Place};
use schema::Schema;

/// Where SQLite keeps `user_version` in page 1.
const USER_VERSION_AT: usize = 60;

type Page = [u8; PAGE_BYTES];

/// The files of a damaged database.
#[derive(Clone, Debug)]
pub struct Wreck {
    /// The database file; may be missing.
    pub database: PathBuf,
    /// Its WAL; may be missing.
    pub wal: PathBuf,
    /// Its salt, where the caller kept one: needed only when page 1 is lost in both files.
    pub salt: Option<[u8; PAGE_SALT_BYTES]>,
}

impl Wreck {
    /// The database at this path, with its WAL where SQLite puts it.
    pub fn at(database: &Path) -> Self {
        let mut wal = database.as_os_str().to_owned();
        wal.push("-wal");
        Self {
            database: database.to_owned(),
            wal: wal.into(),
            salt: None,
        }
    }
}

/// How new the page image is that a row was found in: greater is to be believed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A WAL frame, by its index, behind the last commit: its transaction was cut off or rolled back.
    Uncommitted(u32),
    /// A frame left over from before the WAL was last begun anew; greater is newer. Superseded by the database file.
    Earlier(i64),
    /// The database file.
    Database,
    /// A committed WAL frame, by its index.
    Wal(u32),
}

/// One record of one page image. Holds what the worker wrote, so it has no `Debug`.
pub struct Row<'s> {
    /// The page it begins in.
    pub page: u32,
    /// Row id; `None` in a table without row ids and in an index.
    pub rowid: Option<i64>,
    /// Columns as stored: a table without row ids has its primary key first, an `INTEGER PRIMARY KEY` is null (it is the
    /// row id), a column added after the row was written is missing, a whole number in a REAL column is an integer, and
    /// text that is not UTF-8 is a blob.
    pub values: Vec<Value>,
    /// How new the image is.
    pub rank: Rank,
    /// No newer image of this page is known, intact or not. A row of an older image may have been altered or deleted.
    pub newest: bool,
    /// Put together from images that may be of different moments: to be believed only for a hash that proves it.
    pub mixed: bool,
    /// The table, or the index, that the page belonged to, when the pages that tell it are intact. A hint.
    pub table: Option<&'s str>,
}

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Page images read, in both files.
    pub pages: u64,
    /// Images that are authentic.
    pub intact: u64,
    /// Images that are not: altered, moved, cut, unreadable, or of another database.
    pub damaged: u64,
    /// Rows handed out; a row in two images counts twice.
    pub rows: u64,
    /// Records that are not whole, because a page of theirs is missing.
    pub torn: u64,
}

/// A damaged database, indexed and ready to be read.
pub struct Salvage {
    files: Files,
    key: PageKey,
    salt: Option<[u8; PAGE_SALT_BYTES]>,
    index: Index,
    schema: Schema,
    found: Scan,
    user_version: Option<u32>,
}

impl Salvage {
    /// Reads all pages once and finds out which are authentic. A page that cannot be read counts as damaged; an error
    /// is a file that is there and cannot be opened.
    pub fn open(disk: &dyn Disk, wreck: &Wreck, key: &DataKey) -> Result<Self, StoreError> {
        let mut files = Files::open(disk, wreck)?;
        let (key, salt) = salt::find(&mut files, key, wreck.salt)?;
        let Built { index, parents, scan } = build::build(&mut files, &key);
        let mut salvage = Self {
            files,
            key,
            salt: (scan.intact > 0).then_some(salt),
            index,
            schema: Schema::of(parents),
            found: scan,
            user_version: None,
        };
        salvage.learn_schema();
        Ok(salvage)
    }

    /// The salt that opens the pages; `None` when none was found.
    pub fn salt(&self) -> Option<[u8; PAGE_SALT_BYTES]> {
        self.salt
    }

    /// The version of the schema that wrote the database, when page 1 is intact somewhere.
    pub fn user_version(&self) -> Option<u32> {
        self.user_version
    }

    /// Tables and indexes that intact pages tell of, by root page.
    pub fn schema(&self) -> impl Iterator<Item = &SchemaRow> {
        self.schema.rows()
    }

    /// Hands out every row of every authentic image, page by page, older images first; an image that lies in both files
    /// once. An error of `visit` ends it. May be called again.
    pub fn rows<E>(&mut self, mut visit: impl FnMut(Row<'_>) -> Result<(), E>) -> Result<Scan, E> {
        let mut scan = self.found;
        for at in 0..self.index.len() {
            let Some(image) = self.index.get(at).filter(|image| image.sound) else {
                continue;
            };
            let table = self.schema.owner(image.number, self.index.view(at).until);
            let newest = self.index.is_newest(at);
            let rank = self.index.rank(&image);
            let records = Records {
                files: &mut self.files,
                key: &self.key,
                index: &self.index,
            };
            records.each(at, |record| {
                let Some((rowid, values, mixed)) = record else {
                    scan.torn += 1;
                    return Ok(());
                };
                scan.rows += 1;
                visit(Row {
                    page: image.number,
                    rowid,
                    values,
                    rank,
                    newest,
                    mixed,
                    table,
                })
            })?;
        }
        Ok(scan)
    }

    fn learn_schema(&mut self) {
        for at in 0..self.index.len() {
            let Some(image) = self.index.get(at).filter(|image| image.sound) else {
                continue;
            };
            if !self.schema.describes_tables(image.number) {
                continue;
            }
            let rank = self.index.rank(&image);
            let schema = &mut self.schema;
            let mut records = Records {
                files: &mut self.files,
                key: &self.key,
                index: &self.index,
            };
            if image.number == 1 && rank >= Rank::Database {
                let version = records.page(&image).and_then(|page| {
                    let bytes = page.get(USER_VERSION_AT..)?.first_chunk()?;
                    Some(u32::from_be_bytes(*bytes))
                });
                self.user_version = version.or(self.user_version);
            }
            let learnt: Result<(), std::convert::Infallible> = records.each(at, |record| {
                if let Some((_, values, false)) = record {
                    schema.learn(rank, &values);
                }
                Ok(())
            });
            let Ok(()) = learnt;
        }
    }
}

type Record = (Option<i64>, Vec<Value>, bool);

/// Puts records together.
struct Records<'a> {
    files: &'a mut Files,
    key: &'a PageKey,
    index: &'a Index,
}

impl Records<'_> {
    fn page(&mut self, image: &Image) -> Option<Page> {
        let sealed = match image.place {
            Place::Database => self.files.page(image.number)?,
            Place::Wal(frame) => self.files.frame(frame)?.1,
        };
        self.key.open_page(image.number, &sealed)
    }

    /// All records of one image; `None` for one that is torn.
    fn each<E>(mut self, at: usize, mut found: impl FnMut(Option<Record>) -> Result<(), E>) -> Result<(), E> {
        let Some(image) = self.index.get(at) else {
            return Ok(());
        };
        let Some(page) = self.page(&image) else {
            return Ok(());
        };
        let Some(tree) = BtreePage::parse(image.number, &page) else {
            return Ok(());
        };
        let view = self.index.view(at);
        for cell in tree.records() {
            let mut mixed = false;
            let record = cell.and_then(|cell| {
                let payload = cell.payload(self.index.max_number(), |number| {
                    let (piece, exact) = self.index.piece(number, &view)?;
                    mixed |= !exact;
                    self.page(&piece)
                })?;
                Some((cell.rowid, record::values(&payload)?, mixed))
            });
            found(record)?;
        }
        Ok(())
    }
}
