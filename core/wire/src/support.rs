//! A support bundle as a file: a mark, the name of the platform's sealing key, and the sealed text.

/// Begins a support bundle.
const MARK: &[u8; 4] = b"GFS1";
/// Largest bundle that is read, bytes.
pub const SUPPORT_BYTES_MAX: usize = 1024 * 1024;

/// The bytes of a bundle: `key_id` has eight bytes and names the platform's sealing key.
pub fn support_bytes(key_id: &[u8], sealed: &[u8]) -> Vec<u8> {
    [&MARK[..], key_id, sealed].concat()
}

/// The name of the key and the sealed text of a bundle; `None` when these bytes are no bundle.
pub fn support_from(bytes: &[u8]) -> Option<([u8; 8], &[u8])> {
    if bytes.len() > SUPPORT_BYTES_MAX {
        return None;
    }
    let (key_id, sealed) = bytes.strip_prefix(MARK)?.split_first_chunk()?;
    Some((*key_id, sealed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_reads_back_and_nothing_else_does() {
        let bytes = support_bytes(&[1; 8], b"sealed");
        assert_eq!(support_from(&bytes), Some(([1; 8], &b"sealed"[..])));
        for length in 0..12 {
            assert_eq!(support_from(&bytes[..length]), None);
        }
        assert_eq!(support_from(b"<html>..............."), None);
        assert_eq!(support_from(&vec![0; SUPPORT_BYTES_MAX + 1]), None);
    }
}
