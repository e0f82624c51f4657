//! A platform and a vault at rest, and what the platform holds.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use grid_contract::RunnersKeys;
use grid_cut::Bed;
use grid_fieldbook::{
    AttachmentDraft, Budget, CancelToken, CountDraft, FieldBook, Host, HttpTransport, ObservationDraft,
    Outcome, PatrolDraft, PhoneDraft, ReportDraft, SystemClock, SystemEntropy, Ticket, UrgentDraft,
};
use grid_model::id::PhoneId;
use grid_model::terms::{
    AttachmentRole, CountKind, Milestone, ObservationKind, PatrolType, ReportResult, Transport as Moving,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest as _, Sha256};

use crate::Trouble;

fn open(folder: &Path) -> Result<FieldBook, Trouble> {
    let host = Host::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
    FieldBook::open(folder, host, &RunnersKeys).map_err(Trouble::of)
}

/// What the phones made a platform hold.
pub(crate) struct State {
    /// How many records.
    pub(crate) records: i64,
    /// SHA-256 over every record, task and photo, in one order.
    pub(crate) digest: String,
}

/// Everything but when it came: records byte for byte, where tasks stand, which photos there are.
const HELD: [&str; 3] = [
    "SELECT device_id, epoch, seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body, state, park_reason
     FROM change ORDER BY device_id, epoch, seq",
    "SELECT task_id, status FROM task ORDER BY task_id",
    "SELECT sha256, mime, bytes FROM blob ORDER BY sha256",
];

/// What the platform in a folder holds; it may be served meanwhile.
pub(crate) fn state(folder: &Path) -> Result<State, Trouble> {
    let store = Connection::open_with_flags(folder.join("hub.sqlite"), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(Trouble::of)?;
    let mut digest = Sha256::new();
    for sql in HELD {
        let mut statement = store.prepare(sql).map_err(Trouble::of)?;
        let columns = statement.column_count();
        let mut rows = statement.query([]).map_err(Trouble::of)?;
        while let Some(row) = rows.next().map_err(Trouble::of)? {
            for column in 0..columns {
                let cell = match row.get_ref(column).map_err(Trouble::of)? {
                    ValueRef::Null => b"-".to_vec(),
                    ValueRef::Integer(number) => number.to_string().into_bytes(),
                    ValueRef::Real(number) => number.to_string().into_bytes(),
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
                };
                // With its length, so that no two rows read the same.
                digest.update((cell.len() as u64).to_be_bytes());
                digest.update(&cell);
            }
        }
    }
    let records = store
        .query_row("SELECT count(*) FROM change", [], |row| row.get(0))
        .map_err(Trouble::of)?;
    let digest = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(State { records, digest })
}

/// Makes a platform, a vault with unsent records, and what the platform holds once our own carrier has sent them.
pub(crate) fn prepare(folder: &Path) -> Result<(), Trouble> {
    let (platform, vault) = (folder.join("platform"), folder.join("vault"));
    fs::create_dir_all(folder).map_err(Trouble::of)?;
    let bed = Bed::open(&platform).map_err(Trouble::of)?;
    let book = open(&vault)?;
    let phone = PhoneDraft {
        phone: PhoneId([1; 16]),
        label: "一号机".to_owned(),
        platform: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    };
    let ticket: Ticket = bed.ticket().map_err(Trouble::of)?;
    book.enroll(&ticket, &phone, &Default::default())
        .map_err(Trouble::of)?;
    sync(&book, &bed)?;
    record(&book)?;
    book.close().map_err(Trouble::of)?;
    bed.stop().map_err(Trouble::of)?;
    let expected = expected(&platform, &vault)?;
    let told = serde_json::json!({ "records": expected.records, "digest": expected.digest });
    fs::write(folder.join("expected.json"), format!("{told}\n")).map_err(Trouble::of)
}

/// What is recorded without a link: every lane, a photo, a task to its end.
fn record(book: &FieldBook) -> Result<(), Trouble> {
    let said = Trouble::of;
    let photo = |role, byte: u8| {
        book.attach(AttachmentDraft {
            role,
            mime: "image/jpeg".to_owned(),
            point: None,
            content: (0..40_000_u32).map(|at| (at % 251) as u8 ^ byte).collect(),
        })
    };
    let (patrol, _) = book
        .start_patrol(PatrolDraft {
            patrol_type: PatrolType::Coastline,
            transport: Moving::Foot,
            post: "DL-01".to_owned(),
            point: None,
        })
        .map_err(said)?;
    book.observe(
        patrol,
        ObservationDraft {
            kind: ObservationKind::Hazard,
            note: "礁石松动𠮷".to_owned(),
            point: None,
            attachments: vec![photo(AttachmentRole::During, 1).map_err(said)?],
        },
    )
    .map_err(said)?;
    for value in 1..=20 {
        let draft = CountDraft {
            kind: CountKind::Rescued,
            value,
            post: "DL-01".to_owned(),
            patrol: Some(patrol),
            reason: None,
        };
        book.count(draft).map_err(said)?;
    }
    for task in book.tasks(true, 10).map_err(said)? {
        book.accept(task.id).map_err(said)?;
        book.submit(
            task.id,
            ReportDraft {
                result: ReportResult::Solved,
                narrative: "已经清理干净".to_owned(),
                measures: Vec::new(),
                party_told: None,
                agreement: None,
                self_handled: false,
                point: None,
                attachments: vec![photo(AttachmentRole::After, 2).map_err(said)?],
            },
        )
        .map_err(said)?;
    }
    let (case, _) = book
        .start_urgent(UrgentDraft {
            title: "落水".to_owned(),
            place_text: "东口".to_owned(),
            point: None,
        })
        .map_err(said)?;
    book.urgent_milestone(case, Milestone::Safe).map_err(said)?;
    book.end_patrol(patrol).map_err(said)?;
    Ok(())
}

fn sync(book: &FieldBook, bed: &Bed) -> Result<(), Trouble> {
    let address =
        grid_fieldbook::Address::parse(&format!("http://{}", bed.address())).map_err(Trouble::of)?;
    let over = HttpTransport::new(address, grid_net::Trust::Loopback).map_err(Trouble::of)?;
    let report = book
        .sync(&over, Budget::default(), &CancelToken::default(), &mut |_| {})
        .map_err(Trouble::of)?;
    match report.summary.outcome {
        Outcome::Complete => Ok(()),
        outcome => Err(Trouble(format!("the sync ended as {outcome:?}"))),
    }
}

/// What a platform holds after our own carrier has sent everything; on copies.
fn expected(platform: &Path, vault: &Path) -> Result<State, Trouble> {
    let scratch = tempfile::tempdir().map_err(Trouble::of)?;
    let (platform_here, vault_here) = (scratch.path().join("platform"), scratch.path().join("vault"));
    grid_cut::copy(platform, &platform_here).map_err(Trouble::of)?;
    grid_cut::copy(vault, &vault_here).map_err(Trouble::of)?;
    let bed = Bed::open(&platform_here).map_err(Trouble::of)?;
    let book = open(&vault_here)?;
    sync(&book, &bed)?;
    book.close().map_err(Trouble::of)?;
    bed.stop().map_err(Trouble::of)?;
    state(&platform_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_holds_the_same_whoever_carried_it() {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).unwrap();
        let told: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.path().join("expected.json")).unwrap()).unwrap();
        let again = expected(&folder.path().join("platform"), &folder.path().join("vault")).unwrap();
        assert_eq!(told["digest"], again.digest);
        assert!(again.records > 20);
        assert_ne!(
            state(&folder.path().join("platform")).unwrap().digest,
            again.digest
        );
    }
}
