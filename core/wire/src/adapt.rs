//! How types of the model look in CBOR: ids and hashes as byte strings, enumerations as their numbers.

use grid_model::Coded;
use minicbor::decode::{Decoder, Error as DecodeError};
use minicbor::encode::{Encoder, Error as EncodeError, Write};

/// 16-byte ids.
pub(crate) mod id {
    use super::*;

    pub(crate) fn encode<C, T, W>(
        value: &T,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>>
    where
        T: Copy + Into<[u8; 16]>,
        W: Write,
    {
        let bytes: [u8; 16] = (*value).into();
        e.bytes(&bytes)?.ok()
    }

    pub(crate) fn decode<'b, C, T: From<[u8; 16]>>(d: &mut Decoder<'b>, _: &mut C) -> Result<T, DecodeError> {
        sized(d).map(T::from)
    }
}

/// Ids that may be absent.
pub(crate) mod id_maybe {
    use super::*;

    pub(crate) fn encode<C, T, W>(
        value: &Option<T>,
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), EncodeError<W::Error>>
    where
        T: Copy + Into<[u8; 16]>,
        W: Write,
    {
        match value {
            Some(id) => super::id::encode(id, e, c),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<'b, C, T: From<[u8; 16]>>(
        d: &mut Decoder<'b>,
        c: &mut C,
    ) -> Result<Option<T>, DecodeError> {
        if absent(d)? {
            Ok(None)
        } else {
            super::id::decode(d, c).map(Some)
        }
    }

    pub(crate) fn nil<T>() -> Option<Option<T>> {
        Some(None)
    }

    pub(crate) fn is_nil<T>(value: &Option<T>) -> bool {
        value.is_none()
    }
}

/// SHA-256 digests.
pub(crate) mod hash {
    use super::*;
    use grid_model::Sha256;

    pub(crate) fn encode<C, W: Write>(
        v: &Sha256,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.bytes(v.bytes())?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Sha256, DecodeError> {
        sized(d).map(Sha256)
    }
}

/// SHA-256 digests that may be absent.
pub(crate) mod hash_maybe {
    use super::*;
    use grid_model::Sha256;

    pub(crate) fn encode<C, W: Write>(
        value: &Option<Sha256>,
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        match value {
            Some(hash) => super::hash::encode(hash, e, c),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, c: &mut C) -> Result<Option<Sha256>, DecodeError> {
        if absent(d)? {
            Ok(None)
        } else {
            super::hash::decode(d, c).map(Some)
        }
    }

    pub(crate) fn nil() -> Option<Option<Sha256>> {
        Some(None)
    }

    pub(crate) fn is_nil(value: &Option<Sha256>) -> bool {
        value.is_none()
    }
}

/// Lists of SHA-256 digests.
pub(crate) mod hashes {
    use super::*;
    use grid_model::Sha256;

    pub(crate) fn encode<C, W: Write>(
        list: &[Sha256],
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        e.array(list.len() as u64)?;
        list.iter().try_for_each(|hash| super::hash::encode(hash, e, c))
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, c: &mut C) -> Result<Vec<Sha256>, DecodeError> {
        list(d, |d| super::hash::decode(d, c))
    }
}

/// Enumerations by number.
pub(crate) mod code {
    use super::*;

    pub(crate) fn encode<C, T, W>(
        value: &T,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>>
    where
        T: Coded,
        W: Write,
    {
        e.u16(value.code())?.ok()
    }

    pub(crate) fn decode<C, T: Coded>(d: &mut Decoder<'_>, _: &mut C) -> Result<T, DecodeError> {
        d.u16().map(T::from_code)
    }
}

/// Enumerations that may be absent.
pub(crate) mod code_maybe {
    use super::*;

    pub(crate) fn encode<C, T, W>(
        value: &Option<T>,
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), EncodeError<W::Error>>
    where
        T: Coded,
        W: Write,
    {
        match value {
            Some(value) => super::code::encode(value, e, c),
            None => e.null()?.ok(),
        }
    }

    pub(crate) fn decode<C, T: Coded>(d: &mut Decoder<'_>, c: &mut C) -> Result<Option<T>, DecodeError> {
        if absent(d)? {
            Ok(None)
        } else {
            super::code::decode(d, c).map(Some)
        }
    }

    pub(crate) fn nil<T>() -> Option<Option<T>> {
        Some(None)
    }

    pub(crate) fn is_nil<T>(value: &Option<T>) -> bool {
        value.is_none()
    }
}

/// Lists of enumerations.
pub(crate) mod codes {
    use super::*;

    pub(crate) fn encode<C, T, W>(
        list: &[T],
        e: &mut Encoder<W>,
        c: &mut C,
    ) -> Result<(), EncodeError<W::Error>>
    where
        T: Coded,
        W: Write,
    {
        e.array(list.len() as u64)?;
        list.iter().try_for_each(|value| super::code::encode(value, e, c))
    }

    pub(crate) fn decode<C, T: Coded>(d: &mut Decoder<'_>, c: &mut C) -> Result<Vec<T>, DecodeError> {
        list(d, |d| super::code::decode(d, c))
    }
}

fn sized<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], DecodeError> {
    d.bytes()?
        .try_into()
        .map_err(|_| DecodeError::message("wrong length of a byte string"))
}

/// Consumes a null if one stands here.
fn absent(d: &mut Decoder<'_>) -> Result<bool, DecodeError> {
    let null = d.datatype()? == minicbor::data::Type::Null;
    if null {
        d.null()?;
    }
    Ok(null)
}

/// Reads a list without trusting its claimed length.
pub(crate) fn list<T>(
    d: &mut Decoder<'_>,
    mut item: impl FnMut(&mut Decoder<'_>) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    let length = d
        .array()?
        .ok_or_else(|| DecodeError::message("a list without a length"))?;
    let mut items = Vec::new();
    for _ in 0..length {
        items.push(item(d)?);
    }
    Ok(items)
}
