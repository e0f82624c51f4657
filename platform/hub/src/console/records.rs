//! The change log and the devices.

use grid_wire::Body;

use super::{log_access, show};
use crate::store::{
    AccessPurpose, AccessSubject, ChangeState, DeviceRead as _, HubRead, LogRead as _, Stored, StoredChange,
    StoredDevice,
};
use crate::views::{DeviceView, Page, PageAsk, Record, RecordPage, Session};
use crate::{Hub, HubError, HubStore};

/// Most changes of one page of the log.
const RECORDS_MAX: u32 = 2_000;

impl<S: HubStore> Hub<S> {
    /// Devices of this subtree and how they are doing.
    pub fn devices(&self, who: &Session, page: PageAsk) -> Result<Page<DeviceView>, HubError> {
        self.store
            .read(|tx| show::each(tx.devices_within(who.org, page.bounded())?, |row| device(tx, row)))
    }

    /// The change log of this subtree after `after`, at most `limit` (2,000) changes. The access is logged.
    pub fn records(
        &self,
        now_ms: i64,
        who: &Session,
        after: u64,
        limit: u32,
    ) -> Result<RecordPage, HubError> {
        let limit = limit.clamp(1, RECORDS_MAX);
        self.store.write(|tx| {
            let rows = tx.changes_within(who.org, after, limit)?;
            let last = rows.last().map(|(change, _)| change.position);
            let next = last.filter(|_| rows.len() == limit as usize);
            // The stretch says it all: from where, to where.
            let stretch = [after.to_be_bytes(), last.unwrap_or(after).to_be_bytes()];
            let stretch: Vec<&[u8]> = stretch.iter().map(|end| &end[..]).collect();
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::Export, AccessSubject::Record),
                &stretch,
            )?;
            let items = rows
                .into_iter()
                .map(|(change, job_no)| record(change, job_no))
                .collect();
            Ok(RecordPage { items, next })
        })
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
    let tally = tx.device_tally(device.id, epoch)?;
    let head = device.contact.as_ref().map_or(0, |contact| contact.head_seq);
    Ok(DeviceView {
        device: device.id,
        worker: show::person(tx, device.worker)?,
        phone_label: device.phone_label,
        platform: device.platform,
        app_version: device.app_version,
        last_contact_at_ms: device.contact.map(|contact| contact.at_ms),
        received_to: chain.map_or(0, |chain| chain.contiguous_to.0),
        verified_to: chain.map_or(0, |chain| chain.verified_to.0),
        head,
        unsent: head.saturating_sub(tally.stored),
        photos_missing: tally.photos_missing,
        parked: tally.parked,
        conflicts: tally.conflicts,
        forks: tally.forks,
        revoked_at_ms: device.revoked_at_ms,
    })
}
