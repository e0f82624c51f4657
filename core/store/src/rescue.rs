//! What a damaged database still says of this vault: the rows that a salvage finds, as the things they were. The change log is
//! immutable, so any authentic copy of a change is good; of what changes only the newest copy is believed.
//!
//! **Invariant:** one row that does not fit is skipped and counted, it never stops the rescue of the others.

use std::collections::{BTreeMap, BTreeSet};

use grid_model::id::{CaseId, DeviceId, Epoch, Incarnation, PatrolId, PhoneId, Seq, TaskId, WorkerId};
use grid_model::lane::{ChangeKind, Lane, LaneKind};
use grid_model::terms::{CaseKind, CountKind, PatrolType, Transport};
use grid_model::time::Anchor;
use grid_model::track::TrackPoint;
use grid_model::{Coded as _, Sha256};
use grid_vault::{FileKey, chain_link, chain_start, sha256};
use grid_wire::{Entry, Head, Signed};

use crate::log::{life_of, seq_of};
use crate::salvage::{Rank, Row, Salvage, Scan, Value};
use crate::sql::{code, counted, seq, unsigned};
use crate::{
    AttachmentRow, AttachmentState, CaseRow, Enrolment, Identity, PatrolRow, PatrolStatus, StoreError,
    TallyRow, TaskBase,
};

mod tasks;

/// A change as a rescue found it.
#[derive(Clone)]
pub struct FoundChange {
    /// The change.
    pub entry: Entry,
    /// The chain there; none in a database of the first schema.
    pub h: Option<Sha256>,
    /// Wall claim, UTC ms.
    pub recorded_at_ms: i64,
    rank: Rank,
    mixed: bool,
}

/// Everything a rescue found.
#[derive(Default)]
pub struct Found {
    /// Who the vault is.
    pub identity: Option<Identity>,
    /// With whom it is enrolled.
    pub enrolment: Option<Enrolment>,
    /// Changes by epoch and position.
    pub changes: BTreeMap<(u64, u64), FoundChange>,
    /// Attachments.
    pub attachments: BTreeMap<Sha256, AttachmentRow>,
    /// Fixes of the journal.
    pub fixes: BTreeMap<(PatrolId, u64), TrackPoint>,
    /// Tasks.
    pub tasks: BTreeMap<TaskId, TaskBase>,
    /// Posts: code and body.
    pub posts: BTreeMap<String, Vec<u8>>,
    /// Patrols with their place in the log.
    pub patrols: BTreeMap<PatrolId, (PatrolRow, Seq)>,
    /// Own cases with their place in the log.
    pub cases: BTreeMap<CaseId, (CaseRow, Seq)>,
    /// Counters by day and kind.
    pub tallies: BTreeMap<(String, u16), TallyRow>,
    /// The lives of the log in their order: epoch, and what its chain sums up.
    pub lives: BTreeMap<i64, (Epoch, Option<Head>)>,
    /// The platform store last met.
    pub incarnation: Option<Incarnation>,
    /// Receipts in the order they came, whose signatures the caller checks.
    pub receipts: BTreeMap<i64, Signed>,
    /// The last platform time.
    pub anchor: Option<Anchor>,
    /// The salt of the file.
    pub salt: Option<[u8; 16]>,
    /// Pages.
    pub scan: Scan,
    /// Rows that look like ours and do not fit.
    pub misfits: u64,
}

/// Reads everything that is intact. Changes whose chain is broken by their neighbour are left out: they were never committed.
pub fn rescue(salvage: &mut Salvage, stop_at_misfit: bool) -> Result<Found, StoreError> {
    let mut found = Found::default();
    let mut ranks = Ranks::default();
    let mut by_life: BTreeMap<i64, FoundChange> = BTreeMap::new();
    let mut tasks = tasks::Pieces::default();
    found.salt = salvage.salt();
    let supported = crate::migrate::SCHEMA;
    if let Some(newer) = salvage.user_version().filter(|version| *version > supported) {
        return Err(StoreError::TooNew {
            found: newer,
            supported,
        });
    }
    found.scan = salvage.rows(|row| {
        let fits = match row.table {
            Some("life") => life(&row, &mut found, &mut ranks),
            Some("log") | None if row.values.len() == 9 => change(&row, &mut by_life),
            Some("change") => first_schema_change(&row, &mut found),
            Some("identity") => identity(&row, &mut found, &mut ranks),
            Some("enrolment") => enrolment(&row, &mut found, &mut ranks),
            Some("attachment") => attachment(&row, &mut found, &mut ranks),
            Some("fix") => fix(&row, &mut found),
            Some("task") => tasks.task(&row, &mut ranks),
            Some("standing") => tasks.standing(&row, &mut ranks),
            Some("post") => post(&row, &mut found, &mut ranks),
            Some("patrol") => patrol(&row, &mut found, &mut ranks),
            Some("own_case") => own_case(&row, &mut found, &mut ranks),
            Some("tally") => tally(&row, &mut found, &mut ranks),
            Some("feed") => feed(&row, &mut found, &mut ranks),
            Some("receipt") => receipt(&row, &mut found),
            Some("anchor") => anchor(&row, &mut found, &mut ranks),
            _ => Some(()),
        };
        if fits.is_none() {
            found.misfits += 1;
            if stop_at_misfit {
                return Err(StoreError::Unreadable("a salvaged row"));
            }
        }
        Ok::<_, StoreError>(())
    })?;
    found.tasks = tasks.joined();
    let lives = lives_of(&found, &by_life);
    for (id, change) in by_life {
        let Some(epoch) = lives.get(&life_of(id)) else {
            found.misfits += 1;
            continue;
        };
        found.changes.insert((epoch.0, seq_of(id).0), change);
    }
    drop_broken(&mut found.changes);
    Ok(found)
}

/// The epoch of each life of the log. Where the page that numbers them is damaged, the epoch that is written now is known by
/// itself: it belongs to the life whose chain begins with it. Whose beginning is gone is believed to be it when there is no
/// other. A change under a wrong epoch would be another one, and count twice.
fn lives_of(found: &Found, changes: &BTreeMap<i64, FoundChange>) -> BTreeMap<i64, Epoch> {
    let mut lives: BTreeMap<i64, Epoch> = found
        .lives
        .iter()
        .map(|(life, (epoch, _))| (*life, *epoch))
        .collect();
    let Some(identity) = found.identity.as_ref().filter(|_| lives.is_empty()) else {
        return lives;
    };
    let numbers: BTreeSet<i64> = changes.keys().map(|id| life_of(*id)).collect();
    let start = chain_start(identity.device, identity.epoch);
    let begins = |change: &FoundChange| change.h.map(|h| chain_link(start, &change.entry) == h);
    for life in &numbers {
        let mut of_it = changes.iter().filter(|(id, _)| life_of(**id) == *life);
        let first = of_it.find(|(id, _)| seq_of(**id).0 == 1);
        if first
            .and_then(|(_, change)| begins(change))
            .unwrap_or(numbers.len() == 1)
        {
            lives.insert(*life, identity.epoch);
        }
    }
    lives
}

/// How new the copy of each thing is that is believed so far.
#[derive(Default)]
struct Ranks(BTreeMap<(&'static str, Vec<u8>), Rank>);

impl Ranks {
    fn is_newer(&mut self, table: &'static str, key: Vec<u8>, rank: Rank) -> bool {
        let known = self.0.entry((table, key)).or_insert(Rank::Uncommitted(0));
        let newer = rank >= *known;
        if newer {
            *known = rank;
        }
        newer
    }
}

fn int(row: &Row<'_>, at: usize) -> Option<i64> {
    match row.values.get(at)? {
        Value::Integer(value) => Some(*value),
        // `INTEGER PRIMARY KEY` is the row id.
        Value::Null if at == 0 => row.rowid,
        _ => None,
    }
}

fn blob<'r>(row: &'r Row<'_>, at: usize) -> Option<&'r [u8]> {
    match row.values.get(at)? {
        Value::Blob(bytes) => Some(bytes),
        _ => None,
    }
}

fn fixed<const N: usize>(row: &Row<'_>, at: usize) -> Option<[u8; N]> {
    blob(row, at)?.try_into().ok()
}

fn text(row: &Row<'_>, at: usize) -> Option<String> {
    match row.values.get(at)? {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// `life`: life, epoch, base_seq, base_h.
fn life(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    let (life, epoch) = (int(row, 0)?, Epoch(unsigned(int(row, 1)?)));
    let base = Head::new(seq(int(row, 2)?), Sha256(fixed(row, 3)?));
    if ranks.is_newer("life", life.to_be_bytes().to_vec(), row.rank) {
        // What a transaction that was cut off summed up was never purged.
        let base = Some(base).filter(|base| base.seq().0 > 0 && row.rank >= Rank::Database);
        let known = found.lives.get(&life).and_then(|(_, base)| *base);
        found.lives.insert(life, (epoch, base.or(known)));
    }
    Some(())
}

/// `log`: id, lane_kind, lane_id, prev_in_lane, kind, schema_version, recorded_at_ms, h, body.
fn change(row: &Row<'_>, found: &mut BTreeMap<i64, FoundChange>) -> Option<()> {
    let id = row.rowid?;
    let entry = Entry {
        seq: seq_of(id),
        lane: Lane {
            kind: LaneKind::from_code(code(int(row, 1)?)),
            id: fixed(row, 2)?,
        },
        prev_in_lane: seq(int(row, 3)?),
        kind: ChangeKind::from_code(code(int(row, 4)?)),
        schema_version: code(int(row, 5)?),
        body: blob(row, 8)?.to_vec(),
    };
    let change = FoundChange {
        entry,
        h: fixed(row, 7).map(Sha256),
        recorded_at_ms: int(row, 6)?,
        rank: row.rank,
        mixed: row.mixed,
    };
    let better = found
        .get(&id)
        .is_none_or(|known| (!change.mixed, change.rank) >= (!known.mixed, known.rank));
    if better {
        found.insert(id, change);
    }
    Some(())
}

/// `change` of the first schema: epoch, seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body, body_hash, at.
fn first_schema_change(row: &Row<'_>, found: &mut Found) -> Option<()> {
    if row.values.len() != 10 {
        // Its index by lane.
        return Some(());
    }
    let body = blob(row, 7)?.to_vec();
    if sha256(&body).bytes() != blob(row, 8)? {
        return None;
    }
    let position = counted(int(row, 1)?);
    let change = FoundChange {
        entry: Entry {
            seq: grid_model::Seq(position),
            lane: Lane {
                kind: LaneKind::from_code(code(int(row, 2)?)),
                id: fixed(row, 3)?,
            },
            prev_in_lane: seq(int(row, 4)?),
            kind: ChangeKind::from_code(code(int(row, 5)?)),
            schema_version: code(int(row, 6)?),
            body,
        },
        h: None,
        recorded_at_ms: int(row, 9)?,
        rank: row.rank,
        mixed: false,
    };
    found.changes.insert((unsigned(int(row, 0)?), position), change);
    Some(())
}

fn identity(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    let identity = Identity {
        device: DeviceId(fixed(row, 1)?),
        secret: fixed(row, 2)?,
        epoch: Epoch(unsigned(int(row, 3)?)),
        sealing_secret: fixed(row, 5),
    };
    if ranks.is_newer("identity", Vec::new(), row.rank) {
        found.identity = Some(identity);
    }
    Some(())
}

fn enrolment(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    let enrolment = Enrolment {
        server: text(row, 1)?,
        authority: blob(row, 2)?.to_vec(),
        phone: PhoneId(fixed(row, 3)?),
        phone_label: text(row, 4)?,
        worker: WorkerId(fixed(row, 5)?),
        display_name: text(row, 6)?,
        job_no: text(row, 7)?,
        org_name: text(row, 8)?,
        platform_key: blob(row, 9)?.to_vec(),
        sealing_key: blob(row, 10)?.to_vec(),
    };
    if ranks.is_newer("enrolment", Vec::new(), row.rank) {
        found.enrolment = Some(enrolment);
    }
    Some(())
}

/// `attachment`: id, sha256, mime, bytes, file_key, urgent, state, failed_reason, upload_path.
fn attachment(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    if row.rowid.is_none() {
        // One of its indexes.
        return Some(());
    }
    let sha256 = Sha256(fixed(row, 1)?);
    let attachment = AttachmentRow {
        sha256,
        mime: text(row, 2)?,
        bytes: counted(int(row, 3)?),
        file_key: FileKey::from_bytes(fixed(row, 4)?),
        urgent: int(row, 5)? != 0,
        state: match text(row, 6)?.as_str() {
            "stored" => AttachmentState::Stored,
            // Refused ones are offered again: the worker asked for nothing else to be lost.
            _ => AttachmentState::Kept,
        },
        upload_path: None,
    };
    if ranks.is_newer("attachment", sha256.bytes().to_vec(), row.rank) {
        found.attachments.insert(sha256, attachment);
    }
    Some(())
}

fn fix(row: &Row<'_>, found: &mut Found) -> Option<()> {
    let narrow = |at| i32::try_from(int(row, at)?).ok();
    let wide = |at| u32::try_from(int(row, at)?).ok();
    let point = TrackPoint {
        at_ms: int(row, 2)?,
        lat_e7: narrow(3)?,
        lon_e7: narrow(4)?,
        accuracy_dm: wide(5)?,
        speed_cms: wide(6)?,
    };
    found
        .fixes
        .insert((PatrolId(fixed(row, 0)?), counted(int(row, 1)?)), point);
    Some(())
}

fn post(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    let (post, body) = (text(row, 0)?, blob(row, 1)?.to_vec());
    if ranks.is_newer("post", post.as_bytes().to_vec(), row.rank) {
        found.posts.insert(post, body);
    }
    Some(())
}

/// `patrol`: id, born_seq, patrol_type, transport, post, status, started_at_ms, ended_at_ms, fixes, sealed.
fn patrol(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    if row.values.len() < 10 {
        // Its index.
        return Some(());
    }
    let id = PatrolId(fixed(row, 0)?);
    let patrol = PatrolRow {
        id,
        patrol_type: PatrolType::from_code(code(int(row, 2)?)),
        transport: Transport::from_code(code(int(row, 3)?)),
        post: text(row, 4)?,
        status: match text(row, 5)?.as_str() {
            "paused" => PatrolStatus::Paused,
            "ended" => PatrolStatus::Ended,
            _ => PatrolStatus::Started,
        },
        started_at_ms: int(row, 6)?,
        ended_at_ms: int(row, 7),
        fixes: counted(int(row, 8)?),
        sealed: counted(int(row, 9)?),
    };
    let born = seq(int(row, 1)?);
    if ranks.is_newer("patrol", id.bytes().to_vec(), row.rank) {
        found.patrols.insert(id, (patrol, born));
    }
    Some(())
}

/// `own_case`: id, born_seq, urgent, case_kind, title, place_text, reported_at_ms, reports.
fn own_case(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    if row.values.len() < 8 {
        return Some(());
    }
    let id = CaseId(fixed(row, 0)?);
    let case = CaseRow {
        id,
        urgent: int(row, 2)? != 0,
        case_kind: CaseKind::from_code(code(int(row, 3)?)),
        title: text(row, 4)?,
        place_text: text(row, 5)?,
        reported_at_ms: int(row, 6)?,
        reports: u32::try_from(int(row, 7)?).ok()?,
    };
    let born = seq(int(row, 1)?);
    if ranks.is_newer("own_case", id.bytes().to_vec(), row.rank) {
        found.cases.insert(id, (case, born));
    }
    Some(())
}

/// `tally`: day, count_kind, total, entries.
fn tally(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    let (day, kind) = (text(row, 0)?, code(int(row, 1)?));
    let tally = TallyRow {
        day: day.clone(),
        count_kind: CountKind::from_code(kind),
        total: int(row, 2)?,
        entries: counted(int(row, 3)?),
    };
    let key = [day.as_bytes(), &kind.to_be_bytes()].concat();
    if ranks.is_newer("tally", key, row.rank) {
        found.tallies.insert((day, kind), tally);
    }
    Some(())
}

/// `feed`: one, cursor, cursor_at_ms, more, incarnation, verified_to, backed_up_to. The feed itself is asked for anew.
fn feed(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    let incarnation = fixed(row, 4).map(Incarnation);
    if ranks.is_newer("feed", Vec::new(), row.rank) {
        found.incarnation = incarnation;
    }
    Some(())
}

fn receipt(row: &Row<'_>, found: &mut Found) -> Option<()> {
    let receipt = Signed {
        bytes: blob(row, 1)?.to_vec(),
        signature: blob(row, 2)?.to_vec(),
    };
    found.receipts.insert(row.rowid?, receipt);
    Some(())
}

fn anchor(row: &Row<'_>, found: &mut Found, ranks: &mut Ranks) -> Option<()> {
    let anchor = Anchor {
        server_ms: int(row, 1)?,
        mono_ms: int(row, 2)?,
        width_ms: int(row, 3)?,
        boot: unsigned(int(row, 4)?),
        wall_ms: int(row, 5)?,
    };
    if ranks.is_newer("anchor", Vec::new(), row.rank) {
        found.anchor = Some(anchor);
    }
    Some(())
}

/// Leaves out what its chain disproves: a change that does not follow from the one before it, found in a transaction that
/// was cut off or put together from images of different moments.
fn drop_broken(changes: &mut BTreeMap<(u64, u64), FoundChange>) {
    let mut before: Option<(u64, u64, Sha256)> = None;
    changes.retain(|(epoch, position), change| {
        let Some(h) = change.h else { return !change.mixed };
        let follows = match before {
            Some((of, at, h_before)) if of == *epoch && at + 1 == *position => {
                Some(chain_link(h_before, &change.entry) == h)
            }
            _ => None,
        };
        let keep = match follows {
            Some(follows) => follows,
            None => !change.mixed,
        };
        if keep {
            before = Some((*epoch, *position, h));
        }
        keep
    });
}
