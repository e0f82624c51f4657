//! Which page belongs to which table, as far as intact pages tell. Never more than a hint: what a row is, its reader decides.

use std::collections::BTreeMap;

use rusqlite::types::Value;

use super::Rank;
use super::build::Parent;

/// Deeper than any b-tree of 2^32 pages; a longer way up is a circle.
const DEPTH_MAX: usize = 24;

/// A table or index that an intact page of `sqlite_schema` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaRow {
    /// Its name.
    pub name: String,
    /// The table it is, or is an index of.
    pub table: String,
    /// The page its b-tree begins with.
    pub root: u32,
    /// The statement that made it; `None` for an index that SQLite made itself.
    pub sql: Option<String>,
}

/// What is known of the schema and of the inner pages.
pub(super) struct Schema {
    parents: Vec<Parent>,
    roots: BTreeMap<u32, (Rank, SchemaRow)>,
}

impl Schema {
    /// Nothing but the inner pages; `parents` is sorted.
    pub(super) fn of(parents: Vec<Parent>) -> Self {
        Self {
            parents,
            roots: BTreeMap::new(),
        }
    }

    /// Takes a record of `sqlite_schema`; of two for one root the newer one counts.
    pub(super) fn learn(&mut self, rank: Rank, values: &[Value]) {
        let [
            Value::Text(_),
            Value::Text(name),
            Value::Text(table),
            Value::Integer(root),
            sql,
        ] = values
        else {
            return;
        };
        let Ok(root) = u32::try_from(*root) else { return };
        if root == 0 || self.roots.get(&root).is_some_and(|(known, _)| *known > rank) {
            return;
        }
        let row = SchemaRow {
            name: name.clone(),
            table: table.clone(),
            root,
            sql: match sql {
                Value::Text(sql) => Some(sql.clone()),
                _ => None,
            },
        };
        self.roots.insert(root, (rank, row));
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &SchemaRow> {
        self.roots.values().map(|(_, row)| row)
    }

    /// Whether a page ever was one of `sqlite_schema`.
    pub(super) fn describes_tables(&self, number: u32) -> bool {
        let mut page = number;
        for _ in 0..DEPTH_MAX {
            if page == 1 {
                return true;
            }
            match self.parent(page, i64::MAX) {
                Some(parent) => page = parent,
                None => return false,
            }
        }
        false
    }

    /// The table or index to which a page belonged at a moment.
    pub(super) fn owner(&self, number: u32, until: i64) -> Option<&str> {
        let mut page = number;
        for _ in 0..DEPTH_MAX {
            if page == 1 {
                return Some("sqlite_schema");
            }
            if let Some((_, row)) = self.roots.get(&page) {
                return Some(&row.name);
            }
            page = self.parent(page, until)?;
        }
        None
    }

    /// The page above at a moment, else the first that ever was.
    fn parent(&self, child: u32, until: i64) -> Option<u32> {
        let from = self.parents.partition_point(|known| known.child < child);
        let to = self.parents.partition_point(|known| known.child <= child);
        let known = &self.parents[from..to];
        let then = known.partition_point(|known| known.at <= until);
        let claim = known[..then].last().or(known.first())?;
        Some(claim.parent)
    }
}
