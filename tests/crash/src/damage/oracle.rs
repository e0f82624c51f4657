//! What a vault holds, read past the façade and past the lifeboat: taken before the damage, and compared afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;

use grid_fieldbook::{KeyVault as _, RecordState};
use grid_model::Sha256;
use grid_model::id::{DeviceId, Epoch, PatrolId, Seq};
use grid_model::track::TrackPoint;
use grid_store::{Crew, Enrolment, Identity, Store, StoreError, StoreOptions, read_all};
use grid_vault::{Hasher, SignatureKey};
use grid_wire::lifeboat::{EnrolmentWire, VaultPrivate};
use grid_wire::{Entry, encode};

use super::phone::{OpenKeys, Phone};
use crate::{Image, SimDisk};

/// One change as the database holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) entry: Entry,
    pub(crate) h: Sha256,
    pub(crate) recorded_at_ms: i64,
    pub(crate) state: RecordState,
}

/// What a vault holds.
#[derive(Clone, Debug)]
pub(crate) struct Truth {
    device: DeviceId,
    secret: [u8; 32],
    sealing_secret: Option<[u8; 32]>,
    enrolment: Option<Enrolment>,
    /// By epoch and position.
    pub(crate) changes: BTreeMap<(u64, u64), Known>,
    /// Attachments that are only here, and whether their bytes open.
    files: BTreeMap<Sha256, bool>,
    /// The journal.
    fixes: BTreeMap<(PatrolId, u64), TrackPoint>,
    /// Cases, patrols and tallies, for comparing only.
    views: Vec<String>,
    chain_holds: bool,
    intact: bool,
    is_purged: bool,
    saved: u64,
    sealable: usize,
}

/// What came back of what there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) unsent: u64,
    pub(crate) recovered: u64,
}

impl Truth {
    /// Reads the vault on a disk with this content. The disk itself is not touched.
    pub(crate) fn of(image: &Image) -> Result<Self, String> {
        let phone = Phone::small(&SimDisk::from_snapshot(image), 0);
        let (store, identity) = raw(&phone)?;
        let read = Self::read(&store, &identity).map_err(|error| format!("reading: {error}"));
        store.close().map_err(|error| format!("closing: {error}"))?;
        read
    }

    fn read(store: &Store, identity: &Identity) -> Result<Self, StoreError> {
        let mut truth = Self {
            device: identity.device,
            secret: identity.secret,
            sealing_secret: identity.sealing_secret,
            enrolment: None,
            changes: BTreeMap::new(),
            files: BTreeMap::new(),
            fixes: BTreeMap::new(),
            views: Vec::new(),
            chain_holds: true,
            intact: true,
            is_purged: false,
            saved: 0,
            sealable: 0,
        };
        let files = store.read(|tx| {
            truth.enrolment = tx.enrolment()?;
            let lives = tx.lives()?;
            let mut hashes = BTreeMap::new();
            tx.each_change(&mut |epoch, seq, h| {
                hashes.insert((epoch.0, seq.0), h);
            })?;
            let mut states = BTreeMap::new();
            for record in tx.records(Seq(0), u32::MAX)? {
                let life = (record.place.0 >> 40) as usize;
                let epoch = lives.get(life).map_or(Epoch(0), |life| life.epoch);
                let position = record.place.0 & ((1 << 40) - 1);
                states.insert((epoch.0, position), (record.state, record.recorded_at_ms));
            }
            for life in &lives {
                truth.is_purged |= life.base.seq() > Seq(0);
                truth.chain_holds &= tx.chain_holds(identity.device, life.epoch)?;
                let all = tx.entries_between(life.epoch, life.base.seq().next(), Seq((1 << 40) - 1))?;
                for entry in all {
                    let at = (life.epoch.0, entry.seq.0);
                    let (state, recorded_at_ms) =
                        states.get(&at).copied().unwrap_or((RecordState::Received, 0));
                    let h = hashes.get(&at).copied().unwrap_or(Sha256([0; 32]));
                    let known = Known {
                        entry,
                        h,
                        recorded_at_ms,
                        state,
                    };
                    truth.changes.insert(at, known);
                }
            }
            for patrol in tx.patrols(u32::MAX)? {
                let numbered = tx.journal(patrol.id)?;
                let fixes = numbered
                    .into_iter()
                    .map(|(number, fix)| ((patrol.id, number), fix));
                truth.fixes.extend(fixes);
                truth.views.push(format!("{patrol:?}"));
            }
            truth
                .views
                .extend(tx.own_cases(u32::MAX)?.iter().map(|case| format!("{case:?}")));
            truth
                .views
                .extend(tx.tally(DAY)?.iter().map(|tally| format!("{tally:?}")));
            truth.views.sort();
            truth.intact = tx.is_intact()?;
            truth.saved = tx.outbox_count()?.saved;
            truth.sealable = tx.unsent(usize::MAX, usize::MAX)?.entries.len();
            tx.attachments_unsent(u32::MAX)
        })?;
        for row in files {
            let opens = store
                .read_attachment(&row, 0, usize::MAX >> 1)
                .is_ok_and(|bytes| {
                    let mut hasher = Hasher::default();
                    hasher.update(&bytes);
                    hasher.finish() == row.sha256
                });
            truth.files.insert(row.sha256, opens);
        }
        Ok(truth)
    }

    /// How many photos that were acknowledged are gone, and how many that are named do not open.
    pub(crate) fn closed_photos(&self, known: &[Sha256]) -> usize {
        let gone = known.iter().filter(|sha256| !self.files.contains_key(*sha256));
        gone.count() + self.files.values().filter(|opens| !**opens).count()
    }

    /// Whether it knows with whom it is enrolled.
    pub(crate) const fn is_enrolled(&self) -> bool {
        self.enrolment.is_some()
    }

    /// How many records are unsent.
    pub(crate) fn unsent(&self) -> u64 {
        self.unsent_changes().count() as u64
    }

    pub(crate) fn unsent_changes(&self) -> impl Iterator<Item = (&(u64, u64), &Known)> {
        self.changes
            .iter()
            .filter(|(_, known)| known.state == RecordState::Saved)
    }

    /// Unsent records of this vault that another state of it has as they were, and unsent.
    pub(crate) fn kept_in(&self, after: &Self) -> Kept {
        let recovered = self.unsent_changes().filter(|(at, known)| {
            after.changes.get(at).is_some_and(|found| {
                (&found.entry, found.h, found.recorded_at_ms) == (&known.entry, known.h, known.recorded_at_ms)
                    && found.state == RecordState::Saved
            })
        });
        Kept {
            unsent: self.unsent(),
            recovered: recovered.count() as u64,
        }
    }

    /// What is not as it should be in a vault that came back from one damaged copy.
    pub(crate) fn lacking_in(&self, after: &Self, views: bool) -> Vec<String> {
        let mut lacks = after.unsound(self);
        if self.enrolment != after.enrolment {
            lacks.push("its enrolment is another one".to_owned());
        }
        for (at, known) in &self.changes {
            match after.changes.get(at) {
                None => lacks.push(format!("{:?} record {} is gone", known.state, at.1)),
                Some(found) if (&found.entry, found.h) != (&known.entry, known.h) => {
                    lacks.push(format!("record {} is another one", at.1));
                }
                Some(found) if known.state == RecordState::Saved && found.state != RecordState::Saved => {
                    lacks.push(format!("unsent record {} is called {:?}", at.1, found.state));
                }
                Some(_) => {}
            }
        }
        for (sha256, opens) in self.files.iter().filter(|(_, opens)| **opens) {
            if after.files.get(sha256) != Some(opens) {
                lacks.push(format!("an attachment is {:?}", after.files.get(sha256)));
            }
        }
        let fixes = self
            .fixes
            .iter()
            .filter(|(at, fix)| after.fixes.get(at) != Some(fix));
        let fixes = fixes.count();
        if fixes > 0 {
            lacks.push(format!("{fixes} fixes of the journal are gone"));
        }
        // What was purged shows in views that only the database has.
        if views && !self.is_purged && self.views != after.views {
            lacks.push(format!("views differ: {}", differing(&self.views, &after.views)));
        }
        lacks
    }

    /// What does not hold in this vault, whatever it lost.
    pub(crate) fn unsound(&self, before: &Self) -> Vec<String> {
        let mut lacks = Vec::new();
        let same = (self.device, self.secret, self.sealing_secret)
            == (before.device, before.secret, before.sealing_secret);
        let rules = [
            (same, "it is another device"),
            (self.chain_holds, "its chain does not hold"),
            (self.intact, "its database is not intact"),
            (self.saved == self.unsent(), "its outbox does not add up"),
            (self.saved == 0 || self.sealable > 0, "nothing can be sealed"),
        ];
        lacks.extend(
            rules
                .iter()
                .filter(|(holds, _)| !holds)
                .map(|(_, what)| (*what).to_owned()),
        );
        lacks
    }
}

fn differing(before: &[String], after: &[String]) -> String {
    let gone = before.iter().filter(|view| !after.contains(view));
    let new = after.iter().filter(|view| !before.contains(view));
    let gone: Vec<_> = gone.take(2).collect();
    let new: Vec<_> = new.take(2).collect();
    format!("{gone:?} became {new:?}")
}

/// The day on which the vaults are made.
const DAY: &str = "2026-01-05";

/// Opens the store of a vault without its lifeboat.
pub(crate) fn raw(phone: &Phone) -> Result<(Store, Identity), String> {
    let told = |error: StoreError| format!("opening: {error}");
    let options = StoreOptions {
        lifeboat: false,
        ..phone.host.storage.clone()
    };
    let folder = phone.folder();
    let key = read_all(&*options.disk, &folder.join("key")).map_err(|error| error.to_string())?;
    let key = OpenKeys.unwrap(&key).map_err(|error| format!("{error:?}"))?;
    let store = Store::open_with(&folder, options, |_| Ok(key)).map_err(told)?;
    let identity = store.read(|tx| tx.identity()).map_err(told)?;
    Ok((store, identity.ok_or("there is no identity")?))
}

/// Opens the store of a closed vault as the façade would, and its crew.
pub(crate) fn manned(phone: &Phone) -> Result<(Store, Crew), String> {
    let told = |error: StoreError| format!("opening: {error}");
    let options = phone.host.storage.clone();
    let folder = phone.folder();
    let key = read_all(&*options.disk, &folder.join("key")).map_err(|error| error.to_string())?;
    let key = OpenKeys.unwrap(&key).map_err(|error| format!("{error:?}"))?;
    let store = Store::open_with(&folder, options, |_| Ok(key.clone())).map_err(told)?;
    let (identity, enrolment) = store
        .read(|tx| Ok::<_, StoreError>((tx.identity()?, tx.enrolment()?)))
        .map_err(told)?;
    let identity = identity.ok_or("there is no identity")?;
    let private = VaultPrivate::new(
        identity.secret.to_vec(),
        identity.sealing_secret.map(Vec::from).unwrap_or_default(),
        identity.epoch,
        enrolment.as_ref().map(wire),
        store.salt().map_err(told)?,
    );
    let entropy = Arc::clone(&phone.host.entropy);
    let crew = Crew {
        device: identity.device,
        signer: SignatureKey::from_secret(&identity.secret).map_err(|error| error.to_string())?,
        data_key: key,
        private: encode(&private),
        platform: enrolment.map(|e| e.sealing_key).unwrap_or_default(),
        random: Arc::new(move |buffer| entropy.fill(buffer)),
    };
    Ok((store, crew))
}

fn wire(e: &Enrolment) -> EnrolmentWire {
    EnrolmentWire {
        server: e.server.clone(),
        authority: e.authority.clone(),
        phone: e.phone.0,
        phone_label: e.phone_label.clone(),
        worker: e.worker.0,
        display_name: e.display_name.clone(),
        job_no: e.job_no.clone(),
        org_name: e.org_name.clone(),
        platform_key: e.platform_key.clone(),
        sealing_key: e.sealing_key.clone(),
    }
}
