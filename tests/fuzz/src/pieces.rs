//! Inputs made of several parts: `tag, length (two bytes), bytes`, over and over. Whatever the bytes, they are some parts.

/// More parts than any corpus file has; what comes behind is not read.
const PIECES_MAX: usize = 64;

/// The parts of an input; the last one may be shorter than it says.
pub(crate) fn split(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut pieces = Vec::new();
    while let Some(([tag, high, low], rest)) = bytes.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        pieces.push((*tag, piece));
        bytes = rest;
        if pieces.len() == PIECES_MAX {
            break;
        }
    }
    pieces
}

/// An input of these parts; each has at most 65,535 bytes.
pub fn join<'p>(pieces: impl IntoIterator<Item = (u8, &'p [u8])>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, piece) in pieces {
        bytes.push(tag);
        bytes.extend(u16::try_from(piece.len()).unwrap_or(u16::MAX).to_be_bytes());
        bytes.extend(piece);
    }
    bytes
}

/// A text that a target gets as bytes.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_and_a_cut_one_is_shorter() {
        let parts: [(u8, &[u8]); 3] = [(1, b"one"), (2, b""), (255, b"three")];
        let bytes = join(parts);
        assert_eq!(split(&bytes), parts);
        assert_eq!(split(&bytes[..bytes.len() - 2])[2], (255, &b"thr"[..]));
        assert!(split(&bytes[..2]).is_empty());
    }
}
