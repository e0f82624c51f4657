//! Forms of a batch body. A phone writes a newer one only to a platform that said in a receipt that it reads it; every form
//! ever issued stays readable. A form is told by the first byte of the body and stands for a layout and a dictionary
//! together; the first form begins as zstd does.

use grid_model::limits;
use minicbor::{Decode, Encode};

use crate::batch::{BatchHeader, Entry};
use crate::codec::{self, WireError};
use crate::columns;
use crate::exchange::ExchangeRequest;

/// A form of a batch body beside the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Columns under zstd.
    Columns,
    /// Columns under zstd with the dictionary of 2026: for a few records.
    Columns2026,
}

/// The dictionary of 2026, made by `scripts/train-dictionary`. Frozen: what was packed with it is read with it.
const DICTIONARY_2026: &[u8] = include_bytes!("../data/columns-2026.zdict");
/// Columns of fewer bytes are packed with a dictionary: in longer ones it no longer matters.
const SMALL_BYTES: usize = 32 * 1024;
/// The bit of who reads a body inside its header.
const INLINE: u32 = 1 << 1;
/// Largest body there, bytes.
const INLINE_BYTES_MAX: usize = 1024;
const WHAT: &str = "batch body";

impl Form {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Columns, Self::Columns2026];

    const fn number(self) -> u8 {
        match self {
            Self::Columns => 2,
            Self::Columns2026 => 3,
        }
    }

    const fn dictionary(self) -> &'static [u8] {
        match self {
            Self::Columns => &[],
            Self::Columns2026 => DICTIONARY_2026,
        }
    }

    /// The form of this body; `None` for the first one, and for what is none.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        let first = body.first()?;
        Self::ALL.into_iter().find(|form| form.number() == *first)
    }

    pub(crate) fn unpack(self, body: &[u8]) -> Result<Vec<Entry>, WireError> {
        let packed = body.get(1..).unwrap_or_default();
        let limit = limits::BATCH_INFLATED_BYTES_MAX;
        let inflated = codec::inflate_bare(packed, self.dictionary(), limit, WHAT)?;
        columns::read(&inflated).ok_or(WireError::Malformed { what: WHAT })
    }

    fn pack(self, columns: &[u8]) -> Vec<u8> {
        let mut body = vec![self.number()];
        codec::deflate_behind(&mut body, columns, self.dictionary());
        body
    }
}

/// Which forms somebody reads. Forms of tomorrow stay in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Forms(#[n(0)] u32);

impl Forms {
    /// None but the first.
    pub const NONE: Self = Self(0);

    /// Those that this build reads.
    pub fn ours() -> Self {
        Self(
            Form::ALL
                .iter()
                .fold(INLINE, |bits, form| bits | 1 << form.number()),
        )
    }

    /// As a number: bit `n` for form `n`, bit 1 for small bodies inside the header.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// From such a number.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// Whether this form is among them.
    pub const fn has(self, form: Form) -> bool {
        self.0 & (1 << form.number()) != 0
    }
}

/// The compressed body of a batch of these entries, for a platform that reads these forms.
pub fn pack_for(entries: &[Entry], forms: Forms) -> Vec<u8> {
    columns_for(entries, forms).map_or_else(
        || crate::batch::pack(entries),
        |columns| pack_columns(&columns, forms),
    )
}

/// The same of entries that nobody needs any more: they are gone before the packing takes its own memory.
pub fn pack_last(entries: Vec<Entry>, forms: Forms) -> Vec<u8> {
    let Some(columns) = columns_for(&entries, forms) else {
        return crate::batch::pack(&entries);
    };
    drop(entries);
    pack_columns(&columns, forms)
}

/// The entries in columns, if this platform reads any.
fn columns_for(entries: &[Entry], forms: Forms) -> Option<Vec<u8>> {
    // What no log has, columns do not hold.
    let is_sound = |entry: &Entry| entry.prev_in_lane < entry.seq;
    let reads = Form::ALL.iter().any(|form| forms.has(*form));
    (reads && entries.iter().all(is_sound)).then(|| columns::write(entries))
}

fn pack_columns(columns: &[u8], forms: Forms) -> Vec<u8> {
    let small = columns.len() < SMALL_BYTES && forms.has(Form::Columns2026);
    if small || !forms.has(Form::Columns) {
        return Form::Columns2026.pack(columns);
    }
    Form::Columns.pack(columns)
}

/// Puts a small body into its header, for a platform that reads it there; answers what follows the header.
pub fn inline(header: &mut BatchHeader, body: Vec<u8>, forms: Forms) -> Vec<u8> {
    if body.is_empty() || body.len() > INLINE_BYTES_MAX || forms.0 & INLINE == 0 {
        return body;
    }
    header.body_bytes = 0;
    header.frames.clear();
    header.inline = Some(body.into());
    Vec::new()
}

/// The entries of a request of our own.
pub fn entries_of(request: &ExchangeRequest) -> Result<Vec<Entry>, WireError> {
    let header: BatchHeader = codec::decode(&request.header.bytes, "batch header")?;
    crate::batch::unpack(header.body(&request.body))
}

/// The columns of these entries before zstd: what a dictionary is made from.
pub fn columns_of(entries: &[Entry]) -> Vec<u8> {
    columns::write(entries)
}
