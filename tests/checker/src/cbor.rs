//! The part of CBOR that the protocol uses, read by hand: integers, byte and text strings, lists, maps, true, false, null.
//!
//! Lists of indefinite length are refused, as the specification says. A value of another type (a float, a tag) is read
//! over and answers to nothing.

/// Deepest nesting that is read.
const DEPTH_MAX: u32 = 32;

/// One value and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item<'b> {
    /// 0 and up.
    Unsigned(u64),
    /// `-1 - n`.
    Negative(u64),
    /// A byte string.
    Bytes(&'b [u8]),
    /// A text.
    Text(&'b str),
    /// A list.
    List(Vec<Item<'b>>),
    /// Keys and values, in their order.
    Map(Vec<(Item<'b>, Item<'b>)>),
    /// Null, or a type that the protocol does not use.
    Nothing,
}

impl<'b> Item<'b> {
    /// The one value in exactly these bytes.
    pub(crate) fn read(bytes: &'b [u8]) -> Option<Self> {
        let mut rest = bytes;
        let item = take(&mut rest, DEPTH_MAX)?;
        rest.is_empty().then_some(item)
    }

    /// The value under an integer key of a map.
    pub(crate) fn field(&self, key: u64) -> Option<&Item<'b>> {
        let Self::Map(pairs) = self else { return None };
        let wanted = |(own, _): &&(Item<'b>, Item<'b>)| *own == Item::Unsigned(key);
        pairs.iter().find(wanted).map(|(_, value)| value)
    }

    pub(crate) fn list(&self) -> Option<&[Item<'b>]> {
        if let Self::List(items) = self {
            Some(items)
        } else {
            None
        }
    }

    pub(crate) fn number(&self) -> Option<u64> {
        if let Self::Unsigned(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    pub(crate) fn signed_number(&self) -> Option<i64> {
        match self {
            Self::Unsigned(number) => i64::try_from(*number).ok(),
            Self::Negative(number) => i64::try_from(*number).ok().map(|number| -1 - number),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self) -> Option<&'b [u8]> {
        if let Self::Bytes(bytes) = self {
            Some(bytes)
        } else {
            None
        }
    }

    pub(crate) fn exactly<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes()?.try_into().ok()
    }
}

fn take<'b>(rest: &mut &'b [u8], depth: u32) -> Option<Item<'b>> {
    let depth = depth.checked_sub(1)?;
    let first = *chunk(rest, 1)?.first()?;
    let (family, low) = (first >> 5, first & 31);
    let argument = match low {
        0..=23 => u64::from(low),
        24..=27 => chunk(rest, 1 << (low - 24))?
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        _ => return None,
    };
    Some(match family {
        0 => Item::Unsigned(argument),
        1 => Item::Negative(argument),
        2 => Item::Bytes(chunk(rest, usize::try_from(argument).ok()?)?),
        3 => Item::Text(std::str::from_utf8(chunk(rest, usize::try_from(argument).ok()?)?).ok()?),
        4 => {
            let mut items = Vec::new();
            for _ in 0..argument {
                items.push(take(rest, depth)?);
            }
            Item::List(items)
        }
        5 => {
            let mut pairs = Vec::new();
            for _ in 0..argument {
                pairs.push((take(rest, depth)?, take(rest, depth)?));
            }
            Item::Map(pairs)
        }
        6 => {
            take(rest, depth)?;
            Item::Nothing
        }
        _ => Item::Nothing,
    })
}

fn chunk<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (chunk, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_protocol_is_read() {
        let bytes = hex::decode("a5003818011903e80282f5f60342010204 63e6b0b4".replace(' ', "")).unwrap();
        let map = Item::read(&bytes).unwrap();
        assert_eq!(map.field(0).unwrap().signed_number(), Some(-25));
        assert_eq!(map.field(1).unwrap().number(), Some(1000));
        assert_eq!(map.field(2).unwrap().list().unwrap().len(), 2);
        assert_eq!(map.field(3).unwrap().bytes(), Some(&[1, 2][..]));
        assert_eq!(map.field(4), Some(&Item::Text("水")));
        assert_eq!(map.field(5), None);
    }

    #[test]
    fn what_is_cut_open_ended_or_too_deep_is_refused() {
        let deep = [vec![0x81; 100], vec![0]].concat();
        for bytes in [&[0x82, 1][..], &[0x9f, 0xff], &[0x5f, 0xff], &[0, 0], &[], &deep] {
            assert_eq!(Item::read(bytes), None, "{bytes:02x?}");
        }
    }
}
