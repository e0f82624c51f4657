//! Which salt opens the pages. Never gives up for one bad bit: the salt is in page 1, in each copy of it in the WAL, and
//! perhaps with the caller.

use grid_vault::{DataKey, PAGE_SALT_BYTES, PageKey};

use super::Page;
use super::files::Files;
use crate::StoreError;

type Salt = [u8; PAGE_SALT_BYTES];

/// Pages at the start of the file that every candidate is tried on.
const PROBE_PAGES: u32 = 8;
/// Copies in the WAL that may disagree before the rest is not asked any more.
const COPIES_MAX: usize = 8;

/// Finds the salt, and with it the key: one that opens a page of the database file, else one that opens its own page in
/// the WAL, else the one that is known.
pub(super) fn find(
    files: &mut Files,
    key: &DataKey,
    known: Option<Salt>,
) -> Result<(PageKey, Salt), StoreError> {
    let probe: Vec<(u32, Page)> = (1..=files.pages.min(PROBE_PAGES))
        .filter_map(|number| Some((number, files.page(number)?)))
        .collect();
    let own = probe.iter().find(|(number, _)| *number == 1);
    let own: Option<Salt> = own.and_then(|(_, page)| page.first_chunk().copied());
    let copies = copies(files);
    let mut candidates: Vec<Salt> = own.into_iter().chain(known).collect();
    candidates.extend(copies.iter().map(|(salt, _)| salt));
    candidates.dedup();

    // A salt with one flipped bit would lose the whole file: its 128 neighbours are quickly tried.
    let flipped = own.into_iter().flat_map(|salt| {
        (0..PAGE_SALT_BYTES * 8).map(move |bit| {
            let mut salt = salt;
            salt[bit / 8] ^= 1 << (bit % 8);
            salt
        })
    });
    for salt in candidates.iter().copied().chain(flipped) {
        let page_key = derived(key, salt)?;
        if probe
            .iter()
            .any(|(number, page)| page_key.is_authentic(*number, page))
        {
            return Ok((page_key, salt));
        }
    }
    for salt in &candidates {
        let page_key = derived(key, *salt)?;
        for number in PROBE_PAGES + 1..=files.pages {
            if files
                .page(number)
                .is_some_and(|page| page_key.is_authentic(number, &page))
            {
                return Ok((page_key, *salt));
            }
        }
    }
    for (salt, page) in &copies {
        let page_key = derived(key, *salt)?;
        if page_key.is_authentic(1, page) {
            return Ok((page_key, *salt));
        }
    }
    // Nothing opens, unless the WAL holds pages other than the first and the caller knows the salt.
    let salt = known.or(own).unwrap_or_default();
    Ok((derived(key, salt)?, salt))
}

fn derived(key: &DataKey, salt: Salt) -> Result<PageKey, StoreError> {
    PageKey::derive(key, salt).map_err(|_| StoreError::WrongKeyOrDamaged)
}

/// The copies of page 1 in the WAL, one for each salt that they begin with.
fn copies(files: &mut Files) -> Vec<(Salt, Page)> {
    let mut copies: Vec<(Salt, Page)> = Vec::new();
    for index in 0..files.frames {
        let Some((header, page)) = files.frame(index) else {
            continue;
        };
        let Some(salt) = page.first_chunk() else { continue };
        if header.starts_with(&1_u32.to_be_bytes()) && copies.iter().all(|(known, _)| known != salt) {
            copies.push((*salt, page));
        }
        if copies.len() == COPIES_MAX {
            break;
        }
    }
    copies
}
