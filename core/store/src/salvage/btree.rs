//! One plain page of a b-tree: its records and its children. Never trusts a byte: whatever a page says, nothing is read
//! outside of it and no loop is longer than the page or the file.

use grid_vault::PAGE_USABLE_BYTES;

use super::Page;

/// The database header at the start of page 1.
const FILE_HEADER_BYTES: usize = 100;
/// Content of an overflow page, behind the number of the next.
const OVERFLOW_BYTES: usize = PAGE_USABLE_BYTES - 4;
/// Longest payload that stays in a leaf of a table.
const LOCAL_MAX_TABLE: usize = PAGE_USABLE_BYTES - 35;
/// Longest payload that stays in a page of an index.
const LOCAL_MAX_INDEX: usize = (PAGE_USABLE_BYTES - 12) * 64 / 255 - 23;
/// Least of a longer payload that stays in the page.
const LOCAL_MIN: usize = (PAGE_USABLE_BYTES - 12) * 32 / 255 - 23;

/// A variable-length integer and how many bytes it takes.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(8) {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, at + 1));
        }
    }
    Some((value << 8 | u64::from(*bytes.get(8)?), 9))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    InteriorTable,
    InteriorIndex,
    LeafTable,
    LeafIndex,
}

/// A page of a b-tree. A table without row ids is an index whose inner pages hold records too.
pub(super) struct BtreePage<'p> {
    kind: Kind,
    usable: &'p [u8],
    header: &'p [u8],
    pointers: &'p [u8],
}

impl<'p> BtreePage<'p> {
    /// The page, if it is one of a b-tree. Overflow and freelist pages are not: they begin with a page number, whose
    /// first byte would be a kind only in a file of more than 128 GiB.
    pub(super) fn parse(number: u32, page: &'p Page) -> Option<Self> {
        let usable = page.get(..PAGE_USABLE_BYTES)?;
        let header = usable.get(if number == 1 { FILE_HEADER_BYTES } else { 0 }..)?;
        let (kind, header_bytes) = match header.first()? {
            0x02 => (Kind::InteriorIndex, 12),
            0x05 => (Kind::InteriorTable, 12),
            0x0a => (Kind::LeafIndex, 8),
            0x0d => (Kind::LeafTable, 8),
            _ => return None,
        };
        let cells = usize::from(u16::from_be_bytes(*header.get(3..)?.first_chunk()?));
        let pointers = header.get(header_bytes..header_bytes + 2 * cells)?;
        Some(Self {
            kind,
            usable,
            header,
            pointers,
        })
    }

    /// The pages below this one.
    pub(super) fn children(&self) -> impl Iterator<Item = u32> {
        let inner = matches!(self.kind, Kind::InteriorTable | Kind::InteriorIndex);
        let last = self.header.get(8..).and_then(number);
        let left = self.cells().filter_map(|cell| number(cell?));
        left.chain(last).filter(move |_| inner)
    }

    /// The records in this page; `None` for a cell that does not read.
    pub(super) fn records(&self) -> impl Iterator<Item = Option<Cell<'p>>> {
        let kind = self.kind;
        self.cells()
            .filter(move |_| kind != Kind::InteriorTable)
            .map(move |cell| Cell::parse(kind, cell?))
    }

    fn cells(&self) -> impl Iterator<Item = Option<&'p [u8]>> {
        let usable = self.usable;
        let (pointers, _) = self.pointers.as_chunks::<2>();
        pointers
            .iter()
            .map(move |pointer| usable.get(usize::from(u16::from_be_bytes(*pointer))..))
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes
        .first_chunk()
        .map(|number| u32::from_be_bytes(*number))
        .filter(|number| *number != 0)
}

/// A record as far as it lies in its page.
pub(super) struct Cell<'p> {
    /// Row id, in a table that has them.
    pub(super) rowid: Option<i64>,
    bytes: u64,
    local: &'p [u8],
    overflow: Option<u32>,
}

impl<'p> Cell<'p> {
    fn parse(kind: Kind, mut cell: &'p [u8]) -> Option<Self> {
        if kind == Kind::InteriorIndex {
            cell = cell.get(4..)?;
        }
        let (bytes, at) = varint(cell)?;
        cell = cell.get(at..)?;
        let mut rowid = None;
        if kind == Kind::LeafTable {
            let (id, at) = varint(cell)?;
            rowid = Some(id.cast_signed());
            cell = cell.get(at..)?;
        }
        let local_max = match kind {
            Kind::LeafTable => LOCAL_MAX_TABLE,
            _ => LOCAL_MAX_INDEX,
        };
        if bytes <= local_max as u64 {
            return Some(Self {
                rowid,
                bytes,
                local: cell.get(..bytes as usize)?,
                overflow: None,
            });
        }
        let fitting = LOCAL_MIN + ((bytes - LOCAL_MIN as u64) % OVERFLOW_BYTES as u64) as usize;
        let local = if fitting <= local_max { fitting } else { LOCAL_MIN };
        let (local, rest) = cell.split_at_checked(local)?;
        Some(Self {
            rowid,
            bytes,
            local,
            overflow: Some(number(rest)?),
        })
    }

    /// The whole record, its overflow pages fetched one by one; `None` when one is missing or the chain is not as long
    /// as the record. `pages_max` is how many pages there can be.
    pub(super) fn payload(
        &self,
        pages_max: u32,
        mut fetch: impl FnMut(u32) -> Option<Page>,
    ) -> Option<Vec<u8>> {
        let mut payload = self.local.to_vec();
        let mut left = self.bytes - self.local.len() as u64;
        if left.div_ceil(OVERFLOW_BYTES as u64) > u64::from(pages_max) {
            return None;
        }
        let mut next = self.overflow;
        while left > 0 {
            let page = fetch(next?)?;
            let piece = left.min(OVERFLOW_BYTES as u64);
            payload.extend_from_slice(page.get(4..4 + piece as usize)?);
            left -= piece;
            next = number(&page);
        }
        next.is_none().then_some(payload)
    }
}

#[cfg(test)]
mod tests {
    use grid_vault::PAGE_BYTES;
    use proptest::prelude::*;

    use super::super::record;
    use super::*;

    const PAGES_MAX: u32 = 50;

    /// Reads everything there is to read in a page whose overflow pages are `others`.
    fn read(number: u32, page: &Page, others: &[Page]) {
        let Some(tree) = BtreePage::parse(number, page) else {
            return;
        };
        assert!(tree.children().count() <= PAGE_BYTES);
        for cell in tree.records().flatten() {
            let mut fetched = 0;
            let payload = cell.payload(PAGES_MAX, |next| {
                fetched += 1;
                others.get(next as usize % others.len()).copied()
            });
            assert!(fetched <= PAGES_MAX);
            let values = payload.and_then(|payload| record::values(&payload));
            assert!(values.is_none_or(|values| values.len() <= PAGE_BYTES * PAGES_MAX as usize));
        }
    }

    fn page(bytes: &[u8]) -> Page {
        std::array::from_fn(|at| bytes[at % bytes.len()])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn nonsense_in_a_page_never_panics(
            number in 1..3_u32,
            kind in prop_oneof![Just(2_u8), Just(5), Just(10), Just(13), any::<u8>()],
            cells in prop_oneof![0..2_000_u16, any::<u16>()],
            bytes in proptest::collection::vec(prop_oneof![Just(0_u8), Just(0xff), any::<u8>()], PAGE_BYTES),
            other in proptest::collection::vec(any::<u8>(), 200..300),
        ) {
            let mut hostile = page(&bytes);
            let header = if number == 1 { FILE_HEADER_BYTES } else { 0 };
            hostile[header] = kind;
            hostile[header + 3..header + 5].copy_from_slice(&cells.to_be_bytes());
            read(number, &hostile, &[page(&other)]);
        }

        #[test]
        fn a_chain_that_never_ends_is_given_up(claimed in any::<u64>()) {
            let cell = Cell { rowid: None, bytes: claimed.max(10), local: &[0; 10], overflow: Some(7) };
            let mut fetched = 0;
            let circle = page(&[0, 0, 0, 7]);
            let whole = cell.payload(PAGES_MAX, |_| {
                fetched += 1;
                Some(circle)
            });
            prop_assert!(whole.is_none());
            prop_assert!(fetched <= PAGES_MAX);
        }
    }

    #[test]
    fn varints_of_every_length_read() {
        assert_eq!(varint(&[0x7f]), Some((127, 1)));
        assert_eq!(varint(&[0x81, 0x00]), Some((128, 2)));
        assert_eq!(varint(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!(varint(&[0xff; 8]), None);
        assert_eq!(varint(&[]), None);
    }
}
