//! The one door in and out of CBOR and zstd.

use std::fmt;

use grid_model::limits;
use minicbor::{Decode, Decoder, Encode};
use zstd::zstd_safe::CParameter;

/// Bytes that are not the message they should be. Holds no content, so it may be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The bytes do not start as any message of ours: a captive portal's page, a proxy's text.
    NotOurs,
    /// Ours by its mark, but broken inside.
    Malformed {
        /// Which message.
        what: &'static str,
    },
    /// Larger than the limit that the reader enforces.
    TooLarge {
        /// Which message.
        what: &'static str,
    },
    /// Written by a newer wire version than this build reads.
    Newer {
        /// The version found.
        found: u16,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("this is not a message of ours"),
            Self::Malformed { what } => write!(f, "malformed {what}"),
            Self::TooLarge { what } => write!(f, "{what} is larger than allowed"),
            Self::Newer { found } => write!(f, "wire version {found} is newer than {}", crate::WIRE_VERSION),
        }
    }
}

impl std::error::Error for WireError {}

/// Most messages have fewer bytes: they are written without moving what was written before.
const MOST_HAVE_BYTES: usize = 320;

/// The CBOR form of a message.
pub fn encode<T: Encode<()>>(message: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MOST_HAVE_BYTES);
    encode_behind(&mut bytes, message);
    bytes
}

/// Writes the CBOR form of a message behind these bytes.
pub(crate) fn encode_behind<T: Encode<()>>(bytes: &mut Vec<u8>, message: &T) {
    let before = bytes.len();
    // Writing into a Vec cannot fail, and no message type returns an error of its own.
    if minicbor::encode(message, &mut *bytes).is_err() {
        bytes.truncate(before);
    }
}

/// The message in exactly these bytes; `what` names it in the error.
pub fn decode<'b, T: Decode<'b, ()>>(bytes: &'b [u8], what: &'static str) -> Result<T, WireError> {
    if !is_definite(bytes) {
        return Err(WireError::Malformed { what });
    }
    let mut decoder = Decoder::new(bytes);
    let message = decoder.decode().map_err(|_| WireError::Malformed { what })?;
    if decoder.position() != bytes.len() {
        return Err(WireError::Malformed { what });
    }
    Ok(message)
}

/// The entries of a map with integer keys: each key, and its value as it is written.
pub(crate) fn pairs<'b>(bytes: &'b [u8], what: &'static str) -> Result<Vec<(u64, &'b [u8])>, WireError> {
    let malformed = |_| WireError::Malformed { what };
    let mut decoder = Decoder::new(bytes);
    let count = decoder.map().map_err(malformed)?.unwrap_or(0);
    let mut pairs = Vec::new();
    for _ in 0..count {
        let key = decoder.u64().map_err(malformed)?;
        let begun = decoder.position();
        decoder.skip().map_err(malformed)?;
        let value = bytes.get(begun..decoder.position());
        pairs.push((key, value.ok_or(WireError::Malformed { what })?));
    }
    Ok(pairs)
}

/// A map of these entries, in this order.
pub(crate) fn map_of(pairs: &[(u64, &[u8])], what: &'static str) -> Result<Vec<u8>, WireError> {
    let mut encoder = minicbor::Encoder::new(Vec::with_capacity(MOST_HAVE_BYTES));
    let malformed = |_| WireError::Malformed { what };
    encoder.map(pairs.len() as u64).map_err(malformed)?;
    for (key, value) in pairs {
        encoder.u64(*key).map_err(malformed)?;
        encoder.writer_mut().extend_from_slice(value);
    }
    Ok(encoder.into_writer())
}

/// The same for a message that tells its version: a newer one is told as such, whatever its shape.
pub fn decode_versioned<'b, T: Decode<'b, ()>>(bytes: &'b [u8], what: &'static str) -> Result<T, WireError> {
    check_version(bytes)?;
    decode(bytes, what)
}

/// Whether every length is told beforehand, as in all that we write. Passing over an unknown field takes memory for each
/// level of open lists in it, and none without them.
fn is_definite(mut bytes: &[u8]) -> bool {
    // Heads stand one behind the other; what a list or map holds follows its head, what a string holds is passed over.
    while let Some((&first, rest)) = bytes.split_first() {
        let wide = match first & 0x1f {
            0..=23 => 0,
            info @ 24..=27 => 1_usize << (info - 24),
            _ => return false,
        };
        let Some((wide, rest)) = rest.split_at_checked(wide) else {
            return false;
        };
        let is_string = matches!(first >> 5, 2 | 3);
        let short = u64::from(first & 0x1f);
        let length = match (is_string, wide) {
            (false, _) => 0,
            (true, []) => short,
            (true, wide) => wide
                .iter()
                .fold(0_u64, |length, &byte| length << 8 | u64::from(byte)),
        };
        let Some(rest) = usize::try_from(length).ok().and_then(|length| rest.get(length..)) else {
            return false;
        };
        bytes = rest;
    }
    true
}

/// Refuses a newer message before the rest of it is read, which may look different. Every message that tells its version
/// is a map and has it first, under key 0.
pub(crate) fn check_version(bytes: &[u8]) -> Result<(), WireError> {
    let mut decoder = Decoder::new(bytes);
    match (decoder.map(), decoder.u64(), decoder.u16()) {
        (Ok(_), Ok(0), Ok(found)) if found > crate::WIRE_VERSION => Err(WireError::Newer { found }),
        _ => Ok(()),
    }
}

/// Level 3: one percent of a phone's second for a batch, most of the gain (performance page, "What the limit is").
const ZSTD_LEVEL: i32 = 3;

/// The bytes under zstd.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    // The only failures of an in-memory encoder are of allocation; what then is missing is receipted by nobody.
    zstd::bulk::compress(bytes, ZSTD_LEVEL).unwrap_or_default()
}

/// A page of many rows is packed harder, by the platform: an eighth less to fetch, and no more work to read.
const ZSTD_LEVEL_OF_LARGE: i32 = 7;
const LARGE_BYTES: usize = 64 * 1024;

/// The same with a checksum over the bytes inside, which `inflate` verifies: for what no signature covers.
pub(crate) fn deflate_checked(bytes: &[u8]) -> Vec<u8> {
    let level = if bytes.len() < LARGE_BYTES {
        ZSTD_LEVEL
    } else {
        ZSTD_LEVEL_OF_LARGE
    };
    let checked = || {
        let mut compressor = zstd::bulk::Compressor::new(level)?;
        compressor.include_checksum(true)?;
        compressor.compress(bytes)
    };
    checked().unwrap_or_default()
}

/// Largest window a frame may ask memory for, as a power of two: no message has more to look back on.
const ZSTD_WINDOW_LOG_MAX: u32 = limits::BATCH_INFLATED_BYTES_MAX.ilog2();

/// What a zstd frame begins with. A form that tells itself by its own first byte leaves it out.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A few records take no time at any level.
const ZSTD_LEVEL_OF_FEW: i32 = 19;
const FEW_BYTES: usize = 2 * 1024;

/// Tables of a quarter of the level's size: what a phone packs takes half a megabyte less for some bytes in a thousand.
const ZSTD_HASH_LOG: u32 = 15;
const ZSTD_CHAIN_LOG: u32 = 14;

/// Writes a zstd frame without its first four bytes, packed with a dictionary that both sides have.
pub(crate) fn deflate_behind(out: &mut Vec<u8>, bytes: &[u8], dictionary: &[u8]) {
    let level = if bytes.len() < FEW_BYTES {
        ZSTD_LEVEL_OF_FEW
    } else {
        ZSTD_LEVEL
    };
    let packed = || {
        let mut compressor = zstd::bulk::Compressor::with_dictionary(level, dictionary)?;
        compressor.include_dictid(false)?;
        if bytes.len() >= FEW_BYTES {
            compressor.set_parameter(CParameter::HashLog(ZSTD_HASH_LOG))?;
            compressor.set_parameter(CParameter::ChainLog(ZSTD_CHAIN_LOG))?;
        }
        compressor.compress(bytes)
    };
    let frame: Vec<u8> = packed().unwrap_or_default();
    out.extend(frame.get(ZSTD_MAGIC.len()..).unwrap_or_default());
}

/// The bytes inside a zstd frame without its first four bytes, at most `limit` of them.
pub(crate) fn inflate_bare(
    bytes: &[u8],
    dictionary: &[u8],
    limit: usize,
    what: &'static str,
) -> Result<Vec<u8>, WireError> {
    use std::io::Read as _;
    let whole = ZSTD_MAGIC.as_slice().chain(bytes);
    let reader = zstd::stream::read::Decoder::with_dictionary(whole, dictionary);
    inflated(reader.map_err(|_| WireError::Malformed { what })?, limit, what)
}

/// The bytes inside a zstd frame, at most `limit` of them.
pub(crate) fn inflate(bytes: &[u8], limit: usize, what: &'static str) -> Result<Vec<u8>, WireError> {
    let reader = zstd::stream::read::Decoder::new(bytes);
    inflated(reader.map_err(|_| WireError::Malformed { what })?, limit, what)
}

fn inflated<R: std::io::BufRead>(
    mut reader: zstd::stream::read::Decoder<'_, R>,
    limit: usize,
    what: &'static str,
) -> Result<Vec<u8>, WireError> {
    use std::io::Read as _;
    let malformed = |_| WireError::Malformed { what };
    reader.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(malformed)?;
    let mut inflated = Vec::new();
    reader
        .take(limit as u64 + 1)
        .read_to_end(&mut inflated)
        .map_err(malformed)?;
    if inflated.len() > limit {
        return Err(WireError::TooLarge { what });
    }
    Ok(inflated)
}
