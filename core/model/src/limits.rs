//! Limits live together, so that one can be read beside the other. Text limits count characters, not bytes.

/// Longest title of a task or case, characters (domain §4.3).
pub const TITLE_CHARS_MAX: usize = 40;
/// Longest description of a case, characters (domain §4.3).
pub const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Longest narrative of a disposition report, characters (domain §8).
pub const NARRATIVE_CHARS_MAX: usize = 1_000;
/// Shortest narrative of a solved matter, characters (domain §8).
pub const NARRATIVE_CHARS_MIN: usize = 5;
/// Longest note of an observation, characters (domain §7).
pub const NOTE_CHARS_MAX: usize = 500;
/// Longest reason, characters (domain §4.4).
pub const REASON_CHARS_MAX: usize = 500;
/// A task may be due within ten years of its dispatch: a bound against slips of the keyboard, ms.
pub const DUE_WITHIN_MS: i64 = 10 * 366 * 24 * 3600 * 1000;
/// Longest place description, characters (domain §4.3).
pub const PLACE_CHARS_MAX: usize = 120;
/// Most attachments one record may name.
pub const ATTACHMENTS_MAX: usize = 20;
/// Largest attachment, bytes.
pub const ATTACHMENT_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Largest body of one change, bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Largest body of a change that the platform keeps and parks as too large, bytes; one above it makes its batch malformed.
pub const BODY_KEPT_BYTES_MAX: usize = 2 * BODY_BYTES_MAX;
/// Most changes in one batch.
pub const ENTRIES_PER_BATCH_MAX: usize = 4_096;
/// Largest batch body on the wire (compressed), bytes.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// Largest batch body after decompression, bytes: a bound for the reader's memory.
pub const BATCH_INFLATED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Size of a digest frame of a batch body, bytes: a cut wastes at most two of them.
pub const FRAME_BYTES: usize = 8 * 1024;
/// Largest pull page after decompression, bytes (device transactions stay ≤ 2 MB).
pub const PULL_PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes a phone asks for of a page while more waits to go than its batch takes: what came in meanwhile, a recall among it.
/// The echoes of what it sends it fetches once, at the end, and not after each batch anew.
pub const PULL_PAGE_WHILE_QUEUED_BYTES: u64 = 8 * 1024;
/// Largest photo chunk sent in one request, bytes; shrinks to [`UPLOAD_CHUNK_BYTES_MIN`] on a bad link.
pub const UPLOAD_CHUNK_BYTES_MAX: usize = 512 * 1024;
/// Smallest photo chunk, bytes.
pub const UPLOAD_CHUNK_BYTES_MIN: usize = 8 * 1024;
/// Most points in one track segment: about 30 minutes at one fix a second.
pub const SEGMENT_POINTS_MAX: usize = 1_800;
/// A single fix is durable within this time, ms (architecture §2b).
pub const FIX_DURABLE_WITHIN_MS: i64 = 15_000;
/// Largest value one count may add or take away.
pub const COUNT_VALUE_MAX: i64 = 100_000_000;

const _: () = assert!(BODY_BYTES_MAX < BATCH_BYTES_MAX);
const _: () = assert!(BATCH_BYTES_MAX < BATCH_INFLATED_BYTES_MAX);
const _: () = assert!(UPLOAD_CHUNK_BYTES_MIN < UPLOAD_CHUNK_BYTES_MAX);
// A segment's five columns of at most 10 bytes a value fit one body.
const _: () = assert!(SEGMENT_POINTS_MAX * 5 * 10 < BODY_BYTES_MAX);
