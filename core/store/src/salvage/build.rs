//! The first walk through both files: every page image is tried, and what is needed to find it again is kept. Never keeps
//! a page.

use grid_vault::{PAGE_BYTES, PAGE_USABLE_BYTES, PageKey};

use super::btree::BtreePage;
use super::files::Files;
use super::index::{Image, Index, Place};
use super::wal::{Frame, Frames};
use super::{Page, Scan};

/// An inner page said at this place in time that a page lies below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Parent {
    pub(super) child: u32,
    pub(super) at: i64,
    pub(super) parent: u32,
}

/// What the walk found.
pub(super) struct Built {
    pub(super) index: Index,
    pub(super) parents: Vec<Parent>,
    pub(super) scan: Scan,
}

/// Walks through both files.
pub(super) fn build(files: &mut Files, key: &PageKey) -> Built {
    let mut scan = Scan::default();
    // Children of an inner page, under the index of its frame until its place in time is known.
    let mut of_frames: Vec<(u32, Parent)> = Vec::new();
    let mut frames = Frames::read(files, |index, stated, page| {
        scan.pages += 1;
        let opened = page.and_then(|page| opened(key, stated, page));
        let mark = page.map(mark).unwrap_or_default();
        let Some((number, plain)) = opened else {
            scan.damaged += 1;
            return (stated, false, mark);
        };
        scan.intact += 1;
        of_frames.extend(children(number, &plain, 0).map(|parent| (index, parent)));
        (number, true, mark)
    });
    let mut parents: Vec<Parent> = of_frames
        .into_iter()
        .map(|(index, parent)| Parent {
            at: frames.at[index as usize],
            ..parent
        })
        .collect();
    let mut database = Vec::new();
    for number in 1..=files.pages {
        scan.pages += 1;
        let sealed = files.page(number);
        let plain = sealed.as_ref().and_then(|sealed| key.open_page(number, sealed));
        if let Some(plain) = &plain {
            scan.intact += 1;
            parents.extend(children(number, plain, 0));
        } else {
            scan.damaged += 1;
        }
        database.push(Image {
            number,
            at: 0,
            place: Place::Database,
            sound: plain.is_some(),
            mark: sealed.as_ref().map(mark).unwrap_or_default(),
        });
    }
    let index = Index::of(database, &mut frames);
    parents.sort_unstable();
    // A busy inner page has hundreds of images that say the same.
    parents.dedup_by(|later, earlier| (later.child, later.parent) == (earlier.child, earlier.parent));
    Built { index, parents, scan }
}

/// A frame's page. One flipped bit in the number is mended: the HMAC tells which number is right.
fn opened(key: &PageKey, stated: u32, sealed: &Page) -> Option<(u32, Page)> {
    let near = (0..u32::BITS).map(|bit| stated ^ (1 << bit));
    std::iter::once(stated)
        .chain(near)
        .filter(|number| *number != 0)
        .find_map(|number| Some((number, key.open_page(number, sealed)?)))
}

fn children(number: u32, plain: &Page, at: i64) -> impl Iterator<Item = Parent> {
    let below: Vec<u32> = BtreePage::parse(number, plain)
        .map(|page| page.children().collect())
        .unwrap_or_default();
    below.into_iter().map(move |child| Parent {
        child,
        at,
        parent: number,
    })
}

/// The first bytes of IV and HMAC: a checkpoint copies both, and two images never share them.
fn mark(sealed: &Page) -> [u64; 2] {
    let word = |at: usize| {
        let bytes = sealed.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes))
    };
    [word(PAGE_USABLE_BYTES), word(PAGE_USABLE_BYTES + 16)]
}

const _: () = assert!(PAGE_USABLE_BYTES + 16 + 8 <= PAGE_BYTES);

/// Whether two marks are of the same image; one damaged half is forgiven.
pub(super) fn is_copy(image: &Image, frame: &Frame) -> bool {
    (image.sound || frame.sound) && image.mark.iter().zip(&frame.mark).any(|(a, b)| a == b && *a != 0)
}
