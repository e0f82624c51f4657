//! Posts, shapes and the division table.

use std::collections::BTreeMap;

use grid_model::terms::RowKind;
use grid_model::{OrgId, Point};
use grid_wire::PostRow;

use super::{Admin, AdminRefusal, DivisionRow, found, granted, sound};
use crate::store::{Audience, FeedWrite as _, PeopleRead as _, PeopleWrite as _, StoredPost};
use crate::text::{digits, needed};
use crate::{Hub, HubStore};

const CODE_CHARS_MAX: usize = 32;
const NAME_CHARS_MAX: usize = 60;
const CHECKPOINTS_MAX: usize = 200;
const OUTLINE_BYTES_MAX: usize = 1024 * 1024;

impl<S: HubStore> Hub<S> {
    /// Creates or replaces a post with its checkpoints; devices of the organisation get it with their next page. A post
    /// stays with the organisation that made it.
    pub fn put_post(&self, org: OrgId, post: &PostRow) -> Admin<()> {
        granted!(shaped(post));
        self.store.write(|tx| {
            granted!(found(tx.org(org)?, "org"));
            let known = tx.post(&post.code)?;
            if known.as_ref().is_some_and(|known| known.org != org) {
                return Ok(Err(AdminRefusal::Taken { field: "code" }));
            }
            if known.as_ref().is_some_and(|known| known.row == *post) {
                return Ok(Ok(()));
            }
            let revision = known.map_or(0, |known| known.revision) + 1;
            tx.put_post(&StoredPost {
                org,
                revision,
                row: post.clone(),
            })?;
            tx.feed_touch(Audience::Org(org), RowKind::Post, post.code.as_bytes())?;
            Ok(Ok(()))
        })
    }

    /// Sets the shape an organisation's map shows: GeoJSON text, kept as given.
    pub fn set_outline(&self, org: OrgId, geojson: &str) -> Admin<()> {
        granted!(sound(
            "geojson",
            (geojson.len() > OUTLINE_BYTES_MAX).then_some("is larger than 1 MiB")
        ));
        self.store.write(|tx| {
            granted!(found(tx.org(org)?, "org"));
            tx.put_outline(org, geojson).map(Ok)
        })
    }

    /// Takes in the division table; all rows or none. Answers how many. A row may come before its parent.
    pub fn import_divisions(&self, rows: &[DivisionRow]) -> Admin<usize> {
        let levels: BTreeMap<&str, u8> = rows.iter().map(|row| (row.code.as_str(), row.level)).collect();
        self.store.write(|tx| {
            for (index, row) in rows.iter().enumerate() {
                let bad = |field, detail| {
                    Ok(Err(AdminRefusal::BadRow {
                        row: index + 1,
                        field,
                        detail,
                    }))
                };
                if let Some((field, detail)) = misshapen(row) {
                    return bad(field, detail);
                }
                let above = match &row.parent {
                    None => 0,
                    Some(parent) => match levels.get(parent.as_str()) {
                        Some(level) => *level,
                        None => match tx.division(parent)? {
                            Some(known) => known.level,
                            None => return bad("parent", "is in no row"),
                        },
                    },
                };
                if above + 1 != row.level {
                    return bad("level", "is not one below its parent's");
                }
            }
            for row in rows {
                tx.put_division(row)?;
            }
            Ok(Ok(rows.len()))
        })
    }
}

/// Digits of a code that a row of each level fixes: province, city, county, town, village.
const DIGITS_OF_LEVEL: [usize; 5] = [2, 4, 6, 9, 12];

fn misshapen(row: &DivisionRow) -> Option<(&'static str, &'static str)> {
    if !digits(&row.code, 12) {
        return Some(("code", "is not 12 digits"));
    }
    let Some(fixed) = DIGITS_OF_LEVEL
        .get(usize::from(row.level).wrapping_sub(1))
        .copied()
    else {
        return Some(("level", "is not 1 to 5"));
    };
    if row.code[fixed..].bytes().any(|digit| digit != b'0') {
        return Some(("code", "has digits below its level"));
    }
    if row.parent.is_none() && row.level != 1 {
        return Some(("parent", "is missing"));
    }
    let under = |parent: &String| {
        let above = DIGITS_OF_LEVEL
            .get(usize::from(row.level).wrapping_sub(2))
            .copied()
            .unwrap_or(0);
        parent.get(..above) == row.code.get(..above)
    };
    if row.parent.as_ref().is_some_and(|parent| !under(parent)) {
        return Some(("parent", "is not the code above"));
    }
    needed(&row.name, NAME_CHARS_MAX).map(|detail| ("name", detail))
}

fn shaped(post: &PostRow) -> Result<(), AdminRefusal> {
    let on_earth = |lat, lon| {
        Point::checked(lat, lon, None)
            .is_none()
            .then_some("is not on the earth")
    };
    sound("code", needed(&post.code, CODE_CHARS_MAX))?;
    sound("name", needed(&post.name, NAME_CHARS_MAX))?;
    sound("lat_e7", on_earth(post.lat_e7, post.lon_e7))?;
    sound(
        "checkpoints",
        (post.checkpoints.len() > CHECKPOINTS_MAX).then_some("are more than 200"),
    )?;
    for (index, checkpoint) in post.checkpoints.iter().enumerate() {
        sound("checkpoints.code", needed(&checkpoint.code, CODE_CHARS_MAX))?;
        sound("checkpoints.name", needed(&checkpoint.name, NAME_CHARS_MAX))?;
        sound(
            "checkpoints.lat_e7",
            on_earth(checkpoint.lat_e7, checkpoint.lon_e7),
        )?;
        let twice = post.checkpoints[..index]
            .iter()
            .any(|other| other.code == checkpoint.code);
        sound("checkpoints.code", twice.then_some("is there twice"))?;
    }
    Ok(())
}
