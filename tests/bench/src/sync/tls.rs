//! What TLS adds to one record: on a first connection, and on one that goes on with its session.

use grid_cut::{Bed, Direction};
use grid_fieldbook::{Budget, CancelToken, CountDraft, FieldBook, Outcome, PhoneDraft};
use grid_model::id::PhoneId;
use grid_model::terms::CountKind;

use crate::BenchError;
use crate::ours::open_book;
use crate::sync::world::said;
use crate::table::Measure;

/// Takes them.
pub(crate) fn measures() -> Result<Vec<Measure>, BenchError> {
    let folder = tempfile::tempdir()?;
    let (platform, vault) = (folder.path().join("platform"), folder.path().join("vault"));
    let bed = Bed::open_tls(&platform)?;
    let book = open_book(&vault, true)?;
    let phone = PhoneDraft {
        phone: PhoneId([1; 16]),
        label: "一号机".to_owned(),
        platform: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    };
    book.enroll(&bed.ticket_tls()?, &phone, &Default::default())
        .map_err(said)?;
    one(&bed, &book)?;
    book.close()?;
    drop(book);
    // A field book that was just opened knows no session.
    let book = open_book(&vault, true)?;
    let (first, resumed) = (one(&bed, &book)?, one(&bed, &book)?);
    book.close()?;
    bed.stop()?;
    let told = |name: &str, bytes: u64| Measure::beside(name, "bytes", vec![bytes as f64], Vec::new(), "");
    Ok(vec![
        told("one record up, TLS first", first[0]),
        told("one record down, TLS first", first[1]),
        told("one record up, TLS resumed", resumed[0]),
        told("one record down, TLS resumed", resumed[1]),
    ])
}

/// Bytes both ways of a sync of one record, on a connection of its own.
fn one(bed: &Bed, book: &FieldBook) -> Result<[u64; 2], BenchError> {
    book.count(CountDraft {
        kind: CountKind::Rescued,
        value: 1,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    })?;
    let before = Direction::BOTH.map(|way| bed.link().sent(way));
    let over = book.connect().map_err(said)?;
    let report = book.sync(&over, Budget::default(), &CancelToken::default(), &mut |_| {})?;
    if report.summary.outcome != Outcome::Complete || report.received != 1 {
        return Err(said(report.summary));
    }
    let after = Direction::BOTH.map(|way| bed.link().sent(way));
    Ok([after[0] - before[0], after[1] - before[1]])
}
