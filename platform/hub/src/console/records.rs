//! The change log and the devices.

use grid_model::{DeviceId, OrgId, Seq};
use grid_wire::Body;

use super::{log_access, show};
use crate::fold::occurred;
use crate::store::{
    AccessPurpose, AccessSubject, ChangeState, DeviceRead as _, HubRead, LogRead as _, Stored, StoredChange,
    StoredDevice,
};
use crate::views::{
    Conflict, ConflictPage, DeviceView, MissingRange, Page, PageAsk, Record, RecordPage, Session,
};
use crate::{Hub, HubError, HubStore};

/// Most changes of one page of the log.
const RECORDS_MAX: u32 = 2_000;
/// Bodies after which a page of the log ends, bytes.
const RECORD_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Stretches of missing changes that are shown of one device.
const MISSING_MAX: u32 = 100;
/// Most conflicts of one page.
const CONFLICTS_MAX: u32 = 100;
/// Changes read at a time, so that large bodies do not pile up.
const RECORDS_AT_A_TIME: u32 = 100;

impl<S: HubStore> Hub<S> {
    /// Devices of this subtree and how they are doing. The access is logged: a device is a person's.
    pub fn devices(&self, now_ms: i64, who: &Session, page: PageAsk) -> Result<Page<DeviceView>, HubError> {
        self.store.write(|tx| {
            let page = tx.devices_within(who.org, page.bounded())?;
            let ids: Vec<&[u8]> = page.items.iter().map(|row| &row.id.bytes()[..]).collect();
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::List, AccessSubject::Device),
                &ids,
            )?;
            show::each(page, |row| device(tx, row))
        })
    }

    /// The change log of this subtree after `after`, at most `limit` (2,000) changes and about 4 MiB of bodies. The access
    /// is logged.
    pub fn records(
        &self,
        now_ms: i64,
        who: &Session,
        after: u64,
        limit: u32,
    ) -> Result<RecordPage, HubError> {
        let limit = limit.clamp(1, RECORDS_MAX);
        let (rows, whole) = self.store.write(|tx| {
            let (rows, whole) = stretch(tx, who.org, after, limit)?;
            let last = rows.last().map_or(after, |(change, _)| change.position);
            // From where and to where says it all.
            let ends = [after.to_be_bytes(), last.to_be_bytes()];
            let ends: Vec<&[u8]> = ends.iter().map(|end| &end[..]).collect();
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::Export, AccessSubject::Record),
                &ends,
            )?;
            Ok((rows, whole))
        })?;
        let next = rows.last().map(|(change, _)| change.position).filter(|_| !whole);
        Ok(RecordPage {
            items: rows
                .into_iter()
                .map(|(change, job_no)| record(change, job_no))
                .collect(),
            next,
        })
    }
}

impl<S: HubStore> Hub<S> {
    /// Second changes under keys already taken, of this subtree, behind the conflict `after`, at most `limit` (100), each
    /// with the change that stands. The access is logged.
    pub fn conflicts(
        &self,
        now_ms: i64,
        who: &Session,
        after: u64,
        limit: u32,
    ) -> Result<ConflictPage, HubError> {
        let limit = limit.clamp(1, CONFLICTS_MAX);
        self.store.write(|tx| {
            let rows = tx.conflicts_within(who.org, after, limit)?;
            let ids: Vec<_> = rows
                .iter()
                .map(|(second, _)| second.position.to_be_bytes())
                .collect();
            let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::List, AccessSubject::Record),
                &ids,
            )?;
            let last = rows.last().map(|(second, _)| second.position);
            let next = last.filter(|_| rows.len() == limit as usize);
            let items = rows.into_iter().map(|(second, job_no)| {
                let first = tx.change(second.device, second.epoch, second.entry.seq)?;
                Ok(Conflict {
                    first: first.map(|first| record(first, job_no.clone())),
                    second: record(second, job_no),
                })
            });
            Ok(ConflictPage {
                items: items.collect::<Stored<Vec<_>>>()?,
                next,
            })
        })
    }
}

/// Changes with their workers' job numbers.
type Rows = Vec<(StoredChange, String)>;

/// The changes after `after`, and whether that is all there is.
fn stretch<T: HubRead>(tx: &T, root: OrgId, after: u64, limit: u32) -> Stored<(Rows, bool)> {
    let mut rows: Rows = Vec::new();
    let mut bytes = 0;
    loop {
        let ask = (limit - rows.len() as u32).min(RECORDS_AT_A_TIME);
        let after = rows.last().map_or(after, |(change, _)| change.position);
        let more = tx.changes_within(root, after, ask)?;
        let whole = more.len() < ask as usize;
        bytes += more
            .iter()
            .map(|(change, _)| change.entry.body.len())
            .sum::<usize>();
        rows.extend(more);
        if whole || rows.len() >= limit as usize || bytes >= RECORD_BYTES_MAX {
            return Ok((rows, whole));
        }
    }
}

fn record(change: StoredChange, job_no: String) -> Record {
    let body = Body::from_bytes(change.entry.kind, &change.entry.body).ok();
    let parked = match change.state {
        ChangeState::Parked(reason) => Some(reason),
        ChangeState::Received | ChangeState::Held | ChangeState::Folded => None,
    };
    Record {
        position: change.position,
        device: change.device,
        epoch: change.epoch,
        body_sha256: change.body_sha256,
        recorded_at_ms: body.as_ref().map(|body| body.stamp.wall_ms),
        occurred: body
            .as_ref()
            .map(|body| occurred(&body.stamp, change.received_at_ms)),
        entry: change.entry,
        body,
        parked,
        job_no,
        received_at_ms: change.received_at_ms,
    }
}

fn device<T: HubRead>(tx: &T, device: StoredDevice) -> Stored<DeviceView> {
    let epoch = device.contact.as_ref().map(|contact| contact.epoch);
    let chain = match epoch {
        Some(epoch) => tx.chain(device.id, epoch)?,
        None => None,
    };
    let verified_to = chain.map_or(Seq(0), |chain| chain.verified_to);
    let backed_up_to = match epoch {
        Some(epoch) => tx.backed_up_to(device.id, epoch)?.min(verified_to),
        None => Seq(0),
    };
    let (missing, missing_count) = missing(tx, device.id)?;
    let tally = tx.device_tally(device.id, epoch)?;
    let head = device.contact.as_ref().map_or(0, |contact| contact.head_seq);
    let last_contact_at_ms = device.contact.as_ref().map(|contact| contact.at_ms);
    let beacon = device.contact.map(|contact| contact.beacon).unwrap_or_default();
    Ok(DeviceView {
        device: device.id,
        worker: show::person(tx, device.worker)?,
        phone_label: device.phone_label,
        platform: device.platform,
        app_version: device.app_version,
        last_contact_at_ms,
        received_to: chain.map_or(0, |chain| chain.contiguous_to.0),
        verified_to: verified_to.0,
        backed_up_to: backed_up_to.0,
        head,
        missing,
        missing_count,
        unsent: head.saturating_sub(tally.stored),
        oldest_at_ms: beacon.oldest_at_ms,
        free_bytes: beacon.free_bytes,
        schema: beacon.schema,
        clock_ahead_ms: beacon.clock_ahead_ms,
        photos_missing: tally.photos_missing,
        parked: tally.parked,
        conflicts: tally.conflicts,
        forks: tally.forks,
        revoked_at_ms: device.revoked_at_ms,
    })
}

/// What the device's signed heads speak of and this store does not hold, life by life, and how many changes that is.
fn missing<T: HubRead>(tx: &T, device: DeviceId) -> Stored<(Vec<MissingRange>, u64)> {
    let (mut missing, mut count) = (Vec::new(), 0_u64);
    for (epoch, head) in tx.heads_told(device)? {
        let here = tx
            .chain(device, epoch)?
            .map_or(Seq(0), |chain| chain.contiguous_to);
        if here >= head {
            continue;
        }
        let stored = tx.stored_between(device, epoch, here, head)?;
        count = count.saturating_add((head.0 - here.0).saturating_sub(stored));
        let room = MISSING_MAX.saturating_sub(missing.len() as u32);
        let gaps = tx.gaps((device, epoch), (here, head), room)?;
        missing.extend(gaps.into_iter().map(|(from, to)| MissingRange {
            epoch,
            from: from.0,
            to: to.0,
        }));
    }
    Ok((missing, count))
}
