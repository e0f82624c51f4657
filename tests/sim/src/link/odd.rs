//! Answers that no honest platform of this version gives: of another version, without end, or built to break a reader.

use grid_crash::Dice;
use grid_fieldbook::Response;
use grid_model::Coded as _;
use grid_wire::exchange::refusal_bytes;
use grid_wire::{ExchangeResponse, FeedRow, Refusal, RefusalCode, RowKind, WIRE_VERSION};

/// Levels of nesting, and keys of a map, that no message has.
const DEEP: usize = 20_000;

/// The same answer with two rows more: a task that is none, and a kind of a later version.
pub(super) fn poisoned(body: &[u8]) -> Option<Vec<u8>> {
    with_rows(
        body,
        &[(RowKind::Task, b"no row"), (RowKind::from_code(77), b"no row")],
    )
}

/// The same answer with rows that are nested without end, or say to be a map of endless keys.
pub(super) fn bombed(body: &[u8]) -> Option<Vec<u8>> {
    let bombs = bombs();
    let rows: Vec<_> = bombs
        .iter()
        .map(|bomb| (RowKind::Task, bomb.as_slice()))
        .collect();
    with_rows(body, &rows)
}

/// Bodies built to break a reader: arrays in arrays, maps in maps, a map of 2^63 keys, one key ten thousand times.
pub(crate) fn bombs() -> [Vec<u8>; 4] {
    let mut twice = vec![0xb9, 0x27, 0x10];
    twice.extend([0x00, 0x01].repeat(10_000));
    [
        vec![0x81; DEEP],
        [0xa1, 0x00].repeat(DEEP),
        vec![0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        twice,
    ]
}

fn with_rows(body: &[u8], rows: &[(RowKind, &[u8])]) -> Option<Vec<u8>> {
    let mut answer = ExchangeResponse::from_bytes(body).ok()?.ok()?;
    for (kind, body) in rows {
        answer.page.rows.push(FeedRow {
            kind: *kind,
            id: vec![7; 16],
            revision: 1,
            body: body.to_vec(),
            moved: None,
        });
    }
    Some(answer.to_bytes())
}

/// The same answer as a platform of the next version words it.
pub(super) fn newer(body: &[u8]) -> Option<Vec<u8>> {
    let mut answer = ExchangeResponse::from_bytes(body).ok()?.ok()?;
    answer.version = WIRE_VERSION + 1;
    Some(answer.to_bytes())
}

/// Flips a bit of an answer.
pub(super) fn flipped(body: &mut [u8], dice: &mut Dice) {
    let at = dice.below(body.len() as u64) as usize;
    if let Some(byte) = body.get_mut(at) {
        *byte ^= 0x10;
    }
}

/// Ends an answer early.
pub(super) fn cut_short(body: &mut Vec<u8>, dice: &mut Dice) {
    let keep = dice.below(body.len() as u64 + 1) as usize;
    body.truncate(keep);
}

/// What a platform of the version before says to a request of this one.
pub(super) fn older_platform() -> Response {
    let refusal = Refusal {
        version_max: Some(WIRE_VERSION - 1),
        ..Refusal::new(RefusalCode::NewerVersion, "a request of a newer version")
    };
    Response {
        is_cut: false,
        status: 426,
        headers: vec![(
            "content-type".to_owned(),
            "application/vnd.grid-fieldbook".to_owned(),
        )],
        body: refusal_bytes(&refusal),
    }
}

/// What a captive portal answers to everything.
pub(super) fn portal() -> Response {
    Response {
        is_cut: false,
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<!doctype html><title>Wi-Fi</title><form>Log in</form>".to_vec(),
    }
}
