//! Self-check: does everything this vault says of itself hold?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use grid_model::id::Seq;
use grid_store::{AttachmentRow, BoatRow, Reading, SegmentRead, copy_live, read_all};
use grid_vault::{Hasher, KeyVault};
use grid_wire::{Receipt, decode};

use crate::boat::has_sealed;
use crate::book::KEY;
use crate::{FieldBook, FieldError, Host};

/// One thing checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked: `database`, `chain`, `lifeboat`, `attachments`, `space`, `key`, `enrolment`, `outbox`, `clock`.
    pub name: &'static str,
    /// Whether it holds.
    pub ok: bool,
    /// A technical detail without personal data.
    pub detail: String,
}

/// Plain bytes of an attachment looked at in one go.
const LOOK_BYTES: usize = 256 * 1024;

/// How the lifeboat stands beside the database.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LifeboatSurvey {
    segments: usize,
    /// Places that do not read.
    pub(crate) damaged: u64,
    missing: u64,
    /// Changes of which database and lifeboat do not say the same.
    pub(crate) differing: u64,
}

impl LifeboatSurvey {
    pub(crate) const fn is_whole(&self) -> bool {
        self.damaged + self.missing + self.differing == 0
    }
}

const fn check(name: &'static str, ok: bool, detail: String) -> Check {
    Check { name, ok, detail }
}

/// A part that cannot be read is a check that does not hold; a closed vault is an error.
fn readable(name: &'static str, checked: Result<Check, FieldError>) -> Result<Check, FieldError> {
    match checked {
        Err(FieldError::Closed) => Err(FieldError::Closed),
        Err(error) => Ok(check(name, false, error.to_string())),
        checked => checked,
    }
}

/// How many changes are called received that no receipt speaks of.
pub(crate) fn unproved(tx: &Reading<'_>) -> Result<u64, FieldError> {
    let mut proved: BTreeMap<u64, Vec<(Seq, Seq)>> = BTreeMap::new();
    for proof in tx.receipts()? {
        let Ok(receipt) = decode::<Receipt>(&proof.bytes, "receipt") else {
            continue;
        };
        let ranges = receipt.ranges.iter().map(|range| (range.from(), range.to()));
        proved.entry(receipt.epoch().0).or_default().extend(ranges);
    }
    let mut unproved = 0;
    tx.each_received(&mut |epoch, seq| {
        let ranges = proved.get(&epoch.0);
        let has = ranges.is_some_and(|ranges| ranges.iter().any(|(from, to)| (*from..=*to).contains(&seq)));
        unproved += u64::from(!has);
    })?;
    Ok(unproved)
}

impl FieldBook {
    /// Checks database pages, chain, lifeboat, attachment files, space, enrolment, outbox and clock. Writes nothing but
    /// what was buffered. A part that
    /// cannot be read is a check that does not hold, not an error.
    pub fn self_check(&self) -> Result<Vec<Check>, FieldError> {
        let mut checks = vec![self.check_database()?];
        if checks.iter().all(|check| check.ok) {
            checks.extend([
                readable("chain", self.check_chain())?,
                readable("lifeboat", self.check_lifeboat())?,
                readable("attachments", self.check_attachments())?,
                readable("space", self.check_space())?,
                readable("key", self.check_key())?,
            ]);
            match self.check_standing() {
                Ok(standing) => checks.extend(standing),
                Err(error) => checks.push(readable("outbox", Err(error))?),
            }
        }
        Ok(checks)
    }

    /// Checks the vault in `folder` while another process holds it: on a copy made in `scratch`, which must be empty. The
    /// attachments stay where they are and are not looked into. With a support bundle when one is wanted.
    pub fn check_copy(
        (folder, scratch): (&Path, &Path),
        host: Host,
        keys: &dyn KeyVault,
        bundle: bool,
    ) -> Result<(Vec<Check>, Option<Vec<u8>>), FieldError> {
        let disk = host.storage.disk.clone();
        let key = keys.unwrap(&read_all(&*disk, &folder.join(KEY))?)?;
        copy_live(&host.storage, folder, scratch, &key)?;
        let book = Self::open(scratch, host, keys)?;
        let mut checks = book.self_check()?;
        checks.retain(|check| check.name != "attachments" && check.name != "space");
        let bundle = bundle
            .then(|| book.support_bundle_of(&checks, folder))
            .transpose()?;
        book.close()?;
        Ok((checks, bundle))
    }

    /// The wrapped key lies beside the database; that it opens it was shown by opening.
    fn check_key(&self) -> Result<Check, FieldError> {
        let bytes = self.store.disk().size(&self.store.folder().join(KEY))?;
        let detail = bytes.map_or("gone".to_owned(), |bytes| format!("{bytes} bytes"));
        Ok(check("key", bytes.is_some_and(|bytes| bytes > 0), detail))
    }

    fn check_database(&self) -> Result<Check, FieldError> {
        let intact = self.store.read(|tx| tx.is_intact().map_err(FieldError::from));
        Ok(match intact {
            Ok(intact) => check("database", intact, "pages and indexes".to_owned()),
            Err(FieldError::Closed) => return Err(FieldError::Closed),
            Err(error) => check("database", false, error.to_string()),
        })
    }

    fn check_chain(&self) -> Result<Check, FieldError> {
        let device = self.device();
        let (holds, records, unproved) = self.store.read(|tx| {
            let mut holds = tx.outbox_is_sound()?;
            for life in tx.lives()? {
                holds = holds && tx.chain_holds(device, life.epoch)?;
            }
            let count = tx.outbox_count()?;
            Ok::<_, FieldError>((holds, count.saved + count.received + count.parked, unproved(tx)?))
        })?;
        let detail = match unproved {
            0 => format!("{records} records"),
            _ => format!("{records} records, {unproved} called received without a receipt"),
        };
        Ok(check("chain", holds && unproved == 0, detail))
    }

    /// Every change that is not purged, every unsent attachment and every fix of the journal has its frame; every frame opens,
    /// and says what the database says.
    pub(crate) fn survey_lifeboat(&self) -> Result<LifeboatSurvey, FieldError> {
        let mut framed = BTreeMap::new();
        // Buffered fixes get their frames when they are flushed.
        self.flush_fixes()?;
        let (mut files, mut fixes) = (BTreeSet::new(), BTreeSet::new());
        let (read, unreadable) = self.store.read_lifeboat(&mut |segment, row| match row {
            BoatRow::Change(change, h) => {
                files.extend(change.files.iter().map(|file| file.sha256));
                framed.insert((segment.epoch.0, change.entry().seq.0), h);
            }
            BoatRow::File(file) => {
                files.insert(file.sha256);
            }
            BoatRow::Fixes(frame) => {
                let count = frame.fixes().len() as u64;
                fixes.extend((frame.first..frame.first + count).map(|number| (frame.patrol, number)));
            }
        })?;
        let damage = |segment: &SegmentRead| segment.damaged + u64::from(segment.header_damaged);
        let mut survey = LifeboatSurvey {
            segments: read.len(),
            damaged: unreadable + read.iter().map(damage).sum::<u64>(),
            ..LifeboatSurvey::default()
        };
        self.store.read(|tx| {
            tx.each_change(&mut |epoch, seq, h| match framed.get(&(epoch.0, seq.0)) {
                None => survey.missing += 1,
                Some(known) => survey.differing += u64::from(*known != h),
            })?;
            let unsent = tx.attachments_only_here()?;
            survey.missing += unsent.iter().filter(|row| !files.contains(&row.sha256)).count() as u64;
            for patrol in tx.patrols(u32::MAX)? {
                let journal = tx.journal(patrol.id)?;
                let unframed = journal
                    .iter()
                    .filter(|(number, _)| !fixes.contains(&(patrol.id, *number)));
                survey.missing += unframed.count() as u64;
            }
            // A key whose sealed file is here belongs to an attachment that the database must know.
            for sha256 in &files {
                let here = has_sealed(self.store.disk(), self.store.folder(), *sha256)?;
                survey.differing += u64::from(here && tx.attachment(*sha256)?.is_none());
            }
            Ok::<_, FieldError>(())
        })?;
        Ok(survey)
    }

    fn check_lifeboat(&self) -> Result<Check, FieldError> {
        let survey = self.survey_lifeboat()?;
        Ok(check(
            "lifeboat",
            survey.is_whole() && self.store.has_second_copy(),
            format!(
                "{} segments, {} damaged places, {} without a second copy, {} differ",
                survey.segments, survey.damaged, survey.missing, survey.differing
            ),
        ))
    }

    fn check_attachments(&self) -> Result<Check, FieldError> {
        let unsent = self
            .store
            .read(|tx| tx.attachments_unsent(u32::MAX).map_err(FieldError::from))?;
        let unreadable = unsent.iter().filter(|row| !self.is_whole(row)).count();
        Ok(check(
            "attachments",
            unreadable == 0,
            format!("{unreadable} of {} unreadable", unsent.len()),
        ))
    }

    /// Whether every byte of an attachment opens and together they have its hash.
    pub(crate) fn is_whole(&self, row: &AttachmentRow) -> bool {
        let mut hasher = Hasher::default();
        let mut from = 0;
        while from < row.bytes {
            let Ok(piece) = self.store.read_attachment(row, from, LOOK_BYTES) else {
                return false;
            };
            if piece.is_empty() {
                return false;
            }
            from += piece.len() as u64;
            hasher.update(&piece);
        }
        hasher.finish() == row.sha256
    }

    fn check_space(&self) -> Result<Check, FieldError> {
        let left = self.store.space_left()?;
        Ok(check(
            "space",
            left.ballast_bytes >= left.ballast_wanted_bytes,
            format!(
                "{} MiB free, {} of {} MiB kept back",
                left.free_bytes >> 20,
                left.ballast_bytes >> 20,
                left.ballast_wanted_bytes >> 20
            ),
        ))
    }

    fn check_standing(&self) -> Result<[Check; 3], FieldError> {
        let (count, enrolled, anchor) = self
            .store
            .read(|tx| Ok::<_, FieldError>((tx.outbox_count()?, tx.enrolment()?.is_some(), tx.anchor()?)))?;
        let now = self.host.clock.now();
        // With an anchor of this boot the wall clock can be compared with the platform's time.
        let skew_ms = anchor.filter(|anchor| anchor.boot == now.boot).map(|anchor| {
            now.wall_ms.saturating_sub(
                anchor
                    .server_ms
                    .saturating_add(now.mono_ms.saturating_sub(anchor.mono_ms)),
            )
        });
        Ok([
            check(
                "enrolment",
                enrolled,
                if enrolled { "enrolled" } else { "not enrolled" }.to_owned(),
            ),
            check(
                "outbox",
                count.parked == 0,
                format!("{} unsent, {} sent back", count.saved, count.parked),
            ),
            check(
                "clock",
                skew_ms.is_none_or(|skew| skew.unsigned_abs() < 5 * 60 * 1000),
                skew_ms.map_or("no platform time in this boot".to_owned(), |skew| {
                    format!("{skew} ms off")
                }),
            ),
        ])
    }
}
