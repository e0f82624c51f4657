//! SQLite's record format: a header of serial types, then the values. Never reads past the record.

use rusqlite::types::Value;

use super::btree::varint;

/// More columns than any SQLite table can have; a header that names more is nonsense.
const COLUMNS_MAX: usize = 32_767;

/// The columns of a whole record; `None` when it is not exactly one record.
pub(super) fn values(record: &[u8]) -> Option<Vec<Value>> {
    let (header_bytes, at) = varint(record)?;
    let (header, mut body) = record.split_at_checked(usize::try_from(header_bytes).ok()?)?;
    let mut header = header.get(at..)?;
    let mut values = Vec::new();
    while !header.is_empty() {
        let (serial, at) = varint(header)?;
        header = header.get(at..)?;
        let (value, rest) = value(serial, body)?;
        body = rest;
        values.push(value);
        if values.len() > COLUMNS_MAX {
            return None;
        }
    }
    body.is_empty().then_some(values)
}

fn value(serial: u64, body: &[u8]) -> Option<(Value, &[u8])> {
    let bytes = match serial {
        0 | 8 | 9 => 0,
        1..=4 => serial,
        5 => 6,
        6 | 7 => 8,
        10 | 11 => return None,
        _ => (serial - 12) / 2,
    };
    let (raw, rest) = body.split_at_checked(usize::try_from(bytes).ok()?)?;
    let value = match serial {
        0 => Value::Null,
        1..=6 => Value::Integer(integer(raw)),
        7 => Value::Real(f64::from_be_bytes(raw.try_into().ok()?)),
        8 => Value::Integer(0),
        9 => Value::Integer(1),
        _ if serial.is_multiple_of(2) => Value::Blob(raw.to_vec()),
        _ => String::from_utf8(raw.to_vec()).map_or_else(|no| Value::Blob(no.into_bytes()), Value::Text),
    };
    Some((value, rest))
}

/// Big-endian two's complement of one to eight bytes.
fn integer(raw: &[u8]) -> i64 {
    let sign = if raw.first().is_some_and(|byte| byte & 0x80 != 0) {
        -1
    } else {
        0
    };
    raw.iter()
        .fold(sign, |value, byte| (value << 8) | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_serial_type_reads() {
        let record = [
            10, 0, 1, 2, 5, 6, 7, 8, 16,
            17, // header: null, i8, i16, i48, i64, real, 0, blob of 2, text of 2
            0xff, 0x80, 0x00, 0, 0, 0, 0, 1, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0xf8,
            0, 0, 0, 0, 0, 0, 7, 8, b'h', b'i',
        ];
        let expected = vec![
            Value::Null,
            Value::Integer(-1),
            Value::Integer(-32_768),
            Value::Integer(256),
            Value::Integer(i64::MAX),
            Value::Real(1.5),
            Value::Integer(0),
            Value::Blob(vec![7, 8]),
            Value::Text("hi".to_owned()),
        ];
        assert_eq!(values(&record), Some(expected));
        assert_eq!(values(&record[..record.len() - 1]), None);
        assert_eq!(values(&[&record[..], &[0]].concat()), None);
    }

    proptest! {
        #[test]
        fn nonsense_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(found) = values(&bytes) {
                prop_assert!(found.len() <= bytes.len());
            }
        }
    }
}
