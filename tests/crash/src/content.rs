//! The bytes of one file in pages that copies share until one of them is written. Never knows what is durable.

use std::sync::{Arc, LazyLock};

const PAGE: usize = 4096;
type Page = [u8; PAGE];

static ZERO: LazyLock<Arc<Page>> = LazyLock::new(|| Arc::new([0; PAGE]));

/// Copying costs one counter; writing to a copy costs its list of pages and the pages written.
///
/// **Invariant:** bytes of the last page behind `len` are zero, and there is no page behind it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pages: Arc<Vec<Arc<Page>>>,
    len: usize,
}

impl Content {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut content = Self::default();
        content.write_at(0, bytes);
        content
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether both hold the same bytes; pages that are shared are not looked at.
    pub(crate) fn same(&self, other: &Self) -> bool {
        self.len == other.len
            && (Arc::ptr_eq(&self.pages, &other.pages)
                || self
                    .pages
                    .iter()
                    .zip(other.pages.iter())
                    .all(|(one, other)| Arc::ptr_eq(one, other) || one == other))
    }

    pub(crate) fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.len];
        self.read_at(0, &mut bytes);
        bytes
    }

    /// Fills the buffer as far as the file reaches; answers how far.
    pub(crate) fn read_at(&self, offset: usize, buffer: &mut [u8]) -> usize {
        let wanted = buffer.len().min(self.len.saturating_sub(offset));
        let mut done = 0;
        while done < wanted {
            let (page, start) = place(offset + done);
            let some = (PAGE - start).min(wanted - done);
            buffer[done..done + some].copy_from_slice(&self.pages[page][start..start + some]);
            done += some;
        }
        wanted
    }

    /// Writes, growing the file as needed; a gap reads as zero.
    pub(crate) fn write_at(&mut self, offset: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.grow(offset + bytes.len());
        let pages = Arc::make_mut(&mut self.pages);
        let mut done = 0;
        while done < bytes.len() {
            let (page, start) = place(offset + done);
            let some = (PAGE - start).min(bytes.len() - done);
            Arc::make_mut(&mut pages[page])[start..start + some].copy_from_slice(&bytes[done..done + some]);
            done += some;
        }
    }

    pub(crate) fn set_len(&mut self, len: usize) {
        if len >= self.len {
            return self.grow(len);
        }
        let pages = Arc::make_mut(&mut self.pages);
        pages.truncate(len.div_ceil(PAGE));
        let (page, start) = place(len);
        if start > 0 {
            Arc::make_mut(&mut pages[page])[start..].fill(0);
        }
        self.len = len;
    }

    /// Makes the file at least this long.
    pub(crate) fn grow(&mut self, len: usize) {
        if len <= self.len {
            return;
        }
        let wanted = len.div_ceil(PAGE);
        if wanted > self.pages.len() {
            Arc::make_mut(&mut self.pages).resize(wanted, ZERO.clone());
        }
        self.len = len;
    }
}

fn place(offset: usize) -> (usize, usize) {
    (offset / PAGE, offset % PAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_what_it_was() {
        let mut content = Content::of(&[7; 5000]);
        let copy = content.clone();
        content.write_at(4090, &[1; 20]);
        assert_eq!(copy.to_vec(), [7; 5000]);
        assert_eq!(&content.to_vec()[4088..4092], [7, 7, 1, 1]);
    }

    #[test]
    fn what_was_cut_off_reads_as_zero_when_the_file_grows_again() {
        let mut content = Content::of(&[7; 5000]);
        content.set_len(4100);
        content.set_len(10);
        content.set_len(9000);
        let mut wanted = vec![0; 9000];
        wanted[..10].fill(7);
        assert_eq!(content.to_vec(), wanted);
        let mut buffer = [9; 8];
        assert_eq!(content.read_at(8996, &mut buffer), 4);
        assert_eq!(buffer, [0, 0, 0, 0, 9, 9, 9, 9]);
        assert_eq!(content.read_at(9001, &mut buffer), 0);
    }

    #[test]
    fn a_gap_reads_as_zero() {
        let mut content = Content::default();
        content.write_at(9000, b"x");
        assert_eq!(content.len(), 9001);
        assert!(content.to_vec()[..9000].iter().all(|byte| *byte == 0));
    }
}
